/* The scheduler with one model over all rungs, on replayed trainings. */
#include <math.h>
#include <string.h>

#include "pruner/pruner.h"
#include "refusal.h"
#include "support.h"

enum { LAST = 16, MOST = 200, WORKERS = 8 };

typedef struct replay {
    hn_history *history;
    hn_pruner *pruner;
    int64_t paused[MOST], workers[WORKERS], steps;
    size_t n_paused, begun;
} replay;

typedef double curve(int64_t number, int64_t step);

static void put(replay *r, int64_t number, hone_trial_state state)
{
    static const hn_distribution unit = {.kind = HN_FLOAT, .low = 0, .high = 1};
    const hn_trial_report *borrowed;
    hn_trial_report copy[LAST];
    hn_trial_param x = {"x", &unit, fmod((double)number * 0.618, 1)};
    size_t n =
        (size_t)number < hn_history_count(r->history) ? hn_history_reports(r->history, number, &borrowed) : 0;
    memcpy(copy, n ? borrowed : copy, n * sizeof *copy);
    double value = n ? copy[n - 1].value : 0;
    hn_trial_record record = {.number = number,
                              .state = state,
                              .n_params = 1,
                              .params = &x,
                              .n_values = state == HONE_COMPLETE,
                              .values = &value,
                              .n_reports = n,
                              .reports = copy,
                              .noise = NAN};
    ck_assert_int_eq(hn_history_put(r->history, &record, NULL), HONE_OK);
}

static void set_paused(replay *r, int64_t number, bool value)
{
    size_t at = 0;
    while (at < r->n_paused && r->paused[at] < number)
        at++;
    ck_assert(value || r->paused[at] == number);
    memmove(r->paused + at + value, r->paused + at + !value, (r->n_paused - at - !value) * sizeof *r->paused);
    r->n_paused += value ? 1 : -1;
    if (value)
        r->paused[at] = number;
}

static hn_prune_context context_of(const replay *r, size_t most)
{
    return (hn_prune_context){.history = r->history,
                              .study_name = "s",
                              .paused = r->paused,
                              .n_paused = r->n_paused,
                              .exhausted = r->begun >= most};
}

/* A trial for a free worker; false: done, or nothing to do but wait. */
static bool ask(replay *r, size_t worker, size_t most)
{
    for (;;) {
        hn_prune_context context = context_of(r, most);
        hn_next next;
        ck_assert_int_eq(hn_pruner_next(r->pruner, &context, &next, NULL), HONE_OK);
        ck_assert(next.kind != HN_NEXT_WAIT || context.exhausted); /* nobody waits while trials may begin */
        if (next.kind == HN_NEXT_WAIT || next.kind == HN_NEXT_DONE)
            return false;
        if (next.kind == HN_NEXT_START) {
            r->workers[worker] = (int64_t)r->begun++;
            put(r, r->workers[worker], HONE_RUNNING);
            return true;
        }
        set_paused(r, next.number, false);
        if (next.kind == HN_NEXT_RESUME) {
            r->workers[worker] = next.number;
            return true;
        }
        put(r, next.number, HONE_PRUNED);
    }
}

static void step(replay *r, size_t worker, curve *losses)
{
    const hn_trial_report *reports;
    int64_t number = r->workers[worker];
    int64_t at = 1 + (int64_t)hn_history_reports(r->history, number, &reports);
    hn_prune_context context = context_of(r, MOST);
    hn_verdict verdict;
    hone_error err = {0};
    ck_assert_msg(!hn_history_add_report(r->history, number, at, losses(number, at), &err), "%s",
                  err.message);
    ck_assert_int_eq(hn_pruner_judge(r->pruner, &context, number, at, &verdict, NULL), HONE_OK);
    r->steps++;
    ck_assert(!isnan(losses(number, at)) || verdict == HN_STOP);
    if (verdict == HN_STOP || at == LAST)
        put(r, number, verdict == HN_STOP ? HONE_PRUNED : HONE_COMPLETE);
    else if (verdict == HN_PAUSE)
        set_paused(r, number, true);
    if (verdict != HN_CONTINUE || at == LAST)
        r->workers[worker] = -1;
}

