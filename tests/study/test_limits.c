/* When a run ends: patience, regret, cost, all together, and what is kept of it. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "study/limit.h"
#include "study/regret.h"
#include "support.h"

/* --- a clock that a trial's work moves --- */

static int64_t now_ns;

static int64_t fake_ns(void)
{
    return now_ns;
}

static int64_t fake_us(void)
{
    return INT64_C(1700000000000000) + now_ns / 1000;
}

static const hn_clock fake = {fake_ns, fake_us};

/* --- a study and objectives --- */

static hone_study *open_study(const char *goal, const char *sampler, const char *pruner)
{
    hone_study_config config = HONE_STUDY_CONFIG_INIT;
    hone_study *study = NULL;
    hone_error err = {0};
    config.goal = goal;
    config.space = "{x: {float: [0, 1]}, y: {float: [0, 1]}}";
    config.sampler = sampler;
    config.pruner = pruner;
    config.seed = 3;
    config.has_seed = true;
    ck_assert_msg(!hone_study_open("memory:", "s", &config, &study, &err), "%s", err.message);
    return study;
}

static double parameter(hone_trial *trial, const char *name)
{
    hone_value value = {0};
    ck_assert(!hone_trial_get(trial, name, &value, NULL));
    return value.as.real;
}

static double bowl(hone_trial *trial)
{
    double x = parameter(trial, "x") - 0.3, y = parameter(trial, "y") - 0.6;
    return x * x + y * y;
}

static hone_status plain(hone_trial *trial, void *user)
{
    (void)user;
    return hone_trial_set_value(trial, bowl(trial));
}

/* The tenth trial is the best there is; every third fails. */
static hone_status tenth_is_best(hone_trial *trial, void *user)
{
    (void)user;
    int64_t number = hone_trial_number(trial);
    return number % 3 == 2 ? hone_trial_fail(trial, "so it goes")
                           : hone_trial_set_value(trial, number == 10 ? 0 : 1 + (double)number);
}

/* Takes five seconds. */
static hone_status five_seconds(hone_trial *trial, void *user)
{
    (void)user;
    now_ns += INT64_C(5000000000);
    return hone_trial_set_value(trial, 1);
}

static hone_status dear(hone_trial *trial, void *user)
{
    (void)user;
    hone_trial_set_attribute(trial, "dollars", "1.5");
    return hone_trial_set_value(trial, 1);
}

static const char *optimize(hone_study *study, hone_objective objective, const hone_budget *budget)
{
    const char *reason = NULL;
    hone_error err = {0};
    ck_assert_msg(!hone_study_optimize(study, objective, NULL, budget, &reason, &err), "%s", err.message);
    return reason;
}

static int64_t finished(hone_study *study)
{
    return hone_study_state_count(study, HONE_COMPLETE) + hone_study_state_count(study, HONE_PRUNED) +
           hone_study_state_count(study, HONE_FAILED);
}

static void check_end(hone_study *study, const char *reason, const char *because, int64_t trials)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_node *end = NULL;
    int64_t n = 0;
    ck_assert(!hn_study_read_end(study, &arena, &end, NULL));
    ck_assert_ptr_nonnull(end);
    ck_assert_str_eq(hn_map_get(end, "reason")->as.string, reason);
    ck_assert(hn_node_int(hn_map_get(end, "trials"), &n));
    ck_assert_int_eq(n, trials);
    if (because) {
        ck_assert_str_eq(hn_map_get(end, "because")->as.string, because);
    } else {
        ck_assert_ptr_null(hn_map_get(end, "because"));
    }
    hn_arena_release(&arena);
}

/* --- patience --- */

START_TEST(patience_counts_from_the_best_and_passes_failures_by)
{
    hone_study *study = open_study(NULL, "random", NULL);
    hone_budget budget = {.trials = 100, .patience = 4, .max_failures = -1};
    /* 0 is the best until 10: four that are not better are 1, 3, 4, 6 */
    ck_assert_str_eq(optimize(study, tenth_is_best, &budget), "patience");
    ck_assert_int_eq(finished(study), 7);
    check_end(study, "patience", "none of the last 4 trials was better", 7);
    budget.patience = 8; /* 12, 13, 15, 16, 18, 19, 21, 22 */
    ck_assert_str_eq(optimize(study, tenth_is_best, &budget), "patience");
    ck_assert_int_eq(finished(study), 23);
    budget.patience = 0;
    ck_assert_str_eq(optimize(study, tenth_is_best, &budget), "trials");
    check_end(study, "trials", NULL, 100);
    hone_study_destroy(study);
}
END_TEST

static hone_status two_goals(hone_trial *trial, void *user)
{
    (void)user;
    static const double values[][2] = {{5, 5}, {6, 6}, {7, 4}, {8, 8}, {9, 9}, {9, 8}};
    int64_t number = hone_trial_number(trial);
    return hone_trial_set_values(trial, values[number < 6 ? number : 5], 2);
}

