/* ask_latency.c: how long a sampler thinks: 10 parameters, N trials told, the median of some asks with their
 * tells: what peer_ask_latency.py measures of Optuna, on the same points' distribution and values, printed
 * alike. Also, in time of the processor, which does not count when others have it, all asks together, the
 * slowest ask and the slowest of all tells; and the first ask, which reads the history and is not told.
 *
 *     bench_ask_latency --space float --told 100,1000,10000,100000,1000000 --asks 20
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/number.h"
#include "history/history.h"
#include "math/statistics.h"
#include "sampler/sampler.h"

enum { N_PARAMETERS = 10, MAX_OBJECTIVES = 2 };

static const struct {
    const char *name, *text;
} spaces[] = {
    {"float", "{x0: {float: [0, 1]}, x1: {float: [0, 1]}, x2: {float: [0, 1]}, x3: {float: [0, 1]}, "
              "x4: {float: [0, 1]}, x5: {float: [0, 1]}, x6: {float: [0, 1]}, x7: {float: [0, 1]}, "
              "x8: {float: [0, 1]}, x9: {float: [0, 1]}}"},
    {"int", "{x0: {int: [0, 1000]}, x1: {int: [0, 1000]}, x2: {int: [0, 100000]}, x3: {int: [0, 100000]}, "
            "x4: {int: [0, 50]}, x5: {int: [0, 50]}, x6: {int: [1, 1024], log: true}, "
            "x7: {int: [1, 100000], log: true}, x8: {float: [0, 1], step: 0.001}, x9: {int: [0, 300]}}"},
    {"mixed", "{x0: {float: [0, 1]}, x1: {float: [0, 1]}, x2: {float: [1e-6, 1], log: true}, "
              "x3: {float: [0, 1], step: 0.01}, x4: {int: [0, 1000]}, x5: {int: [1, 1024], log: true}, "
              "x6: {ordinal: [1, 2, 4, 8, 16]}, x7: {int: [0, 10]}, x8: {choice: [a, b, c]}, "
              "x9: {choice: [a, b, c, d, e, f, g, h]}}"},
    {"categorical",
     "{x0: {choice: [a, b]}, x1: {choice: [a, b, c]}, x2: {choice: [a, b, c, d]}, "
     "x3: {choice: [a, b, c, d, e]}, x4: {choice: [a, b, c, d, e, f]}, x5: {choice: [a, b, c]}, "
     "x6: {choice: [a, b, c]}, x7: {choice: [a, b, c]}, x8: {choice: [a, b, c]}, "
     "x9: {choice: [a, b, c, d, e, f, g, h]}}"},
};

typedef struct options {
    const char *sampler, *space;
    int64_t n_objectives, n_asks;
} options;

typedef struct study {
    hn_arena arena, scratch;
    hn_space *space;
    hn_history *history;
    hn_sampler *sampler;
    size_t n_objectives;
    double first_ask, first_ask_cpu, all_asks_cpu, slowest_ask_cpu, slowest_tell_cpu; /* seconds */
} study;

static void check(hone_status status, const hone_error *error)
{
    if (status != HONE_OK) {
        fprintf(stderr, "bench_ask_latency: %s\n", error->message);
        exit(1);
    }
}

static double processor_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Adds the squared distance to (0.3, ..., 0.3) of the unit cube; the second objective's is that to 0.7. */
static void evaluate(const study *s, const hn_point *point, double *values)
{
    for (size_t i = 0; i < N_PARAMETERS; i++) {
        double u = hn_distribution_encode(&s->space->parameters[i].distribution, point->values[i]);
        values[0] += (u - 0.3) * (u - 0.3);
        if (s->n_objectives > 1)
            values[1] += (u - 0.7) * (u - 0.7);
    }
}

static void tell(study *s, const hn_point *point)
{
    hn_trial_param params[N_PARAMETERS];
    double values[MAX_OBJECTIVES] = {0};
    evaluate(s, point, values);
    for (size_t i = 0; i < N_PARAMETERS; i++) {
        const hn_parameter *parameter = &s->space->parameters[i];
        params[i] = (hn_trial_param){parameter->name, &parameter->distribution, point->values[i]};
    }
    int64_t number = (int64_t)hn_history_count(s->history);
    hn_trial_record record = {.id = number + 1,
                              .number = number,
                              .state = HONE_COMPLETE,
                              .start_us = number + 1,
                              .complete_us = number + 2,
                              .n_params = N_PARAMETERS,
                              .params = params,
                              .n_values = s->n_objectives,
                              .values = values,
                              .noise = NAN};
    hone_error error;
    double began = processor_seconds();
    check(hn_history_put(s->history, &record, &error), &error);
    s->slowest_tell_cpu = fmax(s->slowest_tell_cpu, processor_seconds() - began);
}

static void tell_random(study *s, size_t n, hn_point *point)
{
    hn_random random = hn_random_stream(0, 0, HN_PURPOSE_TEST);
    while (hn_history_count(s->history) < n) {
        for (size_t i = 0; i < N_PARAMETERS; i++)
            point->values[i] =
                hn_distribution_decode(&s->space->parameters[i].distribution, hn_random_uniform(&random));
        tell(s, point);
    }
}

