/* What the model xgboost adds to the contract: stopping early, cancelling between rounds, numbers that floats
 * cannot hold, files.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "math/random.h"
#include "model/boosting.h"
#include "model/xgboost.h"
#include "support.h"

enum { ROWS = 120, COLUMNS = 3 };

static hone_error error;
static hn_arena arena, scratch;
static double x[ROWS * COLUMNS], y_class[ROWS], y_value[ROWS];
static const char *const classes[] = {"a", "b", "c"};
static const hn_model_type *type;

static void setup(void)
{
    hn_random random = hn_random_stream(5, 0, HN_PURPOSE_TEST);
    type = hn_model_find("xgboost");
    for (size_t i = 0; i < ROWS; i++) {
        double *row = x + i * COLUMNS;
        for (size_t j = 0; j < COLUMNS; j++)
            row[j] = hn_random_normal(&random);
        y_value[i] = 3 * row[1] + hn_random_normal(&random);
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

static hone_status configure(const char *options, const hn_design *train, void **config)
{
    hn_node *given = NULL;
    hn_model_task task = train->n_classes ? HN_TASK_CLASSIFICATION : HN_TASK_REGRESSION;
    *config = hn_arena_alloc(&arena, 1, type->options.config_size);
    ck_assert_int_eq(hn_yaml_parse(&arena, "options", options, strlen(options), &given, &error), HONE_OK);
    return hn_model_configure(type, task, &arena, given, *config, &error);
}

static hone_status fit(const char *options, const hn_design *train, hn_fit_context context, void **fitted)
{
    void *config;
    hone_status status = configure(options, train, &config);
    context.scratch = &scratch;
    return status ? status : type->fit(config, train, &context, fitted, &error);
}

static hone_status extend(const char *options, const hn_design *train, void *before, void **extended)
{
    void *config;
    hone_status status = configure(options, train, &config);
    hn_fit_context context = {.seed = 3, .scratch = &scratch};
    return status ? status : type->extend(before, config, train, &context, extended, &error);
}

static hn_boosting *must_fit(const char *options, const hn_design *train)
{
    void *fitted = NULL;
    ck_assert_msg(fit(options, train, (hn_fit_context){.seed = 3}, &fitted) == HONE_OK, "%s", error.message);
    return fitted;
}

#define NEEDS_XGBOOST()                                                                                      \
    do {                                                                                                     \
        const char *library_;                                                                                \
        if (type->library(&library_, &error))                                                                \
            HN_SKIP("%s", error.message);                                                                    \
    } while (0)

START_TEST(stops_early_with_the_best_rounds)
{
    NEEDS_XGBOOST();
    hn_design values = design_of(0), three = design_of(3);
    hn_boosting *all = must_fit("{n_estimators: 300}", &values);
    ck_assert_uint_eq(all->trees.n_trees, 300);
    hn_boosting *some =
        must_fit("{n_estimators: 300, early_stopping_rounds: 5, validation_fraction: 0.25}", &values);
    ck_assert_uint_lt(some->trees.n_trees, 100);
    ck_assert_uint_gt(some->trees.n_trees, 1);
    hn_boosting *classified =
        must_fit("{n_estimators: 300, early_stopping_rounds: 5, validation_fraction: 0.25}", &three);
    ck_assert_uint_lt(classified->trees.n_trees, 300);
    ck_assert_uint_eq(classified->trees.n_trees % 3, 0);
    type->destroy(all);
    type->destroy(some);
    type->destroy(classified);
}
END_TEST

START_TEST(fewer_rounds_are_a_prefix)
{
    NEEDS_XGBOOST();
    hn_design values = design_of(0);
    hn_boosting *few = must_fit("{n_estimators: 7, subsample: 0.5, colsample: 0.7}", &values);
    hn_boosting *more = must_fit("{n_estimators: 20, subsample: 0.5, colsample: 0.7}", &values);
    for (size_t t = 0; t < few->trees.n_trees; t++) {
        const hn_tree *a = &few->trees.trees[t], *b = &more->trees.trees[t];
        ck_assert_uint_eq(a->n_nodes, b->n_nodes);
        ck_assert_mem_eq(a->nodes, b->nodes, a->n_nodes * sizeof *a->nodes);
        ck_assert_mem_eq(a->values, b->values, a->n_nodes * sizeof *a->values);
    }
    type->destroy(few);
    type->destroy(more);
}
END_TEST

/* Rows on a float's grid and between its points go where XGBoost's rounding sends them. */
START_TEST(cuts_where_floats_do)
{
    static const char text[] =
        "{\"nodeid\": 0, \"split\": \"f0\", \"split_condition\": 1, \"yes\": 1, \"no\": 2, "
        "\"gain\": 1, \"cover\": 2, \"children\": ["
        "{\"nodeid\": 1, \"leaf\": -1}, {\"nodeid\": 2, \"leaf\": 1}]}";
    const char *texts[] = {text};
    hn_boosting *model = hn_boosting_new("xgboost", 0, 1);
    ck_assert_msg(hn_xgboost_read_trees(texts, 1, model, &error) == HONE_OK, "%s", error.message);
    double rows[] = {1, 1 - 0x1p-24, 1 - 0x1p-25, 1 - 0x1p-25 - 0x1p-53, 0.5, 2}, out[6];
    hn_design design = {.x = rows, .n = 6, .d = 1};
    ck_assert_int_eq(type->predict(model, &design, out, &error), HONE_OK);
    for (size_t i = 0; i < 6; i++)
        ck_assert_double_eq(out[i], (float)rows[i] < 1 ? -1 : 1);
    type->destroy(model);
}
END_TEST

