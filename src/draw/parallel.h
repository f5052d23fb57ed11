/* draw/parallel.h: axes side by side with a line a row. One thread at a time. */
#ifndef HN_DRAW_PARALLEL_H
#define HN_DRAW_PARALLEL_H

#include "draw/frame.h"

hone_status hn_draw_parallel(hn_pen *pen, const hn_figure *figure, hn_box box, hone_error *err);

#endif
