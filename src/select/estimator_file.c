/* estimator_file.c: a fitted model as one safetensors file. The metadata's values are JSON texts:
 *   format        "hone-model 1"
 *   architecture  {model, options, task, target, weight and decision (if any), classes,
 *                 settings}
 *   pipeline      data/preprocess.h
 *   provenance    where it comes from; free form
 */
#include <float.h>
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "select/estimator.h"

static const char format_name[] = "hone-model 1";

/* --- saving --- */

static hn_node *describe_decision(const hn_estimator *e, hn_arena *arena)
{
    hn_node *map = hn_node_map(arena);
    map = hn_map_set(arena, map, "metric", hn_node_string(arena, e->decided_by));
    map = hn_map_set(arena, map, "threshold", hn_node_real(arena, e->threshold.at));
    map = hn_map_set(arena, map, "value", hn_node_real(arena, e->threshold.value));
    return hn_map_set(arena, map, "usual", hn_node_real(arena, e->threshold.usual));
}

static hn_node *describe_architecture(const hn_estimator *e, hn_arena *arena, const hn_node *settings)
{
    hn_node *classes = hn_node_list(arena);
    for (size_t k = 0; k < e->n_classes; k++)
        classes = hn_list_append(arena, classes, hn_node_string(arena, e->classes[k]));
    hn_node *options = e->settings ? hn_node_copy(arena, e->settings) : hn_node_map(arena);
    hn_node *map = hn_node_map(arena);
    map = hn_map_set(arena, map, "model", hn_node_string(arena, e->type->name));
    map = hn_map_set(arena, map, "options", options);
    map = hn_map_set(arena, map, "task", hn_node_string(arena, hn_model_task_name(e->task)));
    map = hn_map_set(arena, map, "target", hn_node_string(arena, e->target_name));
    if (e->weight_name)
        map = hn_map_set(arena, map, "weight", hn_node_string(arena, e->weight_name));
    if (e->decided_by)
        map = hn_map_set(arena, map, "decision", describe_decision(e, arena));
    map = hn_map_set(arena, map, "classes", classes);
    return hn_map_set(arena, map, "settings", hn_node_copy(arena, settings));
}

hn_node *hn_estimator_describe(const hn_estimator *e, hn_arena *arena, hn_model_state *state, hone_error *err)
{
    if (e->type->save(e->fitted, arena, state, err))
        return NULL;
    hn_node *map = hn_node_map(arena);
    map = hn_map_set(arena, map, "architecture", describe_architecture(e, arena, state->settings));
    map = hn_map_set(arena, map, "pipeline", hn_preprocess_save(e->preprocess, arena));
    map = hn_map_set(arena, map, "provenance", hn_node_copy(arena, e->provenance));
    if (!map)
        hn_out_of_memory(err);
    return map;
}

hn_node *hn_estimator_texts(hn_node *metadata, const hn_node *description, hn_arena *arena)
{
    for (size_t i = 0; i < description->count; i++) {
        hn_buffer json = HN_BUFFER_INIT;
        hn_json_write(&json, description->as.entries[i].value, HN_JSON_PYTHON);
        const char *text = hn_buffer_failed(&json) ? NULL : hn_arena_strdup(arena, hn_buffer_string(&json));
        hn_buffer_release(&json);
        metadata =
            text ? hn_map_set(arena, metadata, description->as.entries[i].key, hn_node_string(arena, text))
                 : NULL;
    }
    return metadata;
}

hone_status hn_estimator_save(const hn_estimator *e, const char *path, const hn_node *provenance,
                              hone_error *err)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_model_state state;
    hone_status status = HONE_OUT_OF_MEMORY;
    hn_node *description = hn_estimator_describe(e, &arena, &state, err);
    if (!description)
        goto done;
    hn_node *origin = hn_map_get(description, "provenance");
    for (size_t i = 0; provenance && i < provenance->count; i++)
        if (!hn_map_set(&arena, origin, provenance->as.entries[i].key,
                        hn_node_copy(&arena, provenance->as.entries[i].value)))
            goto done;
    hn_node *metadata =
        hn_map_set(&arena, hn_node_map(&arena), "format", hn_node_string(&arena, format_name));
    metadata = hn_estimator_texts(metadata, description, &arena);
    if (metadata)
        status = hn_tensor_file_write(path, metadata, state.tensors, state.n_tensors, err);
done:
    if (status == HONE_OUT_OF_MEMORY)
        hn_out_of_memory(err);
    hn_arena_release(&arena);
    return status;
}

/* --- loading --- */

/* The value of a metadata key read as JSON. */
static hone_status read_part(const hn_node *metadata, const char *key, const char *path, hn_arena *arena,
                             hn_node **part, hone_error *err)
{
    const hn_node *text = hn_map_get(metadata, key);
    const char *source = hn_arena_strdup(arena, path); /* named by the nodes as long as they live */
    if (!source)
        return hn_out_of_memory(err);
    if (!text || text->kind != HN_STRING)
        return hn_fail(err, HONE_PARSE, "%s: the metadata lacks \"%s\"", path, key);
    return hn_json_parse(arena, source, text->as.string, strlen(text->as.string), part, err);
}

