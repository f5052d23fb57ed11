#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "storage/postgres.h"

/* Of a study that this handle knows. */
static bool concerns(const hn_postgres *pg, int64_t study)
{
    for (size_t i = 0; i < pg->n_studies; i++) {
        if (pg->studies[i].id == study)
            return true;
    }
    return pg->n_studies == 0;
}

static void take_notice(hn_postgres *pg, const PGnotify *notice)
{
    char *rest;
    int64_t study = strtoll(notice->extra, &rest, 10);
    if (notice->be_pid == PQbackendPID(pg->conn) || !concerns(pg, study))
        return;
    pg->changes++;
    pg->orders += strcmp(rest, HN_PG_RESULT) != 0;
}

/* Notifications come with the answers of the server, or are there to be read: no round trip. They may lag
 * behind the commit by the time that a message takes. */
static hone_status change_counter(hn_storage *storage, bool results, int64_t *counter, hone_error *err)
{
    hn_postgres *pg = (hn_postgres *)storage;
    PGnotify *notice;
    (void)err;
    /* Of a lost connection the next round trip tells. */
    bool alive = pg->conn && PQconsumeInput(pg->conn);
    while (alive && (notice = PQnotifies(pg->conn))) {
        take_notice(pg, notice);
        PQfreemem(notice);
    }
    int64_t now = hn_monotonic_ns();
    if (!alive || (pg->poll_seconds > 0 && now >= pg->next_poll_ns)) {
        pg->changes++;
        pg->orders++;
        pg->next_poll_ns = now + (int64_t)(pg->poll_seconds * 1e9);
    }
    *counter = results ? pg->changes : pg->orders;
    return HONE_OK;
}

const hn_storage_type hn_storage_postgres = {
    .name = "postgresql",
    .scheme = "postgresql:",
    .help = "a PostgreSQL database in Optuna's format, postgresql://user@host:port/database; shared by any "
            "number of machines",
    .shared = true,
    .open = hn_pg_open,
    .close = hn_pg_close,
    .defer = hn_pg_defer,
    .settle = hn_pg_settle,
    .study_create = hn_pg_study_create,
    .study_find = hn_pg_study_find,
    .study_names = hn_pg_study_names,
    .study_list = hn_pg_study_list,
    .study_delete = hn_pg_study_delete,
    .study_set_definition = hn_pg_study_set_definition,
    .study_set_attribute = hn_pg_study_set_attribute,
    .study_attribute = hn_pg_study_attribute,
    .trial_create = hn_pg_trial_create,
    .trial_make = hn_pg_trial_make,
    .trial_find = hn_pg_trial_find,
    .trial_claim = hn_pg_trial_claim,
    .trial_update = hn_pg_trial_update,
    .begin = hn_pg_gather,
    .end = hn_pg_commit,
    .trial_lease = hn_pg_trial_lease,
    .trial_heartbeat = hn_pg_trial_heartbeat,
    .trials_beating = hn_pg_trials_beating,
    .trial_pause = hn_pg_trial_pause,
    .trial_resume = hn_pg_trial_resume,
    .trials_paused = hn_pg_trials_paused,
    .scan = hn_pg_scan,
    .trial_read = hn_pg_trial_read,
    .change_counter = change_counter,
    .check = hn_pg_check,
};
