/* view/axis.h: the range of an axis, its ticks and their labels. Thread-safe. */
#ifndef HN_VIEW_AXIS_H
#define HN_VIEW_AXIS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/number.h"

enum { HN_AXIS_MAX_TICKS = 16 };

typedef struct hn_axis {
    double low, high; /* low < high */
    bool log;         /* then low > 0 */
    size_t n_ticks;
    double ticks[HN_AXIS_MAX_TICKS]; /* ascending, within the range */
    char labels[HN_AXIS_MAX_TICKS][HN_NUMBER_SIZE];
} hn_axis;

/* An axis over [low, high] with about `wanted` ticks at round numbers: 1, 2 or 5 times a power of ten; on a
 * log axis powers of ten, and 2 and 5 times those when there are few. An empty range is widened; a log axis
 * whose low is not positive becomes linear. */
void hn_axis_make(double low, double high, bool log, size_t wanted, hn_axis *axis);
/* The same over seconds since 1970 UTC: ticks at round times, labels are dates or hours. */
void hn_axis_make_time(double low, double high, size_t wanted, hn_axis *axis);
/* Where a value stands: 0 at low, 1 at high. */
double hn_axis_place(const hn_axis *axis, double value);

#endif
