#include <string.h>

#include "base/memory.h"
#include "base/text_map.h"
#include "storage/memory.h"

/* --- the packed numbers of a trial
 * ------------------------------------------------------------------------------- */

/* Where the numbers of a trial with its counts lie. */
typedef struct parts {
    double *values, *constraints, *params, *reports;
    int64_t *steps;
    uint32_t *columns;
} parts;

static parts parts_of(const hn_memory_trial *trial)
{
    parts at;
    at.values = (double *)trial->numbers;
    at.constraints = at.values + trial->n_values;
    at.params = at.constraints + trial->n_constraints;
    at.reports = at.params + trial->n_params;
    at.steps = (int64_t *)(at.reports + trial->n_reports);
    at.columns = (uint32_t *)(at.steps + trial->n_reports);
    return at;
}

static size_t numbers_size(const hn_memory_trial *trial)
{
    size_t doubles =
        (size_t)trial->n_values + trial->n_constraints + trial->n_params + 2 * (size_t)trial->n_reports;
    return doubles * sizeof(double) + trial->n_params * sizeof(uint32_t);
}

static bool has_step(const hn_memory_trial *trial, int64_t step)
{
    parts at = parts_of(trial);
    for (size_t i = 0; i < trial->n_reports; i++) {
        if (at.steps[i] == step)
            return true;
    }
    return false;
}

/* How many of the reports are of steps that the trial lacks; equal ones among the new count once. */
static size_t count_new_steps(const hn_memory_trial *trial, const hn_trial_rows *rows)
{
    size_t n = 0;
    for (size_t i = 0; i < rows->n_reports; i++) {
        bool repeated = has_step(trial, rows->reports[i].step);
        for (size_t j = 0; j < i && !repeated; j++)
            repeated = rows->reports[j].step == rows->reports[i].step;
        n += !repeated;
    }
    return n;
}

/* Writes the old reports and the new ones, ascending by step, into a block with room for exactly all of them.
 */
static void merge_reports(const hn_memory_trial *trial, const hn_memory_trial *old, const hn_trial_rows *rows)
{
    parts from = parts_of(old), to = parts_of(trial);
    size_t n = old->n_reports;
    if (n) {
        memcpy(to.reports, from.reports, n * sizeof *to.reports);
        memcpy(to.steps, from.steps, n * sizeof *to.steps);
    }
    for (size_t i = 0; i < rows->n_reports; i++) {
        int64_t step = rows->reports[i].step;
        size_t at = n;
        while (at > 0 && to.steps[at - 1] >= step)
            at--;
        if (at == n || to.steps[at] != step) {
            memmove(&to.steps[at + 1], &to.steps[at], (n - at) * sizeof *to.steps);
            memmove(&to.reports[at + 1], &to.reports[at], (n - at) * sizeof *to.reports);
            n++;
        }
        to.steps[at] = step;
        to.reports[at] = rows->reports[i].value;
    }
}

static void copy_doubles(double *to, const double *from, size_t n)
{
    if (n)
        memcpy(to, from, n * sizeof *to);
}

static hone_status put_params(hn_memory *memory, const hn_memory_trial *trial, const hn_memory_trial *old,
                              const hn_trial_rows *rows, hone_error *err)
{
    parts from = parts_of(old), to = parts_of(trial);
    size_t n = old->n_params;
    copy_doubles(to.params, from.params, n);
    if (n)
        memcpy(to.columns, from.columns, n * sizeof *to.columns);
    for (size_t i = 0; i < rows->n_params; i++, n++) {
        const hn_trial_param *param = &rows->params[i];
        size_t column;
        hone_status status =
            hn_vocabulary_intern(&memory->vocabulary, param->name, param->distribution, &column, err);
        if (status)
            return status;
        for (size_t j = 0; j < old->n_params; j++) {
            if (memory->vocabulary.columns[to.columns[j]].name == memory->vocabulary.columns[column].name)
                return hn_fail(err, HONE_INVALID, "trial %lld has the parameter '%s' already",
                               (long long)trial->number, param->name);
        }
        to.columns[n] = (uint32_t)column;
        to.params[n] = param->value;
    }
    return HONE_OK;
}

static hone_status copy_attributes(const hn_memory_trial *old, const hn_trial_rows *rows, hn_attribute **out,
                                   size_t *n_out, hone_error *err)
{
    hn_attribute *copy = NULL;
    size_t n = 0;
    hone_status status = HONE_OK;
    for (size_t i = 0; i < old->n_attributes && !status; i++)
        status = hn_memory_set_attribute(&copy, &n, &old->attributes[i], err);
    for (size_t i = 0; i < rows->n_attributes && !status; i++)
        status = hn_memory_set_attribute(&copy, &n, &rows->attributes[i], err);
    if (status) {
        hn_memory_free_attributes(copy, n);
        return status;
    }
    *out = copy;
    *n_out = n;
    return HONE_OK;
}

/* Makes a trial of old's facts and the rows. Old is not touched, so that an update happens whole or not at
 * all; what it owns but for its attributes is shared until it is replaced. */
