/* sampler/cma_draw.h: points of a CMA-ES: drawing trial k's from a state of the search, and finding out which
 * state a trial of the history came from, by drawing again. So what rounding to values hides (the place in a
 * cell, the place of an inactive parameter) need not be stored. */
#ifndef HN_SAMPLER_CMA_DRAW_H
#define HN_SAMPLER_CMA_DRAW_H

#include "sampler/cma_choice.h"
#include "sampler/cma_space.h"

/* What is done with a continuous coordinate drawn outside its range. */
typedef enum hn_cma_bounds {
    HN_CMA_RESAMPLE, /* the point is drawn again, some times; then as REPAIR */
    HN_CMA_REPAIR,   /* it is moved to the bound */
    HN_CMA_PENALTY,  /* the trial runs at the bound; learned from is the place drawn, which counts as worse */
} hn_cma_bounds;

/* A point before it is rounded to values. */
typedef struct hn_cma_point {
    double *places;  /* (n,) */
    size_t *choices; /* (n_categories,); SIZE_MAX: unknown, because the trial lacks it */
} hn_cma_point;

/* Everything that draws depend on: kept of the last generations, for trials that finish late. */
typedef struct hn_cma_state {
    size_t run;          /* restarts before it */
    double *mean;        /* (n,) */
    double *scale;       /* (n,) sigma a_i */
    double *lengths;     /* (n,) */
    double *axes;        /* (n, n), NULL when diagonal */
    double *probability; /* of all choices */
} hn_cma_state;

typedef struct hn_cma_drawing {
    const hn_cma_space *space;
    const hn_cma_choices *choices; /* for the sizes */
    hn_cma_bounds bounds;
    size_t max_resampling;
    double *work; /* (2 n,) */
} hn_cma_drawing;

/* O(n^2) for each time that it is drawn. */
void hn_cma_draw(const hn_cma_drawing *drawing, const hn_cma_state *state, uint64_t seed, int64_t number,
                 hn_cma_point *point);
/* Values of a whole point; constants included, activity is not set. */
void hn_cma_decode(const hn_cma_space *space, const hn_cma_point *point, hn_point *out);

/* A trial's values (parameters,), NaN where it has none. */
void hn_cma_read_values(const hn_cma_space *space, const hn_history *history, int64_t number, double *values);
/* In how many of the parameters that the trial has does the drawn point agree with it? *had: how many they
 * are. */
size_t hn_cma_agreement(const hn_cma_space *space, const hn_cma_point *drawn, const double *values,
                        size_t *had);
/* The point becomes the trial's: where it does not agree, the middle of the value's cell. */
void hn_cma_adopt(const hn_cma_space *space, const double *values, hn_cma_point *point);

#endif
