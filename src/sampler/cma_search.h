/* sampler/cma_search.h: the whole of a CMA-ES over a study: finished trials are taken one by one, and lambda
 * of them make a generation, from which normal and categorical distributions learn; when a run is over, the
 * next begins.
 *
 * Which trials are a generation follows from their order alone (sampler/feed.h): those that finish first. So
 * nobody waits: asked for more points than a generation has, the search gives more from the same
 * distribution, and those that finish late belong to the next generation, as steps from its own mean. Trials
 * that it did not draw (queued by the user, with fixed values, from a start-up, from before a change of
 * bounds) take part with shortened steps (Hansen 2011). Failed trials count, and pull nowhere. Those left
 * over from before a restart do not count. */
#ifndef HN_SAMPLER_CMA_SEARCH_H
#define HN_SAMPLER_CMA_SEARCH_H

#include "sampler/cma.h"
#include "sampler/cma_draw.h"
#include "sampler/cma_restart.h"
#include "sampler/earlier.h"

typedef enum hn_cma_covariance { HN_CMA_AUTO, HN_CMA_FULL, HN_CMA_DIAGONAL } hn_cma_covariance;

/* The options of the sampler. */
typedef struct hn_cma_config {
    int64_t n_startup, popsize, restart_factor, max_resampling;
    double sigma0, margin, tolx, tolfun; /* margin NaN: 1 / (n lambda) */
    int covariance, restart, bounds;     /* the enumerations */
    bool active, lr_adapt, warm_start;
    const hn_node *x0;
} hn_cma_config;

enum { HN_CMA_STATES = 4 };

typedef struct hn_cma_search {
    const hn_cma_config *config;
    const hn_cma_space *space;
    const hn_earlier *earlier; /* good points of earlier studies, or NULL */
    uint64_t seed;
    hn_arena run_arena; /* of the present run */
    hn_arena arena;     /* of all runs: states, scratch */
    hn_cma_schedule schedule;
    double sigma0; /* of the run */

    hn_cma_rule rule; /* with one dimension when there are only categories, for its weights */
    hn_cma cma;       /* not used when space->n is 0 */
    hn_cma_choices choices;
    double *scale; /* (n,) a_i of the margin */
    hn_cma_record record;

    /* The generation so far: (lambda, ...). */
    size_t n_members;
    int64_t *numbers;
    bool *fresh; /* drawn from the newest state */
    hn_cma_point *points;
    size_t *order;
    double *losses, *steps; /* (lambda,), (lambda, n) */
    size_t *chosen;         /* (lambda, n_categories) */

    int64_t *startup; /* the trials a warm start waits for */
    size_t n_startup, startup_capacity;

    hn_cma_state states[HN_CMA_STATES]; /* newest at n_states - 1, modulo */
    size_t n_states;
    hn_cma_point drawn, best; /* scratch */
    double *values, *work;    /* scratch (parameters,), (2 n,) */
} hn_cma_search;

/* Everything is forgotten and the first run begins. search was zeroed or begun before; config, space and
 * earlier (of that space, may be NULL) are borrowed. */
hone_status hn_cma_search_begin(hn_cma_search *search, const hn_cma_config *config, const hn_cma_space *space,
                                const hn_earlier *earlier, uint64_t seed, hone_error *err);
void hn_cma_search_release(hn_cma_search *search);
/* A finished trial. O(n^2), and at the end of a generation what learning costs. After an error the search
 * must be begun again. */
hone_status hn_cma_search_take(hn_cma_search *search, const hn_history *history, int64_t number,
                               hone_error *err);
/* The point for a trial. O(n^2). */
void hn_cma_search_draw(hn_cma_search *search, uint64_t seed, int64_t number, hn_point *out);

/* cma_start.c: how runs begin. */
hone_status hn_cma_start_first(hn_cma_search *search, hone_error *err);
hone_status hn_cma_start_next(hn_cma_search *search, hone_error *err);
/* The first run begins again where the best of the start-up's trials are, or at the points of earlier
 * studies. */
hone_status hn_cma_start_earlier(hn_cma_search *search, hone_error *err);
hone_status hn_cma_start_warm(hn_cma_search *search, const hn_history *history, hone_error *err);
/* Numbers (n,) in the order of their merit. */
void hn_cma_rank(const hn_history *history, const int64_t *numbers, size_t n, size_t *order);
/* From here on points are drawn from the distributions as they are now. */
void hn_cma_push_state(hn_cma_search *search);

#endif
