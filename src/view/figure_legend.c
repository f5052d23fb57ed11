/* What colours and characters of a drawing on a terminal mean. */
#include <math.h>

#include "base/number.h"
#include "view/figure_parts.h"
#include "view/figure_range.h"
#include "view/width.h"

enum { SHADES = 5, MOST_TITLE = 24 };

const char *hn_figure_mark(const hn_drawing *drawing, size_t i)
{
    static const char *const marks[2][HN_PAINTS] = {{"●", "○", "◆", "◇", "▲", "△"},
                                                    {"o", "x", "*", "+", "#", "@"}};
    return marks[drawing->sink->ascii][i % HN_PAINTS];
}

const char *hn_figure_state_mark(const hn_drawing *drawing, hn_mark mark, int *paint)
{
    static const char *const marks[2][HN_MARK_COUNT] = {{"●", "★", "▽", "×", "◌", "□"},
                                                        {"o", "*", "v", "x", "?", "#"}};
    static const int paints[HN_MARK_COUNT] = {1, 2, HN_PAINT_FAINT, 5, 4, 3};
    *paint = paints[mark];
    return marks[drawing->sink->ascii][mark];
}

/* --- shades --- */

/* [0, 1); the better end is 1. */
static double share_of(const hn_figure_axis *axis, double value, double low, double high)
{
    double share = axis->log ? log(value / low) / log(high / low) : (value - low) / (high - low);
    share = axis->better < 0 ? 1 - share : share;
    return fmin(fmax(share, 0), 0.999999);
}

const char *hn_figure_shade_mark(const hn_drawing *drawing, double value, double low, double high, int *paint)
{
    static const char *const marks[2][SHADES] = {{"·", "∘", "○", "◉", "●"}, {".", ":", "o", "O", "@"}};
    const hn_figure_axis *axis = &drawing->figure->shade;
    if (!hn_axis_shows(axis, value)) {
        *paint = HN_PAINT_FAINT;
        return drawing->sink->ascii ? "." : "·";
    }
    if (axis->n_categories) {
        *paint = 1 + (int)((size_t)fmax(value, 0) % HN_PAINTS);
        return hn_figure_mark(drawing, (size_t)fmax(value, 0));
    }
    double share = share_of(axis, value, low, high);
    *paint = HN_PAINT_SHADE + (int)(share * HN_PAINT_SHADES);
    return marks[drawing->sink->ascii][(size_t)(share * SHADES)];
}

const char *hn_figure_shade_block(const hn_drawing *drawing, double value, double low, double high,
                                  int *paint)
{
    static const char *const blocks[2][SHADES] = {{" ", "░", "▒", "▓", "█"}, {" ", ".", "+", "*", "#"}};
    const hn_figure_axis *axis = &drawing->figure->shade;
    if (!hn_axis_shows(axis, value)) {
        return NULL;
    }
    double share = share_of(axis, value, low, high);
    *paint = HN_PAINT_SHADE + (int)(share * HN_PAINT_SHADES);
    return blocks[drawing->sink->ascii][(size_t)(share * SHADES)];
}

/* --- legend --- */

typedef struct legend {
    const hn_drawing *drawing;
    size_t used; /* columns of this line */
} legend;

static void add_entry(legend *l, const char *mark, int paint, const char *name)
{
    const hn_drawing *d = l->drawing;
    size_t width = hn_text_width(name), needed = width + 5;
    if (l->used && l->used + needed > d->width) {
        hn_buffer_char(d->out, '\n');
        l->used = 0;
    }
    hn_buffer_text(d->out, l->used ? "   " : "  ");
    hn_paint_text(d->out, d->sink->color, paint, mark);
    hn_buffer_char(d->out, ' ');
    hn_figure_fit(d->out, name, width < d->width - 4 ? width : d->width - 4, false);
    l->used += needed;
}

