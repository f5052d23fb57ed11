#include "pruner/fold_effects.h"

#include <math.h>

#include "base/memory.h"
#include "pruner/reports.h"

void hn_fold_effects_release(hn_fold_effects *all)
{
    for (size_t i = 0; i < all->n_folds; i++)
        hn_free(all->groups[i].sums);
    hn_free(all->groups);
    hn_free(all->steps);
    hn_free(all->effects);
    hn_free(all->losses);
}

void hn_fold_effects_clear(hn_fold_effects *all)
{
    hn_fold_effects_release(all);
    *all = (hn_fold_effects){0};
}

/* The folds of the first complete setting are those of all. */
static hone_status set_folds(hn_fold_effects *all, const hn_trial_report *reports, size_t n, hone_error *err)
{
    hn_fold_effects made = {
        .n_folds = n,
        .steps = hn_calloc(n, sizeof *made.steps),
        .effects = hn_calloc(n, sizeof *made.effects),
        .losses = hn_calloc(n, sizeof *made.losses),
        .groups = hn_calloc(n, sizeof *made.groups),
    };
    if (!made.steps || !made.effects || !made.losses || !made.groups) {
        made.n_folds = 0;
        hn_fold_effects_release(&made);
        return hn_out_of_memory(err);
    }
    for (size_t i = 0; i < n; i++)
        made.steps[i] = reports[i].step;
    *all = made;
    return HONE_OK;
}

/* The losses of a setting less their mean; the number of its reports, 0 when it has not these folds. */
static size_t read_losses(hn_fold_effects *all, const hn_history *history, int64_t number, double *mean,
                          double *largest)
{
    const hn_trial_report *reports;
    size_t n = hn_history_reports(history, number, &reports);
    double sum = 0;
    *largest = 0;
    if (n > all->n_folds)
        return 0;
    for (size_t i = 0; i < n; i++) {
        double loss = hn_report_block(history, reports, i);
        if (reports[i].step != all->steps[i] || !isfinite(loss))
            return 0;
        all->losses[i] = loss;
        *largest = fmax(*largest, fabs(loss));
        sum += loss;
    }
    *mean = n ? sum / (double)n : 0;
    for (size_t i = 0; i < n; i++)
        all->losses[i] -= *mean;
    return n;
}

hone_status hn_fold_effects_add(hn_fold_effects *all, const hn_history *history, int64_t number,
                                hone_error *err)
{
    const hn_trial_report *reports;
    size_t n = hn_history_reports(history, number, &reports);
    double mean, largest;
    if (!all->n_folds && n && hn_history_state(history, number) == HONE_COMPLETE && reports[0].step > 0) {
        hone_status status = set_folds(all, reports, n, err);
        if (status)
            return status;
    }
    n = read_losses(all, history, number, &mean, &largest);
    if (!n)
        return HONE_OK;
    hn_fold_group *group = &all->groups[n - 1];
    if (!group->sums)
        group->sums = hn_calloc(n, sizeof *group->sums);
    if (!group->sums)
        return hn_out_of_memory(err);
    group->count++;
    for (size_t i = 0; i < n; i++) {
        group->sums[i] += all->losses[i];
        group->squares += all->losses[i] * all->losses[i];
    }
    return HONE_OK;
}

/* Settings with a level of their own are about a mean of n effects: that of the effects' squares about it. */
static double squares_about(const double *effects, size_t n)
{
    double mean = 0, squares = 0;
    for (size_t i = 0; i < n; i++)
        mean += effects[i] / (double)n;
    for (size_t i = 0; i < n; i++)
        squares += (effects[i] - mean) * (effects[i] - mean);
    return squares;
}

/* Of losses y about a setting's mean and effects e about theirs: sum (y - e)^2 over the settings of a group
 * is sum y^2 - 2 sum y e + count sum e^2, whose first two sums were kept. */
void hn_fold_effects_settle(hn_fold_effects *all)
{
    size_t last = all->n_folds ? all->n_folds - 1 : 0;
    double whole = all->n_folds ? (double)all->groups[last].count : 0;
    all->squares = 0;
    all->degrees = 0;
    if (!(whole > 0))
        return;
    for (size_t i = 0; i <= last; i++)
        all->effects[i] = all->groups[last].sums[i] / whole;
    for (size_t k = 1; k <= last; k++) { /* who was on one fold only says nothing of the variance */
        const hn_fold_group *group = &all->groups[k];
        double cross = 0, count = (double)group->count;
        for (size_t i = 0; i <= k && group->count; i++)
            cross += group->sums[i] * all->effects[i];
        double squares = group->squares - 2 * cross + count * squares_about(all->effects, k + 1);
        /* the effects were fitted to the whole ones; about the others they have an error of their own */
        all->squares += fmax(squares, 0) * (k == last ? 1 : whole / (whole + 1));
        all->degrees += k * (k == last ? group->count - 1 : group->count);
    }
}

bool hn_fold_effects_forecast(hn_fold_effects *all, const hn_history *history, int64_t number,
                              hn_fold_forecast *forecast)
{
    double mean, largest, effect = 0, squares = 0;
    size_t n = read_losses(all, history, number, &mean, &largest);
    if (!n)
        return false;
    for (size_t i = 0; i < n; i++)
        effect += all->effects[i] / (double)n;
    for (size_t i = 0; i < n; i++) {
        double left = all->losses[i] - (all->effects[i] - effect);
        squares += left * left;
    }
    double whole = (double)all->groups[all->n_folds - 1].count, inflation = 1 + 1 / whole;
    size_t degrees = all->degrees + n - 1;
    *forecast = (hn_fold_forecast){
        .n = n,
        .folds = all->steps[n - 1],
        .mean = mean - effect,
        .variance = degrees ? (inflation * all->squares + squares) / (double)degrees : 0,
        .degrees = degrees,
        .rounding = 1e-12 * largest * (double)all->steps[n - 1],
    };
    return true;
}
