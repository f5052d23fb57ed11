#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/text_map.h"
#include "storage/memory.h"

/* --- the packed numbers of a trial --- */

/* Where the numbers of a trial with its counts lie. */
typedef struct parts {
    double *values, *constraints, *params, *reports;
    int64_t *steps;
} parts;

static parts parts_of(const hn_memory *memory, const hn_memory_trial *trial)
{
    parts at;
    at.values = (double *)trial->numbers;
    at.constraints = at.values + trial->n_values;
    at.params = at.constraints + trial->n_constraints;
    at.reports = at.params + memory->shapes.items[trial->shape].n;
    at.steps = (int64_t *)(at.reports + trial->n_reports);
    return at;
}

static size_t numbers_size(const hn_memory *memory, const hn_memory_trial *trial)
{
    parts at = parts_of(memory, trial);
    return (size_t)((const char *)(at.steps + trial->n_reports) - (const char *)trial->numbers);
}

static bool has_step(const hn_memory *memory, const hn_memory_trial *trial, int64_t step)
{
    parts at = parts_of(memory, trial);
    for (size_t i = 0; i < trial->n_reports; i++) {
        if (at.steps[i] == step)
            return true;
    }
    return false;
}

/* How many of the reports are of steps that the trial lacks; equal ones among the new count once. */
static size_t count_new_steps(const hn_memory *memory, const hn_memory_trial *trial,
                              const hn_trial_rows *rows)
{
    size_t n = 0;
    for (size_t i = 0; i < rows->n_reports; i++) {
        bool repeated = has_step(memory, trial, rows->reports[i].step);
        for (size_t j = 0; j < i && !repeated; j++)
            repeated = rows->reports[j].step == rows->reports[i].step;
        n += !repeated;
    }
    return n;
}

/* Writes the old reports and the new ones, ascending by step, into a block with room for exactly all of
 * them. */
static void merge_reports(const hn_memory *memory, const hn_memory_trial *trial, const hn_memory_trial *old,
                          const hn_trial_rows *rows)
{
    parts from = parts_of(memory, old), to = parts_of(memory, trial);
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

static void free_extra(hn_memory_extra *extra)
{
    if (extra)
        hn_memory_free_attributes(extra->attributes, extra->n_attributes);
    hn_free(extra);
}

void hn_memory_free_trial(hn_memory_trial *trial)
{
    if (trial)
        free_extra(trial->extra);
    hn_free(trial);
}

hone_status hn_memory_need_extra(hn_memory_trial *trial, hone_error *err)
{
    if (!trial->extra)
        trial->extra = hn_calloc(1, sizeof *trial->extra);
    return trial->extra ? HONE_OK : hn_out_of_memory(err);
}

/* A trial that begins to run. */
static hone_status set_runner(hn_memory_trial *trial, const char *lease, bool beats, hone_error *err)
{
    if (!lease && !beats)
        return HONE_OK;
    hone_status status = hn_memory_need_extra(trial, err);
    if (status)
        return status;
    snprintf(trial->extra->lease, sizeof trial->extra->lease, "%s", lease ? lease : "");
    trial->extra->heartbeat_us = beats ? trial->start_us : 0;
    return HONE_OK;
}

static void copy_doubles(double *to, const double *from, size_t n)
{
    if (n)
        memcpy(to, from, n * sizeof *to);
}

/* The shape of old's parameters and the new ones. */
static hone_status grow_shape(hn_memory *memory, const hn_memory_trial *old, const hn_trial_rows *rows,
                              uint32_t *shape, hone_error *err)
{
    const hn_memory_shape had = memory->shapes.items[old->shape];
    const hn_vocabulary *vocabulary = &memory->vocabulary;
    memory->n_columns = 0;
    for (size_t i = 0; i < had.n + rows->n_params; i++) {
        size_t column = i < had.n ? had.columns[i] : 0;
        if (HN_GROW(memory->columns, memory->n_columns, memory->columns_capacity))
            return hn_out_of_memory(err);
        if (i >= had.n) {
            const hn_trial_param *param = &rows->params[i - had.n];
            hone_status status =
                hn_vocabulary_intern(&memory->vocabulary, param->name, param->distribution, &column, err);
            if (status)
                return status;
            for (size_t j = 0; j < had.n; j++) {
                if (vocabulary->columns[had.columns[j]].name == vocabulary->columns[column].name)
                    return hn_fail(err, HONE_INVALID, "trial %lld has the parameter '%s' already",
                                   (long long)old->number, param->name);
            }
        }
        memory->columns[memory->n_columns++] = (uint32_t)column;
    }
    return hn_memory_shape_intern(&memory->shapes, memory->columns, memory->n_columns, shape, err);
}

/* What old has beside its numbers and the new attributes; *extra stays NULL when there is nothing. */
static hone_status grow_extra(const hn_memory_trial *old, const hn_trial_rows *rows, hn_memory_extra **extra,
                              hone_error *err)
{
    hone_status status = HONE_OK;
    if (!old->extra && rows->n_attributes == 0)
        return HONE_OK;
    hn_memory_extra *copy = hn_calloc(1, sizeof *copy);
    if (!copy)
        return hn_out_of_memory(err);
    if (old->extra) {
        *copy = *old->extra;
        copy->attributes = NULL;
        copy->n_attributes = 0;
        for (size_t i = 0; i < old->extra->n_attributes && !status; i++)
            status = hn_memory_set_attribute(&copy->attributes, &copy->n_attributes,
                                             &old->extra->attributes[i], err);
    }
    for (size_t i = 0; i < rows->n_attributes && !status; i++)
        status = hn_memory_set_attribute(&copy->attributes, &copy->n_attributes, &rows->attributes[i], err);
    *extra = copy;
    return status;
}

/* Makes a trial of old's facts and the rows. Old is not touched, so that an update happens whole or not at
 * all. */
static hone_status extend(hn_memory *memory, const hn_memory_trial *old, const hn_trial_rows *rows,
                          hn_memory_trial **out, hone_error *err)
{
    hn_memory_trial counts = *old, *next;
    if (rows->n_constraints > UINT16_MAX)
        return hn_fail(err, HONE_LIMIT, "a trial has %zu constraints; at most %d are allowed",
                       rows->n_constraints, UINT16_MAX);
    hone_status status = rows->n_params ? grow_shape(memory, old, rows, &counts.shape, err) : HONE_OK;
    if (status)
        return status;
    size_t n_old = memory->shapes.items[old->shape].n;
    counts.extra = NULL;
    counts.n_values = (uint8_t)(rows->n_values ? rows->n_values : old->n_values);
    counts.n_constraints = rows->n_constraints ? (uint16_t)rows->n_constraints : old->n_constraints;
    counts.n_reports = old->n_reports + (uint32_t)count_new_steps(memory, old, rows);
    next = hn_malloc(sizeof *next + numbers_size(memory, &counts));
    if (!next)
        return hn_out_of_memory(err);
    *next = counts;
    parts from = parts_of(memory, old), to = parts_of(memory, next);
    copy_doubles(to.values, rows->n_values ? rows->values : from.values, next->n_values);
    copy_doubles(to.constraints, rows->n_constraints ? rows->constraints : from.constraints,
                 next->n_constraints);
    copy_doubles(to.params, from.params, n_old);
    for (size_t i = 0; i < rows->n_params; i++)
        to.params[n_old + i] = rows->params[i].value;
    merge_reports(memory, next, old, rows);
    status = grow_extra(old, rows, &next->extra, err);
    if (status)
        hn_memory_free_trial(next);
    else
        *out = next;
    return status;
}

/* Puts next, made by extend, in the place of the trial with that id. */
static void replace(hn_memory *memory, int64_t id, hn_memory_trial *next)
{
    hn_memory_free_trial(memory->trials[id - 1]);
    memory->trials[id - 1] = next;
}

/* --- creating --- */

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
    status = extend(memory, &plain, &rows, &trial, err);
    if (!status && given->state == HONE_RUNNING)
        status = set_runner(trial, given->lease, given->beats, err);
    if (status)
        hn_memory_free_trial(trial);
    else
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
        status = hn_number_check(expected_number, study->n_trials, numbers, err);
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
        made->number = (uint32_t)study->n_trials++;
        ids[i] = (int64_t)(first + i) + 1;
        numbers[i] = made->number;
    }
    return HONE_OK;
}

