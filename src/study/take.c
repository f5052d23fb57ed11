/* A handle for a trial that was asked elsewhere: by another process, or earlier. */
#include <string.h>

#include "study/study.h"

/* The handle holds the lease given, or the trial's current one. A finished trial can only be held by a lease
 * it lost: telling it is then late. */
static hone_status hold_lease(hone_trial *trial, const char *lease, hone_error *err)
{
    bool lost = lease && strcmp(lease, trial->lease) != 0;
    if (lost) {
        size_t length = strlen(lease);
        if (length >= sizeof trial->lease) {
            return hn_fail(err, HONE_INVALID, "the lease '%.40s' is not one that an ask gave", lease);
        }
        memcpy(trial->lease, lease, length + 1);
    }
    switch (trial->state) {
    case HONE_RUNNING: return HONE_OK;
    case HONE_WAITING:
        return hn_fail(err, HONE_CONFLICT, "trial %lld is waiting in the queue: ask before telling it",
                       (long long)trial->number);
    default:
        return lost ? HONE_OK
                    : hn_fail(err, HONE_CONFLICT, "trial %lld is %s already; a finished trial never changes",
                              (long long)trial->number, hone_trial_state_name(trial->state));
    }
}

hone_status hone_study_take(hone_study *study, int64_t number, const char *lease, hone_trial **trial,
                            hone_error *err)
{
    hone_trial *taken = hn_trial_new(study);
    if (!taken) {
        return hn_out_of_memory(err);
    }
    int64_t id = 0;
    hn_study_lock(study);
    hone_status status = study->ops->trial_find(study->storage, study->row, number, &id, err);
    if (!status) {
        status = study->ops->trial_read(study->storage, id, hn_trial_take_in, taken, err);
    }
    if (!status) {
        status = study->ops->trial_lease(study->storage, id, NULL, NULL, taken->lease, err);
    }
    if (!status) {
        status = hold_lease(taken, lease, err);
    }
    if (!status) {
        taken->next_live = study->live;
        study->live = taken;
    }
    hn_study_unlock(study);
    if (status) {
        hone_trial_free(taken);
        return status;
    }
    *trial = taken;
    return HONE_OK;
}
