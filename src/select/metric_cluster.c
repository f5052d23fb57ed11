/* metric_cluster.c: scores of clusters from the rows and the cluster each was put in; inertia also from the
 * distances to the centres. Definitions and edge cases are those of sklearn.metrics; NaN where it refuses:
 * fewer than two clusters met, or as many as rows.
 */
#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "select/metric_functions.h"

/* The clusters that rows were put in, numbered as they are predicted. */
typedef struct clusters {
    const double *x; /* (n, d) */
    size_t n, d;
    size_t *labels; /* (n,) */
    size_t most;    /* labels are below it */
    size_t met;     /* clusters with rows */
    size_t *sizes;  /* (most,) */
} clusters;

/* *defined: scores of clusters mean something. */
static hone_status find_clusters(const hn_metric_input *input, hn_arena *scratch, clusters *c, bool *defined,
                                 hone_error *err)
{
    *c = (clusters){.x = input->x, .n = input->n, .d = input->d};
    c->labels = HN_ARENA_NEW(scratch, size_t, c->n);
    for (size_t i = 0; c->labels && i < c->n; i++) {
        c->labels[i] = (size_t)input->predicted[i];
        c->most = c->labels[i] >= c->most ? c->labels[i] + 1 : c->most;
    }
    c->sizes = HN_ARENA_NEW(scratch, size_t, c->most);
    if (!c->labels || !c->sizes)
        return hn_out_of_memory(err);
    for (size_t i = 0; i < c->n; i++)
        c->met += c->sizes[c->labels[i]]++ == 0;
    *defined = c->met >= 2 && c->met < c->n;
    return HONE_OK;
}

static double squared_distance(const double *a, const double *b, size_t d)
{
    double sum = 0;
    for (size_t j = 0; j < d; j++)
        sum += (a[j] - b[j]) * (a[j] - b[j]);
    return sum;
}

/* (most, d): the mean of the rows of each; zeros for those without. */
static double *find_centres(const clusters *c, hn_arena *scratch)
{
    double *centres = hn_arena_alloc(scratch, c->most, c->d * sizeof *centres);
    for (size_t i = 0; centres && i < c->n; i++)
        for (size_t j = 0; j < c->d; j++)
            centres[c->labels[i] * c->d + j] += c->x[i * c->d + j] / (double)c->sizes[c->labels[i]];
    return centres;
}

typedef hone_status (*cluster_score)(const clusters *c, hn_arena *scratch, double *value, hone_error *err);

static hone_status score_clusters(const hn_metric_input *input, cluster_score score, double *value,
                                  hone_error *err)
{
    hn_arena scratch = HN_ARENA_INIT;
    clusters c;
    bool defined = false;
    hone_status status = find_clusters(input, &scratch, &c, &defined, err);
    if (!status && defined)
        status = score(&c, &scratch, value, err);
    else if (!status)
        *value = NAN;
    hn_arena_release(&scratch);
    return status;
}

/* --- silhouette (Rousseeuw 1987) --- */

/* Of one row, from the sums (most,) of its distances to the rows of each cluster. */
static double row_silhouette(const clusters *c, const double *sums, size_t own)
{
    if (c->sizes[own] < 2)
        return 0;
    double inside = sums[own] / (double)(c->sizes[own] - 1), outside = INFINITY;
    for (size_t k = 0; k < c->most; k++)
        if (k != own && c->sizes[k] > 0)
            outside = fmin(outside, sums[k] / (double)c->sizes[k]);
    double larger = fmax(inside, outside);
    return larger > 0 ? (outside - inside) / larger : 0;
}

static hone_status silhouette(const clusters *c, hn_arena *scratch, double *value, hone_error *err)
{
    double *sums = HN_ARENA_NEW(scratch, double, c->most), total = 0;
    if (!sums)
        return hn_out_of_memory(err);
    for (size_t i = 0; i < c->n; i++) {
        memset(sums, 0, c->most * sizeof *sums);
        for (size_t j = 0; j < c->n; j++)
            sums[c->labels[j]] += sqrt(squared_distance(c->x + i * c->d, c->x + j * c->d, c->d));
        total += row_silhouette(c, sums, c->labels[i]);
    }
    *value = total / (double)c->n;
    return HONE_OK;
}

hone_status hn_silhouette(const hn_metric_input *input, double *value, hone_error *err)
{
    return score_clusters(input, silhouette, value, err);
}

/* --- dispersion between and within clusters (Calinski & Harabasz 1974)
 * --------------------------------------
 */

static hone_status calinski_harabasz(const clusters *c, hn_arena *scratch, double *value, hone_error *err)
{
    double *centres = find_centres(c, scratch), *mean = HN_ARENA_NEW(scratch, double, c->d);
    double between = 0, within = 0;
    if (!centres || !mean)
        return hn_out_of_memory(err);
    for (size_t i = 0; i < c->n; i++)
        for (size_t j = 0; j < c->d; j++)
            mean[j] += c->x[i * c->d + j] / (double)c->n;
    for (size_t k = 0; k < c->most; k++)
        if (c->sizes[k] > 0)
            between += (double)c->sizes[k] * squared_distance(centres + k * c->d, mean, c->d);
    for (size_t i = 0; i < c->n; i++)
        within += squared_distance(c->x + i * c->d, centres + c->labels[i] * c->d, c->d);
    *value = within == 0 ? 1 : between * (double)(c->n - c->met) / (within * (double)(c->met - 1));
    return HONE_OK;
}

hone_status hn_calinski_harabasz(const hn_metric_input *input, double *value, hone_error *err)
{
    return score_clusters(input, calinski_harabasz, value, err);
}

/* --- likeness of each cluster to that most like it (Davies & Bouldin 1979)
 * ----------------------------------
 */

static hone_status davies_bouldin(const clusters *c, hn_arena *scratch, double *value, hone_error *err)
{
    const double nothing = 1e-8; /* what numpy.allclose takes for 0 */
    double *centres = find_centres(c, scratch), *radius = HN_ARENA_NEW(scratch, double, c->most);
    double widest = 0, farthest = 0, sum = 0;
    if (!centres || !radius)
        return hn_out_of_memory(err);
    for (size_t i = 0; i < c->n; i++)
        radius[c->labels[i]] += sqrt(squared_distance(c->x + i * c->d, centres + c->labels[i] * c->d, c->d)) /
                                (double)c->sizes[c->labels[i]];
    for (size_t k = 0; k < c->most; k++) {
        double worst = 0;
        widest = fmax(widest, radius[k]);
        for (size_t l = 0; c->sizes[k] > 0 && l < c->most; l++) {
            double apart = sqrt(squared_distance(centres + k * c->d, centres + l * c->d, c->d));
            if (l == k || c->sizes[l] == 0 || apart == 0)
                continue;
            farthest = fmax(farthest, apart);
            worst = fmax(worst, (radius[k] + radius[l]) / apart);
        }
        sum += worst;
    }
    *value = widest <= nothing || farthest <= nothing ? 0 : sum / (double)c->met;
    return HONE_OK;
}

hone_status hn_davies_bouldin(const hn_metric_input *input, double *value, hone_error *err)
{
    return score_clusters(input, davies_bouldin, value, err);
}

hone_status hn_inertia(const hn_metric_input *input, double *value, hone_error *err)
{
    double sum = 0;
    if (!input->distance)
        return hn_fail(err, HONE_INVALID, "metric inertia needs the distances to the centres");
    for (size_t i = 0; i < input->n; i++)
        sum += input->distance[i];
    *value = sum;
    return HONE_OK;
}
