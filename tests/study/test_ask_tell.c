/* Asking and telling: the trial state machine as a user of hone.h meets it. */
#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>

#include "base/cancel.h"
#include "fixture.h"
#include "study/study.h"

static const char space[] =
    "{x: {float: [0, 1]}, layers: {int: [1, 3]}, "
    "units_2: {int: [32, 128], step: 32, when: layers > 1}, act: {choice: [relu, tanh]}}";

static hone_study *open_study(const char *url, const char *goal, const char *sampler, int64_t lag)
{
    hone_study_config config = HONE_STUDY_CONFIG_INIT;
    config.goal = goal;
    config.space = space;
    config.sampler = sampler;
    config.seed = 7;
    config.has_seed = true;
    config.lag = lag;
    hone_study *study = NULL;
    hone_error err = {0};
    ck_assert_msg(!hone_study_open(url, "s", &config, &study, &err), "%s", err.message);
    return study;
}

START_TEST(numbers_are_dense_and_the_best_is_found)
{
    hone_study *study = open_study("memory:", "maximize score", "random", -1);
    for (int i = 0; i < 10; i++) {
        hone_trial *trial = ask(study);
        ck_assert_int_eq(hone_trial_number(trial), i);
        tell(study, trial, i == 4 ? 100 : i);
    }
    int64_t *best;
    size_t count;
    ck_assert(!hone_study_best(study, 2, &best, &count, NULL));
    ck_assert_uint_eq(count, 2);
    ck_assert_int_eq(best[0], 4);
    ck_assert_int_eq(best[1], 9);
    hone_free(best);
    ck_assert_int_eq(hone_study_state_count(study, HONE_COMPLETE), 10);
    hone_study_destroy(study);
}
END_TEST

START_TEST(an_inactive_parameter_is_absent)
{
    hone_study *study = open_study("memory:", NULL, "random", -1);
    bool seen[2] = {false, false};
    for (int i = 0; i < 40; i++) {
        hone_trial *trial = ask(study);
        hone_value layers, units;
        ck_assert(!hone_trial_get(trial, "layers", &layers, NULL));
        bool has_units = !hone_trial_get(trial, "units_2", &units, NULL);
        ck_assert_int_eq(has_units, layers.as.integer > 1);
        seen[has_units] = true;
        tell(study, trial, 1);
    }
    ck_assert(seen[0] && seen[1]);
    hone_study_destroy(study);
}
END_TEST

static void expect_reports(hone_study *study, int64_t number, const int64_t *steps, const double *values,
                           size_t n)
{
    hone_trial_info *info;
    ck_assert(!hone_study_trial(study, number, &info, NULL));
    ck_assert_uint_eq(info->n_reports, n);
    for (size_t i = 0; i < n; i++) {
        ck_assert_int_eq(info->steps[i], steps[i]);
        ck_assert(info->reports[i] == values[i] || (isnan(info->reports[i]) && isnan(values[i])));
    }
    hone_trial_info_free(info);
}

/* Out of order, twice for a step, no number: kept by step, the last one of a step. After the end: said, and
 * kept nowhere. */
START_TEST(reports_in_disorder)
{
    static const int64_t steps[] = {0, 1, 2, 5, 7};
    const double kept[] = {3, -INFINITY, NAN, 6, INFINITY}, one = 1;
    hone_study *study = open_study("memory:", NULL, "random", -1);
    hone_trial *trial = ask(study);
    hone_error err = {0};
    hone_trial_report(trial, 5, 4);
    hone_trial_report(trial, 2, NAN);
    hone_trial_report(trial, 7, INFINITY);
    hone_trial_report(trial, 0, 3);
    hone_trial_report(trial, 5, 6);
    hone_trial_report(trial, 1, -INFINITY);
    ck_assert(!hone_trial_status(trial, NULL));
    ck_assert(!hone_study_tell(study, trial, HONE_COMPLETE, &one, 1, NULL));
    expect_reports(study, 0, steps, kept, 5);
    ck_assert(hone_trial_report(trial, 9, 1));
    ck_assert(hone_trial_report(trial, 5, 1));
    ck_assert_int_eq(hone_trial_status(trial, &err), HONE_CONFLICT);
    hn_assert_contains(err.message, "trial 0 was told already; the report of step 9 changes nothing");
    expect_reports(study, 0, steps, kept, 5);
    const hn_trial_report *reports;
    ck_assert_uint_eq(hn_history_reports(study->history, 0, &reports), 5);
    hone_trial_free(trial);
    hone_study_destroy(study);
}
END_TEST

