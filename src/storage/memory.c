#include "storage/memory.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "storage/url.h"

hone_status hn_memory_study_at(hn_memory *memory, int64_t id, hn_memory_study **study, hone_error *err)
{
    if (id < 1 || (uint64_t)id > memory->n_studies || memory->studies[id - 1]->deleted)
        return hn_no_such_study_id(id, err);
    *study = memory->studies[id - 1];
    return HONE_OK;
}

hone_status hn_memory_trial_at(hn_memory *memory, int64_t id, hn_memory_trial **trial, hone_error *err)
{
    if (id < 1 || (uint64_t)id > memory->n_trials || !memory->trials[id - 1])
        return hn_no_such_trial(id, err);
    *trial = memory->trials[id - 1];
    return HONE_OK;
}

/* --- the handle --- */

static void close_memory(hn_storage *storage)
{
    hn_memory *memory = (hn_memory *)storage;
    for (size_t i = 0; i < memory->n_trials; i++)
        hn_memory_free_trial(memory->trials[i]);
    for (size_t i = 0; i < memory->n_studies; i++)
        hn_memory_free_study(memory->studies[i]);
    hn_free(memory->trials);
    hn_free(memory->studies);
    hn_vocabulary_release(&memory->vocabulary);
    hn_memory_shapes_release(&memory->shapes);
    hn_free(memory->columns);
    hn_record_release(&memory->record);
    hn_free(memory);
}

static hone_status open_memory(const char *text, bool create, hn_storage **storage, hone_error *err)
{
    (void)create; /* it begins empty always */
    hn_arena arena = HN_ARENA_INIT;
    hn_storage_url url;
    hn_memory *memory = NULL;
    hone_status status = hn_storage_url_parse(&arena, text, &url, err);
    if (!status && (url.location[0] || url.options))
        status = hn_fail(err, HONE_INVALID, "storage '%s': memory: takes no name and no options", url.text);
    if (!status) {
        memory = hn_calloc(1, sizeof *memory);
        if (!memory)
            status = hn_out_of_memory(err);
    }
    uint32_t none;
    if (!status)
        status = hn_memory_shape_intern(&memory->shapes, NULL, 0, &none, err);
    if (!status) {
        memory->base.type = &hn_storage_memory;
        *storage = (hn_storage *)memory;
    } else if (memory) {
        close_memory((hn_storage *)memory);
    }
    hn_arena_release(&arena);
    return status;
}

/* --- who runs a trial --- */

static hone_status running_trial(hn_storage *storage, int64_t id, const char *what, hn_memory_trial **trial,
                                 hone_error *err)
{
    hone_status status = hn_memory_trial_at((hn_memory *)storage, id, trial, err);
    assert(status || *trial);
    if (!status && (*trial)->state != HONE_RUNNING)
        status = hn_trial_not_running((*trial)->number, (hone_trial_state)(*trial)->state, what, err);
    return status;
}

/* The trial, which must be running, and under the lease that is given (NULL: any), with room for what runs
 * it. */
static hone_status held_trial(hn_storage *storage, int64_t id, const char *held, const char *what,
                              hn_memory_trial **trial, hone_error *err)
{
    hone_status status = running_trial(storage, id, what, trial, err);
    if (!status)
        status = hn_memory_need_extra(*trial, err);
    if (!status && held && strcmp(held, (*trial)->extra->lease) != 0)
        status = hn_trial_refused((*trial)->number, HONE_RUNNING, true, err);
    return status;
}

static void set_lease(hn_memory_trial *trial, const char *lease)
{
    trial->extra->paused = false;
    snprintf(trial->extra->lease, sizeof trial->extra->lease, "%s", lease);
}

static hone_status trial_lease(hn_storage *storage, int64_t id, const char *held, const char *new_lease,
                               char *lease_now, hone_error *err)
{
    hn_memory_trial *trial = NULL;
    hone_status status = hn_lease_check(new_lease, err);
    if (status)
        return status;
    status = new_lease ? held_trial(storage, id, held, "change hands", &trial, err)
                       : hn_memory_trial_at((hn_memory *)storage, id, &trial, err);
    assert(status || trial);
    if (status)
        return status;
    if (new_lease)
        set_lease(trial, new_lease);
    if (lease_now)
        snprintf(lease_now, HN_LEASE_SIZE, "%s", trial->extra ? trial->extra->lease : "");
    return HONE_OK;
}

