/* The one-standard-error rule: of the trials whose score cannot be told from the best, the simplest (Breiman,
 * Friedman, Olshen & Stone 1984, section 3.4.3). What is simple is the model's to say (model/model.h); of
 * settings that are equal in that, one with fewer columns selected.
 */
#include <math.h>
#include <string.h>

#include "app/model_job_parts.h"
#include "base/memory.h"
#include "base/number.h"

/* A trial's setting, filled in. */
typedef struct setting {
    int64_t number;
    double value, columns; /* columns: as many as were selected, infinity for all */
    void *config;
} setting;

typedef struct search {
    hn_model_job *job;
    bool maximize;
    double limit; /* the worst value that counts */
    setting simplest;
    hn_arena *arena;
    hone_status status;
    hone_error *err;
} search;

static hone_status fill(search *s, const hone_trial_info *trial, setting *out)
{
    const hn_plan_model *model = &s->job->plan->model;
    const hn_model_type *type = model->type;
    hn_preprocess_options before;
    hn_node *params = hn_trial_params_map(s->arena, trial);
    hn_node *settings = params ? hn_options_substitute(s->arena, model->options, params) : NULL;
    *out = (setting){.number = trial->number, .value = trial->values[0]};
    out->config = hn_arena_alloc(s->arena, 1, type->options.config_size);
    if (!settings || !out->config) {
        return hn_out_of_memory(s->err);
    }
    hone_status status = hn_preprocess_read(s->arena, model->preprocess, params, &before, s->err);
    out->columns = before.select ? (double)before.select : INFINITY;
    return status ? status
                  : hn_model_configure(type, s->job->dataset->task, s->arena, settings, out->config, s->err);
}

/* Negative when a is to be taken rather than b. *option as in hn_model_compare; NULL when it is not one of
 * the model's. */
static int compare(const search *s, const setting *a, const setting *b, const hn_option **option)
{
    *option = NULL;
    int order = hn_model_compare(s->job->plan->model.type, a->config, b->config, option);
    if (order || a->columns != b->columns) {
        return order ? order : a->columns < b->columns ? -1 : 1;
    }
    if (a->value != b->value) {
        return (a->value > b->value) == s->maximize ? -1 : 1;
    }
    return a->number < b->number ? -1 : a->number > b->number;
}

static bool counts(const search *s, const hone_trial_info *trial)
{
    bool feasible = trial->state == HONE_COMPLETE && trial->n_values == 1;
    for (size_t i = 0; i < trial->n_constraints; i++) {
        feasible = feasible && trial->constraints[i] <= 0;
    }
    return feasible && (s->maximize ? trial->values[0] >= s->limit : trial->values[0] <= s->limit);
}

static bool visit(void *user, const hone_trial_info *trial)
{
    search *s = user;
    const hn_option *option;
    setting one;
    if (!counts(s, trial)) {
        return true;
    }
    s->status = fill(s, trial, &one);
    if (!s->status && compare(s, &one, &s->simplest, &option) < 0) {
        s->simplest = one;
    }
    return !s->status;
}

static void write_choice(hn_buffer *out, const hn_option *option, const void *config)
{
    const void *field = (const char *)config + option->offset;
    char text[HN_NUMBER_SIZE] = "null";
    if (option->type == HN_OPTION_CHOICE) {
        hn_buffer_text(out, option->choices[*(const int *)field]);
        return;
    }
    if (option->type == HN_OPTION_INT && (*(const int64_t *)field || option->default_text)) {
        hn_format_short(text, (double)*(const int64_t *)field, 5);
    } else if (option->type == HN_OPTION_DOUBLE && !isnan(*(const double *)field)) {
        hn_format_short(text, *(const double *)field, 5);
    } else if (option->type == HN_OPTION_NODE && *(const hn_node *const *)field) {
        double value = 0;
        hn_node_double(*(const hn_node *const *)field, &value);
        hn_format_short(text, value, 5);
    }
    hn_buffer_text(out, text);
}

/* "0.951 is within one standard error (0.006) of 0.955, with n_estimators 40 rather than 300" */
static const char *explain(const search *s, const setting *best, double standard_error)
{
    char value[HN_NUMBER_SIZE], error[HN_NUMBER_SIZE], best_value[HN_NUMBER_SIZE];
    const hn_option *option;
    hn_buffer text = HN_BUFFER_INIT;
    hn_format_short(value, s->simplest.value, 5);
    hn_format_short(error, standard_error, 2);
    hn_format_short(best_value, best->value, 5);
    compare(s, &s->simplest, best, &option);
    hn_buffer_printf(&text, "%s is within one standard error (%s) of %s", value, error, best_value);
    if (option) {
        hn_buffer_printf(&text, ", with %s ", option->name);
        write_choice(&text, option, s->simplest.config);
        hn_buffer_text(&text, " rather than ");
        write_choice(&text, option, best->config);
    } else if (s->simplest.columns < best->columns) {
        hn_format_short(value, s->simplest.columns, 5);
        hn_buffer_printf(&text, ", with %s columns selected rather than ", value);
        hn_format_short(value, best->columns, 5);
        hn_buffer_text(&text, isinf(best->columns) ? "all" : value);
    }
    const char *copy =
        hn_buffer_failed(&text) ? NULL : hn_arena_strdup(&s->job->arena, hn_buffer_string(&text));
    hn_buffer_release(&text);
    return copy;
}

hone_status hn_model_job_simplest(hn_model_job *job, hone_study *study, const hone_trial_info *best,
                                  double standard_error, int64_t *number, const char **why, hone_error *err)
{
    const char *name;
    hn_arena arena = HN_ARENA_INIT;
    search s = {.job = job, .arena = &arena, .err = err};
    setting first;
    s.maximize = hone_study_objective(study, 0, &name) == HONE_MAXIMIZE;
    s.limit = best->values[0] + (s.maximize ? -standard_error : standard_error);
    hone_status status = fill(&s, best, &first);
    s.simplest = first;
    if (!status) {
        status = hone_study_each(study, visit, &s, err);
    }
    status = status ? status : s.status;
    if (!status) {
        *number = s.simplest.number;
        *why = first.number == *number ? NULL : explain(&s, &first, standard_error);
        status = *why || first.number == *number ? HONE_OK : hn_out_of_memory(err);
    }
    hn_arena_release(&arena);
    return status;
}
