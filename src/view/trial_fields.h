/* view/trial_fields.h: what a trial can be filtered and sorted by: its parameters, the metrics' names, and
 * number, state, value, duration. One thread at a time. */
#ifndef HN_VIEW_TRIAL_FIELDS_H
#define HN_VIEW_TRIAL_FIELDS_H

#include "view/trial_list.h"

typedef enum hn_field_kind {
    HN_FIELD_PARAM,
    HN_FIELD_VALUE, /* of objective `objective` */
    HN_FIELD_NUMBER,
    HN_FIELD_STATE,
    HN_FIELD_DURATION,
} hn_field_kind;

typedef struct hn_field {
    const char *name;
    hn_field_kind kind;
    size_t objective;
    hn_distribution distribution; /* numbers without bounds, or the choices seen */
} hn_field;

typedef struct hn_fields {
    hn_field *items;
    size_t count;
} hn_fields;

/* Names of parameters win over metrics, those over the built-in ones. Lives in the list's arena. */
hone_status hn_fields_make(hn_trial_list *list, hn_fields *fields, hone_error *err);
/* The field as a raw value of its distribution; false when the trial does not have it. */
bool hn_field_get(const hn_field *field, const hone_trial_info *trial, double *raw);
/* HONE_NOT_FOUND names the nearest. */
hone_status hn_field_find(const hn_fields *fields, const char *name, const hn_field **field, hone_error *err);

#endif
