#include "pruner/step_table.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "math/statistics.h"
#include "pruner/reports.h"

void hn_step_table_release(hn_step_table *table)
{
    for (size_t i = 0; i < table->n_columns; i++) {
        hn_free(table->columns[i].losses);
    }
    hn_free(table->columns);
    *table = (hn_step_table){0};
}

/* --- columns --- */

static hone_status find_column(hn_step_table *table, int64_t step, hn_step_column **column, hone_error *err)
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
    if (low == table->n_columns || table->columns[low].step != step) {
        if (HN_GROW(table->columns, table->n_columns, table->capacity) != 0) {
            return hn_out_of_memory(err);
        }
        memmove(table->columns + low + 1, table->columns + low,
                (table->n_columns - low) * sizeof *table->columns);
        table->columns[low] = (hn_step_column){.step = step};
        table->n_columns++;
    }
    *column = &table->columns[low];
    return HONE_OK;
}

/* The loss that a complete trial reported at the column's step; false: it reported none. */
static bool find_loss(const hn_step_column *column, const hn_history *history, int64_t number, double *loss)
{
    const hn_trial_report *reports;
    size_t n = hn_history_reports(history, number, &reports),
           at = hn_report_find(reports, n, 0, column->step);
    if (hn_history_state(history, number) != HONE_COMPLETE || at == n || reports[at].step != column->step) {
        return false;
    }
    *loss = hn_report_loss(history, reports[at].value);
    return true;
}

/* Puts the last of `count` losses where it belongs. */
static void sink(double *losses, size_t count)
{
    double loss = losses[count - 1];
    size_t low = 0, high = count - 1;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (losses[middle] < loss) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    memmove(losses + low + 1, losses + low, (count - 1 - low) * sizeof *losses);
    losses[low] = loss;
}

/* Takes in the trials completed since. */
static hone_status update(hn_step_column *column, const hn_history *history, hone_error *err)
{
    enum { FEW = 16 }; /* are put in one by one */
    int64_t number;
    double loss;
    if (hn_finished_restarts(&column->finished, history)) {
        column->count = column->n_reported = 0;
    }
    size_t sorted = column->count;
    while (hn_finished_next(&column->finished, &number)) {
        bool reported = find_loss(column, history, number, &loss);
        column->n_reported += reported;
        if (!reported || isnan(loss)) {
            continue;
        }
        if (HN_GROW(column->losses, column->count, column->capacity) != 0) {
            column->finished = (hn_finished){0};
            return hn_out_of_memory(err);
        }
        column->losses[column->count++] = loss;
    }
    if (column->count - sorted > FEW) {
        hn_sort_doubles(column->losses, column->count);
        return HONE_OK;
    }
    while (sorted < column->count) {
        sink(column->losses, ++sorted);
    }
    return HONE_OK;
}

/* --- quantiles --- */

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

hone_status hn_step_table_quantile(hn_step_table *table, const hn_history *history, int64_t step,
                                   size_t n_min, double q, double *quantile, hone_error *err)
{
    hn_step_column *column = NULL;
    hone_status status = find_column(table, step, &column, err);
    if (status == HONE_OK) {
        status = update(column, history, err);
    }
    if (status != HONE_OK) {
        return status;
    }
    bool turned = hn_history_direction(history, 0) == HONE_MAXIMIZE;
    const ordered x = {column->losses, column->count, turned};
    *quantile = column->n_reported < n_min || column->count == 0 ? (double)NAN
                : turned                                         ? -interpolate(&x, 1 - q)
                                                                 : interpolate(&x, q);
    return HONE_OK;
}
