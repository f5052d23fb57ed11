#include "model/row_weight.h"

#include <string.h>

static bool is_text(const hn_node *node, const char *text)
{
    return node && node->kind == HN_STRING && strcmp(node->as.string, text) == 0;
}

hone_status hn_class_weight_check(const char *model, const hn_node *option, hn_model_task task,
                                  hone_error *err)
{
    if (!option || option->kind == HN_NULL || is_text(option, "none"))
        return HONE_OK;
    if (task == HN_TASK_REGRESSION)
        return hn_fail_at(err, HONE_INVALID, option->at, "model %s: class_weight is for classification only",
                          model);
    if (is_text(option, "balanced"))
        return HONE_OK;
    if (option->kind != HN_MAP)
        return hn_fail_at(err, HONE_INVALID, option->at,
                          "model %s: class_weight must be none, balanced or a map of classes to numbers",
                          model);
    for (size_t i = 0; i < option->count; i++) {
        double factor;
        const hn_map_entry *entry = &option->as.entries[i];
        if (!hn_node_double(entry->value, &factor) || !(factor > 0) || !(factor < 1e12))
            return hn_fail_at(err, HONE_INVALID, entry->at,
                              "model %s: class_weight of class %.60s must be a number above 0, below 1e12",
                              model, entry->key);
    }
    return HONE_OK;
}

/* n_classes: there is none of that name. */
static size_t find_class(const hn_design *design, const char *name)
{
    size_t k = 0;
    while (k < design->n_classes && design->classes && strcmp(design->classes[k], name) != 0)
        k++;
    return design->classes ? k : design->n_classes;
}

hone_status hn_class_weight_check_names(const char *model, const hn_node *option, const hn_design *rows,
                                        hone_error *err)
{
    for (size_t i = 0; option && option->kind == HN_MAP && i < option->count; i++) {
        const hn_map_entry *entry = &option->as.entries[i];
        if (find_class(rows, entry->key) == rows->n_classes)
            return hn_fail_at(
                err, HONE_INVALID, entry->at,
                "model %s: class_weight names the class \"%.60s\", which the target does not have", model,
                entry->key);
    }
    return HONE_OK;
}

/* factor (n_classes,) from a map; classes that it does not name keep theirs. */
static hone_status read_map(const char *model, const hn_node *map, const hn_design *design, double *factor,
                            hone_error *err)
{
    hone_status status = hn_class_weight_check_names(model, map, design, err);
    for (size_t i = 0; !status && i < map->count; i++)
        hn_node_double(map->as.entries[i].value, &factor[find_class(design, map->as.entries[i].key)]);
    return status;
}

static hone_status balance(const hn_design *design, hn_arena *scratch, double *factor, hone_error *err)
{
    size_t *rows = HN_ARENA_NEW(scratch, size_t, design->n_classes), met = 0;
    if (!rows)
        return hn_out_of_memory(err);
    for (size_t i = 0; i < design->n; i++)
        met += rows[(size_t)design->y[i]]++ == 0;
    for (size_t k = 0; k < design->n_classes; k++)
        if (rows[k])
            factor[k] = (double)design->n / ((double)met * (double)rows[k]);
    return HONE_OK;
}

hone_status hn_row_weights(const char *model, const hn_node *class_weight, const hn_design *design,
                           hn_arena *scratch, const double **weight, hone_error *err)
{
    bool is_map = class_weight && class_weight->kind == HN_MAP;
    if (!design->n_classes || (!is_map && !is_text(class_weight, "balanced"))) {
        *weight = design->weight;
        return HONE_OK;
    }
    double *factor = HN_ARENA_NEW(scratch, double, design->n_classes);
    double *out = HN_ARENA_NEW(scratch, double, design->n);
    if (!factor || !out)
        return hn_out_of_memory(err);
    for (size_t k = 0; k < design->n_classes; k++)
        factor[k] = 1;
    hone_status status =
        is_map ? read_map(model, class_weight, design, factor, err) : balance(design, scratch, factor, err);
    for (size_t i = 0; !status && i < design->n; i++)
        out[i] = factor[(size_t)design->y[i]] * (design->weight ? design->weight[i] : 1);
    if (!status)
        *weight = out;
    return status;
}

hone_status hn_row_weight_total(const char *model, const hn_design *design, double *total, hone_error *err)
{
    double sum = design->weight ? 0 : (double)design->n;
    for (size_t i = 0; design->weight && i < design->n; i++)
        sum += design->weight[i];
    if (!(sum > 0))
        return hn_fail(err, HONE_INVALID, "model %s: the weights of the %zu training rows add up to nothing",
                       model, design->n);
    *total = sum;
    return HONE_OK;
}
