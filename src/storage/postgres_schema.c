/* Optuna's tables to the letter (RDB schema 12, revision v3.2.0.a, as Optuna 5.0 makes them) and ours beside
 * them, in the schema that search_path names first. */
#include "base/error.h"
#include "storage/postgres.h"

#define OPTUNA_SCHEMA   12
#define OPTUNA_REVISION "v3.2.0.a"

#define ATTRIBUTES(table, id, owner, owners)                                                                 \
    "CREATE TABLE " table " (" id " SERIAL NOT NULL, " owner " INTEGER, key VARCHAR(512), value_json TEXT,"  \
    " PRIMARY KEY (" id "), UNIQUE (" owner ", key),"                                                        \
    " FOREIGN KEY (" owner ") REFERENCES " owners " (" owner "));"

static const char optuna_tables[] =
    "CREATE TYPE studydirection AS ENUM ('NOT_SET', 'MINIMIZE', 'MAXIMIZE');"
    "CREATE TYPE trialstate AS ENUM ('RUNNING', 'COMPLETE', 'PRUNED', 'FAIL', 'WAITING');"
    "CREATE TYPE trialvaluetype AS ENUM ('FINITE', 'INF_POS', 'INF_NEG');"
    "CREATE TYPE trialintermediatevaluetype AS ENUM ('FINITE', 'INF_POS', 'INF_NEG', 'NAN');"
    "CREATE TABLE studies (study_id SERIAL NOT NULL, study_name VARCHAR(512) NOT NULL,"
    " PRIMARY KEY (study_id));"
    "CREATE UNIQUE INDEX ix_studies_study_name ON studies (study_name);"
    "CREATE TABLE version_info (version_info_id INTEGER NOT NULL, schema_version INTEGER,"
    " library_version VARCHAR(256), PRIMARY KEY (version_info_id), CHECK (version_info_id = 1));"
    "CREATE TABLE study_directions (study_direction_id SERIAL NOT NULL, direction studydirection NOT NULL,"
    " study_id INTEGER NOT NULL, objective INTEGER NOT NULL, PRIMARY KEY (study_direction_id),"
    " UNIQUE (study_id, objective), FOREIGN KEY (study_id) REFERENCES studies (study_id));" ATTRIBUTES(
        "study_user_attributes", "study_user_attribute_id", "study_id", "studies")
        ATTRIBUTES(
            "study_system_attributes", "study_system_attribute_id", "study_id",
            "studies") "CREATE TABLE trials (trial_id SERIAL NOT NULL, number INTEGER, study_id INTEGER,"
                       " state trialstate NOT NULL, datetime_start TIMESTAMP WITHOUT TIME ZONE,"
                       " datetime_complete TIMESTAMP WITHOUT TIME ZONE, PRIMARY KEY (trial_id),"
                       " FOREIGN KEY (study_id) REFERENCES studies (study_id));"
                       "CREATE INDEX ix_trials_study_id ON trials (study_id);" ATTRIBUTES(
                           "trial_user_attributes", "trial_user_attribute_id", "trial_id", "trials")
                           ATTRIBUTES(
                               "trial_system_attributes", "trial_system_attribute_id", "trial_id",
                               "trials") "CREATE TABLE trial_params (param_id SERIAL NOT NULL, trial_id INTEGER, param_name VARCHAR(512),"
                                         " param_value FLOAT(53), distribution_json TEXT, PRIMARY KEY (param_id), UNIQUE (trial_id, param_name),"
                                         " FOREIGN KEY (trial_id) REFERENCES trials (trial_id));"
                                         "CREATE TABLE trial_values (trial_value_id SERIAL NOT NULL, trial_id INTEGER NOT NULL,"
                                         " objective INTEGER NOT NULL, value FLOAT(53), value_type trialvaluetype NOT NULL,"
                                         " PRIMARY KEY (trial_value_id), UNIQUE (trial_id, objective),"
                                         " FOREIGN KEY (trial_id) REFERENCES trials (trial_id));"
                                         "CREATE TABLE trial_intermediate_values (trial_intermediate_value_id SERIAL NOT NULL,"
                                         " trial_id INTEGER NOT NULL, step INTEGER NOT NULL, intermediate_value FLOAT(53),"
                                         " intermediate_value_type trialintermediatevaluetype NOT NULL,"
                                         " PRIMARY KEY (trial_intermediate_value_id), UNIQUE (trial_id, step),"
                                         " FOREIGN KEY (trial_id) REFERENCES trials (trial_id));"
                                         "CREATE TABLE trial_heartbeats (trial_heartbeat_id SERIAL NOT NULL, trial_id INTEGER NOT NULL,"
                                         " heartbeat TIMESTAMP WITHOUT TIME ZONE NOT NULL, PRIMARY KEY (trial_heartbeat_id), UNIQUE (trial_id),"
                                         " FOREIGN KEY (trial_id) REFERENCES trials (trial_id));"
                                         "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL,"
                                         " CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num));"
                                         "INSERT INTO version_info VALUES (1, 12, 'hone-" HONE_VERSION "');"
                                         "INSERT INTO alembic_version VALUES ('" OPTUNA_REVISION "');";

