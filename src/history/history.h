/* history/history.h: the trials of a study as columns. One column per parameter name (raw doubles and the
 * number of an interned distribution per cell: bounds may change during a study; inactive is absent, never
 * NaN). Rows are trials by number. Finished trials never change; running and waiting ones are replaced as
 * they grow. Attributes are not kept.
 *
 * Memory: about 12 bytes a cell and 64 bytes a trial without reports: a million trials of ten parameters in
 * under 250 MB. One thread at a time for writing; any number of readers while nobody writes.
 */
#ifndef HN_HISTORY_HISTORY_H
#define HN_HISTORY_HISTORY_H

#include "history/trial.h"
#include "math/random.h"

typedef struct hn_history hn_history;

hone_status hn_history_create(const hone_direction *directions, size_t n_objectives, hn_history **history,
                              hone_error *err);
void hn_history_destroy(hn_history *history);

/* Inserts or replaces the trial record->number (the record is copied). Gaps are rows of state WAITING without
 * parameters until they come; they are neither counted nor listed as waiting. Replacing a finished trial is
 * HONE_CONFLICT. On failure nothing is changed. Amortised O(columns + reports + log trials). */
hone_status hn_history_put(hn_history *history, const hn_trial_record *record, hone_error *err);
/* Cheap special cases of put for a running trial. */
hone_status hn_history_add_report(hn_history *history, int64_t number, int64_t step, double value,
                                  hone_error *err);
hone_status hn_history_add_param(hn_history *history, int64_t number, const hn_trial_param *param,
                                 hone_error *err);

/* --- rows --- */

size_t hn_history_count(const hn_history *history); /* rows: the next number */
size_t hn_history_state_count(const hn_history *history, hone_trial_state state);
hone_trial_state hn_history_state(const hn_history *history, int64_t number);
bool hn_history_is_gap(const hn_history *history, int64_t number); /* not put yet, a later one was */
size_t hn_history_objective_count(const hn_history *history);
hone_direction hn_history_direction(const hn_history *history, size_t objective);
/* A COMPLETE trial's value as the user told it; NaN when it has none. */
double hn_history_value(const hn_history *history, int64_t number, size_t objective);
/* The same, smaller is better: -value when maximising; +inf when it has none. */
double hn_history_loss(const hn_history *history, int64_t number, size_t objective);
/* Sum of positive constraint values; 0 = feasible. */
double hn_history_violation(const hn_history *history, int64_t number);
/* Constraint values as told, positive where violated; how many. Borrowed until the next write. */
size_t hn_history_constraints(const hn_history *history, int64_t number, const double **values);
/* The known variance of its value; NaN when it is not known. */
double hn_history_noise(const hn_history *history, int64_t number);
/* In how many runs, those between pauses; 0: it was never paused. */
int64_t hn_history_runs(const hn_history *history, int64_t number);
/* Seconds that it has run: of a finished trial, or of one that was paused; NaN when they are not known. */
double hn_history_seconds(const hn_history *history, int64_t number);
/* Copies the row into a record whose arrays live in arena: without attributes (storage has them), parameters
 * in the order in which the history first saw their names; names and distributions are borrowed. */
hone_status hn_history_record(const hn_history *history, int64_t number, hn_arena *arena,
                              hn_trial_record *record, hone_error *err);
int64_t hn_history_id(const hn_history *history, int64_t number);
int64_t hn_history_start_us(const hn_history *history, int64_t number);
int64_t hn_history_complete_us(const hn_history *history, int64_t number);
/* Reports, ascending step. Borrowed until the next write. */
size_t hn_history_reports(const hn_history *history, int64_t number, const hn_trial_report **reports);

/* --- columns --- */

size_t hn_history_column_count(const hn_history *history);
const char *hn_history_column_name(const hn_history *history, size_t column);
size_t hn_history_find_column(const hn_history *history, const char *name); /* SIZE_MAX: never seen */
bool hn_history_has(const hn_history *history, int64_t number, size_t column);
/* Undefined unless hn_history_has. */
double hn_history_cell(const hn_history *history, int64_t number, size_t column);
/* (rows,) raw values, for loops; check presence cell by cell. Borrowed until the next write. */
const double *hn_history_column(const hn_history *history, size_t column);
const hn_distribution *hn_history_distribution(const hn_history *history, int64_t number, size_t column);
/* That of the highest trial number that has the parameter; NULL when none has. */
const hn_distribution *hn_history_latest_distribution(const hn_history *history, size_t column);

/* --- order --- */

/* Numbers of trials in the order they finished (COMPLETE and PRUNED and FAILED): by complete_us, then number,
 * whatever the order in which they were put. Borrowed until the next write. */
const int64_t *hn_history_finished(const hn_history *history, size_t *count);
/* Running trials, ascending number. Borrowed until the next write. */
const int64_t *hn_history_running(const hn_history *history, size_t *count);
/* Waiting (queued) trials, ascending number. Borrowed until the next write. */
const int64_t *hn_history_waiting(const hn_history *history, size_t *count);

/* Single-objective ranking, best first, as TPE defines it: feasible COMPLETE trials by loss; then feasible
 * PRUNED ones with a report by (-last step, loss of the last report, NaN last), then PRUNED without;
 * infeasible ones last by total violation. FAILED trials are not ranked. Ties: the earlier number first. Kept
 * incrementally: O(sqrt n) or better per put. With several objectives the first one ranks;
 * hn_history_pareto_ranks is what to use. */
size_t hn_history_ranked_count(const hn_history *history);
/* The trial at rank r (0 = best). O(log n) or better. */
int64_t hn_history_ranked(const hn_history *history, size_t r);
/* Does trial a rank before b, both finished? FAILED ones after all others, by number. O(1). */
bool hn_history_is_better(const hn_history *history, int64_t a, int64_t b);
/* The k best into out; returns how many there are. O(k + log n). */
size_t hn_history_best(const hn_history *history, size_t k, int64_t *out);

/* Several objectives: non-domination rank of each COMPLETE trial listed (0 = Pareto front), constrained
 * domination (Deb 2002: a feasible trial dominates an infeasible one; of two infeasible ones the smaller
 * total violation does). Numbers and ranks are arrays of n; O(n log n) for one and two objectives, O(n^2 m)
 * else. */
hone_status hn_history_pareto_ranks(const hn_history *history, const int64_t *numbers, size_t n,
                                    uint32_t *ranks, hone_error *err);

/* --- views: the history as of a trial number --- */

/* What a sampler may look at: all rows with number < before. */
typedef struct hn_view {
    const hn_history *history;
    int64_t before; /* INT64_MAX: all */
} hn_view;

static inline bool hn_view_sees(hn_view view, int64_t number)
{
    return number < view.before;
}
/* The k best visible trials, best first; returns how many were written. O(k) without a limit. */
size_t hn_view_best(hn_view view, size_t k, int64_t *out);
/* How many ranked (finished, not FAILED) trials are visible. O(1) without a limit. */
size_t hn_view_ranked_count(hn_view view);

#endif
