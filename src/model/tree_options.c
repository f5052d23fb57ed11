#include "model/tree_options.h"

#include <math.h>
#include <string.h>

static bool is_text(const hn_node *node, const char *text)
{
    return node && node->kind == HN_STRING && strcmp(node->as.string, text) == 0;
}

/* --- max_features ------------------------------------------------------------------------------------------
 */

hone_status hn_tree_check_features(const char *model, const hn_node *given, hone_error *err)
{
    double value;
    if (!given || given->kind == HN_NULL || is_text(given, "sqrt") || is_text(given, "log2") ||
        is_text(given, "all") || is_text(given, "auto"))
        return HONE_OK;
    if (hn_node_double(given, &value) &&
        ((value > 0 && value <= 1) || (value > 1 && value <= INT32_MAX && value == floor(value))))
        return HONE_OK;
    hn_arena arena = HN_ARENA_INIT;
    hone_status status =
        hn_fail_at(err, HONE_INVALID, given->at,
                   "model %s: max_features is %s; allowed are sqrt, log2, all, a number of columns "
                   "and a fraction above 0.0 up to 1.0",
                   model, hn_node_describe(&arena, given));
    hn_arena_release(&arena);
    return status;
}

size_t hn_tree_features(const hn_node *given, const char *fallback, size_t d)
{
    double count = (double)d;
    const char *name = given && given->kind == HN_STRING ? given->as.string : "all";
    if (strcmp(name, "auto") == 0)
        name = fallback;
    if (given && given->kind == HN_INT)
        count = (double)given->as.integer;
    else if (given && given->kind == HN_DOUBLE)
        count = given->as.real <= 1 ? given->as.real * (double)d : given->as.real;
    else if (strcmp(name, "sqrt") == 0)
        count = sqrt((double)d);
    else if (strcmp(name, "log2") == 0)
        count = log2((double)d);
    count = fmin(floor(count), (double)d);
    return count >= 1 ? (size_t)count : 1;
}

/* --- class_weight ------------------------------------------------------------------------------------------
 */

hone_status hn_tree_check_class_weight(const char *model, const hn_node *given, hn_model_task task,
                                       hone_error *err)
{
    if (!given || given->kind == HN_NULL || is_text(given, "none"))
        return HONE_OK;
    if (task == HN_TASK_REGRESSION)
        return hn_fail_at(err, HONE_INVALID, given->at, "model %s: class_weight is for classification only",
                          model);
    if (is_text(given, "balanced"))
        return HONE_OK;
    if (given->kind != HN_MAP)
        return hn_fail_at(err, HONE_INVALID, given->at,
                          "model %s: class_weight must be none, balanced or a map of classes to numbers",
                          model);
    for (size_t i = 0; i < given->count; i++) {
        double factor;
        if (!hn_node_double(given->as.entries[i].value, &factor) || !(factor > 0) || !(factor < 1e12))
            return hn_fail_at(err, HONE_INVALID, given->as.entries[i].at,
                              "model %s: class_weight of class %.60s must be a number above 0, below 1e12",
                              model, given->as.entries[i].key);
    }
    return HONE_OK;
}

/* Factors of a map; classes it does not name have 1. */
static hone_status named_factors(const char *model, const hn_node *map, const hn_design *train,
                                 double *factor, hone_error *err)
{
    for (size_t i = 0; i < map->count; i++) {
        size_t k = 0;
        while (train->classes && k < train->n_classes &&
               strcmp(train->classes[k], map->as.entries[i].key) != 0)
            k++;
        if (!train->classes || k == train->n_classes)
            return hn_fail_at(
                err, HONE_INVALID, map->as.entries[i].at,
                "model %s: class_weight names the class \"%.60s\", which the target does not have", model,
                map->as.entries[i].key);
        hn_node_double(map->as.entries[i].value, &factor[k]);
    }
    return HONE_OK;
}

/* rows / (classes that occur * rows of the class). */
static void balanced_factors(const hn_design *train, double *factor)
{
    double present = 0;
    for (size_t k = 0; k < train->n_classes; k++)
        factor[k] = 0;
    for (size_t i = 0; i < train->n; i++)
        factor[(size_t)train->y[i]]++;
    for (size_t k = 0; k < train->n_classes; k++)
        present += factor[k] > 0;
    for (size_t k = 0; k < train->n_classes; k++)
        factor[k] = factor[k] > 0 ? (double)train->n / (present * factor[k]) : 1;
}

hone_status hn_tree_row_weights(const char *model, const hn_node *class_weight, const hn_design *train,
                                hn_arena *scratch, const double **weight, hone_error *err)
{
    bool is_map = class_weight && class_weight->kind == HN_MAP;
    *weight = train->weight;
    if (!train->n_classes || (!is_map && !is_text(class_weight, "balanced")))
        return HONE_OK;
    double *factor = HN_ARENA_NEW(scratch, double, train->n_classes);
    double *out = HN_ARENA_NEW(scratch, double, train->n);
    if (!factor || !out)
        return hn_out_of_memory(err);
    for (size_t k = 0; k < train->n_classes; k++)
        factor[k] = 1;
    hone_status status = is_map ? named_factors(model, class_weight, train, factor, err) : HONE_OK;
    if (status)
        return status;
    if (!is_map)
        balanced_factors(train, factor);
    for (size_t i = 0; i < train->n; i++)
        out[i] = (train->weight ? train->weight[i] : 1) * factor[(size_t)train->y[i]];
    *weight = out;
    return HONE_OK;
}
