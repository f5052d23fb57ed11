/* The contract of model/model.h, over every model of the registry and the dummy plug-in. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "math/random.h"
#include "model_dummy.h"
#include "support.h"

enum { ROWS = 60, COLUMNS = 3, MAX_TYPES = 32 };

static hone_error error;
static double x[ROWS * COLUMNS], y_class[ROWS], y_value[ROWS];
static const char *const classes[] = {"a", "b", "c"};
static const hn_model_type *types[MAX_TYPES];
static size_t n_types;
static hn_arena arena, scratch;

static void setup(void)
{
    for (size_t i = 0; i < ROWS; i++) {
        for (size_t j = 0; j < COLUMNS; j++)
            x[i * COLUMNS + j] = sin((double)(i * (j + 2)) + (double)j);
        y_value[i] = 2 * x[i * COLUMNS] - x[i * COLUMNS + 1];
        y_class[i] = y_value[i] > 0.5 ? 2 : y_value[i] > -0.5 ? 1 : 0;
    }
    const char *library;
    const hn_model_type *type;
    n_types = 0;
    for (size_t i = 0; (type = hn_model_at(i)) != NULL; i++)
        if (!type->library || type->library(&library, NULL) == HONE_OK)
            types[n_types++] = type;
    types[n_types++] = &model_dummy;
}

static void teardown(void)
{
    hn_memory_fail_at(-1, 0);
    hn_arena_release(&arena);
    hn_arena_release(&scratch);
}

static hn_design design_of(hn_model_task task, size_t n)
{
    bool classify = task == HN_TASK_CLASSIFICATION;
    return (hn_design){.x = x,
                       .n = n,
                       .d = COLUMNS,
                       .y = classify                     ? y_class
                            : task == HN_TASK_REGRESSION ? y_value
                                                         : NULL,
                       .n_classes = classify ? 3 : 0,
                       .classes = classify ? classes : NULL};
}

static hn_model_task task_of(const hn_design *train)
{
    return train->n_classes ? HN_TASK_CLASSIFICATION : train->y ? HN_TASK_REGRESSION : HN_TASK_CLUSTERING;
}

static hone_status fit(const hn_model_type *type, const hn_design *train, hn_fit_context context,
                       void **fitted)
{
    hn_model_task task = task_of(train);
    void *config = hn_arena_alloc(&arena, 1, type->options.config_size);
    /* what only some settings can is asked for: probabilities of the SVM */
    hn_node *options = hn_node_map(&arena);
    if (task == HN_TASK_CLASSIFICATION && hn_option_find(&type->options, "probability"))
        hn_map_set(&arena, options, "probability", hn_node_bool(&arena, true));
    hone_status status =
        config ? hn_model_configure(type, task, &arena, options, config, &error) : hn_out_of_memory(&error);
    context.scratch = &scratch;
    return status ? status : type->fit(config, train, &context, fitted, &error);
}

static void *must_fit(const hn_model_type *type, const hn_design *train)
{
    void *fitted = NULL;
    ck_assert_msg(fit(type, train, (hn_fit_context){0}, &fitted) == HONE_OK, "%s: %s", type->name,
                  error.message);
    return fitted;
}

/* Calls the body for every model and every task it can do. */
#define FOR_EVERY(type, task)                                                                                \
    for (size_t t_ = 0; t_ < n_types; t_++)                                                                  \
        for (int task = HN_TASK_CLASSIFICATION; task <= HN_TASK_CLUSTERING; task *= 2)                       \
            for (const hn_model_type *type = types[t_]; type && (type->tasks & (unsigned)task); type = NULL)

