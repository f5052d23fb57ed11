/* draw/theme.h: colours. Thread-safe. */
#ifndef HN_DRAW_THEME_H
#define HN_DRAW_THEME_H

#include <stdbool.h>
#include <stddef.h>

typedef struct hn_color {
    double red, green, blue; /* [0, 1] */
} hn_color;

enum { HN_PALETTE = 8 };

typedef struct hn_theme {
    bool dark;
    hn_color background, text, faint, grid, axis, failed, star;
    hn_color palette[HN_PALETTE]; /* of series: told apart by the colour-blind, too */
} hn_theme;

const hn_theme *hn_theme_of(bool dark);
/* The colour of a share in [0, 1] of a range, of even steps in lightness; what is better (better as in
 * hn_figure_axis; without it, what is larger) stands out from the background. */
hn_color hn_theme_shade(const hn_theme *theme, double share, int better);
/* The same of a range whose middle is neither: vermilion, the background, blue. */
hn_color hn_theme_diverge(const hn_theme *theme, double share);
/* a at share 0, b at share 1. */
hn_color hn_color_between(hn_color a, hn_color b, double share);

#endif
