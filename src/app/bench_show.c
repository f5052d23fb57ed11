#include "app/bench_show.h"

#include <math.h>
#include <string.h>

#include "app/show.h"
#include "base/number.h"
#include "view/figure.h"
#include "view/table.h"

/* --- for people --- */

static void add_fixed(hn_table *table, double value, int decimals)
{
    char text[HN_NUMBER_SIZE];
    hn_format_fixed(text, value, decimals);
    hn_table_add(table, text);
}

static void add_column(hn_table *table, hn_arena *arena, const char *what, size_t trials)
{
    char *title = hn_arena_printf(arena, "%s%zu", what, trials);
    hn_table_add_column(table, title ? title : what, HN_ALIGN_RIGHT, false);
}

static const char *label_of(const hn_bench_trace *trace, hn_arena *arena)
{
    return hn_arena_printf(arena, "%s %s", trace->sampler, trace->version);
}

/* 20, or 5-20. */
static void add_range(hn_table *table, hn_arena *arena, size_t low, size_t high)
{
    const char *both = low < high ? hn_arena_printf(arena, "%zu-%zu", low, high) : NULL;
    if (both)
        hn_table_add(table, both);
    else
        hn_table_add_int(table, (long long)low);
}

static void add_duration(hn_table *table, double seconds)
{
    char text[HN_NUMBER_SIZE];
    hn_format_duration(text, seconds);
    hn_table_add(table, text);
}

/* ask_seconds is ascending. */
static void add_ask_times(hn_table *table, const hn_bench_trace *trace)
{
    if (!trace->ask_seconds || trace->n_asks == 0) {
        hn_table_add(table, NULL);
        hn_table_add(table, NULL);
        return;
    }
    add_duration(table, trace->ask_seconds[trace->n_asks / 2]);
    add_duration(table, trace->ask_seconds[trace->n_asks - 1]);
}

static hone_status write_scores(const hn_bench_measures *m, const hone_sink *sink, hone_error *err)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_table table = HN_TABLE_INIT;
    size_t last = m->n_budgets - 1;
    hn_table_add_column(&table, "regret", HN_ALIGN_LEFT, true);
    hn_table_keep_column(&table);
    hn_table_add_column(&table, "seeds", HN_ALIGN_RIGHT, false);
    for (size_t b = 0; b < m->n_budgets; b++)
        add_column(&table, &arena, "at ", m->budgets[b]);
    add_column(&table, &arena, "log10 at ", m->budgets[last]);
    add_column(&table, &arena, "rank at ", m->budgets[last]);
    hn_table_add_column(&table, "ask", HN_ALIGN_RIGHT, false);
    hn_table_add_column(&table, "slowest", HN_ALIGN_RIGHT, false);
    for (size_t t = 0; t < m->n_traces; t++) {
        const hn_bench_score *scores = &m->scores[t * m->n_budgets];
        size_t fewest, most;
        hn_bench_trace_count_seeds(m->traces[t], &fewest, &most);
        hn_table_add(&table, label_of(m->traces[t], &arena));
        add_range(&table, &arena, fewest, most);
        for (size_t b = 0; b < m->n_budgets; b++)
            add_fixed(&table, scores[b].regret, 4);
        add_fixed(&table, scores[last].log_regret, 2);
        add_fixed(&table, scores[last].rank, 2);
        add_ask_times(&table, m->traces[t]);
    }
    hone_status status = hn_table_write(&table, sink, true, err);
    hn_table_release(&table);
    hn_arena_release(&arena);
    return status;
}

/* The mean over the problems of a family. */
static double family_regret(const hn_bench_report *r, size_t t, const char *family, size_t *n_problems)
{
    const hn_bench_measures *m = r->measures;
    double sum = 0;
    *n_problems = 0;
    for (size_t p = 0; p < m->n_problems; p++) {
        if (!r->families[p] || strcmp(r->families[p], family))
            continue;
        sum += hn_bench_problem_regret(m, t, p, m->longest);
        ++*n_problems;
    }
    return sum / (double)*n_problems;
}

