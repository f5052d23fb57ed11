/* What the kinds of plots share: objectives, marks, what is missing. */
#include <math.h>
#include <string.h>

#include "app/plot.h"
#include "view/figure_range.h"

hone_status hn_plot_objective(const hn_plot_study *study, const hone_plot_options *options, size_t *objective,
                              hone_error *err)
{
    const hn_trial_list *list = &study->trials;
    const char *name = options->metric;
    for (size_t i = 0; i < list->n_objectives; i++) {
        if (!name || !strcmp(list->metrics[i], name)) {
            *objective = i;
            return HONE_OK;
        }
    }
    if (!name) {
        return hn_fail(err, HONE_INVALID, "study '%s' has no objective", study->name);
    }
    const char *near = hn_nearest_name(name, list->metrics, list->n_objectives);
    return hn_fail(err, HONE_NOT_FOUND, "study '%s' has no metric '%.60s' among its goals%s%s%s", study->name,
                   name, near ? " (did you mean '" : "; the first is '", near ? near : list->metrics[0],
                   near ? "'?)" : "'");
}

int hn_plot_better(const hn_plot_study *study, size_t objective)
{
    return study->trials.directions[objective] == HONE_MAXIMIZE ? 1 : -1;
}

static bool is_feasible(const hone_trial_info *trial)
{
    for (size_t i = 0; i < trial->n_constraints; i++) {
        if (!(trial->constraints[i] <= 0)) {
            return false;
        }
    }
    return true;
}

hn_mark hn_plot_mark(const hone_trial_info *trial)
{
    switch (trial->state) {
    case HONE_FAILED: return HN_MARK_FAILED;
    case HONE_PRUNED: return HN_MARK_PRUNED;
    case HONE_RUNNING:
    case HONE_WAITING: return HN_MARK_RUNNING;
    case HONE_COMPLETE: break;
    }
    return is_feasible(trial) ? HN_MARK_PLAIN : HN_MARK_INFEASIBLE;
}

double hn_plot_value(const hone_trial_info *trial, size_t objective)
{
    if (objective < trial->n_values) {
        return trial->values[objective];
    }
    bool ended_early = trial->state == HONE_PRUNED || trial->state == HONE_RUNNING;
    return ended_early && objective == 0 && trial->n_reports ? trial->reports[trial->n_reports - 1] : NAN;
}

bool hn_plot_counts(const hone_trial_info *trial, size_t objective)
{
    return trial->state == HONE_COMPLETE && is_feasible(trial) && objective < trial->n_values &&
           !isnan(trial->values[objective]);
}

size_t hn_plot_best(const hn_plot_study *study, size_t objective)
{
    const hn_trial_list *list = &study->trials;
    int sign = hn_plot_better(study, objective);
    size_t best = SIZE_MAX;
    for (size_t i = 0; i < list->count; i++) {
        if (hn_plot_counts(&list->trials[i], objective) &&
            (best == SIZE_MAX ||
             sign * list->trials[i].values[objective] > sign * list->trials[best].values[objective])) {
            best = i;
        }
    }
    return best;
}

const char *hn_plot_missing(const hn_plot_study *study, size_t objective, size_t least, hn_arena *arena)
{
    const hn_trial_list *list = &study->trials;
    size_t states[HONE_WAITING + 1] = {0}, counts = 0;
    for (size_t i = 0; i < list->count; i++) {
        states[list->trials[i].state]++;
        counts += hn_plot_counts(&list->trials[i], objective);
    }
    if (counts >= least) {
        return NULL;
    }
    if (!list->count) {
        return hn_arena_printf(arena, "no trials yet in study '%s'", study->name);
    }
    hn_buffer text = HN_BUFFER_INIT;
    if (counts) {
        hn_buffer_printf(&text, "%zu trial%s complete; this plot needs %zu", counts,
                         counts == 1 ? " is" : "s are", least);
    } else {
        hn_buffer_text(&text, "no trial is complete yet");
    }
    const char *between = ": ";
    for (size_t s = 0; s <= HONE_WAITING; s++) {
        if (states[s]) {
            hn_buffer_printf(&text, "%s%zu %s", between, states[s],
                             hone_trial_state_name((hone_trial_state)s));
            between = ", ";
        }
    }
    const char *copy = hn_buffer_failed(&text) ? NULL : hn_arena_strdup(arena, hn_buffer_string(&text));
    hn_buffer_release(&text);
    return copy;
}

const char *hn_plot_infinite(const hn_plot_study *study, size_t objective, hn_arena *arena)
{
    size_t complete = 0, beyond = 0;
    for (size_t i = 0; i < study->trials.count; i++) {
        const hone_trial_info *trial = &study->trials.trials[i];
        bool valued = trial->state == HONE_COMPLETE && objective < trial->n_values;
        complete += trial->state == HONE_COMPLETE;
        beyond += valued && !(fabs(trial->values[objective]) <= HN_AXIS_MOST);
    }
    return beyond ? hn_arena_printf(
                        arena,
                        "%zu of %zu complete trials have a value that is infinite, beyond 1e300 or no "
                        "number: they have no place here.",
                        beyond, complete)
                  : NULL;
}

bool hn_plot_spreads(const double *values, size_t n)
{
    double low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < n; i++) {
        if (isfinite(values[i])) {
            low = fmin(low, values[i]);
            high = fmax(high, values[i]);
        }
    }
    return low > 0 && low <= high && high / low >= 1e4;
}

hone_status hn_plot_points(const hn_plot_study *study, size_t objective, const double *x, const double *y,
                           hn_arena *arena, hn_series *points, hone_error *err)
{
    const hn_trial_list *list = &study->trials;
    size_t best = hn_plot_best(study, objective);
    uint8_t *marks = HN_ARENA_NEW(arena, uint8_t, list->count + 1);
    int64_t *trials = HN_ARENA_NEW(arena, int64_t, list->count + 1);
    if (!marks || !trials) {
        return hn_out_of_memory(err);
    }
    for (size_t i = 0; i < list->count; i++) {
        marks[i] = (uint8_t)(i == best ? HN_MARK_BEST : hn_plot_mark(&list->trials[i]));
        trials[i] = list->trials[i].number;
    }
    *points = (hn_series){
        .kind = HN_SERIES_POINTS, .n = list->count, .x = x, .y = y, .marks = marks, .trials = trials};
    return HONE_OK;
}

hone_status hn_plot_single(hn_arena *arena, const hn_figure *figure, hn_page *page, hone_error *err)
{
    hn_figure *copy = HN_ARENA_NEW(arena, hn_figure, 1);
    if (!copy || !figure->title) {
        return hn_out_of_memory(err);
    }
    *copy = *figure;
    page->n_figures = 1;
    page->figures = copy;
    return HONE_OK;
}
