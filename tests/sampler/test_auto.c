/* The default sampler: whom it asks. */
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

START_TEST(it_is_gp_first_and_tpe_later)
{
    fixture f = fixture_make(space, NULL, "random");
    told(&f, 20);
    hn_point gp = next_of(&f, "gp"), tpe = next_of(&f, "tpe");
    ck_assert(!same(&f, gp, tpe));
    ck_assert(same(&f, next_of(&f, "auto"), gp));
    ck_assert(same(&f, next_of(&f, "auto:gp_trials=20"), gp));
    ck_assert(same(&f, next_of(&f, "auto:gp_trials=19"), tpe));
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

Suite *suite_auto(void)
{
    Suite *suite = suite_create("auto");
    TCase *tests = tcase_create("auto");
    tcase_add_test(tests, it_is_gp_first_and_tpe_later);
    tcase_add_test(tests, several_goals_are_for_tpe);
    suite_add_tcase(suite, tests);
    return suite;
}
