/* A page as a picture: the grid of figures on a surface of cairo. */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "draw/draw.h"
#include "draw/figure.h"
#include "draw/frame.h"
#include "draw/legend.h"
#include "draw/svg.h"
#include "view/figure_range.h"

enum {
    MARGIN = 16,
    USUAL_WIDTH = 900,
    USUAL_HEIGHT = 540,
    PANEL_WIDTH = 330,
    PANEL_HEIGHT = 250,
    ROW_HEIGHT = 18
};

typedef struct layout {
    size_t columns, rows;
    double width, height;
    bool together;  /* one legend for all */
    bool one_range; /* and one colour bar, over the shades of all: */
    double shade_low, shade_high;
} layout;

/* --- how large --- */

/* Rows of categories that want more room than a figure usually has. */
static double wanted_height(const hn_figure *figure)
{
    enum { MOST = 2400, AROUND = 140 };
    double rows = (double)figure->y.n_categories * ROW_HEIGHT + AROUND;
    return fmin(fmax(USUAL_HEIGHT, rows), MOST);
}

static double wanted_width(const hn_figure *figure)
{
    enum { MOST = 2400, AXIS = 42, AROUND = 160, BAR = 16 };
    double width = USUAL_WIDTH;
    if (figure->parallel) {
        width = fmax(width, (double)figure->parallel->n_axes * AXIS + AROUND);
    }
    return fmin(fmax(width, (double)figure->x.n_categories * BAR + AROUND), MOST);
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && !strcmp(a, b));
}

/* Shades that mean the same in all figures have one range. */
static void join_shades(const hn_page *page, layout *l)
{
    l->one_range = l->together;
    l->shade_low = INFINITY;
    l->shade_high = -INFINITY;
    for (size_t i = 0; i < page->n_figures; i++) {
        const hn_figure *figure = &page->figures[i];
        double low, high;
        l->one_range = l->one_range && same_text(figure->shade.title, page->figures[0].shade.title) &&
                       figure->shade.log == page->figures[0].shade.log;
        if (hn_figure_shade_range(figure, &low, &high)) {
            l->shade_low = fmin(l->shade_low, low);
            l->shade_high = fmax(l->shade_high, high);
        }
    }
    l->one_range = l->one_range && l->shade_low < l->shade_high;
}

/* A figure as it is drawn among the others. */
static hn_figure as_panel(const hn_page *page, const layout *l, size_t i)
{
    hn_figure figure = page->figures[i];
    if (l->one_range && !figure.shade.n_categories) {
        figure.shade.low = l->shade_low;
        figure.shade.high = l->shade_high;
    }
    if (page->same_y && i % l->columns) {
        figure.y.title = NULL; /* the first of the row says it */
    }
    return figure;
}

static layout lay_out(const hn_page *page, const hn_draw_options *o)
{
    layout l = {.columns = page->columns, .together = page->n_figures > 1};
    size_t n = page->n_figures ? page->n_figures : 1;
    if (!l.columns) {
        l.columns = (size_t)ceil(sqrt((double)n));
        l.columns = l.columns > 4 ? 4 : l.columns;
    }
    l.columns = l.columns > n ? n : l.columns;
    l.rows = (n + l.columns - 1) / l.columns;
    l.width = fmax(USUAL_WIDTH, (double)l.columns * PANEL_WIDTH);
    l.height = fmax(USUAL_HEIGHT, (double)l.rows * PANEL_HEIGHT + 90);
    if (page->n_figures == 1) {
        l.width = wanted_width(page->figures);
        l.height = wanted_height(page->figures);
    }
    join_shades(page, &l);
    l.width = o->width > 0 ? o->width : l.width;
    l.height = o->height > 0 ? o->height : l.height;
    return l;
}

