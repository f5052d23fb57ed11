/* One trial in its slot:
 *
 *   FREE ──begin──▶ RUNNING ──finish──▶ ENDING ──told──▶ FREE
 *                    ▲    │ worth another try
 *                    └─ AGAIN
 *
 * Reports gather while a job is under way and go to the study in one batch. The pruner's verdict stands: a
 * program that ends by itself before it is stopped is pruned all the same, so that runs do not depend on who
 * was faster.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/os_file.h"
#include "run/checkpoint.h"
#include "run/slots.h"

enum { MAX_REPORTS = 10000 }; /* of a trial: a flood of steps must not fill the storage */

static void pump(hn_slot *slot);

/* --- what an objective sees --- */

int hn_slot_index(const hn_slot *slot)
{
    return slot->index;
}

const hone_trial *hn_slot_trial(const hn_slot *slot)
{
    return slot->trial;
}

int hn_slot_attempt(const hn_slot *slot)
{
    return slot->attempt;
}

hone_status hn_slot_folder(hn_slot *slot, const char **path, hone_error *err)
{
    if (!slot->run->folder) {
        return hn_fail(err, HONE_INVALID, "the run has no folder for logs and checkpoints");
    }
    if (!slot->folder) {
        hn_buffer text = HN_BUFFER_INIT;
        hn_buffer_printf(&text, "%s/trial-%lld", slot->run->folder,
                         (long long)hone_trial_number(slot->trial));
        slot->folder = hn_buffer_take(&text);
        if (!slot->folder) {
            return hn_out_of_memory(err);
        }
        hone_status status = hn_make_directories(slot->folder, err);
        if (status) {
            return status;
        }
    }
    *path = slot->folder;
    return HONE_OK;
}

static size_t goal_of(const hn_slot *slot, const char *metric)
{
    const hone_study *study = slot->run->config.study;
    size_t n = hone_study_objective_count(study);
    for (size_t i = 0; i < n; i++) {
        const char *name;
        hone_study_objective(study, i, &name);
        if (!strcmp(name, metric)) {
            return i;
        }
    }
    return SIZE_MAX;
}

static bool is_better(hone_direction direction, double value, double than)
{
    return isnan(than) || (direction == HONE_MAXIMIZE ? value > than : value < than);
}

static void add_report(hn_slot *slot, int64_t step, double value)
{
    hn_reports *pending = &slot->pending;
    if (pending->count && pending->items[pending->count - 1].step == step) {
        pending->items[pending->count - 1].value = value;
        return;
    }
    slot->n_reports++;
    if (slot->n_reports == MAX_REPORTS + 1) {
        hn_log(HN_LOG_WARNING, "trial %lld reports more than %d steps; the rest is not kept",
               (long long)hone_trial_number(slot->trial), MAX_REPORTS);
    }
    if (slot->n_reports > MAX_REPORTS || HN_GROW(pending->items, pending->count, pending->capacity)) {
        return;
    }
    pending->items[pending->count++] = (hn_report){step, value};
    pump(slot);
}

void hn_slot_retrained(hn_slot *slot, const char *why)
{
    hn_run *run = slot->run;
    if (!run->said_retrained && slot->trial->resume_step) {
        hn_log(HN_LOG_WARNING,
               "trial %lld goes on after step %lld, but %s: it is trained again from the start (this is said "
               "once)",
               (long long)hone_trial_number(slot->trial), (long long)slot->trial->resume_step, why);
    }
    run->said_retrained = run->said_retrained || slot->trial->resume_step;
}

/* Its checkpoint was damaged, of another model, or not looked at. */
static void look_for_repeats(hn_slot *slot, int64_t step)
{
    char why[64];
    if (slot->run->config.checkpoints && step >= 0 && step <= slot->trial->resume_step) {
        snprintf(why, sizeof why, "reports step %lld", (long long)step);
        hn_slot_retrained(slot, why);
    }
}

