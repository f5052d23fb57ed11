#include "sampler/refusal.h"

#include "base/text_map.h"
#include "sampler/draw.h"
#include "sampler/lattice.h"

enum {
    SAMPLER_ATTEMPTS = 16,
    FEW_RANDOM_ATTEMPTS = 64,    /* before a search, which finds whatever there is */
    MANY_RANDOM_ATTEMPTS = 1000, /* without one; finds an allowed share of 1 in 145 with probability 0.999 */
    SEARCH_LIMIT = 100000,       /* points of a finite space looked through: some 10 ms */
};

static bool is_known(const hn_refusal *refusal, const hn_point *point)
{
    const hn_space *space = refusal->ask->space;
    if (refusal->seen == NULL) {
        return false;
    }
    for (size_t k = 0; k < refusal->n_batch; k++) {
        if (hn_point_equal(space, &refusal->batch[k], point)) {
            return true;
        }
    }
    return hn_seen_first(refusal->seen, point) < refusal->ask->number;
}

bool hn_refusal_applies(const hn_refusal *refusal, const hn_point *point)
{
    return hn_space_is_forbidden(refusal->ask->space, point) || is_known(refusal, point);
}

/* A uniform choice among the points of a finite space that are allowed and, when `fresh`, new. */
static hone_status search(const hn_refusal *refusal, bool fresh, hn_point *point, bool *found,
                          hone_error *err)
{
    const hn_ask *ask = refusal->ask;
    hn_lattice lattice;
    hn_axis *axes = HN_ARENA_NEW(ask->scratch, hn_axis, ask->space->count);
    *found = false;
    if (axes == NULL) {
        return hn_out_of_memory(err);
    }
    hone_status status = hn_lattice_axes(ask->scratch, ask->space, ask->fixed, axes, err);
    if (status == HONE_OK) {
        status = hn_lattice_make(ask->scratch, ask->space, axes, &lattice, err);
    }
    if (status != HONE_OK) {
        return status;
    }
    size_t n = 0, chosen = 0;
    hn_random random = hn_draw_stream(ask->seed, "", ask->number, HN_PURPOSE_FALLBACK);
    for (size_t index = 0; index < lattice.size; index++) {
        bool wanted = hn_lattice_point(&lattice, index, point) && !hn_space_is_forbidden(ask->space, point);
        if (wanted && (!fresh || !is_known(refusal, point)) && hn_random_below(&random, ++n) == 0) {
            chosen = index; /* reservoir of one (Vitter 1985) */
        }
    }
    if (n > 0) {
        hn_lattice_point(&lattice, chosen, point);
        *found = true;
    }
    return HONE_OK;
}

/* How many points the search would look at: those left free by the fixed values. */
static double search_size(const hn_ask *ask)
{
    double size = 1;
    for (size_t i = 0; i < ask->space->count; i++) {
        bool given = ask->fixed != NULL && ask->fixed->active[i];
        size *= given ? 1 : hn_distribution_count(&ask->space->parameters[i].distribution);
    }
    return size;
}

static hone_status no_point(const hn_refusal *refusal, const hn_point *point, hone_error *err)
{
    const hn_space *space = refusal->ask->space;
    const char *condition = "";
    for (size_t i = 0; i < space->n_forbidden; i++) {
        if (hn_condition_holds(space->forbidden[i], point->values, point->active)) {
            condition = hn_condition_text(space->forbidden[i]);
            break;
        }
    }
    return hn_fail(err, HONE_CONFLICT,
                   "trial %lld: no allowed point was found%s; the one proposed is forbidden by '%s'",
                   (long long)refusal->ask->number,
                   refusal->ask->fixed == NULL ? "" : " with the values that are fixed", condition);
}

/* Goes on drawing under other seeds; *found when point is free of objections. The first point that is merely
 * known is kept in allowed, unless *has_allowed already. */
static hone_status draw_others(const hn_refusal *refusal, uint64_t n_random, hn_point *point,
                               hn_point *allowed, bool *has_allowed, bool *found, hone_error *err)
{
    const hn_ask *ask = refusal->ask;
    *found = false;
    for (uint64_t attempt = 1; attempt <= SAMPLER_ATTEMPTS + n_random && !*found; attempt++) {
        uint64_t seed = hn_hash_bytes(&attempt, sizeof attempt, ask->seed);
        bool given = true;
        if (attempt <= SAMPLER_ATTEMPTS) {
            hone_status status = refusal->propose(refusal->user, seed, point, &given, err);
            if (status != HONE_OK) {
                return status;
            }
        } else {
            hn_draw_point(ask->space, ask->fixed, seed, ask->number, HN_PURPOSE_FALLBACK, point);
        }
        *found = given && !hn_refusal_applies(refusal, point);
        if (given && !*has_allowed && !hn_space_is_forbidden(ask->space, point)) {
            hn_point_copy(ask->space, point, allowed);
            *has_allowed = true;
        }
    }
    return HONE_OK;
}

hone_status hn_refusal_replace(const hn_refusal *refusal, hn_point *point, hone_error *err)
{
    const hn_ask *ask = refusal->ask;
    bool found = false, has_allowed = !hn_space_is_forbidden(ask->space, point);
    if (has_allowed && (refusal->seen->full || search_size(ask) <= 1)) {
        return HONE_OK;
    }
    hn_point allowed = hn_point_new(ask->scratch, ask->space->count);
    if (allowed.values == NULL) {
        return hn_out_of_memory(err);
    }
    hn_point_copy(ask->space, point, &allowed); /* what the sampler wanted is kept when nothing is better */
    bool searchable = search_size(ask) <= SEARCH_LIMIT;
    uint64_t n_random = searchable ? FEW_RANDOM_ATTEMPTS : MANY_RANDOM_ATTEMPTS;
    hone_status status = draw_others(refusal, n_random, point, &allowed, &has_allowed, &found, err);
    if (status == HONE_OK && !found && searchable) {
        status = search(refusal, true, point, &found, err);
        if (status == HONE_OK && !found && has_allowed && ask->fixed == NULL && refusal->n_batch == 0) {
            refusal->seen->full = true;
        }
        if (status == HONE_OK && !found && !has_allowed) {
            status = search(refusal, false, point, &found, err);
        }
    }
    if (status != HONE_OK || found) {
        return status;
    }
    if (!has_allowed) {
        return no_point(refusal, &allowed, err);
    }
    hn_point_copy(ask->space, &allowed, point);
    return HONE_OK;
}
