/* Shades, or numbers, over two axes of places. */
#include <math.h>
#include <string.h>

#include "base/number.h"
#include "view/figure_parts.h"
#include "view/figure_range.h"
#include "view/width.h"

enum { SHADES = 5, MOST_LABEL = 16, MOST_CELL = 10, DIGITS = 3 };

static const char *const shades[2][SHADES] = {{" ", "░", "▒", "▓", "█"}, {" ", ".", "+", "*", "#"}};

/* One side of the cells. */
typedef struct side {
    const hn_figure_axis *axis;
    const double *places; /* of an axis without categories */
    size_t n;
} side;

/* The name of a place; text has room for a number. */
static const char *label_of(const side *s, size_t i, char text[HN_NUMBER_SIZE])
{
    if (i < s->axis->n_categories) {
        return s->axis->categories[i];
    }
    hn_format_short(text, s->places ? s->places[i] : (double)i, DIGITS);
    return text;
}

static size_t label_width(const side *s)
{
    size_t width = 0;
    char text[HN_NUMBER_SIZE];
    for (size_t i = 0; i < s->n; i++) {
        size_t size = hn_text_width(label_of(s, i, text));
        width = size > width ? size : width;
    }
    return width < MOST_LABEL ? width : MOST_LABEL;
}

static size_t shade_of(double value, double low, double high)
{
    double share = isfinite(value) && high > low ? (value - low) / (high - low) : 0;
    return (size_t)fmin(fmax(share, 0) * SHADES, SHADES - 1);
}

/* From which value on each shade is drawn: the range cut into equal parts. */
static void add_key(const hn_drawing *drawing, double low, double high)
{
    double step = (high - low) / SHADES;
    size_t used = 0;
    for (size_t s = 0; s < SHADES; s++) {
        char text[HN_NUMBER_SIZE];
        const char *shade = shades[drawing->sink->ascii][s];
        hn_format_fixed(text, low + step * (double)s, hn_decimals_for(step / 2));
        size_t needed = strlen(text) + 7;
        hn_buffer_text(drawing->out, used && used + needed > drawing->width ? "\n" : "");
        used = used + needed > drawing->width ? needed : used + needed;
        hn_buffer_printf(drawing->out, "  [%s%s] %s", shade, shade, text);
    }
    hn_buffer_text(drawing->out, "\n");
}

/* Ends a line, without blanks before its end. */
static void end_line(hn_buffer *out)
{
    while (out->size && out->data[out->size - 1] == ' ') {
        out->data[--out->size] = '\0';
    }
    hn_buffer_char(out, '\n');
}

static void add_labels(const hn_drawing *drawing, const side *x, size_t before, size_t cell)
{
    size_t needed = label_width(x) + 1, each = (needed + cell - 1) / cell;
    char text[HN_NUMBER_SIZE];
    hn_figure_pad(drawing->out, before);
    for (size_t i = 0; i < x->n; i += each) {
        size_t room = each < x->n - i ? each : x->n - i;
        hn_figure_fit(drawing->out, label_of(x, i, text), room * cell - 1, false);
        hn_buffer_char(drawing->out, ' ');
    }
    end_line(drawing->out);
    if (x->axis->title) {
        size_t size = hn_text_width(x->axis->title), all = x->n * cell, room = drawing->width - before;
        hn_figure_pad(drawing->out, before + (size < all ? (all - size) / 2 : 0));
        hn_figure_fit(drawing->out, x->axis->title, size < room ? size : room, false);
        hn_buffer_char(drawing->out, '\n');
    }
}

static void add_number(const hn_drawing *drawing, double value, size_t cell)
{
    char text[HN_NUMBER_SIZE] = "";
    if (isfinite(value)) {
        hn_figure_cell_text(drawing->figure, value, cell > 6 ? 4 : 3, text);
    }
    hn_figure_fit(drawing->out, text, cell - 1, true);
    hn_buffer_char(drawing->out, ' ');
}

static void add_row(const hn_drawing *drawing, size_t row, size_t cell, double low, double high)
{
    const hn_figure_grid *grid = drawing->figure->grid;
    for (size_t column = 0; column < grid->n_x; column++) {
        double value = grid->values[row * grid->n_x + column];
        if (grid->written) {
            add_number(drawing, value, cell);
            continue;
        }
        for (size_t i = 0; i < cell; i++) {
            hn_buffer_text(drawing->out, shades[drawing->sink->ascii][shade_of(value, low, high)]);
        }
    }
    end_line(drawing->out);
}

void hn_figure_draw_cells(const hn_drawing *drawing)
{
    const hn_figure *figure = drawing->figure;
    const side x = {&figure->x, figure->grid->x, figure->grid->n_x};
    const side y = {&figure->y, figure->grid->y, figure->grid->n_y};
    double low, high;
    char text[HN_NUMBER_SIZE];
    size_t labels = label_width(&y), before = labels + 3;
    size_t cell = (drawing->width - before) / (x.n ? x.n : 1);
    size_t most = figure->grid->written && label_width(&x) + 1 > MOST_CELL ? label_width(&x) + 1 : MOST_CELL;
    cell = cell < most ? cell : most;
    cell = cell < 1 ? 1 : cell;
    hn_figure_shade_range(figure, &low, &high);
    if (!figure->grid->written) {
        add_key(drawing, low, high);
    }
    if (figure->y.title) {
        size_t size = hn_text_width(figure->y.title), room = drawing->width - 2;
        hn_figure_pad(drawing->out, 2);
        hn_figure_fit(drawing->out, figure->y.title, size < room ? size : room, false);
        hn_buffer_char(drawing->out, '\n');
    }
    for (size_t row = y.n; row-- > 0;) {
        hn_figure_fit(drawing->out, label_of(&y, row, text), labels, true);
        hn_buffer_text(drawing->out, drawing->sink->ascii ? " | " : " │ ");
        add_row(drawing, row, cell, low, high);
    }
    add_labels(drawing, &x, before, cell);
}
