/* Population-based training on a toy whose best learning rate falls while it trains. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "hone/hone.h"
#include "study/study.h"
#include "support.h"

enum { STEPS = 60, MOST_TRIALS = 400 };

/* What trials keep: the loss after each step. */
static double kept[MOST_TRIALS][STEPS + 1];

/* The loss shrinks as far as the rate is near the one that is best now: 0.3 at first, 0.02 at the end. */
static double train_step(double loss, double lr, int64_t step)
{
    double best = log(0.3) + (log(0.02) - log(0.3)) * (double)step / STEPS, off = log(lr) - best;
    return loss * (1 - 0.2 * exp(-4 * off * off));
}

static double parameter(const hone_trial *trial, const char *name)
{
    hone_value value = {0};
    ck_assert(!hone_trial_get(trial, name, &value, NULL));
    return value.as.real;
}

static hone_status train(hone_trial *trial, void *user)
{
    (void)user;
    int64_t number = hone_trial_number(trial), from = hone_trial_resume_step(trial);
    double lr = parameter(trial, "lr");
    ck_assert_int_lt(number, MOST_TRIALS);
    if (hone_trial_parent(trial) >= 0 && hone_trial_parent(trial) < number && kept[number][from] == 0) {
        kept[number][from] = kept[hone_trial_parent(trial)][from];
    }
    double loss = from ? kept[number][from] : 1;
    ck_assert_double_gt(loss, 0);
    for (int64_t step = from + 1; step <= STEPS; step++) {
        loss = train_step(loss, lr, step);
        kept[number][step] = loss;
        if (hone_trial_report(trial, step, loss)) {
            return hone_trial_prune(trial);
        }
    }
    return hone_trial_set_value(trial, loss);
}

static hone_study *open_study(const char *pruner, uint64_t seed)
{
    hone_study_config config = HONE_STUDY_CONFIG_INIT;
    hone_study *study = NULL;
    hone_error err = {0};
    memset(kept, 0, sizeof kept);
    config.space = "{lr: {float: [1e-4, 1], log: true}, still: {int: [1, 3]}}";
    config.sampler = "random";
    config.pruner = pruner;
    config.seed = seed;
    config.has_seed = true;
    ck_assert_msg(!hone_study_open("memory:", "s", &config, &study, &err), "%s", err.message);
    return study;
}

static double best_of(hone_study *study)
{
    int64_t best;
    ck_assert_uint_eq(hn_history_best(study->history, 1, &best), 1);
    return hn_history_value(study->history, best, 0);
}

static int64_t steps_run(hone_study *study)
{
    int64_t sum = 0;
    for (int64_t i = 0; i < hone_study_trial_count(study); i++) {
        const hn_trial_report *reports;
        sum += (int64_t)hn_history_reports(study->history, i, &reports);
    }
    return sum;
}

static double run_pbt(uint64_t seed, int64_t *steps, int64_t *trials)
{
    hone_study *study =
        open_study("{pbt: {population: 10, max_resource: 60, interval: 5, params: [lr]}}", seed);
    const char *reason = NULL;
    hone_error err = {0};
    ck_assert_msg(!hone_study_optimize(study, train, NULL, &(hone_budget){.trials = 10}, &reason, &err), "%s",
                  err.message);
    ck_assert_str_eq(reason, "exhausted");
    ck_assert_int_eq(hone_study_state_count(study, HONE_COMPLETE), 10);
    ck_assert_int_eq(hone_study_state_count(study, HONE_RUNNING), 0);
    double best = best_of(study);
    *steps = steps_run(study);
    *trials = hone_study_trial_count(study);
    hone_study_destroy(study);
    return best;
}

/* The best of all fixed settings, at whatever cost. */
static double best_fixed(void)
{
    double best = INFINITY;
    for (int i = 0; i <= 400; i++) {
        double lr = exp(log(1e-4) + (log(1) - log(1e-4)) * i / 400), loss = 1;
        for (int64_t step = 1; step <= STEPS; step++) {
            loss = train_step(loss, lr, step);
        }
        best = fmin(best, loss);
    }
    return best;
}

START_TEST(a_schedule_beats_every_fixed_setting)
{
    enum { SEEDS = 5 };
    double fixed = best_fixed(), mean = 0;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        int64_t steps, trials;
        double found = run_pbt(seed, &steps, &trials);
        ck_assert_msg(found < fixed, "seed %d: %g, fixed %g", (int)seed, found, fixed);
        ck_assert_int_le(steps, 10 * STEPS); /* no more than ten whole trainings, whoever did them */
        ck_assert_int_gt(trials, 20);
        mean += found / SEEDS;
    }
    ck_assert_msg(mean < 0.6 * fixed, "mean %g, fixed %g", mean, fixed);
}
END_TEST

START_TEST(the_same_seed_gives_the_same_population)
{
    int64_t steps[2], trials[2];
    double a = run_pbt(7, &steps[0], &trials[0]), b = run_pbt(7, &steps[1], &trials[1]);
    ck_assert_double_eq(a, b);
    ck_assert_int_eq(trials[0], trials[1]);
}
END_TEST

