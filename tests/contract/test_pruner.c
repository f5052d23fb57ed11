/* The pruner contract: every registered pruner, and a dummy scheduler that gives each answer there is. */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "pruner/pruner.h"
#include "support.h"

/* --- a dummy that schedules --- */

/* Two trials run to step `rung` and are paused there; the better one is resumed to twice that, the worse one
 * is replaced by a clone of the better; a trial that reports more than `limit` is stopped. Everything follows
 * from the history. */
typedef struct rungs_config {
    int64_t rung;
    double limit;
} rungs_config;

typedef struct rungs_state {
    const rungs_config *config;
} rungs_state;

static int live_states; /* made and not released */

static hone_status rungs_init(void *state, const void *config, hone_error *err)
{
    const rungs_config *c = config;
    if (c->rung == 13) {
        return hn_fail(err, HONE_INVALID, "dummy_rungs: rung 13 brings bad luck");
    }
    ((rungs_state *)state)->config = c;
    live_states++;
    return HONE_OK;
}

static void rungs_release(void *state)
{
    (void)state;
    live_states--;
}

static double last_report(const hn_history *history, int64_t number)
{
    const hn_trial_report *reports;
    size_t n = hn_history_reports(history, number, &reports);
    return n == 0 ? INFINITY : reports[n - 1].value;
}

static hone_status rungs_next(void *state, const hn_prune_context *context, hn_next *next, hone_error *err)
{
    (void)err;
    const rungs_config *config = ((const rungs_state *)state)->config;
    size_t rows = hn_history_count(context->history);
    if (rows < 2) {
        *next = (hn_next){.kind = HN_NEXT_START, .budget = config->rung};
    } else if (rows == 2 && context->n_paused < 2) {
        *next = (hn_next){.kind = HN_NEXT_WAIT, .wait_ms = 20};
    } else if (rows == 2) {
        int64_t a = context->paused[0], b = context->paused[1];
        int64_t better = last_report(context->history, a) <= last_report(context->history, b) ? a : b;
        *next = (hn_next){.kind = HN_NEXT_CLONE, .number = better, .budget = 2 * config->rung};
    } else if (context->n_paused > 0 && hn_history_state_count(context->history, HONE_COMPLETE) == 0) {
        *next = (hn_next){.kind = HN_NEXT_RESUME, .number = context->paused[0], .budget = 2 * config->rung};
    } else {
        *next = (hn_next){.kind = HN_NEXT_DONE, .reason = "rungs climbed"};
    }
    return HONE_OK;
}

static hone_status rungs_judge(void *state, const hn_prune_context *context, int64_t number, int64_t step,
                               hn_verdict *verdict, hone_error *err)
{
    (void)err;
    const rungs_config *config = ((const rungs_state *)state)->config;
    double value = last_report(context->history, number);
    *verdict = value > config->limit ? HN_STOP : step == config->rung ? HN_PAUSE : HN_CONTINUE;
    return HONE_OK;
}

static const hn_option rungs_options[] = {
    {.name = "rung",
     .type = HN_OPTION_INT,
     .default_text = "2",
     .low = 1,
     .high = 100,
     .offset = offsetof(rungs_config, rung),
     .help = "the step at which trials pause"},
    {.name = "limit",
     .type = HN_OPTION_DOUBLE,
     .default_text = "10",
     .low = -1e9,
     .high = 1e9,
     .offset = offsetof(rungs_config, limit),
     .help = "reports above it stop a trial"},
};

static const hn_pruner_type dummy_rungs = {
    .name = "dummy_rungs",
    .help = "every answer a pruner can give",
    .options = {rungs_options, 2, sizeof(rungs_config)},
    .state_size = sizeof(rungs_state),
    .uses_reports = true,
    .init = rungs_init,
    .release = rungs_release,
    .next = rungs_next,
    .judge = rungs_judge,
};

/* --- a small study --- */

