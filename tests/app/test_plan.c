/* Study files and options become plans. */
#include <stdlib.h>
#include <string.h>

#include "app/plan.h"
#include "base/memory.h"
#include "support.h"

static const char study_file[] =
    "study: digits\n"
    "storage: sqlite:///digits.db\n"
    "goal: [maximize accuracy, minimize seconds]\n"
    "search: {sampler: 'tpe:n_startup=5', trials: 50, timeout: 1h30m, workers: 2, seed: 7,\n"
    "         max_failures: -1, retries: 2, trial_timeout: 90, grace: 250ms, lag: 1, best: best}\n"
    "space:\n"
    "  lr: {float: [1e-5, 1e-1], log: true}\n"
    "  layers: {int: [1, 5]}\n"
    "  units: {int: [32, 512], step: 32, when: layers > 1}\n"
    "forbidden: [layers == 5 and lr > 0.01]\n"
    "constraints: [layers * lr <= 0.2, units < 500, params_millions + lr <= 5]\n"
    "command:\n"
    "  run: python train.py --lr {lr} [--units {units}] {layers}\n"
    "  env: {OMP_NUM_THREADS: 1, NAME: a b}\n"
    "  patterns: ['loss=val: ([0-9.]+)']\n"
    "  gpus: [0, 1]\n"
    "  memory_limit: 2G\n";

static hone_plan *read_plan(const char *text)
{
    char *folder = hn_test_temp_dir(), *path = hn_test_path(folder, "plan.yaml");
    hone_plan *plan = NULL;
    hone_error err;
    hn_test_write(path, text);
    ck_assert_msg(!hone_plan_read(path, &plan, &err), "%s", err.message);
    free(path);
    free(folder);
    return plan;
}

static hone_plan *checked(const char *text)
{
    hone_plan *plan = read_plan(text);
    hone_error err;
    ck_assert_msg(!hone_plan_check(plan, &err), "%s", err.message);
    return plan;
}

START_TEST(reads_every_key)
{
    hone_plan *plan = checked(study_file);
    ck_assert_str_eq(hone_plan_study(plan), "digits");
    ck_assert_str_eq(hone_plan_storage(plan), "sqlite:///digits.db");
    ck_assert_str_eq(plan->goal, "maximize accuracy, minimize seconds");
    ck_assert_uint_eq(plan->n_goals, 2);
    ck_assert_str_eq(plan->goals[1], "seconds");
    const hn_plan_search *search = &plan->search;
    ck_assert_str_eq(search->sampler, "{\"tpe\":{\"n_startup\":5}}");
    ck_assert_str_eq(search->sampler_label, "tpe:n_startup=5");
    ck_assert_int_eq(search->trials, 50);
    ck_assert_int_eq(search->workers, 2);
    ck_assert_int_eq(search->max_failures, -1);
    ck_assert_int_eq(search->retries, 2);
    ck_assert_int_eq(search->lag, 1);
    ck_assert(search->has_seed && search->seed == 7 && search->take_best && !search->has_target);
    ck_assert_double_eq(search->timeout_seconds, 5400);
    ck_assert_double_eq(search->trial_seconds, 90);
    ck_assert_double_eq(search->grace_seconds, 0.25);
    ck_assert_uint_eq(plan->space->count, 3);
    const hn_plan_command *command = &plan->command;
    ck_assert_str_eq(command->text, "python train.py --lr {lr} [--units {units}] {layers}");
    ck_assert_uint_eq(command->n_env, 2);
    ck_assert_str_eq(command->env[0], "OMP_NUM_THREADS=1");
    ck_assert_str_eq(command->env[1], "NAME=a b");
    ck_assert_uint_eq(command->n_gpus, 2);
    ck_assert_str_eq(command->gpus[1], "1");
    ck_assert_uint_eq(command->memory_limit_bytes, 2ULL << 30);
    hone_plan_destroy(plan);
}
END_TEST

/* What a study keeps: all but where it is, and read again it says the same. */
START_TEST(a_study_keeps_its_plan)
{
    hone_plan *plan = checked(study_file), *again = NULL;
    hn_arena arena = HN_ARENA_INIT;
    hn_node *kept = NULL;
    hone_error err;
    ck_assert(!hone_plan_set_text(plan, "storage", "postgresql://me:secret@host/db", "--storage", &err));
    const char *text = hn_plan_definition(plan);
    ck_assert_ptr_nonnull(text);
    ck_assert_ptr_null(strstr(text, "secret"));
    ck_assert_msg(!hn_json_parse(&arena, "kept", text, strlen(text), &kept, &err), "%s", err.message);
    ck_assert(!hn_map_get(kept, "storage") && !hn_map_get(kept, "study"));
    ck_assert_uint_eq(kept->count + 2, plan->root->count);
    ck_assert(!hn_plan_from_node(kept, &again, &err));
    ck_assert_str_eq(hn_plan_definition(again), text);
    hone_plan_destroy(again);
    hone_plan_destroy(plan);
    hn_arena_release(&arena);
}
END_TEST

