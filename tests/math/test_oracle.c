/* Against tests/oracle/math_values.txt, written by math_oracle.py. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "math/distribution.h"
#include "math/sequence.h"
#include "support.h"

enum { MAX_NUMBERS = 5 };

typedef double evaluate(const double x[MAX_NUMBERS]);

/* Compares every line that starts with `name`; there must be some. */
static void compare(const char *name, size_t n_arguments, evaluate *function, double relative,
                    double absolute)
{
    char *path = hn_test_source("tests/oracle/math_values.txt"), *text = hn_test_read(path), *lines, *words;
    size_t compared = 0;
    for (char *line = strtok_r(text, "\n", &lines); line; line = strtok_r(NULL, "\n", &lines)) {
        if (strcmp(strtok_r(line, " ", &words), name) != 0)
            continue;
        double x[MAX_NUMBERS];
        size_t n = 0;
        for (char *word = strtok_r(NULL, " ", &words); word; word = strtok_r(NULL, " ", &words)) {
            ck_assert(n < MAX_NUMBERS);
            ck_assert_msg(hn_parse_double(word, strlen(word), true, &x[n++]), "not a number: %s", word);
        }
        ck_assert_uint_eq(n, n_arguments + 1);
        double value = function(x);
        ck_assert_msg(hn_test_close(value, x[n_arguments], relative, absolute),
                      "%s(%.17g, %.17g, %.17g) is %.17g, expected %.17g", name, x[0], x[1],
                      n_arguments > 2 ? x[2] : NAN, value, x[n_arguments]);
        compared++;
    }
    ck_assert_msg(compared > 10, "%s: only %zu values", name, compared);
    free(text);
    free(path);
}

static double cdf(const double x[])
{
    return hn_normal_cdf(x[0]);
}

static double log_cdf(const double x[])
{
    return hn_normal_log_cdf(x[0]);
}

static double quantile(const double x[])
{
    return hn_normal_quantile(x[0]);
}

static double log_mass(const double x[])
{
    return hn_normal_log_mass(x[0], x[1]);
}

static double truncated_quantile(const double x[])
{
    return hn_truncated_normal_quantile(x[0], x[1], x[2]);
}

static double truncated_log_pdf(const double x[])
{
    return hn_truncated_normal_log_pdf(x[0], x[1], x[2]);
}

static double log_excess(const double x[])
{
    return hn_normal_log_excess(x[0], NULL);
}

static double log_excess_slope(const double x[])
{
    double slope;
    hn_normal_log_excess(x[0], &slope);
    return slope;
}

static double log_cdf_slope(const double x[])
{
    return hn_normal_log_cdf_slope(x[0]);
}

static double sobol(const double x[])
{
    return hn_sobol((uint64_t)x[0], (unsigned)x[1], false, 0);
}

static double halton(const double x[])
{
    return hn_halton((uint64_t)x[0], (unsigned)x[1], false, 0);
}

START_TEST(normal)
{
    compare("cdf", 1, cdf, 1e-12, 0.0);
    compare("log_cdf", 1, log_cdf, 1e-13, 0.0);
    compare("quantile", 1, quantile, 1e-14, 1e-16);
    compare("log_excess", 1, log_excess, 1e-14, 1e-14);
    compare("log_excess_slope", 1, log_excess_slope, 1e-13, 0.0);
    compare("log_cdf_slope", 1, log_cdf_slope, 1e-13, 1e-300);
}
END_TEST

START_TEST(truncated_normal)
{
    compare("log_mass", 2, log_mass, 1e-12, 1e-13);
    compare("truncated_quantile", 3, truncated_quantile, 1e-12, 1e-15);
    compare("truncated_log_pdf", 3, truncated_log_pdf, 1e-11, 1e-12);
}
END_TEST

START_TEST(sequences_equal_scipy_bit_for_bit)
{
    compare("sobol", 2, sobol, 0.0, 0.0);
    compare("halton", 2, halton, 0.0, 0.0);
}
END_TEST

Suite *suite_oracle(void)
{
    Suite *suite = suite_create("math oracle");
    TCase *values = tcase_create("values");
    tcase_add_test(values, normal);
    tcase_add_test(values, truncated_normal);
    tcase_add_test(values, sequences_equal_scipy_bit_for_bit);
    suite_add_tcase(suite, values);
    return suite;
}
