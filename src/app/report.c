/* The page of a report: its head, its sections in their order, and the file it goes into. */
#include "app/report.h"

#include <string.h>
#include <strings.h>

#include "app/show.h"
#include "base/clock.h"
#include "base/memory.h"
#include "base/os_file.h"
#include "base/os_input.h"
#include "base/os_output.h"
#include "base/sha256.h"
#include "storage/url.h"

enum { MOST_TRIALS = 2000, MOST_BEST = 10, MINUTES = 16 /* bytes of a date up to the minute */ };

/* --- what sections share --- */

size_t hn_report_most_trials(const hn_report *r)
{
    return r->options->limited ? (size_t)r->options->trials : MOST_TRIALS;
}

void hn_report_heading(hn_report *r, const hn_report_study *s, const char *id, const char *text)
{
    int level = s ? r->level : 2;
    hn_buffer_printf(&r->out, "<h%d id=\"%s%s%s\">", level, s ? s->id : "", s ? "-" : "", id);
    hn_html_text(&r->out, text);
    hn_buffer_printf(&r->out, "</h%d>\n", level);
}

void hn_report_paragraph(hn_report *r, const char *class_name, const char *text)
{
    hn_buffer_text(&r->out, "<p");
    if (class_name) {
        hn_buffer_printf(&r->out, " class=\"%s\"", class_name);
    }
    hn_buffer_char(&r->out, '>');
    hn_html_text(&r->out, text);
    hn_buffer_text(&r->out, "</p>\n");
}

const hone_trial_info *hn_report_trial(const hn_report_study *s, int64_t number)
{
    const hn_trial_list *all = &s->read.trials;
    size_t low = 0, high = all->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (all->trials[middle].number < number) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < all->count && all->trials[low].number == number ? &all->trials[low] : NULL;
}

hone_status hn_report_pick(hn_report *r, const hn_report_study *s, const int64_t *numbers, size_t n,
                           hn_trial_list *list, hone_error *err)
{
    hn_trial_list picked = s->read.trials;
    picked.trials = HN_ARENA_NEW(&r->arena, hone_trial_info, n ? n : 1);
    picked.count = 0;
    if (!picked.trials) {
        return hn_out_of_memory(err);
    }
    for (size_t i = 0; i < n; i++) {
        const hone_trial_info *trial = hn_report_trial(s, numbers[i]);
        if (trial) {
            picked.trials[picked.count++] = *trial;
        }
    }
    *list = picked;
    return HONE_OK;
}

/* --- the head --- */

/* RFC 4648. */
static void write_base64(hn_buffer *out, const uint8_t *bytes, size_t size)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < size; i += 3) {
        size_t n = size - i < 3 ? size - i : 3;
        uint32_t group = 0;
        for (size_t k = 0; k < 3; k++) {
            group = group << 8 | (k < n ? bytes[i + k] : 0);
        }
        for (size_t k = 0; k < 4; k++) {
            hn_buffer_char(out, k <= n ? letters[group >> (18 - 6 * k) & 63] : '=');
        }
    }
}