static hone_status check_size(const layout *l, double scale, hone_error *err)
{
    enum { LEAST = 120, MOST = 20000, MOST_PIXELS = 100000000 };
    if (!(l->width >= LEAST && l->width <= MOST && l->height >= LEAST && l->height <= MOST)) {
        return hn_fail(err, HONE_INVALID, "a figure is from %d to %d wide and high", LEAST, MOST);
    }
    if (!(scale >= 0.1 && scale <= 20)) {
        return hn_fail(err, HONE_INVALID, "scale: from 0.1 to 20 pixels a unit");
    }
    if (l->width * scale > 32000 || l->height * scale > 32000 ||
        l->width * l->height * scale * scale > MOST_PIXELS) {
        return hn_fail(err, HONE_INVALID,
                       "a PNG has at most %d million pixels, and 32000 a side: ask for less",
                       MOST_PIXELS / 1000000);
    }
    return HONE_OK;
}

/* --- the page --- */

static void common_range(const hn_page *page, double range[2])
{
    hn_axis axis;
    range[0] = INFINITY;
    range[1] = -INFINITY;
    for (size_t i = 0; i < page->n_figures; i++) {
        hn_figure_axis_make(&page->figures[i], HN_OF_Y, 0.04, 3, &axis);
        if (!page->figures[i].empty) {
            range[0] = fmin(range[0], axis.low);
            range[1] = fmax(range[1], axis.high);
        }
    }
}

static hone_status draw_panels(hn_pen *pen, const hn_page *page, const layout *l, hn_box box, hone_error *err)
{
    enum { BETWEEN = 18 };
    double range[2], width = (box.width - BETWEEN * (double)(l->columns - 1)) / (double)l->columns;
    double height = (box.height - BETWEEN * (double)(l->rows - 1)) / (double)l->rows;
    hone_status status = HONE_OK;
    common_range(page, range);
    for (size_t i = 0; !status && i < page->n_figures; i++) {
        size_t column = i % l->columns, row = i / l->columns;
        hn_box panel = {box.x + (double)column * (width + BETWEEN), box.y + (double)row * (height + BETWEEN),
                        width, height};
        bool common = page->same_y && range[0] < range[1];
        hn_figure figure = as_panel(page, l, i);
        status =
            hn_draw_figure(pen, &figure, panel,
                           l->together ? l->one_range ? HN_PANEL_PLAIN : HN_PANEL_SHADED : HN_PANEL_WHOLE,
                           common ? range : NULL, err);
    }
    return status;
}

static hone_status draw(hn_pen *pen, const hn_page *page, const layout *l, hone_error *err)
{
    hn_box box = {MARGIN, MARGIN, l->width - 2 * MARGIN, l->height - 2 * MARGIN};
    hn_pen_color(pen, pen->theme->background, 1);
    pen->library->cairo.paint(pen->cr);
    if (page->title) {
        double height = hn_draw_paragraph(pen, page->title, box, HN_TITLE_SIZE, true, 2);
        box.y += height;
        box.height -= height;
    }
    if (page->note) {
        hn_lettering how = {.size = HN_TEXT_SIZE, .width = box.width, .lines = 3, .color = pen->theme->faint};
        double width, height;
        hn_pen_measure(pen, page->note, &how, &width, &height);
        box.height -= height + MARGIN / 2.0;
        hn_pen_text(pen, page->note, box.x, box.y + box.height + MARGIN / 2.0, &how);
    }
    if (l->together) {
        double height = hn_draw_legend(pen, page->figures, page->n_figures, box, true);
        hn_draw_legend(pen, page->figures, page->n_figures, box, false);
        box.y += height;
        box.height -= height;
    }
    if (l->one_range) {
        hn_figure first = as_panel(page, l, 0);
        double bar = hn_color_bar_width(pen, &first);
        box.width -= bar;
        hn_draw_color_bar(pen, &first, (hn_box){box.x + box.width, box.y, bar, box.height});
    }
    return draw_panels(pen, page, l, box, err);
}

/* --- surfaces --- */

static int take(void *closure, const unsigned char *data, unsigned size)
{
    hn_buffer *out = closure;
    hn_buffer_append(out, data, size);
    return hn_buffer_failed(out) ? HN_CAIRO_WRITE_ERROR : 0;
}

