/* space/space.c: making a space: parameters are read in the order declared, their conditions bound, and
 * all put into topological order. Linear in the size of the space but for one sort of the names. */
#include "space/space.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "space/condition_term.h"
#include "space/internal.h"

enum { MAX_PARAMETERS = 10000 };

/* All by declared index until `order` is known. */
typedef struct builder {
    hn_arena *arena;
    hone_error *err;
    size_t count;
    hn_parameter *declared;                /* (count) */
    const hn_distribution **distributions; /* (count) of declared */
    hn_text_map names;                     /* index = declared index */
    size_t *first;                         /* (count + 1): parameter i depends on needs[first[i]] ... */
    size_t *needs;
    size_t *order,
        *place; /* order[k] = declared index of the k-th in topological order; place is its inverse */
    size_t n_forbidden;
    hn_condition **forbidden;
} builder;

hn_position hn_text_position(const hn_node *node)
{
    return hn_position_within(node->at, node->quoted ? 1 : 0);
}

static hone_status builder_init(builder *b, size_t count)
{
    if (count > MAX_PARAMETERS) {
        hn_fail(b->err, HONE_LIMIT, "a space has at most %d parameters, found %zu", MAX_PARAMETERS, count);
        return HONE_LIMIT;
    }
    b->count = count;
    b->declared = HN_ARENA_NEW(b->arena, hn_parameter, count);
    b->distributions = HN_ARENA_NEW(b->arena, const hn_distribution *, count);
    b->first = HN_ARENA_NEW(b->arena, size_t, count + 1);
    b->order = HN_ARENA_NEW(b->arena, size_t, count);
    b->place = HN_ARENA_NEW(b->arena, size_t, count);
    if (b->declared == NULL || b->distributions == NULL || b->first == NULL || b->order == NULL ||
        b->place == NULL) {
        hn_out_of_memory(b->err);
        return HONE_OUT_OF_MEMORY;
    }
    return HONE_OK;
}

/* Parameter i, whose fields are set, takes its place among the names. */
static hone_status enter_name(builder *b, size_t i)
{
    hn_parameter *parameter = &b->declared[i];
    parameter->display = i;
    b->distributions[i] = &parameter->distribution;
    size_t index = hn_text_map_intern(&b->names, parameter->name);
    if (index == HN_TEXT_MAP_NONE)
        return hn_out_of_memory(b->err);
    if (index != i)
        return hn_fail_at(b->err, HONE_INVALID, parameter->at, "the parameter '%s' stands twice",
                          parameter->name);
    return HONE_OK;
}

static hone_status read_parameters(builder *b, const hn_node *node)
{
    hone_status status = HONE_OK;
    for (size_t i = 0; i < b->count && status == HONE_OK; i++) {
        status = hn_parameter_read(b->arena, &node->as.entries[i], &b->declared[i], b->err);
        if (status == HONE_OK)
            status = enter_name(b, i);
    }
    for (size_t i = 0; i < b->count && status == HONE_OK; i++) {
        hn_parameter *parameter = &b->declared[i];
        if (parameter->when == NULL)
            continue;
        status = hn_condition_bind_map(parameter->when, &b->names, b->distributions, b->err);
    }
    return status;
}

static hone_status read_forbidden(builder *b, const hn_node *list)
{
    hone_status status = HONE_OK;
    if (list == NULL || list->kind == HN_NULL)
        return HONE_OK;
    if (list->kind != HN_LIST)
        return hn_fail_at(b->err, HONE_INVALID, list->at, "forbidden must be a list of conditions, found %s",
                          hn_node_describe(b->arena, list));
    b->forbidden = HN_ARENA_NEW(b->arena, hn_condition *, list->count);
    if (b->forbidden == NULL)
        return hn_out_of_memory(b->err);
    for (size_t i = 0; i < list->count && status == HONE_OK; i++) {
        const hn_node *item = list->as.items[i];
        if (item->kind != HN_STRING)
            return hn_fail_at(b->err, HONE_INVALID, item->at,
                              "forbidden holds conditions such as a > b, found %s",
                              hn_node_describe(b->arena, item));
        status =
            hn_condition_parse(b->arena, item->as.string, hn_text_position(item), &b->forbidden[i], b->err);
        if (status == HONE_OK)
            status = hn_condition_bind_map(b->forbidden[i], &b->names, b->distributions, b->err);
    }
    b->n_forbidden = status == HONE_OK ? list->count : 0;
    return status;
}

/* --- topological order --- */

typedef struct need_list {
    size_t *to; /* NULL: only count */
    size_t count;
} need_list;

static void add_need(void *user, size_t parameter)
{
    need_list *list = user;
    if (list->to != NULL)
        list->to[list->count] = parameter;
    list->count++;
}

