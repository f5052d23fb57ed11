/* What is refused when a network is made, what is drawn at first, and that memory may run out anywhere. */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "network/initialise.h"
#include "network/network.h"
#include "support.h"

static hone_error err;

static hone_status build(hn_arena *arena, const char *layers, hn_shape in, hn_network **network)
{
    hn_node *node;
    hone_status status = hn_yaml_parse(arena, "layers", layers, strlen(layers), &node, &err);
    return status ? status : hn_network_create(node, &in, network, &err);
}

static hn_network *made(hn_arena *arena, const char *layers, hn_shape in)
{
    hn_network *network = NULL;
    ck_assert_msg(!build(arena, layers, in, &network), "%s: %s", layers, err.message);
    return network;
}

/* --- errors --- */

static const struct {
    const char *layers;
    hn_shape in;
    hone_status status;
    const char *says;
} wrong[] = {
    {"3", {1, {4}}, HONE_INVALID, "layers: a list of layers is needed"},
    {"[]", {1, {4}}, HONE_INVALID, "layers: a list of layers is needed"},
    {"[{dense: 2}, 3]", {1, {4}}, HONE_INVALID, "layer 2: it must be a map of a layer and its options"},
    {"[{dens: 2}]",
     {1, {4}},
     HONE_NOT_FOUND,
     "layer 1: there is no layer 'dens' (did you mean 'dense'?); there are "},
    {"[{dense: {unit: 2}}]",
     {1, {4}},
     HONE_INVALID,
     "dense_1 has no option 'unit' (did you mean 'units'?); its options are units, activation, init, bias, l1, l2"},
    {"[{dense: 2}, {dense: {units: 2, activation: rely}}]", {1, {4}}, HONE_INVALID, "dense_2"},
    {"[{dense: 0}]", {1, {4}}, HONE_INVALID, "units"},
    {"[dense]", {1, {4}}, HONE_INVALID, "layer 1, dense: units, the number of outputs, is missing"},
    {"[{conv2d: 8}]",
     {1, {784}},
     HONE_INVALID,
     "layer 1, conv2d: it gets 784 and needs an image, channels x height x width"},
    {"[{conv2d: 8}, {dense: 3}]",
     {3, {1, 28, 28}},
     HONE_INVALID,
     "layer 2, dense: it gets 8 x 26 x 26 and needs features, or steps x features: put flatten"},
    {"[{lstm: 4}]",
     {1, {10}},
     HONE_INVALID,
     "layer 1, lstm: it gets 10 and needs a sequence, steps x features"},
    {"[{gru: {units: 4}}, {gru: 2}]",
     {2, {9, 3}},
     HONE_INVALID,
     "layer 2, gru: it gets 4 and needs a sequence"},
    {"[{embedding: {dim: 3, vocabulary: 9}}]",
     {2, {9, 3}},
     HONE_INVALID,
     "it gets 9 x 3 and needs a row of tokens"},
    {"[{embedding: {dim: 3}}]", {1, {9}}, HONE_INVALID, "vocabulary, the number of tokens, is missing"},
    {"[{embedding: {dim: 3, vocabulary: 0}}]", {1, {9}}, HONE_INVALID, "vocabulary"},
    {"[{max_pool: 3}]",
     {3, {1, 2, 9}},
     HONE_INVALID,
     "its window of 3 x 3 does not fit into an image of 2 x 9"},
    {"[{max_pool: [2, 0]}]",
     {3, {1, 9, 9}},
     HONE_INVALID,
     "its window must be a whole number from 1 to 4096"},
    {"[{conv2d: {filters: 2, strides: x}}]",
     {3, {1, 9, 9}},
     HONE_INVALID,
     "its stride must be a whole number"},
    {"[{conv2d: {filters: 3, groups: 2}}]",
     {3, {2, 9, 9}},
     HONE_INVALID,
     "its 2 input channels and 3 filters must both be multiples of its 2 groups"},
    {"[{global_average_pool: null}]", {1, {4}}, HONE_INVALID, "layer 1, global_average_pool: it gets 4"},
    {"[{dropout: {rate: 0.5, l1: 0.1}}]",
     {1, {4}},
     HONE_INVALID,
     "dropout_1 has no option 'l1'; its options are rate"},
    {"[{dropout: 1}]", {1, {4}}, HONE_INVALID, "dropout_1"},
    {"[{dense: {units: 2, l2: -1}}]", {1, {4}}, HONE_INVALID, "l2"},
    {"[{dense: 1048576}, {dense: 1048576}]",
     {1, {4}},
     HONE_LIMIT,
     "layer dense_2: its weight has more than 2^31"},
    {"[{dense: 30000}, {dense: 40000}, {dense: 30000}]",
     {1, {4}},
     HONE_LIMIT,
     "layer dense_3: the network has more than 2^31 values"},
    {"[{embedding: {dim: 65536, vocabulary: 3}}]",
     {1, {65536}},
     HONE_LIMIT,
     "layer 1, embedding: of one sample it makes more than 2^31 values"},
    {"[flatten]", {3, {1 << 20, 1 << 20, 1 << 20}}, HONE_LIMIT, "more than 2^31 values"},
    {"[flatten]", {2, {4, 0}}, HONE_INVALID, "the samples have no values"},
};

