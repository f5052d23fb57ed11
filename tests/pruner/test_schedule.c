/* Schedulers that pause and resume: brackets against Keras Tuner's, promotions by hand, workers in simulated
 * time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "pruner/rung_table.h"
#include "refusal.h"
#include "simulation.h"
#include "support.h"

/* --- brackets --- */

static int64_t integer_of(const char *word)
{
    int64_t value = 0;
    ck_assert_msg(word && hn_parse_int(word, strlen(word), &value), "%s",
                  word ? word : "a line is cut short");
    return value;
}

static void check_brackets(char *line)
{
    char *rest, *word = strtok_r(line, " ", &rest);
    int64_t most = integer_of(word), factor = integer_of(strtok_r(NULL, " ", &rest));
    hn_schedule schedule;
    hn_schedule_of_hyperband(1, most, factor, &schedule);
    for (size_t b = 0; b < schedule.n_brackets; b++) {
        size_t first = schedule.brackets[b].first;
        int64_t candidates = schedule.brackets[b].candidates;
        ck_assert_int_eq(schedule.n_rungs - first, integer_of(strtok_r(NULL, " ", &rest)));
        for (size_t r = first; r < schedule.n_rungs; r++) {
            ck_assert_int_eq(schedule.rungs[r].resource, integer_of(strtok_r(NULL, " ", &rest)));
            ck_assert_int_eq(candidates, integer_of(strtok_r(NULL, " ", &rest)));
            candidates = hn_schedule_kept(&schedule, r, candidates);
        }
    }
    ck_assert_ptr_null(strtok_r(NULL, " ", &rest));
}

START_TEST(brackets_are_keras_tuners)
{
    char *path = hn_test_source("tests/oracle/hyperband_values.txt"), *text = hn_test_read(path), *rest;
    size_t checked = 0;
    for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        if (*line != '#') {
            check_brackets(line);
            checked++;
        }
    }
    ck_assert_uint_ge(checked, 100);
    free(text);
    free(path);
}
END_TEST

START_TEST(a_higher_minimum_leaves_the_lowest_rungs_out)
{
    hn_schedule schedule;
    hn_schedule_of_hyperband(4, 81, 3, &schedule);
    ck_assert_uint_eq(schedule.n_rungs, 3); /* 9, 27, 81: 3 is too little */
    ck_assert_int_eq(schedule.rungs[0].resource, 9);
    ck_assert_int_eq(schedule.brackets[0].candidates, 12); /* 1 + ceil(log 20.25) = 4; 4 / 3 * 9 */
    ck_assert_int_eq(schedule.brackets[2].candidates, 4);
    hn_schedule_of_hyperband(81, 81, 3, &schedule);
    ck_assert_uint_eq(schedule.n_rungs, 1);
    hn_schedule_of_hyperband(1, 1000000000000000, 2, &schedule);
    ck_assert_uint_eq(schedule.n_rungs, 50);
}
END_TEST

/* Trials are dealt to the brackets in proportion to their candidates, also a few of them. */
START_TEST(brackets_have_their_shares)
{
    hn_schedule schedule;
    hn_schedule_of_hyperband(1, 81, 3, &schedule); /* 81, 34, 15, 8, 5 of 143 */
    for (int64_t from = 0; from < 3000; from += 1000) {
        int64_t n[5] = {0};
        for (int64_t i = from; i < from + 143; i++) {
            n[hn_schedule_bracket_of(&schedule, i)]++;
        }
        for (size_t b = 0; b < 5; b++) {
            ck_assert_int_le(llabs(n[b] - schedule.brackets[b].candidates), 4);
        }
    }
}
END_TEST

/* --- promotions --- */

static const double scripted[] = {5, 9, 1, 7, 3, 8, 6, 2, 4};

static double scripted_loss(const simulation *sim, int64_t number, int64_t step)
{
    (void)sim;
    return scripted[number % 9] + 1 / (double)step;
}

static int64_t last_step(const simulation *sim, int64_t number)
{
    const hn_trial_report *reports;
    size_t n = hn_history_reports(sim->history, number, &reports);
    return n > 0 ? reports[n - 1].step : 0;
}

