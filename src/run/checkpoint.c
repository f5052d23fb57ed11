#include "run/checkpoint.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/number.h"
#include "base/os_file.h"
#include "study/study.h"

/* "at-20": 20; -1: it is no copy. */
static int64_t step_of(const char *name)
{
    int64_t step = 0;
    return !strncmp(name, "at-", 3) && hn_parse_int(name + 3, strlen(name + 3), &step) ? step : -1;
}

/* Removes the copies older than the `kept` newest. */
static void forget_old(const char *folder, int64_t number, size_t kept)
{
    hn_arena arena = HN_ARENA_INIT;
    for (bool more = true; more;) {
        const char *home = hn_arena_printf(&arena, "%s/trial-%lld", folder, (long long)number);
        DIR *list = home ? opendir(home) : NULL;
        int64_t oldest = INT64_MAX;
        size_t n = 0;
        for (struct dirent *entry; list && (entry = readdir(list));) {
            int64_t step = step_of(entry->d_name);
            n += step >= 0;
            oldest = step >= 0 && step < oldest ? step : oldest;
        }
        if (list) {
            closedir(list);
        }
        const char *path = n > kept ? hn_arena_printf(&arena, "%s/at-%lld", home, (long long)oldest) : NULL;
        more = path && !hn_remove_tree(path, NULL);
    }
    hn_arena_release(&arena);
}

void hn_checkpoint_forget(const char *folder, int64_t number)
{
    forget_old(folder, number, 0);
}

hone_status hn_checkpoint_copy(const char *folder, int64_t number, int64_t step, hone_error *err)
{
    enum { KEPT = 3 }; /* the newest, the one before, and one for a clone that is just being made */
    hn_arena arena = HN_ARENA_INIT;
    const char *from = hn_arena_printf(&arena, "%s/trial-%lld/checkpoint", folder, (long long)number);
    const char *to =
        hn_arena_printf(&arena, "%s/trial-%lld/at-%lld", folder, (long long)number, (long long)step);
    hone_status status = from && to ? HONE_OK : hn_out_of_memory(err);
    if (!status && hn_is_directory(from)) {
        status = hn_copy_tree(from, to, err);
    }
    if (!status) {
        forget_old(folder, number, KEPT);
    }
    hn_arena_release(&arena);
    return status;
}

hone_status hn_checkpoint_inherit(const char *folder, const hone_trial *trial, hone_error *err)
{
    hn_arena arena = HN_ARENA_INIT;
    long long own = (long long)trial->number, parent = (long long)trial->parent,
              step = (long long)trial->parent_step;
    hone_status status = HONE_OK;
    if (trial->parent < 0) {
        return HONE_OK;
    }
    const char *home = hn_arena_printf(&arena, "%s/trial-%lld", folder, own);
    const char *to = hn_arena_printf(&arena, "%s/trial-%lld/checkpoint", folder, own);
    const char *from = hn_arena_printf(&arena, "%s/trial-%lld/at-%lld", folder, parent, step);
    if (!home || !to || !from) {
        status = hn_out_of_memory(err);
    } else if (!hn_file_exists(to) && !hn_is_directory(from)) {
        status =
            hn_fail(err, HONE_NOT_FOUND,
                    "it is a clone of trial %lld, whose checkpoint at step %lld is missing: %s; does the "
                    "program write to HONE_CHECKPOINT_DIR?",
                    parent, step, from);
    } else if (!hn_file_exists(to)) {
        status = hn_make_directories(home, err);
        status = status ? status : hn_copy_tree(from, to, err);
    }
    hn_arena_release(&arena);
    return status;
}
