/* The fleet's loop. Two sources tell how it stands: the study (trials, and why its last run ended) and
 * Slurm's queue. The queue is always read before the study: a worker that has gone in the first, of a study
 * that is not over in the second, went too early, and is replaced.
 */
#include "run/fleet.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/node.h"
#include "base/os_file.h"
#include "study/limit.h"

enum {
    TICK_MS = 100,
    SYNC_MS = 250,
    LOOK_MS = 1000, /* at first; longer and longer while nothing changes */
    LONGEST_LOOK_MS = 15000,
    PATIENCE = 20, /* looks without an answer when there is nothing but the end to wait for */
    MAX_JOBS = 1000,
};

static const char attribute[] = "hone:fleet";

typedef struct fleet {
    const hn_fleet_config *config;
    hn_run_result *result;
    hn_arena arena;
    char name[HN_SLURM_NAME_SIZE], job[HN_SLURM_JOB_SIZE];
    hn_node *jobs; /* a list of their numbers */
    bool *known;   /* (n_known,) trials whose end was told */
    size_t n_known;
    hn_slurm_queue queue;
    bool queue_known;
    const char *reason; /* why the study is over, NULL while it is not */
    bool others;        /* it would be but for trials that workers run, who may die */
    int64_t next_sync_ms, next_look_ms, look_ms;
    int64_t told, told_at_submission; /* complete or pruned; -1: nothing was submitted yet */
    int unanswered, heeded;           /* looks without an answer; interrupts that were passed on */
    bool emptied;                     /* tasks that waited were taken out */
} fleet;

static int64_t now_ms(void)
{
    return hn_monotonic_ns() / 1000000;
}

/* --- what the study remembers --- */

static hone_status recall(fleet *f, hone_error *err)
{
    char *json = NULL;
    hn_node *map = NULL;
    f->jobs = hn_node_list(&f->arena);
    if (!f->jobs) {
        return hn_out_of_memory(err);
    }
    if (hone_study_attribute(f->config->study, attribute, &json, NULL)) {
        return HONE_OK;
    }
    hone_status status = hn_json_parse(&f->arena, attribute, json, strlen(json), &map, err);
    const hn_node *name = status ? NULL : hn_map_get(map, "slurm");
    hn_node *jobs = status ? NULL : (hn_node *)hn_map_get(map, "jobs");
    if (name && name->kind == HN_STRING) {
        snprintf(f->name, sizeof f->name, "%s", name->as.string);
    }
    if (jobs && jobs->kind == HN_LIST) {
        f->jobs = jobs;
        const hn_node *last = jobs->count ? jobs->as.items[jobs->count - 1] : NULL;
        snprintf(f->job, sizeof f->job, "%s", last && last->kind == HN_STRING ? last->as.string : "");
    }
    hone_free(json);
    return status;
}

static hone_status remember(fleet *f, hone_error *err)
{
    hn_node *map = hn_map_set(&f->arena, hn_node_map(&f->arena), "slurm", hn_node_string(&f->arena, f->name));
    map = hn_map_set(&f->arena, map, "jobs", f->jobs);
    const char *json = map ? hn_node_json(&f->arena, map, HN_JSON_PYTHON) : NULL;
    return json ? hone_study_set_attribute(f->config->study, attribute, json, err) : hn_out_of_memory(err);
}

hone_status hn_fleet_jobs(hone_study *study, hn_arena *arena, const char **jobs, hone_error *err)
{
    hn_buffer text = HN_BUFFER_INIT;
    hn_fleet_config config = {.study = study};
    fleet f = {.config = &config, .arena = HN_ARENA_INIT};
    hone_status status = recall(&f, err);
    for (size_t i = 0; !status && i < f.jobs->count; i++) {
        const hn_node *job = f.jobs->as.items[i];
        hn_buffer_printf(&text, "%s%s", i ? ", " : "", job->kind == HN_STRING ? job->as.string : "?");
    }
    *jobs = NULL;
    if (!status && text.size) {
        *jobs = hn_arena_strdup(arena, hn_buffer_string(&text));
        status = *jobs ? HONE_OK : hn_out_of_memory(err);
    }
    hn_buffer_release(&text);
    hn_arena_release(&f.arena);
    return status;
}

