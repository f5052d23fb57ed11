/* app/bench.c: hone_bench: which problems, samplers and traces are meant; searches, then measures. */
#include <fnmatch.h>
#include <string.h>

#include "app/bench_search.h"
#include "app/bench_show.h"
#include "app/model_data.h"
#include "app/show.h"
#include "base/memory.h"
#include "base/os_file.h"

enum { DEFAULT_SEEDS = 5, DEFAULT_TRIALS = 100 };

/* --- which problems --- */

typedef struct choice {
    const hn_problem **problems; /* (n,) */
    size_t n;
} choice;

/* Does the name match one of the patterns between commas? */
static bool matches(const char *patterns, const char *name, hn_arena *arena)
{
    for (const char *p = patterns; p && *p; p += strcspn(p, ","), p += *p == ',') {
        char *pattern = hn_arena_strndup(arena, p, strcspn(p, ","));
        if (pattern && fnmatch(pattern, name, 0) == 0)
            return true;
    }
    return patterns == NULL;
}

/* Every pattern and the family mean some problem. */
static hone_status check_choice(const hone_bench_options *o, hn_arena *arena, hone_error *err)
{
    size_t n = (size_t)hn_problem_count();
    const char **names = HN_ARENA_NEW(arena, const char *, n),
               **families = HN_ARENA_NEW(arena, const char *, n);
    if (!names || !families)
        return hn_out_of_memory(err);
    bool known = o->family == NULL;
    for (size_t i = 0; i < n; i++) {
        names[i] = hn_problem_name(hn_problem_at((int)i));
        families[i] = hn_problem_family(hn_problem_at((int)i));
        known = known || !strcmp(families[i], o->family);
    }
    if (!known && !strcmp(o->family, "table"))
        return hn_fail(
            err, HONE_NOT_FOUND,
            "there are no tables of measured results: set HONE_DATA_DIR to the folder that has hpo/");
    if (!known) {
        const char *near = hn_nearest_name(o->family, families, n);
        return hn_fail(err, HONE_NOT_FOUND,
                       "no problem is of the family '%s'%s%s%s; hone bench --list has them", o->family,
                       near ? " (did you mean '" : "", near ? near : "", near ? "'?)" : "");
    }
    for (const char *p = o->problems; p && *p; p += strcspn(p, ","), p += *p == ',') {
        char *pattern = hn_arena_strndup(arena, p, strcspn(p, ","));
        size_t found = 0;
        for (size_t i = 0; pattern && i < n; i++)
            found += fnmatch(pattern, names[i], 0) == 0;
        if (pattern && found)
            continue;
        const char *near = pattern ? hn_nearest_name(pattern, names, n) : NULL;
        return hn_fail(err, HONE_NOT_FOUND, "there is no problem '%s'%s%s%s; hone bench --list has them",
                       pattern ? pattern : "", near ? " (did you mean '" : "", near ? near : "",
                       near ? "'?)" : "");
    }
    return HONE_OK;
}

static hone_status choose(const hone_bench_options *o, hn_arena *arena, choice *chosen, hone_error *err)
{
    int n = hn_problem_count();
    hone_status status = check_choice(o, arena, err);
    *chosen = (choice){.problems = HN_ARENA_NEW(arena, const hn_problem *, (size_t)n)};
    if (!status && !chosen->problems)
        status = hn_out_of_memory(err);
    for (int i = 0; !status && i < n; i++) {
        const hn_problem *problem = hn_problem_at(i);
        bool asked_for = o->family || o->problems; /* learning curves are a benchmark of their own */
        if ((asked_for || hn_problem_epochs(problem) == 1) &&
            (!o->family || !strcmp(hn_problem_family(problem), o->family)) &&
            matches(o->problems, hn_problem_name(problem), arena))
            chosen->problems[chosen->n++] = problem;
    }
    if (!status && chosen->n == 0)
        status = hn_fail(err, HONE_NOT_FOUND, "no problem has both the name '%s' and the family '%s'",
                         o->problems, o->family);
    return status;
}

hone_status hone_bench_list(const hone_bench_options *options, hone_format format, const hone_sink *sink,
                            hone_error *err)
{
    hn_arena arena = HN_ARENA_INIT;
    choice chosen;
    hone_status status =
        hn_show_check_options("hone_bench_options", options->struct_size, sizeof *options, err);
    if (!status)
        status = choose(options, &arena, &chosen, err);
    if (!status)
        status = hn_bench_show_problems(chosen.problems, chosen.n, format, sink, err);
    hn_arena_release(&arena);
    return status;
}

/* --- searches and traces --- */

typedef struct bench {
    const hone_bench_options *options;
    hn_arena arena;
    choice chosen;
    hn_bench_plan plan;
    size_t n_traces, n_searched, n_listed;
    hn_bench_trace *traces; /* (n_traces,): searched, then read */
    const hn_bench_trace *
        *listed; /* (n_listed,): those, but one for each sampler and version that was read */
    hone_error *err;
} bench;