static hone_status trial_heartbeat(hn_storage *storage, int64_t id, int64_t now_us, hone_error *err)
{
    hn_memory_trial *trial = NULL;
    hone_status status = held_trial(storage, id, NULL, "have a heartbeat", &trial, err);
    if (!status)
        trial->extra->heartbeat_us = now_us;
    return status;
}

static hone_status trial_pause(hn_storage *storage, int64_t id, const char *held, int64_t step,
                               hone_error *err)
{
    (void)step; /* the study keeps it with its pruner's state */
    hn_memory_trial *trial = NULL;
    hone_status status = held_trial(storage, id, held, "pause", &trial, err);
    if (status)
        return status;
    set_lease(trial, "");
    trial->extra->paused = true;
    trial->extra->heartbeat_us = 0;
    return HONE_OK;
}

static hone_status trial_resume(hn_storage *storage, int64_t id, const char *lease, int64_t now_us,
                                hone_error *err)
{
    hn_memory_trial *trial = NULL;
    hone_status status = hn_lease_check(lease, err);
    if (!status)
        status = held_trial(storage, id, NULL, "resume", &trial, err);
    if (!status && !trial->extra->paused)
        status = hn_trial_not_paused(trial->number, err);
    if (status)
        return status;
    set_lease(trial, lease);
    trial->extra->heartbeat_us = now_us;
    return HONE_OK;
}

/* The running trials of a study that are paused, or those that beat. */
static hone_status select_trials(hn_storage *storage, int64_t study_id, bool paused, hn_arena *arena,
                                 hn_beat **beats, size_t *count, hone_error *err)
{
    hn_memory *memory = (hn_memory *)storage;
    hn_memory_study *study = NULL;
    size_t n = 0, n_running = 0;
    hone_status status = hn_memory_study_at(memory, study_id, &study, err);
    if (status)
        return status;
    for (size_t i = 0; i < memory->n_trials; i++)
        n_running += memory->trials[i] && memory->trials[i]->state == HONE_RUNNING;
    hn_beat *found = HN_ARENA_NEW(arena, hn_beat, n_running);
    if (!found)
        return hn_out_of_memory(err);
    for (size_t i = 0; i < memory->n_trials; i++) {
        const hn_memory_trial *trial = memory->trials[i];
        const hn_memory_extra *extra = trial ? trial->extra : NULL;
        if (extra && trial->study == (uint32_t)(study_id - 1) && trial->state == HONE_RUNNING &&
            (paused ? extra->paused : !extra->paused && extra->heartbeat_us)) {
            found[n] = (hn_beat){.id = (int64_t)i + 1, .beat_us = extra->heartbeat_us};
            snprintf(found[n++].lease, HN_LEASE_SIZE, "%s", extra->lease);
        }
    }
    *beats = found;
    *count = n;
    return HONE_OK;
}

static hone_status trials_beating(hn_storage *storage, int64_t study, hn_arena *arena, hn_beat **beats,
                                  size_t *count, hone_error *err)
{
    return select_trials(storage, study, false, arena, beats, count, err);
}

static hone_status trials_paused(hn_storage *storage, int64_t study, hn_arena *arena, int64_t **ids,
                                 size_t *count, hone_error *err)
{
    hn_beat *paused = NULL;
    size_t n = 0;
    hone_status status = select_trials(storage, study, true, arena, &paused, &n, err);
    int64_t *found = status ? NULL : HN_ARENA_NEW(arena, int64_t, n);
    if (status || !found)
        return status ? status : hn_out_of_memory(err);
    for (size_t i = 0; i < n; i++)
        found[i] = paused[i].id;
    *ids = found;
    *count = n;
    return HONE_OK;
}

/* --- reading --- */

