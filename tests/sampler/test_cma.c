/* The update of CMA-ES against the tutorial's equations written out, and what the parts must hold. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "math/random.h"
#include "sampler/cma.h"
#include "sampler/cma_choice.h"
#include "sampler/cma_margin.h"
#include "sampler/cma_restart.h"
#include "sampler/cma_warm.h"
#include "support.h"

enum { N = 4, LAMBDA = 9 };

/* --- the equations, element by element --- */

typedef struct naive {
    double mean[N], c[N][N], p_sigma[N], p_c[N], sigma;
    int generation;
} naive;

static void invert(double a[N][N], double out[N][N])
{
    double m[N][2 * N] = {{0}};
    for (int i = 0; i < N; i++) {
        memcpy(m[i], a[i], sizeof a[i]);
        m[i][N + i] = 1;
    }
    for (int k = 0; k < N; k++)
        for (int i = 0; i < N; i++)
            for (int j = 2 * N - 1; j >= k; j--)
                m[i][j] = i == k ? m[i][j] : m[i][j] - m[i][k] / m[k][k] * m[k][j];
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++)
            out[i][j] = m[i][N + j] / m[i][i];
}

/* C^(-1/2) by Denman & Beavers' iteration. */
static void inverse_root(double c[N][N], double z[N][N])
{
    double y[N][N], y_inverse[N][N], z_inverse[N][N];
    memcpy(y, c, sizeof y);
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++)
            z[i][j] = i == j;
    for (int k = 0; k < 60; k++) {
        invert(y, y_inverse);
        invert(z, z_inverse);
        for (int i = 0; i < N; i++)
            for (int j = 0; j < N; j++) {
                y[i][j] = 0.5 * (y[i][j] + z_inverse[i][j]);
                z[i][j] = 0.5 * (z[i][j] + y_inverse[i][j]);
            }
    }
}

static double length(const double *x)
{
    double sum = 0;
    for (int i = 0; i < N; i++)
        sum += x[i] * x[i];
    return sqrt(sum);
}

static void times(double a[N][N], const double *x, double *out)
{
    for (int i = 0; i < N; i++) {
        out[i] = 0;
        for (int j = 0; j < N; j++)
            out[i] += a[i][j] * x[j];
    }
}

/* Equations 41 to 47 of the tutorial; weights w of the rule, 0 for the good places from n_good on. */
static void naive_learn(naive *s, const hn_cma_rule *r, const double *y, size_t n_good)
{
    double root[N][N], w[LAMBDA], y_w[N] = {0}, turned[N], white[N], sum = 0;
    inverse_root(s->c, root);
    for (size_t k = 0; k < LAMBDA; k++) {
        w[k] = k < r->mu && k >= n_good ? 0 : r->weights[k];
        sum += w[k];
        for (int i = 0; i < N; i++)
            y_w[i] += k < r->mu ? w[k] * y[k * N + i] : 0;
    }
    s->generation++;
    times(root, y_w, turned);
    for (int i = 0; i < N; i++) {
        s->mean[i] += s->sigma * y_w[i];
        s->p_sigma[i] =
            (1 - r->c_sigma) * s->p_sigma[i] + sqrt(r->c_sigma * (2 - r->c_sigma) * r->mu_eff) * turned[i];
    }
    s->sigma *= exp(fmin(1, r->c_sigma / r->d_sigma * (length(s->p_sigma) / r->chi - 1)));
    double bound = (1.4 + 2 / (N + 1.0)) * r->chi * sqrt(1 - pow(1 - r->c_sigma, 2 * (s->generation + 1)));
    double h = length(s->p_sigma) < bound ? 1 : 0;
    for (int i = 0; i < N; i++)
        s->p_c[i] = (1 - r->c_c) * s->p_c[i] + h * sqrt(r->c_c * (2 - r->c_c) * r->mu_eff) * y_w[i];
    double next[N][N];
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++)
            next[i][j] =
                (1 + r->c_1 * (1 - h) * r->c_c * (2 - r->c_c) - r->c_1 - r->c_mu * sum) * s->c[i][j] +
                r->c_1 * s->p_c[i] * s->p_c[j];
    for (size_t k = 0; k < LAMBDA; k++) {
        times(root, y + k * N, white);
        double factor = w[k] < 0 ? w[k] * N / (length(white) * length(white) + 1e-8) : w[k];
        for (int i = 0; i < N; i++)
            for (int j = 0; j < N; j++)
                next[i][j] += r->c_mu * factor * y[k * N + i] * y[k * N + j];
    }
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++)
            s->c[i][j] = !r->diagonal || i == j ? next[i][j] : 0;
}

