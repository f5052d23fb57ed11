/* Non-domination ranks by efficient non-dominated sort (Zhang, Tian, Cheng, Jin 2015): in lexicographic order
 * a later point never dominates an earlier one, so that each point goes to the first front without a member
 * that dominates it. */
#include <stdlib.h>

#include "base/memory.h"
#include "history/history.h"

typedef struct candidate {
    double violation;     /* 0 = feasible */
    const double *losses; /* (m,) */
    size_t m;
    size_t index;
} candidate;

/* Feasible ones first in lexicographic order of losses, then the infeasible ones by violation. */
static int compare(const void *left, const void *right)
{
    const candidate *a = left, *b = right;
    if (a->violation != b->violation) {
        return a->violation < b->violation ? -1 : 1;
    }
    for (size_t i = 0; a->violation == 0 && i < a->m; i++) {
        if (a->losses[i] != b->losses[i]) {
            return a->losses[i] < b->losses[i] ? -1 : 1;
        }
    }
    return 0;
}

/* For b not before a in the order and not equal to it. */
static bool dominates(const candidate *a, const candidate *b)
{
    for (size_t i = 0; i < a->m; i++) {
        if (a->losses[i] > b->losses[i]) {
            return false;
        }
    }
    return true;
}

/* With at most two objectives only the smallest last loss of each front counts, and it ascends with the
 * fronts. */
static size_t front_of_two(const double *smallest, size_t n_fronts, double last_loss)
{
    size_t low = 0, high = n_fronts;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (smallest[middle] <= last_loss) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* fronts[k]: the latest candidate of front k, before[i]: the one put before i into the same front, plus 1 (0
 * = none). */
static size_t front_of_many(const candidate *sorted, const size_t *fronts, const size_t *before,
                            size_t n_fronts, size_t i)
{
    for (size_t front = 0; front < n_fronts; front++) {
        size_t member = fronts[front] + 1;
        while (member != 0 && !dominates(&sorted[member - 1], &sorted[i])) {
            member = before[member - 1];
        }
        if (member == 0) {
            return front;
        }
    }
    return n_fronts;
}

/* ranks by index of the candidates; fronts, before: (n,), smallest: (n,) scratch. */
static void rank_sorted(const candidate *sorted, size_t n, size_t *fronts, size_t *before, double *smallest,
                        uint32_t *ranks)
{
    size_t n_fronts = 0;
    for (size_t i = 0; i < n; i++) {
        const candidate *c = &sorted[i];
        size_t front;
        if (i > 0 && compare(c, c - 1) == 0) {
            ranks[c->index] = ranks[c[-1].index];
            continue;
        }
        if (c->violation > 0) {
            front = n_fronts; /* every front so far dominates it */
        } else if (c->m <= 2) {
            front = front_of_two(smallest, n_fronts, c->losses[c->m - 1]);
        } else {
            front = front_of_many(sorted, fronts, before, n_fronts, i);
        }
        before[i] = front < n_fronts ? fronts[front] + 1 : 0;
        fronts[front] = i;
        smallest[front] = c->losses[c->m - 1];
        n_fronts += front == n_fronts;
        ranks[c->index] = (uint32_t)front;
    }
}

hone_status hn_history_pareto_ranks(const hn_history *history, const int64_t *numbers, size_t n,
                                    uint32_t *ranks, hone_error *err)
{
    hone_status status = HONE_OK;
    size_t m = hn_history_objective_count(history);
    candidate *sorted = hn_realloc_array(NULL, n, sizeof *sorted);
    double *losses = hn_realloc_array(NULL, n, m * sizeof *losses); /* (n, m) */
    size_t *fronts = hn_realloc_array(NULL, n, sizeof *fronts);
    size_t *before = hn_realloc_array(NULL, n, sizeof *before);
    double *smallest = hn_realloc_array(NULL, n, sizeof *smallest);
    if (sorted == NULL || losses == NULL || fronts == NULL || before == NULL || smallest == NULL) {
        status = hn_out_of_memory(err);
        goto done;
    }
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < m; j++) {
            losses[i * m + j] = hn_history_loss(history, numbers[i], j);
        }
        sorted[i] = (candidate){.violation = hn_history_violation(history, numbers[i]),
                                .losses = losses + i * m,
                                .m = m,
                                .index = i};
    }
    qsort(sorted, n, sizeof *sorted, compare);
    rank_sorted(sorted, n, fronts, before, smallest, ranks);
done:
    hn_free(sorted);
    hn_free(losses);
    hn_free(fronts);
    hn_free(before);
    hn_free(smallest);
    return status;
}
