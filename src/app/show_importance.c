/* How much a saved model's score depends on each column of a data file. */
#include <math.h>

#include "app/model_data.h"
#include "app/show.h"
#include "app/study_metrics.h"
#include "base/memory.h"
#include "base/number.h"
#include "math/statistics.h"
#include "select/permutation.h"
#include "view/bar.h"
#include "view/table.h"
#include "view/width.h"

/* order (n_columns,): the most important first; freed by the caller. NULL when memory is out. */
static size_t *rank(const hn_permutation *p)
{
    size_t *order = hn_calloc(p->n_columns, sizeof *order);
    double *key = hn_calloc(p->n_columns, sizeof *key);
    for (size_t j = 0; key && j < p->n_columns; j++) {
        key[j] = isnan(p->mean[j]) ? INFINITY : -p->mean[j];
    }
    if (order && key) {
        hn_argsort(key, p->n_columns, order);
    } else {
        hn_free(order);
        order = NULL;
    }
    hn_free(key);
    return order;
}

/* --- for people --- */

/* A difference within two deviations of zero is no difference. */
static bool matters(const hn_permutation *p, size_t j)
{
    return p->mean[j] > 2 * p->deviation[j] && p->mean[j] > 0;
}

static size_t bar_cells(const hn_permutation *p, const hone_sink *sink)
{
    enum { USUAL = 80, LEAST = 10, MOST = 60, NUMBERS = 26 };
    size_t width = hn_sink_width(sink), longest = 0;
    for (size_t j = 0; j < p->n_columns; j++) {
        size_t size = hn_text_width(p->columns[j]);
        longest = size > longest ? size : longest;
    }
    size_t used = longest + NUMBERS;
    width = width ? width : USUAL;
    size_t cells = width > used + LEAST ? width - used : LEAST;
    return cells < MOST ? cells : MOST;
}

static void add_row(hn_table *table, const hn_permutation *p, size_t j, double most, size_t cells, bool ascii)
{
    int decimals = hn_decimals_for(fabs(most) / 1000); /* three digits of the largest */
    hn_buffer text = HN_BUFFER_INIT;
    char number[HN_NUMBER_SIZE];
    hn_table_add(table, p->columns[j]);
    hn_format_fixed(number, p->mean[j], decimals);
    hn_table_add(table, number);
    hn_format_fixed(number, p->deviation[j], decimals);
    hn_buffer_printf(&text, "%s%s", ascii ? "+- " : "± ", number);
    hn_table_add(table, hn_buffer_string(&text));
    hn_buffer_clear(&text);
    hn_bar_text(&text, 0, most > 0 ? p->mean[j] / most : 0, cells, ascii);
    hn_table_add(table, hn_buffer_string(&text));
    table->failed |= hn_buffer_failed(&text);
    if (!matters(p, j)) {
        hn_table_set_style(table, HN_STYLE_FAINT);
    }
    hn_buffer_release(&text);
}

static hone_status write_heading(const hn_permutation *p, const hone_sink *sink, hone_error *err)
{
    hn_buffer text = HN_BUFFER_INIT;
    char score[HN_NUMBER_SIZE];
    hn_format_short(score, p->score, 5);
    hn_buffer_printf(&text, "%s %s on %zu rows%s%s; what it loses when a column is shuffled (%zu time%s)\n\n",
                     p->metric->name, score, p->n_rows, p->weight ? " weighted by " : "",
                     p->weight ? p->weight : "", p->n_repeats, p->n_repeats == 1 ? "" : "s");
    hone_status status = hn_sink_write(sink, &text, err);
    hn_buffer_release(&text);
    return status;
}

static hone_status show_text(const hn_permutation *p, const size_t *order, const hone_sink *sink,
                             hone_error *err)
{
    hn_table table = HN_TABLE_INIT;
    hone_status status = write_heading(p, sink, err);
    size_t cells = bar_cells(p, sink);
    hn_table_add_column(&table, "column", HN_ALIGN_LEFT, true);
    hn_table_add_column(&table, "importance", HN_ALIGN_RIGHT, false);
    hn_table_add_column(&table, "", HN_ALIGN_LEFT, false);
    hn_table_add_column(&table, "", HN_ALIGN_LEFT, false);
    for (size_t i = 0; i < p->n_columns; i++) {
        add_row(&table, p, order[i], p->mean[order[0]], cells, sink->ascii);
    }
    if (!status) {
        status = hn_table_write(&table, sink, true, err);
    }
    hn_table_release(&table);
    return status;
}

/* --- for machines --- */

