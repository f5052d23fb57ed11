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
