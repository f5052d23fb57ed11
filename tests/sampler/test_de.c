/* Differential evolution over studies. */
#include <stdio.h>

#include "fixture.h"
#include "sampler/earlier.h"

static const char *const mixed =
    "{x: {float: [-5, 5]}, lr: {float: [1e-5, 1], log: true}, n: {int: [0, 30]}, "
    "k: {choice: [a, b, c, d]}, o: {ordinal: [1, 2, 4, 8]}, one: {int: [5, 5]}}";

static double mixture(const fixture *f, const hn_point *p)
{
    double x = fixture_value(f, p, "x") - 2, lr = log10(fixture_value(f, p, "lr")) + 3,
           n = fixture_value(f, p, "n") - 21, o = fixture_value(f, p, "o") - 2;
    return x * x + lr * lr + n * n / 30 + o * o + (fixture_value(f, p, "k") != 3);
}

/* In rounds of `workers` trials that are asked together and told backwards, every seventh failing. */
static double minimise(fixture *f, int trials, size_t workers)
{
    double best = INFINITY;
    for (int64_t number = 0; number < trials; number += (int64_t)workers) {
        size_t count;
        hn_point *points = fixture_propose(f, NULL, workers, &count);
        for (size_t k = 0; k < workers; k++)
            fixture_put_at(f, number + (int64_t)k, &points[k], HONE_RUNNING, 0, 0);
        for (size_t k = workers; k-- > 0;) {
            bool failed = (number + (int64_t)k) % 7 == 6;
            double value = mixture(f, &points[k]);
            fixture_put_at(f, number + (int64_t)k, &points[k], failed ? HONE_FAILED : HONE_COMPLETE, value,
                           number + (int64_t)(workers - k));
            best = failed ? best : fmin(best, value);
        }
    }
    return best;
}

START_TEST(finds_the_bottom)
{
    static const char *const samplers[] = {"de",
                                           "de:strategy=rand1exp,CR=0.9",
                                           "de:strategy=best1bin,popsize=20",
                                           "de:strategy=best1exp,popsize=20",
                                           "de:strategy=currenttobest1bin,popsize=15",
                                           "de:strategy=currenttobest1exp,popsize=15,CR=0.8,F=0.6"};
    for (int workers = 1; workers <= 8; workers += 7) {
        fixture f = fixture_make(mixed, NULL, samplers[_i]);
        double best = minimise(&f, 1600, (size_t)workers);
        ck_assert_msg(best < 0.1, "%s, %d workers: %g", samplers[_i], workers, best);
        fixture_release(&f);
    }
}
END_TEST

/* Which trials have finished decides, not in which order nor when the sampler looked. */
START_TEST(the_order_does_not_matter)
{
    fixture f = fixture_make(mixed, NULL, "de:popsize=6"), g = fixture_make(mixed, NULL, "de:popsize=6");
    size_t count;
    for (int64_t number = 0; number < 60; number++) {
        hn_point *point = fixture_propose(&f, NULL, 1, &count);
        fixture_put_at(&f, number, point, HONE_COMPLETE, mixture(&f, point), number + 1);
    }
    for (int64_t number = 59; number >= 0; number--) {
        hn_point point = hn_point_new(&g.arena, f.space->count);
        for (size_t i = 0; i < f.space->count; i++) {
            size_t column = hn_history_find_column(f.history, f.space->parameters[i].name);
            point.values[i] = hn_history_cell(f.history, number, column);
            point.active[i] = true;
        }
        fixture_put_at(&g, number, &point, HONE_COMPLETE, mixture(&g, &point), 1000 - number);
    }
    hn_point *a = fixture_propose(&f, NULL, 20, &count), *b = fixture_propose(&g, NULL, 20, &count);
    for (size_t k = 0; k < 20; k++)
        ck_assert_mem_eq(a[k].values, b[k].values, f.space->count * sizeof(double));
    fixture_release(&f);
    fixture_release(&g);
}
END_TEST

/* A mutant by hand: three places, of which the last two and the parent are told; without crossover only one
 * gene of the parent changes, with F = 0 it becomes the base's. */
