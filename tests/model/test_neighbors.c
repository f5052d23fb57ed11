/* The nearest rows against measuring all of them and sorting; ties by row. */
#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "math/random.h"
#include "model/knn.h"
#include "support.h"

static hone_error error;
static hn_random chance;

/* distinct: of so many whole numbers, so that there are ties; 0: normal. */
static void fill(double *x, size_t n, unsigned distinct)
{
    for (size_t i = 0; i < n; i++)
        x[i] = distinct ? (double)hn_random_below(&chance, distinct) : 100 + hn_random_normal(&chance);
}

static int by_distance(const void *left, const void *right)
{
    const hn_neighbor *a = left, *b = right;
    if (a->distance != b->distance)
        return a->distance < b->distance ? -1 : 1;
    return a->row < b->row ? -1 : a->row > b->row;
}

/* From the definition of the distances. */
static double gap(const hn_knn *knn, const double *a, const double *b)
{
    double p = knn->metric == HN_KNN_EUCLIDEAN ? 2 : knn->metric == HN_KNN_MANHATTAN ? 1 : knn->p, sum = 0;
    for (size_t j = 0; j < knn->d; j++)
        sum += pow(fabs(a[j] - b[j]), p);
    return sum;
}

static void check(const hn_knn *knn, const double *queries, size_t m)
{
    hn_neighbor *nearest = hn_calloc(m, knn->k * sizeof *nearest), *all = hn_calloc(knn->n, sizeof *all);
    const double *rows;
    ck_assert_int_eq(hn_kept_rows_look(knn->rows, &rows, &error), HONE_OK);
    ck_assert(nearest && all);
    ck_assert_int_eq(hn_knn_nearest(knn, queries, m, nearest, &error), HONE_OK);
    for (size_t i = 0; i < m; i++) {
        const double *query = queries + i * knn->d;
        for (size_t row = 0; row < knn->n; row++) {
            const double *x = rows + row * knn->d;
            all[row] = (hn_neighbor){hn_knn_gap(knn, query, x), row};
            if (row < 3)
                hn_assert_relative(all[row].distance, gap(knn, query, x), 1e-13);
        }
        qsort(all, knn->n, sizeof *all, by_distance);
        for (size_t j = 0; j < knn->k; j++) {
            ck_assert_uint_eq(nearest[i * knn->k + j].row, all[j].row);
            ck_assert(nearest[i * knn->k + j].distance == all[j].distance);
        }
    }
    hn_free(nearest);
    hn_free(all);
}

/* *rows (n, d): to be filled. */
static hn_knn *new_knn(size_t n, size_t d, double **rows)
{
    hn_knn *knn = hn_knn_new(n, d);
    ck_assert(knn);
    knn->rows = hn_kept_rows_new(n, d, rows);
    ck_assert(knn->rows);
    return knn;
}

static void search(hn_knn_metric metric, double p, size_t n, size_t d, size_t k, unsigned distinct)
{
    static const size_t queries[] = {1, 6, 37};
    double *rows, *x = hn_calloc(37 * d, sizeof *x);
    hn_knn *knn = new_knn(n, d, &rows);
    ck_assert(x);
    knn->metric = metric;
    knn->p = p;
    knn->k = k;
    fill(rows, n * d, distinct);
    fill(x, 37 * d, distinct);
    for (size_t m = 0; m < sizeof queries / sizeof *queries; m++)
        check(knn, x, queries[m]);
    hn_knn_destroy(knn);
    hn_free(x);
}

START_TEST(euclidean)
{
    static const size_t rows[] = {1, 5, 64, 65, 400}, columns[] = {1, 2, 13, 108};
    chance = hn_random_stream(1, 0, HN_PURPOSE_TEST);
    for (size_t n = 0; n < sizeof rows / sizeof *rows; n++)
        for (size_t d = 0; d < sizeof columns / sizeof *columns; d++)
            for (unsigned distinct = 0; distinct <= 3; distinct += 3) {
                search(HN_KNN_EUCLIDEAN, 2, rows[n], columns[d], 1, distinct);
                search(HN_KNN_EUCLIDEAN, 2, rows[n], columns[d], rows[n], distinct);
                search(HN_KNN_EUCLIDEAN, 2, rows[n], columns[d], rows[n] < 5 ? 1 : 5, distinct);
            }
}
END_TEST

START_TEST(others)
{
    chance = hn_random_stream(2, 0, HN_PURPOSE_TEST);
    for (unsigned distinct = 0; distinct <= 3; distinct += 3) {
        search(HN_KNN_MANHATTAN, 2, 300, 13, 5, distinct);
        search(HN_KNN_MINKOWSKI, 1, 300, 13, 5, distinct);
        search(HN_KNN_MINKOWSKI, 2, 300, 13, 5, distinct);
        search(HN_KNN_MINKOWSKI, 3, 300, 13, 5, distinct);
    }
}
END_TEST

/* Where one value leaves the range of floats, and where all rows are one. */
START_TEST(extremes)
{
    chance = hn_random_stream(3, 0, HN_PURPOSE_TEST);
    double x[20 * 3], *rows;
    hn_knn *knn = new_knn(100, 3, &rows);
    knn->k = 7;
    fill(rows, 300, 0);
    fill(x, 60, 0);
    rows[31] = 1e300;
    x[7] = -1e100;
    check(knn, x, 20);
    for (size_t i = 0; i < 300; i++)
        rows[i] = 1e-3 * (double)(i % 3);
    check(knn, x, 20);
    hn_knn_destroy(knn);
}
END_TEST

Suite *suite_neighbors(void)
{
    Suite *suite = suite_create("neighbors");
    TCase *naive = tcase_create("naive");
    tcase_add_test(naive, euclidean);
    tcase_add_test(naive, others);
    tcase_add_test(naive, extremes);
    suite_add_tcase(suite, naive);
    return suite;
}
