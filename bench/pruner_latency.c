/* pruner_latency.c: how long a pruner judges one report, with N complete trials of so many steps in the
 * history: what peer_pruner_latency.py measures of Optuna, on the same history. In microseconds of the
 * processor: the median of a running trial's reports; the slowest; the median when another trial has just
 * ended; and the first one, which reads the history.
 *
 *     bench_pruner_latency --trials 10000 --steps 100
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/number.h"
#include "math/statistics.h"
#include "pruner/pruner.h"

enum { MOST_STEPS = 1000, ROUNDS = 20 };

static const char *const pruners[] = {
    "median",
    "percentile",
    "threshold:upper=100",
    "wilcoxon",
    "patient:pruner=median,patience=0",
    "asha:variant=stop",
    "hyperband:variant=stop",
};

static void check(hone_status status, const hone_error *error)
{
    if (status != HONE_OK) {
        fprintf(stderr, "bench_pruner_latency: %s\n", error->message);
        exit(1);
    }
}

static double processor_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return 1e6 * (double)t.tv_sec + 1e-3 * (double)t.tv_nsec;
}

/* Of a level of its own, falling, with noise. peer_pruner_latency.py has the same. */
static double curve(int64_t number, int64_t step)
{
    return (double)(number * 7919 % 10007) / 10007 + 1 / (double)step +
           (double)((number * 31 + step * 17) % 101) / 1010;
}

static void put(hn_history *history, int64_t number, hone_trial_state state, int64_t n_steps)
{
    hn_trial_report reports[MOST_STEPS];
    for (int64_t k = 0; k < n_steps; k++) {
        reports[k] = (hn_trial_report){k + 1, curve(number, k + 1)};
    }
    double value = n_steps > 0 ? reports[n_steps - 1].value : 0;
    hn_trial_record record = {.number = number,
                              .state = state,
                              .complete_us = number + 1,
                              .n_values = state == HONE_COMPLETE,
                              .values = &value,
                              .n_reports = (size_t)n_steps,
                              .reports = reports,
                              .noise = NAN};
    hone_error error;
    check(hn_history_put(history, &record, &error), &error);
}

static double judge(hn_pruner *pruner, hn_history *history, int64_t number, int64_t step)
{
    hn_prune_context context = {.history = history, .study_name = "bench"};
    hone_error error;
    hn_verdict verdict;
    check(hn_history_add_report(history, number, step, curve(number, step), &error), &error);
    double began = processor_us();
    check(hn_pruner_judge(pruner, &context, number, step, &verdict, &error), &error);
    return processor_us() - began;
}

static void measure(const char *text, hn_history *history, int64_t n_steps)
{
    static double seconds[ROUNDS * MOST_STEPS], after[ROUNDS];
    hn_arena arena = HN_ARENA_INIT;
    hone_error error;
    hn_spec spec;
    hn_pruner *pruner;
    check(hn_spec_from_text(&arena, text, "pruner", &spec, &error), &error);
    check(hn_pruner_create(&spec, &pruner, &error), &error);
    int64_t trials = (int64_t)hn_history_count(history);
    double first = 0, slowest = 0;
    size_t n = 0;
    for (int64_t round = 0; round < ROUNDS; round++) {
        int64_t number = (int64_t)hn_history_count(history);
        put(history, number, HONE_RUNNING, 0);
        for (int64_t step = 1; step <= n_steps; step++) {
            double us = judge(pruner, history, number, step);
            slowest = round > 0 ? fmax(slowest, us) : 0;
            if (step > 1) {
                seconds[n++] = us;
            } else if (round > 0) {
                after[round - 1] = us;
            } else {
                first = us;
            }
        }
        put(history, number, HONE_COMPLETE, n_steps);
    }
    printf("{\"pruner\": \"%s\", \"trials\": %lld, \"steps\": %lld, \"us_median\": %.3f, ", text,
           (long long)trials, (long long)n_steps, hn_median(seconds, n));
    printf("\"us_slowest\": %.1f, \"us_after_trial\": %.3f, \"us_first\": %.0f}\n", slowest,
           hn_median(after, ROUNDS - 1), first);
    hn_pruner_destroy(pruner);
    hn_arena_release(&arena);
}

int main(int argc, char **argv)
{
    int64_t trials = 10000, steps = 100;
    for (int i = 1; i + 1 < argc; i += 2) {
        int64_t *value = !strcmp(argv[i], "--trials") ? &trials : !strcmp(argv[i], "--steps") ? &steps : NULL;
        if (!value || !hn_parse_int(argv[i + 1], strlen(argv[i + 1]), value)) {
            fprintf(stderr, "usage: bench_pruner_latency [--trials N] [--steps N]\n");
            return 2;
        }
    }
    if (steps < 2 || steps > MOST_STEPS || trials < 1) {
        fprintf(stderr, "bench_pruner_latency: 2 to %d steps, at least one trial\n", MOST_STEPS);
        return 2;
    }
    hone_direction direction = HONE_MINIMIZE;
    hn_history *history;
    hone_error error;
    check(hn_history_create(&direction, 1, &history, &error), &error);
    for (int64_t number = 0; number < trials; number++) {
        put(history, number, HONE_COMPLETE, steps);
    }
    for (size_t i = 0; i < sizeof pruners / sizeof *pruners; i++) {
        measure(pruners[i], history, steps);
    }
    hn_history_destroy(history);
    return 0;
}
