#include "pruner/step_table.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "pruner/reports.h"

void hn_step_table_release(hn_step_table *table)
{
    for (size_t i = 0; i < table->n_columns; i++) {
        hn_free(table->columns[i].losses);
    }
    hn_free(table->columns);
    hn_free(table->taken);
    *table = (hn_step_table){0};
}

/* Where the step's column is or belongs. */
static size_t find_column(const hn_step_table *table, int64_t step)
{
    size_t low = 0, high = table->n_columns;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (table->columns[middle].step < step) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static hone_status add_report(hn_step_table *table, int64_t step, double loss, hone_error *err)
{
    size_t at = find_column(table, step);
    if (at == table->n_columns || table->columns[at].step != step) {
        if (HN_GROW(table->columns, table->n_columns, table->capacity) != 0) {
            return hn_out_of_memory(err);
        }
        memmove(table->columns + at + 1, table->columns + at,
                (table->n_columns - at) * sizeof *table->columns);
        table->columns[at] = (hn_step_column){.step = step};
        table->n_columns++;
    }
    hn_step_column *column = &table->columns[at];
    column->n_reported++;
    if (isnan(loss)) {
        return HONE_OK;
    }
    if (HN_GROW(column->losses, column->count, column->capacity) != 0) {
        return hn_out_of_memory(err);
    }
    size_t low = 0, high = column->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (column->losses[middle] < loss) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    memmove(column->losses + low + 1, column->losses + low, (column->count - low) * sizeof *column->losses);
    column->losses[low] = loss;
    column->count++;
    return HONE_OK;
}

static hone_status take(hn_step_table *table, int64_t number, hone_error *err)
{
    const hn_trial_report *reports;
    size_t n = hn_history_reports(table->history, number, &reports);
    for (size_t i = 0; i < n; i++) {
        double loss = hn_report_loss(table->history, reports[i].value);
        hone_status status = add_report(table, reports[i].step, loss, err);
        if (status != HONE_OK) {
            return status;
        }
    }
    table->taken[number] = true;
    table->n_taken++;
    return HONE_OK;
}

/* One flag for each trial there is. */
static hone_status grow_flags(hn_step_table *table, size_t rows, hone_error *err)
{
    if (rows <= table->rows) {
        return HONE_OK;
    }
    size_t wanted = rows < 2 * table->rows ? 2 * table->rows : rows;
    bool *taken = hn_realloc_array(table->taken, wanted, sizeof *taken);
    if (taken == NULL) {
        return hn_out_of_memory(err);
    }
    memset(taken + table->rows, 0, (wanted - table->rows) * sizeof *taken);
    table->taken = taken;
    table->rows = wanted;
    return HONE_OK;
}

hone_status hn_step_table_update(hn_step_table *table, const hn_history *history, hone_error *err)
{
    if (table->history != history) {
        hn_step_table_release(table);
        table->history = history;
    }
    hone_status status = grow_flags(table, hn_history_count(history), err);
    /* New ones stand near the end of the finished list, though not always last: it is sorted by time. */
    size_t n_finished, n_complete = hn_history_state_count(history, HONE_COMPLETE);
    const int64_t *finished = hn_history_finished(history, &n_finished);
    for (size_t i = n_finished; i-- > 0 && table->n_taken < n_complete && status == HONE_OK;) {
        if (!table->taken[finished[i]] && hn_history_state(history, finished[i]) == HONE_COMPLETE) {
            status = take(table, finished[i], err);
        }
    }
    if (status != HONE_OK) {
        hn_step_table_release(table); /* a trial may be in it by half */
    }
    return status;
}

/* Losses, or, last to first with their signs turned, values. */
typedef struct ordered {
    const double *losses;
    size_t count;
    bool turned;
} ordered;

static double at(const ordered *x, size_t i)
{
    return x->turned ? -x->losses[x->count - 1 - i] : x->losses[i];
}

/* As NumPy: with an infinity on either side it may be NaN. */
static double interpolate(const ordered *x, double q)
{
    double position = q * (double)(x->count - 1);
    size_t below = (size_t)position, above = below + 1 < x->count ? below + 1 : below;
    double share = position - (double)below, low = at(x, below), step = at(x, above) - low;
    return share >= 0.5 ? at(x, above) - step * (1 - share) : low + step * share;
}

double hn_step_table_quantile(const hn_step_table *table, int64_t step, size_t n_min, double q)
{
    size_t place = find_column(table, step);
    const hn_step_column *column = &table->columns[place];
    if (place == table->n_columns || column->step != step || column->n_reported < n_min ||
        column->count == 0) {
        return NAN;
    }
    return hn_history_direction(table->history, 0) == HONE_MAXIMIZE
               ? -interpolate(&(ordered){column->losses, column->count, true}, 1 - q)
               : interpolate(&(ordered){column->losses, column->count, false}, q);
}