static hone_status extend(hn_memory *memory, const hn_memory_trial *old, const hn_trial_rows *rows,
                          hn_memory_trial **out, hone_error *err)
{
    parts from = parts_of(old), to;
    size_t n_attributes = 0;
    hone_status status;
    hn_memory_trial counts = *old, *next;
    if (rows->n_constraints > UINT16_MAX)
        return hn_fail(err, HONE_LIMIT, "a trial has %zu constraints; at most %d are allowed",
                       rows->n_constraints, UINT16_MAX);
    counts.attributes = NULL;
    counts.n_values = (uint8_t)(rows->n_values ? rows->n_values : old->n_values);
    counts.n_constraints = rows->n_constraints ? (uint16_t)rows->n_constraints : old->n_constraints;
    counts.n_params = old->n_params + (uint32_t)rows->n_params;
    counts.n_reports = old->n_reports + (uint32_t)count_new_steps(old, rows);
    next = hn_malloc(sizeof *next + numbers_size(&counts));
    if (!next)
        return hn_out_of_memory(err);
    *next = counts;
    to = parts_of(next);
    copy_doubles(to.values, rows->n_values ? rows->values : from.values, next->n_values);
    copy_doubles(to.constraints, rows->n_constraints ? rows->constraints : from.constraints,
                 next->n_constraints);
    merge_reports(next, old, rows);
    status = put_params(memory, next, old, rows, err);
    if (!status)
        status = copy_attributes(old, rows, &next->attributes, &n_attributes, err);
    next->n_attributes = (uint32_t)n_attributes;
    if (status)
        hn_free(next);
    else
        *out = next;
    return status;
}

/* Puts next, made by extend, in the place of the trial with that id. */
static void replace(hn_memory *memory, int64_t id, hn_memory_trial *next)
{
    hn_memory_trial *old = memory->trials[id - 1];
    hn_memory_free_attributes(old->attributes, old->n_attributes);
    hn_free(old);
    memory->trials[id - 1] = next;
}

void hn_memory_free_trial(hn_memory_trial *trial)
{
    if (!trial)
        return;
    hn_memory_free_attributes(trial->attributes, trial->n_attributes);
    hn_free(trial->lease);
    hn_free(trial);
}

/* --- creating
 * ---------------------------------------------------------------------------------------------------- */

static hone_status make_trial(hn_memory *memory, const hn_memory_study *study, const hn_new_trial *given,
                              hn_memory_trial **out, hone_error *err)
{
    hn_trial_rows rows = hn_rows_of_new(given);
    hn_memory_trial plain = {.state = (uint8_t)given->state};
    hn_memory_trial *trial = NULL;
    hone_status status = hn_rows_check(&rows, study->n_objectives, err);
    if (!status)
        status = hn_lease_check(given->lease, err);
    if (status)
        return status;
    plain.start_us = given->state == HONE_WAITING ? 0 : given->start_us;
    plain.complete_us = hn_state_finished(given->state) ? given->complete_us : 0;
    plain.heartbeat_us = given->state == HONE_RUNNING && given->beats ? given->start_us : 0;
    status = extend(memory, &plain, &rows, &trial, err);
    if (!status && given->state == HONE_RUNNING && given->lease) {
        trial->lease = hn_strdup(given->lease);
        if (!trial->lease) {
            hn_memory_free_trial(trial);
            status = hn_out_of_memory(err);
        }
    }
    if (!status)
        *out = trial;
    return status;
}

hone_status hn_memory_trial_create(hn_storage *storage, int64_t study_id, size_t n,
                                   const hn_new_trial *trials, int64_t expected_number, int64_t *ids,
                                   int64_t *numbers, hone_error *err)
{
    hn_memory *memory = (hn_memory *)storage;
    hn_memory_study *study = NULL;
    size_t first = memory->n_trials;
    hone_status status = hn_memory_study_at(memory, study_id, &study, err);
    if (!status)
        status = hn_number_check(expected_number, study->n_trials, err);
    for (size_t i = 0; i < n && !status; i++) {
        if (HN_GROW(memory->trials, memory->n_trials, memory->trials_capacity))
            status = hn_out_of_memory(err);
        else
            status = make_trial(memory, study, &trials[i], &memory->trials[memory->n_trials], err);
        if (!status)
            memory->n_trials++;
    }
    if (status) {
        while (memory->n_trials > first)
            hn_memory_free_trial(memory->trials[--memory->n_trials]);
        return status;
    }
    for (size_t i = 0; i < n; i++) {
        hn_memory_trial *made = memory->trials[first + i];
        made->study = (uint32_t)(study_id - 1);
        made->number = study->n_trials++;
        ids[i] = (int64_t)(first + i) + 1;
        numbers[i] = made->number;
    }
    return HONE_OK;
}

/* --- changing
 * ---------------------------------------------------------------------------------------------------- */

