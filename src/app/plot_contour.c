/* What a forest expects over two parameters, averaged over all others, with the trials upon it. */
#include <string.h>

#include "app/plot_analysis.h"

enum { MOST_POINTS = 1500 };

/* The two of options->params, or the most important ones; one given stands with the most important other. */
static hone_status choose_pair(const hn_plot_study *study, const hone_plot_options *options, size_t objective,
                               hn_arena *arena, const char *pair[2], const char **empty, hone_error *err)
{
    const char *const *names = NULL, *const *others = NULL;
    size_t n = 0, n_others = 0, taken = 0;
    hone_plot_options all = *options;
    all.n_params = 0;
    if (options->n_params > 2) {
        return hn_fail(err, HONE_INVALID, "plot contour: two parameters are shown, found %zu",
                       options->n_params);
    }
    hone_status status = hn_plot_important(study, options, objective, 2, arena, &names, &n, empty, err);
    if (!status && !*empty && n < 2) {
        status = hn_plot_important(study, &all, objective, 2, arena, &others, &n_others, empty, err);
    }
    if (status || *empty) {
        return status;
    }
    if (n == 2 && !strcmp(names[0], names[1])) {
        return hn_fail(err, HONE_INVALID, "plot contour: %.60s twice: the two parameters must differ",
                       names[0]);
    }
    for (size_t i = 0; i < n; i++) {
        pair[taken++] = names[i];
    }
    for (size_t i = 0; taken < 2 && i < n_others; i++) {
        if (!taken || strcmp(pair[0], others[i]) != 0) {
            pair[taken++] = others[i];
        }
    }
    *empty = taken < 2 ? "two parameters that vary are needed" : NULL;
    return HONE_OK;
}

/* Rows are values of the second parameter. */
static hone_status fill_grid(const hone_param_dependence *found, hn_arena *arena, hn_figure *figure,
                             hone_error *err)
{
    const hone_param_axis *x = &found->params[0], *y = &found->params[1];
    hn_figure_grid *grid = HN_ARENA_NEW(arena, hn_figure_grid, 1);
    double *values = HN_ARENA_NEW(arena, double, x->n * y->n);
    const double *x_places = hn_plot_places(arena, x), *y_places = hn_plot_places(arena, y);
    if (!grid || !values || !x_places || !y_places) {
        return hn_out_of_memory(err);
    }
    for (size_t i = 0; i < x->n; i++) {
        for (size_t j = 0; j < y->n; j++) {
            values[j * x->n + i] = found->mean[i * y->n + j];
        }
    }
    *grid = (hn_figure_grid){.n_x = x->n, .n_y = y->n, .x = x_places, .y = y_places, .values = values};
    figure->grid = grid;
    figure->note = "What a random forest expects, averaged over the whole range of all other parameters.";
    return HONE_OK;
}

/* Trials upon the shades: all, or evenly many by number and the best, so that the shades are seen. */
static hone_status add_trials(const hn_plot_study *study, size_t objective, const hn_plot_column *x,
                              const hn_plot_column *y, hn_arena *arena, hn_figure *figure, hone_error *err)
{
    size_t count = study->trials.count, step = count / MOST_POINTS + 1, best = hn_plot_best(study, objective);
    size_t room = count / step + 2, n = 0;
    hn_series *series = HN_ARENA_NEW(arena, hn_series, 1);
    double *across = HN_ARENA_NEW(arena, double, room), *up = HN_ARENA_NEW(arena, double, room);
    uint8_t *marks = HN_ARENA_NEW(arena, uint8_t, room);
    int64_t *numbers = HN_ARENA_NEW(arena, int64_t, room);
    if (!series || !across || !up || !marks || !numbers) {
        return hn_out_of_memory(err);
    }
    for (size_t i = 0; i < count; i++) {
        if (i % step == 0 || i == best) {
            across[n] = x->values[i];
            up[n] = y->values[i];
            marks[n] = (uint8_t)(i == best ? HN_MARK_BEST : hn_plot_mark(&study->trials.trials[i]));
            numbers[n++] = study->trials.trials[i].number;
        }
    }
    *series = (hn_series){
        .kind = HN_SERIES_POINTS, .n = n, .x = across, .y = up, .marks = marks, .trials = numbers};
    figure->n_series = 1;
    figure->series = series;
    if (step > 1) {
        figure->note =
            hn_arena_printf(arena, "%s Of the %zu trials one in %zu is marked.", figure->note, count, step);
    }
    return figure->note ? HONE_OK : hn_out_of_memory(err);
}

static hone_status make_figure(const hn_plot_study *study, const char *const *pair, size_t objective,
                               hn_arena *arena, hn_figure *figure, hone_error *err)
{
    hone_error why = {0};
    hone_param_dependence *found = NULL;
    hn_plot_column x, y;
    hone_param_dependence_config config = HONE_PARAM_DEPENDENCE_CONFIG_INIT;
    config.param = pair[0];
    config.second = pair[1];
    config.objective = objective;
    hone_status status = hn_plot_column_make(study, pair[0], arena, &x, err);
    status = status ? status : hn_plot_column_make(study, pair[1], arena, &y, err);
    if (status) {
        return status;
    }
    figure->x = x.axis;
    figure->y = y.axis;
    figure->shade = (hn_figure_axis){.title = study->trials.metrics[objective],
                                     .better = hn_plot_better(study, objective)};
    status = hone_study_dependence(study->study, &config, &found, &why);
    status = hn_plot_analysed(status, &why, arena, &figure->empty, err);
    if (!status && !figure->empty) {
        status = fill_grid(found, arena, figure, err);
        status = status ? status : add_trials(study, objective, &x, &y, arena, figure, err);
    }
    hone_param_dependence_free(found);
    return status;
}

static hone_status make(const hn_plot_study *studies, size_t n_studies, const hone_plot_options *options,
                        hn_arena *arena, hn_page *page, hone_error *err)
{
    (void)n_studies;
    const char *pair[2] = {NULL, NULL}, *empty = NULL;
    size_t objective = 0;
    hn_figure *figure = HN_ARENA_NEW(arena, hn_figure, 1);
    hone_status status = hn_plot_objective(studies, options, &objective, err);
    if (!status) {
        status = choose_pair(studies, options, objective, arena, pair, &empty, err);
    }
    if (status || !figure) {
        return status ? status : hn_out_of_memory(err);
    }
    const char *metric = studies->trials.metrics[objective];
    if (empty) {
        return hn_plot_empty(arena,
                             hn_arena_printf(arena, "%s of %s over two parameters", metric, studies->name),
                             empty, page, err);
    }
    figure->title =
        hn_arena_printf(arena, "%s of %s over %s and %s", metric, studies->name, pair[0], pair[1]);
    status =
        figure->title ? make_figure(studies, pair, objective, arena, figure, err) : hn_out_of_memory(err);
    page->n_figures = 1;
    page->figures = figure;
    return status;
}

const hn_plot_kind hn_plot_contour = {
    .name = "contour",
    .help = "what a random forest expects over two parameters, and the trials",
    .notes =
        "Without --param over the two parameters that matter most; with one over it and the most important\n"
        "other. All complete trials count for the shades, whatever --filter says.\n"
        "\n"
        "examples:\n"
        "  hone plot contour\n"
        "  hone plot contour digits-mlp --param lr --param dropout -o contour.pdf",
    .options = "metric params",
    .make = make,
};
