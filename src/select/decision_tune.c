/* decision_tune.c: probabilities of rows that their model did not learn from, and the threshold for them. */
#include <math.h>

#include "base/memory.h"
#include "select/fold.h"

/* What the folds' test rows are and were given. */
typedef struct collected {
    size_t n, room;
    double *truth, *positive, *weight; /* (n,); weight NULL: all 1 */
} collected;

static hone_status make_room(collected *c, const hn_validation *v, hone_error *err)
{
    for (size_t k = 0; k < v->splits.n_splits; k++) {
        size_t n_train, n_test;
        size_t *order = hn_calloc(v->n, sizeof *order);
        if (!order)
            return hn_out_of_memory(err);
        hn_splits_rows(&v->splits, k, order, &n_train, &n_test);
        hn_free(order);
        c->room += n_test;
    }
    c->truth = hn_calloc(c->room, sizeof *c->truth);
    c->positive = hn_calloc(c->room, sizeof *c->positive);
    c->weight = v->dataset->weight ? hn_calloc(c->room, sizeof *c->weight) : NULL;
    return c->truth && c->positive && (c->weight || !v->dataset->weight) ? HONE_OK : hn_out_of_memory(err);
}

static hone_status collect_fold(const hn_validation *v, size_t index, const void *config,
                                const volatile int *cancel, collected *c, hone_error *err)
{
    hn_fold fold = {0};
    double *proba = NULL;
    hone_status status = hn_fold_prepare(v, index, 0, &fold, err);
    if (!status && !(proba = hn_aligned_array(fold.n_test * 2, sizeof *proba)))
        status = hn_out_of_memory(err);
    if (!status)
        status = hn_fold_proba(v, &fold, config, cancel, proba, err);
    for (size_t i = 0; !status && i < fold.n_test; i++, c->n++) {
        c->truth[c->n] = fold.y[fold.n_train + i];
        c->positive[c->n] = proba[2 * i + 1];
        if (c->weight)
            c->weight[c->n] = fold.weight[fold.n_train + i];
    }
    hn_free(proba);
    hn_fold_release(v->type, &fold);
    return status;
}

hone_status hn_threshold_tune(const hn_dataset *dataset, const size_t *rows, size_t n,
                              const hn_model_type *type, const void *config,
                              const hn_validation_options *like, const volatile int *cancel,
                              hn_threshold *found, hone_error *err)
{
    hn_validation_options within = {.kind = like->decision.split,
                                    .folds = like->decision.folds,
                                    .shuffle = like->shuffle,
                                    .seed = like->seed,
                                    .preprocess = like->preprocess,
                                    .memory_bytes = 1}; /* folds are made one after the other */
    hn_validation *v = NULL;
    collected c = {0};
    hone_status status = hn_validation_create(dataset, rows, n, type, &within, &v, err);
    if (!status)
        status = make_room(&c, v, err);
    for (size_t k = 0; !status && k < v->splits.n_splits; k++)
        status = collect_fold(v, k, config, cancel, &c, err);
    if (!status)
        status = hn_decision_best(&like->decision, c.truth, c.positive, c.weight, c.n, found, err);
    else
        hn_fail_within(err, status, "decision, choosing the threshold");
    hn_free(c.truth);
    hn_free(c.positive);
    hn_free(c.weight);
    hn_validation_destroy(v);
    return status;
}
