/* What a trial's process finds. */
#include "run/environment.h"

#include <string.h>

#include "base/os_system.h"
#include "base/text_map.h"
#include "space/distribution.h"

extern char **environ;

void hn_environment_put(hn_environment *environment, const char *text)
{
    if (environment->count == environment->capacity) {
        size_t capacity = environment->capacity ? 2 * environment->capacity : 32;
        const char **grown = HN_ARENA_NEW(environment->arena, const char *, capacity);
        if (grown && environment->count) {
            memcpy(grown, environment->added, environment->count * sizeof *grown);
        }
        environment->added = grown ? grown : environment->added;
        environment->capacity = grown ? capacity : environment->capacity;
        environment->failed |= !grown;
    }
    if (!text || environment->failed) {
        environment->failed = true;
        return;
    }
    environment->added[environment->count++] = text;
}

void hn_environment_set(hn_environment *environment, const char *name, const char *value)
{
    hn_environment_put(environment, hn_arena_printf(environment->arena, "%s=%s", name, value));
}

static bool same_name(const char *a, const char *b)
{
    size_t length = strcspn(a, "=");
    return !strncmp(a, b, length) && b[length] == '=';
}

static bool is_replaced(const hn_environment *environment, const char *entry, size_t from)
{
    for (size_t i = from; i < environment->count; i++) {
        if (same_name(entry, environment->added[i])) {
            return true;
        }
    }
    return false;
}

hone_status hn_environment_list(hn_environment *environment, const char ***list, hone_error *err)
{
    static const char params[] = "HONE_PARAM_";
    size_t n = 0, own = 0;
    while (environ[own]) {
        own++;
    }
    const char **made = HN_ARENA_NEW(environment->arena, const char *, own + environment->count + 1);
    if (!made || environment->failed) {
        return hn_out_of_memory(err);
    }
    for (size_t i = 0; i < own; i++) {
        if (strncmp(environ[i], params, sizeof params - 1) != 0 && !is_replaced(environment, environ[i], 0)) {
            made[n++] = environ[i];
        }
    }
    for (size_t i = 0; i < environment->count; i++) {
        if (!is_replaced(environment, environment->added[i], i + 1)) {
            made[n++] = environment->added[i];
        }
    }
    *list = made;
    return HONE_OK;
}

hn_node *hn_trial_params_node(hn_arena *arena, const hone_trial *trial)
{
    hn_node *map = hn_node_map(arena);
    hone_named_value param;
    for (size_t i = 0; hone_trial_param(trial, i, &param); i++) {
        map = hn_map_append(arena, map, param.name, hn_value_to_node(arena, param.value));
    }
    return map;
}

uint64_t hn_trial_seed(uint64_t study_seed, int64_t number)
{
    return hn_hash_bytes(&number, sizeof number, study_seed) >> 33;
}

hone_status hn_run_id_new(char id[HN_RUN_ID_SIZE], hone_error *err)
{
    return hn_random_hex(id, (HN_RUN_ID_SIZE - 1) / 2, err);
}