static void put(hn_history *history, int64_t number, hone_trial_state state, const hn_trial_report *reports,
                size_t n)
{
    double value = 1;
    hn_trial_record record = {.number = number,
                              .state = state,
                              .n_values = state == HONE_COMPLETE,
                              .values = &value,
                              .n_reports = n,
                              .reports = reports,
                              .noise = NAN};
    ck_assert_int_eq(hn_history_put(history, &record, NULL), HONE_OK);
}

static hn_verdict report(hn_pruner *pruner, const hn_prune_context *context, hn_history *history,
                         int64_t number, int64_t step, double value)
{
    hn_verdict verdict;
    hone_error err = {0};
    ck_assert_int_eq(hn_history_add_report(history, number, step, value, NULL), HONE_OK);
    ck_assert_msg(hn_pruner_judge(pruner, context, number, step, &verdict, &err) == HONE_OK, "%s",
                  err.message);
    return verdict;
}

static hn_next next_of(hn_pruner *pruner, const hn_prune_context *context)
{
    hn_next next;
    hone_error err = {0};
    ck_assert_msg(hn_pruner_next(pruner, context, &next, &err) == HONE_OK, "%s", err.message);
    return next;
}

static hn_history *new_history(void)
{
    hone_direction direction = HONE_MINIMIZE;
    hn_history *history;
    ck_assert_int_eq(hn_history_create(&direction, 1, &history, NULL), HONE_OK);
    return history;
}

/* --- every pruner --- */

/* Curves of different kinds, a tenth of them bad; NaN, infinities and a late step are among the reports. */
static double curve(int64_t number, int64_t step)
{
    static const double odd[] = {NAN, INFINITY, -INFINITY};
    double base = number % 10 == 9 ? 100 : sin((double)number);
    return (number + step) % 17 == 0 ? odd[number % 3] : base + 1.0 / (double)(step + 1);
}

enum { LAST_STEP = 8, MOST_TRIALS = 60 };

/* Options without which a pruner cannot be made. */
static hone_status make(const hn_pruner_type *type, hn_pruner **pruner)
{
    static const char *const needed[][2] = {
        {"successive_halving", "{max_resource: 8}"},
        {"asha", "{max_resource: 8, factor: 2}"},
        {"hyperband", "{max_resource: 8, factor: 2}"},
        {"pasha", "{max_resource: 8, factor: 2}"},
        {"pbt", "{max_resource: 8, interval: 2, population: 60}"},
        {"rungs", "{max_resource: 8}"},
        {"threshold", "{upper: 50}"},
        {"any_of", "{pruners: [median, {threshold: {upper: 50}}]}"},
        {"all_of", "{pruners: [{patient: {patience: 2}}, {asha: {variant: stop}}]}"},
    };
    hn_arena arena = HN_ARENA_INIT;
    hn_node *options = NULL;
    hone_status status = HONE_OK;
    for (size_t i = 0; i < sizeof needed / sizeof *needed && status == HONE_OK; i++) {
        if (strcmp(type->name, needed[i][0]) == 0) {
            status = hn_yaml_parse(&arena, NULL, needed[i][1], strlen(needed[i][1]), &options, NULL);
        }
    }
    if (status == HONE_OK) {
        status = hn_pruner_create_from(type, options, pruner, NULL);
    }
    hn_arena_release(&arena);
    return status;
}

static void finish(hn_history *history, int64_t number, hone_trial_state state)
{
    const hn_trial_report *borrowed;
    hn_trial_report copy[LAST_STEP];
    size_t n = hn_history_reports(history, number, &borrowed);
    if (n > 0) {
        memcpy(copy, borrowed, n * sizeof *copy);
    }
    put(history, number, state, copy, n);
}

