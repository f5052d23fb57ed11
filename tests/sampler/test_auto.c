/* The default sampler: whom it asks. */
#include "base/log.h"
#include "fixture.h"

static const char space[] = "{x: {float: [0, 1]}, n: {int: [1, 50]}, k: {choice: [a, b, c]}}";

/* The point that a sampler proposes for the fixture's next trial. */
static hn_point next_of(fixture *f, const char *sampler)
{
    size_t count;
    fixture_sampler(f, sampler);
    hn_point *point = fixture_propose(f, NULL, 1, &count);
    ck_assert_uint_eq(count, 1);
    return *point;
}

/* Which gp's turn it is at a trial: every second time values are taken as they are. */
static const char *gp_at(size_t number)
{
    return number % 2 ? "gp:transform=none" : "gp";
}

static bool same(const fixture *f, hn_point a, hn_point b)
{
    return memcmp(a.values, b.values, f->space->count * sizeof *a.values) == 0;
}

static void told(fixture *f, size_t n)
{
    size_t count;
    fixture_sampler(f, "random");
    for (size_t i = 0; i < n; i++) {
        hn_point *point = fixture_propose(f, NULL, 1, &count);
        fixture_put(f, point, HONE_COMPLETE, fabs(point->values[hn_space_find(f->space, "x")] - 0.3));
    }
}

START_TEST(it_is_gp_first_and_cmaes_later)
{
    fixture f = fixture_make(space, NULL, "random");
    told(&f, 20);
    hn_point gp = next_of(&f, "gp"), cmaes = next_of(&f, "cmaes");
    ck_assert(!same(&f, gp, cmaes));
    ck_assert(same(&f, next_of(&f, "auto"), gp));
    ck_assert(same(&f, next_of(&f, "auto:gp_trials=20"), gp));
    ck_assert(same(&f, next_of(&f, "auto:gp_trials=19"), cmaes));
    fixture_release(&f);
}
END_TEST

/* tpe is what follows where repeats have to be avoided, and by run. */
START_TEST(it_is_tpe_later_in_a_finite_space)
{
    fixture f = fixture_make("{x: {int: [0, 100]}, k: {choice: [a, b, c]}}", NULL, "random");
    told(&f, 20);
    ck_assert(same(&f, next_of(&f, "auto:gp_trials=19"), next_of(&f, "tpe")));
    fixture_release(&f);
}
END_TEST

START_TEST(it_is_tpe_later_by_run)
{
    static const char *const samplers[] = {"auto:gp_trials=19", "tpe"};
    fixture f = fixture_make("{x: {float: [0, 1]}}", NULL, "random");
    double value[2];
    told(&f, 20);
    for (size_t k = 0; k < 2; k++) {
        fixture_sampler(&f, samplers[k]);
        hn_ask ask = fixture_ask(&f);
        hn_point partial = hn_point_new(&f.arena, 1);
        ck_assert_int_eq(hn_sampler_propose_one(f.sampler, &ask, 0, &partial, &value[k], NULL), HONE_OK);
    }
    ck_assert_double_eq(value[0], value[1]);
    fixture_release(&f);
}
END_TEST

START_TEST(several_goals_are_for_tpe)
{
    fixture f = fixture_make(space, NULL, "random");
    const hone_direction directions[] = {HONE_MINIMIZE, HONE_MINIMIZE};
    hn_history_destroy(f.history);
    ck_assert_int_eq(hn_history_create(directions, 2, &f.history, NULL), HONE_OK);
    ck_assert(same(&f, next_of(&f, "auto"), next_of(&f, "tpe")));
    fixture_release(&f);
}
END_TEST

/* --- plateaus --- */

/* n trials at random, `tied` of which have the value 200, and then each is the best so far. */
static fixture stepped(const char *text, size_t n, size_t tied)
{
    size_t count;
    fixture f = fixture_make(text, NULL, "random");
    for (size_t i = 0; i < n; i++)
        fixture_put(&f, fixture_propose(&f, NULL, 1, &count), HONE_COMPLETE,
                    i < tied ? 200 : 100 * pow(0.8, (double)i));
    return f;
}

static bool asks(fixture *f, const char *sampler, const char *other)
{
    hn_point point = next_of(f, sampler);
    return same(f, point, next_of(f, other));
}

