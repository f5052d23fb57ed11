/* How much each parameter of a study mattered: analysis/importance.h over its history. */
#include "analysis/importance.h"

#include <string.h>

#include "base/memory.h"
#include "math/statistics.h"
#include "study/analyse.h"

/* The public result and the arena that holds what it points to. */
typedef struct owned_importance {
    hone_param_importance importance; /* first, so that one pointer serves both */
    hn_arena arena;
} owned_importance;

void hone_param_importance_free(hone_param_importance *importance)
{
    if (importance) {
        owned_importance *owned = (owned_importance *)importance;
        hn_arena_release(&owned->arena);
        hn_free(owned);
    }
}

/* --- what is asked --- */

static hone_status read_method(const char *name, hn_importance_method *method, hone_error *err)
{
    size_t n = 0;
    while (hn_importance_methods[n]) {
        if (!name || !strcmp(name, hn_importance_methods[n])) {
            *method = (hn_importance_method)n;
            return HONE_OK;
        }
        n++;
    }
    const char *near = hn_nearest_name(name, hn_importance_methods, n);
    return hn_fail(err, HONE_INVALID,
                   "no method '%s' of importance: fanova, ped_anova and impurity are there%s%s%s", name,
                   near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

static hone_status make_plan(const hone_study *study, const hone_param_importance_config *config,
                             hn_importance_plan *plan, hone_error *err)
{
    hone_status status =
        hn_analyse_check_size(config->struct_size, sizeof *config, "hone_param_importance_config",
                              "HONE_PARAM_IMPORTANCE_CONFIG_INIT", err);
    if (!status) {
        status = hn_analyse_check_objective(study, config->objective, err);
    }
    if (status) {
        return status;
    }
    if (!(config->top >= 0 && config->top < 1)) {
        return hn_fail(err, HONE_INVALID,
                       "top is the share of trials that are the best: above 0 and below 1");
    }
    *plan = (hn_importance_plan){.objective = config->objective,
                                 .n_trees = config->trees ? config->trees : 64,
                                 .seed = config->seed,
                                 .top = config->top > 0 ? config->top : 0.1,
                                 .pairs = config->pairs,
                                 .max_trials = config->max_trials};
    return read_method(config->method, &plan->method, err);
}

/* --- what is answered --- */

/* order (n,): indices of keys, the largest first. NULL when memory is out. */
static size_t *order_by(const double *keys, size_t n, hn_arena *arena)
{
    size_t *order = HN_ARENA_NEW(arena, size_t, n);
    double *negated = HN_ARENA_NEW(arena, double, n);
    for (size_t i = 0; negated && i < n; i++) {
        negated[i] = -keys[i];
    }
    if (order && negated) {
        hn_argsort(negated, n, order);
    }
    return negated ? order : NULL;
}

static hone_status answer_params(const hn_importance *found, owned_importance *owned, hone_error *err)
{
    size_t n = found->observed.n_parameters, *order = order_by(found->alone, n, &owned->arena);
    const char **names = HN_ARENA_NEW(&owned->arena, const char *, n);
    double *importance = HN_ARENA_NEW(&owned->arena, double, n),
           *share = HN_ARENA_NEW(&owned->arena, double, n);
    int64_t *having = HN_ARENA_NEW(&owned->arena, int64_t, n);
    if (!order || !names || !importance || !share || !having) {
        return hn_out_of_memory(err);
    }
    for (size_t i = 0; i < n; i++) {
        size_t p = order[i];
        names[i] = hn_arena_strdup(&owned->arena, found->observed.names[p]);
        if (!names[i]) {
            return hn_out_of_memory(err);
        }
        importance[i] = found->alone[p];
        share[i] = found->share ? found->share[p] : 0;
        having[i] = (int64_t)found->observed.n_having[p];
    }
    hone_param_importance *out = &owned->importance;
    out->n_params = n;
    out->params = names;
    out->importance = importance;
    out->share = found->share ? share : NULL;
    out->having = having;
    return HONE_OK;
}

/* The name of parameter p among those answered. */
static const char *answered_name(const hn_importance *found, size_t p, const hone_param_importance *out)
{
    for (size_t i = 0; i < out->n_params; i++) {
        if (!strcmp(out->params[i], found->observed.names[p])) {
            return out->params[i];
        }
    }
    return NULL;
}

static hone_status answer_pairs(const hn_importance *found, owned_importance *owned, hone_error *err)
{
    hone_param_importance *out = &owned->importance;
    size_t n = out->n_params, count = 0, room = n * (n ? n - 1 : 0) / 2;
    double *shares = HN_ARENA_NEW(&owned->arena, double, room),
           *sorted = HN_ARENA_NEW(&owned->arena, double, room);
    size_t *from = HN_ARENA_NEW(&owned->arena, size_t, room);
    const char *(*pairs)[2] = hn_arena_alloc(&owned->arena, room, sizeof *pairs);
    if (!shares || !sorted || !from || !pairs) {
        return hn_out_of_memory(err);
    }
    for (size_t a = 0; a < n; a++) {
        for (size_t b = a + 1; b < n; b++) {
            from[count] = a * n + b;
            shares[count++] = found->pairs[a * n + b];
        }
    }
    size_t *order = order_by(shares, count, &owned->arena);
    if (!order) {
        return hn_out_of_memory(err);
    }
    for (size_t i = 0; i < count; i++) {
        sorted[i] = shares[order[i]];
        pairs[i][0] = answered_name(found, from[order[i]] / n, out);
        pairs[i][1] = answered_name(found, from[order[i]] % n, out);
    }
    out->n_pairs = count;
    out->pairs = (const char *const(*)[2])pairs;
    out->pair_share = sorted;
    return HONE_OK;
}

static hone_status find(hone_study *study, const hn_importance_plan *plan, owned_importance *owned,
                        hone_error *err)
{
    hn_importance found;
    hn_arena scratch = HN_ARENA_INIT;
    hone_status status = hn_study_sync(study, err);
    if (!status) {
        status = hn_importance_find(study->history, plan, &scratch, &found, err);
    }
    if (!status) {
        owned->importance.trials = (int64_t)found.observed.n_trials;
        status = answer_params(&found, owned, err);
    }
    if (!status && plan->pairs) {
        status = answer_pairs(&found, owned, err);
    }
    hn_arena_release(&scratch);
    return status;
}

hone_status hone_study_importance(hone_study *study, const hone_param_importance_config *config,
                                  hone_param_importance **importance, hone_error *err)
{
    owned_importance *owned = hn_calloc(1, sizeof *owned);
    hn_importance_plan plan = {0};
    if (!owned) {
        return hn_out_of_memory(err);
    }
    owned->arena = (hn_arena)HN_ARENA_INIT;
    hn_study_lock(study);
    hone_status status = make_plan(study, config, &plan, err);
    if (!status) {
        status = hn_analyse_pool(config->threads, &plan.pool, err);
    }
    if (!status) {
        status = find(study, &plan, owned, err);
    }
    hn_study_unlock(study);
    hn_thread_pool_destroy(plan.pool);
    if (status) {
        hone_param_importance_free(&owned->importance);
        return status;
    }
    *importance = &owned->importance;
    return HONE_OK;
}
