/* search.c: runs a sampler of hone over the benchmark's problems and writes its trace (bench/README.md).
 *
 *     bench_search --sampler tpe --out bench/traces/hone-tpe-0.1.0.csv.gz
 *     bench_search --sampler 'tpe:gamma=0.2' --seeds 5 --problems branin,ackley_5 --out x.csv.gz
 *
 * The sampler sees what a study would show it: a declared space and a history that grows by one finished
 * trial at a time. With --by-run it is asked for one parameter after the other, as by an objective that
 * suggests them.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/number.h"
#include "history/history.h"
#include "problems/problems.h"
#include "sampler/sampler.h"

typedef struct options {
    const char *sampler, *label, *version, *problems, *out;
    int64_t first_seed, seeds, trials, running;
    bool by_run;
} options;

/* One study under way. */
typedef struct search {
    const hn_bench_problem *problem;
    hn_bench_instance *instance;
    hn_sampler *sampler;
    hn_history *history;
    hn_space *space;
    hn_arena arena, scratch;
    double ask_seconds;
} search;

static void fail(const char *what, const hone_error *error)
{
    fprintf(stderr, "bench_search: %s%s%s\n", what, error != NULL ? ": " : "",
            error != NULL ? error->message : "");
    exit(1);
}

/* --- spaces --- */

static void write_choices(hn_buffer *text, const hn_bench_parameter *p)
{
    const char *word = p->choices;
    hn_buffer_printf(text, "%s: [", p->kind == HN_BENCH_ORDINAL ? "ordinal" : "choice");
    for (int i = 0; i < p->n_choices; i++) {
        int length = (int)strcspn(word, " ");
        hn_buffer_printf(text, p->kind == HN_BENCH_ORDINAL ? "%s%.*s" : "%s\"%.*s\"", i > 0 ? ", " : "",
                         length, word);
        word += length + 1;
    }
    hn_buffer_printf(text, "]");
}

static void write_range(hn_buffer *text, const hn_bench_parameter *p)
{
    char low[HN_NUMBER_SIZE], high[HN_NUMBER_SIZE], step[HN_NUMBER_SIZE];
    hn_format_double(low, p->low);
    hn_format_double(high, p->high);
    hn_format_double(step, p->step);
    hn_buffer_printf(text, "%s: [%s, %s]", p->kind == HN_BENCH_INT ? "int" : "float", low, high);
    if (p->log)
        hn_buffer_printf(text, ", log: true");
    else if (p->step > 0)
        hn_buffer_printf(text, ", step: %s", step);
}

/* "parent == word" with the word in quotes: it may be a parameter's name, too. */
static void write_condition(hn_buffer *text, const char *when)
{
    const char *word = strstr(when, "== ");
    if (word == NULL)
        hn_buffer_printf(text, ", when: %s", when);
    else
        hn_buffer_printf(text, ", when: %.*s \"%s\"", (int)(word + 2 - when), when, word + 3);
}

/* The problem's space as the mapping a study file has. */
static hn_space *make_space(const hn_bench_problem *problem, hn_arena *arena)
{
    hn_buffer text = HN_BUFFER_INIT;
    hn_space *space = NULL;
    hone_error error;
    for (int i = 0; i < hn_bench_parameter_count(problem); i++) {
        const hn_bench_parameter *p = hn_bench_parameter_at(problem, i);
        hn_buffer_printf(&text, "%s: {", p->name);
        if (p->n_choices > 0)
            write_choices(&text, p);
        else
            write_range(&text, p);
        if (p->when != NULL)
            write_condition(&text, p->when);
        hn_buffer_printf(&text, "}\n");
    }
    char *copy = hn_arena_strdup(arena, hn_buffer_string(&text));
    if (copy == NULL || hn_space_from_text(arena, copy, NULL, &space, &error) != HONE_OK)
        fail(hn_bench_problem_name(problem), copy == NULL ? NULL : &error);
    hn_buffer_release(&text);
    return space;
}

/* --- one study --- */

static hn_ask ask_for(search *s, const hn_space *space, int64_t number, uint64_t seed)
{
    return (hn_ask){.space = space,
                    .view = {.history = s->history, .before = INT64_MAX},
                    .number = number,
                    .seed = seed,
                    .study_seed = seed,
                    .scratch = &s->scratch};
}

static void propose_whole(search *s, int64_t number, uint64_t seed, hn_point *point)
{
    hone_error error;
    hn_ask ask = ask_for(s, s->space, number, seed);
    size_t count;
    if (hn_sampler_propose(s->sampler, &ask, NULL, 1, point, &count, &error) != HONE_OK)
        fail(hn_bench_problem_name(s->problem), &error);
    if (count == 0)
        fail("the space is used up", NULL);
}

