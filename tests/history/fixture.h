/* Shared by the tests of history/: distributions and records in a line each. */
#ifndef HN_TEST_HISTORY_FIXTURE_H
#define HN_TEST_HISTORY_FIXTURE_H

#include <math.h>

#include "base/memory.h"
#include "history/history.h"
#include "support.h"

static const hn_position fixture_nowhere = {"test", 0, 0, 0};

static inline hn_distribution fixture_float(double low, double high)
{
    hn_distribution d;
    hone_status status = hn_distribution_float("x", low, high, 0, false, fixture_nowhere, &d, NULL, NULL);
    ck_assert_int_eq(status, HONE_OK);
    return d;
}

static inline hn_history *fixture_history(hone_direction direction)
{
    hn_history *history;
    ck_assert_int_eq(hn_history_create(&direction, 1, &history, NULL), HONE_OK);
    return history;
}

/* A record without parameters and, for a finished state, finished at `number` microseconds. */
static inline hn_trial_record fixture_record(int64_t number, hone_trial_state state, const double *value)
{
    bool finished = state != HONE_RUNNING && state != HONE_WAITING;
    return (hn_trial_record){.id = number + 1000,
                             .number = number,
                             .state = state,
                             .start_us = number + 1,
                             .complete_us = finished ? number + 1 : 0,
                             .n_values = value == NULL ? 0 : 1,
                             .values = value,
                             .noise = NAN};
}

static inline void fixture_put(hn_history *history, const hn_trial_record *record)
{
    hone_error err = {0};
    ck_assert_msg(hn_history_put(history, record, &err) == HONE_OK, "%s", err.message);
}

#endif
