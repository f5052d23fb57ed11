/* Who is taken for whom: the confusion matrix of a saved model on a data file. */
#include "app/plot_confusion.h"

#include "app/picture.h"
#include "app/show.h"
#include "base/memory.h"
#include "view/figure.h"
#include "view/table.h"

/* Rows from the first class at the top on; of each class the shares of its rows, if wanted. */
static void fill(const double *counts, size_t k, bool shares, double *values)
{
    for (size_t i = 0; i < k; i++) {
        double sum = 0;
        for (size_t j = 0; j < k; j++) {
            sum += counts[i * k + j];
        }
        for (size_t j = 0; j < k; j++) {
            values[(k - 1 - i) * k + j] = !shares ? counts[i * k + j] : sum > 0 ? counts[i * k + j] / sum : 0;
        }
    }
}

static hone_status make_page(const hn_model_data *a, const hone_confusion_options *options,
                             const double *counts, hn_arena *arena, hn_page *page, hone_error *err)
{
    size_t k = a->estimator->n_classes;
    double *values = HN_ARENA_NEW(arena, double, k *k);
    const char **downwards = HN_ARENA_NEW(arena, const char *, k);
    hn_figure_grid *grid = HN_ARENA_NEW(arena, hn_figure_grid, 1);
    hn_figure *figure = HN_ARENA_NEW(arena, hn_figure, 1);
    const char *what = options->shares ? "share of the class" : a->dataset->weight ? "weight" : "rows";
    if (!values || !downwards || !grid || !figure) {
        return hn_out_of_memory(err);
    }
    fill(counts, k, options->shares, values);
    for (size_t i = 0; i < k; i++) {
        downwards[k - 1 - i] = a->estimator->classes[i];
    }
    *grid = (hn_figure_grid){.n_x = k, .n_y = k, .values = values, .written = true};
    *figure = (hn_figure){.title = hn_arena_printf(arena, "who is taken for whom: %s of %zu rows",
                                                   a->estimator->target_name, a->dataset->n_rows),
                          .x = {.title = "predicted",
                                .n_categories = k,
                                .categories = (const char *const *)a->estimator->classes},
                          .y = {.title = "true", .n_categories = k, .categories = downwards},
                          .shade = {.title = what},
                          .grid = grid};
    *page = (hn_page){.kind = "confusion", .n_figures = 1, .figures = figure};
    return figure->title ? HONE_OK : hn_out_of_memory(err);
}

hone_status hn_confusion_page(const hn_model_data *a, const hone_confusion_options *options, hn_arena *arena,
                              hn_page *page, hone_error *err)
{
    double *counts = hn_calloc(a->estimator->n_classes * a->estimator->n_classes + 1, sizeof *counts);
    hone_status status = counts ? hn_estimator_confusion(a->estimator, a->dataset, NULL, 0, counts, err)
                                : hn_out_of_memory(err);
    status = status ? status : make_page(a, options, counts, arena, page, err);
    hn_free(counts);
    return status;
}

static hone_status show(const hn_page *page, const hone_picture *picture, hone_format format,
                        const hone_sink *sink, hone_error *err)
{
    hn_buffer out = HN_BUFFER_INIT;
    if (format == HONE_FORMAT_TEXT) {
        return hn_picture_show(page, picture, sink, err);
    }
    if (format == HONE_FORMAT_JSON) {
        hn_page_json(&out, page);
        hn_buffer_char(&out, '\n');
    } else {
        hn_page_csv(&out, page);
    }
    hone_status status = hn_sink_write(sink, &out, err);
    hn_buffer_release(&out);
    return status;
}

hone_status hone_plot_confusion(const char *model, const char *data, const hone_confusion_options *options,
                                hone_format format, const hone_sink *sink, hone_error *err)
{
    hn_model_data a = {.options = {.delimiter = options->delimiter, .skip_rows = options->skip_rows}};
    hn_arena arena = HN_ARENA_INIT;
    hn_page page;
    hone_status status =
        hn_show_check_options("hone_confusion_options", options->struct_size, sizeof *options, err);
    status = status ? status : hn_picture_check(options->picture, err);
    status = status ? status : hn_model_data_open(&a, model, data, true, err);
    status = status ? status : hn_confusion_page(&a, options, &arena, &page, err);
    status = status ? status : show(&page, options->picture, format, sink, err);
    hn_arena_release(&arena);
    hn_model_data_close(&a);
    return status;
}
