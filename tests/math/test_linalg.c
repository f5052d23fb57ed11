/* Products, Gram matrices and Cholesky's factor against the definitions, over sizes that leave every
 * remainder of the register tiles. */
#include <math.h>
#include <stdlib.h>

#include "math/linalg.h"
#include "math/random.h"
#include "support.h"

static double *normals(size_t n, uint64_t seed)
{
    hn_random random = hn_random_stream(seed, 0, HN_PURPOSE_TEST);
    double *x = calloc(n ? n : 1, sizeof *x);
    for (size_t i = 0; i < n; i++)
        x[i] = hn_random_normal(&random);
    return x;
}

static const size_t sizes[] = {1, 2, 3, 4, 5, 8, 15, 16, 17, 31, 33, 127, 130};
enum { N_SIZES = sizeof sizes / sizeof *sizes };

START_TEST(vectors)
{
    for (size_t s = 0; s < N_SIZES; s++) {
        size_t n = sizes[s];
        double *a = normals(n, 1), *b = normals(n, 2), *y = normals(n, 3), sum = 0;
        for (size_t i = 0; i < n; i++)
            sum += a[i] * b[i];
        hn_assert_absolute(hn_dot(a, b, n), sum, 1e-12);
        hn_add_scaled(0.5, a, n, y);
        double *before = normals(n, 3);
        for (size_t i = 0; i < n; i++)
            hn_assert_absolute(y[i], before[i] + 0.5 * a[i], 1e-14);
        free(a);
        free(b);
        free(y);
        free(before);
    }
}
END_TEST

/* x (n, d) w and x' r, from the definition. */
static void check_matrix_vector(size_t n, size_t d)
{
    double *x = normals(n * d, 4), *w = normals(d, 5), *r = normals(n, 6);
    double *scores = normals(n, 7), *columns = calloc(d, sizeof *columns);
    hn_rows_times(x, n, d, w, scores);
    hn_add_columns_times(x, n, d, r, columns);
    hn_add_columns_times(x, n, d, r, columns);
    for (size_t i = 0; i < n; i++) {
        double sum = 0;
        for (size_t k = 0; k < d; k++)
            sum += x[i * d + k] * w[k];
        hn_assert_absolute(scores[i], sum, 1e-12);
    }
    for (size_t k = 0; k < d; k++) {
        double sum = 0;
        for (size_t i = 0; i < n; i++)
            sum += 2 * x[i * d + k] * r[i];
        hn_assert_absolute(columns[k], sum, 1e-12);
    }
    free(x);
    free(w);
    free(r);
    free(scores);
    free(columns);
}

START_TEST(matrix_and_vector)
{
    for (size_t s = 0; s < N_SIZES; s++)
        for (size_t t = 0; t < N_SIZES; t++)
            check_matrix_vector(sizes[s], sizes[t]);
}
END_TEST

static void check_product(size_t m, size_t n, size_t k)
{
    double *a = normals(m * k, 8), *b = normals(n * k, 9), *out = normals(m * n, 10);
    hn_product_transposed(a, m, b, n, k, out);
    for (size_t i = 0; i < m; i++) {
        for (size_t j = 0; j < n; j++) {
            double sum = 0;
            for (size_t p = 0; p < k; p++)
                sum += a[i * k + p] * b[j * k + p];
            hn_assert_absolute(out[i * n + j], sum, 1e-12);
        }
    }
    free(a);
    free(b);
    free(out);
}

START_TEST(products)
{
    for (size_t s = 0; s < N_SIZES; s++) {
        check_product(sizes[s], 19, 5);
        check_product(6, sizes[s], 131);
        check_product(7, 18, sizes[s]);
    }
    check_product(3, 3, 300);
}
END_TEST

/* The same of columns, added to what is there; nothing below the diagonal is touched. */
static void check_gram_of_columns(size_t n, size_t d)
{
    double *columns = normals(n * d, 14), *gram = normals(d * d, 15), *before = normals(d * d, 15);
    hn_add_gram_of_columns(columns, d, n, gram);
    for (size_t i = 0; i < d; i++)
        for (size_t j = 0; j < d; j++) {
            double sum = before[i * d + j];
            for (size_t p = 0; p < n && j >= i; p++)
                sum += columns[i * n + p] * columns[j * n + p];
            hn_assert_absolute(gram[i * d + j], sum, 1e-11);
        }
    free(columns);
    free(gram);
    free(before);
}

