/* Levels and fold effects beside the same computed directly from the table of scores. */
#include <math.h>
#include <string.h>

#include "math/random.h"
#include "pruner/fold_effects.h"
#include "support.h"

enum { FOLDS = 6, SETTINGS = 14, ASKED = 3 };

/* Losses, and how many folds each setting saw. */
typedef struct scores {
    double y[SETTINGS][FOLDS];
    size_t n[SETTINGS];
} scores;

static scores make_scores(void)
{
    hn_random random = hn_random_stream(7, 0, HN_PURPOSE_TEST);
    scores s = {0};
    double level[FOLDS];
    for (size_t k = 0; k < FOLDS; k++)
        level[k] = 3 * hn_random_normal(&random);
    for (size_t i = 0; i < SETTINGS; i++) {
        double own = hn_random_normal(&random);
        s.n[i] = i % 3 == 0 ? FOLDS : 1 + i % FOLDS;
        for (size_t k = 0; k < FOLDS; k++)
            s.y[i][k] = 5 + own + level[k] + 0.3 * hn_random_normal(&random);
    }
    return s;
}

static hn_history *record(const scores *s, hone_direction direction)
{
    hn_history *history;
    ck_assert_int_eq(hn_history_create(&direction, 1, &history, NULL), HONE_OK);
    for (size_t i = 0; i < SETTINGS; i++) {
        hn_trial_report reports[FOLDS];
        double sum = 0, value;
        for (size_t k = 0; k < s->n[i]; k++) {
            sum += direction == HONE_MAXIMIZE ? -s->y[i][k] : s->y[i][k];
            reports[k] = (hn_trial_report){(int64_t)k + 1, sum / (double)(k + 1)};
        }
        value = sum / (double)s->n[i];
        bool whole = s->n[i] == FOLDS;
        hn_trial_record made = {.number = (int64_t)i,
                                .state = i == ASKED ? HONE_RUNNING
                                         : whole    ? HONE_COMPLETE
                                                    : HONE_PRUNED,
                                .n_values = i != ASKED && whole,
                                .values = &value,
                                .n_reports = s->n[i],
                                .reports = reports,
                                .noise = NAN};
        ck_assert_int_eq(hn_history_put(history, &made, NULL), HONE_OK);
    }
    return history;
}

static double mean_of(const double *y, size_t n)
{
    double sum = 0;
    for (size_t k = 0; k < n; k++)
        sum += y[k] / (double)n;
    return sum;
}

/* Sum of squares of a setting's losses less the effects, about their mean. */
static double left_over(const double *y, const double *effects, size_t n)
{
    double left[FOLDS], sum = 0;
    for (size_t k = 0; k < n; k++)
        left[k] = y[k] - effects[k];
    for (size_t k = 0; k < n; k++)
        sum += pow(left[k] - mean_of(left, n), 2);
    return sum;
}

/* As the header says, from the table. */
static hn_fold_forecast forecast_directly(const scores *s, size_t asked)
{
    double effects[FOLDS] = {0}, squares = 0, whole = 0;
    size_t degrees = 0;
    for (size_t i = 0; i < SETTINGS; i++)
        whole += i != asked && s->n[i] == FOLDS;
    for (size_t i = 0; i < SETTINGS; i++)
        for (size_t k = 0; k < FOLDS && i != asked && s->n[i] == FOLDS; k++)
            effects[k] += (s->y[i][k] - mean_of(s->y[i], FOLDS)) / whole;
    for (size_t i = 0; i < SETTINGS; i++) {
        bool fitted = s->n[i] == FOLDS;
        if (i == asked)
            continue;
        squares += left_over(s->y[i], effects, s->n[i]) * (fitted ? 1 : whole / (whole + 1));
        degrees += s->n[i] - 1;
    }
    degrees -= FOLDS - 1; /* of the effects */
    degrees += s->n[asked] - 1;
    squares = squares * (1 + 1 / whole) + left_over(s->y[asked], effects, s->n[asked]);
    return (hn_fold_forecast){.n = s->n[asked],
                              .folds = (int64_t)s->n[asked],
                              .mean = mean_of(s->y[asked], s->n[asked]) - mean_of(effects, s->n[asked]),
                              .variance = squares / (double)degrees,
                              .degrees = degrees};
}

