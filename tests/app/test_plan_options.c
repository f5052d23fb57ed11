/* Search expressions inside a model's options. */
#include <string.h>

#include "app/plan.h"
#include "support.h"

static hn_node *parse(hn_arena *arena, const char *text)
{
    hn_node *node = NULL;
    hone_error err;
    ck_assert_msg(!hn_yaml_parse(arena, "test", text, strlen(text), &node, &err), "%s", err.message);
    return node;
}

static const char *json(hn_arena *arena, const hn_node *node)
{
    hn_buffer text = HN_BUFFER_INIT;
    ck_assert_ptr_nonnull(node);
    hn_json_write(&text, node, HN_JSON_STRICT);
    const char *copy = hn_arena_strdup(arena, hn_buffer_string(&text));
    hn_buffer_release(&text);
    return copy;
}

static const char options[] = "C: {float: [0.1, 10], log: true}\n"
                              "kernel: {choice: [rbf, linear], name: k}\n"
                              "class_weight: {a: 1, b: {float: [1, 2]}}\n"
                              "degree: 3\n"
                              "layers: [{units: {int: [1, 8]}}, 10, {float: [0, 1], when: k == rbf}]\n";

START_TEST(expressions_get_names_from_their_paths)
{
    hn_arena arena = HN_ARENA_INIT;
    hone_error err;
    hn_node *space = hn_node_map(&arena);
    ck_assert_msg(!hn_options_collect(&arena, parse(&arena, options), space, &err), "%s", err.message);
    ck_assert_str_eq(json(&arena, space),
                     "{\"C\":{\"float\":[0.1,10],\"log\":true},\"k\":{\"choice\":[\"rbf\",\"linear\"]},"
                     "\"class_weight.b\":{\"float\":[1,2]},\"layers.0.units\":{\"int\":[1,8]},"
                     "\"layers.2\":{\"float\":[0,1],\"when\":\"k == rbf\"}}");
    hn_arena_release(&arena);
}
END_TEST

START_TEST(values_take_the_places_of_expressions)
{
    hn_arena arena = HN_ARENA_INIT;
    const hn_node *tree = parse(&arena, options);
    const hn_node *params =
        parse(&arena, "{C: 2.5, k: rbf, class_weight.b: 1.5, layers.0.units: 4, layers.2: 0.5}");
    ck_assert_str_eq(json(&arena, hn_options_substitute(&arena, tree, params)),
                     "{\"C\":2.5,\"kernel\":\"rbf\",\"class_weight\":{\"a\":1,\"b\":1.5},\"degree\":3,"
                     "\"layers\":[{\"units\":4},10,0.5]}");
    const hn_node *fewer = parse(&arena, "{C: 1, k: linear, layers.0.units: 2}");
    ck_assert_str_eq(
        json(&arena, hn_options_substitute(&arena, tree, fewer)),
        "{\"C\":1,\"kernel\":\"linear\",\"class_weight\":{\"a\":1},\"degree\":3,\"layers\":[{\"units\":2},10]}");
    ck_assert_str_eq(json(&arena, hn_options_substitute(&arena, NULL, fewer)), "{}");
    hn_arena_release(&arena);
}
END_TEST

START_TEST(two_expressions_of_one_name_are_refused)
{
    hn_arena arena = HN_ARENA_INIT;
    hone_error err;
    const hn_node *tree = parse(&arena, "a: {float: [0, 1], name: x}\nb: {float: [0, 1], name: x}\n");
    ck_assert_int_eq(hn_options_collect(&arena, tree, hn_node_map(&arena), &err), HONE_INVALID);
    hn_assert_contains(err.message, "test:2:4: b: the name 'x' is taken");
    tree = parse(&arena, "a: {float: [0, 1], name: 3}\n");
    ck_assert_int_eq(hn_options_collect(&arena, tree, hn_node_map(&arena), &err), HONE_INVALID);
    hn_assert_contains(err.message, "name must be a text");
    hn_arena_release(&arena);
}
END_TEST

