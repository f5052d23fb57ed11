/* Leave-one-out of ridge from one fit is what fitting without each row gives: rows with and without weights,
 * more columns than rows, and where there is no closed form (alpha 0, a missing value, scaling). */
#include <math.h>

#include "base/memory.h"
#include "math/random.h"
#include "select/cross_validate.h"
#include "select/estimator.h"
#include "support.h"

enum { MOST = 40, WIDE = 50 };

static hone_error error;

typedef struct sample {
    size_t n, d;
    bool weighted, missing;
    double alpha;
    hn_scale scale;
    const char *intercept;
} sample;

static hn_dataset *make(const sample *s)
{
    static double x[MOST * WIDE], y[MOST], weight[MOST];
    hn_random random = hn_random_stream(s->n, s->d, HN_PURPOSE_TEST);
    for (size_t i = 0; i < s->n; i++) {
        for (size_t j = 0; j < s->d; j++)
            x[i * s->d + j] = hn_random_normal(&random) + 3;
        y[i] = 10 + x[i * s->d] + 0.1 * hn_random_normal(&random);
        weight[i] = 0.5 + (double)(i % 4);
    }
    if (s->missing)
        x[3] = NAN;
    hn_dataset *set = NULL;
    ck_assert_int_eq(hn_dataset_from_arrays(x, s->n, s->d, y, s->weighted ? weight : NULL, HN_TASK_REGRESSION,
                                            &set, &error),
                     HONE_OK);
    return set;
}

/* The error of the model fitted without row `left`. */
static double error_without(const hn_dataset *set, const hn_node *settings, const sample *s, size_t left)
{
    size_t rows[MOST], n = 0;
    double said;
    hn_estimator *e = NULL;
    hn_estimator_options options = {.preprocess.scale = s->scale};
    for (size_t i = 0; i < s->n; i++)
        if (i != left)
            rows[n++] = i;
    ck_assert_int_eq(hn_estimator_fit(set, rows, n, hn_model_find("ridge"), settings, &options, &e, &error),
                     HONE_OK);
    ck_assert_int_eq(hn_estimator_predict(e, set, &left, 1, &said, &error), HONE_OK);
    hn_estimator_destroy(e);
    return fabs(set->target[left] - said);
}

static void check(const sample *s)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_dataset *set = make(s);
    hn_validation_options options = {
        .kind = HN_SPLIT_LEAVE_ONE_OUT, .metrics = "mse,mae", .preprocess.scale = s->scale};
    hn_validation *v = NULL;
    hn_scores scores;
    hn_node *settings = hn_node_map(&arena);
    settings = hn_map_set(&arena, settings, "alpha", hn_node_real(&arena, s->alpha));
    settings = hn_map_set(&arena, settings, "fit_intercept", hn_node_bool(&arena, s->intercept != NULL));
    ck_assert_int_eq(hn_validation_create(set, NULL, 0, hn_model_find("ridge"), &options, &v, &error),
                     HONE_OK);
    ck_assert_msg(hn_validation_run(v, settings, NULL, &scores, &error) == HONE_OK, "%s", error.message);
    ck_assert_uint_eq(scores.n_done, s->n);
    for (size_t i = 0; i < s->n; i++) {
        double expected = error_without(set, settings, s, i);
        hn_assert_close(scores.test[s->n + i], expected, 1e-8, 1e-10);
        hn_assert_close(scores.test[i], expected * expected, 1e-8, 1e-10);
    }
    hn_scores_release(&scores);
    hn_validation_destroy(v);
    hn_dataset_destroy(set);
    hn_arena_release(&arena);
}

START_TEST(equals_separate_fits)
{
    static const sample samples[] = {
        {.n = 40, .d = 5, .alpha = 1, .intercept = "yes"},
        {.n = 40, .d = 5, .alpha = 0.01},
        {.n = 40, .d = 5, .alpha = 3, .intercept = "yes", .weighted = true},
        {.n = 20, .d = 50, .alpha = 2, .intercept = "yes"},
        {.n = 20, .d = 50, .alpha = 2, .intercept = "yes", .weighted = true},
        {.n = 3, .d = 1, .alpha = 1, .intercept = "yes"},
        {.n = 30, .d = 4, .alpha = 0, .intercept = "yes"},
        {.n = 30, .d = 4, .alpha = 1, .intercept = "yes", .missing = true},
        {.n = 30, .d = 4, .alpha = 1, .intercept = "yes", .scale = HN_SCALE_STANDARD},
    };
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++)
        check(&samples[i]);
}
END_TEST

/* As many rows could not be fitted one by one within a test's time. */
START_TEST(many_rows)
{
    enum { ROWS = 30000, COLUMNS = 20 };
    double *x = hn_calloc((size_t)ROWS * COLUMNS, sizeof *x), *y = hn_calloc(ROWS, sizeof *y);
    hn_random random = hn_random_stream(7, 0, HN_PURPOSE_TEST);
    hn_validation_options options = {.kind = HN_SPLIT_LEAVE_ONE_OUT, .metrics = "mse"};
    hn_dataset *set = NULL;
    hn_validation *v = NULL;
    hn_scores scores;
    ck_assert(x && y);
    for (size_t i = 0; i < (size_t)ROWS * COLUMNS; i++)
        x[i] = hn_random_normal(&random);
    for (size_t i = 0; i < ROWS; i++)
        y[i] = x[i * COLUMNS] + hn_random_normal(&random);
    ck_assert_int_eq(hn_dataset_from_arrays(x, ROWS, COLUMNS, y, NULL, HN_TASK_REGRESSION, &set, &error),
                     HONE_OK);
    ck_assert_int_eq(hn_validation_create(set, NULL, 0, hn_model_find("ridge"), &options, &v, &error),
                     HONE_OK);
    ck_assert_int_eq(hn_validation_run(v, NULL, NULL, &scores, &error), HONE_OK);
    hn_assert_absolute(scores.mean[0], 1, 0.05); /* the noise's variance; 6 standard errors */
    hn_scores_release(&scores);
    hn_validation_destroy(v);
    hn_dataset_destroy(set);
    hn_free(x);
    hn_free(y);
}
END_TEST

Suite *suite_leave_one_out(void)
{
    Suite *suite = suite_create("leave_one_out");
    TCase *closed = tcase_create("closed_form");
    tcase_add_test(closed, equals_separate_fits);
    tcase_add_test(closed, many_rows);
    suite_add_tcase(suite, closed);
    return suite;
}
