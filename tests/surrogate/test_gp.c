/* The Gaussian process against finite differences and a naive one (naive_gp.c). */
#include <math.h>
#include <string.h>

#include "naive_gp.h"
#include "support.h"
#include "surrogate/gp_parts.h"

/* --- data of every kind --- */

enum { MAX_N = 60, MAX_D = 6 };

typedef struct sample {
    hn_arena arena;
    size_t n, d;
    hn_gp_axis axes[MAX_D];
    double x[MAX_N * MAX_D], y[MAX_N], noise[MAX_N];
    hn_distribution lattice;
} sample;

static double place_of(const hn_gp_axis *axis, hn_random *random)
{
    if (axis->conditional && hn_random_below(random, 3) == 0)
        return NAN;
    return axis->kind == HN_GP_CATEGORICAL ? (double)hn_random_below(random, 3) : hn_random_uniform(random);
}

/* Two numbers, an integer, a choice, then a number and a choice that points may lack: the first d of them. */
static void make_sample(sample *s, size_t n, size_t d)
{
    static const hn_gp_axis kinds[MAX_D] = {{HN_GP_CONTINUOUS, false, NULL}, {HN_GP_CONTINUOUS, false, NULL},
                                            {HN_GP_LATTICE, false, NULL},    {HN_GP_CATEGORICAL, false, NULL},
                                            {HN_GP_CONTINUOUS, true, NULL},  {HN_GP_CATEGORICAL, true, NULL}};
    hn_random random = hn_random_stream(3, n, HN_PURPOSE_TEST);
    memset(s, 0, sizeof *s);
    s->n = n;
    s->d = d;
    memcpy(s->axes, kinds, sizeof kinds);
    ck_assert_int_eq(hn_distribution_integer("k", 1, 9, 1, false, (hn_position){0}, &s->lattice, NULL, NULL),
                     HONE_OK);
    s->axes[2].distribution = &s->lattice;
    for (size_t i = 0; i < n; i++) {
        double *x = s->x + i * d;
        s->y[i] = 0.3 * hn_random_normal(&random);
        s->noise[i] = 0.1 * hn_random_uniform(&random);
        for (size_t j = 0; j < d; j++) {
            x[j] = place_of(&s->axes[j], &random);
            s->y[i] += isnan(x[j]) ? 1 : sin(3 * x[j] + (double)j);
        }
    }
}

static hn_gp *condition(sample *s, const hn_gp_options *options, const double *parameters)
{
    hn_gp *gp = NULL;
    hone_error err = {0};
    hn_gp_data data = {.x = s->x, .y = s->y, .noise = s->noise, .n = s->n};
    ck_assert_msg(!hn_gp_condition(&s->arena, s->axes, s->d, options, &data, parameters, 1, &gp, &err), "%s",
                  err.message);
    return gp;
}

/* The variants of the kernel that the tests go through. */
static hn_gp_options variant(int i)
{
    static const hn_gp_kernel kernels[] = {HN_GP_MATERN52, HN_GP_MATERN32, HN_GP_RBF};
    static const hn_gp_prior priors[] = {HN_GP_PRIOR_OPTUNA, HN_GP_PRIOR_DIMENSION, HN_GP_PRIOR_VIZIER};
    hn_gp_options options = HN_GP_OPTIONS_INIT;
    options.kernel = kernels[i % 3];
    options.prior = priors[i / 3 % 3];
    options.linear = i % 2;
    options.first_order = i / 2 % 2;
    options.shared = i % 5 == 4;
    options.warp = i % 4 != 1;
    options.noise_fixed = i % 7 == 6;
    options.noise = 0.05;
    return options;
}

enum { VARIANTS = 18 };

static void random_parameters(size_t count, hn_random *random, double *parameters)
{
    for (size_t p = 0; p < count; p++)
        parameters[p] = 0.7 * hn_random_normal(random);
}

/* --- the posterior --- */

/* The model's targets and noise, as the naive posterior takes them. */
static void model_data(const sample *s, hn_gp *gp, double *y, double *noise)
{
    for (size_t i = 0; i < s->n; i++) {
        double slope = hn_gp_target_slope(hn_gp_target_map(gp), s->y[i]);
        y[i] = hn_gp_target_of(hn_gp_target_map(gp), s->y[i]);
        noise[i] = slope * slope * s->noise[i] + hn_gp_noise(gp, 0);
    }
}

