/* svc_grid.c: seconds for the grid C in {0.1, 1, 10} x kernel in {rbf, linear}, 5 stratified folds, through
 * the public interface. Prints one line per setting with its fold scores, then one JSON object: seconds, and
 * the processor's, which other work on the machine does not lengthen much.
 *
 *     bench_svc_grid DATA.csv [THREADS]
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "hone/ml.h"

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

static void print_scores(const char *model, const hone_scores *scores)
{
    printf("%-24s mean %.4f  folds", model, scores->mean[0]);
    for (size_t k = 0; k < scores->n_folds; k++)
        printf(" %.3f", scores->test[k]);
    printf("  fit %.4f s  score %.4f s\n", scores->fit_seconds, scores->score_seconds);
}

int main(int argc, char **argv)
{
    static const char *const grid[] = {"svm:C=0.1,kernel=rbf", "svm:C=0.1,kernel=linear",
                                       "svm:C=1,kernel=rbf",   "svm:C=1,kernel=linear",
                                       "svm:C=10,kernel=rbf",  "svm:C=10,kernel=linear"};
    hone_error error;
    hone_dataset *dataset = NULL;
    hone_validation *validation = NULL;
    if (argc < 2 || argc > 3) {
        fprintf(stderr, "usage: %s DATA.csv [THREADS]\n", argv[0]);
        return EXIT_FAILURE;
    }
    int threads = argc == 3 ? (int)strtol(argv[2], NULL, 10) : 1;
    if (hone_dataset_load(argv[1], NULL, &dataset, &error))
        return fail(&error);
    double started = now(), worked = (double)clock();
    if (hone_validation_create(dataset, "svm", NULL, &validation, &error))
        return fail(&error);
    for (size_t i = 0; i < sizeof grid / sizeof *grid; i++) {
        hone_scores *scores = NULL;
        if (hone_validation_run(validation, grid[i], threads, NULL, &scores, &error))
            return fail(&error);
        print_scores(grid[i], scores);
        hone_scores_free(scores);
    }
    printf("{\"threads\": %d, \"seconds\": %.4f, \"processor_seconds\": %.4f}\n", threads, now() - started,
           ((double)clock() - worked) / CLOCKS_PER_SEC);
    hone_validation_destroy(validation);
    hone_dataset_destroy(dataset);
    return EXIT_SUCCESS;
}
