/* The Gaussian process against finite differences and a naive one (naive_gp.c). */
#include <math.h>
#include <string.h>

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
    ck_assert_msg(!hn_gp_condition(&s->arena, s->axes, s->d, options, &data, parameters, &gp, &err), "%s",
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
    return suite;
}