static void set_paused(hn_prune_context *context, int64_t *paused, int64_t number, bool value)
{
    size_t at = 0;
    while (at < context->n_paused && paused[at] < number) {
        at++;
    }
    if (value) {
        memmove(paused + at + 1, paused + at, (context->n_paused - at) * sizeof *paused);
        paused[at] = number;
        context->n_paused++;
    } else {
        ck_assert(at < context->n_paused && paused[at] == number);
        memmove(paused + at, paused + at + 1, (context->n_paused - at - 1) * sizeof *paused);
        context->n_paused--;
    }
}

/* Runs the trial on, a new one from a step, until it is told to pause or to stop, or has made its last step.
 */
static hn_verdict run_on(hn_pruner *pruner, hn_prune_context *context, hn_history *history, int64_t number,
                         int64_t from)
{
    const hn_trial_report *reports;
    size_t n = hn_history_reports(history, number, &reports);
    hn_verdict verdict = HN_CONTINUE, again;
    for (int64_t step = n ? reports[n - 1].step + 1 : from + 1; step <= LAST_STEP && verdict == HN_CONTINUE;
         step++) {
        hn_pruner *fresh;
        verdict = report(pruner, context, history, number, step, curve(number, step));
        ck_assert_int_eq(make(hn_pruner_find(hn_pruner_type_of(pruner)->name), &fresh), HONE_OK);
        ck_assert_int_eq(hn_pruner_judge(fresh, context, number, step, &again, NULL), HONE_OK);
        ck_assert_int_eq(verdict, again);
        hn_pruner_destroy(fresh);
    }
    return verdict;
}

/* Decisions follow from the history: a pruner made for this call decides as one that saw everything. */
START_TEST(decides_from_the_history_alone)
{
    const hn_pruner_type *type = hn_pruner_at((size_t)_i);
    hn_history *history = new_history();
    int64_t paused[MOST_TRIALS], begun = 0;
    hn_prune_context context = {.history = history, .seed = 1, .study_name = "s", .paused = paused};
    hn_pruner *pruner, *fresh;
    ck_assert_int_eq(make(type, &pruner), HONE_OK);
    size_t ended_early = 0;
    for (;;) {
        context.exhausted = begun == MOST_TRIALS;
        hn_next next = next_of(pruner, &context);
        ck_assert_int_eq(make(type, &fresh), HONE_OK);
        hn_next again = next_of(fresh, &context);
        hn_pruner_destroy(fresh);
        ck_assert(next.kind == again.kind && next.number == again.number && next.budget == again.budget &&
                  next.step == again.step);
        if (next.kind == HN_NEXT_DONE || (next.kind == HN_NEXT_START && context.exhausted)) {
            break;
        }
        bool starts = next.kind == HN_NEXT_START, clones = next.kind == HN_NEXT_CLONE;
        ck_assert(starts || clones || next.kind == HN_NEXT_RESUME || next.kind == HN_NEXT_DROP);
        int64_t number = starts || clones ? (int64_t)hn_history_count(history) : next.number;
        begun += starts;
        if (starts || clones) {
            put(history, number, HONE_RUNNING, NULL, 0);
        } else {
            set_paused(&context, paused, number, false);
        }
        context.budget = next.budget;
        hn_verdict verdict = next.kind == HN_NEXT_DROP
                                 ? HN_STOP
                                 : run_on(pruner, &context, history, number, clones ? next.step : 0);
        if (verdict == HN_PAUSE) {
            set_paused(&context, paused, number, true);
        } else {
            finish(history, number, verdict == HN_STOP ? HONE_PRUNED : HONE_COMPLETE);
            ended_early += verdict == HN_STOP;
        }
    }
    ck_assert_int_eq(begun, MOST_TRIALS);
    ck_assert_uint_eq(context.n_paused, 0);
    ck_assert(type->uses_reports == (ended_early > 0));
    ck_assert_uint_gt(hn_history_state_count(history, HONE_COMPLETE), 0);
    hn_pruner_destroy(pruner);
    hn_history_destroy(history);
}
END_TEST

