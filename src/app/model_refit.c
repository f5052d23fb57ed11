/* The best model, fitted again on all training rows, scored on those held out, and saved: what the program
 * asks a worker for, and what the worker does. The request carries the plan, so that both see the same rows.
 */
#include <math.h>
#include <string.h>

#include "app/model_job_parts.h"
#include "base/memory.h"
#include "select/estimator.h"

bool hn_refit_is_wanted(const hone_plan *plan, const char *path)
{
    return path || plan->outer_fold || plan->data.test || plan->data.held_out > 0;
}

hn_node *hn_trial_params_map(hn_arena *arena, const hone_trial_info *trial)
{
    hn_node *map = hn_node_map(arena);
    for (size_t i = 0; i < trial->n_params; i++) {
        map =
            hn_map_append(arena, map, trial->params[i].name, hn_value_to_node(arena, trial->params[i].value));
    }
    return map;
}

/* The file, or all of them. */
static hn_node *data_node(hn_arena *arena, const hn_plan_data *data)
{
    hn_node *list = hn_node_list(arena);
    if (!data->options.more || !*data->options.more) {
        return hn_node_string(arena, data->train);
    }
    list = hn_list_append(arena, list, hn_node_string(arena, data->train));
    for (const char *const *file = data->options.more; *file; file++) {
        list = hn_list_append(arena, list, hn_node_string(arena, *file));
    }
    return list;
}

/* Where the model comes from, kept in its file. */
static hn_node *provenance(hn_arena *arena, const hone_plan *plan, const hone_trial_info *best)
{
    hn_node *map = hn_node_map(arena);
    map = hn_map_set(arena, map, "data", data_node(arena, &plan->data));
    map = hn_map_set(arena, map, "study", hn_node_string(arena, plan->study));
    map = hn_map_set(arena, map, "storage", hn_node_string(arena, plan->storage_shown));
    map = hn_map_set(arena, map, "trial", hn_node_integer(arena, best->number));
    map = hn_map_set(arena, map, "metric", hn_node_string(arena, plan->goals[0]));
    return best->n_values ? hn_map_set(arena, map, "value", hn_node_real(arena, best->values[0])) : map;
}

hn_node *hn_refit_request(hn_arena *arena, const hone_plan *plan, const hone_trial_info *best, uint64_t seed,
                          int threads, const char *checkpoint, const char *path)
{
    hn_node *map = hn_node_map(arena);
    map = hn_map_set(arena, map, "plan", hn_node_copy(arena, plan->root));
    map = hn_map_set(arena, map, "params", hn_trial_params_map(arena, best));
    map = hn_map_set(arena, map, "outer_fold", hn_node_integer(arena, plan->outer_fold));
    map = hn_map_set(arena, map, "seed", hn_node_integer(arena, (int64_t)seed));
    map = hn_map_set(arena, map, "threads", hn_node_integer(arena, threads));
    if (checkpoint) {
        map = hn_map_set(arena, map, "checkpoint", hn_node_string(arena, checkpoint));
    }
    map = hn_map_set(arena, map, "provenance", provenance(arena, plan, best));
    return path ? hn_map_set(arena, map, "file", hn_node_string(arena, path)) : map;
}

/* --- in the worker --- */

static const hn_node *scores_node(hn_arena *arena, const hn_scores *scores)
{
    hn_node *map = hn_node_map(arena);
    for (size_t m = 0; m < scores->n_metrics; m++) {
        const char *name =
            hn_arena_strdup(arena, scores->metrics[m]->name); /* own metrics end with the job */
        map = name ? hn_map_set(arena, map, name, hn_node_real(arena, scores->mean[m])) : NULL;
    }
    return map;
}