static const char *text_of(const hn_node *map, const char *key)
{
    const hn_node *node = hn_map_get(map, key);
    return node && node->kind == HN_STRING ? node->as.string : NULL;
}

/* The threshold, if there is one. */
static hone_status read_decision(hn_estimator *e, const hn_node *map, const char *path, hone_error *err)
{
    hn_threshold *t = &e->threshold;
    *t = (hn_threshold){.at = NAN};
    if (!map)
        return HONE_OK;
    e->decided_by = map->kind == HN_MAP ? text_of(map, "metric") : NULL;
    bool sound = e->decided_by && e->n_classes == 2 && e->type->predict_proba &&
                 hn_node_double(hn_map_get(map, "threshold"), &t->at) && t->at >= 0 &&
                 t->at <= 1 + DBL_EPSILON;
    hn_node_double(hn_map_get(map, "value"), &t->value);
    hn_node_double(hn_map_get(map, "usual"), &t->usual);
    return sound ? HONE_OK
                 : hn_fail(err, HONE_PARSE, "%s: the decision has no metric and threshold for two classes",
                           path);
}

static hone_status read_architecture(hn_estimator *e, const hn_node *map, const char *path, hone_error *err)
{
    const char *model = text_of(map, "model"), *task = text_of(map, "task");
    const hn_node *classes = hn_map_get(map, "classes");
    e->target_name = text_of(map, "target");
    e->weight_name = text_of(map, "weight");
    e->settings = hn_map_get(map, "options");
    if (!model || !task || !e->target_name || !classes || classes->kind != HN_LIST)
        return hn_fail(err, HONE_PARSE, "%s: the architecture lacks model, task, target or classes", path);
    if (!*e->target_name || (e->weight_name && !*e->weight_name))
        return hn_fail(err, HONE_PARSE, "%s: the target or the weights have no name", path);
    hone_status status = hn_model_require(model, &e->type, err);
    if (status)
        return hn_fail_within(err, status, "%s", path);
    e->task = hn_model_task_find(task);
    e->n_classes = classes->count;
    e->classes = HN_ARENA_NEW(&e->arena, const char *, classes->count);
    if (!e->classes)
        return hn_out_of_memory(err);
    bool sound = (e->type->tasks & (unsigned)e->task) &&
                 (e->task == HN_TASK_CLASSIFICATION ? e->n_classes >= 2 : e->n_classes == 0);
    for (size_t k = 0; sound && k < classes->count; k++) {
        sound = classes->as.items[k]->kind == HN_STRING;
        e->classes[k] = sound ? classes->as.items[k]->as.string : NULL;
    }
    return sound ? HONE_OK
                 : hn_fail(err, HONE_PARSE, "%s: task \"%s\" does not fit the model or its classes", path,
                           task);
}

static hone_status read_parts(hn_estimator *e, const hn_node *metadata, hn_model_state *state,
                              const char *path, hone_error *err)
{
    const char *format = text_of(metadata, "format");
    if (!format || strncmp(format, "hone-model ", 11) != 0)
        return hn_fail(err, HONE_PARSE,
                       "%s is a safetensors file, but not a hone model: its metadata has no format", path);
    if (strcmp(format, format_name) != 0)
        return hn_fail(err, HONE_UNSUPPORTED, "%s is of format \"%s\"; this version reads \"%s\"", path,
                       format, format_name);
    hn_node *architecture = NULL, *pipeline = NULL, *provenance = NULL;
    hone_status status = read_part(metadata, "architecture", path, &e->arena, &architecture, err);
    if (!status)
        status = read_part(metadata, "pipeline", path, &e->arena, &pipeline, err);
    if (!status)
        status = read_part(metadata, "provenance", path, &e->arena, &provenance, err);
    e->provenance = provenance;
    if (!status)
        status = read_architecture(e, architecture, path, err);
    if (status)
        return status;
    status = read_decision(e, hn_map_get(architecture, "decision"), path, err);
    if (status)
        return status;
    state->settings = hn_map_get(architecture, "settings");
    status = hn_preprocess_load(pipeline, &e->preprocess, err);
    if (!status)
        status = e->type->load(state, e->n_classes, hn_preprocess_width(e->preprocess), &e->fitted, err);
    return status ? hn_fail_within(err, status, "%s", path) : HONE_OK;
}

hone_status hn_estimator_load(const char *path, hn_estimator **estimator, hone_error *err)
{
    hn_estimator *e = hn_calloc(1, sizeof *e);
    if (!e)
        return hn_out_of_memory(err);
    hn_arena scratch = HN_ARENA_INIT; /* the tensors: the model copies what it keeps */
    hn_node *metadata = NULL;
    hn_tensor *tensors = NULL;
    hn_model_state state = {0};
    hone_status status = hn_tensor_file_read(path, 0, &scratch, &metadata, &tensors, &state.n_tensors, err);
    state.tensors = tensors;
    if (!status)
        status = read_parts(e, metadata, &state, path, err);
    hn_arena_release(&scratch);
    if (status)
        hn_estimator_destroy(e);
    else
        *estimator = e;
    return status;
}
