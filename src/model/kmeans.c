#include "model/kmeans.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/cancel.h"
#include "math/linalg.h"
#include "math/random.h"

enum { BLOCK = 128 };

typedef struct clustering {
    const hn_kmeans_problem *problem;
    double *centres, *moved; /* (n_clusters, d): now, and the means of their rows */
    double
        *sizes; /* (n_clusters,): rows of each while moving, squared norms of the centres while assigning */
    double *nearest;  /* (n,): squared distance to the nearest centre */
    double *products; /* (BLOCK, n_clusters) */
    size_t *labels;   /* (n,) */
} clustering;

static double squared_distance(const double *a, const double *b, size_t d)
{
    double sum = 0;
    for (size_t j = 0; j < d; j++)
        sum += (a[j] - b[j]) * (a[j] - b[j]);
    return sum;
}

/* A row drawn with probability proportional to its squared distance to the centres there are; any row when
 * all are 0. */
static size_t draw_row(const clustering *c, hn_random *random)
{
    size_t n = c->problem->n;
    double total = 0;
    for (size_t i = 0; i < n; i++)
        total += c->nearest[i];
    if (!(total > 0))
        return (size_t)hn_random_below(random, n);
    double left = hn_random_uniform(random) * total;
    size_t last = 0;
    for (size_t i = 0; i < n; i++) {
        if (!(c->nearest[i] > 0))
            continue;
        last = i;
        left -= c->nearest[i];
        if (left < 0)
            break;
    }
    return last;
}

/* The inertia if the row were a centre too. */
static double inertia_with(const clustering *c, size_t row)
{
    const hn_kmeans_problem *p = c->problem;
    double sum = 0;
    for (size_t i = 0; i < p->n; i++)
        sum += fmin(c->nearest[i], squared_distance(p->x + i * p->d, p->x + row * p->d, p->d));
    return sum;
}

/* k-means++: of 2 + log k rows drawn for each centre the one that lowers the inertia most. */
static void place_centres(clustering *c, hn_random *random)
{
    const hn_kmeans_problem *p = c->problem;
    size_t tries = 2 + (size_t)log((double)p->n_clusters), row = (size_t)hn_random_below(random, p->n);
    for (size_t i = 0; i < p->n; i++)
        c->nearest[i] = INFINITY;
    for (size_t k = 0; k < p->n_clusters; k++) {
        double least = INFINITY;
        for (size_t t = 0; k > 0 && t < tries; t++) {
            size_t drawn = draw_row(c, random);
            double inertia = inertia_with(c, drawn);
            row = inertia < least ? drawn : row;
            least = fmin(least, inertia);
        }
        memcpy(c->centres + k * p->d, p->x + row * p->d, p->d * sizeof *c->centres);
        for (size_t i = 0; i < p->n; i++)
            c->nearest[i] = fmin(c->nearest[i], squared_distance(p->x + i * p->d, p->x + row * p->d, p->d));
    }
}

/* Different rows, each as likely. */
static void draw_centres(clustering *c, hn_random *random)
{
    const hn_kmeans_problem *p = c->problem;
    for (size_t i = 0; i < p->n; i++)
        c->labels[i] = i;
    for (size_t k = 0; k < p->n_clusters; k++) {
        size_t at = k + (size_t)hn_random_below(random, p->n - k), row = c->labels[at];
        c->labels[at] = c->labels[k];
        memcpy(c->centres + k * p->d, p->x + row * p->d, p->d * sizeof *c->centres);
    }
}

/* labels and nearest by the present centres; returns the inertia. Distances by one matrix product a block. */
static double assign(clustering *c)
{
    const hn_kmeans_problem *p = c->problem;
    double inertia = 0;
    for (size_t k = 0; k < p->n_clusters; k++)
        c->sizes[k] = hn_dot(c->centres + k * p->d, c->centres + k * p->d, p->d);
    for (size_t begin = 0; begin < p->n; begin += BLOCK) {
        size_t n = p->n - begin < BLOCK ? p->n - begin : BLOCK;
        hn_product_transposed(p->x + begin * p->d, n, c->centres, p->n_clusters, p->d, c->products);
        for (size_t i = 0; i < n; i++) {
            const double *product = c->products + i * p->n_clusters;
            size_t best = 0;
            for (size_t k = 1; k < p->n_clusters; k++)
                if (c->sizes[k] - 2 * product[k] < c->sizes[best] - 2 * product[best])
                    best = k;
            c->labels[begin + i] = best;
            c->nearest[begin + i] =
                squared_distance(p->x + (begin + i) * p->d, c->centres + best * p->d, p->d);
            inertia += c->nearest[begin + i];
        }
    }
    return inertia;
}

