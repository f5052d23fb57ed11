/* pruner/rung_table.h: who stands on which rung of an asynchronous schedule, in order of merit. A cache that
 * follows the history: trials that rest (paused or ended) are looked at again only when they reported since.
 * Update: O(running and paused trials), and O(log n) comparisons and a move of O(n) for each new entry.
 */
#ifndef HN_PRUNER_RUNG_TABLE_H
#define HN_PRUNER_RUNG_TABLE_H

#include "pruner/schedule.h"

typedef struct hn_rung_entry {
    double loss;
    int64_t number;
} hn_rung_entry;

typedef struct hn_rung_list {
    hn_rung_entry *entries; /* ascending loss, then number */
    size_t count, capacity;
} hn_rung_list;

typedef struct hn_rung_trial {
    uint8_t bracket;
    uint8_t reached; /* rungs, those below its bracket's first included */
    bool paused, ended;
    size_t n_reports; /* at the last look, and the last one's value */
    double last;
} hn_rung_trial;

typedef struct hn_rung_table {
    const hn_history *history;
    hn_rung_list *lists; /* (n_brackets, n_rungs) */
    size_t n_lists, n_rungs;
    hn_rung_trial *trials; /* (capacity,) by number */
    double *losses;        /* (capacity, n_rungs) on each rung reached */
    size_t rows, capacity;
    size_t n_ended, n_running; /* running: not paused */
} hn_rung_table;

void hn_rung_table_release(hn_rung_table *table);
hone_status hn_rung_table_update(hn_rung_table *table, const hn_schedule *schedule,
                                 const hn_prune_context *context, hone_error *err);
const hn_rung_list *hn_rung_table_list(const hn_rung_table *table, size_t bracket, size_t rung);
/* The bracket of a trial: a van der Corput sequence over the brackets' shares, so that any run of successive
 * numbers has them nearly in proportion. */
size_t hn_schedule_bracket_of(const hn_schedule *schedule, int64_t number);

#endif
