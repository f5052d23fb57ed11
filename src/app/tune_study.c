/* The study of a plan: opening it, what it was measured with, its folder. */
#include <string.h>

#include "app/plan_reader.h"
#include "app/tune.h"
#include "base/memory.h"
#include "base/os_file.h"
#include "storage/url.h"

hone_status hn_plan_open_study(const hone_plan *plan, hone_study **study, hone_error *err)
{
    hone_study_config config = HONE_STUDY_CONFIG_INIT;
    config.goal = plan->goal;
    config.space = plan->space_text;
    config.forbidden = plan->forbidden_text;
    config.sampler = plan->search.sampler;
    config.pruner = plan->search.pruner;
    config.learn_from = plan->search.learn_from;
    config.seed = plan->search.seed;
    config.has_seed = plan->search.has_seed;
    config.lag = plan->search.lag;
    config.definition = hn_plan_definition((hone_plan *)plan);
    if (!config.definition) {
        return hn_out_of_memory(err);
    }
    return hone_study_open(plan->storage, plan->study, &config, study, err);
}

hone_status hone_plan_open(hone_plan *plan, hone_study **study, hone_error *err)
{
    hn_model_job *job = NULL;
    hone_status status = hone_plan_check(plan, err);
    if (!status && plan->model.type) {
        status = hn_model_job_open(plan, NULL, &job, err); /* the goal may depend on the task */
    }
    if (!status) {
        status = hn_plan_open_study(plan, study, err);
    }
    hn_model_job_destroy(job);
    return status;
}

hone_status hn_study_seed(hone_study *study, uint64_t *seed, hone_error *err)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_node *root = NULL;
    char *json = NULL;
    int64_t value = 0;
    hone_status status = hone_study_describe(study, &json, err);
    if (!status) {
        status = hn_json_parse(&arena, "the study's definition", json, strlen(json), &root, err);
    }
    if (!status) {
        hn_node_int(hn_map_get(root, "seed"), &value);
        *seed = (uint64_t)value;
    }
    hone_free(json);
    hn_arena_release(&arena);
    return status;
}

int64_t hn_study_finished(hone_study *study)
{
    return hone_study_state_count(study, HONE_COMPLETE) + hone_study_state_count(study, HONE_PRUNED) +
           hone_study_state_count(study, HONE_FAILED);
}

bool hn_study_best_number(hone_study *study, int64_t *number)
{
    int64_t *numbers = NULL;
    size_t count = 0;
    bool found = !hone_study_best(study, 1, &numbers, &count, NULL) && count;
    if (found) {
        *number = numbers[0];
    }
    hone_free(numbers);
    return found;
}

/* --- what was measured --- */

static hone_status compare(hone_study *study, const hn_node *before, const hn_node *now, hn_arena *arena,
                           hone_error *err)
{
    for (size_t i = 0; i < now->count; i++) {
        const hn_map_entry *entry = &now->as.entries[i];
        const hn_node *old = hn_map_get(before, entry->key);
        if (old && !hn_node_equal(old, entry->value)) {
            return hn_fail(
                err, HONE_EXISTS,
                "study '%s' exists, and was measured with %s %s, not %s: its values do not compare; choose "
                "another name for the study",
                hone_study_name(study), entry->key, hn_node_describe(arena, old),
                hn_node_describe(arena, entry->value));
        }
    }
    return HONE_OK;
}

hone_status hn_study_check_identity(hone_study *study, const char *identity, hone_error *err)
{
    static const char key[] = "hone:measured";
    hn_arena arena = HN_ARENA_INIT;
    hn_node *before = NULL, *now = NULL;
    char *json = NULL;
    if (hone_study_attribute(study, key, &json, NULL)) {
        return hone_study_set_attribute(study, key, identity, err);
    }
    hone_status status = hn_json_parse(&arena, key, json, strlen(json), &before, err);
    if (!status) {
        status = hn_json_parse(&arena, key, identity, strlen(identity), &now, err);
    }
    if (!status) {
        status = compare(study, before, now, &arena, err);
    }
    hone_free(json);
    hn_arena_release(&arena);
    return status;
}

/* --- folder --- */

/* "hone.runs" beside hone.db; in the current folder for storages that are no file. */
static const char *runs_folder(hn_arena *arena, const char *storage)
{
    hn_storage_url url;
    const char *path = NULL;
    if (hn_storage_url_parse(arena, storage, &url, NULL) || hn_storage_url_path(&url, &path, NULL)) {
        return "hone.runs";
    }
    const char *slash = strrchr(path, '/'), *dot = strrchr(path, '.');
    size_t size = dot && dot > (slash ? slash + 1 : path) ? (size_t)(dot - path) : strlen(path);
    return hn_arena_printf(arena, "%.*s.runs", (int)size, path);
}

/* The study's name as the name of a folder. */
static char *folder_name(hn_arena *arena, const char *study)
{
    char *name = hn_arena_strdup(arena, study);
    for (char *c = name; c && *c; c++) {
        if (*c == '/' || (unsigned char)*c < ' ' || (c == name && *c == '.')) {
            *c = '_';
        }
    }
    return name;
}

/* A name that no folder has yet: what an earlier study of that name left behind is neither used nor
 * removed. */
static const char *fresh_name(hn_arena *arena, const char *runs, const char *base)
{
    const char *name = base;
    for (int i = 2; name; i++) {
        const char *path = hn_arena_printf(arena, "%s/%s", runs, name);
        if (!path || !hn_file_exists(path)) {
            return path ? name : NULL;
        }
        name = hn_arena_printf(arena, "%s-%d", base, i);
    }
    return NULL;
}

static hone_status remember_folder(hone_study *study, hn_arena *arena, const char *key, const char *name,
                                   hone_error *err)
{
    const char *json = hn_node_json(arena, hn_node_string(arena, name), HN_JSON_STRICT);
    return json ? hone_study_set_attribute(study, key, json, err) : hn_out_of_memory(err);
}

hone_status hn_study_folder(hone_study *study, const char *storage, hn_arena *arena, const char **folder,
                            hone_error *err)
{
    static const char key[] = "hone:folder";
    const char *runs = runs_folder(arena, storage), *name = NULL;
    char *json = NULL;
    hone_status status = HONE_OK;
    if (!runs) {
        return hn_out_of_memory(err);
    }
    if (!hone_study_attribute(study, key, &json, NULL)) {
        hn_node *node = NULL;
        status = hn_json_parse(arena, key, json, strlen(json), &node, err);
        name = !status && node->kind == HN_STRING && !strchr(node->as.string, '/') ? node->as.string : NULL;
        hone_free(json);
    }
    if (!status && !name) {
        const char *base = folder_name(arena, hone_study_name(study));
        name = base ? fresh_name(arena, runs, base) : NULL;
        status = name ? remember_folder(study, arena, key, name, err) : hn_out_of_memory(err);
    }
    if (!status) {
        *folder = hn_arena_printf(arena, "%s/%s", runs, name);
        status = *folder ? HONE_OK : hn_out_of_memory(err);
    }
    return status;
}
