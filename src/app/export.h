/* app/export.h: a study as one JSON text. Both directions use the storage's own facts, so nothing is lost but
 * the leases.
 *
 * {"hone": "0.1.0", "study": name, "directions": ["minimize"], "metrics": ["loss"] or null, "definition":
 * {...} or null, "attrs": {...}, "system": {...}, "distributions": {"lr": {as Optuna writes it}}, "trials":
 * [{"trial", "state", "values", "params", "reports", "constraints", "attrs", "system", "distributions" (those
 * that differ from the study's), "start", "complete"}]}
 */
#ifndef HN_APP_EXPORT_H
#define HN_APP_EXPORT_H

#include "base/node.h"
#include "storage/storage.h"

/* What import has read: everything that will be written, checked. Lives in an arena. */
typedef struct hn_exported {
    hn_study_row row;
    hn_new_trial *trials; /* (n_trials,) */
    size_t n_trials;
} hn_exported;

/* root is borrowed for the life of the arena. HONE_INVALID names the trial and the key. */
hone_status hn_exported_read(hn_arena *arena, const hn_node *root, hn_exported *exported, hone_error *err);

#endif
