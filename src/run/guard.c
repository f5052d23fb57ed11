/* The run's guard: `hone __exec --guard=RUN_ID` (run/exec_shim.h), listening to a pipe that only we hold. */
#include "run/guard.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "run/environment.h"

enum { MAX_SHIM_WORDS = 16 };

struct hn_guard {
    hn_child *child;
};

hone_status hn_guard_start(uv_loop_t *loop, const hn_child_policy *policy, const char *run_id,
                           hn_guard **guard, hone_error *err)
{
    static const hn_child_callbacks nothing = {NULL, NULL};
    static const hn_child_policy plain = {NULL, false};
    *guard = NULL;
    if (!policy->shim) {
        return HONE_OK;
    }
    hn_arena scratch = HN_ARENA_INIT;
    hn_environment environment = {.arena = &scratch};
    const char *argv[MAX_SHIM_WORDS + 2] = {NULL}, **env = NULL;
    size_t n = 0;
    for (; policy->shim[n] && n < MAX_SHIM_WORDS; n++) {
        argv[n] = policy->shim[n];
    }
    argv[n] = hn_arena_printf(&scratch, "--guard=%s", run_id);
    hone_status status = hn_environment_list(&environment, &env, err);
    hn_guard *made = hn_calloc(1, sizeof *made);
    if (!made || !argv[n]) {
        status = hn_out_of_memory(err);
    }
    if (!status) {
        hn_child_spec spec = {.argv = argv, .env = env, .input = true, .inherit_fd = -1, .policy = &plain};
        status = hn_child_start(loop, &spec, &nothing, NULL, &made->child, err);
    }
    if (status) {
        hn_free(made);
    } else {
        *guard = made;
    }
    hn_arena_release(&scratch);
    return status;
}

void hn_guard_end(hn_guard *guard)
{
    if (guard) {
        hn_child_destroy(guard->child);
        hn_free(guard);
    }
}
