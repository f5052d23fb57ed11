#include "storage/postgres.h"

/* What a statement about one trial answers with, from the common table expression k: the trial before. */
#define KEY_COLUMNS "k.study_id, k.number, k.state, k.objectives, k.lease, k.ended, k.paused, k.request"
#define KEY                                                                                                  \
    "SELECT t.trial_id, t.study_id, t.number, t.state::text AS state,"                                       \
    " (SELECT count(*) FROM study_directions d WHERE d.study_id = t.study_id) AS objectives,"                \
    " h.lease, coalesce(h.ended, false) AS ended, h.paused_step IS NOT NULL AS paused, h.request"            \
    " FROM trials t LEFT JOIN hone_trials h ON h.trial_id = t.trial_id WHERE t.trial_id = "
#define ANSWER " SELECT " KEY_COLUMNS ", t.trial_id IS NOT NULL FROM k LEFT JOIN t ON true"

/* t: the trial when it runs and so may be acted on; under the lease $3 when one is given. */
#define RUNNING(and) "WITH k AS (" KEY "$1), t AS (SELECT * FROM k WHERE state = 'RUNNING'" and ")"
#define HELD         " AND ($3 IS NULL OR coalesce(lease, '') = $3)"

#define UPSERT_ATTRIBUTE(table, owner)                                                                       \
    "INSERT INTO " table " (" owner ", key, value_json) VALUES ($1, $2, $3)"                                 \
    " ON CONFLICT (" owner ", key) DO UPDATE SET value_json = excluded.value_json"

/* A number with its kind as one double precision value. */
#define NUMBER(value, kind)                                                                                  \
    "CASE " kind " WHEN 'FINITE' THEN " value " WHEN 'INF_POS' THEN 'Infinity'::float8"                      \
    " WHEN 'INF_NEG' THEN '-Infinity'::float8 ELSE 'NaN'::float8 END"

/* A trial in one row: its rows of the other tables as arrays, found by index. */
#define SCAN(trials)                                                                                                                                            \
    "SELECT t.trial_id, t.number, t.state::text, t.datetime_start, t.datetime_complete,"                                                                        \
    " p.names, p.numbers, p.distributions, v.numbers, r.steps, r.numbers, u.keys, u.jsons, s.keys, s.jsons"                                                     \
    " FROM (" trials ") t"                                                                                                                                      \
    " CROSS JOIN LATERAL (SELECT array_agg(param_name::text ORDER BY param_id) AS names,"                                                                       \
    "  array_agg(param_value ORDER BY param_id) AS numbers,"                                                                                                    \
    "  array_agg(distribution_json ORDER BY param_id) AS distributions"                                                                                         \
    "  FROM trial_params WHERE trial_id = t.trial_id) p"                                                                                                        \
    " CROSS JOIN LATERAL (SELECT array_agg(" NUMBER(                                                                                                            \
        "value",                                                                                                                                                \
        "value_type::text") " ORDER BY objective)"                                                                                                              \
                            "  AS numbers FROM trial_values WHERE trial_id = t.trial_id) v"                                                                     \
                            " CROSS JOIN LATERAL (SELECT array_agg(step ORDER BY step) AS steps,"                                                               \
                            "  array_agg(" NUMBER(                                                                                                              \
                                "intermediate_value",                                                                                                           \
                                "intermediate_value_type::text") " ORDER BY step)"                                                                              \
                                                                 "  AS numbers FROM trial_intermediate_values WHERE trial_id = t.trial_id) r"                   \
                                                                 " CROSS JOIN LATERAL (SELECT array_agg(key::text ORDER BY trial_user_attribute_id) AS keys,"   \
                                                                 "  array_agg(value_json ORDER BY trial_user_attribute_id) AS jsons"                            \
                                                                 "  FROM trial_user_attributes WHERE trial_id = t.trial_id) u"                                  \
                                                                 " CROSS JOIN LATERAL (SELECT array_agg(key::text ORDER BY trial_system_attribute_id) AS keys," \
                                                                 "  array_agg(value_json ORDER BY trial_system_attribute_id) AS jsons"                          \
                                                                 "  FROM trial_system_attributes WHERE trial_id = t.trial_id) s ORDER BY t.trial_id"

