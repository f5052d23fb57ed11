/* Points. Many are squares of whole pixels, all painted into one image; of marks of many in one place one is
 * drawn. */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "draw/series.h"
#include "view/figure_range.h"

enum { MANY = 10000, COLORS = 64, NO_CLASS = 255, MARGIN = 16 /* pixels */ };

double hn_mark_radius(size_t n)
{
    return n <= 60 ? 4.5 : n <= 300 ? 3.8 : n <= 1500 ? 3 : n <= MANY ? 2 : 1.5;
}

/* Trials without a value that failed or still run stand on the lower edge. */
static bool place_of(const hn_frame *f, const hn_series *s, size_t i, double *x, double *y)
{
    double at_x = hn_series_x(s, i), at_y = hn_series_y(s, i);
    hn_mark mark = s->marks ? (hn_mark)s->marks[i] : HN_MARK_PLAIN;
    bool without = mark == HN_MARK_FAILED || mark == HN_MARK_RUNNING;
    if (!hn_axis_shows(&f->figure->x, at_x) || (!hn_axis_shows(&f->figure->y, at_y) && !without)) {
        return false;
    }
    *x = hn_frame_x(f, at_x);
    *y = hn_axis_shows(&f->figure->y, at_y) ? hn_frame_y(f, at_y) : f->area.y + f->area.height - 4;
    return true;
}

static hn_color color_of(const hn_frame *f, size_t series, size_t i)
{
    const hn_series *s = &f->figure->series[series];
    hn_color color = s->shade ? hn_frame_shade(f, s->shade[i]) : hn_frame_paint(f, series);
    return s->faint ? hn_color_between(color, f->pen->theme->background, 0.6) : color;
}

/* --- many --- */

/* Which of COLORS classes: of numbers even parts of the range, so that the best are painted last. */
static size_t class_of(const hn_frame *f, const hn_series *s, size_t i)
{
    const hn_figure_axis *axis = &f->figure->shade;
    if (!s->shade || !hn_axis_shows(axis, s->shade[i])) {
        return 0;
    }
    if (axis->n_categories) {
        return 1 + (size_t)fmax(s->shade[i], 0) % (COLORS - 1);
    }
    double low = f->shade_low, high = f->shade_high, value = s->shade[i];
    double share = axis->log ? log(value / low) / log(high / low) : (value - low) / (high - low);
    share = axis->better < 0 ? 1 - share : share;
    return 1 + (size_t)(fmin(fmax(share, 0), 1) * (COLORS - 2));
}

static hn_color class_color(const hn_frame *f, size_t series, size_t class)
{
    const hn_series *s = &f->figure->series[series];
    const hn_figure_axis *axis = &f->figure->shade;
    if (!s->shade) {
        return color_of(f, series, 0);
    }
    if (class == 0) {
        return f->pen->theme->axis;
    }
    if (axis->n_categories) {
        return hn_frame_shade(f, (double)(class - 1));
    }
    double share = ((double)class - 0.5) / (COLORS - 1);
    return hn_theme_shade(f->pen->theme, axis->better < 0 ? 1 - share : share, axis->better);
}

static uint32_t pixel_of(hn_color color)
{
    return 0xff000000U | (uint32_t)(color.red * 255 + 0.5) << 16 | (uint32_t)(color.green * 255 + 0.5) << 8 |
           (uint32_t)(color.blue * 255 + 0.5);
}

/* Squares of whole pixels, the later over the earlier; where a goal says what is better, the better over the
 * others. */
static void paint_squares(const hn_frame *f, size_t series, const uint8_t *classes, uint32_t *pixels,
                          size_t width, size_t height)
{
    const hn_series *s = &f->figure->series[series];
    bool sorted = s->shade && f->figure->shade.better;
    long side = (long)ceil(2 * hn_mark_radius(s->n) * f->pen->scale);
    for (size_t class = 0; class < (sorted ? COLORS : 1); class ++) {
        for (size_t i = 0; i < s->n; i++) {
            double x, y;
            if (classes[i] == NO_CLASS || (sorted && classes[i] != class) || !place_of(f, s, i, &x, &y)) {
                continue;
            }
            long left = (long)floor((x - f->area.x) * f->pen->scale + 0.5) + MARGIN - side / 2;
            long top = (long)floor((y - f->area.y) * f->pen->scale + 0.5) + MARGIN - side / 2;
            uint32_t color = pixel_of(class_color(f, series, classes[i]));
            for (long k = 0; k < side * side; k++) {
                long column = left + k % side, row = top + k / side;
                if (column >= 0 && row >= 0 && column < (long)width && row < (long)height) {
                    pixels[(size_t)row * width + (size_t)column] = color;
                }
            }
        }
    }
}

