/* The sampler rf: what its forest learns from, what it proposes, and spaces and values that are hard. The
 * forest is tested in tests/surrogate/. */
#include "fixture.h"
#include "sampler/rf_search.h"
#include <stdio.h>

typedef double loss_function(const fixture *, const hn_point *);

static void random_point(fixture *f, hn_random *random, hn_point *point)
{
    double *units = HN_ARENA_NEW(&f->arena, double, f->space->count);
    for (size_t i = 0; i < f->space->count; i++)
        units[i] = hn_random_uniform(random);
    hn_space_decode(f->space, units, point);
}

/* n trials at random, finished with the value of `loss`. */
static void tell_random(fixture *f, size_t n, loss_function *loss)
{
    hn_random random = hn_random_stream(11, 0, HN_PURPOSE_TEST);
    hn_point point = hn_point_new(&f->arena, f->space->count);
    for (size_t k = 0; k < n; k++) {
        random_point(f, &random, &point);
        fixture_put(f, &point, HONE_COMPLETE, loss(f, &point));
    }
}

/* n trials proposed and told; the best loss. */
static double run(fixture *f, size_t n, loss_function *loss)
{
    double best = INFINITY;
    for (size_t k = 0; k < n; k++) {
        size_t count;
        hn_point *point = fixture_propose(f, NULL, 1, &count);
        best = fmin(best, loss(f, point));
        fixture_put(f, point, HONE_COMPLETE, loss(f, point));
    }
    return best;
}

/* The best loss of 40 trials, in the mean of five seeds. */
static double mean_best(const char *space, const char *sampler, loss_function *loss)
{
    double sum = 0;
    for (uint64_t seed = 0; seed < 5; seed++) {
        fixture f = fixture_make(space, NULL, sampler);
        f.seed = seed;
        sum += run(&f, 40, loss);
        fixture_release(&f);
    }
    return sum / 5;
}

/* The mean distance of a parameter's proposals of many seeds from a value. */
static double mean_distance(fixture *f, const char *name, double from, size_t n)
{
    double sum = 0;
    size_t count;
    for (size_t k = 0; k < n; k++) {
        f->seed = 1000 + k;
        sum += fabs(fixture_value(f, fixture_propose(f, NULL, 1, &count), name) - from);
    }
    return sum / (double)n;
}

static double to_point_two(const fixture *f, const hn_point *point)
{
    double x = fixture_value(f, point, "x");
    return (x - 0.2) * (x - 0.2);
}

static double of_both(const fixture *f, const hn_point *point)
{
    double x = fixture_value(f, point, "x"), y = fixture_value(f, point, "y");
    return (x - 0.2) * (x - 0.2) + (y - 0.8) * (y - 0.8);
}

static double flat(const fixture *f, const hn_point *point)
{
    (void)f, (void)point;
    return 3;
}

static const char line[] = "{x: {float: [0, 1]}}";
static const char plane[] = "{x: {float: [0, 1]}, y: {float: [0, 1]}}";

/* --- learning --- */

START_TEST(finds_better_points_than_random_search)
{
    static const struct {
        const char *sampler;
        double share; /* of the loss of random search */
    } cases[] = {{"rf", 0.4},
                 {"rf:acquisition=lcb", 0.4},
                 {"rf:transform=none", 0.9},
                 {"rf:bootstrap=true,features=1", 0.4},
                 {"rf:acquisition=pi", 0.8}}; /* stays near what is good */
    double random = mean_best(plane, "random", of_both);
    for (size_t m = 0; m < sizeof cases / sizeof *cases; m++) {
        double found = mean_best(plane, cases[m].sampler, of_both);
        ck_assert_msg(found < cases[m].share * random, "%s: %g, random %g", cases[m].sampler, found, random);
    }
}
END_TEST

