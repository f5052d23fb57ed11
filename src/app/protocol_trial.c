/* Operations on trials: ask, report, tell, heartbeat, enqueue. */
#include <math.h>
#include <string.h>

#include "app/protocol.h"
#include "study/limit.h"
#include "view/trial_node.h"

enum { MAX_BATCH = 10000 };

/* --- ask --- */

static void answer_done(hn_request *request, const char *reason)
{
    hn_answer_set(request, "done", hn_node_bool(request->arena, true));
    hn_answer_set(request, "reason", hn_node_string(request->arena, reason ? reason : "stopped"));
}

/* How many of n trials the study's total still allows. */
static int64_t within_budget(const hn_open_study *study, int64_t n)
{
    int64_t most = study->budget.trials;
    if (!most || hn_study_schedules(study->study)) {
        return n; /* a pruner that schedules knows the limit itself */
    }
    int64_t begun = hone_study_trial_count(study->study) - hone_study_state_count(study->study, HONE_WAITING);
    int64_t left = most - begun;
    return left < n ? left : n;
}

static hone_status keep_asked(hn_request *request, hn_open_study *study, hone_trial **trials, size_t count,
                              bool batch)
{
    hn_node *list = hn_node_list(request->arena);
    hone_status status = HONE_OK;
    for (size_t i = 0; i < count; i++) {
        hn_node *node = hn_asked_node(request->arena, trials[i]);
        if (batch) {
            list = hn_list_append(request->arena, list, node);
        } else {
            hn_answer_merge(request, node);
        }
        hone_status kept = hn_session_keep(study, trials[i], request->err);
        status = status ? status : kept;
    }
    if (batch) {
        hn_answer_set(request, "trials", list);
    }
    return status;
}

/* A trial in which the values of "fixed" stand. */
static hone_status ask_fixed(hn_request *request, hn_open_study *study, hone_trial **trial,
                             hone_outcome *outcome, int64_t *wait_ms, const char **reason)
{
    hone_named_value *fixed;
    size_t n;
    hone_status status = hn_request_params(request, "fixed", &fixed, &n);
    return status
               ? status
               : hone_study_ask_given(study->study, fixed, n, outcome, trial, wait_ms, reason, request->err);
}

static hone_status ask(hn_request *request, hn_open_study *study, size_t n, bool batch)
{
    hone_outcome outcome;
    int64_t wait_ms = 0;
    size_t count = 1;
    const char *reason = NULL;
    hone_trial **trials = HN_ARENA_NEW(request->arena, hone_trial *, n);
    if (!trials) {
        return hn_out_of_memory(request->err);
    }
    hone_status status =
        hn_map_get(request->root, "fixed") ? ask_fixed(request, study, trials, &outcome, &wait_ms, &reason)
        : n == 1 ? hone_study_ask(study->study, &outcome, trials, &wait_ms, &reason, request->err)
                 : hone_study_ask_batch(study->study, n, &outcome, trials, &count, request->err);
    if (!status && n > 1 &&
        outcome != HONE_ASKED) { /* a single ask says how long to wait, or why it is over */
        status = hone_study_ask(study->study, &outcome, trials, &wait_ms, &reason, request->err);
        count = 1;
    }
    if (status) {
        return status;
    }
    if (outcome == HONE_WAIT) {
        hn_answer_set(request, "wait_ms", hn_node_integer(request->arena, wait_ms));
    } else if (outcome == HONE_DONE) {
        answer_done(request, reason);
    } else {
        status = keep_asked(request, study, trials, count, batch);
    }
    return status;
}

/* The limit that ends the asking, kept with the study; NULL: none. */
static hone_status check_limits(hn_request *request, hn_open_study *open, const char **reason)
{
    *reason = NULL;
    hone_study *study = open->study;
    hn_study_lock(study);
    hone_status status = hn_study_sync_to_ask(study, request->err);
    if (!status) {
        status = hn_study_limit(study, &open->budget, 0, reason, request->err);
    }
    hn_study_unlock(study);
    if (!status && *reason) {
        status = hn_study_end_run(study, *reason, request->err);
    }
    return status;
}

