/* pruner/halving_plan.h: which resource how many candidates get in successive halving (Jamieson & Talwalkar
 * 2016): the same numbers as n_resources_ and n_candidates_ of scikit-learn's HalvingGridSearchCV and
 * HalvingRandomSearchCV. */
#ifndef HN_PRUNER_HALVING_PLAN_H
#define HN_PRUNER_HALVING_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HN_MOST_RUNGS = 64 };

typedef struct hn_halving_options {
    int64_t min_resource; /* 0: as much as lets the last rung have max_resource, but not less than smallest */
    int64_t smallest;     /* >= 1 */
    int64_t max_resource; /* >= min_resource, smallest */
    int64_t n_candidates; /* >= 1 */
    int64_t factor;       /* >= 2 */
    bool aggressive; /* candidates are eliminated at the lowest resource until the last rung has max_resource
                      */
} hn_halving_options;

typedef struct hn_halving_rung {
    int64_t resource, candidates;
} hn_halving_rung;

/* How many rungs there are; fills them. */
size_t hn_halving_plan(const hn_halving_options *options, hn_halving_rung rungs[HN_MOST_RUNGS]);

#endif
