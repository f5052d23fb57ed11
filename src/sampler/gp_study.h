/* sampler/gp_study.h: the Gaussian processes of a study, kept between asks. A cache: the hyperparameters come
 * from the first k trials that became known, k by a schedule, from a start that depends on nothing else, and
 * the others were added one by one in the order they came, so that models made anew are the same to the
 * last bit. */
#ifndef HN_SAMPLER_GP_STUDY_H
#define HN_SAMPLER_GP_STUDY_H

#include "sampler/gp.h"
#include "sampler/gp_data.h"

/* What is modelled: the objective; how far a trial is from being of use; the logarithm of its seconds. */
typedef enum hn_gp_channel { HN_GP_OBJECTIVE, HN_GP_DEFECT, HN_GP_SECONDS, HN_GP_CHANNELS } hn_gp_channel;

typedef struct hn_gp_study {
    const hn_gp_config *config;
    hn_arena arena; /* of all that follows */
    const hn_history *history;
    hn_gp_frame frame;
    hn_gp *channels[HN_GP_CHANNELS]; /* NULL: not modelled; without the objective nothing is */
    double defect_limit;             /* of the defect's model: 0 in its units */

    hn_estimates estimates; /* of the ask for which it was made; items NULL: it had none */
    int64_t *numbers; /* (n,) trials taken in, in the order they became known; those without a row, too */
    size_t n, fitted;
    double *rows;        /* (n_rows, d) of the trials that have one and tell something */
    double *losses;      /* (n_rows,) raw; NaN: failed */
    bool *feasible;      /* (n_rows,) */
    int64_t *row_number; /* (n_rows,) */
    size_t n_rows;
    double worst;             /* loss */
    double *constraint_scale; /* (n_constraints,) mean size of each constraint's values */
    size_t n_constraints;

    size_t told[HN_GP_CHANNELS]; /* observations of each model without pending ones */
    double *best;         /* (models of the objective,) the least mean at a feasible or pending trial */
    double *pending_best; /* the same at a pending one, which is thought to come out as its mean */
    double *best_rows;    /* scratch */
} hn_gp_study;

void hn_gp_study_release(hn_gp_study *study);
/* Brings the models up to date with what is in view; pending trials are forgotten. *ready false: no trial in
 * view has a value yet. HONE_CANCELLED, HONE_OUT_OF_MEMORY; the cache is then empty. */
hone_status hn_gp_study_update(hn_gp_study *study, const hn_ask *ask, bool *ready, hone_error *err);
/* A place (d,) that is being evaluated: the variance there shrinks, and its mean counts among the best, so
 * that it is not worth another trial (kriging believer, Ginsbourger et al. 2010). */
hone_status hn_gp_study_add_pending(hn_gp_study *study, const double *row, hone_error *err);
/* Sets best; where values are fixed, the least mean with them in place of the trial's own. */
void hn_gp_study_find_best(hn_gp_study *study, const hn_point *fixed);
/* Indices (n,) of the rows to be fitted to: all when there are at most max_points, else that many: the best
 * half, those nearest to the best one, and some at random; ascending. */
hone_status hn_gp_study_choose(const hn_gp_study *study, hn_arena *scratch, size_t **chosen, size_t *n,
                               hone_error *err);
/* Indices of the k best feasible rows, best first; returns how many there are. O(k n). */
size_t hn_gp_study_top(const hn_gp_study *study, size_t k, size_t *rows);

#endif
