/* Who runs a trial: leases, heartbeats, pauses. Each is a lock and a statement that acts on the trial if it
 * may, and answers with what the trial was. */
#include <stdio.h>
#include <string.h>

#include "storage/postgres.h"

/* Why a statement did not act on a trial that must run for it, under the lease held (NULL: any). */
static hone_status check_done(const hn_pg_trial *key, const char *held, const char *what, hone_error *err)
{
    if (key->done || key->mine)
        return HONE_OK;
    if (key->state != HONE_RUNNING)
        return hn_trial_not_running(key->number, key->state, what, err);
    if (held && strcmp(held, key->lease) != 0)
        return hn_trial_refused(key->number, key->state, true, err);
    return hn_trial_not_paused(key->number, err);
}

static hone_status read_lease(hn_postgres *pg, int64_t trial, char *lease, hone_error *err)
{
    hn_pg_attempts attempts = {0};
    hn_pg_trial key = {0};
    hone_status status = HONE_OK;
    do {
        hn_pg_start(pg);
        hn_pg_add(pg, HN_PG_TRIAL_KEY, "i", trial);
        status = hn_pg_run(pg, err);
    } while (hn_pg_again(pg, &attempts, status, err));
    if (!status)
        status = hn_pg_read_trial(pg->results[0], trial, NULL, &key, err);
    if (!status && lease)
        snprintf(lease, HN_LEASE_SIZE, "%s", key.lease);
    return status;
}

hone_status hn_pg_trial_lease(hn_storage *storage, int64_t trial, const char *held, const char *new_lease,
                              char *lease_now, hone_error *err)
{
    hn_postgres *pg = (hn_postgres *)storage;
    hn_pg_attempts attempts = {0};
    hn_pg_trial key = {0};
    char request[HN_PG_REQUEST_SIZE];
    hone_status status = hn_lease_check(new_lease, err);
    if (status)
        return status;
    if (!new_lease)
        return read_lease(pg, trial, lease_now, err);
    hn_pg_request(pg, request);
    do {
        hn_pg_start(pg);
        hn_pg_add(pg, HN_PG_TRIAL_LOCK, "i", trial);
        hn_pg_add(pg, HN_PG_TRIAL_LEASE, "ittt", trial, new_lease, held, request);
        status = hn_pg_run(pg, err);
    } while (hn_pg_again(pg, &attempts, status, err));
    if (!status)
        status = hn_pg_read_trial(pg->results[1], trial, request, &key, err);
    if (!status)
        status = check_done(&key, held, "change hands", err);
    if (!status && lease_now)
        snprintf(lease_now, HN_LEASE_SIZE, "%s", new_lease);
    return status;
}

hone_status hn_pg_trial_heartbeat(hn_storage *storage, int64_t trial, int64_t now_us, hone_error *err)
{
    hn_postgres *pg = (hn_postgres *)storage;
    hn_pg_attempts attempts = {0};
    hn_pg_trial key = {0};
    hone_status status = HONE_OK;
    do {
        hn_pg_start(pg);
        hn_pg_add(pg, HN_PG_TRIAL_LOCK, "i", trial);
        hn_pg_add(pg, HN_PG_TRIAL_HEARTBEAT, "iu", trial, now_us);
        status = hn_pg_run(pg, err);
    } while (hn_pg_again(pg, &attempts, status, err));
    if (!status)
        status = hn_pg_read_trial(pg->results[1], trial, NULL, &key, err);
    return status ? status : check_done(&key, NULL, "have a heartbeat", err);
}

