/* Ticks at round times of the clock (UTC). */
#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "view/axis.h"

enum { MINUTE = 60, HOUR = 3600, DAY = 86400 };

/* The smallest round step that gives at most `wanted` ticks. */
static double round_step(double seconds, size_t wanted)
{
    static const double steps[] = {0.1,       0.2,       0.5,        1,          2,          5,          10,
                                   15,        30,        MINUTE,     120,        300,        600,        900,
                                   1800,      HOUR,      2.0 * HOUR, 3 * HOUR,   6 * HOUR,   12 * HOUR,  DAY,
                                   2.0 * DAY, 5.0 * DAY, 10.0 * DAY, 30.0 * DAY, 90.0 * DAY, 365.0 * DAY};
    size_t n = sizeof steps / sizeof *steps, i = 0;
    double raw = seconds / (double)(wanted ? wanted : 1);
    while (i + 1 < n && steps[i] < raw) {
        i++;
    }
    return steps[i] < raw ? ceil(raw / steps[n - 1]) * steps[n - 1] : steps[i];
}

/* The part of "YYYY-MM-DD HH:MM:SS.ffffff" that tells ticks apart. */
static void label(char out[HN_NUMBER_SIZE], double seconds, double step, double range)
{
    char text[HN_DATETIME_SIZE];
    hn_format_datetime(text, (int64_t)floor(seconds * 1e6 + 0.5));
    size_t from = step >= DAY ? 0 : range > DAY ? 5 : 11;
    size_t to = step >= DAY ? 10 : step >= MINUTE ? 16 : step >= 1 ? 19 : 21;
    memcpy(out, text + from, to - from);
    out[to - from] = '\0';
}

void hn_axis_make_time(double low, double high, size_t wanted, hn_axis *axis)
{
    enum { FAR = 250000000 /* seconds, times 1000: years of four digits */ };
    hn_axis_make(low, high, false, wanted, axis);
    double range = axis->high - axis->low;
    if (fabs(axis->low) > FAR * 1000.0 || fabs(axis->high) > FAR * 1000.0 || range < 1e-3) {
        return;
    }
    double step = round_step(range, wanted < HN_AXIS_MAX_TICKS ? wanted : HN_AXIS_MAX_TICKS - 1);
    axis->n_ticks = 0;
    for (double i = ceil(axis->low / step); i * step <= axis->high && axis->n_ticks < HN_AXIS_MAX_TICKS;
         i++) {
        label(axis->labels[axis->n_ticks], i * step, step, range);
        axis->ticks[axis->n_ticks++] = i * step;
    }
}
