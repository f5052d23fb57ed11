/* The sampler tpe: its groups, what it learns from, what moves its proposals. The mixtures are tested in
 * tests/surrogate/, the choice of trials in test_tpe_split.c. */
#include "fixture.h"

extern const hn_sampler_type hn_sampler_tpe;

/* n trials at random, finished with the value of `loss`. */
static void tell_random(fixture *f, size_t n, double (*loss)(const fixture *, const hn_point *))
{
    hn_random random = hn_random_stream(11, 0, HN_PURPOSE_TEST);
    hn_point point = hn_point_new(&f->arena, f->space->count);
    double units[16];
    for (size_t k = 0; k < n; k++) {
        for (size_t i = 0; i < f->space->count; i++)
            units[i] = hn_random_uniform(&random);
        hn_space_decode(f->space, units, &point);
        fixture_put(f, &point, HONE_COMPLETE, loss(f, &point));
    }
}

/* The mean of a parameter over proposals of many seeds. */
static double mean_proposal(fixture *f, const char *name, size_t n)
{
    double sum = 0;
    size_t count;
    for (size_t k = 0; k < n; k++) {
        f->seed = 1000 + k;
        sum += fixture_value(f, fixture_propose(f, NULL, 1, &count), name);
    }
    return sum / (double)n;
}

/* A point asked one parameter after the other. */
static void propose_by_run(fixture *f, hn_point *point)
{
    hn_ask ask = fixture_ask(f);
    for (size_t i = 0; i < f->space->count; i++)
        point->active[i] = false;
    for (size_t i = 0; i < f->space->count; i++) {
        double value;
        ck_assert_int_eq(hn_sampler_propose_one(f->sampler, &ask, i, point, &value, NULL), HONE_OK);
        ck_assert(hn_distribution_contains(&f->space->parameters[i].distribution, value));
        point->values[i] = value;
        point->active[i] = true;
    }
}

/* The best loss of 50 trials, in the mean of five seeds. */
static double mean_best(const char *space, const char *sampler, bool by_run,
                        double (*loss)(const fixture *, const hn_point *))
{
    double sum = 0;
    for (uint64_t seed = 0; seed < 5; seed++) {
        fixture f = fixture_make(space, NULL, sampler);
        hn_point own = hn_point_new(&f.arena, f.space->count), *point = &own;
        double best = INFINITY;
        size_t count;
        f.seed = seed;
        for (int k = 0; k < 50; k++) {
            if (by_run)
                propose_by_run(&f, point);
            else
                point = fixture_propose(&f, NULL, 1, &count);
            best = fmin(best, loss(&f, point));
            fixture_put(&f, point, HONE_COMPLETE, loss(&f, point));
        }
        sum += best;
        fixture_release(&f);
    }
    return sum / 5;
}

static double distance_to_point_two(const fixture *f, const hn_point *point)
{
    double x = fixture_value(f, point, "x");
    return (x - 0.2) * (x - 0.2);
}

static double distance_of_both(const fixture *f, const hn_point *point)
{
    double x = fixture_value(f, point, "x"), y = fixture_value(f, point, "y");
    return (x - 0.2) * (x - 0.2) + (y - 0.8) * (y - 0.8);
}

static const char plane[] = "{x: {float: [0, 1]}, y: {float: [0, 1]}}";

START_TEST(finds_better_points_than_random_search)
{
    static const char *const models[] = {"tpe", "tpe:multivariate=false", "tpe:group=false"};
    double random = mean_best(plane, "random", false, distance_of_both);
    for (size_t m = 0; m < sizeof models / sizeof *models; m++)
        ck_assert_msg(mean_best(plane, models[m], false, distance_of_both) < 0.4 * random, "%s", models[m]);
}
END_TEST

START_TEST(one_parameter_at_a_time_is_better_than_random_search)
{
    ck_assert(mean_best(plane, "tpe", true, distance_of_both) <
              0.4 * mean_best(plane, "random", true, distance_of_both));
}
END_TEST

