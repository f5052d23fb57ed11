/* `hone plot KIND STUDY`: reading the studies, and the page as a drawing, JSON or CSV. */
#include "app/picture.h"
#include "app/plot.h"
#include "app/show.h"
#include "base/memory.h"
#include "history/history.h"
#include "study/study.h"
#include "view/table.h"

/* --- reading --- */

/* The latest distribution of each parameter, as the storage knows it: of studies defined by running, too. */
static hone_status read_distributions(hn_plot_study *s, hone_error *err)
{
    hn_trial_list *list = &s->trials;
    size_t n = list->params.count;
    s->distributions = HN_ARENA_NEW(&list->arena, const hn_distribution *, n ? n : 1);
    hone_status status = s->distributions ? HONE_OK : hn_out_of_memory(err);
    hn_study_lock(s->study);
    status = status ? status : hn_study_load(s->study, err);
    const hn_history *history = s->study->history;
    for (size_t i = 0; !status && i < n; i++) {
        size_t column = hn_history_find_column(history, list->params.keys[i]);
        const hn_distribution *seen =
            column == SIZE_MAX ? NULL : hn_history_latest_distribution(history, column);
        hn_distribution *copy = seen ? HN_ARENA_NEW(&list->arena, hn_distribution, 1) : NULL;
        if (seen) {
            status = copy ? hn_distribution_copy(&list->arena, seen, copy) : hn_out_of_memory(err);
        }
        s->distributions[i] = copy;
    }
    hn_study_unlock(s->study);
    for (size_t i = 0; !status && i < n; i++) {
        size_t declared = list->space ? hn_space_find(list->space, list->params.keys[i]) : SIZE_MAX;
        if (!s->distributions[i] && declared != SIZE_MAX) {
            s->distributions[i] = &list->space->parameters[declared].distribution;
        }
    }
    return status;
}

hone_status hn_plot_study_read(hone_study *study, const hone_trial_query *query, hn_plot_study *out,
                               hone_error *err)
{
    static const hone_trial_query all = {0};
    hn_plot_study read = {.name = hone_study_name(study), .study = study};
    hone_status status = hn_trial_list_read(study, query ? query : &all, &read.trials, err);
    if (!status) {
        status = read_distributions(&read, err);
        if (status) {
            hn_plot_study_release(&read);
        }
    }
    if (!status) {
        *out = read;
    }
    return status;
}

void hn_plot_study_release(hn_plot_study *study)
{
    hn_trial_list_release(&study->trials);
}

/* --- showing --- */

static hone_status show(const hn_page *page, const hone_picture *picture, hone_format format,
                        const hone_sink *sink, hone_error *err)
{
    hn_buffer out = HN_BUFFER_INIT;
    hone_status status = HONE_OK;
    switch (format) {
    case HONE_FORMAT_TEXT: status = hn_picture_show(page, picture, sink, err); break;
    case HONE_FORMAT_JSON:
        hn_page_json(&out, page);
        hn_buffer_char(&out, '\n');
        status = hn_sink_write(sink, &out, err);
        break;
    case HONE_FORMAT_CSV:
        hn_page_csv(&out, page);
        status = hn_sink_write(sink, &out, err);
        break;
    case HONE_FORMAT_ENV: status = hn_show_unsupported("a plot", format, err); break;
    }
    hn_buffer_release(&out);
    return status;
}

hone_status hone_plot(const char *kind, hone_study *const *studies, size_t n,
                      const hone_plot_options *options, hone_format format, const hone_sink *sink,
                      hone_error *err)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_page page;
    hone_trial_query query = {.filter = options->filter};
    hn_plot_study *read = hn_calloc(n ? n : 1, sizeof *read);
    size_t n_read = 0;
    hone_status status = read ? HONE_OK : hn_out_of_memory(err);
    if (!status) {
        status = hn_show_check_options("hone_plot_options", options->struct_size, sizeof *options, err);
    }
    status = status ? status : hn_picture_check(options->picture, err);
    for (; !status && n_read < n; n_read += !status) {
        status = hn_plot_study_read(studies[n_read], &query, &read[n_read], err);
    }
    if (!status) {
        status = hn_plot_make(kind, read, n, options, &arena, &page, err);
    }
    if (!status) {
        status = show(&page, options->picture, format, sink, err);
    }
    for (size_t i = 0; i < n_read; i++) {
        hn_plot_study_release(&read[i]);
    }
    hn_free(read);
    hn_arena_release(&arena);
    return status;
}

bool hone_plot_kind(size_t i, hone_plot_info *info)
{
    const hn_plot_kind *kind = hn_plot_kind_at(i);
    if (kind) {
        *info = (hone_plot_info){kind->name, kind->help, kind->notes, kind->options, kind->several};
    }
    return kind != NULL;
}
