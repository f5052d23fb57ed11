/* Any two columns of the trials against each other, coloured by a third. */
#include <math.h>

#include "app/plot.h"

static const char *missing(const hn_plot_study *study, const hn_plot_column *x, const hn_plot_column *y,
                           hn_arena *arena)
{
    for (size_t i = 0; i < study->trials.count; i++) {
        if (isfinite(x->values[i]) && isfinite(y->values[i])) {
            return NULL;
        }
    }
    return study->trials.count ? hn_arena_printf(arena, "no trial has both %s and %s", x->name, y->name)
                               : hn_plot_missing(study, 0, 1, arena);
}

/* How many trials are not to be seen. */
static const char *note_of(const hn_plot_study *study, const hn_series *points, hn_arena *arena)
{
    size_t without = 0, n = study->trials.count;
    for (size_t i = 0; i < n; i++) {
        without += !isfinite(points->x[i]) || !isfinite(points->y[i]);
    }
    return without ? hn_arena_printf(arena, "%zu of %zu trials lack one of the two.", without, n) : NULL;
}

static hone_status make(const hn_plot_study *studies, size_t n, const hone_plot_options *options,
                        hn_arena *arena, hn_page *page, hone_error *err)
{
    (void)n;
    hn_plot_column x, y, hue = {0};
    size_t objective;
    hn_series *points = HN_ARENA_NEW(arena, hn_series, 1);
    hone_status status = points ? HONE_OK : hn_out_of_memory(err);
    status = status ? status : hn_plot_objective(studies, options, &objective, err);
    if (!status) {
        const char *metric = studies->trials.metrics[objective];
        status = hn_plot_column_make(studies, options->x ? options->x : "number", arena, &x, err);
        status =
            status ? status : hn_plot_column_make(studies, options->y ? options->y : metric, arena, &y, err);
    }
    if (!status && options->hue) {
        status = hn_plot_column_make(studies, options->hue, arena, &hue, err);
    }
    status = status ? status : hn_plot_points(studies, objective, x.values, y.values, arena, points, err);
    if (status) {
        return status;
    }
    points->shade = hue.values;
    const hn_figure figure = {.title =
                                  hn_arena_printf(arena, "%s of %s by %s%s%s", y.name, studies->name, x.name,
                                                  hue.name ? ", coloured by " : "", hue.name ? hue.name : ""),
                              .note = note_of(studies, points, arena),
                              .x = x.axis,
                              .y = y.axis,
                              .shade = hue.axis,
                              .n_series = 1,
                              .series = points,
                              .empty = missing(studies, &x, &y, arena)};
    return hn_plot_single(arena, &figure, page, err);
}

const hn_plot_kind hn_plot_scatter = {
    .name = "scatter",
    .help = "any two columns of the trials, coloured by a third",
    .notes =
        "A column is a parameter, a metric, an attribute, or one of value, number, state, duration, start,\n"
        "complete, step (the last) and worker. By default the goal's metric by the trial's number.\n"
        "\n"
        "examples:\n"
        "  hone plot scatter --x lr --y loss --hue layers\n"
        "  hone plot scatter --x duration --y value --hue optimizer -o scatter.png",
    .options = "x y hue metric",
    .make = make,
};
