/* Paths between settings: each step against all that could be taken instead, by predictions made anew; what
 * comes and goes with what. */
#include "analysis/ablation.h"

#include <string.h>

#include "base/arena.h"
#include "fixture.h"
#include "surrogate/ensemble.h"

enum { TRIALS = 120, TREES = 6 };

static const char *const kinds[] = {"a", "b", "c"};

/* A setting that is followed along a path. */
typedef struct follower {
    double raw[MOST_PARAMS]; /* by observed parameter; NaN: not there */
} follower;

static hn_ablation find(const fixture *f, int64_t from, int64_t to, const hn_space *space, hn_arena *arena)
{
    hn_ablation found;
    hone_error err = {0};
    const hn_ablation_plan plan = {
        .from = from, .to = to, .space = space, .n_trees = TREES, .seed = 3, .max_trials = 1000};
    ck_assert_msg(!hn_ablation_find(f->history, &plan, arena, &found, &err), "%s", err.message);
    return found;
}

static const char *name_of(const hn_ablation *a, const hn_ablation_change *change)
{
    return a->observed.names[change->parameter];
}

static void read_trial(const fixture *f, int64_t trial, follower *s)
{
    for (size_t p = 0; p < f->n; p++) {
        bool has = hn_history_has(f->history, trial, p);
        s->raw[p] = has ? hn_history_cell(f->history, trial, p) : NAN;
    }
}

/* Makes a step's changes, which must begin where the setting is. */
static void apply(const hn_ablation_step *step, follower *s)
{
    for (size_t i = 0; i < step->n_changes; i++) {
        const hn_ablation_change *change = &step->changes[i];
        double *raw = &s->raw[change->parameter];
        ck_assert(change->had ? *raw == change->before : isnan(*raw));
        *raw = change->has ? change->after : NAN;
    }
}

static void check_equal(const follower *a, const follower *b, size_t n)
{
    for (size_t p = 0; p < n; p++) {
        ck_assert((isnan(a->raw[p]) && isnan(b->raw[p])) || a->raw[p] == b->raw[p]);
    }
}

/* --- without conditions --- */

static void make_plain(fixture *f, hn_arena *arena)
{
    hn_random random = hn_random_stream(2, 0, HN_PURPOSE_TEST);
    fixture_open(f, 1);
    fixture_float(f, "x", 0, 1, false);
    fixture_float(f, "rate", 1e-4, 1, true);
    fixture_choice(f, arena, "kind", kinds, 3);
    fixture_float(f, "fixed", 1, 1, false);
    fixture_integer(f, "n", 1, 9);
    for (int i = 0; i < TRIALS; i++) {
        const double raw[] = {hn_random_uniform(&random), pow(10, -4 * hn_random_uniform(&random)),
                              (double)hn_random_below(&random, 3), 1,
                              1 + (double)hn_random_below(&random, 9)};
        double value = 5 * raw[0] + raw[2] * raw[4] - log10(raw[1]);
        fixture_add(f, raw, HONE_COMPLETE, &value);
    }
}

/* What the forest expects of a setting. */
static void expect(const hn_ensemble *e, const hn_observed *o, const follower *s, double *mean,
                   double *variance)
{
    double row[MOST_PARAMS];
    uint32_t at;
    for (size_t j = 0; j < o->groups->d; j++) {
        row[j] = hn_observed_unit(o, o->groups, j, s->raw[o->groups->parameters[j]]);
    }
    hn_ensemble_predict(e, row, 1, &at, mean, variance);
}

START_TEST(takes_the_best_change_each_time)
{
    fixture f;
    hn_arena arena = HN_ARENA_INIT;
    hn_ensemble ensemble = {0};
    follower at, to;
    double mean, variance;
    make_plain(&f, &arena);
    hn_ablation path = find(&f, 4, 11, NULL, &arena);
    const hn_observations *group = path.observed.groups;
    const hn_ensemble_plan growth = {.n_trees = TREES,
                                     .min_split = 2,
                                     .min_leaf = 1,
                                     .max_depth = 64,
                                     .feature_share = 1,
                                     .bootstrap = true,
                                     .seed = 3};
    ck_assert_uint_eq(group->d, 4); /* the constant is passed over */
    ck_assert(!hn_ensemble_fit(group->unit, group->loss, group->n, group->d, &growth, &ensemble, NULL));
    read_trial(&f, 4, &at);
    read_trial(&f, 11, &to);
    expect(&ensemble, &path.observed, &at, &mean, &variance);
    ck_assert(path.mean == mean && path.deviation == sqrt(variance));
    ck_assert_uint_eq(path.n_trials, TRIALS);
    for (size_t s = 0; s < path.n_steps; s++) {
        double best = INFINITY;
        for (size_t p = 0; p < f.n; p++) {
            follower tried = at;
            tried.raw[p] = to.raw[p];
            if (at.raw[p] != to.raw[p]) {
                expect(&ensemble, &path.observed, &tried, &mean, &variance);
                best = fmin(best, mean);
            }
        }
        ck_assert_uint_eq(path.steps[s].n_changes, 1);
        ck_assert_double_eq(path.steps[s].mean, best);
        apply(&path.steps[s], &at);
        expect(&ensemble, &path.observed, &at, &mean, &variance);
        ck_assert(path.steps[s].mean == mean && path.steps[s].deviation == sqrt(variance));
    }
    check_equal(&at, &to, f.n);
    hn_ensemble_release(&ensemble);
    hn_arena_release(&arena);
    hn_history_destroy(f.history);
}
END_TEST

