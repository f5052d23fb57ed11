#include "sampler/grid_plan.h"

#include <math.h>

void hn_grid_plan_release(hn_grid_plan *plan)
{
    hn_seen_release(&plan->seen);
    hn_arena_release(&plan->arena);
}

/* The list of one parameter as raw values. */
static hone_status read_values(hn_arena *arena, const hn_parameter *parameter, const hn_node *node,
                               hn_axis *axis, hone_error *err)
{
    if (node->kind != HN_LIST || node->count == 0) {
        return hn_fail_at(err, HONE_INVALID, node->at, "grids: %s needs a list of values, not %s",
                          parameter->name, hn_node_describe(arena, node));
    }
    double *values = HN_ARENA_NEW(arena, double, node->count);
    if (values == NULL) {
        return hn_out_of_memory(err);
    }
    size_t n = 0;
    for (size_t i = 0; i < node->count; i++) {
        const hn_node *item = node->as.items[i];
        if (item->kind == HN_LIST || item->kind == HN_MAP) {
            return hn_fail_at(err, HONE_INVALID, item->at, "grids: %s: a value is a scalar, not %s",
                              parameter->name, hn_node_describe(arena, item));
        }
        hone_status status = hn_distribution_from_value(parameter->name, &parameter->distribution,
                                                        hn_value_from_node(item), &values[n], err);
        if (status != HONE_OK) {
            return status;
        }
        size_t first = 0;
        while (values[first] != values[n]) {
            first++;
        }
        n += first == n; /* a value written twice counts once */
    }
    *axis = (hn_axis){.values = values, .count = n};
    return HONE_OK;
}

/* One grid's lattice; map NULL = every value. Values that are fixed replace the lists. */
static hone_status make_lattice(hn_grid_plan *plan, const hn_node *map, hn_lattice *lattice, hone_error *err)
{
    hn_axis *axes = HN_ARENA_NEW(&plan->arena, hn_axis, plan->space->count);
    bool *listed = HN_ARENA_NEW(&plan->arena, bool, plan->space->count);
    if (axes == NULL || listed == NULL) {
        return hn_out_of_memory(err);
    }
    const hn_point *fixed = plan->fixed.active == NULL ? NULL : &plan->fixed;
    for (size_t k = 0; map != NULL && k < map->count; k++) {
        const hn_map_entry *entry = &map->as.entries[k];
        size_t i;
        hone_status status = hn_space_require(plan->space, entry->key, &i, err);
        if (status == HONE_OK) {
            status = read_values(&plan->arena, &plan->space->parameters[i], entry->value, &axes[i], err);
        }
        if (status != HONE_OK) {
            return status;
        }
        listed[i] = fixed == NULL || !fixed->active[i];
    }
    hn_axis *others = HN_ARENA_NEW(&plan->arena, hn_axis, plan->space->count);
    hone_status status = others == NULL ? hn_out_of_memory(err) : HONE_OK;
    if (status == HONE_OK) {
        status = hn_lattice_axes(&plan->arena, plan->space, fixed, others, err);
    }
    for (size_t i = 0; i < plan->space->count && status == HONE_OK; i++) {
        axes[i] = listed[i] ? axes[i] : others[i];
    }
    return status == HONE_OK ? hn_lattice_make(&plan->arena, plan->space, axes, lattice, err) : status;
}

/* Appends the points of lattice g to the order: those allowed that no lattice before it has. */
static hone_status collect_points(hn_grid_plan *plan, size_t g, size_t offset, hn_point *point,
                                  hone_error *err)
{
    for (size_t index = 0; index < plan->lattices[g].size; index++) {
        if (!hn_lattice_point(&plan->lattices[g], index, point)) {
            continue;
        }
        for (size_t i = 0; i < plan->space->count; i++) {
            if (isnan(point->values[i])) {
                return hn_fail(
                    err, HONE_INVALID,
                    "parameter %s is continuous: give it a step, or list its values in grid's option `grids`",
                    plan->space->parameters[i].name);
            }
        }
        bool wanted = !hn_space_is_forbidden(plan->space, point);
        for (size_t before = 0; before < g && wanted; before++) {
            wanted = !hn_lattice_contains(&plan->lattices[before], point);
        }
        if (wanted) {
            plan->order[plan->n_points++] = offset + index;
        }
    }
    return HONE_OK;
}

