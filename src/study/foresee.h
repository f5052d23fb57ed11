/* study/foresee.h: which trials a study will still start, where that does not depend on what is told. */
#ifndef HN_STUDY_FORESEE_H
#define HN_STUDY_FORESEE_H

#include "base/node.h"
#include "hone/hone.h"

/* The parameters of the new trials still to come, in their order: a list of maps name -> value, in the arena,
 * when the sampler goes through a finite list of points that has at most `most` left; NULL otherwise.
 * O(points), once. */
hone_status hn_study_foresee(hone_study *study, size_t most, hn_arena *arena, hn_node **list,
                             hone_error *err);

#endif
