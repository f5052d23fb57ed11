/* The studies and trials that a session holds open. */
#include <string.h>

#include "app/protocol.h"
#include "base/memory.h"

/* --- studies --- */

hn_open_study *hn_protocol_find(const hone_protocol *protocol, const char *storage, const char *name)
{
    hn_open_study *found = NULL;
    for (size_t i = 0; i < protocol->n_open; i++) {
        hn_open_study *study = protocol->open[i];
        if (strcmp(study->name, name) == 0 && (!storage || strcmp(study->storage, storage) == 0)) {
            found =
                study; /* without a storage: the one opened last, but the session's own storage goes first */
            if (storage || strcmp(study->storage, protocol->storage) == 0) {
                return found;
            }
        }
    }
    return found;
}

static void release(hn_open_study *study)
{
    for (size_t i = 0; i < study->n_trials; i++) {
        hone_trial_free(study->trials[i]);
    }
    hone_study_destroy(study->study);
    hn_free(study->trials);
    hn_free(study->created_as);
    hn_free(study->cost_metric);
    hn_free(study->storage);
    hn_free(study->name);
    hn_free(study);
}

hone_status hn_protocol_add(hone_protocol *protocol, const char *storage, hone_study *study,
                            hn_open_study **added, hone_error *err)
{
    hn_open_study *entry = hn_calloc(1, sizeof *entry);
    if (!entry) {
        hone_study_destroy(study);
        return hn_out_of_memory(err);
    }
    entry->study = study;
    entry->storage = hn_strdup(storage);
    entry->name = hn_strdup(hone_study_name(study));
    if (!entry->storage || !entry->name ||
        HN_GROW(protocol->open, protocol->n_open, protocol->open_capacity)) {
        release(entry);
        return hn_out_of_memory(err);
    }
    protocol->open[protocol->n_open++] = entry;
    *added = entry;
    return HONE_OK;
}

void hn_protocol_close(hone_protocol *protocol, hn_open_study *study)
{
    size_t at = 0;
    while (protocol->open[at] != study) {
        at++;
    }
    memmove(protocol->open + at, protocol->open + at + 1,
            (protocol->n_open - at - 1) * sizeof *protocol->open);
    protocol->n_open--;
    release(study);
}

hone_status hn_request_study(const hn_request *request, hn_open_study **study)
{
    hone_protocol *protocol = request->protocol;
    const char *name = NULL, *storage = NULL;
    hone_study *opened = NULL;
    hone_status status = hn_request_text(request, "study", true, &name);
    if (!status) {
        status = hn_request_text(request, "storage", false, &storage);
    }
    if (status) {
        return status;
    }
    hn_open_study *found = hn_protocol_find(protocol, storage, name);
    if (found) {
        *study = found;
        return HONE_OK;
    }
    storage = storage ? storage : protocol->storage;
    status = hone_study_open(storage, name, NULL, &opened, request->err);
    return status ? status : hn_protocol_add(protocol, storage, opened, study, request->err);
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
