/* Who runs a trial: leases, heartbeats, pauses. All of it keys on the study's UUID, never on Optuna's ids
 * alone. */
#include <stdio.h>

#include "base/clock.h"
#include "storage/sqlite.h"

/* The trial, which must be running, of a study that has a UUID. Inside a write transaction. */
static hone_status running_trial(hn_sqlite *sqlite, int64_t trial, const char *what, hn_trial_key *key,
                                 hone_error *err)
{
    hone_status status = hn_sqlite_trial_key(sqlite, trial, key, err);
    if (!status && key->state != HONE_RUNNING)
        status = hn_trial_not_running(key->number, key->state, what, err);
    return status;
}

/* The trial's study among ours, made when only Optuna has seen it. */
static hone_status resolve_study(hn_sqlite *sqlite, const hn_trial_key *key, int64_t *own_id, hone_error *err)
{
    hn_study_key study;
    *own_id = key->own_id;
    if (*own_id)
        return HONE_OK;
    hone_status status = hn_sqlite_study_key(sqlite, key->study, true, &study, err);
    if (!status)
        *own_id = study.own_id;
    return status;
}

hone_status hn_sqlite_lease_set(hn_sqlite *sqlite, int64_t trial, const hn_trial_key *key, const char *lease,
                                hone_error *err)
{
    int64_t own_id;
    hone_status status = resolve_study(sqlite, key, &own_id, err);
    return status ? status
                  : hn_sqlite_run(sqlite, err, HN_SQL_LEASE_SET, "iiit", own_id, key->number, trial, lease);
}

hone_status hn_sqlite_trial_lease(hn_storage *storage, int64_t trial, const char *new_lease, char *lease_now,
                                  hone_error *err)
{
    hn_sqlite *sqlite = (hn_sqlite *)storage;
    hn_trial_key key = {0};
    hone_status status = hn_lease_check(new_lease, err);
    if (!status)
        status = hn_sqlite_begin(sqlite, new_lease ? HN_TRANSACTION_RUNNING : HN_TRANSACTION_READ, err);
    if (status)
        return status;
    if (new_lease) {
        status = running_trial(sqlite, trial, "change hands", &key, err);
        if (!status)
            status = hn_sqlite_lease_set(sqlite, trial, &key, new_lease, err);
    } else {
        status = hn_sqlite_trial_key(sqlite, trial, &key, err);
    }
    status = hn_sqlite_end(sqlite, status, err);
    if (!status && lease_now)
        snprintf(lease_now, HN_LEASE_SIZE, "%s", new_lease ? new_lease : key.lease);
    return status;
}

hone_status hn_sqlite_trial_heartbeat(hn_storage *storage, int64_t trial, int64_t now_us, hone_error *err)
{
    hn_sqlite *sqlite = (hn_sqlite *)storage;
    hn_trial_key key = {0};
    char now[HN_DATETIME_SIZE];
    hone_status status = hn_sqlite_begin(sqlite, HN_TRANSACTION_RUNNING, err);
    if (status)
        return status;
    status = running_trial(sqlite, trial, "have a heartbeat", &key, err);
    hn_format_datetime(now, now_us);
    if (!status)
        status = hn_sqlite_run(sqlite, err, HN_SQL_HEARTBEAT_SET, "it", trial, now);
    return hn_sqlite_end(sqlite, status, err);
}

hone_status hn_sqlite_trials_stale(hn_storage *storage, int64_t study, int64_t before_us, hn_arena *arena,
                                   int64_t **ids, size_t *count, hone_error *err)
{
    hn_sqlite *sqlite = (hn_sqlite *)storage;
    hn_study_key key = {0};
    sqlite3_stmt *query = NULL;
    char before[HN_DATETIME_SIZE];
    hone_status status = hn_sqlite_begin(sqlite, HN_TRANSACTION_READ, err);
    if (status)
        return status;
    hn_format_datetime(before, before_us);
    status = hn_sqlite_study_key(sqlite, study, false, &key, err);
    if (!status)
        status = hn_sqlite_query(sqlite, &query, err, HN_SQL_STALE_TRIALS, "iit", key.own_id, study, before);
    if (!status)
        status = hn_sqlite_collect_ids(sqlite, query, arena, ids, count, err);
    hn_sqlite_done(query);
    return hn_sqlite_end(sqlite, status, err);
}

static hone_status set_pause(hn_sqlite *sqlite, int64_t trial, const hn_trial_key *key, bool paused,
                             int64_t step, hone_error *err)
{
    sqlite3_stmt *statement = NULL;
    int64_t own_id;
    bool row;
    hone_status status = resolve_study(sqlite, key, &own_id, err);
    if (!status)
        status = hn_sqlite_query(sqlite, &statement, err, HN_SQL_PAUSE_SET, paused ? "iiii" : "iii", own_id,
                                 key->number, trial, step);
    if (!status)
        status = hn_sqlite_next(sqlite, statement, &row, err);
    if (!status && paused)
        status = hn_sqlite_run(sqlite, err, HN_SQL_HEARTBEAT_DELETE, "i", trial);
    return status;
}

hone_status hn_sqlite_trial_pause(hn_storage *storage, int64_t trial, bool paused, int64_t step,
                                  hone_error *err)
{
    hn_sqlite *sqlite = (hn_sqlite *)storage;
    hn_trial_key key = {0};
    hone_status status = hn_sqlite_begin(sqlite, HN_TRANSACTION_RUNNING, err);
    if (status)
        return status;
    status = running_trial(sqlite, trial, paused ? "pause" : "resume", &key, err);
    if (!status && !paused && !key.paused)
        status = hn_fail(err, HONE_CONFLICT, "trial %lld is not paused: another worker resumed it",
                         (long long)key.number);
    if (!status)
        status = set_pause(sqlite, trial, &key, paused, step, err);
    return hn_sqlite_end(sqlite, status, err);
}

hone_status hn_sqlite_trials_paused(hn_storage *storage, int64_t study, hn_arena *arena, int64_t **ids,
                                    size_t *count, hone_error *err)
{
    hn_sqlite *sqlite = (hn_sqlite *)storage;
    hn_study_key key = {0};
    sqlite3_stmt *query = NULL;
    hone_status status = hn_sqlite_begin(sqlite, HN_TRANSACTION_READ, err);
    if (status)
        return status;
    status = hn_sqlite_study_key(sqlite, study, false, &key, err);
    if (!status)
        status = hn_sqlite_query(sqlite, &query, err, HN_SQL_PAUSED_TRIALS, "ii", key.own_id, study);
    if (!status)
        status = hn_sqlite_collect_ids(sqlite, query, arena, ids, count, err);
    hn_sqlite_done(query);
    return hn_sqlite_end(sqlite, status, err);
}
