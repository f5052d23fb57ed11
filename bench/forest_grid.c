/* forest_grid.c: seconds for the random forest grid n_estimators {100, 200, 300} x max_depth {5, 10, none} x
 * min_samples_split {2, 5, 10}, 5 stratified folds: once with a forest per setting, through the public
 * interface, and once with one forest per fold that answers for all 27 (forest/forest.h).
 *
 *     bench_forest_grid DATA.csv [THREADS]
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/memory.h"
#include "data/dataset.h"
#include "forest/forest.h"
#include "hone/ml.h"

enum { FOLDS = 5, N_COUNTS = 3, N_LIMITS = 9, MAX_CLASSES = 100 };

static const size_t counts[N_COUNTS] = {100, 200, 300};
static const size_t depths[] = {5, 10, SIZE_MAX}, splits[] = {2, 5, 10};

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int fail(const hone_error *error)
{
    fprintf(stderr, "%s\n", error->message);
    return EXIT_FAILURE;
}

/* --- a forest per setting ----------------------------------------------------------------------------------
 */

static hone_status search_apart(const char *path, int threads, double *seconds, double *best,
                                hone_error *error)
{
    hone_dataset *dataset = NULL;
    hone_validation *validation = NULL;
    hone_status status = hone_dataset_load(path, NULL, &dataset, error);
    double started = now();
    *best = 0;
    if (!status)
        status = hone_validation_create(dataset, "random_forest", NULL, &validation, error);
    for (size_t i = 0; !status && i < N_COUNTS * N_LIMITS; i++) {
        char depth[32] = "", model[128];
        hone_scores *scores = NULL;
        if (depths[i / 3 % 3] != SIZE_MAX)
            snprintf(depth, sizeof depth, "max_depth=%zu,", depths[i / 3 % 3]);
        snprintf(model, sizeof model, "random_forest:%sn_estimators=%zu,min_samples_split=%zu", depth,
                 counts[i / N_LIMITS], splits[i % 3]);
        status = hone_validation_run(validation, model, threads, NULL, &scores, error);
        if (!status && scores->mean[0] > *best)
            *best = scores->mean[0];
        hone_scores_free(scores);
    }
    *seconds = now() - started;
    hone_validation_destroy(validation);
    hone_dataset_destroy(dataset);
    return status;
}

/* --- a forest per fold -------------------------------------------------------------------------------------
 */

typedef struct problem {
    size_t n, d, n_classes;
    double *x, *y;   /* (n, d), (n,) */
    size_t *fold_of; /* (n,) */
} problem;

static hone_status load(const char *path, problem *p, hone_error *error)
{
    hn_dataset *set = NULL;
    size_t seen[MAX_CLASSES] = {0};
    hone_status status = hn_dataset_read(path, NULL, &set, error);
    if (status)
        return status;
    *p = (problem){.n = set->n_rows, .d = set->n_columns, .n_classes = set->n_classes};
    p->x = hn_calloc(p->n * p->d, sizeof *p->x);
    p->y = hn_calloc(p->n, sizeof *p->y);
    p->fold_of = hn_calloc(p->n, sizeof *p->fold_of);
    if (!p->x || !p->y || !p->fold_of || !p->n_classes || p->n_classes > MAX_CLASSES) {
        fprintf(stderr, "%s: no classes, too many, or too little memory\n", path);
        exit(EXIT_FAILURE);
    }
    for (size_t i = 0; i < p->n; i++) {
        for (size_t j = 0; j < p->d; j++)
            p->x[i * p->d + j] = set->columns[j].values[i];
        p->y[i] = set->target[i];
        p->fold_of[i] = seen[(size_t)p->y[i]]++ % FOLDS;
    }
    hn_dataset_destroy(set);
    return HONE_OK;
}

/* Right answers of every setting on the fold's n test rows, added to right (N_COUNTS * N_LIMITS,). */
static void score(const problem *p, const double *out, const double *y, size_t n, size_t *right)
{
    size_t outputs = p->n_classes > 2 ? p->n_classes : 1;
    for (size_t s = 0; s < N_COUNTS * N_LIMITS; s++)
        for (size_t i = 0; i < n; i++) {
            const double *row = out + (s * n + i) * outputs;
            size_t best = outputs == 1 && row[0] > 0.5;
            for (size_t k = 1; k < outputs; k++)
                best = row[k] > row[best] ? k : best;
            right[s] += (double)best == y[i];
        }
}