static void *make_surface(const hn_cairo *c, hn_draw_format format, const layout *l, double scale,
                          hn_buffer *out)
{
    void *surface;
    switch (format) {
    case HN_DRAW_SVG:
        surface = c->svg_surface_create_for_stream(take, out, l->width, l->height);
        c->svg_surface_set_document_unit(surface, HN_CAIRO_SVG_UNIT_PX);
        return surface;
    case HN_DRAW_PDF: return c->pdf_surface_create_for_stream(take, out, l->width * 0.75, l->height * 0.75);
    case HN_DRAW_PNG: break;
    }
    return c->image_surface_create(HN_CAIRO_ARGB32, (int)ceil(l->width * scale),
                                   (int)ceil(l->height * scale));
}

static hone_status judge(const hn_cairo *c, int status, hone_error *err)
{
    if (status == HN_CAIRO_NO_MEMORY || status == HN_CAIRO_WRITE_ERROR) {
        return hn_out_of_memory(err);
    }
    return status ? hn_fail(err, HONE_INTERNAL, "cairo says: %s", c->status_to_string(status)) : HONE_OK;
}

/* Pictures of PDF files are 72 units an inch. */
static double unit(hn_draw_format format, double scale)
{
    return format == HN_DRAW_PNG ? scale : format == HN_DRAW_PDF ? 0.75 : 1;
}

static hone_status draw_on(const hn_drawing_library *library, void *surface, const hn_page *page,
                           const layout *l, const hn_draw_options *o, double scale, double pixels,
                           hone_error *err)
{
    const hn_cairo *c = &library->cairo;
    hn_pen pen = {.library = library, .theme = hn_theme_of(o->dark), .scale = pixels};
    pen.cr = c->create(surface);
    c->scale(pen.cr, scale, scale);
    pen.layout = library->pango_cairo.create_layout(pen.cr);
    pen.font = library->pango.font_description_new();
    library->pango.font_description_set_family(pen.font, "Noto Sans, DejaVu Sans, sans-serif");
    hone_status status = draw(&pen, page, l, err);
    if (!status && hn_buffer_failed(&pen.text)) {
        status = hn_out_of_memory(err);
    }
    if (!status) {
        status = judge(c, c->status(pen.cr), err);
    }
    library->pango.font_description_free(pen.font);
    library->glib.object_unref(pen.layout);
    c->destroy(pen.cr);
    hn_buffer_release(&pen.text);
    return status;
}

hone_status hn_draw_page(const hn_page *page, hn_draw_format format, const hn_draw_options *options,
                         const char *id, hn_buffer *out, hone_error *err)
{
    const hn_drawing_library *library;
    layout l = lay_out(page, options);
    hn_buffer bytes = HN_BUFFER_INIT;
    double scale = format == HN_DRAW_PNG && options->scale > 0 ? options->scale : 2;
    double pixels = format == HN_DRAW_PNG ? scale : 2; /* as fine as most screens */
    hone_status status = check_size(&l, format == HN_DRAW_PNG ? scale : 1, err);
    status = status ? status : hn_drawing_library_load(&library, err);
    if (status) {
        return status;
    }
    const hn_cairo *c = &library->cairo;
    void *surface = make_surface(c, format, &l, scale, &bytes);
    status = draw_on(library, surface, page, &l, options, unit(format, scale), pixels, err);
    if (!status && format == HN_DRAW_PNG) {
        status = judge(c, c->surface_write_to_png_stream(surface, take, &bytes), err);
    }
    c->surface_finish(surface);
    if (!status) {
        status = judge(c, c->surface_status(surface), err);
    }
    c->surface_destroy(surface);
    if (!status && format == HN_DRAW_SVG) {
        hn_svg_own(&bytes, id ? id : "hone", out);
    } else if (!status) {
        hn_buffer_append(out, bytes.data, bytes.size);
    }
    status = !status && hn_buffer_failed(out) ? hn_out_of_memory(err) : status;
    hn_buffer_release(&bytes);
    return status;
}

hone_status hn_draw_format_of(const char *path, hn_draw_format *format, hone_error *err)
{
    static const char *const endings[] = {".png", ".svg", ".pdf"};
    size_t size = strlen(path);
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        if (size > 4 && !strcmp(path + size - 4, endings[i])) {
            *format = (hn_draw_format)i;
            return HONE_OK;
        }
    }
    return hn_fail(err, HONE_INVALID, "'%.200s' ends in none of .png, .svg, .pdf: which format?", path);
}