START_TEST(a_finished_trial_never_changes)
{
    hone_study *study = open_study("memory:", NULL, "random", -1);
    hone_trial *trial = ask(study);
    double one = 1, two = 2;
    hone_error err = {0};
    ck_assert(!hone_study_tell(study, trial, HONE_COMPLETE, &one, 1, NULL));
    ck_assert_int_eq(hone_study_tell(study, trial, HONE_COMPLETE, &two, 1, &err), HONE_CONFLICT);
    hn_assert_contains(err.message, "trial 0 was told already");
    hone_trial_free(trial);
    ck_assert_int_eq(hone_study_take(study, 0, NULL, &trial, &err), HONE_CONFLICT);
    hn_assert_contains(err.message, "trial 0 is complete already");
    ck_assert_int_eq(hone_study_take(study, 9, NULL, &trial, &err), HONE_NOT_FOUND);
    hone_trial_info *info;
    ck_assert(!hone_study_trial(study, 0, &info, NULL));
    ck_assert_double_eq(info->values[0], 1);
    hone_trial_info_free(info);
    hone_study_destroy(study);
}
END_TEST

START_TEST(nan_is_told_as_failed_with_its_reason)
{
    hone_study *study = open_study("memory:", "minimize loss", "random", -1);
    hone_trial *trial = ask(study);
    double nan_value = NAN;
    ck_assert(!hone_study_tell(study, trial, HONE_COMPLETE, &nan_value, 1, NULL));
    hone_trial_free(trial);
    hone_trial_info *info;
    ck_assert(!hone_study_trial(study, 0, &info, NULL));
    ck_assert_int_eq(info->state, HONE_FAILED);
    hn_assert_contains(info->message, "'loss' is nan");
    hone_trial_info_free(info);
    hone_study_destroy(study);
}
END_TEST

START_TEST(an_infinite_value_is_kept)
{
    hone_study *study = open_study("memory:", NULL, "tpe", -1);
    for (int i = 0; i < 30; i++) {
        hone_trial *trial = ask(study);
        tell(study, trial, i % 3 ? i : INFINITY);
    }
    hone_trial_info *info;
    ck_assert(!hone_study_trial(study, 0, &info, NULL));
    ck_assert_int_eq(info->state, HONE_COMPLETE);
    ck_assert(isinf(info->values[0]));
    hone_trial_info_free(info);
    hone_study_destroy(study);
}
END_TEST

START_TEST(a_wrong_number_of_values_is_refused_and_the_trial_goes_on)
{
    hone_study *study = open_study("memory:", NULL, "random", -1);
    hone_trial *trial = ask(study);
    double values[2] = {1, 2};
    hone_error err = {0};
    ck_assert_int_eq(hone_study_tell(study, trial, HONE_COMPLETE, values, 2, &err), HONE_INVALID);
    hn_assert_contains(err.message, "told 2 values; the study has 1 objective");
    tell(study, trial, 1);
    ck_assert_int_eq(hone_study_state_count(study, HONE_COMPLETE), 1);
    hone_study_destroy(study);
}
END_TEST

START_TEST(queued_values_are_kept_and_the_rest_is_proposed)
{
    hone_study *study = open_study("memory:", NULL, "random", -1);
    hone_named_value fixed[2] = {{"x", {HONE_FLOAT, {.real = 0.25}}}, {"layers", {HONE_INT, {.integer = 3}}}};
    int64_t number;
    ck_assert(!hone_study_enqueue(study, fixed, 2, &number, NULL));
    hone_trial *trial = ask(study);
    ck_assert_int_eq(hone_trial_number(trial), number);
    hone_value value;
    ck_assert(!hone_trial_get(trial, "x", &value, NULL));
    ck_assert_double_eq(value.as.real, 0.25);
    ck_assert(!hone_trial_get(trial, "layers", &value, NULL));
    ck_assert_int_eq(value.as.integer, 3);
    ck_assert(!hone_trial_get(trial, "units_2", &value, NULL));
    ck_assert(!hone_trial_get(trial, "act", &value, NULL));
    tell(study, trial, 1);
    trial = ask(study);
    ck_assert_int_eq(hone_trial_number(trial), 1);
    tell(study, trial, 1);
    hone_study_destroy(study);
}
END_TEST