START_TEST(does_not_trust_what_the_library_says)
{
    static const char *const texts[] = {
        "",
        "[]",
        "{}",
        "{\"leaf\": \"x\"}",
        "{\"leaf\": NaN}",
        "{\"nodeid\": 0, \"split\": \"f9\", \"split_condition\": 1, \"yes\": 1, \"gain\": 1, "
        "\"children\": [{\"nodeid\": 1, \"leaf\": 1}, {\"nodeid\": 2, \"leaf\": 1}]}",
        "{\"nodeid\": 0, \"split\": \"x\", \"split_condition\": 1, \"yes\": 1, \"gain\": 1, "
        "\"children\": [{\"nodeid\": 1, \"leaf\": 1}, {\"nodeid\": 2, \"leaf\": 1}]}",
        "{\"nodeid\": 0, \"split\": \"f0\", \"split_condition\": 1, \"yes\": 1, \"gain\": 1, \"children\": [1, 2]}",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        hn_boosting *model = hn_boosting_new("xgboost", 0, 1);
        ck_assert_int_ne(hn_xgboost_read_trees(&texts[i], 1, model, &error), HONE_OK);
        type->destroy(model);
    }
}
END_TEST

START_TEST(refuses_what_floats_cannot_hold)
{
    NEEDS_XGBOOST();
    static double large[ROWS * COLUMNS];
    hn_design design = design_of(0);
    void *fitted = NULL;
    memcpy(large, x, sizeof large);
    large[4] = -1e39;
    design.x = large;
    ck_assert_int_eq(fit("{}", &design, (hn_fit_context){0}, &fitted), HONE_INVALID);
    hn_assert_contains(error.message, "model xgboost: row 1, column 1 is larger than 3.4e38");
    large[4] = 0;
    large[0] = 1e300;
    design = design_of(0);
    design.y = large;
    ck_assert_int_eq(fit("{}", &design, (hn_fit_context){0}, &fitted), HONE_INVALID);
    hn_assert_contains(error.message, "the target of row 0");
    large[0] = 1e30; /* fits, but its square does not */
    hone_status status = fit("{}", &design, (hn_fit_context){0}, &fitted);
    ck_assert(status == HONE_OK || status == HONE_INVALID);
    if (!status)
        type->destroy(fitted);
}
END_TEST

START_TEST(says_which_option_is_wrong)
{
    NEEDS_XGBOOST();
    static const char *const wrong[][2] = {
        {"{max_depth: 31}", "max_depth"},       {"{subsample: 0}", "subsample"},
        {"{colsample: 1.5}", "colsample"},      {"{gamma: -1}", "gamma"},
        {"{lambda: -0.1}", "lambda"},           {"{tree_method: gpu_hist}", "tree_method"},
        {"{n_estimators: 0}", "n_estimators"},  {"{early_stopping_rounds: 0}", "early_stopping_rounds"},
        {"{learning_rate: 0}", "learning_rate"}};
    hn_design design = design_of(2);
    void *fitted = NULL;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        ck_assert_int_eq(fit(wrong[i][0], &design, (hn_fit_context){0}, &fitted), HONE_INVALID);
        hn_assert_contains(error.message, wrong[i][1]);
    }
    design.n = 4;
    ck_assert_int_eq(fit("{early_stopping_rounds: 5}", &design, (hn_fit_context){0}, &fitted), HONE_INVALID);
    hn_assert_contains(error.message, "validation_fraction sets no row aside");
}
END_TEST

