#include "network/optimizer.h"

#include <math.h>

#include "math/wide.h"

const char *const hn_optimizer_names[] = {"sgd", "adam", "adamw", "rmsprop", "adagrad", NULL};

size_t hn_optimizer_arrays(const hn_optimizer_options *options)
{
    switch (options->kind) {
    case HN_ADAM:
    case HN_ADAMW: return 2;
    case HN_RMSPROP: return options->momentum > 0 ? 2 : 1;
    case HN_ADAGRAD: return 1;
    default: return options->momentum > 0 ? 1 : 0;
    }
}

/* What a loop needs, as floats. */
typedef struct loop {
    size_t n;
    float rate, scale, l1, l2; /* l2 with its factor 2, and with weight decay that is part of the gradient */
    float epsilon, momentum;
} loop;

/* The gradient with its penalties. */
static inline float slope(const loop *s, float g, float value)
{
    float sign = value > 0 ? 1.0F : value < 0 ? -1.0F : 0.0F;
    return s->scale * g + s->l2 * value + s->l1 * sign;
}

WIDE static void descend(loop s, const float *restrict g, float *restrict values)
{
    for (size_t i = 0; i < s.n; i++) {
        values[i] -= s.rate * slope(&s, g[i], values[i]);
    }
}

WIDE static void momentum(loop s, bool nesterov, const float *restrict g, float *restrict velocity,
                          float *restrict values)
{
    float now = nesterov ? 1.0F : 0.0F, then = nesterov ? s.momentum : 1.0F;
    for (size_t i = 0; i < s.n; i++) {
        float d = slope(&s, g[i], values[i]), v = s.momentum * velocity[i] + d;
        velocity[i] = v;
        values[i] -= s.rate * (now * d + then * v);
    }
}

/* kept: what AdamW's decay leaves of a value; root: 1 / sqrt(1 - beta2^number). */
WIDE static void adam(loop s, float beta1, float beta2, float kept, float root, const float *restrict g,
                      float *restrict mean, float *restrict square, float *restrict values)
{
    for (size_t i = 0; i < s.n; i++) {
        float d = slope(&s, g[i], values[i]);
        float m = beta1 * mean[i] + (1 - beta1) * d, v = beta2 * square[i] + (1 - beta2) * d * d;
        mean[i] = m;
        square[i] = v;
        values[i] = values[i] * kept - s.rate * m / (sqrtf(v) * root + s.epsilon);
    }
}

WIDE static void rmsprop(loop s, float rho, const float *restrict g, float *restrict square,
                         float *restrict values)
{
    for (size_t i = 0; i < s.n; i++) {
        float d = slope(&s, g[i], values[i]), v = rho * square[i] + (1 - rho) * d * d;
        square[i] = v;
        values[i] -= s.rate * d / (sqrtf(v) + s.epsilon);
    }
}

WIDE static void rmsprop_momentum(loop s, float rho, const float *restrict g, float *restrict square,
                                  float *restrict velocity, float *restrict values)
{
    for (size_t i = 0; i < s.n; i++) {
        float d = slope(&s, g[i], values[i]), v = rho * square[i] + (1 - rho) * d * d;
        float u = s.momentum * velocity[i] + d / (sqrtf(v) + s.epsilon);
        square[i] = v;
        velocity[i] = u;
        values[i] -= s.rate * u;
    }
}

WIDE static void adagrad(loop s, const float *restrict g, float *restrict square, float *restrict values)
{
    for (size_t i = 0; i < s.n; i++) {
        float d = slope(&s, g[i], values[i]), v = square[i] + d * d;
        square[i] = v;
        values[i] -= s.rate * d / (sqrtf(v) + s.epsilon);
    }
}

static void run_adam(const hn_optimizer_options *options, const hn_optimizer_step *step, loop s,
                     const float *g, float *state, size_t stride, float *values)
{
    double number = (double)step->number;
    bool apart = options->kind == HN_ADAMW && step->decays;
    double kept = apart ? 1 - step->rate * options->weight_decay : 1;
    double root = 1 / sqrt(1 - pow(options->beta2, number));
    s.rate = (float)(step->rate / (1 - pow(options->beta1, number)));
    adam(s, (float)options->beta1, (float)options->beta2, (float)kept, (float)root, g, state, state + stride,
         values);
}

void hn_optimizer_run(const hn_optimizer_options *options, const hn_optimizer_step *step,
                      const float *gradients, size_t n, float *state, size_t stride, float *values)
{
    bool inside = options->kind != HN_ADAMW && step->decays; /* the decay is part of the gradient */
    loop s = {.n = n,
              .rate = (float)step->rate,
              .scale = (float)step->scale,
              .l1 = (float)step->l1,
              .l2 = (float)(2 * step->l2 + (inside ? options->weight_decay : 0)),
              .epsilon = (float)options->epsilon,
              .momentum = (float)options->momentum};
    float rho = (float)options->rho;
    switch (options->kind) {
    case HN_ADAM:
    case HN_ADAMW: run_adam(options, step, s, gradients, state, stride, values); break;
    case HN_ADAGRAD: adagrad(s, gradients, state, values); break;
    case HN_RMSPROP:
        if (options->momentum > 0) {
            rmsprop_momentum(s, rho, gradients, state, state + stride, values);
        } else {
            rmsprop(s, rho, gradients, state, values);
        }
        break;
    case HN_SGD:
        if (options->momentum > 0) {
            momentum(s, options->nesterov, gradients, state, values);
        } else {
            descend(s, gradients, values);
        }
        break;
    }
}
