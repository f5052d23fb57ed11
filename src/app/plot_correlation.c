/* How goals, metrics and parameters go together: a table of coefficients. */
#include <math.h>
#include <string.h>

#include "app/plot_analysis.h"
#include "math/statistics.h"

enum { USUAL_COLUMNS = 16 };

static const char *const methods[] = {"spearman", "pearson"};

static hone_status find_method(const char *name, size_t *method, hone_error *err)
{
    for (size_t i = 0; i < 2; i++) {
        if (!name || !strcmp(name, methods[i])) {
            *method = i;
            return HONE_OK;
        }
    }
    const char *near = hn_nearest_name(name, methods, 2);
    return hn_fail(err, HONE_INVALID,
                   "no method '%.60s' of correlation: spearman and pearson are there%s%s%s", name,
                   near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

/* The columns shown, in their order: all goals, then the `most` that go with one of them the closest. */
static size_t choose(const hone_correlation *found, const double *matrix, size_t most, hn_arena *arena,
                     size_t **chosen, hone_error *err)
{
    size_t n = found->n, kept = 0;
    double *key = HN_ARENA_NEW(arena, double, n);
    size_t *order = HN_ARENA_NEW(arena, size_t, n);
    bool *shown = HN_ARENA_NEW(arena, bool, n);
    *chosen = HN_ARENA_NEW(arena, size_t, n);
    if (!key || !order || !shown || !*chosen) {
        hn_out_of_memory(err);
        return 0;
    }
    for (size_t i = 0; i < n; i++) {
        key[i] = found->kinds[i] == HONE_CORRELATED_GOAL ? -2 : 0;
        for (size_t g = 0; g < n && found->kinds[g] == HONE_CORRELATED_GOAL && key[i] > -2; g++) {
            key[i] = fmin(key[i], -fabs(isnan(matrix[g * n + i]) ? 0 : matrix[g * n + i]));
        }
    }
    hn_argsort(key, n, order);
    for (size_t r = 0; r < n; r++) {
        shown[order[r]] = key[order[r]] == -2 || r < most;
    }
    for (size_t i = 0; i < n; i++) {
        if (shown[i]) {
            (*chosen)[kept++] = i;
        }
    }
    return kept;
}

/* The first column at the left and above. */
static hone_status fill_grid(const hone_correlation *found, const double *matrix, const size_t *chosen,
                             size_t k, hn_arena *arena, hn_figure *figure, hone_error *err)
{
    hn_figure_grid *grid = HN_ARENA_NEW(arena, hn_figure_grid, 1);
    double *values = HN_ARENA_NEW(arena, double, k *k);
    const char **across = HN_ARENA_NEW(arena, const char *, k), **down = HN_ARENA_NEW(arena, const char *, k);
    bool room = grid && values && across && down;
    for (size_t i = 0; room && i < k; i++) {
        across[i] = hn_arena_strdup(arena, found->names[chosen[i]]);
        down[k - 1 - i] = across[i];
        room = across[i] != NULL;
        for (size_t j = 0; room && j < k; j++) {
            values[(k - 1 - i) * k + j] = matrix[chosen[i] * found->n + chosen[j]];
        }
    }
    if (!room) {
        return hn_out_of_memory(err);
    }
    *grid = (hn_figure_grid){.n_x = k, .n_y = k, .values = values, .written = true};
    figure->grid = grid;
    figure->x = (hn_figure_axis){.n_categories = k, .categories = across};
    figure->y = (hn_figure_axis){.n_categories = k, .categories = down};
    return HONE_OK;
}

static const char *make_note(const hone_correlation *found, size_t shown, hn_arena *arena)
{
    hn_buffer text = HN_BUFFER_INIT;
    hn_buffer_printf(&text,
                     "Over %lld complete trials, pair by pair over those that have both; log parameters by "
                     "their logarithm.",
                     (long long)found->trials);
    if (shown < found->n) {
        hn_buffer_printf(&text, " The %zu of %zu that go closest with a goal; --limit shows more.", shown,
                         found->n);
    }
    for (size_t i = 0; i < found->n_left_out; i++) {
        hn_buffer_printf(&text, "%s%s", i ? ", " : " Without order, and left out: ", found->left_out[i]);
    }
    hn_buffer_text(&text, found->n_left_out ? "." : "");
    const char *copy = hn_buffer_failed(&text) ? NULL : hn_arena_strdup(arena, hn_buffer_string(&text));
    hn_buffer_release(&text);
    return copy;
}

static hone_status fill(const hone_correlation *found, const hone_plot_options *options, size_t method,
                        hn_arena *arena, hn_figure *figure, hone_error *err)
{
    const double *matrix = method ? found->pearson : found->spearman;
    size_t *chosen = NULL, most = options->limit ? (size_t)options->limit : USUAL_COLUMNS;
    size_t k = choose(found, matrix, most, arena, &chosen, err);
    if (!k) {
        return HONE_OUT_OF_MEMORY;
    }
    figure->shade = (hn_figure_axis){.title = method ? "Pearson's correlation" : "Spearman's correlation",
                                     .low = -1,
                                     .high = 1,
                                     .diverging = true};
    figure->note = make_note(found, k, arena);
    return figure->note ? fill_grid(found, matrix, chosen, k, arena, figure, err) : hn_out_of_memory(err);
}

static hone_status make(const hn_plot_study *studies, size_t n_studies, const hone_plot_options *options,
                        hn_arena *arena, hn_page *page, hone_error *err)
{
    (void)n_studies;
    hone_error why = {0};
    hone_correlation *found = NULL;
    size_t method = 0;
    hn_figure *figure = HN_ARENA_NEW(arena, hn_figure, 1);
    hone_status status = figure ? find_method(options->method, &method, err) : hn_out_of_memory(err);
    if (status) {
        return status;
    }
    figure->title = hn_arena_printf(arena, "correlations in %s", studies->name);
    figure->empty = hn_plot_missing(studies, 0, 2, arena);
    if (!figure->empty) {
        status = hone_study_correlation(studies->study, &found, &why);
        status = hn_plot_analysed(status, &why, arena, &figure->empty, err);
    }
    if (!status && !figure->empty) {
        status = fill(found, options, method, arena, figure, err);
    }
    hone_correlation_free(found);
    page->n_figures = 1;
    page->figures = figure;
    return !status && !figure->title ? hn_out_of_memory(err) : status;
}

const hn_plot_kind hn_plot_correlation = {
    .name = "correlation",
    .help = "how goals, metrics and parameters go together",
    .notes =
        "Methods are spearman (default; of ranks) and pearson. Metrics are attributes of the trials that are\n"
        "numbers. All complete trials count, whatever --filter says.\n"
        "\n"
        "examples:\n"
        "  hone plot correlation\n"
        "  hone plot correlation digits-mlp --method pearson --csv",
    .options = "method limit",
    .make = make,
};
