/* Search expressions inside lists and maps that are options, such as layers: the model judges the option with
 * one of them at an end of its range, or at one of its choices, and the others as they were: said before the
 * first trial, not by each that fails. */
#include <string.h>

#include "app/plan.h"

typedef struct nested {
    hone_plan *plan;
    const hn_option *option;
    const hn_node *given; /* the option's value */
    const hn_node *space; /* what varies inside it */
} nested;

/* The values of an expression that are judged: the ends of a range, all choices. NULL: it has none. */
static const hn_node *ends_of(const hn_node *expression)
{
    static const char *const lists[] = {"float", "int", "choice", "ordinal"};
    const hn_node *ends = NULL;
    for (size_t k = 0; k < sizeof lists / sizeof *lists && !ends; k++) {
        ends = hn_map_get(expression, lists[k]);
    }
    return ends && ends->kind == HN_LIST && ends->count ? ends : NULL;
}

/* Every parameter at its last value: what is repeated is there as often as it can be. NULL when memory is
 * out.
 */
static hn_node *last_values(hn_arena *arena, const hn_node *space)
{
    hn_node *params = hn_node_map(arena);
    for (size_t i = 0; params && i < space->count; i++) {
        const hn_map_entry *entry = &space->as.entries[i];
        const hn_node *ends = ends_of(entry->value);
        if (ends) {
            hn_node *value = hn_node_copy(arena, ends->as.items[ends->count - 1]);
            params = hn_map_append(arena, params, entry->key, value);
        }
    }
    return params;
}

/* What one task refuses another may take, as long as it is not known which it is. */
static hone_status ask_model(const nested *of, const void *config, const hn_node *given, hone_error *err)
{
    const hn_model_type *type = of->plan->model.type;
    unsigned known = of->plan->data.options.task;
    hone_status status = HONE_OK;
    for (unsigned task = 1; task <= HN_TASK_CLUSTERING; task <<= 1) {
        if (type->tasks & (known ? known : task) & task) {
            status = type->check(config, given, (hn_model_task)task, err);
            if (!status) {
                return HONE_OK;
            }
        }
    }
    return status;
}

static hone_status judge(const nested *of, hn_arena *arena, const hn_node *params, hone_error *err)
{
    const hn_model_type *type = of->plan->model.type;
    const char *what = hn_arena_printf(arena, "model %s", type->name);
    void *config = hn_arena_alloc(arena, 1, type->options.config_size);
    hn_node *given =
        hn_map_append(arena, hn_node_map(arena), of->option->name, hn_node_copy(arena, of->given));
    hn_node *options = hn_options_substitute(arena, given, params);
    if (!what || !config || !given || !options) {
        return hn_out_of_memory(err);
    }
    options->at = of->given->at;
    hone_status status = hn_options_apply(arena, &type->options, what, options, config, err);
    return status ? status : ask_model(of, config, options, err);
}

static hone_status judge_all(const nested *of, hone_error *err)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_node *usual = last_values(&of->plan->arena, of->space);
    hone_status status = usual ? judge(of, &arena, usual, err) : hn_out_of_memory(err);
    for (size_t i = 0; !status && i < of->space->count; i++) {
        const hn_map_entry *entry = &of->space->as.entries[i];
        const hn_node *ends = ends_of(entry->value);
        for (size_t k = 0; !status && ends && k + 1 < ends->count; k++) {
            hn_arena_reset(&arena);
            hn_node *params = hn_map_set(&arena, hn_node_copy(&arena, usual), entry->key,
                                         hn_node_copy(&arena, ends->as.items[k]));
            status = params ? judge(of, &arena, params, err) : hn_out_of_memory(err);
        }
    }
    hn_arena_release(&arena);
    return status;
}

hone_status hn_plan_check_nested(hone_plan *plan, const hn_node *space, hone_error *err)
{
    const hn_option_table *table = &plan->model.type->options;
    const hn_node *options = plan->model.options;
    hone_status status = HONE_OK;
    for (size_t i = 0; !status && plan->model.type->check && i < options->count; i++) {
        const hn_map_entry *entry = &options->as.entries[i];
        const hn_option *option = hn_option_find(table, entry->key);
        nested of = {plan, option, entry->value, space};
        if (option && option->type == HN_OPTION_NODE && !hn_is_search_expression(entry->value)) {
            status = judge_all(&of, err);
        }
    }
    return status;
}
