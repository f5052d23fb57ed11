/* The objective of linear models: gradients and Hessian products against differences of values. */
#include <math.h>
#include <string.h>

#include "math/random.h"
#include "model/linear_objective.h"
#include "support.h"

enum { N = 150, D = 5, MAX = 3 * (D + 1) };

static double x[N * D], y[N], weight[N], w[MAX], v[MAX];

static void setup(void)
{
    hn_random random = hn_random_stream(3, 0, HN_PURPOSE_TEST);
    for (size_t i = 0; i < N * D; i++)
        x[i] = hn_random_normal(&random);
    for (size_t i = 0; i < N; i++)
        weight[i] = 0.5 + hn_random_uniform(&random);
    for (size_t i = 0; i < MAX; i++) {
        w[i] = 0.5 * hn_random_normal(&random);
        v[i] = hn_random_normal(&random);
    }
}

static hn_linear_objective objective_of(hn_linear_loss loss, bool intercept, double *scratch)
{
    hn_linear_objective o = {.loss = loss,
                             .n = N,
                             .d = D,
                             .n_outputs = loss == HN_LINEAR_SOFTMAX ? 3 : 1,
                             .x = x,
                             .y = y,
                             .weight = weight,
                             .intercept = intercept,
                             .l2 = 0.7,
                             .scratch = scratch};
    for (size_t i = 0; i < N; i++)
        y[i] = (double)(i % (loss == HN_LINEAR_SOFTMAX ? 3 : 2));
    return o;
}

#define FOR_EVERY_LOSS(o)                                                                                    \
    double scratch[2000];                                                                                    \
    for (int loss_ = HN_LINEAR_SQUARED; loss_ <= HN_LINEAR_SOFTMAX; loss_++)                                 \
        for (int intercept_ = 0; intercept_ < 2; intercept_++)                                               \
            for (hn_linear_objective o = objective_of((hn_linear_loss)loss_, intercept_, scratch),           \
                                     *once_ = &o;                                                            \
                 once_; once_ = NULL)

START_TEST(gradient_is_the_slope_of_the_value)
{
    FOR_EVERY_LOSS(o)
    {
        size_t n = hn_linear_parameters(&o);
        double gradient[MAX], step = 1e-5;
        ck_assert_uint_le(hn_linear_scratch_size(&o), sizeof scratch / sizeof *scratch);
        double value = hn_linear_value(&o, w, gradient);
        ck_assert(value == hn_linear_value(&o, w, NULL));
        for (size_t i = 0; i < n; i++) {
            double moved[MAX];
            memcpy(moved, w, sizeof moved);
            moved[i] = w[i] + step;
            double above = hn_linear_value(&o, moved, NULL);
            moved[i] = w[i] - step;
            double below = hn_linear_value(&o, moved, NULL);
            hn_assert_absolute((above - below) / (2 * step), gradient[i], 1e-6);
        }
    }
}
END_TEST

START_TEST(hessian_is_the_slope_of_the_gradient)
{
    FOR_EVERY_LOSS(o)
    {
        double product[MAX], above[MAX], below[MAX], moved[MAX], step = 1e-5;
        size_t n = hn_linear_parameters(&o);
        hn_linear_hessian_times(&o, w, v, product);
        for (size_t i = 0; i < n; i++)
            moved[i] = w[i] + step * v[i];
        hn_linear_value(&o, moved, above);
        for (size_t i = 0; i < n; i++)
            moved[i] = w[i] - step * v[i];
        hn_linear_value(&o, moved, below);
        for (size_t i = 0; i < n; i++)
            hn_assert_absolute((above[i] - below[i]) / (2 * step), product[i], 1e-6);
    }
}
END_TEST

/* Scores of 1e5 neither overflow nor lose the loss. */
START_TEST(bears_huge_scores)
{
    FOR_EVERY_LOSS(o)
    {
        double far[MAX], gradient[MAX];
        for (size_t i = 0; i < MAX; i++)
            far[i] = 1e5 * v[i];
        ck_assert(isfinite(hn_linear_value(&o, far, gradient)));
        for (size_t i = 0; i < hn_linear_parameters(&o); i++)
            ck_assert(isfinite(gradient[i]));
    }
}
END_TEST

Suite *suite_linear(void)
{
    Suite *suite = suite_create("linear");
    TCase *objective = tcase_create("objective");
    tcase_add_checked_fixture(objective, setup, NULL);
    tcase_add_test(objective, gradient_is_the_slope_of_the_value);
    tcase_add_test(objective, hessian_is_the_slope_of_the_gradient);
    tcase_add_test(objective, bears_huge_scores);
    suite_add_tcase(suite, objective);
    return suite;
}
