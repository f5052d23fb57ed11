/* Operations on studies: create, studies, delete, stop, attr. */
#include <string.h>

#include "app/plan.h"
#include "app/protocol.h"
#include "base/memory.h"
#include "study/limit.h"
#include "view/trial_node.h"

static bool is_memory(const char *storage)
{
    return strncmp(storage, "memory:", 7) == 0;
}

/* --- create --- */

/* Keys that a study file has under `search:` and a request may have at its top. */
static bool belongs_to_search(const char *key)
{
    static const char *const keys[] = {"sampler", "pruner",  "seed",     "trials", "lag", "learn_from",
                                       "target",  "timeout", "patience", "regret", "cost"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        if (strcmp(keys[i], key) == 0) {
            return true;
        }
    }
    return false;
}

/* The request as a study file would say it. */
static hone_status as_study_file(const hn_request *request, hn_node **file)
{
    hn_arena *arena = request->arena;
    hn_node *root = hn_node_map(arena);
    const hn_node *given = hn_map_get(request->root, "search");
    if (given && given->kind != HN_MAP) {
        return hn_fail(request->err, HONE_INVALID, "'search' is %s; it must be an object",
                       hn_node_describe(arena, given));
    }
    hn_node *search = given ? hn_node_copy(arena, given) : hn_node_map(arena);
    for (size_t i = 0; i < request->root->count; i++) {
        const hn_map_entry *entry = &request->root->as.entries[i];
        hn_node *value = hn_node_copy(arena, entry->value);
        if (belongs_to_search(entry->key)) {
            if (hn_map_get(given, entry->key)) {
                return hn_fail(request->err, HONE_INVALID, "'%s' stands twice: alone and under 'search'",
                               entry->key);
            }
            search = hn_map_append(arena, search, entry->key, value);
        } else if (strcmp(entry->key, "op") && strcmp(entry->key, "id") && strcmp(entry->key, "search")) {
            root = hn_map_append(arena, root, entry->key, value);
        }
    }
    if (!hn_map_get(request->root, "storage")) {
        root = hn_map_append(arena, root, "storage", hn_node_string(arena, request->protocol->storage));
    }
    if (search && search->count) {
        root = hn_map_append(arena, root, "search", search);
    }
    if (!root || !search) {
        return hn_out_of_memory(request->err);
    }
    *file = root;
    return HONE_OK;
}

/* The study is open, and was created as this. */
static bool is_created(const hn_request *request, const hone_plan *plan, const hn_node *file)
{
    hn_node *before = NULL;
    const char *json = hn_protocol_definition(request->protocol, request->arena, hone_plan_storage(plan),
                                              hone_plan_study(plan));
    return json && !hn_json_parse(request->arena, "definition", json, strlen(json), &before, NULL) &&
           hn_node_equal(before, file);
}

static bool has_limit(const hone_budget *budget)
{
    return budget->trials || budget->seconds > 0 || budget->has_target || budget->patience ||
           budget->has_regret || budget->cost > 0;
}

/* The limits that the request gave; a timeout begins with the first creation in this session. */
static hone_status limit_asks(hn_open_study *entry, const hone_plan *plan, const hn_node *file,
                              hone_error *err)
{
    hone_budget *budget = &entry->budget;
    *budget = hn_plan_budget(plan);
    if (!hn_map_get(hn_map_get(file, "search"), "trials")) {
        budget->trials =
            0; /* a study file has a usual number; who asks by hand is limited only if they say so */
    }
    if (budget->cost_metric) {
        entry->cost_metric = hn_strdup(budget->cost_metric);
        if (!entry->cost_metric) {
            return hn_out_of_memory(err);
        }
        budget->cost_metric = entry->cost_metric;
    }
    hone_status status = has_limit(budget) ? hn_budget_check(entry->study, budget, err) : HONE_OK;
    return status ? status : hn_study_begin_run(entry->study, budget, err);
}

static hone_status open_plan(hn_request *request, hone_plan *plan, const hn_node *file)
{
    hone_study *study = NULL;
    hn_buffer json = HN_BUFFER_INIT;
    hn_json_write(&json, file, HN_JSON_PYTHON);
    hone_status status = hone_plan_open(plan, &study, request->err);
    if (!status) {
        status = hn_protocol_add(request->protocol, hone_plan_storage(plan), study, hn_buffer_string(&json),
                                 &request->held, request->err);
    }
    if (!status) {
        status = limit_asks(request->held, plan, file, request->err);
        if (status) {
            hn_protocol_close(request->protocol, request->held);
        }
    }
    hn_buffer_release(&json);
    return status;
}

/* A study that is open already is opened anew when its definition changed; one in memory would lose its
 * trials. With `opening` held. */