START_TEST(describes_itself)
{
    ck_assert_uint_ge(n_types, 2);
    for (size_t t = 0; t < n_types; t++) {
        const hn_model_type *type = types[t];
        ck_assert(*type->name && *type->help && type->help[strlen(type->help) - 1] != '.');
        ck_assert((type->share == NULL) == (type->unshare == NULL));
        ck_assert(((type->capabilities & HN_MODEL_PROBABILITY) != 0) == (type->predict_proba != NULL));
        ck_assert(((type->tasks & HN_TASK_CLUSTERING) != 0) == (type->measure != NULL));
        hn_node *space = NULL;
        ck_assert_msg(hn_yaml_parse(&arena, type->name, type->default_space, strlen(type->default_space),
                                    &space, &error) == HONE_OK,
                      "%s", error.message);
        for (size_t i = 0; i < space->count; i++)
            ck_assert_ptr_nonnull(hn_option_find(&type->options, space->as.entries[i].key));
    }
}
END_TEST

/* Every item of the list is "smaller", "larger" or "earlier" and an option, and the first decides. */
START_TEST(says_which_of_its_settings_is_simpler)
{
    for (size_t t = 0; t < n_types; t++) {
        const hn_model_type *type = types[t];
        for (const char *item = type->simpler; item && *item;) {
            char word[16] = "", name[64] = "";
            ck_assert_int_eq(sscanf(item, "%15s %63[a-zA-Z0-9_]", word, name), 2);
            ck_assert(!strcmp(word, "smaller") || !strcmp(word, "larger") || !strcmp(word, "earlier"));
            const hn_option *option = hn_option_find(&type->options, name);
            ck_assert_msg(option, "%s: %s", type->name, name);
            ck_assert_int_eq(option->type == HN_OPTION_CHOICE, !strcmp(word, "earlier"));
            item += strcspn(item, ",");
            item += strspn(item, ", ");
        }
    }
    const hn_model_type *forest = hn_model_find("random_forest");
    static const char *const settings[] = {"{n_estimators: 20, max_depth: 9}", "{n_estimators: 20}",
                                           "{n_estimators: 30, max_depth: 2}"};
    const hn_option *option = NULL;
    void *configs[3];
    for (size_t i = 0; i < 3; i++) {
        hn_node *node = NULL;
        configs[i] = hn_arena_alloc(&arena, 1, forest->options.config_size);
        ck_assert(!hn_yaml_parse(&arena, "settings", settings[i], strlen(settings[i]), &node, &error));
        ck_assert(!hn_model_configure(forest, HN_TASK_CLASSIFICATION, &arena, node, configs[i], &error));
    }
    ck_assert_int_lt(hn_model_compare(forest, configs[0], configs[1], &option),
                     0); /* no limit is the largest */
    ck_assert_str_eq(option->name, "max_depth");
    ck_assert_int_gt(hn_model_compare(forest, configs[2], configs[1], &option), 0);
    ck_assert_str_eq(option->name, "n_estimators");
    ck_assert_int_eq(hn_model_compare(forest, configs[1], configs[1], NULL), 0);
}
END_TEST

START_TEST(predicts_classes_and_finite_values)
{
    FOR_EVERY(type, task)
    {
        hn_design rows = design_of((hn_model_task)task, ROWS);
        double out[ROWS], proba[ROWS * 3];
        size_t agree = 0;
        void *fitted = must_fit(type, &rows);
        ck_assert_int_eq(type->predict(fitted, &rows, out, &error), HONE_OK);
        for (size_t i = 0; i < ROWS; i++)
            ck_assert(isfinite(out[i]) &&
                      (task == HN_TASK_REGRESSION || (out[i] >= 0 && out[i] == floor(out[i]))) &&
                      (task != HN_TASK_CLASSIFICATION || out[i] <= 2));
        if (task == HN_TASK_CLUSTERING) {
            ck_assert_int_eq(type->measure(fitted, &rows, out, &error), HONE_OK);
            for (size_t i = 0; i < ROWS; i++)
                ck_assert(out[i] >= 0 && isfinite(out[i]));
        }
        if (type->predict_proba && task == HN_TASK_CLASSIFICATION) {
            ck_assert_int_eq(type->predict_proba(fitted, &rows, proba, &error), HONE_OK);
            for (size_t i = 0; i < ROWS; i++)
                hn_assert_absolute(proba[3 * i] + proba[3 * i + 1] + proba[3 * i + 2], 1, 1e-12);
        }
        if (type->decision && task == HN_TASK_CLASSIFICATION) {
            ck_assert_int_eq(type->decision(fitted, &rows, proba, &error), HONE_OK);
            for (size_t i = 0; i < ROWS; i++) { /* the largest is the prediction's, but for ties of votes */
                const double *row = proba + 3 * i;
                size_t best = row[1] > row[0] ? (row[2] > row[1] ? 2 : 1) : row[2] > row[0] ? 2 : 0;
                ck_assert(isfinite(row[0]) && isfinite(row[1]) && isfinite(row[2]));
                agree += out[i] == (double)best;
            }
            ck_assert_uint_ge(agree, ROWS * 9 / 10);
        }
        hn_design narrow = {.x = x, .n = 1, .d = COLUMNS - 1};
        ck_assert_int_eq(type->predict(fitted, &narrow, out, &error), HONE_INVALID);
        type->destroy(fitted);
    }
}
END_TEST

