/* Hypervolumes against the sum over all cells that the points' coordinates make. */
#include "math/hypervolume.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "math/random.h"
#include "math/statistics.h"
#include "support.h"

enum { MOST = 9, MOST_M = 5, SETS = 60 };

static const double reference[MOST_M] = {1, 1.5, 1, 2, 1};

/* Is the box's lower corner behind a point? */
static bool is_dominated(const double *points, size_t n, size_t m, const double *corner)
{
    for (size_t i = 0; i < n; i++) {
        bool inside = true;
        for (size_t j = 0; j < m; j++) {
            double x = points[i * m + j];
            inside = inside && isfinite(x) && x < reference[j] && x <= corner[j];
        }
        if (inside) {
            return true;
        }
    }
    return false;
}

static double by_cells(const double *points, size_t n, size_t m)
{
    double edges[MOST_M][MOST + 1] = {{0}}, sum = 0;
    size_t count[MOST_M], at[MOST_M] = {0};
    for (size_t j = 0; j < m; j++) {
        count[j] = 0;
        for (size_t i = 0; i < n; i++) {
            if (isfinite(points[i * m + j]) && points[i * m + j] < reference[j]) {
                edges[j][count[j]++] = points[i * m + j];
            }
        }
        edges[j][count[j]] = reference[j];
        hn_sort_doubles(edges[j], count[j]);
        if (!count[j]) {
            return 0;
        }
    }
    for (size_t j = 0; j < m;) {
        double corner[MOST_M], volume = 1;
        for (size_t k = 0; k < m; k++) {
            corner[k] = edges[k][at[k]];
            volume *= edges[k][at[k] + 1] - corner[k];
        }
        sum += is_dominated(points, n, m, corner) ? volume : 0;
        for (j = 0; j < m && ++at[j] == count[j]; j++) {
            at[j] = 0;
        }
    }
    return sum;
}

/* Ties, points beyond the reference, some that are not finite. */
static void draw(hn_random *random, size_t n, size_t m, double *points)
{
    bool coarse = hn_random_uniform(random) < 0.4;
    for (size_t i = 0; i < n * m; i++) {
        double u = 1.2 * hn_random_uniform(random) - 0.1;
        points[i] = coarse ? floor(5 * u) / 5 : u;
        if (hn_random_uniform(random) < 0.01) {
            points[i] = hn_random_uniform(random) < 0.5 ? INFINITY : NAN;
        }
    }
    if (hn_random_uniform(random) < 0.3 && n > 2) {
        memcpy(points + 2 * m, points, m * sizeof *points); /* the same point twice */
    }
}

START_TEST(equals_the_sum_over_cells)
{
    size_t m = (size_t)_i;
    double points[MOST * MOST_M] = {0}, history[MOST];
    double *scratch = malloc(hn_hypervolume_scratch(MOST, m) * sizeof *scratch);
    hn_random random = hn_random_stream(4, m, HN_PURPOSE_TEST);
    for (int set = 0; set < SETS; set++) {
        size_t n = hn_random_below(&random, (m < 5 ? MOST : 6) + 1);
        draw(&random, n, m, points);
        hn_hypervolume_history(points, n, m, reference, scratch, history);
        for (size_t i = 0; i < n; i++) {
            double before = by_cells(points, i, m), after = by_cells(points, i + 1, m);
            hn_assert_absolute(history[i], after, 1e-12);
            hn_assert_absolute(hn_hypervolume(points, i + 1, m, reference, scratch), after, 1e-12);
            hn_assert_absolute(hn_hypervolume_gain(points + i * m, points, i, m, reference, scratch),
                               after - before, 1e-12);
        }
    }
    free(scratch);
}
END_TEST

START_TEST(nothing_dominates_nothing)
{
    double scratch[64], point[] = {2, 0.5, 0.5};
    ck_assert_double_eq(hn_hypervolume(NULL, 0, 3, reference, scratch), 0);
    ck_assert_double_eq(hn_hypervolume(point, 1, 3, reference, scratch), 0);
    ck_assert_double_eq(hn_hypervolume_gain(point, NULL, 0, 3, reference, scratch), 0);
    point[0] = 0.5;
    hn_assert_relative(hn_hypervolume_gain(point, NULL, 0, 3, reference, scratch), 0.25, 1e-15);
}
END_TEST

/* A front on the sphere: its volume tends to that of the unit cube less an eighth of the ball. */
START_TEST(many_points_of_a_sphere)
{
    const size_t N = 20000;
    const double unit[] = {1, 1, 1};
    double *points = malloc(3 * N * sizeof *points), *history = malloc(N * sizeof *history);
    double *scratch = malloc(hn_hypervolume_scratch(N, 3) * sizeof *scratch);
    hn_random random = hn_random_stream(5, 0, HN_PURPOSE_TEST);
    for (size_t i = 0; i < N; i++) {
        double *p = points + 3 * i, length = 0;
        for (size_t j = 0; j < 3; j++) {
            p[j] = fabs(hn_random_normal(&random));
            length += p[j] * p[j];
        }
        for (size_t j = 0; j < 3; j++) {
            p[j] = 1 - p[j] / sqrt(length);
        }
    }
    hn_assert_absolute(hn_hypervolume(points, N, 3, unit, scratch), acos(-1) / 6, 0.01);
    hn_hypervolume_history(points, 200, 3, unit, scratch, history);
    hn_assert_relative(history[199], hn_hypervolume(points, 200, 3, unit, scratch), 1e-12);
    for (size_t i = 0; i < N; i++) { /* of two: a quarter of a circle */
        double angle = acos(-1) / 2 * hn_random_uniform(&random);
        points[2 * i] = 1 - cos(angle);
        points[2 * i + 1] = 1 - sin(angle);
    }
    hn_hypervolume_history(points, N, 2, unit, scratch, history);
    hn_assert_absolute(history[N - 1], acos(-1) / 4, 0.001);
    hn_assert_relative(history[N - 1], hn_hypervolume(points, N, 2, unit, scratch), 1e-12);
    free(points);
    free(history);
    free(scratch);
}
END_TEST

Suite *suite_hypervolume(void)
{
    Suite *suite = suite_create("hypervolume");
    TCase *all = tcase_create("hypervolume");
    tcase_add_loop_test(all, equals_the_sum_over_cells, 1, MOST_M + 1);
    tcase_add_test(all, nothing_dominates_nothing);
    tcase_add_test(all, many_points_of_a_sphere);
    suite_add_tcase(suite, all);
    return suite;
}
