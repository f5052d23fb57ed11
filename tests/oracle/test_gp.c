/* The Gaussian process against scikit-learn (tests/oracle/gp_oracle.py). */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "named_values.h"
#include "support.h"
#include "surrogate/gp_parts.h"

static hn_arena arena;

static void setup(void)
{
    named_values_open("gp_values.txt");
}

static void teardown(void)
{
    named_values_close();
    hn_arena_release(&arena);
}

/* All values of a line "case.key", or the first one. */
static const double *all(const char *name, const char *key, size_t *n)
{
    char line[64];
    snprintf(line, sizeof line, "%s.%s", name, key);
    return named_values_all(line, n);
}

static double one(const char *name, const char *key)
{
    size_t n;
    return all(name, key, &n)[0];
}

static const char *const cases[] = {"matern52", "matern32", "rbf", "one", "many", "known", "linear"};
enum { CASES = sizeof cases / sizeof *cases, MAX_D = 6 };

typedef struct oracle {
    hn_gp_axis axes[MAX_D];
    hn_gp_options options;
    hn_gp_data data;
    size_t d, count;
    double parameters[MAX_D + 3];
} oracle;

static void load(const char *name, oracle *o)
{
    size_t size;
    *o = (oracle){.options = HN_GP_OPTIONS_INIT};
    const double *lengths = all(name, "lengths", &o->d);
    o->data.x = all(name, "x", &size);
    o->data.y = all(name, "y", &o->data.n);
    o->data.noise = all(name, "known", &size);
    o->options.transform = HN_GP_TRANSFORM_GIVEN;
    o->options.kernel = strcmp(name, "rbf") == 0        ? HN_GP_RBF
                        : strcmp(name, "matern32") == 0 ? HN_GP_MATERN32
                                                        : HN_GP_MATERN52;
    o->options.linear = one(name, "linear") > 0;
    o->count = hn_gp_parameter_count(o->axes, o->d, &o->options);
    for (size_t j = 0; j < o->d; j++)
        o->parameters[j] = -2 * log(lengths[j]);
    o->parameters[o->d] = log(one(name, "amplitude"));
    o->parameters[o->d + 1] = log(one(name, "noise") - 1e-6);
    if (o->options.linear)
        o->parameters[o->d + 2] = log(one(name, "linear"));
}

START_TEST(posterior_equals_scikit_learn)
{
    oracle o;
    size_t m, size;
    double mean[32], variance[32];
    load(cases[_i], &o);
    hn_gp *gp = NULL;
    ck_assert_int_eq(hn_gp_condition(&arena, o.axes, o.d, &o.options, &o.data, o.parameters, 1, &gp, NULL),
                     HONE_OK);
    hn_assert_relative(hn_gp_log_likelihood(gp, 0), one(cases[_i], "likelihood"), 1e-9);
    const double *expected = all(cases[_i], "mean", &m), *deviation = all(cases[_i], "deviation", &m);
    hn_gp_predict(gp, 0, all(cases[_i], "at", &size), m, mean, variance);
    for (size_t k = 0; k < m; k++) {
        hn_assert_close(mean[k], expected[k], 1e-8, 1e-9);
        hn_assert_close(sqrt(variance[k]), deviation[k], 1e-8, 1e-9);
    }
}
END_TEST

/* scikit-learn's derivatives are by log l, ours by log w = -2 log l; by the whole noise, ours by what is
 * above the least. */
START_TEST(gradient_equals_scikit_learn)
{
    oracle o;
    size_t count;
    double columns[1000], gradient[MAX_D + 3], prior[MAX_D + 3] = {0};
    load(cases[_i], &o);
    hn_gp_shape shape;
    ck_assert_int_eq(hn_gp_shape_make(&arena, o.axes, o.d, &o.options, &shape, NULL), HONE_OK);
    for (size_t i = 0; i < o.data.n; i++)
        for (size_t j = 0; j < o.d; j++)
            columns[j * o.data.n + i] = o.data.x[i * o.d + j];
    hn_gp_evidence e = {
        .shape = &shape, .n = o.data.n, .raw = columns, .y = o.data.y, .known_noise = o.data.noise};
    ck_assert_int_eq(hn_gp_evidence_make(&arena, &e, NULL), HONE_OK);
    hn_gp_evidence_loss(&e, o.parameters, gradient);
    hn_gp_log_prior(&shape, o.parameters, prior);
    const double *expected = all(cases[_i], "gradient", &count);
    double noise = one(cases[_i], "noise");
    for (size_t p = 0; p < count; p++) {
        size_t own = p == 0 ? o.d : p <= o.d ? p - 1 : p;
        double scale = p == 0 ? 1 : p <= o.d ? -0.5 : (noise - 1e-6) / noise;
        hn_assert_close(-gradient[own] - prior[own], scale * expected[p], 1e-8, 1e-8);
    }
}
END_TEST

START_TEST(power_transforms_equal_scikit_learn)
{
    static const char *const names[] = {"positive", "signed"};
    size_t n;
    const double *raw = all(names[_i], "raw", &n), *bent = all(names[_i], "bent", &n);
    hn_gp_target *target;
    ck_assert_int_eq(hn_gp_target_make(&arena, HN_GP_TRANSFORM_POWER, raw, n, &target, NULL), HONE_OK);
    for (size_t i = 0; i < n; i++)
        hn_assert_absolute(hn_gp_target_of(target, raw[i]), bent[i], 1e-3);
}
END_TEST

Suite *suite_gp(void)
{
    Suite *suite = suite_create("gp");
    TCase *peer = tcase_create("scikit-learn");
    tcase_add_checked_fixture(peer, setup, teardown);
    tcase_add_loop_test(peer, posterior_equals_scikit_learn, 0, CASES);
    tcase_add_loop_test(peer, gradient_equals_scikit_learn, 0, CASES);
    tcase_add_loop_test(peer, power_transforms_equal_scikit_learn, 0, 2);
    suite_add_tcase(suite, peer);
    return suite;
}