/* Default options, filled in. */
static void *configure(const hn_model_type *type, hn_model_task task)
{
    void *config = hn_arena_alloc(&arena, 1, type->options.config_size);
    ck_assert(config && !hn_model_configure(type, task, &arena, NULL, config, &error));
    return config;
}

/* A model that learnt the rows in two parts: the model of all rows for those that add up, or one that is as
 * good for forests. The first model predicts what it did; a file in between changes nothing; other columns
 * are refused. */
START_TEST(learns_more_rows)
{
    static const char *const exact[] = {"naive_bayes", "knn"};
    FOR_EVERY(type, task)
    {
        ck_assert_int_eq((type->capabilities & HN_MODEL_PARTIAL_FIT) != 0, type->partial_fit != NULL);
        if (!type->partial_fit)
            continue;
        hn_design all = design_of((hn_model_task)task, ROWS), first = all, rest = all;
        first.n = ROWS / 3;
        rest.x += first.n * COLUMNS;
        rest.y += first.n;
        rest.n -= first.n;
        hn_fit_context context = {.seed = 3, .scratch = &scratch};
        const void *config = configure(type, (hn_model_task)task);
        void *whole = must_fit(type, &all), *before = must_fit(type, &first), *after = NULL, *loaded = NULL,
             *again = NULL;
        double kept[ROWS], now[ROWS], wanted[ROWS], errors = 0;
        ck_assert_int_eq(type->predict(before, &all, kept, &error), HONE_OK);
        ck_assert_msg(!type->partial_fit(before, config, &rest, &context, &after, &error), "%s",
                      error.message);
        ck_assert_int_eq(type->predict(before, &all, now, &error), HONE_OK);
        ck_assert_mem_eq(kept, now, sizeof now);
        ck_assert_int_eq(type->predict(after, &all, now, &error), HONE_OK);
        ck_assert_int_eq(type->predict(whole, &all, wanted, &error), HONE_OK);
        bool is_exact = !strcmp(type->name, exact[0]) || !strcmp(type->name, exact[1]);
        for (size_t i = 0; i < ROWS; i++) {
            if (is_exact)
                hn_assert_absolute(now[i], wanted[i], 1e-12);
            errors += fabs(now[i] - all.y[i]) / ROWS;
        }
        ck_assert_msg(is_exact || errors < 0.35, "%s: mean error %g", type->name, errors);
        if (is_exact && task == HN_TASK_CLASSIFICATION) {
            double proba[3 * ROWS], likely[3 * ROWS];
            ck_assert_int_eq(type->predict_proba(after, &all, proba, &error), HONE_OK);
            ck_assert_int_eq(type->predict_proba(whole, &all, likely, &error), HONE_OK);
            for (size_t i = 0; i < (size_t)(3 * ROWS); i++)
                hn_assert_absolute(proba[i], likely[i], 1e-12);
        }
        hn_model_state state;
        ck_assert_int_eq(type->save(before, &arena, &state, &error), HONE_OK);
        ck_assert_int_eq(type->load(&state, all.n_classes, COLUMNS, &loaded, &error), HONE_OK);
        ck_assert_int_eq(type->partial_fit(loaded, config, &rest, &context, &again, &error), HONE_OK);
        ck_assert_int_eq(type->predict(again, &all, wanted, &error), HONE_OK);
        ck_assert_mem_eq(now, wanted, sizeof now);
        rest.d--;
        ck_assert_int_eq(type->partial_fit(before, config, &rest, &context, &again, &error), HONE_INVALID);
        for (size_t i = 0; i < 5; i++)
            type->destroy((void *[]){whole, before, after, loaded, again}[i]);
    }
}
END_TEST

