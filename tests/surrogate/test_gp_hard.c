/* Fits of the Gaussian process to data that spoil naive ones. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "math/statistics.h"
#include "support.h"
#include "surrogate/gp_parts.h"

static hn_arena arena;

static void teardown(void)
{
    hn_arena_release(&arena);
}

static hn_gp *fit(const hn_gp_axis *axes, size_t d, const hn_gp_options *options, const double *x,
                  const double *y, size_t n)
{
    hn_gp *gp = NULL;
    hone_error err = {0};
    hn_gp_data data = {.x = x, .y = y, .n = n};
    ck_assert_msg(!hn_gp_fit(&arena, axes, d, options, &data, NULL, &gp, &err), "%s", err.message);
    return gp;
}

/* x (n, d) uniform, or choices of three. */
static double *points(const hn_gp_axis *axes, size_t n, size_t d, uint64_t seed)
{
    hn_random random = hn_random_stream(seed, 0, HN_PURPOSE_TEST);
    double *x = hn_arena_alloc(&arena, n, d * sizeof *x);
    for (size_t k = 0; k < n * d; k++)
        x[k] = axes[k % d].kind == HN_GP_CATEGORICAL ? (double)hn_random_below(&random, 3)
                                                     : hn_random_uniform(&random);
    return x;
}

/* Every model's predictions and gradients at 30 points are finite, and the variances between 0 and the
 * prior's. */
static void assert_sane(hn_gp *gp, const hn_gp_axis *axes, size_t d)
{
    enum { M = 30 };
    const double *x = points(axes, M, d, 77);
    double mean[M], variance[M], by_mean[M * 200], by_variance[M * 200];
    for (size_t k = 0; k < hn_gp_models(gp); k++) {
        hn_gp_predict_gradient(gp, k, x, M, mean, variance, by_mean, by_variance);
        for (size_t i = 0; i < M; i++) {
            ck_assert(isfinite(mean[i]) && variance[i] > 0);
            ck_assert(variance[i] <= hn_gp_variance(&gp->shape, &gp->models[k].hyper, x + i * d));
        }
        for (size_t i = 0; i < M * d; i++)
            ck_assert(isfinite(by_mean[i]) && isfinite(by_variance[i]));
    }
}

static double raw_mean(hn_gp *gp, const double *x)
{
    double mean, variance, raw;
    hn_gp_predict(gp, 0, x, 1, &mean, &variance);
    hn_gp_target_moments(hn_gp_target_map(gp), mean, variance, &raw, NULL);
    return raw;
}

static const hn_gp_transform transforms[] = {HN_GP_TRANSFORM_NONE, HN_GP_TRANSFORM_POWER,
                                             HN_GP_TRANSFORM_RANK};
static const hn_gp_axis plain[200];

/* --- targets --- */

START_TEST(all_targets_equal)
{
    hn_gp_options options = HN_GP_OPTIONS_INIT;
    options.transform = transforms[_i];
    options.n_draws = 3;
    double y[20];
    for (int i = 0; i < 20; i++)
        y[i] = -7.25;
    const double *x = points(plain, 20, 3, 1);
    hn_gp *gp = fit(plain, 3, &options, x, y, 20);
    assert_sane(gp, plain, 3);
    hn_assert_relative(raw_mean(gp, x), -7.25, 1e-6);
}
END_TEST

START_TEST(one_and_two_trials)
{
    hn_gp_options options = HN_GP_OPTIONS_INIT;
    options.transform = transforms[_i];
    options.n_draws = 3;
    const double y[] = {3, 5};
    const double *x = points(plain, 2, 4, 2);
    hn_gp *gp = fit(plain, 4, &options, x, y, 1);
    assert_sane(gp, plain, 4);
    hn_assert_relative(raw_mean(gp, x), 3, 0.05);
    gp = fit(plain, 4, &options, x, y, 2);
    assert_sane(gp, plain, 4);
    ck_assert_double_lt(raw_mean(gp, x), raw_mean(gp, x + 4));
}
END_TEST

