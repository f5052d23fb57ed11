/* Which differences between two trials make one better: analysis/ablation.h over a study's history. */
#include "analysis/ablation.h"

#include <math.h>

#include "base/memory.h"
#include "study/analyse.h"

/* The public result and the arena that holds what it points to. */
typedef struct owned_ablation {
    hone_ablation ablation; /* first, so that one pointer serves both */
    hn_arena arena;
} owned_ablation;

void hone_ablation_free(hone_ablation *ablation)
{
    if (ablation) {
        owned_ablation *owned = (owned_ablation *)ablation;
        hn_arena_release(&owned->arena);
        hn_free(owned);
    }
}

/* --- which trials --- */

typedef struct extremes {
    int64_t first, best, worst; /* complete trials of a finite value; -1: there is none */
} extremes;

static extremes find_extremes(const hn_history *history, size_t objective)
{
    extremes found = {-1, -1, -1};
    double lowest = INFINITY, highest = -INFINITY;
    for (int64_t t = 0; t < (int64_t)hn_history_count(history); t++) {
        if (hn_history_state(history, t) != HONE_COMPLETE ||
            !isfinite(hn_history_loss(history, t, objective))) {
            continue;
        }
        double loss = hn_history_loss(history, t, objective);
        found.first = found.first < 0 ? t : found.first;
        if (loss < lowest && !(hn_history_violation(history, t) > 0)) {
            lowest = loss;
            found.best = t;
        }
        if (loss > highest) {
            highest = loss;
            found.worst = t;
        }
    }
    return found;
}

static hone_status check_trial(const hn_history *history, int64_t number, hone_error *err)
{
    int64_t count = (int64_t)hn_history_count(history);
    if (number < 0 || number >= count || hn_history_is_gap(history, number)) {
        return hn_fail(err, HONE_NOT_FOUND, "no trial %lld; there are 0 to %lld", (long long)number,
                       (long long)count - 1);
    }
    return HONE_OK;
}

static hone_status choose_trials(const hn_history *history, hn_ablation_plan *plan, hone_error *err)
{
    extremes found = find_extremes(history, plan->objective);
    if (found.first < 0) {
        return hn_fail(err, HONE_INVALID,
                       "at least 2 complete trials with a finite value are needed; there are 0");
    }
    if (plan->to == -1) {
        plan->to = found.best >= 0 ? found.best : found.first;
    }
    if (plan->from == -1) {
        plan->from = found.first == plan->to ? found.worst : found.first;
    }
    hone_status status = check_trial(history, plan->from, err);
    return status ? status : check_trial(history, plan->to, err);
}

static hone_status make_plan(const hone_study *study, const hone_ablation_config *config,
                             hn_ablation_plan *plan, hone_error *err)
{
    hone_status status = hn_analyse_check_size(config->struct_size, sizeof *config, "hone_ablation_config",
                                               "HONE_ABLATION_CONFIG_INIT", err);
    if (!status) {
        status = hn_analyse_check_objective(study, config->objective, err);
    }
    if (!status) {
        *plan = (hn_ablation_plan){.objective = config->objective,
                                   .from = config->from,
                                   .to = config->to,
                                   .space = study->definition->space,
                                   .n_trees = config->trees ? config->trees : 64,
                                   .seed = config->seed,
                                   .max_trials = config->max_trials ? config->max_trials : 10000};
    }
    return status;
}

/* --- what is answered --- */

/* A value, or null of a parameter that is not active; false when memory is out. */
static bool copy_value(hn_arena *arena, const hn_distribution *distribution, bool active, double raw,
                       hone_value *value)
{
    *value = (hone_value){.type = HONE_NULL};
    return !active || hn_analyse_copy(arena, distribution, raw, value);
}

static hone_status copy_step(const hn_observed *observed, const hn_ablation_step *from, hn_arena *arena,
                             hone_ablation_step *to, hone_error *err)
{
    hone_ablation_change *changes = HN_ARENA_NEW(arena, hone_ablation_change, from->n_changes);
    bool room = changes != NULL;
    for (size_t i = 0; room && i < from->n_changes; i++) {
        const hn_ablation_change *change = &from->changes[i];
        const hn_distribution *distribution = observed->distributions[change->parameter];
        changes[i].param = hn_arena_strdup(arena, observed->names[change->parameter]);
        changes[i].had = change->had;
        changes[i].has = change->has;
        room = changes[i].param &&
               copy_value(arena, distribution, change->had, change->before, &changes[i].before) &&
               copy_value(arena, distribution, change->has, change->after, &changes[i].after);
    }
    to->n_changes = from->n_changes;
    to->changes = changes;
    return room ? HONE_OK : hn_out_of_memory(err);
}

static double told_value(const hn_history *history, int64_t number, size_t objective)
{
    return hn_history_state(history, number) == HONE_COMPLETE ? hn_history_value(history, number, objective)
                                                              : NAN;
}

static hone_status answer(const hone_study *study, const hn_ablation_plan *plan, const hn_ablation *found,
                          owned_ablation *owned, hone_error *err)
{
    hone_ablation *out = &owned->ablation;
    hone_ablation_step *steps = HN_ARENA_NEW(&owned->arena, hone_ablation_step, found->n_steps);
    hone_status status = steps ? HONE_OK : hn_out_of_memory(err);
    for (size_t i = 0; !status && i < found->n_steps; i++) {
        steps[i].mean = hn_analyse_value(study, plan->objective, found->steps[i].mean);
        steps[i].deviation = found->steps[i].deviation;
        status = copy_step(&found->observed, &found->steps[i], &owned->arena, &steps[i], err);
    }
    out->trials = (int64_t)found->n_trials;
    out->from = plan->from;
    out->to = plan->to;
    out->from_value = told_value(study->history, plan->from, plan->objective);
    out->to_value = told_value(study->history, plan->to, plan->objective);
    out->mean = hn_analyse_value(study, plan->objective, found->mean);
    out->deviation = found->deviation;
    out->n_steps = found->n_steps;
    out->steps = steps;
    return status;
}

static hone_status find(hone_study *study, hn_ablation_plan *plan, owned_ablation *owned, hone_error *err)
{
    hn_arena scratch = HN_ARENA_INIT;
    hn_ablation found;
    hone_status status = hn_study_sync(study, err);
    if (!status) {
        status = choose_trials(study->history, plan, err);
    }
    if (!status) {
        status = hn_ablation_find(study->history, plan, &scratch, &found, err);
    }
    if (!status) {
        status = answer(study, plan, &found, owned, err);
    }
    hn_arena_release(&scratch);
    return status;
}

hone_status hone_study_ablation(hone_study *study, const hone_ablation_config *config,
                                hone_ablation **ablation, hone_error *err)
{
    owned_ablation *owned = hn_calloc(1, sizeof *owned);
    hn_ablation_plan plan = {0};
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
        hone_ablation_free(&owned->ablation);
        return status;
    }
    *ablation = &owned->ablation;
    return HONE_OK;
}
