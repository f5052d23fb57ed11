/* Optuna's tables to the letter (RDB schema 12, revision v3.2.0.a) and ours beside them. */
#include <string.h>

#include "base/error.h"
#include "storage/sqlite.h"

#define OPTUNA_SCHEMA   12
#define OPTUNA_REVISION "v3.2.0.a"

#define ATTRIBUTES(table, id, owner, owners)                                                                 \
    "CREATE TABLE IF NOT EXISTS " table " (" id " INTEGER NOT NULL, " owner " INTEGER,"                      \
    " \"key\" VARCHAR(512), value_json TEXT, PRIMARY KEY (" id "), UNIQUE (" owner ", \"key\"),"             \
    " FOREIGN KEY(" owner ") REFERENCES " owners " (" owner "))"

static const char *const optuna_tables[] = {
    "CREATE TABLE IF NOT EXISTS studies (study_id INTEGER NOT NULL, study_name VARCHAR(512) NOT NULL,"
    " PRIMARY KEY (study_id))",
    "CREATE UNIQUE INDEX IF NOT EXISTS ix_studies_study_name ON studies (study_name)",
    "CREATE TABLE IF NOT EXISTS version_info (version_info_id INTEGER NOT NULL, schema_version INTEGER,"
    " library_version VARCHAR(256), PRIMARY KEY (version_info_id), CHECK (version_info_id=1))",
    "CREATE TABLE IF NOT EXISTS study_directions (study_direction_id INTEGER NOT NULL,"
    " direction VARCHAR(8) NOT NULL, study_id INTEGER NOT NULL, objective INTEGER NOT NULL,"
    " PRIMARY KEY (study_direction_id), UNIQUE (study_id, objective),"
    " FOREIGN KEY(study_id) REFERENCES studies (study_id))",
    ATTRIBUTES("study_user_attributes", "study_user_attribute_id", "study_id", "studies"),
    ATTRIBUTES("study_system_attributes", "study_system_attribute_id", "study_id", "studies"),
    "CREATE TABLE IF NOT EXISTS trials (trial_id INTEGER NOT NULL, number INTEGER, study_id INTEGER,"
    " state VARCHAR(8) NOT NULL, datetime_start DATETIME, datetime_complete DATETIME,"
    " PRIMARY KEY (trial_id), FOREIGN KEY(study_id) REFERENCES studies (study_id))",
    "CREATE INDEX IF NOT EXISTS ix_trials_study_id ON trials (study_id)",
    ATTRIBUTES("trial_user_attributes", "trial_user_attribute_id", "trial_id", "trials"),
    ATTRIBUTES("trial_system_attributes", "trial_system_attribute_id", "trial_id", "trials"),
    "CREATE TABLE IF NOT EXISTS trial_params (param_id INTEGER NOT NULL, trial_id INTEGER,"
    " param_name VARCHAR(512), param_value FLOAT, distribution_json TEXT, PRIMARY KEY (param_id),"
    " UNIQUE (trial_id, param_name), FOREIGN KEY(trial_id) REFERENCES trials (trial_id))",
    "CREATE TABLE IF NOT EXISTS trial_values (trial_value_id INTEGER NOT NULL, trial_id INTEGER NOT NULL,"
    " objective INTEGER NOT NULL, value FLOAT, value_type VARCHAR(7) NOT NULL, PRIMARY KEY (trial_value_id),"
    " UNIQUE (trial_id, objective), FOREIGN KEY(trial_id) REFERENCES trials (trial_id))",
    "CREATE TABLE IF NOT EXISTS trial_intermediate_values (trial_intermediate_value_id INTEGER NOT NULL,"
    " trial_id INTEGER NOT NULL, step INTEGER NOT NULL, intermediate_value FLOAT,"
    " intermediate_value_type VARCHAR(7) NOT NULL, PRIMARY KEY (trial_intermediate_value_id),"
    " UNIQUE (trial_id, step), FOREIGN KEY(trial_id) REFERENCES trials (trial_id))",
    "CREATE TABLE IF NOT EXISTS trial_heartbeats (trial_heartbeat_id INTEGER NOT NULL,"
    " trial_id INTEGER NOT NULL, heartbeat DATETIME NOT NULL, PRIMARY KEY (trial_heartbeat_id),"
    " UNIQUE (trial_id), FOREIGN KEY(trial_id) REFERENCES trials (trial_id))",
    "CREATE TABLE IF NOT EXISTS alembic_version (version_num VARCHAR(32) NOT NULL,"
    " CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))",
    "INSERT OR IGNORE INTO version_info VALUES (1, 12, 'hone-" HONE_VERSION "')",
    "INSERT INTO alembic_version SELECT '" OPTUNA_REVISION
    "' WHERE NOT EXISTS (SELECT 1 FROM alembic_version)",
};