/* How the trace can be made again. */
static const char *command_of(const bench *b, const char *sampler, hn_arena *arena)
{
    const hone_bench_options *o = b->options;
    hn_buffer text = HN_BUFFER_INIT;
    hn_buffer_printf(&text, "hone bench '%s' --seeds %zu --trials %zu", sampler, b->plan.n_seeds,
                     b->plan.trials);
    if (o->first_seed)
        hn_buffer_printf(&text, " --first-seed %llu", (unsigned long long)o->first_seed);
    if (o->problems)
        hn_buffer_printf(&text, " --problems '%s'", o->problems);
    if (o->family)
        hn_buffer_printf(&text, " --family %s", o->family);
    if (o->running)
        hn_buffer_printf(&text, " --running %zu", o->running);
    if (o->batch > 1)
        hn_buffer_printf(&text, " --batch %zu", o->batch);
    if (o->by_run)
        hn_buffer_text(&text, " --by-run");
    const char *copy = hn_buffer_failed(&text) ? NULL : hn_arena_strdup(arena, hn_buffer_string(&text));
    hn_buffer_release(&text);
    return copy;
}

/* The file of a trace: as given, or hone-NAME-VERSION.csv.gz in the folder given. */
static const char *file_of(bench *b, const hn_bench_trace *trace)
{
    const char *out = b->options->out;
    if (b->n_searched == 1 && !hn_is_directory(out))
        return out;
    char *name = hn_arena_printf(&b->arena, "%s/%s-%s.csv.gz", out, trace->sampler, trace->version);
    for (char *c = name ? name + strlen(out) + 1 : NULL; c && *c; c++)
        if (strchr("/:*?\"<>|{} ", *c)) /* options of a sampler as part of a file's name */
            *c = '_';
    return name;
}

/* Searches into a file: what an interrupted run has finished is not done again. */
static hone_status search_into_file(bench *b, const char *sampler, hn_bench_trace *trace)
{
    const char *path = file_of(b, trace);
    if (!path)
        return hn_out_of_memory(b->err);
    hn_bench_partial partial = {0};
    hone_status status = b->n_searched > 1 ? hn_make_directories(b->options->out, b->err) : HONE_OK;
    if (!status)
        status = hn_bench_partial_open(path, trace, &partial, b->err);
    if (!status)
        status = hn_bench_search(&b->plan, sampler, &partial, trace, b->err);
    if (!status)
        status = hn_bench_trace_write(trace, path, b->err);
    hn_bench_partial_close(&partial, !status);
    return status;
}

static hone_status search(bench *b, const char *sampler, hn_bench_trace *trace)
{
    trace->sampler = hn_arena_printf(&trace->arena, "hone-%s", sampler);
    trace->version = hone_version();
    trace->command = command_of(b, sampler, &trace->arena);
    if (!trace->sampler || !trace->command)
        return hn_out_of_memory(b->err);
    return b->options->out ? search_into_file(b, sampler, trace)
                           : hn_bench_search(&b->plan, sampler, NULL, trace, b->err);
}

/* Files of one sampler and version are one trace. */
static hone_status read_other(bench *b, const char *path, hn_bench_trace *trace)
{
    hone_status status = hn_bench_trace_read(path, trace, b->err);
    for (hn_bench_trace *t = b->traces + b->n_searched; !status && t < trace; t++)
        if (!strcmp(t->sampler, trace->sampler) && !strcmp(t->version, trace->version))
            return hn_bench_trace_join(t, trace, b->err);
    b->listed[b->n_listed++] = trace;
    return status;
}

static hone_status make_traces(bench *b)
{
    const hone_bench_options *o = b->options;
    static const char *const automatic[] = {"auto"};
    bool none = o->n_samplers == 0 && o->n_against == 0;
    const char *const *samplers = none ? automatic : o->samplers;
    b->n_searched = none ? 1 : o->n_samplers;
    size_t n = b->n_searched + o->n_against;
    b->traces = HN_ARENA_NEW(&b->arena, hn_bench_trace, n);
    b->listed = HN_ARENA_NEW(&b->arena, const hn_bench_trace *, n);
    if (!b->traces || !b->listed)
        return hn_out_of_memory(b->err);
    b->n_traces = n;
    for (size_t i = 0; i < b->n_searched; i++)
        b->listed[b->n_listed++] = &b->traces[i];
    hone_status status = HONE_OK;
    for (size_t i = 0; !status && i < o->n_against;
         i++) /* first: a wrong file is known before the searches */
        status = read_other(b, o->against[i], &b->traces[b->n_searched + i]);
    for (size_t i = 0; !status && i < b->n_searched; i++)
        status = search(b, samplers[i], &b->traces[i]);
    return status;
}

