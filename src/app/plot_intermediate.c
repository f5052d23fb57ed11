/* Learning curves: what trials reported, step by step. */
#include <math.h>
#include <stdlib.h>

#include "app/plot.h"

enum { USUAL_LINES = 300 };

/* The colours of what became of the trials. */
typedef enum fate { COMPLETE, PRUNED, FAILED, RUNNING, BEST, FATES } fate;

static const char *const names[FATES] = {"complete", "pruned", "failed", "running", NULL};
static const unsigned paints[FATES] = {1, 8, 4, 3, 2};

static fate fate_of(const hone_trial_info *trial)
{
    switch (trial->state) {
    case HONE_PRUNED: return PRUNED;
    case HONE_FAILED: return FAILED;
    case HONE_RUNNING:
    case HONE_WAITING: return RUNNING;
    case HONE_COMPLETE: break;
    }
    return COMPLETE;
}

static hone_status make_line(const hone_trial_info *trial, fate came_to, hn_arena *arena, hn_series *line,
                             hone_error *err)
{
    double *x = HN_ARENA_NEW(arena, double, trial->n_reports);
    int64_t *numbers = HN_ARENA_NEW(arena, int64_t, trial->n_reports);
    if (!x || !numbers) {
        return hn_out_of_memory(err);
    }
    for (size_t i = 0; i < trial->n_reports; i++) {
        x[i] = (double)trial->steps[i];
        numbers[i] = trial->number;
    }
    *line = (hn_series){.n = trial->n_reports,
                        .x = x,
                        .y = trial->reports,
                        .trials = numbers,
                        .faint = came_to != BEST,
                        .paint = paints[came_to]};
    return HONE_OK;
}

/* At even distances among those that reported; the best always, in front. */
static hone_status make_lines(const hn_plot_study *study, size_t best, size_t reported, size_t most,
                              hn_arena *arena, hn_series *series, size_t *n, hone_error *err)
{
    const hn_trial_list *list = &study->trials;
    hone_status status = HONE_OK;
    bool named[FATES] = {false}, leads = best != SIZE_MAX && list->trials[best].n_reports;
    size_t others = reported - leads, room = most - leads;
    for (size_t i = 0, seen = 0; !status && i < list->count; i++) {
        const hone_trial_info *trial = &list->trials[i];
        if (!trial->n_reports || i == best) {
            continue;
        }
        bool drawn = others <= room || seen * room / others != (seen + 1) * room / others;
        seen++;
        if (drawn) {
            fate came_to = fate_of(trial);
            status = make_line(trial, came_to, arena, &series[*n], err);
            series[(*n)++].name = named[came_to] ? NULL : names[came_to];
            named[came_to] = true;
        }
    }
    if (!status && leads) {
        status = make_line(&list->trials[best], BEST, arena, &series[*n], err);
        series[(*n)++].name =
            hn_arena_printf(arena, "best: trial %lld", (long long)list->trials[best].number);
    }
    return status;
}

static bool spreads(const hn_series *series, size_t n)
{
    bool spread = false, positive = true;
    for (size_t s = 0; s < n; s++) {
        spread = spread || hn_plot_spreads(series[s].y, series[s].n);
        for (size_t i = 0; i < series[s].n; i++) {
            positive = positive && !(series[s].y[i] <= 0);
        }
    }
    return spread && positive;
}

static hone_status make(const hn_plot_study *studies, size_t n_studies, const hone_plot_options *options,
                        hn_arena *arena, hn_page *page, hone_error *err)
{
    (void)n_studies;
    const hn_trial_list *list = &studies->trials;
    size_t reported = 0, n = 0, most = options->limit ? (size_t)options->limit : USUAL_LINES;
    hone_plot_options first = *options;
    first.metric = NULL; /* reports are those of the first goal */
    size_t objective;
    hone_status status = hn_plot_objective(studies, &first, &objective, err);
    for (size_t i = 0; i < list->count; i++) {
        reported += list->trials[i].n_reports > 0;
    }
    hn_series *series = HN_ARENA_NEW(arena, hn_series, (reported < most ? reported : most) + 2);
    if (status || !series) {
        return status ? status : hn_out_of_memory(err);
    }
    status = make_lines(studies, hn_plot_best(studies, objective), reported, most, arena, series, &n, err);
    if (status) {
        return status;
    }
    const hn_figure figure = {
        .title = hn_arena_printf(arena, "what the trials of %s reported", studies->name),
        .note = n < reported ? hn_arena_printf(arena, "%zu of %zu trials, at even distances.", n, reported)
                             : NULL,
        .x = {.title = "step", .whole = true},
        .y = {.title = list->metrics[objective],
              .log = spreads(series, n),
              .better = hn_plot_better(studies, objective)},
        .n_series = n,
        .series = series,
        .empty = reported      ? NULL
                 : list->count ? "no trial has reported a value at a step"
                               : hn_plot_missing(studies, objective, 1, arena)};
    return hn_plot_single(arena, &figure, page, err);
}

const hn_plot_kind hn_plot_intermediate = {
    .name = "intermediate",
    .help = "learning curves: what the trials reported, step by step",
    .notes = "examples:\n"
             "  hone plot intermediate\n"
             "  hone plot intermediate digits-mlp --filter 'lr < 0.01' -o curves.svg",
    .options = "limit",
    .make = make,
};