static double both_choices(const fixture *f, const hn_point *point)
{
    return fixture_value(f, point, "c") + fixture_value(f, point, "d");
}

static const char lattice[] =
    "{c: {choice: [p, q, r]}, n: {int: [0, 50]}, o: {ordinal: [1, 10, 100, 500, null]}, "
    "l: {int: [1, 1000], log: true}, s: {float: [0, 1], step: 0.05}}";

static double lattice_loss(const fixture *f, const hn_point *point)
{
    return (fixture_value(f, point, "c") != 2) + fabs(fixture_value(f, point, "n") - 17) / 50 +
           fabs(fixture_value(f, point, "o") - 3) / 4 + fabs(log10(fixture_value(f, point, "l") / 30)) / 3 +
           fabs(fixture_value(f, point, "s") - 0.75);
}

START_TEST(learns_choices_and_integers)
{
    ck_assert(mean_best(lattice, "tpe", false, lattice_loss) <
              0.6 * mean_best(lattice, "random", false, lattice_loss));
    ck_assert(mean_best(lattice, "tpe", true, lattice_loss) <
              0.6 * mean_best(lattice, "random", true, lattice_loss));
}
END_TEST

/* Single draws from the mixture of the best reach every choice, even where all of the best have the same:
 * kernels are smoothed. */
START_TEST(no_choice_is_given_up)
{
    fixture f = fixture_make("{c: {choice: [p, q, r]}, d: {choice: [p, q, r]}, x: {float: [0, 1]}}", NULL,
                             "tpe:n_candidates=1");
    tell_random(&f, 60, both_choices);
    bool seen[2][3] = {{false}};
    size_t count;
    for (f.seed = 0; f.seed < 200; f.seed++) {
        hn_point *point = fixture_propose(&f, NULL, 1, &count);
        seen[0][(size_t)fixture_value(&f, point, "c")] = true;
        seen[1][(size_t)fixture_value(&f, point, "d")] = true;
    }
    for (size_t i = 0; i < 3; i++)
        ck_assert_msg(seen[0][i] && seen[1][i], "choice %zu", i);
    fixture_release(&f);
}
END_TEST

/* --- conditional spaces --- */

static const char tree[] =
    "{model: {choice: [svm, net]}, c: {float: [1e-3, 1e3], log: true, when: model == svm}, "
    "gamma: {float: [1e-5, 1], log: true, when: model == svm}, fixed: 3, "
    "lr: {float: [0, 1], when: model == net}, depth: {int: [1, 4], when: model == net}, "
    "units: {int: [8, 64], when: depth > 2}}";

static double tree_loss(const fixture *f, const hn_point *point)
{
    double lr = fixture_value(f, point, "lr"), c = fixture_value(f, point, "c");
    return isnan(lr) ? 1 + fabs(log10(c)) : fabs(lr - 0.3);
}

START_TEST(conditional_points_are_settled_in_every_model)
{
    static const char *const models[] = {"tpe", "tpe:multivariate=false", "tpe:group=false"};
    for (size_t m = 0; m < sizeof models / sizeof *models; m++) {
        fixture f = fixture_make(tree, NULL, models[m]);
        tell_random(&f, 40, tree_loss);
        size_t count, nets = 0;
        double sum = 0;
        for (f.seed = 0; f.seed < 60; f.seed++) {
            hn_point *point = fixture_propose(&f, NULL, 1, &count); /* checks that the space contains it */
            double lr = fixture_value(&f, point, "lr");
            ck_assert(fixture_value(&f, point, "fixed") == 3);
            nets += !isnan(lr);
            sum += isnan(lr) ? 0 : fabs(lr - 0.3);
        }
        ck_assert_msg(nets > 40, "%s: %zu", models[m], nets);
        ck_assert_msg(sum / (double)nets < 0.2, "%s", models[m]); /* uniform: 0.29 */
        fixture_release(&f);
    }
}
END_TEST

