/* recurrent_graph.c: LSTM and GRU as nodes of a graph: weights in the order of the operator's gates, steps
 * first on the way in, samples first on the way out. */
#include "network/recurrent.h"

/* (directions, gates units, rows) of a tensor (rows, gates units) of each direction. */
static hn_value weights(const hn_cell *cell, const hn_layer_plan *plan, size_t which, size_t directions,
                        float *const *values, hn_graph *graph)
{
    const hn_layer_tensor *tensor = &plan->tensors[which];
    size_t rows = tensor->dim[0], width = tensor->dim[1], units = width / cell->gates;
    size_t apart = plan->n_tensors / directions;
    float *out = hn_graph_room(graph, directions * width * rows, sizeof *out), *next = out;
    for (size_t d = 0; out && d < directions; d++) {
        const float *from = values[which + d * apart];
        for (size_t k = 0; k < width; k++) {
            size_t column = cell->order[k / units] * units + k % units;
            for (size_t i = 0; i < rows; i++) {
                *next++ = from[i * width + column];
            }
        }
    }
    return hn_graph_floats(graph, tensor->name, 3, (size_t[]){directions, width, rows}, out);
}

/* (directions, 2 gates units): the input's, then the state's, which may be 0. */
static hn_value biases(const hn_cell *cell, const hn_layer_plan *plan, size_t directions,
                       float *const *values, hn_graph *graph)
{
    size_t apart = plan->n_tensors / directions, width = plan->tensors[HN_RECURRENT_BIAS].dim[0];
    size_t units = width / cell->gates;
    float *out = hn_graph_room(graph, directions * 2 * width, sizeof *out);
    for (size_t k = 0; out && k < directions * 2 * width; k++) {
        size_t d = k / (2 * width), of = k / width % 2, place = k % width;
        size_t which = of ? HN_RECURRENT_STATE_BIAS : HN_RECURRENT_BIAS;
        if (!of || cell->state_bias) {
            out[k] = values[d * apart + which][cell->order[place / units] * units + place % units];
        }
    }
    return hn_graph_floats(graph, "bias", 2, (size_t[]){directions, 2 * width}, out);
}

hn_value hn_recurrent_graph(const hn_cell *cell, const hn_recurrent *config, const hn_layer_plan *plan,
                            float *const *values, hn_value rows, hn_graph *graph)
{
    static const int64_t steps_first[] = {1, 0, 2}, rows_first[] = {1, 0, 2},
                         rows_before_steps[] = {2, 0, 1, 3};
    size_t directions = config->bidirectional ? 2 : 1;
    hn_value turned = hn_graph_transpose(graph, rows, 3, steps_first);
    hn_value input = weights(cell, plan, HN_RECURRENT_INPUT, directions, values, graph);
    hn_value state = weights(cell, plan, HN_RECURRENT_STATE, directions, values, graph);
    hn_value states =
        HN_OP(graph, cell->op, turned, input, state, biases(cell, plan, directions, values, graph));
    hn_value last = hn_graph_further(graph, HN_VALUE_FLOAT);
    hn_graph_set_int(graph, "hidden_size", config->units);
    hn_graph_set_text(graph, "direction", config->bidirectional ? "bidirectional" : "forward");
    if (cell->state_bias) { /* the reset gate after the product */
        hn_graph_set_int(graph, "linear_before_reset", 1);
    }
    if (!config->sequences) {
        return HN_OP(graph, "Flatten", hn_graph_transpose(graph, last, 3, rows_first));
    }
    states = hn_graph_transpose(graph, states, 4, rows_before_steps);
    return hn_graph_reshape(graph, states, 3, (int64_t[]){0, 0, (int64_t)plan->out.dim[1]});
}