/* Step i brings our tables from schema i to i + 1. PostgreSQL gives no id twice, so that they may key on
 * Optuna's; no foreign keys: they would break Optuna's own delete. request names the call that changed the
 * trial last, so that one whose answer was lost is not done twice. */
static const char *const migrations[] = {
    "CREATE TABLE hone_version (hone_version_id INTEGER PRIMARY KEY CHECK (hone_version_id = 1),"
    " schema_version INTEGER NOT NULL, library_version TEXT NOT NULL);"
    "INSERT INTO hone_version VALUES (1, 0, '');"
    "CREATE TABLE hone_studies (study_id INTEGER PRIMARY KEY, uuid TEXT NOT NULL, definition TEXT);"
    "CREATE TABLE hone_trials (trial_id INTEGER PRIMARY KEY, study_id INTEGER NOT NULL, lease TEXT,"
    " ended BOOLEAN NOT NULL, paused_step BIGINT, request TEXT) WITH (fillfactor = 80);"
    "CREATE INDEX hone_trials_open ON hone_trials (study_id) WHERE NOT ended;",
};

enum { HONE_SCHEMA = sizeof migrations / sizeof *migrations };

/* What the database holds. */
typedef struct found_schema {
    int64_t studies, optuna, hone; /* whether there is the table; schema versions, 0 = none */
    int64_t revision;              /* below, at or above ours: -1, 0, 1 */
} found_schema;

/* How many of these tables search_path finds. Read from the catalogue, because to_regclass may answer from
 * what this session remembers of it. */
#define COUNT_TABLES(names)                                                                                  \
    "SELECT count(*) FROM pg_catalog.pg_class WHERE relname IN (" names ") AND pg_table_is_visible(oid)"

static hone_status look(hn_postgres *pg, found_schema *found, hone_error *err)
{
    int64_t versions = 0, has_hone = 0;
    bool has_version;
    hone_status status = hn_pg_integer(pg, COUNT_TABLES("'studies'"), &found->studies, err);
    if (!status)
        status = hn_pg_integer(pg, COUNT_TABLES("'version_info', 'alembic_version'"), &versions, err);
    if (!status)
        status = hn_pg_integer(pg, COUNT_TABLES("'hone_version'"), &has_hone, err);
    has_version = versions == 2;
    if (!status && has_hone)
        status = hn_pg_integer(pg, "SELECT schema_version FROM hone_version", &found->hone, err);
    if (!status && has_version)
        status = hn_pg_integer(pg, "SELECT schema_version FROM version_info", &found->optuna, err);
    if (!status && has_version)
        status = hn_pg_integer(pg,
                               "SELECT (version_num > '" OPTUNA_REVISION
                               "' COLLATE \"C\")::int - (version_num < '" OPTUNA_REVISION
                               "' COLLATE \"C\")::int FROM alembic_version",
                               &found->revision, err);
    return status;
}