/* One target of a failed trial's size must not flatten the rest. */
START_TEST(huge_outlier)
{
    hn_gp_options options = HN_GP_OPTIONS_INIT;
    options.transform = transforms[_i];
    const double *x = points(plain, 40, 1, 3);
    double y[40], mean, variance;
    for (int i = 0; i < 40; i++)
        y[i] = sin(6 * x[i]);
    y[7] = 1e300;
    hn_gp *gp = fit(plain, 1, &options, x, y, 40);
    assert_sane(gp, plain, 1);
    if (transforms[_i] == HN_GP_TRANSFORM_NONE)
        return;
    const double low = 0.78, high = 0.26; /* sin(6 x) is -1 and 1 there */
    hn_gp_predict(gp, 0, &low, 1, &mean, &variance);
    double there = mean;
    hn_gp_predict(gp, 0, &high, 1, &mean, &variance);
    ck_assert_double_lt(there + 0.5, mean);
}
END_TEST

START_TEST(noise_as_large_as_the_signal)
{
    hn_gp_options options = HN_GP_OPTIONS_INIT;
    options.transform = HN_GP_TRANSFORM_NONE;
    options.prior = (hn_gp_prior)_i;
    hn_random random = hn_random_stream(4, 1, HN_PURPOSE_TEST);
    const double *x = points(plain, 200, 2, 4);
    double y[200], error = 0;
    for (int i = 0; i < 200; i++)
        y[i] = sqrt(2) * sin(5 * x[2 * i]) + hn_random_normal(&random);
    hn_gp *gp = fit(plain, 2, &options, x, y, 200);
    double total = hn_standard_deviation(y, 200, 0);
    hn_assert_relative(hn_gp_noise(gp, 0) * total * total, 1, 0.25);
    for (int i = 0; i < 200; i++)
        error += pow(raw_mean(gp, x + 2 * i) - sqrt(2) * sin(5 * x[2 * i]), 2) / 200;
    ck_assert_double_lt(error, 0.1);
    ck_assert_double_lt(hn_gp_relevance(gp, 0, 1), hn_gp_relevance(gp, 0, 0));
}
END_TEST

/* 25 points told four times each: the scatter of the repetitions is the noise. */
START_TEST(repetitions_tell_the_noise)
{
    hn_gp_options options = HN_GP_OPTIONS_INIT;
    options.transform = HN_GP_TRANSFORM_NONE;
    hn_random random = hn_random_stream(5, 1, HN_PURPOSE_TEST);
    double *x = points(plain, 100, 2, 5), y[100];
    for (int i = 0; i < 100; i++) {
        memcpy(x + 2 * i, x + 2 * (i % 25), 2 * sizeof *x);
        y[i] = 10 * cos(20 * x[2 * i]) * sin(20 * x[2 * i + 1]) + 2 * hn_random_normal(&random);
    }
    hn_gp *gp = fit(plain, 2, &options, x, y, 100);
    double total = hn_standard_deviation(y, 100, 0);
    hn_assert_relative(sqrt(hn_gp_noise(gp, 0)) * total, 2, 0.25);
}
END_TEST

/* Without noise the covariance of repeated points is singular. */
START_TEST(covariance_not_positive_definite)
{
    hn_gp_options options = HN_GP_OPTIONS_INIT;
    options.kernel = HN_GP_RBF;
    options.noise_fixed = true;
    options.n_draws = 2;
    double *x = points(plain, 60, 1, 6), y[60];
    for (int i = 0; i < 60; i++) {
        x[i] = x[i % 20];
        y[i] = i % 20 + 0.1 * (i / 20);
    }
    hn_gp *gp = fit(plain, 1, &options, x, y, 60);
    assert_sane(gp, plain, 1);
    ck_assert_double_gt(gp->models[0].jitter, 0);
    hn_assert_absolute(raw_mean(gp, x), 0.1, 0.2);
    for (int i = 0; i < 60; i++)
        ck_assert_int_eq(hn_gp_extend(gp, x + i, y[i], 0, NULL), HONE_OK);
    assert_sane(gp, plain, 1);
}
END_TEST

START_TEST(map_does_not_depend_on_units)
{
    hn_gp_options options = HN_GP_OPTIONS_INIT;
    options.transform = transforms[_i];
    const double *x = points(plain, 30, 2, 7);
    double y[30], scaled[30];
    for (int i = 0; i < 30; i++) {
        y[i] = sin(5 * x[2 * i]) + x[2 * i + 1];
        scaled[i] = 4096 * y[i]; /* exact */
    }
    hn_gp *gp = fit(plain, 2, &options, x, y, 30), *other = fit(plain, 2, &options, x, scaled, 30);
    for (size_t p = 0; p < gp->shape.n_parameters; p++)
        hn_assert_absolute(hn_gp_parameters(other, 0)[p], hn_gp_parameters(gp, 0)[p], 1e-6);
    hn_assert_relative(raw_mean(other, x), 4096 * raw_mean(gp, x), 1e-6);
}
END_TEST

