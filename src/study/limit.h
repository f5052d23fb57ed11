/* study/limit.h: when a run ends, for everybody that runs trials. */
#ifndef HN_STUDY_LIMIT_H
#define HN_STUDY_LIMIT_H

#include "study/study.h"

/* Is the budget sound, and does it end? Its workers and callback are not looked at but for the callback being
 * one that may end it. */
hone_status hn_budget_check(const hone_study *study, const hone_budget *budget, hone_error *err);

/* Before a run's first ask: what the asks have to know of its budget, whose time begins; the reason of an
 * earlier end is forgotten. Takes the lock. */
hone_status hn_study_begin_run(hone_study *study, const hone_budget *budget, hone_error *err);
/* The limit that forbids another trial: "target", "trials", "seconds", "cost", "patience", "regret"; NULL:
 * none. started: trials of this run. With the lock held. O(trials) of a cost in
 * seconds and of patience with several goals; a fit when trials were told since, of regret. */
hone_status hn_study_limit(hone_study *study, const hone_budget *budget, int64_t started, const char **reason,
                           hone_error *err);
/* Keeps the reason with the study, with what the limit said. Takes the lock. */
hone_status hn_study_end_run(hone_study *study, const char *reason, hone_error *err);
/* {"reason": "patience", "because": "none of the last 30 trials was better", "trials": 57, "at": "... UTC"}
 * of the run that ended last, NULL while one goes on or before the first. Takes the lock. */
hone_status hn_study_read_end(hone_study *study, hn_arena *arena, hn_node **end, hone_error *err);

#endif
