/* The sampler gp: that it finds what it should, and the cases that are hard for a Gaussian process. */
#include <stdio.h>

#include "fixture.h"
#include "sampler/draw.h"
#include "sampler/gp_portfolio.h"

/* --- studies --- */

typedef struct told {
    hone_trial_state state;
    double value, violation, seconds, noise;
} told;

static void put(fixture *f, const hn_point *point, const told *t)
{
    hn_trial_param params[256];
    int64_t number = (int64_t)hn_history_count(f->history);
    size_t n = 0;
    ck_assert_uint_le(f->space->count, 256);
    for (size_t i = 0; i < f->space->count; i++)
        if (point->active[i])
            params[n++] = (hn_trial_param){f->space->parameters[i].name,
                                           &f->space->parameters[i].distribution, point->values[i]};
    hn_trial_record record = {.number = number,
                              .state = t->state,
                              .start_us = 1,
                              .complete_us = t->state == HONE_RUNNING ? 0 : 1 + (int64_t)(t->seconds * 1e6),
                              .n_params = n,
                              .params = params,
                              .n_values = t->state == HONE_COMPLETE && !isnan(t->value),
                              .values = &t->value,
                              .n_constraints = t->violation != 0,
                              .constraints = &t->violation,
                              .noise = t->noise};
    hone_error err = {0};
    ck_assert_msg(hn_history_put(f->history, &record, &err) == HONE_OK, "%s", err.message);
}

typedef told objective(const fixture *f, const hn_point *point, int64_t number);

static hn_point ask_one(fixture *f)
{
    size_t count;
    hn_point point = fixture_propose(f, NULL, 1, &count)[0];
    ck_assert_uint_eq(count, 1);
    return point;
}

/* Runs n trials; the least value of a feasible, complete one. */
static double run(fixture *f, objective *function, int n)
{
    double best = INFINITY;
    for (int i = 0; i < n; i++) {
        hn_point point = ask_one(f);
        told t = function(f, &point, (int64_t)hn_history_count(f->history));
        put(f, &point, &t);
        if (t.state == HONE_COMPLETE && t.violation <= 0)
            best = fmin(best, t.value);
    }
    return best;
}

static told complete(double value)
{
    return (told){HONE_COMPLETE, value, 0, 1, NAN};
}

static double at(const fixture *f, const hn_point *point, const char *name)
{
    return fixture_value(f, point, name);
}

/* --- what it finds --- */

static told valley(const fixture *f, const hn_point *p, int64_t number)
{
    double x = at(f, p, "x"), y = at(f, p, "y");
    (void)number;
    return complete(10 * (x - 0.3) * (x - 0.3) + (y - x * x) * (y - x * x));
}

static const char *const square = "{x: {float: [-1, 1]}, y: {float: [-1, 1]}}";

START_TEST(finds_the_bottom_of_a_valley)
{
    fixture f = fixture_make(square, NULL, "gp");
    ck_assert_double_lt(run(&f, valley, 25), 1e-3);
    fixture_release(&f);
}
END_TEST

/* Every acquisition beats as many random points by far. */
START_TEST(every_acquisition_makes_progress)
{
    static const char *const names[] = {"ei", "pi", "lcb", "ei_per_second", "thompson", "hedge", "ensemble"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char text[64];
        snprintf(text, sizeof text, "gp:acquisition=%s", names[i]);
        fixture f = fixture_make(square, NULL, text);
        double best = run(&f, valley, 25);
        ck_assert_msg(best < 0.02, "%s: %f", names[i], best);
        fixture_release(&f);
    }
}
END_TEST

START_TEST(every_kernel_and_prior_makes_progress)
{
    static const char *const texts[] = {
        "gp:kernel=matern32,prior=dimension,transform=none", "gp:kernel=rbf,prior=vizier,transform=rank",
        "gp:linear=true,first_order=on,warp=true", "gp:ard=false,draws=0,initial=lhs,centre=false",
        "gp:initial=random,n_startup=6,refit_every=5,trust_region=on"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        fixture f = fixture_make(square, NULL, texts[i]);
        double best = run(&f, valley, 25);
        ck_assert_msg(best < 0.02, "%s: %f", texts[i], best);
        fixture_release(&f);
    }
}
END_TEST