START_TEST(errors_say_what_is_wrong)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_network *network = NULL;
    ck_assert_int_eq(build(&arena, wrong[_i].layers, wrong[_i].in, &network), wrong[_i].status);
    hn_assert_contains(err.message, wrong[_i].says);
    ck_assert_ptr_null(network);
    hn_arena_release(&arena);
}
END_TEST

START_TEST(there_are_at_most_a_thousand_layers)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_node *list = hn_node_list(&arena);
    hn_network *network;
    for (int i = 0; i <= 1000; i++)
        list = hn_list_append(&arena, list, hn_node_string(&arena, "flatten"));
    ck_assert_int_eq(hn_network_create(list, &(hn_shape){1, {4}}, &network, &err), HONE_LIMIT);
    hn_assert_contains(err.message, "there are more than 1000");
    hn_arena_release(&arena);
}
END_TEST

START_TEST(shapes_follow_each_other)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_network *network =
        made(&arena,
             "[{conv2d: {filters: 8, activation: relu}}, {max_pool: 2}, batch_norm, flatten,"
             " {dropout: 0.2}, {dense: {units: 10, activation: softmax}}]",
             (hn_shape){3, {3, 32, 32}});
    static const char *const names[] = {"conv2d_1",  "max_pool_1", "batch_norm_1", "flatten_1",
                                        "dropout_1", "dense_1",    "activation_1"};
    static const char *const shapes[] = {"8 x 30 x 30", "8 x 15 x 15", "8 x 15 x 15", "1800",
                                         "1800",        "10",          "10"};
    ck_assert_uint_eq(hn_network_count(network), 7);
    for (size_t i = 0; i < 7; i++) {
        hn_buffer text = HN_BUFFER_INIT;
        hn_shape_text(&text, &hn_network_at(network, i)->plan.out);
        ck_assert_str_eq(hn_network_at(network, i)->name, names[i]);
        ck_assert_str_eq(hn_buffer_string(&text), shapes[i]);
        hn_buffer_release(&text);
    }
    ck_assert_uint_eq(hn_network_trainable(network), 8 * 27 + 8 + 16 + 18000 + 10);
    ck_assert_uint_eq(hn_network_size(network), hn_network_trainable(network) + 16);
    hn_network_destroy(network);
    hn_arena_release(&arena);
}
END_TEST

/* --- tokens --- */

START_TEST(an_input_that_is_no_token_is_refused)
{
    static const float bad[] = {3, -1, 0.5F, NAN, INFINITY};
    hn_arena arena = HN_ARENA_INIT;
    hn_network *network = made(&arena, "[{embedding: {dim: 2, vocabulary: 3}}]", (hn_shape){1, {2}});
    const float *out;
    ck_assert(!hn_network_init(network, 1, &err));
    ck_assert(!hn_network_open(network, 1, false, &err));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        float in[] = {2, bad[i]};
        ck_assert_int_eq(hn_network_forward(network, in, 1, false, 0, true, &out, &err), HONE_INVALID);
        hn_assert_contains(err.message, "layer embedding_1: ");
        hn_assert_contains(err.message, "tokens are whole numbers from 0 to 2");
    }
    hn_network_destroy(network);
    hn_arena_release(&arena);
}
END_TEST