/* Gives each empty cluster the row farthest from its centre, taken out of that row's cluster. */
static void fill_empty(clustering *c)
{
    const hn_kmeans_problem *p = c->problem;
    for (size_t k = 0; k < p->n_clusters; k++) {
        size_t far = p->n;
        for (size_t i = 0; c->sizes[k] == 0 && i < p->n; i++)
            if (c->sizes[c->labels[i]] > 1 && (far == p->n || c->nearest[i] > c->nearest[far]))
                far = i;
        if (far == p->n)
            continue;
        hn_add_scaled(-1, p->x + far * p->d, p->d, c->moved + c->labels[far] * p->d);
        c->sizes[c->labels[far]]--;
        memcpy(c->moved + k * p->d, p->x + far * p->d, p->d * sizeof *c->moved);
        c->sizes[k] = 1;
        c->labels[far] = k;
        c->nearest[far] = 0;
    }
}

/* Moves the centres to the means of their rows; returns how far, squared and added up. */
static double move_centres(clustering *c)
{
    const hn_kmeans_problem *p = c->problem;
    memset(c->moved, 0, p->n_clusters * p->d * sizeof *c->moved);
    memset(c->sizes, 0, p->n_clusters * sizeof *c->sizes);
    for (size_t i = 0; i < p->n; i++) {
        hn_add_scaled(1, p->x + i * p->d, p->d, c->moved + c->labels[i] * p->d);
        c->sizes[c->labels[i]]++;
    }
    fill_empty(c);
    for (size_t k = 0; k < p->n_clusters; k++)
        for (size_t j = 0; j < p->d; j++)
            c->moved[k * p->d + j] /= c->sizes[k];
    double shift = squared_distance(c->moved, c->centres, p->n_clusters * p->d);
    memcpy(c->centres, c->moved, p->n_clusters * p->d * sizeof *c->centres);
    return shift;
}

static double mean_variance(const hn_kmeans_problem *p)
{
    double sum = 0;
    for (size_t j = 0; j < p->d; j++) {
        double mean = 0;
        for (size_t i = 0; i < p->n; i++)
            mean += p->x[i * p->d + j] / (double)p->n;
        for (size_t i = 0; i < p->n; i++)
            sum += (p->x[i * p->d + j] - mean) * (p->x[i * p->d + j] - mean);
    }
    return p->d ? sum / (double)p->n / (double)p->d : 0;
}

static hone_status run(clustering *c, size_t start, double enough, double *inertia, hone_error *err)
{
    const hn_kmeans_problem *p = c->problem;
    hn_random random = hn_random_stream(p->seed, start, HN_PURPOSE_MODEL);
    if (p->random_start)
        draw_centres(c, &random);
    else
        place_centres(c, &random);
    *inertia = assign(c);
    for (size_t i = 0; i < p->max_iter; i++) {
        if (hn_cancelled(p->cancel))
            return hn_fail(err, HONE_CANCELLED, "k-means: cancelled in iteration %zu of start %zu", i, start);
        double shift = move_centres(c);
        *inertia = assign(c);
        if (shift <= enough)
            break;
    }
    return HONE_OK;
}

static bool allocate(clustering *c, hn_arena *scratch)
{
    const hn_kmeans_problem *p = c->problem;
    c->centres = HN_ARENA_NEW(scratch, double, p->n_clusters * p->d);
    c->moved = HN_ARENA_NEW(scratch, double, p->n_clusters * p->d);
    c->sizes = HN_ARENA_NEW(scratch, double, p->n_clusters);
    c->nearest = HN_ARENA_NEW(scratch, double, p->n);
    c->products = hn_arena_scratch(scratch, BLOCK * p->n_clusters, sizeof(double));
    c->labels = HN_ARENA_NEW(scratch, size_t, p->n);
    return c->centres && c->moved && c->sizes && c->nearest && c->products && c->labels;
}

hone_status hn_kmeans(const hn_kmeans_problem *problem, hn_arena *scratch, double *centres, size_t *labels,
                      double *inertia, hone_error *err)
{
    clustering c = {.problem = problem};
    if (problem->n_clusters == 0 || problem->n_clusters > problem->n)
        return hn_fail(err, HONE_INVALID, "k-means: n_clusters is %zu; allowed are 1 to the %zu rows",
                       problem->n_clusters, problem->n);
    if (!allocate(&c, scratch))
        return hn_out_of_memory(err);
    double enough = problem->tolerance * mean_variance(problem), best = INFINITY, found;
    for (size_t start = 0; start < problem->n_init; start++) {
        hone_status status = run(&c, start, enough, &found, err);
        if (status)
            return status;
        if (start > 0 && !(found < best))
            continue;
        best = found;
        memcpy(centres, c.centres, problem->n_clusters * problem->d * sizeof *centres);
        memcpy(labels, c.labels, problem->n * sizeof *labels);
    }
    *inertia = best;
    return HONE_OK;
}
