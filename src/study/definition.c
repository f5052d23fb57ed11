/* What a study is: made from a config, stored as JSON, read back, and compared when a study is opened
 * again. */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/os_system.h"
#include "study/study.h"

static const double default_heartbeat_seconds = 60;
enum { DEFAULT_RESTARTS = 2 };

/* --- goals: "minimize loss, maximize accuracy" --- */

static bool direction_from_word(const char *word, size_t size, hone_direction *direction)
{
    static const struct {
        const char *word;
        hone_direction direction;
    } words[] = {
        {"minimize", HONE_MINIMIZE}, {"minimise", HONE_MINIMIZE}, {"min", HONE_MINIMIZE},
        {"maximize", HONE_MAXIMIZE}, {"maximise", HONE_MAXIMIZE}, {"max", HONE_MAXIMIZE},
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strlen(words[i].word) == size && !memcmp(words[i].word, word, size)) {
            *direction = words[i].direction;
            return true;
        }
    }
    return false;
}

static hone_status add_goal(hn_definition *definition, const char *text, size_t size, hone_error *err)
{
    static const char blanks[] = " \t\n";
    while (size && strchr(blanks, *text)) {
        text++, size--;
    }
    while (size && strchr(blanks, text[size - 1])) {
        size--;
    }
    size_t word = 0;
    while (word < size && !strchr(blanks, text[word])) {
        word++;
    }
    size_t k = definition->n_objectives;
    if (k == HN_MAX_OBJECTIVES) {
        return hn_fail(err, HONE_LIMIT, "goal: more than %d objectives", HN_MAX_OBJECTIVES);
    }
    if (!direction_from_word(text, word, &definition->directions[k])) {
        return hn_fail(err, HONE_INVALID,
                       "goal: '%.*s' must begin with minimize or maximize, as in \"minimize loss\"",
                       (int)size, text);
    }
    while (word < size && strchr(blanks, text[word])) {
        word++;
    }
    const char *metric =
        word < size ? hn_arena_strndup(&definition->arena, text + word, size - word) : "value";
    if (!metric) {
        return hn_out_of_memory(err);
    }
    for (size_t i = 0; i < k; i++) {
        if (!strcmp(definition->metrics[i], metric)) {
            return hn_fail(err, HONE_INVALID, "goal: the metric '%s' stands twice", metric);
        }
    }
    definition->metrics[k] = metric;
    definition->n_objectives = k + 1;
    return HONE_OK;
}

static hone_status parse_goal(hn_definition *definition, const char *goal, hone_error *err)
{
    const char *rest = goal ? goal : "minimize value";
    for (;;) {
        const char *comma = strchr(rest, ',');
        size_t size = comma ? (size_t)(comma - rest) : strlen(rest);
        hone_status status = add_goal(definition, rest, size, err);
        if (status || !comma) {
            return status;
        }
        rest = comma + 1;
    }
}

/* --- making --- */

void hn_definition_destroy(hn_definition *definition)
{
    if (definition) {
        hn_arena_release(&definition->arena);
        hn_free(definition);
    }
}

static hone_status parse_algorithms(hn_definition *definition, const char *sampler, const char *pruner,
                                    hone_error *err)
{
    hone_status status = hn_spec_from_text(&definition->arena, sampler ? sampler : "auto", "sampler",
                                           &definition->sampler, err);
    if (!status) {
        status = hn_spec_from_text(&definition->arena, pruner ? pruner : "none", "pruner",
                                   &definition->pruner, err);
    }
    return status;
}

static hone_status fill_from_config(hn_definition *definition, const hone_study_config *config,
                                    hone_error *err)
{
    hone_status status = parse_goal(definition, config->goal, err);
    if (status) {
        return status;
    }
    if (config->space) {
        status =
            hn_space_from_text(&definition->arena, config->space, config->forbidden, &definition->space, err);
    } else if (config->forbidden) {
        status = hn_fail(err, HONE_INVALID, "forbidden: needs a declared space");
    }
    if (status) {
        return status;
    }
    status = parse_algorithms(definition, config->sampler, config->pruner, err);
    if (status) {
        return status;
    }
    if (config->lag < -1) {
        return hn_fail(err, HONE_INVALID, "lag: %lld is below -1 (-1 = see every told trial)",
                       (long long)config->lag);
    }
    if (!(config->heartbeat_seconds >= 0)) {
        return hn_fail(err, HONE_INVALID, "heartbeat: must be 0 (the default) or more seconds");
    }
    if (config->restarts < -1) {
        return hn_fail(err, HONE_INVALID, "restarts: %lld is below -1 (-1 = none, 0 = the default, %d)",
                       (long long)config->restarts, DEFAULT_RESTARTS);
    }
    if (config->learn_from) {
        hn_node *node = NULL;
        status = hn_yaml_parse(&definition->arena, "learn_from", config->learn_from,
                               strlen(config->learn_from), &node, err);
        if (!status) {
            status = hn_learn_from_read(&definition->arena, node, &definition->learn_from, err);
        }
        if (status) {
            return status;
        }
    }
    definition->lag = config->lag;
    definition->restarts = config->restarts ? config->restarts : DEFAULT_RESTARTS;
    definition->heartbeat_seconds =
        config->heartbeat_seconds > 0 ? config->heartbeat_seconds : default_heartbeat_seconds;
    definition->seed = config->seed;
    if (!config->has_seed) {
        status = hn_random_bytes(&definition->seed, sizeof definition->seed, err);
        definition->seed >>= 11; /* below 2^53, so that it survives JSON readers that keep doubles */
        if (status) {
            return status;
        }
    }
    if (config->definition && !(definition->file = hn_arena_strdup(&definition->arena, config->definition))) {
        return hn_out_of_memory(err);
    }
    if (config->folder && !(definition->folder = hn_arena_strdup(&definition->arena, config->folder))) {
        return hn_out_of_memory(err);
    }
    return HONE_OK;
}