static double by_run(uint64_t seed)
{
    fixture f = fixture_make(plane, NULL, "rf");
    hn_point point = hn_point_new(&f.arena, 2);
    double best = INFINITY;
    f.seed = seed;
    for (int k = 0; k < 40; k++) {
        hn_ask ask = fixture_ask(&f);
        point.active[0] = point.active[1] = false;
        for (size_t i = 0; i < 2; i++) {
            ck_assert(!hn_sampler_propose_one(f.sampler, &ask, i, &point, &point.values[i], NULL));
            point.active[i] = true;
        }
        best = fmin(best, of_both(&f, &point));
        fixture_put(&f, &point, HONE_COMPLETE, of_both(&f, &point));
    }
    fixture_release(&f);
    return best;
}

START_TEST(one_parameter_at_a_time_is_better_than_random_search)
{
    double sum = 0;
    for (uint64_t seed = 0; seed < 5; seed++)
        sum += by_run(seed);
    ck_assert_double_lt(sum / 5, 0.4 * mean_best(plane, "random", of_both));
}
END_TEST

static const char mixed[] =
    "{c: {choice: [p, q, r, s]}, n: {int: [0, 50]}, o: {ordinal: [1, 10, 100, 500, null]}, "
    "l: {int: [1, 1000], log: true}, s: {float: [0, 1], step: 0.05}, b: {choice: [t, u]}}";

static double mixed_loss(const fixture *f, const hn_point *point)
{
    return (fixture_value(f, point, "c") != 2) + (fixture_value(f, point, "b") != 1) +
           fabs(fixture_value(f, point, "n") - 17) / 50 + fabs(fixture_value(f, point, "o") - 3) / 4 +
           fabs(log10(fixture_value(f, point, "l") / 30)) / 3 + fabs(fixture_value(f, point, "s") - 0.75);
}

START_TEST(learns_choices_and_integers)
{
    ck_assert_double_lt(mean_best(mixed, "rf", mixed_loss), 0.6 * mean_best(mixed, "random", mixed_loss));
}
END_TEST

static const char tree[] =
    "{model: {choice: [svm, net]}, c: {float: [1e-3, 1e3], log: true, when: model == svm}, fixed: 3, "
    "lr: {float: [0, 1], when: model == net}, depth: {int: [1, 4], when: model == net}, "
    "units: {int: [8, 64], when: depth > 2}}";

static double tree_loss(const fixture *f, const hn_point *point)
{
    double lr = fixture_value(f, point, "lr"), c = fixture_value(f, point, "c");
    return isnan(lr) ? 1 + fabs(log10(c)) : fabs(lr - 0.3);
}

/* Most proposals are of the better branch, and what is expected to be best is near its optimum. */
START_TEST(learns_in_the_branch_that_matters)
{
    fixture f = fixture_make(tree, NULL, "rf");
    tell_random(&f, 40, tree_loss);
    size_t count, nets = 0;
    double sum = 0;
    for (f.seed = 0; f.seed < 30; f.seed++)
        nets += !isnan(fixture_value(&f, fixture_propose(&f, NULL, 1, &count), "lr"));
    ck_assert_uint_gt(nets, 24);
    fixture_sampler(&f, "rf:acquisition=lcb,kappa=0");
    for (f.seed = 0; f.seed < 30; f.seed++)
        sum += tree_loss(&f, fixture_propose(&f, NULL, 1, &count));
    ck_assert_double_lt(sum / 30, 0.1); /* uniform in the branch: 0.29 */
    fixture_release(&f);
}
END_TEST

/* --- what is told --- */

/* The good region failed all along: it is left. */
START_TEST(failed_trials_count_as_the_worst)
{
    fixture f = fixture_make(line, NULL, "rf");
    hn_point point = hn_point_new(&f.arena, 1);
    point.active[0] = true;
    for (int k = 0; k < 40; k++) {
        bool fails = k >= 4 && k < 12; /* 0.1 .. 0.3 */
        point.values[0] = k / 40.0;
        fixture_put(&f, &point, fails ? HONE_FAILED : HONE_COMPLETE, fails ? NAN : to_point_two(&f, &point));
    }
    size_t count;
    for (f.seed = 0; f.seed < 20; f.seed++) {
        double x = fixture_value(&f, fixture_propose(&f, NULL, 1, &count), "x");
        ck_assert_msg(x < 0.13 || x > 0.27, "%g", x);
    }
    fixture_release(&f);
}
END_TEST

