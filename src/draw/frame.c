#include "draw/frame.h"

#include <math.h>

#include "view/figure_range.h"

enum { LINE = 15, GAP = 6, MOST_SLANTED = 120 };

/* --- places --- */

double hn_frame_x(const hn_frame *frame, double value)
{
    return frame->area.x + hn_axis_place(&frame->x, value) * frame->area.width;
}

double hn_frame_y(const hn_frame *frame, double value)
{
    double place = hn_axis_place(&frame->y, value);
    return frame->area.y + (frame->down ? place : 1 - place) * frame->area.height;
}

bool hn_frame_shows(const hn_frame *frame, double x, double y)
{
    return hn_axis_shows(&frame->figure->x, x) && hn_axis_shows(&frame->figure->y, y);
}

double hn_frame_step(const hn_frame *frame, bool of_y)
{
    const hn_axis *axis = of_y ? &frame->y : &frame->x;
    return (of_y ? frame->area.height : frame->area.width) / (axis->high - axis->low);
}

/* --- colours --- */

hn_color hn_frame_shade(const hn_frame *frame, double value)
{
    const hn_figure_axis *axis = &frame->figure->shade;
    const hn_theme *theme = frame->pen->theme;
    if (!hn_axis_shows(axis, value)) {
        return theme->axis;
    }
    if (axis->n_categories && axis->n_categories <= HN_PALETTE) {
        return theme->palette[(size_t)fmax(value, 0) % HN_PALETTE];
    }
    double low = frame->shade_low, high = frame->shade_high;
    double share = axis->log ? log(value / low) / log(high / low) : (value - low) / (high - low);
    return axis->diverging ? hn_theme_diverge(theme, share) : hn_theme_shade(theme, share, axis->better);
}

hn_color hn_frame_paint(const hn_frame *frame, size_t i)
{
    unsigned paint = frame->figure->series[i].paint;
    return frame->pen->theme->palette[(paint ? paint - 1 : i) % HN_PALETTE];
}

/* --- labels --- */

static hn_lettering label_style(const hn_pen *pen)
{
    return (hn_lettering){.size = HN_TEXT_SIZE, .color = pen->theme->faint};
}

static double widest_tick(hn_pen *pen, const hn_axis *axis)
{
    hn_lettering how = label_style(pen);
    double widest = 0, width, height;
    for (size_t i = 0; i < axis->n_ticks; i++) {
        hn_pen_measure(pen, axis->labels[i], &how, &width, &height);
        widest = fmax(widest, width);
    }
    return widest;
}

static double widest_category(hn_pen *pen, const hn_figure_axis *axis, double most)
{
    enum { LOOKED_AT = 400 };
    hn_lettering how = label_style(pen);
    double widest = 0, width, height;
    how.width = most;
    for (size_t i = 0; i < axis->n_categories && i < LOOKED_AT; i++) {
        hn_pen_measure(pen, axis->categories[i], &how, &width, &height);
        widest = fmax(widest, width);
    }
    return fmin(widest, most);
}

/* Every so many categories have room for a label. */
static size_t each_category(double step, double room)
{
    return step >= room ? 1 : (size_t)ceil(room / fmax(step, 1e-6));
}

/* Labels of x stand upright when they do not fit beside each other. */
static bool slants(const hn_frame *frame)
{
    const hn_figure_axis *axis = &frame->figure->x;
    return axis->n_categories &&
           widest_category(frame->pen, axis, MOST_SLANTED) + GAP > hn_frame_step(frame, false);
}

static const char *direction(const hn_figure_axis *axis, bool brief)
{
    return axis->better < 0   ? (brief ? " ↓" : " (smaller is better)")
           : axis->better > 0 ? (brief ? " ↑" : " (larger is better)")
                              : "";
}

/* Title and direction; only an arrow where both do not fit. */
static void add_title(const hn_frame *frame, const hn_figure_axis *axis, double x, double y, double room,
                      double angle)
{
    hn_pen *pen = frame->pen;
    hn_buffer text = HN_BUFFER_INIT;
    hn_lettering how = {
        .size = HN_TEXT_SIZE + 1, .across = 0.5, .down = 0.5, .angle = angle, .color = pen->theme->text};
    double width, height;
    for (int brief = 0; axis->title && brief < 2; brief++) {
        hn_buffer_clear(&text);
        hn_buffer_printf(&text, "%s%s", axis->title, direction(axis, brief));
        hn_pen_measure(pen, hn_buffer_string(&text), &how, &width, &height);
        if (width <= room) {
            break;
        }
    }
    how.width = room;
    if (axis->title) {
        hn_pen_text(pen, hn_buffer_string(&text), x, y, &how);
    }
    pen->text.failed |= hn_buffer_failed(&text);
    hn_buffer_release(&text);
}

/* --- measuring --- */

static bool begins_at_the_top(const hn_figure *figure)
{
    const hn_series *first = figure->n_series ? figure->series : NULL;
    return first &&
           (hn_series_lies(figure, first) || (first->kind == HN_SERIES_INTERVALS && figure->y.n_categories));
}

static double below(const hn_frame *frame)
{
    double title = frame->figure->x.title ? LINE + GAP : 0;
    if (!slants(frame)) {
        return LINE + GAP + title;
    }
    return widest_category(frame->pen, &frame->figure->x, MOST_SLANTED) * 0.71 + LINE + title;
}