/* The page may do nothing but show itself and run the one script, whatever a text smuggled in. */
static void write_policy(hn_buffer *out)
{
    uint8_t digest[HN_SHA256_SIZE];
    hn_sha256(hn_report_js, hn_report_js_size, digest);
    hn_buffer_text(out, "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                        "style-src 'unsafe-inline'; img-src data:; script-src 'sha256-");
    write_base64(out, digest, sizeof digest);
    hn_buffer_text(out, "'\">\n");
}

static void write_title(const hn_report *r, hn_buffer *out)
{
    if (r->options->title) {
        hn_html_text(out, r->options->title);
        return;
    }
    for (size_t i = 0; i < r->n; i++) {
        hn_buffer_text(out, i ? ", " : "");
        hn_html_text(out, hone_study_name(r->studies[i].study));
    }
}

/* After everything else: the colours of the plots are known then. */
static void write_head(const hn_report *r, hn_buffer *out)
{
    hn_buffer_text(out, "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    write_policy(out);
    hn_buffer_printf(out,
                     "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                     "<meta name=\"color-scheme\" content=\"light dark\">\n"
                     "<meta name=\"generator\" content=\"hone %s\">\n<title>",
                     hone_version());
    write_title(r, out);
    hn_buffer_text(out, "</title>\n<style>\n");
    hn_buffer_append(out, hn_report_css, hn_report_css_size);
    hn_svg_colors_write(out, &r->colors);
    hn_buffer_text(out, "</style>\n</head>\n<body>\n");
}

static void write_header(hn_report *r)
{
    hn_buffer *out = &r->out;
    char now[HN_DATETIME_SIZE];
    hn_format_datetime(now, hn_wall_us());
    hn_buffer_text(out, "<header>\n<h1 dir=\"auto\">");
    write_title(r, out);
    hn_buffer_printf(out, "</h1>\n<p class=\"by\">a report of hone %s, %.*s UTC</p>\n", hone_version(),
                     MINUTES, now);
    if (r->options->note) {
        hn_report_paragraph(r, "note", r->options->note);
    }
    hn_buffer_text(out, "</header>\n");
}

/* --- the sections --- */

typedef struct section {
    const char *id, *title;
    hone_status (*write)(hn_report *r, const hn_report_study *s, hone_error *err);
} section;

static const section sections[] = {
    {"summary", "Summary", hn_report_write_summary},
    {"best", "Best trials", hn_report_write_best},
    {"plots", "Plots", hn_report_write_plots},
    {"trials", "Trials", hn_report_write_trials},
    {"environment", "Environment", hn_report_write_environment},
    {"again", "How to do it again", hn_report_write_again},
};

enum { N_SECTIONS = sizeof sections / sizeof *sections };

static void link_to(hn_buffer *out, const char *id, const char *section_id, const char *text)
{
    hn_buffer_printf(out, "<li><a href=\"#%s%s%s\">", id, *section_id ? "-" : "", section_id);
    hn_html_text(out, text);
    hn_buffer_text(out, "</a></li>\n");
}

/* Of one study its sections, of several the studies. */
static void write_contents(hn_report *r)
{
    hn_buffer *out = &r->out;
    hn_buffer_text(out, "<nav aria-label=\"Contents\"><ul>\n");
    if (r->n > 1) {
        link_to(out, "compared", "", "Compared");
    }
    for (size_t i = 0; r->n > 1 && i < r->n; i++) {
        link_to(out, r->studies[i].id, "", hone_study_name(r->studies[i].study));
    }
    for (size_t i = 0; r->n == 1 && i < N_SECTIONS; i++) {
        link_to(out, r->studies[0].id, sections[i].id, sections[i].title);
    }
    hn_buffer_text(out, "</ul></nav>\n");
}

static hone_status write_study(hn_report *r, const hn_report_study *s, hone_error *err)
{
    hn_buffer *out = &r->out;
    hone_status status = HONE_OK;
    hn_buffer_printf(out, "<section class=\"%s\" id=\"%s\">\n", r->n > 1 ? "study" : "only", s->id);
    if (r->n > 1) {
        hn_buffer_text(out, "<h2 dir=\"auto\">");
        hn_html_text(out, hone_study_name(s->study));
        hn_buffer_text(out, "</h2>\n");
    }
    for (size_t i = 0; !status && i < N_SECTIONS; i++) {
        hn_buffer_text(out, "<section>\n");
        hn_report_heading(r, s, sections[i].id, sections[i].title);
        status = sections[i].write(r, s, err);
        hn_buffer_text(out, "</section>\n");
    }
    hn_buffer_text(out, "</section>\n");
    return status;
}

static hone_status write_body(hn_report *r, hone_error *err)
{
    hn_buffer *out = &r->out;
    write_header(r);
    write_contents(r);
    hn_buffer_text(out, "<main>\n");
    hone_status status = r->n > 1 ? hn_report_write_compare(r, err) : HONE_OK;
    for (size_t i = 0; !status && i < r->n; i++) {
        status = write_study(r, &r->studies[i], err);
    }
    hn_buffer_text(out, "</main>\n<script>");
    hn_buffer_append(out, hn_report_js, hn_report_js_size);
    hn_buffer_text(out, "</script>\n</body>\n</html>\n");
    return !status && hn_buffer_failed(out) ? hn_out_of_memory(err) : status;
}

static hone_status write_page(hn_report *r, hn_buffer *page, hone_error *err)
{
    hone_status status = write_body(r, err);
    if (!status) {
        write_head(r, page);
        hn_buffer_append(page, hn_buffer_string(&r->out), r->out.size);
        status = hn_buffer_failed(page) ? hn_out_of_memory(err) : HONE_OK;
    }
    return status;
}

/* --- reading --- */

static hone_status read_definition(hn_report *r, hn_report_study *s, hone_error *err)
{
    char *json = NULL;
    hone_status status = hone_study_describe(s->study, &json, err);
    if (!status) {
        status = hn_json_parse(&r->arena, "definition", json, strlen(json), &s->definition, err);
    }
    hone_free(json);
    return status;
}

/* After hn_plot_study_read, which is undone here on failure. */
static hone_status read_rest(hn_report *r, hn_report_study *s, hone_error *err)
{
    hone_status status = hn_measures_read(&s->read.trials, &s->measures, err);
    if (!status) {
        status = read_definition(r, s, err);
    }
    if (!status) {
        status = hone_study_best(s->study, MOST_BEST, &s->best, &s->n_best, err);
    }
    if (status) {
        hn_plot_study_release(&s->read);
    }
    return status;
}

static hone_status read_study(hn_report *r, size_t i, hone_study *study, hn_report_study *s, hone_error *err)
{
    const char *const *storages = r->options->storages;
    *s = (hn_report_study){.study = study, .id = hn_arena_printf(&r->arena, "s%zu", i + 1)};
    s->storage = storages ? hn_storage_url_shown(&r->arena, storages[i]) : NULL;
    if (!s->id || (storages && !s->storage)) {
        return hn_out_of_memory(err);
    }
    hone_status status = hone_study_sync(study, err);
    if (!status) {
        status = hn_plot_study_read(study, NULL, &s->read, err);
    }
    return status ? status : read_rest(r, s, err);
}

/* --- the file --- */

/* A slip of the hand must not cost a storage or a study file. */
static hone_status check_output(const char *path, hone_error *err)
{
    enum { LOOKED_AT = 64 };
    static const char begin[] = "<!doctype html";
    hn_buffer head = HN_BUFFER_INIT;
    hone_status status = HONE_OK;
    hn_input *input = NULL;
    bool ended;
    if (hn_is_regular_file(path)) {
        status = hn_input_open(path, &input, err);
        status = status ? status : hn_input_read(input, LOOKED_AT, &head, &ended, err);
        hn_input_close(input);
    }
    if (!status && head.size && strncasecmp(hn_buffer_string(&head), begin, strlen(begin)) != 0) {
        status = hn_fail(err, HONE_EXISTS, "%s exists and is no page of HTML; choose another file", path);
    }
    hn_buffer_release(&head);
    return status;
}

static hone_status check(size_t n, const hone_report_options *options, const char *output, hone_error *err)
{
    hone_status status =
        hn_show_check_options("hone_report_options", options->struct_size, sizeof *options, err);
    if (!status && !n) {
        status = hn_fail(err, HONE_INVALID, "a report needs a study");
    }
    if (!status && options->limited && options->trials < 0) {
        status = hn_fail(err, HONE_INVALID, "a table has 0 trials or more, found %lld",
                         (long long)options->trials);
    }
    return status || !output ? status : check_output(output, err);
}

hone_status hone_report(hone_study *const *studies, size_t n, const hone_report_options *options,
                        const char *output, const hone_sink *sink, hone_error *err)
{
    hn_report r = {.options = options, .level = n > 1 ? 3 : 2};
    hn_buffer page = HN_BUFFER_INIT;
    hone_status status = check(n, options, output, err);
    if (status) {
        return status;
    }
    r.studies = hn_calloc(n, sizeof *r.studies);
    if (!r.studies) {
        return hn_out_of_memory(err);
    }
    for (; !status && r.n < n; r.n += !status) {
        status = read_study(&r, r.n, studies[r.n], &r.studies[r.n], err);
    }
    if (!status) {
        status = write_page(&r, &page, err);
    }
    if (!status) {
        status = output ? hn_file_write_atomic(output, page.data, page.size, err)
                        : hn_sink_write(sink, &page, err);
    }
    for (size_t i = 0; i < r.n; i++) {
        hone_free(r.studies[i].best);
        hn_plot_study_release(&r.studies[i].read);
    }
    hn_free(r.studies);
    hn_svg_colors_release(&r.colors);
    hn_buffer_release(&page);
    hn_buffer_release(&r.out);
    hn_arena_release(&r.arena);
    return status;
}