void hn_slot_report(hn_slot *slot, int64_t step, const char *metric, double value)
{
    const hn_run_observer *observer = &slot->run->config.observer;
    const hone_study *study = slot->run->config.study;
    if (slot->phase != HN_SLOT_RUNNING) {
        return;
    }
    if (observer->reported) {
        observer->reported(observer->user, slot->trial, step, metric, value);
    }
    size_t i = goal_of(slot, metric);
    if (i == SIZE_MAX) {
        return;
    }
    look_for_repeats(slot, step);
    hn_goal *goal = &slot->goals[i];
    bool better = !goal->seen || is_better(hone_study_objective(study, i, NULL), value, goal->best);
    goal->best = better ? value : goal->best;
    goal->last = value;
    goal->seen = true;
    if (step >= 0 && !slot->stop_sent && hone_study_objective_count(study) == 1) {
        add_report(slot, step, value);
    }
}

void hn_slot_progress(hn_slot *slot, const hn_node *facts)
{
    const hn_run_observer *observer = &slot->run->config.observer;
    if (slot->phase == HN_SLOT_RUNNING && observer->progressed) {
        observer->progressed(observer->user, slot->trial, facts);
    }
}

/* --- values of a complete trial --- */

static const hn_metric *find_metric(const hn_ending *ending, const char *name)
{
    for (size_t i = 0; i < ending->n_metrics; i++) {
        if (!strcmp(ending->metrics[i].name, name)) {
            return &ending->metrics[i];
        }
    }
    return NULL;
}

static hone_status metric_missing(const hn_ending *ending, const char *name, hone_error *err)
{
    enum { NAMED = 12 };
    hn_buffer seen = HN_BUFFER_INIT;
    for (size_t i = 0; i < ending->n_metrics && i < NAMED; i++) {
        hn_buffer_printf(&seen, "%s'%s'", i ? ", " : "", ending->metrics[i].name);
    }
    if (ending->n_metrics > NAMED) {
        hn_buffer_printf(&seen, " and %zu more", ending->n_metrics - NAMED);
    }
    hone_status status =
        seen.size
            ? hn_fail(err, HONE_OBJECTIVE, "the metric '%s' never appeared in its output; seen: %s", name,
                      seen.data)
            : hn_fail(
                  err, HONE_OBJECTIVE,
                  "the metric '%s' never appeared in its output, nor any other; print a line such as %s=0.93",
                  name, name);
    hn_buffer_release(&seen);
    return status;
}

static hone_status goal_value(const hn_slot *slot, size_t i, double *value, hone_error *err)
{
    const char *name;
    hone_study_objective(slot->run->config.study, i, &name);
    const hn_metric *metric = find_metric(&slot->ending, name);
    const hn_goal *goal = &slot->goals[i];
    if (!metric && !goal->seen) {
        return metric_missing(&slot->ending, name, err);
    }
    *value = goal->seen && slot->run->config.take_best_report ? goal->best
             : metric                                         ? metric->value
                                                              : goal->last;
    if (isnan(*value)) {
        return hn_fail(err, HONE_OBJECTIVE, "its value for '%s' is nan", name);
    }
    return HONE_OK;
}

/* What the trial would be told as complete; otherwise slot->problem says why it cannot. */
static void evaluate(hn_slot *slot)
{
    const hn_run_config *config = &slot->run->config;
    size_t n = hone_study_objective_count(config->study);
    hone_status status = HONE_OK;
    slot->problem.status = HONE_OK;
    for (size_t i = 0; i < n && !status; i++) {
        status = goal_value(slot, i, &slot->values[i], &slot->problem);
    }
    slot->constraints = NULL;
    if (!status && config->n_constraints) {
        slot->constraints = HN_ARENA_NEW(&slot->arena, double, config->n_constraints);
        status = slot->constraints
                     ? config->constraints(config->constraints_user, slot->trial, slot->ending.metrics,
                                           slot->ending.n_metrics, slot->constraints, &slot->problem)
                     : hn_out_of_memory(&slot->problem);
    }
    if (status && !slot->problem.status) {
        hn_fail(&slot->problem, status, "its constraints cannot be computed");
    }
}

/* --- jobs, in the thread pool --- */

static bool send_batch(hn_slot *slot)
{
    bool prune = hone_trial_should_prune(slot->trial);
    for (size_t i = 0; i < slot->batch.count && !prune; i++) {
        prune = hone_trial_report(slot->trial, slot->batch.items[i].step, slot->batch.items[i].value);
    }
    slot->batch.count = 0;
    return prune;
}

