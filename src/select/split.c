#include "select/split.h"

#include <math.h>

#include "base/log.h"
#include "base/memory.h"
#include "math/random.h"

/* Rows grouped by class, in the order in which classes first appear; within a class in row order. */
typedef struct groups {
    size_t n;
    size_t *begin; /* (n + 1,) */
    size_t *rows;
} groups;

static void release_groups(groups *g)
{
    hn_free(g->begin);
    hn_free(g->rows);
}

static hone_status group_rows(const double *y, size_t n_classes, size_t n, groups *g, hone_error *err)
{
    size_t classes = y ? n_classes : 1;
    size_t *rank = hn_calloc(classes, sizeof *rank); /* class -> 1 + order of appearance */
    size_t *next = hn_calloc(classes + 1, sizeof *next);
    *g = (groups){.begin = hn_calloc(classes + 1, sizeof *g->begin), .rows = hn_calloc(n, sizeof *g->rows)};
    hone_status status = HONE_OUT_OF_MEMORY;
    if (!rank || !next || !g->begin || !g->rows) {
        hn_out_of_memory(err);
        goto done;
    }
    for (size_t i = 0; i < n; i++) {
        size_t k = y ? (size_t)y[i] : 0;
        if (!rank[k])
            rank[k] = ++g->n;
        g->begin[rank[k]]++;
    }
    for (size_t i = 0; i < g->n; i++) {
        g->begin[i + 1] += g->begin[i];
        next[i] = g->begin[i];
    }
    for (size_t i = 0; i < n; i++)
        g->rows[next[rank[y ? (size_t)y[i] : 0] - 1]++] = i;
    status = HONE_OK;
done:
    hn_free(rank);
    hn_free(next);
    return status;
}

/* Contiguous blocks, the first n % k one row longer. */
static void plain_folds(size_t n, size_t k, const size_t *order, size_t *fold_of)
{
    size_t at = 0;
    for (size_t fold = 0; fold < k; fold++)
        for (size_t i = 0; i < n / k + (fold < n % k); i++, at++)
            fold_of[order ? order[at] : at] = fold;
}

/* scikit-learn's allocation: line all rows up by class and deal them to the folds in turn; each fold then
 * takes its number of a class from that class's rows in order. */
static hone_status stratified_folds(const groups *g, size_t k, const hn_random *random, size_t *fold_of,
                                    hone_error *err)
{
    hone_status status = HONE_OK;
    for (size_t c = 0; !status && c < g->n; c++) {
        size_t begin = g->begin[c], size = g->begin[c + 1] - begin, at = 0;
        size_t *folds = hn_calloc(size, sizeof *folds);
        if (!folds) {
            status = hn_out_of_memory(err);
            break;
        }
        for (size_t fold = 0; fold < k; fold++) {
            /* positions begin .. begin + size - 1 that leave the remainder `fold` */
            size_t first = (fold + k - begin % k) % k;
            size_t count = first < size ? (size - first + k - 1) / k : 0;
            for (size_t i = 0; i < count; i++)
                folds[at++] = fold;
        }
        if (random) {
            hn_random stream = *random;
            stream.stream += c;
            hn_random_shuffle(&stream, folds, size);
        }
        for (size_t i = 0; i < size; i++)
            fold_of[g->rows[begin + i]] = folds[i];
        hn_free(folds);
    }
    return status;
}

static hone_status check_class_sizes(const groups *g, size_t k, hone_error *err)
{
    size_t smallest = SIZE_MAX, largest = 0;
    for (size_t c = 0; c < g->n; c++) {
        size_t size = g->begin[c + 1] - g->begin[c];
        smallest = size < smallest ? size : smallest;
        largest = size > largest ? size : largest;
    }
    if (largest < k)
        return hn_fail(err, HONE_INVALID, "%zu folds, but no class has more than %zu rows; use fewer folds",
                       k, largest);
    if (smallest < k)
        hn_log(HN_LOG_WARNING, "the rarest class has %zu rows, fewer than the %zu folds", smallest, k);
    return HONE_OK;
}

hone_status hn_assign_folds(const double *y, size_t n_classes, size_t n, size_t k, bool shuffle,
                            uint64_t seed, size_t *fold_of, hone_error *err)
{
    if (k < 2 || k > n)
        return hn_fail(err, HONE_INVALID, "%zu folds of %zu rows; allowed are 2 to the number of rows", k, n);
    hn_random random = hn_random_stream(seed, 0, HN_PURPOSE_SHUFFLE);
    groups g;
    hone_status status = group_rows(y, n_classes, n, &g, err);
    if (status)
        goto done;
    if (!y) {
        if (shuffle)
            hn_random_shuffle(&random, g.rows, n);
        plain_folds(n, k, g.rows, fold_of);
        goto done;
    }
    status = check_class_sizes(&g, k, err);
    if (!status)
        status = stratified_folds(&g, k, shuffle ? &random : NULL, fold_of, err);
done:
    release_groups(&g);
    return status;
}

hone_status hn_hold_out(const double *y, size_t n_classes, size_t n, double fraction, uint64_t seed,
                        bool *held_out, hone_error *err)
{
    if (!(fraction > 0) || !(fraction < 1))
        return hn_fail(err, HONE_INVALID, "the held-out fraction must lie between 0 and 1, both excluded");
    if (n < 2)
        return hn_fail(err, HONE_INVALID, "%zu row%s cannot be split in two", n, n == 1 ? "" : "s");
    groups g;
    hone_status status = group_rows(y, n_classes, n, &g, err);
    if (status)
        goto done;
    for (size_t i = 0; i < n; i++)
        held_out[i] = false;
    for (size_t c = 0, total = 0; c < g.n; c++) {
        size_t *rows = g.rows + g.begin[c], size = g.begin[c + 1] - g.begin[c];
        hn_random random = hn_random_stream(seed, c, HN_PURPOSE_SPLIT);
        hn_random_shuffle(&random, rows, size);
        size_t take = (size_t)floor(fraction * (double)size + 0.5);
        bool last = c + 1 == g.n;
        take = last && total + take == 0 ? 1 : take;
        take = last && total + take == n ? take - 1 : take;
        for (size_t i = 0; i < take; i++)
            held_out[rows[i]] = true;
        total += take;
    }
done:
    release_groups(&g);
    return status;
}
