/* Who ran which trial when: a row for each worker, several where it ran several trials at once. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "app/plot.h"
#include "app/show.h"
#include "base/text_map.h"

enum { MOST_LANES = 64 };

typedef struct interval {
    double start, end;
    size_t trial, worker, row;
    hone_trial_state state;
} interval;

typedef struct timeline {
    const hn_trial_list *list;
    hn_arena *arena;
    hn_text_map workers;
    interval *items;
    size_t n;
    double *ends;   /* (n_rows,) of the last trial in each row */
    size_t *lanes;  /* (n_rows,) which of its worker's */
    size_t *owners; /* (n_rows,) */
    size_t n_rows;
} timeline;

static int by_worker_and_start(const void *a, const void *b)
{
    const interval *x = a, *y = b;
    if (x->worker != y->worker) {
        return x->worker < y->worker ? -1 : 1;
    }
    return x->start != y->start ? (x->start < y->start ? -1 : 1)
                                : (x->trial > y->trial) - (x->trial < y->trial);
}

/* What still runs lasts until the latest time that is known. */
static hone_status gather(timeline *t, hone_error *err)
{
    double latest = -INFINITY;
    for (size_t i = 0; i < t->list->count; i++) {
        const hone_trial_info *trial = &t->list->trials[i];
        latest = fmax(latest, (double)(trial->complete_us ? trial->complete_us : trial->start_us) / 1e6);
    }
    for (size_t i = 0; i < t->list->count; i++) {
        const hone_trial_info *trial = &t->list->trials[i];
        if (!trial->start_us) {
            continue;
        }
        const char *worker = trial->worker ? hn_worker_text(t->arena, trial->worker) : "";
        size_t at = worker ? hn_text_map_intern(&t->workers, worker) : HN_TEXT_MAP_NONE;
        if (at == HN_TEXT_MAP_NONE) {
            return hn_out_of_memory(err);
        }
        double start = (double)trial->start_us / 1e6;
        double end = trial->complete_us ? (double)trial->complete_us / 1e6 : latest;
        t->items[t->n++] = (interval){start, fmax(start, end), i, at, 0, trial->state};
    }
    qsort(t->items, t->n, sizeof *t->items, by_worker_and_start);
    return HONE_OK;
}

/* Each trial goes to the first row of its worker that is free; rows of a worker are neighbours. */
static void place(timeline *t)
{
    size_t first = 0;
    for (size_t i = 0; i < t->n; i++) {
        interval *item = &t->items[i];
        if (!i || item->worker != item[-1].worker) {
            first = t->n_rows;
        }
        size_t row = first;
        while (row < t->n_rows && t->ends[row] > item->start) {
            row++;
        }
        if (row == t->n_rows && row - first == MOST_LANES) {
            row--; /* too many at once: over each other */
        }
        if (row == t->n_rows) {
            t->lanes[row] = row - first;
            t->owners[row] = item->worker;
            t->ends[row] = -INFINITY;
            t->n_rows++;
        }
        t->ends[row] = fmax(t->ends[row], item->end);
        item->row = row;
    }
}

static const char *const *row_names(const timeline *t)
{
    const char **names = HN_ARENA_NEW(t->arena, const char *, t->n_rows + 1);
    bool known = t->workers.count > 1 || (t->workers.count && t->workers.keys[0][0]);
    for (size_t r = 0; names && r < t->n_rows; r++) {
        const char *worker = t->workers.keys[t->owners[r]];
        worker = *worker ? worker : "not known";
        names[r] = !known        ? hn_arena_printf(t->arena, "%zu", r + 1)
                   : t->lanes[r] ? hn_arena_printf(t->arena, "%s (%zu)", worker, t->lanes[r] + 1)
                                 : hn_arena_strdup(t->arena, worker);
        names = names[r] ? names : NULL;
    }
    return names;
}

