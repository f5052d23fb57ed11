/* sampler/cma_rates.c: learning rates that follow the noise (LRA-CMA-ES; Nomura, Akimoto & Ono 2023, arXiv
 * 2304.03473): the steps of mean and covariance are shortened until their signal-to-noise ratio is ALPHA
 * times the rate. */
#include <math.h>
#include <string.h>

#include "math/linalg.h"
#include "sampler/cma.h"

#define ALPHA           1.4
#define BETA_MEAN       0.1
#define BETA_COVARIANCE 0.03
#define GAMMA           0.1

static size_t covariance_size(const hn_cma_rule *rule)
{
    return rule->diagonal ? rule->n : rule->n * rule->n;
}

hone_status hn_cma_rates_make(hn_arena *arena, const hn_cma_rule *rule, hn_cma_rates **rates, hone_error *err)
{
    size_t n = rule->n, size = covariance_size(rule);
    hn_cma_rates *made = HN_ARENA_NEW(arena, hn_cma_rates, 1);
    if (made == NULL)
        return hn_out_of_memory(err);
    made->mean_rate = made->covariance_rate = 1;
    made->mean_step = HN_ARENA_NEW(arena, double, n);
    made->covariance_step = HN_ARENA_NEW(arena, double, size);
    made->old_mean = HN_ARENA_NEW(arena, double, n);
    made->old_c = HN_ARENA_NEW(arena, double, size);
    made->work = HN_ARENA_NEW(arena, double, 3 * size + n);
    if (made->mean_step == NULL || made->covariance_step == NULL || made->old_mean == NULL ||
        made->old_c == NULL || made->work == NULL)
        return hn_out_of_memory(err);
    *rates = made;
    return HONE_OK;
}

void hn_cma_rates_before(hn_cma *cma)
{
    hn_cma_rates *r = cma->rates;
    memcpy(r->old_mean, cma->mean, cma->rule.n * sizeof *cma->mean);
    memcpy(r->old_c, cma->c, covariance_size(&cma->rule) * sizeof *cma->c);
    r->old_sigma = cma->sigma;
}

/* root (n, n) = C^(-1/2), symmetric, of the axes that are still those of the generation before. scaled: (n,
 * n). */
static void inverse_root(const hn_cma *cma, double *scaled, double *root)
{
    size_t n = cma->rule.n;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            scaled[i * n + j] = cma->axes[i * n + j] / sqrt(cma->lengths[i]);
    hn_gram(scaled, n, n, NULL, root);
}

/* The steps in the coordinates in which the old distribution was standard: mean (n,), covariance (n, n) or
 * (n,) over sqrt(2). The difference of sigma^2 C is left in difference. */
static void local_steps(const hn_cma *cma, double *difference, double *mean, double *covariance,
                        double *spare)
{
    const hn_cma_rates *r = cma->rates;
    size_t n = cma->rule.n, size = covariance_size(&cma->rule);
    double square = r->old_sigma * r->old_sigma;
    for (size_t i = 0; i < size; i++)
        difference[i] = cma->sigma * cma->sigma * cma->c[i] - square * r->old_c[i];
    for (size_t i = 0; i < n; i++)
        cma->step[i] = (cma->mean[i] - r->old_mean[i]) / r->old_sigma;
    if (cma->rule.diagonal) {
        for (size_t i = 0; i < n; i++) {
            mean[i] = cma->step[i] / cma->lengths[i];
            covariance[i] = difference[i] / (square * cma->lengths[i] * cma->lengths[i] * sqrt(2));
        }
        return;
    }
    inverse_root(cma, covariance, spare);
    hn_rows_times(spare, n, n, cma->step, mean);
    hn_product_transposed(spare, n, difference, n, n, cma->product);
    hn_product_transposed(cma->product, n, spare, n, n, covariance);
    for (size_t i = 0; i < size; i++)
        covariance[i] /= square * sqrt(2);
}

/* Takes a step into the moving means, and gives the factor by which the rate changes. */
static double follow(double *moving, double *moving_square, const double *step, size_t size, double beta,
                     double rate)
{
    for (size_t i = 0; i < size; i++)
        moving[i] = (1 - beta) * moving[i] + beta * step[i];
    *moving_square = (1 - beta) * *moving_square + beta * hn_dot(step, step, size);
    double square = hn_dot(moving, moving, size);
    double noise = *moving_square - square;
    double ratio = noise > 0 ? (square - beta / (2 - beta) * *moving_square) / noise : INFINITY;
    double relative = fmin(fmax(ratio / ALPHA / rate - 1, -1), 1);
    return exp(fmin(GAMMA * rate, beta) * relative);
}

/* c holds sigma^2 C: sigma becomes the geometric mean of its axes' lengths, and they are divided by it. */
static void normalise(hn_cma *cma)
{
    size_t n = cma->rule.n, size = covariance_size(&cma->rule);
    double sum = 0;
    hn_cma_decompose(cma);
    for (size_t i = 0; i < n; i++)
        sum += log(cma->lengths[i]);
    cma->sigma = exp(sum / (double)n);
    for (size_t i = 0; i < n; i++)
        cma->lengths[i] /= cma->sigma;
    for (size_t i = 0; i < size; i++)
        cma->c[i] /= cma->sigma * cma->sigma;
}

void hn_cma_rates_after(hn_cma *cma)
{
    hn_cma_rates *r = cma->rates;
    size_t n = cma->rule.n, size = covariance_size(&cma->rule);
    double *difference = r->work, *covariance = difference + size, *spare = covariance + size,
           *mean = spare + size, before = r->mean_rate;
    local_steps(cma, difference, mean, covariance, spare);
    r->mean_rate *= follow(r->mean_step, &r->mean_square, mean, n, BETA_MEAN, r->mean_rate);
    r->covariance_rate *= follow(r->covariance_step, &r->covariance_square, covariance, size, BETA_COVARIANCE,
                                 r->covariance_rate);
    r->mean_rate = fmin(r->mean_rate, 1);
    r->covariance_rate = fmin(r->covariance_rate, 1);
    for (size_t i = 0; i < n; i++)
        cma->mean[i] = r->old_mean[i] + r->mean_rate * (cma->mean[i] - r->old_mean[i]);
    for (size_t i = 0; i < size; i++)
        cma->c[i] = r->old_sigma * r->old_sigma * r->old_c[i] + r->covariance_rate * difference[i];
    normalise(cma);
    cma->sigma *= before / r->mean_rate; /* the step size that suits the new rate of the mean */
}
