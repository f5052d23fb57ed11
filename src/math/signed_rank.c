#include "math/signed_rank.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "math/distribution.h"

enum {
    MOST_EXACT = 50,
    MOST_TIED = 13,
    MOST_SUM = MOST_EXACT * (MOST_EXACT + 1) / 2, /* above that of 2 * 13 * 14 / 2, too */
};

/* Of ranks counted twice, so that those of ties are whole. */
typedef struct ranking {
    int twice[MOST_EXACT]; /* of the differences that are not 0; as long as n <= MOST_EXACT */
    size_t n_nonzero;
    double plus, zero; /* sums of twice the ranks */
    double ties;       /* sum of t^3 - t */
    bool is_tied;      /* or has a 0 */
} ranking;

static int compare_magnitude(const void *a, const void *b)
{
    double x = fabs(*(const double *)a), y = fabs(*(const double *)b);
    return (x > y) - (x < y);
}

static ranking rank_differences(double *d, size_t n)
{
    ranking r = {0};
    qsort(d, n, sizeof *d, compare_magnitude);
    for (size_t i = 0, end; i < n; i = end) {
        for (end = i + 1; end < n && fabs(d[end]) == fabs(d[i]); end++) {
        }
        double size = (double)(end - i), twice = (double)(i + 1 + end);
        r.ties += size * (size * size - 1);
        r.is_tied = r.is_tied || end - i > 1 || d[i] == 0;
        r.zero += d[i] == 0 ? size * twice : 0;
        for (size_t k = i; k < end && d[i] != 0; k++) {
            r.plus += d[k] > 0 ? twice : 0;
            if (n <= MOST_EXACT) {
                r.twice[r.n_nonzero++] = (int)twice;
            }
        }
    }
    return r;
}

/* P(sum of the ranks whose coins show heads <= limit), of n fair coins. */
static double lower_tail(const int *ranks, size_t n, int unit, int limit)
{
    double ways[MOST_SUM + 1], total = 0;
    memset(ways, 0, sizeof ways);
    ways[0] = 1;
    int reached = 0;
    for (size_t i = 0; i < n; i++) {
        int rank = ranks[i] / unit;
        reached = reached + rank < limit ? reached + rank : limit;
        for (int s = reached; s >= rank; s--) {
            ways[s] += ways[s - rank];
        }
    }
    for (int s = 0; s <= limit; s++) {
        total += ways[s];
    }
    return ldexp(total, -(int)n);
}

/* W+ and the sum of the negative ranks are distributed alike: P(W+ >= plus) = P(W+ <= all - plus). The
 * shorter tail is counted. */
static double exact_tail(const ranking *r)
{
    int unit = r->is_tied ? 1 : 2, all = 0, plus = (int)r->plus / unit;
    for (size_t i = 0; i < r->n_nonzero; i++) {
        all += r->twice[i] / unit;
    }
    if (plus == 0) {
        return 1;
    }
    return all - plus < plus ? lower_tail(r->twice, r->n_nonzero, unit, all - plus)
                             : 1 - lower_tail(r->twice, r->n_nonzero, unit, plus - 1);
}

double hn_signed_rank_tail(double *d, size_t n)
{
    ranking r = rank_differences(d, n);
    if (n <= (r.is_tied ? MOST_TIED : MOST_EXACT)) {
        return exact_tail(&r);
    }
    double count = (double)n, w = (r.plus + r.zero / 2) / 2, mean = count * (count + 1) / 4;
    double variance = (count * (count + 1) * (2 * count + 1) - r.ties / 2) / 24;
    return hn_normal_cdf((mean - w) / sqrt(variance));
}
