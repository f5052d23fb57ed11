/* sampler/gp_maximise.h: the place of the largest criterion among those that may be proposed: neither
 * forbidden nor tried before nor in this batch, with the values that the ask fixes.
 *
 * Of quasi-random places and neighbours of the best trials the most promising are improved by L-BFGS over the
 * continuous parameters, all in step, so that one prediction serves them all, in turn with a search over the
 * values of the others; of a finite space that is small enough every point left is looked at. */
#ifndef HN_SAMPLER_GP_MAXIMISE_H
#define HN_SAMPLER_GP_MAXIMISE_H

#include "sampler/gp_criterion.h"
#include "sampler/gp_region.h"
#include "sampler/seen.h"

typedef struct hn_gp_search {
    const hn_gp_config *config;
    const hn_ask *ask; /* its scratch memory is used */
    int64_t number;    /* of the trial */
    hn_gp_study *study;
    const hn_gp_region *region;
    const hn_seen *seen;
    const hn_point *batch; /* (n_batch,) proposed together with this one */
    size_t n_batch;
    hn_random random;
    hn_point point; /* scratch */
} hn_gp_search;

/* Places that are looked at. */
typedef struct hn_gp_places {
    size_t m, capacity;
    double *coordinates; /* (m, d) of every axis */
    double *rows;        /* (m, d) the same with NaN where a parameter is inactive */
    double *value;       /* (m,) */
    /* Of starts: */
    bool *ascended; /* (m,) not moved since its ascent */
    size_t *idle;   /* (m,) how many axes in a row had nothing better since it was moved */
    bool *resting;  /* (m,) not to be improved any more: others are better */
} hn_gp_places;

hone_status hn_gp_places_make(hn_arena *arena, size_t capacity, size_t d, hn_gp_places *places,
                              hone_error *err);

/* Place i of one becomes place k of the other. */
void hn_gp_copy_place(const hn_gp_places *from, size_t i, hn_gp_places *to, size_t k, size_t d);

/* Puts the values in that the ask fixes, settles activity and fills row (d,); search->point is then the
 * point. May it be proposed? */
bool hn_gp_settle(hn_gp_search *search, double *coordinates, double *row);

enum { HN_GP_ENUMERABLE = 30000 };

/* Places that may be proposed: every point left of a finite space of at most HN_GP_ENUMERABLE (*listed), else
 * quasi-random ones in the region and neighbours of the best trials. When none is left, ones that were tried
 * before. There is at least one. */
hone_status hn_gp_look_around(hn_gp_search *search, hn_gp_places *places, bool *listed, hone_error *err);
/* starts: n_starts places or fewer with their values, improved from the most promising ones. */
hone_status hn_gp_maximise(hn_gp_search *search, hn_gp_criterion *criterion, hn_gp_places *starts,
                           hone_error *err);
/* point: that of place i, settled. */
void hn_gp_place_point(hn_gp_search *search, const hn_gp_places *places, size_t i, hn_point *point);

/* The worse half of the starts that do not rest yet, and those close to a better one, rest from now on. */
void hn_gp_rest_worse(const hn_gp_frame *frame, hn_gp_places *starts);
/* Improves starts in the region: over continuous parameters; over all others. */
hone_status hn_gp_ascend(hn_gp_search *search, hn_gp_criterion *criterion, hn_gp_places *starts,
                         hone_error *err);
hone_status hn_gp_sweep(hn_gp_search *search, hn_gp_criterion *criterion, hn_gp_places *starts, bool *changed,
                        hone_error *err);

#endif
