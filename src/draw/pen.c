#include "draw/pen.h"

#include <math.h>

#include "view/width.h"

/* --- texts --- */

static void set_text(hn_pen *pen, const char *text, const hn_lettering *how)
{
    const hn_pango *p = &pen->library->pango;
    hn_buffer_clear(&pen->text);
    hn_text_clean(&pen->text, text);
    p->font_description_set_absolute_size(pen->font, how->size * HN_PANGO_SCALE);
    p->font_description_set_weight(pen->font, how->bold ? HN_PANGO_WEIGHT_BOLD : HN_PANGO_WEIGHT_NORMAL);
    p->layout_set_font_description(pen->layout, pen->font);
    p->layout_set_text(pen->layout, hn_buffer_string(&pen->text), (int)pen->text.size);
    p->layout_set_width(pen->layout, how->width > 0 ? (int)(fmin(how->width, 1e5) * HN_PANGO_SCALE) : -1);
    p->layout_set_height(pen->layout, how->lines > 1 ? -how->lines : -1);
    p->layout_set_wrap(pen->layout, HN_PANGO_WRAP_WORD_CHAR);
    p->layout_set_ellipsize(pen->layout, how->width > 0 ? HN_PANGO_ELLIPSIZE_END : 0);
    pen->library->pango_cairo.update_layout(pen->cr, pen->layout);
}

static hn_box extents(hn_pen *pen)
{
    hn_pango_rectangle r;
    pen->library->pango.layout_get_extents(pen->layout, NULL, &r);
    double unit = HN_PANGO_SCALE;
    return (hn_box){r.x / unit, r.y / unit, r.width / unit, r.height / unit};
}

void hn_pen_measure(hn_pen *pen, const char *text, const hn_lettering *how, double *width, double *height)
{
    set_text(pen, text, how);
    hn_box box = extents(pen);
    *width = box.width;
    *height = box.height;
}

void hn_pen_text(hn_pen *pen, const char *text, double x, double y, const hn_lettering *how)
{
    const hn_cairo *c = &pen->library->cairo;
    set_text(pen, text, how);
    hn_box box = extents(pen);
    c->save(pen->cr);
    c->translate(pen->cr, x, y);
    if (how->angle != 0) {
        c->rotate(pen->cr, how->angle * 1.5707963267948966);
    }
    hn_pen_color(pen, how->color, 1);
    /* text from the right to the left stands at the right of the width it was given */
    c->move_to(pen->cr, -box.x - how->across * box.width, -box.y - how->down * box.height);
    pen->library->pango_cairo.show_layout(pen->cr, pen->layout);
    c->restore(pen->cr);
}

/* --- shapes --- */

void hn_pen_color(hn_pen *pen, hn_color color, double alpha)
{
    pen->library->cairo.set_source_rgba(pen->cr, color.red, color.green, color.blue, alpha);
}

double hn_pen_snap(const hn_pen *pen, double place)
{
    return floor(place * pen->scale + 0.5) / pen->scale;
}

void hn_pen_line(hn_pen *pen, double x0, double y0, double x1, double y1, double width, double dash)
{
    const hn_cairo *c = &pen->library->cairo;
    c->set_line_width(pen->cr, width);
    c->set_dash(pen->cr, &dash, dash > 0, 0);
    c->move_to(pen->cr, x0, y0);
    c->line_to(pen->cr, x1, y1);
    c->stroke(pen->cr);
    c->set_dash(pen->cr, NULL, 0, 0);
}

void hn_pen_fill_box(hn_pen *pen, hn_box box)
{
    pen->library->cairo.rectangle(pen->cr, box.x, box.y, box.width, box.height);
    pen->library->cairo.fill(pen->cr);
}

static void polygon(hn_pen *pen, double x, double y, double radius, int corners, double inner, double turn)
{
    const hn_cairo *c = &pen->library->cairo;
    int n = inner > 0 ? 2 * corners : corners;
    for (int i = 0; i < n; i++) {
        double r = inner > 0 && i % 2 ? radius * inner : radius;
        double angle = 2 * 3.14159265358979312 * i / n + turn;
        (i ? c->line_to : c->move_to)(pen->cr, x + r * sin(angle), y - r * cos(angle));
    }
    c->close_path(pen->cr);
}

static void circle(hn_pen *pen, double x, double y, double radius)
{
    pen->library->cairo.new_sub_path(pen->cr);
    pen->library->cairo.arc(pen->cr, x, y, radius, 0, 2 * 3.14159265358979312);
}

/* The background inside, so that it is seen over others. */
static void hollow(hn_pen *pen, hn_color color)
{
    const hn_cairo *c = &pen->library->cairo;
    hn_pen_color(pen, pen->theme->background, 0.75);
    c->fill_preserve(pen->cr);
    hn_pen_color(pen, color, 1);
    c->set_line_width(pen->cr, 1.4);
    c->stroke(pen->cr);
}

static void cross(hn_pen *pen, double x, double y, double radius)
{
    double arm = radius * 0.9;
    hn_pen_line(pen, x - arm, y - arm, x + arm, y + arm, 1.6, 0);
    hn_pen_line(pen, x - arm, y + arm, x + arm, y - arm, 1.6, 0);
}

void hn_pen_mark(hn_pen *pen, hn_mark mark, double x, double y, double radius, hn_color color)
{
    const hn_cairo *c = &pen->library->cairo;
    switch (mark) {
    case HN_MARK_BEST:
        polygon(pen, x, y, fmax(radius * 2.2, 6.5), 5, 0.45, 0);
        hn_pen_color(pen, pen->theme->star, 1);
        c->fill_preserve(pen->cr);
        hn_pen_color(pen, pen->theme->text, 1);
        c->set_line_width(pen->cr, 1.2);
        c->stroke(pen->cr);
        return;
    case HN_MARK_PRUNED:
        polygon(pen, x, y, radius * 1.3, 3, 0, 3.14159265358979312);
        hollow(pen, color);
        return;
    case HN_MARK_FAILED:
        hn_pen_color(pen, pen->theme->failed, 1);
        cross(pen, x, y, radius);
        return;
    case HN_MARK_RUNNING:
        circle(pen, x, y, radius);
        hollow(pen, color);
        return;
    case HN_MARK_INFEASIBLE:
        polygon(pen, x, y, radius * 1.3, 4, 0, 0);
        hollow(pen, color);
        return;
    case HN_MARK_PLAIN:
    case HN_MARK_COUNT: break;
    }
    hn_pen_color(pen, color, 0.85);
    circle(pen, x, y, radius);
    c->fill(pen->cr);
}
