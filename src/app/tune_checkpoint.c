/* What networks keep in their trials' folders to go on from, taken away once nothing can go on. */
#include "app/tune.h"
#include "base/os_file.h"
#include "run/checkpoint.h"
#include "study/study.h"

const char *hn_tune_checkpoint_folder(const hone_tune *tune, hn_arena *arena, int64_t number)
{
    return hn_arena_printf(arena, "%s/trial-%lld/checkpoint", tune->folder, (long long)number);
}

void hn_tune_forget_checkpoint(const hone_tune *tune, int64_t number)
{
    hn_arena arena = HN_ARENA_INIT;
    const char *path = hn_tune_checkpoint_folder(tune, &arena, number);
    if (tune->job && path && hn_file_exists(path)) {
        hn_remove_tree(path, NULL);
    }
    hn_arena_release(&arena);
}

/* A pruner may have ended trials long after they paused. */
void hn_tune_forget_checkpoints(const hone_tune *tune)
{
    bool copies = hn_pruner_type_of(tune->study->pruner)->explore;
    int64_t n = tune->job || copies ? hone_study_trial_count(tune->study) : 0;
    for (int64_t i = 0; i < n; i++) {
        hone_trial_info *trial = NULL;
        bool read = !hone_study_trial(tune->study, i, &trial, NULL);
        if (read && trial->state == HONE_PRUNED) {
            hn_tune_forget_checkpoint(tune, i);
        }
        if (read && copies && trial->state != HONE_RUNNING) {
            hn_checkpoint_forget(tune->folder, i);
        }
        hone_trial_info_free(trial);
    }
}