static const char *const fixed_texts[HN_PG_FIXED_COUNT] = {
    [HN_PG_BEGIN_SNAPSHOT] = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
    [HN_PG_COMMIT] = "COMMIT",
    [HN_PG_NOTIFY] = "SELECT pg_notify('hone', $1)",
    /* trial, what follows the study's id */
    [HN_PG_NOTIFY_OF] = "SELECT pg_notify('hone', study_id || $2) FROM trials WHERE trial_id = $1",
    /* This transaction does not wait for the disk; that of HN_PG_FLUSH does, and the log is written in order.
     * It has nothing to wait for when no trial was made. */
    [HN_PG_COMMIT_LATER] = "SELECT set_config('synchronous_commit', 'off', true)",
    [HN_PG_FLUSH_ALL] = "SELECT pg_logical_emit_message(true, 'hone', '')",
    [HN_PG_FLUSH] =
        "SELECT pg_logical_emit_message(true, 'hone', '') WHERE current_setting('hone.made', true) <> ''",

    [HN_PG_STUDY_LOCK] = "SELECT study_id FROM studies WHERE study_id = $1 FOR NO KEY UPDATE",
    /* name, directions, keys and values of system attributes, of user attributes, UUID, definition */
    [HN_PG_STUDY_CREATE] =
        "WITH s AS (INSERT INTO studies (study_name) VALUES ($1) ON CONFLICT (study_name) DO NOTHING"
        "  RETURNING study_id),"
        " d AS (INSERT INTO study_directions (direction, study_id, objective)"
        "  SELECT x.direction::studydirection, s.study_id, x.n - 1"
        "  FROM s, unnest($2) WITH ORDINALITY x(direction, n) ORDER BY x.n),"
        " y AS (INSERT INTO study_system_attributes (study_id, key, value_json)"
        "  SELECT s.study_id, x.key, x.json FROM s, unnest($3, $4) WITH ORDINALITY x(key, json, n)"
        "  ORDER BY x.n),"
        " u AS (INSERT INTO study_user_attributes (study_id, key, value_json)"
        "  SELECT s.study_id, x.key, x.json FROM s, unnest($5, $6) WITH ORDINALITY x(key, json, n)"
        "  ORDER BY x.n),"
        " h AS (INSERT INTO hone_studies (study_id, uuid, definition) SELECT study_id, $7, $8 FROM s"
        "  ON CONFLICT (study_id) DO UPDATE SET uuid = excluded.uuid, definition = excluded.definition)"
        " SELECT study_id FROM s",
    /* Keeps the UUID of the attribute, unless another study has it: Optuna's copy_study copies it too. */
    [HN_PG_STUDY_ADOPT] =
        "WITH a AS (SELECT trim(value_json, '\"') AS uuid FROM study_system_attributes"
        "  WHERE study_id = $1 AND key = 'hone:uuid'),"
        " h AS (INSERT INTO hone_studies (study_id, uuid) SELECT s.study_id, coalesce((SELECT uuid FROM a"
        "   WHERE uuid NOT IN (SELECT uuid FROM hone_studies WHERE study_id <> $1)), $2)"
        "  FROM studies s WHERE s.study_id = $1"
        "  ON CONFLICT (study_id) DO UPDATE SET uuid = excluded.uuid RETURNING study_id, uuid)"
        " INSERT INTO study_system_attributes (study_id, key, value_json)"
        " SELECT study_id, 'hone:uuid', '\"' || uuid || '\"' FROM h"
        " ON CONFLICT (study_id, key) DO UPDATE SET value_json = excluded.value_json",
    [HN_PG_STUDY_KEY] =
        "SELECT (SELECT count(*) FROM study_directions d WHERE d.study_id = s.study_id),"
        " EXISTS (SELECT 1 FROM hone_studies h JOIN study_system_attributes u ON u.study_id = h.study_id"
        "  AND u.key = 'hone:uuid' AND trim(u.value_json, '\"') = h.uuid WHERE h.study_id = s.study_id),"
        " coalesce((SELECT number FROM trials WHERE study_id = $1 ORDER BY trial_id DESC LIMIT 1) + 1, 0)"
        " FROM studies s WHERE s.study_id = $1",
    [HN_PG_STUDY_BY_NAME] =
        "SELECT s.study_id, trim(u.value_json, '\"'), h.definition, h.uuid FROM studies s"
        " LEFT JOIN study_system_attributes u ON u.study_id = s.study_id AND u.key = 'hone:uuid'"
        " LEFT JOIN hone_studies h ON h.study_id = s.study_id WHERE s.study_name = $1",
    [HN_PG_STUDY_DIRECTIONS] =
        "SELECT d.direction::text FROM study_directions d JOIN studies s ON s.study_id = d.study_id"
        " WHERE s.study_name = $1 ORDER BY d.objective",
    [HN_PG_STUDY_ATTRIBUTES] =
        "SELECT a.key, a.value_json, false, study_user_attribute_id AS id FROM study_user_attributes a"
        " JOIN studies s ON s.study_id = a.study_id WHERE s.study_name = $1 UNION ALL "
        "SELECT a.key, a.value_json, true, study_system_attribute_id FROM study_system_attributes a"
        " JOIN studies s ON s.study_id = a.study_id WHERE s.study_name = $1 ORDER BY 3, 4",
    [HN_PG_STUDY_NAMES] = "SELECT study_name FROM studies ORDER BY study_name COLLATE \"C\"",
    [HN_PG_STUDY_SUMMARIES] = "SELECT s.study_id, s.study_name, n.trials, n.complete, n.first, " NUMBER(
        "b.value",
        "b.value_type::text") ","
                              " (SELECT array_agg(direction::text ORDER BY objective) FROM study_directions d"
                              "  WHERE d.study_id = s.study_id), b.value_type::text FROM studies s"
                              " CROSS JOIN LATERAL (SELECT count(*) AS trials, count(*) FILTER (WHERE state = 'COMPLETE')"
                              "  AS complete, min(datetime_start) AS first FROM trials t WHERE t.study_id = s.study_id) n"
                              " LEFT JOIN LATERAL (SELECT v.value, v.value_type FROM trials t"
                              "  JOIN trial_values v ON v.trial_id = t.trial_id AND v.objective = 0"
                              "  JOIN study_directions d ON d.study_id = t.study_id AND d.objective = 0"
                              "  WHERE t.study_id = s.study_id AND t.state = 'COMPLETE' ORDER BY " NUMBER(
                                  "v.value",
                                  "v.value_type::text") " * (CASE d.direction WHEN 'MAXIMIZE' THEN -1 ELSE 1 END),"
                                                        "  t.trial_id LIMIT 1) b ON true ORDER BY s.study_id",
    [HN_PG_STUDY_USER_ATTRIBUTE_SET] = UPSERT_ATTRIBUTE("study_user_attributes", "study_id"),
    [HN_PG_STUDY_SYSTEM_ATTRIBUTE_SET] = UPSERT_ATTRIBUTE("study_system_attributes", "study_id"),
    [HN_PG_STUDY_USER_ATTRIBUTE_GET] =
        "SELECT value_json FROM study_user_attributes WHERE study_id = $1 AND key = $2",
    [HN_PG_STUDY_SYSTEM_ATTRIBUTE_GET] =
        "SELECT value_json FROM study_system_attributes WHERE study_id = $1 AND key = $2",
    [HN_PG_STUDY_DEFINE] = "UPDATE hone_studies SET definition = $2 WHERE study_id = $1",

    [HN_PG_TRIAL_LOCK] = "SELECT trial_id FROM trials WHERE trial_id = $1 FOR NO KEY UPDATE",
    [HN_PG_TRIAL_KEY] = "SELECT " KEY_COLUMNS ", false FROM (" KEY "$1) k",
    [HN_PG_TRIAL_BY_NUMBER] = "SELECT trial_id FROM trials WHERE study_id = $1 AND number = $2"
                              " ORDER BY trial_id LIMIT 1",
    [HN_PG_TRIALS_REQUESTED] =
        "SELECT t.trial_id, t.number FROM hone_trials h JOIN trials t ON t.trial_id = h.trial_id"
        " WHERE h.study_id = $1 AND h.request = $2 ORDER BY t.trial_id",
    /* trial, new lease, held, request */
    [HN_PG_TRIAL_LEASE] = RUNNING(
        HELD) ", h AS (INSERT INTO hone_trials (trial_id, study_id, lease, ended, request)"
              " SELECT trial_id, study_id, $2, false, $4 FROM t ON CONFLICT (trial_id) DO UPDATE SET"
              " lease = excluded.lease, ended = false, paused_step = NULL, request = excluded.request)" ANSWER,
    [HN_PG_TRIAL_HEARTBEAT] =
        RUNNING("") ", b AS (INSERT INTO trial_heartbeats (trial_id, heartbeat) SELECT trial_id, $2 FROM t"
                    " ON CONFLICT (trial_id) DO UPDATE SET heartbeat = excluded.heartbeat)" ANSWER,
    /* trial, step, held, request */
    [HN_PG_TRIAL_PAUSE] = RUNNING(
        HELD) ", h AS (INSERT INTO hone_trials (trial_id, study_id, ended, paused_step, request)"
              " SELECT trial_id, study_id, false, $2, $4 FROM t ON CONFLICT (trial_id) DO UPDATE SET"
              " lease = NULL, paused_step = excluded.paused_step, request = excluded.request),"
              " b AS (DELETE FROM trial_heartbeats USING t WHERE trial_heartbeats.trial_id = t.trial_id)" ANSWER,
    /* trial, lease, heartbeat, request */
    [HN_PG_TRIAL_RESUME] = RUNNING(
        " AND paused") ", h AS (UPDATE hone_trials SET lease = $2, ended = false, paused_step = NULL,"
                       " request = $4 FROM t WHERE hone_trials.trial_id = t.trial_id),"
                       " b AS (INSERT INTO trial_heartbeats (trial_id, heartbeat) SELECT trial_id, $3 FROM t"
                       " WHERE $3 IS NOT NULL ON CONFLICT (trial_id) DO UPDATE SET heartbeat = excluded.heartbeat)" ANSWER,
    [HN_PG_BEATING_TRIALS] =
        "SELECT t.trial_id, b.heartbeat, h.lease FROM trial_heartbeats b"
        " JOIN trials t ON t.trial_id = b.trial_id LEFT JOIN hone_trials h ON h.trial_id = t.trial_id"
        " WHERE t.study_id = $1 AND t.state = 'RUNNING' AND h.paused_step IS NULL ORDER BY t.trial_id",
    [HN_PG_PAUSED_TRIALS] =
        "SELECT t.trial_id FROM hone_trials h JOIN trials t ON t.trial_id = h.trial_id"
        " WHERE h.study_id = $1 AND NOT h.ended AND h.paused_step IS NOT NULL AND t.state = 'RUNNING'"
        " ORDER BY t.trial_id",

    /* study, those after this one, and these, at most so many */
    [HN_PG_SCAN] = SCAN("SELECT * FROM trials WHERE trial_id = ANY ($3) AND study_id = $1 AND trial_id <= $2"
                        " UNION ALL (SELECT * FROM trials WHERE study_id = $1 AND trial_id > $2"
                        "  ORDER BY trial_id LIMIT $4)"),
    [HN_PG_SCAN_ONE] = SCAN("SELECT * FROM trials WHERE trial_id = $1"),
};

