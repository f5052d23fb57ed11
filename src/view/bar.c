#include "view/bar.h"

#include <math.h>

static double cut(double share)
{
    return fmin(fmax(share, 0), 1);
}

void hn_bar_text(hn_buffer *out, double from, double to, size_t cells, bool ascii)
{
    size_t first = (size_t)(cut(from) * (double)cells), halves = (size_t)(cut(to) * (double)(2 * cells));
    for (size_t i = 0; i < cells; i++) {
        bool whole = 2 * i + 2 <= halves, half = 2 * i + 1 == halves;
        hn_buffer_text(out, i < first ? " " : whole ? (ascii ? "=" : "━") : half ? (ascii ? "-" : "╸") : " ");
    }
}