START_TEST(memory_may_run_out)
{
    const hn_pruner_type *type = hn_pruner_at((size_t)_i);
    hn_history *history = new_history();
    hn_prune_context context = {.history = history, .study_name = "s"};
    hn_trial_report reports[] = {{1, 0.5}, {2, 0.25}}, bad = {2, 9};
    for (int64_t number = 0; number < 10; number++) {
        put(history, number, HONE_COMPLETE, reports, 2);
    }
    put(history, 10, HONE_RUNNING, &bad, 1);
    hone_status status = HONE_OUT_OF_MEMORY;
    for (long k = 0; status != HONE_OK; k++) {
        hn_pruner *pruner = NULL;
        hn_verdict verdict;
        hn_memory_fail_at(k, 0);
        hn_next next;
        status = make(type, &pruner);
        if (status == HONE_OK) {
            status = hn_pruner_judge(pruner, &context, 10, 2, &verdict, NULL);
        }
        if (status == HONE_OK) {
            status = hn_pruner_next(pruner, &context, &next, NULL);
        }
        hn_memory_fail_at(-1, 0);
        ck_assert(status == HONE_OK || status == HONE_OUT_OF_MEMORY);
        hn_pruner_destroy(pruner);
        ck_assert_int_lt(k, 100);
    }
    hn_history_destroy(history);
}
END_TEST

START_TEST(tables_are_in_order)
{
    for (size_t i = 0; hn_pruner_at(i) != NULL; i++) {
        const hn_pruner_type *type = hn_pruner_at(i);
        ck_assert_ptr_eq(hn_pruner_find(type->name), type);
        ck_assert_int_ne(type->help[strlen(type->help) - 1], '.');
        for (size_t k = 0; k < type->options.count; k++) {
            const hn_option *option = &type->options.options[k];
            ck_assert_uint_lt(option->offset, type->options.config_size);
            ck_assert_int_ne(option->help[strlen(option->help) - 1], '.');
        }
    }
    ck_assert_ptr_null(hn_pruner_find("no such pruner"));
}
END_TEST

/* --- the dummy --- */

START_TEST(a_scheduler_gives_every_answer)
{
    hn_history *history = new_history();
    int64_t paused[2];
    hn_prune_context context = {.history = history, .study_name = "s", .paused = paused};
    hn_pruner *pruner;
    ck_assert_int_eq(hn_pruner_create_from(&dummy_rungs, NULL, &pruner, NULL), HONE_OK);
    ck_assert_ptr_eq(hn_pruner_type_of(pruner), &dummy_rungs);
    for (int64_t number = 0; number < 2; number++) {
        hn_next next = next_of(pruner, &context);
        ck_assert_int_eq(next.kind, HN_NEXT_START);
        ck_assert_int_eq(next.budget, 2);
        put(history, number, HONE_RUNNING, NULL, 0);
    }
    ck_assert_int_eq(report(pruner, &context, history, 0, 1, 5), HN_CONTINUE);
    ck_assert_int_eq(report(pruner, &context, history, 0, 2, 4), HN_PAUSE);
    paused[context.n_paused++] = 0;
    ck_assert_int_eq(next_of(pruner, &context).kind, HN_NEXT_WAIT);
    ck_assert_int_eq(next_of(pruner, &context).wait_ms, 20);
    ck_assert_int_eq(report(pruner, &context, history, 1, 2, 3), HN_PAUSE);
    paused[context.n_paused++] = 1;
    hn_next next = next_of(pruner, &context);
    ck_assert_int_eq(next.kind, HN_NEXT_CLONE);
    ck_assert_int_eq(next.number, 1);
    ck_assert_int_eq(next.budget, 4);
    put(history, 2, HONE_RUNNING, NULL, 0);
    ck_assert_int_eq(report(pruner, &context, history, 2, 3, 11), HN_STOP);
    put(history, 2, HONE_PRUNED, NULL, 0);
    next = next_of(pruner, &context);
    ck_assert_int_eq(next.kind, HN_NEXT_RESUME);
    ck_assert_int_eq(next.number, 0);
    put(history, 0, HONE_COMPLETE, NULL, 0);
    next = next_of(pruner, &context);
    ck_assert_int_eq(next.kind, HN_NEXT_DONE);
    ck_assert_str_eq(next.reason, "rungs climbed");
    hn_pruner_destroy(pruner);
    ck_assert_int_eq(live_states, 0);
    hn_history_destroy(history);
}
END_TEST

