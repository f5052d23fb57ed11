/* app/plan_population.h: what population-based training has to know of a built-in model. */
#ifndef HN_APP_PLAN_POPULATION_H
#define HN_APP_PLAN_POPULATION_H

#include "app/plan.h"

/* Adds to the options of the pruner pbt (a map) which of the plan's parameters may change while a trial
 * trains: those that leave a network as it is; and the steps of a whole training. One that was listed and may
 * not is HONE_INVALID, as is a model that does not go on from checkpoints. model false: a program, of which
 * only the names are looked at. */
hone_status hn_plan_complete_pbt(hone_plan *plan, bool model, hn_position at, hn_node **options,
                                 hone_error *err);

#endif
