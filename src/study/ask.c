/* Asking: which trial a free worker runs next. */
#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "study/duration.h"

enum {
    MAX_RACES = 64,     /* times another process may take the number first before we give up */
    WAIT_FOR_TOLD = 50, /* ms: how soon to ask again when reproducibility holds a trial back */
};

hn_prune_context hn_study_prune_context(const hone_study *study)
{
    return (hn_prune_context){
        .history = study->history,
        .seed = study->definition->seed,
        .study_name = study->name,
        .paused = study->paused,
        .n_paused = study->n_paused,
    };
}

hn_view hn_study_view(const hone_study *study, int64_t number)
{
    int64_t lag = study->definition->lag;
    return (hn_view){.history = study->history, .before = lag < 0 ? INT64_MAX : number - lag};
}

/* With a lag, trial k waits until every trial it may see is finished: only then is its view the same in every
 * run. */
static bool must_wait_for_told(const hone_study *study, int64_t number)
{
    if (study->definition->lag < 0) {
        return false;
    }
    int64_t before = number - study->definition->lag;
    size_t n;
    const int64_t *running = hn_history_running(study->history, &n);
    size_t i = 0;
    while (i < n && i < study->n_paused && running[i] == study->paused[i]) {
        i++; /* nobody waits for what nobody runs */
    }
    return i < n && running[i] < before;
}

/* --- new and resumed trials --- */

static void free_handles(hone_study *study, hone_trial **trials, size_t n)
{
    hn_study_unlock(study);
    for (size_t i = 0; i < n; i++) {
        hone_trial_free(trials[i]);
    }
    hn_study_lock(study);
}

static hone_status make_handles(hone_study *study, hone_trial **trials, size_t n, hone_error *err)
{
    for (size_t i = 0; i < n; i++) {
        trials[i] = hn_trial_new(study);
        if (!trials[i]) {
            free_handles(study, trials, i);
            return hn_out_of_memory(err);
        }
    }
    return HONE_OK;
}

/* Define-by-run: nothing is proposed yet, but a finite search may be over. */
static hone_status check_room(hone_study *study, int64_t number, size_t *made, hone_error *err)
{
    hn_ask ask;
    bool exhausted = false;
    hone_status status = hn_study_make_ask(study, NULL, number, 0, &ask, err);
    if (!status) {
        status = hn_sampler_exhausted(study->sampler, &ask, &exhausted, err);
    }
    if (!status && exhausted) {
        *made = 0;
    }
    return status;
}

/* For the calls that suggest, and for who reads the trial. */
static hone_status remember_fixed(hone_trial *trial, const hn_node *fixed, hone_error *err)
{
    const char *json = hn_node_json(&trial->arena, fixed, HN_JSON_PYTHON);
    trial->fixed = hn_node_copy(&trial->arena, fixed);
    return json && trial->fixed ? hn_trial_add_attribute(trial, "fixed_params", json, true, err)
                                : hn_out_of_memory(err);
}

/* As hn_study_propose; a trial that would not end within the run's time is proposed anew, a few times. *made
 * 0: none can end, or the space is used up. Values that the user gave are not doubted. */
static hone_status propose_in_time(hone_study *study, int64_t number, const hn_node *fixed, size_t n,
                                   int64_t budget, hone_trial **trials, size_t *made, hone_error *err)
{
    enum { PROPOSALS = 8 };
    uint64_t seed = study->definition->seed;
    bool once = fixed || hn_sampler_type_of(study->sampler)->capabilities & HN_SAMPLER_EXHAUSTS;
    bool ends = false;
    hone_status status = HONE_OK;
    for (uint64_t k = 0; k < (once ? 1 : PROPOSALS) && !ends && !status; k++) {
        ends = true;
        *made = n;
        status = hn_study_propose(study, number, seed + k, fixed, n, trials, made, err);
        for (size_t i = 0; i < *made && ends && !status && !fixed; i++) {
            status = hn_study_ends_in_time(study, trials[i], 0, budget, &ends, err);
        }
    }
    study->out_of_time = !ends;
    *made = ends ? *made : 0;
    return status;
}

