#include "view/trial_fields.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "view/trial_node.h"

static const char *const state_names[] = {"running", "complete", "pruned", "failed", "waiting"};

static hn_distribution any_number(void)
{
    return (hn_distribution){.kind = HN_FLOAT, .low = -DBL_MAX, .high = DBL_MAX};
}

static bool is_number(hone_value value)
{
    return value.type == HONE_INT || value.type == HONE_FLOAT;
}

/* A parameter that was not declared: a number, or one of the values seen. */
static hone_status seen_distribution(hn_trial_list *list, const char *name, hn_distribution *out,
                                     hone_error *err)
{
    enum { MAX_CHOICES = 1000 };
    hone_value *values = HN_ARENA_NEW(&list->arena, hone_value, MAX_CHOICES);
    if (!values) {
        return hn_out_of_memory(err);
    }
    size_t n = 0;
    bool numbers = true;
    for (size_t i = 0; i < list->count && n < MAX_CHOICES; i++) {
        const hone_value *value = hn_trial_param_value(&list->trials[i], name);
        bool known = !value;
        for (size_t k = 0; k < n && !known; k++) {
            known = hn_value_equal(values[k], *value);
        }
        if (!known) {
            values[n++] = *value;
            numbers = numbers && is_number(*value);
        }
    }
    if (numbers) {
        *out = any_number();
        return HONE_OK;
    }
    hn_position nowhere = {0};
    return hn_distribution_categorical(&list->arena, name, values, n, false, nowhere, out, err);
}

static hone_status param_distribution(hn_trial_list *list, const char *name, hn_distribution *out,
                                      hone_error *err)
{
    size_t declared = list->space ? hn_space_find(list->space, name) : SIZE_MAX;
    if (declared == SIZE_MAX) {
        return seen_distribution(list, name, out, err);
    }
    const hn_distribution *distribution = &list->space->parameters[declared].distribution;
    *out =
        distribution->kind == HN_CATEGORICAL ? *distribution : any_number(); /* bounds may have been others */
    return HONE_OK;
}

static bool taken(const hn_fields *fields, const char *name)
{
    for (size_t i = 0; i < fields->count; i++) {
        if (strcmp(fields->items[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

static void add(hn_fields *fields, hn_field field)
{
    if (!taken(fields, field.name)) {
        fields->items[fields->count++] = field;
    }
}

static hone_status state_distribution(hn_trial_list *list, hn_distribution *out, hone_error *err)
{
    hone_value names[sizeof state_names / sizeof *state_names];
    size_t n = sizeof names / sizeof *names;
    for (size_t i = 0; i < n; i++) {
        names[i] = (hone_value){.type = HONE_STRING, .as.string = state_names[i]};
    }
    hn_position nowhere = {0};
    return hn_distribution_categorical(&list->arena, "state", names, n, false, nowhere, out, err);
}

hone_status hn_fields_make(hn_trial_list *list, hn_fields *fields, hone_error *err)
{
    enum { BUILT_IN = 4 };
    hn_fields made = {
        .items = HN_ARENA_NEW(&list->arena, hn_field, list->params.count + list->n_objectives + BUILT_IN)};
    if (!made.items) {
        return hn_out_of_memory(err);
    }
    for (size_t i = 0; i < list->params.count; i++) {
        hn_field field = {.name = list->params.keys[i], .kind = HN_FIELD_PARAM};
        hone_status status = param_distribution(list, field.name, &field.distribution, err);
        if (status) {
            return status;
        }
        made.items[made.count++] = field;
    }
    hn_field state = {.name = "state", .kind = HN_FIELD_STATE};
    hone_status status = state_distribution(list, &state.distribution, err);
    if (status) {
        return status;
    }
    for (size_t i = 0; i < list->n_objectives; i++) {
        add(&made, (hn_field){list->metrics[i], HN_FIELD_VALUE, i, any_number()});
    }
    add(&made, (hn_field){"value", HN_FIELD_VALUE, 0, any_number()});
    add(&made, (hn_field){"number", HN_FIELD_NUMBER, 0, any_number()});
    add(&made, (hn_field){"duration", HN_FIELD_DURATION, 0, any_number()});
    add(&made, state);
    *fields = made;
    return HONE_OK;
}

bool hn_field_get(const hn_field *field, const hone_trial_info *trial, double *raw)
{
    const hone_value *value;
    double seconds;
    switch (field->kind) {
    case HN_FIELD_NUMBER: *raw = (double)trial->number; return true;
    case HN_FIELD_STATE: *raw = (double)trial->state; return true;
    case HN_FIELD_VALUE:
        if (field->objective >= trial->n_values) {
            return false;
        }
        *raw = trial->values[field->objective];
        return true;
    case HN_FIELD_DURATION:
        seconds = hn_trial_duration(trial);
        if (!isnan(seconds)) {
            *raw = seconds;
        }
        return !isnan(seconds);
    case HN_FIELD_PARAM: break;
    }
    value = hn_trial_param_value(trial, field->name);
    if (!value) {
        return false;
    }
    if (field->distribution.kind != HN_CATEGORICAL) {
        *raw = value->type == HONE_INT ? (double)value->as.integer : value->as.real;
        return is_number(*value);
    }
    return hn_distribution_from_value(field->name, &field->distribution, *value, raw, NULL) == HONE_OK;
}

hone_status hn_field_find(const hn_fields *fields, const char *name, const hn_field **field, hone_error *err)
{
    const char *names[64];
    size_t n = 0;
    for (size_t i = 0; i < fields->count; i++) {
        if (strcmp(fields->items[i].name, name) == 0) {
            *field = &fields->items[i];
            return HONE_OK;
        }
        if (n < sizeof names / sizeof *names) {
            names[n++] = fields->items[i].name;
        }
    }
    const char *near = hn_nearest_name(name, names, n);
    if (near) {
        return hn_fail(err, HONE_NOT_FOUND, "sort: trials have no '%s' (did you mean '%s'?)", name, near);
    }
    return hn_fail(
        err, HONE_NOT_FOUND,
        "sort: trials have no '%s'; there are number, value, duration, state, the parameters and metrics",
        name);
}
