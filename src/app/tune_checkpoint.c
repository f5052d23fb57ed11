/* What networks keep in their trials' folders to go on from, taken away once nothing can go on. */
#include "app/tune.h"
#include "base/os_file.h"

void hn_tune_forget_checkpoint(const hone_tune *tune, int64_t number)
{
    hn_buffer path = HN_BUFFER_INIT;
    hn_buffer_printf(&path, "%s/trial-%lld/checkpoint", tune->folder, (long long)number);
    if (tune->job && !hn_buffer_failed(&path) && hn_file_exists(hn_buffer_string(&path))) {
        hn_remove_tree(hn_buffer_string(&path), NULL);
    }
    hn_buffer_release(&path);
}

/* A pruner may have ended trials long after they paused. */
void hn_tune_forget_checkpoints(const hone_tune *tune)
{
    int64_t n = tune->job ? hone_study_trial_count(tune->study) : 0;
    for (int64_t i = 0; i < n; i++) {
        hone_trial_info *trial = NULL;
        if (!hone_study_trial(tune->study, i, &trial, NULL) && trial->state == HONE_PRUNED) {
            hn_tune_forget_checkpoint(tune, i);
        }
        hone_trial_info_free(trial);
    }
}
