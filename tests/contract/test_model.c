/* The contract of model/model.h, over every model of the registry and the dummy plug-in. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "math/random.h"
#include "model_fixture.h"

START_TEST(describes_itself)
{
    ck_assert_uint_ge(model_n_types, 2);
    for (size_t t = 0; t < model_n_types; t++) {
        const hn_model_type *type = model_types[t];
        ck_assert(*type->name && *type->help && type->help[strlen(type->help) - 1] != '.');
        ck_assert((type->share == NULL) == (type->unshare == NULL));
        ck_assert(((type->capabilities & HN_MODEL_PROBABILITY) != 0) == (type->predict_proba != NULL));
        ck_assert(((type->tasks & HN_TASK_CLUSTERING) != 0) == (type->measure != NULL));
        hn_node *space = NULL;
        ck_assert_msg(hn_yaml_parse(&model_arena, type->name, type->default_space,
                                    strlen(type->default_space), &space, &model_error) == HONE_OK,
                      "%s", model_error.message);
        for (size_t i = 0; i < space->count; i++)
            ck_assert_ptr_nonnull(hn_option_find(&type->options, space->as.entries[i].key));
    }
}
END_TEST

/* Every item of the list is "smaller", "larger" or "earlier" and an option, and the first decides. */
START_TEST(says_which_of_its_settings_is_simpler)
{
    for (size_t t = 0; t < model_n_types; t++) {
        const hn_model_type *type = model_types[t];
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
        configs[i] = hn_arena_alloc(&model_arena, 1, forest->options.config_size);
        ck_assert(
            !hn_yaml_parse(&model_arena, "settings", settings[i], strlen(settings[i]), &node, &model_error));
        ck_assert(!hn_model_configure(forest, HN_TASK_CLASSIFICATION, &model_arena, node, configs[i],
                                      &model_error));
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
        hn_design rows = model_design((hn_model_task)task, ROWS);
        double out[ROWS], proba[ROWS * 3];
        size_t agree = 0;
        void *fitted = model_must_fit(type, &rows);
        ck_assert_int_eq(type->predict(fitted, &rows, out, &model_error), HONE_OK);
        for (size_t i = 0; i < ROWS; i++)
            ck_assert(isfinite(out[i]) &&
                      (task == HN_TASK_REGRESSION || (out[i] >= 0 && out[i] == floor(out[i]))) &&
                      (task != HN_TASK_CLASSIFICATION || out[i] <= 2));
        if (task == HN_TASK_CLUSTERING) {
            ck_assert_int_eq(type->measure(fitted, &rows, out, &model_error), HONE_OK);
            for (size_t i = 0; i < ROWS; i++)
                ck_assert(out[i] >= 0 && isfinite(out[i]));
        }
        if (type->predict_proba && task == HN_TASK_CLASSIFICATION) {
            ck_assert_int_eq(type->predict_proba(fitted, &rows, proba, &model_error), HONE_OK);
            for (size_t i = 0; i < ROWS; i++)
                hn_assert_absolute(proba[3 * i] + proba[3 * i + 1] + proba[3 * i + 2], 1, 1e-12);
        }
        if (type->decision && task == HN_TASK_CLASSIFICATION) {
            ck_assert_int_eq(type->decision(fitted, &rows, proba, &model_error), HONE_OK);
            for (size_t i = 0; i < ROWS; i++) { /* the largest is the prediction's, but for ties of votes */
                const double *row = proba + 3 * i;
                size_t best = row[1] > row[0] ? (row[2] > row[1] ? 2 : 1) : row[2] > row[0] ? 2 : 0;
                ck_assert(isfinite(row[0]) && isfinite(row[1]) && isfinite(row[2]));
                agree += out[i] == (double)best;
            }
            ck_assert_uint_ge(agree, ROWS * 9 / 10);
        }
        hn_design narrow = {.x = model_x, .n = 1, .d = COLUMNS - 1};
        ck_assert_int_eq(type->predict(fitted, &narrow, out, &model_error), HONE_INVALID);
        type->destroy(fitted);
    }
}
END_TEST