START_TEST(survives_a_file_exactly)
{
    char *folder = hn_test_temp_dir(), *path = hn_test_path(folder, "m");
    FOR_EVERY(type, task)
    {
        hn_design rows = design_of((hn_model_task)task, ROWS);
        void *fitted = must_fit(type, &rows), *loaded = NULL;
        hn_model_state state, read = {0};
        hn_node *metadata;
        hn_tensor *tensors;
        hn_buffer json = HN_BUFFER_INIT;
        ck_assert_int_eq(type->save(fitted, &arena, &state, &error), HONE_OK);
        ck_assert_int_eq(
            hn_tensor_file_write(path, hn_node_map(&arena), state.tensors, state.n_tensors, &error), HONE_OK);
        ck_assert_int_eq(hn_tensor_file_read(path, 0, &arena, &metadata, &tensors, &read.n_tensors, &error),
                         HONE_OK);
        hn_json_write(&json, state.settings, HN_JSON_PYTHON);
        ck_assert_int_eq(hn_json_parse(&arena, "settings", json.data, json.size, &metadata, &error), HONE_OK);
        read.settings = metadata;
        read.tensors = tensors;
        ck_assert_msg(type->load(&read, rows.n_classes, COLUMNS, &loaded, &error) == HONE_OK, "%s",
                      error.message);
        double before[ROWS], after[ROWS];
        ck_assert_int_eq(type->predict(fitted, &rows, before, &error), HONE_OK);
        ck_assert_int_eq(type->predict(loaded, &rows, after, &error), HONE_OK);
        ck_assert_mem_eq(before, after, sizeof before);
        hn_buffer_release(&json);
        type->destroy(fitted);
        type->destroy(loaded);
    }
    free(path);
    free(folder);
}
END_TEST

static void must_refuse(const hn_model_type *type, const hn_model_state *state, size_t n_classes, size_t d)
{
    void *loaded = NULL;
    ck_assert_int_eq(type->load(state, n_classes, d, &loaded, &error), HONE_PARSE);
    hn_assert_contains(error.message, type->name);
    ck_assert_ptr_null(loaded);
}

START_TEST(refuses_damaged_states)
{
    FOR_EVERY(type, task)
    {
        hn_design rows = design_of((hn_model_task)task, ROWS);
        void *fitted = must_fit(type, &rows);
        hn_model_state state;
        ck_assert_int_eq(type->save(fitted, &arena, &state, &error), HONE_OK);
        hn_tensor *tensors = HN_ARENA_NEW(&arena, hn_tensor, state.n_tensors);
        for (size_t i = 0; i < state.n_tensors; i++) {
            hn_model_state bad = {state.settings, tensors, state.n_tensors};
            memcpy(tensors, state.tensors, state.n_tensors * sizeof *tensors);
            tensors[i].name = "other";
            if (hn_tensor_size(&state.tensors[i]))
                must_refuse(type, &bad, rows.n_classes, COLUMNS);
            memcpy(tensors, state.tensors, state.n_tensors * sizeof *tensors);
            if (!hn_tensor_size(&tensors[i]))
                continue;
            double *values = HN_ARENA_NEW(&arena, double, hn_tensor_size(&tensors[i]));
            float *floats = HN_ARENA_NEW(&arena, float, hn_tensor_size(&tensors[i]));
            values[0] = (double)NAN;
            floats[0] = NAN;
            bool narrow = tensors[i].floats != NULL;
            tensors[i].values = narrow ? NULL : values;
            tensors[i].floats = narrow ? floats : NULL;
            must_refuse(type, &bad, rows.n_classes, COLUMNS);
            floats[0] = 0; /* a tensor of the other type */
            tensors[i].values = narrow ? values : NULL;
            tensors[i].floats = narrow ? NULL : floats;
            must_refuse(type, &bad, rows.n_classes, COLUMNS);
        }
        for (size_t i = 0; i < state.settings->count; i++) {
            hn_node *settings = hn_node_copy(&arena, state.settings);
            settings->as.entries[i].value = hn_node_string(&arena, "?");
            must_refuse(type, &(hn_model_state){settings, state.tensors, state.n_tensors}, rows.n_classes,
                        COLUMNS);
        }
        type->destroy(fitted);
    }
}
END_TEST

