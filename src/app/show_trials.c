/* Trials for people and machines: tables, JSON, CSV; the best. */
#include <math.h>
#include <string.h>

#include "app/kept_models.h"
#include "app/show.h"
#include "base/memory.h"
#include "base/number.h"
#include "view/table.h"
#include "view/trial_node.h"

enum { DIGITS = 5 };

/* --- JSON --- */

/* One trial a line, so that a large study can be read line by line. */
static hone_status show_json(const hn_trial_list *list, const hone_sink *sink, hone_error *err)
{
    hn_buffer out = HN_BUFFER_INIT;
    hn_arena arena = HN_ARENA_INIT;
    hn_buffer_text(&out, "[");
    for (size_t i = 0; i < list->count; i++) {
        hn_node *node = hn_trial_node(&arena, &list->trials[i]);
        hn_buffer_text(&out, i ? ",\n " : "\n ");
        if (node) {
            hn_json_write(&out, node, HN_JSON_STRICT);
        } else {
            out.failed = true;
        }
        hn_arena_reset(&arena);
    }
    hn_buffer_text(&out, list->count ? "\n]\n" : "]\n");
    hone_status status = hn_sink_write(sink, &out, err);
    hn_arena_release(&arena);
    hn_buffer_release(&out);
    return status;
}

/* --- table --- */

static bool is_numeric(const hn_trial_list *list, const char *name)
{
    for (size_t i = 0; i < list->count; i++) {
        const hone_value *value = hn_trial_param_value(&list->trials[i], name);
        if (value && value->type != HONE_INT && value->type != HONE_FLOAT) {
            return false;
        }
    }
    return true;
}

static bool any_message(const hn_trial_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        if (list->trials[i].message) {
            return true;
        }
    }
    return false;
}

/* Scores of training rows, kept beside those of validation (`cv: {train_scores: true}`). */
static bool any_train_score(const hn_trial_list *list, size_t objective)
{
    for (size_t i = 0; i < list->count; i++) {
        if (!isnan(hn_trial_measured(&list->trials[i], "train_", list->metrics[objective], ""))) {
            return true;
        }
    }
    return false;
}

static void add_value(hn_table *table, const hone_value *value)
{
    if (value && value->type == HONE_FLOAT) {
        hn_table_add_number(table, value->as.real, DIGITS);
        return;
    }
    hn_buffer text = HN_BUFFER_INIT;
    if (value) {
        hn_value_write(&text, *value);
    }
    table->failed = table->failed || hn_buffer_failed(&text);
    hn_table_add(table, hn_buffer_string(&text));
    hn_buffer_release(&text);
}

/* A metric that is no goal: neither a time nor one of the training rows. */
static bool is_noted(const hn_measure *measure)
{
    return measure->objective == SIZE_MAX && measure->ranked;
}

/* What a table has beside the values and parameters. */
typedef struct extras {
    bool reasons, steps, rungs, parents; /* rungs: some were paused; parents: some are clones */
    bool workers;
    bool ladder;       /* rungs are places on it, else runs are counted */
    const bool *train; /* (n_objectives,): a column for scores of training rows */
    const hn_measures *measures;
} extras;

/* Steps and rungs are shown when trials do not all come to the same step. */
static void look_for_steps(const hn_trial_list *list, extras *with)
{
    int64_t first = list->count ? hn_trial_steps(&list->trials[0]) : -1;
    for (size_t i = 0; i < list->count; i++) {
        with->steps = with->steps || hn_trial_steps(&list->trials[i]) != first;
        with->rungs = with->rungs || list->trials[i].runs;
        with->ladder = with->ladder || list->trials[i].rung;
        with->parents = with->parents || list->trials[i].parent >= 0;
    }
}

/* "7@48": a clone of trial 7 as of step 48. */
static void add_parent(hn_table *table, const hone_trial_info *trial)
{
    hn_buffer text = HN_BUFFER_INIT;
    if (trial->parent >= 0) {
        hn_buffer_printf(&text, "%lld@%lld", (long long)trial->parent, (long long)trial->parent_step);
    }
    table->failed = table->failed || hn_buffer_failed(&text);
    hn_table_add(table, hn_buffer_string(&text));
    hn_buffer_release(&text);
}

static void add_worker(hn_table *table, const hone_trial_info *trial)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_table_add(table, hn_worker_text(&arena, trial->worker));
    hn_arena_release(&arena);
}

