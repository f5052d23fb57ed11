#include "analysis/ablation.h"

#include <math.h>
#include <string.h>

#include "analysis/conditions.h"
#include "base/error.h"
#include "surrogate/ensemble.h"

enum { MOST_DEPTH = 64 };

/* Where the path stands. Settings are of the d parameters of the one group. */
typedef struct walk {
    const hn_ablation_plan *plan;
    const hn_observed *observed;
    const hn_observations *group;
    hn_conditions conditions;
    hn_ensemble ensemble;
    hn_setting from, to, at;
    hn_setting *tries;        /* (d,): what comes of changing parameter j */
    double *rows;             /* (d, d): the same as coordinates */
    double *mean, *deviation; /* (d,) */
    uint32_t *leaves;         /* (d,): scratch */
    hn_arena *arena;
    hone_error *err;
} walk;

/* --- settings --- */

static bool differs(const hn_setting *a, const hn_setting *b, size_t j)
{
    return a->has[j] != b->has[j] || (a->has[j] && a->raw[j] != b->raw[j]);
}

static void copy_setting(const hn_setting *from, size_t d, hn_setting *to)
{
    memcpy(to->raw, from->raw, d * sizeof *to->raw);
    memcpy(to->has, from->has, d * sizeof *to->has);
}

static void read_trial(const walk *w, const hn_history *history, int64_t trial, hn_setting *setting)
{
    for (size_t j = 0; j < w->group->d; j++) {
        size_t column = w->observed->columns[w->group->parameters[j]];
        setting->has[j] = hn_history_has(history, trial, column);
        setting->raw[j] = setting->has[j] ? hn_history_cell(history, trial, column) : 0;
    }
}

/* --- what the forest expects --- */

static void encode(const walk *w, const hn_setting *setting, double *row)
{
    for (size_t j = 0; j < w->group->d; j++)
        row[j] =
            setting->has[j] ? hn_observed_unit(w->observed, w->group, j, setting->raw[j]) : HN_UNIT_ABSENT;
}

/* Of the first n rows. */
static void expect(walk *w, size_t n)
{
    hn_ensemble_predict(&w->ensemble, w->rows, n, w->leaves, w->mean, w->deviation);
    for (size_t i = 0; i < n; i++)
        w->deviation[i] = sqrt(w->deviation[i]);
}

/* --- steps --- */

/* Parameters that can be changed: those that both settings have; when these are as wanted, any that is not.
 */
static size_t list_candidates(const walk *w, size_t *candidates)
{
    size_t n = 0;
    for (int shared = 1; shared >= 0 && n == 0; shared--)
        for (size_t j = 0; j < w->group->d; j++)
            if (differs(&w->at, &w->to, j) && (!shared || (w->at.has[j] && w->to.has[j])))
                candidates[n++] = j;
    return n;
}

/* The changes from w->at to `next`, that of parameter `chosen` first. */
static hone_status record_step(const walk *w, const hn_setting *next, size_t chosen, hn_ablation_step *step)
{
    size_t d = w->group->d;
    step->changes = HN_ARENA_NEW(w->arena, hn_ablation_change, d);
    if (!step->changes)
        return hn_out_of_memory(w->err);
    for (int first = 1; first >= 0; first--)
        for (size_t j = 0; j < d; j++)
            if ((j == chosen) == first && differs(&w->at, next, j))
                step->changes[step->n_changes++] = (hn_ablation_change){.parameter = w->group->parameters[j],
                                                                        .had = w->at.has[j],
                                                                        .has = next->has[j],
                                                                        .before = w->at.raw[j],
                                                                        .after = next->raw[j]};
    return HONE_OK;
}