START_TEST(refuses_bad_options)
{
    for (size_t t = 0; t < n_types; t++) {
        const hn_model_type *type = types[t];
        void *config = hn_arena_alloc(&arena, 1, type->options.config_size);
        hn_model_task task = (hn_model_task)(type->tasks & -type->tasks); /* its first */
        hn_node *given =
            hn_map_set(&arena, hn_node_map(&arena), "no_such_option", hn_node_integer(&arena, 1));
        ck_assert_int_ne(hn_model_configure(type, task, &arena, given, config, &error), HONE_OK);
        hn_assert_contains(error.message, "no_such_option");
        for (size_t i = 0; i < type->options.count; i++) {
            const hn_option *option = &type->options.options[i];
            given = hn_map_set(&arena, hn_node_map(&arena), option->name, hn_node_string(&arena, "nonsense"));
            if (option->type == HN_OPTION_DOUBLE)
                given = hn_map_set(&arena, given, option->name, hn_node_real(&arena, option->low - 1));
            if (option->type == HN_OPTION_STRING)
                continue;
            ck_assert_msg(hn_model_configure(type, task, &arena, given, config, &error) != HONE_OK, "%s.%s",
                          type->name, option->name);
            hn_assert_contains(error.message, option->name);
        }
    }
}
END_TEST

START_TEST(bears_constant_features_and_few_rows)
{
    FOR_EVERY(type, task)
    {
        double constant[8 * COLUMNS], out[8];
        for (size_t i = 0; i < 8 * COLUMNS; i++)
            constant[i] = 7;
        double target[8] = {0, 1, 0, 1, 2, 2, 0, 1};
        hn_design rows = design_of((hn_model_task)task, 8);
        rows.x = constant;
        rows.y = rows.y ? target : NULL;
        void *fitted = must_fit(type, &rows);
        ck_assert_int_eq(type->predict(fitted, &rows, out, &error), HONE_OK);
        ck_assert(isfinite(out[0]));
        type->destroy(fitted);
        /* One row: a fit, or an error that says why not. */
        fitted = NULL;
        rows = design_of((hn_model_task)task, 1);
        hone_status status = fit(type, &rows, (hn_fit_context){0}, &fitted);
        ck_assert(status == HONE_OK || status == HONE_INVALID);
        if (status)
            hn_assert_contains(error.message, type->name);
        else
            ck_assert_int_eq(type->predict(fitted, &rows, out, &error), HONE_OK);
        type->destroy(fitted);
    }
}
END_TEST

START_TEST(stops_when_cancelled)
{
    FOR_EVERY(type, task)
    {
        volatile int cancel = 1;
        hn_design rows = design_of((hn_model_task)task, ROWS);
        void *fitted = NULL;
        ck_assert_int_eq(fit(type, &rows, (hn_fit_context){.cancel = &cancel}, &fitted), HONE_CANCELLED);
        ck_assert_ptr_null(fitted);
    }
}
END_TEST

START_TEST(refuses_or_uses_weights)
{
    FOR_EVERY(type, task)
    {
        double weight[ROWS];
        for (size_t i = 0; i < ROWS; i++)
            weight[i] = 1;
        hn_design rows = design_of((hn_model_task)task, ROWS);
        rows.weight = weight;
        void *fitted = NULL;
        hone_status expected = type->capabilities & HN_MODEL_WEIGHTS ? HONE_OK : HONE_UNSUPPORTED;
        ck_assert_int_eq(fit(type, &rows, (hn_fit_context){0}, &fitted), expected);
        type->destroy(fitted);
    }
}
END_TEST

