#include "analysis/conditions.h"

#include <math.h>
#include <string.h>

#include "base/error.h"

bool hn_setting_make(hn_arena *arena, size_t d, hn_setting *setting)
{
    setting->raw = HN_ARENA_NEW(arena, double, d);
    setting->has = HN_ARENA_NEW(arena, bool, d);
    return setting->raw && setting->has;
}

static const hn_distribution *distribution_of(const hn_conditions *c, size_t j)
{
    return c->observed->distributions[c->group->parameters[j]];
}

/* --- by the declared space --- */

static hone_status map_space(hn_conditions *c, hn_arena *arena, hone_error *err)
{
    c->column = HN_ARENA_NEW(arena, size_t, c->space->count);
    c->point = hn_point_new(arena, c->space->count);
    if (!c->column || !c->point.values)
        return hn_out_of_memory(err);
    for (size_t i = 0; i < c->space->count; i++)
        c->column[i] = SIZE_MAX;
    for (size_t j = 0; j < c->group->d; j++) {
        size_t i = hn_space_find(c->space, c->observed->names[c->group->parameters[j]]);
        if (i != SIZE_MAX)
            c->column[i] = j;
    }
    return HONE_OK;
}

static void come(const hn_conditions *c, size_t j, hn_setting *setting)
{
    setting->has[j] = true;
    setting->raw[j] = c->to->has[j]     ? c->to->raw[j]
                      : c->from->has[j] ? c->from->raw[j]
                                        : hn_distribution_decode(distribution_of(c, j), 0.5);
}

/* Parameters stand after those that their conditions name. */
static void settle_by_space(hn_conditions *c, hn_setting *setting)
{
    for (size_t i = 0; i < c->space->count; i++) {
        const hn_parameter *parameter = &c->space->parameters[i];
        size_t j = c->column[i];
        bool conditional = parameter->when, active = hn_space_is_active(c->space, i, &c->point);
        if (j == SIZE_MAX) { /* a constant, or never seen */
            c->point.active[i] = active && hn_distribution_is_constant(&parameter->distribution);
            c->point.values[i] = hn_distribution_decode(&parameter->distribution, 0.5);
            continue;
        }
        if (conditional && active && !setting->has[j])
            come(c, j, setting);
        if (conditional && !active)
            setting->has[j] = false;
        c->point.active[i] = setting->has[j];
        c->point.values[i] = setting->has[j] ? setting->raw[j] : 0;
    }
}

/* --- by the trials --- */

/* Does the value of c tell whether q is there? seen: two of (choices,) when c is a category. */
static bool tells(const hn_conditions *conditions, size_t c, size_t q, bool *seen, size_t choices)
{
    const hn_observations *group = conditions->group;
    size_t count[2] = {0, 0};
    double low[2] = {INFINITY, INFINITY}, high[2] = {-INFINITY, -INFINITY};
    memset(seen, 0, 2 * choices * sizeof *seen);
    for (size_t i = 0; i < group->n; i++) {
        double unit = group->unit[i * group->d + c];
        bool has_c = unit >= 0, has_q = group->unit[i * group->d + q] >= 0;
        if (has_q && !has_c)
            return false;
        if (!has_c)
            continue;
        count[has_q]++;
        low[has_q] = fmin(low[has_q], unit);
        high[has_q] = fmax(high[has_q], unit);
        if (choices)
            seen[has_q * choices + (size_t)(unit * (double)choices)] = true;
    }
    if (!count[0] || !count[1])
        return false;
    if (!choices)
        return high[0] < low[1] || high[1] < low[0];
    for (size_t k = 0; k < choices; k++)
        if (seen[k] && seen[choices + k])
            return false;
    return true;
}

/* What parameter q goes with; SIZE_MAX: nothing. */
static size_t find_parent(const hn_conditions *c, size_t q, bool *seen)
{
    for (int categories = 1; categories >= 0; categories--)
        for (size_t j = 0; j < c->group->d; j++) {
            const hn_distribution *distribution = distribution_of(c, j);
            bool category = distribution->kind == HN_CATEGORICAL;
            if (j != q && category == categories &&
                tells(c, j, q, seen, category ? distribution->n_choices : 0))
                return j;
        }
    return SIZE_MAX;
}

static hone_status find_parents(hn_conditions *c, hn_arena *arena, hone_error *err)
{
    size_t most = 1, d = c->group->d;
    for (size_t j = 0; j < d; j++)
        most = distribution_of(c, j)->n_choices > most ? distribution_of(c, j)->n_choices : most;
    bool *seen = HN_ARENA_NEW(arena, bool, 2 * most);
    c->parent = HN_ARENA_NEW(arena, size_t, d);
    if (!seen || !c->parent)
        return hn_out_of_memory(err);
    for (size_t j = 0; j < d; j++)
        c->parent[j] = c->from->has[j] == c->to->has[j] ? SIZE_MAX : find_parent(c, j, seen);
    return HONE_OK;
}

static bool equal(const hn_setting *a, const hn_setting *b, size_t j)
{
    return a->has[j] == b->has[j] && (!a->has[j] || a->raw[j] == b->raw[j]);
}

/* A parameter follows as soon as what it goes with is as in `to`. */
static void settle_by_trials(const hn_conditions *c, hn_setting *setting)
{
    bool moved = true;
    while (moved) {
        moved = false;
        for (size_t j = 0; j < c->group->d; j++) {
            size_t parent = c->parent[j];
            if (parent == SIZE_MAX || equal(c->from, c->to, parent) || !equal(setting, c->to, parent) ||
                setting->has[j] == c->to->has[j])
                continue;
            setting->has[j] = c->to->has[j];
            setting->raw[j] = c->to->raw[j];
            moved = true;
        }
    }
}

/* --- either --- */

hone_status hn_conditions_make(const hn_observed *observed, const hn_observations *group,
                               const hn_space *space, const hn_setting *from, const hn_setting *to,
                               hn_arena *arena, hn_conditions *conditions, hone_error *err)
{
    *conditions =
        (hn_conditions){.observed = observed, .group = group, .from = from, .to = to, .space = space};
    return space ? map_space(conditions, arena, err) : find_parents(conditions, arena, err);
}

void hn_conditions_change(hn_conditions *conditions, size_t j, hn_setting *setting)
{
    const hn_setting *to = conditions->to;
    bool shared = setting->has[j] && to->has[j];
    setting->has[j] = to->has[j];
    setting->raw[j] = to->raw[j];
    if (!shared) /* nothing explains it: it comes or goes alone */
        return;
    if (conditions->space)
        settle_by_space(conditions, setting);
    else
        settle_by_trials(conditions, setting);
}
