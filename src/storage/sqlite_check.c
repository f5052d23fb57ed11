/* What `hone doctor` asks of a study file. */
#include <string.h>

#include "base/os_file.h"
#include "storage/sqlite.h"

enum { MAX_FINDINGS = 20 };

/* Each gives one line of text per defect. */
static const char *const defect_queries[] = {
    "SELECT 'study ''' || s.study_name || ''': trial numbers are not dense' FROM studies s JOIN trials t"
    " ON t.study_id = s.study_id GROUP BY s.study_id HAVING count(DISTINCT t.number) <> count(*)"
    " OR max(t.number) <> count(*) - 1 OR min(t.number) <> 0",
    "SELECT 'trial with id ' || t.trial_id || ' belongs to no study' FROM trials t"
    " WHERE t.study_id NOT IN (SELECT study_id FROM studies)",
    "SELECT 'study ''' || s.study_name || ''': trial ' || t.number || ' is complete without its values'"
    " FROM trials t JOIN studies s ON s.study_id = t.study_id WHERE t.state = 'COMPLETE' AND"
    " (SELECT count(*) FROM trial_values v WHERE v.trial_id = t.trial_id) <>"
    " (SELECT count(*) FROM study_directions d WHERE d.study_id = t.study_id)",
    "SELECT 'study ''' || s.study_name || ''': trial ' || t.number || ' has the unknown state ' || t.state"
    " FROM trials t JOIN studies s ON s.study_id = t.study_id"
    " WHERE t.state NOT IN ('RUNNING', 'WAITING', 'COMPLETE', 'PRUNED', 'FAIL')",
    "SELECT 'parameter ''' || p.param_name || ''' belongs to no trial' FROM trial_params p"
    " WHERE p.trial_id NOT IN (SELECT trial_id FROM trials)",
};

/* Appends each row's text but "ok", which integrity_check says when nothing is wrong. */
static hone_status append_rows(hn_sqlite *sqlite, const char *sql, hn_buffer *report, size_t *findings,
                               hone_error *err)
{
    sqlite3_stmt *query = NULL;
    hone_status status = HONE_OK;
    int code = sqlite3_prepare_v2(sqlite->db, sql, -1, &query, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_step(query);
    for (; code == SQLITE_ROW; code = sqlite3_step(query)) {
        const char *text = hn_sqlite_text(query, 0);
        if (strcmp(text, "ok") != 0 && (*findings)++ < MAX_FINDINGS)
            hn_buffer_printf(report, "%s: %s\n", sqlite->path, text);
    }
    if ((code & 0xff) == SQLITE_CORRUPT) {
        hn_buffer_printf(report, "%s: %s\n", sqlite->path, sqlite3_errmsg(sqlite->db));
        (*findings)++;
    } else if (code != SQLITE_DONE) {
        status = hn_sqlite_fail(sqlite, "checking", err);
    }
    sqlite3_finalize(query);
    return status;
}

hone_status hn_sqlite_check(hn_storage *storage, hn_buffer *report, hone_error *err)
{
    enum { LITTLE_BYTES = 64 << 20 };
    hn_sqlite *sqlite = (hn_sqlite *)storage;
    size_t findings = 0;
    hone_status status = append_rows(sqlite, "PRAGMA integrity_check(20)", report, &findings, err);
    for (size_t i = 0; i < sizeof defect_queries / sizeof *defect_queries && !status && !findings; i++)
        status = append_rows(sqlite, defect_queries[i], report, &findings, err);
    uint64_t room = hn_disk_free_bytes(sqlite->path);
    if (!status && room < LITTLE_BYTES) {
        hn_buffer_printf(report, "%s: only %llu MiB are free on its disk\n", sqlite->path,
                         (unsigned long long)(room >> 20));
        findings++;
    }
    if (status || !findings)
        return status;
    return hn_fail(err, HONE_STORAGE, "'%s' has %zu defects", sqlite->path, findings);
}
