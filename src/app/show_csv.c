/* show_csv.c: trials as CSV, with everything that is kept of them: ranks, folds, times, attributes. */
#include <math.h>
#include <string.h>

#include "app/measures.h"
#include "app/show.h"
#include "base/clock.h"
#include "view/table.h"
#include "view/trial_node.h"

typedef struct csv_writer {
    const hn_trial_list *list;
    const hn_measures *measures;
    hn_buffer out;
    hn_text_map names; /* of the columns so far */
    hn_arena arena;    /* a column's name, a trial's attributes */
} csv_writer;

/* --- the header --- */

/* A column of a name that no other has; NULL when memory is out. */
static void head(csv_writer *w, const char *name)
{
    while (name && hn_text_map_find(&w->names, name) != HN_TEXT_MAP_NONE) {
        name = hn_arena_printf(&w->arena, "attr_%s", name);
    }
    hn_buffer_text(&w->out, w->names.count ? "," : "");
    hn_buffer_csv(&w->out, name ? name : "");
    w->out.failed |= !name || hn_text_map_intern(&w->names, name) == HN_TEXT_MAP_NONE;
    hn_arena_reset(&w->arena);
}

static void head_measure(csv_writer *w, const hn_measure *m)
{
    if (m->objective == SIZE_MAX) {
        head(w, m->name);
    }
    if (m->n_folds && m->seconds) {
        head(w, hn_arena_printf(&w->arena, "%s_mean", m->name));
    }
    if (m->n_folds) {
        head(w, hn_arena_printf(&w->arena, "%s_std", m->name));
    }
    if (m->ranked && m->objective == SIZE_MAX) {
        head(w, hn_arena_printf(&w->arena, "%s_rank", m->name));
    }
    for (size_t i = 0; i < m->n_folds; i++) {
        head(w, hn_arena_printf(&w->arena, "%s_fold%zu", m->name, i));
    }
}

static void write_header(csv_writer *w)
{
    const hn_trial_list *list = w->list;
    head(w, "number");
    head(w, "state");
    for (size_t i = 0; i < list->n_objectives; i++) {
        head(w, list->n_objectives == 1 ? "rank" : hn_arena_printf(&w->arena, "%s_rank", list->metrics[i]));
    }
    for (size_t i = 0; i < list->n_objectives; i++) {
        head(w, list->metrics[i]);
    }
    for (size_t i = 0; i < w->measures->params->count; i++) {
        head(w, w->measures->params->keys[i]);
    }
    for (size_t i = 0; i < w->measures->count; i++) {
        head_measure(w, &w->measures->items[i]);
    }
    for (size_t i = 0; i < w->measures->n_others; i++) {
        head(w, w->measures->others[i]);
    }
    head(w, "start");
    head(w, "complete");
    head(w, "duration");
    head(w, "steps");
    head(w, "runs");
    head(w, "rung");
    head(w, "message");
    hn_buffer_char(&w->out, '\n');
}

/* --- a trial --- */

static void add_text(csv_writer *w, const char *text)
{
    hn_buffer_char(&w->out, ',');
    hn_buffer_csv(&w->out, text ? text : "");
}

static void add_number(csv_writer *w, double value)
{
    hn_buffer_char(&w->out, ',');
    if (!isnan(value)) {
        hn_buffer_double(&w->out, value);
    }
}

/* An empty cell unless it is known. */
static void add_count(csv_writer *w, bool known, int64_t count)
{
    hn_buffer_char(&w->out, ',');
    if (known) {
        hn_buffer_int(&w->out, count);
    }
}

static void add_rank(csv_writer *w, size_t rank)
{
    add_count(w, rank > 0, (int64_t)rank);
}

static void add_value(csv_writer *w, const hone_value *value)
{
    hn_buffer text = HN_BUFFER_INIT;
    if (value) {
        hn_value_write(&text, *value);
    }
    w->out.failed |= hn_buffer_failed(&text);
    add_text(w, hn_buffer_string(&text));
    hn_buffer_release(&text);
}

