/* analysis/fanova.h: functional analysis of variance over the trees of a forest (Hutter, Hoos & Leyton-Brown
 * 2014): how much of a tree's variance over the whole unit cube one column explains alone, and two explain
 * together beyond what each does. A tree is constant on boxes, so that marginals are exact.
 */
#ifndef HN_ANALYSIS_FANOVA_H
#define HN_ANALYSIS_FANOVA_H

#include "base/thread_pool.h"
#include "forest/forest.h"

/* forest: one output, grown on columns in [0, 1]. alone (d,): shares of the variance, means over the trees
 * that vary. pairs: NULL, or (d, d) of which [j, k] with j < k is set. The same for any number of threads;
 * pool may be NULL. O(trees (leaves d + pairs (leaves + cuts_j cuts_k))). */
hone_status hn_fanova(const hn_forest *forest, hn_thread_pool *pool, double *alone, double *pairs,
                      hone_error *err);

#endif