/* Scores the held-out rows, or the test file. */
static hone_status score(const hn_model_job *job, const hn_estimator *estimator, const hn_rows *rows,
                         hn_arena *arena, hn_held_out *held_out, hone_error *err)
{
    const hone_plan *plan = job->plan;
    size_t n = rows->n_out;
    const char *file = plan->outer_fold ? NULL : plan->data.test;
    hn_dataset *test = NULL;
    hn_scores scores = {0};
    hone_status status = HONE_OK;
    if ((!n && !file) || hn_is_measure(plan->goals[0])) {
        return HONE_OK;
    }
    if (file) {
        status = hn_job_read_test(job, estimator, &test, err);
    }
    if (!status) {
        status =
            hn_estimator_evaluate(estimator, test ? test : job->dataset, test ? NULL : rows->out,
                                  test ? test->n_rows : n, job->metrics, &job->own_metrics, &scores, err);
    }
    if (!status) {
        held_out->given = true;
        held_out->value = scores.mean[0];
        held_out->rows = test ? test->n_rows : n;
        held_out->scores = scores_node(arena, &scores);
        status = held_out->scores ? HONE_OK : hn_out_of_memory(err);
    }
    hn_scores_release(&scores);
    hn_dataset_destroy(test);
    return status;
}

static hone_status fit(hn_model_job *job, const hn_node *request, const hn_estimator_options *usual,
                       const hn_rows *rows, hn_estimator **estimator, hone_error *err)
{
    const hn_plan_model *model = &job->plan->model;
    const hn_node *params = hn_map_get(request, "params");
    hn_estimator_options options = *usual;
    hn_node *settings = hn_options_substitute(&job->arena, model->options, params);
    int64_t threads = 1;
    hn_node_int(hn_map_get(request, "threads"), &threads);
    hone_status status =
        settings ? hn_preprocess_read(&job->arena, model->preprocess, params, &options.preprocess, err)
                 : hn_out_of_memory(err);
    if (!status && threads > 1) {
        status = hn_thread_pool_create((size_t)threads, &options.pool, err);
    }
    if (!status) {
        status = hn_estimator_fit(job->dataset, rows->kept, rows->n_kept, model->type, settings, &options,
                                  estimator, err);
    }
    hn_thread_pool_destroy(options.pool);
    return status;
}

/* usual: seed and decision are filled in. */
static hone_status refit(hn_model_job *job, const hn_node *request, hn_estimator_options *usual,
                         hn_arena *arena, hn_held_out *held_out, hone_error *err)
{
    const hn_node *file = hn_map_get(request, "file"), *checkpoint = hn_map_get(request, "checkpoint");
    int64_t seed = 0;
    hn_rows rows = {0};
    hn_estimator *estimator = NULL;
    hn_node_int(hn_map_get(request, "seed"), &seed);
    usual->seed = (uint64_t)seed;
    usual->decision = job->decision;
    usual->checkpoint = checkpoint ? checkpoint->as.string : NULL;
    hone_status status = hn_job_rows(job, (uint64_t)seed, &rows, err);
    if (!status) {
        status = fit(job, request, usual, &rows, &estimator, err);
    }
    if (!status) {
        held_out->threshold = estimator->threshold.at;
        held_out->threshold_value = estimator->threshold.value;
        held_out->usual_value = estimator->threshold.usual;
    }
    if (!status) {
        status = score(job, estimator, &rows, arena, held_out, err);
    }
    if (!status && file) {
        status = hn_estimator_save(estimator, file->as.string, hn_map_get(request, "provenance"), err);
    }
    hn_estimator_destroy(estimator);
    hn_rows_release(&rows);
    return status;
}

hone_status hn_refit_run(const hn_node *request, const hn_dataset *dataset,
                         bool (*step_done)(void *user, const hn_fit_step *step), void *step_user,
                         hn_arena *arena, hn_held_out *held_out, hone_error *err)
{
    hone_plan *plan = NULL;
    hn_model_job *job = NULL;
    hone_status status = hn_plan_from_node(hn_map_get(request, "plan"), &plan, err);
    *held_out = (hn_held_out){.threshold = NAN};
    if (!status) {
        hn_node_int(hn_map_get(request, "outer_fold"), &plan->outer_fold);
        status = hone_plan_check(plan, err);
    }
    if (!status) {
        status = hn_model_job_open(plan, dataset, &job, err);
    }
    if (!status) {
        hn_estimator_options usual = {.step_done = step_done, .step_user = step_user};
        status = refit(job, request, &usual, arena, held_out, err);
    }
    hn_model_job_destroy(job);
    hone_plan_destroy(plan);
    return status;
}
