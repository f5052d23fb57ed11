/* sampler/tpe_split.h: which trials a Parzen estimator is fitted to: the best ones (below) and a bounded
 * selection of the others (above). */
#ifndef HN_SAMPLER_TPE_SPLIT_H
#define HN_SAMPLER_TPE_SPLIT_H

#include "base/arena.h"
#include "history/estimate.h"
#include "history/history.h"
#include "sampler/tpe_archive.h"

/* Numbers of trials. Arrays live in the arena given. */
typedef struct hn_tpe_split {
    const hn_estimates *estimates; /* NULL: finished trials take part, else these, whatever their state */
    size_t n_ranked;               /* how many take part */
    size_t n_below;
    const int64_t *below;  /* (n_below,) best first; with several objectives in no order */
    const int64_t *sorted; /* the same, ascending */
    bool ordered;          /* below has a best and a worst */
} hn_tpe_split;

/* below = min(ceil(gamma n), max_below) of the best, with one objective min_below at least; with several
 * objectives by non-domination, then by hypervolume, from the archive, which is brought up to date first
 * (with one it may be NULL). estimates: NULL, or what is thought of the only objective. O(max_below) for one
 * objective, O(n log n) of n estimates, O(max_below^2) for two objectives. */
hone_status hn_tpe_split_trials(hn_view view, const hn_estimates *estimates, double gamma, size_t min_below,
                                size_t max_below, hn_tpe_archive *archive, hn_arena *arena,
                                hn_tpe_split *result, hone_error *err);

bool hn_tpe_is_below(const hn_tpe_split *split, int64_t number);

/* A trial takes part in a group when it has all of the columns, or any trial does when n_columns is 0. */
typedef struct hn_tpe_group {
    const size_t *columns;
    size_t n_columns;
} hn_tpe_group;

bool hn_tpe_has_group(hn_view view, const hn_tpe_group *group, int64_t number);

/* Trials with their weights. (capacity,) */
typedef struct hn_tpe_rows {
    int64_t *numbers;
    double *weights;
    size_t count;
} hn_tpe_rows;

/* The trials below: of m the best weighs m^2, the next (m - 1)^2, the last 1, in proportion, so that the mean
 * is 1. When they have no order all weigh the same, and no more than max_rows are taken. */
hone_status hn_tpe_below_rows(hn_view view, const hn_tpe_split *split, const hn_tpe_group *group,
                              size_t max_rows, hn_arena *arena, hn_tpe_rows *rows, hone_error *err);

/* At most max_rows of the trials that take part and are not below, oldest first. Looks at no more than 16
 * max_rows trials, whatever their number (the rule is in tpe_split.c). With pending, up to max_rows more: the
 * trials that trial `asking` shall not know the values of, each of weight 1: the running ones, and all from
 * view.before to asking - 1. */
hone_status hn_tpe_above_rows(hn_view view, const hn_tpe_split *split, const hn_tpe_group *group,
                              size_t max_rows, bool pending, int64_t asking, hn_arena *arena,
                              hn_tpe_rows *rows, hone_error *err);

/* Of points (n, m) row-major losses, all of one front, indices of the k <= n of largest joint hypervolume
 * below the reference: exact for two objectives, in O(k n) and as much memory; greedy for more. */
hone_status hn_tpe_select_front(const double *points, size_t n, size_t m, const double *reference, size_t k,
                                hn_arena *arena, size_t *chosen, hone_error *err);

#endif
