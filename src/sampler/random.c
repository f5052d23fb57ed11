/* Random search (Bergstra & Bengio 2012): every parameter independently from its prior. */
#include "sampler/draw.h"
#include "sampler/sampler.h"

static hone_status propose(void *state, const hn_ask *ask, size_t n, hn_point *points, size_t *count,
                           hone_error *err)
{
    (void)state, (void)err;
    for (size_t k = 0; k < n; k++) {
        int64_t number = ask->number + (int64_t)k;
        hn_draw_point(ask->space, ask->fixed, ask->seed, number, HN_PURPOSE_PROPOSE, &points[k]);
    }
    *count = n;
    return HONE_OK;
}

static hone_status propose_one(void *state, const hn_ask *ask, size_t parameter, const hn_point *partial,
                               double *value, hone_error *err)
{
    (void)state, (void)partial, (void)err;
    *value = hn_draw_value(&ask->space->parameters[parameter], ask->seed, ask->number, HN_PURPOSE_PROPOSE);
    return HONE_OK;
}

const hn_sampler_type hn_sampler_random = {
    .name = "random",
    .help = "every parameter independently at random, from its prior if it has one",
    .capabilities = HN_SAMPLER_WHOLE | HN_SAMPLER_SINGLE | HN_SAMPLER_CONDITIONAL |
                    HN_SAMPLER_MULTI_OBJECTIVE | HN_SAMPLER_BLIND,
    .propose = propose,
    .propose_one = propose_one,
};
