#include "forest/forest.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "math/hash.h"
#include "math/random.h"

/* --- growing --- */

/* How often each row is in tree t's sample; counts: (n,). */
static void draw_bag(uint64_t seed, size_t t, size_t n, uint32_t *counts)
{
    hn_random random = hn_random_stream(seed, t, HN_PURPOSE_MODEL);
    memset(counts, 0, n * sizeof *counts);
    for (size_t i = 0; i < n; i++)
        counts[hn_random_below(&random, n)]++;
}

/* Rows of weight 0 are left out; returns how many there are. */
static size_t fill_samples(const hn_forest_data *data, const hn_forest_plan *plan, const uint32_t *counts,
                           hn_sample *samples)
{
    size_t used = 0;
    for (size_t i = 0; i < data->n; i++) {
        double weight = (data->weight ? data->weight[i] : 1) * (plan->bootstrap ? counts[i] : 1);
        samples[used] = (hn_sample){.row = (uint32_t)(data->rows ? data->rows[i] : i),
                                    .k = plan->rules.n_classes > 2 ? (uint32_t)data->y[i] : 0,
                                    .weight = weight,
                                    .y = data->y[i]};
        used += weight > 0;
    }
    return used;
}

typedef struct worker {
    hn_grower *grower;
    hn_sample *samples; /* (n + 1,) */
    uint32_t *counts;   /* (n,) */
    hone_status status;
    hone_error error;
} worker;

typedef struct growth {
    const hn_forest_data *data;
    const hn_forest_plan *plan;
    worker *workers;
    hn_tree *trees; /* those to add */
    size_t first;   /* number of trees[0] */
} growth;

static void grow_one(void *user, size_t index, size_t number)
{
    growth *g = user;
    worker *w = &g->workers[number];
    size_t t = g->first + index;
    if (w->status)
        return;
    if (g->plan->bootstrap)
        draw_bag(g->plan->seed, t, g->data->n, w->counts);
    size_t n = fill_samples(g->data, g->plan, w->counts, w->samples);
    if (n == 0) {
        w->status = hn_fail(&w->error, HONE_INVALID, "no row of a tree's sample has a weight above 0");
        return;
    }
    uint64_t key = hn_hash64(hn_hash64(g->plan->seed, t), HN_PURPOSE_MODEL);
    w->status = hn_tree_grow(w->grower, key, w->samples, n, g->plan->cancel, &g->trees[index], &w->error);
}

static hone_status prepare_worker(const growth *g, worker *w, hone_error *err)
{
    size_t n = g->data->n;
    w->samples = n < SIZE_MAX ? hn_calloc(n + 1, sizeof *w->samples) : NULL;
    w->counts = hn_calloc(n, sizeof *w->counts);
    if (!w->samples || !w->counts)
        return hn_out_of_memory(err);
    return hn_grower_create(g->data->columns, &g->plan->rules, n, &w->grower, err);
}

static hone_status run_workers(growth *g, size_t n_new, size_t n_workers, hone_error *err)
{
    hone_status status = HONE_OK;
    for (size_t i = 0; !status && i < n_workers; i++)
        status = prepare_worker(g, &g->workers[i], err);
    if (!status)
        hn_thread_pool_run(g->plan->pool, n_new, grow_one, g);
    for (size_t i = 0; i < n_workers; i++) {
        worker *w = &g->workers[i];
        if (!status && w->status) {
            status = w->status;
            if (err)
                *err = w->error;
        }
        hn_grower_destroy(w->grower);
        hn_free(w->samples);
        hn_free(w->counts);
    }
    return status;
}

hone_status hn_forest_grow(const hn_forest_data *data, const hn_forest_plan *plan, size_t n_trees,
                           hn_forest *forest, hone_error *err)
{
    if (n_trees <= forest->n_trees)
        return HONE_OK;
    size_t n_new = n_trees - forest->n_trees;
    size_t n_workers = plan->pool ? hn_thread_pool_size(plan->pool) : 1;
    growth g = {.data = data, .plan = plan, .first = forest->n_trees};
    hn_tree *trees = hn_calloc(n_trees, sizeof *trees);
    g.workers = hn_calloc(n_workers, sizeof *g.workers);
    hone_status status = trees && g.workers ? HONE_OK : hn_out_of_memory(err);
    if (!status) {
        g.trees = trees + forest->n_trees;
        status = run_workers(&g, n_new, n_workers, err);
    }
    for (size_t t = 0; status && g.trees && t < n_new; t++)
        hn_tree_release(&g.trees[t]);
    if (!status) {
        if (forest->n_trees)
            memcpy(trees, forest->trees, forest->n_trees * sizeof *trees);
        hn_free(forest->trees);
        *forest = (hn_forest){data->columns->d, hn_tree_outputs(&plan->rules), n_trees, trees};
        trees = NULL;
    }
    hn_free(trees);
    hn_free(g.workers);
    return status;
}

void hn_forest_release(hn_forest *forest)
{
    for (size_t t = 0; t < forest->n_trees; t++)
        hn_tree_release(&forest->trees[t]);
    hn_free(forest->trees);
    *forest = (hn_forest){0};
}

