/* app/plot.h: the kinds of `hone plot KIND STUDY`: each fills a page of figures from a study's trials. To add
 * one: write `const hn_plot_kind hn_plot_NAME` in app/plot_NAME.c, with a static function that fills the
 * page, and give it a line in app/plot_kinds.c. One thread at a time.
 */
#ifndef HN_APP_PLOT_H
#define HN_APP_PLOT_H

#include "view/figure.h"
#include "view/trial_fields.h"

/* --- what is drawn --- */

/* A study and its trials, by number. */
typedef struct hn_plot_study {
    const char *name;
    hone_study *study; /* borrowed; for what needs more than trials: importance, surrogates */
    hn_trial_list trials;
    const hn_distribution **distributions; /* (trials.params.count,) the latest; NULL: not known */
} hn_plot_study;

/* query NULL: all trials. On failure there is nothing to release. O(trials). */
hone_status hn_plot_study_read(hone_study *study, const hone_trial_query *query, hn_plot_study *out,
                               hone_error *err);
void hn_plot_study_release(hn_plot_study *study);

typedef struct hn_plot_kind {
    const char *name;    /* "history" */
    const char *help;    /* one line */
    const char *notes;   /* a paragraph below the options, examples; NULL: none */
    const char *options; /* the fields of hone_plot_options that it looks at: "x y hue" */
    bool several;        /* compares studies; otherwise it takes one */
    /* Fills *page with what lives in the arena, the studies or statically. A study without the trials it
     * needs gives a figure whose `empty` says what is missing; an error is a wrong option: HONE_NOT_FOUND
     * names the nearest. */
    hone_status (*make)(const hn_plot_study *studies, size_t n, const hone_plot_options *options,
                        hn_arena *arena, hn_page *page, hone_error *err);
} hn_plot_kind;

/* By index; NULL beyond the last. */
const hn_plot_kind *hn_plot_kind_at(size_t i);
/* Fills *page with a kind: the way of `hone plot`, the report and the dashboard. options NULL: defaults.
 * HONE_NOT_FOUND names the nearest kind; HONE_INVALID for more studies than it takes. */
hone_status hn_plot_make(const char *kind, const hn_plot_study *studies, size_t n,
                         const hone_plot_options *options, hn_arena *arena, hn_page *page, hone_error *err);

/* --- what kinds share --- */

/* The objective that options->metric names; the first without it. */
hone_status hn_plot_objective(const hn_plot_study *study, const hone_plot_options *options, size_t *objective,
                              hone_error *err);
/* -1 where smaller values of it are better, else 1. */
int hn_plot_better(const hn_plot_study *study, size_t objective);
/* What a trial is marked as: failed, pruned, running (waiting and paused, too), infeasible or plain. */
hn_mark hn_plot_mark(const hone_trial_info *trial);
/* A trial's value: of a pruned one what it has, or its last report; NaN when there is none. */
double hn_plot_value(const hone_trial_info *trial, size_t objective);
/* Complete, feasible and with a value that is not NaN: what counts for the best. */
bool hn_plot_counts(const hone_trial_info *trial, size_t objective);
/* The best of those that count, SIZE_MAX: there is none. */
size_t hn_plot_best(const hn_plot_study *study, size_t objective);
/* "no trial is complete yet" and so on; NULL when at least `least` trials count. In arena. */
const char *hn_plot_missing(const hn_plot_study *study, size_t objective, size_t least, hn_arena *arena);

/* How many complete trials cannot be drawn since their value is not finite; NULL when all can. In arena. */
const char *hn_plot_infinite(const hn_plot_study *study, size_t objective, hn_arena *arena);
/* Is this better shown on a log axis: all positive, over more than four powers of ten? */
bool hn_plot_spreads(const double *values, size_t n);
/* A series of points (trials,) with the marks and numbers of the trials; the best one of the objective is
 * starred. x and y are borrowed. */
hone_status hn_plot_points(const hn_plot_study *study, size_t objective, const double *x, const double *y,
                           hn_arena *arena, hn_series *points, hone_error *err);
/* One figure of one study is the page. */
hone_status hn_plot_single(hn_arena *arena, const hn_figure *figure, hn_page *page, hone_error *err);

/* Something that each trial has or lacks, over all trials. */
typedef struct hn_plot_column {
    const char *name;
    hn_figure_axis axis;
    double *values; /* (trials,) NaN: not there */
} hn_plot_column;

/* A parameter, a metric, value, number, state, duration, start, complete (times), step (the last), worker, or
 * an attribute, in this order of precedence. The axis is logarithmic and has categories as the parameter
 * says. HONE_NOT_FOUND names the nearest. O(trials). */
hone_status hn_plot_column_make(const hn_plot_study *study, const char *name, hn_arena *arena,
                                hn_plot_column *column, hone_error *err);
/* The parameters of options->params, by default all, in the study's order: names (*n,). */
hone_status hn_plot_params(const hn_plot_study *study, const hone_plot_options *options, hn_arena *arena,
                           const char *const **names, size_t *n, hone_error *err);

#endif
