/* knn_predict.c: what the nearest rows vote. */
#include <string.h>

#include "base/memory.h"
#include "model/design.h"
#include "model/knn.h"

/* weights (k,): 1 / distance; where some neighbours are at no distance they alone count. Returns their sum.
 */
static double weigh(const hn_knn *knn, const hn_neighbor *nearest, double *weights)
{
    bool met = knn->by_distance && nearest[0].distance == 0;
    double total = 0;
    for (size_t i = 0; i < knn->k; i++) {
        double distance = knn->by_distance ? hn_knn_distance(knn, nearest[i].distance) : 1;
        weights[i] = met ? distance == 0 : 1 / distance;
        total += weights[i];
    }
    return total;
}

/* out (n_classes,): shares of the votes; for regression (1,): the weighted mean. weights (k,) is scratch. */
static void vote(const hn_knn *knn, const hn_neighbor *nearest, double *weights, double *out)
{
    size_t width = knn->n_classes ? knn->n_classes : 1;
    double total = weigh(knn, nearest, weights);
    memset(out, 0, width * sizeof *out);
    for (size_t i = 0; i < knn->k; i++) {
        double target = knn->y[nearest[i].row];
        if (knn->n_classes)
            out[(size_t)target] += weights[i];
        else
            out[0] += weights[i] * target;
    }
    for (size_t k = 0; k < width; k++)
        out[k] /= total;
}

static double most_voted(const double *votes, size_t n)
{
    size_t best = 0;
    for (size_t k = 1; k < n; k++)
        best = votes[k] > votes[best] ? k : best;
    return (double)best;
}

/* out: (n,), or (n, n_classes) when shares are asked for. */
static hone_status predict(const hn_knn *knn, const hn_design *rows, bool shares, double *out,
                           hone_error *err)
{
    if (rows->d != knn->d)
        return hn_fail(err, HONE_INVALID, "model knn: fitted to %zu columns, asked to predict rows of %zu",
                       knn->d, rows->d);
    size_t batch = hn_knn_batch(knn);
    batch = rows->n < batch ? rows->n : batch;
    hn_neighbor *nearest = hn_calloc(batch, knn->k * sizeof *nearest);
    double *weights = hn_calloc(knn->k, sizeof *weights);
    double *votes = hn_calloc(knn->n_classes + 1, sizeof *votes);
    double *x = rows->x ? NULL : hn_aligned_array(batch, knn->d * sizeof *x);
    hone_status status = nearest && weights && votes && (x || rows->x) ? HONE_OK : hn_out_of_memory(err);
    for (size_t begin = 0; !status && begin < rows->n; begin += batch) {
        size_t n = rows->n - begin < batch ? rows->n - begin : batch;
        const double *queries = x ? x : rows->x + begin * rows->d;
        status = x ? hn_design_rows(rows, begin, n, x, err) : HONE_OK;
        if (!status)
            status = hn_knn_nearest(knn, queries, n, nearest, err);
        for (size_t i = begin; !status && i < begin + n; i++) {
            double *shared = shares ? out + i * knn->n_classes : votes;
            vote(knn, nearest + (i - begin) * knn->k, weights, shared);
            if (!shares)
                out[i] = knn->n_classes ? most_voted(votes, knn->n_classes) : votes[0];
        }
    }
    hn_free(x);
    hn_free(nearest);
    hn_free(weights);
    hn_free(votes);
    return status;
}

hone_status hn_knn_predict(const void *fitted, const hn_design *rows, double *out, hone_error *err)
{
    return predict(fitted, rows, false, out, err);
}

hone_status hn_knn_predict_proba(const void *fitted, const hn_design *rows, double *out, hone_error *err)
{
    return predict(fitted, rows, true, out, err);
}
