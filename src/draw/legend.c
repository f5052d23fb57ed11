#include "draw/legend.h"

#include <math.h>
#include <string.h>

#include "draw/levels.h"
#include "draw/series.h"
#include "view/figure_range.h"

/* --- legend --- */

enum { MOST_ENTRIES = 48, ROW = 19, SWATCH = 18, BETWEEN = 18, MOST_ROWS = 4, MOST_TEXT = 240 };

typedef struct entry {
    const char *text;
    hn_series_kind kind;
    hn_mark mark;
    hn_color color;
} entry;

typedef struct legend {
    hn_pen *pen;
    size_t n;
    entry entries[MOST_ENTRIES];
} legend;

static void add_entry(legend *l, entry e)
{
    for (size_t i = 0; i < l->n; i++) {
        if (!strcmp(l->entries[i].text, e.text)) {
            return;
        }
    }
    if (l->n < MOST_ENTRIES) {
        l->entries[l->n++] = e;
    }
}

/* Of what is drawn: trials without a value only when they failed or run. series NULL: all. */
static void add_marks(legend *l, const hn_series *series, const uint8_t *marks, size_t n, hn_color plain)
{
    static const char *const words[HN_MARK_COUNT] = {NULL,     "best",    "pruned",
                                                     "failed", "running", "breaks a constraint"};
    bool seen[HN_MARK_COUNT] = {false};
    for (size_t i = 0; marks && i < n; i++) {
        bool valued = !series || isfinite(hn_series_y(series, i)) || marks[i] == HN_MARK_FAILED ||
                      marks[i] == HN_MARK_RUNNING;
        seen[marks[i]] = seen[marks[i]] || (valued && (!series || isfinite(hn_series_x(series, i))));
    }
    for (size_t m = HN_MARK_BEST; m < HN_MARK_COUNT; m++) {
        if (seen[m]) {
            add_entry(l, (entry){words[m], HN_SERIES_POINTS, (hn_mark)m, plain});
        }
    }
}

static void gather(legend *l, const hn_figure *figure)
{
    const hn_theme *theme = l->pen->theme;
    const hn_frame frame = {.pen = l->pen, .figure = figure, .shade_high = 1};
    size_t named = 0;
    for (size_t s = 0; s < figure->n_series; s++) {
        named += figure->series[s].name != NULL;
    }
    for (size_t s = 0; s < figure->n_series; s++) {
        const hn_series *series = &figure->series[s];
        if (series->name && (named > 1 || series->kind == HN_SERIES_INTERVALS)) {
            hn_color color = hn_frame_paint(&frame, s);
            color = series->faint ? hn_color_between(color, theme->background, 0.5) : color;
            add_entry(l, (entry){series->name, series->kind, HN_MARK_PLAIN, color});
        }
    }
    for (size_t s = 0; s < figure->n_series; s++) {
        const hn_series *series = &figure->series[s];
        hn_color color = series->shade ? theme->faint : hn_frame_paint(&frame, s);
        if (series->kind != HN_SERIES_INTERVALS) {
            add_marks(l, series, series->marks, series->n, color);
        }
    }
    if (figure->parallel) {
        add_marks(l, NULL, figure->parallel->marks, figure->parallel->n, theme->faint);
    }
    for (size_t c = 0; c < figure->shade.n_categories && c < HN_PALETTE; c++) {
        add_entry(l, (entry){figure->shade.categories[c], HN_SERIES_BARS, HN_MARK_PLAIN,
                             theme->palette[c % HN_PALETTE]});
    }
}

static void draw_swatch(hn_pen *pen, const entry *e, double x, double y)
{
    hn_pen_color(pen, e->color, 1);
    switch (e->kind) {
    case HN_SERIES_LINE:
    case HN_SERIES_STEPS: hn_pen_line(pen, x, y, x + SWATCH - 4, y, 2.4, 0); break;
    case HN_SERIES_BARS:
    case HN_SERIES_INTERVALS: hn_pen_fill_box(pen, (hn_box){x + 2, y - 5, 10, 10}); break;
    case HN_SERIES_POINTS:
        hn_pen_mark(pen, e->mark, x + 7, y, e->mark == HN_MARK_BEST ? 3 : 4, e->color);
        break;
    }
}

double hn_draw_legend(hn_pen *pen, const hn_figure *figures, size_t n, hn_box box, bool measure)
{
    legend l = {.pen = pen};
    for (size_t i = 0; i < n; i++) {
        gather(&l, &figures[i]);
    }
    double x = box.x, y = box.y;
    for (size_t i = 0; i < l.n; i++) {
        hn_lettering how = {.size = HN_TEXT_SIZE,
                            .width = fmin(MOST_TEXT, fmax(box.width - SWATCH, 20)),
                            .down = 0.5,
                            .color = pen->theme->text};
        double width, height;
        hn_pen_measure(pen, l.entries[i].text, &how, &width, &height);
        if (x > box.x && x + SWATCH + width > box.x + box.width) {
            x = box.x;
            y += ROW;
        }
        if (y > box.y + (MOST_ROWS - 1) * ROW) {
            break;
        }
        if (!measure) {
            draw_swatch(pen, &l.entries[i], x, y + ROW / 2.0);
            hn_pen_text(pen, l.entries[i].text, x + SWATCH, y + ROW / 2.0, &how);
        }
        x += SWATCH + width + BETWEEN;
    }
    return l.n ? fmin(y - box.y + ROW, MOST_ROWS * ROW) + 4 : 0;
}

