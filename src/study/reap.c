/* Workers that died: leases that say whose a trial is, noticing that nobody keeps it alive, and letting it
 * begin again.
 *
 * A worker is dead when its process, on this machine, is gone, or when a heartbeat stays the same while this
 * handle watches for two intervals. The times in the heartbeats are not compared with a clock: machines
 * disagree, and clocks jump. Its trial is paused as it is, with its checkpoint, and goes on under the same
 * number when somebody asks; after `restarts` of these it has failed. Of two that notice at once one wins,
 * because both name the lease they saw.
 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/os_system.h"
#include "base/text_map.h"
#include "study/study.h"

/* --- leases --- */

/* A lease is 16 random hexadecimal digits, then 8 of the machine's name and 8 of the process that keeps the
 * trial alive: 0 when no process does, because the trial was asked by hand. */
static uint32_t machine_hash(void)
{
    const char *name = hn_host_name();
    return (uint32_t)hn_hash_bytes(name, strlen(name), 0);
}

hone_status hn_lease_new(bool beating, char lease[HN_LEASE_SIZE], hone_error *err)
{
    char random[17];
    hone_status status = hn_random_hex(random, 8, err);
    if (!status) {
        snprintf(lease, HN_LEASE_SIZE, "%s%08x%08x", random, machine_hash(),
                 beating ? (unsigned)hn_process_id() : 0u);
    }
    return status;
}

static bool read_hex(const char *text, unsigned *value)
{
    *value = 0;
    for (int i = 0; i < 8; i++) {
        const char *digits = "0123456789abcdef", *at = text[i] ? strchr(digits, text[i]) : NULL;
        if (!at) {
            return false;
        }
        *value = *value << 4 | (unsigned)(at - digits);
    }
    return true;
}

/* The lease names a process of this machine that does not exist any more. */
static bool lease_is_orphaned(const char *lease)
{
    unsigned machine, process;
    if (strlen(lease) != HN_LEASE_SIZE - 1 || !read_hex(lease + 16, &machine) ||
        !read_hex(lease + 24, &process)) {
        return false;
    }
    return machine == machine_hash() && process && !hn_process_exists(process);
}

/* --- a dead worker's trial --- */

static hone_status fail_dead(hone_study *study, const hn_beat *beat, hone_error *err)
{
    static const hn_attribute why = {"hone:message", "\"its worker died\"", true};
    hn_trial_update update = {
        .state = HONE_FAILED, .complete_us = hn_wall_us(), .n_attributes = 1, .attributes = &why};
    char lease[HN_LEASE_SIZE];
    hone_status status = hn_lease_new(false, lease, err);
    if (!status) {
        status = study->ops->trial_lease(study->storage, beat->id, beat->lease, lease, NULL, err);
    }
    return status ? status
                  : study->ops->trial_update(study->storage, beat->id, lease, &update, NULL, NULL, err);
}

/* What is known of it. */
typedef struct dead_trial {
    hone_study *study;
    int64_t number, start_us, step, restarts, runs;
    double seconds; /* of the runs before */
} dead_trial;

static hone_status read_dead(void *user, const hn_trial_record *record, hone_error *err)
{
    (void)err;
    dead_trial *dead = user;
    *dead = (dead_trial){.study = dead->study,
                         .number = record->number,
                         .start_us = record->start_us,
                         .step = record->n_reports ? record->reports[record->n_reports - 1].step : 0,
                         .runs = record->runs,
                         .seconds = record->seconds};
    for (size_t i = 0; i < record->n_attributes; i++) {
        const hn_attribute *attribute = &record->attributes[i];
        if (attribute->system && !strcmp(attribute->key, HN_KEY_RESTARTS)) {
            hn_parse_int(attribute->json, strlen(attribute->json), &dead->restarts);
        }
    }
    return HONE_OK;
}

/* Paused at the last step it reported, with what it has run: up to its last heartbeat, where it is known when
 * it began. */
