/* storage/facts.h: how facts are spelled in Optuna's format, and what a trial or study must be to be
 * stored; shared by every storage. */
#ifndef HN_STORAGE_FACTS_H
#define HN_STORAGE_FACTS_H

#include "storage/storage.h"

bool hn_state_finished(hone_trial_state state);
/* "COMPLETE", "FAIL" ... */
const char *hn_state_text(hone_trial_state state);
bool hn_state_from_text(const char *text, hone_trial_state *state);
const char *hn_direction_text(hone_direction direction);
/* Optuna's NOT_SET counts as minimize, as it does there. */
hone_direction hn_direction_from_text(const char *text);
/* "FINITE", "INF_POS", "INF_NEG", "NAN". */
const char *hn_value_kind(double value);
double hn_value_from_kind(const char *kind, double finite);

/* A JSON list of numbers or of strings. */
void hn_write_numbers(hn_buffer *out, const double *values, size_t n);
void hn_write_strings(hn_buffer *out, const char *const *texts, size_t n);
/* A JSON list of as many strings as the study has objectives; anything else leaves the names unset. */
hone_status hn_read_metric_names(hn_arena *arena, const char *json, hn_study_row *out, hone_error *err);
/* A random (version 4, RFC 4122) UUID. */
hone_status hn_make_uuid(char uuid[HN_UUID_SIZE], hone_error *err);

/* The common part of hn_new_trial and hn_trial_update. */
typedef struct hn_trial_rows {
    hone_trial_state state;
    size_t n_params, n_values, n_reports, n_constraints, n_attributes;
    const hn_trial_param *params;
    const double *values;
    const hn_trial_report *reports;
    const double *constraints;
    const hn_attribute *attributes;
} hn_trial_rows;

hn_trial_rows hn_rows_of_new(const hn_new_trial *trial);
hn_trial_rows hn_rows_of_update(const hn_trial_update *update);
/* HONE_INVALID names what may not be stored: a NaN value, a wrong number of values, a parameter that is not
 * finite, a name twice or too long. */
hone_status hn_rows_check(const hn_trial_rows *rows, size_t n_objectives, hone_error *err);
hone_status hn_study_row_check(const hn_study_row *row, hone_error *err);
hone_status hn_lease_check(const char *lease, hone_error *err);

/* The errors that every storage words the same. */
hone_status hn_no_such_study(const char *name, const char *const *names, size_t n, hone_error *err);
hone_status hn_no_such_study_id(int64_t study, hone_error *err);
hone_status hn_no_such_trial(int64_t trial, hone_error *err);
hone_status hn_no_such_number(int64_t number, int64_t n_trials, hone_error *err);
/* expected_number of trial_create: HONE_CONFLICT, with *number = next, unless it is negative or next. */
hone_status hn_number_check(int64_t expected, int64_t next, int64_t *number, hone_error *err);
/* Why an update was refused. */
hone_status hn_trial_refused(int64_t number, hone_trial_state state, bool lease_lost, hone_error *err);
hone_status hn_trial_not_paused(int64_t number, hone_error *err);
hone_status hn_trial_not_running(int64_t number, hone_trial_state state, const char *what, hone_error *err);

#endif
