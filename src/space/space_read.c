/* space/space_read.c: one entry of the `space:` mapping becomes a parameter. */
#include <math.h>
#include <string.h>

#include "base/log.h"
#include "base/number.h"
#include "space/internal.h"

/* What is being read: every message names the parameter and points at the node at fault. */
typedef struct reader {
    hn_arena *arena;
    const char *name;
    const hn_node *spec;
    hone_error *err;
} reader;

typedef struct parameter_form {
    const char *key;
    hone_status (*read)(const reader *r, const hn_node *value, hn_distribution *out);
    const char *const *allowed; /* the keys beside it, and itself */
    size_t n_allowed;
} parameter_form;

static hone_status wrong_type(const reader *r, const char *key, const hn_node *found, const char *wanted)
{
    return hn_fail_at(r->err, HONE_INVALID, found->at, "%s: %s must be %s, found %s", r->name, key, wanted,
                      hn_node_describe(r->arena, found));
}

static hone_status read_flag(const reader *r, const char *key, bool *flag)
{
    const hn_node *node = hn_map_get(r->spec, key);
    *flag = node != NULL && node->kind == HN_BOOL && node->as.boolean;
    return node == NULL || node->kind == HN_BOOL ? HONE_OK : wrong_type(r, key, node, "true or false");
}

static hone_status check_bounds(const reader *r, const char *key, const hn_node *bounds)
{
    if (bounds->kind != HN_LIST || bounds->count != 2)
        return wrong_type(r, key, bounds, "a list of two numbers, [low, high]");
    return HONE_OK;
}

static void warn_clipped(const reader *r, const char *key, const hn_node *high, const hn_distribution *made)
{
    hn_buffer text = HN_BUFFER_INIT;
    hn_distribution_describe(&text, made);
    hn_log(HN_LOG_WARNING, "%s: %s does not reach high %s: it is now %s", r->name, key,
           hn_node_describe(r->arena, high), hn_buffer_string(&text));
    hn_buffer_release(&text);
}

static hone_status read_float(const reader *r, const hn_node *bounds, hn_distribution *out)
{
    double limits[2], step = 0;
    bool log = false, clipped = false;
    const hn_node *step_node = hn_map_get(r->spec, "step");
    hone_status status = check_bounds(r, "float", bounds);
    for (size_t i = 0; i < 2 && status == HONE_OK; i++)
        if (!hn_node_double(bounds->as.items[i], &limits[i]))
            status = wrong_type(r, "a bound of float", bounds->as.items[i], "a number");
    if (status == HONE_OK)
        status = read_flag(r, "log", &log);
    if (status == HONE_OK && step_node != NULL && (!hn_node_double(step_node, &step) || !(step > 0)))
        status = wrong_type(r, "step", step_node, "a number above 0");
    if (status == HONE_OK)
        status = hn_distribution_float(r->name, limits[0], limits[1], step, log, bounds->at, out, &clipped,
                                       r->err);
    if (status == HONE_OK && clipped)
        warn_clipped(r, "step", bounds->as.items[1], out);
    return status;
}

/* low, low * factor, low * factor^2 ... up to high: an ordinal. */
static hone_status read_factor(const reader *r, const hn_node *bounds, int64_t low, int64_t high,
                               hn_distribution *out)
{
    enum { MAX_VALUES = 64 }; /* factor >= 2 doubles past int64 by then */
    hone_value values[MAX_VALUES];
    const hn_node *node = hn_map_get(r->spec, "factor");
    int64_t factor;
    size_t n = 0;
    if (!hn_node_int(node, &factor) || factor < 2)
        return wrong_type(r, "factor", node, "an integer of at least 2");
    if (hn_map_get(r->spec, "step") != NULL || hn_map_get(r->spec, "log") != NULL)
        return hn_fail_at(r->err, HONE_INVALID, node->at, "%s: factor excludes step and log: drop them",
                          r->name);
    if (low < 1)
        return hn_fail_at(r->err, HONE_INVALID, bounds->at,
                          "%s: factor needs a low of at least 1, found %lld", r->name, (long long)low);
    if (low < high && factor > high / low)
        return hn_fail_at(r->err, HONE_INVALID, node->at,
                          "%s: factor %lld is larger than the range %lld .. %lld", r->name, (long long)factor,
                          (long long)low, (long long)high);
    int64_t value = low;
    for (;; value *= factor) {
        values[n++] = (hone_value){.type = HONE_INT, .as.integer = value};
        if (value > high / factor)
            break;
    }
    hone_status status =
        hn_distribution_categorical(r->arena, r->name, values, n, true, bounds->at, out, r->err);
    if (status == HONE_OK && value != high)
        warn_clipped(r, "factor", bounds->as.items[1], out);
    return status;
}

