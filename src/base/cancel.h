/* base/cancel.h: a flag that asks a long computation to give up, set from another thread or a signal handler.
 */
#ifndef HN_BASE_CANCEL_H
#define HN_BASE_CANCEL_H

#include <stdbool.h>
#include <stddef.h>

/* Polled by who computes; NULL is never set. Costs a plain read. */
static inline bool hn_cancelled(const volatile int *flag)
{
    return flag && __atomic_load_n(flag, __ATOMIC_RELAXED);
}

#endif
