#include "pruner/rung_model.h"

#include <math.h>
#include <string.h>

#include "math/hash.h"
#include "pruner/reports.h"

void hn_rung_model_release(hn_rung_model *model)
{
    hn_arena_release(&model->arena);
}

/* --- parameters as rows --- */

typedef struct frame {
    size_t d;
    size_t *columns;  /* (d,) of the history */
    hn_gp_axis *axes; /* (d,) */
} frame;

/* All parameters that vary, with the bounds they had last. */
static hone_status make_frame(hn_arena *arena, const hn_history *history, frame *f, hone_error *err)
{
    size_t n = hn_history_column_count(history);
    *f = (frame){.columns = HN_ARENA_NEW(arena, size_t, n), .axes = HN_ARENA_NEW(arena, hn_gp_axis, n)};
    if (!f->columns || !f->axes)
        return hn_out_of_memory(err);
    for (size_t c = 0; c < n; c++) {
        const hn_distribution *distribution = hn_history_latest_distribution(history, c);
        if (!distribution || hn_distribution_is_constant(distribution))
            continue;
        hn_distribution *own = HN_ARENA_NEW(arena, hn_distribution, 1);
        if (!own || hn_distribution_copy(arena, distribution, own))
            return hn_out_of_memory(err);
        f->columns[f->d] = c;
        f->axes[f->d++] = hn_gp_axis_of(&(hn_parameter){.distribution = *own});
        f->axes[f->d - 1].distribution = own;
    }
    return HONE_OK;
}

static double coordinate(const hn_gp_axis *axis, double value)
{
    const hn_distribution *distribution = axis->distribution;
    if (axis->kind == HN_GP_CATEGORICAL || distribution->kind == HN_CATEGORICAL) {
        double most = (double)distribution->n_choices - 1, kept = value < most ? value : most;
        return axis->kind == HN_GP_CATEGORICAL ? kept : hn_distribution_encode(distribution, kept);
    }
    return hn_distribution_encode(distribution, fmin(fmax(value, distribution->low), distribution->high));
}

static void fill_row(const frame *f, const hn_history *history, int64_t number, double *row)
{
    for (size_t a = 0; a < f->d; a++) {
        bool has = hn_history_has(history, number, f->columns[a]);
        row[a] = has ? coordinate(&f->axes[a], hn_history_cell(history, number, f->columns[a])) : NAN;
        f->axes[a].conditional = f->axes[a].conditional || !has;
    }
}

/* --- places --- */

/* Fills y (n_rungs,) and the place of a trial that has begun. */
static void find_place(const hn_schedule *schedule, const hn_prune_context *context, hn_rung_place *p,
                       double *y)
{
    const hn_history *history = context->history;
    hone_trial_state state = hn_history_state(history, p->number);
    const hn_trial_report *reports;
    size_t n = hn_history_reports(history, p->number, &reports);
    double last = n ? hn_report_loss(history, reports[n - 1].value) : NAN;
    p->complete = state == HONE_COMPLETE;
    p->ended = p->complete || state == HONE_PRUNED;
    p->paused = !p->ended && hn_is_paused(context, p->number);
    p->best = hn_report_best(history, reports, n);
    p->best = isnan(p->best) ? INFINITY : p->best;
    while (p->reached < schedule->n_rungs &&
           hn_rung_loss(history, p->number, schedule->rungs[p->reached].resource, &y[p->reached]))
        p->reached++;
    p->rests = p->reached > 0 && (n < 2 || reports[n - 2].step < schedule->rungs[p->reached - 1].resource);
    bool broken = state == HONE_PRUNED && n && !isfinite(last);
    for (size_t k = p->reached; k < schedule->n_rungs && (p->complete || broken); k++)
        y[k] = p->complete ? hn_history_loss(history, p->number, 0) : INFINITY;
    if (p->complete || broken)
        p->reached = schedule->n_rungs;
    if (p->complete) {
        y[schedule->n_rungs - 1] = hn_history_loss(history, p->number, 0);
        p->best = fmin(p->best, y[schedule->n_rungs - 1]);
    }
}

/* What was spent, or will be when the running ones are on their next rung. */
static void count_spent(const hn_schedule *schedule, const hn_history *history, const hn_rung_place *p,
                        hn_rung_model *model)
{
    const hn_trial_report *reports;
    size_t n = hn_history_reports(history, p->number, &reports);
    int64_t step = n ? reports[n - 1].step : 0, before = 0;
    size_t heading = p->reached;
    bool runs = !p->ended && !p->paused;
    if (runs && heading < schedule->n_rungs && schedule->rungs[heading].resource > step)
        step = schedule->rungs[heading++].resource;
    for (size_t k = 0; k < schedule->n_rungs; k++) {
        int64_t resource = schedule->rungs[k].resource, part = (step < resource ? step : resource) - before;
        model->spent[k] += part > 0 ? part : 0;
        model->total += part > 0 ? part : 0;
        model->heading[k] += k < heading;
        before = resource;
    }
}

