/* Shared by the tests of study/: asking and telling that must succeed. */
#ifndef HN_TEST_STUDY_FIXTURE_H
#define HN_TEST_STUDY_FIXTURE_H

#include "hone/hone.h"
#include "support.h"

static inline hone_trial *ask(hone_study *study)
{
    hone_error err = {0};
    hone_outcome outcome;
    hone_trial *trial = NULL;
    ck_assert_msg(!hone_study_ask(study, &outcome, &trial, NULL, NULL, &err), "%s", err.message);
    ck_assert_int_eq(outcome, HONE_ASKED);
    return trial;
}

/* Frees the trial's handle, too. */
static inline void tell(hone_study *study, hone_trial *trial, double value)
{
    hone_error err = {0};
    ck_assert_msg(!hone_study_tell(study, trial, HONE_COMPLETE, &value, 1, &err), "%s", err.message);
    hone_trial_free(trial);
}

#endif
