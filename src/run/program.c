/* Where exec would find a program, so that a missing one is told before anything runs and in words. */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "run/child.h"

extern char **environ;

static const char *variable_of(const char *const *env, const char *name)
{
    size_t length = strlen(name);
    for (size_t i = 0; env[i]; i++) {
        if (!strncmp(env[i], name, length) && env[i][length] == '=') {
            return env[i] + length + 1;
        }
    }
    return NULL;
}

static bool is_program(const char *path)
{
    struct stat info;
    return !stat(path, &info) && S_ISREG(info.st_mode) && !access(path, X_OK);
}

static hone_status named_by_path(hn_arena *arena, const char *program, const char *cwd, const char **path,
                                 hone_error *err)
{
    struct stat info;
    const char *full = *program != '/' && cwd ? hn_arena_printf(arena, "%s/%s", cwd, program) : program;
    if (!full) {
        return hn_out_of_memory(err);
    }
    if (is_program(full)) {
        *path = full;
        return HONE_OK;
    }
    if (stat(full, &info)) {
        return hn_fail(err, HONE_NOT_FOUND, "cannot start '%s': there is no such file", full);
    }
    if (S_ISDIR(info.st_mode)) {
        return hn_fail(err, HONE_NOT_FOUND, "cannot start '%s': it is a folder", full);
    }
    return hn_fail(err, HONE_NOT_FOUND,
                   "cannot start '%s': it is not executable; chmod +x it, or name its interpreter first",
                   full);
}

hone_status hn_program_find(hn_arena *arena, const char *program, const char *cwd, const char *const *env,
                            const char **path, hone_error *err)
{
    if (!*program) {
        return hn_fail(err, HONE_INVALID, "the program to run has an empty name");
    }
    if (strchr(program, '/')) {
        return named_by_path(arena, program, cwd, path, err);
    }
    const char *folders = variable_of(env ? env : (const char *const *)environ, "PATH");
    folders = folders ? folders : "/bin:/usr/bin";
    for (const char *at = folders; at; at = strchr(at, ':') ? strchr(at, ':') + 1 : NULL) {
        int length = (int)strcspn(at, ":");
        const char *full = hn_arena_printf(arena, "%.*s/%s", length ? length : 1, length ? at : ".", program);
        if (!full) {
            return hn_out_of_memory(err);
        }
        if (is_program(full)) {
            *path = full;
            return HONE_OK;
        }
    }
    const char *here = cwd ? hn_arena_printf(arena, "%s/%s", cwd, program) : program;
    bool local = here && !access(here, F_OK);
    return hn_fail(err, HONE_NOT_FOUND, "cannot start '%s': no program of that name in PATH (%.400s)%s%s%s",
                   program, folders, local ? "; the file here is ./" : "", local ? program : "",
                   local ? "" : "; is it installed, and its environment active?");
}
