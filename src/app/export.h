/* app/export.h: a study as one JSON text. Both directions use the storage's own facts, so nothing is lost.
 *
 * {"hone": "0.1.0", "study": name, "directions": ["minimize"], "metrics": ["loss"] or null, "definition":
 * {...} or null, "attrs": {...}, "system": {...}, "distributions": {"lr": {as Optuna writes it}}, "trials":
 * [{"trial", "state", "values", "params", "reports", "constraints", "attrs", "system", "distributions" (those
 * that differ from the study's), "start", "complete", and of one that runs "lease",
 * "heartbeat", "paused"}]}
 */
#ifndef HN_APP_EXPORT_H
#define HN_APP_EXPORT_H

#include "base/node.h"
#include "hone/app.h"
#include "storage/storage.h"

/* Of a trial that runs. */
typedef struct hn_kept_running {
    int64_t beat_us; /* 0: it has no heartbeat */
    bool paused;
} hn_kept_running;

/* What import has read: everything that will be written, checked. Lives in an arena. */
typedef struct hn_exported {
    hn_study_row row;
    hn_new_trial *trials;     /* (n_trials,) */
    hn_kept_running *running; /* (n_trials,) */
    size_t n_trials;
} hn_exported;

/* root is borrowed for the life of the arena. HONE_INVALID names the trial and the key. */
hone_status hn_exported_read(hn_arena *arena, const hn_node *root, hn_exported *exported, hone_error *err);
/* Into a storage, whole or not at all. HONE_EXISTS when it has a study of that name; url: as messages call
 * it.
 */
hone_status hn_exported_write(hn_storage *storage, const char *url, const hn_exported *exported,
                              hone_error *err);
/* hone_study_export of an open storage. */
hone_status hn_export_from(hn_storage *storage, const char *name, const hone_sink *sink, hone_error *err);

#endif
