/* Making, changing and judging plans. */
#include "app/plan.h"

#include <string.h>

#include "app/plan_reader.h"
#include "base/memory.h"
#include "base/os_file.h"
#include "storage/url.h"

/* --- making --- */

/* NULL when memory is out. */
static hone_plan *new_plan(void)
{
    hone_plan *made = hn_calloc(1, sizeof *made);
    if (made && !(made->root = hn_node_map(&made->arena))) {
        hone_plan_destroy(made);
        return NULL;
    }
    return made;
}

hone_status hone_plan_create(hone_plan **plan, hone_error *err)
{
    hone_plan *made = new_plan();
    if (!made) {
        return hn_out_of_memory(err);
    }
    *plan = made;
    return HONE_OK;
}

void hone_plan_destroy(hone_plan *plan)
{
    if (plan) {
        hn_template_destroy(plan->command.made);
        hn_metric_commands_release(&plan->model.own);
        hn_arena_release(&plan->arena);
        hn_free(plan);
    }
}

static hone_status read_root(hone_plan *plan, const char *path, hone_error *err)
{
    plan->source = hn_arena_strdup(&plan->arena, path);
    hone_status status = plan->source ? HONE_OK : hn_out_of_memory(err);
    if (!status) {
        status = hn_node_read_file(&plan->arena, plan->source, &plan->root, err);
    }
    if (!status && plan->root->kind != HN_MAP) {
        status = hn_fail_at(err, HONE_PARSE, plan->root->at,
                            "a study file is a map (goal: ..., space: ...), this is %s",
                            hn_node_describe(&plan->arena, plan->root));
    }
    return status;
}

hone_status hone_plan_read(const char *path, hone_plan **plan, hone_error *err)
{
    if (!hn_file_exists(path)) {
        return hn_fail(err, HONE_NOT_FOUND, "there is no study file '%s'", path);
    }
    hone_plan *made = new_plan();
    if (!made) {
        return hn_out_of_memory(err);
    }
    hone_status status = read_root(made, path, err);
    if (status) {
        hone_plan_destroy(made);
        return status;
    }
    *plan = made;
    return HONE_OK;
}

hone_status hn_plan_from_node(const hn_node *root, hone_plan **plan, hone_error *err)
{
    hone_plan *made = new_plan();
    if (!made || !(made->root = hn_node_copy(&made->arena, root))) {
        hone_plan_destroy(made);
        return hn_out_of_memory(err);
    }
    *plan = made;
    return HONE_OK;
}

/* --- changing --- */

static void place(hn_node *node, hn_position at)
{
    node->at = at;
    for (size_t i = 0; i < node->count && (node->kind == HN_LIST || node->kind == HN_MAP); i++) {
        place(node->kind == HN_LIST ? node->as.items[i] : node->as.entries[i].value, at);
        if (node->kind == HN_MAP) {
            node->as.entries[i].at = at;
        }
    }
}

static hone_status put(hone_plan *plan, hn_node *map, const char *key, hn_node *value, hn_position at,
                       hone_error *err)
{
    if (!value || !hn_map_set(&plan->arena, map, key, value)) {
        return hn_out_of_memory(err);
    }
    for (size_t i = 0; i < map->count; i++) {
        if (!strcmp(map->as.entries[i].key, key)) {
            map->as.entries[i].at = at;
        }
    }
    plan->checked = false;
    return HONE_OK;
}

/* The map a path's last key belongs into, made on the way; a text in its place becomes {type: text} (`model:
 * svm`). */