hone_status hn_definition_from_config(const hone_study_config *config, hn_definition **definition,
                                      hone_error *err)
{
    if (config->struct_size != sizeof *config) {
        return hn_fail(err, HONE_INVALID, "hone_study_config: begin with HONE_STUDY_CONFIG_INIT");
    }
    hn_definition *made = hn_calloc(1, sizeof *made);
    if (!made) {
        return hn_out_of_memory(err);
    }
    hone_status status = fill_from_config(made, config, err);
    if (status) {
        hn_definition_destroy(made);
        return status;
    }
    *definition = made;
    return HONE_OK;
}

/* --- as JSON --- */

static hn_node *goals_to_node(hn_definition *definition)
{
    hn_arena *arena = &definition->arena;
    hn_node *goals = hn_node_list(arena);
    for (size_t i = 0; i < definition->n_objectives; i++) {
        const char *verb = definition->directions[i] == HONE_MAXIMIZE ? "maximize" : "minimize";
        const char *goal = hn_arena_printf(arena, "%s %s", verb, definition->metrics[i]);
        goals = hn_list_append(arena, goals, goal ? hn_node_string(arena, goal) : NULL);
    }
    return goals;
}

char *hn_definition_to_json(hn_definition *definition)
{
    hn_arena *arena = &definition->arena;
    hn_node *root = hn_node_map(arena);
    root = hn_map_set(arena, root, "hone", hn_node_string(arena, hone_version()));
    root = hn_map_set(arena, root, "goal", goals_to_node(definition));
    if (definition->space) {
        root = hn_map_set(arena, root, "space", hn_space_to_node(arena, definition->space));
        if (definition->space->n_forbidden) {
            root = hn_map_set(arena, root, "forbidden", hn_space_forbidden_to_node(arena, definition->space));
        }
    }
    root = hn_map_set(arena, root, "sampler", hn_spec_to_node(arena, &definition->sampler));
    root = hn_map_set(arena, root, "pruner", hn_spec_to_node(arena, &definition->pruner));
    root = hn_map_set(arena, root, "seed", hn_node_integer(arena, (int64_t)definition->seed));
    root = hn_map_set(arena, root, "lag", hn_node_integer(arena, definition->lag));
    root = hn_map_set(arena, root, "heartbeat_seconds", hn_node_real(arena, definition->heartbeat_seconds));
    root = hn_map_set(arena, root, "restarts", hn_node_integer(arena, definition->restarts));
    if (definition->learn_from) {
        root = hn_map_set(arena, root, "learn_from", definition->learn_from);
    }
    if (definition->file) {
        root = hn_map_set(arena, root, "file", hn_node_string(arena, definition->file));
    }
    if (definition->folder) {
        root = hn_map_set(arena, root, "folder", hn_node_string(arena, definition->folder));
    }
    if (!root) {
        return NULL;
    }
    hn_buffer json = HN_BUFFER_INIT;
    hn_json_write(&json, root, HN_JSON_STRICT);
    return hn_buffer_take(&json);
}

static const char *text_of(const hn_node *root, const char *key)
{
    const hn_node *node = hn_map_get(root, key);
    return node && node->kind == HN_STRING ? node->as.string : NULL;
}

static const char *find_unknown(const hn_node *root)
{
    static const char *const keys[] = {"hone",     "goal",   "space",     "forbidden",         "sampler",
                                       "pruner",   "seed",   "lag",       "heartbeat_seconds", "file",
                                       "restarts", "folder", "learn_from"};
    for (size_t i = 0; i < root->count; i++) {
        size_t k = 0;
        while (k < sizeof keys / sizeof *keys && strcmp(root->as.entries[i].key, keys[k]) != 0) {
            k++;
        }
        if (k == sizeof keys / sizeof *keys) {
            return root->as.entries[i].key;
        }
    }
    return NULL;
}

