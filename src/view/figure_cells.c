/* Shades over two axes of categories. */
#include <math.h>
#include <string.h>

#include "base/number.h"
#include "view/figure_parts.h"
#include "view/width.h"

enum { SHADES = 5, MOST_LABEL = 16, MOST_CELL = 10 };

static const char *const shades[2][SHADES] = {{" ", "░", "▒", "▓", "█"}, {" ", ".", "+", "*", "#"}};

static double at(const hn_figure *figure, size_t row, size_t column)
{
    return figure->grid->values[row * figure->grid->n_x + column];
}

static void find_range(const hn_figure *figure, double *low, double *high)
{
    *low = INFINITY;
    *high = -INFINITY;
    for (size_t i = 0; i < figure->grid->n_x * figure->grid->n_y; i++) {
        *low = fmin(*low, figure->grid->values[i]);
        *high = fmax(*high, figure->grid->values[i]);
    }
}

static size_t shade_of(double value, double low, double high)
{
    double share = high > low ? (value - low) / (high - low) : 0;
    size_t shade = (size_t)(fmax(share, 0) * SHADES);
    return shade < SHADES ? shade : SHADES - 1;
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

static size_t label_width(const hn_figure_axis *axis, size_t most)
{
    size_t width = 0;
    for (size_t i = 0; i < axis->n_categories; i++) {
        size_t size = hn_text_width(axis->categories[i]);
        width = size > width ? size : width;
    }
    return width < most ? width : most;
}

static void add_labels(const hn_drawing *drawing, size_t before, size_t cell)
{
    const hn_figure_axis *x = &drawing->figure->x;
    size_t needed = label_width(x, MOST_LABEL) + 1, each = (needed + cell - 1) / cell;
    hn_figure_pad(drawing->out, before);
    for (size_t i = 0; i < x->n_categories; i += each) {
        size_t room = each < x->n_categories - i ? each : x->n_categories - i;
        hn_figure_fit(drawing->out, x->categories[i], room * cell - 1, false);
        hn_buffer_char(drawing->out, ' ');
    }
    hn_buffer_char(drawing->out, '\n');
    if (x->title) {
        size_t size = hn_text_width(x->title), all = x->n_categories * cell;
        hn_figure_pad(drawing->out, before + (size < all ? (all - size) / 2 : 0));
        hn_buffer_printf(drawing->out, "%s\n", x->title);
    }
}

void hn_figure_draw_cells(const hn_drawing *drawing)
{
    const hn_figure *figure = drawing->figure;
    double low, high;
    size_t labels = label_width(&figure->y, MOST_LABEL), before = labels + 3;
    size_t cell = (drawing->width - before) / figure->x.n_categories;
    cell = cell < MOST_CELL ? cell : MOST_CELL;
    cell = cell < 1 ? 1 : cell;
    find_range(figure, &low, &high);
    add_key(drawing, low, high);
    if (figure->y.title) {
        hn_buffer_printf(drawing->out, "  %s\n", figure->y.title);
    }
    for (size_t row = figure->y.n_categories; row-- > 0;) {
        hn_figure_fit(drawing->out, figure->y.categories[row], labels, true);
        hn_buffer_text(drawing->out, drawing->sink->ascii ? " | " : " │ ");
        for (size_t column = 0; column < figure->x.n_categories; column++) {
            size_t shade = shade_of(at(figure, row, column), low, high);
            for (size_t i = 0; i < cell; i++) {
                hn_buffer_text(drawing->out, shades[drawing->sink->ascii][shade]);
            }
        }
        hn_buffer_char(drawing->out, '\n');
    }
    add_labels(drawing, before, cell);
}