static hone_status descend(hone_plan *plan, const char **path, hn_position at, hn_node **map, hone_error *err)
{
    hn_arena *arena = &plan->arena;
    *map = plan->root;
    for (const char *dot; (dot = strchr(*path, '.')); *path = dot + 1) {
        const char *key = hn_arena_strndup(arena, *path, (size_t)(dot - *path));
        if (!key) {
            return hn_out_of_memory(err);
        }
        hn_node *next = hn_map_get(*map, key);
        if (!next || next->kind != HN_MAP) {
            const char *first = !strcmp(key, "data") ? "train" : "type";
            hn_node *made = hn_node_map(arena);
            made = next && next->kind == HN_STRING ? hn_map_set(arena, made, first, next) : made;
            if (made) {
                made->at = next ? next->at : at;
            }
            hone_status status = put(plan, *map, key, made, at, err);
            if (status) {
                return status;
            }
            next = made;
        }
        *map = next;
    }
    return HONE_OK;
}

static hone_status set_node(hone_plan *plan, const char *path, hn_node *value, const char *source,
                            hone_error *err)
{
    hn_position at = {.source = source};
    hn_node *map;
    if (!value || !source) {
        return hn_out_of_memory(err);
    }
    place(value, at);
    hone_status status = descend(plan, &path, at, &map, err);
    const char *key = status ? NULL : hn_arena_strdup(&plan->arena, path);
    if (status) {
        return status;
    }
    return key ? put(plan, map, key, value, at, err) : hn_out_of_memory(err);
}

hone_status hone_plan_set(hone_plan *plan, const char *key, const char *value, const char *source,
                          hone_error *err)
{
    hn_node *node = NULL;
    const char *text = hn_arena_strdup(&plan->arena, value), *from = hn_arena_strdup(&plan->arena, source);
    if (!text || !from) {
        return hn_out_of_memory(err);
    }
    hone_status status = hn_yaml_parse(&plan->arena, from, text, strlen(text), &node, err);
    return status ? status : set_node(plan, key, node, from, err);
}

hone_status hone_plan_set_text(hone_plan *plan, const char *key, const char *text, const char *source,
                               hone_error *err)
{
    hn_node *node = hn_node_string(&plan->arena, text);
    return set_node(plan, key, node, hn_arena_strdup(&plan->arena, source), err);
}

hone_status hone_plan_set_words(hone_plan *plan, const char *key, const char *const *words, size_t n,
                                const char *source, hone_error *err)
{
    hn_node *list = hn_node_list(&plan->arena);
    for (size_t i = 0; i < n; i++) {
        list = hn_list_append(&plan->arena, list, hn_node_string(&plan->arena, words[i]));
    }
    return set_node(plan, key, list, hn_arena_strdup(&plan->arena, source), err);
}

bool hone_plan_has(const hone_plan *plan, const char *key)
{
    const hn_node *node = plan->root;
    while (node && *key) {
        size_t size = strcspn(key, ".");
        const hn_node *found = NULL;
        for (size_t i = 0; node->kind == HN_MAP && i < node->count; i++) {
            const hn_map_entry *entry = &node->as.entries[i];
            found = strlen(entry->key) == size && !memcmp(entry->key, key, size) ? entry->value : found;
        }
        node = found;
        key += size + (key[size] == '.');
    }
    return node;
}

/* The size of the name in "name=value" and "name: value"; 0 when the entry has neither form. */
static size_t entry_name_size(const char *entry)
{
    size_t size = strcspn(entry, ":=");
    bool colon = entry[size] == ':' && (entry[size + 1] == ' ' || entry[size + 1] == '{');
    return colon || entry[size] == '=' ? size : 0;
}

hone_status hone_plan_add_parameter(hone_plan *plan, const char *entry, hone_error *err)
{
    hn_arena *arena = &plan->arena;
    size_t size = entry_name_size(entry);
    if (!size) {
        return hn_fail(err, HONE_INVALID, "-p '%s': write name: {float: [low, high]}, or name={...}", entry);
    }
    const char *name = hn_arena_strndup(arena, entry, size), *text = hn_arena_strdup(arena, entry + size + 1);
    const char *source = hn_arena_printf(arena, "-p %.*s", (int)size, entry);
    hn_node *value = NULL, *map;
    if (!name || !text || !source) {
        return hn_out_of_memory(err);
    }
    hone_status status = hn_yaml_parse(arena, source, text, strlen(text), &value, err);
    hn_position at = {.source = source};
    const char *path = hn_map_get(plan->root, "model") ? "model." : "space.";
    if (!status) {
        status = descend(plan, &path, at, &map, err);
    }
    if (!status) {
        place(value, at);
        status = put(plan, map, name, value, at, err);
    }
    return status;
}

