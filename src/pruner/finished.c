#include "pruner/finished.h"

bool hn_finished_restarts(hn_finished *at, const hn_history *history)
{
    size_t count;
    const int64_t *numbers = hn_history_finished(history, &count);
    if (at->history == history &&
        (at->next == 0 || (at->next <= count && numbers[at->next - 1] == at->last))) {
        return false;
    }
    *at = (hn_finished){.history = history};
    return true;
}

bool hn_finished_next(hn_finished *at, int64_t *number)
{
    size_t count;
    const int64_t *numbers = hn_history_finished(at->history, &count);
    if (at->next == count) {
        return false;
    }
    *number = at->last = numbers[at->next++];
    return true;
}

bool hn_finished_whole(const hn_history *history, int64_t number, int64_t *last_step)
{
    const hn_trial_report *reports;
    size_t n = hn_history_reports(history, number, &reports);
    if (n == 0 || hn_history_state(history, number) != HONE_COMPLETE) {
        return false;
    }
    *last_step = reports[n - 1].step;
    return true;
}
