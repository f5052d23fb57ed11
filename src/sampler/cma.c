#include "sampler/cma.h"

#include <math.h>
#include <string.h>

#include "math/eigen.h"
#include "math/linalg.h"

/* Beyond these sigma has left what doubles can say about the points. */
#define SIGMA_MIN 1e-40
#define SIGMA_MAX 1e32
/* Below this share of the largest eigenvalue the smallest ones are rounding. */
#define CONDITION_MIN 1e-15
/* Smaller than this none becomes, whatever the steps (all 0 once the mean no longer moves). */
#define EIGENVALUE_MIN 1e-200

/* --- the rule --- */

size_t hn_cma_default_lambda(size_t n)
{
    return 4 + (size_t)(3 * log((double)(n > 0 ? n : 1)));
}

/* Positive weights of sum 1; the negative ones sum to what the decay leaves room for (equations 49 to 53). */
static void set_weights(hn_cma_rule *rule, bool active, double mu_eff_minus)
{
    double n = (double)rule->n, positive = 0, negative = 0;
    for (size_t i = 0; i < rule->lambda; i++)
        *(i < rule->mu ? &positive : &negative) += fabs(rule->weights[i]);
    double most = fmin(fmin(1 + rule->c_1 / rule->c_mu, 1 + 2 * mu_eff_minus / (rule->mu_eff + 2)),
                       (1 - rule->c_1 - rule->c_mu) / (n * rule->c_mu));
    for (size_t i = 0; i < rule->lambda; i++) {
        if (i < rule->mu)
            rule->weights[i] /= positive;
        else
            rule->weights[i] = active && negative > 0 ? rule->weights[i] * most / negative : 0;
    }
}

static double effective_number(const double *weights, size_t n)
{
    double sum = 0, squares = 0;
    for (size_t i = 0; i < n; i++) {
        sum += weights[i];
        squares += weights[i] * weights[i];
    }
    return squares > 0 ? sum * sum / squares : 0;
}

hone_status hn_cma_rule_make(hn_arena *arena, size_t n_dimensions, size_t lambda, bool diagonal, bool active,
                             hn_cma_rule *rule, hone_error *err)
{
    double n = (double)n_dimensions;
    double *weights = HN_ARENA_NEW(arena, double, lambda);
    if (weights == NULL)
        return hn_out_of_memory(err);
    hn_cma_rule made = {
        .n = n_dimensions, .lambda = lambda, .mu = lambda / 2, .diagonal = diagonal, .weights = weights};
    for (size_t i = 0; i < lambda; i++)
        weights[i] = log(((double)lambda + 1) / 2) - log((double)i + 1);
    made.mu_eff = effective_number(weights, made.mu);
    double mu_eff = made.mu_eff, mu_eff_minus = effective_number(weights + made.mu, lambda - made.mu);
    made.c_c = (4 + mu_eff / n) / (n + 4 + 2 * mu_eff / n);
    made.c_sigma = (mu_eff + 2) / (n + mu_eff + 5);
    made.d_sigma = 1 + 2 * fmax(0, sqrt((mu_eff - 1) / (n + 1)) - 1) + made.c_sigma;
    double faster = diagonal ? (n + 2) / 3 : 1; /* Ros & Hansen 2008: n parameters instead of n (n + 1) / 2 */
    made.c_1 = fmin(0.5, faster * 2 / ((n + 1.3) * (n + 1.3) + mu_eff));
    made.c_mu =
        fmin(1 - made.c_1 - 1e-8, faster * 2 * (mu_eff - 2 + 1 / mu_eff) / ((n + 2) * (n + 2) + mu_eff));
    made.chi = sqrt(n) * (1 - 1 / (4 * n) + 1 / (21 * n * n));
    made.eigen_gap = 1 / (10 * n * (made.c_1 + made.c_mu));
    set_weights(&made, active, mu_eff_minus);
    *rule = made;
    return HONE_OK;
}

/* --- life --- */

static hone_status allocate(hn_arena *arena, hn_cma *cma, hone_error *err)
{
    size_t n = cma->rule.n, lambda = cma->rule.lambda;
    bool diagonal = cma->rule.diagonal;
    cma->mean = HN_ARENA_NEW(arena, double, n);
    cma->c = hn_arena_alloc(arena, n, (diagonal ? 1 : n) * sizeof(double));
    cma->lengths = HN_ARENA_NEW(arena, double, n);
    cma->p_sigma = HN_ARENA_NEW(arena, double, n);
    cma->p_c = HN_ARENA_NEW(arena, double, n);
    cma->white = hn_arena_alloc(arena, lambda, n * sizeof(double));
    cma->used = HN_ARENA_NEW(arena, double, lambda);
    cma->step = HN_ARENA_NEW(arena, double, n);
    cma->eigen_work = HN_ARENA_NEW(arena, double, 2 * n);
    bool made = cma->mean != NULL && cma->c != NULL && cma->lengths != NULL && cma->p_sigma != NULL &&
                cma->p_c != NULL && cma->white != NULL && cma->used != NULL && cma->step != NULL &&
                cma->eigen_work != NULL;
    if (made && !diagonal) {
        cma->axes = hn_arena_alloc(arena, n, n * sizeof(double));
        cma->product = hn_arena_alloc(arena, n, n * sizeof(double));
        made = cma->axes != NULL && cma->product != NULL;
    }
    return made ? HONE_OK : hn_out_of_memory(err);
}

