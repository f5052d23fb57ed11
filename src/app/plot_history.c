/* How a study went: the value of each trial, and the best so far. */
#include <math.h>

#include "app/plot.h"
#include "base/number.h"

/* Of one study. */
typedef struct run {
    const hn_plot_study *study;
    size_t objective, best;
    hn_series points, best_so_far;
} run;

static hone_status make_points(run *r, hn_arena *arena, hone_error *err)
{
    const hn_trial_list *list = &r->study->trials;
    double *x = HN_ARENA_NEW(arena, double, list->count + 1),
           *y = HN_ARENA_NEW(arena, double, list->count + 1);
    uint8_t *marks = HN_ARENA_NEW(arena, uint8_t, list->count + 1);
    int64_t *trials = HN_ARENA_NEW(arena, int64_t, list->count + 1);
    if (!x || !y || !marks || !trials) {
        return hn_out_of_memory(err);
    }
    for (size_t i = 0; i < list->count; i++) {
        x[i] = (double)list->trials[i].number;
        y[i] = hn_plot_value(&list->trials[i], r->objective);
        marks[i] = (uint8_t)(i == r->best ? HN_MARK_BEST : hn_plot_mark(&list->trials[i]));
        trials[i] = list->trials[i].number;
    }
    r->points = (hn_series){
        .kind = HN_SERIES_POINTS, .n = list->count, .x = x, .y = y, .marks = marks, .trials = trials};
    return HONE_OK;
}

/* From the first trial that counts to the last trial. */
static hone_status make_best(run *r, hn_arena *arena, hone_error *err)
{
    const hn_trial_list *list = &r->study->trials;
    double *y = HN_ARENA_NEW(arena, double, list->count + 1), best = NAN;
    int sign = hn_plot_better(r->study, r->objective);
    if (!y) {
        return hn_out_of_memory(err);
    }
    for (size_t i = 0; i < list->count; i++) {
        if (hn_plot_counts(&list->trials[i], r->objective)) {
            double value = list->trials[i].values[r->objective];
            best = isnan(best) || sign * value > sign * best ? value : best;
        }
        y[i] = best;
    }
    r->best_so_far = (hn_series){
        .kind = HN_SERIES_STEPS, .n = list->count, .x = r->points.x, .y = y, .trials = r->points.trials};
    return HONE_OK;
}

static const char *title_of(const run *r, size_t n, hn_arena *arena)
{
    const char *metric = r->study->trials.metrics[r->objective];
    if (n > 1) {
        return hn_arena_printf(arena, "%s of %zu studies: the best so far", metric, n);
    }
    if (r->best == SIZE_MAX) {
        return hn_arena_printf(arena, "%s of %s by trial", metric, r->study->name);
    }
    char text[HN_NUMBER_SIZE];
    const hone_trial_info *trial = &r->study->trials.trials[r->best];
    hn_format_short(text, trial->values[r->objective], 5);
    return hn_arena_printf(arena, "%s of %s by trial: best %s in trial %lld", metric, r->study->name, text,
                           (long long)trial->number);
}

/* Nothing to see in any of them: what the first lacks. */
static const char *missing(const run *runs, size_t n, hn_arena *arena)
{
    for (size_t s = 0; s < n; s++) {
        for (size_t i = 0; i < runs[s].points.n; i++) {
            if (isfinite(runs[s].points.y[i])) {
                return NULL;
            }
        }
    }
    return hn_plot_missing(runs[0].study, runs[0].objective, 1, arena);
}

static hone_status make(const hn_plot_study *studies, size_t n, const hone_plot_options *options,
                        hn_arena *arena, hn_page *page, hone_error *err)
{
    run *runs = HN_ARENA_NEW(arena, run, n);
    hn_series *series = HN_ARENA_NEW(arena, hn_series, 2 * n);
    hn_figure *figure = HN_ARENA_NEW(arena, hn_figure, 1);
    hone_status status = runs && series && figure ? HONE_OK : hn_out_of_memory(err);
    for (size_t s = 0; !status && s < n; s++) {
        run *r = &runs[s];
        r->study = &studies[s];
        status = hn_plot_objective(r->study, options, &r->objective, err);
        r->best = status ? SIZE_MAX : hn_plot_best(r->study, r->objective);
        status = status ? status : make_points(r, arena, err);
        status = status ? status : make_best(r, arena, err);
        if (!status) {
            r->points.name = n > 1 ? NULL : "trial";
            r->points.faint = n > 1;
            r->best_so_far.name = n > 1 ? studies[s].name : "best so far";
            series[s] = r->points;
            series[n + s] = r->best_so_far;
        }
    }
    if (status) {
        return status;
    }
    *figure = (hn_figure){.title = title_of(&runs[0], n, arena),
                          .x = {.title = "trial"},
                          .y = {.title = runs[0].study->trials.metrics[runs[0].objective],
                                .better = hn_plot_better(&studies[0], runs[0].objective)},
                          .n_series = 2 * n,
                          .series = series,
                          .empty = missing(runs, n, arena)};
    page->n_figures = 1;
    page->figures = figure;
    return figure->title ? HONE_OK : hn_out_of_memory(err);
}

const hn_plot_kind hn_plot_history = {
    .name = "history",
    .help = "the value of each trial, and the best so far; several studies compared",
    .options = "metric",
    .several = true,
    .make = make,
};
