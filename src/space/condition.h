/* space/condition.h: predicates over parameters: `layers > 1`, `activation in [relu, tanh]`, `optimizer ==
 * sgd and (lr < 1e-4 or not nesterov)`, `a + 2 * b <= 10` (+ - * / ** and parentheses over numbers; ceil,
 * cos, exp, floor, log, max, min, sqrt). Names that are parameters are references, other bare words are
 * strings; quotes make a string of anything, `back quotes` a reference of any name. A yes/no parameter may
 * stand alone; null is above every number. A comparison that involves an inactive parameter is false,
 * whatever the operator (so `not (x > 1)` is true when x is inactive). */
#ifndef HN_SPACE_CONDITION_H
#define HN_SPACE_CONDITION_H

#include "base/node.h"
#include "space/distribution.h"

typedef struct hn_condition hn_condition; /* lives in the arena it was parsed into */

enum { HN_CONDITION_MAX_DEPTH = 64 };

/* Parses text; `at` is where the text begins, so that errors point into it. No names are resolved yet. */
hone_status hn_condition_parse(hn_arena *arena, const char *text, hn_position at, hn_condition **condition,
                               hone_error *err);
/* As hn_condition_parse of what is worth a number, without a comparison: `0.1 * 0.5 ** floor(epoch / 10)`. */
hone_status hn_condition_parse_number(hn_arena *arena, const char *text, hn_position at,
                                      hn_condition **expression, hone_error *err);
/* Binds bare words to parameter indices (names[i], distributions[i]; the distributions are borrowed for the
 * life of the condition); binding again starts anew. A word on the left of a comparison, in arithmetic or
 * alone that is no parameter is an error naming the nearest one. What a categorical is compared with must be
 * one of its choices, unless it has one choice only (then a user has pinned it). */
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
/* What an expression is worth; NaN when it involves an inactive parameter. */
double hn_condition_number(const hn_condition *expression, const double *values, const bool *active);
/* The text it was parsed from. */
const char *hn_condition_text(const hn_condition *condition);

#endif
