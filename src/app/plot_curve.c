/* Learning and validation curves of a plan's model. */
#include "app/plot_curve.h"
#include "app/picture.h"

#include <math.h>
#include <string.h>

#include "app/model_data.h"
#include "app/model_job_parts.h"
#include "app/plan_reader.h"
#include "app/plot_curve_study.h"
#include "app/show.h"
#include "base/number.h"
#include "select/learning_curve.h"
#include "select/validation_curve.h"

enum { WIDE = 100 }; /* times the smallest: drawn on a log axis */

/* --- the setting --- */

static hone_status choose_settings(hn_curve_setting *s, hone_error *err)
{
    const hone_plan *plan = s->plan;
    hn_node *params = NULL;
    uint64_t seed = plan->search.seed;
    s->trial = -1;
    hone_status status =
        plan->source ? hn_plan_best_trial(plan, &s->arena, &params, &seed, &s->trial, err) : HONE_OK;
    if (status) {
        return status;
    }
    s->settings = hn_options_substitute(&s->arena, plan->model.options, params);
    s->validation.seed = seed;
    return s->settings
               ? hn_preprocess_read(&s->arena, plan->model.preprocess, params, &s->validation.preprocess, err)
               : hn_out_of_memory(err);
}

hone_status hn_curve_setting_make(hone_plan *plan, const char *metric, int threads, hn_curve_setting *s,
                                  hone_error *err)
{
    s->plan = plan;
    hone_status status = hone_plan_check(plan, err);
    if (!status && !plan->model.type) {
        status = hn_fail(err, HONE_INVALID, "%s: curves are of built-in models, it has a command",
                         plan->source ? plan->source : "the study");
    }
    plan->model.metrics = metric ? metric : plan->model.metrics;
    if (!status) {
        status = hn_model_job_open(plan, NULL, &s->job, err);
    }
    if (!status) {
        status = choose_settings(s, err);
    }
    if (status) {
        return status;
    }
    const hn_plan_model *model = &plan->model;
    s->validation.kind = model->split;
    s->validation.folds = (size_t)model->folds;
    s->validation.repeats = (size_t)model->repeats;
    s->validation.shuffle = model->shuffle;
    s->validation.test_share = model->test_share;
    s->validation.metrics = metric ? metric : hn_is_measure(plan->goals[0]) ? NULL : plan->goals[0];
    s->validation.decision = s->job->decision;
    s->validation.own = s->job->own_metrics;
    s->dataset = s->job->dataset;
    s->type = model->type;
    status = hn_job_rows(s->job, s->validation.seed, &s->rows, err);
    return status ? status : hn_threads_make(threads, &s->pool, err);
}

void hn_curve_setting_release(hn_curve_setting *s)
{
    hn_thread_pool_destroy(s->pool);
    hn_rows_release(&s->rows);
    hn_model_job_destroy(s->job);
    hn_arena_release(&s->arena);
}

/* "svm (C 1, kernel linear) on titanic.csv: accuracy, 5 folds". */
static const char *title_of(hn_curve_setting *s, const char *kind, const hn_curve *curve, const char *varied)
{
    hn_buffer text = HN_BUFFER_INIT;
    size_t n = 0;
    hn_buffer_printf(&text, "%s of %s", kind, s->type->name);
    for (size_t i = 0; i < s->settings->count; i++) {
        const hn_map_entry *entry = &s->settings->as.entries[i];
        const char *value = hn_scalar_text(&s->arena, entry->value);
        double number;
        char shorter[HN_NUMBER_SIZE];
        if (!value || (varied && !strcmp(varied, entry->key))) {
            continue;
        }
        if (hn_node_double(entry->value, &number)) {
            hn_format_short(shorter, number, 4);
            value = shorter;
        }
        hn_buffer_printf(&text, "%s%s %s", n++ ? ", " : " (", entry->key, value);
    }
    hn_buffer_printf(&text, "%s on %s: %s, %zu folds", n ? ")" : "", s->dataset->source, curve->metric->name,
                     curve->n_folds);
    if (s->trial >= 0) {
        hn_buffer_printf(&text, ", options of trial %lld", (long long)s->trial);
    }
    const char *copy = hn_buffer_failed(&text) ? NULL : hn_arena_strdup(&s->arena, hn_buffer_string(&text));
    hn_buffer_release(&text);
    return copy;
}

/* --- learning curve --- */