hone_status hn_pg_trial_pause(hn_storage *storage, int64_t trial, const char *held, int64_t step,
                              hone_error *err)
{
    hn_postgres *pg = (hn_postgres *)storage;
    hn_pg_attempts attempts = {0};
    hn_pg_trial key = {0};
    char request[HN_PG_REQUEST_SIZE];
    hone_status status = HONE_OK;
    hn_pg_request(pg, request);
    do {
        hn_pg_start(pg);
        hn_pg_add(pg, HN_PG_TRIAL_LOCK, "i", trial);
        hn_pg_add(pg, HN_PG_TRIAL_PAUSE, "iitt", trial, step, held, request);
        hn_pg_notify_of(pg, trial, false);
        status = hn_pg_run(pg, err);
    } while (hn_pg_again(pg, &attempts, status, err));
    if (!status)
        status = hn_pg_read_trial(pg->results[1], trial, request, &key, err);
    return status ? status : check_done(&key, held, "pause", err);
}

hone_status hn_pg_trial_resume(hn_storage *storage, int64_t trial, const char *lease, int64_t now_us,
                               hone_error *err)
{
    hn_postgres *pg = (hn_postgres *)storage;
    hn_pg_attempts attempts = {0};
    hn_pg_trial key = {0};
    char request[HN_PG_REQUEST_SIZE];
    hone_status status = hn_lease_check(lease, err);
    if (status)
        return status;
    hn_pg_request(pg, request);
    do {
        hn_pg_start(pg);
        hn_pg_add(pg, HN_PG_TRIAL_LOCK, "i", trial);
        hn_pg_add(pg, HN_PG_TRIAL_RESUME, "itut", trial, lease, now_us, request);
        status = hn_pg_run(pg, err);
    } while (hn_pg_again(pg, &attempts, status, err));
    if (!status)
        status = hn_pg_read_trial(pg->results[1], trial, request, &key, err);
    return status ? status : check_done(&key, NULL, "resume", err);
}

/* --- lists of trials --- */

static hone_status collect_beats(const PGresult *rows, hn_arena *arena, hn_beat **beats, size_t *count,
                                 hone_error *err)
{
    int n = PQntuples(rows);
    hn_beat *found = HN_ARENA_NEW(arena, hn_beat, (size_t)n);
    if (!found)
        return hn_out_of_memory(err);
    for (int i = 0; i < n; i++) {
        found[i] = (hn_beat){.id = hn_pg_int(rows, i, 0), .beat_us = hn_pg_time(rows, i, 1)};
        snprintf(found[i].lease, sizeof found[i].lease, "%s", hn_pg_text(rows, i, 2));
    }
    *beats = found;
    *count = (size_t)n;
    return HONE_OK;
}

hone_status hn_pg_trials_beating(hn_storage *storage, int64_t study, hn_arena *arena, hn_beat **beats,
                                 size_t *count, hone_error *err)
{
    hn_postgres *pg = (hn_postgres *)storage;
    hn_pg_attempts attempts = {0};
    hone_status status = HONE_OK;
    do {
        hn_pg_start(pg);
        hn_pg_add(pg, HN_PG_BEATING_TRIALS, "i", study);
        status = hn_pg_run(pg, err);
    } while (hn_pg_again(pg, &attempts, status, err));
    return status ? status : collect_beats(pg->results[0], arena, beats, count, err);
}

hone_status hn_pg_trials_paused(hn_storage *storage, int64_t study, hn_arena *arena, int64_t **ids,
                                size_t *count, hone_error *err)
{
    hn_postgres *pg = (hn_postgres *)storage;
    hn_pg_attempts attempts = {0};
    hone_status status = HONE_OK;
    do {
        hn_pg_start(pg);
        hn_pg_add(pg, HN_PG_PAUSED_TRIALS, "i", study);
        status = hn_pg_run(pg, err);
    } while (hn_pg_again(pg, &attempts, status, err));
    if (status)
        return status;
    int n = PQntuples(pg->results[0]);
    int64_t *found = HN_ARENA_NEW(arena, int64_t, (size_t)n);
    if (!found)
        return hn_out_of_memory(err);
    for (int i = 0; i < n; i++)
        found[i] = hn_pg_int(pg->results[0], i, 0);
    *ids = found;
    *count = (size_t)n;
    return HONE_OK;
}