static hone_status put_back(const dead_trial *dead, const hn_beat *beat, hone_error *err)
{
    hone_study *study = dead->study;
    hn_buffer count = HN_BUFFER_INIT, ran = HN_BUFFER_INIT;
    bool known = !dead->runs && dead->start_us && beat->beat_us > dead->start_us;
    double seconds = known ? (double)(beat->beat_us - dead->start_us) * 1e-6 : 0;
    hn_buffer_printf(&count, "%lld", (long long)dead->restarts + 1);
    hn_run_times_write(&ran, dead->runs + 1, dead->seconds + seconds);
    hone_status status = HONE_OK;
    if (hn_buffer_failed(&count) || hn_buffer_failed(&ran)) {
        status = hn_out_of_memory(err);
    } else {
        const hn_attribute attributes[] = {{HN_KEY_RESTARTS, hn_buffer_string(&count), true},
                                           {HN_KEY_RAN, hn_buffer_string(&ran), true}};
        hn_trial_update update = {.state = HONE_RUNNING, .n_attributes = 2, .attributes = attributes};
        status = study->ops->trial_update(study->storage, beat->id, beat->lease, &update, NULL, NULL, err);
    }
    hn_buffer_release(&count);
    hn_buffer_release(&ran);
    return status ? status : study->ops->trial_pause(study->storage, beat->id, beat->lease, dead->step, err);
}

hone_status hn_trial_begin_elsewhere(const hone_study *study, hone_trial *trial, hone_error *err)
{
    char count[HN_NUMBER_SIZE];
    if (!study->ops->shared || trial->restarts >= study->definition->restarts) {
        return hn_fail(err, HONE_LIMIT, "trial %lld has begun again %lld times", (long long)trial->number,
                       (long long)trial->restarts);
    }
    snprintf(count, sizeof count, "%lld", (long long)trial->restarts + 1);
    hone_status status = hn_trial_add_attribute(trial, HN_KEY_RESTARTS, count, true, err);
    trial->restarts += !status;
    return status;
}

/* *count grows unless another handle was faster, or the worker told it after all. */
static hone_status reap_one(hone_study *study, const hn_beat *beat, size_t *count, hone_error *err)
{
    dead_trial dead = {.study = study};
    hone_status status = study->ops->trial_read(study->storage, beat->id, read_dead, &dead, err);
    bool again = dead.restarts < study->definition->restarts && beat->lease[0];
    if (!status) {
        status = again ? put_back(&dead, beat, err) : fail_dead(study, beat, err);
    }
    if (!status) {
        ++*count;
        hn_log(HN_LOG_WARNING, "trial %lld: its worker died; %s", (long long)dead.number,
               again ? "it will begin again" : "it has failed");
    }
    return status == HONE_CONFLICT ? HONE_OK : status;
}

/* --- who is dead --- */

typedef bool judge(hone_study *study, const hn_beat *beat, double seconds);

static bool is_older(hone_study *study, const hn_beat *beat, double seconds)
{
    (void)study;
    return beat->beat_us < hn_wall_us() - (int64_t)(seconds * 1e6);
}

static hn_watched *find_watched(const hone_study *study, int64_t id)
{
    for (size_t i = 0; i < study->n_watched; i++) {
        if (study->watched[i].id == id) {
            return &study->watched[i];
        }
    }
    return NULL;
}

static bool is_silent(hone_study *study, const hn_beat *beat, double seconds)
{
    const hn_watched *watched = find_watched(study, beat->id);
    return watched && watched->seconds >= seconds;
}

/* Adds the time since the last look to those that have not beaten since. Of a long break only one interval
 * counts: while the storage could not be reached nobody could beat. */
static hone_status watch(hone_study *study, const hn_beat *beats, size_t n, hone_error *err)
{
    int64_t now = hn_monotonic_ns();
    double since = (double)(now - study->watched_ns) * 1e-9, interval = study->definition->heartbeat_seconds;
    hn_watched *watched = hn_calloc(n + 1, sizeof *watched);
    if (!watched) {
        return hn_out_of_memory(err);
    }
    for (size_t i = 0; i < n; i++) {
        const hn_watched *before = find_watched(study, beats[i].id);
        bool same = before && before->beat_us == beats[i].beat_us;
        watched[i] = (hn_watched){
            .id = beats[i].id,
            .beat_us = beats[i].beat_us,
            .seconds = same ? before->seconds + (since < interval ? since : interval) : 0,
        };
    }
    hn_free(study->watched);
    study->watched = watched;
    study->n_watched = n;
    study->watched_ns = now;
    return HONE_OK;
}