/* A group that never occurred is drawn from the prior, not refused. */
START_TEST(a_branch_never_seen_is_drawn_from_its_prior)
{
    fixture f = fixture_make("{a: {int: [1, 2]}, b: {float: [0, 1], when: a > 1}}", NULL, "tpe");
    hn_point point = hn_point_new(&f.arena, 2);
    for (int k = 0; k < 20; k++) {
        point.values[0] = 1;
        point.active[0] = true;
        fixture_put(&f, &point, HONE_COMPLETE, k);
    }
    size_t count, inside = 0;
    hn_point fixed = hn_point_new(&f.arena, 2);
    fixed.values[0] = 2;
    fixed.active[0] = true;
    for (f.seed = 0; f.seed < 40; f.seed++) {
        double b = fixture_value(&f, fixture_propose(&f, &fixed, 1, &count), "b");
        inside += b >= 0 && b <= 1;
    }
    ck_assert_uint_eq(inside, 40);
    fixture_release(&f);
}
END_TEST

/* --- pending trials --- */

/* Thirty trials running at the optimum push proposals away from it, unless pending=false. */
static double mean_distance_with_running(const char *sampler)
{
    fixture f = fixture_make("{x: {float: [0, 1]}}", NULL, sampler);
    tell_random(&f, 40, distance_to_point_two);
    hn_point point = hn_point_new(&f.arena, 1);
    point.active[0] = true;
    point.values[0] = 0.2;
    for (int k = 0; k < 30; k++)
        fixture_put(&f, &point, HONE_RUNNING, 0);
    double sum = 0;
    size_t count;
    for (f.seed = 0; f.seed < 100; f.seed++)
        sum += fabs(fixture_value(&f, fixture_propose(&f, NULL, 1, &count), "x") - 0.2);
    fixture_release(&f);
    return sum / 100;
}

START_TEST(running_trials_spread_proposals)
{
    ck_assert(mean_distance_with_running("tpe") > 1.3 * mean_distance_with_running("tpe:pending=false"));
}
END_TEST

START_TEST(points_of_one_batch_differ)
{
    fixture f = fixture_make("{x: {float: [0, 1]}, c: {choice: [a, b]}}", NULL, "tpe");
    tell_random(&f, 40, distance_to_point_two);
    size_t count;
    hn_point *points = fixture_propose(&f, NULL, 8, &count);
    ck_assert_uint_eq(count, 8);
    for (size_t i = 0; i < 8; i++)
        for (size_t j = 0; j < i; j++)
            ck_assert(points[i].values[0] != points[j].values[0] ||
                      points[i].values[1] != points[j].values[1]);
    fixture_release(&f);
}
END_TEST

/* --- determinism --- */

START_TEST(the_same_seed_number_and_history_give_the_same_point)
{
    fixture f = fixture_make(tree, NULL, "tpe"), g = fixture_make(tree, NULL, "tpe");
    size_t count;
    tell_random(&f, 30, tree_loss);
    tell_random(&g, 30, tree_loss);
    fixture_propose(&g, NULL, 3, &count); /* asked more before: no state */
    hn_point *a = fixture_propose(&f, NULL, 1, &count), *b = fixture_propose(&g, NULL, 1, &count);
    ck_assert(memcmp(a->values, b->values, f.space->count * sizeof *a->values) == 0);
    f.seed = 8;
    hn_point *c = fixture_propose(&f, NULL, 1, &count);
    ck_assert(memcmp(a->values, c->values, f.space->count * sizeof *a->values) != 0);
    fixture_release(&f);
    fixture_release(&g);
}
END_TEST

