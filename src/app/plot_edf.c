/* The empirical distribution of the values: which share of the trials came to a value or below. */
#include <math.h>
#include <stdlib.h>

#include "app/plot.h"

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* From (smallest value, 0) on; of infinite values only the share counts. */
static hone_status make_steps(const hn_plot_study *study, size_t objective, hn_arena *arena, hn_series *steps,
                              hone_error *err)
{
    const hn_trial_list *list = &study->trials;
    double *x = HN_ARENA_NEW(arena, double, list->count + 1);
    double *y = HN_ARENA_NEW(arena, double, list->count + 1);
    size_t n = 0;
    if (!x || !y) {
        return hn_out_of_memory(err);
    }
    for (size_t i = 0; i < list->count; i++) {
        if (hn_plot_counts(&list->trials[i], objective)) {
            x[1 + n++] = list->trials[i].values[objective];
        }
    }
    qsort(x + 1, n, sizeof *x, ascending);
    for (size_t i = 0; i < n; i++) {
        y[1 + i] = (double)(i + 1) / (double)n;
    }
    x[0] = x[n ? 1 : 0];
    *steps = (hn_series){.name = study->name, .kind = HN_SERIES_STEPS, .n = n ? n + 1 : 0, .x = x, .y = y};
    return HONE_OK;
}

static hone_status make(const hn_plot_study *studies, size_t n, const hone_plot_options *options,
                        hn_arena *arena, hn_page *page, hone_error *err)
{
    hn_series *series = HN_ARENA_NEW(arena, hn_series, n);
    hone_status status = series ? HONE_OK : hn_out_of_memory(err);
    size_t objective = 0, points = 0;
    bool spread = false, positive = true;
    for (size_t s = 0; !status && s < n; s++) {
        status = hn_plot_objective(&studies[s], options, &objective, err);
        status = status ? status : make_steps(&studies[s], objective, arena, &series[s], err);
        points += status ? 0 : series[s].n;
        spread = spread || (!status && hn_plot_spreads(series[s].x, series[s].n));
        positive = positive && !(!status && series[s].n && series[s].x[0] <= 0);
    }
    if (!status) {
        status = hn_plot_objective(&studies[0], options, &objective, err);
    }
    if (status) {
        return status;
    }
    const char *metric = studies[0].trials.metrics[objective];
    const char *title = n > 1 ? hn_arena_printf(arena, "distribution of %s in %zu studies", metric, n)
                              : hn_arena_printf(arena, "distribution of %s in %s", metric, studies[0].name);
    const hn_figure figure = {
        .title = title,
        .note = n == 1 ? hn_plot_infinite(studies, objective, arena) : NULL,
        .x = {.title = metric, .log = spread && positive, .better = hn_plot_better(&studies[0], objective)},
        .y = {.title = "share of trials at or below", .low = 0, .high = 1},
        .n_series = n,
        .series = series,
        .empty = points ? NULL : hn_plot_missing(&studies[0], objective, 1, arena)};
    return hn_plot_single(arena, &figure, page, err);
}

const hn_plot_kind hn_plot_edf = {
    .name = "edf",
    .help = "which share of the trials came to a value or below; several studies compared",
    .notes = "examples:\n"
             "  hone plot edf tpe random --metric loss\n"
             "  hone plot edf --storage sqlite:///all.db first second -o edf.svg",
    .options = "metric",
    .several = true,
    .make = make,
};