static void assert_posterior(sample *s, hn_gp *gp, const hn_gp_options *options, const sample *points)
{
    double y[MAX_N], noise[MAX_N], mean[MAX_N], variance[MAX_N], m, v, log_likelihood;
    model_data(s, gp, y, noise);
    hn_gp_predict(gp, 0, points->x, points->n, mean, variance);
    for (size_t k = 0; k < points->n; k++) {
        naive_gp_posterior(s->axes, s->d, options, &gp->models[0].hyper, s->x, y, noise, s->n,
                           points->x + k * s->d, &m, &v, &log_likelihood);
        hn_assert_close(mean[k], m, 1e-9, 1e-9);
        hn_assert_close(variance[k], v, 1e-8, 1e-9);
    }
    hn_assert_relative(hn_gp_log_likelihood(gp, 0), log_likelihood, 1e-10);
}

START_TEST(posterior_equals_the_naive_one)
{
    static sample s, points;
    make_sample(&s, 50, MAX_D);
    make_sample(&points, 20, MAX_D);
    hn_random random = hn_random_stream(6, (uint64_t)_i, HN_PURPOSE_TEST);
    hn_gp_options options = variant(_i);
    options.transform = _i % 2 ? HN_GP_TRANSFORM_NONE : HN_GP_TRANSFORM_POWER;
    double parameters[4 * MAX_D];
    random_parameters(hn_gp_parameter_count(s.axes, s.d, &options), &random, parameters);
    assert_posterior(&s, condition(&s, &options, parameters), &options, &points);
    hn_arena_release(&s.arena);
    hn_arena_release(&points.arena);
}
END_TEST

/* Where exponentials come from powers, and where these would be too large: relevances of e^9 to e^14, and a
 * trial far outside the unit interval, as after a change of bounds. */
START_TEST(steep_axes_and_far_places_equal_the_naive_ones)
{
    static sample s, points;
    make_sample(&s, 50, MAX_D);
    make_sample(&points, 20, MAX_D);
    hn_random random = hn_random_stream(8, (uint64_t)_i, HN_PURPOSE_TEST);
    hn_gp_options options = variant(_i);
    options.transform = HN_GP_TRANSFORM_NONE;
    options.first_order = true;
    options.shared = options.warp = false;
    hn_gp_shape shape;
    double parameters[4 * MAX_D];
    ck_assert(!hn_gp_shape_make(&s.arena, s.axes, s.d, &options, &shape, NULL));
    random_parameters(shape.n_parameters, &random, parameters);
    parameters[shape.relevance[0]] = 9 + _i % 6;
    parameters[shape.relevance[4]] = 9 + _i % 5;
    s.x[7 * MAX_D + 1] = points.x[3 * MAX_D + 1] = _i % 4 == 3 ? 300 : 1.5;
    hn_gp *gp = condition(&s, &options, parameters);
    assert_posterior(&s, gp, &options, &points);
    if (options.kernel != HN_GP_RBF)
        ck_assert((gp->models[0].hyper.rate[1] > 0) == (_i % 4 != 3));
    hn_arena_release(&s.arena);
    hn_arena_release(&points.arena);
}
END_TEST

START_TEST(added_trials_equal_a_fit_with_them)
{
    static sample s, points;
    make_sample(&s, 55, MAX_D);
    make_sample(&points, 20, MAX_D);
    hn_random random = hn_random_stream(7, (uint64_t)_i, HN_PURPOSE_TEST);
    hn_gp_options options = variant(_i);
    double parameters[4 * MAX_D], mean[20], variance[20];
    random_parameters(hn_gp_parameter_count(s.axes, s.d, &options), &random, parameters);
    s.n = 5; /* so that memory must grow */
    hn_gp *gp = condition(&s, &options, parameters);
    hn_gp_predict(gp, 0, points.x, points.n, mean, variance);
    for (; s.n < 55; s.n++)
        ck_assert_int_eq(hn_gp_extend(gp, s.x + s.n * s.d, s.y[s.n], s.noise[s.n], NULL), HONE_OK);
    ck_assert_uint_eq(hn_gp_count(gp), 55);
    hn_gp_target *target = gp->target;
    double y[MAX_N], noise[MAX_N], m[20], v[20], naive_mean, naive_variance, unused;
    model_data(&s, gp, y, noise);
    hn_gp_predict(gp, 0, points.x, points.n, m, v);
    for (size_t k = 0; k < points.n; k++) {
        naive_gp_posterior(s.axes, s.d, &options, &gp->models[0].hyper, s.x, y, noise, s.n,
                           points.x + k * s.d, &naive_mean, &naive_variance, &unused);
        hn_assert_close(m[k], naive_mean, 1e-8, 1e-8);
        hn_assert_close(v[k], naive_variance, 1e-7, 1e-8);
    }
    hn_gp_truncate(gp, 5);
    ck_assert(target == hn_gp_target_map(gp));
    hn_gp_predict(gp, 0, points.x, points.n, m, v);
    for (size_t k = 0; k < points.n; k++) {
        hn_assert_close(m[k], mean[k], 1e-9, 1e-9);
        hn_assert_close(v[k], variance[k], 1e-9, 1e-9);
    }
    hn_arena_release(&s.arena);
    hn_arena_release(&points.arena);
}
END_TEST