/* --- first values --- */

enum { INPUTS = 60, OUTPUTS = 40 };

/* 2400 draws: a variance is off by more than 20 % of it less than once in 10^9 (five times its deviation,
 * which is 4 % for normal draws and less for uniform ones). */
START_TEST(first_values_have_the_variance_of_their_kind)
{
    static const double variances[] = {2.0 / 100, 2.0 / 100, 2.0 / 60, 2.0 / 60, 1.0 / 60, 1.0 / 60};
    const int kind = _i;
    float values[INPUTS * OUTPUTS];
    double sum = 0, square = 0, most = 0;
    hn_random random = hn_random_stream(3, (uint64_t)kind, HN_PURPOSE_TEST);
    hn_initialise((hn_initialisation)kind, &random, INPUTS, OUTPUTS, INPUTS, OUTPUTS, values);
    for (size_t i = 0; i < INPUTS * OUTPUTS; i++) {
        sum += values[i];
        square += (double)values[i] * values[i];
        most = fmax(most, fabsf(values[i]));
    }
    double n = INPUTS * OUTPUTS, deviation = sqrt(variances[kind]);
    hn_assert_relative(square / n, variances[kind], 0.2);
    hn_assert_absolute(sum / n, 0, 6 * deviation / sqrt(n));
    bool uniform = kind % 2 == 0;
    ck_assert_int_eq(most <= deviation * sqrt(3) * (1 + 1e-6), uniform);
}
END_TEST

/* Of (rows, columns) the fewer are orthonormal. */
static void check_orthogonal(size_t rows, size_t columns)
{
    float values[INPUTS * OUTPUTS];
    hn_random random = hn_random_stream(3, rows, HN_PURPOSE_TEST);
    hn_initialise(HN_ORTHOGONAL, &random, rows, columns, rows, columns, values);
    size_t count = rows < columns ? rows : columns, length = rows + columns - count;
    size_t across = rows <= columns ? columns : 1, along = rows <= columns ? 1 : columns;
    for (size_t a = 0; a < count; a++)
        for (size_t b = 0; b <= a; b++) {
            double product = 0;
            for (size_t i = 0; i < length; i++)
                product += (double)values[a * across + i * along] * values[b * across + i * along];
            hn_assert_absolute(product, a == b, 1e-5);
        }
}

START_TEST(orthogonal_values_are)
{
    check_orthogonal(20, 60);
    check_orthogonal(60, 20);
    check_orthogonal(40, 40);
}
END_TEST

START_TEST(the_same_seed_draws_the_same_values)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_network *network[3];
    static const uint64_t seeds[] = {5, 5, 6};
    for (size_t i = 0; i < 3; i++) {
        network[i] = made(&arena, "[{dense: 8}, {dense: 8}]", (hn_shape){1, {8}});
        ck_assert(!hn_network_init(network[i], seeds[i], &err));
    }
    const float *a = hn_network_values(network[0]), *b = hn_network_values(network[1]),
                *c = hn_network_values(network[2]);
    size_t bytes = hn_network_size(network[0]) * sizeof *a;
    ck_assert(!memcmp(a, b, bytes));
    ck_assert(memcmp(a, c, bytes));
    ck_assert(memcmp(a, a + 72, 64 * sizeof *a)); /* layers draw different values */
    for (size_t i = 0; i < 3; i++)
        hn_network_destroy(network[i]);
    hn_arena_release(&arena);
}
END_TEST

/* --- dropout --- */