static hone_status show_learning(hn_curve_setting *s, const hn_learning_curve *found,
                                 const hone_curve_options *options, hone_format format, const hone_sink *sink,
                                 hone_error *err)
{
    const hn_curve *curve = &found->curve;
    double *numbers = HN_ARENA_NEW(&s->arena, double, curve->n_points);
    const char **texts = HN_ARENA_NEW(&s->arena, const char *, curve->n_points);
    hn_node *values = hn_node_list(&s->arena);
    hn_buffer note = HN_BUFFER_INIT;
    hn_curve_points points = {.title = "training rows", .key = "rows", .texts = texts, .numbers = numbers};
    const char *title = title_of(s, "learning curve", curve, NULL);
    bool made = numbers && texts && title;
    for (size_t p = 0; made && p < curve->n_points; p++) {
        numbers[p] = (double)found->sizes[p];
        texts[p] = hn_arena_printf(&s->arena, "%zu", found->sizes[p]);
        values = hn_list_append(&s->arena, values, hn_node_integer(&s->arena, (int64_t)found->sizes[p]));
        made = texts[p] && values;
    }
    points.values = values;
    if (made) {
        points.log = numbers[curve->n_points - 1] >= WIDE * numbers[0];
        hn_learning_note(curve, &points, &note);
    }
    hone_status status = made && !hn_buffer_failed(&note)
                             ? hn_curve_show(curve, &points, title, hn_buffer_string(&note), options->picture,
                                             format, sink, err)
                             : hn_out_of_memory(err);
    hn_buffer_release(&note);
    return status;
}

hone_status hone_plot_learning_curve(hone_plan *plan, const hone_curve_options *options, hone_format format,
                                     const hone_sink *sink, hone_error *err)
{
    hn_curve_setting s = {0};
    hn_learning_curve found = {0};
    hone_status status =
        hn_show_check_options("hone_curve_options", options->struct_size, sizeof *options, err);
    status = status ? status : hn_picture_check(options->picture, err);
    if (!status) {
        status = hn_curve_setting_make(plan, options->metric, options->threads, &s, err);
    }
    if (!status) {
        hn_learning_options how = {.validation = s.validation,
                                   .sizes = options->sizes,
                                   .n_sizes = options->n_sizes,
                                   .in_order = options->in_order};
        status = hn_learning_curve_run(s.dataset, s.rows.kept, s.rows.n_kept, s.type, s.settings, &how,
                                       s.pool, NULL, &found, err);
    }
    if (!status) {
        status = show_learning(&s, &found, options, format, sink, err);
    }
    hn_learning_curve_release(&found);
    hn_curve_setting_release(&s);
    return status;
}

/* --- validation curve --- */

/* "0.01..100" with `log` after a comma: n values, whole numbers for an option of whole numbers. */
static hone_status read_range(hn_arena *arena, const hn_option *option, const char *text, const char *dots,
                              size_t n, hn_curve_points *points, hone_error *err)
{
    double low, high;
    size_t size = strcspn(dots + 2, ",");
    const char *after = dots + 2 + size;
    points->log = !strcmp(after, ",log");
    if (!hn_parse_double(text, (size_t)(dots - text), false, &low) ||
        !hn_parse_double(dots + 2, size, false, &high) || !(low < high) || (*after && !points->log) ||
        (points->log && !(low > 0))) {
        return hn_fail(err, HONE_INVALID,
                       "parameter %s: a range is LOW..HIGH, or LOW..HIGH,log above 0; found '%.60s'",
                       option->name, text);
    }
    bool whole = option->type == HN_OPTION_INT;
    hn_node *values = hn_node_list(arena);
    double last = NAN;
    for (size_t i = 0; i < n; i++) {
        double share = n > 1 ? (double)i / (double)(n - 1) : 0;
        double value = points->log ? low * pow(high / low, share) : low + (high - low) * share;
        value = i + 1 == n && n > 1 ? high : whole ? round(value) : value;
        if (value != last) {
            values = hn_list_append(
                arena, values, whole ? hn_node_integer(arena, (int64_t)value) : hn_node_real(arena, value));
        }
        last = value;
    }
    points->values = values;
    return values ? HONE_OK : hn_out_of_memory(err);
}

/* "1,10,100", "linear,rbf". */
static hone_status read_list(hn_arena *arena, const char *text, hn_curve_points *points, hone_error *err)
{
    hn_node *values = hn_node_list(arena);
    for (const char *at = text;; at++) {
        size_t size = strcspn(at, ",");
        values = hn_list_append(arena, values, hn_node_plain(arena, at, size));
        at += size;
        if (!*at) {
            break;
        }
    }
    points->values = values;
    return values ? HONE_OK : hn_out_of_memory(err);
}