static told mixture(const fixture *f, const hn_point *p, int64_t number)
{
    double lr = at(f, p, "lr"), depth = at(f, p, "depth"), momentum = at(f, p, "momentum");
    double loss = pow(log10(lr) + 3, 2) + 0.1 * pow(depth - 5, 2);
    (void)number;
    loss += at(f, p, "opt") == 0 ? 0.5 : at(f, p, "opt") == 1 ? 4 * pow(momentum - 0.9, 2) : 1;
    return complete(loss);
}

START_TEST(finds_the_best_of_a_mixed_conditional_space)
{
    fixture f =
        fixture_make("{lr: {float: [1e-6, 1], log: true}, depth: {int: [1, 12]}, opt: {choice: [adam, sgd, "
                     "rmsprop]}, momentum: {float: [0, 1], when: opt == sgd}}",
                     NULL, "gp");
    ck_assert_double_lt(run(&f, mixture, 40), 0.1);
    fixture_release(&f);
}
END_TEST

static told grid_value(const fixture *f, const hn_point *p, int64_t number)
{
    (void)number;
    return complete(fabs(at(f, p, "i") - 4) + 2 * fabs(at(f, p, "j") - 1));
}

/* Each allowed point of a finite space once before any comes again; the best one early. */
START_TEST(tries_every_point_of_a_finite_space_once)
{
    fixture f =
        fixture_make("{i: {int: [1, 6]}, j: {int: [0, 3]}, k: {choice: [a, b]}}", "[i + j > 8]", "gp");
    ck_assert_double_eq(run(&f, grid_value, 12), 0);
    run(&f, grid_value, 46 - 12);
    hn_seen seen = {0};
    ck_assert_int_eq(hn_seen_update(&seen, f.space, f.history, NULL), HONE_OK);
    ck_assert_uint_eq(seen.count, 46);
    ask_one(&f); /* and goes on */
    hn_seen_release(&seen);
    fixture_release(&f);
}
END_TEST

/* The same where the space is too large to be listed, which the sampler itself sees to. */
START_TEST(repeats_nothing_of_a_large_finite_space)
{
    fixture f = fixture_make("{i: {int: [0, 400]}, j: {int: [0, 400]}}", NULL, "gp:n_candidates=256");
    for (int t = 0; t < 25; t++) {
        hn_point point = ask_one(&f);
        told value = complete(pow(at(&f, &point, "i") - 17, 2) + pow(at(&f, &point, "j") - 350, 2));
        put(&f, &point, &value);
    }
    hn_seen seen = {0};
    ck_assert_int_eq(hn_seen_update(&seen, f.space, f.history, NULL), HONE_OK);
    ck_assert_uint_eq(seen.count, 25);
    hn_seen_release(&seen);
    fixture_release(&f);
}
END_TEST

/* --- the first trials --- */

START_TEST(begins_with_the_points_given_then_the_middle)
{
    fixture f = fixture_make("{x: {float: [0, 4]}, k: {choice: [a, b]}}", NULL,
                             "{gp: {points: [{x: 3.5, k: b}, {k: b}]}}");
    hn_point first = ask_one(&f);
    told t = complete(1);
    ck_assert(at(&f, &first, "x") == 3.5 && at(&f, &first, "k") == 1);
    put(&f, &first, &t);
    hn_point second = ask_one(&f);
    ck_assert(at(&f, &second, "k") == 1);
    put(&f, &second, &t);
    hn_point third = ask_one(&f);
    ck_assert(at(&f, &third, "x") == 2 && at(&f, &third, "k") == 0);
    fixture_release(&f);
}
END_TEST

