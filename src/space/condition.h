/* space/condition.h: predicates over parameters: `layers > 1`, `optimizer == sgd and (lr < 1e-4 or not
 * nesterov)`, `activation in [relu, tanh]`, `a + 2 * b <= 10` (linear and product arithmetic over numbers: +
 * - * / and parentheses). Names that are parameters are references, other bare words are strings; quotes make
 * a string of anything. A comparison that involves an inactive parameter is false, whatever the operator (so
 * `not (x > 1)` is true when x is inactive).
 */
#ifndef HN_SPACE_CONDITION_H
#define HN_SPACE_CONDITION_H

#include "base/node.h"
#include "space/distribution.h"

typedef struct hn_condition hn_condition; /* lives in the arena it was parsed into */

enum { HN_CONDITION_MAX_DEPTH = 64 };

/* Parses text; `at` is where the text begins, so that errors point into it. No names are resolved yet. */
hone_status hn_condition_parse(hn_arena *arena, const char *text, hn_position at, hn_condition **condition,
                               hone_error *err);
/* Binds bare words to parameter indices (names[i], distributions[i]). `required`: a word on the left of a
 * comparison that is no parameter is an error naming the nearest one. Compared values are checked against the
 * distribution (a choice that does not exist is an error). */
hone_status hn_condition_bind(hn_condition *condition, const char *const *names,
                              const hn_distribution *const *distributions, size_t n, hone_error *err);
/* Calls visit for each parameter index referred to (after bind); duplicates possible. */
void hn_condition_references(const hn_condition *condition, void (*visit)(void *user, size_t parameter),
                             void *user);
/* values: raw, indexed as bound; active[i] says whether values[i] counts. O(size of the condition). */
bool hn_condition_holds(const hn_condition *condition, const double *values, const bool *active);
/* Left minus right side of a single inequality, negative or zero when it holds, for constraint values; NaN
 * when the condition is not one inequality. */
double hn_condition_violation(const hn_condition *condition, const double *values, const bool *active);
/* The text it was parsed from. */
const char *hn_condition_text(const hn_condition *condition);

#endif
