/* A sampler that enumerates, asked for more points than there are, gives all that it has left. */
#include "study/foresee.h"

#include "study/study.h"

/* Room for n points of the study's space in its scratch; NULL when memory is out. */
static hn_point *make_points(hone_study *study, size_t n)
{
    hn_point *points = HN_ARENA_NEW(&study->scratch, hn_point, n);
    for (size_t i = 0; points && i < n; i++) {
        points[i] = hn_point_new(&study->scratch, study->definition->space->count);
        if (!points[i].values) {
            return NULL;
        }
    }
    return points;
}

static hn_node *point_node(hn_arena *arena, const hn_space *space, const hn_point *point)
{
    hn_node *map = hn_node_map(arena);
    for (size_t i = 0; i < space->count; i++) {
        const hn_parameter *parameter = &space->parameters[i];
        if (point->active[i]) {
            hone_value value = hn_distribution_to_value(&parameter->distribution, point->values[i]);
            map = hn_map_append(arena, map, parameter->name, hn_value_to_node(arena, value));
        }
    }
    return map;
}

/* The lock is held. */
static hone_status foresee(hone_study *study, size_t most, hn_arena *arena, hn_node **list, hone_error *err)
{
    const hn_space *space = study->definition->space;
    size_t count = 0, room = most + 1;
    hone_status status = hn_study_load(study, err);
    if (status) {
        return status;
    }
    hn_arena_reset(&study->scratch);
    int64_t number = (int64_t)hn_history_count(study->history);
    hn_ask ask = {.space = space,
                  .view = hn_study_view(study, number),
                  .number = number,
                  .seed = study->definition->seed,
                  .scratch = &study->scratch};
    hn_point *points = make_points(study, room);
    status = points ? hn_sampler_propose(study->sampler, &ask, NULL, room, points, &count, err)
                    : hn_out_of_memory(err);
    if (status || count == room) {
        return status;
    }
    hn_node *made = hn_node_list(arena);
    for (size_t i = 0; i < count; i++) {
        made = hn_list_append(arena, made, point_node(arena, space, &points[i]));
    }
    *list = made;
    return made ? HONE_OK : hn_out_of_memory(err);
}

hone_status hn_study_foresee(hone_study *study, size_t most, hn_arena *arena, hn_node **list, hone_error *err)
{
    enum { ENUMERATES = HN_SAMPLER_EXHAUSTS | HN_SAMPLER_FINITE_ONLY };
    hone_status status = HONE_OK;
    *list = NULL;
    hn_study_lock(study);
    unsigned capabilities = hn_sampler_type_of(study->sampler)->capabilities;
    if (study->definition->space && (capabilities & ENUMERATES) == ENUMERATES) {
        status = foresee(study, most, arena, list, err);
    }
    hn_study_unlock(study);
    return status;
}