START_TEST(points_given_must_be_of_the_space)
{
    static const struct {
        const char *sampler, *says;
    } bad[] = {{"{gp: {points: [{z: 1}]}}", "z"},
               {"{gp: {points: [{x: 9}]}}", "9"},
               {"{gp: {points: [3]}}", "point 1 is not a mapping"},
               {"{gp: {points: 3}}", "points is a list"}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        fixture f = fixture_make("{x: {float: [0, 4]}}", NULL, bad[i].sampler);
        hone_error err = {0};
        ck_assert_int_ne(hn_sampler_check(f.sampler, f.space, &err), HONE_OK);
        hn_assert_contains(err.message, bad[i].says);
        fixture_release(&f);
    }
}
END_TEST

START_TEST(a_latin_hypercube_has_one_trial_in_each_stratum)
{
    fixture f = fixture_make(square, NULL, "gp:initial=lhs,n_startup=8,centre=false");
    unsigned x = 0, y = 0;
    size_t count;
    hn_point *points = fixture_propose(&f, NULL, 8, &count);
    for (size_t i = 0; i < 8; i++) {
        x |= 1U << (int)floor((at(&f, &points[i], "x") + 1) * 4);
        y |= 1U << (int)floor((at(&f, &points[i], "y") + 1) * 4);
    }
    ck_assert_uint_eq(x, 255);
    ck_assert_uint_eq(y, 255);
    fixture_release(&f);
}
END_TEST

/* --- several at once, and values that are given --- */

static double gap(const fixture *f, const hn_point *a, const hn_point *b)
{
    return hypot(at(f, a, "x") - at(f, b, "x"), at(f, a, "y") - at(f, b, "y"));
}

START_TEST(a_batch_and_running_trials_keep_apart)
{
    fixture f = fixture_make(square, NULL, "gp");
    run(&f, valley, 6);
    size_t count;
    hn_point running = ask_one(&f);
    told t = {HONE_RUNNING, NAN, 0, 0, NAN};
    put(&f, &running, &t);
    hn_point *points = fixture_propose(&f, NULL, 6, &count);
    ck_assert_uint_eq(count, 6);
    for (size_t i = 0; i < 6; i++) {
        ck_assert_double_gt(gap(&f, &points[i], &running), 0.01);
        for (size_t k = 0; k < i; k++)
            ck_assert_double_gt(gap(&f, &points[i], &points[k]), 0.01);
    }
    fixture_release(&f);
}
END_TEST

/* With x given, y is what is best for that x. */
START_TEST(values_that_are_fixed_are_a_context)
{
    fixture f = fixture_make(square, NULL, "gp");
    run(&f, valley, 25);
    hn_point fixed = hn_point_new(&f.arena, f.space->count);
    size_t x = hn_space_find(f.space, "x"), count;
    fixed.active[x] = true;
    fixed.values[x] = 0.5;
    hn_point point = fixture_propose(&f, &fixed, 1, &count)[0];
    ck_assert_double_eq(at(&f, &point, "x"), 0.5);
    hn_assert_absolute(at(&f, &point, "y"), 0.25, 0.2);
    fixture_release(&f);
}
END_TEST

/* Values suggested one after the other are those of one point. */
START_TEST(suggests_by_run_what_goes_together)
{
    fixture f = fixture_make(square, NULL, "gp");
    double best = INFINITY;
    for (int i = 0; i < 25; i++) {
        hn_point point = hn_point_new(&f.arena, f.space->count);
        for (size_t k = 0; k < f.space->count; k++) {
            hn_ask ask = fixture_ask(&f);
            double *value = &point.values[k];
            ck_assert_int_eq(hn_sampler_propose_one(f.sampler, &ask, k, &point, value, NULL), HONE_OK);
            point.active[k] = true;
        }
        told t = valley(&f, &point, i);
        best = fmin(best, t.value);
        put(&f, &point, &t);
    }
    ck_assert_double_lt(best, 0.01);
    fixture_release(&f);
}
END_TEST

/* --- constraints, failures, time --- */

