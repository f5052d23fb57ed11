#include "history/history.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "history/internal.h"

enum { MAX_OBJECTIVES = 64, FIRST_CAPACITY = 64 };

/* --- making --- */

hone_status hn_history_create(const hone_direction *directions, size_t n_objectives, hn_history **history,
                              hone_error *err)
{
    if (n_objectives == 0 || n_objectives > MAX_OBJECTIVES) {
        return hn_fail(err, HONE_INVALID, "a study has 1 to %d objectives, not %zu", MAX_OBJECTIVES,
                       n_objectives);
    }
    hn_history *h = hn_calloc(1, sizeof *h);
    hone_direction *copy = hn_calloc(n_objectives, sizeof *copy);
    if (h == NULL || copy == NULL) {
        hn_free(h);
        hn_free(copy);
        return hn_out_of_memory(err);
    }
    memcpy(copy, directions, n_objectives * sizeof *copy);
    h->directions = copy;
    h->n_objectives = n_objectives;
    *history = h;
    return HONE_OK;
}

static void free_details(row_details *details)
{
    if (details != NULL) {
        hn_free(details->reports);
        hn_free(details->constraints);
        hn_free(details);
    }
}

void hn_history_destroy(hn_history *history)
{
    if (history == NULL) {
        return;
    }
    for (size_t i = 0; i < history->count; i++) {
        free_details(history->rows[i].details);
    }
    for (size_t i = 0; i < history->names.count; i++) {
        hn_column_release(&history->columns[i]);
    }
    hn_free(history->columns);
    hn_free(history->rows);
    hn_free(history->values);
    hn_free(history->pending);
    hn_free(history->directions);
    hn_free(history->finished.numbers);
    hn_free(history->running.numbers);
    hn_free(history->waiting.numbers);
    hn_ranking_release(&history->ranking);
    hn_text_map_release(&history->names);
    hn_arena_release(&history->arena);
    hn_free(history);
}

/* --- lists of numbers --- */