/* Without what says where the study is: it may be copied, and a URL may hold a password. */
const char *hn_plan_definition(hone_plan *plan)
{
    hn_node *kept = hn_node_map(&plan->arena);
    for (size_t i = 0; kept && i < plan->root->count; i++) {
        const hn_map_entry *entry = &plan->root->as.entries[i];
        if (strcmp(entry->key, "storage") != 0 && strcmp(entry->key, "study") != 0) {
            kept = hn_map_append(&plan->arena, kept, entry->key, entry->value);
        }
    }
    return kept ? hn_node_json(&plan->arena, kept, HN_JSON_PYTHON) : NULL;
}

/* --- judging: names and goals --- */

static hone_status check_keys(hone_plan *plan, hone_error *err)
{
    static const char *const keys[] = {"study",     "storage",     "goal",    "search",       "space",
                                       "forbidden", "constraints", "command", "shell",        "env",
                                       "cwd",       "patterns",    "gpus",    "memory_limit", "data",
                                       "model",     "metrics",     "cv",      "preprocess",   "decision"};
    return hn_map_check_keys(plan->root, "study file", keys, sizeof keys / sizeof *keys, err);
}

/* "a" or ["a", "b"] joined by ", ". */
static hone_status join_goals(hone_plan *plan, const hn_node *node, hone_error *err)
{
    hn_reader reader = {&plan->arena, plan->root, ""};
    hn_buffer text = HN_BUFFER_INIT;
    bool list = node->kind == HN_LIST;
    hone_status status = HONE_OK;
    for (size_t i = 0; !status && i < (list ? node->count : 1); i++) {
        const hn_node *goal = list ? node->as.items[i] : node;
        if (goal->kind != HN_STRING) {
            status = hn_reader_wrong(&reader, "goal", goal,
                                     "a text such as \"minimize loss\", or a list of them", err);
        } else {
            hn_buffer_printf(&text, "%s%s", i ? ", " : "", goal->as.string);
        }
    }
    if (!status && list && !node->count) {
        status = hn_fail_at(err, HONE_INVALID, node->at, "goal: the list is empty");
    }
    if (!status && !(plan->goal = hn_arena_strdup(&plan->arena, hn_buffer_string(&text)))) {
        status = hn_out_of_memory(err);
    }
    hn_buffer_release(&text);
    return status;
}

static hone_status check_goal(hone_plan *plan, hone_error *err)
{
    const hn_node *node = hn_map_get(plan->root, "goal");
    plan->goal = NULL;
    hone_status status = node && node->kind != HN_NULL ? join_goals(plan, node, err) : HONE_OK;
    if (status || (!plan->goal && plan->model.type)) {
        return status;
    }
    hone_study_config config = HONE_STUDY_CONFIG_INIT;
    hone_study *study = NULL;
    hone_error inner;
    config.goal = plan->goal;
    status = hone_study_open("memory:", "goal", &config, &study, &inner);
    if (status) {
        return hn_fail_at(err, status, node ? node->at : (hn_position){0}, "%s", inner.message);
    }
    plan->n_goals = hone_study_objective_count(study);
    const char **goals = HN_ARENA_NEW(&plan->arena, const char *, plan->n_goals);
    for (size_t i = 0; goals && i < plan->n_goals; i++) {
        hone_study_objective(study, i, &goals[i]);
        goals[i] = hn_arena_strdup(&plan->arena, goals[i]);
        goals = goals[i] ? goals : NULL;
    }
    plan->goals = goals;
    hone_study_destroy(study);
    return goals ? HONE_OK : hn_out_of_memory(err);
}

