/* The palette is that of Okabe and Ito, "Color Universal Design" (2008), with black given up for grey,
 * lighter on dark backgrounds; the shades are points of matplotlib's viridis (van der Walt and Smith 2015,
 * CC0). */
#include "draw/theme.h"

#include <math.h>

#define RGB(hex)                                                                                             \
    {                                                                                                        \
        ((hex) >> 16 & 255) / 255.0, ((hex) >> 8 & 255) / 255.0, ((hex)&255) / 255.0                         \
    }

static const hn_theme themes[] = {
    {.background = RGB(0xffffff),
     .text = RGB(0x1f2328),
     .faint = RGB(0x656d76),
     .grid = RGB(0xe7eaee),
     .axis = RGB(0x9aa3ad),
     .failed = RGB(0xc0392b),
     .star = RGB(0xffc83d),
     .palette = {RGB(0x0072b2), RGB(0xe69f00), RGB(0x009e73), RGB(0xd55e00), RGB(0xcc79a7), RGB(0x56b4e9),
                 RGB(0xb8a800), RGB(0x7a7a7a)}},
    {.dark = true,
     .background = RGB(0x14181d),
     .text = RGB(0xe6edf3),
     .faint = RGB(0x9aa5b1),
     .grid = RGB(0x2a313a),
     .axis = RGB(0x66717d),
     .failed = RGB(0xff7b6b),
     .star = RGB(0xffd24d),
     .palette = {RGB(0x56b4e9), RGB(0xe69f00), RGB(0x1fc495), RGB(0xf0743a), RGB(0xdd92bb), RGB(0x4a8fe0),
                 RGB(0xf0e442), RGB(0xa8a8a8)}},
};

const hn_theme *hn_theme_of(bool dark)
{
    return &themes[dark];
}

hn_color hn_color_between(hn_color a, hn_color b, double share)
{
    return (hn_color){a.red + share * (b.red - a.red), a.green + share * (b.green - a.green),
                      a.blue + share * (b.blue - a.blue)};
}

hn_color hn_theme_shade(const hn_theme *theme, double share, int better)
{
    static const hn_color viridis[] = {RGB(0x440154), RGB(0x472c7a), RGB(0x3b518b),
                                       RGB(0x2c718e), RGB(0x21908d), RGB(0x27ad81),
                                       RGB(0x5cc863), RGB(0xaadc32), RGB(0xfde725)};
    enum { LAST = sizeof viridis / sizeof *viridis - 1 };
    double good = fmin(fmax(better < 0 ? 1 - share : share, 0), 1);
    /* the end that would vanish in the background is left out */
    double place = (theme->dark ? 0.14 + 0.86 * good : 0.9 * (1 - good)) * LAST;
    size_t at = place >= LAST ? LAST - 1 : (size_t)place;
    return hn_color_between(viridis[at], viridis[at + 1], place - (double)at);
}

hn_color hn_theme_diverge(const hn_theme *theme, double share)
{
    double away = fmin(fmax(2 * share - 1, -1), 1);
    return hn_color_between(theme->background, away < 0 ? theme->palette[3] : theme->palette[0], fabs(away));
}