static void set_note(hone_trial *trial, const char *key, const char *json)
{
    enum { MOST_JSON = 2045, MOST_KEY = 512 }; /* bytes that storages take */
    if (strlen(json) <= MOST_JSON && strlen(key) < MOST_KEY) {
        hone_trial_set_attribute(trial, key, json);
    } else {
        hn_log(HN_LOG_INFO, "trial %lld: %.60s is too long to be kept", (long long)hone_trial_number(trial),
               key);
    }
}

/* Metrics that are no goal, and notes, become attributes of the trial. */
static void set_notes(hn_slot *slot)
{
    enum { MOST_METRICS = 64 };
    const hn_ending *ending = &slot->ending;
    size_t kept = 0;
    for (size_t i = 0; i < ending->n_metrics && kept < MOST_METRICS; i++) {
        const hn_metric *metric = &ending->metrics[i];
        if (goal_of(slot, metric->name) == SIZE_MAX && isfinite(metric->value)) {
            char json[HN_NUMBER_SIZE];
            hn_format_double(json, metric->value);
            set_note(slot->trial, metric->name, json);
            kept++;
        }
    }
    for (size_t i = 0; i < ending->n_notes; i++) {
        set_note(slot->trial, ending->notes[i].key, ending->notes[i].json);
    }
}

/* The state the trial is told in, with what it measured so far; a misuse or the pruner's verdict goes before
 * what the objective says. */
static hone_trial_state decide(hn_slot *slot, bool prune)
{
    hone_trial *trial = slot->trial;
    set_notes(slot); /* what it measured stays of a failed one, too: it may have cost something */
    if (slot->ending.state == HONE_FAILED) {
        hone_trial_fail(trial, slot->ending.message ? slot->ending.message : "no reason given");
        return HONE_FAILED;
    }
    if (prune || slot->ending.state == HONE_PRUNED) {
        return HONE_PRUNED;
    }
    if (slot->problem.status) {
        hone_trial_fail(trial, slot->problem.message);
        return HONE_FAILED;
    }
    if (slot->constraints) {
        hone_trial_set_constraints(trial, slot->constraints, slot->run->config.n_constraints);
    }
    return HONE_COMPLETE;
}

/* Of a schedule an abandoned trial is not lost: it goes on another time. */
static bool is_put_off(const hn_slot *slot)
{
    return slot->cancelled && slot->ending.state == HONE_FAILED &&
           hn_study_schedules(slot->run->config.study);
}

/* Its program was killed while the run drained: whoever ended the run, such as a scheduler whose time was
 * over, ended what it runs, too. It begins again elsewhere, as often as a trial whose worker dies may. */
static bool is_cut_off(const hn_slot *slot)
{
    const hn_run *run = slot->run;
    hone_error err;
    return atomic_load(&run->interrupts) && !slot->stop_sent && slot->ending.state == HONE_FAILED &&
           slot->ending.retry && !hn_trial_begin_elsewhere(run->config.study, slot->trial, &err);
}

/* Of a trial that pauses, where clones may go on from it. Before it is told: then another may resume it. */
static void keep_checkpoint(hn_slot *slot, const hn_told *told)
{
    const hone_trial *trial = slot->trial;
    const hn_run *run = slot->run;
    hone_error err;
    bool cloned = hn_pruner_type_of(run->config.study->pruner)->explore && run->folder;
    if (cloned && told->state == HONE_PRUNED && trial->verdict == HN_PAUSE && trial->n_reports) {
        int64_t step = trial->reports[trial->n_reports - 1].step;
        if (hn_checkpoint_copy(run->folder, trial->number, step, &err)) {
            hn_log(HN_LOG_WARNING, "trial %lld: %s", (long long)trial->number, err.message);
        }
    }
}

static void tell(hn_slot *slot)
{
    hn_told *told = &slot->told;
    if (is_put_off(slot) || is_cut_off(slot)) {
        slot->ending.state = HONE_PRUNED;
        slot->trial->verdict = HN_PAUSE;
    }
    *told = (hn_told){.state = decide(slot, send_batch(slot))};
    keep_checkpoint(slot, told);
    size_t n = told->state == HONE_COMPLETE ? hone_study_objective_count(slot->run->config.study) : 0;
    if (hone_trial_status(slot->trial, &told->why)) {
        told->state = HONE_FAILED;
        n = 0;
    }
    told->status = hone_study_tell(slot->run->config.study, slot->trial, told->state, n ? slot->values : NULL,
                                   n, &told->err);
    told->paused = slot->trial->paused;
    told->state = told->paused ? HONE_PRUNED : told->state;
}

