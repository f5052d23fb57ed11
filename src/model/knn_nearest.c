/* knn_nearest.c: the k nearest rows of many queries. Every row is looked at: by its distance, or, for the
 * euclidean one, by a bound in single precision that leaves only few rows to measure (math/screen.h). */
#include <math.h>

#include "base/memory.h"
#include "math/screen.h"
#include "model/knn.h"

enum {
    MOST_QUERIES = 256 * HN_SCREEN_QUERIES,
    QUERY_BYTES = 1 << 20,    /* of floats, so that they stay in the second cache */
    NEIGHBOR_BYTES = 1 << 22, /* of what was found */
    LEAST_SCREENED = 4,       /* fewer queries are not worth a panel */
    BLOCK = 128,              /* training rows that are measured for all queries in turn */
    SAMPLE = 256,             /* rows whose mean is the centre */
};

/* --- the k nearest so far: a heap, the farthest first --- */

static bool farther(hn_neighbor a, hn_neighbor b)
{
    return a.distance > b.distance || (a.distance == b.distance && a.row > b.row);
}

/* Puts item at the root of a heap of k and lets it sink to its place. */
static void sink(hn_neighbor *heap, size_t k, hn_neighbor item)
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

/* Rows come in ascending order, so that of equals the first stay. */
static void measure(const hn_knn *knn, const double *query, const double *rows, size_t row, hn_neighbor *heap)
{
    double gap = hn_knn_gap(knn, query, rows + row * knn->d);
    if (gap < heap[0].distance || heap[0].row == SIZE_MAX)
        sink(heap, knn->k, (hn_neighbor){gap, row});
}

/* A heap becomes a list, the nearest first. */
static void sort(hn_neighbor *heap, size_t k)
{
    for (size_t n = k; n-- > 1;) {
        hn_neighbor farthest = heap[0];
        sink(heap, n, heap[n]);
        heap[n] = farthest;
    }
}

/* --- every row by its distance --- */

static void measure_all(const hn_knn *knn, const double *rows, const double *x, size_t n,
                        hn_neighbor *nearest)
{
    for (size_t first = 0; first < knn->n; first += BLOCK) {
        size_t end = knn->n - first < BLOCK ? knn->n : first + BLOCK;
        for (size_t i = 0; i < n; i++)
            for (size_t row = first; row < end; row++)
                measure(knn, x + i * knn->d, rows, row, nearest + i * knn->k);
    }
}

/* --- by bounds --- */

typedef struct screening {
    const hn_knn *knn;
    const double *rows;   /* (knn->n, d) */
    const double *x;      /* (n, d) */
    size_t n;             /* queries */
    hn_neighbor *nearest; /* (n, k) */
    double *centre;       /* (d,) */
    float *queries;       /* (n, d), n rounded up to whole tiles */
    double *norms;        /* (n,), likewise */
    float *panel;         /* (d, HN_SCREEN_ROWS) */
} screening;

/* Any centre is right; bounds are the closer, the smaller the rows are seen from it. */
static void set_centre(screening *s)
{
    const hn_knn *knn = s->knn;
    size_t step = (knn->n + SAMPLE - 1) / SAMPLE, count = 0;
    for (size_t row = 0; row < knn->n; row += step, count++)
        for (size_t j = 0; j < knn->d; j++)
            s->centre[j] += s->rows[row * knn->d + j];
    for (size_t j = 0; j < knn->d; j++)
        s->centre[j] /= (double)count;
}

