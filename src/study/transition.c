/* The trial state machine.
 *
 *                 T1 begin ┌─────────┐ T6 finish  ┌──────────┐
 *              ──────────▶ │ RUNNING │ ─────────▶ │ COMPLETE │
 *                          │         │ ─────────▶ │ PRUNED   │   T8 import makes any of the three at once
 *   T2 queue ┌─────────┐T3 │         │ ─────────▶ │ FAILED   │
 *   ───────▶ │ WAITING │──▶│         │            └──────────┘
 *            └─────────┘   │         │ ◀┐ T5 resume (new lease)
 *                          └─────────┘ ─┘ T4 pause (lease given up; stays RUNNING in the storage)
 *
 * Invariants:
 *  I1  A finished trial never changes.
 *  I2  The storage is written first, the history after it: nothing is believed that is not durable.
 *  I3  Every run of a trial holds a lease; only its holder moves the trial on.
 *  I4  T7 late: a value told under a lost lease becomes a new COMPLETE trial with the attribute hone:late_of.
 *  I5  A COMPLETE trial has one value per objective, none of them NaN.
 *  I6  Numbers are dense in the order of creation, assigned by the storage.
 *
 * Each transition is one function below and one commit.
 */
#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/number.h"
#include "study/study.h"

static void join_live_list(hone_study *study, hone_trial *trial)
{
    trial->next_live = study->live;
    study->live = trial;
    trial->flushed_ns = hn_monotonic_ns();
}

static void mark_stored(hone_trial *trial)
{
    trial->params_stored = trial->n_params;
    trial->reports_stored = trial->n_reports;
    trial->attributes_stored = trial->n_attributes;
    trial->flushed_ns = hn_monotonic_ns();
}

/* The history takes any record of ours without complaint but for memory: the study must not lose what is
 * stored, so a failure here only costs the sampler some knowledge until the next opening. */
static hone_status remember(hone_study *study, const hn_trial_record *record, hone_error *err)
{
    if (!study->loaded) {
        return HONE_OK;
    }
    if (record->number == study->known) { /* else others began trials that are still to be read */
        study->known++;
        study->last_id = record->id;
    }
    if (record->number >= study->next_number) {
        study->next_number = record->number + 1;
    }
    hn_study_note_cost(study, record);
    return hn_history_put(study->history, record, err);
}

/* T1 */
hone_status hn_trial_begin(hone_study *study, size_t n, hone_trial **trials, int64_t expected_number,
                           hn_trial_maker remake, void *user, hone_error *err)
{
    hn_new_trial *rows = HN_ARENA_NEW(&study->scratch, hn_new_trial, n);
    int64_t *ids = HN_ARENA_NEW(&study->scratch, int64_t, 2 * n), *numbers = ids + n;
    if (!rows || !ids) {
        return hn_out_of_memory(err);
    }
    int64_t now = hn_wall_us();
    for (size_t i = 0; i < n; i++) {
        hone_trial *trial = trials[i];
        hone_status status = hn_lease_new(study->beats, trial->lease, err);
        if (!status) {
            status = hn_trial_sign(study, trial, err);
        }
        if (status) {
            return status;
        }
        trial->start_us = trial->run_us = now;
        rows[i] = (hn_new_trial){
            .state = HONE_RUNNING,
            .lease = trial->lease,
            .beats = study->beats,
            .start_us = now,
            .n_params = trial->n_params,
            .params = trial->params,
            .n_attributes = trial->n_attributes,
            .attributes = trial->attributes,
        };
    }
    const hn_storage_type *ops = study->ops;
    numbers[0] = expected_number;
    hone_status status =
        remake && ops->trial_make
            ? ops->trial_make(study->storage, study->row, rows, expected_number, remake, user, ids, numbers,
                              err)
            : ops->trial_create(study->storage, study->row, n, rows, expected_number, ids, numbers, err);
    if (status == HONE_CONFLICT && numbers[0] > study->next_number) {
        study->next_number = numbers[0];
    }
    for (size_t i = 0; i < n && !status; i++) {
        trials[i]->id = ids[i];
        trials[i]->number = numbers[i];
        mark_stored(trials[i]);
        join_live_list(study, trials[i]);
        hn_trial_record record = hn_trial_as_record(trials[i], HONE_RUNNING, 0);
        status = remember(study, &record, err);
    }
    return status;
}

/* T2 */
hone_status hn_trial_queue(hone_study *study, const char *fixed_json, int64_t *number, hone_error *err)
{
    hn_attribute fixed = {"fixed_params", fixed_json, true};
    hn_new_trial row = {.state = HONE_WAITING, .n_attributes = 1, .attributes = &fixed};
    int64_t id, assigned;
    hone_status status =
        study->ops->trial_create(study->storage, study->row, 1, &row, -1, &id, &assigned, err);
    if (status) {
        return status;
    }
    *number = assigned;
    hn_trial_record record = {.id = id,
                              .number = assigned,
                              .state = HONE_WAITING,
                              .n_attributes = 1,
                              .attributes = &fixed,
                              .noise = NAN};
    return remember(study, &record, err);
}