/* --- submitting --- */

/* The queue is about to change: what is known of it does not count any more. */
static void look_soon(fleet *f)
{
    f->queue_known = false;
    f->look_ms = LOOK_MS;
    f->next_look_ms = now_ms() + LOOK_MS;
}

/* The name is kept before there is a job of that name: whoever dies in between loses none. */
static hone_status submit(fleet *f, int64_t workers, hone_error *err)
{
    const hn_fleet_observer *observer = &f->config->observer;
    hn_slurm_array array = f->config->array;
    char note[160];
    hone_status status = HONE_OK;
    if (!f->name[0]) {
        status = hn_slurm_new_name(hone_study_name(f->config->study), f->name, err);
        status = status ? status : remember(f, err);
    }
    array.name = f->name;
    array.workers = workers;
    status = status ? status : hn_make_directories(array.folder, err);
    status = status ? status : hn_slurm_submit(&array, f->job, err);
    if (status) {
        return status;
    }
    hn_node *job = hn_node_string(&f->arena, f->job);
    f->jobs = f->jobs->count < MAX_JOBS ? hn_list_append(&f->arena, f->jobs, job) : f->jobs;
    f->told_at_submission = f->told;
    snprintf(note, sizeof note, "  submitted job %s: %lld worker%s", f->job, (long long)workers,
             workers == 1 ? "" : "s");
    observer->note(observer->user, note);
    look_soon(f);
    return f->jobs ? remember(f, err) : hn_out_of_memory(err);
}

/* --- how the study stands --- */

static hone_status take_trial(fleet *f, int64_t number, bool tell, hone_error *err)
{
    const hn_fleet_observer *observer = &f->config->observer;
    hone_trial_info *info = NULL;
    hone_status status = tell ? hone_study_trial(f->config->study, number, &info, err) : HONE_OK;
    if (info) {
        f->result->complete += info->state == HONE_COMPLETE;
        f->result->pruned += info->state == HONE_PRUNED;
        f->result->failed += info->state == HONE_FAILED;
        f->result->reporting += info->n_reports > 0;
        f->told += info->state != HONE_FAILED;
        if (info->state == HONE_FAILED) {
            hn_fail(&f->result->last_failure, HONE_OBJECTIVE, "trial %lld: %s", (long long)number,
                    info->message ? info->message : "it failed");
        }
        observer->ended(observer->user, info);
    }
    hone_trial_info_free(info);
    return status;
}

/* Trials that ended since the last call, numbers in arena, oldest first. */
static hone_status new_ends(fleet *f, hn_arena *arena, int64_t **numbers, size_t *count, hone_error *err)
{
    hone_study *study = f->config->study;
    size_t n = 0, rows = 0;
    *count = 0;
    hn_study_lock(study);
    hone_status status = hn_study_sync(study, err);
    const int64_t *finished = status ? NULL : hn_history_finished(study->history, &n);
    rows = status ? 0 : hn_history_count(study->history);
    bool *known = hn_realloc_array(f->known, rows + 1, sizeof *known);
    *numbers = HN_ARENA_NEW(arena, int64_t, n + 1);
    f->known = known ? known : f->known;
    if (!status && (!known || !*numbers)) {
        status = hn_out_of_memory(err);
    }
    for (; !status && f->n_known < rows; f->n_known++) {
        known[f->n_known] = false;
    }
    for (size_t i = 0; !status && i < n; i++) {
        if (!known[finished[i]]) {
            known[finished[i]] = true;
            (*numbers)[(*count)++] = finished[i];
        }
    }
    hn_study_unlock(study);
    return status;
}

