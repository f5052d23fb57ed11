/* The factor and its inverse by halves against their definitions. */
#include "math/cholesky.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "math/random.h"
#include "support.h"

static const size_t sizes[] = {1, 2, 7, 24, 25, 26, 48, 63, 64, 65, 100, 129, 200};
enum { SIZES = sizeof sizes / sizeof *sizes, SPARE = 3 };

/* Rows n + SPARE apart: B B' / n + the unit matrix, B of normals; NaN where nothing may look. */
static double *positive_definite(size_t n)
{
    hn_random random = hn_random_stream(1, n, HN_PURPOSE_TEST);
    size_t stride = n + SPARE;
    double *a = malloc(n * stride * sizeof *a), *b = malloc(n * n * sizeof *b);
    for (size_t i = 0; i < n * n; i++)
        b[i] = hn_random_normal(&random);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < stride; j++) {
            double sum = i == j;
            for (size_t k = 0; k < n && j <= i; k++)
                sum += b[i * n + k] * b[j * n + k] / (double)n;
            a[i * stride + j] = j <= i ? sum : NAN;
        }
    free(b);
    return a;
}

START_TEST(factor_and_inverse)
{
    size_t n = sizes[_i], stride = n + SPARE;
    double *a = positive_definite(n), *l = positive_definite(n), *w = malloc(n * stride * sizeof *w);
    ck_assert(hn_cholesky_inverse(l, w, n, stride));
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) {
            double product = 0, unit = 0;
            for (size_t k = 0; k <= (i < j ? i : j); k++)
                product += l[i * stride + k] * l[j * stride + k];
            for (size_t k = j; k <= i; k++)
                unit += l[i * stride + k] * w[k * stride + j];
            if (j <= i)
                hn_assert_absolute(product, a[i * stride + j], 1e-13);
            else
                ck_assert(w[i * stride + j] == 0);
            hn_assert_absolute(unit, i == j, 1e-12);
        }
    free(a);
    free(l);
    free(w);
}
END_TEST

START_TEST(gram_of_the_inverse)
{
    size_t n = sizes[_i], stride = n + SPARE;
    hn_random random = hn_random_stream(2, n, HN_PURPOSE_TEST);
    double *w = calloc(n * stride, sizeof *w), *gram = malloc(n * stride * sizeof *w);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j <= i; j++)
            w[i * stride + j] = hn_random_normal(&random);
    hn_lower_gram(w, n, stride, gram);
    for (size_t j = 0; j < n; j++)
        for (size_t i = j; i < n; i++) {
            double sum = 0;
            for (size_t k = i; k < n; k++)
                sum += w[k * stride + i] * w[k * stride + j];
            hn_assert_close(gram[i * stride + j], sum, 1e-12, 1e-12);
        }
    free(w);
    free(gram);
}
END_TEST

/* A last row that is twice the first one: singular, whichever half it falls in. NaN is refused too. */
START_TEST(refuses_what_is_not_definite)
{
    size_t n = sizes[_i], stride = n + SPARE;
    double *a = positive_definite(n), *w = malloc(n * stride * sizeof *w);
    if (n > 1)
        for (size_t j = 0; j < n; j++)
            a[(n - 1) * stride + j] = j + 1 < n ? 2 * a[j * stride] : 4 * a[0];
    else
        a[0] = 0;
    ck_assert(!hn_cholesky_inverse(a, w, n, stride));
    memset(w, 0, n * stride * sizeof *w);
    free(a);
    a = positive_definite(n);
    a[n / 2 * stride] = NAN;
    ck_assert(!hn_cholesky_inverse(a, w, n, stride));
    free(a);
    free(w);
}
END_TEST

Suite *suite_cholesky(void)
{
    Suite *suite = suite_create("cholesky");
    TCase *inverses = tcase_create("inverses");
    tcase_add_loop_test(inverses, factor_and_inverse, 0, SIZES);
    tcase_add_loop_test(inverses, gram_of_the_inverse, 0, SIZES);
    tcase_add_loop_test(inverses, refuses_what_is_not_definite, 0, SIZES);
    suite_add_tcase(suite, inverses);
    return suite;
}
