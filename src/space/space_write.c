/* space/space_write.c: a space as the mapping it can be read from again. */
#include "space/internal.h"

static hn_node *pair(hn_arena *arena, hn_node *first, hn_node *second)
{
    return hn_list_append(arena, hn_list_append(arena, hn_node_list(arena), first), second);
}

static hn_node *write_range(hn_arena *arena, hn_node *map, const hn_distribution *distribution)
{
    if (distribution->kind == HN_FLOAT) {
        map = hn_map_set(
            arena, map, "float",
            pair(arena, hn_node_real(arena, distribution->low), hn_node_real(arena, distribution->high)));
        if (distribution->step > 0)
            map = hn_map_set(arena, map, "step", hn_node_real(arena, distribution->step));
    } else {
        map = hn_map_set(arena, map, "int",
                         pair(arena, hn_node_integer(arena, (int64_t)distribution->low),
                              hn_node_integer(arena, (int64_t)distribution->high)));
        if (distribution->step > 1)
            map = hn_map_set(arena, map, "step", hn_node_integer(arena, (int64_t)distribution->step));
    }
    return distribution->log ? hn_map_set(arena, map, "log", hn_node_bool(arena, true)) : map;
}

static hn_node *write_choices(hn_arena *arena, hn_node *map, const hn_distribution *distribution)
{
    hn_node *list = hn_node_list(arena);
    for (size_t i = 0; i < distribution->n_choices; i++)
        list = hn_list_append(arena, list, hn_value_to_node(arena, distribution->choices[i]));
    return hn_map_set(arena, map, distribution->ordinal ? "ordinal" : "choice", list);
}

static hn_node *write_prior(hn_arena *arena, const hn_prior *prior)
{
    hn_node *map = hn_map_set(arena, hn_node_map(arena), "mean", hn_node_real(arena, prior->mean));
    return hn_map_set(arena, map, "width", hn_node_real(arena, prior->width));
}

static hn_node *write_parameter(hn_arena *arena, const hn_parameter *parameter)
{
    hn_node *map = hn_node_map(arena);
    if (parameter->distribution.kind == HN_CATEGORICAL)
        map = write_choices(arena, map, &parameter->distribution);
    else
        map = write_range(arena, map, &parameter->distribution);
    if (parameter->prior.kind != HN_PRIOR_NONE)
        map = hn_map_set(arena, map, "prior", write_prior(arena, &parameter->prior));
    if (parameter->when != NULL)
        map = hn_map_set(arena, map, "when", hn_node_string(arena, hn_condition_text(parameter->when)));
    return map;
}

hn_node *hn_space_to_node(hn_arena *arena, const hn_space *space)
{
    hn_node *map = hn_node_map(arena);
    for (size_t k = 0; k < space->count; k++) {
        const hn_parameter *parameter = &space->parameters[space->by_display[k]];
        map = hn_map_append(arena, map, parameter->name, write_parameter(arena, parameter));
    }
    return map;
}

hn_node *hn_space_forbidden_to_node(hn_arena *arena, const hn_space *space)
{
    hn_node *list = hn_node_list(arena);
    for (size_t i = 0; i < space->n_forbidden; i++)
        list = hn_list_append(arena, list, hn_node_string(arena, hn_condition_text(space->forbidden[i])));
    return list;
}
