/* models.c: seconds to fit one model on one file and to predict another, through the public interface. Prints
 * one JSON object: seconds on the clock and of the processor, and the score on the second file. What takes
 * less than WARM_SECONDS is done again, and the last time counts, as memory is there and in the cache then.
 *
 *     bench_models MODEL:OPTIONS METRIC TRAIN.csv TEST.csv [THREADS]
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "hone/ml.h"

#define WARM_SECONDS 0.3

typedef struct moment {
    double clock, processor;
} moment;

static moment now(void)
{
    struct timespec clock, processor;
    clock_gettime(CLOCK_MONOTONIC, &clock);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &processor);
    return (moment){(double)clock.tv_sec + 1e-9 * (double)clock.tv_nsec,
                    (double)processor.tv_sec + 1e-9 * (double)processor.tv_nsec};
}

static moment since(moment begun)
{
    moment end = now();
    return (moment){end.clock - begun.clock, end.processor - begun.processor};
}

static hone_status fit(const hone_dataset *train, const char *text, int threads, moment *took,
                       hone_model **model, hone_error *error)
{
    hone_status status = HONE_OK;
    moment first = now();
    do {
        hone_model_destroy(*model);
        *model = NULL;
        moment begun = now();
        status = hone_model_fit(train, text, NULL, 0, threads, model, error);
        *took = since(begun);
    } while (!status && since(first).clock < WARM_SECONDS);
    return status;
}

static hone_status predict(const hone_model *model, const hone_dataset *test, moment *took, hone_error *error)
{
    hone_dataset_info info;
    hone_dataset_get_info(test, &info);
    double *out = malloc(info.n_rows * sizeof *out);
    hone_status status = out ? HONE_OK : HONE_OUT_OF_MEMORY;
    moment first = now();
    do {
        moment begun = now();
        if (!status)
            status = hone_model_predict(model, test, out, error);
        *took = since(begun);
    } while (!status && since(first).clock < WARM_SECONDS);
    free(out);
    return status;
}

static int fail(const hone_error *error)
{
    fprintf(stderr, "%s\n", error->message);
    return EXIT_FAILURE;
}

int main(int argc, char **argv)
{
    hone_error error = {0};
    hone_dataset *train = NULL, *test = NULL;
    hone_model *model = NULL;
    hone_scores *scores = NULL;
    moment fitted, predicted;
    if (argc < 5 || argc > 6) {
        fprintf(stderr, "usage: %s MODEL:OPTIONS METRIC TRAIN.csv TEST.csv [THREADS]\n", argv[0]);
        return EXIT_FAILURE;
    }
    int threads = argc == 6 ? (int)strtol(argv[5], NULL, 10) : 1;
    if (hone_dataset_load(argv[3], NULL, &train, &error) ||
        fit(train, argv[1], threads, &fitted, &model, &error) ||
        hone_model_load_data(model, argv[4], NULL, true, &test, &error) ||
        predict(model, test, &predicted, &error) ||
        hone_model_evaluate(model, test, argv[2], NULL, 0, &scores, &error))
        return fail(&error);
    printf("{\"fit\": %.6f, \"fit_processor\": %.6f, \"predict\": %.6f, \"predict_processor\": %.6f, "
           "\"score\": %.6f}\n",
           fitted.clock, fitted.processor, predicted.clock, predicted.processor, scores->mean[0]);
    hone_scores_free(scores);
    hone_model_destroy(model);
    hone_dataset_destroy(test);
    hone_dataset_destroy(train);
    return EXIT_SUCCESS;
}
