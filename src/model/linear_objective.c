/* linear_objective.c: rows are taken in blocks, whose scores stay in the cache between the three passes that
 * need them: scores, derivatives, gradient. */
#include "model/linear_objective.h"

#include <math.h>
#include <string.h>

#include "math/linalg.h"
#include "math/vector.h"

enum { BLOCK = 128 };

size_t hn_linear_parameters(const hn_linear_objective *o)
{
    return o->n_outputs * (o->d + (o->intercept ? 1 : 0));
}

/* Scores, a second block of the same shape, and BLOCK values to spare. */
size_t hn_linear_scratch_size(const hn_linear_objective *o)
{
    return BLOCK * (2 * o->n_outputs + 1);
}

void hn_linear_scores(const double *x, size_t n, size_t d, const double *w, const double *b, size_t n_outputs,
                      double *out)
{
    if (n_outputs == 1)
        hn_rows_times(x, n, d, w, out);
    else
        hn_product_transposed(x, n, w, n_outputs, d, out);
    for (size_t i = 0; b && i < n; i++)
        for (size_t k = 0; k < n_outputs; k++)
            out[i * n_outputs + k] += b[k];
}

/* exp does not leave its fast path above this, and what is below changes no sum of at least 1. */
static double bounded_below(double x)
{
    return x < -700 ? -700 : x;
}

void hn_linear_softmax(double *scores, size_t n, size_t n_outputs)
{
    for (size_t i = 0; i < n; i++) {
        double *row = scores + i * n_outputs, max = hn_vector_max(row, n_outputs);
        for (size_t k = 0; k < n_outputs; k++)
            row[k] = bounded_below(row[k] - max);
    }
    hn_vector_exp(scores, n * n_outputs, scores);
    for (size_t i = 0; i < n; i++) {
        double *row = scores + i * n_outputs, sum = 0;
        for (size_t k = 0; k < n_outputs; k++)
            sum += row[k];
        for (size_t k = 0; k < n_outputs; k++)
            row[k] /= sum;
    }
}

void hn_linear_logistic(double *scores, size_t n)
{
    for (size_t i = 0; i < n; i++)
        scores[i] = fmin(-scores[i], 700);
    hn_vector_exp(scores, n, scores);
    for (size_t i = 0; i < n; i++)
        scores[i] = 1 / (1 + scores[i]);
}

/* --- losses of a block of n rows: scores become derivatives by the score --- */

static double weight_of(const double *weight, size_t i)
{
    return weight ? weight[i] : 1;
}

static double squared_block(double *scores, const double *y, const double *weight, size_t n)
{
    double loss = 0;
    for (size_t i = 0; i < n; i++) {
        double w = weight_of(weight, i), gap = scores[i] - y[i];
        loss += 0.5 * w * gap * gap;
        scores[i] = w * gap;
    }
    return loss;
}

/* With e = exp(-|s|): loss max(s, 0) - y s + log(1 + e). */
static double logistic_block(double *scores, const double *y, const double *weight, size_t n, double *e,
                             double *spare)
{
    double loss = 0;
    for (size_t i = 0; i < n; i++)
        e[i] = bounded_below(-fabs(scores[i]));
    hn_vector_exp(e, n, e);
    for (size_t i = 0; i < n; i++)
        spare[i] = 1 + e[i];
    hn_vector_log(spare, n, spare);
    for (size_t i = 0; i < n; i++) {
        double w = weight_of(weight, i), s = scores[i];
        double probability = (s >= 0 ? 1 : e[i]) / (1 + e[i]);
        loss += w * ((s > 0 ? s : 0) - y[i] * s + spare[i]);
        scores[i] = w * (probability - y[i]);
    }
    return loss;
}

static double softmax_block(double *scores, size_t n_outputs, const double *y, const double *weight, size_t n,
                            double *spare)
{
    double loss = 0;
    for (size_t i = 0; i < n; i++) {
        double *row = scores + i * n_outputs, max = hn_vector_max(row, n_outputs);
        for (size_t k = 0; k < n_outputs; k++)
            row[k] = bounded_below(row[k] - max);
        loss -= weight_of(weight, i) * row[(size_t)y[i]];
    }
    hn_vector_exp(scores, n * n_outputs, scores);
    for (size_t i = 0; i < n; i++) {
        spare[i] = 0;
        for (size_t k = 0; k < n_outputs; k++)
            spare[i] += scores[i * n_outputs + k];
        double scale = weight_of(weight, i) / spare[i];
        for (size_t k = 0; k < n_outputs; k++)
            scores[i * n_outputs + k] *= scale;
        scores[i * n_outputs + (size_t)y[i]] -= weight_of(weight, i);
    }
    hn_vector_log(spare, n, spare);
    for (size_t i = 0; i < n; i++)
        loss += weight_of(weight, i) * spare[i];
    return loss;
}

