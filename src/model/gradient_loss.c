#include "model/gradient_loss.h"

#include <math.h>

static const double least_curvature = 1e-150;

size_t hn_gradient_outputs(size_t n_classes)
{
    return n_classes > 2 ? n_classes : 1;
}

static double sigmoid(double raw)
{
    return raw >= 0 ? 1 / (1 + exp(-raw)) : exp(raw) / (1 + exp(raw));
}

/* log(1 + exp(raw)) without overflow. */
static double softplus(double raw)
{
    return raw > 0 ? raw + log1p(exp(-raw)) : log1p(exp(raw));
}

/* log sum exp of scores (n,). */
static double log_normaliser(const double *scores, size_t n)
{
    double most = scores[0], sum = 0;
    for (size_t k = 1; k < n; k++)
        most = fmax(most, scores[k]);
    for (size_t k = 0; k < n; k++)
        sum += exp(scores[k] - most);
    return most + log(sum);
}

/* Logarithms of shares kept away from 0 and 1: a class may not occur. */
static double bounded(double share)
{
    const double least = 1e-7;
    return fmin(fmax(share, least), 1 - least);
}

void hn_gradient_start(size_t n_classes, const double *y, const double *weight, size_t n, double *raw)
{
    size_t outputs = hn_gradient_outputs(n_classes);
    for (size_t k = 0; k < outputs; k++) {
        double sum = 0, total = 0;
        for (size_t i = 0; i < n; i++) {
            double w = weight ? weight[i] : 1;
            total += w;
            sum += w * (outputs > 1 ? y[i] == (double)k : y[i]);
        }
        double mean = total > 0 ? sum / total : 0;
        raw[k] = n_classes == 0 ? mean
                 : outputs == 1 ? log(bounded(mean) / (1 - bounded(mean)))
                                : log(bounded(mean));
    }
}

void hn_gradient_residuals(size_t n_classes, const double *y, const double *raw, size_t n, size_t k,
                           double *out)
{
    size_t outputs = hn_gradient_outputs(n_classes);
    for (size_t i = 0; i < n; i++) {
        const double *row = raw + i * outputs;
        if (n_classes == 0)
            out[i] = y[i] - row[0];
        else if (outputs == 1)
            out[i] = y[i] - sigmoid(row[0]);
        else
            out[i] = (y[i] == (double)k) - exp(row[k] - log_normaliser(row, outputs));
    }
}

double hn_gradient_loss(size_t n_classes, const double *y, const double *weight, const double *raw, size_t n)
{
    size_t outputs = hn_gradient_outputs(n_classes);
    double sum = 0, total = 0;
    for (size_t i = 0; i < n; i++) {
        const double *row = raw + i * outputs;
        double loss, w = weight ? weight[i] : 1;
        if (n_classes == 0)
            loss = (y[i] - row[0]) * (y[i] - row[0]);
        else if (outputs == 1)
            loss = 2 * (softplus(row[0]) - y[i] * row[0]);
        else
            loss = log_normaliser(row, outputs) - row[(size_t)y[i]];
        sum += w * loss;
        total += w;
    }
    return total > 0 ? sum / total : 0;
}

double hn_gradient_curvature(size_t n_classes, double y, double residual, size_t k)
{
    if (n_classes == 0)
        return 1;
    double target = n_classes > 2 ? y == (double)k : y, share = target - residual;
    return share * (1 - share);
}

double hn_gradient_step(size_t n_classes, double numerator, double denominator)
{
    double factor = n_classes > 2 ? (double)(n_classes - 1) / (double)n_classes : 1;
    return fabs(denominator) < least_curvature ? 0 : factor * numerator / denominator;
}

void hn_gradient_probabilities(size_t n_classes, const double *raw, double *out)
{
    if (n_classes <= 2) {
        double one = sigmoid(raw[0]);
        out[0] = 1 - one;
        if (n_classes == 2)
            out[1] = one;
        return;
    }
    double normaliser = log_normaliser(raw, n_classes);
    for (size_t k = 0; k < n_classes; k++)
        out[k] = exp(raw[k] - normaliser);
}
