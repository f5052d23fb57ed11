/* svm_platt_graph.c: probabilities of a support vector machine as nodes of a graph: the sigmoid of each pair
 * of classes, and the rounds of svm_platt.c that couple them, for all rows at once. */
#include "model/svm.h"

/* (rows, pairs): the probability of the first class of each pair among both. */
static hn_value pairwise(const hn_svm *svm, hn_value decisions, hn_graph *graph)
{
    size_t pairs = hn_svm_pairs(svm);
    double *slope = hn_graph_room(graph, pairs, sizeof *slope),
           *shift = hn_graph_room(graph, pairs, sizeof *shift);
    for (size_t i = 0; slope && shift && i < pairs; i++) {
        slope[i] = -svm->sigmoids[2 * i];
        shift[i] = svm->sigmoids[2 * i + 1];
    }
    const hn_value least = hn_graph_double(graph, "least", 1e-7),
                   most = hn_graph_double(graph, "most", 1 - 1e-7);
    hn_value z = HN_OP(graph, "Mul", decisions, hn_graph_doubles(graph, "slope", 1, &pairs, slope));
    z = HN_OP(graph, "Sub", z, hn_graph_doubles(graph, "shift", 1, &pairs, shift));
    return HN_OP(graph, "Clip", HN_OP(graph, "Sigmoid", z), least, most);
}

/* matrix (pairs, k * k): where what is of a pair of classes goes in their matrix. */
typedef struct places {
    double *beside; /* -1 at both places beside the diagonal */
    double *first;  /* 1 on the diagonal, at the first class */
    double *second;
} places;

static bool make_places(size_t k, size_t pairs, hn_graph *graph, places *p)
{
    *p = (places){hn_graph_room(graph, pairs * k * k, sizeof *p->beside),
                  hn_graph_room(graph, pairs * k * k, sizeof *p->first),
                  hn_graph_room(graph, pairs * k * k, sizeof *p->second)};
    if (!p->beside || !p->first || !p->second)
        return false;
    for (size_t i = 0, pair = 0; i < k; i++) {
        for (size_t j = i + 1; j < k; j++, pair++) {
            size_t at = pair * k * k;
            p->beside[at + i * k + j] = p->beside[at + j * k + i] = -1;
            p->first[at + i * k + i] = p->second[at + j * k + j] = 1;
        }
    }
    return true;
}

/* (rows, k, k): Q of the paper. r_ij = p and r_ji = 1 - p of a pair (i, j): beside the diagonal -r_ji r_ij,
 * on it the sums of r_ji^2 over j. */
static hn_value make_q(const hn_svm *svm, hn_value p, hn_graph *graph)
{
    size_t k = svm->n_present, pairs = hn_svm_pairs(svm);
    const size_t dim[] = {pairs, k * k};
    places at;
    if (!make_places(k, pairs, graph, &at))
        return p;
    hn_value rest = HN_OP(graph, "Sub", hn_graph_double(graph, "one", 1), p);
    hn_value beside = HN_OP(graph, "MatMul", HN_OP(graph, "Mul", rest, p),
                            hn_graph_doubles(graph, "beside", 2, dim, at.beside));
    hn_value first = HN_OP(graph, "MatMul", HN_OP(graph, "Mul", rest, rest),
                           hn_graph_doubles(graph, "first", 2, dim, at.first));
    hn_value second = HN_OP(graph, "MatMul", HN_OP(graph, "Mul", p, p),
                            hn_graph_doubles(graph, "second", 2, dim, at.second));
    hn_value q = HN_OP(graph, "Add", HN_OP(graph, "Add", beside, first), second);
    return hn_graph_reshape(graph, q, 3, (int64_t[]){0, (int64_t)k, (int64_t)k});
}

/* What the rounds work on. */
typedef struct coupling {
    size_t k;
    hn_value q;    /* (rows, k, k) */
    hn_value one;  /* 1 */
    hn_value last; /* the axis of classes, as a list */
} coupling;

/* (rows, 1): column t of (rows, k). */
static hn_value column(hn_value of, size_t t, hn_graph *graph)
{
    const int64_t at = (int64_t)t;
    hn_value taken = HN_OP(graph, "Gather", of, hn_graph_ints(graph, "class", 1, &at));
    hn_graph_set_int(graph, "axis", 1);
    return taken;
}

static hn_value sum(const coupling *c, hn_value of, hn_graph *graph)
{
    return HN_OP(graph, "ReduceSum", of, c->last);
}

/* Where the round is: probabilities p, Q p and p' Q p. */
typedef struct couple_state {
    hn_value p, product, energy;
} couple_state;

