#include "draw/series.h"

#include <math.h>

#include "view/figure_range.h"

/* --- rules --- */

static void draw_rule(const hn_frame *f, const hn_figure_rule *rule)
{
    const hn_box *a = &f->area;
    hn_lettering how = {.size = HN_TEXT_SIZE, .width = 160, .color = f->pen->theme->faint};
    if (!hn_axis_shows(rule->upright ? &f->figure->x : &f->figure->y, rule->at)) {
        return;
    }
    hn_pen_color(f->pen, f->pen->theme->faint, 1);
    if (rule->upright) {
        double x = hn_frame_x(f, rule->at);
        hn_pen_line(f->pen, x, a->y, x, a->y + a->height, 1.2, 5);
        how.across = x > a->x + a->width / 2 ? 1 : 0;
        if (rule->name) {
            hn_pen_text(f->pen, rule->name, x + (how.across > 0 ? -4 : 4), a->y + 2, &how);
        }
    } else {
        double y = hn_frame_y(f, rule->at);
        hn_pen_line(f->pen, a->x, y, a->x + a->width, y, 1.2, 5);
        how.across = 1;
        how.down = y > a->y + 20 ? 1 : 0;
        if (rule->name) {
            hn_pen_text(f->pen, rule->name, a->x + a->width - 4, y, &how);
        }
    }
}

/* --- labels of points --- */

enum { MOST_LABELS = 60 };

typedef struct labels {
    hn_box taken[MOST_LABELS];
    size_t n;
} labels;

static bool overlap(const hn_box *a, const hn_box *b)
{
    return a->x < b->x + b->width && b->x < a->x + a->width && a->y < b->y + b->height &&
           b->y < a->y + a->height;
}

static bool fits(const hn_frame *f, const labels *l, const hn_box *box)
{
    const hn_box *a = &f->area;
    bool inside = box->x >= a->x && box->x + box->width <= a->x + a->width && box->y >= a->y &&
                  box->y + box->height <= a->y + a->height;
    for (size_t i = 0; inside && i < l->n; i++) {
        inside = !overlap(box, &l->taken[i]);
    }
    return inside;
}

/* To the right of its point, or where there is room: left, above, below. Nowhere: it is left out. */
static void draw_label(const hn_frame *f, labels *l, const char *text, double x, double y)
{
    enum { AWAY = 7, PLACES = 4 };
    static const double across[PLACES] = {0, 1, 0.5, 0.5}, down[PLACES] = {0.5, 0.5, 1, 0};
    hn_lettering how = {.size = HN_TEXT_SIZE, .width = 150, .color = f->pen->theme->text};
    double width, height;
    hn_pen_measure(f->pen, text, &how, &width, &height);
    for (int k = 0; k < PLACES && l->n < MOST_LABELS; k++) {
        double at_x = x + AWAY * (1 - 2 * across[k]), at_y = y + AWAY * (1 - 2 * down[k]);
        hn_box box = {at_x - across[k] * width, at_y - down[k] * height, width, height};
        if (fits(f, l, &box)) {
            how.across = across[k];
            how.down = down[k];
            hn_pen_text(f->pen, text, at_x, at_y, &how);
            l->taken[l->n++] = box;
            return;
        }
    }
}

void hn_draw_labels(const hn_frame *f)
{
    labels l = {.n = 0};
    for (size_t k = 0; k < f->figure->n_series; k++) {
        const hn_series *s = &f->figure->series[k];
        for (size_t i = 0; s->labels && i < s->n && l.n < MOST_LABELS; i++) {
            if (s->labels[i] && hn_frame_shows(f, hn_series_x(s, i), hn_series_y(s, i))) {
                draw_label(f, &l, s->labels[i], hn_frame_x(f, hn_series_x(s, i)),
                           hn_frame_y(f, hn_series_y(s, i)));
            }
        }
    }
}

/* --- all --- */

static hone_status draw_one(const hn_frame *f, size_t series, hone_error *err)
{
    const hn_series *s = &f->figure->series[series];
    switch (s->kind) {
    case HN_SERIES_LINE:
        hn_draw_line(f, series);
        return s->n <= HN_MOST_MARKED && !s->faint ? hn_draw_points(f, series, err) : HONE_OK;
    case HN_SERIES_STEPS: hn_draw_line(f, series); break;
    case HN_SERIES_POINTS: return hn_draw_points(f, series, err);
    case HN_SERIES_INTERVALS: hn_draw_intervals(f, series); break;
    case HN_SERIES_BARS: break; /* together, before the others */
    }
    return HONE_OK;
}

hone_status hn_draw_series(const hn_frame *f, hone_error *err)
{
    enum { ROOM = 6 /* marks at the edge are whole */ };
    const hn_cairo *c = &f->pen->library->cairo;
    hone_status status = HONE_OK;
    c->save(f->pen->cr);
    c->rectangle(f->pen->cr, f->area.x - ROOM, f->area.y - ROOM, f->area.width + 2 * ROOM,
                 f->area.height + 2 * ROOM);
    c->clip(f->pen->cr);
    if (f->figure->grid && f->figure->grid->n_x && f->figure->grid->n_y) {
        hn_draw_grid(f);
    }
    hn_draw_bars(f);
    for (size_t s = 0; !status && s < f->figure->n_series; s++) {
        status = draw_one(f, s, err);
    }
    for (size_t i = 0; i < f->figure->n_rules; i++) {
        draw_rule(f, &f->figure->rules[i]);
    }
    hn_draw_labels(f);
    c->restore(f->pen->cr);
    return status;
}