static hone_plan *model_plan(const char *model)
{
    hone_plan *plan = NULL;
    hone_error err;
    ck_assert(!hone_plan_create(&plan, &err));
    ck_assert(!hone_plan_set_text(plan, "data", "iris.csv", "test", &err));
    ck_assert(!hone_plan_set(plan, "model", model, "test", &err));
    ck_assert_msg(!hone_plan_check(plan, &err), "%s", err.message);
    return plan;
}

START_TEST(a_model_without_expressions_has_its_own_space)
{
    hone_plan *plan = model_plan("svm");
    ck_assert_uint_eq(plan->space->count, 3);
    hone_plan_destroy(plan);
    plan = model_plan("{type: svm, kernel: linear, degree: 2}");
    size_t kernel = hn_space_find(plan->space, "kernel");
    ck_assert_uint_eq(plan->space->count, 3);
    ck_assert(hn_distribution_is_constant(&plan->space->parameters[kernel].distribution));
    ck_assert_uint_eq(hn_space_find(plan->space, "degree"), SIZE_MAX);
    ck_assert_str_eq(hn_map_get(plan->model.options, "kernel")->as.string, "linear");
    hone_plan_destroy(plan);
}
END_TEST

START_TEST(a_condition_may_name_a_fixed_option)
{
    hone_plan *plan = model_plan("{type: svm, kernel: rbf, gamma: {float: [0.1, 1], when: kernel == rbf}}");
    ck_assert_uint_eq(plan->space->count, 2);
    hone_plan_destroy(plan);
}
END_TEST

static const char repeated[] =
    "layers: [{repeat: {int: [1, 3], name: depth}, dense: {units: {int: [8, 64]}, act: relu},"
    " drop: {float: [0, 1], name: rate, when: k == a}}, {repeat: 2, conv: {float: [0, 1]}}]\n";

START_TEST(repeated_items_have_parameters_of_their_own)
{
    hn_arena arena = HN_ARENA_INIT;
    hone_error err;
    hn_node *space = hn_node_map(&arena);
    ck_assert_msg(!hn_options_collect(&arena, parse(&arena, repeated), space, &err), "%s", err.message);
    ck_assert_str_eq(
        json(&arena, space),
        "{\"depth\":{\"int\":[1,3]},\"units_0\":{\"int\":[8,64]},\"rate_0\":{\"float\":[0,1],\"when\":\"k == a\"},"
        "\"units_1\":{\"int\":[8,64],\"when\":\"depth > 1\"},"
        "\"rate_1\":{\"float\":[0,1],\"when\":\"(k == a) and depth > 1\"},"
        "\"units_2\":{\"int\":[8,64],\"when\":\"depth > 2\"},"
        "\"rate_2\":{\"float\":[0,1],\"when\":\"(k == a) and depth > 2\"},"
        "\"conv_0\":{\"float\":[0,1]},\"conv_1\":{\"float\":[0,1]}}");
    hn_arena_release(&arena);
}
END_TEST

START_TEST(repeated_items_are_as_many_as_their_parameter_says)
{
    hn_arena arena = HN_ARENA_INIT;
    const hn_node *tree = parse(&arena, repeated);
    const hn_node *params =
        parse(&arena, "{depth: 2, units_0: 8, units_1: 16, rate_0: 0.5, conv_0: 0.1, conv_1: 0.2}");
    ck_assert_str_eq(json(&arena, hn_options_substitute(&arena, tree, params)),
                     "{\"layers\":[{\"dense\":{\"units\":8,\"act\":\"relu\"},\"drop\":0.5},"
                     "{\"dense\":{\"units\":16,\"act\":\"relu\"}},{\"conv\":0.1},{\"conv\":0.2}]}");
    hn_arena_release(&arena);
}
END_TEST