/* --- spaces --- */

START_TEST(two_hundred_dimensions)
{
    hn_gp_options options = HN_GP_OPTIONS_INIT;
    options.prior = (hn_gp_prior)_i;
    const double *x = points(plain, 80, 200, 8);
    double y[80];
    for (int i = 0; i < 80; i++)
        y[i] = 10 * x[200 * i + 17] - 6 * x[200 * i + 100];
    hn_gp *gp = fit(plain, 200, &options, x, y, 80);
    assert_sane(gp, plain, 200);
    double at[200], low, high;
    for (int j = 0; j < 200; j++)
        at[j] = 0.5;
    at[17] = 0.1;
    low = raw_mean(gp, at);
    at[17] = 0.9;
    high = raw_mean(gp, at);
    /* Optuna's prior keeps every parameter relevant, so that 80 trials say little of one among 200. */
    ck_assert_double_gt(high, low + (options.prior == HN_GP_PRIOR_OPTUNA ? 0 : 1));
}
END_TEST

START_TEST(sixty_choices)
{
    hn_gp_axis axes[60];
    hn_gp_options options = HN_GP_OPTIONS_INIT;
    options.first_order = _i;
    for (int j = 0; j < 60; j++)
        axes[j] = (hn_gp_axis){.kind = HN_GP_CATEGORICAL};
    const double *x = points(axes, 120, 60, 9);
    double y[120];
    for (int i = 0; i < 120; i++)
        y[i] = (x[60 * i + 5] == 1) + 2 * (x[60 * i + 20] == 2);
    hn_gp *gp = fit(axes, 60, &options, x, y, 120);
    assert_sane(gp, axes, 60);
    double at[60] = {0}, plain_mean = raw_mean(gp, at);
    at[20] = 2;
    ck_assert_double_gt(raw_mean(gp, at), plain_mean + (options.first_order ? 0.5 : 0));
}
END_TEST

START_TEST(constant_parameter)
{
    hn_gp_options options = HN_GP_OPTIONS_INIT;
    options.warp = true;
    options.linear = true;
    double *x = points(plain, 30, 3, 10), y[30];
    for (int i = 0; i < 30; i++) {
        x[3 * i + 1] = 0.5;
        y[i] = pow(x[3 * i] - 0.4, 2);
    }
    hn_gp *gp = fit(plain, 3, &options, x, y, 30);
    assert_sane(gp, plain, 3);
    const double middle[] = {0.4, 0.5, 0.5};
    hn_assert_absolute(raw_mean(gp, middle), 0, 0.01);
}
END_TEST

/* Parameters 2 and 3 belong to branches; the one of 3 was never tried. */
START_TEST(branch_never_seen)
{
    const hn_gp_axis axes[] = {{.kind = HN_GP_CONTINUOUS},
                               {.kind = HN_GP_CATEGORICAL},
                               {.kind = HN_GP_CONTINUOUS, .conditional = true},
                               {.kind = HN_GP_CONTINUOUS, .conditional = true}};
    hn_gp_options options = HN_GP_OPTIONS_INIT;
    options.warp = _i;
    options.n_draws = 3;
    double *x = points(axes, 40, 4, 11), y[40];
    for (int i = 0; i < 40; i++) {
        double *row = x + 4 * i;
        row[1] = i % 2;
        row[2] = i % 2 ? row[2] : NAN;
        row[3] = NAN;
        y[i] = sin(4 * row[0]) + (i % 2 ? 3 + row[2] : 0);
    }
    hn_gp *gp = fit(axes, 4, &options, x, y, 40);
    const double at[] = {0.3, 0, NAN, NAN, 0.3, 1, 0.5, NAN, 0.3, 2, NAN, 0.5};
    double mean[3], variance[3], by_mean[12], by_variance[12];
    hn_gp_predict_gradient(gp, 0, at, 3, mean, variance, by_mean, by_variance);
    ck_assert_double_gt(variance[2], 2 * variance[0]);
    ck_assert_double_gt(variance[2], 2 * variance[1]);
    hn_assert_absolute(raw_mean(gp, at), sin(1.2), 0.1);
    hn_assert_absolute(raw_mean(gp, at + 4), sin(1.2) + 3.5, 0.1);
    ck_assert(by_mean[2] == 0 && by_variance[3] == 0);
    ck_assert(isfinite(by_mean[11]) && isfinite(by_variance[11]));
}
END_TEST