/* --- statements that write rows --- */

/* Values $1 .. $13 are those of the parts, the request last; a head's own begin with $14. Each head ends with
 * t, the trial that the parts write to, or none. */
static const char *const heads[HN_PG_HEADS] = {
    /* study, expected number, state, start, completion, lease, beats, the last number that will do; of
     * HN_PG_CHOICES: numbers of the trials that $2 is for, places of their names in $1 and $3. Ids ascend
     * with numbers, because both are given while the study is locked. */
    [HN_PG_CREATE] =
        "WITH k AS (SELECT s.study_id, coalesce((SELECT number FROM trials WHERE study_id = $14"
        "  ORDER BY trial_id DESC LIMIT 1) + 1, 0) AS next FROM studies s WHERE s.study_id = $14),"
        " t AS (INSERT INTO trials (number, study_id, state, datetime_start, datetime_complete)"
        "  SELECT next, study_id, $16::trialstate, $17, $18 FROM k WHERE $15 < 0 OR next BETWEEN $15 AND $21"
        "  RETURNING trial_id, study_id),"
        " h AS (INSERT INTO hone_trials (trial_id, study_id, lease, ended, request)"
        "  SELECT trial_id, study_id, $19, $18 IS NOT NULL, $13 FROM t),"
        " b AS (INSERT INTO trial_heartbeats (trial_id, heartbeat) SELECT trial_id, $17 FROM t WHERE $20)",
    /* trial, lease, start, beats */
    [HN_PG_CLAIM] =
        "WITH k AS (" KEY "$14), t AS (SELECT * FROM k WHERE state = 'WAITING'),"
        " w AS (UPDATE trials SET state = 'RUNNING', datetime_start = $16 FROM t"
        "  WHERE trials.trial_id = t.trial_id),"
        " h AS (INSERT INTO hone_trials (trial_id, study_id, lease, ended, request)"
        "  SELECT trial_id, study_id, $15, false, $13 FROM t ON CONFLICT (trial_id) DO UPDATE SET"
        "  lease = excluded.lease, ended = false, request = excluded.request),"
        " b AS (INSERT INTO trial_heartbeats (trial_id, heartbeat) SELECT trial_id, $16 FROM t WHERE $17"
        "  ON CONFLICT (trial_id) DO UPDATE SET heartbeat = excluded.heartbeat)",
    /* trial, lease */
    [HN_PG_REPORT] = "WITH k AS (" KEY "$14), t AS (SELECT * FROM k WHERE state IN ('RUNNING', 'WAITING')"
                     "  AND ($15 IS NULL OR coalesce(lease, '') = $15) AND request IS DISTINCT FROM $13),"
                     " h AS (INSERT INTO hone_trials (trial_id, study_id, ended, request)"
                     "  SELECT trial_id, study_id, false, $13 FROM t ON CONFLICT (trial_id) DO UPDATE SET"
                     "  request = excluded.request)",
    /* trial, lease, state, completion, least and most values */
    [HN_PG_END] =
        "WITH k AS (" KEY "$14), t AS (SELECT * FROM k WHERE state IN ('RUNNING', 'WAITING')"
        "  AND ($15 IS NULL OR coalesce(lease, '') = $15) AND objectives BETWEEN $18 AND $19),"
        " w AS (UPDATE trials SET state = $16::trialstate, datetime_complete = $17,"
        "  datetime_start = coalesce(datetime_start, $17) FROM t WHERE trials.trial_id = t.trial_id),"
        " h AS (INSERT INTO hone_trials (trial_id, study_id, lease, ended, request)"
        "  SELECT trial_id, study_id, $15, true, $13 FROM t ON CONFLICT (trial_id) DO UPDATE SET"
        "  lease = excluded.lease, ended = true, paused_step = NULL, request = excluded.request),"
        " b AS (DELETE FROM trial_heartbeats USING t WHERE trial_heartbeats.trial_id = t.trial_id)",
};

