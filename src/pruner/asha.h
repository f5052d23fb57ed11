/* pruner/asha.h: the options that the variants of asynchronous successive halving share, and those of
 * Hyperband, which adds brackets. */
#ifndef HN_PRUNER_ASHA_H
#define HN_PRUNER_ASHA_H

#include "pruner/schedule.h"

typedef struct hn_asha_config {
    int variant;
    const char *resource;
    const hn_node *min_resource, *max_resource; /* steps, or auto: hn_resources_read */
    int64_t factor, bootstrap_count;
    int64_t min_early_stopping_rate; /* not of hyperband */
} hn_asha_config;

/* The rungs and brackets of the variants that pause and resume. */
hone_status hn_asha_schedule(const char *pruner, const hn_asha_config *config, hn_schedule *schedule,
                             hone_error *err);

#endif