static hone_status list_needs(builder *b)
{
    need_list list = {0};
    for (int pass = 0; pass < 2; pass++) {
        list.count = 0;
        for (size_t i = 0; i < b->count; i++) {
            b->first[i] = list.count;
            if (b->declared[i].when != NULL)
                hn_condition_references(b->declared[i].when, add_need, &list);
        }
        b->first[b->count] = list.count;
        if (pass == 0)
            list.to = b->needs = HN_ARENA_NEW(b->arena, size_t, list.count);
        if (b->needs == NULL)
            return hn_out_of_memory(b->err);
    }
    return HONE_OK;
}

/* The path of a depth-first search: path[k] needs path[k + 1]; next[k] is the need to follow from there. */
typedef struct search {
    size_t *path, *next, depth;
    enum { UNSEEN, ON_PATH, DONE } * mark; /* (count) */
} search;

/* path ends with a parameter that needs `again`, which is on the path already. */
static hone_status fail_cycle(const builder *b, const search *s, size_t again)
{
    hn_buffer cycle = HN_BUFFER_INIT;
    size_t begin = 0;
    while (s->path[begin] != again)
        begin++;
    for (size_t k = begin; k < s->depth; k++)
        hn_buffer_printf(&cycle, "%s -> ", b->declared[s->path[k]].name);
    hn_buffer_text(&cycle, b->declared[again].name);
    hone_status status =
        hn_fail_at(b->err, HONE_INVALID, b->declared[again].when->at,
                   "conditions depend on each other in a circle: %s", hn_buffer_string(&cycle));
    hn_buffer_release(&cycle);
    return status;
}

static void push(const builder *b, search *s, size_t parameter)
{
    s->mark[parameter] = ON_PATH;
    s->path[s->depth] = parameter;
    s->next[s->depth] = b->first[parameter];
    s->depth++;
}

/* Appends root and what it needs, the needed first, to the order. The path is explicit: chains may be
 * long. */
static hone_status visit(builder *b, search *s, size_t root, size_t *placed)
{
    push(b, s, root);
    while (s->depth > 0) {
        size_t parameter = s->path[s->depth - 1];
        if (s->next[s->depth - 1] == b->first[parameter + 1]) {
            s->mark[parameter] = DONE;
            b->order[(*placed)++] = parameter;
            s->depth--;
            continue;
        }
        size_t need = b->needs[s->next[s->depth - 1]++];
        if (s->mark[need] == ON_PATH)
            return fail_cycle(b, s, need);
        if (s->mark[need] == UNSEEN)
            push(b, s, need);
    }
    return HONE_OK;
}

static hone_status sort_parameters(builder *b)
{
    search s = {.path = HN_ARENA_NEW(b->arena, size_t, b->count),
                .next = HN_ARENA_NEW(b->arena, size_t, b->count),
                .mark = hn_arena_alloc(b->arena, b->count, sizeof *s.mark)};
    size_t placed = 0;
    if (s.path == NULL || s.next == NULL || s.mark == NULL) {
        hn_out_of_memory(b->err);
        return HONE_OUT_OF_MEMORY;
    }
    hone_status status = list_needs(b);
    for (size_t i = 0; i < b->count && status == HONE_OK; i++)
        if (s.mark[i] == UNSEEN)
            status = visit(b, &s, i, &placed);
    for (size_t k = 0; k < b->count && status == HONE_OK; k++)
        b->place[b->order[k]] = k;
    return status;
}

/* --- assembly --- */

static int compare_names(const void *a, const void *b)
{
    const hn_parameter *const *left = a, *const *right = b;
    return strcmp((*left)->name, (*right)->name);
}

static hone_status assemble(builder *b, hn_space **space)
{
    hn_space *made = HN_ARENA_NEW(b->arena, hn_space, 1);
    hn_parameter *parameters = HN_ARENA_NEW(b->arena, hn_parameter, b->count);
    const hn_parameter **sorted = HN_ARENA_NEW(b->arena, const hn_parameter *, b->count);
    size_t *by_name = HN_ARENA_NEW(b->arena, size_t, b->count);
    if (made == NULL || parameters == NULL || sorted == NULL || by_name == NULL)
        return hn_out_of_memory(b->err);
    for (size_t k = 0; k < b->count; k++) {
        parameters[k] = b->declared[b->order[k]];
        sorted[k] = &parameters[k];
        if (parameters[k].when != NULL) {
            hn_condition_renumber(parameters[k].when, b->place);
            made->conditional = true;
        }
    }
    for (size_t i = 0; i < b->n_forbidden; i++)
        hn_condition_renumber(b->forbidden[i], b->place);
    qsort(sorted, b->count, sizeof *sorted, compare_names);
    for (size_t k = 0; k < b->count; k++)
        by_name[k] = (size_t)(sorted[k] - parameters);
    made->count = b->count;
    made->parameters = parameters;
    made->n_forbidden = b->n_forbidden;
    made->forbidden = b->forbidden;
    made->by_display = b->place;
    made->by_name = by_name;
    *space = made;
    return HONE_OK;
}

