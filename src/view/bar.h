/* view/bar.h: bars of text. Thread-safe. */
#ifndef HN_VIEW_BAR_H
#define HN_VIEW_BAR_H

#include "base/buffer.h"

/* Appends `cells` columns: ━ from share `from` to share `to` (both cut to [0, 1]) of them, blanks elsewhere;
 * half a cell at the end is ╸. ascii: = and -. */
void hn_bar_text(hn_buffer *out, double from, double to, size_t cells, bool ascii);

#endif
