/* sampler/bohb.c: the model of BOHB (Falkner, Klein & Hutter 2018): `tpe` with that paper's numbers, under
 * the names of its implementation. With the pruner hyperband, which says what trials reported on the highest
 * rung with enough of them, it is BOHB. */
#include "sampler/sampler.h"

typedef struct bohb_config {
    int64_t min_points_in_model, num_samples;
    double top_n_percent, random_fraction, bandwidth_factor;
} bohb_config;

typedef struct bohb_state {
    hn_sampler *tpe;
} bohb_state;

static hone_status init(void *state, const void *config, hone_error *err)
{
    const bohb_config *c = config;
    hn_arena arena = HN_ARENA_INIT;
    hn_node *options = hn_node_map(&arena);
    const struct {
        const char *name;
        hn_node *value;
    } settings[] = {
        {"gamma", hn_node_real(&arena, c->top_n_percent / 100)},
        {"min_below", hn_node_integer(&arena, c->min_points_in_model)},
        {"n_candidates", hn_node_integer(&arena, c->num_samples)},
        {"random_share", hn_node_real(&arena, c->random_fraction)},
        {"spread", hn_node_real(&arena, c->bandwidth_factor)},
        {"max_below", hn_node_integer(&arena, 256)}, /* which BOHB does not bound; asks would take longer */
    };
    for (size_t i = 0; options != NULL && i < sizeof settings / sizeof *settings; i++)
        options = settings[i].value != NULL ? hn_map_set(&arena, options, settings[i].name, settings[i].value)
                                            : NULL;
    hone_status status = options != NULL ? hn_sampler_create_from(hn_sampler_find("tpe"), options,
                                                                  &((bohb_state *)state)->tpe, err)
                                         : hn_out_of_memory(err);
    hn_arena_release(&arena);
    return status;
}

static void release(void *state)
{
    hn_sampler_destroy(((bohb_state *)state)->tpe);
}

static hone_status check(void *state, const hn_space *space, hone_error *err)
{
    return hn_sampler_check(((bohb_state *)state)->tpe, space, err);
}

static hone_status propose(void *state, const hn_ask *ask, size_t n, hn_point *points, size_t *count,
                           hone_error *err)
{
    return hn_sampler_propose(((bohb_state *)state)->tpe, ask, NULL, n, points, count, err);
}

static hone_status propose_one(void *state, const hn_ask *ask, size_t parameter, const hn_point *partial,
                               double *value, hone_error *err)
{
    return hn_sampler_propose_one(((bohb_state *)state)->tpe, ask, parameter, partial, value, err);
}

#define FIELD(member) offsetof(bohb_config, member)

static const hn_option options[] = {
    {"top_n_percent", HN_OPTION_DOUBLE, "15", 1, 99, NULL, FIELD(top_n_percent),
     "per cent of the trials that count as good"},
    {"min_points_in_model", HN_OPTION_INT, "0", 0, 1e6, NULL, FIELD(min_points_in_model),
     "least trials that count as good; 0: one more than parameters"},
    {"num_samples", HN_OPTION_INT, "64", 1, 1e6, NULL, FIELD(num_samples),
     "points drawn, of which the best is proposed"},
    {"random_fraction", HN_OPTION_DOUBLE, "0.3333333333333333", 0, 1, NULL, FIELD(random_fraction),
     "share of the trials that are drawn at random all the same"},
    {"bandwidth_factor", HN_OPTION_DOUBLE, "3", 0.01, 100, NULL, FIELD(bandwidth_factor),
     "points are drawn with so many times the bandwidths of the good trials"},
};

const hn_sampler_type hn_sampler_bohb = {
    .name = "bohb",
    .help = "tpe with the numbers of BOHB, which it is together with the pruner hyperband",
    .capabilities = HN_SAMPLER_WHOLE | HN_SAMPLER_SINGLE | HN_SAMPLER_CONDITIONAL |
                    HN_SAMPLER_MULTI_OBJECTIVE | HN_SAMPLER_EARLIER,
    .options = {options, sizeof options / sizeof *options, sizeof(bohb_config)},
    .state_size = sizeof(bohb_state),
    .init = init,
    .release = release,
    .check = check,
    .propose = propose,
    .propose_one = propose_one,
};