/* Runs `most` trials to whatever end they have. */
static replay run(const char *options, curve *losses, size_t most)
{
    static const hone_direction direction = HONE_MINIMIZE;
    hn_arena arena = HN_ARENA_INIT;
    hn_spec spec;
    replay r = {0};
    bool any = true;
    ck_assert_int_eq(hn_spec_from_text(&arena, options, "pruner", &spec, NULL), HONE_OK);
    ck_assert_int_eq(hn_pruner_create(&spec, &r.pruner, NULL), HONE_OK);
    ck_assert_int_eq(hn_history_create(&direction, 1, &r.history, NULL), HONE_OK);
    hn_arena_release(&arena);
    memset(r.workers, -1, sizeof r.workers);
    while (any) {
        any = false;
        for (size_t w = 0; w < WORKERS; w++)
            any = (r.workers[w] >= 0 || ask(&r, w, most)) || any;
        for (size_t w = 0; w < WORKERS; w++)
            if (r.workers[w] >= 0)
                step(&r, w, losses);
    }
    ck_assert_uint_eq(r.begun, most);
    ck_assert_uint_eq(r.n_paused, 0);
    ck_assert_uint_eq(hn_history_state_count(r.history, HONE_RUNNING), 0);
    return r;
}

static void release(replay *r)
{
    hn_pruner_destroy(r->pruner);
    hn_history_destroy(r->history);
}

/* x near 0.3 is best; what is near learns at the same pace. */
static double valley(int64_t number, int64_t step)
{
    double x = fmod((double)number * 0.618, 1);
    return (x - 0.3) * (x - 0.3) + exp(-(double)step / 4);
}

static double equal(int64_t number, int64_t step)
{
    return (double)(number * 0 + step * 0 + 1);
}

static double broken(int64_t number, int64_t step)
{
    return number % 2 && step > number % 5 ? NAN : number % 7 ? valley(number, step) : 1e300;
}

static double nothing(int64_t number, int64_t step)
{
    return number + step > 0 ? NAN : NAN;
}

START_TEST(the_best_are_completed_for_a_part_of_the_steps)
{
    replay r = run("rungs:max_resource=16", valley, 60);
    double best = INFINITY, least = INFINITY;
    for (int64_t number = 0; number < 60; number++) {
        if (hn_history_state(r.history, number) == HONE_COMPLETE)
            best = fmin(best, hn_history_loss(r.history, number, 0));
        least = fmin(least, valley(number, LAST));
    }
    ck_assert_double_eq(best, least);
    ck_assert_int_lt(r.steps, 60 * LAST / 2);
    ck_assert_uint_ge(hn_history_state_count(r.history, HONE_COMPLETE), 3);
    release(&r);
}
END_TEST

START_TEST(hard_studies_come_to_an_end)
{
    static curve *const curves[] = {equal, broken, nothing, valley, valley};
    static const char *const options[] = {"rungs:max_resource=16", "rungs:max_resource=16",
                                          "rungs:max_resource=16", "rungs", "rungs:max_resource=1"};
    for (size_t i = 0; i < 5; i++) {
        replay r = run(options[i], curves[i], i == 4 ? 3 : 40);
        size_t complete = hn_history_state_count(r.history, HONE_COMPLETE);
        ck_assert(curves[i] == nothing || i == 4 ? true : complete > 0);
        release(&r);
    }
}
END_TEST

/* Samplers are told what was reported on the last rung, on which enough trials are. */
START_TEST(estimates_are_what_was_reported_on_a_rung)
{
    replay r = run("rungs:max_resource=16,factor=2,least_chance=0", valley, 40);
    hn_arena scratch = HN_ARENA_INIT;
    hn_prune_context context = context_of(&r, MOST);
    hn_estimates estimates = {0};
    ck_assert_int_eq(hn_pruner_estimate(r.pruner, &context, &scratch, &estimates, NULL), HONE_OK);
    ck_assert_uint_eq(estimates.n, 40);
    for (size_t i = 0; i < estimates.n; i++) {
        const hn_estimate *e = &estimates.items[i];
        ck_assert_int_eq(e->number, (int64_t)i);
        ck_assert_double_eq(e->loss, valley(e->number, LAST));
        ck_assert_double_eq(e->deviation, 0);
    }
    hn_arena_release(&scratch);
    release(&r);
}
END_TEST

START_TEST(options_that_contradict_each_other)
{
    static const char *const bad[][2] = {
        {"rungs:min_resource=9,max_resource=8", "min_resource 9 is more than max_resource 8"},
    };
    expect_refusals(bad, sizeof bad / sizeof *bad);
}
END_TEST

Suite *suite_rungs(void)
{
    Suite *suite = suite_create("rungs");
    TCase *all = tcase_create("all");
    tcase_add_test(all, the_best_are_completed_for_a_part_of_the_steps);
    tcase_add_test(all, hard_studies_come_to_an_end);
    tcase_add_test(all, estimates_are_what_was_reported_on_a_rung);
    tcase_add_test(all, options_that_contradict_each_other);
    suite_add_tcase(suite, all);
    return suite;
}