/* Clones say where they come from, and change only what may change. */
START_TEST(clones_know_their_source)
{
    hone_study *study = open_study("{pbt: {population: 8, max_resource: 60, interval: 10, params: [lr]}}", 3);
    hone_error err = {0};
    int clones = 0;
    ck_assert_msg(!hone_study_optimize(study, train, NULL, &(hone_budget){.trials = 8}, NULL, &err), "%s",
                  err.message);
    for (int64_t i = 0; i < hone_study_trial_count(study); i++) {
        hone_trial_info *info = NULL, *parent = NULL;
        ck_assert(!hone_study_trial(study, i, &info, NULL));
        if (i < 8) {
            ck_assert_int_eq(info->parent, -1);
            ck_assert_int_eq(info->steps[0], 1);
        } else {
            clones++;
            ck_assert_int_lt(info->parent, i);
            ck_assert_int_eq(info->parent_step % 10, 0);
            ck_assert_int_eq(info->steps[0], info->parent_step + 1);
            ck_assert(!hone_study_trial(study, info->parent, &parent, NULL));
            ck_assert_int_eq(info->params[1].value.as.integer, parent->params[1].value.as.integer);
            ck_assert_double_ne(info->params[0].value.as.real, parent->params[0].value.as.real);
            hone_trial_info_free(parent);
        }
        hone_trial_info_free(info);
    }
    ck_assert_int_gt(clones, 3);
    hone_study_destroy(study);
}
END_TEST

/* The lineage as `hone best --schedule` writes it, trained again, comes to the same. */
START_TEST(a_schedule_is_replayed)
{
    hone_study *study = open_study("{pbt: {max_resource: 60, replay: [{to: 20, params: {lr: 0.2}}, {to: 45, "
                                   "params: {lr: 0.02}}, {to: 60, params: {lr: 0.002}}]}}",
                                   1);
    const char *reason = NULL;
    hone_error err = {0};
    ck_assert_msg(!hone_study_optimize(study, train, NULL, &(hone_budget){.trials = 50}, &reason, &err), "%s",
                  err.message);
    ck_assert_str_eq(reason, "exhausted");
    double loss = 1;
    for (int64_t step = 1; step <= STEPS; step++) {
        loss = train_step(loss, step <= 20 ? 0.2 : step <= 45 ? 0.02 : 0.002, step);
    }
    ck_assert_double_eq_tol(best_of(study), loss, 1e-12);
    ck_assert_int_eq(steps_run(study), STEPS);
    ck_assert_int_eq(hone_study_trial_count(study), 3);
    hone_study_destroy(study);
}
END_TEST

/* A trial that fails leaves a place, which a clone of a good one takes. */
static hone_status train_but_the_third(hone_trial *trial, void *user)
{
    return hone_trial_number(trial) == 2 && hone_trial_resume_step(trial) >= 10
               ? hone_trial_fail(trial, "so it goes")
               : train(trial, user);
}

START_TEST(failures_are_replaced)
{
    hone_study *study = open_study("{pbt: {population: 6, max_resource: 60, interval: 10}}", 2);
    const char *reason = NULL;
    ck_assert(
        !hone_study_optimize(study, train_but_the_third, NULL, &(hone_budget){.trials = 6}, &reason, NULL));
    ck_assert_str_eq(reason, "exhausted");
    ck_assert_int_eq(hone_study_state_count(study, HONE_FAILED), 1);
    ck_assert_int_eq(hone_study_state_count(study, HONE_COMPLETE), 6);
    hone_study_destroy(study);
}
END_TEST

static hone_trial *ask_next(hone_study *study)
{
    hone_outcome outcome;
    hone_trial *trial = NULL;
    int64_t wait;
    hone_error err = {0};
    ck_assert_msg(!hone_study_ask(study, &outcome, &trial, &wait, NULL, &err), "%s", err.message);
    ck_assert_int_eq(outcome, HONE_ASKED);
    return trial;
}

/* Reports losses up to the step, as good as the trial is early. */
static void report_to(hone_trial *trial, int64_t to)
{
    for (int64_t step = hone_trial_resume_step(trial) + 1; step <= to; step++) {
        hone_trial_report(trial, step, (double)(hone_trial_number(trial) + 1));
    }
}

static void tell_as(hone_study *study, hone_trial *trial, hone_trial_state state)
{
    double value = 1;
    ck_assert(!hone_study_tell(study, trial, state, &value, state == HONE_COMPLETE, NULL));
    hone_trial_free(trial);
}

/* Takes the best of three trials to the step and does not tell it; one fails, and a clone is made: of the
 * best where it paused before, for where it is now its checkpoint is not yet written. */
