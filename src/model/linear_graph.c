/* linear_graph.c: linear models as nodes of a graph. */
#include "model/linear_model.h"

/* Of the classes met in training, spread over all: (rows, n_classes). */
static hn_value spread(const hn_linear *linear, size_t given, hn_value probabilities, hn_graph *graph)
{
    const size_t dim[] = {given, linear->n_classes};
    double *places = hn_graph_room(graph, given * linear->n_classes, sizeof *places);
    for (size_t k = 0; places && k < linear->n_present; k++)
        places[k * linear->n_classes + linear->present[k]] = 1;
    return HN_OP(graph, "MatMul", probabilities, hn_graph_doubles(graph, "places", 2, dim, places));
}

hone_status hn_linear_graph(const void *fitted, hn_value rows, hn_graph *graph, hn_model_graph *out,
                            hone_error *err)
{
    const hn_linear *linear = fitted;
    size_t d = linear->d, n = linear->n_outputs;
    double *weight = hn_graph_room(graph, d * n, sizeof *weight);
    (void)err;
    for (size_t i = 0; weight && i < d * n; i++)
        weight[i] = linear->coefficients[i % n * d + i / n];
    hn_graph_scope(graph, linear->model);
    hn_value scores =
        HN_OP(graph, "MatMul", rows, hn_graph_doubles(graph, "weight", 2, (size_t[]){d, n}, weight));
    scores = HN_OP(graph, "Add", scores, hn_graph_doubles(graph, "intercept", 1, &n, linear->intercept));
    out->value = scores;
    if (linear->n_classes) {
        size_t given = n > 1 ? n : 2;
        out->value = n > 1 ? HN_OP(graph, "Softmax", scores)
                           : hn_graph_complement(graph, HN_OP(graph, "Sigmoid", scores));
        if (linear->n_present < linear->n_classes)
            out->value = spread(linear, given, out->value, graph);
    }
    return HONE_OK;
}
