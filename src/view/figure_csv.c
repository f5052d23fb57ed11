/* The numbers of a page of figures as one table. */
#include <math.h>

#include "base/clock.h"
#include "view/figure.h"
#include "view/figure_parts.h"

/* The columns there may be, in their order; a page has those that some figure fills. */
typedef enum column {
    COLUMN_FIGURE,
    COLUMN_SERIES,
    COLUMN_TRIAL,
    COLUMN_X,
    COLUMN_Y,
    COLUMN_END,
    COLUMN_LOW,
    COLUMN_HIGH,
    COLUMN_SHADE,
    COLUMN_MARK,
    COLUMN_LABEL,
    COLUMNS
} column;

static const char *const names[COLUMNS] = {"figure", "series", "trial", "x",    "y",    "end",
                                           "low",    "high",   "shade", "mark", "label"};

typedef struct csv {
    hn_buffer *out;
    const hn_figure *figure;
    bool has[COLUMNS];
    bool begun; /* a cell stands in this line */
} csv;

static void find_columns(const hn_page *page, bool has[COLUMNS])
{
    has[COLUMN_FIGURE] = page->n_figures > 1;
    for (size_t f = 0; f < page->n_figures; f++) {
        const hn_figure *figure = &page->figures[f];
        const hn_figure_parallel *parallel = figure->parallel;
        has[COLUMN_X] |= figure->n_series || figure->grid;
        has[COLUMN_Y] |= figure->n_series || figure->grid;
        has[COLUMN_SHADE] |= figure->grid || (parallel && parallel->shade);
        has[COLUMN_MARK] |= parallel && parallel->marks;
        has[COLUMN_TRIAL] |= parallel && parallel->trials;
        for (size_t i = 0; i < figure->n_series; i++) {
            const hn_series *series = &figure->series[i];
            has[COLUMN_SERIES] |= series->name != NULL;
            has[COLUMN_TRIAL] |= series->trials != NULL;
            has[COLUMN_END] |= series->end != NULL;
            has[COLUMN_LOW] |= series->low != NULL;
            has[COLUMN_HIGH] |= series->high != NULL;
            has[COLUMN_SHADE] |= series->shade != NULL;
            has[COLUMN_MARK] |= series->marks != NULL;
            has[COLUMN_LABEL] |= series->labels != NULL;
        }
    }
}

/* --- cells --- */

/* Begins the cell of a column; false when the page does not have it. */
static bool begin(csv *c, column which)
{
    if (c->has[which]) {
        hn_buffer_text(c->out, c->begun ? "," : "");
        c->begun = true;
    }
    return c->has[which];
}

static void add_text(csv *c, column which, const char *text)
{
    if (begin(c, which)) {
        hn_buffer_csv(c->out, text ? text : "");
    }
}

static void write_value(csv *c, const hn_figure_axis *axis, double value)
{
    char text[HN_DATETIME_SIZE];
    if (axis->n_categories && value >= 0 && value < (double)axis->n_categories) {
        hn_buffer_csv(c->out, axis->categories[(size_t)value]);
    } else if (axis->time && fabs(value) < 1e11) {
        hn_format_datetime(text, (int64_t)floor(value * 1e6 + 0.5));
        hn_buffer_text(c->out, text);
    } else if (!isnan(value)) {
        hn_buffer_double(c->out, value);
    }
}

/* values NULL: an empty cell. */
static void add_value(csv *c, column which, const hn_figure_axis *axis, const double *values, size_t i)
{
    if (begin(c, which) && values) {
        write_value(c, axis, values[i]);
    }
}

static void add_trial(csv *c, const int64_t *trials, size_t i)
{
    if (begin(c, COLUMN_TRIAL) && trials) {
        hn_buffer_int(c->out, trials[i]);
    }
}

static void add_mark(csv *c, const uint8_t *marks, size_t i)
{
    if (begin(c, COLUMN_MARK) && marks) {
        hn_buffer_text(c->out, hn_mark_names[marks[i]]);
    }
}

static void end_line(csv *c)
{
    hn_buffer_char(c->out, '\n');
    c->begun = false;
}

/* --- lines --- */

