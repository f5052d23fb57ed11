#include "sampler/rf_data.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "math/statistics.h"

/* --- encoding --- */

static size_t columns_of(const hn_distribution *d)
{
    if (hn_distribution_is_constant(d))
        return 0;
    return d->kind == HN_CATEGORICAL && !d->ordinal && d->n_choices > 2 ? d->n_choices : 1;
}

hone_status hn_rf_encoding_make(hn_arena *arena, const hn_space *space, hn_rf_encoding *encoding,
                                hone_error *err)
{
    size_t *first = HN_ARENA_NEW(arena, size_t, space->count + 1);
    if (first == NULL)
        return hn_out_of_memory(err);
    for (size_t i = 0; i < space->count; i++)
        first[i + 1] = first[i] + columns_of(&space->parameters[i].distribution);
    *encoding = (hn_rf_encoding){space, first, first[space->count]};
    return HONE_OK;
}

void hn_rf_encode(const hn_rf_encoding *encoding, const hn_point *point, double *row)
{
    for (size_t i = 0; i < encoding->space->count; i++) {
        const hn_distribution *d = &encoding->space->parameters[i].distribution;
        double *cells = row + encoding->first[i];
        size_t n = encoding->first[i + 1] - encoding->first[i];
        if (n == 1)
            cells[0] = point->active[i] ? hn_distribution_encode(d, point->values[i]) : -1;
        for (size_t c = 0; n > 1 && c < n; c++)
            cells[c] = point->active[i] && point->values[i] == (double)c;
    }
}

/* --- which trials --- */

static bool is_finished(hone_trial_state state)
{
    return state == HONE_COMPLETE || state == HONE_PRUNED || state == HONE_FAILED;
}