START_TEST(mutants_are_made_of_members)
{
    fixture f = fixture_make("{x: {float: [0, 1]}, y: {float: [0, 1]}}", NULL, "de:popsize=4,CR=0,F=0");
    static const double members[4][2] = {{0.1, 0.2}, {0.3, 0.4}, {0.5, 0.6}, {0.7, 0.8}};
    hn_point point = hn_point_new(&f.arena, 2);
    size_t count;
    for (int64_t number = 0; number < 4; number++) {
        for (size_t i = 0; i < 2; i++) {
            point.values[i] = members[number][i];
            point.active[i] = true;
        }
        fixture_put_at(&f, number, &point, HONE_COMPLETE, 1, number + 1);
    }
    hn_point *points = fixture_propose(&f, NULL, 40, &count);
    for (size_t k = 0; k < 40; k++) {
        const double *own = members[k % 4];
        bool changed[2], known = false;
        for (size_t i = 0; i < 2; i++)
            changed[i] = fabs(points[k].values[i] - own[i]) > 1e-12;
        ck_assert_int_eq(changed[0] + changed[1], 1);
        for (size_t m = 0; m < 4; m++)
            known = known || fabs(points[k].values[changed[1]] - members[m][changed[1]]) < 1e-12;
        ck_assert(known);
    }
    fixture_release(&f);
}
END_TEST

/* The later of two equals takes the place; a worse one and a failed one do not. */
START_TEST(places_hold_the_best)
{
    fixture f = fixture_make("{x: {float: [0, 1]}}", NULL, "de:popsize=4,CR=0,F=0,strategy=best1bin");
    static const struct {
        double x, value;
        hone_trial_state state;
    } trials[] = {{0.1, 5, HONE_COMPLETE}, {0.2, 6, HONE_COMPLETE}, {0.3, 7, HONE_COMPLETE},
                  {0.4, 8, HONE_COMPLETE}, {0.5, 5, HONE_COMPLETE}, {0.6, 9, HONE_COMPLETE},
                  {0.7, 0, HONE_FAILED}};
    for (size_t k = 0; k < 7; k++) {
        hn_point point = hn_point_new(&f.arena, 1);
        point.values[0] = trials[k].x;
        point.active[0] = true;
        fixture_put_at(&f, (int64_t)k, &point, trials[k].state, trials[k].value, (int64_t)k + 1);
    }
    size_t count;
    hn_point *points = fixture_propose(&f, NULL, 12, &count);
    for (size_t k = 0; k < 12; k++) /* the only gene is the mutant's: that of the best member */
        hn_assert_absolute(points[k].values[0], 0.5, 1e-12);
    fixture_release(&f);
}
END_TEST

/* Known values of an earlier study's points come first, the rest of them from the sequence. */
START_TEST(earlier_studies_give_members)
{
    fixture f = fixture_make("{x: {float: [0, 1]}, k: {choice: [a, b, c]}}", NULL, "de");
    double values[] = {0.25, 2, 0.75, NAN};
    hn_earlier_study study = {2, values};
    const hn_earlier earlier = {1, &study};
    hn_point points[3] = {hn_point_new(&f.arena, 2), hn_point_new(&f.arena, 2), hn_point_new(&f.arena, 2)};
    size_t count;
    hn_point *plain = fixture_propose(&f, NULL, 3, &count);
    hn_ask ask = fixture_ask(&f);
    ask.earlier = &earlier;
    ck_assert_int_eq(hn_sampler_propose(f.sampler, &ask, NULL, 3, points, &count, NULL), HONE_OK);
    ck_assert(points[0].values[0] == 0.25 && points[0].values[1] == 2);
    ck_assert(points[1].values[0] == 0.75 && points[1].values[1] == plain[1].values[1]);
    ck_assert_mem_eq(points[2].values, plain[2].values, 2 * sizeof(double));
    fixture_release(&f);
}
END_TEST

/* Constants, one parameter, conditions, equal values: what is proposed is allowed, which the fixture checks.
 */
START_TEST(odd_spaces)
{
    static const char *const spaces[] = {
        "{one: {int: [3, 3]}}", "{x: {float: [0, 1]}}", "{k: {choice: [a, b]}}",
        "{k: {choice: [a, b]}, m: {float: [0, 1], when: k == b}, j: {int: [0, 4], when: m > 0.5}}"};
    for (size_t s = 0; s < 4; s++) {
        fixture f = fixture_make(spaces[s], NULL, "de:popsize=5");
        for (int k = 0; k < 60; k++) {
            hn_point point;
            fixture_step(&f, &point);
        }
        fixture_release(&f);
    }
}
END_TEST

/* --- rungs --- */

enum { LOW = 12, HIGH = 3 };

/* Twelve trials at x = number / 20 on the lower rung, their losses falling and so the last ones best, of
 * which the worst three came to the upper one. */
