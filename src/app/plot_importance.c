/* How much each parameter mattered: bars, the most important above. */
#include <string.h>

#include "app/plot_analysis.h"

enum { USUAL_BARS = 30, MOST_TRIALS = 10000 };

static const char *const explained[][2] = {
    {"fanova", "Share of the values' variance over the whole space that a parameter explains (fANOVA)."},
    {"ped_anova", "How a parameter's values differ in the best tenth of the trials (PED-ANOVA)."},
    {"impurity", "What the cuts of a random forest gain by a parameter."},
};

enum { N_METHODS = sizeof explained / sizeof *explained };

static hone_status find_method(const char *name, size_t *method, hone_error *err)
{
    const char *names[N_METHODS];
    for (size_t i = 0; i < N_METHODS; i++) {
        names[i] = explained[i][0];
        if (!name || !strcmp(name, names[i])) {
            *method = i;
            return HONE_OK;
        }
    }
    const char *near = hn_nearest_name(name, names, N_METHODS);
    return hn_fail(err, HONE_INVALID,
                   "no method '%.60s' of importance: fanova, ped_anova and impurity are there%s%s%s", name,
                   near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

static hone_status fill_bars(const hone_param_importance *found, size_t shown, hn_arena *arena,
                             hn_figure *figure, hone_error *err)
{
    hn_series *series = HN_ARENA_NEW(arena, hn_series, 1);
    double *shares = HN_ARENA_NEW(arena, double, shown);
    const char **names = HN_ARENA_NEW(arena, const char *, shown);
    bool room = series && shares && names;
    for (size_t i = 0; room && i < shown; i++) {
        shares[i] = 100 * found->importance[i];
        names[i] = hn_arena_strdup(arena, found->params[i]);
        room = names[i] != NULL;
    }
    if (!room) {
        return hn_out_of_memory(err);
    }
    *series = (hn_series){.kind = HN_SERIES_BARS, .n = shown, .x = shares};
    figure->x = (hn_figure_axis){.title = "importance (%)"};
    figure->y = (hn_figure_axis){.n_categories = shown, .categories = names};
    figure->n_series = 1;
    figure->series = series;
    return HONE_OK;
}

static hone_status make_figure(const hn_plot_study *study, const hone_plot_options *options, size_t objective,
                               size_t method, hn_arena *arena, hn_figure *figure, hone_error *err)
{
    hone_error why = {0};
    hone_param_importance *found = NULL;
    hone_param_importance_config config = HONE_PARAM_IMPORTANCE_CONFIG_INIT;
    config.method = explained[method][0];
    config.objective = objective;
    config.max_trials = MOST_TRIALS;
    figure->title = hn_arena_printf(arena, "importance of the parameters of %s for %s", study->name,
                                    study->trials.metrics[objective]);
    figure->empty = hn_plot_missing(study, objective, 2, arena);
    if (!figure->title) {
        return hn_out_of_memory(err);
    }
    if (figure->empty) {
        return HONE_OK;
    }
    hone_status status = hone_study_importance(study->study, &config, &found, &why);
    status = hn_plot_analysed(status, &why, arena, &figure->empty, err);
    if (status || figure->empty) {
        return status;
    }
    size_t most = options->limit ? (size_t)options->limit : USUAL_BARS;
    size_t shown = found->n_params < most ? found->n_params : most;
    if (!shown) {
        figure->empty = "the trials have no parameters";
    } else {
        status = fill_bars(found, shown, arena, figure, err);
        figure->note = shown < found->n_params
                           ? hn_arena_printf(arena, "%s The %zu of %zu that matter most; --limit shows more.",
                                             explained[method][1], shown, found->n_params)
                           : explained[method][1];
    }
    hone_param_importance_free(found);
    return status;
}

static hone_status make(const hn_plot_study *studies, size_t n_studies, const hone_plot_options *options,
                        hn_arena *arena, hn_page *page, hone_error *err)
{
    (void)n_studies;
    size_t method = 0, first = 0, n = studies->trials.n_objectives;
    hone_status status = find_method(options->method, &method, err);
    status = status ? status : hn_plot_objective(studies, options, &first, err);
    n = options->metric ? 1 : n;
    hn_figure *figures = HN_ARENA_NEW(arena, hn_figure, n + 1);
    if (!status && !figures) {
        status = hn_out_of_memory(err);
    }
    for (size_t i = 0; !status && i < n; i++) {
        status = make_figure(studies, options, first + i, method, arena, &figures[i], err);
    }
    page->n_figures = n;
    page->figures = figures;
    if (!status && n > 1) {
        page->title = hn_arena_printf(arena, "importance of the parameters of %s", studies->name);
        status = page->title ? HONE_OK : hn_out_of_memory(err);
    }
    for (size_t i = 0; !status && n > 1 && i < n; i++) {
        figures[i].title = studies->trials.metrics[i];
    }
    return status;
}

const hn_plot_kind hn_plot_importance = {
    .name = "importance",
    .help = "how much each parameter mattered, for every goal",
    .notes =
        "Methods are fanova (default), ped_anova and impurity; `hone importance` says more of them and shows\n"
        "pairs. All complete trials count, whatever --filter says; of more than 10000 a forest is grown on so many.\n"
        "\n"
        "examples:\n"
        "  hone plot importance\n"
        "  hone plot importance digits-mlp --method ped_anova -o importance.svg",
    .options = "metric method limit",
    .make = make,
};
