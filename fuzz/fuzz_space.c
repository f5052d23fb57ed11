/* Spaces from any text: whatever is read gives points that are contained, and is written so that it is read
 * again. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "space/space.h"

static void check_points(hn_arena *arena, const hn_space *space)
{
    hn_point point = hn_point_new(arena, space->count);
    double *units = HN_ARENA_NEW(arena, double, space->count);
    if (point.values == NULL || units == NULL)
        return;
    for (int k = 0; k <= 8; k++) {
        for (size_t i = 0; i < space->count; i++)
            units[i] = hn_prior_warp(&space->parameters[i], fmod(0.125 * k + 0.382 * (double)i, 1.0));
        hn_space_decode(space, units, &point);
        if (!hn_space_contains(space, &point) && !hn_space_is_forbidden(space, &point))
            abort();
        hn_space_encode(space, &point, units);
        for (size_t i = 0; i < space->count; i++)
            if (!(units[i] >= 0 && units[i] <= 1))
                abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_space *space = NULL, *again = NULL;
    hone_error err;
    const char *text = hn_arena_strndup(&arena, (const char *)data, size);
    if (text != NULL && hn_space_from_text(&arena, text, NULL, &space, &err) == HONE_OK) {
        check_points(&arena, space);
        if (hn_space_from_node(&arena, hn_space_to_node(&arena, space), NULL, &again, &err) != HONE_OK ||
            again->count != space->count)
            abort();
    }
    hn_arena_release(&arena);
    return 0;
}