/* Each parameter that is active, over the space of those that were suggested before and itself. */
static void propose_by_run(search *s, int64_t number, uint64_t seed, hn_point *point)
{
    const char **names = HN_ARENA_NEW(&s->scratch, const char *, s->space->count);
    hn_distribution *distributions = HN_ARENA_NEW(&s->scratch, hn_distribution, s->space->count);
    hn_point partial = hn_point_new(&s->scratch, s->space->count);
    if (names == NULL || distributions == NULL || partial.values == NULL)
        fail("out of memory", NULL);
    size_t n = 0;
    for (size_t i = 0; i < s->space->count; i++) {
        const hn_parameter *parameter = &s->space->parameters[i];
        hn_space *seen;
        hone_error error;
        point->active[i] = hn_space_is_active(s->space, i, point);
        point->values[i] = 0;
        if (!point->active[i])
            continue;
        names[n] = parameter->name;
        distributions[n++] = parameter->distribution;
        partial.active[n - 1] = false;
        if (hn_space_from_distributions(&s->scratch, names, distributions, n, &seen, &error) != HONE_OK)
            fail(parameter->name, &error);
        hn_ask ask = ask_for(s, seen, number, seed);
        if (hn_sampler_propose_one(s->sampler, &ask, n - 1, &partial, &point->values[i], &error) != HONE_OK)
            fail(parameter->name, &error);
        partial.values[n - 1] = point->values[i];
        partial.active[n - 1] = true;
    }
}

static double evaluate(const search *s, const hn_point *point)
{
    double values[HN_BENCH_MAX_PARAMETERS];
    for (int i = 0; i < hn_bench_parameter_count(s->problem); i++) {
        size_t index = hn_space_find(s->space, hn_bench_parameter_at(s->problem, i)->name);
        values[i] = point->active[index] ? point->values[index] : NAN;
    }
    return hn_bench_evaluate(s->instance, values);
}

static void put(search *s, int64_t number, const hn_point *point, hone_trial_state state, double value)
{
    hn_trial_param *params = HN_ARENA_NEW(&s->scratch, hn_trial_param, s->space->count);
    size_t n = 0;
    for (size_t i = 0; params != NULL && i < s->space->count; i++)
        if (point->active[i])
            params[n++] = (hn_trial_param){s->space->parameters[i].name,
                                           &s->space->parameters[i].distribution, point->values[i]};
    hn_trial_record record = {.id = number + 1,
                              .number = number,
                              .state = state,
                              .start_us = number + 1,
                              .complete_us = state == HONE_COMPLETE ? number + 2 : 0,
                              .n_params = n,
                              .params = params,
                              .n_values = state == HONE_COMPLETE,
                              .values = &value,
                              .noise = NAN};
    hone_error error;
    if (params == NULL || hn_history_put(s->history, &record, &error) != HONE_OK)
        fail("history", params == NULL ? NULL : &error);
}

/* Trial `number` is told when `running` more have been asked, as with running + 1 workers. */
static void run_trials(search *s, const options *o, uint64_t seed, double *values)
{
    size_t d = s->space->count, window = (size_t)o->running + 1;
    hn_point *points = HN_ARENA_NEW(&s->arena, hn_point, window);
    for (size_t i = 0; points != NULL && i < window; i++)
        points[i] = hn_point_new(&s->arena, d);
    for (int64_t number = 0; number < o->trials + o->running; number++) {
        int64_t told = number - o->running;
        if (number < o->trials) {
            hn_point *point = &points[(size_t)number % window];
            double began = hn_monotonic_seconds();
            if (o->by_run)
                propose_by_run(s, number, seed, point);
            else
                propose_whole(s, number, seed, point);
            s->ask_seconds += hn_monotonic_seconds() - began;
            values[number] = evaluate(s, point);
            put(s, number, point, HONE_RUNNING, 0);
        }
        if (told >= 0)
            put(s, told, &points[(size_t)told % window], HONE_COMPLETE, values[told]);
        hn_arena_reset(&s->scratch);
    }
}

static hn_sampler *make_sampler(const char *text)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_spec spec;
    hn_sampler *sampler = NULL;
    hone_error error;
    if (hn_spec_from_text(&arena, text, "sampler", &spec, &error) != HONE_OK ||
        hn_sampler_create(&spec, &sampler, &error) != HONE_OK)
        fail("sampler", &error);
    hn_arena_release(&arena);
    return sampler;
}

