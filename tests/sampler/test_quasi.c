/* Sobol and Halton: which dimension and index a value comes from. */
#include "fixture.h"
#include "math/sequence.h"

static const char *const space_text =
    "{b: {float: [-1, 1]}, k: {choice: [x, y, z, w], when: a > 0.5}, a: {float: [0, 1]}}";

/* Index = trial number, dimension = place in the order of declaration, whatever the topological order. */
START_TEST(points_are_the_sequence)
{
    fixture f = fixture_make(space_text, NULL, _i == 0 ? "sobol:scramble=false" : "halton:scramble=false");
    double (*sequence)(uint64_t, unsigned, bool, uint64_t) = _i == 0 ? hn_sobol : hn_halton;
    size_t count;
    hn_point *batch = fixture_propose(&f, NULL, 32, &count);
    ck_assert_uint_eq(count, 32);
    for (uint64_t number = 0; number < 32; number++) {
        hn_point point;
        ck_assert(fixture_step(&f, &point));
        double a = sequence(number, 2, false, 0);
        ck_assert_double_eq(fixture_value(&f, &point, "a"), a);
        hn_assert_absolute(fixture_value(&f, &point, "b"), 2 * sequence(number, 0, false, 0) - 1, 1e-15);
        double k = fixture_value(&f, &point, "k");
        ck_assert(a > 0.5 ? k == floor(4 * sequence(number, 1, false, 0)) : isnan(k));
        ck_assert_double_eq(fixture_value(&f, &batch[number], "a"), a);
    }
    fixture_release(&f);
}
END_TEST

START_TEST(scrambling_follows_the_seed)
{
    fixture f = fixture_make(space_text, NULL, _i == 0 ? "sobol" : "halton");
    size_t count;
    double first = fixture_value(&f, fixture_propose(&f, NULL, 1, &count), "a");
    ck_assert_double_eq(first, fixture_value(&f, fixture_propose(&f, NULL, 1, &count), "a"));
    f.seed = 8;
    ck_assert_double_ne(first, fixture_value(&f, fixture_propose(&f, NULL, 1, &count), "a"));
    fixture_release(&f);
}
END_TEST

/* Asked one by one in the order of declaration, the values are those of the declared space, from the first
 * trial on. */
START_TEST(define_by_run_is_the_same)
{
    fixture f = fixture_make("{p: {float: [0, 1]}, q: {float: [0, 1]}, r: {int: [0, 99]}}", NULL, "sobol");
    for (int number = 0; number < 8; number++) {
        size_t count;
        hn_point declared = fixture_propose(&f, NULL, 1, &count)[0], point = hn_point_new(&f.arena, 3);
        for (size_t i = 0; i < 3; i++) {
            hn_ask ask = fixture_ask(&f);
            double value;
            ck_assert_int_eq(hn_sampler_propose_one(f.sampler, &ask, i, &point, &value, NULL), HONE_OK);
            point.values[i] = value;
            point.active[i] = true;
            ck_assert_double_eq(value, declared.values[i]);
        }
        fixture_put(&f, &point, HONE_COMPLETE, 0);
    }
    fixture_release(&f);
}
END_TEST

/* More parameters than the sequence has dimensions: the rest is random, and different from one to the
 * next. */
START_TEST(dimensions_may_run_out)
{
    enum { N = HN_SOBOL_MAX_DIMENSIONS + 5 };
    hn_distribution *distributions = calloc(N, sizeof *distributions);
    const char **names = calloc(N, sizeof *names);
    fixture f = fixture_make("{p: {float: [0, 1]}}", NULL, "sobol");
    const hn_distribution unit = f.space->parameters[0].distribution;
    for (size_t i = 0; i < N; i++) {
        distributions[i] = unit;
        names[i] = hn_arena_printf(&f.arena, "p%zu", i);
    }
    ck_assert_int_eq(hn_space_from_distributions(&f.arena, names, distributions, N, &f.space, NULL), HONE_OK);
    size_t count;
    hn_point *point = fixture_propose(&f, NULL, 1, &count);
    ck_assert_double_ne(point->values[N - 1], point->values[N - 2]);
    fixture_release(&f);
    free(distributions);
    free(names);
}
END_TEST

Suite *suite_quasi(void)
{
    Suite *suite = suite_create("quasi");
    TCase *sequences = tcase_create("sequences");
    tcase_add_loop_test(sequences, points_are_the_sequence, 0, 2);
    tcase_add_loop_test(sequences, scrambling_follows_the_seed, 0, 2);
    tcase_add_test(sequences, define_by_run_is_the_same);
    tcase_add_test(sequences, dimensions_may_run_out);
    suite_add_tcase(suite, sequences);
    return suite;
}
