/* A page of figures as JSON, written as it is gone through: of 100 000 points no tree is made. */
#include <math.h>
#include <string.h>

#include "base/node.h"
#include "view/figure.h"
#include "view/figure_parts.h"

const char *const hn_series_kind_names[] = {"line", "steps", "points", "bars", "intervals"};
const char *const hn_mark_names[HN_MARK_COUNT] = {"plain",  "best",    "pruned",
                                                  "failed", "running", "infeasible"};

/* --- members of an object: a comma before each but the first --- */

static void add_key(hn_buffer *out, const char *key)
{
    if (out->size && out->data[out->size - 1] != '{') {
        hn_buffer_char(out, ',');
    }
    hn_buffer_printf(out, "\"%s\":", key);
}

static void add_string(hn_buffer *out, const char *text)
{
    if (text) {
        hn_json_write_string(out, text, strlen(text), HN_JSON_STRICT);
    } else {
        hn_buffer_text(out, "null");
    }
}

static void add_text(hn_buffer *out, const char *key, const char *text)
{
    if (text) {
        add_key(out, key);
        add_string(out, text);
    }
}

static void add_flag(hn_buffer *out, const char *key, bool flag)
{
    if (flag) {
        add_key(out, key);
        hn_buffer_text(out, "true");
    }
}

static void add_texts(hn_buffer *out, const char *key, const char *const *texts, size_t n)
{
    if (texts) {
        add_key(out, key);
        hn_buffer_char(out, '[');
        for (size_t i = 0; i < n; i++) {
            hn_buffer_text(out, i ? "," : "");
            add_string(out, texts[i]);
        }
        hn_buffer_char(out, ']');
    }
}

static void add_number(hn_buffer *out, double value)
{
    if (isfinite(value)) {
        hn_buffer_double(out, value);
    } else {
        hn_buffer_text(out, "null");
    }
}

static void add_list(hn_buffer *out, const double *values, size_t n)
{
    hn_buffer_char(out, '[');
    for (size_t i = 0; i < n; i++) {
        hn_buffer_text(out, i ? "," : "");
        add_number(out, values[i]);
    }
    hn_buffer_char(out, ']');
}

static void add_numbers(hn_buffer *out, const char *key, const double *values, size_t n)
{
    if (values) {
        add_key(out, key);
        add_list(out, values, n);
    }
}

static void add_rows(hn_buffer *out, const char *key, const double *values, size_t rows, size_t columns)
{
    add_key(out, key);
    hn_buffer_char(out, '[');
    for (size_t i = 0; i < rows; i++) {
        hn_buffer_text(out, i ? "," : "");
        add_list(out, values + i * columns, columns);
    }
    hn_buffer_char(out, ']');
}

static void add_marks(hn_buffer *out, const uint8_t *marks, size_t n)
{
    if (marks) {
        add_key(out, "marks");
        hn_buffer_char(out, '[');
        for (size_t i = 0; i < n; i++) {
            hn_buffer_printf(out, "%s\"%s\"", i ? "," : "", hn_mark_names[marks[i]]);
        }
        hn_buffer_char(out, ']');
    }
}

static void add_trials(hn_buffer *out, const int64_t *trials, size_t n)
{
    if (trials) {
        add_key(out, "trials");
        hn_buffer_char(out, '[');
        for (size_t i = 0; i < n; i++) {
            hn_buffer_text(out, i ? "," : "");
            hn_buffer_int(out, trials[i]);
        }
        hn_buffer_char(out, ']');
    }
}

/* --- parts of a figure --- */

static void add_axis_object(hn_buffer *out, const hn_figure_axis *axis)
{
    hn_buffer_char(out, '{');
    add_text(out, "title", axis->title);
    add_flag(out, "log", axis->log);
    add_flag(out, "time", axis->time);
    add_flag(out, "whole", axis->whole);
    if (axis->n_categories) {
        add_texts(out, "categories", axis->categories, axis->n_categories);
    }
    if (axis->low < axis->high) {
        const double range[] = {axis->low, axis->high};
        add_numbers(out, "range", range, 2);
    }
    add_flag(out, "diverging", axis->diverging);
    add_text(out, "better", axis->better < 0 ? "smaller" : axis->better > 0 ? "larger" : NULL);
    hn_buffer_char(out, '}');
}