static hone_status refuse(hn_postgres *pg, const found_schema *found, bool create, hone_error *err)
{
    if (found->studies && !found->optuna)
        return hn_fail(err, HONE_STORAGE,
                       "'%s' has a table 'studies' that is not Optuna's; give another database, or another "
                       "schema by ?options=-csearch_path%%3Dname; nothing was changed",
                       pg->shown);
    if (!found->studies && !create)
        return hn_fail(err, HONE_NOT_FOUND, "'%s' is empty: it holds no study", pg->shown);
    if (found->hone > HONE_SCHEMA)
        return hn_fail(err, HONE_STORAGE,
                       "'%s' was written by a newer hone (schema %lld; this one, " HONE_VERSION
                       ", knows up to %d): upgrade hone; nothing was changed",
                       pg->shown, (long long)found->hone, (int)HONE_SCHEMA);
    if (found->optuna && (found->revision > 0 || found->optuna > OPTUNA_SCHEMA))
        return hn_fail(
            err, HONE_STORAGE,
            "'%s' was written by a newer Optuna than this hone knows (schema %lld, known are version "
            "%d, revision " OPTUNA_REVISION "): upgrade hone; nothing was changed",
            pg->shown, (long long)found->optuna, OPTUNA_SCHEMA);
    if (found->optuna && (found->revision < 0 || found->optuna < OPTUNA_SCHEMA))
        return hn_fail(err, HONE_STORAGE,
                       "'%s' was written by an Optuna before 3.2: run 'optuna storage upgrade --storage URL' "
                       "once; nothing was changed",
                       pg->shown);
    return HONE_OK;
}

static hone_status migrate(hn_postgres *pg, int64_t from, hone_error *err)
{
    hone_status status = HONE_OK;
    for (int64_t i = from; i < HONE_SCHEMA && !status; i++) {
        const char *script = hn_arena_printf(
            &pg->scratch,
            "%sUPDATE hone_version SET schema_version = %lld, library_version = '" HONE_VERSION "';",
            migrations[i], (long long)i + 1);
        status = script ? hn_pg_execute(pg, script, "making tables", err) : hn_out_of_memory(err);
    }
    return status;
}

/* Looks again under a lock that all handles of hone take: another may have been faster. */
static hone_status make(hn_postgres *pg, bool create, hone_error *err)
{
    found_schema found = {0};
    hone_status status = hn_pg_execute(pg, "BEGIN; SELECT pg_advisory_xact_lock(hashtext('hone schema'))",
                                       "making tables", err);
    if (!status)
        status = look(pg, &found, err);
    if (!status)
        status = refuse(pg, &found, create, err);
    if (!status && !found.optuna)
        status = hn_pg_execute(pg, optuna_tables, "making tables", err);
    if (!status)
        status = migrate(pg, found.hone, err);
    if (!status)
        return hn_pg_execute(pg, "COMMIT", "making tables", err);
    if (pg->conn && PQtransactionStatus(pg->conn) != PQTRANS_IDLE)
        hn_pg_execute(pg, "ROLLBACK", "making tables", NULL);
    return status;
}

hone_status hn_pg_prepare_schema(hn_postgres *pg, bool create, hone_error *err)
{
    found_schema found = {0};
    if (!PQexitPipelineMode(pg->conn))
        return hn_pg_fail(pg, NULL, "opening", err);
    hone_status status = look(pg, &found, err);
    if (!status)
        status = refuse(pg, &found, create, err);
    if (!status && (!found.optuna || found.hone < HONE_SCHEMA))
        status = make(pg, create, err);
    /* What is left of studies that Optuna deleted. */
    if (!status)
        status = hn_pg_execute(pg,
                               "DELETE FROM hone_trials h WHERE NOT EXISTS"
                               " (SELECT 1 FROM studies s WHERE s.study_id = h.study_id);"
                               "DELETE FROM hone_studies h WHERE NOT EXISTS"
                               " (SELECT 1 FROM studies s WHERE s.study_id = h.study_id)",
                               "sweeping", err);
    if (!status && !PQenterPipelineMode(pg->conn))
        status = hn_pg_fail(pg, NULL, "opening", err);
    return status;
}