static void compare(const naive *s, const hn_cma *cma)
{
    hn_assert_relative(cma->sigma, s->sigma, 1e-7);
    for (int i = 0; i < N; i++) {
        hn_assert_close(cma->mean[i], s->mean[i], 1e-7, 1e-9);
        hn_assert_close(cma->p_sigma[i], s->p_sigma[i], 1e-7, 1e-7);
        hn_assert_close(cma->p_c[i], s->p_c[i], 1e-7, 1e-7);
        for (int j = 0; j < N; j++)
            if (!cma->rule.diagonal || i == j)
                hn_assert_close(cma->c[cma->rule.diagonal ? i : i * N + j], s->c[i][j], 1e-6, 1e-7);
    }
}

/* _i: 1 diagonal, 2 without active weights, 4 failed trials in every third generation. */
START_TEST(learns_by_the_equations)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_random random = hn_random_stream(1, (uint64_t)_i, HN_PURPOSE_TEST);
    naive s = {.sigma = 0.5, .mean = {1, 2, 3, 4}};
    double variances[N] = {1, 4, 0.25, 1}, y[LAMBDA * N], z[N];
    hn_cma_rule rule;
    hn_cma cma;
    for (int i = 0; i < N; i++)
        s.c[i][i] = variances[i];
    ck_assert_int_eq(hn_cma_rule_make(&arena, N, LAMBDA, _i & 1, !(_i & 2), &rule, NULL), HONE_OK);
    ck_assert_int_eq(hn_cma_begin(&arena, &rule, s.mean, 0.5, variances, NULL, false, &cma, NULL), HONE_OK);
    ck_assert_double_lt(rule.eigen_gap, 1); /* every generation, as the equations have it */
    for (int g = 0; g < 30; g++) {
        for (int k = 0; k < LAMBDA; k++) {
            for (int i = 0; i < N; i++)
                z[i] = hn_random_normal(&random);
            hn_cma_shape(cma.axes, cma.lengths, N, z, y + k * N);
        }
        for (int i = 0; i < N; i++)
            y[i] += 0.3; /* the best are on one side, so that the paths grow long */
        size_t n_good = (_i & 4) && g % 3 == 0 ? 2 : LAMBDA;
        naive_learn(&s, &rule, y, n_good);
        hn_cma_learn(&cma, y, n_good);
        compare(&s, &cma);
    }
    hn_cma before = cma;
    hn_cma_learn(&cma, y, 0); /* all failed */
    ck_assert_mem_eq(&before, &cma, sizeof cma);
    hn_arena_release(&arena);
}
END_TEST

/* |mean|^2 after learning from a sphere with noise of deviation 1. */
static double noise_left(bool adapt_rates, uint64_t seed, int generations)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_random random = hn_random_stream(seed, 0, HN_PURPOSE_TEST);
    hn_cma_rule rule;
    hn_cma cma;
    double mean[N] = {3, 3, 3, 3}, variances[N] = {1, 1, 1, 1}, y[LAMBDA][N], sorted[LAMBDA][N], z[N],
           loss[LAMBDA];
    ck_assert_int_eq(hn_cma_rule_make(&arena, N, LAMBDA, false, true, &rule, NULL), HONE_OK);
    ck_assert_int_eq(hn_cma_begin(&arena, &rule, mean, 1, variances, NULL, adapt_rates, &cma, NULL), HONE_OK);
    for (int g = 0; g < generations; g++) {
        for (int k = 0; k < LAMBDA; k++) {
            for (int i = 0; i < N; i++)
                z[i] = hn_random_normal(&random);
            hn_cma_shape(cma.axes, cma.lengths, N, z, y[k]);
            loss[k] = hn_random_normal(&random);
            for (int i = 0; i < N; i++)
                loss[k] += (cma.mean[i] + cma.sigma * y[k][i]) * (cma.mean[i] + cma.sigma * y[k][i]);
        }
        for (int k = 0; k < LAMBDA; k++) {
            int rank = 0;
            for (int j = 0; j < LAMBDA; j++)
                rank += loss[j] < loss[k];
            memcpy(sorted[rank], y[k], sizeof y[k]);
        }
        hn_cma_learn(&cma, sorted[0], LAMBDA);
    }
    double left = length(cma.mean) * length(cma.mean);
    hn_arena_release(&arena);
    return left;
}

/* Where the plain one gets stuck at a distance, learning rates that follow the noise go on. */
START_TEST(noise_is_learned_through)
{
    double plain = 0, adapted = 0;
    for (uint64_t seed = 0; seed < 5; seed++) {
        plain += noise_left(false, seed, 2000) / 5;
        adapted += noise_left(true, seed, 2000) / 5;
    }
    ck_assert_msg(adapted < plain / 3, "%g is not below a third of %g", adapted, plain);
}
END_TEST

