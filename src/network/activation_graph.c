/* activation_graph.c: activations as nodes of a graph. */
#include "network/activation.h"

/* z / 2 (1 + erf(z / sqrt 2)): later operator sets alone have it as a whole. */
static hn_value gelu(hn_value z, hn_graph *graph)
{
    hn_value scaled = HN_OP(graph, "Mul", z, hn_graph_float(graph, "root_half", 0.707106781F));
    hn_value below = HN_OP(graph, "Add", HN_OP(graph, "Erf", scaled), hn_graph_float(graph, "one", 1));
    hn_value half = HN_OP(graph, "Mul", z, hn_graph_float(graph, "half", 0.5F));
    return HN_OP(graph, "Mul", half, below);
}

hn_value hn_activation_graph(hn_activation kind, hn_value z, hn_graph *graph)
{
    static const char *const operators[] = {
        [HN_RELU] = "Relu", [HN_LEAKY_RELU] = "LeakyRelu", [HN_ELU] = "Elu",      [HN_SIGMOID] = "Sigmoid",
        [HN_TANH] = "Tanh", [HN_SOFTMAX] = "Softmax",      [HN_SWISH] = "Sigmoid"};
    if (kind == HN_LINEAR) {
        return z;
    }
    if (kind == HN_GELU) {
        return gelu(z, graph);
    }
    hn_value out = HN_OP(graph, operators[kind], z);
    if (kind == HN_LEAKY_RELU) {
        hn_graph_set_float(graph, "alpha", HN_LEAK);
    }
    return kind == HN_SWISH ? HN_OP(graph, "Mul", z, out) : out;
}