static int ascending(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static bool is_among(const int64_t *sorted, size_t n, int64_t number)
{
    return bsearch(&number, sorted, n, sizeof *sorted, ascending) != NULL;
}

/* The newest `most` finished trials that are not among those taken (sorted), appended; returns how many there
 * are then. */
static size_t add_newest(hn_view view, size_t most, size_t n_taken, int64_t *numbers)
{
    const hn_history *history = view.history;
    int64_t rows = (int64_t)hn_history_count(history), end = view.before < rows ? view.before : rows;
    size_t n = n_taken;
    for (int64_t number = end - 1; number >= 0 && n < n_taken + most; number--)
        if (is_finished(hn_history_state(history, number)) && !is_among(numbers, n_taken, number))
            numbers[n++] = number;
    return n;
}

/* numbers: (most + 1,), ascending afterwards; returns how many. */
static size_t select_trials(hn_view view, size_t most, int64_t *numbers)
{
    size_t n = add_newest(view, most + 1, 0, numbers);
    if (n > most) {
        n = hn_view_best(view, most / 2, numbers);
        qsort(numbers, n, sizeof *numbers, ascending);
        n = add_newest(view, most - n, n, numbers);
    }
    qsort(numbers, n, sizeof *numbers, ascending);
    return n;
}

/* Trials whose points are known and whose values are not: running ones, and those behind the view's end. */
static bool is_pending(const hn_ask *ask, int64_t number)
{
    hone_trial_state state = hn_history_state(ask->view.history, number);
    return state == HONE_RUNNING || (is_finished(state) && !hn_view_sees(ask->view, number));
}

/* numbers: (n + most,); returns how many were appended. */
static size_t add_pending(const hn_ask *ask, size_t most, int64_t *numbers)
{
    const hn_history *history = ask->view.history;
    size_t n = 0, n_running;
    const int64_t *running = hn_history_running(history, &n_running);
    int64_t end = (int64_t)hn_history_count(history);
    end = ask->number < end ? ask->number : end;
    for (size_t i = 0; i < n_running && n < most; i++)
        if (running[i] < end && hn_view_sees(ask->view, running[i]))
            numbers[n++] = running[i];
    for (int64_t number = ask->view.before; number < end && n < most; number++)
        if (is_pending(ask, number))
            numbers[n++] = number;
    qsort(numbers, n, sizeof *numbers, ascending);
    return n;
}

/* --- targets --- */

enum { HUGE_LOSS_EXPONENT = 300 };

/* Finite and far enough from overflow that differences are finite. */
static double bounded(double loss)
{
    double most = pow(10, HUGE_LOSS_EXPONENT);
    return fmin(fmax(loss, -most), most);
}

static bool counts(const hn_history *history, int64_t number)
{
    return hn_history_state(history, number) == HONE_COMPLETE &&
           !(hn_history_violation(history, number) > 0) && isfinite(hn_history_loss(history, number, 0));
}

/* NaN without a report. */
static double last_report(const hn_history *history, int64_t number)
{
    const hn_trial_report *reports;
    size_t n = hn_history_reports(history, number, &reports);
    double sign = hn_history_direction(history, 0) == HONE_MAXIMIZE ? -1 : 1;
    return n > 0 ? sign * reports[n - 1].value : NAN;
}

static void set_losses(const hn_history *history, const int64_t *numbers, size_t n, double median,
                       double worst, double *y)
{
    for (size_t r = 0; r < n; r++) {
        bool pruned = hn_history_state(history, numbers[r]) == HONE_PRUNED &&
                      !(hn_history_violation(history, numbers[r]) > 0);
        double report = pruned ? last_report(history, numbers[r]) : NAN;
        y[r] = counts(history, numbers[r]) ? bounded(hn_history_loss(history, numbers[r], 0))
               : isnan(report)             ? worst
                                           : fmin(fmax(report, median), worst);
    }
}

/* Nothing feasible is known: less violation is better. */
static void set_violations(const hn_history *history, const int64_t *numbers, size_t n, double *y)
{
    double worst = 0;
    for (size_t r = 0; r < n; r++) {
        y[r] = bounded(hn_history_violation(history, numbers[r]));
        worst = fmax(worst, y[r]);
    }
    for (size_t r = 0; r < n; r++)
        if (hn_history_state(history, numbers[r]) != HONE_COMPLETE)
            y[r] = worst;
}

/* scratch: (n,) */
static void set_targets(const hn_history *history, const int64_t *numbers, hn_rf_data *data, double *scratch)
{
    size_t n_good = 0;
    double worst = -INFINITY;
    for (size_t r = 0; r < data->n; r++)
        if (counts(history, numbers[r])) {
            double loss = bounded(hn_history_loss(history, numbers[r], 0));
            scratch[n_good++] = loss;
            worst = fmax(worst, loss);
        }
    if (n_good > 0)
        set_losses(history, numbers, data->n, hn_median(scratch, n_good), worst, data->y);
    else
        set_violations(history, numbers, data->n, data->y);
}

static void fill_row(const hn_ask *ask, const hn_rf_encoding *encoding, const size_t *columns, int64_t number,
                     hn_point *point, double *row)
{
    const hn_history *history = ask->view.history;
    for (size_t i = 0; i < ask->space->count; i++) {
        point->active[i] = columns[i] != SIZE_MAX && hn_history_has(history, number, columns[i]);
        point->values[i] = point->active[i] ? hn_history_cell(history, number, columns[i]) : 0;
    }
    hn_rf_encode(encoding, point, row);
}

hone_status hn_rf_collect(const hn_ask *ask, const hn_rf_encoding *encoding, size_t max_trials, bool pending,
                          size_t spare, hn_rf_data *data, hone_error *err)
{
    hn_arena *arena = ask->scratch;
    const hn_space *space = ask->space;
    const hn_history *history = ask->view.history;
    size_t rows = hn_history_count(history), most = rows < max_trials ? rows : max_trials;
    size_t room = 2 * most + 1;
    int64_t *numbers = HN_ARENA_NEW(arena, int64_t, room);
    size_t *columns = HN_ARENA_NEW(arena, size_t, space->count + 1);
    hn_point point = hn_point_new(arena, space->count);
    if (numbers == NULL || columns == NULL || point.values == NULL)
        return hn_out_of_memory(err);
    data->n = select_trials(ask->view, most, numbers);
    data->n_pending = pending ? add_pending(ask, most, numbers + data->n) : 0;
    size_t n = data->n + data->n_pending;
    data->x = hn_arena_scratch(arena, n + spare + 1, (encoding->width + 1) * sizeof *data->x);
    data->y = HN_ARENA_NEW(arena, double, n + spare + 1);
    double *scratch = HN_ARENA_NEW(arena, double, n + 1);
    if (data->x == NULL || data->y == NULL || scratch == NULL)
        return hn_out_of_memory(err);
    for (size_t i = 0; i < space->count; i++)
        columns[i] = hn_history_find_column(history, space->parameters[i].name);
    for (size_t r = 0; r < n; r++)
        fill_row(ask, encoding, columns, numbers[r], &point, data->x + r * encoding->width);
    set_targets(history, numbers, data, scratch);
    return HONE_OK;
}

/* --- the logarithm --- */

void hn_rf_log_scale(double *y, size_t n, double *scratch)
{
    if (n == 0)
        return;
    memcpy(scratch, y, n * sizeof *y);
    double low = hn_quantile(scratch, n, 0), high = hn_quantile(scratch, n, 1);
    double fifth = hn_quantile(scratch, n, 0.05), middle = hn_quantile(scratch, n, 0.5);
    /* As far below the least as the 5th percentile lies above it; not so near that the least one stands
     * apart. */
    double margin = fmax(fifth - low, 1e-3 * (middle - low));
    double floor = low - (margin > 0 ? margin : 1e-3 * (high - low));
    double ceiling = middle > low ? fmin(high, middle + 100 * (middle - low)) : high;
    for (size_t i = 0; i < n; i++)
        y[i] = high > low ? log((fmin(y[i], ceiling) - floor) / (ceiling - floor)) : 0;
}
