/* Made-up data has the properties it was asked for. Bounds of random quantities are five standard errors of
 * fixed seeds: a sound generator would miss one of them in 2 million. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data/make.h"
#include "data/write.h"
#include "support.h"

static hn_dataset *set;
static hone_error error;

static void teardown(void)
{
    hn_dataset_destroy(set);
    set = NULL;
}

static const hn_make_options plain = {
    .rows = 4000, .redundant = 2, .class_sep = 1, .spread = 1, .in_order = true, .seed = 11};

static void make(hn_make_options options, double *coefficients)
{
    teardown();
    hone_status status = hn_dataset_make(&options, coefficients, &set, &error);
    ck_assert_msg(status == HONE_OK, "%s", error.message);
}

static double at(size_t row, size_t column)
{
    return set->columns[column].values[row];
}

static double mean_of(const double *x, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += x[i];
    return sum / (double)n;
}

static double deviation_of(const double *x, size_t n)
{
    double mean = mean_of(x, n), sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += (x[i] - mean) * (x[i] - mean);
    return sqrt(sum / (double)n);
}

static double correlation(const double *x, const double *y, size_t n)
{
    double sum = 0, mx = mean_of(x, n), my = mean_of(y, n);
    for (size_t i = 0; i < n; i++)
        sum += (x[i] - mx) * (y[i] - my);
    return sum / (double)n / deviation_of(x, n) / deviation_of(y, n);
}

static size_t rows_of_class(size_t class)
{
    size_t n = 0;
    for (size_t i = 0; i < set->n_rows; i++)
        n += set->target[i] == (double)class;
    return n;
}

START_TEST(classes_have_the_shares_asked_for)
{
    const double weights[] = {0.7, 0.2};
    hn_make_options options = plain;
    options.kind = HN_MAKE_CLASSIFICATION;
    options.classes = 3;
    options.informative = 3;
    options.weights = weights;
    options.n_weights = 2;
    make(options, NULL);
    ck_assert_uint_eq(set->n_columns, 20);
    ck_assert_uint_eq(rows_of_class(0), 2800);
    ck_assert_uint_eq(rows_of_class(1), 800);
    ck_assert_uint_eq(rows_of_class(2), 400);
    options.flip = 0.3;
    make(options, NULL);
    /* Flipped rows (0.3) fall to each class alike: class 2 keeps 0.7 + 0.1 of its own and gets 0.1 of the
     * others. */
    double expected = 400 * 0.8 + 3600 * 0.1, error_of_it = sqrt(400 * 0.8 * 0.2 + 3600 * 0.1 * 0.9);
    ck_assert_double_lt(fabs((double)rows_of_class(2) - expected), 5 * error_of_it);
}
END_TEST

START_TEST(clusters_stand_on_vertices)
{
    hn_make_options options = plain;
    options.kind = HN_MAKE_CLASSIFICATION;
    options.informative = 4;
    options.class_sep = 3;
    make(options, NULL);
    unsigned seen = 0;
    for (size_t cluster = 0; cluster < 4; cluster++) {
        unsigned vertex = 0;
        for (size_t j = 0; j < 4; j++) {
            const double *x = set->columns[j].values + cluster * 1000;
            double mean = mean_of(x, 1000);
            ck_assert_double_lt(fabs(fabs(mean) - 3), 5 * deviation_of(x, 1000) / sqrt(1000));
            vertex |= mean > 0 ? 1u << j : 0;
        }
        ck_assert_msg(!(seen & 1u << vertex), "two clusters on one vertex");
        seen |= 1u << vertex;
        for (size_t i = 0; i < 1000; i++)
            ck_assert_double_eq(set->target[cluster * 1000 + i], (double)(cluster % 2));
    }
}
END_TEST

START_TEST(informative_columns_tell_and_others_do_not)
{
    hn_make_options options = plain;
    options.kind = HN_MAKE_CLASSIFICATION;
    options.clusters = 1;
    options.informative = 1;
    options.redundant = 0;
    options.columns = 4;
    make(options, NULL);
    ck_assert_double_gt(fabs(correlation(set->columns[0].values, set->target, 4000)), 0.5);
    for (size_t j = 1; j < 4; j++) {
        const double *x = set->columns[j].values;
        ck_assert_double_lt(fabs(correlation(x, set->target, 4000)), 5 / sqrt(4000));
        ck_assert_double_lt(fabs(mean_of(x, 4000)), 5 / sqrt(4000));
        ck_assert_double_lt(fabs(deviation_of(x, 4000) - 1), 5 / sqrt(8000));
    }
}
END_TEST

/* Column j of the first two as a combination of them, from rows 0 and 1. */
static void solve(size_t j, double weight[2])
{
    double determinant = at(0, 0) * at(1, 1) - at(0, 1) * at(1, 0);
    weight[0] = (at(0, j) * at(1, 1) - at(0, 1) * at(1, j)) / determinant;
    weight[1] = (at(0, 0) * at(1, j) - at(0, j) * at(1, 0)) / determinant;
}

