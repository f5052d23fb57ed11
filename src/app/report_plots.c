/* The plots of a report: kinds of `hone plot` in their order. Titles and notes are text of the page, panels
 * pictures of their own, so that a narrow screen puts them below each other.
 */
#include <string.h>

#include "app/report.h"
#include "draw/library.h"

/* --- one plot --- */

typedef struct plot_size {
    double width, height;
    const char *class_name;
} plot_size;

static plot_size size_of(const hn_page *page)
{
    static const plot_size usual = {480, 320, "usual"}, panel = {380, 290, "broad"},
                           broad = {1080, 430, "broad"};
    bool wide = page->figures[0].parallel || !strcmp(page->kind, "timeline");
    return page->n_figures > 1 ? panel : wide ? broad : usual;
}

/* Titles and notes are left to the page, but for those of a panel. */
static hone_status write_panel(hn_report *r, const hn_page *page, size_t i, const char *id, const char *title,
                               hone_error *err)
{
    plot_size size = size_of(page);
    hn_figure figure = page->figures[i];
    const char *own = hn_arena_printf(&r->arena, "%s-%zu", id, i + 1);
    if (page->n_figures == 1) {
        figure.title = figure.note = NULL;
    }
    hn_buffer_text(&r->out, "<div class=\"plot\">");
    hone_status status = own ? hn_report_svg(&r->out, &figure, size.width, size.height, own,
                                             figure.title ? figure.title : title, &r->colors, err)
                             : hn_out_of_memory(err);
    hn_buffer_text(&r->out, "</div>\n");
    return status;
}

static hone_status write_plot(hn_report *r, const hn_page *page, const char *id, hone_error *err)
{
    hn_buffer *out = &r->out;
    size_t n = page->n_figures;
    const char *title = page->title ? page->title : page->figures[0].title;
    const char *note = page->note || n > 1 ? page->note : page->figures[0].note;
    hone_status status = HONE_OK;
    title = title ? title : page->kind;
    hn_buffer_printf(out, "<figure id=\"%s\" class=\"%s\">\n<h%d dir=\"auto\">", id, size_of(page).class_name,
                     r->level + 1);
    hn_html_text(out, title);
    hn_buffer_printf(out, "</h%d>\n<div class=\"panels\">\n", r->level + 1);
    for (size_t i = 0; !status && i < n; i++) {
        status = write_panel(r, page, i, id, title, err);
    }
    hn_buffer_text(out, "</div>\n");
    if (note) {
        hn_buffer_text(out, "<figcaption>");
        hn_html_text(out, note);
        hn_buffer_text(out, "</figcaption>\n");
    }
    hn_buffer_text(out, "</figure>\n");
    return status;
}

hone_status hn_report_page(hn_report *r, hn_plot_row *row, const hn_page *page, hone_error *err)
{
    const char *id = hn_arena_printf(&r->arena, "%s-plot%zu", row->id, ++row->count);
    return id ? write_plot(r, page, id, err) : hn_out_of_memory(err);
}

hone_status hn_report_leave_out(hn_plot_row *row, const char *kind, const char *metric, const char *why,
                                hone_error *err)
{
    hn_buffer *left = &row->left;
    hn_buffer_printf(left, "%s%s%s%s (%s)", left->size ? ", " : "", kind, metric ? " of " : "",
                     metric ? metric : "", why);
    return hn_buffer_failed(left) ? hn_out_of_memory(err) : HONE_OK;
}

hone_status hn_report_plot(hn_report *r, hn_plot_row *row, const char *kind, const hone_plot_options *options,
                           hone_error *err)
{
    hn_page page;
    hone_error why = {0};
    hone_status status = hn_plot_make(kind, row->studies, row->n, options, &r->arena, &page, &why);
    if (status == HONE_OUT_OF_MEMORY) {
        return hn_out_of_memory(err);
    }
    if (status || (page.n_figures == 1 && page.figures[0].empty)) {
        return hn_report_leave_out(row, kind, options->metric, status ? why.message : page.figures[0].empty,
                                   err);
    }
    return hn_report_page(r, row, &page, err);
}

/* --- rows of them --- */

bool hn_report_draws(hn_report *r)
{
    const hn_drawing_library *library;
    hone_error why = {0};
    if (hn_drawing_library_load(&library, &why)) {
        const char *text = hn_arena_printf(&r->arena, "The plots are left out: %s", why.message);
        hn_report_paragraph(r, "alarm", text ? text : "");
        return false;
    }
    return true;
}

void hn_report_end_plots(hn_report *r, hn_plot_row *row)
{
    if (row->left.size) {
        const char *text = hn_arena_printf(&r->arena, "Nothing to draw: %s.", hn_buffer_string(&row->left));
        hn_report_paragraph(r, "aside", text ? text : "");
    }
    hn_buffer_release(&row->left);
}

/* In the order in which they are read. */
static const struct kind {
    const char *name;
    bool each_goal, several_goals; /* once for each goal; only where there are several */
    int64_t limit;                 /* of panels; 0: as the kind thinks */
} kinds[] = {
    {"history", true, false, 0},
    {"pareto", false, true, 0},
    {"hypervolume", false, true, 0},
    {"importance", false, false, 0},
    {"partial-dependence", true, false, 3},
    {"contour", true, false, 0},
    {"ablation", true, false, 0},
    {"slice", true, false, 0},
    {"parallel", false, false, 0},
    {"intermediate", false, false, 0},
    {"edf", true, false, 0},
    {"correlation", false, true, 0},
    {"timeline", false, false, 0},
};

static hone_status write_kind(hn_report *r, const hn_report_study *s, hn_plot_row *row,
                              const struct kind *kind, hone_error *err)
{
    size_t n = s->read.trials.n_objectives;
    hone_plot_options options = HONE_PLOT_OPTIONS_INIT;
    hone_status status = HONE_OK;
    options.limit = kind->limit;
    if (kind->several_goals && n < 2) {
        return HONE_OK;
    }
    for (size_t i = 0; !status && i < (kind->each_goal ? n : 1); i++) {
        options.metric = kind->each_goal && n > 1 ? s->read.trials.metrics[i] : NULL;
        status = hn_report_plot(r, row, kind->name, &options, err);
    }
    return status;
}

hone_status hn_report_write_plots(hn_report *r, const hn_report_study *s, hone_error *err)
{
    hn_plot_row row = {.id = s->id, .studies = &s->read, .n = 1};
    hone_status status = HONE_OK;
    if (!s->read.trials.count) {
        hn_report_paragraph(r, "aside", "There is nothing to draw without trials.");
        return HONE_OK;
    }
    if (!hn_report_draws(r)) {
        return HONE_OK;
    }
    hn_buffer_text(&r->out, "<div class=\"plots\">\n");
    for (size_t i = 0; !status && i < sizeof kinds / sizeof *kinds; i++) {
        status = write_kind(r, s, &row, &kinds[i], err);
    }
    status = status ? status : hn_report_confusion(r, s, &row, err);
    hn_buffer_text(&r->out, "</div>\n");
    hn_report_end_plots(r, &row);
    return status;
}