/* --- changing --- */

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
    status = extend(memory, trial, &rows, &next, err);
    if (status)
        return status;
    next->state = HONE_RUNNING;
    next->start_us = start_us;
    status = set_runner(next, lease, beats, err);
    if (status) {
        hn_memory_free_trial(next);
        return status;
    }
    replace(memory, id, next);
    *claimed = true;
    return HONE_OK;
}

/* Never 0, which stands for none. */
static uint32_t hash_lease(const char *lease)
{
    return lease ? (uint32_t)hn_hash_bytes(lease, strlen(lease), 0) | 1 : 0;
}

static bool is_lost(const hn_memory_trial *trial, const char *lease)
{
    if (!lease)
        return false;
    if (hn_state_finished((hone_trial_state)trial->state))
        return trial->ended_under != hash_lease(lease);
    return strcmp(trial->extra ? trial->extra->lease : "", lease) != 0;
}

static void end_trial(hn_memory_trial *trial, const hn_trial_update *update, const char *lease)
{
    trial->state = (uint8_t)update->state;
    trial->complete_us = update->complete_us;
    if (!trial->start_us)
        trial->start_us = update->complete_us;
    trial->ended_under = hash_lease(lease);
    hn_memory_extra *extra = trial->extra;
    if (extra && extra->n_attributes) {
        extra->paused = false;
        extra->heartbeat_us = 0;
        extra->lease[0] = '\0';
    } else {
        free_extra(extra);
        trial->extra = NULL;
    }
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

/* --- reading --- */

hone_status hn_memory_fill_record(hn_memory *memory, int64_t id, const hn_memory_trial *trial,
                                  hone_error *err)
{
    hn_record_builder *builder = &memory->record;
    parts at = parts_of(memory, trial);
    const hn_memory_shape *shape = &memory->shapes.items[trial->shape];
    const hn_memory_extra *extra = trial->extra;
    hone_status status = HONE_OK;
    hn_record_begin(builder, id, trial->number);
    builder->record.state = (hone_trial_state)trial->state;
    builder->record.start_us = trial->start_us;
    builder->record.complete_us = trial->complete_us;
    for (size_t i = 0; i < shape->n && !status; i++) {
        const hn_vocabulary_column *column = &memory->vocabulary.columns[shape->columns[i]];
        status = hn_record_param(builder, (int64_t)i, column->name, column->distribution, at.params[i], err);
    }
    for (size_t i = 0; i < trial->n_values && !status; i++)
        status = hn_record_value(builder, at.values[i], err);
    for (size_t i = 0; i < trial->n_constraints && !status; i++)
        status = hn_record_constraint(builder, at.constraints[i], err);
    for (size_t i = 0; i < trial->n_reports && !status; i++)
        status = hn_record_report(builder, at.steps[i], at.reports[i], err);
    for (size_t i = 0; extra && i < extra->n_attributes && !status; i++)
        status = hn_record_attribute(builder, extra->attributes[i].key, extra->attributes[i].json,
                                     extra->attributes[i].system, err);
    return status;
}