/* Measures what a panel of rows from `first` on may have for the queries of a tile. */
static void search_tile(const screening *s, size_t tile, size_t first, size_t count, const float *base)
{
    const hn_knn *knn = s->knn;
    float limits[HN_SCREEN_QUERIES];
    uint64_t near[HN_SCREEN_QUERIES];
    size_t here = s->n - tile < HN_SCREEN_QUERIES ? s->n - tile : HN_SCREEN_QUERIES;
    for (size_t i = 0; i < HN_SCREEN_QUERIES; i++)
        limits[i] =
            i < here ? hn_screen_limit(s->nearest[(tile + i) * knn->k].distance, s->norms[tile + i]) : 0;
    hn_screen_tile(s->queries + tile * knn->d, s->panel, base, knn->d, limits, near);
    for (size_t i = 0; i < here; i++)
        for (; near[i]; near[i] &= near[i] - 1) {
            size_t r = (size_t)__builtin_ctzll(near[i]);
            if (r < count)
                measure(knn, s->x + (tile + i) * knn->d, s->rows, first + r,
                        s->nearest + (tile + i) * knn->k);
        }
}

static void search_all(screening *s)
{
    const hn_knn *knn = s->knn;
    float base[HN_SCREEN_ROWS];
    set_centre(s);
    for (size_t i = 0; i < s->n; i++)
        hn_screen_query(s->x + i * knn->d, knn->d, s->centre, s->queries + i * knn->d, &s->norms[i]);
    for (size_t first = 0; first < knn->n; first += HN_SCREEN_ROWS) {
        size_t count = knn->n - first < HN_SCREEN_ROWS ? knn->n - first : HN_SCREEN_ROWS;
        hn_screen_rows(s->rows + first * knn->d, count, knn->d, s->centre, s->panel, base);
        for (size_t tile = 0; tile < s->n; tile += HN_SCREEN_QUERIES)
            search_tile(s, tile, first, count, base);
    }
}

static hone_status screen(const hn_knn *knn, const double *rows, const double *x, size_t n,
                          hn_neighbor *nearest, hone_error *err)
{
    screening s = {.knn = knn, .rows = rows, .x = x, .n = n, .nearest = nearest};
    size_t rounded = (n + HN_SCREEN_QUERIES - 1) / HN_SCREEN_QUERIES * HN_SCREEN_QUERIES;
    s.centre = hn_calloc(knn->d, sizeof *s.centre);
    s.queries = hn_calloc(rounded, knn->d * sizeof *s.queries);
    s.norms = hn_calloc(rounded, sizeof *s.norms);
    s.panel = hn_aligned_array(knn->d * HN_SCREEN_ROWS, sizeof *s.panel);
    bool have = s.centre && s.queries && s.norms && s.panel;
    if (have)
        search_all(&s);
    hn_free(s.centre);
    hn_free(s.queries);
    hn_free(s.norms);
    hn_free(s.panel);
    return have ? HONE_OK : hn_out_of_memory(err);
}

/* --- both --- */

size_t hn_knn_batch(const hn_knn *knn)
{
    size_t batch = MOST_QUERIES, by_width = QUERY_BYTES / sizeof(float) / knn->d;
    size_t by_found = NEIGHBOR_BYTES / sizeof(hn_neighbor) / knn->k;
    batch = by_width < batch ? by_width : batch;
    batch = (by_found < batch ? by_found : batch) / HN_SCREEN_QUERIES * HN_SCREEN_QUERIES;
    return batch ? batch : HN_SCREEN_QUERIES;
}

hone_status hn_knn_nearest(const hn_knn *knn, const double *x, size_t n, hn_neighbor *nearest,
                           hone_error *err)
{
    const double *rows;
    hone_status status = hn_kept_rows_look(knn->rows, &rows, err);
    if (status)
        return status;
    for (size_t i = 0; i < n * knn->k; i++)
        nearest[i] = (hn_neighbor){INFINITY, SIZE_MAX};
    if (hn_knn_is_euclidean(knn) && n >= LEAST_SCREENED && knn->d <= HN_SCREEN_MOST_COLUMNS)
        status = screen(knn, rows, x, n, nearest, err);
    else
        measure_all(knn, rows, x, n, nearest);
    for (size_t i = 0; !status && i < n; i++)
        sort(nearest + i * knn->k, knn->k);
    return status;
}