START_TEST(the_forest_takes_turns_where_values_are_equal)
{
    for (size_t n = 20; n < 22; n++) {
        fixture f = stepped(space, n, 4);
        hn_point gp = next_of(&f, "gp"), rf = next_of(&f, "rf");
        ck_assert(!same(&f, gp, rf));
        ck_assert(same(&f, next_of(&f, "auto"), n == 21 ? rf : gp));
        ck_assert(same(&f, next_of(&f, "auto:turn=5"), n == 20 ? rf : gp));
        ck_assert(asks(&f, "auto:turn=0", gp_at(n)));
        ck_assert(asks(&f, "auto:ties=0.5", gp_at(n)));
        fixture_release(&f);
    }
}
END_TEST

START_TEST(every_second_time_values_are_taken_as_they_are)
{
    for (size_t n = 18; n < 20; n++) {
        fixture f = stepped(space, n, 0);
        ck_assert(!asks(&f, "gp", "gp:transform=none"));
        ck_assert(asks(&f, "auto", gp_at(n)));
        for (size_t batch = 2; batch < 4; batch++) {
            hn_point *points[2];
            size_t count;
            for (size_t k = 0; k < 2; k++) {
                fixture_sampler(&f, k ? gp_at(n / batch) : "auto");
                points[k] = fixture_propose(&f, NULL, batch, &count);
                ck_assert_uint_eq(count, batch);
            }
            for (size_t i = 0; i < batch; i++)
                ck_assert(same(&f, points[0][i], points[1][i]));
        }
        fixture_release(&f);
    }
}
END_TEST

START_TEST(gp_is_alone_while_few_values_are_equal)
{
    fixture f = stepped(space, 18, 0);
    ck_assert(asks(&f, "auto", "gp"));
    ck_assert(asks(&f, "auto:ties=0", "gp"));
    fixture_release(&f);
    f = stepped(space, 9, 9); /* too soon to judge */
    ck_assert(asks(&f, "auto", gp_at(9)));
    fixture_release(&f);
}
END_TEST

/* Trials 10 to 17 are equal, but judged after the twentieth only. */
START_TEST(judgement_waits_for_ten_more_trials)
{
    size_t count;
    fixture f = stepped(space, 10, 0);
    for (size_t i = 10; i < 21; i++) {
        ck_assert(i != 18 || asks(&f, "auto", "gp"));
        fixture_sampler(&f, "random");
        fixture_put(&f, fixture_propose(&f, NULL, 1, &count), HONE_COMPLETE, 1);
    }
    ck_assert(asks(&f, "auto", "rf"));
    fixture_release(&f);
}
END_TEST

START_TEST(the_same_point_again_is_no_plateau)
{
    size_t count;
    fixture f = fixture_make(space, NULL, "random");
    hn_point *point = fixture_propose(&f, NULL, 1, &count);
    for (size_t i = 0; i < 12; i++) {
        fixture_put(&f, point, HONE_COMPLETE, 2);
    }
    ck_assert(asks(&f, "auto", "gp"));
    fixture_release(&f);
}
END_TEST

START_TEST(gp_is_alone_where_trials_fail)
{
    size_t count;
    fixture f = stepped(space, 20, 20);
    fixture_put(&f, fixture_propose(&f, NULL, 1, &count), HONE_FAILED, NAN);
    ck_assert(asks(&f, "auto", gp_at(21)));
    fixture_release(&f);
}
END_TEST

START_TEST(a_batch_is_for_gp)
{
    size_t count;
    fixture f = stepped(space, 18, 18);
    fixture_sampler(&f, "auto");
    hn_point *batch = fixture_propose(&f, NULL, 2, &count);
    fixture_sampler(&f, "gp");
    hn_point *expected = fixture_propose(&f, NULL, 2, &count);
    ck_assert(same(&f, batch[0], expected[0]) && same(&f, batch[1], expected[1]));
    fixture_release(&f);
}
END_TEST