static hone_status run_fold(const problem *p, size_t fold, hn_thread_pool *pool, size_t *right,
                            hone_error *error)
{
    size_t n_train = 0, n_test = 0, outputs = p->n_classes > 2 ? p->n_classes : 1, root = 1;
    double *x = hn_calloc(p->n * p->d, sizeof *x), *y = hn_calloc(p->n, sizeof *y);
    hn_tree_limits limits[N_LIMITS];
    hn_columns *columns = NULL;
    hn_forest forest = {0};
    for (int testing = 0; testing < 2; testing++) /* training rows first */
        for (size_t i = 0; i < p->n; i++) {
            if ((p->fold_of[i] == fold) != testing)
                continue;
            size_t at = testing ? n_train + n_test++ : n_train++;
            y[at] = p->y[i];
            for (size_t j = 0; j < p->d; j++)
                x[at * p->d + j] = p->x[i * p->d + j];
        }
    for (size_t l = 0; l < N_LIMITS; l++)
        limits[l] = (hn_tree_limits){depths[l / 3], splits[l % 3]};
    while ((root + 1) * (root + 1) <= p->d)
        root++;
    hone_status status = hn_columns_create(x, n_train, p->d, &columns, error);
    hn_forest_data data = {.columns = columns, .y = y, .n = n_train};
    hn_forest_plan plan = {.rules = {HN_CRITERION_GINI, p->n_classes, {SIZE_MAX, 2}, 1, root, false},
                           .bootstrap = true,
                           .pool = pool};
    if (!status)
        status = hn_forest_grow(&data, &plan, counts[N_COUNTS - 1], &forest, error);
    double *out = hn_calloc(N_COUNTS * N_LIMITS * n_test, outputs * sizeof *out);
    if (!status) {
        hn_forest_predict_grid(&forest, counts, N_COUNTS, limits, N_LIMITS, x + n_train * p->d, n_test, out);
        score(p, out, y + n_train, n_test, right);
    }
    hn_forest_release(&forest);
    hn_columns_destroy(columns);
    hn_free(out);
    hn_free(x);
    hn_free(y);
    return status;
}

static hone_status search_together(const char *path, int threads, double *seconds, double *best,
                                   hone_error *error)
{
    problem p = {0};
    size_t right[N_COUNTS * N_LIMITS] = {0};
    hn_thread_pool *pool = NULL;
    hone_status status = load(path, &p, error);
    double started = now();
    if (!status)
        status = hn_thread_pool_create((size_t)threads, &pool, error);
    for (size_t k = 0; !status && k < FOLDS; k++)
        status = run_fold(&p, k, pool, right, error);
    *seconds = now() - started;
    *best = 0;
    for (size_t s = 0; s < N_COUNTS * N_LIMITS; s++)
        if ((double)right[s] / (double)p.n > *best)
            *best = (double)right[s] / (double)p.n;
    hn_thread_pool_destroy(pool);
    hn_free(p.x);
    hn_free(p.y);
    hn_free(p.fold_of);
    return status;
}

int main(int argc, char **argv)
{
    hone_error error;
    double apart, together, best_apart, best_together;
    if (argc < 2 || argc > 3) {
        fprintf(stderr, "usage: %s DATA.csv [THREADS]\n", argv[0]);
        return EXIT_FAILURE;
    }
    int threads = argc == 3 ? (int)strtol(argv[2], NULL, 10) : 1;
    if (threads < 1 || threads > 1000) {
        fprintf(stderr, "THREADS must be 1 to 1000\n");
        return EXIT_FAILURE;
    }
    if (search_together(argv[1], threads, &together, &best_together, &error) ||
        search_apart(argv[1], threads, &apart, &best_apart, &error))
        return fail(&error);
    printf("a forest per setting: seconds %.4f, best score %.4f\n", apart, best_apart);
    printf("a forest per fold:    seconds %.4f, best score %.4f\n", together, best_together);
    return EXIT_SUCCESS;
}
