/* The studies and trials that a session holds open. */
#include <string.h>

#include "app/protocol.h"
#include "base/memory.h"
#include "study/study.h"

/* --- studies --- */

/* With the session's lock. Without a storage: the one opened last, but the session's own storage goes first.
 */
static hn_open_study *find(const hone_protocol *protocol, const char *storage, const char *name)
{
    hn_open_study *found = NULL;
    for (size_t i = 0; i < protocol->n_open; i++) {
        hn_open_study *study = protocol->open[i];
        if (strcmp(study->name, name) == 0 && (!storage || strcmp(study->storage, storage) == 0)) {
            found = study;
            if (storage || strcmp(study->storage, protocol->storage) == 0) {
                return found;
            }
        }
    }
    return found;
}

static void empty(hn_open_study *study)
{
    for (size_t i = 0; i < study->n_trials; i++) {
        hone_trial_free(study->trials[i]);
    }
    hone_study_destroy(study->study);
    hn_free(study->trials);
    hn_free(study->cost_metric);
    study->trials = NULL;
    study->n_trials = 0;
    study->study = NULL;
    study->cost_metric = NULL;
}

static void destroy(hn_open_study *study)
{
    pthread_mutex_destroy(&study->lock);
    hn_free(study->created_as);
    hn_free(study->storage);
    hn_free(study->name);
    hn_free(study);
}

hn_open_study *hn_protocol_hold(hone_protocol *protocol, const char *storage, const char *name)
{
    for (;;) {
        pthread_mutex_lock(&protocol->lock);
        hn_open_study *found = find(protocol, storage, name);
        if (found) {
            found->users++;
        }
        pthread_mutex_unlock(&protocol->lock);
        if (!found) {
            return NULL;
        }
        pthread_mutex_lock(&found->lock);
        if (!found->closed) {
            return found;
        }
        hn_protocol_release(protocol, found); /* it was closed while we waited; perhaps it is open again */
    }
}

void hn_protocol_release(hone_protocol *protocol, hn_open_study *study)
{
    if (!study) {
        return;
    }
    pthread_mutex_unlock(&study->lock);
    pthread_mutex_lock(&protocol->lock);
    bool last = --study->users == 0 && study->closed;
    pthread_mutex_unlock(&protocol->lock);
    if (last) {
        destroy(study);
    }
}

const char *hn_protocol_definition(hone_protocol *protocol, hn_arena *arena, const char *storage,
                                   const char *name)
{
    pthread_mutex_lock(&protocol->lock);
    const hn_open_study *found = find(protocol, storage, name);
    const char *definition = found && found->created_as ? hn_arena_strdup(arena, found->created_as) : NULL;
    pthread_mutex_unlock(&protocol->lock);
    return definition;
}

static hone_status append(hone_protocol *protocol, hn_open_study *study, hone_error *err)
{
    pthread_mutex_lock(&protocol->lock);
    bool full = HN_GROW(protocol->open, protocol->n_open, protocol->open_capacity) != 0;
    if (!full) {
        protocol->open[protocol->n_open++] = study;
    }
    pthread_mutex_unlock(&protocol->lock);
    return full ? hn_out_of_memory(err) : HONE_OK;
}

hone_status hn_protocol_add(hone_protocol *protocol, const char *storage, hone_study *study,
                            const char *created_as, hn_open_study **added, hone_error *err)
{
    hn_open_study *entry = hn_calloc(1, sizeof *entry);
    if (!entry) {
        hone_study_destroy(study);
        return hn_out_of_memory(err);
    }
    pthread_mutex_init(&entry->lock, NULL);
    entry->study = study;
    entry->users = 1;
    entry->storage = hn_strdup(storage);
    entry->name = hn_strdup(hone_study_name(study));
    entry->created_as = created_as ? hn_strdup(created_as) : NULL;
    bool whole = entry->storage && entry->name && (entry->created_as || !created_as);
    pthread_mutex_lock(&entry->lock);
    hone_status status = whole ? append(protocol, entry, err) : hn_out_of_memory(err);
    if (status) {
        pthread_mutex_unlock(&entry->lock);
        empty(entry);
        destroy(entry);
        return status;
    }
    *added = entry;
    return HONE_OK;
}

