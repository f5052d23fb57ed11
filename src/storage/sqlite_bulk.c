/* Reading most of a table in the order of its rows, which is a walk over its pages; the order of trials needs
 * an index and a search per row. What several workers wrote interleaved is sorted afterwards.
 *
 * An SQL aggregate takes the rows: a query's results cost a call per row and column, as much as reading them.
 */
#include <stdlib.h>

#include "base/memory.h"
#include "storage/sqlite.h"

/* What the aggregate works on. */
typedef struct hn_bulk_collector {
    hn_bulk *bulk;
    bool unsorted;
    hone_status status;
    hone_error *err;
} hn_bulk_collector;

static const hn_sql queries[] = {
    [HN_BULK_PARAMS] = HN_SQL_BULK_PARAMS,
    [HN_BULK_VALUES] = HN_SQL_BULK_VALUES,
    [HN_BULK_REPORTS] = HN_SQL_BULK_REPORTS,
};

static int compare(const void *a, const void *b)
{
    const hn_bulk_row *left = a, *right = b;
    if (left->trial != right->trial)
        return left->trial < right->trial ? -1 : 1;
    return (left->order > right->order) - (left->order < right->order);
}

/* The room of the next row, with its trial; NULL when memory is out. */
static hn_bulk_row *add_row(sqlite3_context *context, hn_bulk_collector *to, sqlite3_value *trial)
{
    hn_bulk *bulk = to->bulk;
    if (HN_GROW(bulk->rows, bulk->count, bulk->capacity)) {
        to->status = hn_out_of_memory(to->err);
        sqlite3_result_error_nomem(context);
        return NULL;
    }
    hn_bulk_row *row = &bulk->rows[bulk->count];
    *row = (hn_bulk_row){.trial = sqlite3_value_int64(trial), .order = (int64_t)bulk->count};
    return row;
}

static void end_row(hn_bulk_collector *to, const hn_bulk_row *row)
{
    to->unsorted = to->unsorted || (to->bulk->count > 0 && compare(row - 1, row) > 0);
    to->bulk->count++;
}

/* hone_collect_param(distribution, trial_id, name, value): a table's last column first, so that SQLite finds
 * its way through a row once. */
static void collect_param(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    (void)n_args;
    hn_sqlite *sqlite = sqlite3_user_data(context);
    hn_bulk_collector *to = sqlite->collector;
    hn_bulk_row *row = add_row(context, to, args[1]);
    const char *name = (const char *)sqlite3_value_text(args[2]);
    const char *json = (const char *)sqlite3_value_text(args[0]);
    size_t column = 0;
    if (!row)
        return;
    to->status = hn_vocabulary_parse(&sqlite->vocabulary, name ? name : "", json ? json : "",
                                     json ? (size_t)sqlite3_value_bytes(args[0]) : 0, &column, to->err);
    if (to->status) {
        if (to->status != HONE_OUT_OF_MEMORY)
            hn_fail_within(to->err, to->status, "'%s', trial with id %lld", sqlite->path,
                           (long long)row->trial);
        sqlite3_result_error(context, "a parameter that cannot be read", -1);
        return;
    }
    row->column = (uint32_t)column;
    row->value = sqlite3_value_double(args[3]);
    end_row(to, row);
}

/* hone_collect_number(kind, trial_id, order, value) */
static void collect_number(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    (void)n_args;
    hn_sqlite *sqlite = sqlite3_user_data(context);
    hn_bulk_row *row = add_row(context, sqlite->collector, args[1]);
    const char *kind = (const char *)sqlite3_value_text(args[0]);
    if (!row)
        return;
    row->order = sqlite3_value_int64(args[2]);
    row->value = hn_value_from_kind(kind ? kind : "", sqlite3_value_double(args[3]));
    end_row(sqlite->collector, row);
}

static void end_collecting(sqlite3_context *context)
{
    sqlite3_result_null(context);
}

hone_status hn_sqlite_bulk_prepare(hn_sqlite *sqlite, hone_error *err)
{
    int code = sqlite3_create_function_v2(sqlite->db, "hone_collect_param", 4, SQLITE_UTF8, sqlite, NULL,
                                          collect_param, end_collecting, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_create_function_v2(sqlite->db, "hone_collect_number", 4, SQLITE_UTF8, sqlite, NULL,
                                          collect_number, end_collecting, NULL);
    return code == SQLITE_OK ? HONE_OK : hn_sqlite_fail(sqlite, "opening", err);
}

hone_status hn_sqlite_bulk_read(hn_sqlite *sqlite, hn_bulk_table table, hn_bulk *bulk, hone_error *err)
{
    hn_bulk_collector collector = {.bulk = bulk, .err = err};
    hone_error other;
    sqlite->collector = &collector;
    hone_status status = hn_sqlite_run(sqlite, &other, queries[table], "");
    sqlite->collector = NULL;
    if (collector.status)
        return collector.status;
    if (status && err)
        *err = other;
    if (!status && collector.unsorted)
        qsort(bulk->rows, bulk->count, sizeof *bulk->rows, compare);
    return status;
}

void hn_sqlite_bulk_release(hn_bulk *bulk)
{
    hn_free(bulk->rows);
}
