/* app/plot_analysis.h: what the kinds of plots share that show an analysis of a study instead of its trials.
 */
#ifndef HN_APP_PLOT_ANALYSIS_H
#define HN_APP_PLOT_ANALYSIS_H

#include "app/plot.h"

/* What came of an analysis: HONE_OK, with *empty what is missing when it says that the study does not have
 * what it needs (HONE_INVALID); otherwise its failure. why: as the analysis filled it. */
hone_status hn_plot_analysed(hone_status status, const hone_error *why, hn_arena *arena, const char **empty,
                             hone_error *err);

/* A page of one figure without anything but its title and what is missing. */
hone_status hn_plot_empty(hn_arena *arena, const char *title, const char *empty, hn_page *page,
                          hone_error *err);

/* A value as people read it: numbers to three digits. NULL when memory is out. */
const char *hn_plot_value_text(hn_arena *arena, hone_value value);

/* Parameters of more than one value, names (*n,): those of options->params, else by importance for the
 * objective, the first `most` of them. *empty: what is missing to say so. */
hone_status hn_plot_important(const hn_plot_study *study, const hone_plot_options *options, size_t objective,
                              size_t most, hn_arena *arena, const char *const **names, size_t *n,
                              const char **empty, hone_error *err);

/* Places on the axis of the parameter's column (n,): its values, or 0, 1, ... of categories. NULL when memory
 * is out. */
const double *hn_plot_places(hn_arena *arena, const hone_param_axis *param);

#endif