/* Alive, as this handle is. */
static bool is_own(const hone_study *study, int64_t id)
{
    const hone_trial *trial = study->live;
    while (trial && (trial->id != id || trial->told)) {
        trial = trial->next_live;
    }
    return trial;
}

static hone_status reap(hone_study *study, judge *is_dead, double seconds, size_t *count, hone_error *err)
{
    hn_beat *beats = NULL;
    size_t n = 0, reaped = 0;
    hn_arena arena = HN_ARENA_INIT;
    hone_status status = study->ops->trials_beating(study->storage, study->row, &arena, &beats, &n, err);
    if (!status) {
        status = watch(study, beats, n, err);
    }
    study->others = false;
    for (size_t i = 0; i < n && !status; i++) {
        bool other = !is_own(study, beats[i].id);
        bool dead = lease_is_orphaned(beats[i].lease) || is_dead(study, &beats[i], seconds);
        study->others = study->others || other;
        if (other && dead) {
            status = reap_one(study, &beats[i], &reaped, err);
        }
    }
    hn_arena_release(&arena);
    if (!status && reaped) {
        study->change_counter = -1;
        status = hn_study_sync(study, err);
    }
    if (!status && count) {
        *count = reaped;
    }
    study->last_reap_ns = hn_monotonic_ns();
    return status;
}

hone_status hn_study_reap(hone_study *study, hone_error *err)
{
    return reap(study, is_silent, 2 * study->definition->heartbeat_seconds, NULL, err);
}

hone_status hone_study_reap(hone_study *study, double seconds, size_t *count, hone_error *err)
{
    hn_study_lock(study);
    hone_status status = hn_study_sync(study, err);
    if (!status) {
        status = reap(study, is_older, seconds, count, err);
    }
    hn_study_unlock(study);
    return status;
}

/* --- the others --- */

hone_status hn_study_await_others(hone_study *study, const hone_budget *budget, int64_t started, bool *others,
                                  hone_error *err)
{
    int64_t finished = hn_study_taken(study) - (int64_t)hn_history_state_count(study->history, HONE_RUNNING) +
                       (int64_t)study->n_paused;
    bool own = budget->more_trials && started >= budget->more_trials;
    bool over = study->deadline_ns && hn_monotonic_ns() >= study->deadline_ns;
    *others = false;
    if (!study->ops->shared || !budget->trials || finished >= budget->trials || own || over) {
        return HONE_OK;
    }
    hone_status status = hn_study_reap(study, err);
    *others = !status && (study->n_paused || study->others);
    return status;
}

/* --- being alive --- */

hone_status hn_study_set_beats(hone_study *study, const char *job, hone_error *err)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_node *map = hn_map_set(&arena, hn_node_map(&arena), "host", hn_node_string(&arena, hn_host_name()));
    map = hn_map_set(&arena, map, "pid", hn_node_integer(&arena, hn_process_id()));
    if (job) {
        map = hn_map_set(&arena, map, "job", hn_node_string(&arena, job));
    }
    const char *json = map ? hn_node_json(&arena, map, HN_JSON_PYTHON) : NULL;
    char *worker = json ? hn_strdup(json) : NULL;
    hn_arena_release(&arena);
    if (!worker) {
        return hn_out_of_memory(err);
    }
    hn_study_lock(study);
    hn_free(study->worker);
    study->worker = worker;
    study->beats = study->ops->shared;
    hn_study_unlock(study);
    return HONE_OK;
}

hone_status hn_trial_sign(hone_study *study, hone_trial *trial, hone_error *err)
{
    return study->beats ? hn_trial_add_attribute(trial, HN_KEY_WORKER, study->worker, true, err) : HONE_OK;
}

hone_status hone_trial_heartbeat(hone_trial *trial, hone_error *err)
{
    hone_study *study = trial->study;
    hn_study_lock(study);
    hone_status status = trial->told ? HONE_OK : hn_trial_flush(study, trial, err);
    if (!status) {
        status = study->ops->trial_heartbeat(study->storage, trial->id, hn_wall_us(), err);
    }
    hn_study_unlock(study);
    return status;
}