/* The naive way: one matrix of floats for all rows, from which the library makes its histograms. */
static hn_boosting *fit_floats(const hn_design *train, const char *const (*parameters)[2], size_t n_rounds)
{
    const hn_xgboost *library = NULL;
    size_t cells = train->n * train->d;
    float *rows = calloc(cells, sizeof *rows), *y = calloc(train->n, sizeof *y),
          *weight = calloc(train->n, sizeof *weight);
    void *matrix = NULL, *booster = NULL;
    const char **texts = NULL;
    uint64_t n_texts = 0;
    ck_assert_int_eq(hn_xgboost_load(&library, &error), HONE_OK);
    for (size_t i = 0; i < cells; i++)
        rows[i] = (float)train->x[i];
    for (size_t i = 0; i < train->n; i++) {
        y[i] = (float)train->y[i];
        weight[i] = (float)train->weight[i];
    }
    ck_assert(!library->matrix_create(rows, train->n, train->d, NAN, &matrix) &&
              !library->matrix_set_floats(matrix, "label", y, train->n) &&
              !library->matrix_set_floats(matrix, "weight", weight, train->n) &&
              !library->booster_create(&matrix, 1, &booster));
    for (; (*parameters)[0]; parameters++)
        ck_assert(!library->booster_set(booster, (*parameters)[0], (*parameters)[1]));
    for (size_t i = 0; i < n_rounds; i++)
        ck_assert(!library->booster_update(booster, (int)i, matrix));
    ck_assert(!library->booster_dump(booster, "", 1, "json", &n_texts, &texts));
    hn_boosting *model = hn_boosting_new("xgboost", 0, train->d);
    ck_assert_int_eq(hn_xgboost_read_trees(texts, n_texts, model, &error), HONE_OK);
    library->booster_free(booster);
    library->matrix_free(matrix);
    free(rows);
    free(y);
    free(weight);
    return model;
}

/* Also where there are more rows than the library is given at a time, more values than bins, gaps, weights.
 */
START_TEST(histograms_are_those_of_a_matrix_of_floats)
{
    NEEDS_XGBOOST();
    enum { MANY = 9000, ROUNDS = 5 };
    static const char *const parameters[][2] = {
        {"nthread", "1"},      {"tree_method", "hist"}, {"objective", "reg:squarederror"},
        {"base_score", "0.5"}, {"verbosity", "0"},      {NULL, NULL}};
    double *many = calloc(MANY * COLUMNS, sizeof *many), *y = calloc(MANY, sizeof *y),
           *weight = calloc(MANY, sizeof *weight);
    hn_random random = hn_random_stream(6, 0, HN_PURPOSE_TEST);
    for (size_t i = 0; i < MANY; i++) {
        for (size_t j = 0; j < COLUMNS; j++)
            many[i * COLUMNS + j] = i % 7 == j ? NAN : hn_random_normal(&random);
        y[i] = sin(i % 7 == 1 ? 0 : 3 * many[i * COLUMNS + 1]) + 0.1 * hn_random_normal(&random);
        weight[i] = 0.5 + (double)(i % 3);
    }
    hn_design train = {.x = many, .n = MANY, .d = COLUMNS, .y = y, .weight = weight};
    hn_boosting *bins = must_fit("{n_estimators: 5, tree_method: hist, learning_rate: 0.3, max_depth: 6}",
                                 &train),
                *floats = fit_floats(&train, parameters, ROUNDS);
    ck_assert_uint_eq(bins->trees.n_trees, ROUNDS);
    ck_assert_uint_eq(floats->trees.n_trees, ROUNDS);
    for (size_t t = 0; t < ROUNDS; t++) {
        const hn_tree *a = &bins->trees.trees[t], *b = &floats->trees.trees[t];
        ck_assert_uint_eq(a->n_nodes, b->n_nodes);
        ck_assert_uint_gt(a->n_nodes, 9);
        ck_assert_mem_eq(a->nodes, b->nodes, a->n_nodes * sizeof *a->nodes);
        ck_assert_mem_eq(a->values, b->values, a->n_nodes * sizeof *a->values);
    }
    type->destroy(bins);
    type->destroy(floats);
    free(many);
    free(y);
    free(weight);
}
END_TEST

