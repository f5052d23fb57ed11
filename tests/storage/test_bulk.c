/* A study that is most of its file is read table by table, one that is not by index: both read the same. */
#include "support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "storage/sqlite.h"

#define TYPE hn_storage_of(storage)

enum { MANY = 40, FEW = 4, TRIALS = MANY + FEW };

static hone_error err;

static void ok(hone_status status)
{
    ck_assert_msg(status == HONE_OK, "%s", err.message);
}

static int64_t make_study(hn_storage *storage, const char *name)
{
    static const hone_direction both[] = {HONE_MINIMIZE, HONE_MAXIMIZE};
    hn_study_row row = {.name = name, .n_objectives = 2, .directions = both};
    int64_t study;
    bool created;
    ok(TYPE->study_create(storage, &row, &study, &created, &err));
    return study;
}

/* Rows of a trial lie apart and out of order: parameters of two updates, the end in reverse. */
static void fill(hn_storage *storage, const int64_t studies[2])
{
    static const hn_distribution unit = {.kind = HN_FLOAT, .low = 0, .high = 1},
                                 wide = {.kind = HN_FLOAT, .low = 0, .high = 2};
    static const hn_attribute note = {"note", "\"\\u00e9\"", false};
    int64_t ids[TRIALS], number;
    for (int i = 0; i < TRIALS; i++) {
        hn_trial_param params[] = {{"z", i % 3 ? &unit : &wide, i / 64.0}, {"a", &unit, 0.5}};
        hn_new_trial trial = {.state = HONE_RUNNING, .start_us = 1 + i, .n_params = 2, .params = params};
        ok(TYPE->trial_create(storage, studies[i % 11 == 10], 1, &trial, -1, &ids[i], &number, &err));
    }
    for (int i = TRIALS - 1; i >= 0; i--) {
        hn_trial_param late = {"m", &wide, i / 32.0};
        hn_trial_report reports[] = {{7, i}, {3, INFINITY}, {5, NAN}};
        double values[] = {-i, i % 2 ? INFINITY : -INFINITY};
        hn_trial_update more = {.state = HONE_RUNNING,
                                .n_params = (size_t)(i % 2),
                                .params = &late,
                                .n_reports = 3,
                                .reports = reports,
                                .n_attributes = 1,
                                .attributes = &note};
        hn_trial_update end = {.state = HONE_COMPLETE, .complete_us = 99, .n_values = 2, .values = values};
        ok(TYPE->trial_update(storage, ids[i], NULL, &more, NULL, NULL, &err));
        if (i % 5)
            ok(TYPE->trial_update(storage, ids[i], NULL, &end, NULL, NULL, &err));
    }
}

typedef struct seen {
    hn_buffer text;
    int64_t ids[TRIALS];
    size_t n;
} seen;

static hone_status write_down(void *user, const hn_trial_record *record, hone_error *error)
{
    (void)error;
    seen *to = user;
    to->ids[to->n++] = record->id;
    hn_buffer_printf(&to->text, "\n%lld %lld %d %lld %lld:", (long long)record->id, (long long)record->number,
                     (int)record->state, (long long)record->start_us, (long long)record->complete_us);
    for (size_t i = 0; i < record->n_params; i++)
        hn_buffer_printf(&to->text, " %s=%a of %a", record->params[i].name, record->params[i].value,
                         record->params[i].distribution->high);
    for (size_t i = 0; i < record->n_values; i++)
        hn_buffer_printf(&to->text, " %a", record->values[i]);
    for (size_t i = 0; i < record->n_reports; i++)
        hn_buffer_printf(&to->text, " %lld:%a", (long long)record->reports[i].step, record->reports[i].value);
    for (size_t i = 0; i < record->n_attributes; i++)
        hn_buffer_printf(&to->text, " %s %s", record->attributes[i].key, record->attributes[i].json);
    return HONE_OK;
}

START_TEST(reads_the_same_by_table_and_by_index)
{
    char url[512], *folder = hn_test_temp_dir();
    snprintf(url, sizeof url, "sqlite:///%s/study.db", folder);
    hn_storage *storage;
    ok(hn_storage_open(url, true, &storage, &err));
    int64_t studies[] = {make_study(storage, "many"), make_study(storage, "few")};
    fill(storage, studies);
    hn_storage_close(storage);
    for (int i = 0; i < 2; i++) {
        seen scanned = {.n = 0}, single = {.n = 0};
        ok(hn_storage_open(url, false, &storage, &err));
        ok(TYPE->scan(storage, studies[i], -1, NULL, 0, write_down, &scanned, &err));
        bool by_table = ((hn_sqlite *)storage)->statements[HN_SQL_BULK_PARAMS] != NULL;
        ck_assert_int_eq(by_table, i == 0);
        for (size_t k = 0; k < scanned.n; k++)
            ok(TYPE->trial_read(storage, scanned.ids[k], write_down, &single, &err));
        ck_assert_uint_eq(scanned.n, i == 0 ? MANY : FEW);
        ck_assert_str_eq(hn_buffer_string(&scanned.text), hn_buffer_string(&single.text));
        hn_buffer_release(&scanned.text);
        hn_buffer_release(&single.text);
        hn_storage_close(storage);
    }
    free(folder);
}
END_TEST

START_TEST(names_what_cannot_be_read)
{
    char path[512], url[600], *folder = hn_test_temp_dir();
    snprintf(path, sizeof path, "%s/study.db", folder);
    snprintf(url, sizeof url, "sqlite:///%s", path);
    hn_storage *storage;
    seen nothing = {.n = 0};
    sqlite3 *db;
    ok(hn_storage_open(url, true, &storage, &err));
    int64_t studies[] = {make_study(storage, "many"), make_study(storage, "few")};
    fill(storage, studies);
    hn_storage_close(storage);
    ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(db, "UPDATE trial_params SET distribution_json = '{]' WHERE trial_id = 20",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    sqlite3_close(db);
    ok(hn_storage_open(url, false, &storage, &err));
    ck_assert_int_ne(TYPE->scan(storage, studies[0], -1, NULL, 0, write_down, &nothing, &err), HONE_OK);
    hn_assert_contains(err.message, "study.db");
    hn_assert_contains(err.message, "20");
    ck_assert_uint_eq(nothing.n, 0);
    hn_buffer_release(&nothing.text);
    hn_storage_close(storage);
    free(folder);
}
END_TEST

Suite *suite_bulk(void)
{
    Suite *suite = suite_create("storage bulk");
    TCase *bulk = tcase_create("reading");
    tcase_add_test(bulk, reads_the_same_by_table_and_by_index);
    tcase_add_test(bulk, names_what_cannot_be_read);
    suite_add_tcase(suite, bulk);
    return suite;
}