static void do_job(uv_work_t *work)
{
    hn_slot *slot = work->data;
    hone_error err;
    switch (slot->job) {
    case HN_JOB_REPORT: slot->prune = send_batch(slot); break;
    case HN_JOB_BEAT:
        if (hone_trial_heartbeat(slot->trial, &err)) {
            hn_log(HN_LOG_WARNING, "trial %lld: %s", (long long)hone_trial_number(slot->trial), err.message);
        }
        break;
    case HN_JOB_TELL: tell(slot); break;
    }
}

static void job_done(uv_work_t *work, int status)
{
    hn_slot *slot = work->data;
    (void)status;
    slot->working = false;
    if (slot->job == HN_JOB_TELL) {
        hn_run_slot_done(slot->run, slot);
        return;
    }
    if (slot->prune) {
        slot->prune = false;
        slot->pending.count = 0;
        hn_slot_stop(slot, HN_STOP_PRUNED);
    }
    pump(slot);
}

static void queue_job(hn_slot *slot, hn_job job)
{
    hn_reports taken = slot->pending;
    if (job != HN_JOB_BEAT) {
        slot->pending = slot->batch;
        slot->batch = taken;
    }
    slot->job = job;
    slot->working = true;
    uv_queue_work(&slot->run->loop, &slot->work, do_job, job_done);
}

/* The next job, if there is one and none is under way. */
static void pump(hn_slot *slot)
{
    if (slot->working) {
        return;
    }
    if (slot->phase == HN_SLOT_ENDING) {
        queue_job(slot, HN_JOB_TELL);
    } else if (slot->pending.count) {
        queue_job(slot, HN_JOB_REPORT);
    }
}

void hn_slot_tick(hn_slot *slot, int64_t now_ns, double heartbeat_seconds)
{
    if (slot->phase != HN_SLOT_FREE && slot->phase != HN_SLOT_ENDING && !slot->working &&
        (double)(now_ns - slot->beat_ns) * 1e-9 >= heartbeat_seconds) {
        slot->beat_ns = now_ns;
        queue_job(slot, HN_JOB_BEAT);
    }
}

/* --- beginning and ending --- */

/* The objective's ending, copied: it is needed until the trial is told. */
static void keep_ending(hn_slot *slot, const hn_ending *ending)
{
    slot->ending = *ending;
    slot->ending.message = ending->message ? hn_arena_strdup(&slot->arena, ending->message) : NULL;
    hn_metric *metrics = HN_ARENA_NEW(&slot->arena, hn_metric, ending->n_metrics + 1);
    hn_note *notes = HN_ARENA_NEW(&slot->arena, hn_note, ending->n_notes + 1);
    slot->ending.n_metrics = slot->ending.n_notes = 0;
    slot->ending.notes = notes;
    slot->ending.metrics = metrics;
    for (size_t i = 0; metrics && i < ending->n_metrics; i++) {
        const char *name = hn_arena_strdup(&slot->arena, ending->metrics[i].name);
        if (name) {
            metrics[slot->ending.n_metrics++] = (hn_metric){name, ending->metrics[i].value};
        }
    }
    for (size_t i = 0; notes && i < ending->n_notes; i++) {
        const char *key = hn_arena_strdup(&slot->arena, ending->notes[i].key);
        const char *json = hn_arena_strdup(&slot->arena, ending->notes[i].json);
        if (key && json) {
            notes[slot->ending.n_notes++] = (hn_note){key, json};
        }
    }
    if (slot->timed_out && ending->state == HONE_FAILED) {
        char limit[HN_NUMBER_SIZE];
        hn_format_duration(limit, slot->run->config.trial_seconds);
        slot->ending.message =
            hn_arena_printf(&slot->arena, "it ran longer than %s, the time limit of a trial", limit);
    }
}

static void start_again(uv_timer_t *timer);

