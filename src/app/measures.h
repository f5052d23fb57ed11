/* app/measures.h: what built-in models leave with their trials: for each metric and time NAME the attributes
 * NAME (mean or sum), NAME_std and NAME_folds. One thread at a time. */
#ifndef HN_APP_MEASURES_H
#define HN_APP_MEASURES_H

#include "base/node.h"
#include "view/trial_list.h"

typedef struct hn_measure {
    const char *name;
    size_t objective; /* it is this goal, whose mean is the trial's value; SIZE_MAX: none */
    bool seconds;     /* NAME is the sum over the folds */
    size_t n_folds;   /* the most that a trial has */
    bool ranked;      /* it is known which is better: a goal, or a metric of hone's */
    double *order;    /* (n_order,) of the complete, feasible trials, ascending, smaller is better */
    size_t n_order;
    bool maximize;
} hn_measure;

typedef struct hn_measures {
    hn_measure *items; /* the goals, whether or not they have folds, then the others by name */
    size_t count;
    const hn_text_map *params; /* of all trials */
    const char **others;       /* (n_others,) the keys of all other attributes, by name */
    size_t n_others;
} hn_measures;

/* Those of all trials of a list; they live in its arena. O(attributes log attributes). */
hone_status hn_measures_read(hn_trial_list *list, hn_measures *measures, hone_error *err);

/* The JSON text of a trial's attribute "NAME + suffix"; NULL when it has none. */
const char *hn_trial_attribute(const hone_trial_info *trial, const char *name, const char *suffix);
/* The mean over the folds: the trial's value or the attribute; NaN when there is none. */
double hn_measure_value(const hn_measure *measure, const hone_trial_info *trial);
/* A trial's folds; n is 0 when it has none. */
typedef struct hn_measure_folds {
    size_t n;
    const hn_node *list;
    double mean, deviation; /* dividing by n */
} hn_measure_folds;

/* They live in the arena. False when memory is out. */
bool hn_measure_folds_read(hn_arena *arena, const hn_measure *measure, const hone_trial_info *trial,
                           hn_measure_folds *folds);
/* 1 + how many trials are better; 0: the trial is not ranked. */
size_t hn_measure_rank(const hn_measure *measure, const hone_trial_info *trial);

#endif
