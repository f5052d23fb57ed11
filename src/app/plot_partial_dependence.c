/* What a forest expects at each parameter's values, averaged over all others: a panel each. */
#include "app/plot_analysis.h"

enum { USUAL_PANELS = 6 };

/* Where the best trial lies; none when it lacks the parameter. */
static hone_status mark_best(const hn_plot_study *study, size_t objective, const hn_plot_column *column,
                             hn_arena *arena, hn_figure *figure, hone_error *err)
{
    size_t best = hn_plot_best(study, objective);
    if (best == SIZE_MAX || !(column->values[best] == column->values[best])) {
        return HONE_OK;
    }
    hn_figure_rule *rule = HN_ARENA_NEW(arena, hn_figure_rule, 1);
    if (!rule) {
        return hn_out_of_memory(err);
    }
    *rule = (hn_figure_rule){.at = column->values[best], .upright = true};
    figure->n_rules = 1;
    figure->rules = rule;
    return HONE_OK;
}

static hone_status fill_panel(const hone_param_dependence *found, hn_arena *arena, hn_figure *figure,
                              hone_error *err)
{
    const hone_param_axis *param = &found->params[0];
    hn_series *series = HN_ARENA_NEW(arena, hn_series, 1);
    double *y = HN_ARENA_NEW(arena, double, param->n), *low = HN_ARENA_NEW(arena, double, param->n),
           *high = HN_ARENA_NEW(arena, double, param->n);
    const double *x = hn_plot_places(arena, param);
    if (!series || !x || !y || !low || !high) {
        return hn_out_of_memory(err);
    }
    for (size_t i = 0; i < param->n; i++) {
        y[i] = found->mean[i];
        low[i] = found->mean[i] - found->deviation[i];
        high[i] = found->mean[i] + found->deviation[i];
    }
    *series = (hn_series){.kind = param->categorical ? HN_SERIES_POINTS : HN_SERIES_LINE,
                          .n = param->n,
                          .x = x,
                          .y = y,
                          .low = low,
                          .high = high};
    figure->n_series = 1;
    figure->series = series;
    return HONE_OK;
}

static hone_status make_panel(const hn_plot_study *study, const char *name, size_t objective, hn_arena *arena,
                              hn_figure *figure, hone_error *err)
{
    hone_error why = {0};
    hone_param_dependence *found = NULL;
    hn_plot_column column;
    hone_param_dependence_config config = HONE_PARAM_DEPENDENCE_CONFIG_INIT;
    config.param = name;
    config.objective = objective;
    hone_status status = hn_plot_column_make(study, name, arena, &column, err);
    if (status) {
        return status;
    }
    *figure = (hn_figure){
        .title = name,
        .x = column.axis,
        .y = {.title = study->trials.metrics[objective], .better = hn_plot_better(study, objective)}};
    status = hone_study_dependence(study->study, &config, &found, &why);
    status = hn_plot_analysed(status, &why, arena, &figure->empty, err);
    if (!status && !figure->empty) {
        status = fill_panel(found, arena, figure, err);
    }
    if (!status && !figure->empty && found->having < hone_study_state_count(study->study, HONE_COMPLETE)) {
        figure->title = hn_arena_printf(arena, "%s (%lld trials)", name, (long long)found->having);
        status = figure->title ? HONE_OK : hn_out_of_memory(err);
    }
    if (!status && !figure->empty) {
        status = mark_best(study, objective, &column, arena, figure, err);
    }
    hone_param_dependence_free(found);
    return status;
}

static hone_status make(const hn_plot_study *studies, size_t n_studies, const hone_plot_options *options,
                        hn_arena *arena, hn_page *page, hone_error *err)
{
    (void)n_studies;
    const char *const *names = NULL;
    const char *empty = NULL;
    size_t objective = 0, n = 0, most = options->limit ? (size_t)options->limit : USUAL_PANELS;
    hone_status status = hn_plot_objective(studies, options, &objective, err);
    if (!status) {
        status = hn_plot_important(studies, options, objective, most, arena, &names, &n, &empty, err);
    }
    if (status) {
        return status;
    }
    const char *title = hn_arena_printf(arena, "%s of %s: what a random forest expects at each value",
                                        studies->trials.metrics[objective], studies->name);
    if (empty) {
        return hn_plot_empty(arena, title, empty, page, err);
    }
    hn_figure *figures = HN_ARENA_NEW(arena, hn_figure, n);
    status = figures && title ? HONE_OK : hn_out_of_memory(err);
    for (size_t i = 0; !status && i < n; i++) {
        status = make_panel(studies, names[i], objective, arena, &figures[i], err);
    }
    page->title = title;
    page->note =
        "Averaged over the whole range of all other parameters; the band is one deviation between the "
        "forest's trees. Dashed: the best trial.";
    page->n_figures = n;
    page->figures = figures;
    page->same_y = true;
    return status;
}

const hn_plot_kind hn_plot_partial_dependence = {
    .name = "partial-dependence",
    .help = "what a random forest expects of each parameter, averaged over the others",
    .notes =
        "Of a study: without --param the parameters that matter most. A conditional parameter is shown over the\n"
        "trials that have it. All complete trials count, whatever --filter says.\n"
        "\n"
        "Of a saved model: hone plot partial-dependence model.hone data.csv --column NAME\n"
        "(hone plot partial-dependence model.hone --help).\n"
        "\n"
        "examples:\n"
        "  hone plot partial-dependence\n"
        "  hone plot partial-dependence digits-mlp --param lr --param layers -o dependence.png",
    .options = "metric params limit",
    .make = make,
};
