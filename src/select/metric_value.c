/* Metrics of numbers. */
#include <float.h>
#include <math.h>

#include "base/memory.h"
#include "math/statistics.h"
#include "select/metric_functions.h"

typedef double distance(double truth, double predicted);

static double squared(double truth, double predicted)
{
    return (truth - predicted) * (truth - predicted);
}

static double absolute(double truth, double predicted)
{
    return fabs(truth - predicted);
}

/* scikit-learn's: a truth of 0 counts as the smallest step of a double. */
static double relative(double truth, double predicted)
{
    return fabs(truth - predicted) / fmax(fabs(truth), DBL_EPSILON);
}

static double mean_distance(const hn_metric_input *in, distance *of)
{
    double sum = 0, total = 0;
    for (size_t i = 0; i < in->n; i++) {
        sum += hn_metric_weight(in, i) * of(in->truth[i], in->predicted[i]);
        total += hn_metric_weight(in, i);
    }
    return sum / total;
}

hone_status hn_mse(const hn_metric_input *in, double *value, hone_error *err)
{
    (void)err;
    *value = mean_distance(in, squared);
    return HONE_OK;
}

hone_status hn_rmse(const hn_metric_input *in, double *value, hone_error *err)
{
    (void)err;
    *value = sqrt(mean_distance(in, squared));
    return HONE_OK;
}

hone_status hn_mae(const hn_metric_input *in, double *value, hone_error *err)
{
    (void)err;
    *value = mean_distance(in, absolute);
    return HONE_OK;
}

hone_status hn_mape(const hn_metric_input *in, double *value, hone_error *err)
{
    (void)err;
    *value = mean_distance(in, relative);
    return HONE_OK;
}

hone_status hn_max_error(const hn_metric_input *in, double *value, hone_error *err)
{
    (void)err;
    double most = 0;
    for (size_t i = 0; i < in->n; i++)
        most = fmax(most, absolute(in->truth[i], in->predicted[i]));
    *value = most;
    return HONE_OK;
}

/* With weights the smallest distance that half the weight does not exceed (scikit-learn's rule), without them
 * the mean of the two in the middle. */
hone_status hn_median_ae(const hn_metric_input *in, double *value, hone_error *err)
{
    double *distances = hn_calloc(in->n, sizeof *distances), total = 0, sum = 0;
    size_t *order = hn_calloc(in->n, sizeof *order), i = 0;
    hone_status status = distances && order ? HONE_OK : hn_out_of_memory(err);
    if (status)
        goto done;
    for (size_t k = 0; k < in->n; k++) {
        distances[k] = absolute(in->truth[k], in->predicted[k]);
        total += hn_metric_weight(in, k);
    }
    if (!in->weight) {
        *value = hn_median(distances, in->n);
        goto done;
    }
    hn_argsort(distances, in->n, order);
    do
        sum += in->weight[order[i++]];
    while (i < in->n && sum < total / 2);
    *value = distances[order[i - 1]];
done:
    hn_free(distances);
    hn_free(order);
    return status;
}

/* 1 - residual / total squares; over a constant truth 1 for exact predictions, else 0; NaN for one row. */
hone_status hn_r2(const hn_metric_input *in, double *value, hone_error *err)
{
    (void)err;
    double mean = 0, total = 0, weights = 0;
    for (size_t i = 0; i < in->n; i++) {
        mean += hn_metric_weight(in, i) * in->truth[i];
        weights += hn_metric_weight(in, i);
    }
    mean /= weights;
    for (size_t i = 0; i < in->n; i++)
        total += hn_metric_weight(in, i) * squared(in->truth[i], mean);
    double residual = mean_distance(in, squared) * weights;
    *value = in->n < 2 ? NAN : total > 0 ? 1 - residual / total : residual > 0 ? 0 : 1;
    return HONE_OK;
}