START_TEST(patience_with_several_goals_counts_from_the_front)
{
    hone_study *study = open_study("minimize a, minimize b", "random", NULL);
    hone_budget budget = {.trials = 100, .patience = 3};
    ck_assert_str_eq(optimize(study, two_goals, &budget), "patience"); /* 2 is not beaten by 0; 3, 4, 5 are */
    ck_assert_int_eq(finished(study), 6);
    hone_study_destroy(study);
}
END_TEST

/* --- cost --- */

START_TEST(cost_is_the_sum_of_what_trials_ran)
{
    hn_clock_use(&fake);
    hone_study *study = open_study(NULL, "random", NULL);
    hone_budget budget = {.trials = 100, .cost = 31};
    ck_assert_str_eq(optimize(study, five_seconds, &budget), "cost");
    ck_assert_int_eq(finished(study), 7);
    check_end(study, "cost", "the trials ran for 35 s together, 31 s were allowed", 7);
    budget.cost = 40; /* of the study, whatever the run */
    ck_assert_str_eq(optimize(study, five_seconds, &budget), "cost");
    ck_assert_int_eq(finished(study), 8);
    hone_study_destroy(study);
    hn_clock_use(NULL);
}
END_TEST

START_TEST(cost_is_the_sum_of_a_metric)
{
    hone_study *study = open_study(NULL, "random", NULL);
    hone_budget budget = {.trials = 100, .cost = 9, .cost_metric = "dollars"};
    ck_assert_str_eq(optimize(study, dear, &budget), "cost");
    ck_assert_int_eq(finished(study), 6);
    check_end(study, "cost", "the trials cost 9 dollars, 9 were allowed", 6);
    budget.cost = 11; /* what trials of earlier runs cost counts */
    ck_assert_str_eq(optimize(study, dear, &budget), "cost");
    ck_assert_int_eq(finished(study), 8);
    budget.cost_metric = "euros";
    ck_assert_str_eq(optimize(study, dear, &budget), "trials");
    hone_study_destroy(study);
}
END_TEST

/* --- regret --- */

START_TEST(regret_ends_a_search_that_is_through)
{
    hone_study *study = open_study(NULL, "gp", NULL);
    hone_budget budget = {.trials = 60, .has_regret = true, .regret = 1e-3};
    ck_assert_str_eq(optimize(study, plain, &budget), "regret");
    int64_t *best = NULL, n = finished(study);
    size_t count = 0;
    hone_trial_info *info = NULL;
    ck_assert_int_ge(n, 20);
    ck_assert_int_lt(n, 60);
    ck_assert(!hone_study_best(study, 1, &best, &count, NULL));
    ck_assert(!hone_study_trial(study, best[0], &info, NULL));
    ck_assert_double_le(info->values[0], 1e-3); /* the least is 0: what was promised */
    hone_trial_info_free(info);
    hone_free(best);
    hone_study_destroy(study);
}
END_TEST

/* With a few random trials far from the least the bound says that much is to be gained, and less as more
 * come. */
START_TEST(regret_is_above_what_is_to_be_gained)
{
    hone_study *study = open_study(NULL, "random", NULL);
    hn_regret regret = {0};
    ck_assert_str_eq(optimize(study, plain, &(hone_budget){.trials = 19}), "trials");
    hn_study_lock(study);
    ck_assert(!hn_study_regret(study, &regret, NULL));
    hn_study_unlock(study);
    ck_assert(isnan(regret.bound));
    for (int64_t trials = 20; trials <= 60; trials += 20) {
        optimize(study, plain, &(hone_budget){.trials = trials});
        hn_study_lock(study);
        ck_assert(!hn_study_regret(study, &regret, NULL));
        int64_t best;
        ck_assert_uint_eq(hn_history_best(study->history, 1, &best), 1);
        double gap = hn_history_value(study->history, best, 0);
        hn_study_unlock(study);
        ck_assert_msg(regret.bound >= 0.9 * gap, "%lld: bound %g, gap %g", (long long)trials, regret.bound,
                      gap);
    }
    hone_study_destroy(study);
}
END_TEST

/* The noise of the best's value: from its folds, as (1/k + 1/(k-1)) s^2. */
static hone_status with_folds(hone_trial *trial, void *user)
{
    (void)user;
    hone_trial_set_attribute(trial, "value_folds", "[0.1, 0.3, 0.2, 0.4]");
    return hone_trial_set_value(trial, bowl(trial));
}