/* What is told after view.before changes nothing. */
START_TEST(sees_no_trial_beyond_its_view)
{
    fixture f = fixture_make("{x: {float: [0, 1]}}", NULL, "tpe"),
            g = fixture_make("{x: {float: [0, 1]}}", NULL, "tpe");
    tell_random(&f, 30, distance_to_point_two);
    tell_random(&g, 50, distance_to_point_two);
    hn_point a = hn_point_new(&f.arena, 1), b = hn_point_new(&f.arena, 1);
    size_t count;
    hn_ask ask = fixture_ask(&f), later = fixture_ask(&g);
    later.number = ask.number;
    later.view.before = ask.number;
    ck_assert_int_eq(hn_sampler_propose(f.sampler, &ask, NULL, 1, &a, &count, NULL), HONE_OK);
    ck_assert_int_eq(hn_sampler_propose(g.sampler, &later, NULL, 1, &b, &count, NULL), HONE_OK);
    ck_assert(a.values[0] == b.values[0]);
    fixture_release(&f);
    fixture_release(&g);
}
END_TEST

static double opposite_from_20(const fixture *f, const hn_point *point)
{
    bool late = hn_history_count(f->history) >= 20;
    return late ? -distance_to_point_two(f, point) : distance_to_point_two(f, point);
}

/* Trials between view.before and the trial asked for count as running: by their points, not by what they were
 * told. */
START_TEST(trials_of_the_lag_count_as_running)
{
    fixture f = fixture_make("{x: {float: [0, 1]}}", NULL, "tpe"),
            g = fixture_make("{x: {float: [0, 1]}}", NULL, "tpe");
    tell_random(&f, 30, distance_to_point_two);
    tell_random(&g, 30, opposite_from_20);
    hn_point a = hn_point_new(&f.arena, 1), b = hn_point_new(&f.arena, 1), c = hn_point_new(&f.arena, 1);
    size_t count;
    hn_ask ask = fixture_ask(&f), other = fixture_ask(&g);
    ask.view.before = other.view.before = 20;
    ck_assert_int_eq(hn_sampler_propose(f.sampler, &ask, NULL, 1, &a, &count, NULL), HONE_OK);
    ck_assert_int_eq(hn_sampler_propose(g.sampler, &other, NULL, 1, &b, &count, NULL), HONE_OK);
    ck_assert(a.values[0] == b.values[0]);
    fixture_sampler(&f, "tpe:pending=false");
    ck_assert_int_eq(hn_sampler_propose(f.sampler, &ask, NULL, 1, &c, &count, NULL), HONE_OK);
    ck_assert(a.values[0] != c.values[0]);
    fixture_release(&f);
    fixture_release(&g);
}
END_TEST

/* --- priors, objectives, options --- */

static double flat(const fixture *f, const hn_point *point)
{
    (void)f, (void)point;
    return 1;
}

/* Without information the user's belief decides: mean 0.9 and width 0.02. */
START_TEST(a_prior_of_the_user_shapes_proposals)
{
    fixture f = fixture_make("{x: {float: [0, 1], prior: {mean: 0.9, width: 0.02}}}", NULL, "tpe");
    tell_random(&f, 12, flat);
    hn_assert_absolute(mean_proposal(&f, "x", 60), 0.9, 0.1);
    fixture_release(&f);
}
END_TEST

/* Two objectives, x and (x - 1)^2 + y: the front lies at y = 0. */
START_TEST(several_objectives_approach_the_front)
{
    fixture f = fixture_make("{x: {float: [0, 1]}, y: {float: [0, 1]}}", NULL, "tpe");
    const hone_direction directions[] = {HONE_MINIMIZE, HONE_MAXIMIZE};
    hn_history_destroy(f.history);
    ck_assert_int_eq(hn_history_create(directions, 2, &f.history, NULL), HONE_OK);
    hn_random random = hn_random_stream(12, 0, HN_PURPOSE_TEST);
    for (int64_t k = 0; k < 80; k++) {
        double x = hn_random_uniform(&random), y = hn_random_uniform(&random);
        const double values[] = {x + y, -((x - 1) * (x - 1) + y)};
        const hn_trial_param params[] = {{"x", &f.space->parameters[0].distribution, x},
                                         {"y", &f.space->parameters[1].distribution, y}};
        hn_trial_record record = {.number = k,
                                  .state = HONE_COMPLETE,
                                  .n_params = 2,
                                  .params = params,
                                  .n_values = 2,
                                  .values = values,
                                  .noise = NAN};
        ck_assert_int_eq(hn_history_put(f.history, &record, NULL), HONE_OK);
    }
    ck_assert(mean_proposal(&f, "y", 60) < 0.3);
    fixture_release(&f);
}
END_TEST