static told walled(const fixture *f, const hn_point *p, int64_t number)
{
    told t = valley(f, p, number);
    t.violation = at(f, p, "x") - 0.1;
    return t;
}

START_TEST(learns_where_constraints_hold)
{
    fixture f = fixture_make(square, NULL, "gp");
    double best = run(&f, walled, 40);
    ck_assert(best >= 0.4 && best < 0.45); /* 10 (0.3 - 0.1)^2 at the wall */
    size_t feasible = 0;
    for (int64_t n = 20; n < 40; n++)
        feasible += hn_history_violation(f.history, n) <= 0;
    ck_assert_uint_gt(feasible, 4);
    fixture_release(&f);
}
END_TEST

START_TEST(known_constraints_are_respected_where_the_best_point_is_at_their_edge)
{
    fixture f = fixture_make(square, "[x > 0.1]", "gp");
    double best = run(&f, valley, 30);
    ck_assert(best >= 0.4 && best < 0.41);
    fixture_release(&f);
}
END_TEST

static told cliff(const fixture *f, const hn_point *p, int64_t number)
{
    told t = valley(f, p, number);
    if (at(f, p, "x") > 0.1)
        t.state = number % 2 ? HONE_FAILED : HONE_COMPLETE, t.value = NAN;
    return t;
}

START_TEST(keeps_away_from_where_trials_fail_or_have_no_value)
{
    fixture f = fixture_make(square, NULL, "gp");
    double best = run(&f, cliff, 40);
    ck_assert(best >= 0.4 && best < 0.5);
    fixture_release(&f);
}
END_TEST

START_TEST(nothing_but_failures_is_no_reason_to_give_up)
{
    fixture f = fixture_make(square, NULL, "gp:n_startup=2");
    for (int i = 0; i < 8; i++) {
        hn_point point = ask_one(&f);
        told t = {i % 2 ? HONE_FAILED : HONE_COMPLETE, NAN, 0, 1, NAN};
        put(&f, &point, &t);
    }
    ck_assert_double_lt(run(&f, valley, 25), 0.01);
    fixture_release(&f);
}
END_TEST

/* Two equally good valleys, one of them ten times slower. */
static told two_speeds(const fixture *f, const hn_point *p, int64_t number)
{
    double x = at(f, p, "x");
    (void)number;
    return (told){HONE_COMPLETE, pow(fabs(x) - 0.5, 2), 0, x > 0 ? 10 : 1, NAN};
}

START_TEST(improvement_per_second_prefers_what_is_quick)
{
    fixture f = fixture_make("{x: {float: [-1, 1]}}", NULL, "gp:acquisition=ei_per_second,draws=0");
    run(&f, two_speeds, 18);
    size_t quick = 0, column = hn_history_find_column(f.history, "x");
    for (int64_t n = 6; n < 18; n++)
        quick += hn_history_cell(f.history, n, column) < 0;
    ck_assert_uint_ge(quick, 8);
    fixture_release(&f);
}
END_TEST

/* --- hard cases --- */

static told flat(const fixture *f, const hn_point *p, int64_t number)
{
    (void)f, (void)p, (void)number;
    return complete(7);
}

START_TEST(all_values_equal)
{
    fixture f = fixture_make(square, NULL, "gp");
    run(&f, flat, 20);
    hn_seen seen = {0};
    ck_assert_int_eq(hn_seen_update(&seen, f.space, f.history, NULL), HONE_OK);
    ck_assert_uint_eq(seen.count, 20);
    hn_seen_release(&seen);
    fixture_release(&f);
}
END_TEST

START_TEST(two_trials)
{
    fixture f = fixture_make(square, NULL, "gp:n_startup=1");
    run(&f, valley, 2);
    ask_one(&f);
    fixture_release(&f);
}
END_TEST