static void add_point(csv *c, const hn_series *series, size_t i)
{
    const hn_figure *figure = c->figure;
    const double place = (double)i;
    bool lying = series->kind == HN_SERIES_BARS && figure->y.n_categories && !figure->x.n_categories;
    const hn_figure_axis *along = lying ? &figure->x : &figure->y;
    add_text(c, COLUMN_FIGURE, figure->title);
    add_text(c, COLUMN_SERIES, series->name);
    add_trial(c, series->trials, i);
    add_value(c, COLUMN_X, &figure->x, series->x ? series->x + i : &place, 0);
    add_value(c, COLUMN_Y, &figure->y, series->y ? series->y + i : &place, 0);
    add_value(c, COLUMN_END, &figure->x, series->end, i);
    add_value(c, COLUMN_LOW, along, series->low, i);
    add_value(c, COLUMN_HIGH, along, series->high, i);
    add_value(c, COLUMN_SHADE, &figure->shade, series->shade, i);
    add_mark(c, series->marks, i);
    add_text(c, COLUMN_LABEL, series->labels ? series->labels[i] : NULL);
}

static void add_cell(csv *c, const hn_figure_grid *grid, size_t i)
{
    const hn_figure *figure = c->figure;
    size_t column_of = i % grid->n_x, row = i / grid->n_x;
    const double across = (double)column_of, up = (double)row;
    add_text(c, COLUMN_FIGURE, figure->title);
    add_text(c, COLUMN_SERIES, NULL);
    add_trial(c, NULL, i);
    add_value(c, COLUMN_X, &figure->x, grid->x ? grid->x + column_of : &across, 0);
    add_value(c, COLUMN_Y, &figure->y, grid->y ? grid->y + row : &up, 0);
    add_value(c, COLUMN_END, &figure->x, NULL, 0);
    add_value(c, COLUMN_LOW, &figure->y, NULL, 0);
    add_value(c, COLUMN_HIGH, &figure->y, NULL, 0);
    add_value(c, COLUMN_SHADE, &figure->shade, grid->values, i);
    add_mark(c, NULL, 0);
    add_text(c, COLUMN_LABEL, NULL);
}

/* With a column for each axis. */
static void add_parallel(csv *c, const hn_figure_parallel *parallel)
{
    for (size_t i = 0; i < parallel->n; i++) {
        add_text(c, COLUMN_FIGURE, c->figure->title);
        add_trial(c, parallel->trials, i);
        for (size_t a = 0; a < parallel->n_axes; a++) {
            hn_buffer_text(c->out, c->begun ? "," : "");
            c->begun = true;
            write_value(c, &parallel->axes[a], parallel->values[i * parallel->n_axes + a]);
        }
        add_value(c, COLUMN_SHADE, &c->figure->shade, parallel->shade, i);
        add_mark(c, parallel->marks, i);
        end_line(c);
    }
}

static void add_header(csv *c, const hn_figure_parallel *parallel)
{
    for (size_t which = 0; which < COLUMNS; which++) {
        if (parallel && which == COLUMN_X) {
            for (size_t a = 0; a < parallel->n_axes; a++) {
                hn_buffer_text(c->out, c->begun ? "," : "");
                c->begun = true;
                hn_buffer_csv(c->out, parallel->axes[a].title);
            }
        }
        add_text(c, (column)which, names[which]);
    }
    end_line(c);
}

void hn_page_csv(hn_buffer *out, const hn_page *page)
{
    csv c = {.out = out};
    find_columns(page, c.has);
    add_header(&c, page->n_figures ? page->figures[0].parallel : NULL);
    for (size_t f = 0; f < page->n_figures; f++) {
        const hn_figure *figure = c.figure = &page->figures[f];
        for (size_t s = 0; s < figure->n_series; s++) {
            for (size_t i = 0; i < figure->series[s].n; i++) {
                add_point(&c, &figure->series[s], i);
                end_line(&c);
            }
        }
        for (size_t i = 0; figure->grid && i < figure->grid->n_x * figure->grid->n_y; i++) {
            add_cell(&c, figure->grid, i);
            end_line(&c);
        }
        if (figure->parallel) {
            add_parallel(&c, figure->parallel);
        }
    }
}
