/* What trials can be drawn by: parameters, values, times, attributes. */
#include <math.h>
#include <string.h>

#include "app/plot.h"
#include "app/show.h"
#include "base/node.h"
#include "base/number.h"
#include "base/text_map.h"
#include "view/trial_node.h"

typedef struct maker {
    const hn_plot_study *study;
    const hn_trial_list *list;
    hn_arena *arena;
    hn_plot_column column;
} maker;

static hone_status set_categories(maker *m, const char *const *texts, size_t n, hone_error *err)
{
    const char **copies = HN_ARENA_NEW(m->arena, const char *, n ? n : 1);
    for (size_t i = 0; copies && i < n; i++) {
        copies[i] = hn_arena_strdup(m->arena, texts[i]);
        copies = copies[i] ? copies : NULL;
    }
    m->column.axis.n_categories = copies ? n : 0;
    m->column.axis.categories = copies;
    return copies ? HONE_OK : hn_out_of_memory(err);
}

/* --- texts, told apart --- */

/* texts (trials,) NULL: not there. Numbers when all are, else categories by first appearance. */
static hone_status from_texts(maker *m, const char *const *texts, hone_error *err)
{
    hn_text_map seen = HN_TEXT_MAP_INIT;
    hone_status status = HONE_OK;
    bool numbers = true;
    for (size_t i = 0; i < m->list->count; i++) {
        numbers =
            numbers && (!texts[i] || hn_parse_double(texts[i], strlen(texts[i]), true, &m->column.values[i]));
    }
    for (size_t i = 0; !numbers && !status && i < m->list->count; i++) {
        size_t at = texts[i] ? hn_text_map_intern(&seen, texts[i]) : 0;
        status = at == HN_TEXT_MAP_NONE ? hn_out_of_memory(err) : HONE_OK;
        m->column.values[i] = texts[i] ? (double)at : NAN;
    }
    if (!status && seen.count) {
        status = set_categories(m, (const char *const *)seen.keys, seen.count, err);
    }
    hn_text_map_release(&seen);
    return status;
}

/* --- parameters --- */

static const char *value_text(hn_arena *arena, hone_value value)
{
    hn_buffer text = HN_BUFFER_INIT;
    hn_value_write(&text, value);
    const char *copy = hn_buffer_failed(&text) ? NULL : hn_arena_strdup(arena, hn_buffer_string(&text));
    hn_buffer_release(&text);
    return copy;
}

static hone_status from_choices(maker *m, const hn_distribution *d, hone_error *err)
{
    const char **texts = HN_ARENA_NEW(m->arena, const char *, d->n_choices);
    hone_status status = texts ? HONE_OK : hn_out_of_memory(err);
    for (size_t c = 0; !status && c < d->n_choices; c++) {
        size_t choice = d->order ? d->order[c] : c; /* numbers in their order */
        texts[c] = value_text(m->arena, d->choices[choice]);
        status = texts[c] ? HONE_OK : hn_out_of_memory(err);
    }
    m->column.axis.n_categories = d->n_choices;
    m->column.axis.categories = texts;
    for (size_t i = 0; !status && i < m->list->count; i++) {
        const hone_value *value = hn_trial_param_value(&m->list->trials[i], m->column.name);
        double raw;
        if (value && hn_distribution_from_value(m->column.name, d, *value, &raw, NULL) == HONE_OK) {
            m->column.values[i] = d->rank ? (double)d->rank[(size_t)raw] : raw;
        }
    }
    return status;
}

static hone_status from_values(maker *m, hone_error *err)
{
    const char **texts = HN_ARENA_NEW(m->arena, const char *, m->list->count + 1);
    bool numbers = true;
    if (!texts) {
        return hn_out_of_memory(err);
    }
    for (size_t i = 0; i < m->list->count; i++) {
        const hone_value *value = hn_trial_param_value(&m->list->trials[i], m->column.name);
        if (value && value->type == HONE_INT) {
            m->column.values[i] = (double)value->as.integer;
        } else if (value && value->type == HONE_FLOAT) {
            m->column.values[i] = value->as.real;
        } else if (value) {
            numbers = false;
        }
    }
    for (size_t i = 0; !numbers && i < m->list->count; i++) {
        const hone_value *value = hn_trial_param_value(&m->list->trials[i], m->column.name);
        if (value && !(texts[i] = value_text(m->arena, *value))) {
            return hn_out_of_memory(err);
        }
    }
    return numbers ? HONE_OK : from_texts(m, texts, err);
}