static hone_status visit_trial(hn_memory *memory, size_t index, hn_trial_visitor visit, void *user,
                               hone_error *err)
{
    hone_status status = hn_memory_fill_record(memory, (int64_t)index + 1, memory->trials[index], err);
    return status ? status : visit(user, hn_record_finish(&memory->record), err);
}

static bool contains(const int64_t *ids, size_t n, int64_t id)
{
    for (size_t i = 0; i < n; i++) {
        if (ids[i] == id)
            return true;
    }
    return false;
}

static hone_status scan(hn_storage *storage, int64_t study_id, int64_t after_id, const int64_t *again,
                        size_t n_again, hn_trial_visitor visit, void *user, hone_error *err)
{
    hn_memory *memory = (hn_memory *)storage;
    hn_memory_study *study = NULL;
    hone_status status = hn_memory_study_at(memory, study_id, &study, err);
    int64_t first = after_id < 0 ? 1 : after_id + 1; /* ids begin at 1 */
    for (size_t i = 0; i < n_again; i++)
        first = again[i] >= 1 && again[i] < first ? again[i] : first;
    for (size_t i = (size_t)first - 1; i < memory->n_trials && !status; i++) {
        int64_t id = (int64_t)i + 1;
        bool wanted = id > after_id || contains(again, n_again, id);
        if (wanted && memory->trials[i] && memory->trials[i]->study == (uint32_t)(study_id - 1))
            status = visit_trial(memory, i, visit, user, err);
    }
    return status;
}

static hone_status trial_read(hn_storage *storage, int64_t id, hn_trial_visitor visit, void *user,
                              hone_error *err)
{
    hn_memory_trial *trial = NULL;
    hone_status status = hn_memory_trial_at((hn_memory *)storage, id, &trial, err);
    return status ? status : visit_trial((hn_memory *)storage, (size_t)id - 1, visit, user, err);
}

static hone_status trial_find(hn_storage *storage, int64_t study_id, int64_t number, int64_t *id,
                              hone_error *err)
{
    hn_memory *memory = (hn_memory *)storage;
    hn_memory_study *study = NULL;
    hone_status status = hn_memory_study_at(memory, study_id, &study, err);
    assert(status || study);
    if (status)
        return status;
    /* A trial's index is at least its number. */
    for (size_t i = number < 0 ? memory->n_trials : (size_t)number; i < memory->n_trials; i++) {
        const hn_memory_trial *trial = memory->trials[i];
        if (trial && trial->study == (uint32_t)(study_id - 1) && (int64_t)trial->number == number) {
            *id = (int64_t)i + 1;
            return HONE_OK;
        }
    }
    return hn_no_such_number(number, study->n_trials, err);
}

/* There is no other handle. */
static hone_status change_counter(hn_storage *storage, bool results, int64_t *counter, hone_error *err)
{
    (void)storage, (void)results, (void)err;
    *counter = 0;
    return HONE_OK;
}

static hone_status check(hn_storage *storage, hn_buffer *report, hone_error *err)
{
    (void)storage, (void)report, (void)err;
    return HONE_OK;
}

const hn_storage_type hn_storage_memory = {
    .name = "memory",
    .scheme = "memory:",
    .help = "keeps nothing: the study ends with the process",
    .shared = false,
    .open = open_memory,
    .close = close_memory,
    .study_create = hn_memory_study_create,
    .study_find = hn_memory_study_find,
    .study_names = hn_memory_study_names,
    .study_list = hn_memory_study_list,
    .study_delete = hn_memory_study_delete,
    .study_set_definition = hn_memory_study_set_definition,
    .study_set_attribute = hn_memory_study_set_attribute,
    .study_attribute = hn_memory_study_attribute,
    .trial_create = hn_memory_trial_create,
    .trial_find = trial_find,
    .trial_claim = hn_memory_trial_claim,
    .trial_update = hn_memory_trial_update,
    .trial_lease = trial_lease,
    .trial_heartbeat = trial_heartbeat,
    .trials_beating = trials_beating,
    .trial_pause = trial_pause,
    .trial_resume = trial_resume,
    .trials_paused = trials_paused,
    .scan = scan,
    .trial_read = trial_read,
    .change_counter = change_counter,
    .check = check,
};
