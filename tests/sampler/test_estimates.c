/* Samplers that learn from a scheduler's estimates instead of from what trials were told. */
#include "fixture.h"

typedef struct told {
    hone_trial_state state;
    double value, noise;
} told;

static void put(fixture *f, const hn_point *point, const told *t)
{
    hn_trial_param params[2];
    for (size_t i = 0; i < 2; i++)
        params[i] = (hn_trial_param){f->space->parameters[i].name, &f->space->parameters[i].distribution,
                                     point->values[i]};
    hn_trial_record record = {.number = (int64_t)hn_history_count(f->history),
                              .state = t->state,
                              .start_us = 1,
                              .complete_us = t->state == HONE_RUNNING ? 0 : 2,
                              .n_params = 2,
                              .params = params,
                              .n_values = t->state == HONE_COMPLETE,
                              .values = &t->value,
                              .noise = t->noise};
    ck_assert_int_eq(hn_history_put(f->history, &record, NULL), HONE_OK);
}

/* Estimates of paused and pruned trials, whatever these reported, are what finished trials with these values
 * and variances would be; one that runs without an estimate is pending, one that failed has failed. */
START_TEST(estimates_stand_in_for_what_was_told)
{
    static const char *const samplers[] = {"gp:draws=2", "tpe:n_startup=5",
                                           "tpe:n_startup=5,gamma=0.15,min_below=3,n_candidates=64,spread=3"};
    enum { KNOWN = 9, FAILED = 4, RUNNING = KNOWN };
    static const hone_trial_state states[] = {HONE_RUNNING, HONE_PRUNED, HONE_COMPLETE};
    hn_estimate items[KNOWN];
    hn_estimates estimates = {.items = items};
    hn_point proposed[2], elsewhere;
    fixture f[2];
    for (int side = 0; side < 2; side++) {
        f[side] = fixture_make("{x: {float: [-1, 1]}, y: {float: [-1, 1]}}", NULL, samplers[_i]);
        hn_point point = hn_point_new(&f[side].arena, 2);
        point.active[0] = point.active[1] = true;
        for (int i = 0; i <= RUNNING; i++) {
            double loss = i * i % 7, deviation = 0.1 * (i % 3);
            point.values[0] = i / 5.0 - 1;
            point.values[1] = cos(i);
            told t = {i == FAILED    ? HONE_FAILED
                      : i == RUNNING ? HONE_RUNNING
                                     : HONE_COMPLETE,
                      i == FAILED ? NAN : loss, deviation * deviation};
            if (side && i != FAILED && i != RUNNING) {
                items[estimates.n++] = (hn_estimate){i, loss, deviation};
                t = (told){states[i % 3], 100 - loss, NAN};
            }
            put(&f[side], &point, &t);
        }
        hn_ask ask = fixture_ask(&f[side]);
        ask.estimates = side ? &estimates : NULL;
        size_t count;
        ck_assert_uint_eq(hn_ask_known_count(&ask), KNOWN - 1);
        proposed[side] = hn_point_new(&f[side].arena, 2);
        ck_assert(!hn_sampler_propose(f[side].sampler, &ask, NULL, 1, &proposed[side], &count, NULL));
    }
    ck_assert_double_eq(proposed[0].values[0], proposed[1].values[0]);
    ck_assert_double_eq(proposed[0].values[1], proposed[1].values[1]);
    items[2].loss = -50; /* changed since: known by the same sampler */
    elsewhere = hn_point_new(&f[1].arena, 2);
    hn_ask ask = fixture_ask(&f[1]);
    ask.estimates = &estimates;
    size_t count;
    ck_assert(!hn_sampler_propose(f[1].sampler, &ask, NULL, 1, &elsewhere, &count, NULL));
    ck_assert_double_ne(elsewhere.values[0], proposed[1].values[0]);
    fixture_release(&f[0]);
    fixture_release(&f[1]);
}
END_TEST

/* `bohb` is tpe with the paper's numbers: of two parameters three good trials at least. */
START_TEST(bohb_is_tpe_with_its_numbers)
{
    enum { KNOWN = 30 };
    static const char *const pairs[][2] = {
        {"bohb", "tpe:gamma=0.15,min_below=3,n_candidates=64,spread=3,random_share=0.3333333333333333"},
        {"bohb:top_n_percent=50,min_points_in_model=7,num_samples=9,random_fraction=0,bandwidth_factor=1",
         "tpe:gamma=0.5,min_below=7,n_candidates=9,max_below=256"}};
    hn_estimate items[KNOWN];
    hn_estimates estimates = {.items = items, .n = KNOWN};
    fixture f = fixture_make("{x: {float: [-1, 1]}, y: {float: [-1, 1]}, c: {int: [3, 3]}}", NULL, "random");
    for (int i = 0; i < KNOWN; i++) {
        size_t count;
        fixture_put(&f, fixture_propose(&f, NULL, 1, &count), HONE_RUNNING, 0);
        items[i] = (hn_estimate){.number = i, .loss = cos(i)};
    }
    /* with fewer trials min_below decides, with all of them gamma */
    for (estimates.n = 12; estimates.n <= KNOWN; estimates.n += 18)
        for (int k = 0; k < 12; k++) {
            hn_point points[2];
            for (int side = 0; side < 2; side++) {
                size_t count;
                fixture_sampler(&f, pairs[_i][side]);
                points[side] = hn_point_new(&f.arena, 3);
                hn_ask ask = fixture_ask(&f);
                ask.number += k;
                ask.estimates = &estimates;
                ck_assert(!hn_sampler_propose(f.sampler, &ask, NULL, 1, &points[side], &count, NULL));
            }
            ck_assert_mem_eq(points[0].values, points[1].values, 3 * sizeof(double));
        }
    fixture_release(&f);
}
END_TEST

START_TEST(dehb_is_named)
{
    const hn_spec spec = {.name = "dehb"};
    hn_sampler *sampler = NULL;
    hone_error err;
    ck_assert_int_eq(hn_sampler_create(&spec, &sampler, &err), HONE_INVALID);
    hn_assert_contains(err.message, "sampler: de with pruner: hyperband");
}
END_TEST

Suite *suite_estimates(void)
{
    Suite *suite = suite_create("estimates");
    TCase *all = tcase_create("estimates");
    tcase_add_loop_test(all, estimates_stand_in_for_what_was_told, 0, 3);
    tcase_add_loop_test(all, bohb_is_tpe_with_its_numbers, 0, 2);
    tcase_add_test(all, dehb_is_named);
    suite_add_tcase(suite, all);
    return suite;
}