/* tell: they ended while this process follows. */
static hone_status take_news(fleet *f, bool tell, hone_error *err)
{
    hn_arena arena = HN_ARENA_INIT;
    int64_t *numbers = NULL;
    size_t count = 0;
    hone_status status = new_ends(f, &arena, &numbers, &count, err);
    for (size_t i = 0; i < count && !status; i++) {
        status = take_trial(f, numbers[i], tell, err);
    }
    hn_arena_release(&arena);
    f->next_sync_ms = now_ms() + SYNC_MS;
    return status;
}

/* What a worker found: limits that only who asks can know, such as a grid that is used up. */
static hone_status ended_by_worker(fleet *f, const char **reason, hone_error *err)
{
    static const char *const over[] = {"trials", "exhausted", "target", "patience",
                                       "regret", "cost",      "stopped"};
    hn_arena arena = HN_ARENA_INIT;
    hn_node *end = NULL;
    hone_status status = hn_study_read_end(f->config->study, &arena, &end, err);
    const hn_node *node = end ? hn_map_get(end, "reason") : NULL;
    for (size_t i = 0; node && node->kind == HN_STRING && i < sizeof over / sizeof *over; i++) {
        *reason = strcmp(node->as.string, over[i]) ? *reason : over[i];
    }
    hn_arena_release(&arena);
    return status;
}

/* Dead workers' trials are put back by whoever asks next; all may be busy. *others: trials that were begun
 * have not ended, and may have to be begun again. */
static hone_status reap(fleet *f, bool *others, hone_error *err)
{
    hone_study *study = f->config->study;
    hn_study_lock(study);
    hone_status status = hn_study_reap(study, err);
    *others = !status && (study->others || (study->n_paused && !hn_study_schedules(study)));
    hn_study_unlock(study);
    return status;
}

static hone_status judge(fleet *f, hone_error *err)
{
    hone_study *study = f->config->study;
    const char *reason = NULL;
    bool others = false;
    hone_status status = reap(f, &others, err);
    if (!status) {
        hn_study_lock(study);
        status = hn_study_limit(study, &f->config->budget, 0, &reason, err);
        hn_study_unlock(study);
    }
    if (!status && !reason) {
        status = ended_by_worker(f, &reason, err);
    }
    f->others = others && reason && (!strcmp(reason, "trials") || !strcmp(reason, "exhausted"));
    f->reason = f->others || f->reason ? f->reason : reason;
    return status;
}

/* --- how the queue stands --- */

static bool is_empty(const fleet *f)
{
    return !f->queue.running && !f->queue.waiting;
}

static void look(fleet *f)
{
    const hn_fleet_observer *observer = &f->config->observer;
    hn_slurm_queue queue;
    hone_error why;
    if (hn_slurm_look(f->name, &queue, &why)) {
        if (!f->unanswered++) {
            hn_log(HN_LOG_WARNING, "%s; asking again", why.message);
        }
        f->queue_known = false;
    } else {
        bool changed = memcmp(&queue, &f->queue, sizeof queue) != 0;
        f->queue = queue;
        f->queue_known = true;
        f->unanswered = 0;
        f->look_ms = changed ? LOOK_MS : f->look_ms + f->look_ms / 2;
        f->look_ms = f->look_ms < LONGEST_LOOK_MS ? f->look_ms : LONGEST_LOOK_MS;
        if (changed) {
            observer->crew(observer->user, f->job, &f->queue);
        }
    }
    f->next_look_ms = now_ms() + f->look_ms;
}

/* --- deciding --- */

static void warn(hone_status status, const hone_error *why)
{
    if (status) {
        hn_log(HN_LOG_WARNING, "%s", why->message);
    }
}