static void put_reported(fixture *f, double x, hone_trial_state state, const double *value, double report)
{
    const hn_trial_param param = {"x", &f->space->parameters[0].distribution, x};
    const hn_trial_report last = {5, report};
    hn_trial_record record = {.number = (int64_t)hn_history_count(f->history),
                              .state = state,
                              .n_params = 1,
                              .params = &param,
                              .n_values = value != NULL,
                              .values = value,
                              .n_reports = state == HONE_PRUNED,
                              .reports = &last,
                              .noise = NAN};
    ck_assert(!hn_history_put(f->history, &record, NULL));
}

static hn_rf_data collect(fixture *f, size_t max_trials, hn_ask *ask, hn_rf_encoding *encoding)
{
    hn_rf_data data;
    *ask = fixture_ask(f);
    ck_assert(!hn_rf_encoding_make(ask->scratch, f->space, encoding, NULL));
    ck_assert(!hn_rf_collect(ask, encoding, max_trials, true, 0, &data, NULL));
    return data;
}

START_TEST(targets_of_trials_without_a_value)
{
    fixture f = fixture_make(line, NULL, "rf");
    const double values[] = {1, 2, 3, 10, -INFINITY};
    for (size_t k = 0; k < 4; k++)
        put_reported(&f, 0.1 * (double)k, HONE_COMPLETE, &values[k], NAN);
    put_reported(&f, 0.5, HONE_PRUNED, NULL, 5);
    put_reported(&f, 0.6, HONE_PRUNED, NULL, 0.5); /* no better than the median of 1, 2, 3, 10 */
    put_reported(&f, 0.7, HONE_PRUNED, NULL, NAN);
    put_reported(&f, 0.8, HONE_FAILED, NULL, NAN);
    put_reported(&f, 0.9, HONE_COMPLETE, &values[4], NAN);
    put_reported(&f, 1.0, HONE_RUNNING, NULL, NAN);
    hn_ask ask;
    hn_rf_encoding encoding;
    hn_rf_data data = collect(&f, 100, &ask, &encoding);
    const double expected[] = {1, 2, 3, 10, 5, 2.5, 10, 10, 10};
    ck_assert_uint_eq(data.n, 9);
    ck_assert_uint_eq(data.n_pending, 1);
    for (size_t r = 0; r < 9; r++)
        ck_assert_msg(data.y[r] == expected[r], "%zu: %g", r, data.y[r]);
    ck_assert_double_eq(data.x[9], 1);
    fixture_release(&f);
}
END_TEST

/* The violation decides as long as nothing is feasible, and nothing infeasible is good afterwards. */
START_TEST(infeasible_trials_count_as_the_worst)
{
    fixture f = fixture_make(line, NULL, "rf");
    const double value = 0, violations[] = {3, 1, 2}, good = 4;
    for (size_t k = 0; k < 4; k++) {
        const hn_trial_param param = {"x", &f.space->parameters[0].distribution, 0.2 * (double)k};
        hn_trial_record record = {.number = (int64_t)k,
                                  .state = HONE_COMPLETE,
                                  .n_params = 1,
                                  .params = &param,
                                  .n_values = 1,
                                  .values = k < 3 ? &value : &good,
                                  .n_constraints = k < 3,
                                  .constraints = &violations[k < 3 ? k : 0],
                                  .noise = NAN};
        hn_ask ask;
        hn_rf_encoding encoding;
        ck_assert(!hn_history_put(f.history, &record, NULL));
        hn_rf_data data = collect(&f, 100, &ask, &encoding);
        for (size_t r = 0; r <= k; r++)
            ck_assert_double_eq(data.y[r], k < 3 ? violations[r] : 4);
    }
    fixture_release(&f);
}
END_TEST