/* Points so many that single ones are not told apart become an image, also in a file without pixels. */
static hone_status draw_many(const hn_frame *f, size_t series, hone_error *err)
{
    const hn_series *s = &f->figure->series[series];
    const hn_cairo *c = &f->pen->library->cairo;
    size_t width = (size_t)ceil(f->area.width * f->pen->scale) + (size_t)2 * MARGIN;
    size_t height = (size_t)ceil(f->area.height * f->pen->scale) + (size_t)2 * MARGIN;
    uint8_t *classes = hn_malloc(s->n);
    uint32_t *pixels = hn_calloc(width * height, sizeof *pixels);
    if (!classes || !pixels) {
        hn_free(classes);
        hn_free(pixels);
        return hn_out_of_memory(err);
    }
    for (size_t i = 0; i < s->n; i++) {
        bool plain = !s->marks || s->marks[i] == HN_MARK_PLAIN;
        classes[i] = plain ? (uint8_t)class_of(f, s, i) : NO_CLASS;
    }
    paint_squares(f, series, classes, pixels, width, height);
    void *image = c->image_surface_create_for_data((unsigned char *)pixels, HN_CAIRO_ARGB32, (int)width,
                                                   (int)height, (int)(width * sizeof *pixels));
    double pixel = 1 / f->pen->scale;
    c->save(f->pen->cr);
    c->translate(f->pen->cr, f->area.x - MARGIN * pixel, f->area.y - MARGIN * pixel);
    c->scale(f->pen->cr, pixel, pixel);
    c->set_source_surface(f->pen->cr, image, 0, 0);
    c->pattern_set_filter(c->get_source(f->pen->cr), HN_CAIRO_FILTER_NEAREST);
    c->paint(f->pen->cr);
    c->restore(f->pen->cr);
    c->surface_finish(image); /* what still needs it has a copy */
    c->surface_destroy(image);
    hn_free(classes);
    hn_free(pixels);
    return HONE_OK;
}

/* --- marks --- */

static void draw_whiskers(const hn_frame *f, size_t series)
{
    enum { CAP = 4 };
    const hn_series *s = &f->figure->series[series];
    hn_pen_color(f->pen, hn_frame_paint(f, series), 1);
    for (size_t i = 0; i < s->n; i++) {
        if (!hn_frame_shows(f, hn_series_x(s, i), s->low[i]) ||
            !hn_frame_shows(f, hn_series_x(s, i), s->high[i])) {
            continue;
        }
        double x = hn_frame_x(f, hn_series_x(s, i)), low = hn_frame_y(f, s->low[i]),
               high = hn_frame_y(f, s->high[i]);
        hn_pen_line(f->pen, x, low, x, high, 1.4, 0);
        hn_pen_line(f->pen, x - CAP, low, x + CAP, low, 1.4, 0);
        hn_pen_line(f->pen, x - CAP, high, x + CAP, high, 1.4, 0);
    }
}

static void draw_marks(const hn_frame *f, size_t series, hn_mark which, double radius)
{
    const hn_series *s = &f->figure->series[series];
    for (size_t i = 0; i < s->n; i++) {
        hn_mark mark = s->marks ? (hn_mark)s->marks[i] : HN_MARK_PLAIN;
        double x, y;
        if (mark == which && place_of(f, s, i, &x, &y)) {
            if (f->figure->grid && mark == HN_MARK_PLAIN) { /* an edge, to be seen on any shade */
                hn_pen_mark(f->pen, mark, x, y, radius + 1, f->pen->theme->background);
            }
            hn_pen_mark(f->pen, mark, x, y, radius, color_of(f, series, i));
        }
    }
}

/* Of marks in one place one is drawn; the best are few. */
static hone_status draw_many_marks(const hn_frame *f, size_t series, hn_mark which, hone_error *err)
{
    const hn_series *s = &f->figure->series[series];
    const double side = 2;
    size_t width = (size_t)ceil(f->area.width / side) + 8, height = (size_t)ceil(f->area.height / side) + 8;
    bool *taken = hn_calloc(width * height, sizeof *taken);
    if (!taken) {
        return hn_out_of_memory(err);
    }
    for (size_t i = 0; i < s->n; i++) {
        double x, y;
        if ((s->marks ? (hn_mark)s->marks[i] : HN_MARK_PLAIN) != which || !place_of(f, s, i, &x, &y)) {
            continue;
        }
        double column = floor((x - f->area.x) / side) + 4, row = floor((y - f->area.y) / side) + 4;
        if (column < 0 || row < 0 || column >= (double)width || row >= (double)height ||
            taken[(size_t)row * width + (size_t)column]) {
            continue;
        }
        taken[(size_t)row * width + (size_t)column] = true;
        hn_pen_mark(f->pen, which, x, y, 2, color_of(f, series, i));
    }
    hn_free(taken);
    return HONE_OK;
}

hone_status hn_draw_points(const hn_frame *f, size_t series, hone_error *err)
{
    const hn_series *s = &f->figure->series[series];
    static const hn_mark order[] = {HN_MARK_FAILED,     HN_MARK_PRUNED, HN_MARK_RUNNING,
                                    HN_MARK_INFEASIBLE, HN_MARK_PLAIN,  HN_MARK_BEST};
    bool many = s->n > MANY;
    hone_status status = HONE_OK;
    if (s->kind == HN_SERIES_POINTS && s->low && s->high && !many) {
        draw_whiskers(f, series);
    }
    for (size_t k = 0; !status && k < sizeof order / sizeof *order; k++) {
        if (!s->marks && order[k] != HN_MARK_PLAIN) {
            continue;
        }
        if (!many || order[k] == HN_MARK_BEST) {
            draw_marks(f, series, order[k], hn_mark_radius(s->n));
        } else if (order[k] == HN_MARK_PLAIN) {
            status = draw_many(f, series, err);
        } else {
            status = draw_many_marks(f, series, order[k], err);
        }
    }
    return status;
}