static void add_trial(hn_table *table, const hn_trial_list *list, const hone_trial_info *trial, bool best,
                      const extras *with)
{
    char time[HN_NUMBER_SIZE] = "";
    double seconds = hn_trial_duration(trial);
    if (!isnan(seconds)) {
        hn_format_duration(time, seconds);
    }
    hn_table_add_int(table, trial->number);
    hn_table_set_style(table, best                            ? HN_STYLE_GOOD
                              : trial->state == HONE_FAILED   ? HN_STYLE_BAD
                              : trial->state != HONE_COMPLETE ? HN_STYLE_FAINT
                                                              : HN_STYLE_PLAIN);
    hn_table_add(table, hn_trial_state_word(trial));
    if (with->parents) {
        add_parent(table, trial);
    }
    if (with->rungs) {
        hn_table_add_int(table, with->ladder ? trial->rung : trial->runs ? trial->runs : 1);
    }
    if (with->steps && hn_trial_steps(trial) >= 0) {
        hn_table_add_int(table, hn_trial_steps(trial));
    } else if (with->steps) {
        hn_table_add(table, "");
    }
    for (size_t i = 0; i < list->n_objectives; i++) {
        hn_table_add_number(table, i < trial->n_values ? trial->values[i] : NAN, DIGITS);
        if (with->train[i]) {
            hn_table_add_number(table, hn_trial_measured(trial, "train_", list->metrics[i], ""), DIGITS);
        }
    }
    hn_table_add(table, best ? "★" : "");
    for (size_t i = 0; i < list->params.count; i++) {
        add_value(table, hn_trial_param_value(trial, list->params.keys[i]));
    }
    for (size_t i = 0; i < with->measures->count; i++) {
        if (is_noted(&with->measures->items[i])) {
            hn_table_add_number(table, hn_measure_value(&with->measures->items[i], trial), DIGITS);
        }
    }
    hn_table_add(table, time);
    if (with->workers) {
        add_worker(table, trial);
    }
    if (with->reasons) {
        hn_table_add(table, trial->message);
    }
}

static void add_columns(hn_table *table, const hn_trial_list *list, bool *train, const extras *with)
{
    hn_table_add_column(table, "#", HN_ALIGN_RIGHT, false);
    hn_table_add_column(table, "state", HN_ALIGN_LEFT, false);
    if (with->parents) {
        hn_table_add_column(table, "from", HN_ALIGN_LEFT, false);
    }
    if (with->rungs) {
        hn_table_add_column(table, "rung", HN_ALIGN_RIGHT, false);
    }
    if (with->steps) {
        hn_table_add_column(table, "steps", HN_ALIGN_RIGHT, false);
    }
    for (size_t i = 0; i < list->n_objectives; i++) {
        hn_table_add_column(table, list->metrics[i], HN_ALIGN_RIGHT, true);
        hn_table_keep_column(table);
        train[i] = any_train_score(list, i);
        if (train[i]) {
            hn_table_add_column(table, "in training", HN_ALIGN_RIGHT, true);
        }
    }
    hn_table_add_column(table, "", HN_ALIGN_LEFT, false);
    for (size_t i = 0; i < list->params.count; i++) {
        bool numeric = is_numeric(list, list->params.keys[i]);
        hn_table_add_column(table, list->params.keys[i], numeric ? HN_ALIGN_RIGHT : HN_ALIGN_LEFT, true);
    }
    for (size_t i = 0; i < with->measures->count; i++) {
        if (is_noted(&with->measures->items[i])) {
            hn_table_add_column(table, with->measures->items[i].name, HN_ALIGN_RIGHT, true);
        }
    }
    hn_table_add_column(table, "time", HN_ALIGN_RIGHT, false);
    hn_table_keep_column(table);
    if (with->workers) {
        hn_table_add_column(table, "worker", HN_ALIGN_LEFT, true);
        hn_table_keep_column(table);
    }
    if (with->reasons) {
        hn_table_add_column(table, "reason", HN_ALIGN_LEFT, true);
        hn_table_keep_column(table);
    }
}

void hn_trial_table(hn_table *table, const hn_trial_list *list, const hn_measures *measures, int64_t best,
                    bool workers)
{
    bool *train = HN_ARENA_NEW(&table->arena, bool, list->n_objectives);
    extras with = {.reasons = any_message(list), .workers = workers, .train = train, .measures = measures};
    look_for_steps(list, &with);
    if (!train) {
        table->failed = true;
        return;
    }
    add_columns(table, list, train, &with);
    for (size_t i = 0; i < list->count; i++) {
        add_trial(table, list, &list->trials[i], list->trials[i].number == best, &with);
    }
}

static hone_status show_table(const hn_trial_list *list, const hn_measures *measures, int64_t best,
                              bool workers, const hone_sink *sink, hone_error *err)
{
    hn_table table = HN_TABLE_INIT;
    hn_trial_table(&table, list, measures, best, workers);
    hone_status status = hn_table_write(&table, sink, true, err);
    hn_table_release(&table);
    return status;
}