/* A place between two integers counts as the nearer one. */
START_TEST(lattice_is_rounded)
{
    hn_distribution distribution;
    ck_assert_int_eq(hn_distribution_integer("k", 1, 8, 1, true, (hn_position){0}, &distribution, NULL, NULL),
                     HONE_OK);
    const hn_gp_axis axis = {.kind = HN_GP_LATTICE, .distribution = &distribution};
    hn_gp_options options = HN_GP_OPTIONS_INIT;
    double x[8], y[8], mean[2], variance[2], near[2];
    for (int i = 0; i < 8; i++) {
        x[i] = hn_distribution_encode(&distribution, i + 1);
        y[i] = i % 3;
    }
    hn_gp *gp = fit(&axis, 1, &options, x, y, 8);
    near[0] = hn_distribution_encode(&distribution, 3);
    near[1] = near[0] + 0.02;
    hn_gp_predict(gp, 0, near, 2, mean, variance);
    ck_assert(mean[0] == mean[1] && variance[0] == variance[1]);
}
END_TEST

/* --- the search and the draws --- */

/* No step away from the maximum is better, and a start there stays. */
START_TEST(maximum_is_one)
{
    hn_gp_options options = HN_GP_OPTIONS_INIT;
    options.prior = (hn_gp_prior)_i;
    options.transform = HN_GP_TRANSFORM_GIVEN;
    options.tolerance = 1e-12;
    const double *x = points(plain, 40, 3, 12);
    double y[40], columns[120], gradient[5], at[5];
    for (int i = 0; i < 40; i++) {
        y[i] = sin(5 * x[3 * i]) + 0.5 * x[3 * i + 1];
        for (int j = 0; j < 3; j++)
            columns[40 * j + i] = x[3 * i + j];
    }
    hn_gp *gp = fit(plain, 3, &options, x, y, 40);
    hn_gp_evidence e = {.shape = &gp->shape, .n = 40, .raw = columns, .y = y};
    ck_assert_int_eq(hn_gp_evidence_make(&arena, &e, NULL), HONE_OK);
    memcpy(at, hn_gp_parameters(gp, 0), gp->shape.n_parameters * sizeof *at);
    double best = hn_gp_evidence_loss(&e, at, gradient);
    for (size_t p = 0; p < gp->shape.n_parameters; p++) {
        hn_assert_absolute(gradient[p], 0, 1e-2);
        for (int side = -1; side <= 1; side += 2) {
            double unused[5];
            at[p] += 0.1 * side;
            ck_assert_double_gt(hn_gp_evidence_loss(&e, at, unused), best);
            at[p] -= 0.1 * side;
        }
    }
}
END_TEST

START_TEST(draws_spread_as_the_posterior_does)
{
    enum { DRAWS = 200 };
    hn_gp_options options = HN_GP_OPTIONS_INIT;
    options.n_draws = DRAWS;
    options.prior = HN_GP_PRIOR_DIMENSION;
    options.random = hn_random_stream(1, 2, HN_PURPOSE_TEST);
    const double *x = points(plain, 60, 2, 13);
    double y[60], of_first[DRAWS], of_second[DRAWS];
    for (int i = 0; i < 60; i++)
        y[i] = sin(6 * x[2 * i]);
    hn_gp *gp = fit(plain, 2, &options, x, y, 60), *again = fit(plain, 2, &options, x, y, 60);
    ck_assert_uint_gt(hn_gp_models(gp), DRAWS / 2);
    ck_assert_uint_eq(hn_gp_models(gp), hn_gp_models(again));
    for (size_t k = 1; k < hn_gp_models(gp); k++) {
        of_first[k - 1] = hn_gp_parameters(gp, k)[0] - hn_gp_parameters(gp, 0)[0];
        of_second[k - 1] = hn_gp_parameters(gp, k)[1] - hn_gp_parameters(gp, 0)[1];
        ck_assert(hn_gp_parameters(gp, k)[0] == hn_gp_parameters(again, k)[0]);
        ck_assert_double_le(fabs(of_second[k - 1]), 3 * 2 * 4);
    }
    /* The relevance of what matters is known better than that of what does not, which is no better than 2. */
    double known = hn_standard_deviation(of_first, hn_gp_models(gp) - 1, 0);
    double unknown = hn_standard_deviation(of_second, hn_gp_models(gp) - 1, 0);
    ck_assert_double_gt(known, 0.05);
    ck_assert_double_lt(known, 0.7 * unknown);
    ck_assert_double_lt(unknown, 2.3);
}
END_TEST

