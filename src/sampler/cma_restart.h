/* sampler/cma_restart.h: when a run of CMA-ES is over, and how the next one begins: IPOP (Auger & Hansen
 * 2005) with ever larger generations, BIPOP (Hansen 2009) with small runs of as many trials between the large
 * ones. */
#ifndef HN_SAMPLER_CMA_RESTART_H
#define HN_SAMPLER_CMA_RESTART_H

#include "math/random.h"
#include "sampler/cma.h"

typedef enum hn_cma_restart { HN_CMA_RESTART_NONE, HN_CMA_IPOP, HN_CMA_BIPOP } hn_cma_restart;

/* The sequence of runs. */
typedef struct hn_cma_schedule {
    hn_cma_restart kind;
    size_t lambda0, factor;                        /* of the first run; by which the large ones grow */
    size_t n_runs, n_large;                        /* restarts so far, and large ones among them */
    bool small;                                    /* is the present run a small one? */
    size_t lambda;                                 /* of the present run */
    double sigma_factor;                           /* on the first step size */
    double trials;                                 /* of the present run */
    double small_trials, large_trials, last_large; /* of the runs before; of the last large one */
} hn_cma_schedule;

void hn_cma_schedule_begin(hn_cma_schedule *schedule, hn_cma_restart kind, size_t lambda0, size_t factor);
/* The next run; its random numbers come from (seed, number of the run). */
void hn_cma_schedule_next(hn_cma_schedule *schedule, uint64_t seed);
/* Has a small run had half the trials of the last large one? */
bool hn_cma_schedule_spent(const hn_cma_schedule *schedule);

/* The best losses of the last generations of a run. */
typedef struct hn_cma_record {
    double *best; /* (length,) ring */
    size_t length, count;
} hn_cma_record;

hone_status hn_cma_record_make(hn_arena *arena, size_t n, size_t lambda, hn_cma_record *record,
                               hone_error *err);
/* A generation's finite losses in ascending order. */
void hn_cma_record_add(hn_cma_record *record, double best);
/* Did the best losses, and those of the last generation from best to worst, stay within the tolerance? */
bool hn_cma_record_flat(const hn_cma_record *record, double best, double worst, double tolerance);

/* Has the distribution come to its end? sigma0: the run's first step; step_tolerance: a share of it. */
bool hn_cma_is_over(const hn_cma *cma, double sigma0, double step_tolerance);

#endif
