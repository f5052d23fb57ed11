/* A broad search, then one in a box. */
#include "fixture.h"

static const char space[] =
    "{x: {float: [0, 1]}, n: {int: [1, 1000], log: true}, s: {int: [0, 100], step: 10},"
    " k: {choice: [a, b, c]}, deep: {float: [0, 1], when: k == a}}";

static double loss(const fixture *f, const hn_point *p)
{
    size_t x = hn_space_find(f->space, "x"), n = hn_space_find(f->space, "n"),
           s = hn_space_find(f->space, "s");
    size_t k = hn_space_find(f->space, "k");
    return fabs(p->values[x] - 0.7) + fabs(log(p->values[n] / 100)) / 7 + fabs(p->values[s] - 40) / 100 +
           (p->values[k] == 0 ? 0 : 5);
}

static double value(const fixture *f, const hn_point *p, const char *name)
{
    return p->values[hn_space_find(f->space, name)];
}

static void run(fixture *f, size_t trials)
{
    for (size_t i = 0; i < trials; i++) {
        size_t count;
        hn_point *point = fixture_propose(f, NULL, 1, &count);
        ck_assert_uint_eq(count, 1);
        fixture_put(f, point, HONE_COMPLETE, loss(f, point));
    }
}

/* After 40 random trials the box holds the best fifth: k is settled, the others lie near the best. */
START_TEST(later_trials_lie_in_the_box)
{
    fixture f = fixture_make(space, NULL,
                             "{refine: {sampler: random, then: random, broad: 40, top: 0.1, margin: 0.05}}");
    run(&f, 40);
    int64_t best[4];
    ck_assert_uint_eq(hn_history_best(f.history, 4, best), 4);
    size_t column = hn_history_find_column(f.history, "x");
    double low = 1, high = 0;
    for (size_t i = 0; i < 4; i++) {
        low = fmin(low, hn_history_cell(f.history, best[i], column));
        high = fmax(high, hn_history_cell(f.history, best[i], column));
    }
    ck_assert_double_lt(high - low, 0.8);
    for (size_t i = 0; i < 60; i++) {
        size_t count;
        hn_point *p = fixture_propose(&f, NULL, 1, &count);
        ck_assert_double_ge(value(&f, p, "x"), low - 0.05 - 1e-9);
        ck_assert_double_le(value(&f, p, "x"), high + 0.05 + 1e-9);
        ck_assert_double_eq(value(&f, p, "k"), 0);
        ck_assert_double_eq(fmod(value(&f, p, "s"), 10), 0);
        fixture_put(&f, p, HONE_COMPLETE, loss(&f, p));
    }
    fixture_release(&f);
}
END_TEST

/* The box stays that of the broad search, and stated widths are kept to, clipped to the bounds. */
START_TEST(stated_widths_are_kept)
{
    fixture f = fixture_make("{n: {int: [1, 300]}, x: {float: [0, 1]}}", NULL,
                             "{refine: {sampler: random, then: random, broad: 10, around: {n: 50}}}");
    for (size_t i = 0; i < 10; i++) {
        size_t count;
        hn_point *p = fixture_propose(&f, NULL, 1, &count);
        fixture_put(&f, p, HONE_COMPLETE, fabs(value(&f, p, "n") - 290));
    }
    int64_t best;
    hn_history_best(f.history, 1, &best);
    double n = hn_history_cell(f.history, best, hn_history_find_column(f.history, "n")), most = 0;
    for (size_t i = 0; i < 100; i++) {
        size_t count;
        hn_point *p = fixture_propose(&f, NULL, 1, &count);
        ck_assert_double_le(fabs(value(&f, p, "n") - n), 50);
        most = fmax(most, value(&f, p, "n"));
        fixture_put(&f, p, HONE_COMPLETE, -1000);
    }
    ck_assert_double_le(most, 300);
    fixture_release(&f);
}
END_TEST

/* On a smooth function the second half of the trials is better than a search that stays broad. */
START_TEST(it_finds_more_than_a_broad_search)
{
    double sum[2] = {0, 0};
    for (uint64_t seed = 0; seed < 20; seed++) {
        for (size_t i = 0; i < 2; i++) {
            fixture f = fixture_make(space, NULL, i ? "{refine: {sampler: random, broad: 30}}" : "random");
            f.seed = seed;
            run(&f, 80);
            int64_t best;
            hn_history_best(f.history, 1, &best);
            sum[i] += hn_history_value(f.history, best, 0);
            fixture_release(&f);
        }
    }
    ck_assert_double_lt(sum[1], 0.8 * sum[0]);
}
END_TEST

START_TEST(it_goes_on_from_a_grid_with_a_model)
{
    fixture f = fixture_make(
        "{x: {float: [0, 1]}, k: {choice: [a, b]}}", NULL,
        "{refine: {sampler: {grid: {grids: {x: [0, 0.5, 1], k: [a, b]}}}, then: tpe, broad: 50}}");
    for (size_t i = 0; i < 30; i++) {
        size_t count;
        hn_point *p = fixture_propose(&f, NULL, 1, &count);
        ck_assert_uint_eq(count, 1);
        fixture_put(&f, p, HONE_COMPLETE, fabs(value(&f, p, "x") - 0.45));
    }
    ck_assert_double_lt(hn_history_value(f.history, hn_history_ranked(f.history, 0), 0), 0.03);
    fixture_release(&f);
}
END_TEST

START_TEST(mistakes_are_named)
{
    static const struct {
        const char *sampler, *message;
    } cases[] = {
        {"{refine: {then: grid}}", "enumerates"},         {"{refine: {sampler: grid}}", "enumerates"},
        {"{refine: {around: 3}}", "around is a mapping"}, {"{refine: {broad: 0}}", "broad"},
        {"{refine: {sampler: rndom}}", "random"},
    };
    static const struct {
        const char *sampler, *message;
    } later[] = {
        {"{refine: {around: {k: 3}}}", "a choice has no width"},
        {"{refine: {around: {y: 3}}}", "y"},
        {"{refine: {around: {x: wide}}}", "number"},
    };
    fixture f = fixture_make(space, NULL, "random");
    hone_error err;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        hn_spec spec;
        hn_sampler *sampler = NULL;
        ck_assert(!hn_spec_from_text(&f.arena, cases[i].sampler, "sampler", &spec, &err));
        ck_assert_int_ne(hn_sampler_create(&spec, &sampler, &err), HONE_OK);
        hn_assert_contains(err.message, cases[i].message);
    }
    for (size_t i = 0; i < sizeof later / sizeof *later; i++) {
        fixture_sampler(&f, later[i].sampler);
        ck_assert_int_ne(hn_sampler_check(f.sampler, f.space, &err), HONE_OK);
        hn_assert_contains(err.message, later[i].message);
    }
    fixture_release(&f);
}
END_TEST

Suite *suite_refine(void)
{
    Suite *suite = suite_create("refine");
    TCase *refine = tcase_create("refine");
    tcase_add_test(refine, later_trials_lie_in_the_box);
    tcase_add_test(refine, stated_widths_are_kept);
    tcase_add_test(refine, it_finds_more_than_a_broad_search);
    tcase_add_test(refine, it_goes_on_from_a_grid_with_a_model);
    tcase_add_test(refine, mistakes_are_named);
    suite_add_tcase(suite, refine);
    return suite;
}
