/* sequential_checkpoint.c: a training that can be gone on with: a tensor file of the network's values, the
 * optimizer's memory, the best epoch's values and the trainer's counts, with what the training was of. */
#include <math.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/os_file.h"
#include "base/text_map.h"
#include "model/sequential.h"

/* --- what a training is of --- */

static hn_node *value_node(hn_arena *arena, const hn_option *option, const char *field)
{
    switch (option->type) {
    case HN_OPTION_BOOL: return hn_node_bool(arena, *(const bool *)field);
    case HN_OPTION_INT: return hn_node_integer(arena, *(const int64_t *)field);
    case HN_OPTION_CHOICE: return hn_node_string(arena, option->choices[*(const int *)field]);
    case HN_OPTION_DOUBLE:
    case HN_OPTION_DURATION: return hn_node_real(arena, *(const double *)field);
    case HN_OPTION_STRING: {
        const char *text = *(const char *const *)field;
        return text ? hn_node_string(arena, text) : hn_node_null(arena);
    }
    case HN_OPTION_NODE: break;
    }
    const hn_node *node = *(const hn_node *const *)field;
    return node ? hn_node_copy(arena, node) : hn_node_null(arena);
}

/* Of the labels, and of some rows spread over all. row: room for one. */
static int64_t data_hash(const hn_design *train, float *row)
{
    enum { ROWS = 64 };
    uint64_t hash = hn_hash_bytes(train->y, train->n * sizeof *train->y, train->n);
    for (size_t k = 0; k < ROWS; k++) {
        hn_sequential_row(train, k * (train->n - 1) / (ROWS - 1), row);
        hash = hn_hash_bytes(row, train->d * sizeof *row, hash);
    }
    if (train->weight) {
        hash = hn_hash_bytes(train->weight, train->n * sizeof *train->weight, hash);
    }
    return (int64_t)(hash >> 1);
}

const char *hn_sequential_fingerprint(const hn_sequential_config *c, const hn_sequential *s,
                                      const hn_design *train, uint64_t seed, hn_arena *arena)
{
    const hn_option_table *table = &hn_model_sequential.options;
    hn_buffer text = HN_BUFFER_INIT;
    float *row = HN_ARENA_NEW(arena, float, train->d);
    hn_node *map = row ? hn_node_map(arena) : NULL;
    for (size_t i = 0; i < table->count; i++) {
        const hn_option *option = &table->options[i];
        hn_node *value = value_node(arena, option, (const char *)c + option->offset);
        map = hn_map_set(arena, map, option->name, value);
    }
    map = hn_map_set(arena, map, "layers", hn_node_copy(arena, s->layers));
    map = hn_map_set(arena, map, "seed", hn_node_integer(arena, (int64_t)seed));
    map = hn_map_set(arena, map, "columns", hn_node_integer(arena, (int64_t)train->d));
    map = hn_map_set(arena, map, "rows", hn_node_integer(arena, (int64_t)train->n));
    map = hn_map_set(arena, map, "data", map ? hn_node_integer(arena, data_hash(train, row)) : NULL);
    if (map) {
        hn_json_write(&text, map, HN_JSON_STRICT);
    }
    const char *made =
        map && !hn_buffer_failed(&text) ? hn_arena_strdup(arena, hn_buffer_string(&text)) : NULL;
    hn_buffer_release(&text);
    return made;
}

/* --- writing --- */

enum { COUNTS = 7, TENSORS = 4 };

static hn_tensor floats(const char *name, const float *values, size_t n)
{
    return (hn_tensor){.name = name, .dims = 1, .shape = {n}, .floats = values};
}

hone_status hn_sequential_keep(const hn_checkpoint *checkpoint, const hn_trainer_state *state,
                               size_t n_values, hone_error *err)
{
    hn_arena arena = HN_ARENA_INIT;
    const double counts[COUNTS] = {(double)state->epoch,
                                   (double)state->step,
                                   (double)state->stale,
                                   (double)state->plateaus,
                                   (double)state->stale_plateau,
                                   (double)state->best_epoch,
                                   state->best};
    hn_tensor tensors[TENSORS] = {
        {.name = "counts", .dims = 1, .shape = {COUNTS}, .values = counts},
        floats("values", state->values, n_values),
        floats("memory", state->memory, state->n_memory),
    };
    size_t n = TENSORS - 1;
    if (state->best_values) {
        tensors[n++] = floats("best_values", state->best_values, n_values);
    }
    hn_node *metadata =
        hn_map_set(&arena, hn_node_map(&arena), "fit", hn_node_string(&arena, checkpoint->fingerprint));
    hone_status status =
        metadata ? hn_tensor_file_write(checkpoint->path, metadata, tensors, n, err) : hn_out_of_memory(err);
    hn_arena_release(&arena);
    return status;
}

/* --- reading --- */

/* What has to be the same also where options may differ. */
static bool is_of_data(const char *key)
{
    return !strcmp(key, "data") || !strcmp(key, "rows") || !strcmp(key, "columns") ||
           !strcmp(key, "optimizer");
}

