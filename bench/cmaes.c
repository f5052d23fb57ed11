/* Evaluations of CMA-ES to a target on test functions without bounds, run by run: what bench/peer_cmaes.py
 * compares with pycma. With --rastrigin the whole sampler, restarts included, in a study of its own: the
 * share of runs that find the optimum.
 *
 *   bench_cmaes [--runs 51] [--dimensions 10] [--target 1e-9] [--diagonal] [--no-active]
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "math/random.h"
#include "sampler/cma.h"

enum { MAX_DIMENSIONS = 1000, MAX_EVALUATIONS = 1000000 };

typedef struct settings {
    size_t runs, dimensions;
    double target;
    bool diagonal, active;
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
        hn_cma_rule_make(arena, n, lambda, s->diagonal, s->active, &rule, NULL) != HONE_OK ||
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
    }
    return INFINITY;
}

static settings read_settings(int argc, char **argv)
{
    settings s = {.runs = 51, .dimensions = 10, .target = 1e-9, .active = true};
    for (int i = 1; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : "";
        if (strcmp(argv[i], "--diagonal") == 0)
            s.diagonal = true;
        else if (strcmp(argv[i], "--no-active") == 0)
            s.active = false;
        else if (strcmp(argv[i], "--runs") == 0)
            s.runs = (size_t)atol(value), i++;
        else if (strcmp(argv[i], "--dimensions") == 0)
            s.dimensions = (size_t)atol(value), i++;
        else if (strcmp(argv[i], "--target") == 0)
            s.target = atof(value), i++;
    }
    return s;
}

int main(int argc, char **argv)
{
    settings s = read_settings(argc, argv);
    hn_arena arena = HN_ARENA_INIT;
    if (s.dimensions < 2 || s.dimensions > MAX_DIMENSIONS)
        return 2;
    for (size_t p = 0; p < sizeof problems / sizeof *problems; p++) {
        printf("{\"problem\": \"%s\", \"dimensions\": %zu, \"evaluations\": [", problems[p].name,
               s.dimensions);
        for (size_t r = 0; r < s.runs; r++) {
            printf("%s%.0f", r == 0 ? "" : ", ", run(&s, p, r, &arena));
            hn_arena_reset(&arena);
        }
        printf("]}\n");
    }
    hn_arena_release(&arena);
    return 0;
}
