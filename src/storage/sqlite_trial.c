#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "storage/sqlite.h"

/* --- the rows of a trial --- */

static hone_status insert_params(hn_sqlite *sqlite, int64_t trial, const hn_trial_param *params, size_t n,
                                 hone_error *err)
{
    hone_status status = HONE_OK;
    for (size_t i = 0; i < n && !status; i++) {
        size_t column;
        status =
            hn_vocabulary_intern(&sqlite->vocabulary, params[i].name, params[i].distribution, &column, err);
        if (!status) {
            uint32_t text = sqlite->vocabulary.columns[column].text;
            status = hn_sqlite_run(sqlite, err, HN_SQL_PARAM_INSERT, "itdt", trial, params[i].name,
                                   params[i].value, sqlite->vocabulary.texts.keys[text]);
        }
    }
    return status;
}

static hone_status set_trial_attribute(hn_sqlite *sqlite, int64_t trial, const hn_attribute *attribute,
                                       hone_error *err)
{
    hn_sql sql = attribute->system ? HN_SQL_TRIAL_SYSTEM_ATTRIBUTE_SET : HN_SQL_TRIAL_USER_ATTRIBUTE_SET;
    return hn_sqlite_run(sqlite, err, sql, "itt", trial, attribute->key, attribute->json);
}

static hone_status set_constraints(hn_sqlite *sqlite, int64_t trial, const double *values, size_t n,
                                   hone_error *err)
{
    hn_buffer_clear(&sqlite->text);
    hn_write_numbers(&sqlite->text, values, n);
    if (hn_buffer_failed(&sqlite->text))
        return hn_out_of_memory(err);
    hn_attribute constraints = {HN_KEY_CONSTRAINTS, hn_buffer_string(&sqlite->text), true};
    return set_trial_attribute(sqlite, trial, &constraints, err);
}

static hone_status write_rows(hn_sqlite *sqlite, int64_t trial, const hn_trial_rows *rows, hone_error *err)
{
    hone_status status = insert_params(sqlite, trial, rows->params, rows->n_params, err);
    for (size_t i = 0; i < rows->n_reports && !status; i++)
        status = hn_sqlite_run(sqlite, err, HN_SQL_REPORT_SET, "iidt", trial, rows->reports[i].step,
                               rows->reports[i].value, hn_value_kind(rows->reports[i].value));
    for (size_t i = 0; i < rows->n_values && !status; i++)
        status = hn_sqlite_run(sqlite, err, HN_SQL_VALUE_INSERT, "iidt", trial, (int64_t)i, rows->values[i],
                               hn_value_kind(rows->values[i]));
    if (!status && rows->n_constraints)
        status = set_constraints(sqlite, trial, rows->constraints, rows->n_constraints, err);
    for (size_t i = 0; i < rows->n_attributes && !status; i++)
        status = set_trial_attribute(sqlite, trial, &rows->attributes[i], err);
    return status;
}

/* --- creating --- */

/* "" stands for NULL: a time that is not yet. */
static void format_time(char out[HN_DATETIME_SIZE], int64_t wall_us)
{
    out[0] = '\0';
    if (wall_us)
        hn_format_datetime(out, wall_us);
}

static const char *null_if_empty(const char *text)
{
    return text[0] ? text : NULL;
}

static hone_status insert_trial(hn_sqlite *sqlite, int64_t study, const hn_study_key *key, int64_t number,
                                const hn_new_trial *trial, int64_t *id, hone_error *err)
{
    char start[HN_DATETIME_SIZE], complete[HN_DATETIME_SIZE];
    hn_trial_rows rows = hn_rows_of_new(trial);
    hone_status status = hn_rows_check(&rows, key->n_objectives, err);
    if (!status)
        status = hn_lease_check(trial->lease, err);
    if (status)
        return status;
    format_time(start, trial->state == HONE_WAITING ? 0 : trial->start_us);
    format_time(complete, hn_state_finished(trial->state) ? trial->complete_us : 0);
    status = hn_sqlite_run(sqlite, err, HN_SQL_TRIAL_INSERT, "iittt", number, study,
                           hn_state_text(trial->state), null_if_empty(start), null_if_empty(complete));
    *id = sqlite3_last_insert_rowid(sqlite->db);
    if (!status)
        status = write_rows(sqlite, *id, &rows, err);
    if (!status && trial->state == HONE_RUNNING && trial->lease) {
        hn_trial_key own_id = {.own_id = key->own_id, .number = number};
        status = hn_sqlite_lease_set(sqlite, *id, &own_id, trial->lease, err);
    }
    if (!status && trial->state == HONE_RUNNING && trial->beats)
        status = hn_sqlite_run(sqlite, err, HN_SQL_HEARTBEAT_SET, "it", *id, start);
    return status;
}