hone_status hn_cma_begin(hn_arena *arena, const hn_cma_rule *rule, const double *mean, double sigma,
                         const double *variances, const double *covariance, bool adapt_rates, hn_cma *cma,
                         hone_error *err)
{
    hn_cma made = {.rule = *rule, .sigma = sigma};
    size_t n = rule->n;
    hone_status status = allocate(arena, &made, err);
    if (status == HONE_OK && adapt_rates)
        status = hn_cma_rates_make(arena, rule, &made.rates, err);
    if (status != HONE_OK)
        return status;
    memcpy(made.mean, mean, n * sizeof *mean);
    for (size_t i = 0; i < n; i++) {
        double variance = covariance != NULL ? covariance[i * n + i] : variances[i];
        made.c[rule->diagonal ? i : i * n + i] = variance;
    }
    if (covariance != NULL && !rule->diagonal)
        memcpy(made.c, covariance, n * n * sizeof *covariance);
    hn_cma_decompose(&made);
    *cma = made;
    return HONE_OK;
}

double hn_cma_variance(const hn_cma *cma, size_t i)
{
    return cma->c[cma->rule.diagonal ? i : i * cma->rule.n + i];
}

void hn_cma_extremes(const hn_cma *cma, double *smallest, double *largest)
{
    *smallest = *largest = cma->lengths[0];
    for (size_t i = 1; i < cma->rule.n; i++) {
        *smallest = fmin(*smallest, cma->lengths[i]);
        *largest = fmax(*largest, cma->lengths[i]);
    }
}

/* --- the shape --- */

/* Lengths from eigenvalues; c is given a little of the identity when some of them are lost to rounding. */
static void take_roots(hn_cma *cma)
{
    size_t n = cma->rule.n;
    double largest = 0, smallest = INFINITY;
    for (size_t i = 0; i < n; i++) {
        largest = fmax(largest, cma->lengths[i]);
        smallest = fmin(smallest, cma->lengths[i]);
    }
    double added = fmax(fmax(CONDITION_MIN * largest, EIGENVALUE_MIN) - smallest, 0);
    for (size_t i = 0; i < n; i++) {
        cma->c[cma->rule.diagonal ? i : i * n + i] += added;
        cma->lengths[i] = sqrt(cma->lengths[i] + added);
    }
}

void hn_cma_decompose(hn_cma *cma)
{
    size_t n = cma->rule.n;
    if (cma->rule.diagonal) {
        for (size_t i = 0; i < n; i++) {
            cma->lengths[i] = cma->c[i];
        }
    } else {
        memcpy(cma->product, cma->c, n * n * sizeof *cma->c);
        hn_symmetric_eigen(cma->product, n, cma->lengths, cma->axes, cma->eigen_work); /* c is finite */
    }
    take_roots(cma);
    cma->decomposed_at = (double)cma->generation;
}

void hn_cma_shape(const double *axes, const double *lengths, size_t n, double *z, double *y)
{
    for (size_t i = 0; i < n; i++)
        z[i] *= lengths[i];
    if (axes == NULL) {
        memcpy(y, z, n * sizeof *z);
        return;
    }
    memset(y, 0, n * sizeof *y);
    hn_add_columns_times(axes, n, n, z, y);
}

/* out (m, n) = the rows of y (m, n) in the coordinates in which the distribution is standard, those of its
 * axes. */
static void whiten(const hn_cma *cma, const double *y, size_t m, double *out)
{
    size_t n = cma->rule.n;
    if (cma->rule.diagonal)
        memcpy(out, y, m * n * sizeof *y);
    else
        hn_product_transposed(y, m, cma->axes, n, n, out);
    for (size_t k = 0; k < m; k++)
        for (size_t i = 0; i < n; i++)
            out[k * n + i] /= cma->lengths[i];
}

void hn_cma_clip(const hn_cma *cma, double *y)
{
    size_t n = cma->rule.n;
    whiten(cma, y, 1, cma->white);
    double length = sqrt(hn_dot(cma->white, cma->white, n));
    double most = sqrt((double)n) + 2 * (double)n / ((double)n + 2);
    for (size_t i = 0; i < n && length > most; i++)
        y[i] *= most / length;
}

/* --- learning --- */

/* Weights as used: 0 for the good places that bad points take, and the negative ones scaled by n / |white|^2
 * (equation 46). Returns the sum of those before scaling. */
