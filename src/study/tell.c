/* Telling and reporting: what comes back from a trial. */
#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/number.h"
#include "study/study.h"

/* Reports are gathered for this long before they are written: two commits a trial is the aim. */
static const int64_t flush_interval_ns = 100000000;

/* --- tell --- */

static hone_status keep_message(hone_trial *trial, const char *message, hone_error *err)
{
    enum { MAX_MESSAGE = 600 }; /* escaped, it stays below the 2045 bytes an attribute may have */
    hn_buffer json = HN_BUFFER_INIT;
    size_t length = strlen(message);
    hn_json_write_string(&json, message, length < MAX_MESSAGE ? length : MAX_MESSAGE, HN_JSON_PYTHON);
    hone_status status = hn_buffer_failed(&json) ? hn_out_of_memory(err)
                                                 : hn_trial_add_attribute(trial, "hone:message",
                                                                          hn_buffer_string(&json), true, err);
    hn_buffer_release(&json);
    return status;
}

/* Values that cannot be told turn the trial into a failed one with a reason: the trial itself is never
 * lost. */
bool hn_trial_values_are_usable(const hone_trial *trial, hone_error *why)
{
    size_t expected = trial->study->definition->n_objectives;
    if (trial->n_values != expected) {
        hn_fail(why, HONE_INVALID, "it was told %zu values; the study has %zu objective%s", trial->n_values,
                expected, expected == 1 ? "" : "s");
        return false;
    }
    for (size_t i = 0; i < expected; i++) {
        if (isnan(trial->values[i])) {
            hn_fail(why, HONE_OBJECTIVE, "its value for '%s' is nan", trial->study->definition->metrics[i]);
            return false;
        }
    }
    return true;
}

static hone_status report_locked(hone_study *study, hone_trial *trial, int64_t step, double value,
                                 hone_error *err);

/* Of a schedule, a trial that reported nothing since it began or went on has its value at its budget: what it
 * was told is no result of a whole run. */
static hone_status report_for_budget(hone_study *study, hone_trial *trial, hone_trial_state *state,
                                     hone_error *err)
{
    int64_t last = trial->n_reports ? trial->reports[trial->n_reports - 1].step : -1;
    bool silent = last < 0 || (trial->resume_step && last <= trial->resume_step);
    if (*state != HONE_COMPLETE || !trial->budget || !silent || !hn_study_schedules(study)) {
        return HONE_OK;
    }
    hone_status status = report_locked(study, trial, trial->budget, trial->values[0], err);
    if (!status && trial->verdict == HN_PAUSE) {
        hn_log(HN_LOG_INFO, "trial %lld reported no step: its value counts as that of step %lld, its budget",
               (long long)trial->number, (long long)trial->budget);
        *state = HONE_PRUNED;
    }
    return status;
}

static hone_status end_locked(hone_study *study, hone_trial *trial, hone_trial_state state, hone_error *err)
{
    hone_error why = trial->misuse;
    if (!why.status && state == HONE_COMPLETE) {
        hn_trial_values_are_usable(trial, &why);
    }
    if (why.status) {
        state = HONE_FAILED;
        hone_status status = keep_message(trial, why.message, err);
        if (status) {
            return status;
        }
    }
    hone_status status = report_for_budget(study, trial, &state, err);
    if (status) {
        return status;
    }
    if (state == HONE_PRUNED && trial->verdict == HN_PAUSE) {
        return hn_trial_pause(study, trial, err);
    }
    return hn_trial_finish(study, trial, state, err);
}

hone_status hone_study_tell(hone_study *study, hone_trial *trial, hone_trial_state state,
                            const double *values, size_t n_values, hone_error *err)
{
    if (state != HONE_COMPLETE && state != HONE_PRUNED && state != HONE_FAILED) {
        return hn_fail(err, HONE_INVALID, "a trial is told complete, pruned or failed, not %s",
                       hone_trial_state_name(state));
    }
    if (trial->told) {
        return hn_fail(err, HONE_CONFLICT, "trial %lld was told already; a finished trial never changes",
                       (long long)trial->number);
    }
    size_t expected = study->definition->n_objectives;
    if (state == HONE_COMPLETE && (values || n_values)) {
        if (n_values != expected || !values) {
            return hn_fail(err, HONE_INVALID, "trial %lld was told %zu values; the study has %zu objective%s",
                           (long long)trial->number, n_values, expected, expected == 1 ? "" : "s");
        }
        memcpy(trial->values, values, n_values * sizeof *values);
        trial->n_values = n_values;
    }
    hn_study_lock(study);
    hone_status status = end_locked(study, trial, state, err);
    hn_study_unlock(study);
    return status;
}

bool hn_study_defer(hone_study *study)
{
    bool defers = study->ops->defer && study->ops->settle;
    if (defers) {
        hn_study_lock(study);
        study->ops->defer(study->storage);
        hn_study_unlock(study);
    }
    return defers;
}

