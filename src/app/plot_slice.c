/* The goal by each parameter: a panel each. */
#include "app/plot.h"

enum { USUAL_PANELS = 12 };

static hone_status make_panel(const hn_plot_study *study, const char *name, const hn_plot_column *value,
                              const hn_plot_column *number, size_t objective, hn_arena *arena,
                              hn_figure *figure, hone_error *err)
{
    hn_plot_column column;
    hn_series *points = HN_ARENA_NEW(arena, hn_series, 1);
    hone_status status = points ? HONE_OK : hn_out_of_memory(err);
    status = status ? status : hn_plot_column_make(study, name, arena, &column, err);
    status =
        status ? status : hn_plot_points(study, objective, column.values, value->values, arena, points, err);
    if (!status) {
        points->shade = number->values;
        *figure = (hn_figure){
            .x = column.axis, .y = value->axis, .shade = number->axis, .n_series = 1, .series = points};
    }
    return status;
}

static hone_status make(const hn_plot_study *studies, size_t n_studies, const hone_plot_options *options,
                        hn_arena *arena, hn_page *page, hone_error *err)
{
    (void)n_studies;
    const char *const *names;
    size_t objective, n = 0, shown;
    hn_plot_column value, number;
    hone_status status = hn_plot_objective(studies, options, &objective, err);
    status = status ? status : hn_plot_params(studies, options, arena, &names, &n, err);
    status = status ? status
                    : hn_plot_column_make(studies, studies->trials.metrics[objective], arena, &value, err);
    status = status ? status : hn_plot_column_make(studies, "number", arena, &number, err);
    if (status) {
        return status;
    }
    size_t most = options->limit ? (size_t)options->limit : options->n_params ? n : USUAL_PANELS;
    shown = n < most ? n : most;
    hn_figure *figures = HN_ARENA_NEW(arena, hn_figure, shown + 1);
    status = figures ? HONE_OK : hn_out_of_memory(err);
    for (size_t i = 0; !status && i < shown; i++) {
        status = make_panel(studies, names[i], &value, &number, objective, arena, &figures[i], err);
    }
    if (status) {
        return status;
    }
    const char *title = hn_arena_printf(arena, "%s of %s by each parameter", value.name, studies->name);
    const char *missing = hn_plot_missing(studies, objective, 1, arena);
    missing = missing || n ? missing : "the trials have no parameters";
    if (missing) {
        const hn_figure empty = {.title = title, .empty = missing};
        return hn_plot_single(arena, &empty, page, err);
    }
    page->title = title;
    page->note = shown < n ? hn_arena_printf(arena,
                                             "The first %zu of %zu parameters; --param names others, --limit "
                                             "shows more.",
                                             shown, n)
                           : hn_plot_infinite(studies, objective, arena);
    page->n_figures = shown;
    page->figures = figures;
    page->same_y = true;
    return title ? HONE_OK : hn_out_of_memory(err);
}

const hn_plot_kind hn_plot_slice = {
    .name = "slice",
    .help = "the goal by each parameter, a panel each",
    .notes = "The colour is the trial's number: where the search went.\n"
             "\n"
             "examples:\n"
             "  hone plot slice\n"
             "  hone plot slice digits-mlp --param lr --param layers -o slice.pdf",
    .options = "metric params limit",
    .make = make,
};