void hn_frame_make(hn_pen *pen, const hn_figure *figure, hn_box box, const double *range_y, hn_frame *frame)
{
    enum { ROOM_A_ROW = 42, ROOM_A_COLUMN = 62, LEAST = 20 };
    *frame = (hn_frame){.pen = pen, .figure = figure, .area = box, .down = begins_at_the_top(figure)};
    frame->shaded = hn_figure_shade_range(figure, &frame->shade_low, &frame->shade_high);
    size_t rows = (size_t)fmax(box.height - 2 * LINE, ROOM_A_ROW) / ROOM_A_ROW;
    hn_figure_axis_make(figure, HN_OF_Y, 0.04, rows < 2 ? 2 : rows, &frame->y);
    if (range_y) {
        hn_figure_axis_over(&figure->y, range_y[0], range_y[1], rows < 2 ? 2 : rows, &frame->y);
    }
    frame->labels = figure->y.n_categories ? widest_category(pen, &figure->y, box.width * 0.38)
                                           : widest_tick(pen, &frame->y);
    double left = frame->labels + GAP + (figure->y.title ? LINE + GAP : 0);
    frame->area.x += left;
    frame->area.width = fmax(box.width - left - 2 * GAP, LEAST); /* the last label of x may stand out */
    size_t columns = (size_t)fmax(frame->area.width, ROOM_A_COLUMN) / (figure->x.time ? 100 : ROOM_A_COLUMN);
    hn_figure_axis_make(figure, HN_OF_X, 0.025, columns < 2 ? 2 : columns, &frame->x);
    frame->area.y += GAP;
    frame->area.height = fmax(box.height - below(frame) - GAP, LEAST);
    frame->area.x = hn_pen_snap(pen, frame->area.x);
    frame->area.y = hn_pen_snap(pen, frame->area.y);
}

/* --- drawing --- */

static void add_ticks_of_y(const hn_frame *frame)
{
    hn_pen *pen = frame->pen;
    const hn_box *a = &frame->area;
    hn_lettering how = label_style(pen);
    how.across = 1;
    how.down = 0.5;
    for (size_t i = 0; i < frame->y.n_ticks; i++) {
        double y = hn_pen_snap(pen, hn_frame_y(frame, frame->y.ticks[i])) + 0.5 / pen->scale;
        hn_pen_color(pen, pen->theme->grid, 1);
        hn_pen_line(pen, a->x, y, a->x + a->width, y, 1 / pen->scale, 0);
        hn_pen_text(pen, frame->y.labels[i], a->x - GAP, y, &how);
    }
}

static void add_categories_of_y(const hn_frame *frame, double room)
{
    const hn_figure_axis *axis = &frame->figure->y;
    hn_lettering how = label_style(frame->pen);
    how.across = 1;
    how.down = 0.5;
    how.width = room;
    how.color = frame->pen->theme->text;
    size_t each = each_category(hn_frame_step(frame, true), LINE);
    for (size_t i = 0; i < axis->n_categories; i += each) {
        hn_pen_text(frame->pen, axis->categories[i], frame->area.x - GAP, hn_frame_y(frame, (double)i), &how);
    }
}

/* Labels that would touch the one before them are left out. */
static void add_ticks_of_x(const hn_frame *frame)
{
    hn_pen *pen = frame->pen;
    const hn_box *a = &frame->area;
    hn_lettering how = label_style(pen);
    double end = -1e9, width, height;
    how.across = 0.5;
    for (size_t i = 0; i < frame->x.n_ticks; i++) {
        double x = hn_pen_snap(pen, hn_frame_x(frame, frame->x.ticks[i])) + 0.5 / pen->scale;
        hn_pen_color(pen, pen->theme->grid, 1);
        hn_pen_line(pen, x, a->y, x, a->y + a->height, 1 / pen->scale, 0);
        hn_pen_measure(pen, frame->x.labels[i], &how, &width, &height);
        if (x - width / 2 > end + GAP) {
            hn_pen_text(pen, frame->x.labels[i], x, a->y + a->height + GAP, &how);
            end = x + width / 2;
        }
    }
}

static void add_categories_of_x(const hn_frame *frame)
{
    const hn_figure_axis *axis = &frame->figure->x;
    const hn_box *a = &frame->area;
    hn_lettering how = label_style(frame->pen);
    bool slanted = slants(frame);
    how.color = frame->pen->theme->text;
    how.across = slanted ? 1 : 0.5;
    how.width = MOST_SLANTED;
    how.angle = slanted ? -0.5 : 0;
    size_t each = slanted ? each_category(hn_frame_step(frame, false), LINE) : 1;
    for (size_t i = 0; i < axis->n_categories; i += each) {
        double x = hn_frame_x(frame, (double)i);
        /* never beyond the left edge of the picture */
        how.width = slanted ? fmin(MOST_SLANTED, fmax((x - GAP) / 0.71, 2 * LINE)) : MOST_SLANTED;
        hn_pen_text(frame->pen, axis->categories[i], x + (slanted ? GAP / 2 : 0), a->y + a->height + GAP,
                    &how);
    }
}

void hn_frame_draw(const hn_frame *frame)
{
    const hn_figure *figure = frame->figure;
    hn_pen *pen = frame->pen;
    const hn_box *a = &frame->area;
    if (figure->y.n_categories) {
        add_categories_of_y(frame, frame->labels);
    } else {
        add_ticks_of_y(frame);
    }
    if (figure->x.n_categories) {
        add_categories_of_x(frame);
    } else {
        add_ticks_of_x(frame);
    }
    double bottom = hn_pen_snap(pen, a->y + a->height) + 0.5 / pen->scale;
    hn_pen_color(pen, pen->theme->axis, 1);
    hn_pen_line(pen, a->x, bottom, a->x + a->width, bottom, 1 / pen->scale, 0);
    add_title(frame, &figure->y, a->x - frame->labels - 2 * GAP - LINE / 2.0, a->y + a->height / 2, a->height,
              -1);
    add_title(frame, &figure->x, a->x + a->width / 2, a->y + a->height + below(frame) - LINE / 2.0, a->width,
              0);
}