enum { N_OPTUNA_TABLES = sizeof optuna_tables / sizeof *optuna_tables };

/* Step i brings our tables from schema i to i + 1; %1$s is "" or, for a file that may not be written,
 * "temp.". No foreign keys: they would break Optuna's own delete. */
static const char *const migrations[] = {
    "CREATE TABLE %1$shone_version (hone_version_id INTEGER PRIMARY KEY CHECK (hone_version_id = 1),"
    " schema_version INTEGER NOT NULL, library_version TEXT NOT NULL);"
    "INSERT INTO %1$shone_version VALUES (1, 0, '');"
    "CREATE TABLE %1$shone_studies (hone_study_id INTEGER PRIMARY KEY, uuid TEXT NOT NULL UNIQUE,"
    " definition TEXT);"
    "CREATE TABLE %1$shone_trials (hone_study_id INTEGER NOT NULL, number INTEGER NOT NULL,"
    " trial_id INTEGER NOT NULL, lease TEXT, ended INTEGER NOT NULL, paused_step INTEGER,"
    " PRIMARY KEY (hone_study_id, number)) WITHOUT ROWID;"
    "CREATE INDEX %1$shone_trials_open ON hone_trials (hone_study_id) WHERE ended = 0;",
};

enum { HONE_SCHEMA = sizeof migrations / sizeof *migrations };

/* What the file holds. */
typedef struct found_schema {
    int64_t tables, studies, optuna, hone; /* counts; schema versions, 0 = none */
    bool current_revision, newer_revision;
} found_schema;

static hone_status look(hn_sqlite *sqlite, found_schema *found, hone_error *err)
{
    int64_t has_hone = 0, has_version = 0;
    hone_status status = hn_sqlite_integer(sqlite, "SELECT count(*) FROM sqlite_master", &found->tables, err);
    if (!status)
        status = hn_sqlite_integer(
            sqlite,
            "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name IN ('studies', 'trials')",
            &found->studies, err);
    if (!status)
        status = hn_sqlite_integer(
            sqlite, "SELECT count(*) FROM sqlite_master WHERE name IN ('version_info', 'alembic_version')",
            &has_version, err);
    if (!status)
        status = hn_sqlite_integer(sqlite, "SELECT count(*) FROM sqlite_master WHERE name = 'hone_version'",
                                   &has_hone, err);
    if (!status && has_hone)
        status = hn_sqlite_integer(sqlite, "SELECT schema_version FROM hone_version", &found->hone, err);
    if (status || has_version < 2)
        return status;

    int64_t order = 0;
    status = hn_sqlite_integer(sqlite, "SELECT schema_version FROM version_info", &found->optuna, err);
    if (!status)
        status = hn_sqlite_integer(sqlite,
                                   "SELECT (version_num > '" OPTUNA_REVISION
                                   "') - (version_num < '" OPTUNA_REVISION "') FROM alembic_version",
                                   &order, err);
    found->current_revision = order == 0 && found->optuna == OPTUNA_SCHEMA;
    found->newer_revision = order > 0 || found->optuna > OPTUNA_SCHEMA;
    return status;
}