/* --- with conditions --- */

static const char space_text[] =
    "{kind: {choice: [a, b, c]}, alpha: {float: [0, 1], when: kind == a}, "
    "deep: {int: [1, 4], when: kind == b}, width: {float: [0, 1], when: deep >= 3}, x: {float: [0, 1]}}";

static void make_conditional(fixture *f, hn_arena *arena)
{
    hn_random random = hn_random_stream(7, 0, HN_PURPOSE_TEST);
    fixture_open(f, 1);
    fixture_choice(f, arena, "kind", kinds, 3);
    fixture_float(f, "alpha", 0, 1, false);
    fixture_integer(f, "deep", 1, 4);
    fixture_float(f, "width", 0, 1, false);
    fixture_float(f, "x", 0, 1, false);
    for (int i = 0; i < TRIALS; i++) {
        double kind = (double)(i % 3), deep = 1 + (double)(i / 3 % 4), x = hn_random_uniform(&random);
        const double raw[] = {kind, kind == 0 ? hn_random_uniform(&random) : NAN, kind == 1 ? deep : NAN,
                              kind == 1 && deep >= 3 ? hn_random_uniform(&random) : NAN, x};
        double value = kind == 0 ? 5 + raw[1] : kind == 1 ? deep + (deep >= 3 ? raw[3] : 0) : 9;
        value += x;
        fixture_add(f, raw, HONE_COMPLETE, &value);
    }
}

/* Trial 0 is of kind a; 1 of kind b, deep 1; 7 of kind b, deep 3 with a width; 2 of kind c. */
START_TEST(what_depends_comes_along)
{
    fixture f;
    hn_arena arena = HN_ARENA_INIT;
    hn_space *space = NULL;
    follower at, to;
    make_conditional(&f, &arena);
    ck_assert(!hn_space_from_text(&arena, space_text, NULL, &space, NULL));
    hn_ablation path = find(&f, 0, 7, _i ? space : NULL, &arena);
    read_trial(&f, 0, &at);
    read_trial(&f, 7, &to);
    ck_assert_uint_eq(path.n_steps, 2);
    size_t moved = strcmp(name_of(&path, &path.steps[0].changes[0]), "kind") != 0;
    const hn_ablation_step *step = &path.steps[moved];
    ck_assert_str_eq(name_of(&path, &step->changes[0]), "kind");
    ck_assert_uint_eq(step->n_changes, 4);
    ck_assert_str_eq(name_of(&path, &step->changes[1]), "alpha");
    ck_assert(step->changes[1].had && !step->changes[1].has);
    ck_assert_str_eq(name_of(&path, &step->changes[2]), "deep");
    ck_assert(!step->changes[2].had && step->changes[2].has);
    ck_assert_str_eq(name_of(&path, &step->changes[3]), "width");
    ck_assert_str_eq(name_of(&path, &path.steps[!moved].changes[0]), "x");
    apply(&path.steps[0], &at);
    apply(&path.steps[1], &at);
    check_equal(&at, &to, f.n);
    hn_ablation deeper = find(&f, 1, 7, _i ? space : NULL, &arena); /* by a number's cut */
    moved = strcmp(name_of(&deeper, &deeper.steps[0].changes[0]), "deep") != 0;
    ck_assert_uint_eq(deeper.n_steps, 2);
    ck_assert_uint_eq(deeper.steps[moved].n_changes, 2);
    ck_assert_str_eq(name_of(&deeper, &deeper.steps[moved].changes[1]), "width");
    hn_arena_release(&arena);
    hn_history_destroy(f.history);
}
END_TEST