START_TEST(pending_trials_lower_the_variance_only)
{
    static sample s, points;
    make_sample(&s, 20, MAX_D);
    make_sample(&points, 20, MAX_D);
    memset(s.noise, 0, sizeof s.noise);
    hn_gp_options options = HN_GP_OPTIONS_INIT;
    double parameters[4 * MAX_D] = {0}, mean[20], variance[20], m[20], v[20], expected[20];
    hn_gp *gp = condition(&s, &options, parameters);
    hn_gp_predict(gp, 0, points.x, points.n, mean, variance);
    for (size_t k = 0; k < 5; k++)
        ck_assert_int_eq(hn_gp_add_pending(gp, points.x + k * s.d, NULL), HONE_OK);
    ck_assert_uint_eq(hn_gp_count(gp), 20);
    ck_assert_int_eq(hn_gp_extend(gp, points.x, 0, 0, NULL), HONE_INVALID);
    hn_gp_predict(gp, 0, points.x, points.n, m, v);
    hn_gp_truncate(gp, 20);
    for (size_t k = 0; k < 5; k++)
        ck_assert_int_eq(hn_gp_extend(gp, points.x + k * s.d, 0.5, 0, NULL), HONE_OK);
    hn_gp_predict(gp, 0, points.x, points.n, mean, expected);
    hn_gp_truncate(gp, 20);
    hn_gp_predict(gp, 0, points.x, points.n, mean, NULL);
    for (size_t k = 0; k < points.n; k++) {
        hn_assert_close(m[k], mean[k], 1e-12, 1e-12);
        hn_assert_close(v[k], expected[k], 1e-12, 1e-12);
        ck_assert_double_lt(v[k], variance[k]);
    }
    hn_arena_release(&s.arena);
    hn_arena_release(&points.arena);
}
END_TEST

/* The joint posterior has the marginals of the plain one, and draws have its covariance: 4000 draws, five
 * standard errors of a covariance. */
START_TEST(draws_follow_the_joint_posterior)
{
    enum { M = 6, DRAWS = 4000 };
    static sample s, points;
    make_sample(&s, 12, MAX_D);
    make_sample(&points, M, MAX_D);
    hn_random random = hn_random_stream(8, 0, HN_PURPOSE_TEST);
    hn_gp_options options = variant(3);
    double parameters[4 * MAX_D], mean[M], variance[M], joint[M * M], at[M], draw[M], sums[M * M] = {0};
    random_parameters(hn_gp_parameter_count(s.axes, s.d, &options), &random, parameters);
    hn_gp *gp = condition(&s, &options, parameters);
    hn_gp_predict(gp, 0, points.x, M, mean, variance);
    ck_assert_int_eq(hn_gp_joint(gp, 0, &s.arena, points.x, M, at, joint, NULL), HONE_OK);
    for (size_t k = 0; k < M; k++) {
        hn_assert_close(at[k], mean[k], 1e-12, 1e-12);
        hn_assert_close(joint[k * M + k], variance[k], 1e-10, 1e-12);
    }
    for (int i = 0; i < DRAWS; i++) {
        ck_assert_int_eq(hn_gp_draw(gp, 0, &points.arena, points.x, M, &random, draw, NULL), HONE_OK);
        for (size_t k = 0; k < (size_t)M * M; k++)
            sums[k] += (draw[k / M] - mean[k / M]) * (draw[k % M] - mean[k % M]) / DRAWS;
        hn_arena_reset(&points.arena);
    }
    for (size_t k = 0; k < (size_t)M * M; k++) {
        double error = sqrt((variance[k / M] * variance[k % M] + joint[k] * joint[k]) / DRAWS);
        hn_assert_absolute(sums[k], joint[k], 5 * error);
    }
    hn_arena_release(&s.arena);
    hn_arena_release(&points.arena);
}
END_TEST

/* --- derivatives --- */

