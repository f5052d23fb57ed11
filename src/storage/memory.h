/* storage/memory.h: the store that lives and ends with its handle. One packed block per trial, so that a
 * million trials of ten parameters take about 200 MB.
 */
#ifndef HN_STORAGE_MEMORY_H
#define HN_STORAGE_MEMORY_H

#include "storage/facts.h"
#include "storage/record.h"
#include "storage/vocabulary.h"

/* One trial in one allocation. */
typedef struct hn_memory_trial {
    int64_t number, start_us, complete_us, heartbeat_us;
    hn_attribute *attributes; /* owned with their text; NULL when there are none */
    char *lease;              /* while it runs; NULL = none */
    uint64_t ended_under;     /* hash of the lease it was ended under; 0 = none */
    uint32_t study;           /* index in studies */
    uint32_t n_params, n_reports, n_attributes;
    uint16_t n_constraints;
    uint8_t n_values, state;
    bool paused;
    double
        numbers[]; /* values, constraints, parameters, report values; then steps; then columns (uint32_t) */
} hn_memory_trial;

typedef struct hn_memory_study {
    char uuid[HN_UUID_SIZE];
    char *name, *definition;
    bool deleted;
    size_t n_objectives;
    hone_direction directions[HN_STORAGE_MAX_OBJECTIVES];
    char **metric_names; /* NULL = none */
    hn_attribute *attributes;
    size_t n_attributes;
    int64_t n_trials;
} hn_memory_study;

/* Ids of studies and trials are their indices + 1. */
typedef struct hn_memory {
    struct hn_storage_base base;
    hn_memory_study **studies;
    size_t n_studies, studies_capacity;
    hn_memory_trial **trials; /* NULL where its study was deleted */
    size_t n_trials, trials_capacity;
    hn_vocabulary vocabulary;
    hn_record_builder record;
} hn_memory;

extern const hn_storage_type hn_storage_memory;

/* HONE_NOT_FOUND when there is no such id. */
hone_status hn_memory_study_at(hn_memory *memory, int64_t id, hn_memory_study **study, hone_error *err);
hone_status hn_memory_trial_at(hn_memory *memory, int64_t id, hn_memory_trial **trial, hone_error *err);

/* Replaces or adds an attribute in an owned list; unchanged on failure. */
hone_status hn_memory_set_attribute(hn_attribute **attributes, size_t *n, const hn_attribute *attribute,
                                    hone_error *err);
void hn_memory_free_attributes(hn_attribute *attributes, size_t n);
void hn_memory_free_trial(hn_memory_trial *trial);

/* --- memory_study.c
 * ---------------------------------------------------------------------------------------------- */

hone_status hn_memory_study_create(hn_storage *storage, const hn_study_row *row, int64_t *study,
                                   bool *created, hone_error *err);
hone_status hn_memory_study_find(hn_storage *storage, const char *name, hn_arena *arena, hn_study_row *row,
                                 hone_error *err);
hone_status hn_memory_study_list(hn_storage *storage, hn_arena *arena, hn_study_summary **rows, size_t *count,
                                 hone_error *err);
hone_status hn_memory_study_delete(hn_storage *storage, int64_t study, hone_error *err);
hone_status hn_memory_study_set_definition(hn_storage *storage, int64_t study, const char *definition,
                                           hone_error *err);
hone_status hn_memory_study_set_attribute(hn_storage *storage, int64_t study, const hn_attribute *attribute,
                                          hone_error *err);
hone_status hn_memory_study_attribute(hn_storage *storage, int64_t study, const char *key, bool system,
                                      hn_arena *arena, const char **json, hone_error *err);
void hn_memory_free_study(hn_memory_study *study);

/* --- memory_trial.c
 * ---------------------------------------------------------------------------------------------- */

hone_status hn_memory_trial_create(hn_storage *storage, int64_t study, size_t n, const hn_new_trial *trials,
                                   int64_t expected_number, int64_t *ids, int64_t *numbers, hone_error *err);
hone_status hn_memory_trial_claim(hn_storage *storage, int64_t trial, const char *lease, int64_t start_us,
                                  bool beats, size_t n_params, const hn_trial_param *params, bool *claimed,
                                  hone_error *err);
hone_status hn_memory_trial_update(hn_storage *storage, int64_t trial, const char *lease,
                                   const hn_trial_update *update, hone_trial_state *state, bool *lease_lost,
                                   hone_error *err);
/* A trial's numbers into memory->record. */
hone_status hn_memory_fill_record(hn_memory *memory, int64_t id, const hn_memory_trial *trial,
                                  hone_error *err);

#endif