static void add_axis(hn_buffer *out, const char *key, const hn_figure_axis *axis)
{
    add_key(out, key);
    add_axis_object(out, axis);
}

static void add_series(hn_buffer *out, const hn_series *series)
{
    hn_buffer_char(out, '{');
    add_text(out, "kind", hn_series_kind_names[series->kind]);
    add_text(out, "name", series->name);
    add_numbers(out, "x", series->x, series->n);
    add_numbers(out, "y", series->y, series->n);
    add_numbers(out, "end", series->end, series->n);
    add_numbers(out, "low", series->low, series->n);
    add_numbers(out, "high", series->high, series->n);
    add_numbers(out, "shade", series->shade, series->n);
    add_marks(out, series->marks, series->n);
    add_texts(out, "labels", series->labels, series->n);
    add_trials(out, series->trials, series->n);
    add_flag(out, "faint", series->faint);
    if (series->paint) {
        add_key(out, "paint");
        hn_buffer_int(out, series->paint);
    }
    hn_buffer_char(out, '}');
}

static void add_grid(hn_buffer *out, const hn_figure_grid *grid)
{
    hn_buffer_char(out, '{');
    add_numbers(out, "x", grid->x, grid->n_x);
    add_numbers(out, "y", grid->y, grid->n_y);
    add_rows(out, "values", grid->values, grid->n_y, grid->n_x);
    add_flag(out, "written", grid->written);
    hn_buffer_char(out, '}');
}

static void add_rule(hn_buffer *out, const hn_figure_rule *rule)
{
    hn_buffer_char(out, '{');
    add_key(out, "at");
    add_number(out, rule->at);
    add_flag(out, "upright", rule->upright);
    add_text(out, "name", rule->name);
    hn_buffer_char(out, '}');
}

static void add_parallel(hn_buffer *out, const hn_figure_parallel *parallel)
{
    hn_buffer_char(out, '{');
    add_key(out, "axes");
    hn_buffer_char(out, '[');
    for (size_t i = 0; i < parallel->n_axes; i++) {
        hn_buffer_text(out, i ? "," : "");
        add_axis_object(out, &parallel->axes[i]);
    }
    hn_buffer_char(out, ']');
    add_rows(out, "values", parallel->values, parallel->n, parallel->n_axes);
    add_numbers(out, "shade", parallel->shade, parallel->n);
    add_marks(out, parallel->marks, parallel->n);
    add_trials(out, parallel->trials, parallel->n);
    hn_buffer_char(out, '}');
}

static void add_figure(hn_buffer *out, const hn_figure *figure)
{
    hn_buffer_char(out, '{');
    add_text(out, "title", figure->title);
    add_text(out, "note", figure->note);
    add_text(out, "empty", figure->empty);
    add_axis(out, "x", &figure->x);
    add_axis(out, "y", &figure->y);
    add_axis(out, "shade", &figure->shade);
    add_flag(out, "stacked", figure->stacked);
    add_key(out, "series");
    hn_buffer_char(out, '[');
    for (size_t i = 0; i < figure->n_series; i++) {
        hn_buffer_text(out, i ? "," : "");
        add_series(out, &figure->series[i]);
    }
    hn_buffer_char(out, ']');
    if (figure->grid) {
        add_key(out, "grid");
        add_grid(out, figure->grid);
    }
    if (figure->parallel) {
        add_key(out, "parallel");
        add_parallel(out, figure->parallel);
    }
    add_key(out, "rules");
    hn_buffer_char(out, '[');
    for (size_t i = 0; i < figure->n_rules; i++) {
        hn_buffer_text(out, i ? "," : "");
        add_rule(out, &figure->rules[i]);
    }
    hn_buffer_text(out, "]}");
}

void hn_page_json(hn_buffer *out, const hn_page *page)
{
    hn_buffer_char(out, '{');
    add_text(out, "kind", page->kind);
    add_text(out, "title", page->title);
    add_text(out, "note", page->note);
    add_flag(out, "same_y", page->same_y);
    add_key(out, "figures");
    hn_buffer_char(out, '[');
    for (size_t i = 0; i < page->n_figures; i++) {
        hn_buffer_text(out, i ? "," : "");
        add_figure(out, &page->figures[i]);
    }
    hn_buffer_text(out, "]}");
}