static double block_loss(const hn_linear_objective *o, size_t begin, size_t n, double *scores, double *spare)
{
    const double *y = o->y + begin, *weight = o->weight ? o->weight + begin : NULL;
    switch (o->loss) {
    case HN_LINEAR_SQUARED: return squared_block(scores, y, weight, n);
    case HN_LINEAR_LOGISTIC: return logistic_block(scores, y, weight, n, scores + BLOCK, spare);
    case HN_LINEAR_SOFTMAX: break;
    }
    return softmax_block(scores, o->n_outputs, y, weight, n, spare);
}

/* --- value and derivatives --- */

static const double *intercepts_of(const hn_linear_objective *o, const double *w)
{
    return o->intercept ? w + o->n_outputs * o->d : NULL;
}

/* out += (derivatives of n rows by the scores)' [x, 1]. */
static void add_gradient(const hn_linear_objective *o, const double *x, size_t n, const double *derivatives,
                         double *out)
{
    size_t outputs = o->n_outputs, d = o->d;
    if (outputs == 1)
        hn_add_columns_times(x, n, d, derivatives, out);
    else
        hn_add_transposed_product(derivatives, outputs, x, d, n, out);
    for (size_t i = 0; o->intercept && i < n; i++)
        for (size_t k = 0; k < outputs; k++)
            out[outputs * d + k] += derivatives[i * outputs + k];
}

double hn_linear_value(const hn_linear_objective *o, const double *w, double *gradient)
{
    size_t penalised = o->n_outputs * o->d;
    double *scores = o->scratch, *spare = scores + (size_t)2 * BLOCK * o->n_outputs;
    double value = 0.5 * o->l2 * hn_dot(w, w, penalised);
    if (gradient)
        memset(gradient, 0, hn_linear_parameters(o) * sizeof *gradient);
    for (size_t begin = 0; begin < o->n; begin += BLOCK) {
        size_t n = o->n - begin < BLOCK ? o->n - begin : BLOCK;
        const double *x = o->x + begin * o->d;
        hn_linear_scores(x, n, o->d, w, intercepts_of(o, w), o->n_outputs, scores);
        value += block_loss(o, begin, n, scores, spare);
        if (gradient)
            add_gradient(o, x, n, scores, gradient);
    }
    if (gradient)
        hn_add_scaled(o->l2, w, penalised, gradient);
    return value;
}

/* changes (n, n_outputs): the change of the scores becomes the change of the derivatives. */
static void apply_curvature(const hn_linear_objective *o, size_t begin, size_t n, double *scores,
                            double *changes)
{
    size_t outputs = o->n_outputs;
    if (o->loss == HN_LINEAR_LOGISTIC)
        hn_linear_logistic(scores, n);
    if (o->loss == HN_LINEAR_SOFTMAX)
        hn_linear_softmax(scores, n, outputs);
    for (size_t i = 0; i < n; i++) {
        double *change = changes + i * outputs, *p = scores + i * outputs;
        double weight = o->weight ? o->weight[begin + i] : 1, mean = 0;
        for (size_t k = 0; k < outputs && o->loss == HN_LINEAR_SOFTMAX; k++)
            mean += p[k] * change[k];
        for (size_t k = 0; k < outputs; k++) {
            double factor = o->loss == HN_LINEAR_SQUARED    ? 1
                            : o->loss == HN_LINEAR_LOGISTIC ? p[k] * (1 - p[k])
                                                            : p[k];
            change[k] = weight * factor * (change[k] - mean);
        }
    }
}

void hn_linear_hessian_times(const hn_linear_objective *o, const double *w, const double *v, double *out)
{
    double *scores = o->scratch, *changes = scores + BLOCK * o->n_outputs;
    memset(out, 0, hn_linear_parameters(o) * sizeof *out);
    for (size_t begin = 0; begin < o->n; begin += BLOCK) {
        size_t n = o->n - begin < BLOCK ? o->n - begin : BLOCK;
        const double *x = o->x + begin * o->d;
        hn_linear_scores(x, n, o->d, w, intercepts_of(o, w), o->n_outputs, scores);
        hn_linear_scores(x, n, o->d, v, intercepts_of(o, v), o->n_outputs, changes);
        apply_curvature(o, begin, n, scores, changes);
        add_gradient(o, x, n, changes, out);
    }
    hn_add_scaled(o->l2, v, o->n_outputs * o->d, out);
}

void hn_linear_curvature(const hn_linear_objective *o, const double *w, size_t output, double *out)
{
    size_t outputs = o->n_outputs;
    double *scores = o->scratch, *changes = scores + BLOCK * outputs;
    for (size_t begin = 0; begin < o->n; begin += BLOCK) {
        size_t n = o->n - begin < BLOCK ? o->n - begin : BLOCK;
        hn_linear_scores(o->x + begin * o->d, n, o->d, w, intercepts_of(o, w), outputs, scores);
        for (size_t i = 0; i < n * outputs; i++)
            changes[i] = i % outputs == output;
        apply_curvature(o, begin, n, scores, changes);
        for (size_t i = 0; i < n; i++)
            out[begin + i] = changes[i * outputs + output];
    }
}
