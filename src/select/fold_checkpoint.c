/* fold_checkpoint.c: a tensor file of what `save` gives, with the metadata
 *   fit       what the fit was of (model/fit_record.h)
 *   settings  those of the state, as JSON
 *   hash      of the settings and the tensors
 */
#include "select/fold_checkpoint.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/os_file.h"
#include "base/text_map.h"
#include "math/hash.h"
#include "model/fit_record.h"

enum { HASH_SIZE = 17 };

/* Millions of them: a word at a time. */
static uint64_t hash_values(const double *values, size_t n, uint64_t hash)
{
    for (size_t i = 0; i < n; i++) {
        uint64_t bits;
        memcpy(&bits, &values[i], sizeof bits);
        hash = hn_mix64(hash ^ bits);
    }
    return hash;
}

static void hash_state(const char *settings, const hn_tensor *tensors, size_t n, char text[HASH_SIZE])
{
    uint64_t hash = hn_hash_bytes(settings, strlen(settings), n);
    for (size_t i = 0; i < n; i++) {
        const hn_tensor *t = &tensors[i];
        size_t size = hn_tensor_size(t);
        hash = hn_hash_bytes(t->name, strlen(t->name), hash);
        if (size && t->floats)
            hash = hn_hash_bytes(t->floats, size * sizeof *t->floats, hash);
        else if (size)
            hash = hash_values(t->values, size, hash);
    }
    snprintf(text, HASH_SIZE, "%016llx", (unsigned long long)hash);
}

static hn_node *record_of(const hn_fold_checkpoint *c, hn_arena *arena)
{
    return hn_fit_record(c->type, c->config, c->train, c->context->seed, arena);
}

/* --- writing --- */

static hn_node *set_text(hn_arena *arena, hn_node *map, const char *key, const char *text)
{
    return text ? hn_map_set(arena, map, key, hn_node_string(arena, text)) : NULL;
}

hone_status hn_fold_checkpoint_write(const hn_fold_checkpoint *c, const void *fitted, hone_error *err)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_model_state state;
    char hash[HASH_SIZE];
    if (c->current)
        return HONE_OK;
    hone_status status = c->type->save(fitted, &arena, &state, err);
    if (!status) {
        hn_node *record = record_of(c, &arena), *map = record ? hn_node_map(&arena) : NULL;
        const char *settings = hn_node_json(&arena, state.settings, HN_JSON_PYTHON);
        if (settings)
            hash_state(settings, state.tensors, state.n_tensors, hash);
        map = set_text(&arena, map, "fit", record ? hn_node_json(&arena, record, HN_JSON_STRICT) : NULL);
        map = set_text(&arena, map, "settings", settings);
        map = set_text(&arena, map, "hash", hash);
        status = map ? hn_tensor_file_write(c->path, map, state.tensors, state.n_tensors, err)
                     : hn_out_of_memory(err);
    }
    hn_arena_release(&arena);
    return status;
}

/* --- reading --- */

static const char *text_of(const hn_node *metadata, const char *key)
{
    const hn_node *node = hn_map_get(metadata, key);
    return node && node->kind == HN_STRING ? node->as.string : "";
}

static bool matters(const void *user, const char *key)
{
    return strcmp(key, ((const hn_model_type *)user)->extends) != 0;
}

/* Whether the file's fit is the checkpoint's but for less of what it is extended by. */
static hone_status check_fit(hn_fold_checkpoint *c, const char *text, hn_arena *arena, hone_error *err)
{
    int64_t found = 0, wanted = 0;
    const char *extends = c->type->extends;
    hn_node *own = record_of(c, arena), *its = NULL;
    hone_status status = own ? hn_fit_record_compare(c->path, text, own, matters, c->type, arena, &its, err)
                             : hn_out_of_memory(err);
    if (status)
        return status;
    hn_node_int(hn_map_get(own, extends), &wanted);
    if (!hn_node_int(hn_map_get(its, extends), &found) || found < 1 || found > wanted)
        return hn_fail(err, HONE_INVALID, "%s is of another fit: its %s is not 1 to %lld", c->path, extends,
                       (long long)wanted);
    c->current = found == wanted;
    c->found = found;
    return HONE_OK;
}

static hone_status read_model(const hn_fold_checkpoint *c, const hn_node *metadata, const hn_tensor *tensors,
                              size_t n, hn_arena *arena, void **fitted, hone_error *err)
{
    char hash[HASH_SIZE];
    hn_node *settings = NULL;
    const char *text = text_of(metadata, "settings");
    hash_state(text, tensors, n, hash);
    if (strcmp(hash, text_of(metadata, "hash")) != 0)
        return hn_fail(err, HONE_PARSE, "%s is damaged: it is not what was written", c->path);
    hone_status status = hn_json_parse(arena, c->path, text, strlen(text), &settings, err);
    hn_model_state state = {.settings = settings, .tensors = tensors, .n_tensors = n};
    return status ? status : c->type->load(&state, c->train->n_classes, c->train->d, fitted, err);
}

hone_status hn_fold_checkpoint_extend(hn_fold_checkpoint *c, void **fitted, hone_error *err)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_node *metadata = NULL;
    hn_tensor *tensors = NULL;
    void *before = NULL;
    size_t n = 0;
    if (!hn_file_exists(c->path))
        return hn_fail(err, HONE_NOT_FOUND, "there is no %s", c->path);
    hone_status status = hn_tensor_file_read(c->path, 0, &arena, &metadata, &tensors, &n, err);
    if (!status)
        status = check_fit(c, text_of(metadata, "fit"), &arena, err);
    if (!status)
        status = read_model(c, metadata, tensors, n, &arena, &before, err);
    if (!status)
        status = c->type->extend(before, c->config, c->train, c->context, fitted, err);
    c->current = c->current && !status;
    if (!status)
        hn_log(HN_LOG_INFO, "goes on after %s %lld, from %s", c->type->extends, (long long)c->found, c->path);
    c->type->destroy(before);
    hn_arena_release(&arena);
    return status;
}
