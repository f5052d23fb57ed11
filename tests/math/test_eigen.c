/* Eigenvalues of symmetric matrices against their definition and against Jacobi's rotations. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "math/eigen.h"
#include "math/random.h"
#include "support.h"

/* Row i of vectors times the original matrix is values[i] times itself; rows are orthonormal; ascending. */
static void check(const double *a, size_t n, double tolerance)
{
    double *copy = malloc(n * n * sizeof *copy), *values = malloc(n * sizeof *values);
    double *vectors = malloc(n * n * sizeof *vectors), *work = malloc(2 * n * sizeof *work), size = 0;
    memcpy(copy, a, n * n * sizeof *copy);
    for (size_t i = 0; i < n; i++) /* the lower triangle is not read */
        for (size_t j = 0; j < i; j++)
            copy[i * n + j] = NAN;
    ck_assert(hn_symmetric_eigen(copy, n, values, vectors, work));
    for (size_t i = 0; i < n; i++)
        size = fmax(size, fabs(values[i]));
    for (size_t i = 0; i < n; i++) {
        const double *v = vectors + i * n;
        ck_assert(i == 0 || values[i - 1] <= values[i]);
        for (size_t j = 0; j < n; j++) {
            double image = 0, product = 0;
            for (size_t k = 0; k < n; k++) {
                image += a[j * n + k] * v[k];
                product += v[k] * vectors[j * n + k];
            }
            hn_assert_absolute(image, values[i] * v[j], tolerance * size);
            hn_assert_absolute(product, i == j, tolerance);
        }
    }
    free(copy);
    free(values);
    free(vectors);
    free(work);
}

static double *symmetric(size_t n, uint64_t seed)
{
    hn_random random = hn_random_stream(seed, 0, HN_PURPOSE_TEST);
    double *a = malloc(n * n * sizeof *a);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j <= i; j++)
            a[i * n + j] = a[j * n + i] = hn_random_normal(&random);
    return a;
}

START_TEST(of_random_matrices)
{
    static const size_t sizes[] = {1, 2, 3, 4, 5, 8, 17, 33, 120};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        double *a = symmetric(sizes[s], s);
        check(a, sizes[s], 1e-13 * (double)(10 + sizes[s]));
        free(a);
    }
}
END_TEST

/* Repeated eigenvalues, zeros, blocks, and lengths of axes from 1 to 1e-7 as a search leaves them. */
START_TEST(of_special_matrices)
{
    enum { N = 6 };
    double zero[N * N] = {0}, ones[N * N], identity[N * N] = {0}, blocks[N * N] = {0}, graded[N * N],
                    huge[N * N];
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < N; j++) {
            ones[i * N + j] = 1;
            identity[i * N + j] = i == j;
            blocks[i * N + j] = i / 2 == j / 2 ? 2 + (i == j) : 0;
            graded[i * N + j] = pow(10, -(double)(i + j)) * (i == j ? 2 : 1);
            huge[i * N + j] = 1e200 / (double)(i + j + 1); /* Hilbert's matrix */
        }
    check(zero, N, 1e-14);
    check(ones, N, 1e-14);
    check(identity, N, 1e-14);
    check(blocks, N, 1e-14);
    check(graded, N, 1e-14);
    check(huge, N, 1e-14);
}
END_TEST

/* Jacobi 1846: turns the largest element beside the diagonal away until none is left. */
static void jacobi(double *a, size_t n, double *values)
{
    for (;;) {
        size_t p = 0, q = 1;
        for (size_t i = 0; i < n; i++)
            for (size_t j = i + 1; j < n; j++)
                if (fabs(a[i * n + j]) > fabs(a[p * n + q])) {
                    p = i;
                    q = j;
                }
        if (fabs(a[p * n + q]) < 1e-14)
            break;
        double angle = 0.5 * atan2(2 * a[p * n + q], a[p * n + p] - a[q * n + q]), c = cos(angle),
               s = sin(angle);
        for (int side = 0; side < 2; side++)
            for (size_t k = 0; k < n; k++) {
                double *x = side ? a + p * n + k : a + k * n + p, *y = side ? a + q * n + k : a + k * n + q;
                double left = *x, right = *y;
                *x = c * left + s * right;
                *y = -s * left + c * right;
            }
    }
    for (size_t i = 0; i < n; i++)
        values[i] = a[i * n + i];
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

START_TEST(as_jacobi_finds_them)
{
    enum { N = 12 };
    double values[N], expected[N], vectors[N * N], work[2 * N];
    double *a = symmetric(N, 77), *b = symmetric(N, 77);
    jacobi(b, N, expected);
    qsort(expected, N, sizeof *expected, ascending);
    ck_assert(hn_symmetric_eigen(a, N, values, vectors, work));
    for (size_t i = 0; i < N; i++)
        hn_assert_absolute(values[i], expected[i], 1e-12);
    free(a);
    free(b);
}
END_TEST

START_TEST(not_of_what_is_no_number)
{
    double a[4] = {1, NAN, NAN, 1}, b[4] = {INFINITY, 0, 0, 1}, values[2], vectors[4], work[4];
    ck_assert(!hn_symmetric_eigen(a, 2, values, vectors, work));
    ck_assert(!hn_symmetric_eigen(b, 2, values, vectors, work));
    ck_assert(hn_symmetric_eigen(a, 0, values, vectors, work));
}
END_TEST

Suite *suite_eigen(void)
{
    Suite *suite = suite_create("eigen");
    TCase *all = tcase_create("eigen");
    tcase_add_test(all, of_random_matrices);
    tcase_add_test(all, of_special_matrices);
    tcase_add_test(all, as_jacobi_finds_them);
    tcase_add_test(all, not_of_what_is_no_number);
    suite_add_tcase(suite, all);
    return suite;
}