START_TEST(a_repeat_that_is_no_number_is_refused)
{
    static const char *const wrong[] = {
        "layers: [{repeat: many, dense: 1}]", "layers: [{repeat: -1, dense: 1}]",
        "layers: [{repeat: {int: [0, 5000]}, dense: 1}]", "layers: [{repeat: {float: [0, 1]}, dense: 1}]",
        "layers: [{repeat: 2, inner: [{repeat: 2, dense: 1}]}]"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        hn_arena arena = HN_ARENA_INIT;
        hone_error err;
        ck_assert_msg(hn_options_collect(&arena, parse(&arena, wrong[i]), hn_node_map(&arena), &err) ==
                          HONE_INVALID,
                      "%s", wrong[i]);
        ck_assert_msg(strstr(err.message, "repeat") != NULL, "%s", err.message);
        hn_arena_release(&arena);
    }
}
END_TEST

/* What each trial would fail with is said when the plan is checked. */
START_TEST(values_inside_lists_are_judged)
{
    static const struct {
        const char *layers, *why; /* NULL: good */
    } cases[] = {
        {"[{dense: 8}, {dropout: {float: [0, 0.9]}}, output]", NULL},
        {"[{repeat: {int: [0, 3], name: n}, dense: {units: {int: [1, 9]}, activation: {choice: [relu, elu]}}}]",
         NULL},
        {"[{dropout: {float: [0, 1.5]}}, output]", "dropout_1: option 'rate' is 1.5"},
        {"[{dropout: {float: [-1, 0.5]}}, output]", "dropout_1: option 'rate' is -1"},
        {"[{dense: {units: {int: [0, 8]}}}, output]", "dense_1: option 'units' is 0"},
        {"[{dense: 0}, output]", "dense_1: option 'units' is 0"},
        {"[{dens: 8}, output]", "layer 1: there is no layer 'dens'"},
        {"[{dense: {units: 8, activation: {choice: [relu, rely]}}}, output]", "'rely'"},
        {"[{repeat: {int: [0, 3], name: n}, dense: {units: {int: [0, 9]}}}, output]", "option 'units' is 0"},
        {"[{repeat: 2, dense: {unit: 4}}, output]", "dense_1 has no option 'unit'"},
        {"8", "layers: it must be a list"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        hn_arena arena = HN_ARENA_INIT;
        hone_plan *plan = NULL;
        hone_error err;
        const char *text = hn_arena_printf(
            &arena, "{data: x.csv, model: {type: sequential, learning_rate: {float: [0.1, 1]}, layers: %s}}",
            cases[i].layers);
        ck_assert_msg(!hn_plan_from_node(parse(&arena, text), &plan, &err), "%s", err.message);
        hone_status status = hone_plan_check(plan, &err);
        if (cases[i].why) {
            ck_assert_int_ne(status, HONE_OK);
            hn_assert_contains(err.message, cases[i].why);
        } else {
            ck_assert_msg(!status, "%s", err.message);
        }
        hone_plan_destroy(plan);
        hn_arena_release(&arena);
    }
}
END_TEST

Suite *suite_plan_options(void)
{
    Suite *suite = suite_create("plan_options");
    TCase *expressions = tcase_create("expressions");
    tcase_add_test(expressions, expressions_get_names_from_their_paths);
    tcase_add_test(expressions, values_take_the_places_of_expressions);
    tcase_add_test(expressions, two_expressions_of_one_name_are_refused);
    tcase_add_test(expressions, a_model_without_expressions_has_its_own_space);
    tcase_add_test(expressions, a_condition_may_name_a_fixed_option);
    tcase_add_test(expressions, repeated_items_have_parameters_of_their_own);
    tcase_add_test(expressions, repeated_items_are_as_many_as_their_parameter_says);
    tcase_add_test(expressions, a_repeat_that_is_no_number_is_refused);
    tcase_add_test(expressions, values_inside_lists_are_judged);
    suite_add_tcase(suite, expressions);
    return suite;
}
