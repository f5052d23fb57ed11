/* app/plot_curve_study.h: what curves take from a study; apart from plot_curve.h, as run/ and select/ do not
 * meet in one file. */
#ifndef HN_APP_PLOT_CURVE_STUDY_H
#define HN_APP_PLOT_CURVE_STUDY_H

#include "app/plan.h"

/* The best trial of the plan's study as a map of its parameters, and the study's seed. *number is -1, and the
 * rest left alone, when there is no such study or no such trial. */
hone_status hn_plan_best_trial(const hone_plan *plan, hn_arena *arena, hn_node **params, uint64_t *seed,
                               int64_t *number, hone_error *err);

#endif
