/* How a study went: the value of each trial, and the best so far. */
#include <math.h>

#include "app/plot.h"
#include "base/number.h"

/* Of one study. */
typedef struct run {
    const hn_plot_study *study;
    size_t objective;
    hn_series points, best_so_far;
} run;

static hone_status make_points(run *r, hn_arena *arena, hone_error *err)
{
    const hn_trial_list *list = &r->study->trials;
    double *x = HN_ARENA_NEW(arena, double, list->count + 1);
    double *y = HN_ARENA_NEW(arena, double, list->count + 1);
    if (!x || !y) {
        return hn_out_of_memory(err);
    }
    for (size_t i = 0; i < list->count; i++) {
        x[i] = (double)list->trials[i].number;
        y[i] = hn_plot_value(&list->trials[i], r->objective);
    }
    return hn_plot_points(r->study, r->objective, x, y, arena, &r->points, err);
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
    size_t best = hn_plot_best(r->study, r->objective);
    if (n > 1) {
        return hn_arena_printf(arena, "%s of %zu studies: the best so far", metric, n);
    }
    if (best == SIZE_MAX) {
        return hn_arena_printf(arena, "%s of %s by trial", metric, r->study->name);
    }
    char text[HN_NUMBER_SIZE];
    const hone_trial_info *trial = &r->study->trials.trials[best];
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
    const char *lacks = hn_plot_missing(runs[0].study, runs[0].objective, 1, arena);
    return lacks ? lacks : hn_plot_infinite(runs[0].study, runs[0].objective, arena);
}

static bool all_spread(const run *runs, size_t n)
{
    bool spread = false;
    for (size_t s = 0; s < n; s++) {
        spread = spread || hn_plot_spreads(runs[s].points.y, runs[s].points.n);
    }
    for (size_t s = 0; s < n; s++) {
        for (size_t i = 0; i < runs[s].points.n; i++) {
            spread = spread && !(runs[s].points.y[i] <= 0);
        }
    }
    return spread;
}

static hone_status make_run(run *r, const hone_plot_options *options, hn_arena *arena, hone_error *err)
{
    hone_status status = hn_plot_objective(r->study, options, &r->objective, err);
    status = status ? status : make_points(r, arena, err);
    return status ? status : make_best(r, arena, err);
}

static hone_status make(const hn_plot_study *studies, size_t n, const hone_plot_options *options,
                        hn_arena *arena, hn_page *page, hone_error *err)
{
    run *runs = HN_ARENA_NEW(arena, run, n);
    hn_series *series = HN_ARENA_NEW(arena, hn_series, 2 * n);
    hone_status status = runs && series ? HONE_OK : hn_out_of_memory(err);
    for (size_t s = 0; !status && s < n; s++) {
        run *r = &runs[s];
        r->study = &studies[s];
        status = make_run(r, options, arena, err);
        r->points.name = n > 1 ? NULL : "trial";
        r->points.faint = n > 1;
        r->points.paint = (unsigned)s + 1;
        r->best_so_far.name = n > 1 ? studies[s].name : "best so far";
        r->best_so_far.paint = n > 1 ? (unsigned)s + 1 : 2;
        /* of one study its trials stand before the line, of several the lines before all trials */
        series[n > 1 ? s : 1] = r->points;
        series[n > 1 ? n + s : 0] = r->best_so_far;
    }
    if (status) {
        return status;
    }
    const hn_figure figure = {.title = title_of(&runs[0], n, arena),
                              .note = n == 1 ? hn_plot_infinite(studies, runs[0].objective, arena) : NULL,
                              .x = {.title = "trial", .whole = true},
                              .y = {.title = studies[0].trials.metrics[runs[0].objective],
                                    .log = all_spread(runs, n),
                                    .better = hn_plot_better(&studies[0], runs[0].objective)},
                              .n_series = 2 * n,
                              .series = series,
                              .empty = missing(runs, n, arena)};
    return hn_plot_single(arena, &figure, page, err);
}

const hn_plot_kind hn_plot_history = {
    .name = "history",
    .help = "the value of each trial, and the best so far; several studies compared",
    .notes = "A pruned trial stands at the last value it reported, a failed one on the lower edge.\n"
             "\n"
             "examples:\n"
             "  hone plot history digits-mlp\n"
             "  hone plot history first second -o both.svg",
    .options = "metric",
    .several = true,
    .make = make,
};