/* Before the first try for a number, and each one that another process was faster for: its trial was not seen
 * by the sampler. Then we sync and propose again, so that processes together behave as one; a blind sampler
 * is only told the number, as long as nobody can have begun the last trial of the run. */
static hone_status find_number(hone_study *study, int tries, int64_t *number, hone_error *err)
{
    int64_t all = study->all_trials;
    bool blind = hn_study_is_blind(study), counts = all && !hn_study_schedules(study);
    hone_status status = HONE_OK;
    *number = study->next_number;
    if (blind && (!all || *number < all)) {
        return HONE_OK;
    }
    if (tries || blind) {
        study->change_counter = -1;
        status = hn_study_sync(study, err);
    }
    study->full = !status && counts && hn_study_taken(study) >= all;
    *number = (int64_t)hn_history_count(study->history);
    return status;
}

/* What a blind ask proposed, to be proposed anew for another number. */
typedef struct proposal {
    hone_study *study;
    hone_trial **trials;
} proposal;

static hone_status repropose(void *user, int64_t number, hn_new_trial *row, hone_error *err)
{
    proposal *p = user;
    hone_study *study = p->study;
    size_t made = 0;
    if (study->all_trials && number >= study->all_trials) {
        return hn_fail(err, HONE_CONFLICT, "trial %lld may be one too many", (long long)number);
    }
    hone_status status =
        hn_study_propose(study, number, study->definition->seed, NULL, 1, p->trials, &made, err);
    row->params = p->trials[0]->params;
    row->n_params = p->trials[0]->n_params;
    return status;
}

/* Starts up to n trials, one when values are fixed, which no limit holds up. */
static hone_status start(hone_study *study, const hn_node *fixed, size_t n, int64_t budget,
                         hone_trial **trials, size_t *count, hone_error *err)
{
    hone_status status = make_handles(study, trials, n, err);
    if (status) {
        return status;
    }
    for (size_t i = 0; i < n; i++) {
        trials[i]->budget = budget;
    }
    size_t made = n;
    status = fixed ? remember_fixed(trials[0], fixed, err) : HONE_OK;
    study->full = false;
    for (int race = 0; !status; race++) {
        int64_t number = 0;
        status = find_number(study, race, &number, err);
        hn_arena_reset(&study->scratch);
        if (status || (study->full && !fixed)) {
            made = 0;
            break;
        }
        if (study->definition->space) {
            status = propose_in_time(study, number, fixed, n, budget, trials, &made, err);
        } else if (!fixed) {
            status = check_room(study, number, &made, err);
        }
        for (size_t i = 0; i < made && !status && !fixed; i++) {
            status = hn_study_explore(study, number + (int64_t)i, -1, 0, trials[i], err);
        }
        if (status || !made) {
            break;
        }
        proposal again = {study, trials};
        /* What has to end in time follows from the time, too: it cannot be proposed a second time. */
        bool last = race >= MAX_RACES, same = made == 1 && !fixed && !study->deadline_ns;
        bool may_change = same && !last && hn_study_is_blind(study);
        status = hn_trial_begin(study, made, trials, last ? -1 : number, may_change ? repropose : NULL,
                                &again, err);
        if (status != HONE_CONFLICT || last) {
            break;
        }
        status = HONE_OK;
    }
    size_t kept = status ? 0 : made;
    free_handles(study, trials + kept, n - kept);
    if (!status) {
        *count = kept;
    }
    return status;
}