/* Text as it is, null as an empty cell, everything else as JSON. */
static void add_node(csv_writer *w, const hn_node *node)
{
    hn_buffer text = HN_BUFFER_INIT;
    if (node->kind == HN_STRING) {
        hn_buffer_text(&text, node->as.string);
    } else if (node->kind != HN_NULL) {
        hn_json_write(&text, node, HN_JSON_STRICT);
    }
    w->out.failed |= hn_buffer_failed(&text);
    add_text(w, hn_buffer_string(&text));
    hn_buffer_release(&text);
}

static void add_attribute(csv_writer *w, const hone_trial_info *trial, const char *name, const char *suffix)
{
    hn_node *node = NULL;
    const char *json = hn_trial_attribute(trial, name, suffix);
    if (json && hn_json_parse(&w->arena, name, json, strlen(json), &node, NULL) == HONE_OK) {
        add_node(w, node);
    } else {
        add_text(w, json); /* what is no JSON (another tool's) is text */
    }
}

static void add_measure(csv_writer *w, const hn_measure *m, const hone_trial_info *trial)
{
    hn_measure_folds folds;
    w->out.failed |= !hn_measure_folds_read(&w->arena, m, trial, &folds);
    if (m->objective == SIZE_MAX) {
        add_attribute(w, trial, m->name, "");
    }
    if (m->n_folds && m->seconds) {
        add_number(w, folds.mean);
    }
    if (m->n_folds && hn_trial_attribute(trial, m->name, "_std")) {
        add_attribute(w, trial, m->name, "_std");
    } else if (m->n_folds) {
        add_number(w, folds.deviation);
    }
    if (m->ranked && m->objective == SIZE_MAX) {
        add_rank(w, hn_measure_rank(m, trial));
    }
    for (size_t i = 0; i < m->n_folds; i++) {
        if (i < folds.n) {
            add_node(w, folds.list->as.items[i]);
        } else {
            hn_buffer_char(&w->out, ',');
        }
    }
}

static void add_time(csv_writer *w, int64_t wall_us)
{
    char text[HN_DATETIME_SIZE] = "";
    if (wall_us) {
        hn_format_datetime(text, wall_us);
    }
    add_text(w, text);
}

static void write_trial(csv_writer *w, const hone_trial_info *trial)
{
    const hn_trial_list *list = w->list;
    hn_buffer_int(&w->out, trial->number);
    add_text(w, hn_trial_state_word(trial));
    for (size_t i = 0; i < list->n_objectives; i++) {
        add_rank(w, hn_measure_rank(&w->measures->items[i], trial));
    }
    for (size_t i = 0; i < list->n_objectives; i++) {
        hn_buffer_char(&w->out, ',');
        if (i < trial->n_values) {
            hn_buffer_double(&w->out, trial->values[i]);
        }
    }
    for (size_t i = 0; i < w->measures->params->count; i++) {
        add_value(w, hn_trial_param_value(trial, w->measures->params->keys[i]));
    }
    for (size_t i = 0; i < w->measures->count; i++) {
        add_measure(w, &w->measures->items[i], trial);
    }
    for (size_t i = 0; i < w->measures->n_others; i++) {
        add_attribute(w, trial, w->measures->others[i], "");
    }
    add_time(w, trial->start_us);
    add_time(w, trial->complete_us);
    add_number(w, hn_trial_duration(trial));
    add_count(w, hn_trial_steps(trial) >= 0, hn_trial_steps(trial));
    add_count(w, trial->runs > 0, trial->runs);
    add_count(w, trial->rung > 0, trial->rung);
    add_text(w, trial->message);
    hn_buffer_char(&w->out, '\n');
    hn_arena_reset(&w->arena);
}

hone_status hn_show_csv(const hn_trial_list *list, const hn_measures *measures, const hone_sink *sink,
                        hone_error *err)
{
    csv_writer w = {.list = list, .measures = measures, .names = HN_TEXT_MAP_INIT};
    write_header(&w);
    for (size_t i = 0; i < list->count; i++) {
        write_trial(&w, &list->trials[i]);
    }
    hone_status status = hn_sink_write(sink, &w.out, err);
    hn_buffer_release(&w.out);
    hn_text_map_release(&w.names);
    hn_arena_release(&w.arena);
    return status;
}
