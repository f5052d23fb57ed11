#include "storage/sqlite.h"

/* A file does not say what changed in it. */
static hone_status change_counter(hn_storage *storage, bool results, int64_t *counter, hone_error *err)
{
    (void)results;
    hn_sqlite *sqlite = (hn_sqlite *)storage;
    sqlite3_stmt *query = NULL;
    bool row = false;
    hone_status status = hn_sqlite_query(sqlite, &query, err, HN_SQL_DATA_VERSION, "");
    if (!status)
        status = hn_sqlite_next(sqlite, query, &row, err);
    if (!status && row)
        *counter = sqlite3_column_int64(query, 0);
    hn_sqlite_done(query);
    return status;
}

const hn_storage_type hn_storage_sqlite = {
    .name = "sqlite",
    .scheme = "sqlite:",
    .help = "a file in Optuna's format, sqlite:///relative.db or sqlite:////absolute.db; shared by the "
            "processes of one machine",
    .shared = true,
    .open = hn_sqlite_open,
    .close = hn_sqlite_close,
    .defer = hn_sqlite_defer,
    .settle = hn_sqlite_settle,
    .study_create = hn_sqlite_study_create,
    .study_find = hn_sqlite_study_find,
    .study_names = hn_sqlite_study_names,
    .study_list = hn_sqlite_study_list,
    .study_delete = hn_sqlite_study_delete,
    .study_set_definition = hn_sqlite_study_set_definition,
    .study_set_attribute = hn_sqlite_study_set_attribute,
    .study_attribute = hn_sqlite_study_attribute,
    .trial_create = hn_sqlite_trial_create,
    .trial_make = hn_sqlite_trial_make,
    .trial_find = hn_sqlite_trial_find,
    .trial_claim = hn_sqlite_trial_claim,
    .trial_update = hn_sqlite_trial_update,
    .begin = hn_sqlite_gather,
    .end = hn_sqlite_commit,
    .trial_lease = hn_sqlite_trial_lease,
    .trial_heartbeat = hn_sqlite_trial_heartbeat,
    .trials_beating = hn_sqlite_trials_beating,
    .trial_pause = hn_sqlite_trial_pause,
    .trial_resume = hn_sqlite_trial_resume,
    .trials_paused = hn_sqlite_trials_paused,
    .scan = hn_sqlite_scan,
    .trial_read = hn_sqlite_trial_read,
    .change_counter = change_counter,
    .check = hn_sqlite_check,
};
