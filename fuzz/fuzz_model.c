/* fuzz_model.c: a model file is refused, or is a model that predicts one of its classes for whatever rows. */
#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "data/preprocess_state.h"
#include "memory_file.h"
#include "select/estimator.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ROWS = 3, MOST_COLUMNS = 1000, MOST_CLASSES = 1000 };

static void predict(const hn_estimator *estimator)
{
    static const double numbers[ROWS] = {0, NAN, -1e300}, codes[ROWS] = {0, NAN, 1};
    static const char *const names[] = {"a", "zz"};
    hn_schema schema = hn_preprocess_schema(estimator->preprocess);
    double out[ROWS];
    if (schema.n > MOST_COLUMNS || estimator->n_classes > MOST_CLASSES)
        return;
    hn_column *columns = hn_calloc(schema.n + 1, sizeof *columns);
    double *proba = hn_calloc(ROWS * (estimator->n_classes + 1), sizeof *proba);
    if (!columns || !proba)
        abort();
    for (size_t j = 0; j < schema.n; j++)
        columns[j] = schema.kinds[j] == HN_COLUMN_NUMERIC
                         ? (hn_column){.name = schema.names[j], .kind = HN_COLUMN_NUMERIC, .values = numbers}
                         : (hn_column){.name = schema.names[j],
                                       .kind = HN_COLUMN_CATEGORICAL,
                                       .values = codes,
                                       .categories = names,
                                       .n_categories = 2};
    hn_dataset set = {.source = "fuzz", .n_rows = ROWS, .n_columns = schema.n, .columns = columns};
    hone_status status = hn_estimator_predict(estimator, &set, NULL, ROWS, out, NULL);
    for (size_t i = 0; !status && estimator->n_classes && i < ROWS; i++)
        if (!(out[i] >= 0 && out[i] < (double)estimator->n_classes))
            abort();
    (void)hn_estimator_predict_proba(estimator, &set, NULL, ROWS, proba, NULL);
    hn_free(columns);
    hn_free(proba);
}

/* Rows of one array each, of the form that the model was fitted to: bytes, floats or words. */
static void predict_samples(const hn_estimator *estimator)
{
    enum { MOST_SIZE = 1000 };
    const hn_fitted_samples *fitted = estimator->preprocess->samples;
    static const uint64_t starts[ROWS + 1] = {0, 0, 1, 3};
    double out[ROWS];
    if (!fitted || fitted->size > MOST_SIZE)
        return;
    int32_t *values = hn_calloc((size_t)ROWS * fitted->size + 3, sizeof *values);
    if (!values)
        abort();
    hn_sample_block block = {.type = fitted->type,
                             .rank = fitted->rank,
                             .size = fitted->size,
                             .values = values,
                             .starts = fitted->text ? starts : NULL,
                             .text = fitted->text};
    for (size_t i = 0; i < block.rank; i++)
        block.shape[i] = fitted->shape[i];
    for (size_t i = 0; fitted->text && i < 3; i++)
        values[i] = fitted->text->n_words + 1 < INT32_MAX ? (int32_t)fitted->text->n_words + 1 : 1;
    hn_dataset set = {.source = "fuzz", .n_rows = ROWS, .samples = &block};
    hone_status status = hn_estimator_predict(estimator, &set, NULL, ROWS, out, NULL);
    for (size_t i = 0; !status && estimator->n_classes && i < ROWS; i++)
        if (!(out[i] >= 0 && out[i] < (double)estimator->n_classes))
            abort();
    hn_free(values);
}

static void describe(const hn_estimator *estimator)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_model_state state;
    (void)hn_estimator_describe(estimator, &arena, &state, NULL);
    hn_arena_release(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[MEMORY_PATH_SIZE];
    hn_estimator *estimator = NULL;
    int fd = memory_file(data, size, path);
    if (hn_estimator_load(path, &estimator, NULL) == HONE_OK) {
        predict(estimator);
        predict_samples(estimator);
        describe(estimator);
        hn_estimator_destroy(estimator);
    }
    close(fd);
    return 0;
}