/* The tutorial's table 1 for n = 10: lambda 10, mu 5, and what the weights must fulfil. */
START_TEST(rules_are_the_tutorials)
{
    hn_arena arena = HN_ARENA_INIT;
    ck_assert_uint_eq(hn_cma_default_lambda(10), 10);
    ck_assert_uint_eq(hn_cma_default_lambda(1), 4);
    for (size_t n = 1; n <= 300; n += 23)
        for (int diagonal = 0; diagonal < 2; diagonal++)
            for (size_t lambda = 2; lambda < 400; lambda = lambda * 3 + 1) {
                hn_cma_rule rule;
                double positive = 0, negative = 0;
                ck_assert_int_eq(hn_cma_rule_make(&arena, n, lambda, diagonal, true, &rule, NULL), HONE_OK);
                for (size_t k = 0; k < lambda; k++) {
                    ck_assert(k == 0 || rule.weights[k] <= rule.weights[k - 1]);
                    ck_assert(k < rule.mu ? rule.weights[k] > 0 : rule.weights[k] <= 0);
                    *(rule.weights[k] > 0 ? &positive : &negative) += rule.weights[k];
                }
                hn_assert_absolute(positive, 1, 1e-12);
                /* C stays positive definite: what is taken away is less than what is kept (equation 52). */
                ck_assert_double_ge(1 - rule.c_1 - rule.c_mu + (double)n * rule.c_mu * negative, -1e-9);
                ck_assert(rule.c_1 > 0 && rule.c_mu >= 0 && rule.c_1 + rule.c_mu < 1 && rule.c_sigma < 1);
            }
    hn_arena_release(&arena);
}
END_TEST

/* Steps of 0, as when the mean has no digit left to move, and steps that are all the same. */
START_TEST(useless_steps_do_no_harm)
{
    hn_arena arena = HN_ARENA_INIT;
    for (int variant = 0; variant < 4; variant++) {
        hn_cma_rule rule;
        hn_cma cma;
        double mean[N] = {1, 1, 1, 1}, variances[N] = {1, 1, 1, 1}, y[LAMBDA * N];
        ck_assert_int_eq(hn_cma_rule_make(&arena, N, LAMBDA, variant & 1, true, &rule, NULL), HONE_OK);
        ck_assert_int_eq(hn_cma_begin(&arena, &rule, mean, 1, variances, NULL, false, &cma, NULL), HONE_OK);
        for (int g = 0; g < 20000; g++) {
            for (int k = 0; k < LAMBDA * N; k++)
                y[k] = variant & 2 ? 1 : 0;
            hn_cma_learn(&cma, y, LAMBDA);
        }
        ck_assert(cma.sigma > 0 && isfinite(cma.sigma));
        for (int i = 0; i < N; i++)
            ck_assert(cma.lengths[i] > 0 && isfinite(cma.lengths[i]) && isfinite(cma.mean[i]));
    }
    hn_arena_release(&arena);
}
END_TEST

START_TEST(long_steps_are_clipped)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_cma_rule rule;
    hn_cma cma;
    double mean[N] = {0}, variances[N] = {1, 1, 100, 1}, step[N] = {0, 0, 1000, 0}, near[N] = {1, 1, 10, 1};
    ck_assert_int_eq(hn_cma_rule_make(&arena, N, LAMBDA, false, true, &rule, NULL), HONE_OK);
    ck_assert_int_eq(hn_cma_begin(&arena, &rule, mean, 1, variances, NULL, false, &cma, NULL), HONE_OK);
    hn_cma_clip(&cma, step);
    hn_assert_relative(step[2], 10 * (2 + 8.0 / 6), 1e-12);
    hn_cma_clip(&cma, near);
    ck_assert_double_eq(near[2], 10);
    hn_arena_release(&arena);
}
END_TEST

/* Whatever mean, deviation and scale: afterwards both sides have at least half the margin, the end value's
 * one side all of it, and the mean is in the cell it was in. */
