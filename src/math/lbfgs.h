/* math/lbfgs.h: minimising a smooth function by the limited-memory BFGS method (Nocedal 1980; Nocedal &
 * Wright 2006, algorithm 7.5) with a bracketing line search for the weak Wolfe conditions (Lewis & Overton
 * 2013). Thread-safe. */
#ifndef HN_MATH_LBFGS_H
#define HN_MATH_LBFGS_H

#include "base/arena.h"
#include "base/error.h"

enum { HN_LBFGS_MEMORY = 10 };

typedef struct hn_lbfgs_problem {
    size_t n;
    /* The value at x (n,); fills gradient (n,). May be infinite or NaN outside the domain, not at the
     * start. */
    double (*value)(void *context, const double *x, double *gradient);
    void *context;
    double gradient_tolerance; /* stops when no element of the gradient is larger */
    double value_tolerance; /* stops when a step lowers the value by less than this times max(|f|, |f'|, 1) */
    size_t max_iterations;
    const volatile int *cancel; /* polled; may be NULL */
} hn_lbfgs_problem;

typedef struct hn_lbfgs_result {
    double value;
    size_t iterations, evaluations;
    double gradient_size; /* largest element of the gradient */
} hn_lbfgs_result;

/* x (n,): the start, then the best point found, also when the iterations ran out or no step improves any
 * more. result may be NULL. HONE_OUT_OF_MEMORY, HONE_CANCELLED. */
hone_status hn_lbfgs_minimize(const hn_lbfgs_problem *problem, hn_arena *scratch, double *x,
                              hn_lbfgs_result *result, hone_error *err);

#endif
