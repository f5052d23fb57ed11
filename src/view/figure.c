#include "view/figure.h"

#include <string.h>

#include "view/figure_parts.h"
#include "view/table.h"
#include "view/width.h"

enum { USUAL_WIDTH = 80, LEAST_WIDTH = 40, MOST_WIDTH = 160 };

void hn_figure_pad(hn_buffer *out, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        hn_buffer_char(out, ' ');
    }
}

void hn_figure_fit(hn_buffer *out, const char *text, size_t width, bool right)
{
    hn_buffer clean = HN_BUFFER_INIT;
    hn_text_clean(&clean, text);
    text = hn_buffer_string(&clean);
    size_t size = hn_text_fit(text, width), used = hn_text_width(text);
    used = used < width ? used : width;
    if (right) {
        hn_figure_pad(out, width - used);
    }
    hn_buffer_append(out, text, size);
    if (!right) {
        hn_figure_pad(out, width - used);
    }
    out->failed |= hn_buffer_failed(&clean);
    hn_buffer_release(&clean);
}

void hn_figure_title(const hn_figure_axis *axis, hn_buffer *out)
{
    if (axis->title) {
        hn_text_clean(out, axis->title);
        hn_buffer_text(out, axis->better < 0   ? " (smaller is better)"
                            : axis->better > 0 ? " (larger is better)"
                                               : "");
    }
}

static void add_paragraph(const hn_drawing *drawing, const char *text, hn_style style)
{
    hn_buffer wrapped = HN_BUFFER_INIT, clean = HN_BUFFER_INIT;
    hn_text_clean(&clean, text);
    hn_text_wrap(&wrapped, hn_buffer_string(&clean), 0, drawing->width);
    if (wrapped.size) {
        wrapped.data[--wrapped.size] = '\0'; /* the style ends before the newline */
    }
    hn_style_text(drawing->out, drawing->sink->color, style, hn_buffer_string(&wrapped));
    hn_buffer_char(drawing->out, '\n');
    drawing->out->failed |= hn_buffer_failed(&wrapped) || hn_buffer_failed(&clean);
    hn_buffer_release(&wrapped);
    hn_buffer_release(&clean);
}

static size_t width_of(const hone_sink *sink)
{
    size_t width = hn_sink_width(sink);
    width = !width ? USUAL_WIDTH : width < LEAST_WIDTH ? LEAST_WIDTH : width;
    return width < MOST_WIDTH ? width : MOST_WIDTH;
}

hone_status hn_figure_draw(const hn_figure *figure, const hone_sink *sink, hone_error *err)
{
    hn_buffer out = HN_BUFFER_INIT;
    hn_drawing drawing = {figure, sink, width_of(sink), &out};
    hone_status status = HONE_OK;
    if (figure->title) {
        add_paragraph(&drawing, figure->title, HN_STYLE_STRONG);
    }
    if (figure->empty) {
        hn_figure_pad(&out, 2);
        add_paragraph(&drawing, figure->empty, HN_STYLE_FAINT);
    } else if (figure->parallel) {
        status = hn_figure_draw_parallel(&drawing, err);
    } else if (figure->grid && (figure->x.n_categories || figure->y.n_categories || figure->grid->written ||
                                figure->grid->n_x < 2 || figure->grid->n_y < 2)) {
        hn_figure_draw_cells(&drawing);
    } else if (figure->n_series && figure->series[0].kind == HN_SERIES_BARS &&
               (figure->x.n_categories || figure->y.n_categories)) {
        hn_figure_draw_bars(&drawing);
    } else {
        status = hn_figure_draw_lines(&drawing, err);
    }
    if (figure->note) {
        hn_buffer_char(&out, '\n');
        add_paragraph(&drawing, figure->note, HN_STYLE_PLAIN);
    }
    if (!status) {
        status = hn_sink_write(sink, &out, err);
    }
    hn_buffer_release(&out);
    return status;
}

hone_status hn_page_draw(const hn_page *page, const hone_sink *sink, hone_error *err)
{
    hn_buffer out = HN_BUFFER_INIT;
    hn_drawing drawing = {NULL, sink, width_of(sink), &out};
    hone_status status = HONE_OK;
    if (page->title) {
        add_paragraph(&drawing, page->title, HN_STYLE_STRONG);
        hn_buffer_char(&out, '\n');
        status = hn_sink_write(sink, &out, err);
    }
    for (size_t i = 0; !status && i < page->n_figures; i++) {
        hn_buffer_clear(&out);
        hn_buffer_text(&out, i ? "\n" : "");
        status = hn_sink_write(sink, &out, err);
        if (!status) {
            status = hn_figure_draw(&page->figures[i], sink, err);
        }
    }
    if (!status && page->note) {
        hn_buffer_clear(&out);
        hn_buffer_char(&out, '\n');
        add_paragraph(&drawing, page->note, HN_STYLE_PLAIN);
        status = hn_sink_write(sink, &out, err);
    }
    hn_buffer_release(&out);
    return status;
}