/* Changes probability t, which the others make room for. */
static couple_state change_one(const coupling *c, const couple_state *s, size_t t, hn_graph *graph)
{
    double *only = hn_graph_room(graph, c->k, sizeof *only);
    if (!only)
        return *s;
    only[t] = 1;
    hn_value row = HN_OP(graph, "Gather", c->q, hn_graph_int(graph, "class", (int64_t)t));
    hn_graph_set_int(graph, "axis", 1);
    hn_value own = column(row, t, graph), at = column(s->product, t, graph);
    hn_value change = HN_OP(graph, "Div", HN_OP(graph, "Sub", s->energy, at), own);
    hn_value size = HN_OP(graph, "Add", c->one, change);
    hn_value more = HN_OP(graph, "Add", HN_OP(graph, "Mul", change, own), HN_OP(graph, "Add", at, at));
    hn_value energy = HN_OP(graph, "Add", s->energy, HN_OP(graph, "Mul", change, more));
    hn_value step = HN_OP(graph, "Mul", change, hn_graph_doubles(graph, "only", 1, &c->k, only));
    hn_value product = HN_OP(graph, "Add", s->product, HN_OP(graph, "Mul", change, row));
    return (couple_state){.p = HN_OP(graph, "Div", HN_OP(graph, "Add", s->p, step), size),
                          .product = HN_OP(graph, "Div", product, size),
                          .energy = HN_OP(graph, "Div", HN_OP(graph, "Div", energy, size), size)};
}

/* (rows, k), of the same in the round before. *again: whether a row was not close enough yet. Rows that were
 * stay as they are. */
static hn_value round_of(const coupling *c, hn_value before, hn_value *again, hn_graph *graph)
{
    static const int64_t first = 1, all[] = {0, 1};
    const double tolerance = 0.005 / (double)c->k;
    hn_value beside = HN_OP(graph, "Unsqueeze", before, hn_graph_ints(graph, "middle", 1, &first));
    hn_value axis = hn_graph_ints(graph, "columns", 1, (int64_t[]){2});
    couple_state s = {.p = before,
                      .product = HN_OP(graph, "ReduceSum", HN_OP(graph, "Mul", c->q, beside), axis)};
    hn_graph_set_int(graph, "keepdims", 0);
    s.energy = sum(c, HN_OP(graph, "Mul", s.p, s.product), graph);
    hn_value off = HN_OP(graph, "Abs", HN_OP(graph, "Sub", s.product, s.energy));
    hn_value far = HN_OP(graph, "GreaterOrEqual", off, hn_graph_double(graph, "tolerance", tolerance));
    far.type = HN_VALUE_BOOL;
    hn_value count = sum(c, hn_graph_cast(graph, far, HN_VALUE_DOUBLE), graph);
    hn_value active = HN_OP(graph, "Greater", count, hn_graph_double(graph, "none", 0));
    active.type = HN_VALUE_BOOL;
    for (size_t t = 0; t < c->k; t++)
        s = change_one(c, &s, t, graph);
    hn_value after = HN_OP(graph, "Where", active, s.p, before);
    after.type = HN_VALUE_DOUBLE;
    hn_value rows = HN_OP(graph, "ReduceSum", count, hn_graph_ints(graph, "all", 2, all));
    hn_graph_set_int(graph, "keepdims", 0);
    *again = HN_OP(graph, "Greater", rows, hn_graph_double(graph, "none", 0));
    again->type = HN_VALUE_BOOL;
    return after;
}

/* (rows, k) of pairwise probabilities (rows, pairs). */
static hn_value couple(const hn_svm *svm, hn_value p, hn_graph *graph)
{
    static const int64_t second = 1;
    const size_t k = svm->n_present, dim[] = {hn_svm_pairs(svm), k};
    const int64_t most = k > 100 ? (int64_t)k : 100;
    coupling c = {.k = k, .q = make_q(svm, p, graph)};
    c.one = hn_graph_double(graph, "one", 1);
    c.last = hn_graph_ints(graph, "last", 1, &second);
    double *nothing = hn_graph_room(graph, dim[0] * k, sizeof *nothing);
    hn_value joint = HN_OP(graph, "MatMul", p, hn_graph_doubles(graph, "nothing", 2, dim, nothing)), again;
    joint = HN_OP(graph, "Add", joint, hn_graph_double(graph, "equal", 1 / (double)k));
    hn_graph_loop_begin(graph, most, &joint);
    joint = round_of(&c, joint, &again, graph);
    return hn_graph_loop_end(graph, joint, again);
}

hn_value hn_svm_probability_graph(const hn_svm *svm, hn_value decisions, hn_graph *graph)
{
    hn_value first = pairwise(svm, decisions, graph), joint;
    if (svm->n_present == 2) {
        hn_value second = HN_OP(graph, "Sub", hn_graph_double(graph, "one", 1), first);
        joint = HN_OP(graph, "Concat", first, second);
        hn_graph_set_int(graph, "axis", 1);
    } else {
        joint = couple(svm, first, graph);
    }
    return hn_svm_spread(svm, joint, graph);
}
