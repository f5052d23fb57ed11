#include "network/loss.h"

#include <math.h>

#include "network/activation.h"

const char *const hn_loss_names[] = {
    "categorical_crossentropy", "binary_crossentropy", "mse", "mae", "huber", NULL};

/* log(sum exp z), and what softmax is made of. */
static double log_sum(const float *z, size_t width)
{
    float largest = -INFINITY;
    double sum = 0;
    for (size_t k = 0; k < width; k++) {
        largest = z[k] > largest ? z[k] : largest;
    }
    for (size_t k = 0; k < width; k++) {
        sum += exp((double)z[k] - largest);
    }
    return largest + log(sum);
}

/* The target is (1 - smoothing) at the label plus smoothing / width everywhere. */
static double categorical(const float *z, float y, size_t width, float smoothing, float *d)
{
    size_t label = (size_t)y;
    double total = log_sum(z, width), mean = 0;
    for (size_t k = 0; smoothing > 0 && k < width; k++) {
        mean += (double)z[k] / (double)width;
    }
    if (d) {
        hn_activation_forward(HN_SOFTMAX, z, 1, width, d);
        for (size_t k = 0; k < width; k++) {
            d[k] -= smoothing / (float)width + (k == label ? 1 - smoothing : 0);
        }
    }
    return total - (1 - smoothing) * z[label] - smoothing * mean;
}

/* log(1 + exp(-|z|)) + max(z, 0) - t z, with the label t drawn towards 1/2 by smoothing. */
static double binary(float z, float y, float smoothing, float *d)
{
    double t = y * (1 - smoothing) + smoothing / 2, e = exp(-fabs((double)z));
    if (d) {
        *d = (float)((z > 0 ? 1 / (1 + e) : e / (1 + e)) - t);
    }
    return log1p(e) + (z > 0 ? z : 0) - t * z;
}

static double numeric(hn_loss loss, double error, double *slope)
{
    double size = fabs(error), sign = (error > 0) - (error < 0);
    switch (loss) {
    case HN_LOSS_MAE: *slope = sign; return size;
    case HN_LOSS_HUBER: *slope = size < 1 ? error : sign; return size < 1 ? error * error / 2 : size - 0.5;
    default: *slope = 2 * error; return error * error;
    }
}

/* y is one number a sample; of several outputs each is compared with it and the mean taken. */
static double distance(hn_loss loss, const float *z, float y, size_t width, float *d)
{
    double sum = 0, slope;
    for (size_t k = 0; k < width; k++) {
        sum += numeric(loss, (double)z[k] - y, &slope) / (double)width;
        if (d) {
            d[k] = (float)(slope / (double)width);
        }
    }
    return sum;
}

double hn_loss_evaluate(hn_loss loss, const float *z, const float *y, const float *weight, size_t n,
                        size_t width, float smoothing, float *d, double *weights)
{
    double sum = 0, total = 0;
    for (size_t i = 0; i < n; i++) {
        total += weight ? weight[i] : 1;
    }
    for (size_t i = 0; i < n; i++, z += width, d = d ? d + width : d) {
        double w = weight ? weight[i] : 1, value;
        switch (loss) {
        case HN_LOSS_CATEGORICAL: value = categorical(z, y[i], width, smoothing, d); break;
        case HN_LOSS_BINARY: value = binary(*z, y[i], smoothing, d); break;
        default: value = distance(loss, z, y[i], width, d); break;
        }
        sum += w * value;
        for (size_t k = 0; d && k < width; k++) {
            d[k] *= (float)(total > 0 ? w / total : 0);
        }
    }
    *weights = total;
    return sum;
}