static size_t lower_bound(const number_list *list, int64_t number)
{
    size_t low = 0, high = list->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (list->numbers[middle] < number) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* The caller has made room. */
static void insert_at(number_list *list, size_t at, int64_t number)
{
    memmove(list->numbers + at + 1, list->numbers + at, (list->count - at) * sizeof *list->numbers);
    list->numbers[at] = number;
    list->count++;
}

static void remove_number(number_list *list, int64_t number)
{
    size_t at = lower_bound(list, number);
    list->count--;
    memmove(list->numbers + at, list->numbers + at + 1, (list->count - at) * sizeof *list->numbers);
}

static bool finished_before(const hn_history *h, int64_t a, int64_t b)
{
    if (h->rows[a].complete_us != h->rows[b].complete_us) {
        return h->rows[a].complete_us < h->rows[b].complete_us;
    }
    return a < b;
}

/* Where a trial belongs in the finished list: nearly always last. Sorted by time rather than by arrival, so
 * that a history read from storage equals the one that grew. */
static size_t finished_place(const hn_history *h, int64_t number)
{
    size_t low = 0, high = h->finished.count;
    if (high > 0 && finished_before(h, h->finished.numbers[high - 1], number)) {
        return high;
    }
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (finished_before(h, h->finished.numbers[middle], number)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static bool is_finished(hone_trial_state state)
{
    return state == HONE_COMPLETE || state == HONE_PRUNED || state == HONE_FAILED;
}

/* The list that holds trials of a state. */
static number_list *list_of(hn_history *h, hone_trial_state state)
{
    return is_finished(state) ? &h->finished : state == HONE_RUNNING ? &h->running : &h->waiting;
}

/* --- growing --- */

static void clear_row(hn_history *h, size_t row)
{
    h->rows[row] = (history_row){.state = HONE_WAITING, .gap = true};
    for (size_t i = 0; i < h->n_objectives; i++) {
        h->values[row * h->n_objectives + i] = NAN;
    }
    for (size_t i = 0; i < h->names.count; i++) {
        hn_column_clear_cell(&h->columns[i], row);
    }
}

/* Room for the row of that number. */
static hone_status reserve_row(hn_history *h, int64_t number, hone_error *err)
{
    if (number < 0 || number >= UINT32_MAX) {
        return hn_fail(err, HONE_LIMIT, "trial number %lld: numbers are 0 to %lld", (long long)number,
                       (long long)UINT32_MAX - 1);
    }
    size_t needed = (size_t)number + 1, capacity = h->capacity == 0 ? FIRST_CAPACITY : h->capacity;
    while (capacity < needed) {
        capacity *= 2;
    }
    if (capacity > h->capacity) {
        history_row *rows = hn_realloc_array(h->rows, capacity, sizeof *rows);
        if (rows == NULL) {
            return hn_out_of_memory(err);
        }
        h->rows = rows;
        double *values = hn_realloc_array(h->values, capacity, h->n_objectives * sizeof *values);
        if (values == NULL) {
            return hn_out_of_memory(err);
        }
        h->values = values;
        for (size_t i = 0; i < h->names.count; i++) {
            if (hn_column_reserve(&h->columns[i], capacity) != 0) {
                return hn_out_of_memory(err);
            }
        }
        h->capacity = capacity;
    }
    return HONE_OK;
}

/* The column of a name, made when it is new. `guess` is where it was in earlier trials, as a rule. */
static hone_status resolve_column(hn_history *h, const char *name, size_t guess, size_t *column,
                                  hone_error *err)
{
    if (guess < h->names.count && strcmp(h->names.keys[guess], name) == 0) {
        *column = guess;
        return HONE_OK;
    }
    *column = hn_text_map_find(&h->names, name);
    if (*column != HN_TEXT_MAP_NONE) {
        return HONE_OK;
    }
    hn_column fresh = {0};
    if (HN_GROW(h->columns, h->names.count, h->column_capacity) != 0 ||
        hn_column_reserve(&fresh, h->capacity) != 0) {
        hn_column_release(&fresh);
        return hn_out_of_memory(err);
    }
    *column = hn_text_map_intern(&h->names, name);
    if (*column == HN_TEXT_MAP_NONE) {
        hn_column_release(&fresh);
        return hn_out_of_memory(err);
    }
    memset(fresh.values, 0, h->count * sizeof *fresh.values);
    memset(fresh.ids, 0, h->count * sizeof *fresh.ids);
    h->columns[*column] = fresh;
    return HONE_OK;
}

static hone_status resolve_param(hn_history *h, const hn_trial_param *param, size_t guess, pending_cell *cell,
                                 hone_error *err)
{
    hone_status status = resolve_column(h, param->name, guess, &cell->column, err);
    if (status != HONE_OK) {
        return status;
    }
    return hn_column_intern(&h->columns[cell->column], &h->arena, param->distribution, &cell->id, err);
}

/* --- putting --- */

static hone_status copy_details(const hn_trial_record *record, row_details **details, hone_error *err)
{
    *details = NULL;
    if (record->n_reports == 0 && record->n_constraints == 0 && isnan(record->noise) &&
        !(record->seconds > 0) && record->runs == 0) {
        return HONE_OK;
    }
    row_details *d = hn_calloc(1, sizeof *d);
    if (d == NULL) {
        return hn_out_of_memory(err);
    }
    d->noise = record->noise;
    d->seconds = record->seconds;
    d->runs = record->runs;
    if (record->n_reports > 0) {
        d->reports = hn_realloc_array(NULL, record->n_reports, sizeof *d->reports);
    }
    if (record->n_constraints > 0) {
        d->constraints = hn_realloc_array(NULL, record->n_constraints, sizeof *d->constraints);
    }
    if ((record->n_reports > 0 && d->reports == NULL) ||
        (record->n_constraints > 0 && d->constraints == NULL)) {
        free_details(d);
        return hn_out_of_memory(err);
    }
    if (record->n_reports > 0) {
        memcpy(d->reports, record->reports, record->n_reports * sizeof *d->reports);
    }
    if (record->n_constraints > 0) {
        memcpy(d->constraints, record->constraints, record->n_constraints * sizeof *d->constraints);
    }
    d->n_reports = d->report_capacity = record->n_reports;
    d->n_constraints = record->n_constraints;
    *details = d;
    return HONE_OK;
}

double hn_as_loss(hone_direction direction, double value)
{
    return isnan(value) ? INFINITY : direction == HONE_MAXIMIZE ? -value : value;
}

double hn_total_violation(const double *constraints, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        if (isnan(constraints[i])) {
            return INFINITY;
        }
        sum += constraints[i] > 0 ? constraints[i] : 0;
    }
    return sum;
}

hn_merit hn_record_merit(const hn_history *h, const hn_trial_record *record)
{
    hn_merit merit = {.number = (uint32_t)record->number};
    double violation = hn_total_violation(record->constraints, record->n_constraints);
    if (violation > 0) {
        merit.class = HN_MERIT_INFEASIBLE;
        merit.major = violation;
    } else if (record->state == HONE_COMPLETE) {
        merit.class = HN_MERIT_COMPLETE;
        merit.major = hn_as_loss(h->directions[0], record->n_values > 0 ? record->values[0] : NAN);
    } else if (record->n_reports > 0) {
        const hn_trial_report *last = &record->reports[record->n_reports - 1];
        merit.class = HN_MERIT_REPORTED;
        merit.major = -(double)last->step;
        merit.minor = hn_as_loss(h->directions[0], last->value);
    } else {
        merit.class = HN_MERIT_PRUNED;
    }
    return merit;
}

/* Everything that can fail, before anything is seen to change: room, columns, h->pending. */
static hone_status prepare_put(hn_history *h, const hn_trial_record *record, hone_error *err)
{
    if (record->n_values != 0 && record->n_values != h->n_objectives) {
        return hn_fail(err, HONE_INVALID, "trial %lld has %zu values, but the study has %zu objectives",
                       (long long)record->number, record->n_values, h->n_objectives);
    }
    hone_status status = reserve_row(h, record->number, err);
    if (status != HONE_OK) {
        return status;
    }
    bool exists = (size_t)record->number < h->count;
    hone_trial_state before = exists ? (hone_trial_state)h->rows[record->number].state : HONE_WAITING;
    if (is_finished(before)) {
        return hn_fail(err, HONE_CONFLICT, "trial %lld is %s: a finished trial does not change",
                       (long long)record->number, hone_trial_state_name(before));
    }
    if (record->n_params > h->pending_capacity) {
        pending_cell *pending = hn_realloc_array(h->pending, record->n_params, sizeof *pending);
        if (pending == NULL) {
            return hn_out_of_memory(err);
        }
        h->pending = pending;
        h->pending_capacity = record->n_params;
    }
    for (size_t i = 0; i < record->n_params; i++) {
        status = resolve_param(h, &record->params[i], i, &h->pending[i], err);
        if (status != HONE_OK) {
            return status;
        }
    }
    number_list *list = list_of(h, record->state);
    return HN_GROW(list->numbers, list->count, list->capacity) == 0 ? HONE_OK : hn_out_of_memory(err);
}

/* Moves the number between the lists and counts when its state changes. Cannot fail after prepare_put. */
static void change_state(hn_history *h, int64_t number, hone_trial_state state)
{
    history_row *row = &h->rows[number];
    if (!row->gap) {
        if (row->state == state) {
            return;
        }
        h->state_counts[row->state]--;
        remove_number(list_of(h, row->state), number);
    }
    number_list *list = list_of(h, state);
    h->state_counts[state]++;
    row->state = (uint8_t)state;
    row->gap = false;
    insert_at(list, list == &h->finished ? finished_place(h, number) : lower_bound(list, number), number);
}

static void write_cells(hn_history *h, const hn_trial_record *record)
{
    size_t row = (size_t)record->number;
    for (size_t i = 0; i < h->names.count; i++) {
        hn_column_clear_cell(&h->columns[i], row);
    }
    for (size_t i = 0; i < record->n_params; i++) {
        hn_column_set_cell(&h->columns[h->pending[i].column], row, record->params[i].value, h->pending[i].id);
    }
    for (size_t i = 0; i < h->n_objectives; i++) {
        h->values[row * h->n_objectives + i] = record->n_values > 0 ? record->values[i] : NAN;
    }
}

hone_status hn_history_put(hn_history *history, const hn_trial_record *record, hone_error *err)
{
    hn_history *h = history;
    row_details *details = NULL;
    hone_status status = prepare_put(h, record, err);
    if (status == HONE_OK) {
        status = copy_details(record, &details, err);
    }
    if (status != HONE_OK) {
        return status;
    }
    if ((record->state == HONE_COMPLETE || record->state == HONE_PRUNED) &&
        hn_ranking_insert(&h->ranking, hn_record_merit(h, record)) != 0) {
        free_details(details);
        return hn_out_of_memory(err);
    }
    for (; h->count <= (size_t)record->number; h->count++) {
        clear_row(h, h->count);
    }
    history_row *row = &h->rows[record->number];
    free_details(row->details);
    row->details = details;
    row->id = record->id;
    row->start_us = record->start_us;
    row->complete_us = record->complete_us;
    row->has_values = record->n_values > 0;
    write_cells(h, record);
    change_state(h, record->number, record->state);
    return HONE_OK;
}

static hone_status require_running(const hn_history *h, int64_t number, hone_error *err)
{
    if (number < 0 || (size_t)number >= h->count || h->rows[number].gap) {
        return hn_fail(err, HONE_NOT_FOUND, "there is no trial %lld", (long long)number);
    }
    hone_trial_state state = h->rows[number].state;
    if (state != HONE_RUNNING) {
        return hn_fail(err, HONE_CONFLICT, "trial %lld is %s, not running", (long long)number,
                       hone_trial_state_name(state));
    }
    return HONE_OK;
}

hone_status hn_history_add_report(hn_history *history, int64_t number, int64_t step, double value,
                                  hone_error *err)
{
    hone_status status = require_running(history, number, err);
    if (status != HONE_OK) {
        return status;
    }
    history_row *row = &history->rows[number];
    if (row->details == NULL) {
        row->details = hn_calloc(1, sizeof *row->details);
        if (row->details == NULL) {
            return hn_out_of_memory(err);
        }
        row->details->noise = NAN;
    }
    row_details *d = row->details;
    size_t at = d->n_reports;
    while (at > 0 && d->reports[at - 1].step >= step) {
        at--;
    }
    if (at < d->n_reports && d->reports[at].step == step) {
        d->reports[at].value = value;
        return HONE_OK;
    }
    if (HN_GROW(d->reports, d->n_reports, d->report_capacity) != 0) {
        return hn_out_of_memory(err);
    }
    memmove(d->reports + at + 1, d->reports + at, (d->n_reports - at) * sizeof *d->reports);
    d->reports[at] = (hn_trial_report){.step = step, .value = value};
    d->n_reports++;
    return HONE_OK;
}

hone_status hn_history_add_param(hn_history *history, int64_t number, const hn_trial_param *param,
                                 hone_error *err)
{
    pending_cell cell;
    hone_status status = require_running(history, number, err);
    if (status == HONE_OK) {
        status = resolve_param(history, param, SIZE_MAX, &cell, err);
    }
    if (status == HONE_OK) {
        hn_column_set_cell(&history->columns[cell.column], (size_t)number, param->value, cell.id);
    }
    return status;
}
