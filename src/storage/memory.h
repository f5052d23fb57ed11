/* storage/memory.h: the store that lives and ends with its handle. One packed block per trial: a finished
 * one of ten parameters and one value takes 152 bytes. */
#ifndef HN_STORAGE_MEMORY_H
#define HN_STORAGE_MEMORY_H

#include "storage/facts.h"
#include "storage/record.h"
#include "storage/vocabulary.h"

/* The columns, in the vocabulary, of a trial's parameters. */
typedef struct hn_memory_shape {
    const uint32_t *columns;
    uint32_t n;
} hn_memory_shape;

typedef struct hn_memory_shapes {
    hn_memory_shape *items;
    size_t count, capacity;
    uint32_t latest;
    hn_text_map map; /* from the columns, spelled out */
    hn_arena arena;
    hn_buffer key;
} hn_memory_shapes;

/* What a trial has while it runs, and few have afterwards. */
typedef struct hn_memory_extra {
    int64_t heartbeat_us;
    hn_attribute *attributes; /* owned with their text */
    size_t n_attributes;
    bool paused;
    char lease[HN_LEASE_SIZE]; /* "" = none */
} hn_memory_extra;

typedef struct hn_memory_trial {
    int64_t start_us, complete_us;
    hn_memory_extra *extra; /* owned; NULL = nothing of it */
    uint32_t number, study; /* the latter an index in studies */
    uint32_t shape, n_reports;
    uint32_t ended_under; /* hash of the lease it was ended under; 0 = none */
    uint16_t n_constraints;
    uint8_t n_values, state;
    double numbers[]; /* values, constraints, parameters, report values; then steps (int64_t) */
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
    hn_memory_shapes shapes; /* the first is that of no parameters */
    uint32_t *columns;       /* of the trial being made */
    size_t n_columns, columns_capacity;
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
/* Makes room for what only few have; HONE_OUT_OF_MEMORY. */
hone_status hn_memory_need_extra(hn_memory_trial *trial, hone_error *err);

/* --- memory_shape.c --- */

hone_status hn_memory_shape_intern(hn_memory_shapes *shapes, const uint32_t *columns, size_t n,
                                   uint32_t *index, hone_error *err);
void hn_memory_shapes_release(hn_memory_shapes *shapes);

/* --- memory_study.c --- */

hone_status hn_memory_study_create(hn_storage *storage, const hn_study_row *row, int64_t *study,
                                   bool *created, hone_error *err);
hone_status hn_memory_study_find(hn_storage *storage, const char *name, hn_arena *arena, hn_study_row *row,
                                 hone_error *err);
hone_status hn_memory_study_names(hn_storage *storage, hn_arena *arena, const char ***names, size_t *count,
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

/* --- memory_trial.c --- */

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
