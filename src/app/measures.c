#include "app/measures.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "math/statistics.h"
#include "select/metric.h"
#include "view/trial_node.h"

static const char folds_suffix[] = "_folds";

static bool ends_with(const char *text, const char *ending)
{
    size_t size = strlen(text), tail = strlen(ending);
    return size > tail && strcmp(text + size - tail, ending) == 0;
}

const char *hn_trial_attribute(const hone_trial_info *trial, const char *name, const char *suffix)
{
    size_t size = strlen(name);
    for (size_t i = 0; i < trial->n_attributes; i++) {
        const char *key = trial->attribute_keys[i];
        if (strncmp(key, name, size) == 0 && strcmp(key + size, suffix) == 0) {
            return trial->attribute_json[i];
        }
    }
    return NULL;
}

double hn_measure_value(const hn_measure *measure, const hone_trial_info *trial)
{
    if (measure->objective != SIZE_MAX) {
        return measure->objective < trial->n_values ? trial->values[measure->objective] : NAN;
    }
    return hn_trial_measured(trial, "", measure->name, "");
}

/* --- folds --- */

static double number_of(const hn_node *node)
{
    return node->kind == HN_INT ? (double)node->as.integer : node->kind == HN_DOUBLE ? node->as.real : NAN;
}

bool hn_measure_folds_read(hn_arena *arena, const hn_measure *measure, const hone_trial_info *trial,
                           hn_measure_folds *folds)
{
    hn_node *list = NULL;
    double squares = 0;
    *folds = (hn_measure_folds){.mean = NAN, .deviation = NAN};
    const char *json = hn_trial_attribute(trial, measure->name, folds_suffix);
    hone_status status =
        json ? hn_json_parse(arena, measure->name, json, strlen(json), &list, NULL) : HONE_OK;
    if (status || !list || list->kind != HN_LIST || !list->count) {
        return status != HONE_OUT_OF_MEMORY;
    }
    *folds = (hn_measure_folds){.n = list->count, .list = list};
    for (size_t i = 0; i < folds->n; i++) {
        folds->mean += number_of(list->as.items[i]) / (double)folds->n;
    }
    for (size_t i = 0; i < folds->n; i++) {
        double off = number_of(list->as.items[i]) - folds->mean;
        squares += off * off;
    }
    folds->deviation = sqrt(squares / (double)folds->n);
    return true;
}

/* --- which there are --- */

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static size_t find_goal(const hn_trial_list *list, const char *name)
{
    for (size_t i = 0; i < list->n_objectives; i++) {
        if (strcmp(list->metrics[i], name) == 0) {
            return i;
        }
    }
    return SIZE_MAX;
}

/* Every attribute's key, ascending. */
static hone_status read_keys(hn_trial_list *list, const char ***keys, size_t *n, hone_error *err)
{
    hn_text_map map = HN_TEXT_MAP_INIT;
    bool failed = false;
    for (size_t t = 0; t < list->count; t++) {
        for (size_t i = 0; i < list->trials[t].n_attributes; i++) {
            failed |= hn_text_map_intern(&map, list->trials[t].attribute_keys[i]) == HN_TEXT_MAP_NONE;
        }
    }
    *n = map.count;
    *keys = HN_ARENA_NEW(&list->arena, const char *, map.count);
    for (size_t i = 0; *keys && i < map.count; i++) {
        (*keys)[i] = hn_arena_strdup(&list->arena, map.keys[i]);
        failed |= !(*keys)[i];
    }
    hn_text_map_release(&map);
    if (failed || !*keys) {
        return hn_out_of_memory(err);
    }
    qsort(*keys, *n, sizeof **keys, by_name);
    return HONE_OK;
}

static hn_measure describe(const hn_trial_list *list, const char *name, size_t objective)
{
    hn_measure made = {.name = name, .objective = objective, .seconds = ends_with(name, "_seconds")};
    if (objective != SIZE_MAX) {
        made.ranked = true;
        made.maximize = list->directions[objective] == HONE_MAXIMIZE;
    }
    for (size_t i = 0; !made.ranked && hn_metric_at(i); i++) {
        made.ranked = strcmp(hn_metric_at(i)->name, name) == 0;
        made.maximize = hn_metric_at(i)->maximize;
    }
    return made;
}