/* Makes the best of the next changes; *done when there is none left. */
static hone_status take_step(walk *w, hn_ablation *ablation, bool *done)
{
    size_t *candidates = HN_ARENA_NEW(w->arena, size_t, w->group->d), best = 0;
    if (!candidates)
        return hn_out_of_memory(w->err);
    size_t n = list_candidates(w, candidates);
    *done = n == 0;
    for (size_t i = 0; i < n; i++) {
        copy_setting(&w->at, w->group->d, &w->tries[i]);
        hn_conditions_change(&w->conditions, candidates[i], &w->tries[i]);
        encode(w, &w->tries[i], w->rows + i * w->group->d);
    }
    expect(w, n);
    for (size_t i = 1; i < n; i++)
        best = w->mean[i] < w->mean[best] ? i : best;
    if (*done)
        return HONE_OK;
    hn_ablation_step *step = &ablation->steps[ablation->n_steps];
    step->mean = w->mean[best];
    step->deviation = w->deviation[best];
    hone_status status = record_step(w, &w->tries[best], candidates[best], step);
    if (!status) {
        ablation->n_steps++;
        copy_setting(&w->tries[best], w->group->d, &w->at);
    }
    return status;
}

/* --- all --- */

static bool make_room(walk *w)
{
    size_t d = w->group->d;
    w->tries = HN_ARENA_NEW(w->arena, hn_setting, d);
    w->rows = hn_arena_scratch(w->arena, d * d + 1, sizeof *w->rows);
    w->mean = HN_ARENA_NEW(w->arena, double, d + 1);
    w->deviation = HN_ARENA_NEW(w->arena, double, d + 1);
    w->leaves = HN_ARENA_NEW(w->arena, uint32_t, d + 1);
    bool room = w->tries && w->rows && w->mean && w->deviation && w->leaves &&
                hn_setting_make(w->arena, d, &w->from) && hn_setting_make(w->arena, d, &w->to) &&
                hn_setting_make(w->arena, d, &w->at);
    for (size_t j = 0; room && j < d; j++)
        room = hn_setting_make(w->arena, d, &w->tries[j]);
    return room;
}

static hone_status prepare(walk *w, const hn_history *history, hn_ablation *ablation)
{
    const hn_ablation_plan *plan = w->plan;
    hn_observations *group = ablation->observed.groups;
    bool same = true;
    if (!make_room(w))
        return hn_out_of_memory(w->err);
    read_trial(w, history, plan->from, &w->from);
    read_trial(w, history, plan->to, &w->to);
    copy_setting(&w->from, group->d, &w->at);
    for (size_t j = 0; j < group->d; j++)
        same = same && !differs(&w->from, &w->to, j);
    if (same)
        return hn_fail(w->err, HONE_INVALID,
                       "trials %lld and %lld have the same parameters: there is no path",
                       (long long)plan->from, (long long)plan->to);
    hone_status status = hn_conditions_make(w->observed, group, plan->space, &w->from, &w->to, w->arena,
                                            &w->conditions, w->err);
    hn_observations_thin(group, plan->max_trials, plan->seed);
    ablation->n_trials = group->n;
    const hn_ensemble_plan growth = {.n_trees = plan->n_trees,
                                     .min_split = 2,
                                     .min_leaf = 1,
                                     .max_depth = MOST_DEPTH,
                                     .feature_share = 1,
                                     .bootstrap = true,
                                     .seed = plan->seed,
                                     .pool = plan->pool};
    return status
               ? status
               : hn_ensemble_fit(group->unit, group->loss, group->n, group->d, &growth, &w->ensemble, w->err);
}

hone_status hn_ablation_find(const hn_history *history, const hn_ablation_plan *plan, hn_arena *arena,
                             hn_ablation *ablation, hone_error *err)
{
    bool done = false;
    *ablation = (hn_ablation){0};
    hone_status status = hn_observe_all(history, plan->objective, arena, &ablation->observed, err);
    if (status)
        return status;
    walk w = {.plan = plan,
              .observed = &ablation->observed,
              .group = ablation->observed.groups,
              .arena = arena,
              .err = err};
    ablation->steps = HN_ARENA_NEW(arena, hn_ablation_step, 2 * w.group->d + 1);
    status = ablation->steps ? prepare(&w, history, ablation) : hn_out_of_memory(err);
    if (!status) {
        encode(&w, &w.at, w.rows);
        expect(&w, 1);
        ablation->mean = w.mean[0];
        ablation->deviation = w.deviation[0];
    }
    while (!status && !done)
        status = take_step(&w, ablation, &done);
    hn_ensemble_release(&w.ensemble);
    return status;
}