static hone_status fill_from_node(hn_definition *definition, const hn_node *root, hone_error *err)
{
    hn_arena *arena = &definition->arena;
    const hn_node *space = hn_map_get(root, "space");
    if (space) {
        hone_status status =
            hn_space_from_node(arena, space, hn_map_get(root, "forbidden"), &definition->space, err);
        if (status) {
            return status;
        }
    }
    const hn_node *sampler = hn_map_get(root, "sampler"), *pruner = hn_map_get(root, "pruner");
    hone_status status = parse_algorithms(definition, NULL, NULL, err);
    if (!status && sampler) {
        status = hn_spec_from_node(arena, sampler, "sampler", &definition->sampler, err);
    }
    if (!status && pruner) {
        status = hn_spec_from_node(arena, pruner, "pruner", &definition->pruner, err);
    }
    if (status) {
        return status;
    }
    int64_t seed = 0;
    hn_node_int(hn_map_get(root, "seed"), &seed);
    definition->seed = (uint64_t)seed;
    hn_node_int(hn_map_get(root, "lag"), &definition->lag);
    hn_node_double(hn_map_get(root, "heartbeat_seconds"), &definition->heartbeat_seconds);
    hn_node_int(hn_map_get(root, "restarts"), &definition->restarts);
    const hn_node *learn_from = hn_map_get(root, "learn_from");
    definition->file = text_of(root, "file");
    definition->folder = text_of(root, "folder");
    return learn_from ? hn_learn_from_read(arena, learn_from, &definition->learn_from, err) : HONE_OK;
}

static hone_status fill_from_row(hn_definition *definition, const hn_study_row *stored, hone_error *err)
{
    if (stored->n_objectives > HN_MAX_OBJECTIVES) {
        return hn_fail(err, HONE_LIMIT, "study '%s' has %zu objectives; at most %d are supported",
                       stored->name, stored->n_objectives, HN_MAX_OBJECTIVES);
    }
    hn_arena *arena = &definition->arena;
    definition->n_objectives = stored->n_objectives;
    for (size_t i = 0; i < stored->n_objectives; i++) {
        definition->directions[i] = stored->directions[i];
        const char *metric = stored->metric_names ? stored->metric_names[i] : NULL;
        definition->metrics[i] = metric                      ? hn_arena_strdup(arena, metric)
                                 : stored->n_objectives == 1 ? "value"
                                                             : hn_arena_printf(arena, "value_%zu", i);
        if (!definition->metrics[i]) {
            return hn_out_of_memory(err);
        }
    }
    definition->lag = -1;
    definition->restarts = DEFAULT_RESTARTS;
    definition->heartbeat_seconds = default_heartbeat_seconds;
    if (!stored->definition) {
        return parse_algorithms(definition, NULL, NULL, err);
    }
    hn_node *root = NULL;
    hone_status status = hn_json_parse(arena, "the stored definition", stored->definition,
                                       strlen(stored->definition), &root, err);
    if (!status && root->kind != HN_MAP) {
        status = hn_fail(err, HONE_STORAGE, "the stored definition is no map");
    }
    if (status) {
        return status;
    }
    definition->version = text_of(root, "hone");
    definition->unknown = find_unknown(root);
    return fill_from_node(definition, root, err);
}

hone_status hn_definition_check_known(const char *study, const hn_definition *definition, hone_error *err)
{
    return definition->unknown
               ? hn_fail(
                     err, HONE_UNSUPPORTED,
                     "study '%s' was defined by hone %s with '%s', which this one, %s, does not know: use "
                     "that version or a newer one",
                     study, definition->version ? definition->version : "of another version",
                     definition->unknown, hone_version())
               : HONE_OK;
}

hone_status hn_definition_from_row(const hn_study_row *stored, hn_definition **definition, hone_error *err)
{
    hn_definition *made = hn_calloc(1, sizeof *made);
    if (!made) {
        return hn_out_of_memory(err);
    }
    hone_status status = fill_from_row(made, stored, err);
    if (status) {
        bool other = made->version && strcmp(made->version, hone_version()) != 0;
        status = other ? hn_fail_within(err, status, "study '%s', defined by hone %s (this is %s)",
                                        stored->name, made->version, hone_version())
                       : hn_fail_within(err, status, "study '%s'", stored->name);
        hn_definition_destroy(made);
        return status;
    }
    *definition = made;
    return HONE_OK;
}

hone_status hn_definition_check_change(const char *study, const hn_definition *previous,
                                       const hn_definition *next, hone_error *err)
{
    static const char *const verbs[] = {"", "minimize", "maximize"};
    if (previous->n_objectives != next->n_objectives) {
        return hn_fail(err, HONE_EXISTS,
                       "study '%s' exists with %zu objectives, not %zu; choose another name", study,
                       previous->n_objectives, next->n_objectives);
    }
    for (size_t i = 0; i < next->n_objectives; i++) {
        if (previous->directions[i] != next->directions[i]) {
            return hn_fail(err, HONE_EXISTS,
                           "study '%s' exists with the goal '%s %s', not '%s %s'; choose another name", study,
                           verbs[previous->directions[i]], previous->metrics[i], verbs[next->directions[i]],
                           next->metrics[i]);
        }
    }
    if (previous->space && next->space) {
        hone_status status = hn_space_check_change(previous->space, next->space, err);
        if (status) {
            return hn_fail_within(err, status, "study '%s' exists", study);
        }
    }
    return HONE_OK;
}