void hn_protocol_close(hone_protocol *protocol, hn_open_study *study)
{
    pthread_mutex_lock(&protocol->lock);
    size_t at = 0;
    while (protocol->open[at] != study) {
        at++;
    }
    memmove(protocol->open + at, protocol->open + at + 1,
            (protocol->n_open - at - 1) * sizeof *protocol->open);
    protocol->n_open--;
    study->closed = true; /* with both locks: either is enough to read it */
    pthread_mutex_unlock(&protocol->lock);
    empty(study);
}

hn_open_study **hn_protocol_memory_studies(hone_protocol *protocol, hn_arena *arena, size_t *n)
{
    size_t count = 0;
    pthread_mutex_lock(&protocol->lock);
    hn_open_study **list = HN_ARENA_NEW(arena, hn_open_study *, protocol->n_open);
    for (size_t i = 0; list && i < protocol->n_open; i++) {
        if (strncmp(protocol->open[i]->storage, "memory:", 7) == 0) {
            list[count++] = protocol->open[i];
            protocol->open[i]->users++;
        }
    }
    pthread_mutex_unlock(&protocol->lock);
    *n = count;
    return list;
}

void hn_protocol_interrupt(hone_protocol *protocol)
{
    pthread_mutex_lock(&protocol->lock);
    for (size_t i = 0; i < protocol->n_open; i++) {
        hn_study_cancel_asks(protocol->open[i]->study, 1);
    }
    pthread_mutex_unlock(&protocol->lock);
}

/* It is not open; another request may be opening it just now. */
static hone_status open_study(hn_request *request, const char *storage, const char *name)
{
    hone_protocol *protocol = request->protocol;
    hone_study *opened = NULL;
    hone_status status = HONE_OK;
    pthread_mutex_lock(&protocol->opening);
    request->held = hn_protocol_hold(protocol, storage, name);
    if (!request->held) {
        storage = storage ? storage : protocol->storage;
        status = hone_study_open(storage, name, NULL, &opened, request->err);
        if (!status) {
            status = hn_protocol_add(protocol, storage, opened, NULL, &request->held, request->err);
        }
    }
    pthread_mutex_unlock(&protocol->opening);
    return status;
}

hone_status hn_request_study(hn_request *request, hn_open_study **study)
{
    const char *name = NULL, *storage = NULL;
    hone_status status = hn_request_text(request, "study", true, &name);
    if (!status) {
        status = hn_request_storage(request, &storage);
    }
    if (status) {
        return status;
    }
    request->held = hn_protocol_hold(request->protocol, storage, name);
    if (!request->held) {
        status = open_study(request, storage, name);
    }
    *study = request->held;
    return status;
}

/* --- trials --- */

/* Index of the first trial whose number is not below. */
static size_t position(const hn_open_study *study, int64_t number)
{
    size_t low = 0, high = study->n_trials;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (hone_trial_number(study->trials[middle]) < number) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

hone_trial *hn_session_trial(const hn_open_study *study, int64_t number)
{
    size_t at = position(study, number);
    return at < study->n_trials && hone_trial_number(study->trials[at]) == number ? study->trials[at] : NULL;
}

hone_status hn_session_keep(hn_open_study *study, hone_trial *trial, hone_error *err)
{
    hn_session_drop(study, hone_trial_number(trial));
    size_t at = position(study, hone_trial_number(trial));
    if (HN_GROW(study->trials, study->n_trials, study->capacity)) {
        hone_trial_free(trial);
        return hn_out_of_memory(err);
    }
    memmove(study->trials + at + 1, study->trials + at, (study->n_trials - at) * sizeof *study->trials);
    study->trials[at] = trial;
    study->n_trials++;
    return HONE_OK;
}

void hn_session_drop(hn_open_study *study, int64_t number)
{
    size_t at = position(study, number);
    if (at == study->n_trials || hone_trial_number(study->trials[at]) != number) {
        return;
    }
    hone_trial_free(study->trials[at]);
    memmove(study->trials + at, study->trials + at + 1, (study->n_trials - at - 1) * sizeof *study->trials);
    study->n_trials--;
}