hone_status hn_show_trial_list(const hn_trial_list *list, const hn_measures *measures, int64_t best,
                               hone_format format, const hone_sink *sink, hone_error *err)
{
    switch (format) {
    case HONE_FORMAT_TEXT: return show_table(list, measures, best, false, sink, err);
    case HONE_FORMAT_JSON: return show_json(list, sink, err);
    case HONE_FORMAT_CSV: return hn_show_csv(list, measures, sink, err);
    case HONE_FORMAT_ENV: break;
    }
    return hn_show_unsupported("a list of trials", format, err);
}

hone_status hn_best_number(hone_study *study, int64_t *number, hone_error *err)
{
    int64_t *numbers = NULL;
    size_t n = 0;
    *number = -1;
    if (hone_study_objective_count(study) != 1) {
        return HONE_OK;
    }
    hone_status status = hone_study_best(study, 1, &numbers, &n, err);
    if (!status && n) {
        *number = numbers[0];
    }
    hone_free(numbers);
    return status;
}

/* What was left out by the limit is said, so that nobody takes the page for the whole. */
static hone_status show_rest(const hn_trial_list *list, const hone_trial_query *query, const hone_sink *sink,
                             hone_error *err)
{
    hn_buffer text = HN_BUFFER_INIT;
    if (list->count < list->matched) {
        hn_buffer_printf(&text, "%zu of %zu trials", list->count, list->matched);
        if (query->offset) {
            hn_buffer_printf(&text, ", after the first %lld", (long long)query->offset);
        }
        hn_buffer_char(&text, '\n');
    } else if (!list->count) {
        hn_buffer_text(&text, "no trials\n");
    }
    hone_status status = hn_sink_write(sink, &text, err);
    hn_buffer_release(&text);
    return status;
}

/* Of all trials of the study, so that ranks and columns do not depend on the filter; all keeps what measures
 * points to. */
static hone_status read_measures(hone_study *study, hn_trial_list *all, hn_measures *measures,
                                 hone_error *err)
{
    hone_status status = hn_trial_list_read(study, &(hone_trial_query){0}, all, err);
    if (status) {
        *all = (hn_trial_list){0};
        return status;
    }
    return hn_measures_read(all, measures, err);
}

hone_status hone_show_trials(hone_study *study, const hone_trial_query *query, hone_format format,
                             const hone_sink *sink, hone_error *err)
{
    hn_trial_list list, all = {0};
    hn_measures measures = {0};
    int64_t best = -1;
    hone_status status = hn_trial_list_read(study, query, &list, err);
    if (status) {
        return status;
    }
    if (format != HONE_FORMAT_JSON) {
        status = read_measures(study, &all, &measures, err);
    }
    if (!status && format == HONE_FORMAT_TEXT) {
        status = hn_best_number(study, &best, err);
    }
    if (!status && (list.count || format != HONE_FORMAT_TEXT)) {
        status = format == HONE_FORMAT_TEXT ? show_table(&list, &measures, best, query->workers, sink, err)
                                            : hn_show_trial_list(&list, &measures, best, format, sink, err);
    }
    if (!status && format == HONE_FORMAT_TEXT) {
        status = show_rest(&list, query, sink, err);
    }
    hn_trial_list_release(&all);
    hn_trial_list_release(&list);
    return status;
}

/* --- the best --- */

static void add_fact(hn_table *table, const char *name, const hone_value *value)
{
    hn_buffer text = HN_BUFFER_INIT;
    hn_value_write(&text, *value);
    table->failed = table->failed || hn_buffer_failed(&text);
    hn_table_add(table, name);
    hn_table_add(table, hn_buffer_string(&text));
    hn_buffer_release(&text);
}

/* One trial downwards, with exact numbers: to be copied. */
static hone_status show_one(hone_study *study, const hn_trial_list *list, const hone_sink *sink,
                            hone_error *err)
{
    const hone_trial_info *trial = &list->trials[0];
    hn_buffer head = HN_BUFFER_INIT;
    hn_table table = HN_TABLE_INIT;
    hn_buffer_printf(&head, "trial %lld of study %s\n", (long long)trial->number, hone_study_name(study));
    hn_table_add_column(&table, "", HN_ALIGN_LEFT, false);
    hn_table_add_column(&table, "", HN_ALIGN_LEFT, true);
    for (size_t i = 0; i < trial->n_values; i++) {
        hone_value value = {.type = HONE_FLOAT, .as.real = trial->values[i]};
        add_fact(&table, list->metrics[i], &value);
        hn_table_set_style(&table, HN_STYLE_GOOD);
        value.as.real = hn_trial_measured(trial, "train_", list->metrics[i], "");
        if (!isnan(value.as.real)) {
            add_fact(&table, "in training", &value);
        }
    }
    for (size_t i = 0; i < trial->n_params; i++) {
        add_fact(&table, trial->params[i].name, &trial->params[i].value);
    }
    hone_status status = hn_sink_write(sink, &head, err);
    if (!status) {
        status = hn_table_write(&table, sink, false, err);
    }
    hn_table_release(&table);
    hn_buffer_release(&head);
    return status;
}

