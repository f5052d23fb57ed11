/* What the tree models add to the contract: options, weights, probabilities, out-of-bag scores, stopping
 * early. */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "math/random.h"
#include "model/model.h"
#include "model/tree_model.h"
#include "model/tree_options.h"
#include "support.h"

enum { ROWS = 200, COLUMNS = 4 };

static hone_error error;
static hn_arena arena, scratch;
static double x[ROWS * COLUMNS], y_class[ROWS], y_value[ROWS];
static const char *const classes[] = {"a", "b", "c"};

static void setup(void)
{
    hn_random random = hn_random_stream(11, 0, HN_PURPOSE_TEST);
    for (size_t i = 0; i < ROWS; i++) {
        double *row = x + i * COLUMNS;
        for (size_t j = 0; j < COLUMNS; j++)
            row[j] = hn_random_normal(&random);
        y_value[i] = 3 * row[1] + row[2] * row[2] + 0.2 * row[0];
        y_class[i] = y_value[i] > 2 ? 2 : y_value[i] > -1 ? 1 : 0;
    }
}

static void teardown(void)
{
    hn_arena_release(&arena);
    hn_arena_release(&scratch);
}

static hn_design design_of(size_t n_classes)
{
    return (hn_design){.x = x,
                       .n = ROWS,
                       .d = COLUMNS,
                       .y = n_classes ? y_class : y_value,
                       .n_classes = n_classes,
                       .classes = n_classes ? classes : NULL};
}

static hone_status fit(const char *name, const char *options, const hn_design *train, void **fitted)
{
    const hn_model_type *type = hn_model_find(name);
    hn_node *given = NULL;
    ck_assert_int_eq(hn_yaml_parse(&arena, "options", options, strlen(options), &given, &error), HONE_OK);
    void *config = hn_arena_alloc(&arena, 1, type->options.config_size);
    hn_fit_context context = {.seed = 4, .scratch = &scratch};
    hone_status status = hn_model_configure(
        type, train->n_classes ? HN_TASK_CLASSIFICATION : HN_TASK_REGRESSION, &arena, given, config, &error);
    return status ? status : type->fit(config, train, &context, fitted, &error);
}

static void *must_fit(const char *name, const char *options, const hn_design *train)
{
    void *fitted = NULL;
    ck_assert_msg(fit(name, options, train, &fitted) == HONE_OK, "%s", error.message);
    return fitted;
}

static void refuses(const char *name, const char *options, size_t n_classes, const char *part)
{
    hn_design train = design_of(n_classes);
    void *fitted = NULL;
    ck_assert_int_eq(fit(name, options, &train, &fitted), HONE_INVALID);
    hn_assert_contains(error.message, name);
    hn_assert_contains(error.message, part);
}

START_TEST(features_are_counts_fractions_or_names)
{
    ck_assert_uint_eq(hn_tree_features(NULL, "sqrt", 20), 20);
    ck_assert_uint_eq(hn_tree_features(hn_node_string(&arena, "auto"), "sqrt", 20), 4);
    ck_assert_uint_eq(hn_tree_features(hn_node_string(&arena, "log2"), "all", 20), 4);
    ck_assert_uint_eq(hn_tree_features(hn_node_string(&arena, "all"), "sqrt", 20), 20);
    ck_assert_uint_eq(hn_tree_features(hn_node_integer(&arena, 1), "all", 20), 1);
    ck_assert_uint_eq(hn_tree_features(hn_node_integer(&arena, 50), "all", 20), 20);
    ck_assert_uint_eq(hn_tree_features(hn_node_real(&arena, 1), "sqrt", 20), 20);
    ck_assert_uint_eq(hn_tree_features(hn_node_real(&arena, 0.3), "all", 20), 6);
    ck_assert_uint_eq(hn_tree_features(hn_node_real(&arena, 0.01), "all", 20), 1);
}
END_TEST

START_TEST(options_are_checked)
{
    refuses("random_forest", "max_features: 1.5", 3, "max_features");
    refuses("random_forest", "max_features: 0", 3, "max_features");
    refuses("random_forest", "criterion: gini", 0, "squared_error");
    refuses("decision_tree", "criterion: mse", 3, "gini");
    refuses("extra_trees", "oob_score: true", 3, "bootstrap");
    refuses("random_forest", "class_weight: balanced", 0, "classification only");
    refuses("random_forest", "class_weight: {a: 2, z: 1}", 3, "\"z\"");
    refuses("random_forest", "class_weight: {a: 0}", 3, "class a");
    refuses("gradient_boosting", "max_features: many", 3, "max_features");
    refuses("gradient_boosting", "{n_iter_no_change: 3, validation_fraction: 0.001}", 0,
            "validation_fraction");
}
END_TEST

static double accuracy(const hn_model_type *type, const void *fitted, const hn_design *rows)
{
    double out[ROWS], right = 0;
    ck_assert_int_eq(type->predict(fitted, rows, out, &error), HONE_OK);
    for (size_t i = 0; i < ROWS; i++)
        right += out[i] == rows->y[i];
    return right / ROWS;
}