/* Sets a point in the space's order from values by name. */
static bool forbids(const hone_plan *plan, double lr, double layers, double units)
{
    const hn_space *space = plan->space;
    double values[3] = {0};
    bool active[3] = {0};
    hn_point point = {values, active};
    values[hn_space_find(space, "lr")] = lr;
    values[hn_space_find(space, "layers")] = layers;
    values[hn_space_find(space, "units")] = units;
    hn_space_settle(space, &point);
    return hn_space_is_forbidden(space, &point);
}

START_TEST(constraints_over_parameters_are_hard)
{
    hone_plan *plan = checked(study_file);
    ck_assert(!forbids(plan, 0.01, 4, 64));
    ck_assert_msg(forbids(plan, 0.1, 4, 64), "layers * lr is 0.4");
    ck_assert_msg(forbids(plan, 0.01, 4, 512), "units is 512");
    ck_assert_msg(!forbids(plan, 0.01, 1, 512), "units is inactive and breaks nothing");
    ck_assert_msg(forbids(plan, 0.02, 5, 64), "forbidden as such");
    hone_plan_destroy(plan);
}
END_TEST

START_TEST(constraints_over_metrics_are_soft)
{
    hone_plan *plan = checked(study_file);
    ck_assert_uint_eq(plan->n_constraints, 1);
    const hn_plan_constraint *constraint = &plan->constraints[0];
    ck_assert_uint_eq(constraint->n_metrics, 1);
    ck_assert_str_eq(constraint->metrics[0], "params_millions");
    double values[4] = {0};
    bool active[4] = {true, true, true, true};
    values[hn_space_find(plan->space, "lr")] = 0.5;
    values[3] = 7;
    ck_assert_double_eq(hn_condition_violation(constraint->condition, values, active), 2.5);
    hone_plan_destroy(plan);
}
END_TEST

START_TEST(names_come_from_file_program_or_data)
{
    static const struct {
        const char *words[4], *name;
    } programs[] = {
        {{"python", "train.py", "{x}", NULL}, "train"},
        {{"python3", "lib/a.b.py", "{x}", NULL}, "a"},
        {{"./fit", "{x}", NULL, NULL}, "fit"},
        {{"bash", "-c", "{x}", NULL}, "bash"},
        {{"/usr/bin/env", "python3", "{x}", NULL}, "python3"},
    };
    hone_error err;
    for (size_t i = 0; i < sizeof programs / sizeof *programs; i++) {
        hone_plan *plan = NULL;
        size_t n = 0;
        while (programs[i].words[n]) {
            n++;
        }
        ck_assert(!hone_plan_create(&plan, &err));
        ck_assert(!hone_plan_set_words(plan, "command", programs[i].words, n, "--", &err));
        ck_assert(!hone_plan_add_parameter(plan, "x: {float: [0, 1]}", &err));
        ck_assert_msg(!hone_plan_check(plan, &err), "%s", err.message);
        ck_assert_str_eq(hone_plan_study(plan), programs[i].name);
        ck_assert_str_eq(hone_plan_storage(plan), "sqlite:///hone.db");
        ck_assert_int_eq(plan->search.trials, 50);
        hone_plan_destroy(plan);
    }
    hone_plan *plan = checked("goal: minimize x\n");
    ck_assert_str_eq(hone_plan_study(plan), "plan");
    ck_assert(!plan->command.given && !plan->space);
    hone_plan_destroy(plan);
    plan = NULL;
    ck_assert(!hone_plan_create(&plan, &err));
    ck_assert(!hone_plan_set_text(plan, "data.train", "data/iris.csv.gz", "file", &err));
    ck_assert(!hone_plan_set_text(plan, "model", "svm", "--model", &err));
    ck_assert_msg(!hone_plan_check(plan, &err), "%s", err.message);
    ck_assert_str_eq(hone_plan_study(plan), "iris-svm");
    hone_plan_destroy(plan);
}
END_TEST

