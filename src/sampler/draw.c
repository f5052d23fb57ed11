#include "sampler/draw.h"

#include <string.h>

#include "base/text_map.h"

hn_random hn_draw_stream(uint64_t seed, const char *name, int64_t number, hn_purpose purpose)
{
    return hn_random_stream(hn_hash_bytes(name, strlen(name), seed), (uint64_t)number, purpose);
}

double hn_draw_value(const hn_parameter *parameter, uint64_t seed, int64_t number, hn_purpose purpose)
{
    hn_random random = hn_draw_stream(seed, parameter->name, number, purpose);
    double unit = hn_prior_warp(parameter, hn_random_uniform(&random));
    return hn_distribution_decode(&parameter->distribution, unit);
}

void hn_draw_point(const hn_space *space, const hn_point *fixed, uint64_t seed, int64_t number,
                   hn_purpose purpose, hn_point *point)
{
    for (size_t i = 0; i < space->count; i++) {
        point->active[i] = hn_space_is_active(space, i, point);
        if (!point->active[i]) {
            point->values[i] = 0;
        } else if (fixed != NULL && fixed->active[i]) {
            point->values[i] = fixed->values[i];
        } else {
            point->values[i] = hn_draw_value(&space->parameters[i], seed, number, purpose);
        }
    }
}