START_TEST(whole_trees_learn_their_rows)
{
    static const char *const names[] = {"decision_tree", "random_forest", "extra_trees"};
    for (size_t i = 0; i < 3; i++) {
        hn_design train = design_of(3);
        const hn_model_type *type = hn_model_find(names[i]);
        void *fitted = must_fit(names[i], "max_depth: null", &train);
        double importance[COLUMNS], sum = 0;
        ck_assert(accuracy(type, fitted, &train) > 0.99);
        ck_assert_int_eq(type->importance(fitted, importance, COLUMNS, &error), HONE_OK);
        for (size_t j = 0; j < COLUMNS; j++)
            sum += importance[j];
        hn_assert_absolute(sum, 1, 1e-12);
        ck_assert(importance[1] > importance[2] && importance[2] > importance[3]);
        type->destroy(fitted);
    }
}
END_TEST

/* A row of weight 3 is the row three times; one of weight 0 is none. */
START_TEST(weights_are_repetitions)
{
    static double repeated[3 * ROWS * COLUMNS], targets[3 * ROWS], weight[ROWS];
    size_t n = 0;
    for (size_t i = 0; i < ROWS; i++) {
        weight[i] = (double)(i % 4);
        for (size_t k = 0; k < i % 4; k++, n++) {
            memcpy(repeated + n * COLUMNS, x + i * COLUMNS, COLUMNS * sizeof *x);
            targets[n] = y_class[i];
        }
    }
    hn_design weighted = design_of(3), rows = design_of(3), all = design_of(3);
    weighted.weight = weight;
    rows.x = repeated;
    rows.y = targets;
    rows.n = n;
    const hn_model_type *type = hn_model_find("decision_tree");
    void *a = must_fit("decision_tree", "max_depth: 4", &weighted);
    void *b = must_fit("decision_tree", "max_depth: 4", &rows);
    double of_a[ROWS * 3], of_b[ROWS * 3];
    ck_assert_int_eq(type->predict_proba(a, &all, of_a, &error), HONE_OK);
    ck_assert_int_eq(type->predict_proba(b, &all, of_b, &error), HONE_OK);
    for (size_t i = 0; i < ROWS * 3; i++)
        hn_assert_absolute(of_a[i], of_b[i], 1e-12);
    type->destroy(a);
    type->destroy(b);
}
END_TEST

START_TEST(out_of_bag_scores_are_honest)
{
    hn_design train = design_of(3), values = design_of(0);
    void *fitted = must_fit("random_forest", "{oob_score: true}", &train);
    double score = hn_tree_model_oob_score(fitted);
    ck_assert(score > 0.75 && score < 0.99);
    hn_tree_model_destroy(fitted);
    fitted = must_fit("random_forest", "{oob_score: true}", &values);
    score = hn_tree_model_oob_score(fitted);
    ck_assert(score > 0.7 && score < 0.99);
    hn_tree_model_destroy(fitted);
    fitted = must_fit("random_forest", "{}", &train);
    ck_assert(isnan(hn_tree_model_oob_score(fitted)));
    hn_tree_model_destroy(fitted);
}
END_TEST

/* The size of a saved model's list of trees. */
static size_t n_trees(const char *options, const hn_design *train)
{
    const hn_model_type *type = hn_model_find("gradient_boosting");
    void *fitted = must_fit("gradient_boosting", options, train);
    hn_model_state state;
    ck_assert_int_eq(type->save(fitted, &arena, &state, &error), HONE_OK);
    size_t n = hn_tensor_find(state.tensors, state.n_tensors, "tree_sizes", 1)->shape[0];
    type->destroy(fitted);
    return n;
}

START_TEST(boosting_stops_when_nothing_improves)
{
    hn_design train = design_of(3), values = design_of(0);
    ck_assert_uint_eq(n_trees("{n_estimators: 30}", &train), 90);
    size_t stopped = n_trees("{n_estimators: 500, n_iter_no_change: 3, learning_rate: 0.5}", &train);
    ck_assert(stopped < 300 && stopped % 3 == 0);
    ck_assert_uint_lt(n_trees("{n_estimators: 500, n_iter_no_change: 3, tol: 0.1}", &values), 400);
}
END_TEST

START_TEST(boosting_learns_from_parts)
{
    hn_design train = design_of(3);
    const hn_model_type *type = hn_model_find("gradient_boosting");
    void *whole = must_fit("gradient_boosting", "{n_estimators: 50}", &train);
    void *parts =
        must_fit("gradient_boosting", "{n_estimators: 50, subsample: 0.5, max_features: sqrt}", &train);
    double a[ROWS * 3], b[ROWS * 3];
    ck_assert(accuracy(type, whole, &train) > 0.97);
    ck_assert(accuracy(type, parts, &train) > 0.95);
    ck_assert_int_eq(type->predict_proba(whole, &train, a, &error), HONE_OK);
    ck_assert_int_eq(type->predict_proba(parts, &train, b, &error), HONE_OK);
    ck_assert(memcmp(a, b, sizeof a) != 0);
    type->destroy(whole);
    type->destroy(parts);
}
END_TEST

Suite *suite_tree_models(void)
{
    Suite *suite = suite_create("tree_models");
    TCase *models = tcase_create("models");
    tcase_add_checked_fixture(models, setup, teardown);
    tcase_add_test(models, features_are_counts_fractions_or_names);
    tcase_add_test(models, options_are_checked);
    tcase_add_test(models, whole_trees_learn_their_rows);
    tcase_add_test(models, weights_are_repetitions);
    tcase_add_test(models, out_of_bag_scores_are_honest);
    tcase_add_test(models, boosting_stops_when_nothing_improves);
    tcase_add_test(models, boosting_learns_from_parts);
    suite_add_tcase(suite, models);
    return suite;
}
