/* study/regret.h: how much better than the best trial anything in the space can still be, and how well the
 * best's value is known (Makarova, Shen, Perrone, Klein, Faddoul, Krause, Seeger & Archambeau 2022,
 * "Automatic Termination for Hyperparameter Optimization"). */
#ifndef HN_STUDY_REGRET_H
#define HN_STUDY_REGRET_H

#include "study/study.h"

typedef struct hn_regret {
    double bound; /* in units of the goal, >= 0; NaN: there are too few complete trials */
    double noise; /* standard deviation of the best trial's value */
} hn_regret;

/* Of a study with one goal and a declared space; with the lock held. One fit of a Gaussian process to at most
 * 128 trials when one was told since the last call, else what that one found. */
hone_status hn_study_regret(hone_study *study, hn_regret *regret, hone_error *err);

#endif
