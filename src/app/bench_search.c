#include "app/bench_search.h"

#include <math.h>
#include <string.h>

#include "app/bench_curves.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "math/statistics.h"

/* --- one search --- */

/* Each parameter that is active, over the space of those that were suggested before and itself. */
static hone_status propose_by_run(hn_bench_study *s, int64_t number, hn_point *point)
{
    size_t d = s->space->count, n = 0;
    const char **names = HN_ARENA_NEW(&s->scratch, const char *, d);
    hn_distribution *distributions = HN_ARENA_NEW(&s->scratch, hn_distribution, d);
    hn_point partial = hn_point_new(&s->scratch, d);
    hone_status status = names && distributions && partial.values ? HONE_OK : hn_out_of_memory(s->err);
    for (size_t i = 0; !status && i < d; i++) {
        const hn_parameter *parameter = &s->space->parameters[i];
        hn_space *seen;
        point->active[i] = hn_space_is_active(s->space, i, point);
        point->values[i] = 0;
        if (!point->active[i])
            continue;
        names[n] = parameter->name;
        distributions[n++] = parameter->distribution;
        partial.active[n - 1] = false;
        status = hn_space_from_distributions(&s->scratch, names, distributions, n, &seen, s->err);
        if (status)
            break;
        hn_ask ask = hn_bench_study_ask(s, seen, number);
        status = hn_sampler_propose_one(s->sampler, &ask, n - 1, &partial, &point->values[i], s->err);
        partial.values[n - 1] = point->values[i];
        partial.active[n - 1] = true;
    }
    return status;
}

static hone_status put(hn_bench_study *s, int64_t number, const hn_point *point, hone_trial_state state,
                       double value)
{
    return hn_bench_study_put(s, number, point, state, value, NULL, 0, number + 2);
}

/* Asks for n trials at once and evaluates them; they run from then on. points (n,), values and ask_seconds of
 * the first of them on. */
static hone_status ask(hn_bench_study *s, int64_t number, size_t n, hn_point *points, double *values,
                       double *ask_seconds)
{
    hone_status status = HONE_OK;
    double began = hn_monotonic_seconds();
    hn_ask whole = hn_bench_study_ask(s, s->space, number);
    if (!s->plan->by_run)
        status = hn_bench_study_propose(s, &whole, n, points);
    for (size_t i = 0; i < n && !status; i++) {
        if (s->plan->by_run)
            status = propose_by_run(s, number + (int64_t)i, &points[i]);
        if (!status)
            status = put(s, number + (int64_t)i, &points[i], HONE_RUNNING, 0);
    }
    double seconds = (hn_monotonic_seconds() - began) / (double)n;
    for (size_t i = 0; i < n && !status; i++) {
        values[i] = hn_problem_value(s->instance, s->space, &points[i]);
        ask_seconds[i] = seconds;
    }
    return status;
}

static hone_status tell(hn_bench_study *s, int64_t number, const hn_point *point, double value)
{
    return put(s, number, point, isnan(value) ? HONE_FAILED : HONE_COMPLETE, value);
}

/* Trial `number` is told when `running` more have been asked; places of trials not told yet in a ring. */
static hone_status run_one_by_one(hn_bench_study *s, hn_point *points, double *values, double *ask_seconds)
{
    int64_t running = (int64_t)s->plan->running, trials = (int64_t)s->plan->trials;
    size_t next = 0, oldest = 0;
    hone_status status = HONE_OK;
    for (int64_t number = 0; !status && number < trials + running; number++) {
        int64_t told = number - running;
        if (number < trials) {
            status = ask(s, number, 1, &points[next], &values[number], &ask_seconds[number]);
            next = next < s->plan->running ? next + 1 : 0;
        }
        if (!status && told >= 0) {
            status = tell(s, told, &points[oldest], values[told]);
            oldest = oldest < s->plan->running ? oldest + 1 : 0;
        }
        hn_arena_reset(&s->scratch);
    }
    return status;
}

/* As many trials as fit are asked together, then told together. */
static hone_status run_batches(hn_bench_study *s, hn_point *points, double *values, double *ask_seconds)
{
    size_t trials = s->plan->trials;
    hone_status status = HONE_OK;
    for (size_t first = 0, n; !status && first < trials; first += n) {
        n = trials - first < s->plan->batch ? trials - first : s->plan->batch;
        status = ask(s, (int64_t)first, n, points, values + first, ask_seconds + first);
        for (size_t i = 0; i < n && !status; i++)
            status = tell(s, (int64_t)(first + i), &points[i], values[first + i]);
        hn_arena_reset(&s->scratch);
    }
    return status;
}

static hone_status run_trials(hn_bench_study *s, double *values, double *ask_seconds)
{
    bool batches = s->plan->batch > 1;
    size_t window = batches ? s->plan->batch : s->plan->running + 1;
    hn_point *points = HN_ARENA_NEW(&s->arena, hn_point, window);
    if (!points)
        return hn_out_of_memory(s->err);
    for (size_t i = 0; i < window; i++) {
        points[i] = hn_point_new(&s->arena, s->space->count);
        if (!points[i].values)
            return hn_out_of_memory(s->err);
    }
    return (batches ? run_batches : run_one_by_one)(s, points, values, ask_seconds);
}

