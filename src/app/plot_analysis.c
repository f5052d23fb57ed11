#include "app/plot_analysis.h"

#include "base/number.h"

hone_status hn_plot_analysed(hone_status status, const hone_error *why, hn_arena *arena, const char **empty,
                             hone_error *err)
{
    *empty = NULL;
    if (status != HONE_INVALID) {
        return status ? hn_fail(err, status, "%s", why->message) : HONE_OK;
    }
    *empty = hn_arena_strdup(arena, why->message);
    return *empty ? HONE_OK : hn_out_of_memory(err);
}

hone_status hn_plot_empty(hn_arena *arena, const char *title, const char *empty, hn_page *page,
                          hone_error *err)
{
    hn_figure *figure = HN_ARENA_NEW(arena, hn_figure, 1);
    if (!figure || !title || !empty) {
        return hn_out_of_memory(err);
    }
    *figure = (hn_figure){.title = title, .empty = empty};
    page->n_figures = 1;
    page->figures = figure;
    return HONE_OK;
}

const char *hn_plot_value_text(hn_arena *arena, hone_value value)
{
    hn_buffer text = HN_BUFFER_INIT;
    char number[HN_NUMBER_SIZE];
    if (value.type == HONE_FLOAT) {
        hn_format_short(number, value.as.real, 3);
        hn_buffer_text(&text, number);
    } else {
        hn_value_write(&text, value);
    }
    const char *copy = hn_buffer_failed(&text) ? NULL : hn_arena_strdup(arena, hn_buffer_string(&text));
    hn_buffer_release(&text);
    return copy;
}

/* --- parameters --- */

enum { ENOUGH_TRIALS = 3000 }; /* to tell which parameters matter most */

/* Not of one value only, and had by a trial that is shown. */
static bool can_be_seen(const hn_plot_study *study, const char *name)
{
    size_t i = hn_text_map_find(&study->trials.params, name);
    const hn_distribution *distribution = i == HN_TEXT_MAP_NONE ? NULL : study->distributions[i];
    return distribution && !hn_distribution_is_constant(distribution);
}

static hone_status by_importance(const hn_plot_study *study, size_t objective, size_t most, hn_arena *arena,
                                 const char *const **names, size_t *n, const char **empty, hone_error *err)
{
    hone_error why = {0};
    hone_param_importance *found = NULL;
    hone_param_importance_config config = HONE_PARAM_IMPORTANCE_CONFIG_INIT;
    config.objective = objective;
    config.max_trials = ENOUGH_TRIALS;
    hone_status status = hone_study_importance(study->study, &config, &found, &why);
    if (status) {
        return hn_plot_analysed(status, &why, arena, empty, err);
    }
    const char **kept = HN_ARENA_NEW(arena, const char *, found->n_params);
    size_t count = 0;
    status = kept ? HONE_OK : hn_out_of_memory(err);
    for (size_t i = 0; !status && i < found->n_params && count < most; i++) {
        if (can_be_seen(study, found->params[i])) {
            kept[count] = hn_arena_strdup(arena, found->params[i]);
            status = kept[count++] ? HONE_OK : hn_out_of_memory(err);
        }
    }
    hone_param_importance_free(found);
    *names = kept;
    *n = count;
    *empty = count ? NULL : "no parameter has more than one value";
    return status;
}

hone_status hn_plot_important(const hn_plot_study *study, const hone_plot_options *options, size_t objective,
                              size_t most, hn_arena *arena, const char *const **names, size_t *n,
                              const char **empty, hone_error *err)
{
    *n = 0;
    *empty = hn_plot_missing(study, objective, 2, arena);
    if (*empty) {
        return HONE_OK;
    }
    return options->n_params ? hn_plot_params(study, options, arena, names, n, err)
                             : by_importance(study, objective, most, arena, names, n, empty, err);
}

const double *hn_plot_places(hn_arena *arena, const hone_param_axis *param)
{
    double *places = HN_ARENA_NEW(arena, double, param->n);
    for (size_t i = 0; places && i < param->n; i++) {
        const hone_value *value = &param->values[i];
        places[i] = param->categorical        ? (double)i
                    : value->type == HONE_INT ? (double)value->as.integer
                                              : value->as.real;
    }
    return places;
}