static void check_gram(size_t n, size_t d)
{
    double *x = normals(n * d, 11), *weight = normals(n, 12), *gram = normals(d * d, 13);
    double *cross = calloc(d * d, sizeof *cross);
    check_gram_of_columns(n, d);
    hn_gram(x, n, d, weight, gram);
    hn_add_transposed_product(x, d, x, d, n, cross);
    for (size_t i = 0; i < d; i++) {
        for (size_t j = 0; j < d; j++) {
            double weighted = 0, sum = 0;
            for (size_t p = 0; p < n; p++) {
                weighted += weight[p] * x[p * d + i] * x[p * d + j];
                sum += x[p * d + i] * x[p * d + j];
            }
            hn_assert_absolute(gram[i * d + j], weighted, 1e-11);
            hn_assert_absolute(cross[i * d + j], sum, 1e-11);
            ck_assert(gram[i * d + j] == gram[j * d + i]);
        }
    }
    free(x);
    free(weight);
    free(gram);
    free(cross);
}

START_TEST(gram_matrices)
{
    for (size_t s = 0; s < N_SIZES; s++) {
        check_gram(9, sizes[s] % 64);
        check_gram(sizes[s], 21);
    }
    check_gram(300, 5);
}
END_TEST

/* Panels of rows set out of order and again, of which the first n count. */
static void check_panels(size_t n, size_t m)
{
    size_t stride = n + 3, more = n + 5;
    double *w = normals(more * more, 11), *a = normals(m * stride, 12),
           *panels = normals(hn_panels_size(more), 13);
    double *times = normals(m * stride, 14), *transposed = normals(n * m, 15), *row = normals(n, 16);
    for (size_t i = more; i-- > 0;)
        hn_panels_set_row(panels, i, w);
    for (size_t i = 0; i < more; i++)
        hn_panels_set_row(panels, i, w + i * more);
    hn_times_panels(a, m, stride, panels, n, times);
    hn_panels_times(panels, n, a, m, stride, transposed);
    hn_panels_get_row(panels, n, n, row);
    for (size_t k = 0; k < n; k++)
        ck_assert(row[k] == w[n * more + k]);
    for (size_t r = 0; r < m; r++)
        for (size_t j = 0; j < n; j++) {
            double product = 0, by_transposed = 0;
            for (size_t k = 0; k <= j; k++)
                product += a[r * stride + k] * w[j * more + k];
            for (size_t k = j; k < n; k++)
                by_transposed += a[r * stride + k] * w[k * more + j];
            hn_assert_absolute(times[r * stride + j], product, 1e-12);
            hn_assert_absolute(transposed[j * m + r], by_transposed, 1e-12);
        }
    free(w);
    free(a);
    free(panels);
    free(row);
    free(times);
    free(transposed);
}

START_TEST(panels)
{
    for (size_t s = 0; s < N_SIZES; s++) {
        check_panels(sizes[s], 9);
        check_panels(37, sizes[s]);
    }
    check_panels(300, 3);
}
END_TEST

START_TEST(cholesky_solves)
{
    for (size_t s = 0; s < N_SIZES; s++) {
        size_t n = sizes[s];
        double *x = normals((n + 5) * n, 14), *a = calloc(n * n, sizeof *a), *b = normals(n, 15);
        double *l = calloc(n * n, sizeof *l), *solution = normals(n, 15);
        hn_gram(x, n + 5, n, NULL, a);
        hn_gram(x, n + 5, n, NULL, l);
        ck_assert(hn_cholesky(l, n));
        hn_cholesky_solve(l, n, solution);
        for (size_t i = 0; i < n; i++)
            hn_assert_absolute(hn_dot(a + i * n, solution, n), b[i], 1e-9);
        free(x);
        free(a);
        free(b);
        free(l);
        free(solution);
    }
}
END_TEST

START_TEST(cholesky_refuses_what_is_not_definite)
{
    double singular[] = {1, 2, 2, 4}, negative[] = {-1}, zero[] = {0}, nan[] = {NAN};
    ck_assert(!hn_cholesky(singular, 2));
    ck_assert(!hn_cholesky(negative, 1));
    ck_assert(!hn_cholesky(zero, 1));
    ck_assert(!hn_cholesky(nan, 1));
}
END_TEST

Suite *suite_linalg(void)
{
    Suite *suite = suite_create("linalg");
    TCase *against = tcase_create("against definitions");
    tcase_add_test(against, vectors);
    tcase_add_test(against, matrix_and_vector);
    tcase_add_test(against, products);
    tcase_add_test(against, gram_matrices);
    tcase_add_test(against, panels);
    tcase_add_test(against, cholesky_solves);
    tcase_add_test(against, cholesky_refuses_what_is_not_definite);
    suite_add_tcase(suite, against);
    return suite;
}
