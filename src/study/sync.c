/* Bringing the history up to the storage: reading what other handles wrote. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "study/study.h"

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

bool hn_study_is_blind(const hone_study *study)
{
    const hn_definition *definition = study->definition;
    const hn_pruner_type *pruner = hn_pruner_type_of(study->pruner);
    return study->ops->shared && definition->space && definition->lag < 0 && !definition->learn_from &&
           !study->watches && !pruner->uses_reports && !pruner->next &&
           hn_sampler_is_blind(study->sampler, definition->space);
}

hone_status hn_study_sync_to_ask(hone_study *study, hone_error *err)
{
    int64_t counter = 0;
    if (!study->loaded || study->change_counter < 0 || !hn_study_is_blind(study)) {
        return hn_study_sync(study, err);
    }
    hone_status status = study->ops->change_counter(study->storage, false, &counter, err);
    return status || counter == study->order_counter ? status : hn_study_sync(study, err);
}

hone_status hn_study_sync(hone_study *study, hone_error *err)
{
    int64_t counter = 0, orders = 0;
    hone_status status = study->ops->change_counter(study->storage, true, &counter, err);
    if (!status) {
        status = study->ops->change_counter(study->storage, false, &orders, err);
    }
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
        study->order_counter = orders;
        study->known = study->next_number = (int64_t)hn_history_count(study->history);
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