/* 40 000 draws: the share is off by more than 0.012 less than once in 10^6. */
START_TEST(dropout_drops_its_share_and_keeps_the_mean)
{
    enum { N = 100, WIDTH = 400 };
    static float in[N * WIDTH];
    hn_arena arena = HN_ARENA_INIT;
    hn_network *network = made(&arena, "[{dropout: 0.3}, {dropout: 0}]", (hn_shape){1, {WIDTH}});
    const float *out;
    size_t dropped = 0, changed = 0;
    for (size_t i = 0; i < N * WIDTH; i++)
        in[i] = 1;
    ck_assert(!hn_network_init(network, 2, &err) && !hn_network_open(network, N, false, &err));
    ck_assert(!hn_network_forward(network, in, N, true, 1, true, &out, &err));
    float *first = hn_calloc(N * WIDTH, sizeof *first);
    memcpy(first, out, sizeof in);
    for (size_t i = 0; i < N * WIDTH; i++) {
        ck_assert(out[i] == 0 || fabsf(out[i] - 1 / 0.7F) < 1e-6F);
        dropped += out[i] == 0;
    }
    hn_assert_absolute((double)dropped / (N * WIDTH), 0.3, 0.012);
    ck_assert(!hn_network_forward(network, in, N, true, 2, true, &out, &err));
    for (size_t i = 0; i < N * WIDTH; i++)
        changed += out[i] != first[i];
    hn_assert_absolute((double)changed / (N * WIDTH), 2 * 0.3 * 0.7, 0.015); /* another step, other draws */
    ck_assert(!hn_network_forward(network, in, N, true, 1, true, &out, &err));
    ck_assert(!memcmp(out, first, sizeof in));
    ck_assert(!hn_network_forward(network, in, N, false, 1, true, &out, &err));
    ck_assert(!memcmp(out, in, sizeof in));
    hn_free(first);
    hn_network_destroy(network);
    hn_arena_release(&arena);
}
END_TEST

/* --- memory --- */

static hone_status make_and_pass(hn_arena *arena)
{
    static const char layers[] =
        "[{conv2d: {filters: 2, activation: gelu}}, {max_pool: 2}, flatten, {dropout: 0.5},"
        " {dense: {units: 3, activation: softmax}}]";
    float in[64] = {0}, d[6] = {0}, *gradients;
    const float *out;
    hn_network *network = NULL;
    hone_status status = build(arena, layers, (hn_shape){3, {1, 4, 8}}, &network);
    if (!status)
        status = hn_network_init(network, 1, &err);
    if (!status)
        status = hn_network_open(network, 2, true, &err);
    if (!status)
        status = hn_network_forward(network, in, 2, true, 1, true, &out, &err);
    if (!status)
        status = hn_network_backward(network, d, &gradients, &err);
    hn_network_destroy(network);
    return status;
}

START_TEST(memory_may_run_out_anywhere)
{
    long made;
    hn_arena first = HN_ARENA_INIT;
    ck_assert(!make_and_pass(&first)); /* BLAS is loaded once */
    hn_arena_release(&first);
    for (long k = 0;; k++) {
        hn_arena arena = HN_ARENA_INIT;
        hn_memory_fail_at(k, k % 2);
        hone_status status = make_and_pass(&arena);
        made = hn_memory_fail_at(-1, 0);
        hn_arena_release(&arena);
        ck_assert_int_eq(status, made > k ? HONE_OUT_OF_MEMORY : HONE_OK);
        if (made <= k)
            break;
    }
    ck_assert_int_gt(made, 10);
}
END_TEST

/* What the graphs compute is compared in tests/cli/test_export.py. */
START_TEST(every_layer_can_be_a_graph)
{
    for (size_t i = 0; hn_layer_at(i); i++)
        ck_assert_msg(hn_layer_at(i)->graph, "%s", hn_layer_at(i)->name);
}
END_TEST

Suite *suite_build(void)
{
    Suite *suite = suite_create("build");
    TCase *errors = tcase_create("errors"), *values = tcase_create("values");
    tcase_add_loop_test(errors, errors_say_what_is_wrong, 0, sizeof wrong / sizeof *wrong);
    tcase_add_test(errors, there_are_at_most_a_thousand_layers);
    tcase_add_test(errors, an_input_that_is_no_token_is_refused);
    tcase_add_test(errors, memory_may_run_out_anywhere);
    tcase_add_test(values, shapes_follow_each_other);
    tcase_add_loop_test(values, first_values_have_the_variance_of_their_kind, 0, HN_LECUN_NORMAL + 1);
    tcase_add_test(values, orthogonal_values_are);
    tcase_add_test(values, every_layer_can_be_a_graph);
    tcase_add_test(values, the_same_seed_draws_the_same_values);
    tcase_add_test(values, dropout_drops_its_share_and_keeps_the_mean);
    suite_add_tcase(suite, errors);
    suite_add_tcase(suite, values);
    return suite;
}