/* *out stays NULL when another worker resumed the trial first, or it would not end in the run's time. */
static hone_status resume(hone_study *study, const hn_next *next, hone_trial **out, hone_error *err)
{
    hone_trial *trial = hn_trial_new(study);
    if (!trial) {
        return hn_out_of_memory(err);
    }
    bool ends = true;
    int64_t id = hn_history_id(study->history, next->number);
    hone_status status = study->ops->trial_read(study->storage, id, hn_trial_take_in, trial, err);
    if (!status && next->kind == HN_NEXT_RESUME) {
        int64_t step = trial->n_reports ? trial->reports[trial->n_reports - 1].step : 0;
        status = hn_study_ends_in_time(study, trial, step, next->budget, &ends, err);
        study->out_of_time = !ends;
    }
    if (!status && ends) {
        status = hn_trial_resume(study, trial, err);
    }
    if (!status && !ends) {
        free_handles(study, &trial, 1);
        return HONE_OK;
    }
    if (status == HONE_CONFLICT) {
        study->change_counter = -1;
        free_handles(study, &trial, 1);
        return HONE_OK;
    }
    if (status) {
        free_handles(study, &trial, 1);
        return status;
    }
    trial->budget = next->budget;
    *out = trial;
    return HONE_OK;
}

/* The paused trial ends PRUNED, unless another worker was faster. */
static hone_status drop(hone_study *study, int64_t number, hone_error *err)
{
    hone_trial *trial = NULL;
    hn_next next = {.kind = HN_NEXT_DROP, .number = number};
    hone_status status = resume(study, &next, &trial, err);
    if (!status && !trial) {
        return hn_study_sync(study, err);
    }
    if (!status) {
        trial->run_us = 0;
        status = hn_trial_finish(study, trial, HONE_PRUNED, err);
        free_handles(study, &trial, 1);
    }
    study->dropped += !status;
    return status;
}

/* --- the decision --- */

const char *hn_end_name(const char *reason)
{
    static const char *const names[] = {"exhausted", "trials", "seconds"};
    for (size_t i = 0; reason && i < sizeof names / sizeof *names; i++) {
        if (!strcmp(reason, names[i])) {
            return names[i];
        }
    }
    return "stopped";
}

bool hn_study_schedules(const hone_study *study)
{
    return hn_pruner_type_of(study->pruner)->next != NULL;
}

typedef struct ask_answer {
    hone_outcome outcome;
    int64_t wait_ms;
    const char *reason;
    size_t count;
} ask_answer;

/* A new trial, or a queued one where they take part in a schedule. */
static hone_status begin(hone_study *study, size_t n, int64_t budget, hone_trial **trials, size_t *count,
                         hone_error *err)
{
    bool schedules = hn_study_schedules(study);
    *count = 1;
    trials[0] = NULL;
    hone_status status = schedules ? hn_study_claim_queued(study, budget, trials, err) : HONE_OK;
    if (status || trials[0]) {
        return status;
    }
    return start(study, NULL, schedules ? 1 : n, budget, trials, count, err);
}

static hone_status finish_schedule(hone_study *study, const char *reason, hone_trial **trials,
                                   ask_answer *answer, hone_error *err)
{
    hone_status status =
        hn_study_claim_queued(study, 0, trials, err); /* what is left in the queue has no rivals */
    if (!status && !trials[0]) {
        *answer = (ask_answer){.outcome = HONE_DONE, .reason = reason};
    }
    return status;
}

/* One answer of the pruner. *again: it is to be asked once more; *exhausted: NULL, or why no trial can begin.
 */
