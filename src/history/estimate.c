#include "history/estimate.h"

const hn_estimate *hn_estimate_find(const hn_estimates *estimates, int64_t number)
{
    size_t low = 0, high = estimates ? estimates->n : 0;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (estimates->items[middle].number == number) {
            return &estimates->items[middle];
        }
        if (estimates->items[middle].number < number) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
}

static size_t count_below(const hn_estimate *items, size_t n, int64_t before)
{
    while (n > 0 && items[n - 1].number >= before) {
        n--;
    }
    return n;
}

void hn_estimates_limit(hn_estimates *estimates, int64_t before)
{
    estimates->n = count_below(estimates->items, estimates->n, before);
    for (size_t r = 0; r < estimates->n_rungs; r++) {
        hn_estimate_rung *rung = &estimates->rungs[r];
        size_t left = count_below(rung->items, rung->n, before);
        rung->kept = rung->kept < left ? rung->kept : left;
        rung->n = left;
    }
}