START_TEST(constants_are_left_out)
{
    fixture f =
        fixture_make("{x: {float: [-1, 1]}, y: {float: [0.25, 0.25]}, z: {choice: [only]}}", NULL, "gp");
    ck_assert_double_lt(run(&f, valley, 15), 1.2 * (10 * 0.0225 + 0.16 * 0.16));
    fixture_release(&f);
    f = fixture_make("{y: {int: [3, 3]}, z: {choice: [only]}}", NULL, "gp:n_startup=1");
    run(&f, flat, 3);
    fixture_release(&f);
}
END_TEST

static hn_space *wide_space(fixture *f, int d, const char *domain)
{
    hn_buffer text = HN_BUFFER_INIT;
    hn_space *space;
    for (int i = 0; i < d; i++)
        hn_buffer_printf(&text, "p%d: {%s}\n", i, domain);
    ck_assert_int_eq(hn_space_from_text(&f->arena, hn_arena_strdup(&f->arena, hn_buffer_string(&text)), NULL,
                                        &space, NULL),
                     HONE_OK);
    hn_buffer_release(&text);
    return space;
}

static told far_from_quarter(const fixture *f, const hn_point *p, int64_t number)
{
    double sum = 0;
    (void)number;
    for (size_t i = 0; i < f->space->count; i++)
        sum += pow(p->values[i] - 0.25, 2);
    return complete(sum);
}

START_TEST(two_hundred_parameters)
{
    fixture f = fixture_make(square, NULL, "gp:n_candidates=256,n_starts=3");
    f.space = wide_space(&f, 200, "float: [0, 1]");
    double first = run(&f, far_from_quarter, 6), best = run(&f, far_from_quarter, 14);
    ck_assert_double_lt(best, 0.98 * first);
    fixture_release(&f);
}
END_TEST

static told count_seconds(const fixture *f, const hn_point *p, int64_t number)
{
    double wrong = 0;
    (void)number;
    for (size_t i = 0; i < f->space->count; i++)
        wrong += p->values[i] != (double)(i % 3);
    return complete(wrong);
}

START_TEST(sixty_choices)
{
    fixture f = fixture_make(square, NULL, "gp:n_candidates=256,n_starts=3,draws=1");
    f.space = wide_space(&f, 60, "choice: [a, b, c]");
    double first = run(&f, count_seconds, 10), best = run(&f, count_seconds, 20);
    ck_assert_double_lt(best, first - 3);
    fixture_release(&f);
}
END_TEST

static told decades(const fixture *f, const hn_point *p, int64_t number)
{
    (void)number;
    return complete(pow(log10(at(f, p, "x")) + 9, 2));
}

START_TEST(a_range_over_twelve_decades)
{
    fixture f = fixture_make("{x: {float: [1e-12, 1], log: true}}", NULL, "gp");
    ck_assert_double_lt(run(&f, decades, 15), 0.01);
    fixture_release(&f);
}
END_TEST

static told outlier(const fixture *f, const hn_point *p, int64_t number)
{
    told t = valley(f, p, number);
    t.value = number == 1 ? 1e30 : t.value;
    return t;
}

START_TEST(one_huge_outlier)
{
    fixture f = fixture_make(square, NULL, "gp");
    ck_assert_double_lt(run(&f, outlier, 30), 0.05);
    fixture_release(&f);
}
END_TEST

/* The true value at the points tried late is far better than at random ones, although one value says little.
 */
START_TEST(noise_as_large_as_the_signal)
{
    fixture f = fixture_make(square, NULL, "gp");
    hn_random random = hn_random_stream(5, 0, HN_PURPOSE_TEST);
    double late = 0;
    for (int i = 0; i < 50; i++) {
        hn_point point = ask_one(&f);
        told t = valley(&f, &point, i);
        late += i >= 35 ? t.value / 15 : 0;
        t.value += 5 * hn_random_normal(&random); /* the standard deviation of the valley is about 5 */
        put(&f, &point, &t);
    }
    ck_assert_double_lt(late, 3); /* 4.5 at random */
    fixture_release(&f);
}
END_TEST

