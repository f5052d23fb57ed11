#include "sampler/cma_restart.h"

#include <math.h>

/* Hansen 2009, table 1, and the defaults of his implementations. */
#define MAX_GROWTH    1e4  /* of the largest deviation over the first */
#define MAX_CONDITION 1e14 /* of C */

enum { MAX_LAMBDA = 1 << 20 };

/* --- the sequence of runs --- */

void hn_cma_schedule_begin(hn_cma_schedule *schedule, hn_cma_restart kind, size_t lambda0, size_t factor)
{
    *schedule = (hn_cma_schedule){
        .kind = kind, .lambda0 = lambda0, .factor = factor, .lambda = lambda0, .sigma_factor = 1};
}

static double large_lambda(const hn_cma_schedule *s, size_t n_large)
{
    return fmin((double)s->lambda0 * pow((double)s->factor, (double)n_large), MAX_LAMBDA);
}

void hn_cma_schedule_next(hn_cma_schedule *s, uint64_t seed)
{
    if (s->small) {
        s->small_trials += s->trials;
    } else if (s->n_runs > 0) {
        s->large_trials += s->trials;
    }
    if (!s->small)
        s->last_large = s->trials;
    s->trials = 0;
    s->n_runs++;
    s->small = s->kind == HN_CMA_BIPOP && s->small_trials < s->large_trials;
    if (!s->small) {
        s->lambda = (size_t)large_lambda(s, ++s->n_large);
        s->sigma_factor = 1;
        return;
    }
    hn_random random = hn_random_stream(seed, s->n_runs, HN_PURPOSE_STARTUP);
    double u = hn_random_uniform(&random);
    double lambda =
        floor((double)s->lambda0 * pow(large_lambda(s, s->n_large) / 2 / (double)s->lambda0, u * u));
    s->lambda = (size_t)fmax(lambda, 2);
    s->sigma_factor = pow(10, -2 * hn_random_uniform(&random));
}

bool hn_cma_schedule_spent(const hn_cma_schedule *s)
{
    return s->small && s->trials >= s->last_large / 2;
}

/* --- the record of losses --- */

hone_status hn_cma_record_make(hn_arena *arena, size_t n, size_t lambda, hn_cma_record *record,
                               hone_error *err)
{
    size_t length = 10 + (30 * n + lambda - 1) / lambda;
    double *best = HN_ARENA_NEW(arena, double, length);
    if (best == NULL)
        return hn_out_of_memory(err);
    *record = (hn_cma_record){.best = best, .length = length};
    return HONE_OK;
}

void hn_cma_record_add(hn_cma_record *record, double best)
{
    record->best[record->count++ % record->length] = best;
}

bool hn_cma_record_flat(const hn_cma_record *record, double best, double worst, double tolerance)
{
    if (record->count < record->length)
        return false;
    for (size_t i = 0; i < record->length; i++) {
        best = fmin(best, record->best[i]);
        worst = fmax(worst, record->best[i]);
    }
    return worst - best <= tolerance;
}

/* --- the distribution --- */

static bool is_short(const hn_cma *cma, double sigma0, double tolerance)
{
    bool is_short = true;
    for (size_t i = 0; i < cma->rule.n && is_short; i++) {
        double deviation = sqrt(hn_cma_variance(cma, i));
        is_short = cma->sigma * fmax(deviation, fabs(cma->p_c[i])) < tolerance * sigma0;
    }
    return is_short;
}

/* Would a fifth of a deviation move no coordinate, or a tenth along one axis (another one in each
 * generation)? */
static bool has_no_effect(const hn_cma *cma)
{
    size_t n = cma->rule.n, axis = cma->generation % n;
    bool along_axis = true, along_coordinate = false;
    for (size_t i = 0; i < n; i++) {
        double deviation = cma->sigma * sqrt(hn_cma_variance(cma, i));
        double part = cma->rule.diagonal ? i == axis : cma->axes[axis * n + i];
        along_coordinate = along_coordinate || cma->mean[i] + 0.2 * deviation == cma->mean[i];
        along_axis =
            along_axis && cma->mean[i] + 0.1 * cma->sigma * cma->lengths[axis] * part == cma->mean[i];
    }
    return along_axis || along_coordinate;
}

bool hn_cma_is_over(const hn_cma *cma, double sigma0, double step_tolerance)
{
    double smallest, largest, n = (double)cma->rule.n;
    hn_cma_extremes(cma, &smallest, &largest);
    double ratio = largest / smallest;
    return cma->sigma * largest > MAX_GROWTH * sigma0 || ratio * ratio > MAX_CONDITION ||
           (double)cma->generation > 100 + 150 * (n + 3) * (n + 3) / sqrt((double)cma->rule.lambda) ||
           is_short(cma, sigma0, step_tolerance) || has_no_effect(cma);
}
