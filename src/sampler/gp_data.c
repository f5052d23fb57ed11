#include "sampler/gp_data.h"

#include <math.h>
#include <string.h>

/* --- points --- */

static hone_status add_axis(hn_arena *arena, const hn_space *space, size_t i, hn_gp_frame *frame,
                            hone_error *err)
{
    const hn_parameter *parameter = &space->parameters[i];
    hn_distribution *own = HN_ARENA_NEW(arena, hn_distribution, 1);
    char *name = hn_arena_strdup(arena, parameter->name);
    if (!own || !name || hn_distribution_copy(arena, &parameter->distribution, own))
        return hn_out_of_memory(err);
    frame->axes[frame->d] = hn_gp_axis_of(parameter);
    frame->axes[frame->d].distribution = own;
    frame->names[frame->d] = name;
    frame->members[frame->d++] = i;
    return HONE_OK;
}

hone_status hn_gp_frame_make(hn_arena *arena, const hn_space *space, hn_gp_frame *frame, hone_error *err)
{
    hn_gp_frame made = {.space = space, .n_parameters = space->count};
    made.members = HN_ARENA_NEW(arena, size_t, space->count);
    made.axes = HN_ARENA_NEW(arena, hn_gp_axis, space->count);
    made.names = HN_ARENA_NEW(arena, const char *, space->count);
    hone_status status = made.members && made.axes && made.names ? HONE_OK : hn_out_of_memory(err);
    for (size_t i = 0; i < space->count && !status; i++)
        if (!hn_distribution_is_constant(&space->parameters[i].distribution))
            status = add_axis(arena, space, i, &made, err);
    if (!status)
        *frame = made;
    return status;
}

bool hn_gp_frame_fits(const hn_gp_frame *frame, const hn_space *space)
{
    size_t a = 0;
    if (space->count != frame->n_parameters)
        return false;
    for (size_t i = 0; i < space->count; i++) {
        const hn_parameter *parameter = &space->parameters[i];
        if (hn_distribution_is_constant(&parameter->distribution))
            continue;
        if (a == frame->d || frame->members[a] != i || strcmp(frame->names[a], parameter->name) != 0 ||
            !hn_distribution_equal(frame->axes[a].distribution, &parameter->distribution) ||
            (parameter->when && !frame->axes[a].conditional))
            return false;
        a++;
    }
    return a == frame->d;
}

double hn_gp_encode(const hn_gp_frame *frame, size_t axis, double value)
{
    return frame->axes[axis].kind == HN_GP_CATEGORICAL
               ? value
               : hn_distribution_encode(frame->axes[axis].distribution, value);
}

void hn_gp_encode_point(const hn_gp_frame *frame, const hn_point *point, double *row)
{
    for (size_t a = 0; a < frame->d; a++) {
        size_t i = frame->members[a];
        row[a] = point->active[i] ? hn_gp_encode(frame, a, point->values[i]) : NAN;
    }
}

void hn_gp_decode_point(const hn_gp_frame *frame, const double *coordinates, hn_point *point)
{
    const hn_space *space = frame->space;
    for (size_t i = 0, a = 0; i < space->count; i++) {
        const hn_distribution *distribution = &space->parameters[i].distribution;
        bool varies = a < frame->d && frame->members[a] == i;
        double coordinate = varies ? coordinates[a] : 0;
        point->active[i] = hn_space_is_active(space, i, point);
        if (!point->active[i])
            point->values[i] = 0;
        else if (!varies)
            point->values[i] = hn_distribution_nth(distribution, 0);
        else if (frame->axes[a].kind == HN_GP_CATEGORICAL)
            point->values[i] = coordinate;
        else
            point->values[i] = hn_distribution_decode(distribution, coordinate);
        a += varies;
    }
}

/* --- trials --- */

static bool is_known(const hn_ask *ask, int64_t number)
{
    hone_trial_state state = hn_history_state(ask->view.history, number);
    bool finished = state == HONE_COMPLETE || state == HONE_PRUNED;
    return state == HONE_FAILED ||
           (ask->estimates ? hn_estimate_find(ask->estimates, number) != NULL : finished);
}

