/* The kinds of plots of studies. */
#include <string.h>

#include "app/plot.h"

extern const hn_plot_kind hn_plot_history, hn_plot_scatter, hn_plot_slice, hn_plot_intermediate,
    hn_plot_parallel, hn_plot_rank, hn_plot_edf, hn_plot_timeline, hn_plot_importance,
    hn_plot_partial_dependence, hn_plot_contour, hn_plot_ablation, hn_plot_correlation, hn_plot_pareto,
    hn_plot_hypervolume;

static const hn_plot_kind *const kinds[] = {
    &hn_plot_history,     &hn_plot_scatter,
    &hn_plot_slice,       &hn_plot_intermediate,
    &hn_plot_parallel,    &hn_plot_rank,
    &hn_plot_edf,         &hn_plot_timeline,
    &hn_plot_importance,  &hn_plot_partial_dependence,
    &hn_plot_contour,     &hn_plot_ablation,
    &hn_plot_correlation, &hn_plot_pareto,
    &hn_plot_hypervolume,
};

enum { N_KINDS = sizeof kinds / sizeof *kinds };

const hn_plot_kind *hn_plot_kind_at(size_t i)
{
    return i < N_KINDS ? kinds[i] : NULL;
}

static hone_status find(const char *name, const hn_plot_kind **kind, hone_error *err)
{
    const char *names[N_KINDS];
    for (size_t i = 0; i < N_KINDS; i++) {
        names[i] = kinds[i]->name;
        if (!strcmp(name, names[i])) {
            *kind = kinds[i];
            return HONE_OK;
        }
    }
    const char *near = hn_nearest_name(name, names, N_KINDS);
    return near ? hn_fail(err, HONE_NOT_FOUND, "plot: no kind '%.60s' (did you mean '%s'?)", name, near)
                : hn_fail(err, HONE_NOT_FOUND, "plot: no kind '%.60s'; hone plot --help lists them", name);
}

hone_status hn_plot_make(const char *kind, const hn_plot_study *studies, size_t n,
                         const hone_plot_options *options, hn_arena *arena, hn_page *page, hone_error *err)
{
    static const hone_plot_options defaults = HONE_PLOT_OPTIONS_INIT;
    const hn_plot_kind *found = NULL;
    hone_status status = find(kind, &found, err);
    if (!status && (!n || (n > 1 && !found->several))) {
        status = hn_fail(err, HONE_INVALID, "plot %s: one study is wanted, found %zu", kind, n);
    }
    hn_page made = {.kind = kind};
    if (!status) {
        made.kind = found->name;
        status = found->make(studies, n, options ? options : &defaults, arena, &made, err);
    }
    if (!status) {
        *page = made;
    }
    return status;
}