static double use_weights(hn_cma *cma, size_t n_good)
{
    const hn_cma_rule *rule = &cma->rule;
    double sum = 0;
    for (size_t k = 0; k < rule->lambda; k++) {
        const double *white = cma->white + k * rule->n;
        double weight = k < rule->mu && k >= n_good ? 0 : rule->weights[k];
        sum += weight;
        if (weight < 0)
            weight *= (double)rule->n / (hn_dot(white, white, rule->n) + 1e-8);
        cma->used[k] = weight;
    }
    return sum;
}

/* p_sigma and sigma from the weighted mean of the whitened steps (equations 43, 44). */
static void learn_size(hn_cma *cma)
{
    const hn_cma_rule *rule = &cma->rule;
    size_t n = rule->n;
    double *mean_white = cma->eigen_work, *turned = cma->eigen_work + n;
    memset(mean_white, 0, 2 * n * sizeof *mean_white);
    hn_add_columns_times(cma->white, rule->mu, n, cma->used, mean_white);
    if (rule->diagonal)
        turned = mean_white;
    else
        hn_add_columns_times(cma->axes, n, n, mean_white, turned);
    double gain = sqrt(rule->c_sigma * (2 - rule->c_sigma) * rule->mu_eff);
    for (size_t i = 0; i < n; i++)
        cma->p_sigma[i] = (1 - rule->c_sigma) * cma->p_sigma[i] + gain * turned[i];
    double length = sqrt(hn_dot(cma->p_sigma, cma->p_sigma, n));
    cma->sigma *= exp(fmin(1, rule->c_sigma / rule->d_sigma * (length / rule->chi - 1)));
    cma->sigma = fmin(fmax(cma->sigma, SIGMA_MIN), SIGMA_MAX);
}

/* Is p_sigma short enough for p_c to go on? Otherwise the mean runs, and sigma alone should grow. */
static bool is_steady(const hn_cma *cma)
{
    const hn_cma_rule *rule = &cma->rule;
    double length = sqrt(hn_dot(cma->p_sigma, cma->p_sigma, rule->n));
    double warming = sqrt(1 - pow(1 - rule->c_sigma, 2 * ((double)cma->generation + 1)));
    return length / warming < (1.4 + 2 / ((double)rule->n + 1)) * rule->chi;
}

/* p_c and C (equations 45, 47). weight_sum: of all weights used. */
static void learn_shape(hn_cma *cma, const double *y, double weight_sum)
{
    const hn_cma_rule *rule = &cma->rule;
    size_t n = rule->n;
    bool steady = is_steady(cma);
    double gain = steady ? sqrt(rule->c_c * (2 - rule->c_c) * rule->mu_eff) : 0;
    for (size_t i = 0; i < n; i++)
        cma->p_c[i] = (1 - rule->c_c) * cma->p_c[i] + gain * cma->step[i];
    double lost = steady ? 0 : rule->c_c * (2 - rule->c_c); /* of p_c's variance */
    double kept = 1 + rule->c_1 * lost - rule->c_1 - rule->c_mu * weight_sum;
    if (rule->diagonal) {
        for (size_t i = 0; i < n; i++) {
            double spread = 0;
            for (size_t k = 0; k < rule->lambda; k++)
                spread += cma->used[k] * y[k * n + i] * y[k * n + i];
            cma->c[i] = kept * cma->c[i] + rule->c_1 * cma->p_c[i] * cma->p_c[i] + rule->c_mu * spread;
        }
        return;
    }
    hn_gram(y, rule->lambda, n, cma->used, cma->product);
    for (size_t i = 0; i < n; i++) {
        double *row = cma->c + i * n;
        for (size_t j = 0; j < n; j++)
            row[j] = kept * row[j] + rule->c_mu * cma->product[i * n + j];
        hn_add_scaled(rule->c_1 * cma->p_c[i], cma->p_c, n, row);
    }
}

void hn_cma_learn(hn_cma *cma, const double *y, size_t n_good)
{
    const hn_cma_rule *rule = &cma->rule;
    if (n_good == 0)
        return;
    if (cma->rates != NULL)
        hn_cma_rates_before(cma);
    whiten(cma, y, rule->lambda, cma->white);
    double weight_sum = use_weights(cma, n_good);
    memset(cma->step, 0, rule->n * sizeof *cma->step);
    hn_add_columns_times(y, rule->mu, rule->n, cma->used, cma->step);
    hn_add_scaled(cma->sigma, cma->step, rule->n, cma->mean);
    cma->generation++;
    learn_size(cma);
    learn_shape(cma, y, weight_sum);
    if (cma->rates != NULL)
        hn_cma_rates_after(cma);
    else if ((double)cma->generation - cma->decomposed_at > rule->eigen_gap)
        hn_cma_decompose(cma);
}
