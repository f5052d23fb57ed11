#include "pruner/rung_table.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"

void hn_rung_table_release(hn_rung_table *table)
{
    for (size_t i = 0; i < table->n_lists; i++) {
        hn_free(table->lists[i].entries);
    }
    hn_free(table->lists);
    hn_free(table->trials);
    hn_free(table->losses);
    *table = (hn_rung_table){0};
}

const hn_rung_list *hn_rung_table_list(const hn_rung_table *table, size_t bracket, size_t rung)
{
    return &table->lists[bracket * table->n_rungs + rung];
}

/* The bits of the number behind the binary point, in reverse (van der Corput 1935). */
static double radical_inverse(uint64_t number)
{
    double place = 0.5, sum = 0;
    for (; number > 0; number >>= 1, place /= 2) {
        sum += (number & 1) ? place : 0;
    }
    return sum;
}

size_t hn_schedule_bracket_of(const hn_schedule *schedule, int64_t number)
{
    double all = 0, sum = 0;
    for (size_t i = 0; i < schedule->n_brackets; i++) {
        all += (double)schedule->brackets[i].candidates;
    }
    double at = radical_inverse((uint64_t)number) * all;
    for (size_t i = 0; i + 1 < schedule->n_brackets; i++) {
        sum += (double)schedule->brackets[i].candidates;
        if (at < sum) {
            return i;
        }
    }
    return schedule->n_brackets - 1;
}

/* --- entries --- */

