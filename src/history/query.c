/* Reading a history. */
#include <math.h>
#include <string.h>

#include "history/internal.h"

/* --- rows --- */

size_t hn_history_count(const hn_history *history)
{
    return history->count;
}

size_t hn_history_state_count(const hn_history *history, hone_trial_state state)
{
    return history->state_counts[state];
}

hone_trial_state hn_history_state(const hn_history *history, int64_t number)
{
    return (hone_trial_state)history->rows[number].state;
}

bool hn_history_is_gap(const hn_history *history, int64_t number)
{
    return history->rows[number].gap;
}

size_t hn_history_objective_count(const hn_history *history)
{
    return history->n_objectives;
}

hone_direction hn_history_direction(const hn_history *history, size_t objective)
{
    return history->directions[objective];
}

double hn_history_value(const hn_history *history, int64_t number, size_t objective)
{
    bool complete = history->rows[number].state == HONE_COMPLETE;
    return complete ? history->values[(size_t)number * history->n_objectives + objective] : NAN;
}

double hn_history_loss(const hn_history *history, int64_t number, size_t objective)
{
    return hn_as_loss(history->directions[objective], hn_history_value(history, number, objective));
}

double hn_history_violation(const hn_history *history, int64_t number)
{
    const row_details *details = history->rows[number].details;
    return details == NULL ? 0 : hn_total_violation(details->constraints, details->n_constraints);
}

size_t hn_history_constraints(const hn_history *history, int64_t number, const double **values)
{
    const row_details *details = history->rows[number].details;
    *values = details == NULL ? NULL : details->constraints;
    return details == NULL ? 0 : details->n_constraints;
}

double hn_history_noise(const hn_history *history, int64_t number)
{
    const row_details *details = history->rows[number].details;
    return details == NULL ? NAN : details->noise;
}

int64_t hn_history_runs(const hn_history *history, int64_t number)
{
    const row_details *details = history->rows[number].details;
    return details == NULL ? 0 : details->runs;
}

double hn_history_seconds(const hn_history *history, int64_t number)
{
    const history_row *row = &history->rows[number];
    if (row->details != NULL && row->details->seconds > 0) {
        return row->details->seconds;
    }
    bool timed = row->start_us > 0 && row->complete_us >= row->start_us;
    return timed ? (double)(row->complete_us - row->start_us) * 1e-6 : NAN;
}

/* The row's parameters, in the order their names were first seen. */
static hone_status collect_params(const hn_history *h, int64_t number, hn_arena *arena,
                                  hn_trial_record *record, hone_error *err)
{
    size_t n = 0;
    for (size_t i = 0; i < h->names.count; i++) {
        n += hn_history_has(h, number, i);
    }
    hn_trial_param *params = HN_ARENA_NEW(arena, hn_trial_param, n);
    if (params == NULL) {
        return hn_out_of_memory(err);
    }
    record->params = params;
    record->n_params = n;
    for (size_t i = 0; i < h->names.count; i++) {
        if (hn_history_has(h, number, i)) {
            *params++ = (hn_trial_param){.name = h->names.keys[i],
                                         .distribution = hn_history_distribution(h, number, i),
                                         .value = h->columns[i].values[number]};
        }
    }
    return HONE_OK;
}

static void *copy_array(hn_arena *arena, const void *items, size_t n, size_t size)
{
    void *copy = hn_arena_alloc(arena, n, size);
    if (copy != NULL && n > 0) {
        memcpy(copy, items, n * size);
    }
    return copy;
}

hone_status hn_history_record(const hn_history *history, int64_t number, hn_arena *arena,
                              hn_trial_record *record, hone_error *err)
{
    const history_row *row = &history->rows[number];
    const row_details none = {.noise = NAN};
    const row_details *details = row->details == NULL ? &none : row->details;
    hn_trial_record r = {
        .id = row->id,
        .number = number,
        .state = (hone_trial_state)row->state,
        .start_us = row->start_us,
        .complete_us = row->complete_us,
        .n_values = row->has_values ? history->n_objectives : 0,
        .n_reports = details->n_reports,
        .n_constraints = details->n_constraints,
        .noise = details->noise,
        .seconds = details->seconds,
        .runs = details->runs,
    };
    r.values = copy_array(arena, history->values + (size_t)number * history->n_objectives, r.n_values,
                          sizeof(double));
    r.reports = copy_array(arena, details->reports, r.n_reports, sizeof *r.reports);
    r.constraints = copy_array(arena, details->constraints, r.n_constraints, sizeof *r.constraints);
    if (r.values == NULL || r.reports == NULL || r.constraints == NULL) {
        return hn_out_of_memory(err);
    }
    hone_status status = collect_params(history, number, arena, &r, err);
    if (status == HONE_OK) {
        *record = r;
    }
    return status;
}