/* As many as are wanted, as long as those before them got something done. */
static hone_status replace(fleet *f, hone_error *err)
{
    int64_t missing = f->config->array.workers - f->queue.running - f->queue.waiting;
    bool wanted = !f->reason && !f->heeded && f->queue_known && !(f->others && !is_empty(f));
    if (!wanted || missing <= 0) {
        return HONE_OK;
    }
    if (f->told > f->told_at_submission) {
        return submit(f, missing, err);
    }
    if (!is_empty(f)) {
        return HONE_OK;
    }
    const hone_error *failure = &f->result->last_failure;
    return hn_fail(err, HONE_OBJECTIVE,
                   "the workers of job %s have all ended, and no trial has succeeded%s%s; what they said: "
                   "%s/slurm-%s_*.log",
                   f->job, failure->status ? ": " : "", failure->status ? failure->message : "",
                   f->config->array.folder, f->job);
}

/* The study is over: tasks that wait would find nothing to do. Those that run see that themselves, but for
 * the time, which is ours. */
static void wind_up(fleet *f)
{
    hone_error why;
    if (f->reason && !f->emptied) {
        f->emptied = true;
        bool drains = !strcmp(f->reason, "seconds");
        warn((drains ? hn_slurm_drain : hn_slurm_cancel_waiting)(f->name, &why), &why);
        look_soon(f);
    }
}

static void heed_interrupts(fleet *f)
{
    hone_error why;
    int interrupts = *f->config->interrupts;
    if (interrupts > f->heeded) {
        warn((interrupts == 1 ? hn_slurm_drain : hn_slurm_cancel)(f->name, &why), &why);
        f->heeded = interrupts;
        look_soon(f);
    }
}

static bool is_through(const fleet *f)
{
    bool ending = f->reason || f->heeded;
    return ending && ((f->queue_known && is_empty(f)) || f->unanswered >= PATIENCE);
}

/* --- the loop --- */

static hone_status follow(fleet *f, hone_error *err)
{
    const hn_fleet_observer *observer = &f->config->observer;
    hone_status status = HONE_OK;
    while (!status && !is_through(f)) {
        observer->tick(observer->user);
        heed_interrupts(f);
        bool looked = now_ms() >= f->next_look_ms;
        if (looked) {
            look(f);
        }
        if (looked || now_ms() >= f->next_sync_ms) {
            status = take_news(f, true, err);
            status = status ? status : judge(f, err);
        }
        wind_up(f);
        if (!status && looked) {
            status = replace(f, err);
        }
        if (!status && !is_through(f)) {
            hn_sleep_ms(TICK_MS);
        }
    }
    return status ? status : take_news(f, true, err);
}

/* Finds the jobs of an earlier process, if they are still there, or submits some. */
static hone_status begin(fleet *f, hone_error *err)
{
    const hn_fleet_observer *observer = &f->config->observer;
    char note[120];
    hone_status status = hn_study_begin_run(f->config->study, &f->config->budget, err);
    status = status ? status : recall(f, err);
    status = status ? status : take_news(f, false, err);
    if (!status && f->name[0]) {
        status = hn_slurm_look(f->name, &f->queue, err);
    }
    if (status) {
        return status;
    }
    look_soon(f);
    if (is_empty(f)) {
        return submit(f, f->config->array.workers, err);
    }
    snprintf(note, sizeof note, "  following job %s, which was submitted before", f->job);
    observer->note(observer->user, note);
    observer->crew(observer->user, f->job, &f->queue);
    return HONE_OK;
}

hone_status hn_fleet_run(const hn_fleet_config *config, hn_run_result *result, hone_error *err)
{
    fleet f = {.config = config, .result = result, .arena = HN_ARENA_INIT, .told_at_submission = -1};
    double began = hn_monotonic_seconds();
    *result = (hn_run_result){.reason = "failures"};
    hone_status status = begin(&f, err);
    if (!status) {
        status = follow(&f, err);
    }
    if (!status) {
        result->reason = f.reason ? f.reason : "interrupted";
    }
    result->seconds = hn_monotonic_seconds() - began;
    hone_status ended = status && status != HONE_OBJECTIVE
                            ? HONE_OK
                            : hn_study_end_run(config->study, result->reason, status ? NULL : err);
    hn_free(f.known);
    hn_arena_release(&f.arena);
    return status ? status : ended;
}
