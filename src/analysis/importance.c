#include "analysis/importance.h"

#include "analysis/fanova.h"
#include "analysis/ped_anova.h"
#include "math/statistics.h"

const char *const hn_importance_methods[] = {"fanova", "ped_anova", "impurity", NULL};

static const hn_tree_limits whole_trees = {64, 2}; /* otherwise they grow until their leaves are pure */

/* What one group of parameters is judged with. */
typedef struct judging {
    const hn_importance_plan *plan;
    hn_observations *group;
    hn_importance *importance;
    hn_arena *arena;
    double weight; /* the group's share of the variance of all trials */
    hone_error *err;
} judging;

/* Sum of squared deviations from the mean. */
static double squares(const double *x, size_t n)
{
    double deviation = hn_standard_deviation(x, n, 0);
    return deviation * deviation * (double)n;
}

/* Takes the shares of the group's own parameters (d,), and of pairs (d, d) of which at least one is its own;
 * the others are another group's. */
static void take(const judging *j, double weight, const double *alone, const double *pairs)
{
    const hn_observations *group = j->group;
    size_t all = j->importance->observed.n_parameters;
    for (size_t a = 0; a < group->n_own; a++)
        j->importance->alone[group->parameters[a]] = weight * alone[a];
    for (size_t a = 0; pairs && a < group->n_own; a++)
        for (size_t b = a + 1; b < group->d; b++) {
            size_t p = group->parameters[a], q = group->parameters[b];
            j->importance->pairs[p < q ? p * all + q : q * all + p] = weight * pairs[a * group->d + b];
        }
}

/* Of the variance of its own rows, how much a forest explains. */
static hone_status explained_share(const judging *j, const hn_forest *forest, double *share)
{
    const hn_observations *group = j->group;
    double *predicted = hn_arena_scratch(j->arena, group->n, sizeof *predicted), left = 0;
    if (!predicted)
        return hn_out_of_memory(j->err);
    hn_forest_predict(forest, forest->n_trees, whole_trees, group->unit, group->n, predicted);
    for (size_t i = 0; i < group->n; i++)
        left += (group->loss[i] - predicted[i]) * (group->loss[i] - predicted[i]);
    double share_left = left / squares(group->loss, group->n);
    *share = share_left < 1 ? 1 - share_left : 0;
    return HONE_OK;
}

/* Both methods give shares of what the forest explains. */
static hone_status measure_forest(const judging *j, const hn_forest *forest)
{
    size_t d = j->group->d;
    double explained = 0, *alone = HN_ARENA_NEW(j->arena, double, d), *pairs = NULL;
    if (j->importance->pairs)
        pairs = hn_arena_alloc(j->arena, d * d, sizeof *pairs);
    if (!alone || (j->importance->pairs && !pairs))
        return hn_out_of_memory(j->err);
    hone_status status =
        j->plan->method == HN_IMPORTANCE_FANOVA
            ? hn_fanova(forest, j->plan->pool, alone, pairs, j->err)
            : hn_forest_importance(forest, forest->n_trees, whole_trees, true, alone, j->err);
    if (!status)
        status = explained_share(j, forest, &explained);
    if (!status)
        take(j, j->weight * explained, alone, pairs);
    return status;
}

static hone_status judge_by_forest(const judging *j)
{
    hn_observations *group = j->group;
    hn_columns *columns = NULL;
    hn_forest forest = {0};
    hn_forest_plan plan = {.rules = {.criterion = HN_CRITERION_SQUARED_ERROR,
                                     .limits = whole_trees,
                                     .min_leaf = 1,
                                     .max_features = group->d},
                           .bootstrap = true,
                           .seed = j->plan->seed,
                           .pool = j->plan->pool};
    if (j->plan->max_trials)
        hn_observations_thin(group, j->plan->max_trials, j->plan->seed);
    hone_status status = hn_columns_create(group->unit, group->n, group->d, &columns, j->err);
    if (!status) {
        hn_forest_data data = {.columns = columns, .y = group->loss, .n = group->n};
        status = hn_forest_grow(&data, &plan, j->plan->n_trees, &forest, j->err);
    }
    if (!status)
        status = measure_forest(j, &forest);
    hn_forest_release(&forest);
    hn_columns_destroy(columns);
    return status;
}

static hone_status judge_by_best(const judging *j)
{
    const hn_observations *group = j->group;
    const hn_observed *observed = &j->importance->observed;
    double share = (double)group->n / (double)observed->n_trials;
    hone_status status = HONE_OK;
    for (size_t a = 0; !status && a < group->n_own; a++) {
        size_t p = group->parameters[a];
        double divergence = 0;
        status = hn_ped_anova(observed->distributions[p], group->unit + a, group->d, group->loss, group->n,
                              j->plan->top, j->arena, &divergence, j->err);
        j->importance->alone[p] = share * divergence;
    }
    return status;
}

static hone_status judge_group(const hn_importance_plan *plan, hn_observations *group, double whole,
                               hn_importance *importance, hn_arena *arena, hone_error *err)
{
    double part = squares(group->loss, group->n);
    judging j = {.plan = plan,
                 .group = group,
                 .importance = importance,
                 .arena = arena,
                 .weight = part / whole,
                 .err = err};
    if (!(part > 0)) /* all values are equal: nothing mattered */
        return HONE_OK;
    return plan->method == HN_IMPORTANCE_PED_ANOVA ? judge_by_best(&j) : judge_by_forest(&j);
}

/* alone := sums to 1; what it was is kept as the share of the variance. */
static hone_status normalise(const hn_importance_plan *plan, hn_importance *importance, hn_arena *arena,
                             hone_error *err)
{
    size_t n = importance->observed.n_parameters;
    double sum = 0;
    if (plan->method == HN_IMPORTANCE_FANOVA) {
        importance->share = HN_ARENA_NEW(arena, double, n);
        if (!importance->share)
            return hn_out_of_memory(err);
        for (size_t p = 0; p < n; p++)
            importance->share[p] = importance->alone[p];
    }
    for (size_t p = 0; p < n; p++)
        sum += importance->alone[p];
    for (size_t p = 0; sum > 0 && p < n; p++)
        importance->alone[p] /= sum;
    return HONE_OK;
}

hone_status hn_importance_find(const hn_history *history, const hn_importance_plan *plan, hn_arena *arena,
                               hn_importance *importance, hone_error *err)
{
    *importance = (hn_importance){0};
    hn_observed *observed = &importance->observed;
    hone_status status = hn_observe(history, plan->objective, arena, observed, err);
    if (status)
        return status;
    size_t n = observed->n_parameters;
    if (plan->pairs && plan->method != HN_IMPORTANCE_FANOVA)
        return hn_fail(err, HONE_INVALID, "importance of pairs is found by fanova only, not by %s",
                       hn_importance_methods[plan->method]);
    if (observed->n_trials < 2)
        return hn_fail(err, HONE_INVALID,
                       "importance needs at least 2 complete trials with a finite value; there %s %zu",
                       observed->n_trials == 1 ? "is" : "are", observed->n_trials);
    importance->alone = HN_ARENA_NEW(arena, double, n);
    if (plan->pairs)
        importance->pairs = HN_ARENA_NEW(arena, double, n *n);
    if (!importance->alone || (plan->pairs && !importance->pairs))
        return hn_out_of_memory(err);
    double whole = squares(observed->loss, observed->n_trials);
    for (size_t g = 0; !status && g < observed->n_groups; g++)
        status = judge_group(plan, &observed->groups[g], whole, importance, arena, err);
    return status ? status : normalise(plan, importance, arena, err);
}
