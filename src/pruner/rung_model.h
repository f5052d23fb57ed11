/* pruner/rung_model.h: a study's trials as what the model of all rungs (surrogate/rungs.h) learns from, and
 * what it says of each. A cache: made anew when the history has another trial on a rung. */
#ifndef HN_PRUNER_RUNG_MODEL_H
#define HN_PRUNER_RUNG_MODEL_H

#include "pruner/schedule.h"
#include "surrogate/rungs.h"

typedef struct hn_rung_place {
    int64_t number;
    size_t reached; /* rungs; all of them where the trial is complete, or broke down */
    bool ended, paused;
    bool complete;
    bool rests;  /* paused on the rung it reached last; a paused one that does not was interrupted */
    double best; /* smallest loss reported; +inf: none */
    double mean, deviation; /* of the loss at full length; of those with reached > 0 */
} hn_rung_place;

typedef struct hn_rung_model {
    hn_arena arena; /* of all that follows */
    const hn_history *history;
    uint64_t signature; /* of the trials with their states and reports */
    uint64_t learned;   /* of what the model was fitted to */
    size_t n, n_complete;
    hn_rung_place *places;        /* (n,) of trials begun that did not fail, ascending number */
    int64_t spent[HN_MOST_RUNGS]; /* steps up to each rung from the one before; running trials as if they were
                                     there */
    int64_t total;                /* of these */
    size_t heading[HN_MOST_RUNGS]; /* trials that have come to each rung or are on the way */
    double incumbent;              /* the least loss of a complete trial; +inf: there is none */
} hn_rung_model;

void hn_rung_model_release(hn_rung_model *model);
hone_status hn_rung_model_update(hn_rung_model *model, const hn_schedule *schedule,
                                 const hn_prune_context *context, size_t max_points, hone_error *err);

#endif