/* T3: the handle has the trial's id and the parameters to run it with. */
hone_status hn_trial_claim(hone_study *study, hone_trial *trial, bool *claimed, hone_error *err)
{
    hone_status status = hn_lease_new(study->beats, trial->lease, err);
    if (status) {
        return status;
    }
    trial->start_us = trial->run_us = hn_wall_us();
    status = study->ops->trial_claim(study->storage, trial->id, trial->lease, trial->start_us, study->beats,
                                     trial->n_params, trial->params, claimed, err);
    if (status || !*claimed) {
        return status;
    }
    mark_stored(trial);
    join_live_list(study, trial);
    status = hn_trial_sign(study, trial, err);
    if (status) {
        return status;
    }
    hn_trial_record record = hn_trial_as_record(trial, HONE_RUNNING, 0);
    return remember(study, &record, err);
}

static hn_trial_update unstored(const hone_trial *trial)
{
    return (hn_trial_update){
        .state = HONE_RUNNING,
        .n_params = trial->n_params - trial->params_stored,
        .params = trial->params + trial->params_stored,
        .n_reports = trial->n_reports - trial->reports_stored,
        .reports = trial->reports + trial->reports_stored,
        .n_attributes = trial->n_attributes - trial->attributes_stored,
        .attributes = trial->attributes + trial->attributes_stored,
    };
}

/* Not a transition: makes durable what the trial has gathered. A lost lease is noticed when it is told. */
hone_status hn_trial_flush(hone_study *study, hone_trial *trial, hone_error *err)
{
    hn_trial_update update = unstored(trial);
    if (!update.n_params && !update.n_reports && !update.n_attributes) {
        return HONE_OK;
    }
    bool lease_lost = false;
    hone_status status =
        study->ops->trial_update(study->storage, trial->id, trial->lease, &update, NULL, &lease_lost, err);
    if (status == HONE_CONFLICT && lease_lost) {
        return HONE_OK;
    }
    if (!status) {
        mark_stored(trial);
    }
    return status;
}

static hone_status finish_late(hone_study *study, hone_trial *trial, hone_trial_state state, hone_error *err)
{
    char original[HN_NUMBER_SIZE];
    hn_format_double(original, (double)trial->number);
    hone_status status = hn_trial_add_attribute(trial, "hone:late_of", original, true, err);
    if (status) {
        return status;
    }
    hn_trial_record record = hn_trial_as_record(trial, state, hn_wall_us());
    hn_new_trial row = {
        .state = state,
        .start_us = record.start_us,
        .complete_us = record.complete_us,
        .n_params = record.n_params,
        .params = record.params,
        .n_values = record.n_values,
        .values = record.values,
        .n_reports = record.n_reports,
        .reports = record.reports,
        .n_constraints = record.n_constraints,
        .constraints = record.constraints,
        .n_attributes = record.n_attributes,
        .attributes = record.attributes,
    };
    return hn_trial_import(study, &row, NULL, err);
}

static double last_report(const hone_trial *trial)
{
    const hn_trial_report *last = NULL;
    for (size_t i = 0; i < trial->n_reports; i++) {
        if (!last || trial->reports[i].step > last->step) {
            last = &trial->reports[i];
        }
    }
    return last ? last->value : NAN;
}

void hn_run_times_write(hn_buffer *json, int64_t runs, double seconds)
{
    hn_buffer_printf(json, "{\"runs\": %lld, \"seconds\": ", (long long)runs);
    hn_buffer_double(json, seconds);
    hn_buffer_char(json, '}');
}

/* Adds the run that ends now to those before; its own times say it of a trial that was never paused. */
static hone_status note_run(hone_trial *trial, int64_t now_us, hone_error *err)
{
    hn_buffer json = HN_BUFFER_INIT;
    hn_run_times_write(&json, trial->runs + 1, hn_trial_seconds(trial, now_us));
    hone_status status = hn_buffer_failed(&json)
                             ? hn_out_of_memory(err)
                             : hn_trial_add_attribute(trial, HN_KEY_RAN, hn_buffer_string(&json), true, err);
    hn_buffer_release(&json);
    return status;
}