static hone_status run_search(const hn_bench_plan *plan, const char *sampler, hn_bench_row *row,
                              const hn_problem *problem, double *ask_seconds, hone_error *err)
{
    hn_bench_study s;
    hone_status status = hn_bench_study_make(plan, problem, (uint64_t)row->seed, sampler, &s, err);
    if (!status)
        status = hn_problem_epochs(problem) > 1 ? hn_bench_run_epochs(&s, row->values, ask_seconds)
                                                : run_trials(&s, row->values, ask_seconds);
    if (!status) {
        row->optimum = hn_problem_optimum(s.instance);
        row->median = hn_problem_median(s.instance);
    }
    hn_bench_study_release(&s);
    return status;
}

/* --- all of them --- */

typedef struct campaign {
    const hn_bench_plan *plan;
    const char *sampler;
    const hn_bench_partial *partial; /* may be NULL */
    hn_bench_trace *trace;
    hone_status *status; /* (searches,) */
    hone_error *errors;  /* (searches,) */
} campaign;

/* Is the row there from an interrupted run, of the same problem? */
static bool take_found(const campaign *c, const hn_problem *problem, hn_bench_row *row)
{
    const hn_bench_row *found =
        c->partial ? hn_bench_trace_find(&c->partial->found, row->problem, row->seed) : NULL;
    hn_problem_instance *instance =
        found && found->n == row->n ? hn_problem_instance_create(problem, (uint64_t)row->seed) : NULL;
    if (!instance)
        return false;
    hn_bench_row now = *row;
    now.optimum = hn_problem_optimum(instance);
    now.median = hn_problem_median(instance);
    hn_problem_instance_destroy(instance);
    if (!hn_bench_same_scale(found, &now))
        return false;
    memcpy(now.values, found->values, now.n * sizeof *now.values);
    *row = now;
    return true;
}

static void run_one(void *user, size_t index, size_t worker)
{
    campaign *c = user;
    const hn_bench_plan *plan = c->plan;
    hn_bench_row *row = &c->trace->rows[index];
    const hn_problem *problem = plan->problems[index % plan->n_problems];
    double *ask_seconds = c->trace->ask_seconds + index * plan->trials;
    (void)worker;
    if (take_found(c, problem, row)) {
        for (size_t i = 0; i < plan->trials; i++)
            ask_seconds[i] = NAN;
        return;
    }
    c->status[index] = run_search(plan, c->sampler, row, problem, ask_seconds, &c->errors[index]);
    if (c->partial && !c->status[index])
        c->status[index] = hn_bench_partial_add(c->partial, row, &c->errors[index]);
    hn_log(HN_LOG_INFO, "%s: %s, seed %lld", c->sampler, row->problem, (long long)row->seed);
}

static hone_status make_rows(const hn_bench_plan *plan, hn_bench_trace *trace, hone_error *err)
{
    size_t n = plan->n_problems * plan->n_seeds;
    trace->rows = HN_ARENA_NEW(&trace->arena, hn_bench_row, n);
    trace->n_asks = n * plan->trials;
    trace->ask_seconds = HN_ARENA_NEW(&trace->arena, double, trace->n_asks);
    double *values = HN_ARENA_NEW(&trace->arena, double, trace->n_asks);
    if (!trace->rows || !trace->ask_seconds || !values)
        return hn_out_of_memory(err);
    for (size_t r = 0; r < n; r++)
        trace->rows[r] = (hn_bench_row){.problem = hn_problem_name(plan->problems[r % plan->n_problems]),
                                        .seed = (int64_t)(plan->first_seed + r / plan->n_problems),
                                        .n = plan->trials,
                                        .values = values + r * plan->trials};
    trace->n_rows = n;
    return HONE_OK;
}

/* Ascending, without those that were not measured. */
static void sort_ask_seconds(hn_bench_trace *trace)
{
    size_t n = 0;
    for (size_t i = 0; i < trace->n_asks; i++)
        if (!isnan(trace->ask_seconds[i]))
            trace->ask_seconds[n++] = trace->ask_seconds[i];
    trace->n_asks = n;
    hn_sort_doubles(trace->ask_seconds, n);
}

hone_status hn_bench_search(const hn_bench_plan *plan, const char *sampler, const hn_bench_partial *partial,
                            hn_bench_trace *trace, hone_error *err)
{
    hone_status status = make_rows(plan, trace, err);
    size_t n = trace->n_rows;
    campaign c = {.plan = plan, .sampler = sampler, .partial = partial, .trace = trace};
    c.status = hn_calloc(n + 1, sizeof *c.status);
    c.errors = hn_calloc(n + 1, sizeof *c.errors);
    if (!status && (!c.status || !c.errors))
        status = hn_out_of_memory(err);
    if (!status)
        hn_thread_pool_run(plan->pool, n, run_one, &c);
    for (size_t r = 0; !status && r < n; r++)
        if (c.status[r]) {
            status = c.status[r];
            if (err)
                *err = c.errors[r];
        }
    hn_free(c.status);
    hn_free(c.errors);
    if (status)
        return status;
    sort_ask_seconds(trace);
    return hn_bench_trace_finish(trace, err);
}