hone_status hn_study_settle(hone_study *study, hone_error *err)
{
    hn_study_lock(study);
    hone_status status = study->ops->settle ? study->ops->settle(study->storage, err) : HONE_OK;
    hn_study_unlock(study);
    return status;
}

hone_status hone_trial_fail(hone_trial *trial, const char *message)
{
    hone_error why = {.status = HONE_OBJECTIVE};
    hn_fail(&why, HONE_OBJECTIVE, "%s", message);
    hn_trial_misuse(trial, &why);
    return HONE_OBJECTIVE;
}

/* --- report --- */

/* Keeps reports ascending by step; a step told again replaces its value, also in the storage. */
static hone_status put_report(hone_trial *trial, int64_t step, double value)
{
    size_t at = trial->n_reports;
    while (at > 0 && trial->reports[at - 1].step > step) {
        at--;
    }
    if (at > 0 && trial->reports[at - 1].step == step) {
        trial->reports[at - 1].value = value;
        at--;
    } else {
        if (HN_GROW(trial->reports, trial->n_reports, trial->reports_capacity)) {
            return HONE_OUT_OF_MEMORY;
        }
        memmove(trial->reports + at + 1, trial->reports + at,
                (trial->n_reports - at) * sizeof *trial->reports);
        trial->reports[at] = (hn_trial_report){step, value};
        trial->n_reports++;
    }
    if (at < trial->reports_stored) {
        trial->reports_stored = at;
    }
    return HONE_OK;
}

static hone_status judge(hone_study *study, hone_trial *trial, int64_t step, double value, hone_error *err)
{
    hone_status status = hn_study_load(study, err);
    if (!status) {
        status = hn_history_add_report(study->history, trial->number, step, value, err);
    }
    const hn_pruner_type *pruner = hn_pruner_type_of(study->pruner);
    bool due = hn_monotonic_ns() - trial->flushed_ns > flush_interval_ns;
    if (!status && due) {
        status = hn_trial_flush(study, trial, err);
        if (!status && pruner->uses_reports && study->ops->shared) {
            status = hn_study_sync(study, err);
        }
    }
    if (!status && trial->verdict == HN_CONTINUE) {
        hn_prune_context context = hn_study_prune_context(study);
        context.budget = trial->budget;
        status = hn_pruner_judge(study->pruner, &context, trial->number, step, &trial->verdict, err);
    }
    return status;
}

static hone_status report_locked(hone_study *study, hone_trial *trial, int64_t step, double value,
                                 hone_error *err)
{
    hone_status status = put_report(trial, step, value);
    return status ? hn_out_of_memory(err) : judge(study, trial, step, value, err);
}

bool hone_trial_report(hone_trial *trial, int64_t step, double value)
{
    hone_study *study = trial->study;
    hone_error err = {0};
    if (trial->misuse.status) {
        return true;
    }
    if (trial->told) {
        hn_fail(&err, HONE_CONFLICT, "trial %lld was told already; the report of step %lld changes nothing",
                (long long)trial->number, (long long)step);
        hn_trial_misuse(trial, &err);
        return true;
    }
    if (step < 0) {
        hn_fail(&err, HONE_INVALID, "trial %lld reported step %lld; steps are 0 or more",
                (long long)trial->number, (long long)step);
        hn_trial_misuse(trial, &err);
        return true;
    }
    hn_study_lock(study);
    hone_status status = report_locked(study, trial, step, value, &err);
    hn_study_unlock(study);
    if (status) {
        hn_trial_misuse(trial, &err);
        return true;
    }
    return trial->verdict != HN_CONTINUE;
}

/* --- the end --- */

static hone_status write_stop(hone_study *study, const char *json, hone_error *err)
{
    hn_attribute attribute = {"hone:stopped", json, true};
    __atomic_fetch_add(&study->stops, 1, __ATOMIC_RELAXED);
    hn_study_cancel_asks(study, 1); /* one that holds the lock for long gives up */
    hn_study_lock(study);
    hn_study_cancel_asks(study, -1);
    __atomic_fetch_add(&study->stops, -1, __ATOMIC_RELAXED);
    hone_status status = study->ops->study_set_attribute(study->storage, study->row, &attribute, err);
    if (!status) {
        study->change_counter = -1; /* the next sync reads it back */
    }
    pthread_cond_broadcast(&study->changed);
    hn_study_unlock(study);
    return status;
}

hone_status hone_study_stop(hone_study *study, const char *reason, hone_error *err)
{
    hn_buffer json = HN_BUFFER_INIT;
    const char *why = reason ? reason : "stopped";
    hn_json_write_string(&json, why, strlen(why), HN_JSON_PYTHON);
    hone_status status =
        hn_buffer_failed(&json) ? hn_out_of_memory(err) : write_stop(study, hn_buffer_string(&json), err);
    hn_buffer_release(&json);
    return status;
}

hone_status hone_study_resume(hone_study *study, hone_error *err)
{
    return write_stop(study, "null", err);
}
