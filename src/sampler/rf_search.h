/* sampler/rf_search.h: the point of the largest acquisition value under a forest: the best of random points,
 * then a local search by single changes from the best of them and from the best trials (Hutter, Hoos &
 * Leyton-Brown 2011). */
#ifndef HN_SAMPLER_RF_SEARCH_H
#define HN_SAMPLER_RF_SEARCH_H

#include "sampler/rf_data.h"
#include "sampler/seen.h"
#include "surrogate/acquisition.h"
#include "surrogate/ensemble.h"

typedef struct hn_rf_search {
    const hn_ask *ask;
    const hn_rf_encoding *encoding;
    const hn_ensemble *ensemble;
    hn_acquisition acquisition;
    double best;             /* target to improve on */
    size_t n_candidates;     /* random points */
    size_t n_starts;         /* of the local search, from the trials and from the candidates each; 0: none */
    size_t max_steps;        /* of each */
    const hn_seen *seen;     /* NULL: points may repeat */
    const hn_point *earlier; /* points of the same ask, not to be repeated */
    size_t n_earlier;
} hn_rf_search;

/* *found false: every point tried is forbidden or known. */
hone_status hn_rf_maximise(const hn_rf_search *search, hn_random *random, hn_point *point, bool *found,
                           hone_error *err);

#endif
