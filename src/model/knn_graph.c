/* knn_graph.c: nearest neighbours as nodes of a graph: gaps to every training row, summed column by column as
 * knn_distance.c does, to the bit; the k smallest, the first of equal ones before others; their votes. */
#include "model/knn.h"

enum { LANES = 8 /* of knn_distance.c */ };

/* Room for the d parts of one column or row each that a matrix splits into along an axis; NULL when memory is
 * out. */
static hn_value *split(hn_value matrix, int64_t axis, size_t d, hn_graph *graph)
{
    hn_value *parts = hn_graph_room(graph, d, sizeof *parts);
    if (!parts || d == 1) {
        if (parts)
            parts[0] = matrix;
        return parts;
    }
    parts[0] = HN_OP(graph, "Split", matrix);
    for (size_t j = 1; j < d; j++)
        parts[j] = hn_graph_further(graph, matrix.type);
    hn_graph_set_int(graph, "axis", axis);
    return parts;
}

/* What a column adds to a gap, of the difference in it. */
static hn_value part(const hn_knn *knn, hn_value difference, hn_value p, hn_graph *graph)
{
    if (hn_knn_is_euclidean(knn))
        return HN_OP(graph, "Mul", difference, difference);
    hn_value size = HN_OP(graph, "Abs", difference);
    return hn_knn_is_manhattan(knn) ? size : HN_OP(graph, "Pow", size, p);
}

static void add(hn_value *sum, hn_value part, hn_graph *graph)
{
    if (part.name)
        *sum = sum->name ? HN_OP(graph, "Add", *sum, part) : part;
}

/* (rows, n): the gap of each row to each training row. */
static hn_value gaps(const hn_knn *knn, hn_value rows, const double *x, hn_graph *graph)
{
    static const size_t pairs[][2] = {{0, 4}, {2, 6}, {0, 2}, {1, 5}, {3, 7}, {1, 3}, {0, 1}};
    const size_t dim[] = {knn->n, knn->d};
    hn_value seen = hn_graph_doubles(graph, "rows", 2, dim, x), sums[LANES] = {{0}};
    const hn_value *known = split(hn_graph_transpose(graph, seen, 2, (int64_t[]){1, 0}), 0, knn->d, graph);
    const hn_value *asked = split(rows, 1, knn->d, graph);
    bool in_order = !hn_knn_is_euclidean(knn) && !hn_knn_is_manhattan(knn);
    hn_value p = in_order ? hn_graph_double(graph, "p", knn->p) : (hn_value){0};
    for (size_t j = 0; known && asked && j < knn->d; j++) {
        hn_value difference = HN_OP(graph, "Sub", asked[j], known[j]);
        add(&sums[in_order ? 0 : j % LANES], part(knn, difference, p, graph), graph);
    }
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        add(&sums[pairs[i][0]], sums[pairs[i][1]], graph);
    return sums[0];
}

/* (rows, k): 1 / distance; where some neighbours are at no distance they alone count. */
static hn_value weights(const hn_knn *knn, hn_value nearest, hn_graph *graph)
{
    static const int64_t first = 0;
    hn_value distance = nearest, zero = hn_graph_double(graph, "zero", 0);
    if (hn_knn_is_euclidean(knn))
        distance = HN_OP(graph, "Sqrt", nearest);
    else if (!hn_knn_is_manhattan(knn))
        distance = HN_OP(graph, "Pow", nearest, hn_graph_double(graph, "root", 1 / knn->p));
    hn_value at_it = HN_OP(graph, "Equal", distance, zero);
    at_it.type = HN_VALUE_BOOL;
    hn_value met = HN_OP(graph, "Gather", at_it, hn_graph_ints(graph, "first", 1, &first));
    hn_graph_set_int(graph, "axis", 1);
    hn_value weight = HN_OP(graph, "Div", hn_graph_double(graph, "one", 1), distance);
    weight = HN_OP(graph, "Where", met, hn_graph_cast(graph, at_it, HN_VALUE_DOUBLE), weight);
    weight.type = HN_VALUE_DOUBLE;
    return weight;
}

/* (rows, k, n_classes): 1 at each neighbour's class. */
static hn_value ballots(const hn_knn *knn, hn_value indices, hn_graph *graph)
{
    static const int64_t last = 2;
    int64_t *labels = hn_graph_room(graph, knn->n, sizeof *labels);
    int64_t *classes = hn_graph_room(graph, knn->n_classes, sizeof *classes);
    for (size_t i = 0; labels && i < knn->n; i++)
        labels[i] = (int64_t)knn->y[i];
    for (size_t k = 0; classes && k < knn->n_classes; k++)
        classes[k] = (int64_t)k;
    if (!labels || !classes)
        return (hn_value){0};
    hn_value voted = HN_OP(graph, "Gather", hn_graph_ints(graph, "labels", knn->n, labels), indices);
    voted = HN_OP(graph, "Unsqueeze", voted, hn_graph_ints(graph, "last", 1, &last));
    voted = HN_OP(graph, "Equal", voted, hn_graph_ints(graph, "classes", knn->n_classes, classes));
    voted.type = HN_VALUE_BOOL;
    return hn_graph_cast(graph, voted, HN_VALUE_DOUBLE);
}

hone_status hn_knn_graph(const void *fitted, hn_value rows, hn_graph *graph, hn_model_graph *out,
                         hone_error *err)
{
    static const int64_t of_neighbours = 1, last = 2;
    const hn_knn *knn = fitted;
    const int64_t k = (int64_t)knn->k;
    const double *x;
    hone_status status = hn_kept_rows_look(knn->rows, &x, err);
    if (status)
        return status;
    hn_graph_scope(graph, "knn");
    hn_value nearest = HN_OP(graph, "TopK", gaps(knn, rows, x, graph), hn_graph_ints(graph, "k", 1, &k));
    hn_value indices = hn_graph_further(graph, HN_VALUE_INT);
    hn_graph_set_int(graph, "axis", 1);
    hn_graph_set_int(graph, "largest", 0);
    hn_value axis = hn_graph_ints(graph, "axis", 1, &of_neighbours), total;
    hn_value votes = knn->n_classes
                         ? ballots(knn, indices, graph)
                         : HN_OP(graph, "Gather", hn_graph_doubles(graph, "y", 1, &knn->n, knn->y), indices);
    if (knn->by_distance) {
        hn_value weight = weights(knn, nearest, graph), each = weight;
        if (knn->n_classes)
            each = HN_OP(graph, "Unsqueeze", weight, hn_graph_ints(graph, "class_axis", 1, &last));
        votes = HN_OP(graph, "Mul", votes, each);
        total = HN_OP(graph, "ReduceSum", weight, axis);
    } else {
        total = hn_graph_double(graph, "total", (double)k);
    }
    votes = HN_OP(graph, "ReduceSum", votes, axis);
    hn_graph_set_int(graph, "keepdims", !knn->n_classes);
    if (knn->n_classes)
        out->index = hn_graph_argmax(graph, votes);
    out->value = HN_OP(graph, "Div", votes, total);
    return HONE_OK;
}
