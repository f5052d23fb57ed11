/* Who runs a trial: leases, heartbeats, pauses. All of it keys on the study's UUID, never on Optuna's ids
 * alone. */
#include <stdio.h>
#include <string.h>

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

/* The trial, which must be running, and under the lease that is given (NULL: any). */
static hone_status held_trial(hn_sqlite *sqlite, int64_t trial, const char *held, const char *what,
                              hn_trial_key *key, hone_error *err)
{
    hone_status status = running_trial(sqlite, trial, what, key, err);
    if (!status && held && strcmp(held, key->lease) != 0)
        status = hn_trial_refused(key->number, key->state, true, err);
    return status;
}

hone_status hn_sqlite_trial_lease(hn_storage *storage, int64_t trial, const char *held, const char *new_lease,
                                  char *lease_now, hone_error *err)
{
    hn_sqlite *sqlite = (hn_sqlite *)storage;
    hn_trial_key key = {0};
    hone_status status = hn_lease_check(new_lease, err);
    if (!status)
        status = hn_sqlite_begin(sqlite, new_lease ? HN_TRANSACTION_RUNNING : HN_TRANSACTION_READ, err);
    if (status)
        return status;
    if (new_lease) {
        status = held_trial(sqlite, trial, held, "change hands", &key, err);
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

static hone_status set_heartbeat(hn_sqlite *sqlite, int64_t trial, int64_t now_us, hone_error *err)
{
    char now[HN_DATETIME_SIZE];
    hn_format_datetime(now, now_us);
    return hn_sqlite_run(sqlite, err, HN_SQL_HEARTBEAT_SET, "it", trial, now);
}

hone_status hn_sqlite_trial_heartbeat(hn_storage *storage, int64_t trial, int64_t now_us, hone_error *err)
{
    hn_sqlite *sqlite = (hn_sqlite *)storage;
    hn_trial_key key = {0};
    hone_status status = hn_sqlite_begin(sqlite, HN_TRANSACTION_RUNNING, err);
    if (status)
        return status;
    status = running_trial(sqlite, trial, "have a heartbeat", &key, err);
    if (!status)
        status = set_heartbeat(sqlite, trial, now_us, err);
    return hn_sqlite_end(sqlite, status, err);
}

static hone_status collect_beats(hn_sqlite *sqlite, sqlite3_stmt *query, hn_arena *arena, hn_beat **beats,
                                 size_t *count, hone_error *err)
{
    hn_buffer found = HN_BUFFER_INIT;
    hone_status status;
    bool row;
    while (!(status = hn_sqlite_next(sqlite, query, &row, err)) && row) {
        hn_beat beat = {.id = sqlite3_column_int64(query, 0)};
        const char *at = hn_sqlite_text(query, 1);
        hn_parse_datetime(at, strlen(at), &beat.beat_us); /* what is no time beat at none */
        snprintf(beat.lease, sizeof beat.lease, "%s", hn_sqlite_text(query, 2));
        hn_buffer_append(&found, &beat, sizeof beat);
    }
    size_t n = found.size / sizeof **beats;
    hn_beat *copy = status ? NULL : HN_ARENA_NEW(arena, hn_beat, n);
    if (!status && (hn_buffer_failed(&found) || !copy))
        status = hn_out_of_memory(err);
    if (!status) {
        if (n)
            memcpy(copy, found.data, found.size);
        *beats = copy;
        *count = n;
    }
    hn_buffer_release(&found);
    return status;
}

hone_status hn_sqlite_trials_beating(hn_storage *storage, int64_t study, hn_arena *arena, hn_beat **beats,
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
        status = hn_sqlite_query(sqlite, &query, err, HN_SQL_BEATING_TRIALS, "ii", key.own_id, study);
    if (!status)
        status = collect_beats(sqlite, query, arena, beats, count, err);
    hn_sqlite_done(query);
    return hn_sqlite_end(sqlite, status, err);
}

hone_status hn_sqlite_trial_pause(hn_storage *storage, int64_t trial, const char *held, int64_t step,
                                  hone_error *err)
{
    hn_sqlite *sqlite = (hn_sqlite *)storage;
    hn_trial_key key = {0};
    int64_t own_id = 0;
    hone_status status = hn_sqlite_begin(sqlite, HN_TRANSACTION_RUNNING, err);
    if (status)
        return status;
    status = held_trial(sqlite, trial, held, "pause", &key, err);
    if (!status)
        status = resolve_study(sqlite, &key, &own_id, err);
    if (!status)
        status = hn_sqlite_run(sqlite, err, HN_SQL_PAUSE_SET, "iiii", own_id, key.number, trial, step);
    if (!status)
        status = hn_sqlite_run(sqlite, err, HN_SQL_HEARTBEAT_DELETE, "i", trial);
    return hn_sqlite_end(sqlite, status, err);
}

hone_status hn_sqlite_trial_resume(hn_storage *storage, int64_t trial, const char *lease, int64_t now_us,
                                   hone_error *err)
{
    hn_sqlite *sqlite = (hn_sqlite *)storage;
    hn_trial_key key = {0};
    hone_status status = hn_lease_check(lease, err);
    if (!status)
        status = hn_sqlite_begin(sqlite, HN_TRANSACTION_RUNNING, err);
    if (status)
        return status;
    status = running_trial(sqlite, trial, "resume", &key, err);
    if (!status && !key.paused)
        status = hn_trial_not_paused(key.number, err);
    if (!status)
        status = hn_sqlite_lease_set(sqlite, trial, &key, lease, err);
    if (!status && now_us > 0)
        status = set_heartbeat(sqlite, trial, now_us, err);
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
