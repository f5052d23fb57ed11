/* pruner/nested.h: pruners that ask other pruners. */
#ifndef HN_PRUNER_NESTED_H
#define HN_PRUNER_NESTED_H

#include "pruner/pruner.h"

/* The pruner that an option of `outer` names. Refused are schedulers, which decide more than when to stop,
 * and race, whose folds follow from the whole study. */
hone_status hn_pruner_create_nested(const char *outer, const hn_node *node, hn_pruner **pruner,
                                    hone_error *err);

#endif
