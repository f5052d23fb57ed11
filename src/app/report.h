/* app/report.h: the report of studies as one page of HTML. Each section is a function that appends to the
 * page; what a section is made of (facts, tables, plots) is that of the other verbs. One thread at a time.
 */
#ifndef HN_APP_REPORT_H
#define HN_APP_REPORT_H

#include "app/measures.h"
#include "app/plot.h"
#include "app/report_svg.h"
#include "view/html.h"

typedef struct hn_report_study {
    hone_study *study;
    const char *id;       /* that its headings' ids begin with: "s1" */
    const char *storage;  /* without passwords; NULL: not said */
    hn_node *definition;  /* a map */
    hn_plot_study read;   /* all trials, by number */
    hn_measures measures; /* of them */
    int64_t *best;        /* (n_best,) numbers: of one goal the best first, of several the Pareto front */
    size_t n_best;
} hn_report_study;

typedef struct hn_report {
    const hone_report_options *options;
    hn_report_study *studies; /* (n,) */
    size_t n;
    int level;            /* of the headings of a study's sections */
    hn_svg_colors colors; /* of all plots */
    hn_arena arena;
    hn_buffer out;
} hn_report;

/* Plots of one or several studies. */
typedef struct hn_plot_row {
    const char *id; /* that theirs begin with */
    const hn_plot_study *studies;
    size_t n;
    size_t count;   /* drawn so far */
    hn_buffer left; /* what was not drawn, and why */
} hn_plot_row;

/* --- sections, in their order --- */

hone_status hn_report_write_compare(hn_report *r, hone_error *err); /* of several studies */
hone_status hn_report_write_summary(hn_report *r, const hn_report_study *s, hone_error *err);
hone_status hn_report_write_best(hn_report *r, const hn_report_study *s, hone_error *err);
hone_status hn_report_write_plots(hn_report *r, const hn_report_study *s, hone_error *err);
hone_status hn_report_write_trials(hn_report *r, const hn_report_study *s, hone_error *err);
hone_status hn_report_write_environment(hn_report *r, const hn_report_study *s, hone_error *err);
hone_status hn_report_write_again(hn_report *r, const hn_report_study *s, hone_error *err);

/* --- what they share --- */

/* What was run, as a tree in the arena; NULL: the study does not say. Passwords of storages are left out. */
hone_status hn_report_read_file(hn_report *r, const hn_report_study *s, hn_node **file, hone_error *err);
/* Can plots be drawn? Otherwise a paragraph says why not. */
bool hn_report_draws(hn_report *r);
/* Appends a plot with title and note, or keeps why there is nothing to draw. */
hone_status hn_report_plot(hn_report *r, hn_plot_row *row, const char *kind, const hone_plot_options *options,
                           hone_error *err);
/* The same of a page that is made. */
hone_status hn_report_page(hn_report *r, hn_plot_row *row, const hn_page *page, hone_error *err);
/* "history of loss (no trial is complete yet)", for the end; metric NULL: not said. */
hone_status hn_report_leave_out(hn_plot_row *row, const char *kind, const char *metric, const char *why,
                                hone_error *err);
/* Where the best trial's model is kept and the study file names test data: who is taken for whom. */
hone_status hn_report_confusion(hn_report *r, const hn_report_study *s, hn_plot_row *row, hone_error *err);
/* A paragraph of what was not drawn; releases the row. */
void hn_report_end_plots(hn_report *r, hn_plot_row *row);
/* Rows of a table at most. */
size_t hn_report_most_trials(const hn_report *r);
/* <h2 id="s1-best">Best trials</h2>, or <h3>; s NULL: of the page. */
void hn_report_heading(hn_report *r, const hn_report_study *s, const char *id, const char *text);
/* A paragraph of a class (NULL: none) of text that is escaped. */
void hn_report_paragraph(hn_report *r, const char *class_name, const char *text);
/* Trials of all of a study, in an order of their own; borrowed from it. HONE_OUT_OF_MEMORY. */
hone_status hn_report_pick(hn_report *r, const hn_report_study *s, const int64_t *numbers, size_t n,
                           hn_trial_list *list, hone_error *err);
/* The trial of a number; NULL: it came after the others were read. */
const hone_trial_info *hn_report_trial(const hn_report_study *s, int64_t number);

/* report.css and report.js, which the build makes a part of the program (cmake/Embed.cmake). */
extern const unsigned char hn_report_css[];
extern const size_t hn_report_css_size;
extern const unsigned char hn_report_js[];
extern const size_t hn_report_js_size;

#endif