/* Default options, filled in. */
static void *configure(const hn_model_type *type, hn_model_task task)
{
    void *config = hn_arena_alloc(&model_arena, 1, type->options.config_size);
    ck_assert(config && !hn_model_configure(type, task, &model_arena, NULL, config, &model_error));
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
        hn_design all = model_design((hn_model_task)task, ROWS), first = all, rest = all;
        first.n = ROWS / 3;
        rest.x += first.n * COLUMNS;
        rest.y += first.n;
        rest.n -= first.n;
        hn_fit_context context = {.seed = 3, .scratch = &model_scratch};
        const void *config = configure(type, (hn_model_task)task);
        void *whole = model_must_fit(type, &all), *before = model_must_fit(type, &first), *after = NULL,
             *loaded = NULL, *again = NULL;
        double kept[ROWS], now[ROWS], wanted[ROWS], errors = 0;
        ck_assert_int_eq(type->predict(before, &all, kept, &model_error), HONE_OK);
        ck_assert_msg(!type->partial_fit(before, config, &rest, &context, &after, &model_error), "%s",
                      model_error.message);
        ck_assert_int_eq(type->predict(before, &all, now, &model_error), HONE_OK);
        ck_assert_mem_eq(kept, now, sizeof now);
        ck_assert_int_eq(type->predict(after, &all, now, &model_error), HONE_OK);
        ck_assert_int_eq(type->predict(whole, &all, wanted, &model_error), HONE_OK);
        bool is_exact = !strcmp(type->name, exact[0]) || !strcmp(type->name, exact[1]);
        for (size_t i = 0; i < ROWS; i++) {
            if (is_exact)
                hn_assert_absolute(now[i], wanted[i], 1e-12);
            errors += fabs(now[i] - all.y[i]) / ROWS;
        }
        ck_assert_msg(is_exact || errors < 0.35, "%s: mean model_error %g", type->name, errors);
        if (is_exact && task == HN_TASK_CLASSIFICATION) {
            double proba[3 * ROWS], likely[3 * ROWS];
            ck_assert_int_eq(type->predict_proba(after, &all, proba, &model_error), HONE_OK);
            ck_assert_int_eq(type->predict_proba(whole, &all, likely, &model_error), HONE_OK);
            for (size_t i = 0; i < (size_t)(3 * ROWS); i++)
                hn_assert_absolute(proba[i], likely[i], 1e-12);
        }
        hn_model_state state;
        ck_assert_int_eq(type->save(before, &model_arena, &state, &model_error), HONE_OK);
        ck_assert_int_eq(type->load(&state, all.n_classes, COLUMNS, &loaded, &model_error), HONE_OK);
        ck_assert_int_eq(type->partial_fit(loaded, config, &rest, &context, &again, &model_error), HONE_OK);
        ck_assert_int_eq(type->predict(again, &all, wanted, &model_error), HONE_OK);
        ck_assert_mem_eq(now, wanted, sizeof now);
        rest.d--;
        ck_assert_int_eq(type->partial_fit(before, config, &rest, &context, &again, &model_error),
                         HONE_INVALID);
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
        hn_design rows = model_design((hn_model_task)task, ROWS);
        void *fitted = model_must_fit(type, &rows), *loaded = NULL;
        hn_model_state state, read = {0};
        hn_node *metadata;
        hn_tensor *tensors;
        hn_buffer json = HN_BUFFER_INIT;
        ck_assert_int_eq(type->save(fitted, &model_arena, &state, &model_error), HONE_OK);
        ck_assert_int_eq(hn_tensor_file_write(path, hn_node_map(&model_arena), state.tensors, state.n_tensors,
                                              &model_error),
                         HONE_OK);
        ck_assert_int_eq(
            hn_tensor_file_read(path, 0, &model_arena, &metadata, &tensors, &read.n_tensors, &model_error),
            HONE_OK);
        hn_json_write(&json, state.settings, HN_JSON_PYTHON);
        ck_assert_int_eq(
            hn_json_parse(&model_arena, "settings", json.data, json.size, &metadata, &model_error), HONE_OK);
        read.settings = metadata;
        read.tensors = tensors;
        ck_assert_msg(type->load(&read, rows.n_classes, COLUMNS, &loaded, &model_error) == HONE_OK, "%s",
                      model_error.message);
        double before[ROWS], after[ROWS];
        ck_assert_int_eq(type->predict(fitted, &rows, before, &model_error), HONE_OK);
        ck_assert_int_eq(type->predict(loaded, &rows, after, &model_error), HONE_OK);
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
    ck_assert_int_eq(type->load(state, n_classes, d, &loaded, &model_error), HONE_PARSE);
    hn_assert_contains(model_error.message, type->name);
    ck_assert_ptr_null(loaded);
}