static double ask(study *s, hn_point *point)
{
    hone_error error;
    size_t count;
    double began = hn_monotonic_seconds(), processor_began = processor_seconds();
    hn_ask request = {.space = s->space,
                      .view = {.history = s->history, .before = INT64_MAX},
                      .number = (int64_t)hn_history_count(s->history),
                      .seed = 1,
                      .study_seed = 1,
                      .scratch = &s->scratch};
    check(hn_sampler_propose(s->sampler, &request, NULL, 1, point, &count, &error), &error);
    hn_arena_reset(&s->scratch);
    double cpu = processor_seconds() - processor_began;
    s->slowest_ask_cpu = fmax(s->slowest_ask_cpu, cpu);
    s->all_asks_cpu += cpu;
    return hn_monotonic_seconds() - began;
}

static void print_ms(const char *name, double seconds)
{
    char text[HN_NUMBER_SIZE];
    hn_format_short(text, 1e3 * seconds, 4);
    printf(", \"%s\": %s", name, text);
}

static void print_row(const options *o, const study *s, size_t told, double *seconds)
{
    printf("{\"sampler\": \"%s\", \"space\": \"%s\", \"objectives\": %zu, \"parameters\": %d, \"told\": %zu",
           o->sampler, o->space, s->n_objectives, N_PARAMETERS, told);
    hn_sort_doubles(seconds, (size_t)o->n_asks);
    print_ms("ask_ms_median", hn_median(seconds, (size_t)o->n_asks));
    print_ms("ask_ms_max", seconds[o->n_asks - 1]);
    print_ms("first_ask_ms", s->first_ask);
    print_ms("first_ask_cpu_ms", s->first_ask_cpu);
    print_ms("asks_cpu_ms_total", s->all_asks_cpu);
    print_ms("ask_cpu_ms_max", s->slowest_ask_cpu);
    print_ms("tell_cpu_ms_max", s->slowest_tell_cpu);
    printf("}\n");
    fflush(stdout);
}

static const char *space_text(const char *name)
{
    for (size_t i = 0; i < sizeof spaces / sizeof *spaces; i++)
        if (strcmp(spaces[i].name, name) == 0)
            return spaces[i].text;
    fprintf(stderr, "bench_ask_latency: no space '%s'; there are float, int, mixed, categorical\n", name);
    exit(1);
}

static void measure(const options *o, size_t told)
{
    study s = {.arena = HN_ARENA_INIT, .scratch = HN_ARENA_INIT, .n_objectives = (size_t)o->n_objectives};
    const hone_direction directions[MAX_OBJECTIVES] = {HONE_MINIMIZE, HONE_MINIMIZE};
    hone_error error;
    hn_spec spec;
    check(hn_space_from_text(&s.arena, space_text(o->space), NULL, &s.space, &error), &error);
    check(hn_history_create(directions, s.n_objectives, &s.history, &error), &error);
    check(hn_spec_from_text(&s.arena, o->sampler, "sampler", &spec, &error), &error);
    check(hn_sampler_create(&spec, &s.sampler, &error), &error);
    hn_point point = hn_point_new(&s.arena, N_PARAMETERS);
    double *seconds = hn_calloc((size_t)o->n_asks, sizeof *seconds);
    if (point.values == NULL || seconds == NULL) {
        check(hn_out_of_memory(&error), &error);
        return;
    }
    tell_random(&s, told, &point);
    s.first_ask = ask(&s, &point);
    s.first_ask_cpu = s.all_asks_cpu;
    s.slowest_ask_cpu = s.all_asks_cpu = 0;
    for (int64_t i = 0; i < o->n_asks; i++) {
        seconds[i] = ask(&s, &point);
        tell(&s, &point);
    }
    print_row(o, &s, told, seconds);
    hn_free(seconds);
    hn_sampler_destroy(s.sampler);
    hn_history_destroy(s.history);
    hn_arena_release(&s.arena);
    hn_arena_release(&s.scratch);
}

static int64_t integer(const char *text, size_t length, int64_t low, int64_t high)
{
    int64_t n;
    if (!hn_parse_int(text, length, &n) || n < low || n > high) {
        fprintf(stderr, "bench_ask_latency: '%.*s' is no whole number from %lld to %lld\n", (int)length, text,
                (long long)low, (long long)high);
        exit(1);
    }
    return n;
}

int main(int argc, char **argv)
{
    options o = {.sampler = "tpe", .space = "float", .n_objectives = 1, .n_asks = 20};
    const char *told = "100,1000,10000,100000,1000000";
    for (int i = 1; i < argc; i += 2) {
        const char *value = i + 1 < argc ? argv[i + 1] : "";
        if (strcmp(argv[i], "--sampler") == 0)
            o.sampler = value;
        else if (strcmp(argv[i], "--space") == 0)
            o.space = value;
        else if (strcmp(argv[i], "--told") == 0)
            told = value;
        else if (strcmp(argv[i], "--objectives") == 0)
            o.n_objectives = integer(value, strlen(value), 1, MAX_OBJECTIVES);
        else if (strcmp(argv[i], "--asks") == 0)
            o.n_asks = integer(value, strlen(value), 1, 1000000);
        else
            return fprintf(stderr, "bench_ask_latency: --sampler SPEC --space float|int|mixed|categorical "
                                   "--objectives 1|2 --told N,N,... --asks N\n"),
                   1;
    }
    while (*told != '\0') {
        size_t length = strcspn(told, ",");
        measure(&o, (size_t)integer(told, length, 0, 100000000));
        told += length + (told[length] == ',');
    }
    return 0;
}