/* An init that refuses is not followed by release. */
START_TEST(a_refused_start_leaves_nothing)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_node *options;
    hn_pruner *pruner;
    hone_error err = {0};
    ck_assert_int_eq(hn_yaml_parse(&arena, "test", "{rung: 13}", 10, &options, NULL), HONE_OK);
    ck_assert_int_eq(hn_pruner_create_from(&dummy_rungs, options, &pruner, &err), HONE_INVALID);
    hn_assert_contains(err.message, "bad luck");
    ck_assert_int_eq(live_states, 0);
    hn_arena_release(&arena);
}
END_TEST

/* Where trials pause, up to a whole one, is told, and nothing of those that do not pause. */
START_TEST(ladders_ascend_to_a_whole_trial)
{
    static const struct {
        const char *spec;
        size_t n;
        int64_t steps[6];
    } cases[] = {
        {"successive_halving:max_resource=27,min_resource=3,n_candidates=9", 3, {3, 9, 27}},
        {"asha:max_resource=20,min_resource=2,factor=3", 3, {3, 7, 20}},
        {"hyperband:max_resource=81,min_resource=9,factor=3", 3, {9, 27, 81}},
        {"pasha:max_resource=9,min_resource=1,factor=3", 3, {1, 3, 9}},
        {"rungs:max_resource=64,min_resource=4", 3, {4, 16, 64}},
        {"rungs", 0, {0}},
        {"pbt:max_resource=10,interval=4", 3, {4, 8, 10}},
        {"pbt:max_resource=12,interval=4", 3, {4, 8, 12}},
        {"pbt:max_resource=1000,interval=1", 0, {0}},
        {"median", 0, {0}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        hn_arena arena = HN_ARENA_INIT;
        hn_spec spec;
        hn_pruner *pruner = NULL;
        hone_error err = {0};
        int64_t steps[HN_MOST_LADDER];
        ck_assert_int_eq(hn_spec_from_text(&arena, cases[i].spec, "pruner", &spec, NULL), HONE_OK);
        ck_assert_msg(!hn_pruner_create(&spec, &pruner, &err), "%s", err.message);
        ck_assert_msg(hn_pruner_ladder(pruner, steps) == cases[i].n, "%s", cases[i].spec);
        for (size_t k = 0; k < cases[i].n; k++) {
            ck_assert_msg(steps[k] == cases[i].steps[k], "%s: %lld", cases[i].spec, (long long)steps[k]);
        }
        hn_pruner_destroy(pruner);
        hn_arena_release(&arena);
    }
}
END_TEST

static int pruner_count(void)
{
    int n = 0;
    while (hn_pruner_at((size_t)n) != NULL) {
        n++;
    }
    return n;
}

Suite *suite_pruner(void)
{
    Suite *suite = suite_create("pruner contract");
    TCase *all = tcase_create("every pruner");
    tcase_add_loop_test(all, decides_from_the_history_alone, 0, pruner_count());
    tcase_add_loop_test(all, memory_may_run_out, 0, pruner_count());
    tcase_add_test(all, tables_are_in_order);
    tcase_add_test(all, ladders_ascend_to_a_whole_trial);
    suite_add_tcase(suite, all);
    TCase *open = tcase_create("plug-ins");
    tcase_add_test(open, a_scheduler_gives_every_answer);
    tcase_add_test(open, a_refused_start_leaves_nothing);
    suite_add_tcase(suite, open);
    return suite;
}
