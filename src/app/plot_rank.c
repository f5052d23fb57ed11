/* Pairs of parameters, the trials coloured by their rank. */
#include <math.h>
#include <stdlib.h>

#include "app/plot.h"

enum { USUAL_PANELS = 6, USUAL_PARAMS = 4 };

typedef struct ranked {
    double loss;
    size_t trial;
} ranked;

static int by_loss(const void *a, const void *b)
{
    const ranked *x = a, *y = b;
    return (x->loss > y->loss) - (x->loss < y->loss);
}

/* 1 is the best; equal values share the mean of their ranks. NaN of those that do not count. */
static hone_status make_ranks(const hn_plot_study *study, size_t objective, hn_arena *arena, double **ranks,
                              size_t *n_ranked, hone_error *err)
{
    const hn_trial_list *list = &study->trials;
    int sign = hn_plot_better(study, objective);
    ranked *rows = HN_ARENA_NEW(arena, ranked, list->count + 1);
    double *made = HN_ARENA_NEW(arena, double, list->count + 1);
    size_t n = 0;
    if (!rows || !made) {
        return hn_out_of_memory(err);
    }
    for (size_t i = 0; i < list->count; i++) {
        made[i] = NAN;
        if (hn_plot_counts(&list->trials[i], objective)) {
            rows[n++] = (ranked){-sign * list->trials[i].values[objective], i};
        }
    }
    qsort(rows, n, sizeof *rows, by_loss);
    for (size_t first = 0, end; first < n; first = end) {
        for (end = first + 1; end < n && rows[end].loss == rows[first].loss;) {
            end++;
        }
        for (size_t i = first; i < end; i++) {
            made[rows[i].trial] = (double)(first + 1 + end) / 2;
        }
    }
    *ranks = made;
    *n_ranked = n;
    return HONE_OK;
}

/* Only trials with a rank: others would be grey without meaning. */
static hone_status make_panel(const hn_plot_study *study, const hn_plot_column *x, const hn_plot_column *y,
                              const double *ranks, size_t n_ranked, size_t objective, hn_arena *arena,
                              hn_figure *figure, hone_error *err)
{
    size_t count = study->trials.count;
    hn_series *points = HN_ARENA_NEW(arena, hn_series, 1);
    double *places = HN_ARENA_NEW(arena, double, count + 1);
    hone_status status = points && places ? HONE_OK : hn_out_of_memory(err);
    for (size_t i = 0; !status && i < count; i++) {
        places[i] = isnan(ranks[i]) ? NAN : x->values[i];
    }
    status = status ? status : hn_plot_points(study, objective, places, y->values, arena, points, err);
    if (!status) {
        points->shade = ranks;
        *figure = (hn_figure){.x = x->axis,
                              .y = y->axis,
                              .shade = {.title = "rank (1: the best)",
                                        .whole = true,
                                        .better = -1,
                                        .low = 1,
                                        .high = n_ranked > 1 ? (double)n_ranked : 2},
                              .n_series = 1,
                              .series = points};
    }
    return status;
}

/* Every pair of parameters; of a single one the goal by it. */
static hone_status make_panels(const hn_plot_study *study, const hn_plot_column *columns, size_t n,
                               size_t objective, size_t most, hn_arena *arena, hn_page *page, hone_error *err)
{
    double *ranks = NULL;
    size_t n_ranked = 0, made = 0;
    hn_figure *figures = HN_ARENA_NEW(arena, hn_figure, most + 1);
    hone_status status = figures ? HONE_OK : hn_out_of_memory(err);
    status = status ? status : make_ranks(study, objective, arena, &ranks, &n_ranked, err);
    for (size_t i = 0; !status && i < n; i++) {
        for (size_t k = i + 1; !status && k < n && made < most; k++) {
            status = make_panel(study, &columns[i], &columns[k], ranks, n_ranked, objective, arena,
                                &figures[made++], err);
        }
    }
    page->figures = figures;
    page->n_figures = made;
    return status;
}

static hone_status make(const hn_plot_study *studies, size_t n_studies, const hone_plot_options *options,
                        hn_arena *arena, hn_page *page, hone_error *err)
{
    (void)n_studies;
    const char *const *names;
    size_t objective, n = 0;
    hone_status status = hn_plot_objective(studies, options, &objective, err);
    status = status ? status : hn_plot_params(studies, options, arena, &names, &n, err);
    if (status) {
        return status;
    }
    size_t all = n;
    n = options->n_params || options->limit || n < USUAL_PARAMS ? n : USUAL_PARAMS;
    hn_plot_column *columns = HN_ARENA_NEW(arena, hn_plot_column, n + 2);
    status = columns ? HONE_OK : hn_out_of_memory(err);
    for (size_t i = 0; !status && i < n; i++) {
        status = hn_plot_column_make(studies, names[i], arena, &columns[i], err);
    }
    if (!status && n == 1) {
        status = hn_plot_column_make(studies, studies->trials.metrics[objective], arena, &columns[n++], err);
    }
    size_t pairs = n * (n ? n - 1 : 0) / 2;
    size_t most = options->limit ? (size_t)options->limit : options->n_params ? pairs : USUAL_PANELS;
    most = most < pairs ? most : pairs;
    const char *metric = studies->trials.metrics[objective];
    const char *title = hn_arena_printf(arena, "ranks of the trials of %s by %s", studies->name, metric);
    const char *missing = hn_plot_missing(studies, objective, 1, arena);
    missing = missing || n ? missing : "the trials have no parameters";
    if (!status && missing) {
        const hn_figure empty = {.title = title, .empty = missing};
        return hn_plot_single(arena, &empty, page, err);
    }
    status = status ? status : make_panels(studies, columns, n, objective, most, arena, page, err);
    page->title = title;
    page->note = n < all || most < pairs
                     ? "Not every pair of parameters; --param names others, --limit shows more."
                     : NULL;
    return status ? status : title ? HONE_OK : hn_out_of_memory(err);
}

const hn_plot_kind hn_plot_rank = {
    .name = "rank",
    .help = "pairs of parameters, the trials coloured by their rank",
    .notes = "examples:\n"
             "  hone plot rank --param lr --param units\n"
             "  hone plot rank digits-mlp --limit 12 -o ranks.png",
    .options = "metric params limit",
    .make = make,
};
