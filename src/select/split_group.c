/* Groups go one after the other to a fold: the lightest, or the one that keeps the classes' shares most alike
 * over the folds. */
#include "select/split_group.h"

#include <math.h>

#include "base/memory.h"
#include "math/random.h"
#include "math/statistics.h"

typedef struct dealing {
    size_t k, n_groups, n_classes; /* n_classes 1 without y */
    double *of_group;              /* (n_groups, n_classes): rows */
    double *of_fold;               /* (k, n_classes) */
    double *total;                 /* (n_classes,) */
    double *key;                   /* (n_groups,): groups are dealt by falling key */
    size_t *order, *fold;          /* (n_groups,) */
} dealing;

static void release(dealing *d)
{
    hn_free(d->of_group);
    hn_free(d->of_fold);
    hn_free(d->total);
    hn_free(d->key);
    hn_free(d->order);
    hn_free(d->fold);
}

static hone_status count_rows(const hn_grouped_rows *rows, dealing *d, hone_error *err)
{
    d->of_group = hn_calloc(d->n_groups * d->n_classes, sizeof *d->of_group);
    d->of_fold = hn_calloc(d->k * d->n_classes, sizeof *d->of_fold);
    d->total = hn_calloc(d->n_classes, sizeof *d->total);
    d->key = hn_calloc(d->n_groups, sizeof *d->key);
    d->order = hn_calloc(d->n_groups, sizeof *d->order);
    d->fold = hn_calloc(d->n_groups, sizeof *d->fold);
    if (!d->of_group || !d->of_fold || !d->total || !d->key || !d->order || !d->fold)
        return hn_out_of_memory(err);
    for (size_t i = 0; i < rows->n; i++) {
        size_t class = rows->y ? (size_t)rows->y[i] : 0;
        d->of_group[rows->group[i] * d->n_classes + class]++;
        d->total[class]++;
    }
    return HONE_OK;
}

static void reverse(size_t *items, size_t n)
{
    for (size_t i = 0; i < n / 2; i++) {
        size_t held = items[i];
        items[i] = items[n - 1 - i];
        items[n - 1 - i] = held;
    }
}

/* Large groups first; with classes, those that are most unlike a mixture. Shuffled, the order of equal ones
 * is drawn. */
static void order_groups(const hn_grouped_rows *rows, bool shuffle, uint64_t seed, dealing *d)
{
    size_t *drawn = d->fold; /* not in use yet */
    for (size_t g = 0; g < d->n_groups; g++)
        drawn[g] = g;
    if (shuffle) {
        hn_random random = hn_random_stream(seed, 0, HN_PURPOSE_SHUFFLE);
        hn_random_shuffle(&random, drawn, d->n_groups);
    }
    for (size_t i = 0; i < d->n_groups; i++) {
        const double *counts = d->of_group + drawn[i] * d->n_classes;
        d->key[i] = rows->y ? -hn_standard_deviation(counts, d->n_classes, 0) : counts[0];
    }
    hn_argsort(d->key, d->n_groups, d->order);
    for (size_t i = 0; i < d->n_groups; i++)
        d->order[i] = drawn[d->order[i]];
    if (!rows->y)
        reverse(d->order, d->n_groups);
}

static size_t lightest_fold(const dealing *d)
{
    size_t best = 0;
    for (size_t f = 1; f < d->k; f++)
        if (d->of_fold[f] < d->of_fold[best])
            best = f;
    return best;
}

/* Mean over classes of the deviation over folds of the class' share, were the group in the fold. */
static double imbalance(const dealing *d, const double *counts, size_t fold)
{
    double sum = 0;
    size_t occurring = 0;
    for (size_t c = 0; c < d->n_classes; c++) {
        if (d->total[c] == 0)
            continue;
        double mean = 0, squares = 0;
        for (size_t f = 0; f < d->k; f++)
            mean += (d->of_fold[f * d->n_classes + c] + (f == fold ? counts[c] : 0)) / d->total[c];
        mean /= (double)d->k;
        for (size_t f = 0; f < d->k; f++) {
            double share = (d->of_fold[f * d->n_classes + c] + (f == fold ? counts[c] : 0)) / d->total[c];
            squares += (share - mean) * (share - mean);
        }
        sum += sqrt(squares / (double)d->k);
        occurring++;
    }
    return sum / (double)occurring;
}

static double rows_of(const dealing *d, size_t fold)
{
    double sum = 0;
    for (size_t c = 0; c < d->n_classes; c++)
        sum += d->of_fold[fold * d->n_classes + c];
    return sum;
}

/* scikit-learn's: equal within the tolerances of numpy.isclose, the smaller fold wins. */
static size_t most_alike_fold(const dealing *d, const double *counts)
{
    size_t best = 0;
    double least = INFINITY, fewest = INFINITY;
    for (size_t f = 0; f < d->k; f++) {
        double value = imbalance(d, counts, f), size = rows_of(d, f);
        bool equal = isfinite(least) && fabs(value - least) <= 1e-8 + 1e-5 * fabs(least);
        if (value < least || (equal && size < fewest)) {
            best = f;
            least = value;
            fewest = size;
        }
    }
    return best;
}

hone_status hn_assign_group_folds(const hn_grouped_rows *rows, size_t k, bool shuffle, uint64_t seed,
                                  size_t *fold_of, hone_error *err)
{
    dealing d = {.k = k, .n_groups = rows->n_groups, .n_classes = rows->y ? rows->n_classes : 1};
    if (k < 2 || k > rows->n_groups)
        return hn_fail(err, HONE_INVALID, "%zu folds of %zu groups; allowed are 2 to the number of groups", k,
                       rows->n_groups);
    hone_status status = count_rows(rows, &d, err);
    if (status)
        goto done;
    order_groups(rows, shuffle, seed, &d);
    for (size_t i = 0; i < d.n_groups; i++) {
        size_t g = d.order[i];
        const double *counts = d.of_group + g * d.n_classes;
        d.fold[g] = rows->y ? most_alike_fold(&d, counts) : lightest_fold(&d);
        for (size_t c = 0; c < d.n_classes; c++)
            d.of_fold[d.fold[g] * d.n_classes + c] += counts[c];
    }
    for (size_t i = 0; i < rows->n; i++)
        fold_of[i] = d.fold[rows->group[i]];
done:
    release(&d);
    return status;
}
