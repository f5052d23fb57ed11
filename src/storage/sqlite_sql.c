#include "storage/sqlite.h"

/* From a study's id to its row in hone_studies: through the UUID, because the id of a deleted study is given
 * again. The attribute holds the UUID as a JSON string. */
#define JOIN_HONE_STUDY(study_id)                                                                            \
    " LEFT JOIN study_system_attributes u ON u.study_id = " study_id " AND u.key = 'hone:uuid'"              \
    " LEFT JOIN hone_studies hs ON hs.uuid = trim(u.value_json, '\"')"
#define JOIN_STUDY_OF_S JOIN_HONE_STUDY("s.study_id")
#define JOIN_HONE_TRIAL                                                                                      \
    JOIN_HONE_STUDY("t.study_id")                                                                            \
    " LEFT JOIN hone_trials h ON h.hone_study_id = hs.hone_study_id AND h.number = t.number"

#define UPSERT_ATTRIBUTE(table, owner)                                                                       \
    "INSERT INTO " table " (" owner ", key, value_json) VALUES (?1, ?2, ?3)"                                 \
    " ON CONFLICT (" owner ", key) DO UPDATE SET value_json = excluded.value_json"

/* A table's rows of the trials ?1 .. ?2. */
#define SCAN(columns, table, order)                                                                          \
    "SELECT trial_id, " columns " FROM " table " WHERE trial_id BETWEEN ?1 AND ?2 ORDER BY trial_id" order

