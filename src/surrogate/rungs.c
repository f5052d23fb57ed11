#include "surrogate/rungs.h"

#include <math.h>
#include <string.h>

#include "math/sequence.h"
#include "math/statistics.h"

enum {
    LEAST_POINTS = 3,     /* of a level, for a Gaussian process */
    MOST_ITERATIONS = 15, /* of the search for hyperparameters: decisions come often */
    SHARED_BELOW = 12,    /* fewer points: one relevance for all parameters */
};

/* How much a rung's scale is believed to be that of the rung before, in trials. */
static const double PRIOR_TRIALS = 2;
/* Of what is not known of a level: the spread of its changes, in deviations of the first rung's losses. */
static const double PRIOR_SPREAD = 0.3;

typedef struct level {
    hn_gp *gp;  /* of the standardised residuals; NULL: too few trials came here, or all are alike */
    double rho; /* 0 at the first level */
    double centre, scale; /* residual = centre + scale * what the process says */
    double variance;      /* of residuals beside what the process says: noise, or all of it */
} level;

struct hn_rungs {
    size_t d, n_rungs;
    double cap;
    level levels[];
};

/* --- losses --- */

static double capped(double loss, double cap)
{
    return loss < cap ? loss : cap; /* a NaN becomes the cap */
}

/* Losses of breaking trainings may be anything: what is farther above the median than the best is below tells
 * no more. */
static double find_cap(const hn_rungs_data *data, double *scratch)
{
    size_t n = 0;
    double least = INFINITY;
    for (size_t i = 0; i < data->n; i++)
        for (size_t k = 0; k < data->reached[i]; k++) {
            double loss = data->y[i * data->n_rungs + k];
            least = loss < least ? loss : least;
            if (k == 0 && isfinite(loss))
                scratch[n++] = loss;
        }
    if (n == 0 || !isfinite(least))
        return 0;
    hn_sort_doubles(scratch, n);
    double median = scratch[n / 2];
    return median > least ? 2 * median - least : median;
}

/* --- one level --- */

typedef struct points {
    size_t n;
    size_t *index;           /* (n,) of the trials */
    double *before, *losses; /* (n,) on the rung before, and on this one */
} points;

static points list_points(const hn_rungs *model, const hn_rungs_data *data, size_t k, double *before,
                          double *losses, size_t *index)
{
    points p = {0, index, before, losses};
    for (size_t i = 0; i < data->n; i++) {
        const double *y = data->y + i * data->n_rungs;
        if (data->reached[i] <= k)
            continue;
        p.before[p.n] = k ? capped(y[k - 1], model->cap) : 0;
        p.losses[p.n] = capped(y[k], model->cap);
        p.index[p.n++] = i;
    }
    return p;
}

/* Keeps at most `most`: the best half, and of the others every so manyth. */
static hone_status thin(points *p, size_t most, hn_arena *scratch, hone_error *err)
{
    if (p->n <= most)
        return HONE_OK;
    size_t *order = HN_ARENA_NEW(scratch, size_t, p->n), kept = 0, best = most / 2;
    bool *is_kept = HN_ARENA_NEW(scratch, bool, p->n);
    if (!order || !is_kept)
        return hn_out_of_memory(err);
    hn_argsort(p->losses, p->n, order);
    for (size_t j = 0; j < most; j++) {
        size_t at = j < best ? j : best + (j - best) * (p->n - best) / (most - best);
        is_kept[order[at]] = true;
    }
    for (size_t j = 0; j < p->n; j++)
        if (is_kept[j]) {
            p->index[kept] = p->index[j];
            p->before[kept] = p->before[j];
            p->losses[kept++] = p->losses[j];
        }
    p->n = kept;
    return HONE_OK;
}

/* The slope of the losses by those before, drawn towards 1. */
static double slope_of(const points *p, double unit)
{
    double mean_before = hn_mean(p->before, p->n), mean = hn_mean(p->losses, p->n);
    double prior = PRIOR_TRIALS * unit * unit, cross = prior, square = prior;
    for (size_t i = 0; i < p->n; i++) {
        double gap = p->before[i] - mean_before;
        cross += gap * (p->losses[i] - mean);
        square += gap * gap;
    }
    return square > 0 ? fmax(cross / square, 0) : 1;
}

static double deviation_of(const double *values, size_t n)
{
    double mean = hn_mean(values, n), sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += (values[i] - mean) * (values[i] - mean);
    return n > 1 ? sqrt(sum / (double)n) : 0;
}