void hn_slot_finish(hn_slot *slot, const hn_ending *ending)
{
    hn_run *run = slot->run;
    bool again = ending->state == HONE_FAILED && ending->retry && slot->attempt <= run->config.retries &&
                 !atomic_load(&run->interrupts);
    uv_timer_stop(&slot->timer);
    hn_arena_reset(&slot->arena);
    keep_ending(slot, ending);
    if (again) {
        hn_log(HN_LOG_INFO, "trial %lld: try %d failed: %s; trying again",
               (long long)hone_trial_number(slot->trial), slot->attempt,
               slot->ending.message ? slot->ending.message : "no reason given");
        slot->phase = HN_SLOT_AGAIN;
        uv_timer_start(&slot->timer, start_again, 0, 0);
        return;
    }
    if (ending->state == HONE_COMPLETE) {
        evaluate(slot);
    }
    slot->phase = HN_SLOT_ENDING;
    pump(slot);
}

static void time_is_over(uv_timer_t *timer)
{
    hn_slot *slot = timer->data;
    slot->timed_out = !slot->stop_sent;
    hn_slot_stop(slot, HN_STOP_TIMEOUT);
}

static void start_trial(hn_slot *slot)
{
    hone_error err = {0};
    const hn_run_config *config = &slot->run->config;
    slot->attempt++;
    slot->phase = HN_SLOT_RUNNING;
    slot->timed_out = slot->stop_sent = slot->cancelled = false;
    memset(slot->goals, 0, sizeof slot->goals);
    if (atomic_load(&slot->run->interrupts) >= 2) { /* meanwhile */
        slot->cancelled = true;
        hn_slot_finish(slot, &(hn_ending){.state = HONE_FAILED, .message = "interrupted"});
    } else if (slot->inherit.status) {
        hn_slot_finish(slot, &(hn_ending){.state = HONE_FAILED, .message = slot->inherit.message});
    } else if (config->objective->start(slot->run->state, slot, &err)) {
        hn_slot_finish(slot, &(hn_ending){.state = HONE_FAILED, .message = err.message});
    } else if (config->trial_seconds > 0) {
        uv_timer_start(&slot->timer, time_is_over, (uint64_t)(config->trial_seconds * 1000), 0);
    }
}

static void start_again(uv_timer_t *timer)
{
    start_trial(timer->data);
}

/* A trial that goes on from a step finds nothing to go on from. */
static void look_for_checkpoint(hn_slot *slot)
{
    const hn_run *run = slot->run;
    if (!run->config.checkpoints || !run->config.folder || !slot->trial->resume_step) {
        return;
    }
    static const char nothing[] = "there is nothing in ";
    hn_buffer why = HN_BUFFER_INIT;
    hn_buffer_printf(&why, "%s%s/trial-%lld/checkpoint", nothing, run->folder,
                     (long long)hone_trial_number(slot->trial));
    if (!hn_buffer_failed(&why) && hn_is_empty_directory(hn_buffer_string(&why) + sizeof nothing - 1)) {
        hn_slot_retrained(slot, hn_buffer_string(&why));
    }
    hn_buffer_release(&why);
}

void hn_slot_begin(hn_slot *slot, hone_trial *trial, const hone_error *inherit)
{
    const hn_run_observer *observer = &slot->run->config.observer;
    hn_free(slot->folder);
    slot->folder = NULL;
    slot->trial = trial;
    slot->inherit = *inherit;
    slot->attempt = 0;
    slot->n_reports = 0;
    slot->pending.count = slot->batch.count = 0;
    slot->started_ns = slot->beat_ns = hn_monotonic_ns();
    if (observer->started) {
        observer->started(observer->user, trial);
    }
    look_for_checkpoint(slot);
    start_trial(slot);
}

void hn_slot_stop(hn_slot *slot, hn_stop_reason reason)
{
    if (slot->phase == HN_SLOT_RUNNING) {
        slot->cancelled = slot->cancelled || (!slot->stop_sent && reason == HN_STOP_CANCELLED);
        slot->stop_sent = true;
        slot->run->config.objective->stop(slot->run->state, slot, reason);
    }
}

/* --- being made --- */

hone_status hn_slot_init(hn_slot *slot, hn_run *run, int index, hone_error *err)
{
    slot->run = run;
    slot->index = index;
    slot->work.data = slot;
    if (uv_timer_init(&run->loop, &slot->timer)) {
        return hn_fail(err, HONE_IO, "cannot make a timer");
    }
    slot->timer.data = slot;
    return HONE_OK;
}

void hn_slot_release(hn_slot *slot)
{
    hone_trial_free(slot->trial);
    hn_free(slot->folder);
    hn_free(slot->pending.items);
    hn_free(slot->batch.items);
    hn_arena_release(&slot->arena);
}
