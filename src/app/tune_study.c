/* The study of a plan: opening it, what it was measured with. */
#include <string.h>

#include "app/plan_reader.h"
#include "app/tune.h"
#include "base/memory.h"
#include "base/os_file.h"

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
    config.restarts = plan->search.restarts;
    config.heartbeat_seconds = plan->search.heartbeat_seconds;
    config.definition = hn_plan_definition((hone_plan *)plan);
    char *folder = NULL;
    hone_status status = config.definition ? hn_path_absolute(".", &folder, err) : hn_out_of_memory(err);
    if (!status) {
        config.folder = folder;
        status = hone_study_open(plan->storage, plan->study, &config, study, err);
    }
    hn_free(folder);
    return status;
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