/* Texts for people, and numbers when all values are; a list over two powers of ten is drawn on a log axis. */
static hone_status describe_points(hn_arena *arena, hn_curve_points *points, hone_error *err)
{
    enum { DIGITS = 4 };
    size_t n = points->values->count;
    double *numbers = HN_ARENA_NEW(arena, double, n);
    const char **texts = HN_ARENA_NEW(arena, const char *, n);
    bool all = numbers != NULL, ascending = true;
    for (size_t p = 0; texts && numbers && p < n; p++) {
        const hn_node *value = points->values->as.items[p];
        char text[HN_NUMBER_SIZE];
        bool is_number = hn_node_double(value, &numbers[p]);
        if (is_number) {
            hn_format_short(text, numbers[p], DIGITS);
            ascending = ascending && (p == 0 || numbers[p] > numbers[p - 1]);
        }
        texts[p] = is_number ? hn_arena_strdup(arena, text) : hn_scalar_text(arena, value);
        texts[p] = value->kind == HN_NULL ? "null" : texts[p];
        if (!texts[p]) {
            return hn_out_of_memory(err);
        }
        all = all && is_number;
    }
    if (!texts || !numbers) {
        return hn_out_of_memory(err);
    }
    points->texts = texts;
    points->numbers = all && ascending && n > 1 ? numbers : NULL;
    points->log = points->numbers && (points->log || (numbers[0] > 0 && numbers[n - 1] / numbers[0] >= WIDE));
    return HONE_OK;
}

/* text: "C=0.01..100,log". */
static hone_status read_parameter(hn_curve_setting *s, const char *text, size_t n, hn_curve_points *points,
                                  hone_error *err)
{
    enum { USUAL_POINTS = 9, MOST_OPTIONS = 64 };
    const hn_option_table *table = &s->type->options;
    const char *equals = strchr(text, '='), *names[MOST_OPTIONS];
    if (!equals || !equals[1]) {
        return hn_fail(err, HONE_INVALID,
                       "parameter '%.60s': say NAME=LOW..HIGH, NAME=LOW..HIGH,log or NAME=VALUE,VALUE,...",
                       text);
    }
    char *name = hn_arena_strndup(&s->arena, text, (size_t)(equals - text));
    if (!name) {
        return hn_out_of_memory(err);
    }
    const hn_option *before = hn_preprocess_option(name);
    const hn_option *option = before ? before : hn_option_find(table, name);
    if (!option) {
        size_t count = table->count < MOST_OPTIONS ? table->count : MOST_OPTIONS;
        for (size_t i = 0; i < count; i++) {
            names[i] = table->options[i].name;
        }
        const char *near = hn_nearest_name(name, names, count);
        return near
                   ? hn_fail(err, HONE_NOT_FOUND, "model %s has no option '%.60s' (did you mean '%s'?)",
                             s->type->name, name, near)
                   : hn_fail(err, HONE_NOT_FOUND, "model %s has no option '%.60s'; hone models %s lists them",
                             s->type->name, name, s->type->name);
    }
    const char *dots = strstr(equals, "..");
    points->title = points->key = name;
    hone_status status =
        dots ? read_range(&s->arena, option, equals + 1, dots, n ? n : USUAL_POINTS, points, err)
             : read_list(&s->arena, equals + 1, points, err);
    return status ? status : describe_points(&s->arena, points, err);
}

static hone_status show_validation(hn_curve_setting *s, const hn_curve *curve, const hn_curve_points *points,
                                   const hone_curve_options *options, hone_format format,
                                   const hone_sink *sink, hone_error *err)
{
    hn_buffer note = HN_BUFFER_INIT;
    const char *title = title_of(s, "validation curve", curve, points->key);
    hn_validation_note(curve, points, &note);
    hone_status status = title && !hn_buffer_failed(&note)
                             ? hn_curve_show(curve, points, title, hn_buffer_string(&note), options->picture,
                                             format, sink, err)
                             : hn_out_of_memory(err);
    hn_buffer_release(&note);
    return status;
}

hone_status hone_plot_validation_curve(hone_plan *plan, const hone_curve_options *options, hone_format format,
                                       const hone_sink *sink, hone_error *err)
{
    hn_curve_setting s = {0};
    hn_curve_points points = {0};
    hn_curve curve = {0};
    hone_status status =
        hn_show_check_options("hone_curve_options", options->struct_size, sizeof *options, err);
    status = status ? status : hn_picture_check(options->picture, err);
    if (!status) {
        status = hn_curve_setting_make(plan, options->metric, options->threads, &s, err);
    }
    if (!status) {
        status = read_parameter(&s, options->parameter, options->points, &points, err);
    }
    if (!status) {
        status = hn_validation_curve_run(s.dataset, s.rows.kept, s.rows.n_kept, s.type, s.settings,
                                         points.key, (const hn_node *const *)points.values->as.items,
                                         points.values->count, &s.validation, s.pool, NULL, &curve, err);
    }
    if (!status) {
        status = show_validation(&s, &curve, &points, options, format, sink, err);
    }
    hn_curve_release(&curve);
    hn_curve_setting_release(&s);
    return status;
}