static hone_status read_integer(const reader *r, const hn_node *bounds, hn_distribution *out)
{
    int64_t limits[2], step = 1;
    bool log = false, clipped = false;
    const hn_node *step_node = hn_map_get(r->spec, "step");
    hone_status status = check_bounds(r, "int", bounds);
    for (size_t i = 0; i < 2 && status == HONE_OK; i++)
        if (!hn_node_int(bounds->as.items[i], &limits[i]))
            status = wrong_type(r, "a bound of int", bounds->as.items[i], "an integer");
    if (status == HONE_OK)
        status = read_flag(r, "log", &log);
    if (status == HONE_OK && step_node != NULL && !hn_node_int(step_node, &step))
        status = wrong_type(r, "step", step_node, "an integer");
    if (status != HONE_OK)
        return status;
    /* Checked before a factor too: its range is that of an integer. */
    status =
        hn_distribution_integer(r->name, limits[0], limits[1], step, log, bounds->at, out, &clipped, r->err);
    if (status == HONE_OK && hn_map_get(r->spec, "factor") != NULL)
        return read_factor(r, bounds, limits[0], limits[1], out);
    if (status == HONE_OK && clipped)
        warn_clipped(r, "step", bounds->as.items[1], out);
    return status;
}

static hone_status read_choices(const reader *r, const char *key, const hn_node *list, bool ordinal,
                                hn_distribution *out)
{
    if (list->kind != HN_LIST)
        return wrong_type(r, key, list, "a list");
    hone_value *choices = HN_ARENA_NEW(r->arena, hone_value, list->count);
    if (choices == NULL)
        return hn_out_of_memory(r->err);
    for (size_t i = 0; i < list->count; i++) {
        if (list->as.items[i]->kind == HN_LIST || list->as.items[i]->kind == HN_MAP)
            return wrong_type(r, "a choice", list->as.items[i], "a text, a number, true, false or null");
        choices[i] = hn_value_from_node(list->as.items[i]);
    }
    return hn_distribution_categorical(r->arena, r->name, choices, list->count, ordinal, list->at, out,
                                       r->err);
}

static hone_status read_choice(const reader *r, const hn_node *list, hn_distribution *out)
{
    return read_choices(r, "choice", list, false, out);
}

static hone_status read_ordinal(const reader *r, const hn_node *list, hn_distribution *out)
{
    return read_choices(r, "ordinal", list, true, out);
}

static const char *const float_keys[] = {"float", "log", "step", "when", "prior"};
static const char *const integer_keys[] = {"int", "log", "step", "factor", "when", "prior"};
static const char *const choice_keys[] = {"choice", "when"};
static const char *const ordinal_keys[] = {"ordinal", "when"};
static const char *const all_keys[] = {"float", "int",    "choice", "ordinal", "log",
                                       "step",  "factor", "when",   "prior"};
static const char *const prior_keys[] = {"mean", "guess", "width"};

#define KEYS(list) list, sizeof(list) / sizeof *(list)

static const parameter_form forms[] = {
    {"float", read_float, KEYS(float_keys)},
    {"int", read_integer, KEYS(integer_keys)},
    {"choice", read_choice, KEYS(choice_keys)},
    {"ordinal", read_ordinal, KEYS(ordinal_keys)},
};

enum { N_FORMS = sizeof forms / sizeof *forms };

static hone_status find_form(const reader *r, const parameter_form **form)
{
    *form = NULL;
    for (size_t i = 0; i < N_FORMS; i++) {
        if (hn_map_get(r->spec, forms[i].key) == NULL)
            continue;
        if (*form != NULL)
            return hn_fail_at(r->err, HONE_INVALID, r->spec->at, "%s: %s and %s exclude each other: keep one",
                              r->name, (*form)->key, forms[i].key);
        *form = &forms[i];
    }
    if (*form != NULL)
        return hn_map_check_keys(r->spec, r->name, (*form)->allowed, (*form)->n_allowed, r->err);
    hone_status status = hn_map_check_keys(r->spec, r->name, KEYS(all_keys), r->err);
    return status != HONE_OK ? status
                             : hn_fail_at(r->err, HONE_INVALID, r->spec->at,
                                          "%s: one of float, int, choice and ordinal is needed", r->name);
}

/* --- prior and condition --- */

static hone_status read_prior_number(const reader *r, const hn_node *prior, const char *key, double *value)
{
    const hn_node *node = hn_map_get(prior, key);
    if (node == NULL)
        return hn_fail_at(r->err, HONE_INVALID, prior->at, "%s: prior needs mean and width", r->name);
    return hn_node_double(node, value) && isfinite(*value) ? HONE_OK
                                                           : wrong_type(r, key, node, "a finite number");
}

