/* app/show.h: what the files that show things share. */
#ifndef HN_APP_SHOW_H
#define HN_APP_SHOW_H

#include "app/measures.h"
#include "base/node.h"
#include "view/table.h"
#include "view/trial_list.h"

/* Writes a tree as JSON, indented, with a final newline. */
hone_status hn_show_json(const hone_sink *sink, const hn_node *node, hone_error *err);
/* HONE_UNSUPPORTED: `what` is not shown in that format. */
hone_status hn_show_unsupported(const char *what, hone_format format, hone_error *err);
/* HONE_INVALID when a caller's struct of options is not of the size that this version knows. */
hone_status hn_show_check_options(const char *type, size_t given, size_t known, hone_error *err);
/* The trials as a table, a JSON list or CSV; measures are those of all trials of the study (not needed for
 * JSON); best (-1 = none) is marked in the table. */
hone_status hn_show_trial_list(const hn_trial_list *list, const hn_measures *measures, int64_t best,
                               hone_format format, const hone_sink *sink, hone_error *err);
/* The same table, for whoever writes it in another way: fills an empty table, failure is sticky. */
void hn_trial_table(hn_table *table, const hn_trial_list *list, const hn_measures *measures, int64_t best,
                    bool workers);
/* Every column of docs/verbs/trials.md. */
hone_status hn_show_csv(const hn_trial_list *list, const hn_measures *measures, const hone_sink *sink,
                        hone_error *err);
/* A text as one word of a POSIX shell. */
void hn_shell_word(hn_buffer *out, const char *text);
/* "node3 4711, job 45_3" of hone_trial_info.worker, "" for NULL; in arena. */
const char *hn_worker_text(hn_arena *arena, const char *json);
/* What `hone study show` says, into empty tables; space stays without columns where none is declared. */
hone_status hn_study_tables(hone_study *study, hn_table *facts, hn_table *space, hone_error *err);
/* As hn_show_workers; the table stays without columns where there is nothing to say. */
hone_status hn_workers_table(hone_study *study, hn_table *table, hone_error *err);
/* Who ran how many trials, and which, when there were several workers, or a scheduler's. */
hone_status hn_show_workers(hone_study *study, const hone_sink *sink, hone_error *err);
/* The number of the best trial of one objective, -1 when there is none. */
hone_status hn_best_number(hone_study *study, int64_t *number, hone_error *err);

#endif
