#include "analysis/fanova.h"

#include <string.h>

#include "analysis/partition.h"
#include "base/memory.h"

/* --- one tree --- */

/* Variance of the mean over all columns but j. marginal (n_cells + 1,): scratch. */
static double variance_of(const hn_partition *p, size_t j, double *marginal)
{
    double variance = 0;
    hn_partition_marginal(p, j, marginal);
    for (size_t c = 0; c < p->n_cells[j]; c++)
        variance += marginal[c] * marginal[c] * (p->edges[j][c + 1] - p->edges[j][c]);
    return variance;
}

/* The same of two columns; marginal (n_cells_j + 1, n_cells_k + 1). */
static double variance_of_pair(const hn_partition *p, size_t j, size_t k, double *marginal)
{
    size_t width = p->n_cells[k] + 1;
    double variance = 0;
    hn_partition_marginals(p, (hn_cells){j, p->n_cells[j], NULL}, (hn_cells){k, p->n_cells[k], NULL},
                           marginal);
    for (size_t a = 0; a < p->n_cells[j]; a++) {
        double *row = marginal + a * width, sum = 0;
        for (size_t b = 0; b < p->n_cells[k]; b++)
            sum += row[b] * row[b] * (p->edges[k][b + 1] - p->edges[k][b]);
        variance += sum * (p->edges[j][a + 1] - p->edges[j][a]);
    }
    return variance;
}

/* --- all trees --- */

typedef struct fanova {
    const hn_forest *forest;
    size_t shares; /* of a tree: d, and d d more with pairs */
    bool pairs;
    double *share; /* (n_trees, shares) */
    bool *varies;  /* (n_trees,) */
    bool failed;
} fanova;

static bool measure_tree(const fanova *f, size_t t, hn_arena *arena)
{
    hn_partition p;
    size_t d = f->forest->d, most = 0;
    double *alone = f->share + t * f->shares, *together = alone + d;
    if (!hn_partition_make(&f->forest->trees[t], d, NULL, arena, &p))
        return false;
    f->varies[t] = p.variance > 0;
    if (!f->varies[t])
        return true;
    for (size_t j = 0; j < d; j++)
        most = p.n_cells[j] + 1 > most ? p.n_cells[j] + 1 : most;
    double *marginal = hn_arena_scratch(arena, f->pairs ? most * most : most, sizeof *marginal);
    if (!marginal)
        return false;
    for (size_t j = 0; j < d; j++)
        alone[j] = variance_of(&p, j, marginal) / p.variance;
    for (size_t j = 0; f->pairs && j < d; j++)
        for (size_t k = j + 1; k < d; k++)
            together[j * d + k] = variance_of_pair(&p, j, k, marginal) / p.variance - alone[j] - alone[k];
    return true;
}

static void run_tree(void *user, size_t t, size_t worker)
{
    fanova *f = user;
    hn_arena arena = HN_ARENA_INIT;
    (void)worker;
    if (!measure_tree(f, t, &arena))
        __atomic_store_n(&f->failed, true, __ATOMIC_RELAXED);
    hn_arena_release(&arena);
}

static void mean_of_trees(const fanova *f, size_t from, size_t n, double *out)
{
    size_t varying = 0;
    memset(out, 0, n * sizeof *out);
    for (size_t t = 0; t < f->forest->n_trees; t++) {
        varying += f->varies[t];
        for (size_t i = 0; f->varies[t] && i < n; i++)
            out[i] += f->share[t * f->shares + from + i];
    }
    for (size_t i = 0; varying && i < n; i++)
        out[i] /= (double)varying;
}

hone_status hn_fanova(const hn_forest *forest, hn_thread_pool *pool, double *alone, double *pairs,
                      hone_error *err)
{
    size_t d = forest->d;
    fanova f = {.forest = forest, .shares = pairs ? d + d * d : d, .pairs = pairs};
    f.share = hn_calloc(forest->n_trees * f.shares, sizeof *f.share);
    f.varies = hn_calloc(forest->n_trees, sizeof *f.varies);
    hone_status status = f.share && f.varies ? HONE_OK : hn_out_of_memory(err);
    if (!status)
        hn_thread_pool_run(pool, forest->n_trees, run_tree, &f);
    if (f.failed)
        status = hn_out_of_memory(err);
    if (!status)
        mean_of_trees(&f, 0, d, alone);
    if (!status && pairs)
        mean_of_trees(&f, d, d * d, pairs);
    hn_free(f.share);
    hn_free(f.varies);
    return status;
}