static hone_status read_prior(const reader *r, const hn_distribution *distribution, hn_prior *prior)
{
    const hn_node *node = hn_map_get(r->spec, "prior");
    if (node == NULL)
        return HONE_OK;
    if (node->kind != HN_MAP)
        return wrong_type(r, "prior", node, "a map such as {mean: 0.1, width: 0.05}");
    if (distribution->kind == HN_CATEGORICAL)
        return hn_fail_at(r->err, HONE_UNSUPPORTED, node->at, "%s: a prior needs float or int without factor",
                          r->name);
    const char *mean_key =
        hn_map_get(node, "mean") == NULL && hn_map_get(node, "guess") != NULL ? "guess" : "mean";
    double mean = 0, width = 0, least = distribution->log ? 1 : 0;
    hone_status status = hn_map_check_keys(node, "prior", KEYS(prior_keys), r->err);
    if (status == HONE_OK && hn_map_get(node, "mean") != NULL && hn_map_get(node, "guess") != NULL)
        status =
            hn_fail_at(r->err, HONE_INVALID, node->at, "%s: mean and guess mean the same: keep one", r->name);
    if (status == HONE_OK)
        status = read_prior_number(r, node, mean_key, &mean);
    if (status == HONE_OK)
        status = read_prior_number(r, node, "width", &width);
    if (status == HONE_OK && !(mean >= distribution->low && mean <= distribution->high))
        status = wrong_type(r, mean_key, hn_map_get(node, mean_key), "within the bounds");
    if (status == HONE_OK && !(width > least))
        status = wrong_type(r, "width", hn_map_get(node, "width"),
                            distribution->log ? "a factor above 1 (the parameter is log)" : "above 0");
    if (status == HONE_OK)
        *prior = (hn_prior){.kind = HN_PRIOR_NORMAL, .mean = mean, .width = width};
    return status;
}

static hone_status read_condition(const reader *r, hn_condition **when)
{
    const hn_node *node = hn_map_get(r->spec, "when");
    if (node == NULL)
        return HONE_OK;
    if (node->kind != HN_STRING)
        return wrong_type(r, "when", node, "a condition such as layers > 1");
    return hn_condition_parse(r->arena, node->as.string, hn_text_position(node), when, r->err);
}

static hone_status read_constant(const reader *r, hn_distribution *out)
{
    const hn_node *node = r->spec;
    int64_t integer = node->kind == HN_INT ? node->as.integer : 0;
    hone_value value = hn_value_from_node(node);
    switch (node->kind) {
    case HN_INT:
        return hn_distribution_integer(r->name, integer, integer, 1, false, node->at, out, NULL, r->err);
    case HN_DOUBLE:
        return hn_distribution_float(r->name, node->as.real, node->as.real, 0, false, node->at, out, NULL,
                                     r->err);
    case HN_NULL:
    case HN_BOOL:
    case HN_STRING:
        return hn_distribution_categorical(r->arena, r->name, &value, 1, false, node->at, out, r->err);
    case HN_LIST:
    case HN_MAP: break;
    }
    return hn_fail_at(r->err, HONE_INVALID, node->at, "%s: a list of values is written {choice: [...]}",
                      r->name);
}

static hone_status check_name(const char *name, hn_position at, hone_error *err)
{
    if (name[0] == '\0')
        return hn_fail_at(err, HONE_INVALID, at, "a parameter has an empty name");
    if (strlen(name) > HN_MAX_NAME_BYTES)
        return hn_fail_at(err, HONE_LIMIT, at, "the parameter name '%.40s...' is longer than %d bytes", name,
                          HN_MAX_NAME_BYTES);
    return HONE_OK;
}

hone_status hn_parameter_read(hn_arena *arena, const hn_map_entry *entry, hn_parameter *parameter,
                              hone_error *err)
{
    hn_parameter made = {.name = hn_arena_strdup(arena, entry->key), .at = entry->at};
    reader r = {.arena = arena, .name = made.name, .spec = entry->value, .err = err};
    const parameter_form *form = NULL;
    if (made.name == NULL)
        return hn_out_of_memory(err);
    hone_status status = check_name(made.name, entry->at, err);
    if (status == HONE_OK && r.spec->kind != HN_MAP) {
        status = read_constant(&r, &made.distribution);
    } else if (status == HONE_OK) {
        status = find_form(&r, &form);
        if (status == HONE_OK)
            status = form->read(&r, hn_map_get(r.spec, form->key), &made.distribution);
        if (status == HONE_OK)
            status = read_prior(&r, &made.distribution, &made.prior);
        if (status == HONE_OK)
            status = read_condition(&r, &made.when);
    }
    if (status == HONE_OK)
        *parameter = made;
    return status;
}
