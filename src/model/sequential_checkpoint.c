/* sequential_checkpoint.c: a training that can be gone on with: a tensor file of the network's values, the
 * optimizer's memory, the best epoch's values and the trainer's counts, with what the training was of. */
#include <math.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/os_file.h"
#include "model/fit_record.h"
#include "model/sequential.h"

/* --- what a training is of --- */

hn_node *hn_sequential_record(const hn_sequential_config *c, const hn_sequential *s, const hn_design *train,
                              uint64_t seed, hn_arena *arena)
{
    hn_node *map = hn_fit_record(&hn_model_sequential, c, train, seed, arena);
    return hn_map_set(arena, map, "layers", hn_node_copy(arena, s->layers));
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
    const char *text = hn_node_json(&arena, checkpoint->record, HN_JSON_STRICT);
    hn_node *metadata =
        text ? hn_map_set(&arena, hn_node_map(&arena), "fit", hn_node_string(&arena, text)) : NULL;
    hone_status status =
        metadata ? hn_tensor_file_write(checkpoint->path, metadata, tensors, n, err) : hn_out_of_memory(err);
    hn_arena_release(&arena);
    return status;
}

/* --- reading --- */

/* What has to be the same also where options may differ. */
static bool matters(const void *user, const char *key)
{
    const hn_checkpoint *checkpoint = user;
    return !checkpoint->cloned || !strcmp(key, "data") || !strcmp(key, "rows") || !strcmp(key, "columns") ||
           !strcmp(key, "optimizer");
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
    hn_node *metadata = NULL, *its = NULL;
    hn_tensor *tensors = NULL;
    size_t n = 0;
    hone_status status = hn_tensor_file_read(checkpoint->path, 0, &arena, &metadata, &tensors, &n, err);
    if (!status) {
        const hn_node *fit = hn_map_get(metadata, "fit");
        status = fit && fit->kind == HN_STRING
                     ? hn_fit_record_compare(checkpoint->path, fit->as.string, checkpoint->record, matters,
                                             checkpoint, &arena, &its, err)
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
