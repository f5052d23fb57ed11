/* The pruners there are, and a pruner in use. */
#include <string.h>

#include "base/memory.h"
#include "pruner/pruner.h"

extern const hn_pruner_type hn_pruner_none;
extern const hn_pruner_type hn_pruner_median;
extern const hn_pruner_type hn_pruner_percentile;
extern const hn_pruner_type hn_pruner_threshold;
extern const hn_pruner_type hn_pruner_wilcoxon;
extern const hn_pruner_type hn_pruner_patient;
extern const hn_pruner_type hn_pruner_any_of;
extern const hn_pruner_type hn_pruner_all_of;
extern const hn_pruner_type hn_pruner_race;
extern const hn_pruner_type hn_pruner_asha;
extern const hn_pruner_type hn_pruner_hyperband;
extern const hn_pruner_type hn_pruner_rungs;
extern const hn_pruner_type hn_pruner_pasha;
extern const hn_pruner_type hn_pruner_pbt;
extern const hn_pruner_type hn_pruner_successive_halving;

static const hn_pruner_type *const pruners[] = {
    &hn_pruner_none,       &hn_pruner_median,
    &hn_pruner_percentile, &hn_pruner_threshold,
    &hn_pruner_wilcoxon,   &hn_pruner_patient,
    &hn_pruner_any_of,     &hn_pruner_all_of,
    &hn_pruner_race,       &hn_pruner_asha,
    &hn_pruner_hyperband,  &hn_pruner_rungs,
    &hn_pruner_pasha,      &hn_pruner_successive_halving,
    &hn_pruner_pbt,
};

enum { PRUNER_COUNT = sizeof pruners / sizeof *pruners };

const hn_pruner_type *hn_pruner_at(size_t i)
{
    return i < PRUNER_COUNT ? pruners[i] : NULL;
}

const hn_pruner_type *hn_pruner_find(const char *name)
{
    for (size_t i = 0; i < PRUNER_COUNT; i++) {
        if (strcmp(pruners[i]->name, name) == 0) {
            return pruners[i];
        }
    }
    return NULL;
}

struct hn_pruner {
    const hn_pruner_type *type;
    hn_arena arena; /* config and a copy of its options */
    void *config, *state;
    bool initialised;
};

/* Reads options into a config made in the arena; *type becomes the variant that they ask for. */
static hone_status apply(hn_arena *arena, const hn_pruner_type **type, const hn_node *options, void **config,
                         hone_error *err)
{
    const char *what = hn_arena_printf(arena, "pruner %s", (*type)->name);
    void *made = hn_arena_alloc(arena, 1, (*type)->options.config_size);
    if (what == NULL || made == NULL) {
        return hn_out_of_memory(err);
    }
    hone_status status = hn_options_apply(arena, &(*type)->options, what, options, made, err);
    if (status == HONE_OK && (*type)->variant != NULL) {
        status = (*type)->variant(made, type, err);
    }
    *config = made;
    return status;
}

static hone_status configure(hn_pruner *pruner, const hn_node *options, hone_error *err)
{
    hn_node *copy = options == NULL ? NULL : hn_node_copy(&pruner->arena, options);
    if (options != NULL && copy == NULL) {
        return hn_out_of_memory(err);
    }
    hone_status status = apply(&pruner->arena, &pruner->type, copy, &pruner->config, err);
    if (status != HONE_OK) {
        return status;
    }
    pruner->state = hn_arena_alloc(&pruner->arena, 1, pruner->type->state_size);
    if (pruner->state == NULL) {
        return hn_out_of_memory(err);
    }
    if (pruner->type->init != NULL) {
        status = pruner->type->init(pruner->state, pruner->config, err);
    }
    pruner->initialised = status == HONE_OK;
    return status;
}

hone_status hn_pruner_create_from(const hn_pruner_type *type, const hn_node *options, hn_pruner **pruner,
                                  hone_error *err)
{
    hn_pruner *made = hn_calloc(1, sizeof *made);
    if (made == NULL) {
        return hn_out_of_memory(err);
    }
    made->type = type;
    hone_status status = configure(made, options, err);
    if (status != HONE_OK) {
        hn_pruner_destroy(made);
        return status;
    }
    *pruner = made;
    return HONE_OK;
}