/* The last part of a path without its ending. */
static const char *stem(hn_arena *arena, const char *path)
{
    const char *end = path + strlen(path);
    while (end > path + 1 && end[-1] == '/') { /* a folder */
        end--;
    }
    const char *name = end;
    while (name > path && name[-1] != '/') {
        name--;
    }
    size_t whole = (size_t)(end - name), size = strcspn(name, ".");
    return hn_arena_strndup(arena, name, size && size < whole ? size : whole);
}

/* `python train.py` is called train: the script says more than its interpreter. */
static const char *program_stem(hn_arena *arena, const char *text)
{
    static const char *const interpreters[] = {"python", "bash",  "sh",   "dash", "Rscript", "perl",
                                               "node",   "julia", "ruby", "env",  "uv",      "poetry"};
    const char *word = text;
    for (;;) {
        size_t size = strcspn(word, " \t\n");
        const char *program = hn_arena_strndup(arena, word, size);
        const char *name = program ? stem(arena, program) : NULL;
        const char *next = word + size + strspn(word + size, " \t\n");
        bool interpreter = false;
        for (size_t i = 0; name && i < sizeof interpreters / sizeof *interpreters; i++) {
            size_t prefix = strlen(interpreters[i]);
            interpreter |= !strncmp(name, interpreters[i], prefix) &&
                           strspn(name + prefix, "0123456789") == strlen(name + prefix);
        }
        if (!interpreter || !*next || *next == '-' || *next == '{' || *next == '"' || *next == '\'') {
            return name;
        }
        word = next;
    }
}

static hone_status check_names(hone_plan *plan, hone_error *err)
{
    hn_arena *arena = &plan->arena;
    hn_reader reader = {arena, plan->root, ""};
    plan->study = NULL;
    plan->storage = "sqlite:///hone.db";
    hone_status status = hn_read_text(&reader, "study", &plan->study, err);
    if (!status) {
        status = hn_read_text(&reader, "storage", &plan->storage, err);
    }
    plan->storage_shown = hn_storage_url_shown(arena, plan->storage);
    if (!status && !plan->storage_shown) {
        status = hn_out_of_memory(err);
    }
    if (status || plan->study) {
        return status;
    }
    if (plan->source) {
        plan->study = stem(arena, plan->source);
    } else if (plan->model.type) {
        bool piped = strcmp(plan->data.train, "-") == 0;
        const char *data = piped ? "stdin" : stem(arena, plan->data.train);
        plan->study = data ? hn_arena_printf(arena, "%s-%s", data, plan->model.type->name) : NULL;
    } else if (plan->command.given) {
        plan->study = program_stem(arena, plan->command.text);
    } else {
        return hn_fail(err, HONE_INVALID, "study: a name is needed");
    }
    return plan->study ? HONE_OK : hn_out_of_memory(err);
}

hone_status hone_plan_check(hone_plan *plan, hone_error *err)
{
    if (plan->checked) {
        return HONE_OK;
    }
    hn_node *model_space = NULL;
    hone_status status = check_keys(plan, err);
    if (!status) {
        status = hn_plan_check_model(plan, &model_space, err);
    }
    if (!status) {
        status = check_goal(plan, err);
    }
    if (!status) {
        status = hn_plan_check_search(plan, err);
    }
    if (!status) {
        status = hn_plan_check_space(plan, model_space, err);
    }
    if (!status) {
        status = hn_plan_check_command(plan, err);
    }
    if (!status && !plan->model.type) { /* a model's is completed when its data are known */
        status = hn_plan_complete_pruner(plan, NULL, err);
    }
    if (!status) {
        status = check_names(plan, err);
    }
    plan->checked = !status;
    return status;
}

const char *hone_plan_study(const hone_plan *plan)
{
    return plan->study;
}

const char *hone_plan_storage(const hone_plan *plan)
{
    return plan->storage;
}

const char *hone_plan_folder(const hone_plan *plan)
{
    return plan->folder;
}
