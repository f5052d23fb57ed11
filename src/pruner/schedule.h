/* pruner/schedule.h: what schedulers that pause and resume share: a ladder of resources (steps of a trial),
 * and brackets that begin on one of its rungs. Successive halving has one bracket, Hyperband one for each
 * rung.
 */
#ifndef HN_PRUNER_SCHEDULE_H
#define HN_PRUNER_SCHEDULE_H

#include "pruner/halving_plan.h"
#include "pruner/pruner.h"

enum { HN_SCHEDULE_WAIT_MS = 50 };

typedef struct hn_rung {
    int64_t resource;
    int64_t eliminations; /* how often the candidates are divided by the factor after it; 0: the last */
} hn_rung;

typedef struct hn_schedule_bracket {
    size_t first;       /* the rung on which its candidates begin */
    int64_t candidates; /* how many begin together, or its share of the trials */
} hn_schedule_bracket;

typedef struct hn_schedule {
    int64_t factor;
    hn_rung rungs[HN_MOST_RUNGS]; /* ascending resource */
    size_t n_rungs;
    hn_schedule_bracket brackets[HN_MOST_RUNGS]; /* in the order they are run */
    size_t n_brackets;
    int64_t bootstrap; /* asynchronous: so many must have come to a rung before any goes on */
    size_t top; /* asynchronous: nobody goes on beyond this rung while others may begin; 0 = no limit */
} hn_schedule;

/* One bracket of these rungs; those of one resource are one, as running a candidate again would tell nothing
 * new. n_rungs >= 1. */
void hn_schedule_of_halving(const hn_halving_rung *rungs, size_t n_rungs, int64_t factor,
                            hn_schedule *schedule);
/* Hyperband (Li et al. 2017) with the numbers of Keras Tuner: bracket b of b + 1 rungs, the one of most rungs
 * first; ceil(most / factor^(b - r)) steps on rung r, ceil(ceil(1 + log_factor(most / least)) / (b + 1)
 * factor^b) candidates; as many brackets as let the lowest rung have `least` (there always 1). 1 <= least <=
 * most, factor >= 2. */
void hn_schedule_of_hyperband(int64_t least, int64_t most, int64_t factor, hn_schedule *schedule);
/* The lowest rung that promises something, where nothing else is said: a sixteenth of a whole trial, at least
 * 2 (the first steps of a training mislead), at most all of it. */
int64_t hn_schedule_lowest(int64_t most);
/* The rungs' resources, for the pruner's `ladder`. */
size_t hn_schedule_ladder(const hn_schedule *schedule, int64_t *steps);
/* How many candidates go on from a rung of so many. */
int64_t hn_schedule_kept(const hn_schedule *schedule, size_t rung, int64_t candidates);

/* --- trials on the rungs --- */

bool hn_is_paused(const hn_prune_context *context, int64_t number);
/* Its loss at the first report at the resource or after (NaN: infinite); false: there is none yet. */
bool hn_rung_loss(const hn_history *history, int64_t number, int64_t resource, double *loss);
/* At its budget a trial pauses, but on the last rung. Where the budget is not known (the trial was taken up
 * by its number) it pauses when it first comes to a rung from `first` on. */
hn_verdict hn_schedule_judge(const hn_schedule *schedule, size_t first, const hn_prune_context *context,
                             int64_t number, int64_t step);
/* The model's data of BOHB (Falkner, Klein & Hutter 2018): what trials reported on the highest rung on which
 * there are enough of them, three more than parameters and at least ten; where there is none, on the lowest.
 * A NaN or an infinite loss counts as the worst finite one there. And what they reported on each rung. */
hone_status hn_schedule_estimate(const hn_schedule *schedule, const hn_prune_context *context,
                                 hn_arena *scratch, hn_estimates *estimates, hone_error *err);

#endif