START_TEST(noise_comes_from_the_folds)
{
    hone_study *study = open_study(NULL, "random", NULL);
    hn_regret regret = {0};
    optimize(study, with_folds, &(hone_budget){.trials = 24});
    hn_study_lock(study);
    ck_assert(!hn_study_regret(study, &regret, NULL));
    hn_study_unlock(study);
    ck_assert_double_eq_tol(regret.noise, sqrt((1 / 4.0 + 1 / 3.0) * 0.05 / 3), 1e-12);
    ck_assert_str_eq(optimize(study, with_folds, &(hone_budget){.trials = 60, .has_regret = true}), "regret");
    hone_study_destroy(study);
}
END_TEST

START_TEST(budgets_that_make_no_sense_are_refused)
{
    hone_study *one = open_study(NULL, "random", NULL),
               *two = open_study("minimize a, minimize b", "random", NULL);
    const struct {
        hone_study *study;
        hone_budget budget;
        const char *part;
    } wrong[] = {
        {one, {0}, "or the run would never end"},
        {one, {.patience = -1}, "patience"},
        {one, {.cost = -1}, "cost"},
        {one, {.cost = NAN}, "cost"},
        {one, {.cost_metric = "dollars"}, "or the run would never end"},
        {one, {.has_regret = true, .regret = -1}, "regret"},
        {one, {.has_regret = true, .regret = INFINITY}, "regret"},
        {two, {.has_regret = true}, "regret needs a single goal"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        hone_error err = {0};
        ck_assert(hone_study_optimize(wrong[i].study, plain, NULL, &wrong[i].budget, NULL, &err));
        ck_assert_msg(strstr(err.message, wrong[i].part), "%s", err.message);
    }
    hone_study_destroy(one);
    hone_study_destroy(two);
}
END_TEST

/* Of all limits the first that is reached ends the run. */
START_TEST(limits_are_combined)
{
    hone_study *study = open_study(NULL, "random", NULL);
    hone_budget budget = {.trials = 50, .patience = 40, .cost = 6, .cost_metric = "dollars", .seconds = 600};
    ck_assert_str_eq(optimize(study, dear, &budget), "cost");
    budget.trials = 5;
    budget.cost = 100;
    ck_assert_str_eq(optimize(study, dear, &budget), "trials");
    ck_assert_int_eq(finished(study), 5);
    hone_study_destroy(study);
}
END_TEST

/* Five seconds a step, up to where it pauses or ends. */
static hone_status five_seconds_a_step(hone_trial *trial, void *user)
{
    int64_t *steps = user;
    for (int64_t step = hone_trial_resume_step(trial) + 1; step <= 9; step++) {
        now_ns += INT64_C(5000000000);
        *steps += 1;
        if (hone_trial_report(trial, step, bowl(trial)))
            return hone_trial_prune(trial);
    }
    return hone_trial_set_value(trial, bowl(trial));
}

/* Also before a trial that paused goes on: 9 of a step, then 2 more for each of three, 6 more for one. */
START_TEST(limits_hold_between_rungs)
{
    static const struct {
        double seconds;
        int64_t steps;
    } cases[] = {{44, 9}, {45, 9}, {46, 11}, {56, 13}, {70, 15}, {75, 15}, {76, 21}};
    hn_clock_use(&fake);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        hone_study *study =
            open_study(NULL, "random", "{successive_halving: {max_resource: 9, n_candidates: 9}}");
        hone_budget budget = {.trials = 9, .cost = cases[i].seconds};
        int64_t steps = 0;
        const char *reason = NULL;
        hone_error err = {0};
        ck_assert_msg(!hone_study_optimize(study, five_seconds_a_step, &steps, &budget, &reason, &err), "%s",
                      err.message);
        ck_assert_msg(steps == cases[i].steps, "%g s: %lld steps", cases[i].seconds, (long long)steps);
        ck_assert_str_eq(reason, "cost");
        hone_study_destroy(study);
    }
    hn_clock_use(NULL);
}
END_TEST

Suite *suite_limits(void)
{
    Suite *suite = suite_create("limits");
    TCase *tests = tcase_create("limits");
    suite_add_tcase(suite, tests);
    tcase_add_test(tests, patience_counts_from_the_best_and_passes_failures_by);
    tcase_add_test(tests, patience_with_several_goals_counts_from_the_front);
    tcase_add_test(tests, cost_is_the_sum_of_what_trials_ran);
    tcase_add_test(tests, cost_is_the_sum_of_a_metric);
    tcase_add_test(tests, regret_ends_a_search_that_is_through);
    tcase_add_test(tests, regret_is_above_what_is_to_be_gained);
    tcase_add_test(tests, noise_comes_from_the_folds);
    tcase_add_test(tests, budgets_that_make_no_sense_are_refused);
    tcase_add_test(tests, limits_are_combined);
    tcase_add_test(tests, limits_hold_between_rungs);
    return suite;
}