/* One worker: a third trial on a rung lets the best of three go on at once. */
START_TEST(the_best_third_goes_on)
{
    simulation sim = {.pruner = "asha:max_resource=9,factor=3",
                      .last_step = 9,
                      .n_workers = 1,
                      .most_trials = 9,
                      .horizon = INFINITY,
                      .checks_memory = true,
                      .loss = scripted_loss};
    static const int64_t steps[] = {1, 1, 9, 1, 3, 1, 1, 3, 1};
    sim_run(&sim);
    for (int64_t i = 0; i < 9; i++) {
        ck_assert_int_eq(last_step(&sim, i), steps[i]);
        ck_assert_int_eq(hn_history_state(sim.history, i), i == 2 ? HONE_COMPLETE : HONE_PRUNED);
    }
    ck_assert_int_eq(sim.n_steps, 6 * 1 + 2 * 3 + 9); /* no step was made twice */
    ck_assert_int_eq(sim.n_resumed, 4);
    sim_release(&sim);
}
END_TEST

/* Too few for a promotion: the best one goes on to the end all the same. */
START_TEST(a_few_trials_have_one_that_ends)
{
    simulation sim = {.pruner = "asha:max_resource=16",
                      .last_step = 16,
                      .n_workers = 2,
                      .most_trials = 3,
                      .horizon = INFINITY,
                      .checks_memory = true,
                      .loss = scripted_loss};
    sim_run(&sim);
    ck_assert_int_eq(hn_history_state(sim.history, 2), HONE_COMPLETE);
    ck_assert_uint_eq(hn_history_state_count(sim.history, HONE_PRUNED), 2);
    ck_assert_int_eq(sim.n_steps, 18);
    sim_release(&sim);
}
END_TEST

START_TEST(options_move_the_first_rung)
{
    simulation sim = {.pruner = "asha:max_resource=64,min_early_stopping_rate=2,bootstrap_count=5",
                      .last_step = 64,
                      .n_workers = 1,
                      .most_trials = 5,
                      .horizon = INFINITY,
                      .loss = scripted_loss};
    sim_run(&sim);
    ck_assert_int_eq(sim.budgets[0], 16); /* 1, 4, 16, 64 */
    ck_assert_int_eq(sim.n_steps, 5 * 16 + 48);
    sim_release(&sim);
}
END_TEST

/* --- workers in simulated time --- */

static const char *const variants[] = {"asha:max_resource=81,factor=3", "hyperband:max_resource=81",
                                       "hyperband:max_resource=81,variant=synchronous",
                                       "successive_halving:max_resource=81,n_candidates=81"};

/* Nothing is lost and nothing done twice, whatever happens to workers; every decision follows from the
 * history. */
START_TEST(schedules_survive_their_workers)
{
    simulation sim = {.pruner = variants[_i],
                      .last_step = 81,
                      .n_workers = 4,
                      .most_trials = 150,
                      .horizon = INFINITY,
                      .seed = (uint64_t)_i,
                      .kill_rate = 0.02,
                      .fail_rate = 0.003,
                      .checks_memory = true};
    sim_run(&sim);
    ck_assert_uint_eq(hn_history_state_count(sim.history, HONE_RUNNING), 0);
    ck_assert_uint_gt(hn_history_state_count(sim.history, HONE_COMPLETE), 0);
    ck_assert_uint_gt(hn_history_state_count(sim.history, HONE_FAILED), 0);
    int64_t steps = 0;
    for (int64_t i = 0; i < sim.n_trials; i++) {
        steps += last_step(&sim, i) + (hn_history_state(sim.history, i) == HONE_FAILED);
    }
    ck_assert_int_eq(sim.n_steps, steps);
    ck_assert_int_eq(sim.n_trials, 150);
    sim_release(&sim);
}
END_TEST

/* Durations without a variance, 8 workers: nobody waits under the asynchronous ones. */
START_TEST(nobody_waits)
{
    simulation sim = {.pruner = variants[_i],
                      .last_step = 81,
                      .n_workers = 8,
                      .most_trials = SIM_TRIALS,
                      .horizon = 2500,
                      .seed = 7};
    sim_run(&sim);
    double idle = sim.idle / (8 * sim.time);
    ck_assert_uint_gt(hn_history_state_count(sim.history, HONE_COMPLETE), 2);
    ck_assert_double_gt(sim.time, 1000);
    printf("%s: %lld trials, idle %.2f %%\n", sim.pruner, (long long)sim.n_trials, 100 * idle);
    if (_i < 2) {
        ck_assert_double_le(idle, 0.02);
    } else {
        ck_assert_double_gt(idle, 0.1); /* what it costs to wait, or nothing was measured */
    }
    sim_release(&sim);
}
END_TEST

