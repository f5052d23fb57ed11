/* `command:` and what belongs to it: shell, env, cwd, patterns, gpus, memory_limit. They stand beside
 * `command:`, or inside it when it is a map {run: ..., shell: true}. */
#include <string.h>

#include "app/plan.h"
#include "app/plan_reader.h"

#define SETTINGS "shell", "env", "cwd", "patterns", "gpus", "memory_limit"

static const char *const settings[] = {SETTINGS};
enum { N_SETTINGS = sizeof settings / sizeof *settings };

/* HONE_INVALID when one of the first n settings stands in the map: why says what is wrong with that. */
static hone_status refuse_settings(const hn_node *map, size_t n, const char *why, hone_error *err)
{
    for (size_t i = 0; i < n; i++) {
        const hn_node *node = hn_map_get(map, settings[i]);
        if (node) {
            return hn_fail_at(err, HONE_INVALID, node->at, "%s: %s", settings[i], why);
        }
    }
    return HONE_OK;
}

static hone_status read_env(hone_plan *plan, const hn_reader *reader, hone_error *err)
{
    const hn_node *node = hn_reader_get(reader, "env");
    if (!node) {
        return HONE_OK;
    }
    if (node->kind != HN_MAP) {
        return hn_reader_wrong(reader, "env", node, "a map of variables such as {OMP_NUM_THREADS: 1}", err);
    }
    const char **env = HN_ARENA_NEW(&plan->arena, const char *, node->count + 1);
    if (!env) {
        return hn_out_of_memory(err);
    }
    for (size_t i = 0; i < node->count; i++) {
        const hn_map_entry *entry = &node->as.entries[i];
        const char *value = hn_scalar_text(&plan->arena, entry->value);
        if (entry->value->kind == HN_LIST || entry->value->kind == HN_MAP) {
            return hn_reader_wrong(reader, entry->key, entry->value, "a text or a number", err);
        }
        env[i] = value ? hn_arena_printf(&plan->arena, "%s=%s", entry->key, value) : NULL;
        if (!env[i]) {
            return hn_out_of_memory(err);
        }
    }
    plan->command.env = env;
    plan->command.n_env = node->count;
    return HONE_OK;
}

static hone_status read_settings(hone_plan *plan, const hn_reader *reader, bool *shell, hone_error *err)
{
    hn_plan_command *command = &plan->command;
    hone_status status = hn_read_bool(reader, "shell", shell, err);
    if (!status) {
        status = hn_read_text(reader, "cwd", &command->cwd, err);
    }
    if (!status) {
        status = hn_read_texts(reader, "patterns", &command->patterns, &command->n_patterns, err);
    }
    if (!status) {
        status = hn_read_texts(reader, "gpus", &command->gpus, &command->n_gpus, err);
    }
    if (!status) {
        status = hn_read_bytes(reader, "memory_limit", &command->memory_limit_bytes, err);
    }
    return status ? status : read_env(plan, reader, err);
}

static hone_status make_from_list(hone_plan *plan, const hn_reader *reader, const char *key,
                                  const hn_node *node, hone_error *err)
{
    const char *const *words = NULL;
    size_t n = 0;
    hn_buffer text = HN_BUFFER_INIT;
    hone_status status = hn_read_texts(reader, key, &words, &n, err);
    if (!status && !n) {
        status = hn_fail_at(err, HONE_INVALID, node->at, "command: the list is empty");
    }
    if (!status) {
        status = hn_template_from_list(words, n, node->at, &plan->command.made, err);
    }
    for (size_t i = 0; !status && i < n; i++) {
        bool plain = words[i][0] && !strpbrk(words[i], " \t\n\"'\\");
        hn_buffer_printf(&text, plain ? "%s%s" : "%s'%s'", i ? " " : "", words[i]);
    }
    if (!status && !(plan->command.text = hn_arena_strdup(&plan->arena, hn_buffer_string(&text)))) {
        status = hn_out_of_memory(err);
    }
    hn_buffer_release(&text);
    return status;
}

static hone_status make_template(hone_plan *plan, const hn_reader *reader, const char *key, bool shell,
                                 hone_error *err)
{
    const hn_node *node = hn_reader_get(reader, key);
    if (node && node->kind == HN_LIST && !shell) {
        return make_from_list(plan, reader, key, node, err);
    }
    if (node && node->kind == HN_LIST && node->count == 1 && node->as.items[0]->kind == HN_STRING) {
        node = node->as.items[0]; /* `--shell -- 'a | b'` */
    }
    if (!node || node->kind != HN_STRING) {
        const char *wanted = shell ? "one text, as it is for a shell" : "a text or a list of words";
        return node ? hn_reader_wrong(reader, key, node, wanted, err)
                    : hn_fail_at(err, HONE_INVALID, reader->map->at, "command: %s is missing", key);
    }
    plan->command.text = node->as.string;
    return (shell ? hn_template_from_shell : hn_template_from_string)(node->as.string, node->at,
                                                                      &plan->command.made, err);
}

static hone_status check_given(hone_plan *plan, const hn_node *node, hone_error *err)
{
    static const char *const keys[] = {"run", SETTINGS};
    hone_status status = HONE_OK;
    hn_reader reader = {&plan->arena, plan->root, ""};
    const char *key = "command";
    bool shell = false;
    if (node->kind == HN_MAP) {
        reader = (hn_reader){&plan->arena, node, "command"};
        key = "run";
        status = hn_map_check_keys(node, "command", keys, sizeof keys / sizeof *keys, err);
        if (!status) {
            status =
                refuse_settings(plan->root, N_SETTINGS, "belongs inside command, which is a map here", err);
        }
    }
    if (!status) {
        status = read_settings(plan, &reader, &shell, err);
    }
    if (!status) {
        status = make_template(plan, &reader, key, shell, err);
    }
    if (!status && !plan->space) {
        status = hn_fail_at(err, HONE_INVALID, node->at, "command: nothing may vary: a space is missing");
    }
    return status ? status : hn_template_check(plan->command.made, plan->space, err);
}

hone_status hn_plan_check_command(hone_plan *plan, hone_error *err)
{
    hn_reader root = {&plan->arena, plan->root, ""};
    const hn_node *node = hn_reader_get(&root, "command");
    hn_template_destroy(plan->command.made);
    plan->command = (hn_plan_command){.given = node};
    if (!node) {
        size_t n = plan->model.type ? N_SETTINGS - 1 : N_SETTINGS; /* the last is for both */
        return refuse_settings(plan->root, n, "needs a command", err);
    }
    if (plan->model.type) {
        return hn_fail_at(err, HONE_INVALID, node->at, "command and model exclude each other: keep one");
    }
    return check_given(plan, node, err);
}
