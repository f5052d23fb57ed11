/* Queued trials: taking the next one up, with what it was given and the sampler's word on the rest. */
#include <string.h>

#include "study/study.h"

static hone_status read_fixed(hone_study *study, hone_trial *trial, int64_t id, hone_error *err)
{
    hone_status status = study->ops->trial_read(study->storage, id, hn_trial_take_in, trial, err);
    for (size_t i = 0; i < trial->n_attributes && !status; i++) {
        const hn_attribute *attribute = &trial->attributes[i];
        if (attribute->system && !strcmp(attribute->key, "fixed_params")) {
            hn_node *fixed = NULL;
            status = hn_json_parse(&trial->arena, "fixed_params", attribute->json, strlen(attribute->json),
                                   &fixed, err);
            trial->fixed = fixed;
        }
    }
    if (!status && trial->fixed && trial->fixed->kind != HN_MAP) {
        trial->fixed = NULL;
    }
    return status;
}

static hone_status fail_queued(hone_study *study, hone_trial *trial, const hone_error *why, hone_error *err)
{
    bool claimed = false;
    trial->n_params = 0;
    hone_status status = hn_trial_claim(study, trial, &claimed, err);
    if (!status && claimed) {
        hn_trial_misuse(trial, why);
        status = hn_trial_finish(study, trial, HONE_FAILED, err);
    }
    return status;
}

static hone_status try_claim(hone_study *study, int64_t number, int64_t budget, hone_trial **out,
                             hone_error *err)
{
    hone_trial *trial = hn_trial_new(study);
    if (!trial) {
        return hn_out_of_memory(err);
    }
    hone_error proposing = {0};
    bool claimed = false;
    trial->budget = budget;
    hone_status status = read_fixed(study, trial, hn_history_id(study->history, number), err);
    if (!status && study->definition->space) {
        size_t count = 0;
        hn_arena_reset(&study->scratch);
        hone_status bad = hn_study_propose(study, number, study->definition->seed, trial->fixed, 1, &trial,
                                           &count, &proposing);
        if (bad || !count) {
            status = fail_queued(study, trial, &proposing, err);
            goto done;
        }
    }
    if (!status) {
        status = hn_trial_claim(study, trial, &claimed, err);
    }
done:
    if (!status && claimed) {
        *out = trial;
        return HONE_OK;
    }
    hn_study_unlock(study); /* freeing takes the lock */
    hone_trial_free(trial);
    hn_study_lock(study);
    return status;
}

hone_status hn_study_claim_queued(hone_study *study, int64_t budget, hone_trial **trial, hone_error *err)
{
    for (;;) {
        size_t n;
        const int64_t *waiting = hn_history_waiting(study->history, &n);
        if (!n) {
            return HONE_OK;
        }
        int64_t number = waiting[0];
        hone_status status = try_claim(study, number, budget, trial, err);
        if (status || *trial) {
            return status;
        }
        study->change_counter = -1; /* another handle took it: read again */
        status = hn_study_sync(study, err);
        if (status) {
            return status;
        }
        hn_history_waiting(study->history, &n);
        if (n && hn_history_state(study->history, number) == HONE_WAITING) {
            return hn_fail(err, HONE_INTERNAL, "trial %lld stays queued though it cannot be claimed",
                           (long long)number);
        }
    }
}