START_TEST(a_bound_on_the_trials_keeps_the_best_and_the_newest)
{
    fixture f = fixture_make(line, NULL, "rf");
    hn_point point = hn_point_new(&f.arena, 1);
    point.active[0] = true;
    for (int k = 0; k < 100; k++) {
        point.values[0] = k / 100.0;
        fixture_put(&f, &point, HONE_COMPLETE, k);
    }
    hn_ask ask;
    hn_rf_encoding encoding;
    hn_rf_data data = collect(&f, 10, &ask, &encoding);
    ck_assert_uint_eq(data.n, 10);
    for (size_t r = 0; r < 10; r++)
        ck_assert_double_eq(data.y[r], (double)(r < 5 ? r : 90 + r));
    data = collect(&f, 100, &ask, &encoding);
    ck_assert_uint_eq(data.n, 100);
    fixture_release(&f);
}
END_TEST

START_TEST(points_are_encoded_by_columns)
{
    fixture f = fixture_make(
        "{a: {choice: [p, q, r]}, b: {choice: [t, u]}, c: 7, x: {float: [1, 100], log: true, when: a == q}}",
        NULL, "rf");
    hn_rf_encoding encoding;
    double row[5];
    ck_assert(!hn_rf_encoding_make(&f.arena, f.space, &encoding, NULL));
    ck_assert_uint_eq(encoding.width, 5); /* 3 + 1 + 0 + 1 */
    hn_point point = hn_point_new(&f.arena, 4);
    size_t a = hn_space_find(f.space, "a"), b = hn_space_find(f.space, "b"), x = hn_space_find(f.space, "x");
    point.active[a] = point.active[b] = point.active[x] = true;
    point.values[a] = 1;
    point.values[b] = 1;
    point.values[x] = 10;
    hn_rf_encode(&encoding, &point, row);
    const double expected[] = {0, 1, 0};
    ck_assert(memcmp(row + encoding.first[a], expected, sizeof expected) == 0);
    ck_assert_double_eq(row[encoding.first[b]], 0.75);
    hn_assert_absolute(row[encoding.first[x]], 0.5, 1e-12);
    point.active[x] = point.active[a] = false;
    hn_rf_encode(&encoding, &point, row);
    ck_assert_double_eq(row[encoding.first[x]], -1);
    for (size_t k = 0; k < 3; k++)
        ck_assert_double_eq(row[encoding.first[a] + k], 0);
    fixture_release(&f);
}
END_TEST

START_TEST(the_logarithm_spreads_the_good)
{
    double scratch[6], y[] = {1, 1.01, 1.1, 2, 11, 1e9}, equal[] = {2, 2, 2};
    hn_rf_log_scale(y, 6, scratch);
    for (size_t i = 0; i < 6; i++) {
        ck_assert(isfinite(y[i]));
        ck_assert(i == 0 || y[i] >= y[i - 1]);
    }
    ck_assert_double_eq(y[5], 0);
    double plain[] = {-4, -3, 0, 6, 8};
    hn_rf_log_scale(plain, 5, scratch); /* the 5th percentile is -3.8, so low is -4.2 */
    for (size_t i = 0; i < 5; i++)
        hn_assert_absolute(plain[i], log(((const double[]){-4, -3, 0, 6, 8}[i] + 4.2) / 12.2), 1e-12);
    hn_rf_log_scale(equal, 3, scratch);
    ck_assert_double_eq(equal[0], 0);
}
END_TEST

/* --- parallel --- */