/* Names of methods that are a sampler and a pruner together; NULL: it is none. */
static const char *combination_named(const char *name)
{
    static const char *const combinations[][2] = {
        {"bohb", "sampler: bohb with pruner: hyperband"},
        {"dehb", "sampler: de with pruner: hyperband"},
    };
    const char *found = NULL;
    for (size_t i = 0; i < sizeof combinations / sizeof *combinations; i++) {
        found = strcmp(name, combinations[i][0]) == 0 ? combinations[i][1] : found;
    }
    return found;
}

static hone_status unknown_pruner(const hn_spec *spec, hone_error *err)
{
    if (combination_named(spec->name) != NULL) {
        return hn_fail_at(err, HONE_INVALID, spec->at,
                          "there is no pruner '%s': the method of that name is %s", spec->name,
                          combination_named(spec->name));
    }
    const char *names[PRUNER_COUNT];
    hn_buffer list = HN_BUFFER_INIT;
    for (size_t i = 0; i < PRUNER_COUNT; i++) {
        names[i] = pruners[i]->name;
        hn_buffer_printf(&list, "%s%s", i == 0 ? "" : ", ", names[i]);
    }
    const char *nearest = hn_nearest_name(spec->name, names, PRUNER_COUNT);
    hone_status status =
        hn_fail_at(err, HONE_INVALID, spec->at, "there is no pruner '%s'%s%s%s; there are %s", spec->name,
                   nearest == NULL ? "" : " (did you mean '", nearest == NULL ? "" : nearest,
                   nearest == NULL ? "" : "'?)", hn_buffer_string(&list));
    hn_buffer_release(&list);
    return status;
}

hone_status hn_pruner_check(const hn_spec *spec, const hn_pruner_type **type, hone_error *err)
{
    const hn_pruner_type *found = hn_pruner_find(spec->name);
    if (found == NULL) {
        return unknown_pruner(spec, err);
    }
    hn_arena arena = HN_ARENA_INIT;
    void *config;
    hone_status status = apply(&arena, &found, spec->options, &config, err);
    hn_arena_release(&arena);
    if (status == HONE_OK) {
        *type = found;
    }
    return status;
}

hone_status hn_pruner_create(const hn_spec *spec, hn_pruner **pruner, hone_error *err)
{
    const hn_pruner_type *type = hn_pruner_find(spec->name);
    return type == NULL ? unknown_pruner(spec, err) : hn_pruner_create_from(type, spec->options, pruner, err);
}

void hn_pruner_destroy(hn_pruner *pruner)
{
    if (pruner == NULL) {
        return;
    }
    if (pruner->initialised && pruner->type->release != NULL) {
        pruner->type->release(pruner->state);
    }
    hn_arena_release(&pruner->arena);
    hn_free(pruner);
}

const hn_pruner_type *hn_pruner_type_of(const hn_pruner *pruner)
{
    return pruner->type;
}

hone_status hn_pruner_next(hn_pruner *pruner, const hn_prune_context *context, hn_next *next, hone_error *err)
{
    if (pruner->type->next == NULL) {
        *next = (hn_next){.kind = HN_NEXT_START};
        return HONE_OK;
    }
    return pruner->type->next(pruner->state, context, next, err);
}

hone_status hn_pruner_judge(hn_pruner *pruner, const hn_prune_context *context, int64_t number, int64_t step,
                            hn_verdict *verdict, hone_error *err)
{
    if (pruner->type->judge == NULL) {
        *verdict = HN_CONTINUE;
        return HONE_OK;
    }
    return pruner->type->judge(pruner->state, context, number, step, verdict, err);
}

hone_status hn_pruner_estimate(hn_pruner *pruner, const hn_prune_context *context, hn_arena *scratch,
                               hn_estimates *estimates, hone_error *err)
{
    *estimates = (hn_estimates){0};
    return pruner->type->estimate == NULL
               ? HONE_OK
               : pruner->type->estimate(pruner->state, context, scratch, estimates, err);
}

size_t hn_pruner_ladder(const hn_pruner *pruner, int64_t steps[HN_MOST_LADDER])
{
    return pruner->type->ladder == NULL ? 0 : pruner->type->ladder(pruner->state, steps);
}

hone_status hn_pruner_explore(hn_pruner *pruner, const hn_prune_context *context, const hn_exploring *from,
                              hn_trial_param *params, size_t n, hone_error *err)
{
    return pruner->type->explore == NULL
               ? HONE_OK
               : pruner->type->explore(pruner->state, context, from, params, n, err);
}