START_TEST(shares_without_changing_results)
{
    FOR_EVERY(type, task)
    {
        if (!type->share)
            continue;
        hn_design all = design_of((hn_model_task)task, ROWS),
                  train = design_of((hn_model_task)task, ROWS / 2);
        void *shared = NULL;
        size_t rows[ROWS];
        for (size_t i = 0; i < ROWS; i++)
            rows[i] = i;
        ck_assert_int_eq(type->share(&all, 1, &shared, &error), HONE_OK);
        ck_assert_ptr_null(shared); /* one byte is too little */
        ck_assert_int_eq(type->share(&all, 1 << 20, &shared, &error), HONE_OK);
        ck_assert_ptr_nonnull(shared);
        void *alone = must_fit(type, &train), *together = NULL;
        hn_fit_context context = {.shared = shared, .rows = rows};
        ck_assert_int_eq(fit(type, &train, context, &together), HONE_OK);
        double a[ROWS], b[ROWS], c[ROWS];
        ck_assert_int_eq(type->predict(alone, &all, a, &error), HONE_OK);
        ck_assert_int_eq(type->predict(together, &all, b, &error), HONE_OK);
        ck_assert_mem_eq(a, b, sizeof a);
        if (type->predict_shared) {
            ck_assert_int_eq(type->predict_shared(together, shared, rows, ROWS, c, &error), HONE_OK);
            for (size_t i = 0; i < ROWS; i++)
                hn_assert_close(c[i], a[i], 1e-12, 1e-12);
        }
        type->destroy(alone);
        type->destroy(together);
        type->unshare(shared);
    }
}
END_TEST

/* A value of the option, small or the default; NULL: the default. */
static hn_node *draw_value(const hn_option *option, hn_random *random)
{
    static const int64_t whole[] = {2, 3, 7};
    size_t choices = 0;
    switch (option->type) {
    case HN_OPTION_BOOL: return hn_node_bool(&arena, hn_random_below(random, 2));
    case HN_OPTION_INT: {
        int64_t drawn = whole[hn_random_below(random, 3)];
        bool allowed = (double)drawn >= option->low && (option->high == 0 || (double)drawn <= option->high);
        return allowed ? hn_node_integer(&arena, drawn) : NULL;
    }
    case HN_OPTION_CHOICE:
        while (option->choices[choices])
            choices++;
        return hn_node_string(&arena, option->choices[hn_random_below(random, choices)]);
    default: return NULL;
    }
}

/* A setting that the model accepts for the task: each option drawn or left at its default. */
static void *draw_setting(const hn_model_type *type, hn_model_task task, hn_random *random)
{
    void *config = hn_arena_alloc(&arena, 1, type->options.config_size);
    hone_status status = HONE_INVALID;
    while (status) {
        hn_node *map = hn_node_map(&arena);
        for (size_t i = 0; i < type->options.count; i++) {
            const hn_option *option = &type->options.options[i];
            hn_node *value = hn_random_below(random, 2) ? draw_value(option, random) : NULL;
            if (value)
                map = hn_map_set(&arena, map, option->name, value);
        }
        status = hn_model_configure(type, task, &arena, map, config, &error);
    }
    return config;
}

static void assert_same_state(const hn_model_type *type, const void *a, const void *b)
{
    hn_model_state one, other;
    ck_assert_int_eq(type->save(a, &arena, &one, &error), HONE_OK);
    ck_assert_int_eq(type->save(b, &arena, &other, &error), HONE_OK);
    ck_assert(hn_node_equal(one.settings, other.settings));
    ck_assert_uint_eq(one.n_tensors, other.n_tensors);
    for (size_t i = 0; i < one.n_tensors; i++) {
        ck_assert_str_eq(one.tensors[i].name, other.tensors[i].name);
        ck_assert_mem_eq(one.tensors[i].shape, other.tensors[i].shape, sizeof one.tensors[i].shape);
        size_t n = hn_tensor_size(&one.tensors[i]);
        if (n && one.tensors[i].floats)
            ck_assert_mem_eq(one.tensors[i].floats, other.tensors[i].floats, n * sizeof(float));
        else if (n)
            ck_assert_mem_eq(one.tensors[i].values, other.tensors[i].values, n * sizeof(double));
    }
}

