/* pruner/fold_effects.h: settings on the same folds: loss = a setting's level + a fold's effect + what is
 * left, of one variance (two-way analysis of variance without interaction). Effects come from the settings
 * that ran every fold, the variance from all that ended. What a setting would come to on all folds is then
 * known better than from its differences to another one: these have the noise of both. */
#ifndef HN_PRUNER_FOLD_EFFECTS_H
#define HN_PRUNER_FOLD_EFFECTS_H

#include "history/history.h"

/* The settings that were on the first n folds. */
typedef struct hn_fold_group {
    size_t count;
    double squares; /* of the losses about each setting's mean */
    double *sums;   /* (n,) over the settings, of the same; NULL: nobody yet */
} hn_fold_group;

typedef struct hn_fold_effects {
    size_t n_folds;        /* 0: no setting has run every fold */
    int64_t *steps;        /* (n_folds,) of their reports; with several folds a report these are blocks */
    double *effects;       /* (n_folds,) of sum 0; as of the last settle */
    double *losses;        /* (n_folds,) of the setting at hand */
    hn_fold_group *groups; /* (n_folds,) */
    double squares;        /* of what is left, about the levels and effects, as of the last settle */
    size_t degrees;        /* of freedom, of these */
} hn_fold_effects;

/* What a setting that has seen n folds would come to on all of them. */
typedef struct hn_fold_forecast {
    size_t n;        /* reports */
    int64_t folds;   /* in them */
    double mean;     /* loss */
    double variance; /* of what is left on a fold, effects being estimates */
    size_t degrees;  /* of freedom, of the variance; 0: it is not known */
    double rounding; /* of recovering the folds from running means */
} hn_fold_forecast;

void hn_fold_effects_release(hn_fold_effects *all);
/* Forgets all settings. */
void hn_fold_effects_clear(hn_fold_effects *all);
/* An ended setting more. Those before the first complete one, on other folds, or with a NaN do not count.
 * O(folds). */
hone_status hn_fold_effects_add(hn_fold_effects *all, const hn_history *history, int64_t number,
                                hone_error *err);
/* Effects and variance of the settings so far. O(folds^2), whatever the number of settings. */
void hn_fold_effects_settle(hn_fold_effects *all);
/* False: its reports are not of these folds, or there are none. O(folds). */
bool hn_fold_effects_forecast(hn_fold_effects *all, const hn_history *history, int64_t number,
                              hn_fold_forecast *forecast);

#endif