/* Residuals (n,) in place of the losses become the level's process. */
static hone_status fit_residuals(hn_arena *arena, const hn_gp_axis *axes, const hn_rungs_data *data,
                                 const points *p, hn_arena *scratch, size_t d, level *made, hone_error *err)
{
    double *x = hn_arena_scratch(scratch, p->n, d * sizeof *x);
    hn_gp_options options = HN_GP_OPTIONS_INIT;
    options.transform = HN_GP_TRANSFORM_GIVEN;
    options.shared = p->n < SHARED_BELOW;
    options.max_iterations = MOST_ITERATIONS;
    options.tolerance = 1e-3;
    if (!x)
        return hn_out_of_memory(err);
    for (size_t i = 0; i < p->n; i++) {
        memcpy(x + i * d, data->x + p->index[i] * d, d * sizeof *x);
        p->losses[i] = (p->losses[i] - made->centre) / made->scale;
    }
    hn_gp_data observed = {.x = x, .y = p->losses, .n = p->n};
    hone_status status = hn_gp_fit(arena, axes, d, &options, &observed, NULL, &made->gp, err);
    if (!status)
        made->variance = made->scale * made->scale * hn_gp_noise(made->gp, 0);
    return status;
}

/* unit: the deviation of the first rung's losses. */
static hone_status fit_level(hn_arena *arena, const hn_gp_axis *axes, size_t d, const hn_rungs_data *data,
                             points *p, bool first, double unit, hn_arena *scratch, level *made,
                             hone_error *err)
{
    hone_status status = thin(p, data->max_points, scratch, err);
    if (status)
        return status;
    made->rho = first ? 0 : slope_of(p, unit);
    for (size_t i = 0; i < p->n; i++)
        p->losses[i] -= made->rho * p->before[i];
    made->centre = p->n ? hn_mean(p->losses, p->n) : 0;
    made->scale = deviation_of(p->losses, p->n);
    double prior = PRIOR_SPREAD * unit, n = (double)p->n;
    made->variance = (prior * prior + n * made->scale * made->scale) / (1 + n);
    if (p->n < LEAST_POINTS || d == 0 || !(made->scale > 1e-9 * unit))
        return HONE_OK;
    return fit_residuals(arena, axes, data, p, scratch, d, made, err);
}

/* --- all levels --- */

static hone_status fit_levels(hn_arena *arena, const hn_gp_axis *axes, const hn_rungs_data *data,
                              hn_arena *scratch, hn_rungs *model, hone_error *err)
{
    double *before = HN_ARENA_NEW(scratch, double, data->n), *losses = HN_ARENA_NEW(scratch, double, data->n);
    size_t *index = HN_ARENA_NEW(scratch, size_t, data->n);
    double unit = 0;
    hone_status status = before && losses && index ? HONE_OK : hn_out_of_memory(err);
    if (!status)
        model->cap = find_cap(data, losses);
    for (size_t k = 0; k < data->n_rungs && !status; k++) {
        points p = list_points(model, data, k, before, losses, index);
        unit = k ? unit : deviation_of(p.losses, p.n);
        status = fit_level(arena, axes, model->d, data, &p, k == 0, unit, scratch, &model->levels[k], err);
    }
    return status;
}

hone_status hn_rungs_fit(hn_arena *arena, const hn_gp_axis *axes, size_t d, const hn_rungs_data *data,
                         hn_rungs **model, hone_error *err)
{
    bool any = false;
    for (size_t i = 0; i < data->n; i++)
        any = any || data->reached[i] > 0;
    if (!any)
        return hn_fail(err, HONE_INVALID, "a model of rungs needs a trial that has come to the first");
    hn_arena scratch = HN_ARENA_INIT;
    hn_rungs *made = hn_arena_alloc(arena, 1, sizeof *made + data->n_rungs * sizeof *made->levels);
    hone_status status = made ? HONE_OK : hn_out_of_memory(err);
    if (!status) {
        made->d = d;
        made->n_rungs = data->n_rungs;
        status = fit_levels(arena, axes, data, &scratch, made, err);
    }
    hn_arena_release(&scratch);
    if (!status)
        *model = made;
    return status;
}

/* --- predicting --- */

void hn_rungs_predict(const hn_rungs *model, const double *x, const double *y, size_t reached, double *mean,
                      double *deviation)
{
    double m = reached ? capped(y[reached - 1], model->cap) : 0, v = 0;
    for (size_t k = reached; k < model->n_rungs; k++) {
        const level *l = &model->levels[k];
        double change = 0, doubt = 0;
        if (l->gp)
            hn_gp_predict(l->gp, 0, x, 1, &change, &doubt);
        m = l->rho * m + l->centre + l->scale * change;
        v = l->rho * l->rho * v + (l->gp ? l->scale * l->scale * doubt : 0) + l->variance;
    }
    *mean = m;
    *deviation = sqrt(v);
}

double hn_rungs_cap(const hn_rungs *model)
{
    return model->cap;
}
