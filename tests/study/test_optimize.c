/* hone_study_optimize and define-by-run: objectives as C functions. */
#include <math.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "hone/hone.h"
#include "support.h"

static hone_study *open_study(const char *url, const hone_study_config *config)
{
    hone_study *study = NULL;
    hone_error err = {0};
    ck_assert_msg(!hone_study_open(url, "s", config, &study, &err), "%s", err.message);
    return study;
}

static hone_study_config by_run(const char *sampler, const char *pruner)
{
    hone_study_config config = HONE_STUDY_CONFIG_INIT;
    config.sampler = sampler;
    config.pruner = pruner;
    config.seed = 3;
    config.has_seed = true;
    return config;
}

static hone_status network(hone_trial *trial, void *user)
{
    static const char *const activations[] = {"relu", "tanh", "gelu"};
    (void)user;
    double lr = hone_trial_suggest_float(trial, "lr", 1e-5, 1e-1, HONE_LOG);
    int64_t layers = hone_trial_suggest_int(trial, "layers", 1, 3, 1);
    double loss = fabs(log10(lr) + 3);
    for (int64_t i = 0; i < layers; i++) {
        char name[16];
        snprintf(name, sizeof name, "units_%d", (int)i);
        loss += (double)hone_trial_suggest_int(trial, name, 32, 128, 32) * 0.001;
    }
    if (strcmp(hone_trial_suggest_categorical(trial, "activation", activations, 3), "gelu") != 0) {
        loss += 0.5;
    }
    return hone_trial_set_value(trial, loss);
}

START_TEST(loops_and_branches_are_searched)
{
    hone_study_config config = by_run("tpe", NULL);
    hone_study *study = open_study("memory:", &config);
    const char *reason = NULL;
    hone_budget budget = {.trials = 120};
    hone_error err = {0};
    ck_assert_msg(!hone_study_optimize(study, network, NULL, &budget, &reason, &err), "%s", err.message);
    ck_assert_str_eq(reason, "trials");
    int64_t *best;
    size_t count;
    ck_assert(!hone_study_best(study, 1, &best, &count, NULL));
    hone_trial_info *info;
    ck_assert(!hone_study_trial(study, best[0], &info, NULL));
    ck_assert_double_lt(info->values[0], 0.4); /* random search with this seed stays above */
    ck_assert_str_eq(info->params[0].name, "lr");
    hone_trial_info_free(info);
    hone_free(best);
    hone_study_destroy(study);
}
END_TEST

START_TEST(define_by_run_equals_the_declared_space_for_random)
{
    hone_study_config config = by_run("random", NULL);
    hone_study *study = open_study("memory:", &config);
    hone_budget budget = {.trials = 5};
    ck_assert(!hone_study_optimize(study, network, NULL, &budget, NULL, NULL));
    config.space = "{lr: {float: [1e-5, 1e-1], log: true}}";
    hone_study *declared = open_study("memory:", &config);
    for (int64_t i = 0; i < 5; i++) {
        hone_outcome outcome;
        hone_trial *trial;
        hone_value value;
        ck_assert(!hone_study_ask(declared, &outcome, &trial, NULL, NULL, NULL));
        ck_assert(!hone_trial_get(trial, "lr", &value, NULL));
        hone_trial_info *info;
        ck_assert(!hone_study_trial(study, i, &info, NULL));
        ck_assert_double_eq(info->params[0].value.as.real, value.as.real);
        hone_trial_info_free(info);
        hone_trial_free(trial);
    }
    hone_study_destroy(declared);
    hone_study_destroy(study);
}
END_TEST

static hone_status changes_its_mind(hone_trial *trial, void *user)
{
    (void)user;
    if (hone_trial_number(trial) == 0) {
        hone_trial_suggest_float(trial, "x", 0, 1, HONE_LINEAR);
    } else {
        int64_t x = hone_trial_suggest_int(trial, "x", 1, 5, 1);
        ck_assert_int_eq(x, 1);
        hone_error err;
        ck_assert_int_eq(hone_trial_status(trial, &err), HONE_INVALID);
        hn_assert_contains(err.message, "parameter 'x' was float");
    }
    return hone_trial_set_value(trial, 1);
}

START_TEST(a_misuse_sticks_and_fails_the_trial)
{
    hone_study_config config = by_run("random", NULL);
    hone_study *study = open_study("memory:", &config);
    hone_budget budget = {.trials = 2};
    ck_assert(!hone_study_optimize(study, changes_its_mind, NULL, &budget, NULL, NULL));
    hone_trial_info *info;
    ck_assert(!hone_study_trial(study, 1, &info, NULL));
    ck_assert_int_eq(info->state, HONE_FAILED);
    hn_assert_contains(info->message, "stay the same in a study");
    hone_trial_info_free(info);
    hone_study_destroy(study);
}
END_TEST

