/* view/figure_range.h: the ranges of a figure's axes, and which series are where. Thread-safe. */
#ifndef HN_VIEW_FIGURE_RANGE_H
#define HN_VIEW_FIGURE_RANGE_H

#include "base/number.h"
#include "view/axis.h"
#include "view/figure.h"

/* Beyond it differences would not be finite. */
#define HN_AXIS_MOST 1e300

typedef enum hn_direction_of { HN_OF_X, HN_OF_Y } hn_direction_of;

/* Bars that lie: y is the axis with categories. */
bool hn_series_lies(const hn_figure *figure, const hn_series *series);
/* Can a value be drawn on an axis? */
bool hn_axis_shows(const hn_figure_axis *axis, double value);
/* The range that an axis is given, or that of what is drawn: points, bands, ends, bars from 0 on (stacked
 * ones on each other), grid, rules; of categories from -0.5 on. low < high, also of nothing, and high - low
 * is finite. */
void hn_figure_range(const hn_figure *figure, hn_direction_of of, double *low, double *high);
/* That of the shades. False when there are none. */
bool hn_figure_shade_range(const hn_figure *figure, double *low, double *high);
/* A number as it stands in a cell: with the decimals that suit the shades' axis where that is given its
 * range, else of so many digits. */
void hn_figure_cell_text(const hn_figure *figure, double value, int digits, char text[HN_NUMBER_SIZE]);
/* As hn_axis_make with the room beyond a range that keeps marks from the edge (a share of it; none where the
 * axis is given its range or has categories); of times the labels are dates and hours. */
void hn_figure_axis_make(const hn_figure *figure, hn_direction_of of, double room, size_t wanted,
                         hn_axis *axis);
/* One axis alone over [low, high]. */
void hn_figure_axis_over(const hn_figure_axis *of, double low, double high, size_t wanted, hn_axis *axis);

#endif