START_TEST(is_the_same_by_seed)
{
    NEEDS_XGBOOST();
    hn_design design = design_of(3);
    static const char options[] = "{n_estimators: 10, subsample: 0.6}";
    double a[ROWS * 3], b[ROWS * 3], c[ROWS * 3];
    void *fitted = NULL;
    double *const out[] = {a, b, c};
    for (size_t i = 0; i < 3; i++) {
        hn_fit_context context = {.seed = i == 2 ? 9 : 8};
        ck_assert_int_eq(fit(options, &design, context, &fitted), HONE_OK);
        ck_assert_int_eq(type->predict_proba(fitted, &design, out[i], &error), HONE_OK);
        type->destroy(fitted);
    }
    ck_assert_mem_eq(a, b, sizeof a);
    ck_assert_int_ne(memcmp(a, c, sizeof a), 0);
}
END_TEST

/* Rounds draw rows and columns from (seed, round); stopping early looks at the losses before. */
START_TEST(goes_on_after_any_round)
{
    NEEDS_XGBOOST();
    static const char *const settings[] = {
        "subsample: 0.5, colsample: 0.7, learning_rate: 0.05",
        "tree_method: hist, learning_rate: 0.02",
        "tree_method: approx, early_stopping_rounds: 4",
        "early_stopping_rounds: 3, learning_rate: 0.9, max_depth: 2",
        "early_stopping_rounds: 5, subsample: 0.6, start: mean",
    };
    for (size_t i = 0; i < 2 * sizeof settings / sizeof *settings; i++) {
        hn_design design = design_of(i % 2 ? 3 : 0);
        char few[160], many[160];
        snprintf(few, sizeof few, "{n_estimators: %d, %s}", 5 + (int)i, settings[i / 2]);
        snprintf(many, sizeof many, "{n_estimators: 40, %s}", settings[i / 2]);
        hn_boosting *before = must_fit(few, &design), *whole = must_fit(many, &design);
        void *extended = NULL;
        ck_assert_msg(extend(many, &design, before, &extended) == HONE_OK, "%s", error.message);
        const hn_forest *a = &((hn_boosting *)extended)->trees, *b = &whole->trees;
        ck_assert_msg(a->n_trees == b->n_trees, "%s: %zu, %zu", many, a->n_trees, b->n_trees);
        for (size_t t = 0; t < a->n_trees; t++) {
            size_t n = a->trees[t].n_nodes;
            ck_assert_msg(n == b->trees[t].n_nodes, "%s: tree %zu", many, t);
            ck_assert_mem_eq(a->trees[t].nodes, b->trees[t].nodes, n * sizeof *a->trees[t].nodes);
            ck_assert_mem_eq(a->trees[t].values, b->trees[t].values, n * sizeof *a->trees[t].values);
        }
        type->destroy(before);
        type->destroy(whole);
        type->destroy(extended);
    }
}
END_TEST

START_TEST(says_what_it_does_not_go_on_with)
{
    NEEDS_XGBOOST();
    static const char *const settings[] = {"{tree_method: hist, colsample: 0.5}",
                                           "{tree_method: approx, subsample: 0.5}"};
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        hn_design design = design_of(0);
        hn_boosting *before = must_fit(settings[i], &design);
        void *extended = NULL;
        ck_assert_int_eq(extend(settings[i], &design, before, &extended), HONE_UNSUPPORTED);
        ck_assert_ptr_nonnull(strstr(error.message, "tree_method exact only"));
        type->destroy(before);
    }
}
END_TEST

Suite *suite_xgboost(void)
{
    Suite *suite = suite_create("xgboost");
    TCase *model = tcase_create("model");
    tcase_add_checked_fixture(model, setup, teardown);
    tcase_add_test(model, stops_early_with_the_best_rounds);
    tcase_add_test(model, fewer_rounds_are_a_prefix);
    tcase_add_test(model, cuts_where_floats_do);
    tcase_add_test(model, does_not_trust_what_the_library_says);
    tcase_add_test(model, refuses_what_floats_cannot_hold);
    tcase_add_test(model, says_which_option_is_wrong);
    tcase_add_test(model, histograms_are_those_of_a_matrix_of_floats);
    tcase_add_test(model, is_the_same_by_seed);
    tcase_add_test(model, goes_on_after_any_round);
    tcase_add_test(model, says_what_it_does_not_go_on_with);
    suite_add_tcase(suite, model);
    return suite;
}