/* Only searches of the chosen problems count, also where nothing is searched. */
static void drop_others(bench *b)
{
    for (size_t t = b->n_searched; t < b->n_traces; t++) {
        hn_bench_trace *trace = &b->traces[t];
        size_t kept = 0;
        for (size_t r = 0; r < trace->n_rows; r++) {
            bool chosen = false;
            for (size_t i = 0; i < b->chosen.n && !chosen; i++)
                chosen = !strcmp(hn_problem_name(b->chosen.problems[i]), trace->rows[r].problem);
            if (chosen)
                trace->rows[kept++] = trace->rows[r];
        }
        trace->n_rows = kept;
    }
}

/* --- all together --- */

static hone_status plan_searches(bench *b)
{
    const hone_bench_options *o = b->options;
    if (o->batch > 1 && o->running)
        return hn_fail(b->err, HONE_INVALID,
                       "a batch of %zu with %zu running: trials are asked together, or one while others run; "
                       "give one of the two",
                       o->batch, o->running);
    hone_status status = choose(o, &b->arena, &b->chosen, b->err);
    b->plan = (hn_bench_plan){.problems = b->chosen.problems,
                              .n_problems = b->chosen.n,
                              .first_seed = o->first_seed,
                              .n_seeds = o->seeds ? o->seeds : DEFAULT_SEEDS,
                              .trials = o->trials ? o->trials : DEFAULT_TRIALS,
                              .running = o->running,
                              .batch = o->batch,
                              .by_run = o->by_run};
    return status ? status : hn_threads_make(o->threads, &b->plan.pool, b->err);
}

/* Those asked for, or 25, 50, 100 up to the last and this. */
static size_t choose_budgets(const hone_bench_options *o, size_t last, size_t own[4], const size_t **budgets)
{
    static const size_t usual[] = {25, 50, 100};
    size_t n = 0;
    for (size_t i = 0; i < 3 && usual[i] <= last; i++)
        own[n++] = usual[i];
    if (n == 0 || own[n - 1] < last)
        own[n++] = last;
    *budgets = o->n_budgets ? o->budgets : own;
    return o->n_budgets ? o->n_budgets : n;
}

/* What all traces have; and each searched one, or the first where nothing was searched, beside those read. */
static hone_status measure(bench *b, hn_bench_measures *measures, hn_bench_comparison **comparisons,
                           size_t *n_comparisons)
{
    size_t own[4], trials = b->plan.trials, shortest = hn_bench_shortest(b->listed, b->n_listed);
    const size_t *budgets;
    size_t n = choose_budgets(b->options, shortest && shortest < trials ? shortest : trials, own, &budgets);
    hone_status status = hn_bench_measure(b->listed, b->n_listed, budgets, n, measures, b->err);
    if (status)
        return status;
    n = choose_budgets(b->options, trials, own, &budgets);
    return hn_bench_compare(b->listed, b->n_searched ? b->n_searched : 1, b->n_listed, budgets, n, &b->arena,
                            comparisons, n_comparisons, b->err);
}

static hone_status show(bench *b, hone_format format, const hone_sink *sink)
{
    hn_bench_measures measures = {0};
    hn_bench_comparison *comparisons = NULL;
    size_t n_comparisons = 0;
    hone_status status = measure(b, &measures, &comparisons, &n_comparisons);
    const char **families = HN_ARENA_NEW(&b->arena, const char *, measures.n_problems + 1);
    if (!status && !families)
        status = hn_out_of_memory(b->err);
    for (size_t p = 0; !status && p < measures.n_problems; p++)
        families[p] = hn_problem_family(hn_problem_find(measures.problems[p]));
    const hn_bench_report report = {&measures, families, n_comparisons, comparisons};
    if (!status)
        status = hn_bench_show(&report, format, sink, b->err);
    hn_bench_measures_release(&measures);
    return status;
}

static hone_status check_budgets(const hone_bench_options *o, hone_error *err)
{
    size_t trials = o->trials ? o->trials : DEFAULT_TRIALS;
    for (size_t i = 0; i < o->n_budgets; i++)
        if (o->budgets[i] == 0 || (i > 0 && o->budgets[i] <= o->budgets[i - 1]) ||
            (o->budgets[i] > trials && o->n_samplers > 0))
            return hn_fail(err, HONE_INVALID, "budgets ascend from 1 to the number of trials, %zu; found %zu",
                           trials, o->budgets[i]);
    return HONE_OK;
}

hone_status hone_bench(const hone_bench_options *options, hone_format format, const hone_sink *sink,
                       hone_error *err)
{
    bench b = {.options = options, .err = err};
    hone_status status =
        hn_show_check_options("hone_bench_options", options->struct_size, sizeof *options, err);
    if (!status)
        status = check_budgets(options, err);
    if (!status)
        status = plan_searches(&b);
    if (!status)
        status = make_traces(&b);
    if (!status) {
        drop_others(&b);
        status = show(&b, format, sink);
    }
    for (size_t t = 0; t < b.n_traces; t++)
        hn_bench_trace_release(&b.traces[t]);
    hn_thread_pool_destroy(b.plan.pool);
    hn_arena_release(&b.arena);
    return status;
}