START_TEST(options_go_over_the_file)
{
    hone_plan *plan = checked(study_file);
    hone_error err;
    ck_assert(hone_plan_has(plan, "search.trials") && !hone_plan_has(plan, "search.target"));
    ck_assert(!hone_plan_has(plan, "search.trials.more") && !hone_plan_has(plan, "sear"));
    ck_assert(!hone_plan_set(plan, "search.trials", "9", "--trials", &err));
    ck_assert(!hone_plan_set(plan, "search.target", "0.5", "--target", &err));
    ck_assert(!hone_plan_set_text(plan, "goal", "minimize loss", "--goal", &err));
    ck_assert(!hone_plan_add_parameter(plan, "lr={float: [0.001, 0.002]}", &err));
    ck_assert_msg(!hone_plan_check(plan, &err), "%s", err.message);
    ck_assert_int_eq(plan->search.trials, 9);
    ck_assert(plan->search.has_target && plan->search.target == 0.5);
    ck_assert_str_eq(plan->goal, "minimize loss");
    ck_assert_double_eq(plan->space->parameters[hn_space_find(plan->space, "lr")].distribution.high, 0.002);
    hn_assert_contains(hn_plan_definition(plan), "\"trials\": 9");
    ck_assert(!hone_plan_set(plan, "search.workers", "none", "--workers", &err));
    ck_assert_int_eq(hone_plan_check(plan, &err), HONE_INVALID);
    ck_assert_str_eq(err.message,
                     "--workers: search: workers must be a whole number of at least 1, found 'none'");
    hone_plan_destroy(plan);
}
END_TEST

START_TEST(a_text_becomes_a_map_when_options_go_below_it)
{
    hone_plan *plan = read_plan("model: svm\ndata: iris.csv\n");
    hone_error err;
    ck_assert(!hone_plan_add_parameter(plan, "C: {float: [1, 2]}", &err));
    ck_assert(!hone_plan_set(plan, "data.target", "-1", "--target", &err));
    ck_assert_msg(!hone_plan_check(plan, &err), "%s", err.message);
    ck_assert_str_eq(plan->model.type->name, "svm");
    ck_assert_str_eq(plan->data.train, "iris.csv");
    ck_assert_str_eq(plan->data.options.target, "-1");
    ck_assert_uint_eq(plan->space->count, 1);
    hone_plan_destroy(plan);
}
END_TEST

/* A study opened from a plan's texts has the space that the plan has. */
START_TEST(what_the_study_gets_means_the_same)
{
    hone_plan *plan = checked("storage: 'memory:'\n"
                              "space:\n"
                              "  a: {choice: ['1', 1, true, null, 'x y', \"q'\\\"\"]}\n"
                              "  b: 1.0\n"
                              "  c: {float: [-1, 1], step: 0.25, prior: {mean: 0, width: 0.5}}\n"
                              "  d: {int: [1, 64], factor: 2, when: \"a == 'x y' or not c < 0\"}\n");
    hone_study *study = NULL;
    hone_error err;
    hn_arena arena = HN_ARENA_INIT;
    hn_space *again = NULL;
    ck_assert_msg(!hone_plan_open(plan, &study, &err), "%s", err.message);
    ck_assert_msg(!hn_space_from_text(&arena, plan->space_text, plan->forbidden_text, &again, &err), "%s",
                  err.message);
    ck_assert_uint_eq(again->count, plan->space->count);
    for (size_t i = 0; i < again->count; i++) {
        const hn_parameter *a = &again->parameters[i], *b = &plan->space->parameters[i];
        ck_assert_str_eq(a->name, b->name);
        ck_assert(hn_distribution_equal(&a->distribution, &b->distribution));
        ck_assert(!a->when == !b->when);
    }
    hone_study_destroy(study);
    hn_arena_release(&arena);
    hone_plan_destroy(plan);
}
END_TEST

/* Every allocation of reading and checking may fail: an error, no crash, no leak. */
START_TEST(memory_may_run_out)
{
    hone_error err;
    char *folder = hn_test_temp_dir(), *path = hn_test_path(folder, "plan.yaml");
    hn_test_write(path, study_file);
    for (long k = 0;; k++) {
        hone_plan *plan = NULL;
        hn_memory_fail_at(k, 1);
        hone_status status = hone_plan_read(path, &plan, &err);
        status = status ? status : hone_plan_check(plan, &err);
        hn_memory_fail_at(-1, 0);
        hone_plan_destroy(plan);
        if (!status) {
            ck_assert_int_gt(k, 20);
            break;
        }
        ck_assert_msg(status == HONE_OUT_OF_MEMORY, "allocation %ld: %s", k, err.message);
    }
    free(path);
    free(folder);
}
END_TEST

Suite *suite_plan(void)
{
    Suite *suite = suite_create("plan");
    TCase *files = tcase_create("files");
    tcase_add_test(files, reads_every_key);
    tcase_add_test(files, a_study_keeps_its_plan);
    tcase_add_test(files, constraints_over_parameters_are_hard);
    tcase_add_test(files, constraints_over_metrics_are_soft);
    tcase_add_test(files, names_come_from_file_program_or_data);
    tcase_add_test(files, what_the_study_gets_means_the_same);
    suite_add_tcase(suite, files);
    TCase *options = tcase_create("options");
    tcase_add_test(options, options_go_over_the_file);
    tcase_add_test(options, a_text_becomes_a_map_when_options_go_below_it);
    suite_add_tcase(suite, options);
    TCase *memory = tcase_create("memory");
    tcase_add_test(memory, memory_may_run_out);
    suite_add_tcase(suite, memory);
    return suite;
}