/* Above 256 trials hyperparameters are sought with every second, and what is not known of them is what it
 * would be with all. */
START_TEST(hyperparameters_of_many_trials_come_from_a_part)
{
    enum { N = 300, DRAWS = 24 };
    hn_gp_options options = HN_GP_OPTIONS_INIT;
    options.n_draws = DRAWS;
    options.random = hn_random_stream(1, 3, HN_PURPOSE_TEST);
    const double *x = points(plain, N, 2, 17);
    double y[N], half_x[N], half_y[N / 2], spread[2] = {0, 0};
    for (int i = 0; i < N; i++)
        y[i] = sin(6 * x[2 * i]) + x[2 * i + 1];
    for (int i = 0; i < N / 2; i++) {
        memcpy(half_x + (ptrdiff_t)2 * i, x + (ptrdiff_t)4 * i, 2 * sizeof *x);
        half_y[i] = y[2 * i];
    }
    hn_gp *gps[2] = {fit(plain, 2, &options, x, y, N), fit(plain, 2, &options, half_x, half_y, N / 2)};
    ck_assert_uint_eq(hn_gp_count(gps[0]), N);
    size_t count = hn_gp_parameter_count(plain, 2, &options);
    for (size_t p = 0; p < count; p++)
        ck_assert(hn_gp_parameters(gps[0], 0)[p] == hn_gp_parameters(gps[1], 0)[p]);
    for (int side = 0; side < 2; side++)
        for (size_t k = 1; k < hn_gp_models(gps[side]); k++)
            spread[side] += pow(hn_gp_parameters(gps[side], k)[0] - hn_gp_parameters(gps[side], 0)[0], 2);
    /* Half the variance, but for what the prior knows, which counts once. */
    ck_assert_double_gt(sqrt(spread[0] / spread[1]), 0.7);
    ck_assert_double_lt(sqrt(spread[0] / spread[1]), 0.9);
}
END_TEST

START_TEST(warm_start_is_used)
{
    hn_gp_options options = HN_GP_OPTIONS_INIT;
    options.max_iterations = 0;
    const double *x = points(plain, 20, 1, 14), start[] = {1.5, 0.25, -3};
    hn_gp_data data = {.x = x, .y = x, .n = 20};
    hn_gp *gp;
    ck_assert_int_eq(hn_gp_fit(&arena, plain, 1, &options, &data, start, &gp, NULL), HONE_OK);
    ck_assert(memcmp(hn_gp_parameters(gp, 0), start, sizeof start) == 0);
    /* one that gives no process at all: the default values take its place */
    const double useless[] = {1e9, NAN, 3};
    ck_assert_int_eq(hn_gp_fit(&arena, plain, 1, &options, &data, useless, &gp, NULL), HONE_OK);
    ck_assert(isfinite(hn_gp_log_likelihood(gp, 0)));
    ck_assert_int_eq(hn_gp_condition(&arena, plain, 1, &options, &data, useless, 1, &gp, NULL), HONE_INVALID);
}
END_TEST

/* --- what is refused, and what is given up --- */

