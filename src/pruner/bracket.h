/* pruner/bracket.h: a bracket of asynchronous successive halving (Li et al. 2020) as a stopping rule: rungs
 * at first, first * factor, first * factor^2 ... steps; a trial that comes to one goes on when its loss is
 * among the best 1/factor of those that came there. Decisions are those of Optuna's SuccessiveHalvingPruner.
 *
 * A trial stands at a rung with its first report at or after the rung's step that is no NaN. Which rungs it
 * came to follows from its reports: each of them let it pass, but the last report of a PRUNED trial, which is
 * judged again among those that ended before. */
#ifndef HN_PRUNER_BRACKET_H
#define HN_PRUNER_BRACKET_H

#include "pruner/halving_plan.h"
#include "pruner/pruner.h"

typedef struct hn_bracket_rung {
    double *losses; /* ascending: of finished trials */
    size_t count, capacity;
} hn_bracket_rung;

typedef struct hn_bracket {
    int64_t first, factor; /* >= 1, >= 2 */
    int64_t last;          /* rungs lie below this step, the end of a whole trial; 0 = not known */
    int64_t bootstrap;     /* so many must have come to a rung before any passes it; the earlier ones stop */
    hn_bracket_rung rungs[HN_MOST_RUNGS];
} hn_bracket;

/* Forgets the trials, keeps the numbers. */
void hn_bracket_clear(hn_bracket *bracket);
/* A finished trial of the bracket; to be given in the order of their ends. O(rungs * (log n + n doubles
 * moved)). On failure the bracket must be cleared. */
hone_status hn_bracket_take(hn_bracket *bracket, const hn_history *history, int64_t number, hone_error *err);
/* The report just put in at (number, step), beside those taken and the n others of the bracket that run.
 * O(rungs * (log n + others * log reports)). A report at an earlier step than the last stops nobody. */
hn_verdict hn_bracket_judge(const hn_bracket *bracket, const hn_history *history, const int64_t *others,
                            size_t n, int64_t number, int64_t step);

#endif
