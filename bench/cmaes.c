/* Evaluations of CMA-ES to a target on test functions without bounds, run by run: what bench/peer_cmaes.py
 * compares with pycma. With --rastrigin the sampler itself, restarts included, in studies of Rastrigin's
 * function on
 * [-4, 6]: how many of the runs find the optimum, and the trials of all runs over that number.
 *
 *   bench_cmaes [--runs 51] [--dimensions 10] [--target 1e-9]
 *   bench_cmaes --rastrigin cmaes:restart=ipop [--runs 11] [--dimensions 5] [--trials 30000]
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "math/random.h"
#include "sampler/cma.h"
#include "sampler/sampler.h"

enum { MAX_DIMENSIONS = 1000, MAX_EVALUATIONS = 1000000 };

typedef struct settings {
    const char *rastrigin; /* a sampler, or NULL */
    size_t runs, dimensions, trials;
    double target;
} settings;

typedef double (*objective)(const double *x, size_t n);

static double sphere(const double *x, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += x[i] * x[i];
    return sum;
}

/* Condition 1e6. */
static double ellipsoid(const double *x, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += pow(1e6, (double)i / (double)(n - 1)) * x[i] * x[i];
    return sum;
}

static double rosenbrock(const double *x, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i + 1 < n; i++) {
        double valley = x[i + 1] - x[i] * x[i];
        sum += 100 * valley * valley + (1 - x[i]) * (1 - x[i]);
    }
    return sum;
}

/* Where a run begins: as in peer_cmaes.py. */
static const struct {
    const char *name;
    objective function;
    double start, sigma;
} problems[] = {{"sphere", sphere, 3, 1}, {"ellipsoid", ellipsoid, 3, 1}, {"rosenbrock", rosenbrock, 0, 0.5}};

/* Rows of y in the order of their losses. */
static void sort_rows(double *y, const double *losses, size_t lambda, size_t n, double *sorted)
{
    for (size_t k = 0; k < lambda; k++) {
        size_t rank = 0;
        for (size_t j = 0; j < lambda; j++)
            rank += losses[j] < losses[k] || (losses[j] == losses[k] && j < k);
        memcpy(sorted + rank * n, y + k * n, n * sizeof *y);
    }
}

/* Evaluations until a loss is at most the target; INFINITY when the run gives up. */
static double run(const settings *s, size_t problem, uint64_t seed, hn_arena *arena)
{
    size_t n = s->dimensions, lambda = hn_cma_default_lambda(n);
    double mean[MAX_DIMENSIONS], variances[MAX_DIMENSIONS], x[MAX_DIMENSIONS], z[MAX_DIMENSIONS];
    hn_cma_rule rule;
    hn_cma cma;
    for (size_t i = 0; i < n; i++) {
        mean[i] = problems[problem].start;
        variances[i] = 1;
    }
    double *y = HN_ARENA_NEW(arena, double, 2 * lambda * n), *losses = HN_ARENA_NEW(arena, double, lambda);
    if (y == NULL || losses == NULL ||
        hn_cma_rule_make(arena, n, lambda, false, true, &rule, NULL) != HONE_OK ||
        hn_cma_begin(arena, &rule, mean, problems[problem].sigma, variances, NULL, false, &cma, NULL) !=
            HONE_OK)
        return NAN;
    hn_random random = hn_random_stream(seed, problem, HN_PURPOSE_TEST);
    for (size_t evaluations = 0; evaluations < MAX_EVALUATIONS;) {
        for (size_t k = 0; k < lambda; k++) {
            for (size_t i = 0; i < n; i++)
                z[i] = hn_random_normal(&random);
            hn_cma_shape(cma.axes, cma.lengths, n, z, y + k * n);
            for (size_t i = 0; i < n; i++)
                x[i] = cma.mean[i] + cma.sigma * y[k * n + i];
            losses[k] = problems[problem].function(x, n);
            evaluations++;
            if (losses[k] <= s->target)
                return (double)evaluations;
        }
        sort_rows(y, losses, lambda, n, y + lambda * n);
        hn_cma_learn(&cma, y + lambda * n, lambda);
        if (cma.sigma < 1e-14) /* a local optimum */
            break;
    }
    return INFINITY;
}

/* --- studies --- */

static double rastrigin(const double *x, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += x[i] * x[i] + 10 - 10 * cos(2 * 3.14159265358979323846 * x[i]);
    return sum;
}

/* A space of n floats, an empty history, and the sampler. */
typedef struct study {
    hn_arena arena, scratch;
    hn_space *space;
    hn_history *history;
    hn_sampler *sampler;
} study;

