/* PASHA in simulated time: how far it goes when the order of the trials is settled early, and when it is not;
 * what it saves beside asha. */
#include <math.h>

#include "simulation.h"
#include "support.h"

enum { TRIALS = 81, LAST_STEP = 81, RUNGS = 4 };

static const int64_t resources[RUNGS] = {2, 6, 21, 81}; /* by 4 */

static double place_of(int64_t number)
{
    return (double)(number * 37 % TRIALS);
}

/* A trial's place among all, the same at each step. */
static double settled(const simulation *sim, int64_t number, int64_t step)
{
    (void)sim;
    return place_of(number) + 1 / (double)step;
}

/* The order turns after step 4, once. */
static double reversed(const simulation *sim, int64_t number, int64_t step)
{
    (void)sim;
    return place_of(number) * (step > 4 ? -1 : 1);
}

/* The same but for the best two, who change places between the first two rungs. */
static double swapped(int64_t number, bool turned)
{
    double place = place_of(number);
    return place > 1 ? place + 1 : place > 0 ? (turned ? 0 : 0.5) : (turned ? 1 : 0);
}

static double swapping_once(const simulation *sim, int64_t number, int64_t step)
{
    (void)sim;
    return swapped(number, step > 3);
}

static double swapping_often(const simulation *sim, int64_t number, int64_t step)
{
    (void)sim;
    return swapped(number, step == 4 || step > 5);
}

static simulation run(const char *pruner, double (*loss)(const simulation *sim, int64_t number, int64_t step))
{
    simulation sim = {.pruner = pruner,
                      .last_step = LAST_STEP,
                      .n_workers = 4,
                      .most_trials = TRIALS,
                      .horizon = INFINITY,
                      .seed = 1,
                      .checks_memory = true,
                      .loss = loss};
    return sim;
}

/* Trials that came to each rung. */
static void count(const simulation *sim, int64_t n[RUNGS])
{
    const hn_trial_report *reports;
    for (size_t r = 0; r < RUNGS; r++) {
        n[r] = 0;
        for (int64_t i = 0; i < sim->n_trials; i++) {
            size_t k = hn_history_reports(sim->history, i, &reports);
            n[r] += k > 0 && reports[k - 1].step >= resources[r];
        }
    }
}

/* Beyond the second rung there is only the one that goes on to the end. */
START_TEST(goes_no_further_than_it_must)
{
    simulation pasha = run("pasha:max_resource=81,factor=4", settled),
               asha = run("asha:max_resource=81,factor=4", settled);
    int64_t n[RUNGS], best;
    sim_run(&pasha);
    sim_run(&asha);
    count(&pasha, n);
    ck_assert_int_eq(n[0], TRIALS);
    ck_assert_int_ge(n[1], TRIALS / 4);
    ck_assert_int_eq(n[2], 1);
    ck_assert_int_eq(n[3], 1);
    ck_assert_uint_eq(hn_history_state_count(pasha.history, HONE_COMPLETE), 1);
    ck_assert_uint_eq(hn_history_best(pasha.history, 1, &best), 1);
    ck_assert_int_eq(best, 0);
    ck_assert_int_eq(pasha.n_steps, n[0] * 2 + n[1] * 4 + 15 + 60);
    ck_assert_int_gt(asha.n_steps, pasha.n_steps);
    sim_release(&pasha);
    sim_release(&asha);
}
END_TEST

START_TEST(goes_on_while_the_order_changes)
{
    simulation all = run("pasha:max_resource=81,factor=4", reversed),
               two = run("pasha:max_resource=81,factor=4", swapping_once);
    int64_t n[RUNGS];
    sim_run(&all);
    count(&all, n);
    ck_assert_int_ge(n[2], 2);
    ck_assert_int_eq(n[3], 1); /* from the second rung on it is settled */
    sim_run(&two);
    count(&two, n);
    ck_assert_int_ge(n[2], 2);
    sim_release(&all);
    sim_release(&two);
}
END_TEST

/* Who cross twice on the way are as good as each other. */
START_TEST(noise_is_no_change_of_the_order)
{
    simulation sim = run("pasha:max_resource=81,factor=4", swapping_often);
    int64_t n[RUNGS];
    sim_run(&sim);
    count(&sim, n);
    ck_assert_int_ge(n[1], TRIALS / 4);
    ck_assert_int_eq(n[2], 1);
    sim_release(&sim);
}
END_TEST

Suite *suite_pasha(void)
{
    Suite *suite = suite_create("pasha");
    TCase *all = tcase_create("in simulated time");
    tcase_add_test(all, goes_no_further_than_it_must);
    tcase_add_test(all, goes_on_while_the_order_changes);
    tcase_add_test(all, noise_is_no_change_of_the_order);
    suite_add_tcase(suite, all);
    return suite;
}