/* A series for each state there is. */
static hone_status make_series(const timeline *t, hn_series *series, size_t *n, hone_error *err)
{
    static const hone_trial_state states[] = {HONE_COMPLETE, HONE_PRUNED, HONE_FAILED, HONE_RUNNING};
    static const unsigned paints[] = {1, 2, 4, 3};
    for (size_t k = 0; k < sizeof states / sizeof *states; k++) {
        size_t count = 0;
        for (size_t i = 0; i < t->n; i++) {
            count += t->items[i].state == states[k];
        }
        double *x = HN_ARENA_NEW(t->arena, double, count + 1),
               *end = HN_ARENA_NEW(t->arena, double, count + 1);
        double *row = HN_ARENA_NEW(t->arena, double, count + 1);
        int64_t *trials = HN_ARENA_NEW(t->arena, int64_t, count + 1);
        if (!x || !end || !row || !trials) {
            return hn_out_of_memory(err);
        }
        size_t m = 0;
        for (size_t i = 0; i < t->n; i++) {
            if (t->items[i].state == states[k]) {
                x[m] = t->items[i].start;
                end[m] = t->items[i].end;
                row[m] = (double)t->items[i].row;
                trials[m++] = t->list->trials[t->items[i].trial].number;
            }
        }
        if (count) {
            series[(*n)++] = (hn_series){.name = hone_trial_state_name(states[k]),
                                         .kind = HN_SERIES_INTERVALS,
                                         .n = count,
                                         .x = x,
                                         .y = row,
                                         .end = end,
                                         .trials = trials,
                                         .paint = paints[k]};
        }
    }
    return HONE_OK;
}

static hone_status fill(timeline *t, const hn_plot_study *study, hn_page *page, hone_error *err)
{
    enum { STATES = 4 };
    size_t n = 0, count = t->list->count + 1;
    hn_series *series = HN_ARENA_NEW(t->arena, hn_series, STATES);
    t->items = HN_ARENA_NEW(t->arena, interval, count);
    t->ends = HN_ARENA_NEW(t->arena, double, count);
    t->lanes = HN_ARENA_NEW(t->arena, size_t, count);
    t->owners = HN_ARENA_NEW(t->arena, size_t, count);
    bool made = series && t->items && t->ends && t->lanes && t->owners;
    hone_status status = made ? gather(t, err) : hn_out_of_memory(err);
    if (!status) {
        place(t);
        status = make_series(t, series, &n, err);
    }
    const char *const *names = status ? NULL : row_names(t);
    if (status || !names) {
        return status ? status : hn_out_of_memory(err);
    }
    bool known = t->workers.count > 1 || (t->workers.count && t->workers.keys[0][0]);
    const hn_figure figure = {
        .title = hn_arena_printf(t->arena, "who ran the trials of %s, and when", study->name),
        .x = {.title = "time (UTC)", .time = true},
        .y = {.title = known ? "worker" : "trials at once", .n_categories = t->n_rows, .categories = names},
        .n_series = n,
        .series = series,
        .empty = t->n ? NULL : hn_arena_printf(t->arena, "no trial of study '%s' has begun", study->name)};
    return hn_plot_single(t->arena, &figure, page, err);
}

static hone_status make(const hn_plot_study *studies, size_t n, const hone_plot_options *options,
                        hn_arena *arena, hn_page *page, hone_error *err)
{
    (void)n;
    (void)options;
    timeline t = {.list = &studies->trials, .arena = arena, .workers = HN_TEXT_MAP_INIT};
    hone_status status = fill(&t, studies, page, err);
    hn_text_map_release(&t.workers);
    return status;
}

const hn_plot_kind hn_plot_timeline = {
    .name = "timeline",
    .help = "who ran which trial, and when",
    .notes = "A row for each worker, and more where it ran several trials at once.\n"
             "\n"
             "examples:\n"
             "  hone plot timeline\n"
             "  hone plot timeline digits-mlp --filter 'number >= 100' -o timeline.svg",
    .options = "",
    .make = make,
};