START_TEST(redundant_columns_are_combinations_and_repeated_are_copies)
{
    hn_make_options options = plain;
    options.kind = HN_MAKE_CLASSIFICATION;
    options.redundant = 3;
    options.repeated = 2;
    options.columns = 8;
    make(options, NULL);
    for (size_t j = 2; j < 5; j++) {
        double weight[2];
        solve(j, weight);
        ck_assert_double_lt(fabs(weight[0]), 1);
        ck_assert_double_lt(fabs(weight[1]), 1);
        for (size_t i = 0; i < 4000; i++)
            hn_assert_absolute(weight[0] * at(i, 0) + weight[1] * at(i, 1), at(i, j), 1e-9);
    }
    for (size_t j = 5; j < 7; j++) {
        size_t copies = 0;
        for (size_t source = 0; source < 5; source++)
            copies += memcmp(set->columns[j].values, set->columns[source].values, 4000 * sizeof(double)) == 0;
        ck_assert_uint_ge(copies, 1);
    }
    double weight[2];
    solve(7, weight);
    ck_assert_double_gt(fabs(weight[0] * at(2, 0) + weight[1] * at(2, 1) - at(2, 7)), 1e-3);
}
END_TEST

START_TEST(regression_is_linear_with_the_noise_asked_for)
{
    double coefficients[12], residual[4000];
    hn_make_options options = plain;
    options.kind = HN_MAKE_REGRESSION;
    options.columns = 12;
    options.informative = 5;
    options.bias = 100;
    options.in_order = false;
    for (int pass = 0; pass < 2; pass++) {
        size_t used = 0;
        options.noise = pass ? 7 : 0;
        make(options, coefficients);
        ck_assert_int_eq(set->task, HN_TASK_REGRESSION);
        for (size_t j = 0; j < 12; j++)
            used += coefficients[j] != 0;
        ck_assert_uint_eq(used, 5);
        for (size_t i = 0; i < 4000; i++) {
            residual[i] = set->target[i] - 100;
            for (size_t j = 0; j < 12; j++)
                residual[i] -= coefficients[j] * at(i, j);
        }
        double noise = deviation_of(residual, 4000), spread = deviation_of(set->target, 4000);
        if (!pass)
            ck_assert_double_lt(noise, 1e-10);
        else
            ck_assert_double_lt(fabs(noise - 7), 5 * 7 / sqrt(8000));
        /* r2 of the truth, columns being independent: the variance is the squared coefficients' sum. */
        double variance = options.noise * options.noise, r2 = 1 - noise * noise / (spread * spread);
        for (size_t j = 0; j < 12; j++)
            variance += coefficients[j] * coefficients[j];
        hn_assert_absolute(r2, 1 - options.noise * options.noise / variance, 0.01);
    }
}
END_TEST

START_TEST(blobs_are_round_and_in_the_box)
{
    hn_make_options options = plain;
    options.kind = HN_MAKE_BLOBS;
    options.classes = 5;
    options.columns = 3;
    options.spread = 0.5;
    options.rows = 4003;
    make(options, NULL);
    for (size_t c = 0, first = 0; c < 5; c++) {
        size_t n = rows_of_class(c);
        ck_assert_uint_eq(n, c < 3 ? 801 : 800);
        for (size_t j = 0; j < 3; j++) {
            const double *x = set->columns[j].values + first;
            ck_assert_double_lt(fabs(mean_of(x, n)), 10.1);
            ck_assert_double_lt(fabs(deviation_of(x, n) - 0.5), 5 * 0.5 / sqrt(1600));
        }
        double round = correlation(set->columns[0].values + first, set->columns[1].values + first, n);
        ck_assert_double_lt(fabs(round), 5 / sqrt(800));
        first += n;
    }
}
END_TEST

START_TEST(moons_are_two_half_circles)
{
    hn_make_options options = plain;
    options.kind = HN_MAKE_MOONS;
    options.rows = 401;
    options.in_order = false;
    make(options, NULL);
    ck_assert_uint_eq(rows_of_class(0), 200);
    for (size_t i = 0; i < 401; i++) {
        double x = at(i, 0), y = at(i, 1);
        bool inner = set->target[i] == 1;
        hn_assert_absolute(inner ? hypot(1 - x, 0.5 - y) : hypot(x, y), 1, 1e-12);
        ck_assert(inner ? y <= 0.5 + 1e-12 : y >= -1e-12);
    }
    options.noise = 0.1;
    options.rows = 4000;
    make(options, NULL);
    double distance[2000];
    size_t n = 0;
    for (size_t i = 0; i < 4000; i++)
        if (set->target[i] == 0)
            distance[n++] = hypot(at(i, 0), at(i, 1)) - 1;
    ck_assert_uint_eq(n, 2000);
    /* Along the radius the noise is normal; its square across adds noise^2 / 2 to the mean. */
    ck_assert_double_lt(fabs(deviation_of(distance, n) - 0.1), 0.01);
}
END_TEST