/* T6, or T7 when the lease is lost. */
hone_status hn_trial_finish(hone_study *study, hone_trial *trial, hone_trial_state state, hone_error *err)
{
    int64_t now_us = hn_wall_us();
    hone_status status = trial->runs && trial->run_us ? note_run(trial, now_us, err) : HONE_OK;
    if (status) {
        return status;
    }
    hn_trial_update update = unstored(trial);
    update.state = state;
    update.complete_us = now_us;
    update.n_constraints = trial->n_constraints;
    update.constraints = trial->constraints;
    double last = last_report(trial);
    if (state == HONE_COMPLETE) {
        update.n_values = trial->n_values;
        update.values = trial->values;
    } else if (state == HONE_PRUNED && !isnan(last)) {
        update.n_values = 1; /* what Optuna writes: the last intermediate value as objective 0 */
        update.values = &last;
    }
    bool lease_lost = false;
    hone_trial_state found = HONE_RUNNING;
    status =
        study->ops->trial_update(study->storage, trial->id, trial->lease, &update, &found, &lease_lost, err);
    if (status == HONE_CONFLICT && lease_lost && state == HONE_COMPLETE) {
        status = finish_late(study, trial, state, err);
    } else if (status == HONE_CONFLICT && lease_lost) {
        status = HONE_OK; /* nothing was measured: the trial's new holder goes on */
    } else if (status == HONE_CONFLICT) {
        return hn_fail(err, HONE_CONFLICT, "trial %lld is %s already; a finished trial never changes",
                       (long long)trial->number, hone_trial_state_name(found));
    } else if (!status) {
        mark_stored(trial);
        hn_trial_record record = hn_trial_as_record(trial, state, update.complete_us);
        status = remember(study, &record, err);
    }
    trial->told = !status;
    pthread_cond_broadcast(&study->changed);
    return status;
}

/* T4 */
hone_status hn_trial_pause(hone_study *study, hone_trial *trial, hone_error *err)
{
    int64_t now_us = hn_wall_us();
    hone_status status = note_run(trial, now_us, err);
    if (!status) {
        status = hn_trial_flush(study, trial, err);
    }
    int64_t step = trial->n_reports ? trial->reports[trial->n_reports - 1].step : 0;
    if (!status) {
        status = study->ops->trial_pause(study->storage, trial->id, trial->lease, step, err);
    }
    if (status == HONE_CONFLICT) {
        trial->told = true; /* another holds or ended it, who goes on */
        return HONE_OK;
    }
    if (status) {
        return status;
    }
    trial->runs++;
    hn_trial_record record = hn_trial_as_record(trial, HONE_RUNNING, now_us);
    record.complete_us = 0;
    status = remember(study, &record, err);
    if (status) {
        return status;
    }
    int64_t *paused = hn_realloc_array(study->paused, study->n_paused + 1, sizeof *paused);
    if (!paused) {
        return hn_out_of_memory(err);
    }
    study->paused = paused;
    size_t at = study->n_paused++;
    for (; at > 0 && paused[at - 1] > trial->number; at--) {
        paused[at] = paused[at - 1];
    }
    paused[at] = trial->number;
    trial->told = trial->paused = true;
    pthread_cond_broadcast(&study->changed);
    return HONE_OK;
}

/* T5: HONE_CONFLICT when another worker resumed it first. */
hone_status hn_trial_resume(hone_study *study, hone_trial *trial, hone_error *err)
{
    hone_status status = hn_lease_new(study->beats, trial->lease, err);
    if (!status) {
        status = study->ops->trial_resume(study->storage, trial->id, trial->lease,
                                          study->beats ? hn_wall_us() : 0, err);
    }
    if (status) {
        return status;
    }
    for (size_t i = 0; i < study->n_paused; i++) {
        if (study->paused[i] == trial->number) {
            memmove(study->paused + i, study->paused + i + 1,
                    (study->n_paused - i - 1) * sizeof *study->paused);
            study->n_paused--;
            break;
        }
    }
    trial->run_us = hn_wall_us();
    trial->resume_step = trial->n_reports ? trial->reports[trial->n_reports - 1].step : trial->parent_step;
    join_live_list(study, trial);
    return hn_trial_sign(study, trial, err);
}

/* T8 */
hone_status hn_trial_import(hone_study *study, const hn_new_trial *row, int64_t *number, hone_error *err)
{
    int64_t id, assigned;
    hone_status status =
        study->ops->trial_create(study->storage, study->row, 1, row, -1, &id, &assigned, err);
    if (status) {
        return status;
    }
    if (number) {
        *number = assigned;
    }
    hn_trial_record record = {
        .id = id,
        .number = assigned,
        .state = row->state,
        .start_us = row->start_us,
        .complete_us = row->complete_us,
        .n_params = row->n_params,
        .params = row->params,
        .n_values = row->n_values,
        .values = row->values,
        .n_reports = row->n_reports,
        .reports = row->reports,
        .n_constraints = row->n_constraints,
        .constraints = row->constraints,
        .n_attributes = row->n_attributes,
        .attributes = row->attributes,
        .noise = NAN,
    };
    status = remember(study, &record, err);
    pthread_cond_broadcast(&study->changed);
    return status;
}