static hone_status from_param(maker *m, size_t param, hone_error *err)
{
    const hn_distribution *d = m->study->distributions[param];
    if (d && d->kind == HN_CATEGORICAL) {
        return from_choices(m, d, err);
    }
    m->column.axis.log = d && d->log;
    m->column.axis.whole = d && d->kind == HN_INTEGER;
    return from_values(m, err);
}

/* --- what every trial has --- */

typedef enum built_in { VALUE, NUMBER, STATE, DURATION, START, COMPLETE, STEP, WORKER, BUILT_INS } built_in;

static const char *const built_in_names[BUILT_INS] = {"value", "number",   "state", "duration",
                                                      "start", "complete", "step",  "worker"};

static double seconds_of(int64_t wall_us)
{
    return wall_us ? (double)wall_us / 1e6 : NAN;
}

static double built_in_value(built_in which, const hone_trial_info *trial)
{
    switch (which) {
    case VALUE: return hn_plot_value(trial, 0);
    case NUMBER: return (double)trial->number;
    case DURATION: return hn_trial_duration(trial);
    case START: return seconds_of(trial->start_us);
    case COMPLETE: return seconds_of(trial->complete_us);
    case STEP: return hn_trial_steps(trial) >= 0 ? (double)hn_trial_steps(trial) : NAN;
    case STATE:
    case WORKER:
    case BUILT_INS: break;
    }
    return NAN;
}

static hone_status from_built_in(maker *m, built_in which, hone_error *err)
{
    static const char *const titles[BUILT_INS] = {NULL,      "trial",     NULL,        "duration (s)",
                                                  "started", "completed", "last step", NULL};
    const char **texts = HN_ARENA_NEW(m->arena, const char *, m->list->count + 1);
    if (!texts) {
        return hn_out_of_memory(err);
    }
    m->column.axis.title = titles[which] ? titles[which] : m->column.name;
    m->column.axis.whole = which == NUMBER || which == STEP;
    m->column.axis.time = which == START || which == COMPLETE;
    for (size_t i = 0; i < m->list->count; i++) {
        const hone_trial_info *trial = &m->list->trials[i];
        m->column.values[i] = built_in_value(which, trial);
        texts[i] = which == STATE                     ? hn_trial_state_word(trial)
                   : which == WORKER && trial->worker ? hn_worker_text(m->arena, trial->worker)
                                                      : NULL;
    }
    m->column.axis.log = which == DURATION && hn_plot_spreads(m->column.values, m->list->count);
    return which == STATE || which == WORKER ? from_texts(m, texts, err) : HONE_OK;
}

static void from_objective(maker *m, size_t objective)
{
    m->column.axis.title = m->list->metrics[objective];
    m->column.axis.better = hn_plot_better(m->study, objective);
    for (size_t i = 0; i < m->list->count; i++) {
        m->column.values[i] = hn_plot_value(&m->list->trials[i], objective);
    }
    m->column.axis.log = hn_plot_spreads(m->column.values, m->list->count);
}

/* --- attributes --- */

static const char *attribute_of(const hone_trial_info *trial, const char *key)
{
    for (size_t i = 0; i < trial->n_attributes; i++) {
        if (!strcmp(trial->attribute_keys[i], key)) {
            return trial->attribute_json[i];
        }
    }
    return NULL;
}

/* A string without its quotes; "nan" and "inf" are numbers, as JSON has no others. */
static const char *plain_text(hn_arena *arena, const char *json)
{
    hn_node *node;
    if (json[0] != '"' || hn_json_parse(arena, "attribute", json, strlen(json), &node, NULL)) {
        return json;
    }
    return node->kind == HN_STRING ? node->as.string : json;
}