START_TEST(margins_hold)
{
    hn_random random = hn_random_stream(4, 0, HN_PURPOSE_TEST);
    for (int k = 0; k < 5000; k++) {
        double low = hn_random_uniform(&random), high = low + 0.01 + hn_random_uniform(&random), margin = 0.1;
        double deviation = exp(10 * hn_random_uniform(&random) - 8),
               mean = low + (high - low) * 0.999 * hn_random_uniform(&random);
        bool first = k % 3 == 0, last = k % 3 == 1;
        hn_cma_coordinate c = {mean, exp(4 * hn_random_uniform(&random) - 2)};
        hn_cma_margin(first ? -INFINITY : low, last ? INFINITY : high, deviation, margin, &c);
        double spread = c.scale * deviation;
        double below = first ? 0 : 0.5 * erfc((c.mean - low) / spread / sqrt(2));
        double above = last ? 0 : 0.5 * erfc((high - c.mean) / spread / sqrt(2));
        ck_assert_double_ge(below + 1e-9, first ? 0 : last ? margin : margin / 2);
        ck_assert_double_ge(above + 1e-9, last ? 0 : first ? margin : margin / 2);
        ck_assert(first || c.mean >= low - 1e-12);
        ck_assert(last || c.mean <= high + 1e-12);
    }
}
END_TEST

START_TEST(choices_keep_a_least_probability)
{
    hn_arena arena = HN_ARENA_INIT;
    static const size_t sizes[] = {2, 7};
    const double weights[] = {0.7, 0.3};
    hn_cma_choices c;
    ck_assert_int_eq(hn_cma_choices_begin(&arena, sizes, 2, &c, NULL), HONE_OK);
    ck_assert(!hn_cma_choices_settled(&c));
    for (int g = 0; g < 400; g++) {
        size_t chosen[] = {1, 3, 1, g % 50 == 0 ? SIZE_MAX : 3};
        double sums[2] = {0};
        hn_cma_choices_learn(&c, chosen, weights, 2);
        for (size_t k = 0; k < 9; k++) {
            ck_assert_double_ge(c.probability[k], c.least[k >= 2] * (1 - 1e-9));
            sums[k >= 2] += c.probability[k];
        }
        hn_assert_absolute(sums[0], 1, 1e-9);
        hn_assert_absolute(sums[1], 1, 1e-9);
    }
    ck_assert(hn_cma_choices_settled(&c));
    ck_assert_uint_eq(hn_cma_choices_draw(&c, c.probability, 0, 0.999999), 1);
    ck_assert_uint_eq(hn_cma_choices_draw(&c, c.probability, 0, 0), 0);
    ck_assert_uint_eq(hn_cma_choices_draw(&c, c.probability, 1, 1 - 1e-16), 6);
    hn_arena_release(&arena);
}
END_TEST

/* IPOP doubles; BIPOP gives the small runs as many trials as the large ones, the small ones shorter
 * generations. */
START_TEST(restarts_follow_their_schedule)
{
    hn_cma_schedule ipop, bipop;
    hn_cma_schedule_begin(&ipop, HN_CMA_IPOP, 10, 2);
    for (size_t lambda = 20; lambda <= 640; lambda *= 2) {
        ipop.trials = 100;
        hn_cma_schedule_next(&ipop, 1);
        ck_assert_uint_eq(ipop.lambda, lambda);
        ck_assert_double_eq(ipop.sigma_factor, 1);
    }
    hn_cma_schedule_begin(&bipop, HN_CMA_BIPOP, 10, 2);
    for (int k = 0; k < 200; k++) {
        bipop.trials = bipop.small ? 200 : 1000 * (double)bipop.lambda;
        hn_cma_schedule_next(&bipop, 1);
        if (bipop.small) {
            ck_assert_double_lt(bipop.small_trials, bipop.large_trials);
            ck_assert(bipop.lambda >= 10 && (double)bipop.lambda <= 5 * pow(2, (double)bipop.n_large));
            ck_assert(bipop.sigma_factor > 0.01 && bipop.sigma_factor <= 1);
        }
        if (k == 0)
            ck_assert(!bipop.small && bipop.lambda == 20);
    }
    ck_assert_uint_gt(bipop.n_runs, bipop.n_large);
    bipop.trials = bipop.last_large;
    ck_assert(hn_cma_schedule_spent(&bipop) == bipop.small);
}
END_TEST

Suite *suite_cma(void)
{
    Suite *suite = suite_create("cma");
    TCase *all = tcase_create("cma");
    tcase_add_loop_test(all, learns_by_the_equations, 0, 8);
    tcase_add_test(all, noise_is_learned_through);
    tcase_add_test(all, rules_are_the_tutorials);
    tcase_add_test(all, useless_steps_do_no_harm);
    tcase_add_test(all, long_steps_are_clipped);
    tcase_add_test(all, margins_hold);
    tcase_add_test(all, choices_keep_a_least_probability);
    tcase_add_test(all, restarts_follow_their_schedule);
    suite_add_tcase(suite, all);
    return suite;
}