START_TEST(seeds_make_data_reproducible_and_orders_change_no_value)
{
    hn_make_options options = plain;
    options.kind = HN_MAKE_BLOBS;
    options.rows = 60;
    make(options, NULL);
    double sum = mean_of(set->columns[0].values, 60), first = at(0, 0);
    make(options, NULL);
    ck_assert_double_eq(at(0, 0), first);
    options.in_order = false;
    make(options, NULL);
    hn_assert_absolute(mean_of(set->columns[0].values, 60), sum, 1e-12);
    ck_assert_double_ne(at(0, 0), first);
    options.seed = 12;
    make(options, NULL);
    ck_assert_double_gt(fabs(mean_of(set->columns[0].values, 60) - sum), 1e-6);
}
END_TEST

START_TEST(what_is_written_is_read_back_exactly)
{
    const char *const names[] = {"t.csv", "t.csv.gz"};
    hn_make_options options = plain;
    char *folder = hn_test_temp_dir();
    options.kind = HN_MAKE_REGRESSION;
    options.columns = 7;
    options.informative = 3;
    options.noise = 1;
    make(options, NULL);
    for (int k = 0; k < 2; k++) {
        char *path = hn_test_path(folder, names[k]);
        hn_dataset *again = NULL;
        ck_assert_int_eq(hn_dataset_save(set, NULL, 0, path, &error), HONE_OK);
        ck_assert_int_eq(hn_dataset_read(path, NULL, &again, &error), HONE_OK);
        ck_assert_str_eq(again->target_name, "target");
        ck_assert_uint_eq(again->n_rows, 4000);
        ck_assert_int_eq(memcmp(again->target, set->target, 4000 * sizeof(double)), 0);
        for (size_t j = 0; j < 7; j++)
            ck_assert_int_eq(memcmp(again->columns[j].values, set->columns[j].values, 4000 * sizeof(double)),
                             0);
        hn_dataset_destroy(again);
        char *content = hn_test_read(path);
        ck_assert_int_eq(memcmp(content, "\x1f\x8b", 2) == 0, k == 1);
        free(content);
        free(path);
    }
    free(folder);
}
END_TEST

START_TEST(impossible_data_is_refused)
{
    const double weights[] = {0.5, 0.7};
    const struct {
        hn_make_options options;
        const char *message;
    } cases[] = {
        {{.kind = HN_MAKE_CLASSIFICATION, .columns = 3, .redundant = 2}, "columns: 3 are fewer than"},
        {{.kind = HN_MAKE_CLASSIFICATION, .classes = 9}, "raise informative or lower clusters"},
        {{.kind = HN_MAKE_CLASSIFICATION, .classes = 1}, "classes must be at least 2"},
        {{.kind = HN_MAKE_CLASSIFICATION, .weights = weights, .n_weights = 2}, "their sum must be 1"},
        {{.kind = HN_MAKE_CLASSIFICATION, .classes = 4, .informative = 3, .weights = weights, .n_weights = 2},
         "2 for 4 classes"},
        {{.kind = HN_MAKE_CLASSIFICATION, .flip = 1.5}, "flip is a share"},
        {{.kind = HN_MAKE_REGRESSION, .noise = -1}, "noise"},
        {{.kind = HN_MAKE_REGRESSION, .columns = 5, .informative = 6}, "informative: 6 of 5"},
        {{.kind = HN_MAKE_REGRESSION, .rows = SIZE_MAX / 8}, "too large a table"},
        {{.kind = HN_MAKE_BLOBS, .rows = 10, .classes = 11}, "as many classes as rows"},
        {{.kind = HN_MAKE_MOONS, .columns = 3}, "moons have 2 columns"},
        {{.kind = HN_MAKE_MOONS, .noise = NAN}, "noise"},
        {{.kind = 0}, "kind 0 is none of"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        hn_dataset *none = NULL;
        ck_assert_int_ne(hn_dataset_make(&cases[i].options, NULL, &none, &error), HONE_OK);
        hn_assert_contains(error.message, cases[i].message);
        ck_assert_ptr_null(none);
    }
}
END_TEST

Suite *suite_make(void)
{
    Suite *suite = suite_create("make");
    TCase *tests = tcase_create("making");
    tcase_add_checked_fixture(tests, NULL, teardown);
    tcase_add_test(tests, classes_have_the_shares_asked_for);
    tcase_add_test(tests, clusters_stand_on_vertices);
    tcase_add_test(tests, informative_columns_tell_and_others_do_not);
    tcase_add_test(tests, redundant_columns_are_combinations_and_repeated_are_copies);
    tcase_add_test(tests, regression_is_linear_with_the_noise_asked_for);
    tcase_add_test(tests, blobs_are_round_and_in_the_box);
    tcase_add_test(tests, moons_are_two_half_circles);
    tcase_add_test(tests, seeds_make_data_reproducible_and_orders_change_no_value);
    tcase_add_test(tests, what_is_written_is_read_back_exactly);
    tcase_add_test(tests, impossible_data_is_refused);
    suite_add_tcase(suite, tests);
    return suite;
}