#define ATTRIBUTES(name, table, keys, jsons)                                                                 \
    ", " name " AS (INSERT INTO " table " (trial_id, key, value_json)"                                       \
    " SELECT t.trial_id, x.key, x.json FROM t, unnest(" keys ", " jsons ") WITH ORDINALITY"                  \
    " x(key, json, n) ORDER BY x.n ON CONFLICT (trial_id, key) DO UPDATE SET value_json ="                   \
    " excluded.value_json)"

static const struct {
    unsigned part;
    const char *text;
} parts[] = {
    {HN_PG_PARAMS, ", rp AS (INSERT INTO trial_params (trial_id, param_name, param_value, distribution_json)"
                   " SELECT t.trial_id, x.name, x.value, x.json FROM t,"
                   " unnest($1, $2, $3) WITH ORDINALITY x(name, value, json, n) ORDER BY x.n)"},
    {HN_PG_CHOICES, ", rp AS (INSERT INTO trial_params (trial_id, param_name, param_value, distribution_json)"
                    " SELECT t.trial_id, ($1)[x.place], x.value, ($3)[x.place] FROM t, k,"
                    " unnest($22, $2, $23) WITH ORDINALITY x(number, value, place, n)"
                    " WHERE x.number = k.next ORDER BY x.n)"},
    {HN_PG_VALUES, ", rv AS (INSERT INTO trial_values (trial_id, objective, value, value_type)"
                   " SELECT t.trial_id, x.n - 1, x.value, x.kind::trialvaluetype FROM t,"
                   " unnest($4, $5) WITH ORDINALITY x(value, kind, n) ORDER BY x.n)"},
    {HN_PG_REPORTS,
     ", rr AS (INSERT INTO trial_intermediate_values (trial_id, step, intermediate_value,"
     " intermediate_value_type) SELECT t.trial_id, x.step, x.value, x.kind::trialintermediatevaluetype"
     " FROM t, unnest($6, $7, $8) WITH ORDINALITY x(step, value, kind, n) ORDER BY x.n"
     " ON CONFLICT (trial_id, step) DO UPDATE SET intermediate_value = excluded.intermediate_value,"
     " intermediate_value_type = excluded.intermediate_value_type)"},
    {HN_PG_SYSTEM, ATTRIBUTES("rs", "trial_system_attributes", "$9", "$10")},
    {HN_PG_USER, ATTRIBUTES("ru", "trial_user_attributes", "$11", "$12")},
};

