#include "draw/levels.h"

#include <math.h>

#include "view/figure_range.h"

void hn_levels_make(const hn_figure_axis *shade, double low, double high, hn_levels *levels)
{
    enum { WANTED = 12 };
    hn_axis axis;
    hn_figure_axis_over(shade, low, high, WANTED, &axis);
    levels->n = 0;
    levels->from[0] = axis.low;
    for (size_t i = 0; i < axis.n_ticks; i++) {
        if (axis.ticks[i] > axis.low && axis.ticks[i] < axis.high) {
            levels->from[++levels->n] = axis.ticks[i];
        }
    }
    levels->from[++levels->n] = axis.high;
    for (size_t k = 0; k < levels->n; k++) {
        double a = levels->from[k], b = levels->from[k + 1];
        levels->middle[k] = shade->log && a > 0 ? sqrt(a) * sqrt(b) : a / 2 + b / 2;
    }
}