static bool is_first_of_family(const hn_bench_report *r, size_t p)
{
    for (size_t q = 0; q < p; q++)
        if (r->families[p] && r->families[q] && !strcmp(r->families[p], r->families[q]))
            return false;
    return r->families[p] != NULL;
}

/* A row for each family, or for each problem of the only one. */
static hone_status write_parts(const hn_bench_report *r, const hone_sink *sink, hone_error *err)
{
    const hn_bench_measures *m = r->measures;
    hn_arena arena = HN_ARENA_INIT;
    hn_table table = HN_TABLE_INIT;
    size_t n_families = 0, n_problems;
    for (size_t p = 0; p < m->n_problems; p++)
        n_families += is_first_of_family(r, p);
    add_column(&table, &arena, "at ", m->longest);
    hn_table_keep_column(&table);
    hn_table_add_column(&table, n_families > 1 ? "problems" : "seeds", HN_ALIGN_RIGHT, false);
    for (size_t t = 0; t < m->n_traces; t++)
        hn_table_add_column(&table, m->traces[t]->sampler, HN_ALIGN_RIGHT, false);
    for (size_t p = 0; p < m->n_problems; p++) {
        if (n_families > 1 && !is_first_of_family(r, p))
            continue;
        const char *family = r->families[p];
        size_t begin = m->first[p], end = m->first[p + 1];
        hn_table_add(&table, n_families > 1 ? family : m->problems[p]);
        if (n_families > 1)
            family_regret(r, 0, family, &n_problems);
        hn_table_add_int(&table, (long long)(n_families > 1 ? n_problems : end - begin));
        for (size_t t = 0; t < m->n_traces; t++)
            add_fixed(&table,
                      n_families > 1 ? family_regret(r, t, family, &n_problems)
                                     : hn_bench_problem_regret(m, t, p, m->longest),
                      4);
    }
    hone_status status = hn_table_write(&table, sink, true, err);
    hn_table_release(&table);
    hn_arena_release(&arena);
    return status;
}

static void add_signed(hn_table *table, double value)
{
    char text[HN_NUMBER_SIZE + 1] = "+";
    hn_format_fixed(text + 1, value, 4);
    hn_table_add(table, isnan(value) ? NULL : text[1] == '-' ? text + 1 : text);
}

static hone_status write_text(const hone_sink *sink, const char *text, hone_error *err)
{
    hn_buffer out = HN_BUFFER_INIT;
    hn_buffer_text(&out, text);
    hone_status status = hn_sink_write(sink, &out, err);
    hn_buffer_release(&out);
    return status;
}

static void add_comparison(hn_table *table, hn_arena *arena, const hn_bench_comparison *c)
{
    hn_table_add(table, label_of(c->theirs, arena));
    hn_table_add_int(table, (long long)c->trials);
    add_range(table, arena, c->fewest_seeds, c->most_seeds);
    add_fixed(table, c->our_score.regret, 4);
    add_fixed(table, c->their_score.regret, 4);
    add_signed(table, c->difference);
    add_signed(table, c->bound);
    hn_table_add_number(table, c->corrected, 2);
    hn_table_add(table, hn_arena_printf(arena, "%zu/%zu", c->n_lower, c->n_problems));
    add_fixed(table, c->our_score.log_regret, 2);
    add_fixed(table, c->their_score.log_regret, 2);
    add_fixed(table, c->our_score.rank, 2);
}

/* A table for each searched trace, a row for each that it is compared with and budget. */
static hone_status write_comparisons(const hn_bench_report *r, const hone_sink *sink, hone_error *err)
{
    static const char *const titles[] = {"at",      "seeds", "ours",  "theirs", "difference", "below",
                                         "p, Holm", "lower", "log10", "theirs", "rank of 2"};
    hone_status status = HONE_OK;
    for (size_t i = 0; !status && i < r->n_comparisons;) {
        hn_arena arena = HN_ARENA_INIT;
        hn_table table = HN_TABLE_INIT;
        const hn_bench_trace *ours = r->comparisons[i].ours;
        const char *title = hn_arena_printf(&arena, "%s beside", label_of(ours, &arena));
        hn_table_add_column(&table, title ? title : "", HN_ALIGN_LEFT, true);
        for (size_t k = 0; k < sizeof titles / sizeof *titles; k++)
            hn_table_add_column(&table, titles[k], HN_ALIGN_RIGHT, false);
        for (; i < r->n_comparisons && r->comparisons[i].ours == ours; i++)
            add_comparison(&table, &arena, &r->comparisons[i]);
        status = write_text(sink, "\n", err);
        if (!status)
            status = hn_table_write(&table, sink, true, err);
        hn_table_release(&table);
        hn_arena_release(&arena);
    }
    return status;
}