START_TEST(gradient_of_the_posterior_equals_finite_differences)
{
    static sample s;
    make_sample(&s, 25, MAX_D);
    hn_random random = hn_random_stream(4, (uint64_t)_i, HN_PURPOSE_TEST);
    hn_gp_options options = variant(_i);
    double parameters[4 * MAX_D], gradient[4 * MAX_D], unused[4 * MAX_D], columns[25 * MAX_D];
    size_t count = hn_gp_parameter_count(s.axes, s.d, &options);
    random_parameters(count, &random, parameters);
    hn_gp_shape shape;
    ck_assert_int_eq(hn_gp_shape_make(&s.arena, s.axes, s.d, &options, &shape, NULL), HONE_OK);
    ck_assert_uint_eq(shape.n_parameters, count);
    for (size_t i = 0; i < s.n; i++)
        for (size_t j = 0; j < s.d; j++)
            columns[j * s.n + i] = s.x[i * s.d + j];
    hn_gp_shape_see(&shape, columns, s.n);
    hn_gp_evidence e = {
        .shape = &shape, .n = s.n, .raw = columns, .y = s.y, .known_noise = s.noise, .fixed_noise = 0.01};
    ck_assert_int_eq(hn_gp_evidence_make(&s.arena, &e, NULL), HONE_OK);
    hn_gp_evidence_loss(&e, parameters, gradient);
    for (size_t p = 0; p < count; p++) {
        double middle = parameters[p], step = 1e-5;
        parameters[p] = middle + step;
        double above = hn_gp_evidence_loss(&e, parameters, unused);
        parameters[p] = middle - step;
        double below = hn_gp_evidence_loss(&e, parameters, unused);
        parameters[p] = middle;
        hn_assert_close(gradient[p], (above - below) / (2 * step), 1e-6, 1e-6);
    }
    hn_arena_release(&s.arena);
}
END_TEST

START_TEST(gradients_of_predictions_equal_finite_differences)
{
    static sample s, points;
    make_sample(&s, 40, MAX_D);
    make_sample(&points, 10, MAX_D);
    hn_random random = hn_random_stream(5, (uint64_t)_i, HN_PURPOSE_TEST);
    hn_gp_options options = variant(_i);
    double parameters[4 * MAX_D], mean[10], variance[10], by_mean[10 * MAX_D], by_variance[10 * MAX_D];
    random_parameters(hn_gp_parameter_count(s.axes, s.d, &options), &random, parameters);
    hn_gp *gp = condition(&s, &options, parameters);
    hn_gp_predict_gradient(gp, 0, points.x, 10, mean, variance, by_mean, by_variance);
    for (size_t k = 0; k < (size_t)10 * MAX_D; k++) {
        size_t axis = k % MAX_D, point = k / MAX_D;
        double step = 1e-5, middle = points.x[k], m[2], v[2];
        if (s.axes[axis].kind != HN_GP_CONTINUOUS || isnan(middle)) {
            ck_assert(by_mean[k] == 0 && by_variance[k] == 0);
            continue;
        }
        for (int side = 0; side < 2; side++) {
            points.x[k] = middle + (side ? -step : step);
            hn_gp_predict(gp, 0, points.x + point * MAX_D, 1, m + side, v + side);
        }
        points.x[k] = middle;
        hn_assert_close(by_mean[k], (m[0] - m[1]) / (2 * step), 1e-5, 1e-6);
        hn_assert_close(by_variance[k], (v[0] - v[1]) / (2 * step), 1e-5, 1e-6);
    }
    hn_arena_release(&s.arena);
    hn_arena_release(&points.arena);
}
END_TEST

Suite *suite_gp(void)
{
    Suite *suite = suite_create("gp");
    TCase *derivatives = tcase_create("derivatives");
    tcase_add_loop_test(derivatives, gradient_of_the_posterior_equals_finite_differences, 0, VARIANTS);
    tcase_add_loop_test(derivatives, gradients_of_predictions_equal_finite_differences, 0, VARIANTS);
    suite_add_tcase(suite, derivatives);
    TCase *posterior = tcase_create("posterior");
    tcase_add_loop_test(posterior, posterior_equals_the_naive_one, 0, VARIANTS);
    tcase_add_loop_test(posterior, steep_axes_and_far_places_equal_the_naive_ones, 0, VARIANTS);
    tcase_add_loop_test(posterior, added_trials_equal_a_fit_with_them, 0, VARIANTS);
    tcase_add_test(posterior, pending_trials_lower_the_variance_only);
    tcase_add_test(posterior, draws_follow_the_joint_posterior);
    suite_add_tcase(suite, posterior);
    return suite;
}