/* Repeats that differ are noise; repeats without noise make a covariance that is singular. */
START_TEST(duplicates_and_a_singular_covariance)
{
    static const char *const samplers[] = {"gp", "gp:noise=0"};
    for (size_t s = 0; s < 2; s++) {
        fixture f = fixture_make(square, NULL, samplers[s]);
        run(&f, valley, 6);
        hn_point same = ask_one(&f);
        for (int i = 0; i < 20; i++) {
            told t = complete(s == 0 && i % 2 ? 1.45 : 1.5);
            put(&f, &same, &t);
        }
        ck_assert_double_lt(run(&f, valley, 20), 0.05);
        fixture_release(&f);
    }
}
END_TEST

/* A finite space of 25 000 points and hundreds of trials: what is left is thinned out, and nothing is lost.
 */
START_TEST(a_long_list_is_thinned_out)
{
    fixture f = fixture_make("{i: {int: [1, 250]}, j: {int: [0, 99]}}", NULL, "gp:draws=0");
    hn_point point = hn_point_new(&f.arena, 2);
    for (int i = 0; i < 200; i++) {
        hn_draw_point(f.space, NULL, 3, i, HN_PURPOSE_TEST, &point);
        told t = complete(pow(at(&f, &point, "i") / 10 - 4.2, 2) + pow(at(&f, &point, "j") / 10 - 7.7, 2));
        put(&f, &point, &t);
    }
    double best = INFINITY;
    for (int i = 0; i < 4; i++) {
        point = ask_one(&f);
        told t = complete(pow(at(&f, &point, "i") / 10 - 4.2, 2) + pow(at(&f, &point, "j") / 10 - 7.7, 2));
        best = fmin(best, t.value);
        put(&f, &point, &t);
    }
    ck_assert_double_lt(best, 0.05);
    fixture_release(&f);
}
END_TEST

static hn_gp_config configuration(const char *text)
{
    static hn_arena arena;
    hn_spec spec;
    hn_gp_config config;
    const hn_sampler_type *type = hn_sampler_find("gp");
    ck_assert_int_eq(hn_spec_from_text(&arena, text, "sampler", &spec, NULL), HONE_OK);
    ck_assert_int_eq(hn_options_apply(&arena, &type->options, "sampler gp", spec.options, &config, NULL),
                     HONE_OK);
    return config;
}

/* Two values of one point, of which one is known to say little. */
START_TEST(variances_told_with_values_are_used)
{
    double predicted[2];
    hn_gp_config config = configuration("gp:transform=none,draws=0");
    for (int known = 0; known < 2; known++) {
        fixture f = fixture_make("{x: {float: [0, 1]}}", NULL, "gp");
        hn_gp_study study = {.config = &config};
        hn_point point = hn_point_new(&f.arena, 1);
        double place = 0.5, mean;
        bool ready;
        point.active[0] = true;
        for (int i = 0; i < 12; i++) {
            bool rough = i == 7;
            point.values[0] = i < 6 ? i / 5.0 : 0.5;
            told t = complete(i < 6 ? i : rough ? 30 : 0);
            t.noise = !known ? NAN : rough ? 400 : 1e-6;
            put(&f, &point, &t);
        }
        hn_ask ask = fixture_ask(&f);
        ck_assert_int_eq(hn_gp_study_update(&study, &ask, &ready, NULL), HONE_OK);
        hn_gp_predict(study.channels[HN_GP_OBJECTIVE], 0, &place, 1, &mean, NULL);
        predicted[known] = hn_gp_target_raw(hn_gp_target_map(study.channels[HN_GP_OBJECTIVE]), mean);
        hn_gp_study_release(&study);
        fixture_release(&f);
    }
    ck_assert_double_gt(predicted[0], 2);
    hn_assert_absolute(predicted[1], 0, 1);
}
END_TEST