START_TEST(refuses_damaged_states)
{
    FOR_EVERY(type, task)
    {
        hn_design rows = model_design((hn_model_task)task, ROWS);
        void *fitted = model_must_fit(type, &rows);
        hn_model_state state;
        ck_assert_int_eq(type->save(fitted, &model_arena, &state, &model_error), HONE_OK);
        hn_tensor *tensors = HN_ARENA_NEW(&model_arena, hn_tensor, state.n_tensors);
        for (size_t i = 0; i < state.n_tensors; i++) {
            hn_model_state bad = {state.settings, tensors, state.n_tensors};
            memcpy(tensors, state.tensors, state.n_tensors * sizeof *tensors);
            tensors[i].name = "other";
            if (hn_tensor_size(&state.tensors[i]))
                must_refuse(type, &bad, rows.n_classes, COLUMNS);
            memcpy(tensors, state.tensors, state.n_tensors * sizeof *tensors);
            if (!hn_tensor_size(&tensors[i]))
                continue;
            double *values = HN_ARENA_NEW(&model_arena, double, hn_tensor_size(&tensors[i]));
            float *floats = HN_ARENA_NEW(&model_arena, float, hn_tensor_size(&tensors[i]));
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
            hn_node *settings = hn_node_copy(&model_arena, state.settings);
            settings->as.entries[i].value = hn_node_string(&model_arena, "?");
            must_refuse(type, &(hn_model_state){settings, state.tensors, state.n_tensors}, rows.n_classes,
                        COLUMNS);
        }
        type->destroy(fitted);
    }
}
END_TEST