/* Both conditions must hold for both, and the values of neither end are the other's: on the way `both` is
 * not there. */
START_TEST(on_the_way_conditions_hold)
{
    static const char text[] =
        "{kind: {choice: [a, b, c]}, n: {int: [1, 9]}, both: {float: [0, 1], when: (kind == a "
        "and n < 5) or (kind == b and n >= 5)}, between: {float: [0, 1], when: kind == b and "
        "n < 5}}";
    fixture f;
    hn_arena arena = HN_ARENA_INIT;
    hn_space *space = NULL;
    hn_random random = hn_random_stream(8, 0, HN_PURPOSE_TEST);
    fixture_open(&f, 1);
    fixture_choice(&f, &arena, "kind", kinds, 3);
    fixture_integer(&f, "n", 1, 9);
    fixture_float(&f, "both", 0, 1, false);
    fixture_float(&f, "between", 0, 1, false);
    for (int i = 0; i < TRIALS; i++) {
        double kind = (double)(i % 3), n = 1 + (double)(i / 3 % 9);
        bool both = (kind == 0 && n < 5) || (kind == 1 && n >= 5), between = kind == 1 && n < 5;
        const double raw[] = {kind, n, both ? hn_random_uniform(&random) : NAN,
                              between ? hn_random_uniform(&random) : NAN};
        double value = 10 * kind - n; /* kind a is better: b is left behind last */
        fixture_add(&f, raw, HONE_COMPLETE, &value);
    }
    ck_assert(!hn_space_from_text(&arena, text, NULL, &space, NULL));
    follower at, to;
    int64_t from = 0, last = 13; /* kind a, n 1; kind b, n 5 */
    hn_ablation path = find(&f, from, last, space, &arena);
    read_trial(&f, from, &at);
    read_trial(&f, last, &to);
    ck_assert_str_eq(name_of(&path, &path.steps[0].changes[0]), "n");
    apply(&path.steps[0], &at);
    ck_assert(isnan(at.raw[2]) && isnan(at.raw[3])); /* kind a, n 5 */
    for (size_t s = 1; s < path.n_steps; s++) {
        apply(&path.steps[s], &at);
    }
    check_equal(&at, &to, f.n);
    path = find(&f, last, 0, space, &arena); /* and back, by kind b, n 1 or by kind a, n 5 */
    read_trial(&f, last, &at);
    read_trial(&f, 0, &to);
    for (size_t s = 0; s < path.n_steps; s++) {
        apply(&path.steps[s], &at);
    }
    check_equal(&at, &to, f.n);
    hn_arena_release(&arena);
    hn_history_destroy(f.history);
}
END_TEST

START_TEST(what_cannot_be_walked)
{
    fixture f;
    hn_arena arena = HN_ARENA_INIT;
    hn_ablation found;
    hone_error err;
    make_plain(&f, &arena);
    double raw[] = {0.5, 0.1, 0, 1, 3}, value = 1;
    int64_t twin = fixture_add(&f, raw, HONE_COMPLETE, &value);
    int64_t failed = fixture_add(&f, raw, HONE_FAILED, NULL);
    hn_ablation_plan plan = {.from = twin, .to = failed, .n_trees = TREES, .max_trials = 1000};
    ck_assert_int_eq(hn_ablation_find(f.history, &plan, &arena, &found, &err), HONE_INVALID);
    hn_assert_contains(err.message, "have the same parameters");
    plan.from = 0; /* to one that failed: what would it have been worth? */
    ck_assert(!hn_ablation_find(f.history, &plan, &arena, &found, NULL));
    ck_assert_uint_eq(found.n_trials, TRIALS + 1);
    plan.max_trials = 30;
    ck_assert(!hn_ablation_find(f.history, &plan, &arena, &found, NULL));
    ck_assert_uint_eq(found.n_trials, 30);
    hn_history_destroy(f.history);
    fixture_open(&f, 1);
    ck_assert_int_eq(hn_ablation_find(f.history, &plan, &arena, &found, &err), HONE_INVALID);
    hn_assert_contains(err.message, "there are 0");
    hn_arena_release(&arena);
    hn_history_destroy(f.history);
}
END_TEST

Suite *suite_ablation(void)
{
    Suite *suite = suite_create("ablation");
    TCase *all = tcase_create("ablation");
    tcase_add_test(all, takes_the_best_change_each_time);
    tcase_add_loop_test(all, what_depends_comes_along, 0, 2);
    tcase_add_test(all, on_the_way_conditions_hold);
    tcase_add_test(all, what_cannot_be_walked);
    suite_add_tcase(suite, all);
    return suite;
}