const char *const hn_sql_texts[HN_SQL_COUNT] = {
    [HN_SQL_BEGIN_READ] = "BEGIN",
    [HN_SQL_BEGIN_WRITE] = "BEGIN IMMEDIATE",
    [HN_SQL_COMMIT] = "COMMIT",
    [HN_SQL_ROLLBACK] = "ROLLBACK",
    [HN_SQL_DATA_VERSION] = "PRAGMA data_version",

    [HN_SQL_STUDY_INSERT] = "INSERT INTO studies (study_name) VALUES (?1)",
    [HN_SQL_STUDY_BY_NAME] =
        "SELECT s.study_id, trim(u.value_json, '\"'), hs.definition FROM studies s" JOIN_STUDY_OF_S
        " WHERE s.study_name = ?1",
    [HN_SQL_STUDY_NAMES] = "SELECT study_name FROM studies ORDER BY study_name",
    [HN_SQL_STUDY_SUMMARIES] =
        "SELECT s.study_id, s.study_name,"
        " (SELECT count(*) FROM trials t WHERE t.study_id = s.study_id),"
        " (SELECT count(*) FROM trials t WHERE t.study_id = s.study_id AND t.state = 'COMPLETE'),"
        " (SELECT min(t.datetime_start) FROM trials t WHERE t.study_id = s.study_id),"
        " b.value, b.value_type FROM studies s"
        " LEFT JOIN trial_values b ON b.trial_value_id = (SELECT v.trial_value_id FROM trials t"
        "  JOIN trial_values v ON v.trial_id = t.trial_id AND v.objective = 0"
        "  JOIN study_directions d ON d.study_id = t.study_id AND d.objective = 0"
        "  WHERE t.study_id = s.study_id AND t.state = 'COMPLETE'"
        "  ORDER BY (CASE v.value_type WHEN 'INF_POS' THEN 9e999 WHEN 'INF_NEG' THEN -9e999 ELSE v.value END)"
        "   * (CASE d.direction WHEN 'MAXIMIZE' THEN -1 ELSE 1 END), t.trial_id LIMIT 1)"
        " ORDER BY s.study_id",
    [HN_SQL_STUDY_KEY] =
        "SELECT trim(u.value_json, '\"'), hs.hone_study_id,"
        " (SELECT count(*) FROM study_directions d WHERE d.study_id = s.study_id),"
        " (SELECT number FROM trials t WHERE t.study_id = s.study_id ORDER BY t.trial_id DESC LIMIT 1)"
        " FROM studies s" JOIN_STUDY_OF_S " WHERE s.study_id = ?1",
    [HN_SQL_STUDY_DIRECTIONS] =
        "SELECT direction FROM study_directions WHERE study_id = ?1 ORDER BY objective",
    [HN_SQL_STUDY_ATTRIBUTES] =
        "SELECT key, value_json, 0 AS system FROM study_user_attributes WHERE study_id = ?1"
        " UNION ALL "
        "SELECT key, value_json, 1 FROM study_system_attributes WHERE study_id = ?1",
    [HN_SQL_STUDY_OLDER_TWIN] = "SELECT 1 FROM study_system_attributes o JOIN study_system_attributes u"
                                " ON u.key = o.key AND u.value_json = o.value_json"
                                " WHERE o.key = 'hone:uuid' AND u.study_id = ?1 AND o.study_id < ?1",
    [HN_SQL_DIRECTION_INSERT] =
        "INSERT INTO study_directions (direction, study_id, objective) VALUES (?1, ?2, ?3)",
    [HN_SQL_STUDY_USER_ATTRIBUTE_SET] = UPSERT_ATTRIBUTE("study_user_attributes", "study_id"),
    [HN_SQL_STUDY_SYSTEM_ATTRIBUTE_SET] = UPSERT_ATTRIBUTE("study_system_attributes", "study_id"),
    [HN_SQL_STUDY_USER_ATTRIBUTE_GET] =
        "SELECT value_json FROM study_user_attributes WHERE study_id = ?1 AND key = ?2",
    [HN_SQL_STUDY_SYSTEM_ATTRIBUTE_GET] =
        "SELECT value_json FROM study_system_attributes WHERE study_id = ?1 AND key = ?2",
    [HN_SQL_HONE_STUDY_INSERT] = "INSERT INTO hone_studies (uuid, definition) VALUES (?1, ?2)",
    [HN_SQL_HONE_STUDY_DEFINE] = "UPDATE hone_studies SET definition = ?2 WHERE hone_study_id = ?1",

    [HN_SQL_TRIAL_INSERT] = "INSERT INTO trials (number, study_id, state, datetime_start, datetime_complete)"
                            " VALUES (?1, ?2, ?3, ?4, ?5)",
    [HN_SQL_TRIAL_KEY] = "SELECT t.study_id, t.number, t.state,"
                         " (SELECT count(*) FROM study_directions d WHERE d.study_id = t.study_id),"
                         " h.lease, h.ended, h.paused_step, hs.hone_study_id FROM trials t" JOIN_HONE_TRIAL
                         " WHERE t.trial_id = ?1",
    /* Numbers are dense, so that the place in the index finds it; a file that was tampered with is
     * searched. */
    [HN_SQL_TRIAL_BY_NUMBER] =
        "SELECT trial_id FROM (SELECT trial_id, number FROM trials WHERE study_id = ?1"
        " ORDER BY trial_id LIMIT 1 OFFSET ?2) WHERE number = ?2"
        " UNION ALL SELECT trial_id FROM trials WHERE study_id = ?1 AND number = ?2 LIMIT 1",
    [HN_SQL_TRIAL_START] = "UPDATE trials SET state = 'RUNNING', datetime_start = ?2 WHERE trial_id = ?1",
    [HN_SQL_TRIAL_END] = "UPDATE trials SET state = ?2, datetime_start = coalesce(datetime_start, ?3),"
                         " datetime_complete = ?3 WHERE trial_id = ?1",
    [HN_SQL_PARAM_INSERT] = "INSERT INTO trial_params (trial_id, param_name, param_value, distribution_json)"
                            " VALUES (?1, ?2, ?3, ?4)",
    [HN_SQL_VALUE_INSERT] =
        "INSERT INTO trial_values (trial_id, objective, value, value_type) VALUES (?1, ?2, ?3, ?4)",
    [HN_SQL_REPORT_SET] =
        "INSERT INTO trial_intermediate_values (trial_id, step, intermediate_value, intermediate_value_type)"
        " VALUES (?1, ?2, ?3, ?4) ON CONFLICT (trial_id, step) DO UPDATE SET"
        " intermediate_value = excluded.intermediate_value,"
        " intermediate_value_type = excluded.intermediate_value_type",
    [HN_SQL_TRIAL_USER_ATTRIBUTE_SET] = UPSERT_ATTRIBUTE("trial_user_attributes", "trial_id"),
    [HN_SQL_TRIAL_SYSTEM_ATTRIBUTE_SET] = UPSERT_ATTRIBUTE("trial_system_attributes", "trial_id"),
    [HN_SQL_LEASE_SET] = "INSERT INTO hone_trials (hone_study_id, number, trial_id, lease, ended)"
                         " VALUES (?1, ?2, ?3, ?4, 0) ON CONFLICT (hone_study_id, number)"
                         " DO UPDATE SET lease = excluded.lease, ended = 0, paused_step = NULL",
    [HN_SQL_LEASE_END] = "UPDATE hone_trials SET lease = ?3, ended = 1, paused_step = NULL"
                         " WHERE hone_study_id = ?1 AND number = ?2",
    [HN_SQL_PAUSE_SET] = "INSERT INTO hone_trials (hone_study_id, number, trial_id, ended, paused_step)"
                         " VALUES (?1, ?2, ?3, 0, ?4) ON CONFLICT (hone_study_id, number)"
                         " DO UPDATE SET paused_step = excluded.paused_step, lease = NULL",
    /* Of study ?2, among ours ?1, by the partial index on what has not ended, which is not what SQLite
     * chooses by itself: it goes through all trials. */
    [HN_SQL_PAUSED_TRIALS] =
        "SELECT t.trial_id FROM hone_trials h INDEXED BY hone_trials_open CROSS JOIN trials t"
        " ON t.trial_id = h.trial_id AND t.study_id = ?2 AND t.number = h.number"
        " WHERE h.hone_study_id = ?1 AND h.ended = 0 AND h.paused_step IS NOT NULL"
        " AND t.state = 'RUNNING' ORDER BY t.trial_id",
    [HN_SQL_HEARTBEAT_SET] = "INSERT INTO trial_heartbeats (trial_id, heartbeat) VALUES (?1, ?2)"
                             " ON CONFLICT (trial_id) DO UPDATE SET heartbeat = excluded.heartbeat",
    [HN_SQL_HEARTBEAT_DELETE] = "DELETE FROM trial_heartbeats WHERE trial_id = ?1",
    /* hone removes a trial's heartbeat when it ends or pauses, so that the table is short and is read
     * first. */
    [HN_SQL_BEATING_TRIALS] =
        "SELECT t.trial_id, b.heartbeat, h.lease FROM trial_heartbeats b"
        " CROSS JOIN trials t ON t.trial_id = b.trial_id"
        " LEFT JOIN hone_trials h ON h.hone_study_id = ?1 AND h.number = t.number"
        " WHERE t.study_id = ?2 AND t.state = 'RUNNING' AND h.paused_step IS NULL ORDER BY t.trial_id",

    [HN_SQL_SCAN_STUDY] = "SELECT trial_id, number, state, datetime_start, datetime_complete FROM trials"
                          " WHERE study_id = ?1 AND trial_id > ?2 ORDER BY trial_id",
    [HN_SQL_SCAN_TRIAL] =
        "SELECT trial_id, number, state, datetime_start, datetime_complete, study_id FROM trials"
        " WHERE trial_id = ?1",
    [HN_SQL_SCAN_PARAMS] = SCAN("param_id, param_name, param_value, distribution_json", "trial_params", ""),
    [HN_SQL_SCAN_VALUES] = SCAN("value, value_type", "trial_values", ", objective"),
    [HN_SQL_SCAN_REPORTS] =
        SCAN("step, intermediate_value, intermediate_value_type", "trial_intermediate_values", ", step"),
    [HN_SQL_SCAN_USER_ATTRIBUTES] = SCAN("key, value_json", "trial_user_attributes", ""),
    [HN_SQL_SCAN_SYSTEM_ATTRIBUTES] = SCAN("key, value_json", "trial_system_attributes", ""),
    /* The trials of the file and the rows of its longest table, at most. */
    [HN_SQL_BULK_ROWS] =
        "SELECT coalesce((SELECT max(trial_id) FROM trials), 0), max("
        "coalesce((SELECT max(param_id) FROM trial_params), 0),"
        "coalesce((SELECT max(trial_value_id) FROM trial_values), 0),"
        "coalesce((SELECT max(trial_intermediate_value_id) FROM trial_intermediate_values), 0))",
    [HN_SQL_BULK_TRIALS] = "SELECT trial_id, number, state, datetime_start, datetime_complete FROM trials"
                           " NOT INDEXED WHERE study_id = ?1 AND trial_id > ?2 ORDER BY trial_id",
    [HN_SQL_BULK_PARAMS] = "SELECT hone_collect_param(distribution_json, trial_id, param_name, param_value)"
                           " FROM trial_params NOT INDEXED",
    [HN_SQL_BULK_VALUES] =
        "SELECT hone_collect_number(value_type, trial_id, objective, value) FROM trial_values NOT INDEXED",
    [HN_SQL_BULK_REPORTS] = "SELECT hone_collect_number(intermediate_value_type, trial_id, step,"
                            " intermediate_value) FROM trial_intermediate_values NOT INDEXED",
};
