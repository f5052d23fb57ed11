/* An objective of timers: the contract without processes. */
#ifndef HN_TEST_OBJECTIVE_DUMMY_H
#define HN_TEST_OBJECTIVE_DUMMY_H

#include "run/objective.h"

/* What every objective under test does with its parameter x: */
enum {
    OBJECTIVE_FAILS = 90, /* with a message that has "no luck" in it */
    OBJECTIVE_HANGS = 91, /* after one report of value 1000 at step 0 */
};
/* below these: reports value x at the steps 0 and 1, and its value is x */

extern const hn_objective_type objective_dummy;

#endif