/* In a transaction: the trials and its end. */
static hone_status insert_trials(hn_sqlite *sqlite, int64_t study, const hn_study_key *key, size_t n,
                                 const hn_new_trial *trials, hone_status status, int64_t *ids,
                                 int64_t *numbers, hone_error *err)
{
    int64_t *made = HN_ARENA_NEW(&sqlite->scratch, int64_t, n);
    status = status || made ? status : hn_out_of_memory(err);
    for (size_t i = 0; i < n && !status; i++)
        status = insert_trial(sqlite, study, key, key->next_number + (int64_t)i, &trials[i], &made[i], err);
    status = hn_sqlite_end(sqlite, status, err);
    for (size_t i = 0; i < n && !status; i++) {
        ids[i] = made[i];
        numbers[i] = key->next_number + (int64_t)i;
    }
    return status;
}

hone_status hn_sqlite_trial_create(hn_storage *storage, int64_t study, size_t n, const hn_new_trial *trials,
                                   int64_t expected_number, int64_t *ids, int64_t *numbers, hone_error *err)
{
    hn_sqlite *sqlite = (hn_sqlite *)storage;
    hn_study_key key = {0};
    hn_transaction purpose = HN_TRANSACTION_RUNNING;
    for (size_t i = 0; i < n; i++)
        purpose = trials[i].state == HONE_RUNNING ? purpose : HN_TRANSACTION_TOLD;
    hone_status status = hn_sqlite_begin(sqlite, purpose, err);
    if (status)
        return status;
    status = hn_sqlite_study_key(sqlite, study, true, &key, err);
    if (!status)
        status = hn_number_check(expected_number, key.next_number, numbers, err);
    return insert_trials(sqlite, study, &key, n, trials, status, ids, numbers, err);
}

hone_status hn_sqlite_trial_make(hn_storage *storage, int64_t study, hn_new_trial *trial, int64_t expected,
                                 hn_trial_maker make, void *user, int64_t *id, int64_t *number,
                                 hone_error *err)
{
    hn_sqlite *sqlite = (hn_sqlite *)storage;
    hn_study_key key = {0};
    hone_status status = hn_sqlite_begin(sqlite, HN_TRANSACTION_RUNNING, err);
    if (status)
        return status;
    status = hn_sqlite_study_key(sqlite, study, true, &key, err);
    if (!status && key.next_number != expected) {
        status = make(user, key.next_number, trial, err);
        if (status == HONE_CONFLICT)
            *number = key.next_number;
    }
    return insert_trials(sqlite, study, &key, 1, trial, status, id, number, err);
}

hone_status hn_sqlite_trial_find(hn_storage *storage, int64_t study, int64_t number, int64_t *id,
                                 hone_error *err)
{
    hn_sqlite *sqlite = (hn_sqlite *)storage;
    hn_study_key key = {0};
    sqlite3_stmt *query = NULL;
    bool row = false;
    hone_status status = hn_sqlite_begin(sqlite, HN_TRANSACTION_READ, err);
    if (status)
        return status;
    status = hn_sqlite_study_key(sqlite, study, false, &key, err);
    if (!status)
        status = hn_sqlite_query(sqlite, &query, err, HN_SQL_TRIAL_BY_NUMBER, "ii", study, number);
    if (!status && number >= 0)
        status = hn_sqlite_next(sqlite, query, &row, err);
    if (!status && !row)
        status = hn_no_such_number(number, key.next_number, err);
    int64_t found = row ? sqlite3_column_int64(query, 0) : 0;
    hn_sqlite_done(query);
    status = hn_sqlite_end(sqlite, status, err);
    if (!status)
        *id = found;
    return status;
}

/* --- one trial's state --- */

hone_status hn_sqlite_trial_key(hn_sqlite *sqlite, int64_t trial, hn_trial_key *key, hone_error *err)
{
    sqlite3_stmt *query = NULL;
    hn_trial_key found = {0};
    bool row = false;
    hone_status status = hn_sqlite_query(sqlite, &query, err, HN_SQL_TRIAL_KEY, "i", trial);
    if (!status)
        status = hn_sqlite_next(sqlite, query, &row, err);
    if (!status && !row)
        status = hn_no_such_trial(trial, err);
    if (status)
        return status;
    found.study = sqlite3_column_int64(query, 0);
    found.number = sqlite3_column_int64(query, 1);
    if (!hn_state_from_text(hn_sqlite_text(query, 2), &found.state))
        status = hn_fail(err, HONE_STORAGE, "trial %lld has the unknown state '%s'", (long long)found.number,
                         hn_sqlite_text(query, 2));
    found.n_objectives = (size_t)sqlite3_column_int64(query, 3);
    snprintf(found.lease, sizeof found.lease, "%s", hn_sqlite_text(query, 4));
    found.ended_by_holder = sqlite3_column_int(query, 5) != 0 && found.lease[0];
    found.paused = sqlite3_column_type(query, 6) != SQLITE_NULL;
    found.own_id = sqlite3_column_int64(query, 7);
    hn_sqlite_done(query);
    if (!status)
        *key = found;
    return status;
}