/* One trial, or several as a list, with the files of their models. */
static hone_status show_best_json(const hn_trial_list *list, bool one, const hn_node *models,
                                  const hone_sink *sink, hone_error *err)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_node *nodes = hn_node_list(&arena);
    for (size_t i = 0; i < list->count; i++) {
        const char *file = hn_kept_model_file(models, list->trials[i].number);
        hn_node *node = hn_trial_node(&arena, &list->trials[i]);
        if (file) {
            node = hn_map_set(&arena, node, "model_file", hn_node_string(&arena, file));
        }
        nodes = hn_list_append(&arena, nodes, node);
    }
    hone_status status =
        nodes ? hn_show_json(sink, one ? nodes->as.items[0] : nodes, err) : hn_out_of_memory(err);
    hn_arena_release(&arena);
    return status;
}

static hone_status show_model_files(const hn_trial_list *list, const hn_node *models, const hone_sink *sink,
                                    hone_error *err)
{
    hn_buffer text = HN_BUFFER_INIT;
    for (size_t i = 0; i < list->count; i++) {
        const char *file = hn_kept_model_file(models, list->trials[i].number);
        if (file) {
            hn_buffer_printf(&text, "model of trial %lld  %s\n", (long long)list->trials[i].number, file);
        }
    }
    hone_status status = text.size ? hn_sink_write(sink, &text, err) : HONE_OK;
    hn_buffer_release(&text);
    return status;
}

/* Keeps of the list the trials of these numbers, in their order. */
static hone_status pick(hn_trial_list *list, const int64_t *numbers, size_t n, hone_error *err)
{
    hone_trial_info *picked = hn_calloc(n, sizeof *picked);
    if (!picked) {
        return hn_out_of_memory(err);
    }
    size_t kept = 0;
    for (size_t k = 0; k < n; k++) {
        for (size_t i = 0; i < list->count; i++) {
            if (list->trials[i].number == numbers[k]) {
                picked[kept++] = list->trials[i];
                break;
            }
        }
    }
    hn_free(list->trials);
    list->trials = picked;
    list->count = kept;
    return HONE_OK;
}

static hone_status show_best(hone_study *study, hn_trial_list *list, const hn_measures *measures, size_t n,
                             hone_format format, const hone_sink *sink, hone_error *err)
{
    bool one = n == 1 && list->n_objectives == 1 && list->count == 1;
    hn_arena arena = HN_ARENA_INIT;
    hn_node *models = NULL;
    hone_status status = hn_kept_models_read(study, &arena, &models, err);
    if (!status && format == HONE_FORMAT_JSON && (one || models->count)) {
        status = show_best_json(list, one, models, sink, err);
    } else if (!status) {
        status = one && format == HONE_FORMAT_TEXT
                     ? show_one(study, list, sink, err)
                     : hn_show_trial_list(list, measures, -1, format, sink, err);
        if (!status && format == HONE_FORMAT_TEXT) {
            status = show_model_files(list, models, sink, err);
        }
    }
    hn_arena_release(&arena);
    return status;
}

hone_status hone_show_best(hone_study *study, size_t n, hone_format format, const hone_sink *sink,
                           hone_error *err)
{
    int64_t *numbers = NULL;
    size_t count = 0;
    hn_trial_list list = {0};
    hn_measures measures = {0};
    hone_status status = hone_study_best(study, n, &numbers, &count, err);
    if (!status && !count) {
        status = hn_fail(err, HONE_NOT_FOUND, "study '%s' has no complete, feasible trial yet",
                         hone_study_name(study));
    }
    if (!status) {
        status = hn_trial_list_read(study, &(hone_trial_query){.state = "complete"}, &list, err);
        if (!status) {
            status = hn_measures_read(&list, &measures, err);
            status = status ? status : pick(&list, numbers, count, err);
            status = status ? status : show_best(study, &list, &measures, n, format, sink, err);
            hn_trial_list_release(&list);
        }
    }
    hone_free(numbers);
    return status;
}