/* Whatever can be asked of two fitted models is the same, bit for bit. */
static void assert_same_model(const hn_model_type *type, const void *a, const void *b)
{
    hn_design rows = {.x = x, .n = ROWS, .d = COLUMNS};
    double one[ROWS * 3] = {0}, other[ROWS * 3] = {0};
    ck_assert_int_eq(type->predict(a, &rows, one, &error), HONE_OK);
    ck_assert_int_eq(type->predict(b, &rows, other, &error), HONE_OK);
    ck_assert_mem_eq(one, other, sizeof one);
    if (type->predict_proba && type->predict_proba(a, &rows, one, &error) == HONE_OK) {
        ck_assert_int_eq(type->predict_proba(b, &rows, other, &error), HONE_OK);
        ck_assert_mem_eq(one, other, sizeof one);
    }
    if (type->importance) {
        ck_assert_int_eq(type->importance(a, one, COLUMNS, &error), HONE_OK);
        ck_assert_int_eq(type->importance(b, other, COLUMNS, &error), HONE_OK);
        ck_assert_mem_eq(one, other, sizeof one);
    }
    if (type->oob_score) {
        one[0] = type->oob_score(a);
        other[0] = type->oob_score(b);
        ck_assert(one[0] == other[0] || (isnan(one[0]) && isnan(other[0])));
    }
    assert_same_state(type, a, b);
}

/* Returns how many settings other than i follow from the i-th. */
static size_t check_covered(const hn_model_type *type, const hn_design *train, void *const *settings,
                            void *const *fitted, size_t n, size_t i)
{
    const hn_fit_context context = {.scratch = &scratch};
    size_t found = 0;
    ck_assert(type->covers(settings[i], settings[i]));
    ck_assert_uint_gt(type->bytes(fitted[i]), 0);
    for (size_t k = 0; k < n; k++) {
        void *derived = NULL;
        if (!type->covers(settings[i], settings[k]))
            continue;
        ck_assert_int_eq(type->derive(fitted[i], settings[k], train, &context, &derived, &error), HONE_OK);
        assert_same_model(type, derived, fitted[k]);
        type->destroy(derived);
        found += !type->covers(settings[k], settings[i]);
    }
    return found;
}

START_TEST(derives_what_a_fit_would_give)
{
    enum { SETTINGS = 40 };
    FOR_EVERY(type, task)
    {
        ck_assert(!type->covers == !type->derive && !type->covers == !type->bytes);
        if (!type->covers)
            continue;
        hn_design train = design_of((hn_model_task)task, ROWS);
        hn_random random = hn_random_stream(1, 0, HN_PURPOSE_TEST);
        void *settings[SETTINGS], *fitted[SETTINGS];
        for (size_t i = 0; i < SETTINGS; i++) {
            hn_fit_context context = {.scratch = &scratch};
            settings[i] = draw_setting(type, (hn_model_task)task, &random);
            ck_assert_msg(type->fit(settings[i], &train, &context, &fitted[i], &error) == HONE_OK, "%s: %s",
                          type->name, error.message);
        }
        size_t found = 0;
        for (size_t i = 0; i < SETTINGS; i++)
            found += check_covered(type, &train, settings, fitted, SETTINGS, i);
        ck_assert_msg(found > 5 || type == &model_dummy, "%s: only %zu settings follow from others",
                      type->name, found);
        for (size_t i = 0; i < SETTINGS; i++)
            type->destroy(fitted[i]);
    }
}
END_TEST

