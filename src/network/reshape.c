/* reshape.c: flatten: the same values, one feature after another. */
#include "network/layer.h"

static hone_status plan(const void *config, const hn_shape *in, hn_layer_plan *plan, hone_error *err)
{
    (void)config;
    (void)err;
    plan->out = (hn_shape){.rank = 1, .dim = {hn_shape_size(in)}};
    plan->alias = true;
    return HONE_OK;
}

static hn_value graph(const void *config, const hn_layer_plan *plan, float *const *values, hn_value rows,
                      hn_graph *graph)
{
    (void)config;
    (void)values;
    return plan->in.rank > 1 ? HN_OP(graph, "Flatten", rows) : rows;
}

extern const hn_layer_type hn_layer_flatten;

const hn_layer_type hn_layer_flatten = {
    .name = "flatten",
    .help = "an image or a sequence as plain features",
    .options = {NULL, 0, 1},
    .plan = plan,
    .graph = graph,
};