/* --- all together --- */

static uint64_t signature_of(const hn_schedule *schedule, const hn_prune_context *context)
{
    size_t rows = hn_history_count(context->history);
    uint64_t key = schedule->n_rungs;
    for (size_t i = 0; i < rows; i++) {
        const hn_trial_report *reports;
        size_t n = hn_history_reports(context->history, (int64_t)i, &reports);
        bool paused = hn_is_paused(context, (int64_t)i);
        key = hn_hash64(key, n * 16 + (uint64_t)hn_history_state(context->history, (int64_t)i) * 2 + paused);
    }
    return key;
}

/* Of the trials on rungs: the model need not be fitted again while these are the same. */
static uint64_t learned_of(const hn_rung_model *model)
{
    uint64_t key = 1;
    for (size_t i = 0; i < model->n; i++)
        if (model->places[i].reached > 0)
            key =
                hn_hash64(key, (uint64_t)model->places[i].number * HN_MOST_RUNGS + model->places[i].reached);
    return key;
}

/* Predictions of places (n,), as they were made before. */
static void keep_predictions(hn_rung_model *model, const hn_rung_place *places, size_t n)
{
    for (size_t i = 0, k = 0; i < model->n; i++) {
        while (k < n && (places[k].number < model->places[i].number || places[k].reached == 0))
            k++;
        if (k < n && places[k].number == model->places[i].number) {
            model->places[i].mean = places[k].mean;
            model->places[i].deviation = places[k].deviation;
        }
    }
}

static hone_status predict(hn_rung_model *model, const frame *f, const hn_rungs_data *data, hone_error *err)
{
    hn_rungs *rungs = NULL;
    bool any = false;
    for (size_t i = 0; i < model->n; i++)
        any = any || data->reached[i] > 0;
    hone_status status = any ? hn_rungs_fit(&model->arena, f->axes, f->d, data, &rungs, err) : HONE_OK;
    for (size_t i = 0; i < model->n && !status; i++) {
        hn_rung_place *p = &model->places[i];
        if (p->reached > 0)
            hn_rungs_predict(rungs, data->x + i * f->d, data->y + i * data->n_rungs, p->reached, &p->mean,
                             &p->deviation);
    }
    return status;
}

static hone_status rebuild(hn_rung_model *model, const hn_rung_model *before, const hn_schedule *schedule,
                           const hn_prune_context *context, size_t max_points, hone_error *err)
{
    const hn_history *history = context->history;
    size_t rows = hn_history_count(history), n_rungs = schedule->n_rungs;
    frame f;
    hn_arena *arena = &model->arena;
    hone_status status = make_frame(arena, history, &f, err);
    if (status)
        return status;
    double *x = hn_arena_scratch(arena, rows + 1, (f.d + 1) * sizeof *x),
           *y = HN_ARENA_NEW(arena, double, rows *n_rungs + 1);
    size_t *reached = HN_ARENA_NEW(arena, size_t, rows + 1);
    model->places = HN_ARENA_NEW(arena, hn_rung_place, rows + 1);
    if (!x || !y || !reached || !model->places)
        return hn_out_of_memory(err);
    for (size_t i = 0; i < rows; i++) {
        hone_trial_state state = hn_history_state(history, (int64_t)i);
        hn_rung_place *p = &model->places[model->n];
        if (state == HONE_WAITING || state == HONE_FAILED)
            continue;
        p->number = (int64_t)i;
        find_place(schedule, context, p, y + model->n * n_rungs);
        fill_row(&f, history, p->number, x + model->n * f.d);
        count_spent(schedule, history, p, model);
        reached[model->n++] = p->reached;
        model->n_complete += p->complete;
    }
    const hn_rungs_data data = {x, y, reached, model->n, n_rungs, max_points};
    model->learned = learned_of(model);
    if (before->history == history && before->learned == model->learned)
        keep_predictions(model, before->places, before->n);
    else
        status = predict(model, &f, &data, err);
    for (size_t i = 0; i < model->n; i++)
        if (model->places[i].complete)
            model->incumbent = fmin(model->incumbent, model->places[i].mean);
    return status;
}

hone_status hn_rung_model_update(hn_rung_model *model, const hn_schedule *schedule,
                                 const hn_prune_context *context, size_t max_points, hone_error *err)
{
    uint64_t signature = signature_of(schedule, context);
    if (model->history == context->history && model->signature == signature)
        return HONE_OK;
    hn_rung_model made = {.signature = signature, .incumbent = INFINITY};
    hone_status status = rebuild(&made, model, schedule, context, max_points, err);
    if (status) {
        hn_arena_release(&made.arena);
        return status;
    }
    made.history = context->history;
    hn_arena_release(&model->arena);
    *model = made;
    return HONE_OK;
}
