#include "view/axis.h"

#include <math.h>

/* 1, 2 or 5 times a power of ten, at least range / wanted. */
static double round_step(double range, size_t wanted)
{
    double raw = range / (double)(wanted ? wanted : 1), power = pow(10, floor(log10(raw)));
    double steps[] = {1, 2, 5, 10};
    size_t i = 0;
    while (i < 3 && steps[i] * power < raw * (1 - 1e-9)) {
        i++;
    }
    return steps[i] * power;
}

static void add_tick(hn_axis *axis, double value, double step)
{
    if (axis->n_ticks < HN_AXIS_MAX_TICKS) {
        hn_format_fixed(axis->labels[axis->n_ticks], value, hn_decimals_for(step));
        axis->ticks[axis->n_ticks++] = value;
    }
}

static void make_linear_ticks(hn_axis *axis, size_t wanted)
{
    double step = round_step(axis->high - axis->low, wanted), slack = step * 1e-9;
    for (double i = ceil((axis->low - slack) / step); i * step <= axis->high + slack; i++) {
        add_tick(axis, i * step, step);
        if (axis->n_ticks == HN_AXIS_MAX_TICKS) {
            break;
        }
    }
}

/* Every `each`-th power of ten, with its multiples by 2 and 5 when `between`. */
static void make_log_ticks(hn_axis *axis, double each, bool between)
{
    static const double multiples[] = {1, 2, 5};
    long first = (long)floor(log10(axis->low) / each), last = (long)floor((log10(axis->high) + 1e-9) / each);
    for (long k = first; k <= last; k++) {
        for (size_t m = 0; m < (between ? 3 : 1); m++) {
            double tick = multiples[m] * pow(10, (double)k * each);
            if (tick >= axis->low * (1 - 1e-9) && tick <= axis->high * (1 + 1e-9)) {
                hn_format_short(axis->labels[axis->n_ticks], tick, 6);
                axis->ticks[axis->n_ticks++] = tick;
            }
            if (axis->n_ticks == HN_AXIS_MAX_TICKS) {
                return;
            }
        }
    }
}

void hn_axis_make(double low, double high, bool log, size_t wanted, hn_axis *axis)
{
    if (!(low < high)) {
        double around = fabs(low) > 0 ? fabs(low) * 0.1 : 1;
        high = low + around;
        low = low > 0 ? low * 0.9 : low - around;
    }
    *axis = (hn_axis){.low = low, .high = high, .log = log && low > 0};
    double decades = axis->log ? log10(high / low) : 0;
    if (axis->log && decades >= 0.7) {
        double each = ceil((decades + 1) / (double)(wanted ? wanted : 1));
        make_log_ticks(axis, each, each == 1 && 3 * decades <= (double)wanted);
    } else {
        make_linear_ticks(axis, wanted);
    }
}

double hn_axis_place(const hn_axis *axis, double value)
{
    return axis->log ? log(value / axis->low) / log(axis->high / axis->low)
                     : (value - axis->low) / (axis->high - axis->low);
}
