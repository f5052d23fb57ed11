#include "draw/figure.h"

#include <math.h>

#include "draw/legend.h"
#include "draw/parallel.h"
#include "draw/series.h"

enum { GAP = 6 };

double hn_draw_paragraph(hn_pen *pen, const char *text, hn_box box, double size, bool bold, int lines)
{
    hn_lettering how = {.size = size,
                        .bold = bold,
                        .width = box.width,
                        .lines = lines,
                        .color = bold ? pen->theme->text : pen->theme->faint};
    double width, height;
    hn_pen_measure(pen, text, &how, &width, &height);
    hn_pen_text(pen, text, box.x, box.y, &how);
    return height + GAP;
}

/* Takes what stands above out of the box. */
static void take_top(hn_box *box, double height)
{
    box->y += height;
    box->height -= height;
}

/* The note, at the lower edge. */
static void take_note(hn_pen *pen, const char *note, hn_box *box)
{
    enum { LINES = 3 };
    hn_lettering how = {
        .size = HN_TEXT_SIZE, .width = box->width, .lines = LINES, .color = pen->theme->faint};
    double width, height;
    hn_pen_measure(pen, note, &how, &width, &height);
    box->height -= height + GAP;
    hn_pen_text(pen, note, box->x, box->y + box->height + GAP, &how);
}

static void draw_empty(hn_pen *pen, const char *text, hn_box box)
{
    hn_lettering how = {.size = HN_TEXT_SIZE + 2,
                        .width = box.width * 0.9,
                        .lines = 4,
                        .across = 0.5,
                        .down = 0.5,
                        .color = pen->theme->faint};
    hn_pen_color(pen, pen->theme->grid, 1);
    pen->library->cairo.rectangle(pen->cr, box.x + 0.5, box.y + 0.5, box.width - 1, box.height - 1);
    pen->library->cairo.set_line_width(pen->cr, 1);
    pen->library->cairo.stroke(pen->cr);
    hn_pen_text(pen, text, box.x + box.width / 2, box.y + box.height / 2, &how);
}

hone_status hn_draw_figure(hn_pen *pen, const hn_figure *figure, hn_box box, hn_panel panel,
                           const double *range_y, hone_error *err)
{
    hn_frame frame;
    if (figure->title) {
        take_top(&box, hn_draw_paragraph(pen, figure->title, box, panel ? HN_TEXT_SIZE + 1 : HN_TITLE_SIZE,
                                         true, panel ? 1 : 2));
    }
    if (figure->note) {
        take_note(pen, figure->note, &box);
    }
    if (figure->empty) {
        draw_empty(pen, figure->empty, box);
        return HONE_OK;
    }
    if (panel == HN_PANEL_WHOLE) {
        double height = hn_draw_legend(pen, figure, 1, box, true);
        hn_draw_legend(pen, figure, 1, box, false);
        take_top(&box, height);
    }
    if (panel != HN_PANEL_PLAIN) {
        double bar = hn_color_bar_width(pen, figure);
        box.width -= bar;
        hn_box beside = {box.x + box.width, box.y + GAP, bar, box.height - (figure->parallel ? 2 : 6) * GAP};
        hn_draw_color_bar(pen, figure, beside);
    }
    if (figure->parallel) {
        return hn_draw_parallel(pen, figure, box, err);
    }
    hn_frame_make(pen, figure, box, range_y, &frame);
    hn_frame_draw(&frame);
    return hn_draw_series(&frame, err);
}
