#include "select/curve.h"

#include <stdint.h>

#include "base/memory.h"
#include "math/statistics.h"

hone_status hn_curve_init(const hn_metric *metric, size_t n_points, size_t n_folds, hn_curve *curve,
                          hone_error *err)
{
    *curve = (hn_curve){.metric = metric, .n_points = n_points, .n_folds = n_folds};
    if (n_folds > SIZE_MAX / n_points)
        return hn_out_of_memory(err);
    size_t n = n_points * n_folds;
    curve->train = hn_calloc(n, sizeof(double));
    curve->test = hn_calloc(n, sizeof(double));
    curve->fit_seconds = hn_calloc(n, sizeof(double));
    curve->train_mean = hn_calloc(n_points, sizeof(double));
    curve->train_deviation = hn_calloc(n_points, sizeof(double));
    curve->test_mean = hn_calloc(n_points, sizeof(double));
    curve->test_deviation = hn_calloc(n_points, sizeof(double));
    bool made = curve->train && curve->test && curve->fit_seconds && curve->train_mean &&
                curve->train_deviation && curve->test_mean && curve->test_deviation;
    return made ? HONE_OK : hn_out_of_memory(err);
}

void hn_curve_summarise(hn_curve *curve)
{
    size_t k = curve->n_folds;
    for (size_t p = 0; p < curve->n_points; p++) {
        curve->train_mean[p] = hn_mean(curve->train + p * k, k);
        curve->train_deviation[p] = hn_standard_deviation(curve->train + p * k, k, 0);
        curve->test_mean[p] = hn_mean(curve->test + p * k, k);
        curve->test_deviation[p] = hn_standard_deviation(curve->test + p * k, k, 0);
    }
}

void hn_curve_release(hn_curve *curve)
{
    hn_free(curve->train);
    hn_free(curve->test);
    hn_free(curve->fit_seconds);
    hn_free(curve->train_mean);
    hn_free(curve->train_deviation);
    hn_free(curve->test_mean);
    hn_free(curve->test_deviation);
    *curve = (hn_curve){0};
}