/* How far the proposals of some seeds are from the nearest of the trials that run. */
static double distance_to_running(const char *sampler)
{
    enum { RUNNING = 20 };
    fixture f = fixture_make(plane, NULL, sampler);
    tell_random(&f, 40, of_both);
    hn_point running[RUNNING];
    size_t count;
    for (int k = 0; k < RUNNING; k++) { /* what was proposed before is under way */
        running[k] = *fixture_propose(&f, NULL, 1, &count);
        fixture_put(&f, &running[k], HONE_RUNNING, 0);
    }
    double sum = 0;
    for (f.seed = 100; f.seed < 130; f.seed++) {
        hn_point *point = fixture_propose(&f, NULL, 1, &count);
        double least = INFINITY;
        for (int k = 0; k < RUNNING; k++)
            least = fmin(least, hypot(point->values[0] - running[k].values[0],
                                      point->values[1] - running[k].values[1]));
        sum += least;
    }
    fixture_release(&f);
    return sum / 30;
}

START_TEST(running_trials_spread_proposals)
{
    double apart = distance_to_running("rf"), regardless = distance_to_running("rf:pending=false");
    ck_assert_msg(apart > 1.2 * regardless, "%g, %g", apart, regardless);
}
END_TEST

START_TEST(points_of_one_batch_differ)
{
    fixture f = fixture_make("{x: {float: [0, 1]}, n: {int: [0, 9]}}", NULL, "rf");
    tell_random(&f, 40, to_point_two);
    size_t count;
    hn_point *points = fixture_propose(&f, NULL, 8, &count);
    ck_assert_uint_eq(count, 8);
    for (size_t i = 0; i < 8; i++)
        for (size_t j = 0; j < i; j++)
            ck_assert(!hn_point_equal(f.space, &points[i], &points[j]));
    fixture_release(&f);
}
END_TEST

static double opposite_from_20(const fixture *f, const hn_point *point)
{
    return hn_history_count(f->history) >= 20 ? -to_point_two(f, point) : to_point_two(f, point);
}

/* Trials between view.before and the trial asked for count by their points, not by what they were told. */
START_TEST(trials_of_the_lag_count_as_running)
{
    fixture f = fixture_make(line, NULL, "rf"), g = fixture_make(line, NULL, "rf");
    tell_random(&f, 30, to_point_two);
    tell_random(&g, 30, opposite_from_20);
    hn_point a = hn_point_new(&f.arena, 1), b = hn_point_new(&f.arena, 1), c = hn_point_new(&f.arena, 1);
    size_t count;
    hn_ask ask = fixture_ask(&f), other = fixture_ask(&g);
    ask.view.before = other.view.before = 20;
    ck_assert(!hn_sampler_propose(f.sampler, &ask, NULL, 1, &a, &count, NULL));
    ck_assert(!hn_sampler_propose(g.sampler, &other, NULL, 1, &b, &count, NULL));
    ck_assert_double_eq(a.values[0], b.values[0]);
    fixture_sampler(&f, "rf:pending=false");
    ck_assert(!hn_sampler_propose(f.sampler, &ask, NULL, 1, &c, &count, NULL));
    ck_assert_double_ne(a.values[0], c.values[0]);
    fixture_release(&f);
    fixture_release(&g);
}
END_TEST

/* --- hard cases --- */

/* Starts with `startup` random trials, then 12 by the forest; proposals are checked by the fixture. */
static void survives(const char *space, const char *forbidden, const char *sampler, loss_function *loss)
{
    fixture f = fixture_make(space, forbidden, sampler);
    run(&f, 14, loss);
    fixture_release(&f);
}

static double first_value(const fixture *f, const hn_point *point)
{
    (void)f;
    return point->values[0];
}

static double outlier(const fixture *f, const hn_point *point)
{
    return hn_history_count(f->history) == 3 ? 1e300 : to_point_two(f, point);
}

static double infinite(const fixture *f, const hn_point *point)
{
    size_t n = hn_history_count(f->history);
    return n % 3 == 0 ? INFINITY : n % 3 == 1 ? -INFINITY : to_point_two(f, point);
}

START_TEST(all_values_equal)
{
    survives(plane, NULL, "rf:n_startup=2", flat);
    survives(mixed, NULL, "rf:n_startup=2", flat);
}
END_TEST

