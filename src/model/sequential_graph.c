/* sequential_graph.c: a network with what makes probabilities or numbers of its outputs, as nodes of a graph.
 */
#include "model/sequential.h"

static hn_value number(const hn_sequential *s, hn_value output, hn_graph *graph)
{
    hn_value out = hn_graph_cast(graph, output, HN_VALUE_DOUBLE);
    out = HN_OP(graph, "Mul", out, hn_graph_double(graph, "spread", s->spread));
    return HN_OP(graph, "Add", out, hn_graph_double(graph, "centre", s->centre));
}

hone_status hn_sequential_graph(const void *fitted, hn_value rows, hn_graph *graph, hn_model_graph *out,
                                hone_error *err)
{
    const hn_sequential *s = fitted;
    hn_network *network = NULL;
    hone_status status = hn_sequential_network(s->layers, &s->in, s->n_classes, &network, err);
    if (status) {
        return status;
    }
    hn_network_borrow(network, s->values);
    hn_value outputs = hn_network_graph(network, rows, graph);
    hn_network_destroy(network);
    hn_graph_scope(graph, "output");
    if (!s->n_classes) {
        out->value = number(s, outputs, graph);
    } else {
        out->value = s->outputs == 1 ? hn_graph_complement(graph, HN_OP(graph, "Sigmoid", outputs))
                                     : HN_OP(graph, "Softmax", outputs);
    }
    return HONE_OK;
}
