/* view/trial_list.h: a study's trials read into memory, filtered, sorted and cut to a page. One thread at a
 * time. */
#ifndef HN_VIEW_TRIAL_LIST_H
#define HN_VIEW_TRIAL_LIST_H

#include "base/arena.h"
#include "base/text_map.h"
#include "hone/app.h"
#include "space/space.h"

typedef struct hn_trial_list {
    hn_arena arena;
    hone_trial_info *trials; /* (count,) of the page, in order; what they point to lives in the arena */
    size_t count, capacity;
    size_t matched;        /* before the page was cut */
    hn_text_map params;    /* every parameter: the declared ones in their order, then by first appearance */
    const hn_space *space; /* as declared; NULL for define-by-run */
    size_t n_objectives;
    const char **metrics; /* (n_objectives,) */
    const hone_direction *directions;
} hn_trial_list;

/* On failure there is nothing to release. O(trials). */
hone_status hn_trial_list_read(hone_study *study, const hone_trial_query *query, hn_trial_list *list,
                               hone_error *err);
void hn_trial_list_release(hn_trial_list *list);

/* Only the numbers of all that the query meets (its page is not cut), in order; *numbers for hn_free. As
 * hn_trial_list_read in less memory. */
hone_status hn_trial_numbers(hone_study *study, const hone_trial_query *query, int64_t **numbers,
                             size_t *count, hone_error *err);

/* The value of a parameter in a trial, or NULL. */
const hone_value *hn_trial_param_value(const hone_trial_info *trial, const char *name);

#endif
