/* Cells over categories; over numbers filled contours: each cell is four triangles around its middle, over
 * which the value is linear, and of each the part above a level is filled, level upon level. */
#include <math.h>

#include "base/number.h"
#include "draw/levels.h"
#include "draw/series.h"
#include "view/figure_range.h"

typedef struct corner {
    double x, y, value;
} corner;

/* --- contours --- */

/* The part of a triangle where the value is at least `level`. Its corners keep their order. */
static void add_above(const hn_frame *f, const corner triangle[3], double level)
{
    const hn_cairo *c = &f->pen->library->cairo;
    bool begun = false;
    for (int i = 0; i < 3; i++) {
        const corner *a = &triangle[i], *b = &triangle[(i + 1) % 3];
        if (a->value >= level) {
            (begun ? c->line_to : c->move_to)(f->pen->cr, a->x, a->y);
            begun = true;
        }
        if ((a->value >= level) != (b->value >= level)) {
            double share = (level - a->value) / (b->value - a->value);
            (begun ? c->line_to : c->move_to)(f->pen->cr, a->x + share * (b->x - a->x),
                                              a->y + share * (b->y - a->y));
            begun = true;
        }
    }
    if (begun) {
        c->close_path(f->pen->cr);
    }
}

static corner corner_of(const hn_frame *f, size_t column, size_t row)
{
    const hn_figure_grid *g = f->figure->grid;
    double value = g->values[row * g->n_x + column];
    value = !hn_axis_shows(&f->figure->shade, value) ? NAN : f->figure->shade.log ? log(value) : value;
    return (corner){hn_frame_x(f, g->x ? g->x[column] : (double)column),
                    hn_frame_y(f, g->y ? g->y[row] : (double)row), value};
}

static void add_cell(const hn_frame *f, size_t column, size_t row, double level)
{
    const corner around[4] = {corner_of(f, column, row), corner_of(f, column + 1, row),
                              corner_of(f, column + 1, row + 1), corner_of(f, column, row + 1)};
    corner middle = {0, 0, 0};
    for (int i = 0; i < 4; i++) {
        middle.x += around[i].x / 4;
        middle.y += around[i].y / 4;
        middle.value += around[i].value / 4;
    }
    if (isnan(middle.value)) {
        return;
    }
    for (int i = 0; i < 4; i++) {
        const corner triangle[3] = {middle, around[i], around[(i + 1) % 4]};
        add_above(f, triangle, level);
    }
}

static bool is_above(const hn_frame *f, size_t column, size_t row, double level)
{
    return corner_of(f, column, row).value >= level && corner_of(f, column + 1, row).value >= level &&
           corner_of(f, column, row + 1).value >= level && corner_of(f, column + 1, row + 1).value >= level;
}

/* Cells that lie above the level as a whole are one box up to the next that does not. */
static void add_row(const hn_frame *f, size_t row, double level)
{
    size_t n = f->figure->grid->n_x, first = 0;
    for (size_t column = 0; column + 1 < n; column++) {
        bool above = is_above(f, column, row, level);
        if (!above) {
            add_cell(f, column, row, level);
            first = column + 1;
        } else if (column + 2 == n || !is_above(f, column + 1, row, level)) {
            corner a = corner_of(f, first, row), b = corner_of(f, column + 1, row + 1);
            f->pen->library->cairo.rectangle(f->pen->cr, a.x, a.y, b.x - a.x, b.y - a.y);
        }
    }
}

static void draw_contours(const hn_frame *f)
{
    const hn_figure_grid *g = f->figure->grid;
    hn_levels levels;
    hn_levels_make(&f->figure->shade, f->shade_low, f->shade_high, &levels);
    for (size_t k = 0; k < levels.n; k++) {
        double from = k ? levels.from[k] : -INFINITY;
        from = k && f->figure->shade.log ? log(from) : from;
        for (size_t row = 0; row + 1 < g->n_y; row++) {
            add_row(f, row, from);
        }
        hn_pen_color(f->pen, hn_frame_shade(f, levels.middle[k]), 1);
        f->pen->library->cairo.fill(f->pen->cr);
    }
}

/* --- cells --- */

/* Between the middles of neighbours; as wide as the next one at the ends. */
static void sides(const hn_frame *f, const double *places, size_t n, size_t i, bool of_y, double *from,
                  double *to)
{
    double (*place)(const hn_frame *, double) = of_y ? hn_frame_y : hn_frame_x;
    if (!places) {
        *from = place(f, (double)i - 0.5);
        *to = place(f, (double)i + 0.5);
        return;
    }
    double here = place(f, places[i]);
    double before = i ? place(f, places[i - 1]) : NAN, after = i + 1 < n ? place(f, places[i + 1]) : NAN;
    *from = i ? (here + before) / 2 : i + 1 < n ? here - (after - here) / 2 : here - 20;
    *to = i + 1 < n ? (here + after) / 2 : i ? here + (here - before) / 2 : here + 20;
}

/* From the background on: numbers are read, their shades are only a hint. */
static hn_color written_color(const hn_frame *f, double value)
{
    if (f->figure->shade.diverging) {
        return hn_frame_shade(f, value);
    }
    double share = (value - fmin(f->shade_low, 0)) / (f->shade_high - fmin(f->shade_low, 0));
    return hn_color_between(f->pen->theme->background, f->pen->theme->palette[0],
                            0.04 + 0.9 * fmin(fmax(share, 0), 1));
}

static void write_number(const hn_frame *f, double value, hn_color behind, double x, double y, double room)
{
    char text[HN_NUMBER_SIZE];
    double light = 0.3 * behind.red + 0.59 * behind.green + 0.11 * behind.blue, width, height;
    hn_lettering how = {.size = HN_TEXT_SIZE, .across = 0.5, .down = 0.5, .color = {0, 0, 0}};
    how.color = light > 0.55 ? how.color : (hn_color){1, 1, 1};
    hn_figure_cell_text(f->figure, value, 4, text);
    hn_pen_measure(f->pen, text, &how, &width, &height);
    if (width <= room) {
        hn_pen_text(f->pen, text, x, y, &how);
    }
}

static void draw_cells(const hn_frame *f)
{
    const hn_figure_grid *g = f->figure->grid;
    for (size_t i = 0; i < g->n_x * g->n_y; i++) {
        double x0, x1, y0, y1, value = g->values[i];
        if (!hn_axis_shows(&f->figure->shade, value)) {
            continue;
        }
        sides(f, g->x, g->n_x, i % g->n_x, false, &x0, &x1);
        sides(f, g->y, g->n_y, i / g->n_x, true, &y0, &y1);
        x0 = hn_pen_snap(f->pen, x0);
        x1 = hn_pen_snap(f->pen, x1);
        y0 = hn_pen_snap(f->pen, y0);
        y1 = hn_pen_snap(f->pen, y1);
        hn_color color = g->written ? written_color(f, value) : hn_frame_shade(f, value);
        hn_pen_color(f->pen, color, 1);
        hn_pen_fill_box(f->pen, (hn_box){x0, fmin(y0, y1), x1 - x0, fabs(y1 - y0)});
        if (g->written) {
            write_number(f, value, color, (x0 + x1) / 2, (y0 + y1) / 2, x1 - x0 - 2);
        }
    }
}

void hn_draw_grid(const hn_frame *f)
{
    const hn_figure *figure = f->figure;
    bool cells = figure->x.n_categories || figure->y.n_categories || figure->grid->written ||
                 figure->grid->n_x < 2 || figure->grid->n_y < 2;
    if (cells) {
        draw_cells(f);
    } else {
        draw_contours(f);
    }
}
