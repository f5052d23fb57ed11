/* math/lbfgs.h: minimising a smooth function, in a box or without bounds, by the limited-memory BFGS method
 * (Nocedal 1980; Nocedal & Wright 2006, algorithm 7.5) with a bracketing line search for the weak Wolfe
 * conditions (Lewis & Overton 2013). In a box the quasi-Newton step is taken in the coordinates that are
 * free to move, and the line search runs along its projection into the box (two-metric projection,
 * Bertsekas 1982). Thread-safe. */
#ifndef HN_MATH_LBFGS_H
#define HN_MATH_LBFGS_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/error.h"

enum { HN_LBFGS_MEMORY = 10 };

typedef struct hn_lbfgs_problem {
    size_t n;
    /* The value at x (n,); fills gradient (n,). May be infinite or NaN outside the domain, not at the
     * start. */
    double (*value)(void *context, const double *x, double *gradient);
    void *context;
    double gradient_tolerance; /* stops when no element of the projected gradient is larger */
    double value_tolerance; /* stops when a step lowers the value by less than this times max(|f|, |f'|, 1) */
    size_t max_iterations;
    const volatile int *cancel; /* polled; may be NULL */
    const double *low, *high;   /* (n,), infinite where there is none; both NULL: no bounds */
} hn_lbfgs_problem;

typedef struct hn_lbfgs_result {
    double value;
    size_t iterations, evaluations;
    double gradient_size; /* largest element of the gradient, as far as the bounds let a step against it */
} hn_lbfgs_result;

/* x (n,): the start (moved into the box), then the best point found, also when the iterations ran out or no
 * step improves any more. result may be NULL. HONE_OUT_OF_MEMORY, HONE_CANCELLED. */
hone_status hn_lbfgs_minimize(const hn_lbfgs_problem *problem, hn_arena *scratch, double *x,
                              hn_lbfgs_result *result, hone_error *err);

/* --- the same with the values brought by the caller, so that many searches can be evaluated at once --- */

typedef struct hn_lbfgs hn_lbfgs;

/* A search from start (n,), in the arena; problem is borrowed for its life, its value, context and cancel
 * are not used. */
hone_status hn_lbfgs_begin(const hn_lbfgs_problem *problem, hn_arena *arena, const double *start,
                           hn_lbfgs **search, hone_error *err);
/* (n,) where the value is wanted next; NULL: the search is over. */
const double *hn_lbfgs_wanted(const hn_lbfgs *search);
/* The value and the gradient (n,) there. O(n). */
void hn_lbfgs_tell(hn_lbfgs *search, double value, const double *gradient);
/* (n,) the best point so far; result may be NULL. */
const double *hn_lbfgs_best(const hn_lbfgs *search, hn_lbfgs_result *result);

#endif
