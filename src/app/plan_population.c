#include "app/plan_population.h"

#include <string.h>

#include "base/number.h"

/* Options of networks and their layers that a training can go on with when they are others. */
static bool is_changeable(const char *key)
{
    static const char *const keys[] = {
        "learning_rate", "momentum",     "beta1",     "beta2",      "rho",
        "epsilon",       "weight_decay", "clip_norm", "clip_value", "label_smoothing",
        "batch_size",    "dropout",      "rate",      "l1",         "l2"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        if (!strcmp(key, keys[i])) {
            return true;
        }
    }
    return false;
}

/* Is `name` that of the expression, or of its copy in a repeated layer ("dropout_2")? */
static bool is_named(const char *name, const char *own)
{
    size_t size = strlen(own);
    const char *rest = name + size;
    if (strncmp(name, own, size) != 0 || (*rest && *rest != '_')) {
        return false;
    }
    rest += *rest == '_';
    return strspn(rest, "0123456789") == strlen(rest);
}

/* Does an expression under a changeable option have the parameter's name? path: of the node. */
static bool may_change(hn_arena *arena, const hn_node *node, const char *path, const char *key,
                       const char *name)
{
    if (node->kind == HN_MAP && hn_is_search_expression(node)) {
        const hn_node *own = hn_map_get(node, "name");
        bool found = own && own->kind == HN_STRING ? is_named(name, own->as.string)
                                                   : !strcmp(name, path) || is_named(name, key);
        return found && is_changeable(key);
    }
    bool found = false;
    for (size_t i = 0; i < node->count && !found && (node->kind == HN_MAP || node->kind == HN_LIST); i++) {
        bool map = node->kind == HN_MAP;
        const hn_node *child = map ? node->as.entries[i].value : node->as.items[i];
        const char *inner = map ? node->as.entries[i].key : hn_arena_printf(arena, "%zu", i);
        const char *longer = hn_arena_printf(arena, "%s%s%s", path, *path ? "." : "", inner ? inner : "");
        found = inner && longer && may_change(arena, child, longer, map ? inner : key, name);
    }
    return found;
}

static hone_status check_listed(hone_plan *plan, bool model, const hn_node *list, hone_error *err)
{
    for (size_t i = 0; list->kind == HN_LIST && i < list->count; i++) {
        const hn_node *node = list->as.items[i];
        const char *name = node->kind == HN_STRING ? node->as.string : "";
        size_t at;
        hone_error inner;
        if (hn_space_require(plan->space, name, &at, &inner)) {
            return hn_fail_at(err, HONE_INVALID, node->at, "pruner pbt: params: %s", inner.message);
        }
        if (model && !may_change(&plan->arena, plan->model.options, "", "", name)) {
            return hn_fail_at(
                err, HONE_INVALID, node->at,
                "pruner pbt: params: '%s' makes another network or other data, with which no training "
                "can go on; what may change are learning_rate, momentum, weight_decay, batch_size, "
                "dropout, l1, l2 and the like",
                name);
        }
    }
    return HONE_OK;
}

/* Those of the space that may change; the others stay as the source of a clone has them. */
static hn_node *list_changeable(hone_plan *plan)
{
    hn_node *list = hn_node_list(&plan->arena);
    for (size_t i = 0; list && i < plan->space->count; i++) {
        const char *name = plan->space->parameters[i].name;
        if (may_change(&plan->arena, plan->model.options, "", "", name)) {
            list = hn_list_append(&plan->arena, list, hn_node_string(&plan->arena, name));
        }
    }
    return list;
}

/* The model's own number of steps, unless max_resource says another. */
static hone_status complete_steps(hone_plan *plan, hn_position at, hn_node **options, hone_error *err)
{
    const hn_model_type *type = plan->model.type;
    const char *steps = type->steps;
    const hn_node *given = hn_map_get(*options, "max_resource"),
                  *own = hn_map_get(plan->model.options, steps);
    const char *usual = hn_option_find(&type->options, steps)->default_text;
    int64_t most = 0;
    bool known = given ? hn_node_int(given, &most)
                 : own ? hn_node_int(own, &most)
                       : usual && hn_parse_int(usual, strlen(usual), &most);
    if (!known) {
        return hn_fail_at(err, HONE_INVALID, own ? own->at : at,
                          "pruner pbt: %s is what all trials have alike and cannot vary; give it as a number",
                          steps);
    }
    hn_node *model = hn_node_copy(&plan->arena, plan->model.options);
    plan->model.options = hn_map_set(&plan->arena, model, steps, hn_node_integer(&plan->arena, most));
    *options = hn_map_set(&plan->arena, *options, "max_resource", hn_node_integer(&plan->arena, most));
    plan->search.resource = steps;
    return plan->model.options ? HONE_OK : hn_out_of_memory(err);
}

hone_status hn_plan_complete_pbt(hone_plan *plan, bool model, hn_position at, hn_node **options,
                                 hone_error *err)
{
    const hn_node *listed = hn_map_get(*options, "params");
    if (model && !plan->model.type->steps) {
        return hn_fail_at(err, HONE_UNSUPPORTED, at,
                          "pruner pbt: model %s does not go on from checkpoints; networks (sequential) do",
                          plan->model.type->name);
    }
    hone_status status = model ? complete_steps(plan, at, options, err) : HONE_OK;
    if (!status && listed && plan->space) {
        status = check_listed(plan, model, listed, err);
    } else if (!status && model) {
        hn_node *list = list_changeable(plan);
        *options = list ? hn_map_set(&plan->arena, *options, "params", list) : NULL;
    }
    return status ? status : *options ? HONE_OK : hn_out_of_memory(err);
}