START_TEST(by_run_it_takes_the_same_turns)
{
    for (size_t n = 18; n < 20; n++) {
        fixture f = stepped("{x: {float: [0, 1]}, n: {int: [1, 50]}}", n, n);
        const char *const samplers[] = {"auto", n == 18 ? "rf" : "gp"};
        double value[2];
        for (size_t k = 0; k < 2; k++) {
            hn_ask ask = fixture_ask(&f);
            hn_point partial = hn_point_new(&f.arena, f.space->count);
            fixture_sampler(&f, samplers[k]);
            ck_assert_int_eq(hn_sampler_propose_one(f.sampler, &ask, 0, &partial, &value[k], NULL), HONE_OK);
        }
        ck_assert_double_eq(value[0], value[1]);
        fixture_release(&f);
    }
}
END_TEST

/* Told trials of the view only: what is beyond its end is not known yet. */
START_TEST(a_limited_view_is_judged_by_what_it_shows)
{
    for (int64_t before = 10; before <= 24; before += 14) {
        size_t count;
        fixture f = stepped(space, 10, 0);
        for (size_t i = 10; i < 24; i++)
            fixture_put(&f, fixture_propose(&f, NULL, 1, &count), HONE_COMPLETE, 1);
        hn_point *points = HN_ARENA_NEW(&f.arena, hn_point, 2);
        for (size_t k = 0; k < 2; k++) {
            fixture_sampler(&f, k == 0 ? "auto" : before == 10 ? "gp" : "rf");
            points[k] = hn_point_new(&f.arena, f.space->count);
            hn_ask ask = fixture_ask(&f);
            ask.view.before = before;
            ck_assert_int_eq(hn_sampler_propose(f.sampler, &ask, NULL, 1, &points[k], &count, NULL), HONE_OK);
        }
        ck_assert(same(&f, points[0], points[1]));
        fixture_release(&f);
    }
}
END_TEST

/* --- nothing better --- */

/* n trials at random, of which the fifth is the best but for traces that the others find. */
static fixture stuck(size_t n)
{
    size_t count;
    fixture f = fixture_make(space, NULL, "random");
    for (size_t i = 0; i < n; i++) {
        double value = i < 5 ? 100 - (double)i : i % 2 ? 200 + (double)i : 96 - 1e-5 * (double)i;
        fixture_put(&f, fixture_propose(&f, NULL, 1, &count), HONE_COMPLETE, value);
    }
    return f;
}

START_TEST(tpe_takes_turns_where_nothing_better_comes)
{
    for (size_t n = 20; n < 22; n++) {
        fixture f = stuck(n);
        const char *expected = n == 20 ? "tpe:random_share=0.5,spread=3" : "gp";
        ck_assert(!asks(&f, "gp", "tpe:random_share=0.5,spread=3"));
        ck_assert(asks(&f, "auto", expected));
        ck_assert(asks(&f, "auto:turn=0", expected));
        ck_assert(asks(&f, "auto:patience=16", gp_at(n))); /* the fifth was 15 trials ago */
        ck_assert(asks(&f, "auto:patience=0", gp_at(n)));
        fixture_release(&f);
    }
    fixture f = stuck(18); /* judged are ten */
    ck_assert(asks(&f, "auto", "gp"));
    fixture_release(&f);
}
END_TEST

/* The first half of a batch is gp's, the second tpe's. */
START_TEST(half_of_a_batch_is_for_tpe_then)
{
    static const char *const samplers[] = {"auto", "gp", "tpe:random_share=0.5,spread=3"};
    fixture f = stuck(20);
    hn_point *points[3];
    for (size_t k = 0; k < 3; k++) {
        hn_ask ask = fixture_ask(&f);
        size_t count, n = k == 0 ? 5 : k == 1 ? 3 : 2;
        ask.number += k == 2 ? 3 : 0;
        points[k] = HN_ARENA_NEW(&f.arena, hn_point, n);
        for (size_t i = 0; i < n; i++)
            points[k][i] = hn_point_new(&f.arena, f.space->count);
        fixture_sampler(&f, samplers[k]);
        ck_assert_int_eq(hn_sampler_propose(f.sampler, &ask, NULL, n, points[k], &count, NULL), HONE_OK);
        ck_assert_uint_eq(count, n);
    }
    for (size_t i = 0; i < 5; i++)
        ck_assert(same(&f, points[0][i], i < 3 ? points[1][i] : points[2][i - 3]));
    fixture_release(&f);
}
END_TEST

