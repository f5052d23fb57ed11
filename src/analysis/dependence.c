#include "analysis/dependence.h"

#include <math.h>

#include "analysis/partition.h"
#include "base/memory.h"
#include "surrogate/ensemble.h"

enum { MOST_DEPTH = 64 };

/* --- the axes --- */

/* In ascending order; (n,) has room for what is needed. */
static void fill_axis(const hn_observed *observed, const hn_observations *group, size_t j, bool all, size_t n,
                      hn_param_dependence_axis *axis)
{
    for (size_t i = 0; i < n; i++) {
        double raw = all ? hn_distribution_nth(axis->distribution, (double)i)
                         : hn_distribution_decode(axis->distribution, (double)i / (double)(n - 1));
        if (axis->n && raw == axis->values[axis->n - 1])
            continue;
        axis->values[axis->n] = raw;
        axis->unit[axis->n++] = hn_observed_unit(observed, group, j, raw);
    }
}

static hone_status make_axis(const hn_observed *observed, const hn_observations *group, size_t j, size_t grid,
                             hn_arena *arena, hn_param_dependence_axis *axis, hone_error *err)
{
    axis->distribution = observed->distributions[group->parameters[j]];
    double count = hn_distribution_count(axis->distribution);
    bool all = count <= (double)grid || axis->distribution->kind == HN_CATEGORICAL;
    size_t n = all ? (size_t)count : grid;
    axis->values = HN_ARENA_NEW(arena, double, n);
    axis->unit = HN_ARENA_NEW(arena, double, n);
    if (!axis->values || !axis->unit)
        return hn_out_of_memory(err);
    fill_axis(observed, group, j, all, n, axis);
    return HONE_OK;
}

/* Of how many values a column is the middles of equal cells (analysis/partition.h). */
static size_t *count_values(const hn_observed *observed, const hn_observations *group, hn_arena *arena)
{
    size_t *values = HN_ARENA_NEW(arena, size_t, group->d);
    for (size_t j = 0; values && j < group->d; j++) {
        const hn_distribution *distribution = observed->distributions[group->parameters[j]];
        double count = hn_distribution_count(distribution);
        values[j] = !distribution->log && count < 0x1p31 ? (size_t)count : 0;
    }
    return values;
}

/* --- the trees --- */

typedef struct marginals {
    const hn_forest *forest;
    const size_t *values; /* (d,) */
    size_t n_axes, n;     /* n: points of the grid */
    const hn_param_dependence_axis *axes;
    double *of_tree; /* (n_trees, n) */
    bool failed;
} marginals;

/* The cells of column a, which is axis a, that have a point of the grid; at (n,): each point's place among
 * them. False when memory is out. */
static bool find_cells(const marginals *m, const hn_partition *p, size_t a, hn_arena *arena, hn_cells *cells,
                       uint32_t **at)
{
    const hn_param_dependence_axis *axis = &m->axes[a];
    uint32_t *rank = HN_ARENA_NEW(arena, uint32_t, p->n_cells[a] + 1), before = 0;
    *at = HN_ARENA_NEW(arena, uint32_t, axis->n);
    if (!rank || !*at)
        return false;
    for (size_t i = 0; i < axis->n; i++)
        rank[hn_partition_cell(p, a, axis->unit[i])] = 1;
    for (size_t c = 0; c <= p->n_cells[a]; c++) {
        uint32_t here = rank[c];
        rank[c] = before;
        before += here;
    }
    for (size_t i = 0; i < axis->n; i++)
        (*at)[i] = rank[hn_partition_cell(p, a, axis->unit[i])];
    *cells = (hn_cells){a, before, rank};
    return true;
}

static bool read_pair(const marginals *m, const hn_partition *p, hn_arena *arena, double *out)
{
    hn_cells x, y;
    uint32_t *row, *column;
    if (!find_cells(m, p, 0, arena, &x, &row) || !find_cells(m, p, 1, arena, &y, &column))
        return false;
    double *marginal = hn_arena_scratch(arena, (x.n + 1) * (y.n + 1), sizeof *marginal);
    if (!marginal)
        return false;
    hn_partition_marginals(p, x, y, marginal);
    for (size_t i = 0; i < m->axes[0].n; i++)
        for (size_t j = 0; j < m->axes[1].n; j++)
            out[i * m->axes[1].n + j] = p->mean + marginal[row[i] * (y.n + 1) + column[j]];
    return true;
}

