/* history/trial.h: one trial as a record: what storage, study and history exchange. Plain data; a record
 * and what it points to belong to whoever made it (usually an arena or the storage's scan), and are
 * borrowed by the callee for the call. */
#ifndef HN_HISTORY_TRIAL_H
#define HN_HISTORY_TRIAL_H

#include "hone/hone.h"
#include "space/distribution.h"

typedef struct hn_trial_param {
    const char *name;
    const hn_distribution *distribution;
    double value; /* raw: number or choice index */
} hn_trial_param;

typedef struct hn_trial_report {
    int64_t step;
    double value; /* NaN and infinities possible */
} hn_trial_report;

typedef struct hn_attribute {
    const char *key;
    const char *json;
    bool system;
} hn_attribute;

typedef struct hn_trial_record {
    int64_t id;     /* the storage's key */
    int64_t number; /* dense 0 .. k in the study */
    hone_trial_state state;
    int64_t start_us, complete_us; /* wall clock UTC; 0 = not yet */
    size_t n_params;
    const hn_trial_param *params; /* display order */
    size_t n_values;
    const double *values; /* user's sense; infinities possible, never NaN */
    size_t n_reports;
    const hn_trial_report *reports; /* ascending step */
    size_t n_constraints;
    const double *constraints;
    size_t n_attributes; /* user and system, without `constraints` */
    const hn_attribute *attributes;
    double noise;   /* known variance of the value, NaN = unknown */
    double seconds; /* run in all, of one that was ever paused; 0: what its times say */
    int64_t runs;   /* of one that was ever paused: runs that ended, at most one a rung; 0: it was not */
} hn_trial_record;

#endif