static hone_status create(hn_request *request, hone_plan *plan, const hn_node *file)
{
    hone_protocol *protocol = request->protocol;
    if (is_created(request, plan, file)) {
        return HONE_OK;
    }
    hn_open_study *entry = hn_protocol_hold(protocol, hone_plan_storage(plan), hone_plan_study(plan));
    if (entry && is_memory(entry->storage)) {
        request->held = entry;
        return hn_fail(
            request->err, HONE_EXISTS,
            "study '%s' exists in memory with another definition; delete it or choose another name",
            entry->name);
    }
    if (entry) {
        hn_protocol_close(protocol, entry);
        hn_protocol_release(protocol, entry);
    }
    return open_plan(request, plan, file);
}

static bool names_storage(const hn_node *node)
{
    bool found = node && hn_map_get(node, "storage");
    for (size_t i = 0; node && node->kind == HN_LIST && i < node->count && !found; i++) {
        found = hn_map_get(node->as.items[i], "storage") != NULL;
    }
    return found;
}

/* Who is elsewhere may define a search, but neither name files nor what a worker would run. */
static hone_status check_remote(const hn_request *request)
{
    static const char *const keys[] = {"op",    "id",        "study",       "storage", "goal",
                                       "space", "forbidden", "constraints", "search"};
    const hn_node *search = hn_map_get(request->root, "search");
    const hn_node *earlier = hn_map_get(request->root, "learn_from");
    const hn_node *inner = hn_map_get(search, "learn_from");
    const hn_node *lists[] = {earlier, inner};
    for (size_t i = 0; i < request->root->count; i++) {
        const char *key = request->root->as.entries[i].key;
        bool known = belongs_to_search(key);
        for (size_t k = 0; k < sizeof keys / sizeof *keys && !known; k++) {
            known = strcmp(keys[k], key) == 0;
        }
        if (!known) {
            return hn_fail(request->err, HONE_DENIED, "'%.60s' cannot be given over HTTP", key);
        }
    }
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        if (names_storage(lists[i])) {
            return hn_fail(request->err, HONE_DENIED,
                           "'learn_from' cannot name a storage over HTTP: it is the study's own");
        }
    }
    return HONE_OK;
}

hone_status hn_op_create(hn_request *request)
{
    hn_node *file = NULL;
    hone_plan *plan = NULL;
    const char *name = NULL;
    const char *storage = NULL;
    hone_status status = hn_request_text(request, "study", true, &name);
    if (!status) {
        status = hn_request_storage(request, &storage);
    }
    if (!status && request->protocol->remote) {
        status = check_remote(request);
    }
    if (!status) {
        status = as_study_file(request, &file);
    }
    if (!status) {
        status = hn_plan_from_node(file, &plan, request->err);
    }
    if (!status) {
        status = hone_plan_check(plan, request->err);
    }
    if (!status && !is_created(request, plan, file)) {
        pthread_mutex_lock(&request->protocol->opening);
        status = create(request, plan, file);
        pthread_mutex_unlock(&request->protocol->opening);
    }
    hone_plan_destroy(plan);
    if (!status) {
        hn_answer_set(request, "study", hn_node_string(request->arena, name));
    }
    return status;
}

/* --- studies --- */

static hone_status best_value(hone_study *study, hone_study_info *info, hone_error *err)
{
    int64_t *numbers = NULL;
    size_t n = 0;
    hone_trial_info *best = NULL;
    hone_status status = hone_study_best(study, 1, &numbers, &n, err);
    if (!status && n && info->n_objectives == 1) {
        status = hone_study_trial(study, numbers[0], &best, err);
    }
    if (!status && best && best->n_values) {
        info->has_best = true;
        info->best = best->values[0];
    }
    hone_trial_info_free(best);
    hone_free(numbers);
    return status;
}

static hone_status list_open(hn_request *request, const hn_open_study *open, hn_node **list)
{
    hone_study *study = open->study;
    hone_study_info info = {
        .name = open->name,
        .trials = hone_study_trial_count(study),
        .complete = hone_study_state_count(study, HONE_COMPLETE),
        .n_objectives = hone_study_objective_count(study),
    };
    for (size_t k = 0; k < info.n_objectives; k++) {
        info.directions[k] = hone_study_objective(study, k, NULL);
    }
    hone_status status = best_value(study, &info, request->err);
    if (!status) {
        *list = hn_list_append(request->arena, *list, hn_study_info_node(request->arena, &info));
    }
    return status;
}

/* Studies in memory are known to their session only. */
static hone_status list_memory(hn_request *request, hn_node **list)
{
    size_t n = 0;
    hn_open_study **studies = hn_protocol_memory_studies(request->protocol, request->arena, &n);
    hone_status status = studies ? HONE_OK : hn_out_of_memory(request->err);
    for (size_t i = 0; studies && i < n; i++) {
        pthread_mutex_lock(&studies[i]->lock);
        if (!status && !studies[i]->closed) {
            status = list_open(request, studies[i], list);
        }
        hn_protocol_release(request->protocol, studies[i]);
    }
    return status;
}

