/* svm_graph.c: support vector machines as nodes of a graph: kernels, decisions of pairs, votes. */
#include "model/svm.h"

static hn_value scaled_dots(const hn_kernel *kernel, hn_value dots, hn_graph *graph)
{
    hn_value scaled = HN_OP(graph, "Mul", dots, hn_graph_double(graph, "gamma", kernel->gamma));
    return HN_OP(graph, "Add", scaled, hn_graph_double(graph, "coef0", kernel->coef0));
}

/* exp(-gamma (|x|^2 + |v|^2 - 2 x v)) */
static hn_value gaussian(const hn_svm *svm, hn_value rows, hn_value dots, hn_graph *graph)
{
    static const int64_t second = 1;
    hn_value square = HN_OP(graph, "Mul", rows, rows);
    square = HN_OP(graph, "ReduceSum", square, hn_graph_ints(graph, "axis", 1, &second));
    hn_value norms = hn_graph_doubles(graph, "norms", 1, &svm->n_support, svm->norms);
    hn_value far = HN_OP(graph, "Sub", HN_OP(graph, "Add", square, norms), HN_OP(graph, "Add", dots, dots));
    return HN_OP(graph, "Exp",
                 HN_OP(graph, "Mul", far, hn_graph_double(graph, "minus_gamma", -svm->kernel.gamma)));
}

/* (rows, n_support): the kernel of each row with each support vector. */
static hn_value kernel_graph(const hn_svm *svm, hn_value rows, hn_graph *graph)
{
    const size_t dim[] = {svm->n_support, svm->d};
    hn_value vectors = hn_graph_doubles(graph, "vectors", 2, dim, svm->vectors);
    hn_value dots = HN_OP(graph, "MatMul", rows, hn_graph_transpose(graph, vectors, 2, (int64_t[]){1, 0}));
    switch (svm->kernel.kind) {
    case HN_KERNEL_LINEAR: break;
    case HN_KERNEL_RBF: dots = gaussian(svm, rows, dots, graph); break;
    case HN_KERNEL_POLY:
        dots = HN_OP(graph, "Pow", scaled_dots(&svm->kernel, dots, graph),
                     hn_graph_double(graph, "degree", svm->kernel.degree));
        break;
    case HN_KERNEL_SIGMOID: dots = HN_OP(graph, "Tanh", scaled_dots(&svm->kernel, dots, graph)); break;
    }
    return dots;
}

/* Column `pair` of weights (n_support, pairs): a class's support vectors have their coefficients in this row.
 */
static void place_coefficients(const hn_svm *svm, size_t class, size_t row, size_t pair, double *weights)
{
    size_t first = 0, pairs = hn_svm_pairs(svm);
    for (size_t i = 0; i < class; i++)
        first += svm->count[i];
    for (size_t v = first; v < first + svm->count[class]; v++)
        weights[v * pairs + pair] = svm->coefficients[row * svm->n_support + v];
}

/* What joins classes and pairs. */
typedef struct duels {
    double *weights; /* (n_support, pairs) */
    double *sides;   /* (pairs, n_present): 1 for the first of the pair, -1 for the second */
    double *seconds; /* (n_present,): pairs in which the class is the second */
} duels;

static bool make_duels(const hn_svm *svm, hn_graph *graph, duels *d)
{
    size_t pairs = hn_svm_pairs(svm), n = svm->n_present, pair = 0;
    d->weights = hn_graph_room(graph, svm->n_support * pairs, sizeof *d->weights);
    d->sides = hn_graph_room(graph, pairs * n, sizeof *d->sides);
    d->seconds = hn_graph_room(graph, n, sizeof *d->seconds);
    if (!d->seconds)
        return false;
    for (size_t i = 0; !svm->n_classes && i < svm->n_support; i++)
        d->weights[i] = svm->coefficients[i];
    for (size_t i = 0; svm->n_classes && i < n; i++) {
        for (size_t j = i + 1; j < n; j++, pair++) {
            place_coefficients(svm, i, j - 1, pair, d->weights);
            place_coefficients(svm, j, i, pair, d->weights);
            d->sides[pair * n + i] = 1;
            d->sides[pair * n + j] = -1;
            d->seconds[j]++;
        }
    }
    return true;
}