static hone_status suggests_nonsense(hone_trial *trial, void *user)
{
    (void)user;
    ck_assert_double_eq(hone_trial_suggest_float(trial, "x", 2, 1, HONE_LINEAR), 2);
    ck_assert_double_eq(hone_trial_suggest_float(trial, "y", 0, 1, HONE_LOG), 0);
    ck_assert_str_eq(hone_trial_suggest_categorical(trial, "z", NULL, 0), "");
    return hone_trial_set_value(trial, 1);
}

START_TEST(failures_in_a_row_stop_the_run_with_the_last_reason)
{
    hone_study_config config = by_run("random", NULL);
    hone_study *study = open_study("memory:", &config);
    hone_budget budget = {.trials = 100};
    const char *reason;
    hone_error err;
    ck_assert_int_eq(hone_study_optimize(study, suggests_nonsense, NULL, &budget, &reason, &err),
                     HONE_OBJECTIVE);
    ck_assert_str_eq(reason, "failures");
    hn_assert_contains(err.message, "3 trials failed in a row");
    hn_assert_contains(err.message, "x");
    ck_assert_int_eq(hone_study_state_count(study, HONE_FAILED), 3);
    hone_study_destroy(study);
}
END_TEST

static hone_status slow_learner(hone_trial *trial, void *user)
{
    atomic_int *steps = user;
    double x = hone_trial_suggest_float(trial, "x", 0, 1, HONE_LINEAR);
    for (int epoch = 0; epoch < 20; epoch++) {
        atomic_fetch_add(steps, 1);
        if (hone_trial_report(trial, epoch, x + 1.0 / (epoch + 1))) {
            ck_assert(hone_trial_should_prune(trial));
            return hone_trial_prune(trial);
        }
    }
    return hone_trial_set_value(trial, x);
}

START_TEST(the_median_pruner_saves_training)
{
    hone_study_config config = by_run("random", "median");
    hone_study *study = open_study("memory:", &config);
    atomic_int steps = 0;
    hone_budget budget = {.trials = 40};
    ck_assert(!hone_study_optimize(study, slow_learner, &steps, &budget, NULL, NULL));
    int64_t pruned = hone_study_state_count(study, HONE_PRUNED);
    ck_assert_int_gt(pruned, 10);
    ck_assert_int_lt(steps, 40 * 20 * 3 / 4);
    ck_assert_int_eq(pruned + hone_study_state_count(study, HONE_COMPLETE), 40);
    hone_study_destroy(study);
}
END_TEST

/* meet: how many must have been at work at once before the first is through. */
typedef struct counts {
    atomic_int inside, most, calls;
    int meet;
} counts;

static hone_status busy(hone_trial *trial, void *user)
{
    counts *tally = user;
    int inside = atomic_fetch_add(&tally->inside, 1) + 1;
    int most = atomic_load(&tally->most);
    while (inside > most && !atomic_compare_exchange_weak(&tally->most, &most, inside)) {
    }
    double x = hone_trial_suggest_float(trial, "x", 0, 1, HONE_LINEAR);
    while (atomic_load(&tally->most) < tally->meet) {
        sched_yield();
    }
    atomic_fetch_sub(&tally->inside, 1);
    return hone_trial_set_value(trial, x);
}

static bool count_calls(hone_study *study, const hone_trial *trial, hone_trial_state state, void *user)
{
    counts *tally = user;
    (void)study;
    (void)trial;
    ck_assert_int_eq(state, HONE_COMPLETE);
    return atomic_fetch_add(&tally->calls, 1) + 1 < 30;
}

START_TEST(threads_share_one_budget_and_a_callback_can_stop)
{
    hone_study_config config = by_run("random", NULL);
    hone_study *study = open_study("memory:", &config);
    counts tally = {.meet = 4};
    hone_budget budget = {.trials = 25, .workers = 4, .callback = count_calls, .callback_user = &tally};
    const char *reason;
    ck_assert(!hone_study_optimize(study, busy, &tally, &budget, &reason, NULL));
    ck_assert_str_eq(reason, "trials");
    ck_assert_int_eq(hone_study_trial_count(study), 25);
    ck_assert_int_eq(tally.most, 4);
    budget.trials = 0;
    ck_assert(!hone_study_optimize(study, busy, &tally, &budget, &reason, NULL));
    ck_assert_str_eq(reason, "callback");
    ck_assert_int_lt(hone_study_trial_count(study), 35);
    hone_study_destroy(study);
}
END_TEST

static hone_status quick(hone_trial *trial, void *user)
{
    (void)user;
    return hone_trial_set_value(trial, hone_trial_suggest_float(trial, "x", 0, 1, HONE_LINEAR));
}