hone_status hn_gp_trials_make(const hn_ask *ask, hn_gp_trials *trials, hone_error *err)
{
    const hn_history *history = ask->view.history;
    int64_t rows = (int64_t)hn_history_count(history);
    if (ask->view.before == INT64_MAX && !ask->estimates) {
        trials->numbers = hn_history_finished(history, &trials->n);
        return HONE_OK;
    }
    int64_t *numbers = HN_ARENA_NEW(ask->scratch, int64_t, (size_t)rows);
    if (!numbers)
        return hn_out_of_memory(err);
    trials->numbers = numbers;
    trials->n = 0;
    for (int64_t number = 0; number < rows && number < ask->view.before; number++)
        if (is_known(ask, number))
            numbers[trials->n++] = number;
    return HONE_OK;
}

/* The coordinate of a value that may lie outside the bounds: beyond 0 and 1 on a continuous axis. */
static bool place(const hn_gp_axis *axis, double value, double *coordinate)
{
    const hn_distribution *distribution = axis->distribution;
    *coordinate = value;
    if (axis->kind == HN_GP_CATEGORICAL)
        return value < (double)distribution->n_choices;
    if (value >= distribution->low && value <= distribution->high) {
        *coordinate = hn_distribution_encode(distribution, value);
        return true;
    }
    double low, high;
    hn_distribution_scale(distribution, &low, &high);
    *coordinate = ((distribution->log ? log(value) : value) - low) / (high - low);
    return axis->kind == HN_GP_CONTINUOUS && *coordinate > -1 && *coordinate < 2;
}

bool hn_gp_trial_row(const hn_gp_frame *frame, const hn_history *history, int64_t number, double *row)
{
    for (size_t a = 0; a < frame->d; a++) {
        const hn_parameter *parameter = &frame->space->parameters[frame->members[a]];
        size_t column = hn_history_find_column(history, parameter->name);
        row[a] = NAN;
        if (column == SIZE_MAX || !hn_history_has(history, number, column))
            continue;
        if (parameter->distribution.ordinal)
            row[a] =
                hn_distribution_encode(&parameter->distribution, hn_history_cell(history, number, column));
        else if (!place(&frame->axes[a], hn_history_cell(history, number, column), &row[a]))
            return false;
    }
    return true;
}

double hn_gp_trial_loss(const hn_history *history, int64_t number)
{
    const hn_trial_report *reports;
    hone_trial_state state = hn_history_state(history, number);
    double loss = NAN;
    if (state == HONE_COMPLETE)
        loss = hn_history_loss(history, number, 0);
    else if (state == HONE_PRUNED) {
        size_t n = hn_history_reports(history, number, &reports);
        double last = n ? reports[n - 1].value : NAN;
        loss = hn_history_direction(history, 0) == HONE_MAXIMIZE ? -last : last;
    }
    return isfinite(loss) ? loss : NAN;
}

bool hn_gp_trial_failed(const hn_history *history, int64_t number)
{
    hone_trial_state state = hn_history_state(history, number);
    return state == HONE_FAILED || (state == HONE_COMPLETE && isnan(hn_gp_trial_loss(history, number)));
}

double hn_gp_trial_defect(const hn_history *history, int64_t number, const double *scales, size_t n)
{
    const double *constraints;
    size_t told = hn_history_constraints(history, number, &constraints);
    double worst = hn_gp_trial_failed(history, number) ? 1 : told ? -INFINITY : -1;
    for (size_t j = 0; j < told; j++) {
        double scaled = isfinite(constraints[j]) ? constraints[j] : constraints[j] < 0 ? 0 : 1;
        worst = fmax(worst, isfinite(constraints[j]) && j < n ? scaled / scales[j] : scaled);
    }
    return asinh(worst);
}

double hn_gp_trial_log_seconds(const hn_history *history, int64_t number)
{
    int64_t began = hn_history_start_us(history, number), ended = hn_history_complete_us(history, number);
    return began > 0 && ended > began ? log((double)(ended - began) * 1e-6) : NAN;
}

size_t hn_gp_pending(const hn_ask *ask, size_t room, int64_t *numbers)
{
    hn_view view = ask->view;
    size_t n_running, n = 0;
    const int64_t *running = hn_history_running(view.history, &n_running);
    int64_t rows = (int64_t)hn_history_count(view.history), end = ask->number < rows ? ask->number : rows;
    for (int64_t number = end - 1; number >= view.before && number >= 0 && n < room; number--)
        if (!hn_history_is_gap(view.history, number))
            numbers[n++] = number;
    for (size_t i = n_running; i-- > 0 && n < room;)
        if (running[i] < ask->number && running[i] < view.before &&
            !hn_estimate_find(ask->estimates, running[i]))
            numbers[n++] = running[i];
    return n;
}