START_TEST(one_trial_or_two)
{
    fixture f = fixture_make(plane, NULL, "rf:n_startup=1");
    run(&f, 3, of_both);
    fixture_release(&f);
}
END_TEST

START_TEST(constants_alone)
{
    survives("{a: 3, b: {choice: [only]}}", NULL, "rf:n_startup=1", flat);
    survives("{a: 3, x: {float: [0, 1]}, y: {float: [2, 2]}}", NULL, "rf:n_startup=1", to_point_two);
}
END_TEST

START_TEST(one_huge_outlier_does_not_hide_the_rest)
{
    fixture f = fixture_make(line, NULL, "rf");
    tell_random(&f, 30, outlier);
    ck_assert_double_lt(mean_distance(&f, "x", 0.2, 30), 0.1);
    fixture_release(&f);
    survives(line, NULL, "rf:n_startup=2", infinite);
}
END_TEST

static double in_decades(const fixture *f, const hn_point *point)
{
    return fabs(log10(fixture_value(f, point, "x")) + 3);
}

START_TEST(twelve_decades)
{
    static const char decades[] = "{x: {float: [1e-9, 1e3], log: true}}";
    ck_assert_double_lt(mean_best(decades, "rf", in_decades), 0.05);
}
END_TEST

/* A parameter for each of n names. */
static char *many(const char *distribution, int n, hn_buffer *text)
{
    hn_buffer_text(text, "{");
    for (int i = 0; i < n; i++)
        hn_buffer_printf(text, "%sp%d: %s", i > 0 ? ", " : "", i, distribution);
    hn_buffer_text(text, "}");
    return text->data;
}

static void proposes_in(const char *space)
{
    fixture f = fixture_make(space, NULL, "rf:n_startup=1");
    hn_random random = hn_random_stream(11, 0, HN_PURPOSE_TEST);
    hn_history_destroy(f.history);
    hone_direction direction = HONE_MINIMIZE;
    ck_assert(!hn_history_create(&direction, 1, &f.history, NULL));
    hn_trial_param *params = HN_ARENA_NEW(&f.arena, hn_trial_param, f.space->count);
    hn_point point = hn_point_new(&f.arena, f.space->count);
    for (int64_t k = 0; k < 20; k++) {
        random_point(&f, &random, &point);
        for (size_t i = 0; i < f.space->count; i++)
            params[i] = (hn_trial_param){f.space->parameters[i].name, &f.space->parameters[i].distribution,
                                         point.values[i]};
        hn_trial_record record = {.number = k,
                                  .state = HONE_COMPLETE,
                                  .n_params = f.space->count,
                                  .params = params,
                                  .n_values = 1,
                                  .values = &point.values[0],
                                  .noise = NAN};
        ck_assert(!hn_history_put(f.history, &record, NULL));
    }
    size_t count;
    fixture_propose(&f, NULL, 2, &count);
    ck_assert_uint_eq(count, 2);
    fixture_release(&f);
}

START_TEST(two_hundred_dimensions_and_sixty_categories)
{
    hn_buffer numbers = HN_BUFFER_INIT, choices = HN_BUFFER_INIT;
    proposes_in(many("{float: [0, 1]}", 200, &numbers));
    proposes_in(many("{choice: [a, b, c, d, e, f, g, h, i, j, k, l]}", 60, &choices));
    hn_buffer_release(&numbers);
    hn_buffer_release(&choices);
}
END_TEST

static double noisy(const fixture *f, const hn_point *point)
{
    hn_random random = hn_random_stream(77, hn_history_count(f->history), HN_PURPOSE_TEST);
    return fabs(fixture_value(f, point, "x") - 0.2) + 0.25 * hn_random_normal(&random);
}