START_TEST(forecasts_are_those_of_the_table)
{
    scores s = make_scores();
    for (size_t n = 1; n <= FOLDS; n++) {
        s.n[ASKED] = n;
        hn_history *history = record(&s, _i ? HONE_MAXIMIZE : HONE_MINIMIZE);
        hn_fold_effects all = {0};
        hn_fold_forecast got, expected = forecast_directly(&s, ASKED);
        for (size_t i = 0; i < SETTINGS; i++)
            if (i != ASKED)
                ck_assert_int_eq(hn_fold_effects_add(&all, history, (int64_t)i, NULL), HONE_OK);
        hn_fold_effects_settle(&all);
        ck_assert(hn_fold_effects_forecast(&all, history, ASKED, &got));
        ck_assert_uint_eq(got.n, expected.n);
        ck_assert_int_eq(got.folds, expected.folds);
        ck_assert_uint_eq(got.degrees, expected.degrees);
        hn_assert_relative(got.mean, expected.mean, 1e-12);
        hn_assert_relative(got.variance, expected.variance, 1e-10);
        hn_fold_effects_release(&all);
        hn_history_destroy(history);
    }
}
END_TEST

/* On average what a setting comes to is forecast, with the error that the variance says. */
START_TEST(errors_are_as_large_as_they_are_said_to_be)
{
    enum { STUDIES = 400, SEEN = 2 };
    double square = 0;
    for (uint64_t seed = 0; seed < STUDIES; seed++) {
        hn_random random = hn_random_stream(seed, 1, HN_PURPOSE_TEST);
        scores s = make_scores();
        for (size_t i = 0; i < SETTINGS; i++)
            for (size_t k = 0; k < FOLDS; k++)
                s.y[i][k] = (double)k + hn_random_normal(&random);
        s.n[ASKED] = SEEN;
        hn_fold_forecast f = forecast_directly(&s, ASKED);
        double error = f.mean - mean_of(s.y[ASKED], FOLDS);
        square += error * error / (f.variance * (1.0 / SEEN - 1.0 / FOLDS)) / STUDIES;
    }
    /* an F statistic with 1 and 26 degrees has mean 1.08 and deviation 1.7 or so: 0.085 over the studies */
    ck_assert_double_gt(square, 0.8);
    ck_assert_double_lt(square, 1.4);
}
END_TEST

/* Settings on other folds, without reports or with a NaN say nothing, and nothing is said of them. */
START_TEST(other_folds_do_not_count)
{
    scores s = make_scores();
    hn_history *history = record(&s, HONE_MINIMIZE);
    hn_fold_effects all = {0};
    hn_fold_forecast before, after;
    hn_trial_report odd[] = {{2, 1.0}, {3, 1.0}}, nan_of[] = {{1, 1.0}, {2, NAN}};
    hn_trial_record records[] = {
        {.number = SETTINGS, .state = HONE_PRUNED, .n_reports = 2, .reports = odd, .noise = NAN},
        {.number = SETTINGS + 1, .state = HONE_PRUNED, .n_reports = 2, .reports = nan_of, .noise = NAN},
        {.number = SETTINGS + 2, .state = HONE_PRUNED, .noise = NAN},
    };
    ck_assert(!hn_fold_effects_forecast(&all, history, ASKED, &before));
    for (int64_t i = 0; i < SETTINGS; i++)
        ck_assert_int_eq(hn_fold_effects_add(&all, history, i, NULL), HONE_OK);
    hn_fold_effects_settle(&all);
    ck_assert(hn_fold_effects_forecast(&all, history, ASKED, &before));
    for (size_t i = 0; i < sizeof records / sizeof *records; i++) {
        ck_assert_int_eq(hn_history_put(history, &records[i], NULL), HONE_OK);
        ck_assert_int_eq(hn_fold_effects_add(&all, history, records[i].number, NULL), HONE_OK);
        ck_assert(!hn_fold_effects_forecast(&all, history, records[i].number, &after));
    }
    hn_fold_effects_settle(&all);
    ck_assert(hn_fold_effects_forecast(&all, history, ASKED, &after));
    ck_assert_mem_eq(&before, &after, sizeof before);
    hn_fold_effects_release(&all);
    hn_history_destroy(history);
}
END_TEST

Suite *suite_fold_effects(void)
{
    Suite *suite = suite_create("fold_effects");
    TCase *all = tcase_create("all");
    tcase_add_loop_test(all, forecasts_are_those_of_the_table, 0, 2);
    tcase_add_test(all, errors_are_as_large_as_they_are_said_to_be);
    tcase_add_test(all, other_folds_do_not_count);
    suite_add_tcase(suite, all);
    return suite;
}