static hone_status draw_curves(const hn_bench_measures *m, const hone_sink *sink, hone_error *err)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_series *series = HN_ARENA_NEW(&arena, hn_series, m->n_traces);
    double *x = HN_ARENA_NEW(&arena, double, m->longest);
    hone_status status = series && x ? HONE_OK : hn_out_of_memory(err);
    for (size_t i = 0; !status && i < m->longest; i++)
        x[i] = (double)(i + 1);
    for (size_t t = 0; !status && t < m->n_traces; t++) {
        double *y = HN_ARENA_NEW(&arena, double, m->longest);
        if (!y) {
            status = hn_out_of_memory(err);
            break;
        }
        for (size_t i = 0; i < m->longest; i++)
            y[i] = hn_bench_mean_regret(m, t, i + 1);
        series[t] = (hn_series){.name = m->traces[t]->sampler, .n = m->longest, .x = x, .y = y};
    }
    const hn_figure figure = {.title = "mean normalised regret",
                              .x = {.title = "trials"},
                              .y = {.log = true},
                              .n_series = m->n_traces,
                              .series = series};
    if (!status)
        status = hn_figure_draw(&figure, sink, err);
    hn_arena_release(&arena);
    return status;
}

static hone_status show_text(const hn_bench_report *r, const hone_sink *sink, hone_error *err)
{
    const hn_bench_measures *m = r->measures;
    hn_buffer head = HN_BUFFER_INIT;
    hn_buffer_printf(&head, "%zu problem%s, %zu searches\n\n", m->n_problems, m->n_problems == 1 ? "" : "s",
                     m->n_searches);
    hone_status status = hn_sink_write(sink, &head, err);
    hn_buffer_release(&head);
    if (!status)
        status = write_scores(m, sink, err);
    if (!status)
        status = write_text(sink, "\n", err);
    if (!status)
        status = write_parts(r, sink, err);
    if (!status)
        status = write_comparisons(r, sink, err);
    if (!status)
        status = write_text(sink, "\n", err);
    return status ? status : draw_curves(m, sink, err);
}

/* --- for machines --- */

static hn_node *scores_node(const hn_bench_measures *m, size_t t, hn_arena *arena)
{
    hn_node *list = hn_node_list(arena);
    for (size_t b = 0; b < m->n_budgets; b++) {
        const hn_bench_score *score = &m->scores[t * m->n_budgets + b];
        hn_node *map = hn_node_map(arena);
        map = hn_map_set(arena, map, "trials", hn_node_integer(arena, (int64_t)m->budgets[b]));
        map = hn_map_set(arena, map, "regret", hn_node_real(arena, score->regret));
        map = hn_map_set(arena, map, "log10_regret", hn_node_real(arena, score->log_regret));
        map = hn_map_set(arena, map, "rank", hn_node_real(arena, score->rank));
        list = hn_list_append(arena, list, map);
    }
    return list;
}

