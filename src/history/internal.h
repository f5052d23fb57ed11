/* history/internal.h: what history.c (writing) and query.c (reading) share. */
#ifndef HN_HISTORY_INTERNAL_H
#define HN_HISTORY_INTERNAL_H

#include "base/text_map.h"
#include "history/column.h"
#include "history/history.h"
#include "history/ranking.h"

enum { HN_TRIAL_STATE_COUNT = 5 };

/* What most trials lack. */
typedef struct row_details {
    hn_trial_report *reports; /* ascending step */
    size_t n_reports, report_capacity;
    double *constraints;
    size_t n_constraints;
    double noise;   /* NaN = unknown */
    double seconds; /* of a trial that was paused; 0 = its times say */
    int64_t runs;   /* alike; 0 = it was not paused */
} row_details;

typedef struct history_row {
    int64_t id, start_us, complete_us;
    row_details *details; /* NULL = no reports, no constraints, no noise */
    uint8_t state;        /* hone_trial_state */
    bool gap;             /* not put yet: a later number was */
    bool has_values;
} history_row;

/* Ascending trial numbers; which order is said where it is used. */
typedef struct number_list {
    int64_t *numbers;
    size_t count, capacity;
} number_list;

/* A parameter of the record being put, resolved. */
typedef struct pending_cell {
    size_t column;
    uint32_t id;
} pending_cell;

struct hn_history {
    hn_arena arena; /* distributions */
    hone_direction *directions;
    size_t n_objectives;
    size_t count, capacity; /* of rows, values and every column */
    history_row *rows;
    double *values; /* (rows, n_objectives) */
    hn_text_map names;
    hn_column *columns; /* names.count of them */
    size_t column_capacity;
    pending_cell *pending;
    size_t pending_capacity;
    size_t state_counts[HN_TRIAL_STATE_COUNT];
    number_list finished;         /* by completion time, then number */
    number_list running, waiting; /* by number */
    hn_ranking ranking;
};

/* User value -> smaller is better, NaN -> +inf. */
double hn_as_loss(hone_direction direction, double value);
/* Sum of the positive ones; a NaN counts as +inf. */
double hn_total_violation(const double *constraints, size_t n);
/* The merit of a COMPLETE or PRUNED record. */
hn_merit hn_record_merit(const hn_history *h, const hn_trial_record *record);

#endif
