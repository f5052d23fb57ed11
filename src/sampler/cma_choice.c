#include "sampler/cma_choice.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "math/linalg.h"

/* Squared length of the path, in units of noise, that leaves the step as it is. */
#define SIGNAL_TO_NOISE 1.5

hone_status hn_cma_choices_begin(hn_arena *arena, const size_t *sizes, size_t n, hn_cma_choices *choices,
                                 hone_error *err)
{
    hn_cma_choices made = {.n = n, .slowness = 1, .delta = 1};
    made.first = HN_ARENA_NEW(arena, size_t, n + 1);
    made.least = HN_ARENA_NEW(arena, double, n);
    if (made.first == NULL || made.least == NULL)
        return hn_out_of_memory(err);
    for (size_t i = 0; i < n; i++) {
        made.first[i + 1] = made.first[i] + sizes[i];
        made.least[i] = (1 - pow(0.73, 1 / (double)n)) / (double)(sizes[i] - 1);
    }
    made.n_free = made.first[n] - n;
    made.probability = HN_ARENA_NEW(arena, double, made.first[n]);
    made.gradient = HN_ARENA_NEW(arena, double, made.first[n]);
    made.step = HN_ARENA_NEW(arena, double, made.n_free);
    made.path = HN_ARENA_NEW(arena, double, made.n_free);
    if (made.probability == NULL || made.gradient == NULL || made.step == NULL || made.path == NULL)
        return hn_out_of_memory(err);
    for (size_t i = 0; i < n; i++)
        for (size_t k = made.first[i]; k < made.first[i + 1]; k++)
            made.probability[k] = 1 / (double)sizes[i];
    *choices = made;
    return HONE_OK;
}

size_t hn_cma_choices_draw(const hn_cma_choices *choices, const double *probability, size_t i, double u)
{
    size_t k = choices->first[i], last = choices->first[i + 1] - 1;
    for (; k < last && u >= probability[k]; k++)
        u -= probability[k];
    return k - choices->first[i];
}

/* Raises what is below the least probability, and takes it from the others in proportion to what they have
 * above it. */
static void keep_margin(hn_cma_choices *c, size_t i)
{
    double *q = c->probability, least = c->least[i], sum = 0;
    size_t begin = c->first[i], end = c->first[i + 1];
    for (size_t k = begin; k < end; k++) {
        q[k] = fmax(q[k], least);
        sum += q[k];
    }
    double above = sum - least * (double)(end - begin), excess = sum - 1;
    for (size_t k = begin; k < end; k++)
        q[k] -= excess * (q[k] - least) / above;
}

void hn_cma_choices_count(hn_cma_choices *choices, size_t i, const size_t *counts)
{
    double sum = 0;
    for (size_t k = choices->first[i]; k < choices->first[i + 1]; k++)
        sum += 1 + (double)counts[k - choices->first[i]];
    for (size_t k = choices->first[i]; k < choices->first[i + 1]; k++)
        choices->probability[k] = (1 + (double)counts[k - choices->first[i]]) / sum;
    keep_margin(choices, i);
}

/* sum_j w_j (onehot_j - q), the natural gradient. */
static void gradient_of(hn_cma_choices *c, const size_t *chosen, const double *weights, size_t mu)
{
    memset(c->gradient, 0, c->first[c->n] * sizeof *c->gradient);
    for (size_t j = 0; j < mu; j++)
        for (size_t i = 0; i < c->n; i++) {
            if (chosen[j * c->n + i] == SIZE_MAX)
                continue;
            for (size_t k = c->first[i]; k < c->first[i + 1]; k++)
                c->gradient[k] -= weights[j] * c->probability[k];
            c->gradient[c->first[i] + chosen[j * c->n + i]] += weights[j];
        }
}

/* step = F^(1/2) gradient, F the Fisher information of the free probabilities (all but each parameter's
 * last); Akimoto et al. 2019, appendix B. Returns its length. */
static double scale_gradient(hn_cma_choices *c)
{
    double *step = c->step;
    for (size_t i = 0; i < c->n; i++) {
        size_t begin = c->first[i], last = c->first[i + 1] - 1;
        double sum = 0, q_last = c->probability[last];
        for (size_t k = begin; k < last; k++)
            sum += c->gradient[k];
        for (size_t k = begin; k < last; k++) {
            double root = sqrt(c->probability[k]);
            *step++ = c->gradient[k] / root + root * sum / (q_last + sqrt(q_last));
        }
    }
    return sqrt(hn_dot(c->step, c->step, c->n_free));
}

void hn_cma_choices_learn(hn_cma_choices *c, const size_t *chosen, const double *weights, size_t mu)
{
    gradient_of(c, chosen, weights, mu);
    double length = scale_gradient(c) + 1e-30;
    hn_add_scaled(c->delta / length, c->gradient, c->first[c->n], c->probability);
    c->delta = 1 / c->slowness;
    double beta = fmin(c->delta / sqrt((double)c->n_free), 1);
    for (size_t k = 0; k < c->n_free; k++)
        c->path[k] = (1 - beta) * c->path[k] + sqrt(beta * (2 - beta)) * c->step[k] / length;
    c->gamma = (1 - beta) * (1 - beta) * c->gamma + beta * (2 - beta);
    double square = hn_dot(c->path, c->path, c->n_free);
    c->slowness *= exp(beta * (c->gamma - square / SIGNAL_TO_NOISE));
    for (size_t i = 0; i < c->n; i++)
        keep_margin(c, i);
}

bool hn_cma_choices_settled(const hn_cma_choices *c)
{
    bool settled = true;
    for (size_t i = 0; i < c->n && settled; i++) {
        double most = 0, others = (double)(c->first[i + 1] - c->first[i] - 1);
        for (size_t k = c->first[i]; k < c->first[i + 1]; k++)
            most = fmax(most, c->probability[k]);
        settled = most >= 1 - others * c->least[i] * 1.01;
    }
    return settled;
}