/* Says the first thing in which two trainings differ. */
static hone_status check_fingerprint(const hn_checkpoint *checkpoint, const char *found, hn_arena *arena,
                                     hone_error *err)
{
    const char *path = checkpoint->path, *wanted = checkpoint->fingerprint;
    hn_node *its = NULL, *own = NULL;
    if (!strcmp(found, wanted)) {
        return HONE_OK;
    }
    if (hn_json_parse(arena, path, found, strlen(found), &its, NULL) || its->kind != HN_MAP ||
        hn_json_parse(arena, "this fit", wanted, strlen(wanted), &own, NULL)) {
        return hn_fail(err, HONE_PARSE, "%s: what it is of cannot be read", path);
    }
    for (size_t i = 0; i < own->count; i++) {
        const hn_map_entry *entry = &own->as.entries[i];
        const hn_node *other = hn_map_get(its, entry->key);
        bool matters = !checkpoint->cloned || is_of_data(entry->key);
        if (!other || (matters && !hn_node_equal(other, entry->value))) {
            return hn_fail(err, HONE_INVALID, "%s is of another fit: its %s %s", path, entry->key,
                           !strcmp(entry->key, "data") ? "has other rows" : "is another");
        }
    }
    return checkpoint->cloned ? HONE_OK : hn_fail(err, HONE_INVALID, "%s is of another fit", path);
}

/* The tensor of that name, if it has n finite values. */
static const float *find(const hn_tensor *tensors, size_t count, const char *name, size_t n)
{
    const hn_tensor *tensor = hn_tensor_find_floats(tensors, count, name, 1);
    bool sound = tensor && tensor->shape[0] == n;
    for (size_t i = 0; sound && i < n; i++) {
        sound = isfinite(tensor->floats[i]);
    }
    return sound ? tensor->floats : NULL;
}

static bool are_counts(const hn_tensor *counts)
{
    bool sound = counts && counts->shape[0] == COUNTS && !isnan(counts->values[COUNTS - 1]);
    for (size_t i = 0; sound && i + 1 < COUNTS; i++) {
        double value = counts->values[i];
        sound = value >= 0 && value <= 0x1p53 && value == floor(value);
    }
    return sound;
}

/* False, and nothing is taken, when the tensors are not what hn_sequential_keep writes. */
static bool take_tensors(const hn_tensor *tensors, size_t n, size_t n_values, hn_trainer_state *state)
{
    const hn_tensor *counts = hn_tensor_find(tensors, n, "counts", 1);
    const float *values = find(tensors, n, "values", n_values);
    const float *memory = find(tensors, n, "memory", state->n_memory);
    const float *best = state->best_values ? find(tensors, n, "best_values", n_values) : NULL;
    if (!are_counts(counts) || !values || !memory || (state->best_values && !best)) {
        return false;
    }
    int64_t *const whole[COUNTS - 1] = {&state->epoch,    &state->step,          &state->stale,
                                        &state->plateaus, &state->stale_plateau, &state->best_epoch};
    for (size_t i = 0; i + 1 < COUNTS; i++) {
        *whole[i] = (int64_t)counts->values[i];
    }
    state->best = counts->values[COUNTS - 1];
    memcpy(state->values, values, n_values * sizeof *values);
    memcpy(state->memory, memory, state->n_memory * sizeof *memory);
    if (best) {
        memcpy(state->best_values, best, n_values * sizeof *best);
    }
    return true;
}

static hone_status restore(const hn_checkpoint *checkpoint, size_t n_values, hn_trainer_state *state,
                           hone_error *err)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_node *metadata = NULL;
    hn_tensor *tensors = NULL;
    size_t n = 0;
    hone_status status = hn_tensor_file_read(checkpoint->path, 0, &arena, &metadata, &tensors, &n, err);
    if (!status) {
        const hn_node *fit = hn_map_get(metadata, "fit");
        status = fit && fit->kind == HN_STRING
                     ? check_fingerprint(checkpoint, fit->as.string, &arena, err)
                     : hn_fail(err, HONE_PARSE, "%s: it is no checkpoint of a fit", checkpoint->path);
    }
    if (!status && !take_tensors(tensors, n, n_values, state)) {
        status = hn_fail(err, HONE_PARSE, "%s: an array is missing or has another form than hone writes",
                         checkpoint->path);
    }
    hn_arena_release(&arena);
    return status;
}

void hn_sequential_restore(const hn_checkpoint *checkpoint, size_t n_values, hn_trainer_state *state)
{
    hone_error err;
    if (!hn_file_exists(checkpoint->path)) {
        return;
    }
    if (restore(checkpoint, n_values, state, &err)) {
        hn_log(HN_LOG_WARNING, "%s; the fit starts anew", err.message);
    } else {
        hn_log(HN_LOG_INFO, "goes on after epoch %lld, from %s", (long long)state->epoch, checkpoint->path);
    }
}
