/* network/loss.h: what training lowers, from the network's last values before the final softmax or sigmoid
 * (logits). Means over the batch, weighted. Thread-safe. */
#ifndef HN_NETWORK_LOSS_H
#define HN_NETWORK_LOSS_H

#include <stddef.h>

typedef enum hn_loss {
    HN_LOSS_CATEGORICAL, /* cross-entropy of softmax; y is the class */
    HN_LOSS_BINARY,      /* cross-entropy of one sigmoid; y is 0 or 1 */
    HN_LOSS_MSE,
    HN_LOSS_MAE,
    HN_LOSS_HUBER, /* quadratic within 1 */
} hn_loss;

/* "categorical_crossentropy", "binary_crossentropy", "mse", "mae", "huber"; ends with NULL. */
extern const char *const hn_loss_names[];

/* z (n, width); y (n,) class or value; weight (n,) or NULL; smoothing: the share of a label that is spread
 * evenly over the classes. d (n, width) gets the derivative of the mean by z (may be NULL). Returns the
 * weighted sum of the samples' losses; the sum of the weights goes to *weights. The derivative is of sum /
 * weights. */
double hn_loss_evaluate(hn_loss loss, const float *z, const float *y, const float *weight, size_t n,
                        size_t width, float smoothing, float *d, double *weights);

#endif