static size_t find(const hn_rung_list *list, double loss, int64_t number)
{
    size_t low = 0, high = list->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        const hn_rung_entry *e = &list->entries[middle];
        if (e->loss < loss || (e->loss == loss && e->number < number)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static void erase(hn_rung_list *list, double loss, int64_t number)
{
    size_t at = find(list, loss, number);
    list->count--;
    memmove(list->entries + at, list->entries + at + 1, (list->count - at) * sizeof *list->entries);
}

static hone_status insert(hn_rung_list *list, double loss, int64_t number, hone_error *err)
{
    if (HN_GROW(list->entries, list->count, list->capacity) != 0) {
        return hn_out_of_memory(err);
    }
    size_t at = find(list, loss, number);
    memmove(list->entries + at + 1, list->entries + at, (list->count - at) * sizeof *list->entries);
    list->entries[at] = (hn_rung_entry){loss, number};
    list->count++;
    return HONE_OK;
}

/* --- trials --- */

/* Enters what the trial has reported; reports may have been replaced, or have come late for a lower rung. */
static hone_status take(hn_rung_table *table, const hn_schedule *schedule, int64_t number, hone_error *err)
{
    hn_rung_trial *trial = &table->trials[number];
    double *losses = table->losses + (size_t)number * table->n_rungs;
    hone_status status = HONE_OK;
    for (size_t r = schedule->brackets[trial->bracket].first; r < schedule->n_rungs && !status; r++) {
        hn_rung_list *list = &table->lists[trial->bracket * table->n_rungs + r];
        double loss;
        bool there = hn_rung_loss(table->history, number, schedule->rungs[r].resource, &loss);
        if (r < trial->reached && there && losses[r] == loss) {
            continue;
        }
        if (r < trial->reached) {
            erase(list, losses[r], number);
        }
        if (!there) {
            trial->reached = r < trial->reached ? (uint8_t)r : trial->reached;
            break;
        }
        status = insert(list, loss, number, err);
        losses[r] = loss;
        trial->reached = r < trial->reached ? trial->reached : (uint8_t)(r + 1);
    }
    return status;
}

static bool is_same(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

/* Takes it in if it reported since the last look. */
static hone_status look(hn_rung_table *table, const hn_schedule *schedule, int64_t number, bool running,
                        hone_error *err)
{
    hn_rung_trial *trial = &table->trials[number];
    const hn_trial_report *reports;
    size_t n = hn_history_reports(table->history, number, &reports);
    double last = n > 0 ? reports[n - 1].value : 0;
    if (!running && n == trial->n_reports && is_same(last, trial->last)) {
        return HONE_OK;
    }
    trial->n_reports = n;
    trial->last = last;
    return take(table, schedule, number, err);
}

static hone_status make_room(hn_rung_table *table, const hn_schedule *schedule, size_t rows, hone_error *err)
{
    if (rows > table->capacity) {
        size_t wanted = rows < 2 * table->capacity ? 2 * table->capacity : rows;
        hn_rung_trial *trials = hn_realloc_array(table->trials, wanted, sizeof *trials);
        if (trials == NULL) {
            return hn_out_of_memory(err);
        }
        table->trials = trials;
        double *losses = hn_realloc_array(table->losses, wanted, table->n_rungs * sizeof *losses);
        if (losses == NULL) {
            return hn_out_of_memory(err);
        }
        table->losses = losses;
        table->capacity = wanted;
    }
    for (; table->rows < rows; table->rows++) {
        size_t bracket = hn_schedule_bracket_of(schedule, (int64_t)table->rows);
        table->trials[table->rows] = (hn_rung_trial){.bracket = (uint8_t)bracket,
                                                     .reached = (uint8_t)schedule->brackets[bracket].first};
    }
    return HONE_OK;
}

static hone_status restart(hn_rung_table *table, const hn_schedule *schedule, const hn_history *history,
                           hone_error *err)
{
    hn_rung_table_release(table);
    table->lists = hn_calloc(schedule->n_brackets * schedule->n_rungs, sizeof *table->lists);
    if (table->lists == NULL) {
        return hn_out_of_memory(err);
    }
    table->n_lists = schedule->n_brackets * schedule->n_rungs;
    table->n_rungs = schedule->n_rungs;
    table->history = history;
    return HONE_OK;
}

/* New ones stand near the end of the finished list, though not always last: it is sorted by time. */
static hone_status take_ended(hn_rung_table *table, const hn_schedule *schedule, hone_error *err)
{
    size_t n;
    const int64_t *ended = hn_history_finished(table->history, &n);
    hone_status status = HONE_OK;
    for (size_t i = n; i-- > 0 && table->n_ended < n && status == HONE_OK;) {
        hn_rung_trial *trial = &table->trials[ended[i]];
        if (!trial->ended) {
            trial->ended = true;
            trial->paused = false;
            table->n_ended++;
            status = look(table, schedule, ended[i], true, err);
        }
    }
    return status;
}

static hone_status take_running(hn_rung_table *table, const hn_schedule *schedule,
                                const hn_prune_context *context, hone_error *err)
{
    size_t n, k = 0;
    const int64_t *running = hn_history_running(table->history, &n);
    hone_status status = HONE_OK;
    table->n_running = 0;
    for (size_t i = 0; i < n && status == HONE_OK; i++) {
        while (k < context->n_paused && context->paused[k] < running[i]) {
            k++;
        }
        hn_rung_trial *trial = &table->trials[running[i]];
        bool paused = k < context->n_paused && context->paused[k] == running[i];
        status = look(table, schedule, running[i], !paused || !trial->paused, err);
        trial->paused = paused;
        table->n_running += !paused;
    }
    return status;
}

hone_status hn_rung_table_update(hn_rung_table *table, const hn_schedule *schedule,
                                 const hn_prune_context *context, hone_error *err)
{
    size_t rows = hn_history_count(context->history);
    hone_status status = HONE_OK;
    if (table->history != context->history || rows < table->rows) {
        status = restart(table, schedule, context->history, err);
    }
    if (status == HONE_OK) {
        status = make_room(table, schedule, rows, err);
    }
    if (status == HONE_OK) {
        status = take_ended(table, schedule, err);
    }
    if (status == HONE_OK) {
        status = take_running(table, schedule, context, err);
    }
    if (status != HONE_OK) {
        hn_rung_table_release(table); /* a trial may be in it by half */
    }
    return status;
}
