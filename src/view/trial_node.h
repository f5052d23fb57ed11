/* view/trial_node.h: trials and studies as trees, for every JSON that people and programs see. One thread at
 * a time. */
#ifndef HN_VIEW_TRIAL_NODE_H
#define HN_VIEW_TRIAL_NODE_H

#include "base/node.h"
#include "hone/hone.h"

/* {"trial", "state", "values", "params", "reports": [[step, value]], "constraints", "attrs", "start",
 * "complete", "duration" in seconds, "message"}; what a trial does not have is left out. NULL when memory is
 * out. */
hn_node *hn_trial_node(hn_arena *arena, const hone_trial_info *info);
/* {"trial", "values", "params"}: the answer to "which is best". */
hn_node *hn_trial_best_node(hn_arena *arena, const hone_trial_info *info);
/* {"trial", "lease", "params", "budget", "resume_step"} of a trial just asked; the last two only when there
 * is one. */
hn_node *hn_asked_node(hn_arena *arena, const hone_trial *trial);
/* {"study", "directions", "trials", "complete", "best"}: one line of a list of studies. */
hn_node *hn_study_info_node(hn_arena *arena, const hone_study_info *info);
/* {"lr": 0.1, ...}. */
hn_node *hn_params_node(hn_arena *arena, const hone_named_value *params, size_t n);
/* "YYYY-MM-DD HH:MM:SS.ffffff" UTC; JSON's null for 0. */
hn_node *hn_time_node(hn_arena *arena, int64_t wall_us);
/* A number kept with a trial as an attribute: "accuracy" after "train_", or before "_std"; NaN when there is
 * none.
 */
double hn_trial_measured(const hone_trial_info *info, const char *before, const char *metric,
                         const char *after);
/* Seconds from start to end; NaN while it has none. */
/* "complete", ... or "paused". Static. */
const char *hn_trial_state_word(const hone_trial_info *info);
/* The last step it reported; -1: none. */
int64_t hn_trial_steps(const hone_trial_info *info);
double hn_trial_duration(const hone_trial_info *info);

#endif