static hone_status open_study(const settings *s, study *out, hone_error *err)
{
    hn_spec spec;
    hone_direction direction = HONE_MINIMIZE;
    const char **names = HN_ARENA_NEW(&out->arena, const char *, s->dimensions);
    hn_distribution *distributions = HN_ARENA_NEW(&out->arena, hn_distribution, s->dimensions);
    hone_status status = names == NULL || distributions == NULL ? hn_out_of_memory(err) : HONE_OK;
    for (size_t i = 0; i < s->dimensions && status == HONE_OK; i++) {
        names[i] = hn_arena_printf(&out->arena, "x%zu", i);
        status = hn_distribution_float("x", -4, 6, 0, false, (hn_position){0}, &distributions[i], NULL, err);
    }
    if (status == HONE_OK)
        status =
            hn_space_from_distributions(&out->arena, names, distributions, s->dimensions, &out->space, err);
    if (status == HONE_OK)
        status = hn_history_create(&direction, 1, &out->history, err);
    if (status == HONE_OK)
        status = hn_spec_from_text(&out->arena, s->rastrigin, "sampler", &spec, err);
    return status == HONE_OK ? hn_sampler_create(&spec, &out->sampler, err) : status;
}

static void close_study(study *s)
{
    hn_sampler_destroy(s->sampler);
    hn_history_destroy(s->history);
    hn_arena_release(&s->scratch);
    hn_arena_release(&s->arena);
}

static hone_status put(const study *s, int64_t number, const hn_point *point, double loss, hone_error *err)
{
    hn_trial_param params[MAX_DIMENSIONS];
    for (size_t i = 0; i < s->space->count; i++)
        params[i] = (hn_trial_param){s->space->parameters[i].name, &s->space->parameters[i].distribution,
                                     point->values[i]};
    hn_trial_record record = {.number = number,
                              .state = HONE_COMPLETE,
                              .complete_us = number + 1,
                              .n_params = s->space->count,
                              .params = params,
                              .n_values = 1,
                              .values = &loss,
                              .noise = NAN};
    return hn_history_put(s->history, &record, err);
}

/* Trials until the optimum is found to 1e-8, or all there are; *found. */
static hone_status run_study(const settings *s, uint64_t seed, double *trials, bool *found, hone_error *err)
{
    study st = {0};
    hone_status status = open_study(s, &st, err);
    hn_point point = hn_point_new(&st.arena, s->dimensions);
    int64_t number = 0;
    *found = false;
    for (; number < (int64_t)s->trials && status == HONE_OK && !*found; number++) {
        size_t count;
        hn_arena_reset(&st.scratch);
        hn_ask ask = {.space = st.space,
                      .view = {st.history, INT64_MAX},
                      .number = number,
                      .seed = seed,
                      .study_seed = seed,
                      .scratch = &st.scratch};
        status = hn_sampler_propose(st.sampler, &ask, NULL, 1, &point, &count, err);
        if (status == HONE_OK) {
            double loss = rastrigin(point.values, s->dimensions);
            *found = loss <= 1e-8;
            status = put(&st, number, &point, loss, err);
        }
    }
    *trials = (double)number;
    close_study(&st);
    return status;
}

static int run_studies(const settings *s)
{
    size_t n_found = 0;
    double sum = 0;
    for (size_t r = 0; r < s->runs; r++) {
        double trials;
        bool found;
        hone_error err = {0};
        if (run_study(s, r, &trials, &found, &err) != HONE_OK) {
            fprintf(stderr, "bench_cmaes: %s\n", err.message);
            return 1;
        }
        n_found += found;
        sum += trials;
    }
    printf(
        "{\"sampler\": \"%s\", \"problem\": \"rastrigin\", \"dimensions\": %zu, \"found\": %zu, \"runs\": %zu, "
        "\"trials\": %.0f}\n",
        s->rastrigin, s->dimensions, n_found, s->runs, sum);
    return 0;
}

static settings read_settings(int argc, char **argv)
{
    settings s = {.runs = 51, .dimensions = 10, .trials = 30000, .target = 1e-9};
    for (int i = 1; i + 1 < argc; i += 2) {
        const char *name = argv[i], *value = argv[i + 1];
        if (strcmp(name, "--rastrigin") == 0)
            s.rastrigin = value;
        else if (strcmp(name, "--runs") == 0)
            s.runs = (size_t)atol(value);
        else if (strcmp(name, "--dimensions") == 0)
            s.dimensions = (size_t)atol(value);
        else if (strcmp(name, "--trials") == 0)
            s.trials = (size_t)atol(value);
        else if (strcmp(name, "--target") == 0)
            s.target = atof(value);
    }
    return s;
}

static void run_problem(const settings *s, size_t problem)
{
    hn_arena arena = HN_ARENA_INIT;
    printf("{\"problem\": \"%s\", \"dimensions\": %zu, \"evaluations\": [", problems[problem].name,
           s->dimensions);
    for (size_t r = 0; r < s->runs; r++) {
        printf("%s%.0f", r == 0 ? "" : ", ", run(s, problem, r, &arena));
        hn_arena_reset(&arena);
    }
    printf("]}\n");
    hn_arena_release(&arena);
}

int main(int argc, char **argv)
{
    settings s = read_settings(argc, argv);
    if (s.dimensions < 2 || s.dimensions > MAX_DIMENSIONS)
        return 2;
    if (s.rastrigin != NULL)
        return run_studies(&s);
    for (size_t p = 0; p < sizeof problems / sizeof *problems; p++)
        run_problem(&s, p);
    return 0;
}
