/* knn_predict.c: the k nearest rows of each row, block by block, and what they vote. */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "model/knn.h"

enum { QUERIES = 128, CANDIDATES = 128 }; /* a block of distances: 128 KiB, stays in the second cache */

typedef struct neighbor {
    double distance;
    size_t row;
} neighbor;

typedef struct search {
    const hn_knn *knn;
    double *distances; /* (QUERIES, CANDIDATES) */
    neighbor *nearest; /* (QUERIES, k): each a heap, the farthest first */
    double *votes;     /* (n_classes,) or (1,) */
} search;

static bool farther(neighbor a, neighbor b)
{
    return a.distance > b.distance || (a.distance == b.distance && a.row > b.row);
}

/* Puts item at the root of a heap of k and lets it sink to its place. */
static void sink(neighbor *heap, size_t k, neighbor item)
{
    size_t at = 0;
    for (size_t child; (child = 2 * at + 1) < k; at = child) {
        if (child + 1 < k && farther(heap[child + 1], heap[child]))
            child++;
        if (!farther(heap[child], item))
            break;
        heap[at] = heap[child];
    }
    heap[at] = item;
}

/* nearest of n query rows, n <= QUERIES. Rows come in ascending order, so that of equals the first stay. */
static void find_nearest(search *s, const double *x, size_t n)
{
    const hn_knn *knn = s->knn;
    for (size_t i = 0; i < n * knn->k; i++)
        s->nearest[i] = (neighbor){INFINITY, SIZE_MAX};
    for (size_t first = 0; first < knn->n; first += CANDIDATES) {
        size_t count = knn->n - first < CANDIDATES ? knn->n - first : CANDIDATES;
        hn_knn_distances(knn, x, n, first, count, s->distances);
        for (size_t i = 0; i < n; i++) {
            neighbor *heap = s->nearest + i * knn->k;
            const double *distance = s->distances + i * count;
            for (size_t j = 0; j < count; j++)
                if (distance[j] < heap[0].distance || heap[0].row == SIZE_MAX)
                    sink(heap, knn->k, (neighbor){distance[j], first + j});
        }
    }
}

/* Weight 1 / distance; where some neighbours are at no distance they alone count. */
static double weigh(const search *s, const double *x, neighbor *nearest)
{
    const hn_knn *knn = s->knn;
    bool met = false;
    double total = 0;
    for (size_t i = 0; i < knn->k; i++) {
        nearest[i].distance = knn->by_distance ? hn_knn_distance(knn, x, nearest[i].row) : 1;
        met = met || nearest[i].distance == 0;
    }
    for (size_t i = 0; i < knn->k; i++) {
        double distance = nearest[i].distance;
        nearest[i].distance = met ? distance == 0 : 1 / distance;
        total += nearest[i].distance;
    }
    return total;
}

/* out (n_classes,): shares of the votes; for regression (1,): the weighted mean. */
static void vote(const search *s, const double *x, neighbor *nearest, double *out)
{
    const hn_knn *knn = s->knn;
    size_t width = knn->n_classes ? knn->n_classes : 1;
    double total = weigh(s, x, nearest);
    memset(out, 0, width * sizeof *out);
    for (size_t i = 0; i < knn->k; i++) {
        double target = knn->y[nearest[i].row];
        if (knn->n_classes)
            out[(size_t)target] += nearest[i].distance;
        else
            out[0] += nearest[i].distance * target;
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
    hone_status status = HONE_OUT_OF_MEMORY;
    search s = {.knn = knn};
    s.distances = hn_aligned_array((size_t)QUERIES * CANDIDATES, sizeof *s.distances);
    s.nearest = hn_calloc(knn->k, QUERIES * sizeof *s.nearest);
    s.votes = hn_calloc(knn->n_classes + 1, sizeof *s.votes);
    if (!s.distances || !s.nearest || !s.votes) {
        hn_out_of_memory(err);
        goto done;
    }
    for (size_t begin = 0; begin < rows->n; begin += QUERIES) {
        size_t n = rows->n - begin < QUERIES ? rows->n - begin : QUERIES;
        const double *x = rows->x + begin * rows->d;
        find_nearest(&s, x, n);
        for (size_t i = 0; i < n; i++) {
            double *votes = shares ? out + (begin + i) * knn->n_classes : s.votes;
            vote(&s, x + i * rows->d, s.nearest + i * knn->k, votes);
            if (!shares)
                out[begin + i] = knn->n_classes ? most_voted(votes, knn->n_classes) : votes[0];
        }
    }
    status = HONE_OK;
done:
    hn_free(s.distances);
    hn_free(s.nearest);
    hn_free(s.votes);
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