hone_status hn_memory_trial_claim(hn_storage *storage, int64_t id, const char *lease, int64_t start_us,
                                  bool beats, size_t n_params, const hn_trial_param *params, bool *claimed,
                                  hone_error *err)
{
    hn_memory *memory = (hn_memory *)storage;
    hn_trial_rows rows = {.state = HONE_RUNNING, .n_params = n_params, .params = params};
    hn_memory_trial *trial = NULL;
    hone_status status = hn_memory_trial_at(memory, id, &trial, err);
    if (!status)
        status = hn_rows_check(&rows, 0, err);
    if (!status)
        status = hn_lease_check(lease, err);
    if (status)
        return status;
    if (trial->state != HONE_WAITING) {
        *claimed = false;
        return HONE_OK;
    }
    hn_memory_trial *next = NULL;
    char *copy = lease ? hn_strdup(lease) : NULL;
    if (lease && !copy)
        return hn_out_of_memory(err);
    status = extend(memory, trial, &rows, &next, err);
    if (status) {
        hn_free(copy);
        return status;
    }
    next->state = HONE_RUNNING;
    next->start_us = start_us;
    next->heartbeat_us = beats ? start_us : 0;
    next->lease = copy;
    replace(memory, id, next);
    *claimed = true;
    return HONE_OK;
}

/* Never 0, which stands for none. */
static uint64_t hash_lease(const char *lease)
{
    return lease ? hn_hash_bytes(lease, strlen(lease), 0) | 1 : 0;
}

static bool is_lost(const hn_memory_trial *trial, const char *lease)
{
    if (!lease)
        return false;
    if (hn_state_finished((hone_trial_state)trial->state))
        return trial->ended_under != hash_lease(lease);
    return !trial->lease || strcmp(trial->lease, lease) != 0;
}

static void end_trial(hn_memory_trial *trial, const hn_trial_update *update, const char *lease)
{
    trial->state = (uint8_t)update->state;
    trial->complete_us = update->complete_us;
    if (!trial->start_us)
        trial->start_us = update->complete_us;
    trial->ended_under = hash_lease(lease);
    trial->paused = false;
    trial->heartbeat_us = 0;
    hn_free(trial->lease);
    trial->lease = NULL;
}

static hone_status apply_update(hn_memory *memory, int64_t id, const char *lease,
                                const hn_trial_update *update, hone_error *err)
{
    const hn_memory_trial *trial = memory->trials[id - 1];
    hn_trial_rows rows = hn_rows_of_update(update);
    hn_memory_trial *next = NULL;
    if (update->state == HONE_WAITING)
        return hn_fail(err, HONE_INVALID, "trial %lld cannot go back to waiting", (long long)trial->number);
    hone_status status = hn_rows_check(&rows, memory->studies[trial->study]->n_objectives, err);
    if (!status)
        status = extend(memory, trial, &rows, &next, err);
    if (status)
        return status;
    replace(memory, id, next);
    if (hn_state_finished(update->state))
        end_trial(next, update, lease);
    return HONE_OK;
}

hone_status hn_memory_trial_update(hn_storage *storage, int64_t id, const char *lease,
                                   const hn_trial_update *update, hone_trial_state *state, bool *lease_lost,
                                   hone_error *err)
{
    hn_memory *memory = (hn_memory *)storage;
    hn_memory_trial *trial = NULL;
    hone_status status = hn_memory_trial_at(memory, id, &trial, err);
    if (status)
        return status;
    bool lost = is_lost(trial, lease);
    if (lost || hn_state_finished((hone_trial_state)trial->state))
        status = hn_trial_refused(trial->number, (hone_trial_state)trial->state, lost, err);
    else
        status = apply_update(memory, id, lease, update, err);
    if (status == HONE_OK || status == HONE_CONFLICT) {
        if (state)
            *state = (hone_trial_state)memory->trials[id - 1]->state;
        if (lease_lost)
            *lease_lost = lost;
    }
    return status;
}

/* --- reading
 * ----------------------------------------------------------------------------------------------------- */

hone_status hn_memory_fill_record(hn_memory *memory, int64_t id, const hn_memory_trial *trial,
                                  hone_error *err)
{
    hn_record_builder *builder = &memory->record;
    parts at = parts_of(trial);
    hone_status status = HONE_OK;
    hn_record_begin(builder, id, trial->number);
    builder->record.state = (hone_trial_state)trial->state;
    builder->record.start_us = trial->start_us;
    builder->record.complete_us = trial->complete_us;
    for (size_t i = 0; i < trial->n_params && !status; i++) {
        const hn_vocabulary_column *column = &memory->vocabulary.columns[at.columns[i]];
        status = hn_record_param(builder, (int64_t)i, column->name, column->distribution, at.params[i], err);
    }
    for (size_t i = 0; i < trial->n_values && !status; i++)
        status = hn_record_value(builder, at.values[i], err);
    for (size_t i = 0; i < trial->n_constraints && !status; i++)
        status = hn_record_constraint(builder, at.constraints[i], err);
    for (size_t i = 0; i < trial->n_reports && !status; i++)
        status = hn_record_report(builder, at.steps[i], at.reports[i], err);
    for (size_t i = 0; i < trial->n_attributes && !status; i++)
        status = hn_record_attribute(builder, trial->attributes[i].key, trial->attributes[i].json,
                                     trial->attributes[i].system, err);
    return status;
}