hone_status hn_op_ask(hn_request *request)
{
    hn_open_study *study;
    int64_t n = 1;
    hone_status status = hn_request_study(request, &study);
    if (!status) {
        status = hn_request_int(request, "n", false, &n);
    }
    if (!status && (n < 1 || n > MAX_BATCH)) {
        status =
            hn_fail(request->err, HONE_INVALID, "'n' is %lld; allowed are 1 to %d", (long long)n, MAX_BATCH);
    }
    if (!status && n > 1 && hn_map_get(request->root, "fixed")) {
        status = hn_fail(request->err, HONE_INVALID, "'fixed' is for one trial at a time, 'n' is %lld",
                         (long long)n);
    }
    if (status) {
        return status;
    }
    const char *reason = NULL;
    request->deferred = request->defers && hn_study_defer(study->study);
    status = check_limits(request, study, &reason);
    if (status) {
        return status;
    }
    int64_t allowed = within_budget(study, n);
    if (reason || allowed < 1) {
        answer_done(request, reason ? reason : "trials");
        return HONE_OK;
    }
    return ask(request, study, (size_t)allowed, hn_map_get(request->root, "n") != NULL);
}

/* --- which trial, under which lease --- */

static hone_status other_lease(const hn_request *request, int64_t number, const char *lease)
{
    return hn_fail(request->err, HONE_CONFLICT, "trial %lld is not held under the lease '%.40s' any more",
                   (long long)number, lease);
}

hone_status hn_session_take(const hn_request *request, hn_open_study *study, int64_t number,
                            const char *lease, hone_trial **trial)
{
    hone_trial *held = hn_session_trial(study, number);
    if (!held) {
        hone_status status = hone_study_take(study->study, number, NULL, &held, request->err);
        if (!status) {
            status = hn_session_keep(study, held, request->err);
        }
        if (status) {
            return status;
        }
    }
    if (lease && strcmp(lease, hone_trial_lease(held)) != 0) {
        return other_lease(request, number, lease);
    }
    *trial = held;
    return HONE_OK;
}

static hone_status request_trial(hn_request *request, hn_open_study **study, int64_t *number,
                                 const char **lease)
{
    hone_status status = hn_request_study(request, study);
    if (!status) {
        status = hn_request_int(request, "trial", true, number);
    }
    return status ? status : hn_request_text(request, "lease", false, lease);
}

/* --- report --- */

/* A handle that met an error would fail its trial when told: it is dropped, and taken up afresh by the next
 * request. */
static hone_status check_handle(hn_request *request, hn_open_study *study, const hone_trial *trial)
{
    hone_status status = hone_trial_status(trial, request->err);
    if (status) {
        hn_session_drop(study, hone_trial_number(trial));
    }
    return status;
}

hone_status hn_op_report(hn_request *request)
{
    hn_open_study *study;
    hone_trial *trial = NULL;
    const char *lease = NULL;
    int64_t number = 0, step = 0;
    double value = 0;
    hone_status status = request_trial(request, &study, &number, &lease);
    if (!status) {
        status = hn_request_int(request, "step", true, &step);
    }
    if (!status) {
        status = hn_request_number(request, "value", true, &value);
    }
    if (!status && step < 0) {
        status = hn_fail(request->err, HONE_INVALID, "'step' is %lld; steps are 0 or more", (long long)step);
    }
    if (!status) {
        status = hn_session_take(request, study, number, lease, &trial);
    }
    if (status) {
        return status;
    }
    bool end = hone_trial_report(trial, step, value);
    bool pause = trial->verdict == HN_PAUSE;
    status = check_handle(request, study, trial);
    if (!status) {
        hn_answer_set(request, "prune", hn_node_bool(request->arena, end && !pause));
        if (pause) {
            hn_answer_set(request, "pause", hn_node_bool(request->arena, true));
        }
    }
    return status;
}

/* --- tell --- */

typedef struct telling {
    hone_trial_state state;
    bool pauses;
    double *values, *constraints;
    size_t n_values, n_constraints;
    double noise; /* NaN = not given */
    const char *message, *lease;
} telling;

static hone_status read_state(const hn_request *request, telling *tell)
{
    const char *text = "complete";
    hone_status status = hn_request_text(request, "state", false, &text);
    if (status) {
        return status;
    }
    if (!strcmp(text, "complete")) {
        tell->state = HONE_COMPLETE;
    } else if (!strcmp(text, "failed")) {
        tell->state = HONE_FAILED;
    } else if (!strcmp(text, "pruned") || !strcmp(text, "paused")) {
        tell->state = HONE_PRUNED;
        tell->pauses = text[1] == 'a';
    } else {
        status = hn_fail(request->err, HONE_INVALID,
                         "'state' is '%.60s'; it must be complete, pruned, failed or paused", text);
    }
    return status;
}

