/* Parallel coordinates: the goal and the parameters side by side, a line a trial. */
#include <math.h>
#include <stdlib.h>

#include "app/plot.h"

enum { USUAL_LINES = 1000 };

typedef struct ranked {
    double loss;
    size_t trial;
} ranked;

static int by_loss(const void *a, const void *b)
{
    const ranked *x = a, *y = b;
    return x->loss != y->loss ? (x->loss < y->loss ? -1 : 1) : (x->trial > y->trial) - (x->trial < y->trial);
}

/* Which trials are drawn: those that count, of too many the best tenth of the lines and others at even
 * distances in rank. */
static size_t choose(const hn_plot_study *study, size_t objective, size_t most, ranked *rows, size_t *all)
{
    const hn_trial_list *list = &study->trials;
    int sign = hn_plot_better(study, objective);
    size_t n = 0, kept;
    for (size_t i = 0; i < list->count; i++) {
        if (hn_plot_counts(&list->trials[i], objective)) {
            rows[n++] = (ranked){-sign * list->trials[i].values[objective], i};
        }
    }
    *all = n;
    qsort(rows, n, sizeof *rows, by_loss);
    if (n <= most) {
        return n;
    }
    kept = most / 10 ? most / 10 : 1;
    for (size_t first = kept, left = most - kept, i = 0; i < left; i++) {
        rows[kept++] = rows[first + (n - first) * i / left];
    }
    return kept;
}

static hone_status fill(const hn_plot_study *study, const hn_plot_column *columns, const ranked *rows,
                        hn_figure_parallel *p, hn_arena *arena, hone_error *err)
{
    double *values = HN_ARENA_NEW(arena, double, p->n * p->n_axes + 1);
    double *shade = HN_ARENA_NEW(arena, double, p->n + 1);
    uint8_t *marks = HN_ARENA_NEW(arena, uint8_t, p->n + 1);
    int64_t *trials = HN_ARENA_NEW(arena, int64_t, p->n + 1);
    hn_figure_axis *axes = HN_ARENA_NEW(arena, hn_figure_axis, p->n_axes);
    if (!values || !shade || !marks || !trials || !axes) {
        return hn_out_of_memory(err);
    }
    for (size_t a = 0; a < p->n_axes; a++) {
        axes[a] = columns[a].axis;
        for (size_t i = 0; i < p->n; i++) {
            values[i * p->n_axes + a] = columns[a].values[rows[i].trial];
        }
    }
    for (size_t i = 0; i < p->n; i++) {
        shade[i] = columns[0].values[rows[i].trial];
        marks[i] = i ? HN_MARK_PLAIN : HN_MARK_BEST;
        trials[i] = study->trials.trials[rows[i].trial].number;
    }
    p->values = values;
    p->shade = shade;
    p->marks = marks;
    p->trials = trials;
    p->axes = axes;
    return HONE_OK;
}

/* The goal, then the parameters. */
static hone_status make_columns(const hn_plot_study *study, const hone_plot_options *options,
                                size_t objective, hn_arena *arena, hn_plot_column **columns, size_t *n,
                                hone_error *err)
{
    const char *const *names;
    size_t n_params;
    hone_status status = hn_plot_params(study, options, arena, &names, &n_params, err);
    hn_plot_column *made = status ? NULL : HN_ARENA_NEW(arena, hn_plot_column, n_params + 1);
    if (!made) {
        return status ? status : hn_out_of_memory(err);
    }
    status = hn_plot_column_make(study, study->trials.metrics[objective], arena, &made[0], err);
    for (size_t i = 0; !status && i < n_params; i++) {
        status = hn_plot_column_make(study, names[i], arena, &made[i + 1], err);
    }
    *columns = made;
    *n = n_params + 1;
    return status;
}

static hone_status make(const hn_plot_study *studies, size_t n, const hone_plot_options *options,
                        hn_arena *arena, hn_page *page, hone_error *err)
{
    (void)n;
    size_t objective, all;
    hn_plot_column *columns = NULL;
    hn_figure_parallel *p = HN_ARENA_NEW(arena, hn_figure_parallel, 1);
    ranked *rows = HN_ARENA_NEW(arena, ranked, studies->trials.count + 1);
    hone_status status = p && rows ? HONE_OK : hn_out_of_memory(err);
    status = status ? status : hn_plot_objective(studies, options, &objective, err);
    status = status ? status : make_columns(studies, options, objective, arena, &columns, &p->n_axes, err);
    if (status) {
        return status;
    }
    p->n = choose(studies, objective, options->limit ? (size_t)options->limit : USUAL_LINES, rows, &all);
    status = fill(studies, columns, rows, p, arena, err);
    if (status) {
        return status;
    }
    const hn_figure figure = {
        .title =
            hn_arena_printf(arena, "parameters and %s of the trials of %s", columns[0].name, studies->name),
        .note = p->n < all ? hn_arena_printf(
                                 arena, "%zu of %zu trials: the best, and others at even distances in rank.",
                                 p->n, all)
                           : NULL,
        .shade = columns[0].axis,
        .parallel = p,
        .empty = hn_plot_missing(studies, objective, 1, arena)};
    return hn_plot_single(arena, &figure, page, err);
}

const hn_plot_kind hn_plot_parallel = {
    .name = "parallel",
    .help = "parallel coordinates: the goal and the parameters side by side, a line a trial",
    .notes = "Complete trials. The best stand out, and the best of all is thick.\n"
             "\n"
             "examples:\n"
             "  hone plot parallel\n"
             "  hone plot parallel digits-mlp --param lr --param units --limit 100 -o parallel.svg",
    .options = "metric params limit",
    .make = make,
};
