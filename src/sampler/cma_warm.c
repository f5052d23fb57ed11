#include "sampler/cma_warm.h"

#include <math.h>

#include "math/linalg.h"

size_t hn_cma_warm_count(size_t n)
{
    size_t count = (size_t)(HN_CMA_WARM_SHARE * (double)n);
    return count == 0 && n > 0 ? 1 : count;
}

static double mean_of_known(const double *places, size_t m, size_t n, size_t i, double fallback)
{
    double sum = 0, known = 0;
    for (size_t k = 0; k < m; k++)
        if (!isnan(places[k * n + i])) {
            sum += places[k * n + i];
            known++;
        }
    return known > 0 ? sum / known : fallback;
}

void hn_cma_warm_fit(double *places, size_t m, size_t n, const double *fallback, double *mean,
                     double *covariance)
{
    for (size_t i = 0; i < n; i++) {
        mean[i] = mean_of_known(places, m, n, i, fallback[i]);
        for (size_t k = 0; k < m; k++)
            places[k * n + i] = isnan(places[k * n + i]) ? 0 : places[k * n + i] - mean[i];
    }
    hn_gram(places, m, n, NULL, covariance);
    for (size_t i = 0; i < n * n; i++)
        covariance[i] /= (double)m;
    for (size_t i = 0; i < n; i++)
        covariance[i * n + i] += HN_CMA_WARM_WIDTH * HN_CMA_WARM_WIDTH;
}