int hn_pg_statement(hn_pg_head head, unsigned which)
{
    return HN_PG_FIXED_COUNT + (int)head * HN_PG_PARTS + (int)which;
}

void hn_pg_write_text(hn_buffer *out, int statement)
{
    if (statement < HN_PG_FIXED_COUNT) {
        hn_buffer_text(out, fixed_texts[statement]);
        return;
    }
    int head = (statement - HN_PG_FIXED_COUNT) / HN_PG_PARTS;
    unsigned which = (unsigned)(statement - HN_PG_FIXED_COUNT) % HN_PG_PARTS;
    hn_buffer_text(out, heads[head]);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (which & parts[i].part)
            hn_buffer_text(out, parts[i].text);
    }
    hn_buffer_text(out, head == HN_PG_CREATE
                            ? " SELECT k.next, t.trial_id,"
                              " set_config('hone.made', coalesce(t.trial_id::text, ''), false)"
                              " FROM k LEFT JOIN t ON true"
                            : ANSWER);
}

const char *hn_pg_purpose(int statement)
{
    if (statement >= HN_PG_FIXED_COUNT)
        return "writing a trial";
    if (statement >= HN_PG_SCAN)
        return "reading trials";
    if (statement >= HN_PG_TRIAL_LOCK)
        return "a trial";
    return statement >= HN_PG_STUDY_LOCK ? "a study" : "a transaction";
}
