/* surrogate/bandwidth.c: the bandwidth of each kernel from the gaps to its neighbours, without sorting.
 *
 * A gap at or below the floor counts as the floor. So the unit interval is cut into cells narrower than the
 * floor: within a cell no gap matters, and only the smallest and the largest place of each cell need their
 * neighbours, which are the largest of the nearest filled cell to the left and the smallest of that to the
 * right.
 */
#include <math.h>

#include "surrogate/internal.h"

typedef struct cell {
    double low, high;     /* the smallest and the largest place; low > high: the cell is empty */
    uint32_t first, last; /* whose they are */
} cell;

static void fill_cells(const double *place, size_t n, cell *cells, size_t n_cells)
{
    for (size_t c = 0; c < n_cells; c++)
        cells[c] = (cell){INFINITY, -INFINITY, 0, 0};
    for (size_t i = 0; i < n; i++) {
        size_t c = (size_t)(place[i] * (double)n_cells);
        cell *home = &cells[c < n_cells ? c : n_cells - 1];
        cell found = *home;
        /* A branch here would be mispredicted half the time. */
        bool lower = __builtin_expect_with_probability(place[i] < found.low, 1, 0.5);
        bool upper = __builtin_expect_with_probability(place[i] >= found.high, 1, 0.5);
        uint32_t of_first = -(uint32_t)lower, of_last = -(uint32_t)upper;
        found.low = place[i] < found.low ? place[i] : found.low;
        found.high = place[i] > found.high ? place[i] : found.high;
        found.first = (found.first & ~of_first) | ((uint32_t)i & of_first);
        found.last = (found.last & ~of_last) | ((uint32_t)i & of_last);
        *home = found;
    }
}

hone_status hn_parzen_bandwidths(hn_arena *scratch, const double *place, size_t n, double floor,
                                 double *sigma, hone_error *err)
{
    size_t n_cells = (size_t)ceil(1.25 / floor);
    cell *cells = hn_arena_scratch(scratch, n_cells, sizeof *cells);
    if (cells == NULL)
        return hn_out_of_memory(err);
    for (size_t i = 0; i < n; i++)
        sigma[i] = floor;
    if (n == 1) /* no neighbour: the distance to the farther end */
        sigma[0] = fmax(floor, fmax(place[0], 1 - place[0]));
    fill_cells(place, n, cells, n_cells);
    const cell *left = NULL;
    for (const cell *right = cells; right < cells + n_cells; right++) {
        if (right->low > right->high)
            continue;
        double gap = left != NULL ? right->low - left->high : 0;
        if (left != NULL && gap > floor) {
            sigma[left->last] = fmax(sigma[left->last], gap);
            sigma[right->first] = fmax(sigma[right->first], gap);
        }
        left = right;
    }
    return HONE_OK;
}