START_TEST(noise_as_large_as_the_signal)
{
    fixture f = fixture_make(line, NULL, "rf:min_leaf=5,n_trees=50");
    tell_random(&f, 200, noisy);
    ck_assert_double_lt(mean_distance(&f, "x", 0.2, 30), 0.25); /* uniform: 0.34 */
    fixture_release(&f);
}
END_TEST

START_TEST(the_same_point_again_and_again)
{
    fixture f = fixture_make(line, NULL, "rf:n_startup=2");
    hn_point point = hn_point_new(&f.arena, 1);
    point.active[0] = true;
    point.values[0] = 0.5;
    for (int k = 0; k < 20; k++)
        fixture_put(&f, &point, HONE_COMPLETE, k);
    run(&f, 10, to_point_two);
    fixture_release(&f);
}
END_TEST

START_TEST(a_branch_never_seen_is_proposed_all_the_same)
{
    fixture f = fixture_make("{a: {int: [1, 2]}, b: {float: [0, 1], when: a > 1}}", NULL, "rf:n_startup=2");
    hn_point point = hn_point_new(&f.arena, 2), fixed = hn_point_new(&f.arena, 2);
    point.values[0] = 1;
    point.active[0] = true;
    for (int k = 0; k < 20; k++)
        fixture_put(&f, &point, HONE_COMPLETE, k);
    fixed.values[0] = 2;
    fixed.active[0] = true;
    size_t count;
    for (f.seed = 0; f.seed < 10; f.seed++) {
        double b = fixture_value(&f, fixture_propose(&f, &fixed, 1, &count), "b");
        ck_assert(b >= 0 && b <= 1);
    }
    fixture_release(&f);
}
END_TEST

START_TEST(bounds_that_changed_bind)
{
    fixture f = fixture_make("{x: {float: [0, 1]}}", NULL, "rf");
    tell_random(&f, 40, to_point_two);
    ck_assert(
        !hn_space_from_text(&f.arena, "{x: {float: [0.5, 2]}, y: {int: [1, 9]}}", NULL, &f.space, NULL));
    size_t count;
    for (f.seed = 0; f.seed < 10; f.seed++)
        fixture_propose(&f, NULL, 1, &count);
    fixture_release(&f);
}
END_TEST

/* --- finite spaces, fixed and forbidden points --- */

START_TEST(a_finite_space_is_seen_whole_before_anything_is_repeated)
{
    static const char *const samplers[] = {"rf:n_startup=3",
                                           "rf:n_startup=3,n_candidates=5"}; /* enumerated, and drawn */
    for (size_t s = 0; s < 2; s++) {
        fixture f = fixture_make("{n: {int: [1, 6]}, c: {choice: [a, b, c]}, m: {int: [1, 2], when: c == a}}",
                                 NULL, samplers[s]);
        bool seen[7][3][3] = {{{false}}};
        for (int k = 0; k < 24; k++) {
            size_t count;
            hn_point *point = fixture_propose(&f, NULL, 1, &count);
            double m = fixture_value(&f, point, "m");
            bool *cell = &seen[(size_t)fixture_value(&f, point, "n")][(size_t)fixture_value(&f, point, "c")]
                              [isnan(m) ? 0 : (size_t)m];
            ck_assert_msg(!*cell, "%s: trial %d", samplers[s], k);
            *cell = true;
            fixture_put(&f, point, HONE_COMPLETE, first_value(&f, point));
        }
        fixture_release(&f);
    }
}
END_TEST

START_TEST(forbidden_points_are_passed_by)
{
    fixture f = fixture_make(plane, "[x < 0.5 and y > 0.5]", "rf");
    tell_random(&f, 60, of_both); /* the optimum is forbidden */
    size_t count;
    double near = 0;
    for (f.seed = 0; f.seed < 20; f.seed++)
        near += of_both(&f, fixture_propose(&f, NULL, 1, &count)) < 0.2; /* best allowed: 0.09 */
    ck_assert_double_gt(near, 14);
    fixture_release(&f);
}
END_TEST

