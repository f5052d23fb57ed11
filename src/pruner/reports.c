#include "pruner/reports.h"

#include <math.h>

double hn_report_loss(const hn_history *history, double value)
{
    return hn_history_direction(history, 0) == HONE_MAXIMIZE ? -value : value;
}

bool hn_report_is_due(const hn_trial_report *reports, size_t n, int64_t n_warmup, int64_t interval)
{
    int64_t step = reports[n - 1].step;
    if (step < n_warmup) {
        return false;
    }
    int64_t due = (step - n_warmup) / interval * interval + n_warmup;
    return n == 1 || reports[n - 2].step < due;
}

double hn_report_best(const hn_history *history, const hn_trial_report *reports, size_t n)
{
    double best = NAN;
    for (size_t i = 0; i < n; i++) {
        best = fmin(best, hn_report_loss(history, reports[i].value)); /* fmin prefers the number to a NaN */
    }
    return best;
}

size_t hn_report_find(const hn_trial_report *reports, size_t n, size_t from, int64_t step)
{
    size_t low = from, high = n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (reports[middle].step < step) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

size_t hn_report_at(const hn_trial_report *reports, size_t n, size_t from, int64_t step)
{
    size_t at = hn_report_find(reports, n, from, step);
    while (at < n && isnan(reports[at].value)) {
        at++;
    }
    return at;
}

double hn_report_block(const hn_history *history, const hn_trial_report *reports, size_t i)
{
    double before = i ? (double)reports[i - 1].step : 0, after = (double)reports[i].step;
    double sum = after * reports[i].value - (i ? before * reports[i - 1].value : 0);
    return hn_report_loss(history, sum / (after - before));
}

int64_t hn_incumbent(const hn_history *history)
{
    int64_t best;
    bool found = hn_history_best(history, 1, &best) && hn_history_state(history, best) == HONE_COMPLETE &&
                 hn_history_violation(history, best) <= 0;
    return found ? best : -1;
}