int64_t hn_history_id(const hn_history *history, int64_t number)
{
    return history->rows[number].id;
}

int64_t hn_history_start_us(const hn_history *history, int64_t number)
{
    return history->rows[number].start_us;
}

int64_t hn_history_complete_us(const hn_history *history, int64_t number)
{
    return history->rows[number].complete_us;
}

size_t hn_history_reports(const hn_history *history, int64_t number, const hn_trial_report **reports)
{
    const row_details *details = history->rows[number].details;
    *reports = details == NULL ? NULL : details->reports;
    return details == NULL ? 0 : details->n_reports;
}

/* --- columns --- */

size_t hn_history_column_count(const hn_history *history)
{
    return history->names.count;
}

const char *hn_history_column_name(const hn_history *history, size_t column)
{
    return history->names.keys[column];
}

size_t hn_history_find_column(const hn_history *history, const char *name)
{
    return hn_text_map_find(&history->names, name);
}

bool hn_history_has(const hn_history *history, int64_t number, size_t column)
{
    return history->columns[column].ids[number] != 0;
}

double hn_history_cell(const hn_history *history, int64_t number, size_t column)
{
    return history->columns[column].values[number];
}

const double *hn_history_column(const hn_history *history, size_t column)
{
    return history->columns[column].values;
}

const hn_distribution *hn_history_distribution(const hn_history *history, int64_t number, size_t column)
{
    const hn_column *c = &history->columns[column];
    return hn_column_distribution(c, c->ids[number]);
}

const hn_distribution *hn_history_latest_distribution(const hn_history *history, size_t column)
{
    const hn_column *c = &history->columns[column];
    return hn_column_distribution(c, c->latest);
}

/* --- order --- */

static const int64_t *borrow(const number_list *list, size_t *count)
{
    *count = list->count;
    return list->numbers;
}

const int64_t *hn_history_finished(const hn_history *history, size_t *count)
{
    return borrow(&history->finished, count);
}

const int64_t *hn_history_running(const hn_history *history, size_t *count)
{
    return borrow(&history->running, count);
}

const int64_t *hn_history_waiting(const hn_history *history, size_t *count)
{
    return borrow(&history->waiting, count);
}

size_t hn_history_ranked_count(const hn_history *history)
{
    return history->ranking.count;
}

int64_t hn_history_ranked(const hn_history *history, size_t r)
{
    return hn_ranking_at(&history->ranking, r);
}

size_t hn_history_best(const hn_history *history, size_t k, int64_t *out)
{
    return hn_view_best((hn_view){history, INT64_MAX}, k, out);
}

static bool is_ranked(const hn_history *h, int64_t number)
{
    return h->rows[number].state == HONE_COMPLETE || h->rows[number].state == HONE_PRUNED;
}

static hn_merit merit_of_row(const hn_history *h, int64_t number)
{
    const history_row *row = &h->rows[number];
    const row_details *details = row->details;
    const hn_trial_record record = {.number = number,
                                    .state = (hone_trial_state)row->state,
                                    .n_values = h->n_objectives,
                                    .values = h->values + (size_t)number * h->n_objectives,
                                    .n_reports = details == NULL ? 0 : details->n_reports,
                                    .reports = details == NULL ? NULL : details->reports,
                                    .n_constraints = details == NULL ? 0 : details->n_constraints,
                                    .constraints = details == NULL ? NULL : details->constraints};
    return hn_record_merit(h, &record);
}

bool hn_history_is_better(const hn_history *history, int64_t a, int64_t b)
{
    bool ranked = is_ranked(history, a);
    if (ranked != is_ranked(history, b)) {
        return ranked;
    }
    if (!ranked) {
        return a < b;
    }
    hn_merit left = merit_of_row(history, a), right = merit_of_row(history, b);
    return hn_merit_before(&left, &right);
}

/* --- views --- */

size_t hn_view_best(hn_view view, size_t k, int64_t *out)
{
    hn_ranking_cursor cursor = {0, 0};
    size_t n = 0;
    int64_t number;
    while (n < k && hn_ranking_next(&view.history->ranking, &cursor, &number)) {
        if (hn_view_sees(view, number)) {
            out[n++] = number;
        }
    }
    return n;
}

size_t hn_view_ranked_count(hn_view view)
{
    const hn_history *h = view.history;
    size_t count = h->ranking.count;
    for (size_t row = view.before < 0 ? 0 : (size_t)view.before; row < h->count; row++) {
        count -= is_ranked(h, (int64_t)row);
    }
    return count;
}