static double run_study(const hn_bench_problem *problem, uint64_t seed, const options *o, gzFile out)
{
    search s = {.problem = problem, .arena = HN_ARENA_INIT, .scratch = HN_ARENA_INIT};
    const hone_direction direction = HONE_MINIMIZE;
    hone_error error;
    s.instance = hn_bench_instance_create(problem, seed);
    double *values = hn_calloc((size_t)o->trials, sizeof *values);
    if (s.instance == NULL || values == NULL)
        fail("out of memory", NULL);
    if (hn_history_create(&direction, 1, &s.history, &error) != HONE_OK)
        fail("history", &error);
    s.sampler = make_sampler(o->sampler);
    s.space = make_space(problem, &s.arena);
    run_trials(&s, o, seed, values);

    char text[HN_NUMBER_SIZE];
    gzprintf(out, "%s,%d", hn_bench_problem_name(problem), (int)seed);
    for (int64_t i = -2; i < o->trials; i++) {
        double value = i == -2   ? hn_bench_optimum(s.instance)
                       : i == -1 ? hn_bench_median(s.instance)
                                 : values[i];
        hn_format_short(text, value, 6);
        gzprintf(out, ",%s", text);
    }
    gzprintf(out, "\n");
    hn_sampler_destroy(s.sampler);
    hn_history_destroy(s.history);
    hn_bench_instance_destroy(s.instance);
    hn_arena_release(&s.arena);
    hn_arena_release(&s.scratch);
    hn_free(values);
    return s.ask_seconds;
}

/* --- the program --- */

static bool is_wanted(const char *list, const char *name)
{
    size_t length = strlen(name);
    for (const char *p = list; p != NULL && *p != '\0'; p += strcspn(p, ","), p += *p == ',')
        if (strcspn(p, ",") == length && strncmp(p, name, length) == 0)
            return true;
    return list == NULL;
}

static int64_t integer(const char *text)
{
    int64_t value;
    if (!hn_parse_int(text, strlen(text), &value) || value < 0)
        fail(text, NULL);
    return value;
}

static options parse(int argc, char **argv)
{
    options o = {.sampler = "tpe", .version = "0.1.0", .seeds = 20, .trials = 100};
    for (int i = 1; i < argc; i++) {
        const char *name = argv[i];
        if (strcmp(name, "--by-run") == 0) {
            o.by_run = true;
            continue;
        }
        const char *value = i + 1 < argc ? argv[++i] : "";
        if (strcmp(name, "--sampler") == 0)
            o.sampler = value;
        else if (strcmp(name, "--label") == 0)
            o.label = value;
        else if (strcmp(name, "--version") == 0)
            o.version = value;
        else if (strcmp(name, "--problems") == 0)
            o.problems = value;
        else if (strcmp(name, "--out") == 0)
            o.out = value;
        else if (strcmp(name, "--first-seed") == 0)
            o.first_seed = integer(value);
        else if (strcmp(name, "--seeds") == 0)
            o.seeds = integer(value);
        else if (strcmp(name, "--trials") == 0)
            o.trials = integer(value);
        else if (strcmp(name, "--running") == 0)
            o.running = integer(value);
        else
            fail(
                "options: --sampler SPEC --out FILE.csv.gz [--label NAME] [--version V] [--problems a,b] [--seeds N] "
                "[--first-seed N] [--trials N] [--running N] [--by-run]",
                NULL);
    }
    if (o.out == NULL)
        fail("--out FILE.csv.gz is missing", NULL);
    return o;
}

int main(int argc, char **argv)
{
    options o = parse(argc, argv);
    gzFile out = gzopen(o.out, "wb9");
    if (out == NULL)
        fail(o.out, NULL);
    gzprintf(out, "# hone search trace 1\n# sampler: hone-%s\n# version: %s\n# command: bench_search",
             o.label != NULL ? o.label : o.sampler, o.version);
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--out") == 0)
            i++;
        else
            gzprintf(out, " %s", argv[i]);
    }
    gzprintf(out, "\nproblem,seed,optimum,median,values...\n");
    double ask_seconds = 0, asks = 0;
    for (int i = 0; i < hn_bench_problem_count(); i++) {
        const hn_bench_problem *problem = hn_bench_problem_at(i);
        if (!is_wanted(o.problems, hn_bench_problem_name(problem)))
            continue;
        for (int64_t seed = o.first_seed; seed < o.first_seed + o.seeds; seed++) {
            ask_seconds += run_study(problem, (uint64_t)seed, &o, out);
            asks += (double)o.trials;
        }
    }
    if (gzclose(out) != Z_OK)
        fail(o.out, NULL);
    char each[HN_NUMBER_SIZE];
    hn_format_duration(each, asks > 0 ? ask_seconds / asks : 0);
    printf("%s: %.0f asks, %s each\n", o.out, asks, each);
    return 0;
}