static bool read_one(const marginals *m, const hn_partition *p, hn_arena *arena, double *out)
{
    double *marginal = hn_arena_scratch(arena, p->n_cells[0] + 1, sizeof *marginal);
    if (!marginal)
        return false;
    hn_partition_marginal(p, 0, marginal);
    for (size_t i = 0; i < m->axes[0].n; i++)
        out[i] = p->mean + marginal[hn_partition_cell(p, 0, m->axes[0].unit[i])];
    return true;
}

static bool read_tree(const marginals *m, size_t t, hn_arena *arena)
{
    hn_partition p;
    double *out = m->of_tree + t * m->n;
    return hn_partition_make(&m->forest->trees[t], m->forest->d, m->values, arena, &p) &&
           (m->n_axes > 1 ? read_pair(m, &p, arena, out) : read_one(m, &p, arena, out));
}

static void run_tree(void *user, size_t t, size_t worker)
{
    marginals *m = user;
    hn_arena arena = HN_ARENA_INIT;
    (void)worker;
    if (!read_tree(m, t, &arena))
        __atomic_store_n(&m->failed, true, __ATOMIC_RELAXED);
    hn_arena_release(&arena);
}

static void summarise(const marginals *m, hn_param_dependence *dependence)
{
    size_t n_trees = m->forest->n_trees;
    for (size_t i = 0; i < m->n; i++) {
        double mean = 0, squares = 0;
        for (size_t t = 0; t < n_trees; t++) { /* Welford 1962 */
            double gap = m->of_tree[t * m->n + i] - mean;
            mean += gap / (double)(t + 1);
            squares += gap * (m->of_tree[t * m->n + i] - mean);
        }
        dependence->mean[i] = mean;
        dependence->deviation[i] = sqrt(squares / (double)n_trees);
    }
}

/* --- all --- */

static hone_status read_forest(const hn_param_dependence_plan *plan, const hn_forest *forest,
                               const size_t *values, hn_arena *arena, hn_param_dependence *dependence,
                               hone_error *err)
{
    marginals m = {.forest = forest, .values = values, .n_axes = plan->n_axes, .axes = dependence->axes};
    m.n = m.axes[0].n * (plan->n_axes > 1 ? m.axes[1].n : 1);
    m.of_tree = hn_arena_scratch(arena, forest->n_trees * m.n, sizeof *m.of_tree);
    dependence->mean = HN_ARENA_NEW(arena, double, m.n);
    dependence->deviation = HN_ARENA_NEW(arena, double, m.n);
    if (!m.of_tree || !dependence->mean || !dependence->deviation)
        return hn_out_of_memory(err);
    hn_thread_pool_run(plan->pool, forest->n_trees, run_tree, &m);
    if (m.failed)
        return hn_out_of_memory(err);
    summarise(&m, dependence);
    return HONE_OK;
}

hone_status hn_param_dependence_find(const hn_history *history, const hn_param_dependence_plan *plan,
                                     hn_arena *arena, hn_param_dependence *dependence, hone_error *err)
{
    hn_observed observed;
    hn_ensemble ensemble = {0};
    hn_param_dependence found = {0};
    const size_t *values = NULL;
    hone_status status =
        hn_observe_with(history, plan->objective, plan->names, plan->n_axes, arena, &observed, err);
    if (status)
        return status;
    hn_observations *group = observed.groups;
    found.n_having = group->n;
    hn_observations_thin(group, plan->max_trials, plan->seed);
    found.n_trials = group->n;
    for (size_t a = 0; !status && a < plan->n_axes; a++)
        status = make_axis(&observed, group, a, plan->grid, arena, &found.axes[a], err);
    if (!status) {
        values = count_values(&observed, group, arena);
        status = values ? HONE_OK : hn_out_of_memory(err);
    }
    const hn_ensemble_plan growth = {.n_trees = plan->n_trees,
                                     .min_split = 2,
                                     .min_leaf = 1,
                                     .max_depth = MOST_DEPTH,
                                     .feature_share = 1,
                                     .bootstrap = true,
                                     .seed = plan->seed,
                                     .pool = plan->pool};
    if (!status)
        status = hn_ensemble_fit(group->unit, group->loss, group->n, group->d, &growth, &ensemble, err);
    if (!status)
        status = read_forest(plan, &ensemble.forest, values, arena, &found, err);
    hn_ensemble_release(&ensemble);
    if (!status)
        *dependence = found;
    return status;
}
