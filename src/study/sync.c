/* Bringing the history up to the storage, and noticing workers that died. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/os_system.h"
#include "base/text_map.h"
#include "study/study.h"

/* --- reading what others wrote --- */

static hone_trial *find_live(const hone_study *study, int64_t number)
{
    for (hone_trial *trial = study->live; trial; trial = trial->next_live) {
        if (trial->number == number) {
            return trial;
        }
    }
    return NULL;
}

static bool is_finished(hone_trial_state state)
{
    return state == HONE_COMPLETE || state == HONE_PRUNED || state == HONE_FAILED;
}

static hone_status take_in(void *user, const hn_trial_record *record, hone_error *err)
{
    hone_study *study = user;
    if (record->id > study->last_id) {
        study->last_id = record->id;
    }
    bool known = record->number < (int64_t)hn_history_count(study->history);
    if (known && is_finished(hn_history_state(study->history, record->number))) {
        return HONE_OK;
    }
    if (known && record->state == HONE_RUNNING && find_live(study, record->number)) {
        return HONE_OK; /* our own handle knows more: parameters and reports not yet flushed */
    }
    hone_status status = hn_history_put(study->history, record, err);
    if (!status) {
        hn_study_note_cost(study, record);
    }
    return status;
}

/* Keys of the trials that may have changed since they were read. */
static hone_status collect_open_ids(hone_study *study, int64_t **ids, size_t *count, hone_error *err)
{
    size_t n_running, n_waiting;
    const int64_t *running = hn_history_running(study->history, &n_running);
    const int64_t *waiting = hn_history_waiting(study->history, &n_waiting);
    int64_t *open = HN_ARENA_NEW(&study->scratch, int64_t, n_running + n_waiting);
    if (!open) {
        return hn_out_of_memory(err);
    }
    size_t n = 0;
    for (size_t i = 0; i < n_running; i++) {
        open[n++] = hn_history_id(study->history, running[i]);
    }
    for (size_t i = 0; i < n_waiting; i++) {
        open[n++] = hn_history_id(study->history, waiting[i]);
    }
    *ids = open;
    *count = n;
    return HONE_OK;
}

