/* k-means and the silhouette against scikit-learn 1.2 (linear_oracle.py, linear_values.txt). */
#include <math.h>

#include "linear_values.h"
#include "model/kmeans.h"
#include "select/metric_functions.h"
#include "support.h"

static hone_error error;
static hn_arena scratch;

static void setup(void)
{
    linear_values_open();
}

static void teardown(void)
{
    linear_values_close();
    hn_arena_release(&scratch);
}

static hn_kmeans_problem problem_of(size_t n_clusters)
{
    return (hn_kmeans_problem){.x = linear_values_get("x", ROWS * COLUMNS),
                               .n = ROWS,
                               .d = COLUMNS,
                               .n_clusters = n_clusters,
                               .n_init = 50,
                               .max_iter = 1000,
                               .seed = 1};
}

/* The silhouette of the oracle's rows. */
static double silhouette_of(const hn_kmeans_problem *problem, const size_t *labels)
{
    double predicted[ROWS], score = 0;
    for (size_t i = 0; i < ROWS; i++)
        predicted[i] = (double)labels[i];
    hn_metric_input input = {.predicted = predicted, .n = ROWS, .x = problem->x, .d = COLUMNS};
    ck_assert_int_eq(hn_silhouette(&input, &score, &error), HONE_OK);
    return score;
}

START_TEST(finds_the_same_clusters)
{
    size_t labels[ROWS];
    double centres[3 * COLUMNS], found[2];
    hn_kmeans_problem problem = problem_of(3);
    ck_assert_int_eq(hn_kmeans(&problem, &scratch, centres, labels, &found[0], &error), HONE_OK);
    found[1] = silhouette_of(&problem, labels);
    linear_values_compare("kmeans", found, 2, 1e-9);
    problem.random_start = true;
    double inertia;
    ck_assert_int_eq(hn_kmeans(&problem, &scratch, centres, labels, &inertia, &error), HONE_OK);
    ck_assert(inertia >= found[0] * (1 - 1e-12) && inertia < 1.05 * found[0]);
}
END_TEST

START_TEST(a_row_for_every_cluster)
{
    size_t labels[ROWS];
    double centres[ROWS * COLUMNS], inertia;
    hn_kmeans_problem problem = problem_of(ROWS);
    problem.n_init = 1;
    ck_assert_int_eq(hn_kmeans(&problem, &scratch, centres, labels, &inertia, &error), HONE_OK);
    hn_assert_absolute(inertia, 0, 1e-20);
    ck_assert(isnan(silhouette_of(&problem, labels)));
}
END_TEST

/* Rows that are all equal leave clusters empty. */
START_TEST(bears_equal_rows)
{
    double x[8] = {5, 5, 5, 5, 5, 5, 5, 5}, centres[3], inertia;
    size_t labels[8], sizes[3] = {0};
    hn_kmeans_problem problem = {.x = x, .n = 8, .d = 1, .n_clusters = 3, .n_init = 2, .max_iter = 10};
    ck_assert_int_eq(hn_kmeans(&problem, &scratch, centres, labels, &inertia, &error), HONE_OK);
    for (size_t i = 0; i < 8; i++)
        sizes[labels[i]]++;
    ck_assert(inertia == 0 && sizes[0] + sizes[1] + sizes[2] == 8);
    for (size_t k = 0; k < 3; k++)
        ck_assert(centres[k] == 5);
}
END_TEST

START_TEST(refuses_and_cancels)
{
    size_t labels[ROWS];
    double centres[(ROWS + 1) * COLUMNS], inertia;
    volatile int cancel = 1;
    hn_kmeans_problem problem = problem_of(ROWS + 1);
    ck_assert_int_eq(hn_kmeans(&problem, &scratch, centres, labels, &inertia, &error), HONE_INVALID);
    hn_assert_contains(error.message, "n_clusters is 91; allowed are 1 to the 90 rows");
    problem = problem_of(2);
    problem.cancel = &cancel;
    ck_assert_int_eq(hn_kmeans(&problem, &scratch, centres, labels, &inertia, &error), HONE_CANCELLED);
}
END_TEST

Suite *suite_kmeans(void)
{
    Suite *suite = suite_create("kmeans oracle");
    TCase *values = tcase_create("scikit-learn");
    tcase_add_checked_fixture(values, setup, teardown);
    tcase_add_test(values, finds_the_same_clusters);
    tcase_add_test(values, a_row_for_every_cluster);
    tcase_add_test(values, bears_equal_rows);
    tcase_add_test(values, refuses_and_cancels);
    suite_add_tcase(suite, values);
    return suite;
}
