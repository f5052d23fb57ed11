/* Starts taken from earlier studies. */
#include "sampler/earlier.h"

#include "fixture.h"

static const char now[] =
    "{x: {float: [0, 10]}, s: {int: [0, 100], step: 10}, k: {choice: [c, a, b]}, z: {float: [0, 1]}}";
static const char before[] =
    "{x: {float: [-5, 5]}, s: {int: [0, 50]}, k: {choice: [a, b, gone]}, w: {float: [0, 1]}}";

/* A trial of the earlier space; its columns in the order of names: k, s, w, x. */
static void told(fixture *f, double x, double s, double k, double loss)
{
    hn_point point = hn_point_new(&f->arena, f->space->count);
    const struct {
        const char *name;
        double value;
    } values[] = {{"x", x}, {"s", s}, {"k", k}, {"w", 0.5}};
    for (size_t i = 0; i < 4; i++) {
        size_t p = hn_space_find(f->space, values[i].name);
        point.values[p] = values[i].value;
        point.active[p] = true;
    }
    fixture_put(f, &point, HONE_COMPLETE, loss);
}

static double start_of(const hn_earlier *earlier, fixture *f, size_t k, const char *name)
{
    hn_point known = hn_point_new(&f->arena, f->space->count);
    ck_assert(hn_earlier_start(earlier, f->space, k, &known));
    size_t p = hn_space_find(f->space, name);
    ck_assert_int_eq(known.active[p], !isnan(known.values[p]));
    return known.values[p];
}

/* Of ten trials the three best are good; the second start is the one farther from the best. */
START_TEST(values_are_translated_and_starts_spread)
{
    fixture old = fixture_make(before, NULL, "random"), f = fixture_make(now, NULL, "tpe");
    hn_earlier earlier = {0};
    size_t taken = 0;
    told(&old, 4, 28, 0, 1);
    told(&old, 3.9, 26, 0, 2);
    told(&old, -1, 50, 2, 3);
    for (int i = 0; i < 7; i++) {
        told(&old, 5, 3, 1, 10 + i);
    }
    hone_error err;
    ck_assert_int_eq(hn_earlier_add(&earlier, f.space, old.history, &f.arena, &taken, &err), HONE_OK);
    ck_assert_uint_eq(taken, 10);
    ck_assert_uint_eq(earlier.n_studies, 1);
    ck_assert_uint_eq(earlier.studies[0].n, 3);
    ck_assert_double_eq(start_of(&earlier, &f, 0, "x"), 4);
    ck_assert_double_eq(start_of(&earlier, &f, 0, "s"), 30); /* the nearest step */
    ck_assert_double_eq(start_of(&earlier, &f, 0, "k"), 1);  /* a, by its name */
    ck_assert(isnan(start_of(&earlier, &f, 0, "z")));        /* unheard of */
    ck_assert(isnan(start_of(&earlier, &f, 1, "x")));        /* below the bounds of now */
    ck_assert_double_eq(start_of(&earlier, &f, 1, "s"), 50);
    ck_assert(isnan(start_of(&earlier, &f, 1, "k"))); /* no choice any more */
    ck_assert_double_eq(start_of(&earlier, &f, 2, "x"), 3.9);
    hn_point known = hn_point_new(&f.arena, f.space->count);
    ck_assert(!hn_earlier_start(&earlier, f.space, 3, &known));
    fixture_release(&old);
    fixture_release(&f);
}
END_TEST

START_TEST(a_study_of_other_parameters_is_left_out)
{
    fixture old = fixture_make("{u: {float: [0, 1]}}", NULL, "random"), f = fixture_make(now, NULL, "tpe");
    hn_earlier earlier = {0};
    size_t count;
    for (int i = 0; i < 5; i++) {
        fixture_put(&old, fixture_propose(&old, NULL, 1, &count), HONE_COMPLETE, i);
    }
    ck_assert_int_eq(hn_earlier_add(&earlier, f.space, old.history, &f.arena, NULL, NULL), HONE_OK);
    ck_assert_uint_eq(earlier.n_studies, 0);
    fixture_release(&old);
    fixture_release(&f);
}
END_TEST

/* The start-up tries what was good, keeps what the ask fixes, draws what is unknown, and is half as long. */
START_TEST(the_start_up_begins_with_them)
{
    fixture old = fixture_make(before, NULL, "random"), f = fixture_make(now, NULL, "tpe:n_startup=4");
    hn_earlier earlier = {0};
    told(&old, 4, 20, 1, 1);
    ck_assert_int_eq(hn_earlier_add(&earlier, f.space, old.history, &f.arena, NULL, NULL), HONE_OK);
    hn_point point = hn_point_new(&f.arena, f.space->count), fixed = hn_point_new(&f.arena, f.space->count);
    size_t x = hn_space_find(f.space, "x"), s = hn_space_find(f.space, "s"), z = hn_space_find(f.space, "z");
    fixed.values[s] = 70;
    fixed.active[s] = true;
    hn_ask ask = fixture_ask(&f);
    ask.earlier = &earlier;
    size_t count;
    ck_assert_int_eq(hn_sampler_propose(f.sampler, &ask, &fixed, 1, &point, &count, NULL), HONE_OK);
    ck_assert_double_eq(point.values[x], 4);
    ck_assert_double_eq(point.values[s], 70);
    ck_assert(point.active[z] && point.values[z] >= 0 && point.values[z] <= 1);
    fixture_release(&old);
    fixture_release(&f);
}
END_TEST

Suite *suite_earlier(void)
{
    Suite *suite = suite_create("earlier");
    TCase *tests = tcase_create("earlier");
    tcase_add_test(tests, values_are_translated_and_starts_spread);
    tcase_add_test(tests, a_study_of_other_parameters_is_left_out);
    tcase_add_test(tests, the_start_up_begins_with_them);
    suite_add_tcase(suite, tests);
    return suite;
}