/* The mean distance of 200 proposals to where the good trials are. */
static double mean_distance(const char *sampler)
{
    fixture f = fixture_make("{x: {float: [0, 1]}}", NULL, sampler);
    double sum = 0;
    size_t count;
    tell_random(&f, 40, distance_to_point_two);
    for (size_t k = 0; k < 200; k++) {
        f.seed = 1000 + k;
        sum += fabs(fixture_value(&f, fixture_propose(&f, NULL, 1, &count), "x") - 0.2);
    }
    fixture_release(&f);
    return sum / 200;
}

/* Uniform points are 0.34 away in the mean, with a standard error of 0.017 in 200. */
START_TEST(the_options_of_bohb_widen_the_search)
{
    double narrow = mean_distance("tpe"), wide = mean_distance("tpe:n_candidates=1,spread=4");
    double usual = mean_distance("tpe:n_candidates=1"), random = mean_distance("tpe:random_share=1");
    double third = mean_distance("tpe:random_share=0.33"), many = mean_distance("tpe:min_below=25");
    ck_assert_double_gt(wide, 1.3 * usual);
    ck_assert_double_eq_tol(random, 0.34, 0.07);
    ck_assert_double_gt(third, narrow + 0.05);
    ck_assert_double_lt(third, random - 0.1);
    ck_assert_double_ne(many, narrow);
}
END_TEST

START_TEST(options_are_checked)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_spec spec;
    hn_sampler *sampler = NULL;
    hone_error err = {0};
    ck_assert_int_eq(hn_spec_from_text(&arena, "tpe:gamma=1.5", "sampler", &spec, &err), HONE_OK);
    ck_assert_int_eq(hn_sampler_create(&spec, &sampler, &err), HONE_INVALID);
    hn_assert_contains(err.message, "gamma");
    ck_assert_int_eq(hn_spec_from_text(&arena, "tpe:groups=true", "sampler", &spec, &err), HONE_OK);
    ck_assert_int_eq(hn_sampler_create(&spec, &sampler, &err), HONE_INVALID);
    hn_assert_contains(err.message, "groups");
    hn_arena_release(&arena);
}
END_TEST

Suite *suite_tpe(void)
{
    Suite *suite = suite_create("tpe");
    TCase *learning = tcase_create("learning"), *conditional = tcase_create("conditional");
    TCase *rest = tcase_create("rest");
    tcase_add_test(learning, finds_better_points_than_random_search);
    tcase_add_test(learning, one_parameter_at_a_time_is_better_than_random_search);
    tcase_add_test(learning, learns_choices_and_integers);
    tcase_add_test(learning, no_choice_is_given_up);
    tcase_add_test(learning, a_prior_of_the_user_shapes_proposals);
    tcase_add_test(learning, several_objectives_approach_the_front);
    tcase_add_test(conditional, conditional_points_are_settled_in_every_model);
    tcase_add_test(conditional, a_branch_never_seen_is_drawn_from_its_prior);
    tcase_add_test(rest, running_trials_spread_proposals);
    tcase_add_test(rest, points_of_one_batch_differ);
    tcase_add_test(rest, the_same_seed_number_and_history_give_the_same_point);
    tcase_add_test(rest, sees_no_trial_beyond_its_view);
    tcase_add_test(rest, trials_of_the_lag_count_as_running);
    tcase_add_test(rest, the_options_of_bohb_widen_the_search);
    tcase_add_test(rest, options_are_checked);
    suite_add_tcase(suite, learning);
    suite_add_tcase(suite, conditional);
    suite_add_tcase(suite, rest);
    return suite;
}
