/* sampler/gp_subset.c: which trials a Gaussian process is fitted to when there are more than it can take. */
#include <math.h>
#include <string.h>

#include "math/random.h"
#include "math/statistics.h"
#include "sampler/gp_study.h"

/* Squared distance of a row to another; a parameter that one of them lacks counts as a whole unit. */
static double distance(const hn_gp_frame *frame, const double *a, const double *b)
{
    double sum = 0;
    for (size_t j = 0; j < frame->d; j++) {
        double gap = a[j] - b[j];
        bool choice = frame->axes[j].kind == HN_GP_CATEGORICAL;
        if (isnan(gap))
            sum += isnan(a[j]) != isnan(b[j]);
        else
            sum += choice ? gap != 0 : gap * gap;
    }
    return sum;
}

/* Takes the first rows of an order that are not taken yet, up to `wanted` of them in all. */
static size_t take(const size_t *order, size_t n, size_t taken, size_t wanted, bool *is_taken)
{
    for (size_t k = 0; k < n && taken < wanted; k++) {
        taken += !is_taken[order[k]];
        is_taken[order[k]] = true;
    }
    return taken;
}

/* The best half, a quarter nearest to the best, a quarter at random. */
static void choose(const hn_gp_study *study, size_t most, double *key, size_t *order, bool *is_taken)
{
    size_t n = study->n_rows, d = study->frame.d;
    hn_random random = hn_random_stream(0, study->fitted, HN_PURPOSE_SHUFFLE);
    for (size_t r = 0; r < n; r++)
        key[r] = study->feasible[r] ? study->losses[r] : study->worst;
    hn_argsort(key, n, order);
    const double *best = study->rows + order[0] * d;
    size_t taken = take(order, n, 0, most / 2, is_taken);
    for (size_t r = 0; r < n; r++)
        key[r] = distance(&study->frame, study->rows + r * d, best);
    hn_argsort(key, n, order);
    taken = take(order, n, taken, most * 3 / 4, is_taken);
    hn_random_shuffle(&random, order, n);
    take(order, n, taken, most, is_taken);
}

hone_status hn_gp_study_choose(const hn_gp_study *study, hn_arena *scratch, size_t **chosen, size_t *n,
                               hone_error *err)
{
    size_t rows = study->n_rows, most = (size_t)study->config->max_points;
    double *key = HN_ARENA_NEW(scratch, double, rows);
    size_t *order = HN_ARENA_NEW(scratch, size_t, rows);
    bool *is_taken = HN_ARENA_NEW(scratch, bool, rows);
    if (!key || !order || !is_taken)
        return hn_out_of_memory(err);
    if (rows > most)
        choose(study, most, key, order, is_taken);
    size_t count = 0;
    for (size_t r = 0; r < rows; r++)
        if (rows <= most || is_taken[r])
            order[count++] = r;
    *chosen = order;
    *n = count;
    return HONE_OK;
}