static hone_status read_values(const hn_request *request, telling *tell)
{
    double *single = HN_ARENA_NEW(request->arena, double, 1);
    if (!single) {
        return hn_out_of_memory(request->err);
    }
    hone_status status = hn_request_numbers(request, "values", &tell->values, &tell->n_values);
    if (!status && hn_map_get(request->root, "value")) {
        status = tell->values ? hn_fail(request->err, HONE_INVALID, "give 'value' or 'values', not both")
                              : hn_request_number(request, "value", true, single);
        tell->values = single;
        tell->n_values = 1;
    }
    if (status) {
        return status;
    }
    if (tell->state == HONE_COMPLETE && !tell->n_values) {
        return hn_fail(request->err, HONE_INVALID,
                       "'values' is missing: a list of numbers, one per objective");
    }
    if (tell->state != HONE_COMPLETE && tell->n_values) {
        return hn_fail(request->err, HONE_INVALID, "a %s trial is told without values",
                       tell->pauses ? "paused" : hone_trial_state_name(tell->state));
    }
    return HONE_OK;
}

static hone_status read_telling(const hn_request *request, telling *tell)
{
    hone_status status = read_state(request, tell);
    if (!status) {
        status = read_values(request, tell);
    }
    if (!status) {
        status = hn_request_numbers(request, "constraints", &tell->constraints, &tell->n_constraints);
    }
    for (size_t i = 0; i < tell->n_constraints && !status; i++) {
        if (isnan(tell->constraints[i])) {
            status = hn_fail(request->err, HONE_INVALID,
                             "constraint %zu is nan; a constraint is met when it is <= 0", i);
        }
    }
    if (!status) {
        status = hn_request_number(request, "noise", false, &tell->noise);
    }
    if (!status && !isnan(tell->noise) && !(tell->noise >= 0 && isfinite(tell->noise))) {
        status = hn_fail(request->err, HONE_INVALID, "'noise' is the variance of the value: 0 or more");
    }
    return status ? status : hn_request_text(request, "message", false, &tell->message);
}

hone_status hn_attr_json(const hn_request *request, const char *key, const hn_node *value, hn_buffer *json)
{
    enum { MAX_KEY = 512, MAX_JSON = 2045 }; /* what Optuna's tables hold */
    if (!key[0] || strlen(key) > MAX_KEY) {
        return hn_fail(request->err, HONE_LIMIT, "an attribute's key has 1 to %d bytes; this one has %zu",
                       MAX_KEY, strlen(key));
    }
    hn_json_write(json, value, HN_JSON_PYTHON);
    if (hn_buffer_failed(json)) {
        return hn_out_of_memory(request->err);
    }
    if (json->size > MAX_JSON) {
        return hn_fail(request->err, HONE_LIMIT,
                       "attribute '%.60s' has %zu bytes as JSON; at most %d are kept", key, json->size,
                       MAX_JSON);
    }
    return HONE_OK;
}

hone_status hn_trial_set_attr(const hn_request *request, hone_trial *trial, const char *key,
                              const hn_node *value)
{
    hn_buffer json = HN_BUFFER_INIT;
    hone_status status = hn_attr_json(request, key, value, &json);
    if (!status) {
        status = hn_trial_add_attribute(trial, key, hn_buffer_string(&json), false, request->err);
    }
    hn_buffer_release(&json);
    return status;
}

static hone_status set_attrs(const hn_request *request, hone_trial *trial)
{
    const hn_node *attrs = hn_map_get(request->root, "attrs");
    if (!attrs || attrs->kind == HN_NULL) {
        return HONE_OK;
    }
    if (attrs->kind != HN_MAP) {
        return hn_fail(request->err, HONE_INVALID, "'attrs' is %s; it must be an object",
                       hn_node_describe(request->arena, attrs));
    }
    hone_status status = HONE_OK;
    for (size_t i = 0; i < attrs->count && !status; i++) {
        status = hn_trial_set_attr(request, trial, attrs->as.entries[i].key, attrs->as.entries[i].value);
    }
    return status;
}

