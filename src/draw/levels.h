/* draw/levels.h: the levels of contours and of their colour bar. Thread-safe. */
#ifndef HN_DRAW_LEVELS_H
#define HN_DRAW_LEVELS_H

#include "view/axis.h"
#include "view/figure.h"

typedef struct hn_levels {
    size_t n;                             /* bands */
    double from[HN_AXIS_MAX_TICKS + 2];   /* (n + 1,) their boundaries, ascending */
    double middle[HN_AXIS_MAX_TICKS + 1]; /* (n,) whose colour they have */
} hn_levels;

/* Bands between round values over [low, high]. */
void hn_levels_make(const hn_figure_axis *shade, double low, double high, hn_levels *levels);

#endif