hone_status hn_space_from_node(hn_arena *arena, const hn_node *node, const hn_node *forbidden,
                               hn_space **space, hone_error *err)
{
    builder b = {.arena = arena, .err = err};
    if (node == NULL || node->kind != HN_MAP)
        return hn_fail_at(err, HONE_INVALID, node == NULL ? (hn_position){0} : node->at,
                          "space must be a map of parameters such as {lr: {float: [0, 1]}}, found %s",
                          hn_node_describe(arena, node));
    hone_status status = builder_init(&b, node->count);
    if (status == HONE_OK)
        status = read_parameters(&b, node);
    if (status == HONE_OK)
        status = read_forbidden(&b, forbidden);
    if (status == HONE_OK)
        status = sort_parameters(&b);
    if (status == HONE_OK)
        status = assemble(&b, space);
    hn_text_map_release(&b.names);
    return status;
}

hone_status hn_space_from_text(hn_arena *arena, const char *space_text, const char *forbidden_text,
                               hn_space **space, hone_error *err)
{
    hn_node *node = NULL, *forbidden = NULL;
    hone_status status = hn_yaml_parse(arena, "space", space_text, strlen(space_text), &node, err);
    if (status == HONE_OK && forbidden_text != NULL)
        status = hn_yaml_parse(arena, "forbidden", forbidden_text, strlen(forbidden_text), &forbidden, err);
    return status == HONE_OK ? hn_space_from_node(arena, node, forbidden, space, err) : status;
}

hone_status hn_space_from_distributions(hn_arena *arena, const char *const *names,
                                        const hn_distribution *distributions, size_t n, hn_space **space,
                                        hone_error *err)
{
    builder b = {.arena = arena, .err = err};
    hone_status status = builder_init(&b, n);
    for (size_t i = 0; i < b.count && status == HONE_OK; i++) {
        b.declared[i] = (hn_parameter){.name = names[i], .distribution = distributions[i]};
        status = enter_name(&b, i);
    }
    if (status == HONE_OK)
        status = sort_parameters(&b);
    if (status == HONE_OK)
        status = assemble(&b, space);
    hn_text_map_release(&b.names);
    return status;
}

/* --- looking --- */

size_t hn_space_find(const hn_space *space, const char *name)
{
    size_t low = 0, high = space->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        size_t index = space->by_name[middle];
        int order = strcmp(name, space->parameters[index].name);
        if (order == 0)
            return index;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return SIZE_MAX;
}

hone_status hn_space_require(const hn_space *space, const char *name, size_t *index, hone_error *err)
{
    size_t found = hn_space_find(space, name);
    if (found != SIZE_MAX) {
        *index = found;
        return HONE_OK;
    }
    const char **names = hn_calloc(space->count, sizeof *names);
    for (size_t i = 0; names != NULL && i < space->count; i++)
        names[i] = space->parameters[space->by_display[i]].name;
    const char *nearest = names != NULL ? hn_nearest_name(name, names, space->count) : NULL;
    hone_status status =
        nearest != NULL
            ? hn_fail(err, HONE_NOT_FOUND, "there is no parameter '%.200s' (did you mean '%s'?)", name,
                      nearest)
            : hn_fail(err, HONE_NOT_FOUND, "there is no parameter '%.200s' among the %zu of this space", name,
                      space->count);
    hn_free(names);
    return status;
}

hone_status hn_space_check_change(const hn_space *previous, const hn_space *next, hone_error *err)
{
    for (size_t i = 0; i < previous->count; i++) {
        const hn_parameter *before = &previous->parameters[i];
        size_t k = hn_space_find(next, before->name);
        if (k == SIZE_MAX ||
            hn_distribution_compatible(&before->distribution, &next->parameters[k].distribution))
            continue;
        hn_buffer was = HN_BUFFER_INIT, is = HN_BUFFER_INIT;
        hn_distribution_describe(&was, &before->distribution);
        hn_distribution_describe(&is, &next->parameters[k].distribution);
        hone_status status =
            hn_fail_at(err, HONE_EXISTS, next->parameters[k].at,
                       "%s was %s and is now %s: within a study its type, log and choices stay "
                       "(bounds may change); give the study another name",
                       before->name, hn_buffer_string(&was), hn_buffer_string(&is));
        hn_buffer_release(&was);
        hn_buffer_release(&is);
        return status;
    }
    return HONE_OK;
}
