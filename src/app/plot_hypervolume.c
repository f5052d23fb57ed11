/* The volume that the trials of several goals dominate, as it grew. */
#include <math.h>
#include <string.h>

#include "app/plot_analysis.h"
#include "base/number.h"

/* "0.9,100": a finite number for each goal. */
static hone_status read_reference(const hn_plot_study *study, const char *text, hn_arena *arena,
                                  double **reference, hone_error *err)
{
    size_t m = study->trials.n_objectives, n = 0;
    *reference = HN_ARENA_NEW(arena, double, m);
    if (!*reference) {
        return hn_out_of_memory(err);
    }
    for (const char *at = text; at; n++) {
        const char *comma = strchr(at, ',');
        size_t size = comma ? (size_t)(comma - at) : strlen(at);
        double value;
        if (!hn_parse_double(at, size, false, &value)) {
            return hn_fail(err, HONE_INVALID, "--reference %.60s: '%.*s' is no number", text, (int)size, at);
        }
        if (n < m) {
            (*reference)[n] = value;
        }
        at = comma ? comma + 1 : NULL;
    }
    return n == m ? HONE_OK
                  : hn_fail(err, HONE_INVALID, "--reference %.60s: %zu number%s; study '%s' has %zu goals",
                            text, n, n == 1 ? "" : "s", study->name, m);
}

/* "accuracy 0.5, cost 120" */
static void add_reference(const hn_plot_study *study, const hone_hypervolume *found, hn_buffer *text)
{
    char number[HN_NUMBER_SIZE];
    for (size_t j = 0; j < found->n_objectives; j++) {
        hn_format_short(number, found->reference[j], 4);
        hn_buffer_printf(text, "%s%s %s", j ? ", " : "", study->trials.metrics[j], number);
    }
}

static const char *make_note(const hn_plot_study *study, const hone_hypervolume *found, bool chosen,
                             hn_arena *arena)
{
    hn_buffer text = HN_BUFFER_INIT;
    size_t front = 0;
    for (size_t i = 0; i < found->n; i++) {
        front += found->in_front[i];
    }
    hn_buffer_text(&text, "Measured from ");
    add_reference(study, found, &text);
    hn_buffer_text(&text,
                   chosen ? ", a tenth of the front's range beyond its worst." : ", the reference given.");
    if (found->volume == 0) {
        hn_buffer_text(&text, " No trial is better than that in every goal.");
    } else {
        hn_buffer_printf(&text, " %zu of %zu trial%s on the front.", front, found->n,
                         front == 1 ? " is" : "s are");
    }
    const char *copy = hn_buffer_failed(&text) ? NULL : hn_arena_strdup(arena, hn_buffer_string(&text));
    hn_buffer_release(&text);
    return copy;
}

static hone_status fill(const hn_plot_study *study, const hone_hypervolume *found, hn_arena *arena,
                        hn_figure *figure, hone_error *err)
{
    hn_series *series = HN_ARENA_NEW(arena, hn_series, 1);
    double *x = HN_ARENA_NEW(arena, double, found->n), *y = HN_ARENA_NEW(arena, double, found->n);
    int64_t *trials = HN_ARENA_NEW(arena, int64_t, found->n);
    char volume[HN_NUMBER_SIZE];
    if (!series || !x || !y || !trials) {
        return hn_out_of_memory(err);
    }
    for (size_t i = 0; i < found->n; i++) {
        x[i] = (double)found->numbers[i];
        y[i] = found->history[i];
        trials[i] = found->numbers[i];
    }
    *series = (hn_series){.kind = HN_SERIES_STEPS, .n = found->n, .x = x, .y = y, .trials = trials};
    hn_format_short(volume, found->volume, 5);
    figure->title = hn_arena_printf(arena, "hypervolume of %s by trial: %s", study->name, volume);
    figure->x = (hn_figure_axis){.title = "trial"};
    figure->y = (hn_figure_axis){.title = "hypervolume", .better = 1};
    figure->n_series = 1;
    figure->series = series;
    return figure->title ? HONE_OK : hn_out_of_memory(err);
}

static hone_status make(const hn_plot_study *studies, size_t n_studies, const hone_plot_options *options,
                        hn_arena *arena, hn_page *page, hone_error *err)
{
    (void)n_studies;
    hone_error why = {0};
    hone_hypervolume *found = NULL;
    double *reference = NULL;
    hn_figure *figure = HN_ARENA_NEW(arena, hn_figure, 1);
    hone_status status = figure ? HONE_OK : hn_out_of_memory(err);
    if (!status && options->reference) {
        status = read_reference(studies, options->reference, arena, &reference, err);
    }
    if (status) {
        return status;
    }
    figure->title = hn_arena_printf(arena, "hypervolume of %s by trial", studies->name);
    status = hone_study_hypervolume(studies->study, reference, &found, &why);
    status = hn_plot_analysed(status, &why, arena, &figure->empty, err);
    if (!status && !figure->empty) {
        status = fill(studies, found, arena, figure, err);
        figure->note = make_note(studies, found, !reference, arena);
    }
    if (!status && (!figure->title || (!figure->empty && !figure->note))) {
        status = hn_out_of_memory(err);
    }
    hone_hypervolume_free(found);
    page->n_figures = 1;
    page->figures = figure;
    return status;
}

const hn_plot_kind hn_plot_hypervolume = {
    .name = "hypervolume",
    .help = "the volume that the trials of several goals dominate, as it grew",
    .notes =
        "The volume between the front and a reference point: --reference has the worst value that counts of\n"
        "each goal. Studies are compared with the same reference. All complete trials count, whatever\n"
        "--filter says.\n"
        "\n"
        "examples:\n"
        "  hone plot hypervolume\n"
        "  hone plot hypervolume digits-mlp --reference 0.5,1000 --csv",
    .options = "reference",
    .make = make,
};