hn_value hn_svm_spread(const hn_svm *svm, hn_value given, hn_graph *graph)
{
    const size_t dim[] = {svm->n_present, svm->n_classes};
    if (svm->n_present == svm->n_classes)
        return given;
    double *places = hn_graph_room(graph, svm->n_present * svm->n_classes, sizeof *places);
    for (size_t i = 0; places && i < svm->n_present; i++)
        places[i * svm->n_classes + svm->present[i]] = 1;
    return HN_OP(graph, "MatMul", given, hn_graph_doubles(graph, "places", 2, dim, places));
}

/* Votes, and within a vote the decisions: votes + sums / (3 (|sums| + 1)), over all classes of the dataset.
 */
static hn_value margins_of(const hn_svm *svm, hn_value votes, hn_value sums, hn_graph *graph)
{
    hn_value three = hn_graph_double(graph, "three", 3);
    hn_value size = HN_OP(graph, "Add", HN_OP(graph, "Mul", HN_OP(graph, "Abs", sums), three), three);
    hn_value margins = HN_OP(graph, "Add", votes, HN_OP(graph, "Div", sums, size));
    if (svm->n_present == svm->n_classes)
        return margins;
    double *absent = hn_graph_room(graph, svm->n_classes, sizeof *absent);
    for (size_t k = 0; absent && k < svm->n_classes; k++)
        absent[k] = -1;
    for (size_t i = 0; absent && i < svm->n_present; i++)
        absent[svm->present[i]] = 0;
    margins = hn_svm_spread(svm, margins, graph);
    return HN_OP(graph, "Add", margins, hn_graph_doubles(graph, "absent", 1, &svm->n_classes, absent));
}

static void read_decisions(const hn_svm *svm, const duels *d, hn_value decisions, hn_graph *graph,
                           hn_model_graph *out)
{
    size_t n = svm->n_present;
    const size_t dim[] = {hn_svm_pairs(svm), n};
    hn_value sides = hn_graph_doubles(graph, "sides", 2, dim, d->sides);
    hn_value first = HN_OP(graph, "Greater", decisions, hn_graph_double(graph, "zero", 0));
    first.type = HN_VALUE_BOOL;
    hn_value votes = HN_OP(graph, "MatMul", hn_graph_cast(graph, first, HN_VALUE_DOUBLE), sides);
    votes = HN_OP(graph, "Add", votes, hn_graph_doubles(graph, "seconds", 1, &n, d->seconds));
    out->index = hn_graph_argmax(graph, votes);
    if (n < svm->n_classes) {
        int64_t *present = hn_graph_room(graph, n, sizeof *present);
        for (size_t i = 0; present && i < n; i++)
            present[i] = (int64_t)svm->present[i];
        if (present)
            out->index = HN_OP(graph, "Gather", hn_graph_ints(graph, "present", n, present), out->index);
    }
    out->margins = !svm->sigmoids;
    if (svm->sigmoids)
        out->value = hn_svm_probability_graph(svm, decisions, graph);
    else if (svm->n_classes == 2)
        out->value = HN_OP(graph, "Neg", decisions);
    else
        out->value = margins_of(svm, votes, HN_OP(graph, "MatMul", decisions, sides), graph);
}

hone_status hn_svm_graph(const void *fitted, hn_value rows, hn_graph *graph, hn_model_graph *out,
                         hone_error *err)
{
    const hn_svm *svm = fitted;
    size_t pairs = hn_svm_pairs(svm);
    const size_t dim[] = {svm->n_support, pairs};
    duels d;
    if (!make_duels(svm, graph, &d))
        return hn_out_of_memory(err);
    hn_graph_scope(graph, "svm");
    hn_value kernels = kernel_graph(svm, rows, graph);
    hn_value decisions =
        HN_OP(graph, "MatMul", kernels, hn_graph_doubles(graph, "coefficients", 2, dim, d.weights));
    decisions = HN_OP(graph, "Sub", decisions, hn_graph_doubles(graph, "rho", 1, &pairs, svm->rho));
    out->value = decisions;
    if (svm->n_classes)
        read_decisions(svm, &d, decisions, graph, out);
    return HONE_OK;
}