static hone_status build(hn_grid_plan *plan, hone_error *err)
{
    const hn_node *grids = plan->grids;
    bool is_list = grids != NULL && grids->kind == HN_LIST;
    plan->n_lattices = is_list ? grids->count : 1;
    plan->lattices = HN_ARENA_NEW(&plan->arena, hn_lattice, plan->n_lattices);
    hn_point point = hn_point_new(&plan->arena, plan->space->count);
    if (plan->lattices == NULL || point.values == NULL) {
        return hn_out_of_memory(err);
    }
    size_t total = 0;
    for (size_t g = 0; g < plan->n_lattices; g++) {
        hone_status status =
            make_lattice(plan, is_list ? grids->as.items[g] : grids, &plan->lattices[g], err);
        if (status != HONE_OK) {
            return status;
        }
        total += plan->lattices[g].size;
    }
    plan->order = hn_arena_scratch(&plan->arena, total, sizeof *plan->order);
    if (plan->order == NULL) {
        return hn_out_of_memory(err);
    }
    for (size_t g = 0, offset = 0; g < plan->n_lattices; offset += plan->lattices[g++].size) {
        hone_status status = collect_points(plan, g, offset, &point, err);
        if (status != HONE_OK) {
            return status;
        }
    }
    if (plan->shuffle) {
        hn_random random = hn_random_stream(plan->seed, 0, HN_PURPOSE_SHUFFLE);
        hn_random_shuffle(&random, plan->order, plan->n_points);
    }
    return HONE_OK;
}

static bool is_planned(const hn_grid_plan *plan, const hn_space *space, uint64_t seed, const hn_point *fixed)
{
    if (plan->space != space || plan->seed != seed || (fixed == NULL) != (plan->fixed.active == NULL)) {
        return false;
    }
    return fixed == NULL || hn_point_equal(space, fixed, &plan->fixed);
}

hone_status hn_grid_plan_make(hn_grid_plan *plan, const hn_space *space, uint64_t seed, const hn_point *fixed,
                              hone_error *err)
{
    if (is_planned(plan, space, seed, fixed)) {
        return HONE_OK;
    }
    hn_arena_reset(&plan->arena);
    plan->space = NULL; /* until the plan is whole */
    plan->fixed = (hn_point){0};
    plan->n_points = plan->cursor = 0;
    plan->cursor_number = 0;
    if (fixed != NULL) {
        plan->fixed = hn_point_new(&plan->arena, space->count);
        if (plan->fixed.values == NULL) {
            return hn_out_of_memory(err);
        }
        hn_point_copy(space, fixed, &plan->fixed);
    }
    plan->seed = seed;
    plan->space = space;
    hone_status status = build(plan, err);
    if (status != HONE_OK) {
        plan->space = NULL;
    }
    return status;
}

/* The point at a position of the order. */
static void point_at(const hn_grid_plan *plan, size_t position, hn_point *point)
{
    size_t index = plan->order[position], g = 0;
    while (index >= plan->lattices[g].size) {
        index -= plan->lattices[g++].size;
    }
    hn_lattice_point(&plan->lattices[g], index, point);
}

hone_status hn_grid_plan_propose(hn_grid_plan *plan, const hn_ask *ask, size_t n, hn_point *points,
                                 size_t *count, hone_error *err)
{
    hone_status status = hn_grid_plan_make(plan, ask->space, ask->seed, ask->fixed, err);
    if (status == HONE_OK) {
        status = hn_seen_update(&plan->seen, ask->space, ask->view.history, err);
    }
    if (status != HONE_OK) {
        return status;
    }
    /* Later trials may already be there when a queued one is asked: the cursor knows too much then. */
    bool moves = ask->number >= plan->cursor_number;
    size_t found = 0;
    for (size_t position = moves ? plan->cursor : 0; position < plan->n_points && found < n; position++) {
        point_at(plan, position, &points[found]);
        if (hn_seen_first(&plan->seen, &points[found]) >= ask->number) {
            found++;
        } else if (found == 0 && moves) {
            plan->cursor = position + 1;
            plan->cursor_number = ask->number;
        }
    }
    *count = found;
    return HONE_OK;
}
