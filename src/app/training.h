/* app/training.h: how much of their training the trials of a study ran, and what that saved. */
#ifndef HN_APP_TRAINING_H
#define HN_APP_TRAINING_H

#include "base/node.h"
#include "hone/hone.h"

typedef struct hn_training {
    int64_t trials, full; /* trials that reported steps; the last step of a whole one */
    int64_t spent, whole; /* steps that they ran; that they would have run to their end */
    int64_t paused, promoted;
    double seconds_saved; /* at the mean pace of the trials; NaN: it is not known */
} hn_training;

/* full 0: no trial is complete yet, or none reports steps. O(trials). */
hn_training hn_training_of(hone_study *study);
/* "1230 of 4050 steps, 70 % saved (about 3 min); 4 paused, 12 promoted". Nothing when nothing was saved or
 * paused. */
void hn_training_write(hn_buffer *out, const hn_training *training);
/* The same as a map; NULL when nothing was saved or paused. */
hn_node *hn_training_node(hn_arena *arena, const hn_training *training);

#endif
