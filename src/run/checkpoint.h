/* run/checkpoint.h: copies of trials' checkpoint folders, for clones to go on from. A trial keeps its
 * checkpoint in <folder>/trial-N/checkpoint; a copy as of the step S at which it paused is
 * <folder>/trial-N/at-S, whole or not there. These block: they are called off the loop. */
#ifndef HN_RUN_CHECKPOINT_H
#define HN_RUN_CHECKPOINT_H

#include "hone/hone.h"

/* Before the trial is told paused. Of its copies the three newest stay. A trial without a checkpoint:
 * nothing.
 */
hone_status hn_checkpoint_copy(const char *folder, int64_t number, int64_t step, hone_error *err);
/* Before the first run of a clone: its parent's copy of that step becomes its checkpoint. HONE_NOT_FOUND when
 * that is not there. Nothing for other trials, or when the clone has a checkpoint of its own. */
hone_status hn_checkpoint_inherit(const char *folder, const hone_trial *trial, hone_error *err);
/* Removes a trial's copies. */
void hn_checkpoint_forget(const char *folder, int64_t number);

#endif
