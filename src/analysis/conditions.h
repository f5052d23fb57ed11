/* analysis/conditions.h: which parameters come and go when one is changed on the way from one setting to
 * another. By the declared space, whose conditions are evaluated; without one a parameter goes with the first
 * other one (categories before numbers) whose value tells in all trials whether it is there: a set of
 * choices, or one side of a cut.
 */
#ifndef HN_ANALYSIS_CONDITIONS_H
#define HN_ANALYSIS_CONDITIONS_H

#include "analysis/observations.h"
#include "space/space.h"

/* Values of the d parameters of a group. */
typedef struct hn_setting {
    double *raw; /* (d,) */
    bool *has;   /* (d,): it is active */
} hn_setting;

/* False when memory is out. */
bool hn_setting_make(hn_arena *arena, size_t d, hn_setting *setting);

typedef struct hn_conditions {
    const hn_observed *observed;
    const hn_observations *group;
    const hn_setting *from, *to;
    const hn_space *space;
    size_t *column; /* (space->count,): which of the group's a parameter is, SIZE_MAX: none */
    hn_point point; /* scratch */
    size_t *parent; /* (d,), without a space: what the parameter goes with, SIZE_MAX: nothing */
} hn_conditions;

/* group: of all trials (hn_observe_all). Everything is borrowed but what lives in the arena. */
hone_status hn_conditions_make(const hn_observed *observed, const hn_observations *group,
                               const hn_space *space, const hn_setting *from, const hn_setting *to,
                               hn_arena *arena, hn_conditions *conditions, hone_error *err);

/* Makes parameter j of the setting what it is in `to`, and those that depend on it come or go. One that comes
 * has its value in `to`, else in `from`, else the middle of its range. */
void hn_conditions_change(hn_conditions *conditions, size_t j, hn_setting *setting);

#endif
