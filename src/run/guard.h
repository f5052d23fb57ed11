/* run/guard.h: a process that outlives hone by a moment. When hone dies without a word (kill -9), the
 * kernel ends its children, but not theirs: the guard, one for each run, notices and ends whatever bears
 * the run's HONE_RUN_ID. */
#ifndef HN_RUN_GUARD_H
#define HN_RUN_GUARD_H

#include "run/child.h"

typedef struct hn_guard hn_guard;

/* Without a shim in the policy there is none: *guard is NULL. run_id begins the HONE_RUN_ID of all that is to
 * be ended. */
hone_status hn_guard_start(uv_loop_t *loop, const hn_child_policy *policy, const char *run_id,
                           hn_guard **guard, hone_error *err);
/* When nothing is left to guard. Accepts NULL. */
void hn_guard_end(hn_guard *guard);

#endif