/* With y fixed, the best x for that y is proposed. */
static double by_context(const fixture *f, const hn_point *point)
{
    double best = fixture_value(f, point, "y") < 0.5 ? 0.2 : 0.8;
    return fabs(fixture_value(f, point, "x") - best);
}

START_TEST(fixed_values_are_a_context)
{
    fixture f = fixture_make(plane, NULL, "rf:acquisition=lcb,kappa=0"); /* no exploring */
    tell_random(&f, 100, by_context);
    hn_point fixed = hn_point_new(&f.arena, 2);
    size_t y = hn_space_find(f.space, "y"), count;
    fixed.active[y] = true;
    for (size_t k = 0; k < 2; k++) {
        double sum = 0;
        fixed.values[y] = k == 0 ? 0.2 : 0.8;
        for (f.seed = 0; f.seed < 20; f.seed++)
            sum += fabs(fixture_value(&f, fixture_propose(&f, &fixed, 1, &count), "x") - fixed.values[y]);
        ck_assert_double_lt(sum / 20, 0.15);
    }
    fixture_release(&f);
}
END_TEST

START_TEST(a_share_is_drawn_at_random)
{
    fixture f = fixture_make(line, NULL, "rf:random_share=0.5");
    tell_random(&f, 60, to_point_two);
    size_t far = 0, count;
    for (f.seed = 0; f.seed < 200; f.seed++)
        far += fabs(fixture_value(&f, fixture_propose(&f, NULL, 1, &count), "x") - 0.2) > 0.2;
    ck_assert_uint_gt(far, 35); /* 0.6 of 100, and not all of them */
    ck_assert_uint_lt(far, 100);
    fixture_release(&f);
}
END_TEST

Suite *suite_rf(void)
{
    Suite *suite = suite_create("rf");
    TCase *learning = tcase_create("learning"), *told = tcase_create("told"), *hard = tcase_create("hard"),
          *rest = tcase_create("rest");
    tcase_add_test(learning, finds_better_points_than_random_search);
    tcase_add_test(learning, one_parameter_at_a_time_is_better_than_random_search);
    tcase_add_test(learning, learns_choices_and_integers);
    tcase_add_test(learning, learns_in_the_branch_that_matters);
    tcase_add_test(told, failed_trials_count_as_the_worst);
    tcase_add_test(told, targets_of_trials_without_a_value);
    tcase_add_test(told, infeasible_trials_count_as_the_worst);
    tcase_add_test(told, a_bound_on_the_trials_keeps_the_best_and_the_newest);
    tcase_add_test(told, points_are_encoded_by_columns);
    tcase_add_test(told, the_logarithm_spreads_the_good);
    tcase_add_test(rest, running_trials_spread_proposals);
    tcase_add_test(rest, points_of_one_batch_differ);
    tcase_add_test(rest, trials_of_the_lag_count_as_running);
    tcase_add_test(hard, all_values_equal);
    tcase_add_test(hard, one_trial_or_two);
    tcase_add_test(hard, constants_alone);
    tcase_add_test(hard, one_huge_outlier_does_not_hide_the_rest);
    tcase_add_test(hard, twelve_decades);
    tcase_add_test(hard, two_hundred_dimensions_and_sixty_categories);
    tcase_add_test(hard, noise_as_large_as_the_signal);
    tcase_add_test(hard, the_same_point_again_and_again);
    tcase_add_test(hard, a_branch_never_seen_is_proposed_all_the_same);
    tcase_add_test(hard, bounds_that_changed_bind);
    tcase_add_test(rest, a_finite_space_is_seen_whole_before_anything_is_repeated);
    tcase_add_test(rest, forbidden_points_are_passed_by);
    tcase_add_test(rest, fixed_values_are_a_context);
    tcase_add_test(rest, a_share_is_drawn_at_random);
    suite_add_tcase(suite, learning);
    suite_add_tcase(suite, told);
    suite_add_tcase(suite, hard);
    suite_add_tcase(suite, rest);
    return suite;
}