/* Each rung has at most a third of the one below; of its own bracket, in order of merit. */
START_TEST(rungs_narrow)
{
    simulation sim = {.pruner = variants[_i],
                      .last_step = 81,
                      .n_workers = 8,
                      .most_trials = SIM_TRIALS,
                      .horizon = 4000,
                      .seed = 3};
    hn_schedule schedule;
    sim_run(&sim);
    hn_schedule_of_hyperband(1, 81, 3, &schedule);
    schedule.n_brackets = _i == 0 ? 1 : 5;
    int64_t on[5][5] = {{0}};
    for (int64_t i = 0; i < sim.n_trials; i++) {
        size_t b = hn_schedule_bracket_of(&schedule, i);
        ck_assert_int_eq(sim.budgets[i], schedule.rungs[schedule.brackets[b].first].resource);
        for (size_t r = schedule.brackets[b].first; r < 5; r++) {
            on[b][r] += last_step(&sim, i) >= schedule.rungs[r].resource;
        }
    }
    for (size_t b = 0; b < schedule.n_brackets; b++) {
        for (size_t r = schedule.brackets[b].first + 1; r < 5; r++) {
            /* a place may be lost to a later one */
            ck_assert_double_le((double)on[b][r], (double)on[b][r - 1] / 3 * 1.1 + 3);
            ck_assert(on[b][r - 1] < 30 || on[b][r] > 0);
        }
    }
    sim_release(&sim);
}
END_TEST

/* --- the samplers' data --- */

static size_t estimates_of(const simulation *sim, hn_estimate *items, size_t capacity)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_estimates estimates;
    hn_pruner *pruner = sim_pruner(sim->pruner);
    ck_assert_int_eq(hn_pruner_estimate(pruner, &sim->context, &arena, &estimates, NULL), HONE_OK);
    ck_assert_uint_le(estimates.n, capacity);
    if (estimates.n > 0) {
        memcpy(items, estimates.items, estimates.n * sizeof *items);
    }
    hn_arena_release(&arena);
    hn_pruner_destroy(pruner);
    return estimates.n;
}

static double with_bad_ones(const simulation *sim, int64_t number, int64_t step)
{
    return number % 7 == 3 ? NAN : number % 7 == 5 ? INFINITY : scripted_loss(sim, number, step);
}

/* The highest rung that ten trials have come to, by what they reported there. */
START_TEST(samplers_see_the_highest_rung_of_enough)
{
    static const int64_t trials[] = {0, 8, 40, 150};
    simulation sim = {.pruner = "asha:max_resource=9,factor=3",
                      .last_step = 9,
                      .n_workers = 1,
                      .most_trials = trials[_i],
                      .horizon = INFINITY,
                      .loss = with_bad_ones};
    hn_estimate items[SIM_TRIALS];
    sim_run(&sim);
    size_t n = estimates_of(&sim, items, SIM_TRIALS), k = 0;
    int64_t resource = 9;
    for (size_t there = 0; there < 10 && resource > 1; resource = there < 10 ? resource / 3 : resource) {
        there = 0;
        for (int64_t i = 0; i < sim.n_trials; i++) {
            there += last_step(&sim, i) >= resource;
        }
    }
    double worst = 0;
    for (int64_t i = 0; i < sim.n_trials; i++) {
        double loss = with_bad_ones(&sim, i, resource);
        worst = last_step(&sim, i) >= resource && isfinite(loss) ? fmax(worst, loss) : worst;
    }
    for (int64_t i = 0; i < sim.n_trials; i++) {
        if (last_step(&sim, i) >= resource) {
            double loss = with_bad_ones(&sim, i, resource);
            ck_assert_int_eq(items[k].number, i);
            ck_assert_double_eq(items[k].loss, isfinite(loss) ? loss : worst);
            k++;
        }
    }
    ck_assert_uint_eq(n, k);
    ck_assert_int_eq(resource, _i < 2 ? 1 : _i == 2 ? 3 : 9);
    sim_release(&sim);
}
END_TEST

/* Who reports only where a budget ends is on the rung of that budget and on none below; the rung on which a
 * trial of some budget begins is named. */
