/* select/leave_one_out.h: leave-one-out where the model has a closed form of it: one fit in the place of one
 * for each row.
 */
#ifndef HN_SELECT_LEAVE_ONE_OUT_H
#define HN_SELECT_LEAVE_ONE_OUT_H

#include "select/fold.h"

/* Whether every split leaves out one row, of a pipeline that none of them changes, and labels are all that
 * is asked for. */
bool hn_leave_one_out_applies(const hn_validation *validation, const hn_run_control *control);
/* out (n,): of each of the validation's rows what the model without it says. HONE_UNSUPPORTED: these settings
 * or rows have no closed form. */
hone_status hn_leave_one_out_predict(const hn_validation *validation, const void *config,
                                     const volatile int *cancel, double *out, hone_error *err);
/* Writes column `split` of scores from these predictions. */
hone_status hn_leave_one_out_score(const hn_validation *validation, const double *predicted, size_t split,
                                   hn_scores *scores, hone_error *err);

#endif