static hn_node *comparison_node(const hn_bench_comparison *c, hn_arena *arena)
{
    hn_node *map = hn_node_map(arena);
    map = hn_map_set(arena, map, "against", hn_node_string(arena, c->theirs->sampler));
    map = hn_map_set(arena, map, "version", hn_node_string(arena, c->theirs->version));
    map = hn_map_set(arena, map, "trials", hn_node_integer(arena, (int64_t)c->trials));
    map = hn_map_set(arena, map, "problems", hn_node_integer(arena, (int64_t)c->n_problems));
    map = hn_map_set(arena, map, "fewest_seeds", hn_node_integer(arena, (int64_t)c->fewest_seeds));
    map = hn_map_set(arena, map, "most_seeds", hn_node_integer(arena, (int64_t)c->most_seeds));
    const hn_bench_score *scores[] = {&c->our_score, &c->their_score};
    static const char *const keys[2][3] = {{"regret", "log10_regret", "rank"},
                                           {"their_regret", "their_log10_regret", "their_rank"}};
    for (size_t i = 0; i < 2; i++) {
        map = hn_map_set(arena, map, keys[i][0], hn_node_real(arena, scores[i]->regret));
        map = hn_map_set(arena, map, keys[i][1], hn_node_real(arena, scores[i]->log_regret));
        map = hn_map_set(arena, map, keys[i][2], hn_node_real(arena, scores[i]->rank));
    }
    map = hn_map_set(arena, map, "mean", hn_node_real(arena, c->difference));
    if (!isnan(c->bound))
        map = hn_map_set(arena, map, "upper_bound", hn_node_real(arena, c->bound));
    map = hn_map_set(arena, map, "lower_on", hn_node_integer(arena, (int64_t)c->n_lower));
    if (!isnan(c->p)) {
        map = hn_map_set(arena, map, "p", hn_node_real(arena, c->p));
        map = hn_map_set(arena, map, "p_corrected", hn_node_real(arena, c->corrected));
    }
    return map;
}

static hn_node *differences_node(const hn_bench_report *r, const hn_bench_trace *ours, hn_arena *arena)
{
    hn_node *list = hn_node_list(arena);
    for (size_t i = 0; i < r->n_comparisons; i++)
        if (r->comparisons[i].ours == ours)
            list = hn_list_append(arena, list, comparison_node(&r->comparisons[i], arena));
    return list;
}

static hn_node *trace_node(const hn_bench_report *r, size_t t, hn_arena *arena)
{
    const hn_bench_measures *m = r->measures;
    const hn_bench_trace *trace = m->traces[t];
    hn_node *map = hn_node_map(arena);
    map = hn_map_set(arena, map, "sampler", hn_node_string(arena, trace->sampler));
    map = hn_map_set(arena, map, "version", hn_node_string(arena, trace->version));
    map = hn_map_set(arena, map, "scores", scores_node(m, t, arena));
    if (trace->ask_seconds && trace->n_asks) {
        map = hn_map_set(arena, map, "ask_seconds_median",
                         hn_node_real(arena, trace->ask_seconds[trace->n_asks / 2]));
        map = hn_map_set(arena, map, "ask_seconds_max",
                         hn_node_real(arena, trace->ask_seconds[trace->n_asks - 1]));
    }
    size_t fewest, most;
    hn_bench_trace_count_seeds(trace, &fewest, &most);
    map = hn_map_set(arena, map, "fewest_seeds", hn_node_integer(arena, (int64_t)fewest));
    map = hn_map_set(arena, map, "most_seeds", hn_node_integer(arena, (int64_t)most));
    return hn_map_set(arena, map, "differences", differences_node(r, trace, arena));
}

static hone_status show_json(const hn_bench_report *r, const hone_sink *sink, hone_error *err)
{
    const hn_bench_measures *m = r->measures;
    hn_arena arena = HN_ARENA_INIT;
    hn_node *traces = hn_node_list(&arena), *names = hn_node_list(&arena), *map = hn_node_map(&arena);
    for (size_t t = 0; t < m->n_traces; t++)
        traces = hn_list_append(&arena, traces, trace_node(r, t, &arena));
    for (size_t p = 0; p < m->n_problems; p++)
        names = hn_list_append(&arena, names, hn_node_string(&arena, m->problems[p]));
    map = hn_map_set(&arena, map, "searches", hn_node_integer(&arena, (int64_t)m->n_searches));
    map = hn_map_set(&arena, map, "problems", names);
    map = hn_map_set(&arena, map, "traces", traces);
    hone_status status = map ? hn_show_json(sink, map, err) : hn_out_of_memory(err);
    hn_arena_release(&arena);
    return status;
}