static hone_status follow(hone_study *study, size_t n, const hn_next *next, const char **exhausted,
                          hone_trial **trials, ask_answer *answer, bool *again, hone_error *err)
{
    hone_status status = HONE_OK;
    answer->count = 1;
    trials[0] = NULL;
    switch (next->kind) {
    case HN_NEXT_START:
        if (!*exhausted && study->most_trials && hn_study_schedules(study) &&
            hn_study_begun(study) >= study->most_trials) {
            *exhausted = "trials";
            *again = true;
            return HONE_OK;
        }
        answer->count = 0;
        if (!*exhausted) {
            status = begin(study, n, next->budget, trials, &answer->count, err);
        }
        if (!status && !answer->count && study->full) {
            *answer = (ask_answer){.outcome = HONE_WAIT, .wait_ms = 1}; /* the asker knows its limits */
        } else if (!status && !answer->count) {
            *again = !*exhausted && hn_study_schedules(study);
            *exhausted = *exhausted ? *exhausted : study->out_of_time ? "seconds" : "exhausted";
            *answer = (ask_answer){.outcome = HONE_DONE, .reason = *exhausted};
        }
        return status;
    case HN_NEXT_RESUME:
        status = resume(study, next, trials, err);
        if (!status && !trials[0]) {
            *answer = study->out_of_time ? (ask_answer){.outcome = HONE_DONE, .reason = "seconds"}
                                         : (ask_answer){.outcome = HONE_WAIT, .wait_ms = 1};
        }
        return status;
    case HN_NEXT_CLONE:
        status = hn_study_clone(study, next, trials, err);
        if (!status && !trials[0]) {
            *answer = (ask_answer){.outcome = HONE_WAIT, .wait_ms = 1};
        }
        return status;
    case HN_NEXT_DROP: *again = true; return drop(study, next->number, err);
    case HN_NEXT_WAIT: *answer = (ask_answer){.outcome = HONE_WAIT, .wait_ms = next->wait_ms}; return HONE_OK;
    case HN_NEXT_DONE:
        return finish_schedule(study, *exhausted ? *exhausted : next->reason, trials, answer, err);
    }
    return hn_fail(err, HONE_INTERNAL, "pruner %s answered %d", hn_pruner_type_of(study->pruner)->name,
                   (int)next->kind);
}

static hone_status follow_pruner(hone_study *study, size_t n, hone_trial **trials, ask_answer *answer,
                                 hone_error *err)
{
    const char *exhausted = NULL;
    hone_status status = HONE_OK;
    for (bool again = true; again && !status;) {
        hn_prune_context context = hn_study_prune_context(study);
        hn_next next = {.kind = HN_NEXT_START};
        context.exhausted = exhausted;
        again = false;
        *answer = (ask_answer){.outcome = HONE_ASKED};
        status = hn_pruner_next(study->pruner, &context, &next, err);
        if (!status) {
            status = follow(study, n, &next, &exhausted, trials, answer, &again, err);
        }
    }
    return status;
}

/* What every ask begins with. *over: the study was stopped, which the answer says. */
static hone_status prepare(hone_study *study, ask_answer *answer, bool *over, hone_error *err)
{
    hone_status status = hn_definition_check_known(study->name, study->definition, err);
    if (!status) {
        status = hn_study_sync_to_ask(study, err);
    }
    if (!status && study->ops->shared) {
        double heartbeat = study->definition->heartbeat_seconds;
        double since = (double)(hn_monotonic_ns() - study->last_reap_ns) * 1e-9;
        if (!study->last_reap_ns || since > heartbeat) {
            status = hn_study_reap(study, err);
        }
    }
    *over = !status && study->stopped;
    if (*over) {
        *answer = (ask_answer){.outcome = HONE_DONE, .reason = study->stop_reason};
    }
    return status;
}

/* The oldest trial whose worker died; where a pruner schedules it is one of those that it resumes. *trial
 * stays NULL when there is none. */
static hone_status begin_again(hone_study *study, hone_trial **trial, hone_error *err)
{
    hone_status status = HONE_OK;
    while (!status && !*trial && study->n_paused && !hn_study_schedules(study)) {
        hn_next next = {.kind = HN_NEXT_RESUME, .number = study->paused[0]};
        status = resume(study, &next, trial, err);
        if (study->out_of_time) {
            return status;
        }
        if (!status && !*trial) {
            status = hn_study_sync(study, err);
        }
    }
    return status;
}