/* Each state that some point has. */
static void add_states(legend *l)
{
    static const char *const words[HN_MARK_COUNT] = {NULL,     "best",    "pruned",
                                                     "failed", "running", "breaks a constraint"};
    const hn_figure *figure = l->drawing->figure;
    bool seen[HN_MARK_COUNT] = {false};
    for (size_t s = 0; s < figure->n_series; s++) {
        const hn_series *series = &figure->series[s];
        for (size_t i = 0; series->marks && i < series->n; i++) {
            hn_mark mark = (hn_mark)series->marks[i];
            bool valued =
                isfinite(hn_series_y(series, i)) || mark == HN_MARK_FAILED || mark == HN_MARK_RUNNING;
            seen[mark] = seen[mark] || (valued && isfinite(hn_series_x(series, i)));
        }
    }
    for (size_t m = HN_MARK_BEST; m < HN_MARK_COUNT; m++) {
        if (seen[m]) {
            int paint;
            const char *mark = hn_figure_state_mark(l->drawing, (hn_mark)m, &paint);
            add_entry(l, mark, paint, words[m]);
        }
    }
}

void hn_figure_legend(const hn_drawing *drawing)
{
    const hn_figure *figure = drawing->figure;
    legend l = {.drawing = drawing};
    for (size_t i = 0; i < figure->n_series && figure->n_series > 1; i++) {
        const hn_series *series = &figure->series[i];
        size_t color = (series->paint ? series->paint - 1 : i) % HN_PAINTS;
        bool dotted = series->kind == HN_SERIES_STEPS || series->kind == HN_SERIES_INTERVALS;
        const char *line = drawing->sink->ascii ? "-" : series->kind == HN_SERIES_STEPS ? "─" : "━";
        if (series->name) {
            dotted = dotted || (series->faint && series->kind == HN_SERIES_LINE);
            add_entry(&l, dotted ? line : hn_figure_mark(drawing, color),
                      series->faint ? HN_PAINT_FAINT : 1 + (int)color, series->name);
        }
    }
    for (size_t c = 0; c < figure->shade.n_categories && c < HN_PAINTS; c++) {
        add_entry(&l, hn_figure_mark(drawing, c), 1 + (int)c, figure->shade.categories[c]);
    }
    add_states(&l);
    for (size_t i = 0; i < figure->n_rules; i++) {
        if (figure->rules[i].name) {
            add_entry(&l, drawing->sink->ascii ? ":" : "┄", HN_PAINT_FAINT, figure->rules[i].name);
        }
    }
    if (l.used) {
        hn_buffer_char(drawing->out, '\n');
    }
}

/* The marks of five values from the low end to the high one. */
void hn_figure_shade_key(const hn_drawing *drawing)
{
    const hn_figure *figure = drawing->figure;
    double low, high;
    legend l = {.drawing = drawing};
    if (!hn_figure_shade_range(figure, &low, &high) || figure->shade.n_categories) {
        return;
    }
    if (figure->shade.title) {
        size_t width = hn_text_width(figure->shade.title);
        width = width < MOST_TITLE ? width : MOST_TITLE;
        hn_buffer_text(drawing->out, "  ");
        hn_figure_fit(drawing->out, figure->shade.title, width, false);
        hn_buffer_char(drawing->out, ':');
        l.used = width + 3;
    }
    for (size_t k = 0; k < SHADES; k++) {
        char text[HN_NUMBER_SIZE];
        int paint = 0;
        double share = (double)k / (SHADES - 1);
        double value = figure->shade.log ? low * pow(high / low, share) : low + share * (high - low);
        const char *mark = figure->grid ? hn_figure_shade_block(drawing, value, low, high, &paint)
                                        : hn_figure_shade_mark(drawing, value, low, high, &paint);
        hn_format_short(text, value, 3);
        add_entry(&l, mark ? mark : " ", paint, text);
    }
    hn_buffer_char(drawing->out, '\n');
}