static hone_status set_facts(const hn_request *request, const telling *tell, hone_trial *trial)
{
    hone_status status = set_attrs(request, trial);
    if (!status && tell->constraints) {
        status = hone_trial_set_constraints(trial, tell->constraints, tell->n_constraints);
        status = status ? hn_out_of_memory(request->err) : HONE_OK;
    }
    if (!status && !isnan(tell->noise)) {
        hn_buffer json = HN_BUFFER_INIT;
        hn_buffer_double(&json, tell->noise);
        status =
            hn_buffer_failed(&json)
                ? hn_out_of_memory(request->err)
                : hn_trial_add_attribute(trial, HN_KEY_NOISE, hn_buffer_string(&json), true, request->err);
        hn_buffer_release(&json);
    }
    return status;
}

static bool has_nan(const telling *tell)
{
    for (size_t i = 0; i < tell->n_values; i++) {
        if (isnan(tell->values[i])) {
            return true;
        }
    }
    return false;
}

/* What the trial came to, when that is not what was told. */
static void answer_state(hn_request *request, const telling *tell, const hone_trial *trial)
{
    const char *state = has_nan(tell) ? "failed" : trial->paused ? "paused" : NULL;
    if (state) {
        hn_answer_set(request, "state", hn_node_string(request->arena, state));
    }
}

static hone_status tell_handle(hn_request *request, hn_open_study *study, const telling *tell,
                               hone_trial *trial)
{
    if (tell->pauses && trial->verdict != HN_PAUSE) {
        return hn_fail(request->err, HONE_CONFLICT, "trial %lld was not asked to pause",
                       (long long)trial->number);
    }
    hone_status status = set_facts(request, tell, trial);
    if (status) {
        return status;
    }
    if (tell->state == HONE_FAILED && tell->message) {
        hone_trial_fail(trial, tell->message);
    }
    status = hone_study_tell(study->study, trial, tell->state, tell->values, tell->n_values, request->err);
    if (!status) {
        answer_state(request, tell, trial);
    }
    return status;
}

/* The handle of this session when it holds the lease; otherwise one that may be late: its value is kept all
 * the same. */
static hone_status tell_trial(hn_request *request, hn_open_study *study, const telling *tell, int64_t number)
{
    hone_trial *trial = hn_session_trial(study, number);
    if (trial && (!tell->lease || !strcmp(tell->lease, hone_trial_lease(trial)))) {
        hone_status status = tell_handle(request, study, tell, trial);
        if (!status || hone_trial_status(trial, NULL)) {
            hn_session_drop(study, number);
        }
        return status;
    }
    hone_status status = hone_study_take(study->study, number, tell->lease, &trial, request->err);
    if (!status) {
        status = tell_handle(request, study, tell, trial);
        hone_trial_free(trial);
    }
    return status;
}

hone_status hn_op_tell(hn_request *request)
{
    hn_open_study *study;
    int64_t number = 0;
    telling tell = {.noise = NAN};
    hone_status status = request_trial(request, &study, &number, &tell.lease);
    if (!status) {
        status = read_telling(request, &tell);
    }
    request->deferred = !status && request->defers && hn_study_defer(study->study);
    return status ? status : tell_trial(request, study, &tell, number);
}

/* --- heartbeat, enqueue --- */

hone_status hn_op_heartbeat(hn_request *request)
{
    hn_open_study *study;
    hone_trial *trial = NULL;
    const char *lease = NULL;
    int64_t number = 0;
    hone_status status = request_trial(request, &study, &number, &lease);
    if (!status) {
        status = hn_session_take(request, study, number, lease, &trial);
    }
    return status ? status : hone_trial_heartbeat(trial, request->err);
}

hone_status hn_op_enqueue(hn_request *request)
{
    hn_open_study *study;
    hone_named_value *params;
    size_t n;
    int64_t number = 0;
    hone_status status = hn_request_study(request, &study);
    if (!status) {
        status = hn_request_params(request, "params", &params, &n);
    }
    if (!status) {
        status = hone_study_enqueue(study->study, params, n, &number, request->err);
    }
    if (!status) {
        hn_answer_set(request, "trial", hn_node_integer(request->arena, number));
    }
    return status;
}