/* A row for each trace, problem and budget. */
static hone_status show_csv(const hn_bench_report *r, const hone_sink *sink, hone_error *err)
{
    const hn_bench_measures *m = r->measures;
    hn_buffer out = HN_BUFFER_INIT;
    hn_buffer_text(&out, "sampler,version,problem,family,seeds,trials,regret\n");
    for (size_t t = 0; t < m->n_traces; t++)
        for (size_t p = 0; p < m->n_problems; p++)
            for (size_t b = 0; b < m->n_budgets; b++) {
                size_t begin = m->first[p], end = m->first[p + 1];
                hn_buffer_csv(&out, m->traces[t]->sampler);
                hn_buffer_char(&out, ',');
                hn_buffer_csv(&out, m->traces[t]->version);
                hn_buffer_printf(&out, ",%s,%s,%zu,%zu,", m->problems[p],
                                 r->families[p] ? r->families[p] : "", end - begin, m->budgets[b]);
                hn_buffer_double(&out, hn_bench_problem_regret(m, t, p, m->budgets[b]));
                hn_buffer_char(&out, '\n');
            }
    hone_status status = hn_sink_write(sink, &out, err);
    hn_buffer_release(&out);
    return status;
}

hone_status hn_bench_show(const hn_bench_report *report, hone_format format, const hone_sink *sink,
                          hone_error *err)
{
    switch (format) {
    case HONE_FORMAT_TEXT: return show_text(report, sink, err);
    case HONE_FORMAT_JSON: return show_json(report, sink, err);
    case HONE_FORMAT_CSV: return show_csv(report, sink, err);
    case HONE_FORMAT_ENV: break;
    }
    return hn_show_unsupported("the benchmark", format, err);
}

/* --- the list of problems --- */

static hone_status list_text(const hn_problem *const *problems, size_t n, const hone_sink *sink,
                             hone_error *err)
{
    hn_table table = HN_TABLE_INIT;
    hn_table_add_column(&table, "problem", HN_ALIGN_LEFT, false);
    hn_table_add_column(&table, "family", HN_ALIGN_LEFT, false);
    hn_table_add_column(&table, "parameters", HN_ALIGN_RIGHT, false);
    for (size_t i = 0; i < n; i++) {
        hn_table_add(&table, hn_problem_name(problems[i]));
        hn_table_add(&table, hn_problem_family(problems[i]));
        hn_table_add_int(&table, hn_problem_parameter_count(problems[i]));
    }
    hone_status status = hn_table_write(&table, sink, true, err);
    hn_table_release(&table);
    return status;
}

/* The space is a study file's. */
static hone_status list_json(const hn_problem *const *problems, size_t n, const hone_sink *sink,
                             hone_error *err)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_node *list = hn_node_list(&arena);
    hone_status status = HONE_OK;
    for (size_t i = 0; !status && i < n; i++) {
        hn_node *map = hn_node_map(&arena);
        hn_space *space;
        status = hn_problem_space(problems[i], &arena, &space, err);
        if (status)
            break;
        map = hn_map_set(&arena, map, "problem", hn_node_string(&arena, hn_problem_name(problems[i])));
        map = hn_map_set(&arena, map, "family", hn_node_string(&arena, hn_problem_family(problems[i])));
        map = hn_map_set(&arena, map, "space", hn_space_to_node(&arena, space));
        list = hn_list_append(&arena, list, map);
    }
    if (!status)
        status = list ? hn_show_json(sink, list, err) : hn_out_of_memory(err);
    hn_arena_release(&arena);
    return status;
}

hone_status hn_bench_show_problems(const hn_problem *const *problems, size_t n, hone_format format,
                                   const hone_sink *sink, hone_error *err)
{
    switch (format) {
    case HONE_FORMAT_TEXT: return list_text(problems, n, sink, err);
    case HONE_FORMAT_JSON: return list_json(problems, n, sink, err);
    case HONE_FORMAT_CSV:
    case HONE_FORMAT_ENV: break;
    }
    return hn_show_unsupported("a list of problems", format, err);
}
