/* `pasha`: asynchronous successive halving whose maximum grows only while it has to (Bohdal et al. 2022,
 * "PASHA: Efficient HPO and NAS with progressive resource allocation"). Trials go on to the second rung; as
 * long as those on the highest rung that has two are ranked there as on the rung below, nobody goes higher.
 * When no trial may begin any more the best one goes on to the end.
 *
 * Two trials may change places when they are closer than epsilon, the paper's estimate of the noise: of pairs
 * whose curves cross twice the 90th percentile of their distance at the highest step that both have. Only the
 * best MOST_RANKED of the rung are looked at, so that a decision costs O(MOST_RANKED^2 reports) at most. */
#include <math.h>
#include <stdlib.h>

#include "math/statistics.h"
#include "pruner/asha.h"
#include "pruner/reports.h"
#include "pruner/resource.h"
#include "pruner/schedule_async.h"

enum { MOST_RANKED = 50, MOST_PAIRS = MOST_RANKED * (MOST_RANKED - 1) / 2 };

static const double noise_share = 0.9;

typedef struct pasha_state {
    hn_schedule schedule;
    hn_rung_table table;
} pasha_state;

static hone_status init(void *state, const void *config, hone_error *err)
{
    pasha_state *s = state;
    hone_status status = hn_asha_schedule("pasha", config, &s->schedule, err);
    if (status == HONE_OK) {
        s->schedule.n_brackets = 1;
    }
    return status;
}

static void release(void *state)
{
    hn_rung_table_release(&((pasha_state *)state)->table);
}

/* --- the noise --- */

/* Do the losses of two trials change their order twice up to a step? Then how far apart they are at the
 * highest one. */
static bool cross_twice(const hn_history *history, int64_t a, int64_t b, int64_t last, double *distance)
{
    const hn_trial_report *left, *right;
    size_t i = hn_history_reports(history, a, &left), k = hn_history_reports(history, b, &right);
    int sign = 0, changes = 0;
    *distance = NAN;
    while (i > 0 && k > 0 && changes < 2) {
        int64_t step = left[i - 1].step;
        if (step == right[k - 1].step && step <= last) {
            double apart = left[i - 1].value - right[k - 1].value;
            int now = (apart > 0) - (apart < 0);
            changes += now && sign && now != sign;
            sign = now ? now : sign;
            *distance = isnan(*distance) ? fabs(apart) : *distance;
        }
        int64_t other = right[k - 1].step;
        i -= step >= other;
        k -= other >= step;
    }
    return changes == 2 && isfinite(*distance);
}

/* Of the n best on a rung; 0 when no two of them cross. */
static double estimate_noise(const pasha_state *s, const hn_rung_list *list, size_t n, size_t rung)
{
    double distances[MOST_PAIRS];
    size_t n_crossing = 0;
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < i; k++) {
            n_crossing += cross_twice(s->table.history, list->entries[i].number, list->entries[k].number,
                                      s->schedule.rungs[rung].resource, &distances[n_crossing]);
        }
    }
    return n_crossing ? hn_quantile(distances, n_crossing, noise_share) : 0;
}

/* --- the maximum --- */

static double loss_below(const pasha_state *s, const hn_rung_list *list, size_t i, size_t rung)
{
    return s->table.losses[(size_t)list->entries[i].number * s->table.n_rungs + rung - 1];
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Does each place on the rung have a trial that is at most the noise away from the one that had the place on
 * the rung below? */
static bool is_stable(const pasha_state *s, size_t rung)
{
    const hn_rung_list *list = hn_rung_table_list(&s->table, 0, rung);
    size_t n = list->count < MOST_RANKED ? list->count : MOST_RANKED;
    double below[MOST_RANKED], noise = estimate_noise(s, list, n, rung);
    for (size_t i = 0; i < n; i++) {
        below[i] = loss_below(s, list, i, rung);
    }
    qsort(below, n, sizeof *below, compare);
    for (size_t i = 0; i < n; i++) {
        double own = loss_below(s, list, i, rung);
        if (own != below[i] && !(fabs(own - below[i]) <= noise)) {
            return false;
        }
    }
    return true;
}

/* The highest rung that trials may go on to. */
static size_t find_top(const pasha_state *s)
{
    size_t last = s->schedule.n_rungs - 1, top = last < 1 ? last : 1;
    for (size_t r = top + 1; r <= last && hn_rung_table_list(&s->table, 0, r)->count > 1; r++) {
        top = r;
    }
    return top > 0 && top < last && !is_stable(s, top) ? top + 1 : top;
}

static hone_status next(void *state, const hn_prune_context *context, hn_next *next, hone_error *err)
{
    pasha_state *s = state;
    hone_status status = hn_rung_table_update(&s->table, &s->schedule, context, err);
    if (status == HONE_OK) {
        s->schedule.top = find_top(s);
        status = hn_async_next(&s->table, &s->schedule, context, next, err);
    }
    return status;
}

static hone_status judge(void *state, const hn_prune_context *context, int64_t number, int64_t step,
                         hn_verdict *verdict, hone_error *err)
{
    (void)err;
    *verdict = hn_async_judge(&((const pasha_state *)state)->schedule, context, number, step);
    return HONE_OK;
}

static hone_status estimate(void *state, const hn_prune_context *context, hn_arena *scratch,
                            hn_estimates *estimates, hone_error *err)
{
    return hn_schedule_estimate(&((const pasha_state *)state)->schedule, context, scratch, estimates, err);
}

static size_t ladder(const void *state, int64_t *steps)
{
    return hn_schedule_ladder(&((const pasha_state *)state)->schedule, steps);
}

static const hn_option options[] = {
    HN_RESOURCE_OPTION(hn_asha_config),
    {.name = "min_resource",
     .type = HN_OPTION_NODE,
     .default_text = "auto",
     .offset = offsetof(hn_asha_config, min_resource),
     .help = "of the first rung; auto: 1, or of rows what a model can do with, also a share"},
    {.name = "max_resource",
     .type = HN_OPTION_NODE,
     .default_text = "auto",
     .offset = offsetof(hn_asha_config, max_resource),
     .help = "the last step of a whole trial; auto: all rows, or the model's option as it stands"},
    HN_FACTOR_OPTION(hn_asha_config, "3"),
};

const hn_pruner_type hn_pruner_pasha = {
    .name = "pasha",
    .help = "asha that goes on to longer budgets only while these still change the order of the best",
    .options = {options, sizeof options / sizeof *options, sizeof(hn_asha_config)},
    .state_size = sizeof(pasha_state),
    .uses_reports = true,
    .init = init,
    .release = release,
    .next = next,
    .judge = judge,
    .ladder = ladder,
    .estimate = estimate,
};