static hn_node *column_node(hn_arena *arena, const hn_permutation *p, size_t j)
{
    hn_node *losses = hn_node_list(arena);
    for (size_t r = 0; r < p->n_repeats; r++) {
        losses = hn_list_append(arena, losses, hn_node_real(arena, p->losses[j * p->n_repeats + r]));
    }
    hn_node *map = hn_map_set(arena, hn_node_map(arena), "column", hn_node_string(arena, p->columns[j]));
    map = hn_map_set(arena, map, "mean", hn_node_real(arena, p->mean[j]));
    map = hn_map_set(arena, map, "deviation", hn_node_real(arena, p->deviation[j]));
    return hn_map_set(arena, map, "repeats", losses);
}

static hone_status show_json(const hn_permutation *p, const size_t *order, const hone_sink *sink,
                             hone_error *err)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_node *map = hn_node_map(&arena), *columns = hn_node_list(&arena);
    for (size_t i = 0; i < p->n_columns; i++) {
        columns = hn_list_append(&arena, columns, column_node(&arena, p, order[i]));
    }
    map = hn_map_set(&arena, map, "metric", hn_node_string(&arena, p->metric->name));
    map = hn_map_set(&arena, map, "score", hn_node_real(&arena, p->score));
    map = hn_map_set(&arena, map, "rows", hn_node_integer(&arena, (int64_t)p->n_rows));
    if (p->weight) {
        map = hn_map_set(&arena, map, "weights", hn_node_string(&arena, p->weight));
    }
    map = hn_map_set(&arena, map, "columns", columns);
    hone_status status = map ? hn_show_json(sink, map, err) : hn_out_of_memory(err);
    hn_arena_release(&arena);
    return status;
}

static hone_status show_csv(const hn_permutation *p, const size_t *order, const hone_sink *sink,
                            hone_error *err)
{
    hn_buffer out = HN_BUFFER_INIT;
    hn_buffer_text(&out, "column,mean,deviation");
    for (size_t r = 0; r < p->n_repeats; r++) {
        hn_buffer_printf(&out, ",repeat_%zu", r);
    }
    for (size_t i = 0; i < p->n_columns; i++) {
        size_t j = order[i];
        hn_buffer_char(&out, '\n');
        hn_buffer_csv(&out, p->columns[j]);
        hn_buffer_char(&out, ',');
        hn_buffer_double(&out, p->mean[j]);
        hn_buffer_char(&out, ',');
        hn_buffer_double(&out, p->deviation[j]);
        for (size_t r = 0; r < p->n_repeats; r++) {
            hn_buffer_char(&out, ',');
            hn_buffer_double(&out, p->losses[j * p->n_repeats + r]);
        }
    }
    hn_buffer_char(&out, '\n');
    hone_status status = hn_sink_write(sink, &out, err);
    hn_buffer_release(&out);
    return status;
}

static hone_status show(const hn_permutation *p, hone_format format, const hone_sink *sink, hone_error *err)
{
    size_t *order = rank(p);
    hone_status status = HONE_OK;
    if (!order) {
        return hn_out_of_memory(err);
    }
    switch (format) {
    case HONE_FORMAT_TEXT: status = show_text(p, order, sink, err); break;
    case HONE_FORMAT_JSON: status = show_json(p, order, sink, err); break;
    case HONE_FORMAT_CSV: status = show_csv(p, order, sink, err); break;
    case HONE_FORMAT_ENV: status = hn_show_unsupported("importance", format, err); break;
    }
    hn_free(order);
    return status;
}

hone_status hone_show_importance(const char *model, const char *data, const hone_importance_options *options,
                                 hone_format format, const hone_sink *sink, hone_error *err)
{
    hn_model_data a = {.options = {.delimiter = options->delimiter, .skip_rows = options->skip_rows}};
    hn_permutation_options how = {
        .metric = options->metric, .repeats = options->repeats, .seed = options->seed};
    hn_thread_pool *pool = NULL;
    hn_permutation found = {0};
    hn_study_metrics own = {0};
    hone_status status =
        hn_show_check_options("hone_importance_options", options->struct_size, sizeof *options, err);
    if (!status) {
        status = hn_model_data_open(&a, model, data, true, err);
    }
    if (!status) {
        status = hn_study_metrics_open(options->study_file, a.estimator, &own, err);
    }
    if (!status) {
        how.own = &own.made;
        status = hn_threads_make(options->threads, &pool, err);
    }
    if (!status) {
        status = hn_permutation_run(a.estimator, a.dataset, NULL, 0, &how, pool, &found, err);
    }
    if (!status) {
        status = show(&found, format, sink, err);
    }
    hn_permutation_release(&found);
    hn_thread_pool_destroy(pool);
    hn_study_metrics_close(&own);
    hn_model_data_close(&a);
    return status;
}