/* The default setting again, from a fit with it. */
static hone_status derive_default(const hn_model_type *type, const void *fitted, const hn_design *train,
                                  void **derived)
{
    hn_model_task task = task_of(train);
    hn_fit_context context = {.scratch = &scratch};
    void *config = hn_arena_alloc(&arena, 1, type->options.config_size);
    hone_status status =
        config ? hn_model_configure(type, task, &arena, NULL, config, &error) : hn_out_of_memory(&error);
    return status ? status : type->derive(fitted, config, train, &context, derived, &error);
}

static hone_status learn_more(const hn_model_type *type, const void *fitted, const hn_design *more)
{
    void *updated = NULL, *config = hn_arena_alloc(&arena, 1, type->options.config_size);
    hn_fit_context context = {.seed = 3, .scratch = &scratch};
    hone_status status = config ? hn_model_configure(type, task_of(more), &arena, NULL, config, &error)
                                : hn_out_of_memory(&error);
    if (!status)
        status = type->partial_fit(fitted, config, more, &context, &updated, &error);
    type->destroy(updated);
    return status;
}

/* Fit, learn more, predict and save with the k-th allocation failing. */
static hone_status whole_life(const hn_model_type *type, const hn_design *rows)
{
    void *fitted = NULL, *derived = NULL;
    double out[ROWS];
    hn_model_state state;
    hone_status status = fit(type, rows, (hn_fit_context){0}, &fitted);
    if (!status)
        status = type->predict(fitted, rows, out, &error);
    hn_design few = *rows;
    few.n = ROWS / 10;
    if (!status && type->partial_fit)
        status = learn_more(type, fitted, &few);
    if (!status && type->derive)
        status = derive_default(type, fitted, rows, &derived);
    if (!status)
        status = type->save(derived ? derived : fitted, &arena, &state, &error);
    type->destroy(derived);
    type->destroy(fitted);
    hn_arena_release(&arena);
    hn_arena_release(&scratch);
    return status;
}

START_TEST(reports_every_lack_of_memory)
{
    FOR_EVERY(type, task)
    {
        hn_design rows = design_of((hn_model_task)task, ROWS);
        long failures = 0;
        for (hone_status status = HONE_OUT_OF_MEMORY; status != HONE_OK; failures++) {
            hn_memory_fail_at(failures, 1);
            status = whole_life(type, &rows);
            hn_memory_fail_at(-1, 0);
            ck_assert_msg(status == HONE_OK || status == HONE_OUT_OF_MEMORY, "%s: allocation %ld: %d",
                          type->name, failures, status);
            ck_assert_int_lt(failures, 1000);
        }
        ck_assert_int_gt(failures, 3);
    }
}
END_TEST

START_TEST(names_what_there_is)
{
    const hn_model_type *type = NULL;
    ck_assert_int_eq(hn_model_require("svmm", &type, &error), HONE_NOT_FOUND);
    hn_assert_contains(error.message, "there is no model \"svmm\" (did you mean \"svm\"?); models: svm");
}
END_TEST

Suite *suite_model(void)
{
    Suite *suite = suite_create("model");
    TCase *contract = tcase_create("contract");
    tcase_add_checked_fixture(contract, setup, teardown);
    tcase_add_test(contract, describes_itself);
    tcase_add_test(contract, says_which_of_its_settings_is_simpler);
    tcase_add_test(contract, predicts_classes_and_finite_values);
    tcase_add_test(contract, learns_more_rows);
    tcase_add_test(contract, survives_a_file_exactly);
    tcase_add_test(contract, refuses_damaged_states);
    tcase_add_test(contract, refuses_bad_options);
    tcase_add_test(contract, bears_constant_features_and_few_rows);
    tcase_add_test(contract, stops_when_cancelled);
    tcase_add_test(contract, refuses_or_uses_weights);
    tcase_add_test(contract, shares_without_changing_results);
    tcase_add_test(contract, derives_what_a_fit_would_give);
    tcase_add_test(contract, reports_every_lack_of_memory);
    tcase_add_test(contract, names_what_there_is);
    suite_add_tcase(suite, contract);
    return suite;
}
