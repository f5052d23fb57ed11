/* ask_latency.c: how long a sampler thinks: 10 float parameters, N trials told, the median of some asks with
 * their tells: what peer_ask_latency.py measures of Optuna, on the same points' distribution and values,
 * printed alike.
 *
 *     bench_ask_latency --sampler tpe --told 100,1000,10000,100000,1000000 --asks 20
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/number.h"
#include "history/history.h"
#include "math/statistics.h"
#include "sampler/sampler.h"

enum { N_PARAMETERS = 10 };

static const char space_text[] =
    "{x0: {float: [0, 1]}, x1: {float: [0, 1]}, x2: {float: [0, 1]}, x3: {float: [0, 1]}, "
    "x4: {float: [0, 1]}, x5: {float: [0, 1]}, x6: {float: [0, 1]}, x7: {float: [0, 1]}, "
    "x8: {float: [0, 1]}, x9: {float: [0, 1]}}";

typedef struct study {
    hn_arena arena, scratch;
    hn_space *space;
    hn_history *history;
    hn_sampler *sampler;
} study;

static void check(hone_status status, const hone_error *error)
{
    if (status != HONE_OK) {
        fprintf(stderr, "bench_ask_latency: %s\n", error->message);
        exit(1);
    }
}

static void tell(study *s, const hn_point *point)
{
    hn_trial_param params[N_PARAMETERS];
    double value = 0;
    for (size_t i = 0; i < N_PARAMETERS; i++) {
        const hn_parameter *parameter = &s->space->parameters[i];
        params[i] = (hn_trial_param){parameter->name, &parameter->distribution, point->values[i]};
        value += (point->values[i] - 0.3) * (point->values[i] - 0.3);
    }
    int64_t number = (int64_t)hn_history_count(s->history);
    hn_trial_record record = {.id = number + 1,
                              .number = number,
                              .state = HONE_COMPLETE,
                              .start_us = number + 1,
                              .complete_us = number + 2,
                              .n_params = N_PARAMETERS,
                              .params = params,
                              .n_values = 1,
                              .values = &value,
                              .noise = NAN};
    hone_error error;
    check(hn_history_put(s->history, &record, &error), &error);
}

static void tell_random(study *s, size_t n, hn_point *point)
{
    hn_random random = hn_random_stream(0, 0, HN_PURPOSE_TEST);
    while (hn_history_count(s->history) < n) {
        for (size_t i = 0; i < N_PARAMETERS; i++)
            point->values[i] = hn_random_uniform(&random);
        tell(s, point);
    }
}

static double ask(study *s, hn_point *point)
{
    hone_error error;
    size_t count;
    double began = hn_monotonic_seconds();
    hn_ask request = {.space = s->space,
                      .view = {.history = s->history, .before = INT64_MAX},
                      .number = (int64_t)hn_history_count(s->history),
                      .seed = 1,
                      .scratch = &s->scratch};
    check(hn_sampler_propose(s->sampler, &request, NULL, 1, point, &count, &error), &error);
    hn_arena_reset(&s->scratch);
    return hn_monotonic_seconds() - began;
}

static void print_row(const char *sampler, size_t told, double *seconds, size_t n)
{
    char median[HN_NUMBER_SIZE], slowest[HN_NUMBER_SIZE];
    hn_sort_doubles(seconds, n);
    hn_format_short(slowest, 1e3 * seconds[n - 1], 4);
    hn_format_short(median, 1e3 * hn_median(seconds, n), 4);
    printf(
        "{\"sampler\": \"%s\", \"parameters\": %d, \"told\": %zu, \"ask_ms_median\": %s, \"ask_ms_max\": %s}\n",
        sampler, N_PARAMETERS, told, median, slowest);
    fflush(stdout);
}

static void measure(const char *sampler, size_t told, size_t n_asks)
{
    study s = {.arena = HN_ARENA_INIT, .scratch = HN_ARENA_INIT};
    const hone_direction direction = HONE_MINIMIZE;
    hone_error error;
    hn_spec spec;
    check(hn_space_from_text(&s.arena, space_text, NULL, &s.space, &error), &error);
    check(hn_history_create(&direction, 1, &s.history, &error), &error);
    check(hn_spec_from_text(&s.arena, sampler, "sampler", &spec, &error), &error);
    check(hn_sampler_create(&spec, &s.sampler, &error), &error);
    hn_point point = hn_point_new(&s.arena, N_PARAMETERS);
    double *seconds = hn_calloc(n_asks, sizeof *seconds);
    if (point.values == NULL || seconds == NULL)
        check(hn_out_of_memory(&error), &error);
    tell_random(&s, told, &point);
    for (size_t i = 0; i < n_asks; i++) {
        seconds[i] = ask(&s, &point);
        tell(&s, &point);
    }
    print_row(sampler, told, seconds, n_asks);
    hn_free(seconds);
    hn_sampler_destroy(s.sampler);
    hn_history_destroy(s.history);
    hn_arena_release(&s.arena);
    hn_arena_release(&s.scratch);
}

int main(int argc, char **argv)
{
    const char *sampler = "tpe", *told = "100,1000,10000,100000,1000000";
    int64_t asks = 20, n;
    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--sampler") == 0)
            sampler = argv[i + 1];
        else if (strcmp(argv[i], "--told") == 0)
            told = argv[i + 1];
        else if (strcmp(argv[i], "--asks") != 0 || !hn_parse_int(argv[i + 1], strlen(argv[i + 1]), &asks) ||
                 asks < 1)
            return fprintf(stderr, "bench_ask_latency: --sampler SPEC --told N,N,... --asks N\n"), 1;
    }
    while (*told != '\0') {
        size_t length = strcspn(told, ",");
        if (!hn_parse_int(told, length, &n) || n < 0)
            return fprintf(stderr, "bench_ask_latency: --told %s is no list of counts\n", told), 1;
        measure(sampler, (size_t)n, (size_t)asks);
        told += length + (told[length] == ',');
    }
    return 0;
}