START_TEST(bad_data_are_refused)
{
    hn_gp_options options = HN_GP_OPTIONS_INIT;
    hone_error err = {0};
    hn_gp *gp = NULL;
    double x[] = {0.1, 0.2}, y[] = {1, INFINITY}, noise[] = {0, -1};
    hn_gp_data data = {.x = x, .y = y, .n = 2};
    ck_assert_int_eq(hn_gp_fit(&arena, plain, 1, &options, &data, NULL, &gp, &err), HONE_INVALID);
    hn_assert_contains(err.message, "target 1");
    y[1] = 2;
    data.noise = noise;
    ck_assert_int_eq(hn_gp_fit(&arena, plain, 1, &options, &data, NULL, &gp, &err), HONE_INVALID);
    hn_assert_contains(err.message, "variance of target 1");
    data.noise = NULL;
    x[1] = NAN;
    ck_assert_int_eq(hn_gp_fit(&arena, plain, 1, &options, &data, NULL, &gp, &err), HONE_INVALID);
    hn_assert_contains(err.message, "point 1");
    data.n = 0;
    ck_assert_int_eq(hn_gp_fit(&arena, plain, 1, &options, &data, NULL, &gp, &err), HONE_INVALID);
    ck_assert_ptr_null(gp);
}
END_TEST

START_TEST(cancelled)
{
    const volatile int cancel = 1;
    hn_gp_options options = HN_GP_OPTIONS_INIT;
    options.cancel = &cancel;
    options.n_draws = 2;
    options.max_iterations = _i ? 100 : 0; /* in the search; among the draws */
    const double *x = points(plain, 20, 2, 15);
    hn_gp_data data = {.x = x, .y = x, .n = 20};
    hn_gp *gp = NULL;
    ck_assert_int_eq(hn_gp_fit(&arena, plain, 2, &options, &data, NULL, &gp, NULL), HONE_CANCELLED);
    ck_assert_ptr_null(gp);
}
END_TEST

START_TEST(memory_runs_out)
{
    hn_gp_options options = HN_GP_OPTIONS_INIT;
    options.n_draws = 1;
    options.max_iterations = 2;
    const double *x = points(plain, 100, 2, 16);
    hn_gp_data data = {.x = x, .y = x, .n = 100};
    hone_status status = HONE_OUT_OF_MEMORY;
    for (long k = 0; status == HONE_OUT_OF_MEMORY; k++) {
        hn_arena own = HN_ARENA_INIT;
        hn_gp *gp = NULL;
        hn_memory_fail_at(k, 1);
        status = hn_gp_fit(&own, plain, 2, &options, &data, NULL, &gp, NULL);
        for (int i = 0; i < 40 && !status; i++)
            status = hn_gp_extend(gp, x, 1, 0, NULL);
        hn_memory_fail_at(-1, 0);
        ck_assert(status == HONE_OK || status == HONE_OUT_OF_MEMORY);
        if (gp && status)
            assert_sane(gp, plain, 2);
        hn_arena_release(&own);
    }
}
END_TEST

Suite *suite_gp_hard(void)
{
    Suite *suite = suite_create("gp_hard");
    TCase *targets = tcase_create("targets"), *spaces = tcase_create("spaces");
    TCase *search = tcase_create("search"), *refusals = tcase_create("refusals");
    TCase *const groups[] = {targets, spaces, search, refusals};
    tcase_add_loop_test(targets, all_targets_equal, 0, 3);
    tcase_add_loop_test(targets, one_and_two_trials, 0, 3);
    tcase_add_loop_test(targets, huge_outlier, 0, 3);
    tcase_add_loop_test(targets, noise_as_large_as_the_signal, 0, 3);
    tcase_add_test(targets, repetitions_tell_the_noise);
    tcase_add_test(targets, covariance_not_positive_definite);
    tcase_add_loop_test(targets, map_does_not_depend_on_units, 0, 3);
    tcase_add_loop_test(spaces, two_hundred_dimensions, 0, 3);
    tcase_add_loop_test(spaces, sixty_choices, 0, 2);
    tcase_add_test(spaces, constant_parameter);
    tcase_add_loop_test(spaces, branch_never_seen, 0, 2);
    tcase_add_test(spaces, lattice_is_rounded);
    tcase_add_loop_test(search, maximum_is_one, 0, 3);
    tcase_add_test(search, draws_spread_as_the_posterior_does);
    tcase_add_test(search, warm_start_is_used);
    tcase_add_test(search, hyperparameters_of_many_trials_come_from_a_part);
    tcase_add_test(refusals, bad_data_are_refused);
    tcase_add_loop_test(refusals, cancelled, 0, 2);
    tcase_add_test(refusals, memory_runs_out);
    for (size_t g = 0; g < sizeof groups / sizeof *groups; g++) {
        tcase_add_checked_fixture(groups[g], NULL, teardown);
        suite_add_tcase(suite, groups[g]);
    }
    return suite;
}