/* --- colour bar --- */

enum {
    BAR = 13,
    BAR_GAP = 10,
    LABEL_GAP = 5,
    TITLE = 17,
    MOST_LABEL = 110,
    MOST_BAR = 260,
    ROOM_A_TICK = 34
};

static bool has_bar(const hn_figure *figure, double *low, double *high)
{
    bool listed = figure->shade.n_categories && figure->shade.n_categories <= HN_PALETTE;
    return hn_figure_shade_range(figure, low, high) && !listed && !(figure->grid && figure->grid->written) &&
           !figure->empty;
}

static hn_axis bar_axis(const hn_figure *figure, double low, double high, double height)
{
    hn_axis axis;
    hn_figure_axis_over(&figure->shade, low, high, (size_t)fmax(height / ROOM_A_TICK, 2), &axis);
    return axis;
}

/* The label of a tick: of categories the name. */
static const char *label_of(const hn_figure *figure, const hn_axis *axis, size_t i)
{
    const hn_figure_axis *shade = &figure->shade;
    size_t category = (size_t)fmax(axis->ticks[i], 0);
    if (!shade->n_categories) {
        return axis->labels[i];
    }
    return category < shade->n_categories && (double)category == axis->ticks[i] ? shade->categories[category]
                                                                                : "";
}

double hn_color_bar_width(hn_pen *pen, const hn_figure *figure)
{
    double low, high, widest = 0, width, height;
    if (!has_bar(figure, &low, &high)) {
        return 0;
    }
    hn_axis axis = bar_axis(figure, low, high, MOST_BAR);
    hn_lettering how = {.size = HN_TEXT_SIZE, .width = MOST_LABEL};
    for (size_t i = 0; i < axis.n_ticks; i++) {
        hn_pen_measure(pen, label_of(figure, &axis, i), &how, &width, &height);
        widest = fmax(widest, width);
    }
    return BAR_GAP + BAR + LABEL_GAP + widest + (figure->shade.title ? TITLE : 0);
}

static void draw_bands(hn_pen *pen, const hn_figure *figure, double low, double high, hn_box bar)
{
    enum { STRIPS = 128 };
    const hn_frame f = {.pen = pen, .figure = figure, .shade_low = low, .shade_high = high};
    bool bands = figure->grid && !figure->x.n_categories && !figure->y.n_categories;
    hn_levels levels;
    hn_axis axis;
    hn_figure_axis_over(&figure->shade, low, high, 2, &axis);
    hn_levels_make(&figure->shade, low, high, &levels);
    size_t n = bands ? levels.n : STRIPS;
    for (size_t k = 0; k < n; k++) {
        double from = (double)k / STRIPS, to = (double)(k + 1) / STRIPS;
        double value = axis.log ? axis.low * pow(axis.high / axis.low, (from + to) / 2)
                                : axis.low + (from + to) / 2 * (axis.high - axis.low);
        if (bands) {
            value = levels.middle[k];
            from = hn_axis_place(&axis, levels.from[k]);
            to = hn_axis_place(&axis, levels.from[k + 1]);
        }
        double top = hn_pen_snap(pen, bar.y + bar.height * (1 - to));
        double bottom = hn_pen_snap(pen, bar.y + bar.height * (1 - from));
        hn_pen_color(pen, hn_frame_shade(&f, value), 1);
        hn_pen_fill_box(pen, (hn_box){bar.x, top, bar.width, bottom - top});
    }
}

void hn_draw_color_bar(hn_pen *pen, const hn_figure *figure, hn_box box)
{
    double low, high;
    if (!has_bar(figure, &low, &high)) {
        return;
    }
    double height = fmin(box.height, MOST_BAR);
    hn_box bar = {box.x + BAR_GAP, box.y + (box.height - height) / 2, BAR, height};
    hn_axis axis = bar_axis(figure, low, high, height);
    draw_bands(pen, figure, low, high, bar);
    hn_lettering how = {.size = HN_TEXT_SIZE, .width = MOST_LABEL, .down = 0.5, .color = pen->theme->faint};
    for (size_t i = 0; i < axis.n_ticks; i++) {
        double y = bar.y + bar.height * (1 - hn_axis_place(&axis, axis.ticks[i]));
        hn_pen_text(pen, label_of(figure, &axis, i), bar.x + BAR + LABEL_GAP, y, &how);
    }
    if (figure->shade.title) {
        hn_lettering title = {.size = HN_TEXT_SIZE,
                              .width = box.height,
                              .across = 0.5,
                              .down = 0.5,
                              .angle = 1,
                              .color = pen->theme->text};
        hn_pen_text(pen, figure->shade.title, box.x + box.width - TITLE / 2.0 + 3, bar.y + bar.height / 2,
                    &title);
    }
}