hone_status hn_forest_cut(const hn_forest *forest, hn_tree_limits limits, hn_forest *cut, hone_error *err)
{
    hn_forest made = {.d = forest->d, .outputs = forest->outputs};
    made.trees = hn_calloc(forest->n_trees, sizeof *made.trees);
    while (made.trees && made.n_trees < forest->n_trees &&
           hn_tree_cut(&forest->trees[made.n_trees], made.outputs, limits, &made.trees[made.n_trees]))
        made.n_trees++;
    if (!made.trees || made.n_trees < forest->n_trees) {
        hn_forest_release(&made);
        return hn_out_of_memory(err);
    }
    *cut = made;
    return HONE_OK;
}

hone_status hn_forest_append(hn_forest *forest, hn_forest *more, hone_error *err)
{
    size_t n = forest->n_trees + more->n_trees;
    hn_tree *trees = hn_calloc(n, sizeof *trees);
    if (!trees)
        return hn_out_of_memory(err);
    memcpy(trees, forest->trees, forest->n_trees * sizeof *trees);
    memcpy(trees + forest->n_trees, more->trees, more->n_trees * sizeof *trees);
    hn_free(forest->trees);
    hn_free(more->trees);
    forest->trees = trees;
    forest->n_trees = n;
    more->trees = NULL;
    more->n_trees = 0;
    return HONE_OK;
}

size_t hn_forest_bytes(const hn_forest *forest)
{
    size_t nodes = 0;
    for (size_t t = 0; t < forest->n_trees; t++)
        nodes += forest->trees[t].n_nodes;
    return forest->n_trees * sizeof *forest->trees +
           nodes * (sizeof(hn_tree_node) + forest->outputs * sizeof(double));
}

/* --- predicting --- */

/* Rows walked through a tree at a time: so many that trees are fetched seldom, so few that their values stay
 * in the cache beside a tree. */
enum { BLOCK_BYTES = 1 << 20, LEAST_ROWS = 64, MOST_ROWS = 2048 };

static void add_values(const hn_forest *forest, const hn_tree *tree, size_t node, double *out)
{
    for (size_t k = 0; k < forest->outputs; k++)
        out[k] += tree->values[node * forest->outputs + k];
}

static void divide(double *values, size_t n, double by)
{
    for (size_t i = 0; i < n; i++)
        values[i] /= by;
}

void hn_forest_predict(const hn_forest *forest, size_t n_trees, hn_tree_limits limits, const double *x,
                       size_t n, double *out)
{
    uint32_t at[MOST_ROWS];
    size_t block = BLOCK_BYTES / sizeof *x / forest->d;
    block = block < LEAST_ROWS ? LEAST_ROWS : block > MOST_ROWS ? MOST_ROWS : block;
    memset(out, 0, n * forest->outputs * sizeof *out);
    for (size_t begin = 0; begin < n; begin += block) {
        size_t count = n - begin < block ? n - begin : block;
        for (size_t t = 0; t < n_trees; t++) {
            const hn_tree *tree = &forest->trees[t];
            hn_tree_find_rows(tree, x + begin * forest->d, count, forest->d, limits, at);
            for (size_t i = 0; i < count; i++)
                add_values(forest, tree, at[i], out + (begin + i) * forest->outputs);
        }
    }
    divide(out, n * forest->outputs, (double)n_trees);
}

hone_status hn_forest_out_of_bag(const hn_forest *forest, hn_tree_limits limits, uint64_t seed,
                                 const double *x, size_t n, double *out, hone_error *err)
{
    size_t outputs = forest->outputs;
    uint32_t *counts = hn_calloc(n, sizeof *counts), *votes = hn_calloc(n, sizeof *votes);
    hone_status status = counts && votes ? HONE_OK : hn_out_of_memory(err);
    if (!status)
        memset(out, 0, n * outputs * sizeof *out);
    for (size_t t = 0; !status && t < forest->n_trees; t++) {
        draw_bag(seed, t, n, counts);
        for (size_t i = 0; i < n; i++) {
            if (counts[i])
                continue;
            const hn_tree *tree = &forest->trees[t];
            add_values(forest, tree, hn_tree_find(tree, x + i * forest->d, limits), out + i * outputs);
            votes[i]++;
        }
    }
    for (size_t i = 0; !status && i < n; i++)
        for (size_t k = 0; k < outputs; k++)
            out[i * outputs + k] = votes[i] ? out[i * outputs + k] / votes[i] : (double)NAN;
    hn_free(counts);
    hn_free(votes);
    return status;
}

static double sum(const double *values, size_t n)
{
    double total = 0;
    for (size_t i = 0; i < n; i++)
        total += values[i];
    return total;
}

hone_status hn_forest_importance(const hn_forest *forest, size_t n_trees, hn_tree_limits limits,
                                 bool equal_trees, double *out, hone_error *err)
{
    size_t d = forest->d;
    double *gains = hn_calloc(d, sizeof *gains);
    if (!gains)
        return hn_out_of_memory(err);
    memset(out, 0, d * sizeof *out);
    for (size_t t = 0; t < n_trees; t++) {
        memset(gains, 0, d * sizeof *gains);
        hn_tree_gains(&forest->trees[t], limits, gains);
        double total = equal_trees ? sum(gains, d) : 1;
        for (size_t j = 0; total > 0 && j < d; j++)
            out[j] += gains[j] / total;
    }
    double total = sum(out, d);
    if (total > 0)
        divide(out, d, total);
    hn_free(gains);
    return HONE_OK;
}