static void clone_beside_a_running_source(int64_t reached, int64_t expected)
{
    hone_study *study =
        open_study("{pbt: {population: 3, max_resource: 60, interval: 10, quantile: 0.5}}", 2);
    hone_trial *best = ask_next(study), *other = ask_next(study), *slow = ask_next(study);
    report_to(other, 10);
    report_to(slow, 10);
    for (int64_t step = 10; step < reached; step += 10) {
        report_to(best, step);
        tell_as(study, best, HONE_PRUNED);
        best = ask_next(study);
        ck_assert_int_eq(hone_trial_number(best), 0);
    }
    report_to(best, reached);
    hone_trial_fail(other, "so it goes");
    tell_as(study, other, HONE_FAILED);
    hone_trial *clone = ask_next(study);
    hone_trial_info *info = NULL;
    ck_assert(!hone_study_trial(study, hone_trial_number(clone), &info, NULL));
    ck_assert_int_eq(info->parent, 0);
    ck_assert_int_eq(info->parent_step, expected);
    hone_trial_info_free(info);
    hone_trial_free(clone);
    hone_trial_free(slow);
    hone_trial_free(best);
    hone_study_destroy(study);
}

START_TEST(a_checkpoint_that_may_not_be_written_is_not_cloned)
{
    clone_beside_a_running_source(20, 10);
    clone_beside_a_running_source(25, 20);
    clone_beside_a_running_source(60, 50);
}
END_TEST

/* Of those that train none was ever paused: a clone of the one that is complete takes the place of one that
 * fails. */
START_TEST(a_place_is_taken_when_all_others_have_ended)
{
    hone_study *study =
        open_study("{pbt: {population: 3, max_resource: 20, interval: 10, quantile: 0.5}}", 2);
    hone_trial *best = ask_next(study), *other = ask_next(study), *slow = ask_next(study);
    report_to(slow, 10);
    report_to(best, 10);
    tell_as(study, best, HONE_PRUNED);
    best = ask_next(study);
    report_to(best, 20);
    tell_as(study, best, HONE_COMPLETE);
    report_to(other, 10);
    hone_trial_fail(other, "so it goes");
    tell_as(study, other, HONE_FAILED);
    hone_trial *clone = ask_next(study);
    ck_assert_int_eq(hone_trial_parent(clone), 0);
    ck_assert_int_eq(hone_trial_resume_step(clone), 10);
    hone_trial_free(clone);
    hone_trial_free(slow);
    hone_study_destroy(study);
}
END_TEST

static hone_status nothing_but_nan(hone_trial *trial, void *user)
{
    (void)user;
    for (int64_t step = hone_trial_resume_step(trial) + 1; step <= STEPS; step++) {
        if (hone_trial_report(trial, step, hone_trial_number(trial) % 2 ? NAN : INFINITY)) {
            return hone_trial_prune(trial);
        }
    }
    return hone_trial_set_value(trial, 1);
}

START_TEST(without_a_good_one_there_are_no_clones)
{
    hone_study *study = open_study("{pbt: {population: 4, max_resource: 60, interval: 10}}", 2);
    const char *reason = NULL;
    ck_assert(!hone_study_optimize(study, nothing_but_nan, NULL, &(hone_budget){.trials = 4}, &reason, NULL));
    ck_assert_str_eq(reason, "exhausted");
    ck_assert_int_eq(hone_study_trial_count(study), 4);
    hone_study_destroy(study);
}
END_TEST

START_TEST(mistakes_are_refused)
{
    const struct {
        const char *pruner, *part;
    } wrong[] = {
        {"pbt", "max_resource, the last step of a whole trial, is needed"},
        {"{pbt: {max_resource: 10, interval: 10}}", "interval 10 is not below max_resource 10"},
        {"{pbt: {max_resource: 10, shrink: 1.3}}", "shrink is not below grow"},
        {"{pbt: {max_resource: 10, quantile: 0.7}}", "quantile"},
        {"{pbt: {max_resource: 10, params: [1]}}", "params is a list"},
        {"{pbt: {max_resource: 10, replay: []}}", "replay is a list"},
        {"{pbt: {max_resource: 10, replay: [{to: 5, params: {}}, {to: 5, params: {}}]}}", "replay is a list"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        hone_study_config config = HONE_STUDY_CONFIG_INIT;
        hone_study *study = NULL;
        hone_error err = {0};
        config.pruner = wrong[i].pruner;
        ck_assert(hone_study_open("memory:", "s", &config, &study, &err));
        ck_assert_msg(strstr(err.message, wrong[i].part), "%s", err.message);
    }
}
END_TEST

Suite *suite_pbt(void)
{
    Suite *suite = suite_create("pbt");
    TCase *tests = tcase_create("pbt");
    suite_add_tcase(suite, tests);
    tcase_add_test(tests, a_schedule_beats_every_fixed_setting);
    tcase_add_test(tests, the_same_seed_gives_the_same_population);
    tcase_add_test(tests, clones_know_their_source);
    tcase_add_test(tests, a_schedule_is_replayed);
    tcase_add_test(tests, failures_are_replaced);
    tcase_add_test(tests, a_checkpoint_that_may_not_be_written_is_not_cloned);
    tcase_add_test(tests, a_place_is_taken_when_all_others_have_ended);
    tcase_add_test(tests, without_a_good_one_there_are_no_clones);
    tcase_add_test(tests, mistakes_are_refused);
    return suite;
}
