/* What `hone doctor` asks of a database. */
#include "storage/postgres.h"

enum { MAX_FINDINGS = 20 };

/* Each gives one line of text per defect. */
static const char *const defect_queries[] = {
    "SELECT 'study ''' || s.study_name || ''': trial numbers are not dense' FROM studies s JOIN trials t"
    " ON t.study_id = s.study_id GROUP BY s.study_id HAVING count(DISTINCT t.number) <> count(*)"
    " OR max(t.number) <> count(*) - 1 OR min(t.number) <> 0",
    "SELECT 'study ''' || s.study_name || ''': trial ' || t.number || ' is complete without its values'"
    " FROM trials t JOIN studies s ON s.study_id = t.study_id WHERE t.state = 'COMPLETE' AND"
    " (SELECT count(*) FROM trial_values v WHERE v.trial_id = t.trial_id) <>"
    " (SELECT count(*) FROM study_directions d WHERE d.study_id = t.study_id)",
    "SELECT 'study ''' || s.study_name || ''': trial ' || t.number || ' runs, but its worker ended it'"
    " FROM trials t JOIN studies s ON s.study_id = t.study_id JOIN hone_trials h ON h.trial_id = t.trial_id"
    " WHERE t.state = 'RUNNING' AND h.ended",
};

static hone_status append_rows(hn_postgres *pg, const char *sql, hn_buffer *report, size_t *findings,
                               hone_error *err)
{
    PGresult *rows = PQexec(pg->conn, sql);
    hone_status status = HONE_OK;
    if (PQresultStatus(rows) != PGRES_TUPLES_OK)
        status = hn_pg_fail(pg, rows, "checking", err);
    for (int i = 0; i < PQntuples(rows) && !status; i++) {
        if ((*findings)++ < MAX_FINDINGS)
            hn_buffer_printf(report, "%s: %s\n", pg->shown, PQgetvalue(rows, i, 0));
    }
    PQclear(rows);
    return status;
}

hone_status hn_pg_check(hn_storage *storage, hn_buffer *report, hone_error *err)
{
    hn_postgres *pg = (hn_postgres *)storage;
    size_t findings = 0;
    hone_status status = HONE_OK;
    hn_pg_start(pg);
    if (!PQexitPipelineMode(pg->conn))
        return hn_pg_fail(pg, NULL, "checking", err);
    for (size_t i = 0; i < sizeof defect_queries / sizeof *defect_queries && !status; i++)
        status = append_rows(pg, defect_queries[i], report, &findings, err);
    PQenterPipelineMode(pg->conn);
    if (status || !findings)
        return status;
    return hn_fail(err, HONE_STORAGE, "'%s' has %zu defects", pg->shown, findings);
}