START_TEST(what_cannot_be_queued_is_refused)
{
    hone_study *study = open_study("memory:", NULL, "random", -1);
    const struct {
        hone_named_value params[2];
        size_t n;
        const char *message;
    } cases[] = {
        {{{"lyers", {HONE_INT, {.integer = 1}}}}, 1, "layers"},
        {{{"x", {HONE_FLOAT, {.real = 7}}}}, 1, "x"},
        {{{"layers", {HONE_INT, {.integer = 1}}}, {"units_2", {HONE_INT, {.integer = 64}}}},
         2,
         "needs layers > 1"},
        {{{"act", {HONE_STRING, {.string = "swish"}}}}, 1, "swish"},
        {{{"x", {HONE_FLOAT, {.real = 0.5}}}, {"x", {HONE_FLOAT, {.real = 0.6}}}}, 2, "twice"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        hone_error err = {0};
        ck_assert_int_ne(hone_study_enqueue(study, cases[i].params, cases[i].n, NULL, &err), HONE_OK);
        hn_assert_contains(err.message, cases[i].message);
    }
    ck_assert_int_eq(hone_study_trial_count(study), 0);
    hone_study_destroy(study);
}
END_TEST

START_TEST(trials_made_elsewhere_inform_the_study)
{
    hone_study *study = open_study("memory:", NULL, "random", -1);
    hone_named_value params[1] = {{"x", {HONE_FLOAT, {.real = 0.5}}}};
    double value = -3;
    int64_t number = -1;
    ck_assert(!hone_study_add(study, params, 1, HONE_COMPLETE, &value, 1, &number, NULL));
    ck_assert_int_eq(number, 0);
    int64_t *best;
    size_t count;
    ck_assert(!hone_study_best(study, 1, &best, &count, NULL));
    ck_assert_uint_eq(count, 1);
    hone_free(best);
    hone_study_destroy(study);
}
END_TEST

START_TEST(a_batch_is_distinct_and_in_order)
{
    hone_study *study = open_study("memory:", NULL, "tpe", -1);
    hone_trial *trials[8];
    size_t count = 0;
    hone_outcome outcome;
    ck_assert(!hone_study_ask_batch(study, 8, &outcome, trials, &count, NULL));
    ck_assert_uint_eq(count, 8);
    for (size_t i = 0; i < count; i++) {
        ck_assert_int_eq(hone_trial_number(trials[i]), (int64_t)i);
        for (size_t k = 0; k < i; k++) {
            hone_value a, b;
            hone_trial_get(trials[i], "x", &a, NULL);
            hone_trial_get(trials[k], "x", &b, NULL);
            ck_assert_double_ne(a.as.real, b.as.real);
        }
    }
    for (size_t i = 0; i < count; i++) {
        tell(study, trials[i], (double)i);
    }
    hone_study_destroy(study);
}
END_TEST

/* Two studies asked by one and by three workers, told in different orders, propose the same trials. */
/* Values that stand: the rest is proposed, in the history as in the trial; what is queued stays queued. */
START_TEST(an_ask_keeps_what_is_given)
{
    hone_study *study = open_study("memory:", "minimize loss", "tpe:n_startup=3", -1);
    hone_outcome outcome;
    hone_trial *trial;
    for (int i = 0; i < 8; i++) {
        hone_named_value given[] = {{"layers", {HONE_INT, {.integer = 2}}},
                                    {"act", {HONE_STRING, {.string = "tanh"}}}};
        ck_assert(!hone_study_enqueue(study, given, 1, NULL, NULL));
        ck_assert(!hone_study_ask_given(study, given, 2, &outcome, &trial, NULL, NULL, NULL));
        ck_assert_int_eq(outcome, HONE_ASKED);
        hone_value layers, act, units;
        ck_assert(!hone_trial_get(trial, "layers", &layers, NULL));
        ck_assert(!hone_trial_get(trial, "act", &act, NULL));
        ck_assert(!hone_trial_get(trial, "units_2", &units, NULL)); /* active with two layers */
        ck_assert_int_eq(layers.as.integer, 2);
        ck_assert_str_eq(act.as.string, "tanh");
        tell(study, trial, i);
    }
    ck_assert_int_eq(hone_study_state_count(study, HONE_WAITING), 8);
    hone_error err;
    hone_named_value wrong[] = {{"layers", {HONE_INT, {.integer = 9}}}};
    ck_assert_int_eq(hone_study_ask_given(study, wrong, 1, &outcome, &trial, NULL, NULL, &err), HONE_INVALID);
    ck_assert_msg(strstr(err.message, "layers") && strstr(err.message, "9"), "%s", err.message);
    hone_study_destroy(study);
}
END_TEST

/* The one point there is may be run again with a value given; define-by-run suggests what was given. */
START_TEST(an_ask_with_values_needs_no_room)
{
    hone_study_config config = HONE_STUDY_CONFIG_INIT;
    config.space = "{a: {choice: [u]}, b: {choice: [v, w]}}";
    config.sampler = "grid";
    hone_study *study = NULL;
    hone_outcome outcome;
    hone_trial *trial;
    ck_assert(!hone_study_open("memory:", "s", &config, &study, NULL));
    hone_named_value b = {"b", {HONE_STRING, {.string = "w"}}};
    for (int i = 0; i < 4; i++) {
        ck_assert(!hone_study_ask_given(study, &b, 1, &outcome, &trial, NULL, NULL, NULL));
        ck_assert_int_eq(outcome, HONE_ASKED);
        tell(study, trial, 1);
    }
    hone_study_destroy(study);
    config.space = NULL;
    config.sampler = "tpe";
    ck_assert(!hone_study_open("memory:", "s", &config, &study, NULL));
    hone_named_value x = {"x", {HONE_FLOAT, {.real = 0.25}}};
    ck_assert(!hone_study_ask_given(study, &x, 1, &outcome, &trial, NULL, NULL, NULL));
    ck_assert_double_eq(hone_trial_suggest_float(trial, "x", 0, 1, HONE_LINEAR), 0.25);
    tell(study, trial, 1);
    hone_study_destroy(study);
}
END_TEST

static const char *const reproducible[] = {"tpe", "gp:draws=1", "rf", "cmaes", "de", "auto"};

START_TEST(with_a_lag_runs_do_not_depend_on_the_workers)
{
    const char *sampler = reproducible[_i];
    enum { TRIALS = 36, WORKERS = 3 };
    hone_study *serial = open_study("memory:", NULL, sampler, WORKERS - 1);
    double x[TRIALS];
    for (int i = 0; i < TRIALS; i++) {
        hone_trial *trial = ask(serial);
        hone_value value;
        hone_trial_get(trial, "x", &value, NULL);
        x[i] = value.as.real;
        tell(serial, trial, fabs(x[i] - 0.3));
    }
    hone_study_destroy(serial);
    hone_study *parallel = open_study("memory:", NULL, sampler, WORKERS - 1);
    for (int i = 0; i < TRIALS; i += WORKERS) {
        hone_trial *trials[WORKERS];
        for (int k = 0; k < WORKERS; k++) {
            trials[k] = ask(parallel);
            hone_value value;
            hone_trial_get(trials[k], "x", &value, NULL);
            ck_assert_double_eq(value.as.real, x[i + k]);
        }
        hone_outcome outcome;
        hone_trial *none = NULL;
        ck_assert(!hone_study_ask(parallel, &outcome, &none, NULL, NULL, NULL));
        ck_assert_int_eq(outcome, HONE_WAIT);
        for (int k = WORKERS; k-- > 0;) {
            tell(parallel, trials[k], fabs(x[i + k] - 0.3));
        }
    }
    hone_study_destroy(parallel);
}
END_TEST

/* A sampler that thinks until it is told to give up. */
static atomic_int thinking;

static hone_status think(void *state, const hn_ask *ask, size_t n, hn_point *points, size_t *count,
                         hone_error *err)
{
    (void)state, (void)n, (void)points, (void)count;
    atomic_store(&thinking, 1);
    while (!hn_cancelled(ask->cancel)) {
        sched_yield();
    }
    return hn_fail(err, HONE_CANCELLED, "cancelled while thinking");
}

static const hn_sampler_type thinker = {
    .name = "thinker", .help = "never has enough", .capabilities = HN_SAMPLER_WHOLE, .propose = think};

typedef struct asker {
    hone_study *study;
    hone_status status;
    hone_outcome outcome;
    const char *reason;
} asker;

static void *ask_in_a_thread(void *user)
{
    asker *self = user;
    hone_trial *trial = NULL;
    self->status = hone_study_ask(self->study, &self->outcome, &trial, NULL, &self->reason, NULL);
    hone_trial_free(trial);
    return NULL;
}

START_TEST(a_stop_ends_an_ask_in_the_middle_of_a_fit)
{
    hone_study *study = open_study("memory:", "minimize loss", "random", -1);
    hn_sampler *own = study->sampler;
    ck_assert(!hn_sampler_create_from(&thinker, NULL, &study->sampler, NULL));
    asker other = {.study = study};
    pthread_t thread;
    ck_assert(!pthread_create(&thread, NULL, ask_in_a_thread, &other));
    while (!atomic_load(&thinking)) {
        sched_yield();
    }
    ck_assert(!hone_study_stop(study, "enough seen", NULL));
    pthread_join(thread, NULL);
    ck_assert_int_eq(other.status, HONE_OK);
    ck_assert_int_eq(other.outcome, HONE_DONE);
    ck_assert_str_eq(other.reason, "enough seen");
    ck_assert_int_eq(hone_study_trial_count(study), 0);
    hn_sampler_destroy(study->sampler);
    study->sampler = own;
    ck_assert(!hone_study_resume(study, NULL));
    hone_trial_free(ask(study));
    ck_assert_int_eq(hone_study_trial_count(study), 1);
    hone_study_destroy(study);
}
END_TEST

START_TEST(a_stopped_study_gives_no_trial_until_it_is_resumed)
{
    hone_study *study = open_study("memory:", NULL, "random", -1);
    ck_assert(!hone_study_stop(study, "enough seen", NULL));
    hone_outcome outcome;
    hone_trial *trial = NULL;
    const char *reason = NULL;
    ck_assert(!hone_study_ask(study, &outcome, &trial, NULL, &reason, NULL));
    ck_assert_int_eq(outcome, HONE_DONE);
    ck_assert_str_eq(reason, "enough seen");
    ck_assert(!hone_study_resume(study, NULL));
    tell(study, ask(study), 1);
    hone_study_destroy(study);
}
END_TEST

START_TEST(several_objectives_have_a_front)
{
    hone_study *study = open_study("memory:", "minimize loss, maximize speed", "random", -1);
    const double values[4][2] = {{1, 1}, {2, 2}, {3, 1}, {0.5, 0.1}};
    for (int i = 0; i < 4; i++) {
        hone_trial *trial = ask(study);
        ck_assert(!hone_study_tell(study, trial, HONE_COMPLETE, values[i], 2, NULL));
        hone_trial_free(trial);
    }
    int64_t *front;
    size_t count;
    ck_assert(!hone_study_best(study, 1, &front, &count, NULL));
    ck_assert_uint_eq(count, 3);
    ck_assert_int_eq(front[0], 0);
    ck_assert_int_eq(front[1], 1);
    ck_assert_int_eq(front[2], 3);
    hone_free(front);
    hone_study_destroy(study);
}
END_TEST

START_TEST(infeasible_trials_are_never_the_best)
{
    hone_study *study = open_study("memory:", NULL, "random", -1);
    for (int i = 0; i < 3; i++) {
        hone_trial *trial = ask(study);
        double constraint = i == 0 ? 1 : -1;
        ck_assert(!hone_trial_set_constraints(trial, &constraint, 1));
        tell(study, trial, i);
    }
    int64_t *best;
    size_t count;
    ck_assert(!hone_study_best(study, 5, &best, &count, NULL));
    ck_assert_uint_eq(count, 2);
    ck_assert_int_eq(best[0], 1);
    hone_free(best);
    hone_study_destroy(study);
}
END_TEST

Suite *suite_ask_tell(void)
{
    Suite *suite = suite_create("ask_tell");
    TCase *telling = tcase_create("telling");
    tcase_add_test(telling, numbers_are_dense_and_the_best_is_found);
    tcase_add_test(telling, an_inactive_parameter_is_absent);
    tcase_add_test(telling, a_finished_trial_never_changes);
    tcase_add_test(telling, reports_in_disorder);
    tcase_add_test(telling, nan_is_told_as_failed_with_its_reason);
    tcase_add_test(telling, an_infinite_value_is_kept);
    tcase_add_test(telling, a_wrong_number_of_values_is_refused_and_the_trial_goes_on);
    tcase_add_test(telling, several_objectives_have_a_front);
    tcase_add_test(telling, infeasible_trials_are_never_the_best);
    suite_add_tcase(suite, telling);
    TCase *asking = tcase_create("asking");
    tcase_add_test(asking, queued_values_are_kept_and_the_rest_is_proposed);
    tcase_add_test(asking, what_cannot_be_queued_is_refused);
    tcase_add_test(asking, trials_made_elsewhere_inform_the_study);
    tcase_add_test(asking, a_batch_is_distinct_and_in_order);
    tcase_add_loop_test(asking, with_a_lag_runs_do_not_depend_on_the_workers, 0,
                        sizeof reproducible / sizeof *reproducible);
    tcase_add_test(asking, a_stop_ends_an_ask_in_the_middle_of_a_fit);
    tcase_add_test(asking, a_stopped_study_gives_no_trial_until_it_is_resumed);
    tcase_add_test(asking, an_ask_keeps_what_is_given);
    tcase_add_test(asking, an_ask_with_values_needs_no_room);
    suite_add_tcase(suite, asking);
    return suite;
}
