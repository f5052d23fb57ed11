/* pruner/reports.h: what judges ask of a trial's reports, which are ascending by step. */
#ifndef HN_PRUNER_REPORTS_H
#define HN_PRUNER_REPORTS_H

#include "history/history.h"

/* A report in the sense of the first objective: smaller is better. */
double hn_report_loss(const hn_history *history, double value);
/* Is the last of n reports to be judged? It is when it is the first since the last multiple of the interval,
 * counted from the warm-up. n > 0. */
bool hn_report_is_due(const hn_trial_report *reports, size_t n, int64_t n_warmup, int64_t interval);
/* The smallest loss; NaN when every report is, or there is none. O(n). */
double hn_report_best(const hn_history *history, const hn_trial_report *reports, size_t n);
/* The first report from index `from` on with at least that step; n = there is none. O(log n). */
size_t hn_report_find(const hn_trial_report *reports, size_t n, size_t from, int64_t step);
/* The same without NaN. */
size_t hn_report_at(const hn_trial_report *reports, size_t n, size_t from, int64_t step);
/* The loss on the folds between report i - 1 and report i, whose values are means over all folds so far. */
double hn_report_block(const hn_history *history, const hn_trial_report *reports, size_t i);
/* The best complete trial that keeps the constraints; -1 when there is none yet. */
int64_t hn_incumbent(const hn_history *history);

#endif
