/* Finished trials one after the other. */
#include "fixture.h"
#include "sampler/common.h"
#include "sampler/feed.h"

static void put(hn_history *history, int64_t number, hone_trial_state state, int64_t time)
{
    double value = (double)number;
    hn_trial_record record = {.number = number,
                              .state = state,
                              .complete_us = time,
                              .n_values = state == HONE_COMPLETE,
                              .values = &value,
                              .noise = NAN};
    ck_assert_int_eq(hn_history_put(history, &record, NULL), HONE_OK);
}

/* Reads on and compares with the numbers expected, which -1 ends. */
static void expect(hn_feed *feed, hn_view view, const int64_t *numbers)
{
    int64_t number;
    do {
        ck_assert_int_eq(hn_feed_next(feed, view, &number, NULL), HONE_OK);
        ck_assert_int_eq(number, *numbers++);
    } while (number >= 0);
}

#define EXPECT(feed, view, ...) expect(feed, view, (const int64_t[]){__VA_ARGS__, -1})

START_TEST(in_the_order_they_finished)
{
    hone_direction direction = HONE_MINIMIZE;
    hn_feed feed = {0};
    hn_history *h;
    ck_assert_int_eq(hn_history_create(&direction, 1, &h, NULL), HONE_OK);
    hn_view view = {h, INT64_MAX};
    ck_assert(!hn_feed_continues(&feed, view));
    hn_feed_restart(&feed, view);
    expect(&feed, view, (const int64_t[]){-1});
    put(h, 0, HONE_RUNNING, 0);
    put(h, 1, HONE_COMPLETE, 20);
    put(h, 2, HONE_FAILED, 10);
    ck_assert(hn_feed_continues(&feed, view));
    EXPECT(&feed, view, 2, 1);
    put(h, 3, HONE_PRUNED, 30);
    ck_assert(hn_feed_continues(&feed, view));
    EXPECT(&feed, view, 3);
    put(h, 0, HONE_COMPLETE, 15); /* another machine's, read late */
    ck_assert(!hn_feed_continues(&feed, view));
    hn_feed_restart(&feed, view);
    EXPECT(&feed, view, 2, 0, 1, 3);
    hn_feed_release(&feed);
    hn_history_destroy(h);
}
END_TEST

START_TEST(by_number_where_the_view_ends)
{
    hone_direction direction = HONE_MINIMIZE;
    hn_feed feed = {0};
    hn_history *h, *other;
    ck_assert_int_eq(hn_history_create(&direction, 1, &h, NULL), HONE_OK);
    ck_assert_int_eq(hn_history_create(&direction, 1, &other, NULL), HONE_OK);
    for (int64_t number = 0; number < 6; number++)
        put(h, number, number == 2 ? HONE_RUNNING : HONE_COMPLETE, 100 - number);
    hn_feed_restart(&feed, (hn_view){h, 4});
    EXPECT(&feed, ((hn_view){h, 4}), 0, 1, 3);
    ck_assert(hn_feed_continues(&feed, (hn_view){h, 5}));
    EXPECT(&feed, ((hn_view){h, 5}), 4);
    ck_assert(!hn_feed_continues(&feed, (hn_view){h, 3}));
    ck_assert(!hn_feed_continues(&feed, (hn_view){h, INT64_MAX}));
    ck_assert(!hn_feed_continues(&feed, (hn_view){other, 5}));
    put(h, 2, HONE_COMPLETE, 500);
    ck_assert(!hn_feed_continues(&feed, (hn_view){h, 5}));
    hn_feed_restart(&feed, (hn_view){h, 5});
    EXPECT(&feed, ((hn_view){h, 5}), 0, 1, 2, 3, 4);
    hn_feed_restart(&feed, (hn_view){h, -3});
    expect(&feed, (hn_view){h, -3}, (const int64_t[]){-1});
    hn_feed_release(&feed);
    hn_history_destroy(h);
    hn_history_destroy(other);
}
END_TEST

/* Parameters that each ranked trial has; a failed one may lack them. */
START_TEST(common_parameters)
{
    fixture f = fixture_make("{a: {float: [0, 1]}, b: {float: [0, 1]}, c: {float: [0, 1]}}", NULL, "random");
    static const struct {
        bool has[3];
        hone_trial_state state;
        const char *common;
    } trials[] = {{{false, true, false}, HONE_FAILED, ""},    {{true, true, true}, HONE_COMPLETE, "abc"},
                  {{true, false, false}, HONE_FAILED, "abc"}, {{true, false, true}, HONE_COMPLETE, "ac"},
                  {{true, true, true}, HONE_COMPLETE, "ac"},  {{false, true, true}, HONE_COMPLETE, "c"}};
    hn_common common = {0};
    for (size_t k = 0; k < sizeof trials / sizeof *trials; k++) {
        hn_point point = hn_point_new(&f.arena, 3);
        for (size_t i = 0; i < 3; i++)
            point.active[i] = trials[k].has[hn_space_find(f.space, f.space->parameters[i].name)];
        fixture_put(&f, &point, trials[k].state, 1);
        hn_ask ask = fixture_ask(&f);
        hn_space *space;
        ck_assert_int_eq(hn_common_space(&common, &ask, &space, NULL), HONE_OK);
        ck_assert_uint_eq(space->count, strlen(trials[k].common));
        for (size_t i = 0; i < space->count; i++)
            ck_assert_int_eq(space->parameters[i].name[0], trials[k].common[i]);
    }
    hn_common_release(&common);
    fixture_release(&f);
}
END_TEST

Suite *suite_feed(void)
{
    Suite *suite = suite_create("feed");
    TCase *all = tcase_create("feed");
    tcase_add_test(all, in_the_order_they_finished);
    tcase_add_test(all, by_number_where_the_view_ends);
    tcase_add_test(all, common_parameters);
    suite_add_tcase(suite, all);
    return suite;
}