START_TEST(refuses_bad_options)
{
    for (size_t t = 0; t < model_n_types; t++) {
        const hn_model_type *type = model_types[t];
        void *config = hn_arena_alloc(&model_arena, 1, type->options.config_size);
        hn_model_task task = (hn_model_task)(type->tasks & -type->tasks); /* its first */
        hn_node *given = hn_map_set(&model_arena, hn_node_map(&model_arena), "no_such_option",
                                    hn_node_integer(&model_arena, 1));
        ck_assert_int_ne(hn_model_configure(type, task, &model_arena, given, config, &model_error), HONE_OK);
        hn_assert_contains(model_error.message, "no_such_option");
        for (size_t i = 0; i < type->options.count; i++) {
            const hn_option *option = &type->options.options[i];
            given = hn_map_set(&model_arena, hn_node_map(&model_arena), option->name,
                               hn_node_string(&model_arena, "nonsense"));
            if (option->type == HN_OPTION_DOUBLE)
                given = hn_map_set(&model_arena, given, option->name,
                                   hn_node_real(&model_arena, option->low - 1));
            if (option->type == HN_OPTION_STRING)
                continue;
            ck_assert_msg(hn_model_configure(type, task, &model_arena, given, config, &model_error) !=
                              HONE_OK,
                          "%s.%s", type->name, option->name);
            hn_assert_contains(model_error.message, option->name);
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
        hn_design rows = model_design((hn_model_task)task, 8);
        rows.x = constant;
        rows.y = rows.y ? target : NULL;
        void *fitted = model_must_fit(type, &rows);
        ck_assert_int_eq(type->predict(fitted, &rows, out, &model_error), HONE_OK);
        ck_assert(isfinite(out[0]));
        type->destroy(fitted);
        /* One row: a fit, or an model_error that says why not. */
        fitted = NULL;
        rows = model_design((hn_model_task)task, 1);
        hone_status status = model_fit(type, &rows, (hn_fit_context){0}, &fitted);
        ck_assert(status == HONE_OK || status == HONE_INVALID);
        if (status)
            hn_assert_contains(model_error.message, type->name);
        else
            ck_assert_int_eq(type->predict(fitted, &rows, out, &model_error), HONE_OK);
        type->destroy(fitted);
    }
}
END_TEST

START_TEST(stops_when_cancelled)
{
    FOR_EVERY(type, task)
    {
        volatile int cancel = 1;
        hn_design rows = model_design((hn_model_task)task, ROWS);
        void *fitted = NULL;
        ck_assert_int_eq(model_fit(type, &rows, (hn_fit_context){.cancel = &cancel}, &fitted),
                         HONE_CANCELLED);
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
        hn_design rows = model_design((hn_model_task)task, ROWS);
        rows.weight = weight;
        void *fitted = NULL;
        hone_status expected = type->capabilities & HN_MODEL_WEIGHTS ? HONE_OK : HONE_UNSUPPORTED;
        ck_assert_int_eq(model_fit(type, &rows, (hn_fit_context){0}, &fitted), expected);
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
        hn_design all = model_design((hn_model_task)task, ROWS),
                  train = model_design((hn_model_task)task, ROWS / 2);
        void *shared = NULL;
        size_t rows[ROWS];
        for (size_t i = 0; i < ROWS; i++)
            rows[i] = i;
        ck_assert_int_eq(type->share(&all, 1, &shared, &model_error), HONE_OK);
        ck_assert_ptr_null(shared); /* one byte is too little */
        ck_assert_int_eq(type->share(&all, 1 << 20, &shared, &model_error), HONE_OK);
        ck_assert_ptr_nonnull(shared);
        void *alone = model_must_fit(type, &train), *together = NULL;
        hn_fit_context context = {.shared = shared, .rows = rows};
        ck_assert_int_eq(model_fit(type, &train, context, &together), HONE_OK);
        double a[ROWS], b[ROWS], c[ROWS];
        ck_assert_int_eq(type->predict(alone, &all, a, &model_error), HONE_OK);
        ck_assert_int_eq(type->predict(together, &all, b, &model_error), HONE_OK);
        ck_assert_mem_eq(a, b, sizeof a);
        if (type->predict_shared) {
            ck_assert_int_eq(type->predict_shared(together, shared, rows, ROWS, c, &model_error), HONE_OK);
            for (size_t i = 0; i < ROWS; i++)
                hn_assert_close(c[i], a[i], 1e-12, 1e-12);
        }
        type->destroy(alone);
        type->destroy(together);
        type->unshare(shared);
    }
}
END_TEST

/* Fit, predict, learn more, derive and save with the k-th allocation failing. */
static hone_status whole_life(const hn_model_type *type, const hn_design *rows)
{
    void *config, *fitted = NULL, *updated = NULL, *derived = NULL;
    double out[ROWS];
    hn_model_state state;
    hn_fit_context context = {.seed = 3, .scratch = &model_scratch};
    hone_status status = model_config(type, model_task_of(rows), true, &config);
    if (!status)
        status = type->fit(config, rows, &context, &fitted, &model_error);
    if (!status)
        status = type->predict(fitted, rows, out, &model_error);
    hn_design few = *rows;
    few.n = ROWS / 10;
    if (!status && type->partial_fit)
        status = type->partial_fit(fitted, config, &few, &context, &updated, &model_error);
    if (!status && type->derive)
        status = type->derive(fitted, config, rows, &context, &derived, &model_error);
    if (!status)
        status = type->save(derived ? derived : fitted, &model_arena, &state, &model_error);
    type->destroy(updated);
    type->destroy(derived);
    type->destroy(fitted);
    hn_arena_release(&model_arena);
    hn_arena_release(&model_scratch);
    return status;
}

START_TEST(reports_every_lack_of_memory)
{
    FOR_EVERY(type, task)
    {
        hn_design rows = model_design((hn_model_task)task, ROWS);
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
    ck_assert_int_eq(hn_model_require("svmm", &type, &model_error), HONE_NOT_FOUND);
    hn_assert_contains(model_error.message,
                       "there is no model \"svmm\" (did you mean \"svm\"?); models: svm");
}
END_TEST

Suite *suite_model(void)
{
    Suite *suite = suite_create("model");
    TCase *contract = tcase_create("contract");
    tcase_set_timeout(contract, 240);
    tcase_add_checked_fixture(contract, model_setup, model_teardown);
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
    tcase_add_test(contract, reports_every_lack_of_memory);
    tcase_add_test(contract, names_what_there_is);
    suite_add_tcase(suite, contract);
    return suite;
}