/* --- the log --- */

static void keep(void *user, hn_log_level level, const char *message)
{
    ck_assert_int_eq(level, HN_LOG_INFO);
    strncat(user, message, 400);
    strncat(user, "\n", 2);
}

/* Of trials that a scheduler paused only estimates are known: BOHB's tpe, whatever gp could have made of
 * them. */
START_TEST(estimates_are_for_tpe)
{
    enum { KNOWN = 20 };
    static const char *const samplers[] = {"auto", "tpe:random_share=0.5,spread=3", "tpe", "gp"};
    fixture f = fixture_make(space, NULL, "random");
    hn_estimate items[KNOWN];
    hn_estimates estimates = {.items = items, .n = KNOWN};
    hn_point proposed[4];
    told(&f, KNOWN);
    for (int i = 0; i < KNOWN; i++) {
        items[i] = (hn_estimate){i, cos(i), 0.1};
    }
    for (int i = 0; i < 4; i++) {
        size_t count;
        fixture_sampler(&f, samplers[i]);
        hn_ask ask = fixture_ask(&f);
        ask.estimates = &estimates;
        proposed[i] = hn_point_new(&f.arena, f.space->count);
        ck_assert(!hn_sampler_propose(f.sampler, &ask, NULL, 1, &proposed[i], &count, NULL));
    }
    ck_assert(same(&f, proposed[0], proposed[1]));
    ck_assert(!same(&f, proposed[0], proposed[2]) && !same(&f, proposed[0], proposed[3]));
    fixture_release(&f);
}
END_TEST

START_TEST(the_log_says_what_and_why)
{
    char log[2000] = "";
    size_t count;
    fixture f = stepped(space, 17, 0);
    fixture_sampler(&f, "auto:gp_trials=42");
    hn_log_set(keep, log, HN_LOG_INFO);
    for (size_t i = 17; i < 44; i++) /* three of 20 are equal, three of 30 are not many */
        fixture_put(&f, fixture_propose(&f, NULL, 1, &count), HONE_COMPLETE, i < 20 ? 2 : 20 + (double)i);
    hn_log_set(NULL, NULL, HN_LOG_ERROR);
    ck_assert_str_eq(
        log,
        "sampler auto: from trial 17 on gp, because there is one goal and each trial counts\n"
        "sampler auto: from trial 20 on gp and rf in turns, because values of different trials are equal: "
        "there are plateaus\n"
        "sampler auto: from trial 30 on gp, because there is one goal and each trial counts\n"
        "sampler auto: from trial 40 on gp and tpe in turns, tpe wide and half at random, because nothing "
        "better was found for long\n"
        "sampler auto: from trial 43 on cmaes, because there are many trials, and it goes on getting "
        "closer\n");
    fixture_release(&f);
}
END_TEST

Suite *suite_auto(void)
{
    Suite *suite = suite_create("auto");
    TCase *tests = tcase_create("auto");
    tcase_add_test(tests, it_is_gp_first_and_cmaes_later);
    tcase_add_test(tests, it_is_tpe_later_in_a_finite_space);
    tcase_add_test(tests, it_is_tpe_later_by_run);
    tcase_add_test(tests, several_goals_are_for_tpe);
    tcase_add_test(tests, the_forest_takes_turns_where_values_are_equal);
    tcase_add_test(tests, every_second_time_values_are_taken_as_they_are);
    tcase_add_test(tests, gp_is_alone_while_few_values_are_equal);
    tcase_add_test(tests, judgement_waits_for_ten_more_trials);
    tcase_add_test(tests, the_same_point_again_is_no_plateau);
    tcase_add_test(tests, gp_is_alone_where_trials_fail);
    tcase_add_test(tests, a_batch_is_for_gp);
    tcase_add_test(tests, by_run_it_takes_the_same_turns);
    tcase_add_test(tests, a_limited_view_is_judged_by_what_it_shows);
    tcase_add_test(tests, tpe_takes_turns_where_nothing_better_comes);
    tcase_add_test(tests, half_of_a_batch_is_for_tpe_then);
    tcase_add_test(tests, estimates_are_for_tpe);
    tcase_add_test(tests, the_log_says_what_and_why);
    suite_add_tcase(suite, tests);
    return suite;
}
