#include "pruner/halving_plan.h"

/* The largest e with factor^e <= x, exactly; x >= 1. */
static int64_t floor_log(int64_t x, int64_t factor)
{
    int64_t e = 0;
    for (; x >= factor; x /= factor) {
        e++;
    }
    return e;
}

/* x * factor^e, at most `most`. */
static int64_t scaled(int64_t x, int64_t factor, int64_t e, int64_t most)
{
    for (; e > 0 && x < most; e--) {
        x = x > most / factor ? most : x * factor;
    }
    return x < most ? x : most;
}

size_t hn_halving_plan(const hn_halving_options *options, hn_halving_rung rungs[HN_MOST_RUNGS])
{
    int64_t factor = options->factor, most = options->max_resource, least = options->min_resource;
    int64_t required = 1 + floor_log(options->n_candidates, factor); /* the last has fewer than factor */
    if (least == 0) {
        least = most;
        for (int64_t i = 1; i < required; i++) {
            least /= factor;
        }
        least = least > options->smallest ? least : options->smallest;
    }
    int64_t possible = 1 + floor_log(most / least, factor);
    int64_t n = options->aggressive || required < possible ? required : possible;
    int64_t candidates = options->n_candidates;
    for (int64_t i = 0; i < n; i++) {
        int64_t power = options->aggressive ? i - required + possible : i;
        rungs[i] = (hn_halving_rung){scaled(least, factor, power, most), candidates};
        candidates = (candidates - 1) / factor + 1;
    }
    return (size_t)n;
}
