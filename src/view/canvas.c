#include "view/canvas.h"

#include <math.h>

#include "base/memory.h"

static size_t dots_across(const hn_canvas *canvas)
{
    return canvas->ascii ? 1 : 2;
}

static size_t dots_down(const hn_canvas *canvas)
{
    return canvas->ascii ? 2 : 4;
}

hone_status hn_canvas_init(size_t width, size_t height, bool ascii, hn_canvas *canvas, hone_error *err)
{
    *canvas = (hn_canvas){.width = width, .height = height, .ascii = ascii};
    canvas->cells = hn_calloc(width * height, sizeof *canvas->cells);
    return canvas->cells ? HONE_OK : hn_out_of_memory(err);
}

void hn_canvas_release(hn_canvas *canvas)
{
    hn_free(canvas->cells);
    canvas->cells = NULL;
}

size_t hn_canvas_dots_x(const hn_canvas *canvas)
{
    return canvas->width * dots_across(canvas);
}

size_t hn_canvas_dots_y(const hn_canvas *canvas)
{
    return canvas->height * dots_down(canvas);
}

static void set_dot(hn_canvas *canvas, long x, long y, int paint)
{
    size_t across = dots_across(canvas), down = dots_down(canvas);
    if (x < 0 || y < 0 || x >= (long)hn_canvas_dots_x(canvas) || y >= (long)hn_canvas_dots_y(canvas)) {
        return;
    }
    hn_canvas_cell *cell = &canvas->cells[(size_t)y / down * canvas->width + (size_t)x / across];
    cell->dots |= (uint8_t)(1U << ((size_t)y % down * across + (size_t)x % across));
    cell->paint = (uint8_t)paint;
}

static long dot_of(double place, size_t dots)
{
    double at = floor(place * (double)(dots - 1) + 0.5);
    return at >= -1e6 && at <= 1e6 ? (long)at : -1;
}

void hn_canvas_dot(hn_canvas *canvas, double x, double y, int paint)
{
    set_dot(canvas, dot_of(x, hn_canvas_dots_x(canvas)), dot_of(y, hn_canvas_dots_y(canvas)), paint);
}

void hn_canvas_line(hn_canvas *canvas, double x0, double y0, double x1, double y1, int paint)
{
    double steps = fmax(fabs(x1 - x0) * (double)hn_canvas_dots_x(canvas),
                        fabs(y1 - y0) * (double)hn_canvas_dots_y(canvas));
    if (!(steps < 1e5)) {
        return; /* not finite */
    }
    size_t n = (size_t)fmax(ceil(steps), 1);
    for (size_t i = 0; i <= n; i++) {
        double way = (double)i / (double)n;
        hn_canvas_dot(canvas, x0 + (x1 - x0) * way, y0 + (y1 - y0) * way, paint);
    }
}

void hn_canvas_shade(hn_canvas *canvas, size_t dot_x, double y0, double y1, int paint)
{
    size_t dots = hn_canvas_dots_y(canvas), odd = (size_t)paint % 2;
    if (dot_x % 2 != odd) {
        return;
    }
    for (long y = dot_of(fmax(y0, 0), dots), last = dot_of(fmin(y1, 1), dots); y <= last; y++) {
        if ((size_t)y % 2 == odd) {
            set_dot(canvas, (long)dot_x, y, paint);
        }
    }
}

void hn_canvas_mark(hn_canvas *canvas, double x, double y, const char *mark, int paint)
{
    if (!(x >= 0 && x <= 1 && y >= 0 && y <= 1)) {
        return;
    }
    size_t column = (size_t)dot_of(x, hn_canvas_dots_x(canvas)) / dots_across(canvas);
    size_t row = (size_t)dot_of(y, hn_canvas_dots_y(canvas)) / dots_down(canvas);
    hn_canvas_cell *cell = &canvas->cells[row * canvas->width + column];
    cell->mark = mark;
    cell->paint = (uint8_t)paint;
}

void hn_paint_text(hn_buffer *out, bool color, int paint, const char *text)
{
    /* cyan, yellow, magenta, green, red, blue, then faint */
    static const char *const codes[HN_PAINTS + 2] = {"",         "\033[36m", "\033[33m", "\033[35m",
                                                     "\033[32m", "\033[31m", "\033[34m", "\033[2m"};
    /* near viridis, among the 256 colours of terminals */
    static const int shades[HN_PAINT_SHADES] = {55, 61, 60, 25, 31, 30, 36, 35, 71, 113, 149, 220};
    if (color && paint >= HN_PAINT_SHADE) {
        hn_buffer_printf(out, "\033[38;5;%dm%s\033[0m", shades[paint - HN_PAINT_SHADE], text);
    } else if (color && paint) {
        hn_buffer_printf(out, "%s%s\033[0m", codes[paint], text);
    } else {
        hn_buffer_text(out, text);
    }
}

/* The cell's dots as a character: U+2800 and the bits of its dots in braille's order. */
static void cell_text(const hn_canvas *canvas, const hn_canvas_cell *cell, char text[4])
{
    static const uint8_t bits[] = {0x01, 0x08, 0x02, 0x10, 0x04, 0x20, 0x40, 0x80};
    if (canvas->ascii) {
        text[0] = " '.:"[cell->dots & 3];
        text[1] = '\0';
        return;
    }
    uint32_t code = 0x2800;
    for (size_t i = 0; i < 8; i++) {
        code |= cell->dots >> i & 1 ? bits[i] : 0U;
    }
    text[0] = (char)(0xe0 | code >> 12);
    text[1] = (char)(0x80 | (code >> 6 & 0x3f));
    text[2] = (char)(0x80 | (code & 0x3f));
    text[3] = '\0';
}

void hn_canvas_row(const hn_canvas *canvas, size_t row, bool color, hn_buffer *out)
{
    const hn_canvas_cell *cells = canvas->cells + row * canvas->width;
    size_t width = canvas->width;
    while (width && !cells[width - 1].paint) {
        width--;
    }
    hn_buffer run = HN_BUFFER_INIT; /* cells of one paint are painted together */
    for (size_t i = 0; i < width; i++) {
        char text[4] = " ";
        if (cells[i].dots) {
            cell_text(canvas, &cells[i], text);
        }
        hn_buffer_text(&run, cells[i].mark ? cells[i].mark : text);
        if (i + 1 == width || cells[i + 1].paint != cells[i].paint) {
            hn_paint_text(out, color, cells[i].paint, hn_buffer_string(&run));
            hn_buffer_clear(&run);
        }
    }
    out->failed |= hn_buffer_failed(&run);
    hn_buffer_release(&run);
}
