/* Acquisition functions against quadrature of what they mean, and their derivatives against differences. */
#include <math.h>

#include "support.h"
#include "surrogate/acquisition.h"

static const hn_acquisition kinds[] = {{HN_ACQUISITION_LOG_EI, 0.1, 0},
                                       {HN_ACQUISITION_EI, 0.1, 0},
                                       {HN_ACQUISITION_LOG_PI, 0.1, 0},
                                       {HN_ACQUISITION_LCB, 0, 1.7}};

enum { KINDS = sizeof kinds / sizeof *kinds };

static const double means[] = {-2, -0.3, 0, 0.4, 3}, variances[] = {1e-4, 0.3, 1, 5};

/* E g(f) of f normal, by the midpoint rule over twelve standard deviations. */
static double expectation(double mean, double variance, double (*g)(double f, double limit), double limit)
{
    enum { STEPS = 200000 };
    double sum = 0, width = 24.0 / STEPS;
    for (int i = 0; i < STEPS; i++) {
        double z = -12 + (i + 0.5) * width;
        sum += width * exp(-z * z / 2) / sqrt(2 * M_PI) * g(mean + sqrt(variance) * z, limit);
    }
    return sum;
}

static double improvement(double f, double limit)
{
    return fmax(0, limit - f);
}

static double improves(double f, double limit)
{
    return f < limit;
}

START_TEST(means_what_its_name_says)
{
    for (size_t i = 0; i < 5; i++)
        for (size_t j = 1; j < 4; j++) {
            double m = means[i], v = variances[j], best = 0.2;
            double ei = expectation(m, v, improvement, best - 0.1);
            double pi = expectation(m, v, improves, best - 0.1);
            hn_assert_close(hn_acquisition_of(&kinds[0], m, v, best).value, log(ei), 1e-6, 1e-6);
            hn_assert_close(hn_acquisition_of(&kinds[1], m, v, best).value, ei, 1e-6, 1e-9);
            hn_assert_close(hn_acquisition_of(&kinds[2], m, v, best).value, log(pi), 1e-3, 1e-3);
            hn_assert_close(hn_acquisition_of(&kinds[3], m, v, best).value, 1.7 * sqrt(v) - m, 1e-14, 0);
            hn_assert_close(hn_acquisition_log_below(m, v, 0.1).value, log(pi), 1e-3, 1e-3);
        }
}
END_TEST

static void check_slopes(const hn_acquisition *a, double m, double v, double best)
{
    double h = 1e-5 * sqrt(v), hv = 1e-5 * v;
    hn_utility at = hn_acquisition_of(a, m, v, best);
    double by_mean =
        (hn_acquisition_of(a, m + h, v, best).value - hn_acquisition_of(a, m - h, v, best).value) / (2 * h);
    double by_variance =
        (hn_acquisition_of(a, m, v + hv, best).value - hn_acquisition_of(a, m, v - hv, best).value) /
        (2 * hv);
    hn_assert_close(at.by_mean, by_mean, 1e-5, 1e-8);
    hn_assert_close(at.by_variance, by_variance, 1e-5, 1e-6);
}

START_TEST(derivatives_are_those_of_the_value)
{
    for (size_t k = 0; k < KINDS; k++)
        for (size_t i = 0; i < 5; i++)
            for (size_t j = 0; j < 4; j++)
                check_slopes(&kinds[k], means[i], variances[j], 0.2);
}
END_TEST

/* Where improvement is out of the question its logarithm still tells the better of two points. */
START_TEST(the_logarithm_never_is_flat)
{
    double last = INFINITY;
    for (double mean = 1; mean <= 1e8; mean *= 10) {
        hn_utility ei = hn_acquisition_of(&kinds[0], mean, 1, 0),
                   pi = hn_acquisition_of(&kinds[2], mean, 1, 0);
        ck_assert(isfinite(ei.value) && ei.value < last && ei.by_mean < 0 && ei.by_variance > 0);
        ck_assert(isfinite(pi.value) && pi.by_mean < 0 && pi.by_variance > 0);
        hn_assert_relative(ei.by_mean, -(mean + 0.1), 2.1 / (mean * mean));
        last = ei.value;
    }
}
END_TEST

/* Over models: the mean of the improvements themselves; of bounds, of the bounds. */
START_TEST(averages_over_models)
{
    const double mean[3] = {0.4, -0.1, 2}, variance[3] = {0.2, 1, 0.5}, best[3] = {0.1, 0, 0.3};
    for (size_t k = 0; k < KINDS; k++) {
        hn_utility terms[3], moved[3];
        double sum = 0, value = hn_acquisition_average(&kinds[k], mean, variance, best, 3, terms);
        bool logs = kinds[k].kind == HN_ACQUISITION_LOG_EI || kinds[k].kind == HN_ACQUISITION_LOG_PI;
        for (size_t i = 0; i < 3; i++) {
            double one = hn_acquisition_of(&kinds[k], mean[i], variance[i], best[i]).value;
            sum += (logs ? exp(one) : one) / 3;
            double up[3] = {mean[0], mean[1], mean[2]}, wide[3] = {variance[0], variance[1], variance[2]};
            up[i] += 1e-6;
            wide[i] += 1e-6;
            double by_mean = (hn_acquisition_average(&kinds[k], up, variance, best, 3, moved) - value) / 1e-6;
            double by_variance =
                (hn_acquisition_average(&kinds[k], mean, wide, best, 3, moved) - value) / 1e-6;
            hn_assert_absolute(terms[i].by_mean, by_mean, 1e-5);
            hn_assert_absolute(terms[i].by_variance, by_variance, 1e-5);
        }
        hn_assert_relative(logs ? exp(value) : value, sum, 1e-13);
    }
    hn_utility terms[3];
    double below = hn_acquisition_average_log_below(mean, variance, 0.5, 3, terms), sum = 0;
    for (size_t i = 0; i < 3; i++)
        sum += exp(hn_acquisition_log_below(mean[i], variance[i], 0.5).value) / 3;
    hn_assert_relative(exp(below), sum, 1e-13);
}
END_TEST

Suite *suite_acquisition(void)
{
    Suite *suite = suite_create("acquisition");
    TCase *one = tcase_create("one point");
    tcase_add_test(one, means_what_its_name_says);
    tcase_add_test(one, derivatives_are_those_of_the_value);
    tcase_add_test(one, the_logarithm_never_is_flat);
    tcase_add_test(one, averages_over_models);
    suite_add_tcase(suite, one);
    return suite;
}
