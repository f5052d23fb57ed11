/* Options of which no other test says what they do: with one, other trials are proposed. */
#include "fixture.h"

static const char *const plane = "{x: {float: [0, 1]}, y: {float: [0, 1]}}";

static const struct {
    const char *without, *with;
    int trials;
} pairs[] = {
    {"gp:acquisition=ei,draws=0", "gp:acquisition=ei,draws=0,xi=2", 12},
    {"gp:acquisition=pi,draws=0", "gp:acquisition=pi,draws=0,xi=2", 12},
    {"cmaes:max_resampling=100", "cmaes:max_resampling=0", 60},
    {"cmaes", "cmaes:tolx=0.5", 200},
    {"cmaes", "cmaes:tolfun=1000", 200},
    {"cmaes:tolx=0.5", "cmaes:tolx=0.5,restart_factor=7", 200},
    {"rf", "rf:min_split=12", 20},
    {"rf", "rf:xi=3", 20},
    {"rf:n_candidates=10", "rf:n_candidates=10,max_steps=1", 20},
    {"rf", "rf:max_trials=10", 20},
};
enum { PAIRS = sizeof pairs / sizeof *pairs };

/* The sum of all values proposed, after each trial weighted anew. */
static double trace(const char *sampler, int trials)
{
    fixture f = fixture_make(plane, NULL, sampler);
    double sum = 0;
    for (int i = 0; i < trials; i++) {
        size_t count;
        hn_point *point = fixture_propose(&f, NULL, 1, &count);
        double x = fixture_value(&f, point, "x"), y = fixture_value(&f, point, "y");
        fixture_put_at(&f, i, point, HONE_COMPLETE, fabs(x - 0.02) + fabs(y - 0.9), i + 1);
        sum = 0.9 * sum + x + 2 * y;
    }
    fixture_release(&f);
    return sum;
}

START_TEST(an_option_changes_what_is_proposed)
{
    double without = trace(pairs[_i].without, pairs[_i].trials);
    ck_assert_double_eq(trace(pairs[_i].without, pairs[_i].trials), without);
    ck_assert_msg(trace(pairs[_i].with, pairs[_i].trials) != without, "%s", pairs[_i].with);
}
END_TEST

Suite *suite_options(void)
{
    Suite *suite = suite_create("options");
    TCase *all = tcase_create("options");
    tcase_add_loop_test(all, an_option_changes_what_is_proposed, 0, PAIRS);
    suite_add_tcase(suite, all);
    return suite;
}
