/* storage/record.h: puts one trial's record together from rows, reusing its memory from trial to trial.
 * One thread at a time. */
#ifndef HN_STORAGE_RECORD_H
#define HN_STORAGE_RECORD_H

#include "base/arena.h"
#include "history/trial.h"

typedef struct hn_record_builder {
    hn_trial_record record;
    hn_trial_param *params;
    int64_t *param_order; /* of params: ascending */
    double *values, *constraints;
    hn_trial_report *reports;
    hn_attribute *attributes;
    size_t params_capacity, order_capacity, values_capacity, constraints_capacity, reports_capacity;
    size_t attributes_capacity;
    hn_arena text; /* of the attributes; reset at each begin */
} hn_record_builder;

#define HN_RECORD_BUILDER_INIT                                                                               \
    {                                                                                                        \
        0                                                                                                    \
    }

/* Starts an empty record; the caller fills the plain fields of builder->record. */
void hn_record_begin(hn_record_builder *builder, int64_t id, int64_t number);
/* order: its place among the trial's parameters; may come unsorted. name and distribution are borrowed. */
hone_status hn_record_param(hn_record_builder *builder, int64_t order, const char *name,
                            const hn_distribution *distribution, double value, hone_error *err);
hone_status hn_record_value(hn_record_builder *builder, double value, hone_error *err);
/* Steps must come ascending. */
hone_status hn_record_report(hn_record_builder *builder, int64_t step, double value, hone_error *err);
hone_status hn_record_constraint(hn_record_builder *builder, double value, hone_error *err);
/* Copies the text. Constraints and noise go to their fields (noise also stays an attribute). */
hone_status hn_record_attribute(hn_record_builder *builder, const char *key, const char *json, bool system,
                                hone_error *err);
/* The record, valid until the next begin. */
const hn_trial_record *hn_record_finish(hn_record_builder *builder);
void hn_record_release(hn_record_builder *builder);

#endif