hone_status hn_sqlite_trial_claim(hn_storage *storage, int64_t trial, const char *lease, int64_t start_us,
                                  bool beats, size_t n_params, const hn_trial_param *params, bool *claimed,
                                  hone_error *err)
{
    hn_sqlite *sqlite = (hn_sqlite *)storage;
    hn_trial_key key = {.state = HONE_RUNNING};
    hn_trial_rows rows = {.state = HONE_RUNNING, .n_params = n_params, .params = params};
    char start[HN_DATETIME_SIZE];
    hone_status status = hn_rows_check(&rows, 0, err);
    if (!status)
        status = hn_lease_check(lease, err);
    if (!status)
        status = hn_sqlite_begin(sqlite, HN_TRANSACTION_RUNNING, err);
    if (status)
        return status;
    status = hn_sqlite_trial_key(sqlite, trial, &key, err);
    bool mine = !status && key.state == HONE_WAITING;
    if (mine) {
        format_time(start, start_us);
        status = hn_sqlite_run(sqlite, err, HN_SQL_TRIAL_START, "it", trial, null_if_empty(start));
        if (!status)
            status = write_rows(sqlite, trial, &rows, err);
        if (!status && lease)
            status = hn_sqlite_lease_set(sqlite, trial, &key, lease, err);
        if (!status && beats)
            status = hn_sqlite_run(sqlite, err, HN_SQL_HEARTBEAT_SET, "it", trial, start);
    }
    status = hn_sqlite_end(sqlite, status, err);
    if (!status)
        *claimed = mine;
    return status;
}

static hone_status end_trial(hn_sqlite *sqlite, int64_t trial, const hn_trial_key *key, const char *lease,
                             const hn_trial_update *update, hone_error *err)
{
    char complete[HN_DATETIME_SIZE];
    format_time(complete, update->complete_us);
    hone_status status = hn_sqlite_run(sqlite, err, HN_SQL_TRIAL_END, "itt", trial,
                                       hn_state_text(update->state), null_if_empty(complete));
    if (!status && key->own_id)
        status = hn_sqlite_run(sqlite, err, HN_SQL_LEASE_END, "iit", key->own_id, key->number, lease);
    if (!status)
        status = hn_sqlite_run(sqlite, err, HN_SQL_HEARTBEAT_DELETE, "i", trial);
    return status;
}

hone_status hn_sqlite_trial_update(hn_storage *storage, int64_t trial, const char *lease,
                                   const hn_trial_update *update, hone_trial_state *state, bool *lease_lost,
                                   hone_error *err)
{
    hn_sqlite *sqlite = (hn_sqlite *)storage;
    hn_trial_rows rows = hn_rows_of_update(update);
    hn_trial_key key = {.state = HONE_RUNNING};
    bool lost = false;
    hone_status status = hn_sqlite_begin(
        sqlite, update->state == HONE_RUNNING ? HN_TRANSACTION_RUNNING : HN_TRANSACTION_TOLD, err);
    if (status)
        return status;
    status = hn_sqlite_trial_key(sqlite, trial, &key, err);
    if (status)
        goto done;
    bool finished = hn_state_finished(key.state);
    lost = lease && (strcmp(lease, key.lease) != 0 || (finished && !key.ended_by_holder));
    if (lost || finished) {
        status = hn_trial_refused(key.number, key.state, lost, err);
        goto done;
    }
    status = update->state == HONE_WAITING
                 ? hn_fail(err, HONE_INVALID, "trial %lld cannot go back to waiting", (long long)key.number)
                 : hn_rows_check(&rows, key.n_objectives, err);
    if (!status)
        status = write_rows(sqlite, trial, &rows, err);
    if (!status && hn_state_finished(update->state))
        status = end_trial(sqlite, trial, &key, lease, update, err);
done:
    status = hn_sqlite_end(sqlite, status, err);
    if (status == HONE_OK || status == HONE_CONFLICT) {
        if (state)
            *state = status == HONE_OK && hn_state_finished(update->state) ? update->state : key.state;
        if (lease_lost)
            *lease_lost = lost;
    }
    return status;
}