START_TEST(the_total_is_met_exactly_whatever_the_workers)
{
    for (int round = 0; round < 60; round++) {
        hone_study_config config = by_run("random", NULL);
        hone_study *study = open_study("memory:", &config);
        hone_budget budget = {.trials = 20, .workers = 4};
        ck_assert(!hone_study_optimize(study, quick, NULL, &budget, NULL, NULL));
        ck_assert_int_eq(hone_study_state_count(study, HONE_COMPLETE), 20);
        hone_study_destroy(study);
    }
}
END_TEST

START_TEST(limits_end_a_run)
{
    hone_study_config config = by_run("random", NULL);
    hone_study *study = open_study("memory:", &config);
    counts tally = {0};
    const char *reason;
    hone_error err;
    hone_budget endless = {0};
    ck_assert_int_eq(hone_study_optimize(study, busy, &tally, &endless, &reason, &err), HONE_INVALID);
    hn_assert_contains(err.message, "would never end");
    hone_budget more = {.more_trials = 7};
    ck_assert(!hone_study_optimize(study, busy, &tally, &more, &reason, NULL));
    ck_assert(!hone_study_optimize(study, busy, &tally, &more, &reason, NULL));
    ck_assert_int_eq(hone_study_trial_count(study), 14);
    hone_budget total = {.trials = 14};
    ck_assert(!hone_study_optimize(study, busy, &tally, &total, &reason, NULL));
    ck_assert_int_eq(hone_study_trial_count(study), 14);
    hone_budget brief = {.seconds = 0.05};
    ck_assert(!hone_study_optimize(study, busy, &tally, &brief, &reason, NULL));
    ck_assert_str_eq(reason, "seconds");
    hone_budget target = {.trials = 100000, .has_target = true, .target = 0.2};
    ck_assert(!hone_study_optimize(study, busy, &tally, &target, &reason, NULL));
    ck_assert_str_eq(reason, "target");
    hone_study_destroy(study);
}
END_TEST

static hone_status from_grid(hone_trial *trial, void *user)
{
    (void)user;
    hone_value a;
    ck_assert(!hone_trial_get(trial, "a", &a, NULL));
    return hone_trial_set_value(trial, (double)a.as.integer);
}

START_TEST(a_finite_search_ends_by_itself)
{
    hone_study_config config = by_run("grid", NULL);
    config.space = "{a: {int: [1, 4]}, b: {choice: [x, y]}}";
    hone_study *study = open_study("memory:", &config);
    hone_budget budget = {.workers = 3};
    const char *reason;
    hone_error err = {0};
    ck_assert_msg(!hone_study_optimize(study, from_grid, NULL, &budget, &reason, &err), "%s", err.message);
    ck_assert_str_eq(reason, "exhausted");
    ck_assert_int_eq(hone_study_state_count(study, HONE_COMPLETE), 8);
    hone_study_destroy(study);
}
END_TEST

static hone_status small_tree(hone_trial *trial, void *user)
{
    static const char *const kinds[] = {"linear", "tree"};
    (void)user;
    double value = 0;
    if (!strcmp(hone_trial_suggest_categorical(trial, "kind", kinds, 2), "tree")) {
        value = (double)hone_trial_suggest_int(trial, "depth", 1, 3, 1);
    }
    return hone_trial_set_value(trial, value);
}

START_TEST(brute_force_ends_when_every_branch_is_seen)
{
    hone_study_config config = by_run("brute_force", NULL);
    hone_study *study = open_study("memory:", &config);
    hone_budget budget = {.workers = 2};
    const char *reason;
    hone_error err = {0};
    ck_assert_msg(!hone_study_optimize(study, small_tree, NULL, &budget, &reason, &err), "%s", err.message);
    ck_assert_str_eq(reason, "exhausted");
    ck_assert_int_ge(hone_study_state_count(study, HONE_COMPLETE), 4);
    ck_assert_int_le(hone_study_state_count(study, HONE_COMPLETE), 5);
    hone_study_destroy(study);
}
END_TEST

Suite *suite_optimize(void)
{
    Suite *suite = suite_create("optimize");
    TCase *by_run_case = tcase_create("define_by_run");
    tcase_add_test(by_run_case, loops_and_branches_are_searched);
    tcase_add_test(by_run_case, define_by_run_equals_the_declared_space_for_random);
    tcase_add_test(by_run_case, a_misuse_sticks_and_fails_the_trial);
    tcase_add_test(by_run_case, failures_in_a_row_stop_the_run_with_the_last_reason);
    suite_add_tcase(suite, by_run_case);
    TCase *running = tcase_create("running");
    tcase_add_test(running, the_median_pruner_saves_training);
    tcase_add_test(running, threads_share_one_budget_and_a_callback_can_stop);
    tcase_add_test(running, the_total_is_met_exactly_whatever_the_workers);
    tcase_add_test(running, limits_end_a_run);
    tcase_add_test(running, a_finite_search_ends_by_itself);
    tcase_add_test(running, brute_force_ends_when_every_branch_is_seen);
    suite_add_tcase(suite, running);
    return suite;
}