static const hn_measure *find(const hn_measures *measures, const char *name, size_t size)
{
    for (size_t i = 0; i < measures->count; i++) {
        const hn_measure *measure = &measures->items[i];
        if (strlen(measure->name) == size && memcmp(measure->name, name, size) == 0) {
            return measure;
        }
    }
    return NULL;
}

/* Is the attribute a measure's own, or its deviation or folds? */
static bool belongs(const hn_measures *measures, const char *key)
{
    static const char *const suffixes[] = {"", "_std", folds_suffix};
    size_t size = strlen(key);
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        size_t tail = strlen(suffixes[i]);
        bool fits = size > tail && strcmp(key + size - tail, suffixes[i]) == 0;
        const hn_measure *measure = fits ? find(measures, key, size - tail) : NULL;
        if (measure && measure->n_folds) {
            return true;
        }
    }
    return false;
}

static hone_status list_measures(hn_trial_list *list, const char *const *keys, size_t n, hn_measures *made,
                                 hone_error *err)
{
    made->items = HN_ARENA_NEW(&list->arena, hn_measure, n + list->n_objectives);
    if (!made->items) {
        return hn_out_of_memory(err);
    }
    for (size_t i = 0; i < list->n_objectives; i++) {
        made->items[made->count++] = describe(list, list->metrics[i], i);
    }
    for (size_t i = 0; i < n; i++) {
        if (ends_with(keys[i], folds_suffix)) {
            char *name = hn_arena_strndup(&list->arena, keys[i], strlen(keys[i]) - strlen(folds_suffix));
            if (!name) {
                return hn_out_of_memory(err);
            }
            if (find_goal(list, name) == SIZE_MAX) {
                made->items[made->count++] = describe(list, name, SIZE_MAX);
            }
        }
    }
    return HONE_OK;
}

/* --- numbers of all trials --- */

static bool is_ranked(const hone_trial_info *trial)
{
    bool feasible = trial->state == HONE_COMPLETE;
    for (size_t i = 0; feasible && i < trial->n_constraints; i++) {
        feasible = trial->constraints[i] <= 0;
    }
    return feasible;
}

static hone_status survey(hn_trial_list *list, hn_measure *measure, hn_arena *scratch, hone_error *err)
{
    measure->order = HN_ARENA_NEW(&list->arena, double, list->count);
    if (!measure->order) {
        return hn_out_of_memory(err);
    }
    for (size_t t = 0; t < list->count; t++) {
        const hone_trial_info *trial = &list->trials[t];
        hn_measure_folds folds;
        if (!hn_measure_folds_read(scratch, measure, trial, &folds)) {
            return hn_out_of_memory(err);
        }
        hn_arena_reset(scratch);
        measure->n_folds = folds.n > measure->n_folds ? folds.n : measure->n_folds;
        double value = hn_measure_value(measure, trial);
        if (is_ranked(trial) && !isnan(value)) {
            measure->order[measure->n_order++] = measure->maximize ? -value : value;
        }
    }
    hn_sort_doubles(measure->order, measure->n_order);
    return HONE_OK;
}

hone_status hn_measures_read(hn_trial_list *list, hn_measures *measures, hone_error *err)
{
    const char **keys = NULL;
    size_t n = 0;
    hn_measures made = {0};
    hn_arena scratch = HN_ARENA_INIT;
    hone_status status = read_keys(list, &keys, &n, err);
    if (!status) {
        status = list_measures(list, keys, n, &made, err);
    }
    for (size_t i = 0; !status && i < made.count; i++) {
        status = survey(list, &made.items[i], &scratch, err);
    }
    hn_arena_release(&scratch);
    if (status) {
        return status;
    }
    made.params = &list->params;
    made.others = keys;
    for (size_t i = 0; i < n; i++) {
        if (!belongs(&made, keys[i])) {
            made.others[made.n_others++] = keys[i];
        }
    }
    *measures = made;
    return HONE_OK;
}

size_t hn_measure_rank(const hn_measure *measure, const hone_trial_info *trial)
{
    double value = hn_measure_value(measure, trial);
    if (!measure->ranked || !is_ranked(trial) || isnan(value)) {
        return 0;
    }
    value = measure->maximize ? -value : value;
    size_t low = 0, high = measure->n_order;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (measure->order[middle] < value) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low + 1;
}