static int by_id(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static hone_status read_paused(hone_study *study, hone_error *err)
{
    int64_t *ids;
    size_t n, n_running, kept = 0;
    hone_status status =
        study->ops->trials_paused(study->storage, study->row, &study->scratch, &ids, &n, err);
    if (status) {
        return status;
    }
    if (n) {
        qsort(ids, n, sizeof *ids, by_id);
    }
    const int64_t *running = hn_history_running(study->history, &n_running);
    int64_t *paused = hn_realloc_array(study->paused, n ? n : 1, sizeof *paused);
    if (!paused) {
        return hn_out_of_memory(err);
    }
    for (size_t i = 0; i < n_running && kept < n; i++) {
        int64_t id = hn_history_id(study->history, running[i]);
        if (n && bsearch(&id, ids, n, sizeof id, by_id)) {
            paused[kept++] = running[i];
        }
    }
    study->paused = paused;
    study->n_paused = kept;
    return HONE_OK;
}

static hone_status read_stop(hone_study *study, hone_error *err)
{
    const char *json = NULL;
    hone_status status = study->ops->study_attribute(study->storage, study->row, "hone:stopped", true,
                                                     &study->scratch, &json, err);
    if (status) {
        return status;
    }
    hn_node *node = NULL;
    study->stopped = json &&
                     !hn_json_parse(&study->scratch, "hone:stopped", json, strlen(json), &node, NULL) &&
                     node->kind == HN_STRING;
    if (study->stopped) {
        char *reason = hn_strdup(node->as.string);
        if (!reason) {
            return hn_out_of_memory(err);
        }
        hn_free(study->stop_reason);
        study->stop_reason = reason;
    }
    return HONE_OK;
}

hone_status hn_study_sync(hone_study *study, hone_error *err)
{
    int64_t counter = 0;
    hone_status status = study->ops->change_counter(study->storage, &counter, err);
    if (status || (study->loaded && counter == study->change_counter)) {
        return status;
    }
    hn_arena_reset(&study->scratch);
    int64_t *open = NULL;
    size_t n_open = 0;
    status = collect_open_ids(study, &open, &n_open, err);
    if (!status) {
        status =
            study->ops->scan(study->storage, study->row, study->last_id, open, n_open, take_in, study, err);
    }
    if (!status) {
        status = read_paused(study, err);
    }
    if (!status) {
        status = read_stop(study, err);
    }
    if (!status) {
        study->loaded = true;
        study->change_counter = counter;
    }
    return status;
}

hone_status hn_study_load(hone_study *study, hone_error *err)
{
    return study->loaded ? HONE_OK : hn_study_sync(study, err);
}

hone_status hone_study_sync(hone_study *study, hone_error *err)
{
    hn_study_lock(study);
    hone_status status = HONE_OK;
    for (hone_trial *trial = study->live; trial && !status; trial = trial->next_live) {
        if (!trial->told) {
            status = hn_trial_flush(study, trial, err);
        }
    }
    if (!status) {
        status = hn_study_sync(study, err);
    }
    hn_study_unlock(study);
    return status;
}

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

void hn_study_set_beats(hone_study *study, bool beats)
{
    hn_study_lock(study);
    study->beats = beats && study->ops->shared;
    hn_study_unlock(study);
}

/* --- reaping --- */

/* Of a schedule a trial whose worker died is not lost: it is paused, at the last step it reported. */
static hone_status pause_dead(hone_study *study, int64_t id, const char *lease, size_t *count,
                              hone_error *err)
{
    hone_status status = study->ops->trial_lease(study->storage, id, lease, NULL, err);
    if (!status) {
        status = study->ops->trial_pause(study->storage, id, true, 0, err);
    }
    if (status == HONE_CONFLICT) {
        return HONE_OK; /* told in the meantime */
    }
    *count += !status;
    return status;
}

static hone_status fail_dead(hone_study *study, int64_t id, size_t *count, hone_error *err)
{
    char lease[HN_LEASE_SIZE];
    hone_status status = hn_lease_new(false, lease, err);
    if (!status && hn_study_schedules(study)) {
        return pause_dead(study, id, lease, count, err);
    }
    if (!status) {
        status = study->ops->trial_lease(study->storage, id, lease, NULL, err);
    }
    static const hn_attribute why = {"hone:message", "\"its worker died\"", true};
    hn_trial_update update = {
        .state = HONE_FAILED, .complete_us = hn_wall_us(), .n_attributes = 1, .attributes = &why};
    if (!status) {
        status = study->ops->trial_update(study->storage, id, lease, &update, NULL, NULL, err);
    }
    if (status == HONE_CONFLICT) {
        return HONE_OK; /* told in the meantime */
    }
    if (!status) {
        ++*count;
        status = study->ops->trial_read(study->storage, id, take_in, study, err);
    }
    return status;
}

/* Nobody runs it, whoever did. */
static bool is_paused(const hone_study *study, int64_t id)
{
    for (size_t i = 0; i < study->n_paused; i++) {
        if (hn_history_id(study->history, study->paused[i]) == id) {
            return true;
        }
    }
    return false;
}

static hone_status fail_orphans(hone_study *study, size_t *count, hone_error *err)
{
    int64_t *ids = NULL;
    size_t n = 0;
    hone_status status = collect_open_ids(study, &ids, &n, err);
    for (size_t i = 0; i < n && !status; i++) {
        char lease[HN_LEASE_SIZE] = "";
        status = study->ops->trial_lease(study->storage, ids[i], NULL, lease, err);
        if (!status && lease_is_orphaned(lease) && !is_paused(study, ids[i])) {
            status = fail_dead(study, ids[i], count, err);
        }
    }
    return status;
}

hone_status hn_study_reap(hone_study *study, double seconds, size_t *count, hone_error *err)
{
    size_t failed = 0;
    hn_arena_reset(&study->scratch);
    int64_t *stale = NULL;
    size_t n_stale = 0;
    int64_t before_us = hn_wall_us() - (int64_t)(seconds * 1e6);
    hone_status status = study->ops->trials_stale(study->storage, study->row, before_us, &study->scratch,
                                                  &stale, &n_stale, err);
    for (size_t i = 0; i < n_stale && !status; i++) {
        status = fail_dead(study, stale[i], &failed, err);
    }
    if (!status) {
        status = fail_orphans(study, &failed, err);
    }
    if (!status && failed && hn_study_schedules(study)) {
        hn_arena_reset(&study->scratch);
        status = read_paused(study, err);
    }
    if (!status && count) {
        *count = failed;
    }
    study->last_reap_ns = hn_monotonic_ns();
    return status;
}

hone_status hone_study_reap(hone_study *study, double seconds, size_t *count, hone_error *err)
{
    hn_study_lock(study);
    hone_status status = hn_study_sync(study, err);
    if (!status) {
        status = hn_study_reap(study, seconds, count, err);
    }
    hn_study_unlock(study);
    return status;
}

hone_status hone_trial_heartbeat(hone_trial *trial, hone_error *err)
{
    hone_study *study = trial->study;
    hn_study_lock(study);
    hone_status status = study->ops->trial_heartbeat(study->storage, trial->id, hn_wall_us(), err);
    hn_study_unlock(study);
    return status;
}
