/* limit.c: what the limits of a run are compared with. */
#include "study/study.h"

int64_t hn_study_taken(const hone_study *study)
{
    const hn_history *history = study->history;
    return (int64_t)(hn_history_state_count(history, HONE_COMPLETE) +
                     hn_history_state_count(history, HONE_PRUNED) +
                     hn_history_state_count(history, HONE_FAILED) +
                     hn_history_state_count(history, HONE_RUNNING)) -
           (int64_t)study->n_paused;
}

bool hn_study_reached(const hone_study *study, double target)
{
    const hn_history *history = study->history;
    int64_t best;
    if (hn_history_objective_count(history) != 1 || !hn_history_best(history, 1, &best) ||
        hn_history_state(history, best) != HONE_COMPLETE) {
        return false;
    }
    double value = hn_history_value(history, best, 0);
    return hn_history_direction(history, 0) == HONE_MAXIMIZE ? value >= target : value <= target;
}