/* Until now only branch a was tried, by a user; the other one is tried soon, and none is refused. */
START_TEST(a_branch_that_was_never_seen)
{
    fixture f = fixture_make(
        "{k: {choice: [a, b]}, x: {float: [0, 1], when: k == a}, y: {float: [0, 1], when: k == b}}", NULL,
        "gp");
    hn_point point = hn_point_new(&f.arena, f.space->count);
    for (int i = 0; i < 8; i++) {
        point.values[hn_space_find(f.space, "k")] = 0;
        point.values[hn_space_find(f.space, "x")] = i / 8.0;
        hn_space_settle(f.space, &point);
        told t = complete(2 + i / 8.0);
        put(&f, &point, &t);
    }
    size_t b = 0;
    for (int i = 0; i < 12; i++) {
        hn_point next = ask_one(&f);
        b += at(&f, &next, "k") == 1;
        told t = complete(at(&f, &next, "k") == 1 ? 1 + at(&f, &next, "y") : 2 + at(&f, &next, "x"));
        put(&f, &next, &t);
    }
    ck_assert_uint_ge(b, 3);
    fixture_release(&f);
}
END_TEST

/* Wider, narrower, finer, a new parameter, one less; with one sampler that goes on, and with a new one. */
START_TEST(bounds_that_change_between_runs)
{
    static const char *const later[] = {"{x: {float: [-3, 3]}, y: {float: [-1, 1]}}",
                                        "{x: {float: [0.2, 0.4]}, y: {float: [0, 0.5]}}",
                                        "{x: {float: [-1, 1], step: 0.1}, y: {float: [-1, 1]}}",
                                        "{x: {float: [-1, 1]}, y: {float: [-1, 1]}, z: {float: [0, 1]}}",
                                        "{x: {float: [-1, 1]}, y: {float: [0.09, 0.09]}}"};
    for (size_t i = 0; i < sizeof later / sizeof *later; i++) {
        fixture f = fixture_make(square, NULL, "gp");
        run(&f, valley, 12);
        ck_assert_int_eq(hn_space_from_text(&f.arena, later[i], NULL, &f.space, NULL), HONE_OK);
        hn_point going_on = ask_one(&f);
        fixture_sampler(&f, "gp");
        hn_point anew = ask_one(&f);
        ck_assert(hn_point_equal(f.space, &going_on, &anew));
        ck_assert_double_lt(run(&f, valley, 15), 0.05);
        fixture_release(&f);
    }
}
END_TEST

/* Interrupted, it says so; asked again, it proposes what it would have. */
START_TEST(an_interrupt_in_the_middle)
{
    fixture f = fixture_make(square, NULL, "gp");
    run(&f, valley, 12);
    hn_point expected = ask_one(&f);
    volatile int cancel = 1;
    hn_ask ask = fixture_ask(&f);
    hn_point point = hn_point_new(&f.arena, f.space->count);
    size_t count;
    fixture_sampler(&f, "gp");
    ask.cancel = &cancel;
    ck_assert_int_eq(hn_sampler_propose(f.sampler, &ask, NULL, 1, &point, &count, NULL), HONE_CANCELLED);
    cancel = 0;
    ck_assert_int_eq(hn_sampler_propose(f.sampler, &ask, NULL, 1, &point, &count, NULL), HONE_OK);
    ck_assert(hn_point_equal(f.space, &point, &expected));
    fixture_release(&f);
}
END_TEST

/* --- many trials, many parameters --- */

START_TEST(many_trials_are_thinned_out)
{
    fixture f = fixture_make(square, NULL, "gp:max_points=40,draws=1,n_candidates=256");
    hn_point point = hn_point_new(&f.arena, 2);
    for (uint64_t i = 0; i < 500; i++) {
        hn_draw_point(f.space, NULL, 3, (int64_t)i, HN_PURPOSE_TEST, &point);
        told t = valley(&f, &point, 0);
        put(&f, &point, &t);
    }
    ck_assert_double_lt(run(&f, valley, 15), 2e-3);
    fixture_release(&f);
}
END_TEST