static hone_status refuse(hn_sqlite *sqlite, const found_schema *found, bool create, hone_error *err)
{
    if (found->tables && !found->studies)
        return hn_fail(
            err, HONE_STORAGE,
            "'%s' is a database of something else (no table 'studies'); give another path, nothing was "
            "changed",
            sqlite->path);
    if (!found->studies && !create)
        return hn_fail(err, HONE_NOT_FOUND, "'%s' is empty: it holds no study", sqlite->path);
    if (found->hone > HONE_SCHEMA)
        return hn_fail(err, HONE_STORAGE,
                       "'%s' was written by a newer hone (schema %lld; this one, " HONE_VERSION
                       ", knows up to %d): upgrade hone; nothing was changed",
                       sqlite->path, (long long)found->hone, (int)HONE_SCHEMA);
    if (found->optuna && found->newer_revision)
        return hn_fail(
            err, HONE_STORAGE,
            "'%s' was written by a newer Optuna than this hone knows (schema %lld, known are version %d, "
            "revision " OPTUNA_REVISION "): upgrade hone; nothing was changed",
            sqlite->path, (long long)found->optuna, OPTUNA_SCHEMA);
    if (found->optuna && !found->current_revision)
        return hn_fail(
            err, HONE_STORAGE,
            "'%s' was written by an Optuna before 3.2: run 'optuna storage upgrade --storage sqlite:///%s' "
            "once; nothing was changed",
            sqlite->path, sqlite->path);
    return HONE_OK;
}

static hone_status migrate(hn_sqlite *sqlite, int64_t from, const char *database, hone_error *err)
{
    hone_status status = HONE_OK;
    for (int64_t i = from; i < HONE_SCHEMA && !status; i++) {
        hn_buffer_clear(&sqlite->text);
        hn_buffer_printf(&sqlite->text, migrations[i], database);
        hn_buffer_printf(&sqlite->text,
                         "UPDATE %shone_version SET schema_version = %lld, library_version = '" HONE_VERSION
                         "';",
                         database, (long long)i + 1);
        status = hn_buffer_failed(&sqlite->text)
                     ? hn_out_of_memory(err)
                     : hn_sqlite_execute(sqlite, hn_buffer_string(&sqlite->text), "making tables", err);
    }
    return status;
}

/* Looks again under the write lock: another process may have been faster. */
static hone_status make(hn_sqlite *sqlite, bool create, hone_error *err)
{
    found_schema found = {0};
    hone_status status = hn_sqlite_begin(sqlite, HN_TRANSACTION_TOLD, err);
    if (status)
        return status;
    status = look(sqlite, &found, err);
    if (!status)
        status = refuse(sqlite, &found, create, err);
    for (int i = 0; i < N_OPTUNA_TABLES && !status && !found.optuna; i++)
        status = hn_sqlite_execute(sqlite, optuna_tables[i], "making tables", err);
    if (!status)
        status = migrate(sqlite, found.hone, "", err);
    return hn_sqlite_end(sqlite, status, err);
}

#define ORPHANS                                                                                              \
    "(SELECT hone_study_id FROM hone_studies WHERE uuid NOT IN"                                              \
    " (SELECT trim(value_json, '\"') FROM study_system_attributes WHERE key = 'hone:uuid'))"

/* What is left of studies that Optuna deleted. */
static hone_status sweep(hn_sqlite *sqlite, hone_error *err)
{
    int64_t orphans = 0;
    hone_status status = hn_sqlite_integer(sqlite, "SELECT count(*) FROM " ORPHANS, &orphans, err);
    if (status || !orphans)
        return status;
    status = hn_sqlite_begin(sqlite, HN_TRANSACTION_TOLD, err);
    if (status)
        return status;
    status = hn_sqlite_execute(sqlite,
                               "DELETE FROM hone_trials WHERE hone_study_id IN " ORPHANS ";"
                               "DELETE FROM hone_studies WHERE hone_study_id IN " ORPHANS,
                               "sweeping", err);
    return hn_sqlite_end(sqlite, status, err);
}

hone_status hn_sqlite_prepare_schema(hn_sqlite *sqlite, bool create, bool writable, hone_error *err)
{
    found_schema found = {0};
    hone_status status = look(sqlite, &found, err);
    if (!status)
        status = refuse(sqlite, &found, create && writable, err);
    if (status)
        return status;
    if (!writable)
        return migrate(sqlite, found.hone, "temp.", err);
    if (!found.optuna || found.hone < HONE_SCHEMA)
        status = make(sqlite, create, err);
    return status ? status : sweep(sqlite, err);
}