static hone_status ask_once(hone_study *study, size_t n, hone_trial **trials, ask_answer *answer,
                            hone_error *err)
{
    bool over;
    hone_status status = prepare(study, answer, &over, err);
    if (status || over) {
        return status;
    }
    trials[0] = NULL;
    status = begin_again(study, trials, err);
    if (!status && !trials[0] && !hn_study_schedules(study)) {
        status = hn_study_claim_queued(study, 0, trials, err);
    }
    if (status || trials[0]) {
        answer->count = 1;
        return status;
    }
    if (must_wait_for_told(study, (int64_t)hn_history_count(study->history))) {
        *answer = (ask_answer){.outcome = HONE_WAIT, .wait_ms = WAIT_FOR_TOLD};
        return HONE_OK;
    }
    return follow_pruner(study, n, trials, answer, err);
}

static int load(const volatile int *flag)
{
    return __atomic_load_n(flag, __ATOMIC_RELAXED);
}

/* An ask that gave up for a stop answers what the study says when it has been stopped. */
static hone_status ask_locked(hone_study *study, size_t n, hone_trial **trials, ask_answer *answer,
                              hone_error *err)
{
    for (;;) {
        hone_status status = ask_once(study, n, trials, answer, err);
        if (status != HONE_CANCELLED || load(&study->cancel) > load(&study->stops)) {
            return status;
        }
        while (load(&study->stops)) {
            pthread_cond_wait(&study->changed, &study->lock);
        }
        *answer = (ask_answer){.outcome = HONE_ASKED};
    }
}

void hn_study_cancel_asks(hone_study *study, int times)
{
    __atomic_fetch_add(&study->cancel, times, __ATOMIC_RELAXED);
}

/* With fixed values a trial never repeats another, so that a used-up space does not end it. */
static hone_status ask_fixed(hone_study *study, const hn_node *fixed, hone_trial **trial, ask_answer *answer,
                             hone_error *err)
{
    bool over;
    hone_status status = prepare(study, answer, &over, err);
    if (status || over) {
        return status;
    }
    if (must_wait_for_told(study, (int64_t)hn_history_count(study->history))) {
        *answer = (ask_answer){.outcome = HONE_WAIT, .wait_ms = WAIT_FOR_TOLD};
        return HONE_OK;
    }
    return start(study, fixed, 1, 0, trial, &answer->count, err);
}

hone_status hn_study_ask_new(hone_study *study, const hn_node *fixed, hone_outcome *outcome,
                             hone_trial **trial, int64_t *wait_ms, const char **reason, hone_error *err)
{
    hone_trial *given = NULL;
    ask_answer answer = {.outcome = HONE_ASKED};
    hn_study_lock(study);
    hone_status status =
        fixed ? ask_fixed(study, fixed, &given, &answer, err) : ask_locked(study, 1, &given, &answer, err);
    hn_study_unlock(study);
    if (status) {
        return status;
    }
    *outcome = answer.outcome;
    if (answer.outcome == HONE_ASKED) {
        *trial = given;
    }
    if (wait_ms) {
        *wait_ms = answer.wait_ms;
    }
    if (reason) {
        *reason = answer.reason;
    }
    return HONE_OK;
}

hone_status hone_study_ask(hone_study *study, hone_outcome *outcome, hone_trial **trial, int64_t *wait_ms,
                           const char **reason, hone_error *err)
{
    return hn_study_ask_new(study, NULL, outcome, trial, wait_ms, reason, err);
}

hone_status hone_study_ask_batch(hone_study *study, size_t n, hone_outcome *outcome, hone_trial **trials,
                                 size_t *count, hone_error *err)
{
    if (!n) {
        return hn_fail(err, HONE_INVALID, "a batch needs at least one trial");
    }
    ask_answer answer = {.outcome = HONE_ASKED};
    hn_study_lock(study);
    hone_status status = ask_locked(study, n, trials, &answer, err);
    hn_study_unlock(study);
    if (!status) {
        *outcome = answer.outcome;
        *count = answer.outcome == HONE_ASKED ? answer.count : 0;
    }
    return status;
}