START_TEST(rungs_hold_who_was_trained_so_long)
{
    static const int64_t steps[][3] = {{1}, {3}, {9}, {1, 3}, {1, 2, 3}, {2, 9}, {4}, {1, 3, 9}};
    static const int64_t expected[3][8] = {{0, 3, 4, 5, 7, -1}, {1, 3, 4, 6, 7, -1}, {2, 5, 7, -1}};
    hone_direction direction = HONE_MAXIMIZE;
    hn_history *history;
    hn_arena arena = HN_ARENA_INIT;
    hn_pruner *pruner = sim_pruner("hyperband:max_resource=9");
    ck_assert(!hn_history_create(&direction, 1, &history, NULL));
    for (int64_t i = 0; i < 8; i++) {
        hn_trial_record record = {.number = i, .state = HONE_RUNNING, .noise = NAN};
        ck_assert(!hn_history_put(history, &record, NULL));
        for (int k = 0; k < 3 && steps[i][k] > 0; k++)
            ck_assert(!hn_history_add_report(history, i, steps[i][k], (double)steps[i][k], NULL));
    }
    static const int64_t budgets[] = {0, 1, 3, 9, 100};
    static const size_t first[] = {0, 0, 1, 2, 2};
    for (size_t b = 0; b < 5; b++) {
        hn_prune_context context = {.history = history, .study_name = "s", .budget = budgets[b]};
        hn_estimates estimates;
        ck_assert(!hn_pruner_estimate(pruner, &context, &arena, &estimates, NULL));
        ck_assert_uint_eq(estimates.n_rungs, 3);
        ck_assert_uint_eq(estimates.first, first[b]);
        for (size_t r = 0; r < 3; r++) {
            const hn_estimate_rung *rung = &estimates.rungs[r];
            for (size_t i = 0; i < rung->n; i++) {
                ck_assert_int_eq(rung->items[i].number, expected[r][i]);
                ck_assert_double_le(rung->items[i].loss, r == 0 ? -1 : r == 1 ? -3 : -9);
            }
            ck_assert_int_eq(expected[r][rung->n], -1);
            ck_assert_uint_eq(rung->kept, r == 2 ? rung->n : (rung->n + 2) / 3);
        }
    }
    hn_pruner_destroy(pruner);
    hn_history_destroy(history);
    hn_arena_release(&arena);
}
END_TEST

/* --- bad options --- */

START_TEST(bad_options_are_refused)
{
    static const char *const bad[][2] = {
        {"asha", "max_resource, the last step of a whole trial, is needed; only variant stop"},
        {"hyperband", "max_resource, the last step of a whole trial, is needed; only variant stop"},
        {"hyperband:max_resource=5,min_resource=9", "min_resource 9 is more than max_resource 5"},
        {"asha:max_resource=5,factor=1", "factor"},
        {"bohb", "the method of that name is sampler: bohb with pruner: hyperband"},
        {"dehb", "the method of that name is sampler: de with pruner: hyperband"},
        {"asha:max_resource=0", "max_resource"},
        {"asha:max_resource=9,min_early_stopping_rate=2", "leaves out all 2 rungs below max_resource"},
        {"hyperband:max_resource=9,variant=synchronous,bootstrap_count=3",
         "bootstrap_count is not of variant"},
    };
    expect_refusals(bad, sizeof bad / sizeof *bad);
}
END_TEST

Suite *suite_schedule(void)
{
    Suite *suite = suite_create("schedule");
    TCase *cases = tcase_create("schedule");
    tcase_add_test(cases, brackets_are_keras_tuners);
    tcase_add_test(cases, a_higher_minimum_leaves_the_lowest_rungs_out);
    tcase_add_test(cases, brackets_have_their_shares);
    tcase_add_test(cases, the_best_third_goes_on);
    tcase_add_test(cases, a_few_trials_have_one_that_ends);
    tcase_add_test(cases, options_move_the_first_rung);
    tcase_add_loop_test(cases, schedules_survive_their_workers, 0, 4);
    tcase_add_loop_test(cases, nobody_waits, 0, 4);
    tcase_add_loop_test(cases, rungs_narrow, 0, 2);
    tcase_add_loop_test(cases, samplers_see_the_highest_rung_of_enough, 0, 4);
    tcase_add_test(cases, rungs_hold_who_was_trained_so_long);
    tcase_add_test(cases, bad_options_are_refused);
    suite_add_tcase(suite, cases);
    return suite;
}