static hone_status list_storage(hn_request *request, const char *storage, hn_node **list)
{
    hone_study_info *studies = NULL;
    size_t n = 0;
    hone_status status = hone_study_list(storage, &studies, &n, request->err);
    for (size_t i = 0; i < n; i++) {
        *list = hn_list_append(request->arena, *list, hn_study_info_node(request->arena, &studies[i]));
    }
    hone_study_list_free(studies, n);
    return status;
}

hone_status hn_op_studies(hn_request *request)
{
    const char *storage = request->protocol->storage;
    hn_node *list = hn_node_list(request->arena);
    hone_status status = hn_request_storage(request, &storage);
    if (!status) {
        status = is_memory(storage) ? list_memory(request, &list) : list_storage(request, storage, &list);
    }
    if (!status) {
        hn_answer_set(request, "studies", list);
    }
    return status;
}

/* --- delete, stop, attr --- */

hone_status hn_op_delete(hn_request *request)
{
    const char *name = NULL, *storage = NULL;
    hone_status status = hn_request_text(request, "study", true, &name);
    if (!status) {
        status = hn_request_storage(request, &storage);
    }
    if (status) {
        return status;
    }
    hn_open_study *open = hn_protocol_hold(request->protocol, storage, name);
    request->held = open;
    storage = open ? open->storage : storage ? storage : request->protocol->storage;
    storage = hn_arena_strdup(request->arena, storage);
    if (!storage) {
        return hn_out_of_memory(request->err);
    }
    if (open) {
        hn_protocol_close(request->protocol, open);
    }
    return open && is_memory(storage) ? HONE_OK : hone_study_delete(storage, name, request->err);
}

hone_status hn_op_stop(hn_request *request)
{
    hn_open_study *study;
    const char *reason = NULL;
    hone_status status = hn_request_study(request, &study);
    if (!status) {
        status = hn_request_text(request, "reason", false, &reason);
    }
    return status ? status : hone_study_stop(study->study, reason, request->err);
}

static hone_status answer_json(hn_request *request, const char *key, const char *json)
{
    hn_node *value = NULL;
    if (hn_json_parse(request->arena, key, json, strlen(json), &value, NULL)) {
        value = hn_node_string(request->arena, json); /* another tool's, not JSON */
    }
    hn_answer_set(request, "value", value);
    return HONE_OK;
}

static hone_status get_attribute(hn_request *request, hn_open_study *study, const char *key, int64_t trial)
{
    if (trial < 0) {
        char *json = NULL;
        hone_status status = hone_study_attribute(study->study, key, &json, request->err);
        status = status ? status : answer_json(request, key, json);
        hone_free(json);
        return status;
    }
    hone_trial_info *info = NULL;
    hone_status status = hone_study_trial(study->study, trial, &info, request->err);
    if (status) {
        return status;
    }
    status = HONE_NOT_FOUND;
    for (size_t i = 0; i < info->n_attributes; i++) {
        if (strcmp(info->attribute_keys[i], key) == 0) {
            status = answer_json(request, key, info->attribute_json[i]);
        }
    }
    hone_trial_info_free(info);
    return status ? hn_fail(request->err, status, "trial %lld has no attribute '%s'", (long long)trial, key)
                  : HONE_OK;
}

hone_status hn_op_attr(hn_request *request)
{
    hn_open_study *study;
    const char *key = NULL;
    int64_t trial = -1;
    const hn_node *value = hn_map_get(request->root, "value");
    hone_status status = hn_request_study(request, &study);
    if (!status) {
        status = hn_request_text(request, "key", true, &key);
    }
    if (!status) {
        status = hn_request_int(request, "trial", false, &trial);
    }
    if (!status && hn_map_get(request->root, "trial") && trial < 0) {
        status =
            hn_fail(request->err, HONE_INVALID, "'trial' is %lld; numbers begin with 0", (long long)trial);
    }
    if (status) {
        return status;
    }
    if (!value) {
        return get_attribute(request, study, key, trial);
    }
    if (trial >= 0) {
        hone_trial *handle;
        status = hn_session_take(request, study, trial, NULL, &handle);
        if (!status) {
            status = hn_trial_set_attr(request, handle, key, value);
        }
        return status ? status : hone_study_sync(study->study, request->err);
    }
    hn_buffer json = HN_BUFFER_INIT;
    status = hn_attr_json(request, key, value, &json);
    if (!status) {
        status = hone_study_set_attribute(study->study, key, hn_buffer_string(&json), request->err);
    }
    hn_buffer_release(&json);
    return status;
}