static void put_rungs(fixture *f, hn_estimate *low, hn_estimate *high)
{
    for (int64_t i = 0; i < LOW; i++) {
        hn_point point = hn_point_new(&f->arena, 2);
        point.values[0] = (double)i / 20;
        point.values[1] = 0.9 - (double)i / 20;
        point.active[0] = point.active[1] = true;
        fixture_put_at(f, i, &point, HONE_RUNNING, 0, 0);
        low[i] = (hn_estimate){.number = i, .loss = (double)(LOW - i)};
    }
    for (int64_t i = 0; i < HIGH; i++)
        high[i] = (hn_estimate){.number = i, .loss = (double)(i + 1)};
}

static int64_t trial_at(double x)
{
    return llround(20 * x);
}

/* Without crossover and differences a trial is a member of the rung above with one gene of a parent, and with
 * all genes crossed a parent itself: the best of the rung below, whatever stands above them. Trials that
 * begin on the lowest rung are bred from all places of it, and those that begin above it before anybody is
 * below, too. */
START_TEST(the_best_of_a_rung_breed_for_the_next)
{
    fixture f = fixture_make("{x: {float: [0, 1]}, y: {float: [0, 1]}}", NULL, "de:popsize=4,CR=1,F=0");
    hn_estimate low[LOW], high[HIGH];
    hn_estimate_rung rungs[3] = {{low, LOW, 4}, {high, HIGH, 1}, {NULL, 0, 0}};
    put_rungs(&f, low, high);
    for (size_t first = 0; first < 3; first++) {
        hn_estimates estimates = {.items = low, .n = LOW, .rungs = rungs, .n_rungs = 3, .first = first};
        bool bred[LOW] = {false};
        fixture_sampler(&f, "de:popsize=4,CR=1,F=0");
        for (int k = 0; k < 60; k++) {
            hn_point point = hn_point_new(&f.arena, 2);
            size_t count;
            hn_ask ask = fixture_ask(&f);
            ask.number += k;
            ask.estimates = &estimates;
            ck_assert(!hn_sampler_propose(f.sampler, &ask, NULL, 1, &point, &count, NULL));
            bred[trial_at(point.values[0])] = true;
            ck_assert_double_eq_tol(point.values[0] + point.values[1], 0.9, 1e-12);
        }
        /* places 0 to 3 of the lowest are held by 8 to 11; so they are its best third */
        for (int i = 0; i < LOW; i++)
            ck_assert_msg(bred[i] == (i >= LOW - 4), "first %zu: %d", first, i);
    }
    fixture_release(&f);
}
END_TEST

/* The one that a trial competes with, whose genes it keeps, is of its own rung. */
START_TEST(a_rung_has_its_own_population)
{
    fixture f = fixture_make("{x: {float: [0, 1]}, y: {float: [0, 1]}}", NULL, "de:popsize=4,CR=0,F=0");
    hn_estimate low[LOW], high[HIGH];
    hn_estimate_rung rungs[2] = {{low, LOW, 4}, {high, HIGH, 1}};
    hn_estimates estimates = {.items = low, .n = LOW, .rungs = rungs, .n_rungs = 2, .first = 1};
    put_rungs(&f, low, high);
    for (int64_t number = LOW; number < LOW + 40; number++) {
        hn_point point = hn_point_new(&f.arena, 2);
        size_t count;
        hn_ask ask = fixture_ask(&f);
        ask.number = number;
        ask.estimates = &estimates;
        ck_assert(!hn_sampler_propose(f.sampler, &ask, NULL, 1, &point, &count, NULL));
        int64_t x = trial_at(point.values[0]), y = trial_at(0.9 - point.values[1]), own = number % 4;
        if (own < HIGH) /* of the rung's holders 0, 1, 2; place 3 has none and borrows a parent */
            ck_assert((x == own && y >= LOW - 4) || (y == own && x >= LOW - 4));
        else
            ck_assert(x >= LOW - 4 && y >= LOW - 4);
    }
    fixture_release(&f);
}
END_TEST

Suite *suite_de(void)
{
    Suite *suite = suite_create("de");
    TCase *all = tcase_create("de");
    tcase_add_loop_test(all, finds_the_bottom, 0, 6);
    tcase_add_test(all, the_order_does_not_matter);
    tcase_add_test(all, mutants_are_made_of_members);
    tcase_add_test(all, places_hold_the_best);
    tcase_add_test(all, earlier_studies_give_members);
    tcase_add_test(all, odd_spaces);
    tcase_add_test(all, the_best_of_a_rung_breed_for_the_next);
    tcase_add_test(all, a_rung_has_its_own_population);
    suite_add_tcase(suite, all);
    return suite;
}