static hone_status from_attribute(maker *m, const char *key, bool *found, hone_error *err)
{
    const char **texts = HN_ARENA_NEW(m->arena, const char *, m->list->count + 1);
    if (!texts) {
        return hn_out_of_memory(err);
    }
    for (size_t i = 0; i < m->list->count; i++) {
        const char *json = attribute_of(&m->list->trials[i], key);
        texts[i] = json && strcmp(json, "null") != 0 ? plain_text(m->arena, json) : NULL;
        *found = *found || json;
    }
    return from_texts(m, texts, err);
}

/* --- any of them --- */

static hone_status refuse(const maker *m, const char *name, hone_error *err)
{
    const hn_trial_list *list = m->list;
    size_t n = 0;
    const char **names =
        HN_ARENA_NEW(m->arena, const char *, list->params.count + list->n_objectives + BUILT_INS);
    for (size_t i = 0; names && i < list->params.count; i++) {
        names[n++] = list->params.keys[i];
    }
    for (size_t i = 0; names && i < list->n_objectives; i++) {
        names[n++] = list->metrics[i];
    }
    for (size_t i = 0; names && i < BUILT_INS; i++) {
        names[n++] = built_in_names[i];
    }
    const char *near = names ? hn_nearest_name(name, names, n) : NULL;
    return near
               ? hn_fail(err, HONE_NOT_FOUND, "plot: trials have no '%.60s' (did you mean '%s'?)", name, near)
               : hn_fail(
                     err, HONE_NOT_FOUND,
                     "plot: trials have no '%.60s'; there are their parameters, metrics and attributes, and "
                     "value, number, state, duration, start, complete, step, worker",
                     name);
}

static size_t find_name(const char *const *names, size_t n, const char *name)
{
    size_t i = 0;
    while (i < n && strcmp(names[i], name) != 0) {
        i++;
    }
    return i;
}

static hone_status fill(maker *m, const char *name, hone_error *err)
{
    const hn_trial_list *list = m->list;
    size_t param = hn_text_map_find(&list->params, name);
    if (param != HN_TEXT_MAP_NONE) {
        return from_param(m, param, err);
    }
    size_t objective = find_name(list->metrics, list->n_objectives, name);
    objective = !strcmp(name, "value") ? 0 : objective;
    if (objective < list->n_objectives) {
        from_objective(m, objective);
        return HONE_OK;
    }
    size_t built = find_name(built_in_names, BUILT_INS, name);
    if (built < BUILT_INS) {
        return from_built_in(m, (built_in)built, err);
    }
    bool found = false;
    hone_status status = from_attribute(m, name, &found, err);
    return status || found ? status : refuse(m, name, err);
}

hone_status hn_plot_column_make(const hn_plot_study *study, const char *name, hn_arena *arena,
                                hn_plot_column *column, hone_error *err)
{
    maker m = {.study = study, .list = &study->trials, .arena = arena};
    m.column.name = m.column.axis.title = hn_arena_strdup(arena, name);
    m.column.values = HN_ARENA_NEW(arena, double, study->trials.count + 1);
    if (!m.column.name || !m.column.values) {
        return hn_out_of_memory(err);
    }
    for (size_t i = 0; i < study->trials.count; i++) {
        m.column.values[i] = NAN;
    }
    hone_status status = fill(&m, name, err);
    if (!status) {
        *column = m.column;
    }
    return status;
}

hone_status hn_plot_params(const hn_plot_study *study, const hone_plot_options *options, hn_arena *arena,
                           const char *const **names, size_t *n, hone_error *err)
{
    const hn_text_map *params = &study->trials.params;
    size_t count = options->n_params ? options->n_params : params->count;
    const char **chosen = HN_ARENA_NEW(arena, const char *, count + 1);
    if (!chosen) {
        return hn_out_of_memory(err);
    }
    for (size_t i = 0; i < count; i++) {
        const char *name = options->n_params ? options->params[i] : params->keys[i];
        size_t at = hn_text_map_find(params, name);
        if (at == HN_TEXT_MAP_NONE) {
            const char *near = hn_nearest_name(name, (const char *const *)params->keys, params->count);
            return hn_fail(err, HONE_NOT_FOUND, "plot: study '%s' has no parameter '%.60s'%s%s%s",
                           study->name, name, near ? " (did you mean '" : "", near ? near : "",
                           near ? "'?)" : "");
        }
        chosen[i] = params->keys[at];
    }
    *names = chosen;
    *n = count;
    return HONE_OK;
}