/* Halves after failures in a row, as many as there are parameters and at least four. */
START_TEST(the_trust_region_shrinks_around_the_best)
{
    fixture f = fixture_make(square, NULL, "gp");
    hn_gp_config config = configuration("gp:trust_region=on,draws=0");
    double widths[3];
    for (int step = 0; step < 3; step++) {
        hn_gp_study study = {.config = &config};
        hn_gp_region region;
        hn_point point = hn_point_new(&f.arena, 2);
        bool ready;
        for (int i = 0; i < 4; i++) {
            hn_draw_point(f.space, NULL, 3, step * 4 + i, HN_PURPOSE_TEST, &point);
            told t = complete(step == 0 && i == 0 ? -1 : 1 + i);
            put(&f, &point, &t);
        }
        hn_ask ask = fixture_ask(&f);
        ck_assert_int_eq(hn_gp_study_update(&study, &ask, &ready, NULL), HONE_OK);
        ck_assert_int_eq(hn_gp_region_make(&f.arena, &study, &region, NULL), HONE_OK);
        ck_assert(ready && region.centre == study.rows); /* the first trial was the best */
        widths[step] = 1;
        for (size_t a = 0; a < 2; a++) {
            ck_assert(region.low[a] <= region.centre[a] && region.centre[a] <= region.high[a]);
            widths[step] *= region.high[a] - region.low[a];
        }
        hn_gp_study_release(&study);
    }
    ck_assert(widths[0] > widths[1] && widths[1] > widths[2]);
    fixture_release(&f);
}
END_TEST

Suite *suite_gp(void)
{
    Suite *suite = suite_create("gp");
    TCase *finds = tcase_create("finds");
    tcase_add_test(finds, finds_the_bottom_of_a_valley);
    tcase_add_test(finds, every_acquisition_makes_progress);
    tcase_add_test(finds, every_kernel_and_prior_makes_progress);
    tcase_add_test(finds, finds_the_best_of_a_mixed_conditional_space);
    tcase_add_test(finds, tries_every_point_of_a_finite_space_once);
    tcase_add_test(finds, repeats_nothing_of_a_large_finite_space);
    suite_add_tcase(suite, finds);
    TCase *asks = tcase_create("asks");
    tcase_add_test(asks, begins_with_the_points_given_then_the_middle);
    tcase_add_test(asks, points_given_must_be_of_the_space);
    tcase_add_test(asks, a_latin_hypercube_has_one_trial_in_each_stratum);
    tcase_add_test(asks, a_batch_and_running_trials_keep_apart);
    tcase_add_test(asks, values_that_are_fixed_are_a_context);
    tcase_add_test(asks, suggests_by_run_what_goes_together);
    tcase_add_test(asks, learns_where_constraints_hold);
    tcase_add_test(asks, known_constraints_are_respected_where_the_best_point_is_at_their_edge);
    tcase_add_test(asks, keeps_away_from_where_trials_fail_or_have_no_value);
    tcase_add_test(asks, nothing_but_failures_is_no_reason_to_give_up);
    tcase_add_test(asks, improvement_per_second_prefers_what_is_quick);
    suite_add_tcase(suite, asks);
    TCase *hard = tcase_create("hard");
    tcase_add_test(hard, all_values_equal);
    tcase_add_test(hard, two_trials);
    tcase_add_test(hard, constants_are_left_out);
    tcase_add_test(hard, two_hundred_parameters);
    tcase_add_test(hard, sixty_choices);
    tcase_add_test(hard, a_range_over_twelve_decades);
    tcase_add_test(hard, one_huge_outlier);
    tcase_add_test(hard, noise_as_large_as_the_signal);
    tcase_add_test(hard, duplicates_and_a_singular_covariance);
    tcase_add_test(hard, variances_told_with_values_are_used);
    tcase_add_test(hard, a_branch_that_was_never_seen);
    tcase_add_test(hard, bounds_that_change_between_runs);
    tcase_add_test(hard, an_interrupt_in_the_middle);
    tcase_add_test(hard, many_trials_are_thinned_out);
    tcase_add_test(hard, a_long_list_is_thinned_out);
    tcase_add_test(hard, the_trust_region_shrinks_around_the_best);
    suite_add_tcase(suite, hard);
    return suite;
}
