#include "app/model_job.h"

#include <math.h>
#include <string.h>

#include "app/plan_reader.h"
#include "base/memory.h"
#include "base/os_system.h"
#include "select/estimator.h"
#include "select/split.h"

struct hn_model_job {
    hone_plan *plan;
    hn_arena arena;
    hn_dataset *dataset;
    const char *metrics; /* comma-separated: the goals, then what the plan adds */
    const char *summary;
};

/* --- goals -----------------------------------------------------------------------------------------------
 */

/* What a worker measures beside scores. */
static bool is_measure(const char *name)
{
    return !strcmp(name, "fit_seconds") || !strcmp(name, "score_seconds");
}

/* The first metric becomes the goal. */
static hone_status choose_goal(hn_model_job *job, hone_error *err)
{
    hone_plan *plan = job->plan;
    const hn_metric *metrics[HN_MAX_METRICS];
    size_t n;
    hone_status status =
        hn_metric_list(plan->model.metrics, job->dataset->task, job->dataset->n_classes, metrics, &n, err);
    if (status) {
        return status;
    }
    const char **goals = HN_ARENA_NEW(&plan->arena, const char *, 1);
    plan->goal = hn_arena_printf(&plan->arena, "%s %s", metrics[0]->maximize ? "maximize" : "minimize",
                                 metrics[0]->name);
    if (!goals || !plan->goal) {
        return hn_out_of_memory(err);
    }
    goals[0] = metrics[0]->name;
    plan->goals = goals;
    plan->n_goals = 1;
    return HONE_OK;
}

static bool is_goal(const hone_plan *plan, const char *name, size_t size)
{
    for (size_t i = 0; i < plan->n_goals; i++) {
        if (strlen(plan->goals[i]) == size && !memcmp(plan->goals[i], name, size)) {
            return true;
        }
    }
    return false;
}

/* The metrics to measure, goals first, each once. */
static hone_status list_metrics(hn_model_job *job, hone_error *err)
{
    const hone_plan *plan = job->plan;
    const hn_metric *metrics[HN_MAX_METRICS];
    size_t n;
    hn_buffer text = HN_BUFFER_INIT;
    for (size_t i = 0; i < plan->n_goals; i++) {
        if (!is_measure(plan->goals[i])) {
            hn_buffer_printf(&text, "%s%s", text.size ? "," : "", plan->goals[i]);
        }
    }
    const char *rest = plan->model.metrics;
    while (rest && *rest) {
        size_t size = strcspn(rest, ",");
        if (!is_goal(plan, rest, size)) {
            hn_buffer_printf(&text, "%s%.*s", text.size ? "," : "", (int)size, rest);
        }
        rest += size + (rest[size] == ',');
    }
    job->metrics = hn_buffer_failed(&text) ? NULL : hn_arena_strdup(&job->arena, hn_buffer_string(&text));
    hn_buffer_release(&text);
    if (!job->metrics) {
        return hn_out_of_memory(err);
    }
    return hn_metric_list(job->metrics, job->dataset->task, job->dataset->n_classes, metrics, &n, err);
}

/* --- rows ----------------------------------------------------------------------------------------------- */

hone_status hn_held_out_rows(const double *y, size_t n_classes, size_t n, double share, uint64_t seed,
                             size_t *kept, size_t *n_kept, size_t *out, size_t *n_out, hone_error *err)
{
    bool *held = hn_calloc(n, sizeof *held);
    hone_status status = HONE_OK;
    if (!held) {
        return hn_out_of_memory(err);
    }
    if (share > 0) {
        status = hn_hold_out(y, n_classes, n, share, seed, held, err);
    }
    size_t inside = 0, outside = 0;
    for (size_t i = 0; !status && i < n; i++) {
        if (!held[i]) {
            kept[inside++] = i;
        } else if (out) {
            out[outside++] = i;
        }
    }
    hn_free(held);
    if (!status) {
        *n_kept = inside;
        *n_out = outside;
    }
    return status;
}

/* The rows trials saw, and the others; both free'd by the caller with hn_free. */
typedef struct parts {
    size_t *kept, *out, n_kept, n_out;
} parts;

static hone_status make_parts(const hn_model_job *job, uint64_t seed, parts *made, hone_error *err)
{
    const hn_dataset *set = job->dataset;
    const double *y = set->task == HN_TASK_CLASSIFICATION ? set->target : NULL;
    made->kept = hn_calloc(set->n_rows, sizeof *made->kept);
    made->out = hn_calloc(set->n_rows, sizeof *made->out);
    if (!made->kept || !made->out) {
        return hn_out_of_memory(err);
    }
    return hn_held_out_rows(y, set->n_classes, set->n_rows, job->plan->data.held_out, seed, made->kept,
                            &made->n_kept, made->out, &made->n_out, err);
}

static void release_parts(parts *made)
{
    hn_free(made->kept);
    hn_free(made->out);
}

hone_status hn_preprocess_read(hn_arena *arena, const hn_node *node, const hn_node *params,
                               hn_preprocess_options *options, hone_error *err)
{
    const hn_node *given = hn_options_substitute(arena, node, params);
    return given ? hn_options_apply(arena, &hn_preprocess_table, "preprocess",
                                    hn_map_get(given, "preprocess"), options, err)
                 : hn_out_of_memory(err);
}

/* What the folds are made with. */
static hn_validation_options validation_options(const hn_model_job *job, uint64_t seed)
{
    const hn_plan_model *model = &job->plan->model;
    return (hn_validation_options){.kind = model->split,
                                   .folds = (size_t)model->folds,
                                   .repeats = (size_t)model->repeats,
                                   .shuffle = model->shuffle,
                                   .test_share = model->test_share,
                                   .seed = seed};
}

/* Whether the folds can be made, whatever the seed: said before the first trial, not by each that fails. */
static hone_status check_folds(const hn_model_job *job, hone_error *err)
{
    hn_validation_options options = validation_options(job, 0);
    hn_split_options split = {.kind = options.kind,
                              .folds = options.folds,
                              .repeats = options.repeats,
                              .test_share = options.test_share};
    parts rows = {0};
    hn_splits splits = {0};
    hone_status status = make_parts(job, 0, &rows, err);
    if (!status) {
        status = hn_splits_create(&split, job->dataset, rows.kept, rows.n_kept, &splits, err);
    }
    hn_splits_release(&splits);
    release_parts(&rows);
    return status;
}

/* --- opening ---------------------------------------------------------------------------------------------
 */

static hone_status summarise(hn_model_job *job, hone_error *err)
{
    const hn_dataset *set = job->dataset;
    job->summary = set->task == HN_TASK_CLASSIFICATION
                       ? hn_arena_printf(&job->arena, "%zu rows, %zu columns, %zu classes of %s", set->n_rows,
                                         set->n_columns, set->n_classes, set->target_name)
                       : hn_arena_printf(&job->arena, "%zu rows, %zu columns, regression of %s", set->n_rows,
                                         set->n_columns, set->target_name);
    if (job->summary && set->weight) {
        job->summary = hn_arena_printf(&job->arena, "%s, weighted by %s", job->summary, set->weight->name);
    }
    return job->summary ? HONE_OK : hn_out_of_memory(err);
}

/* Options that are fixed, with the task now known. */
static hone_status check_options(hn_model_job *job, hone_error *err)
{
    const hn_plan_model *model = &job->plan->model;
    hn_node *fixed = hn_options_substitute(&job->arena, model->options, NULL);
    void *config = hn_arena_alloc(&job->arena, 1, model->type->options.config_size);
    if (!fixed || !config) {
        return hn_out_of_memory(err);
    }
    return hn_model_configure(model->type, job->dataset->task, &job->arena, fixed, config, err);
}

static hone_status fill(hn_model_job *job, hone_error *err)
{
    hone_plan *plan = job->plan;
    hone_status status = hn_dataset_read(plan->data.train, &plan->data.options, &job->dataset, err);
    if (!status && !plan->goal) {
        status = choose_goal(job, err);
    }
    if (!status) {
        status = list_metrics(job, err);
    }
    if (!status) {
        status = hn_model_check_weights(plan->model.type, job->dataset, err);
    }
    if (!status) {
        status = check_options(job, err);
    }
    if (!status) {
        status = check_folds(job, err);
    }
    return status ? status : summarise(job, err);
}

hone_status hn_model_job_open(hone_plan *plan, hn_model_job **job, hone_error *err)
{
    hn_model_job *made = hn_calloc(1, sizeof *made);
    if (!made) {
        return hn_out_of_memory(err);
    }
    made->plan = plan;
    hone_status status = fill(made, err);
    if (status) {
        hn_model_job_destroy(made);
        return status;
    }
    *job = made;
    return HONE_OK;
}

void hn_model_job_destroy(hn_model_job *job)
{
    if (job) {
        hn_dataset_destroy(job->dataset);
        hn_arena_release(&job->arena);
        hn_free(job);
    }
}

const char *hn_model_job_summary(const hn_model_job *job)
{
    return job->summary;
}

hone_status hn_model_job_share(const hn_model_job *job, int *fd, hone_error *err)
{
    return hn_dataset_share(job->dataset, fd, err);
}

/* --- what is told to others ------------------------------------------------------------------------------
 */

/* Entries that both the identity and a worker's config have. */
static hn_node *validation_node(hn_model_job *job)
{
    hn_arena *arena = &job->arena;
    const hn_plan_model *model = &job->plan->model;
    hn_node *map = hn_node_map(arena);
    map = hn_map_set(arena, map, "model", hn_node_string(arena, model->type->name));
    map = hn_map_set(arena, map, "folds", hn_node_integer(arena, model->folds));
    map = hn_map_set(arena, map, "shuffle", hn_node_bool(arena, model->shuffle));
    if (model->split != HN_SPLIT_STRATIFIED || model->repeats > 1) { /* studies of old do not have them */
        map = hn_map_set(arena, map, "split", hn_node_string(arena, hn_split_names[model->split]));
        map = hn_map_set(arena, map, "repeats", hn_node_integer(arena, model->repeats));
        map = hn_map_set(arena, map, "test_share", hn_node_real(arena, model->test_share));
    }
    const hn_node *preprocess = hn_map_get(model->preprocess, "preprocess");
    map = hn_map_set(arena, map, "max_categories", hn_node_integer(arena, HN_DEFAULT_MAX_CATEGORIES));
    for (size_t i = 0; i < preprocess->count; i++) {
        const hn_map_entry *entry = &preprocess->as.entries[i];
        map = hn_map_set(arena, map, entry->key,
                         hn_is_search_expression(entry->value) ? hn_node_string(arena, "searched")
                                                               : hn_node_copy(arena, entry->value));
    }
    return hn_map_set(arena, map, "held_out", hn_node_real(arena, job->plan->data.held_out));
}

const char *hn_model_job_identity(hn_model_job *job)
{
    hn_arena *arena = &job->arena;
    hn_node *map = validation_node(job);
    map = hn_map_set(arena, map, "rows", hn_node_integer(arena, (int64_t)job->dataset->n_rows));
    map = hn_map_set(arena, map, "columns", hn_node_integer(arena, (int64_t)job->dataset->n_columns));
    map = hn_map_set(arena, map, "target", hn_node_string(arena, job->dataset->target_name));
    if (job->dataset->weight) {
        map = hn_map_set(arena, map, "weights", hn_node_string(arena, job->dataset->weight->name));
    }
    return hn_node_json(arena, map, HN_JSON_STRICT);
}

const char *hn_model_job_config(hn_model_job *job, uint64_t seed, int workers)
{
    enum { MAX_MEMORY = 1 << 30 };
    hn_arena *arena = &job->arena;
    uint64_t share = hn_memory_total_bytes() / 4 / (uint64_t)workers;
    int64_t memory = share && share < MAX_MEMORY ? (int64_t)share : MAX_MEMORY;
    hn_node *map = validation_node(job);
    map = hn_map_set(arena, map, "preprocess", hn_node_copy(arena, job->plan->model.preprocess));
    map = hn_map_set(arena, map, "train_scores", hn_node_bool(arena, job->plan->model.train_scores));
    map = hn_map_set(arena, map, "options", hn_node_copy(arena, job->plan->model.options));
    map = hn_map_set(arena, map, "metrics", hn_node_string(arena, job->metrics));
    map = hn_map_set(arena, map, "seed", hn_node_integer(arena, (int64_t)seed));
    map = hn_map_set(arena, map, "memory_bytes", hn_node_integer(arena, memory));
    return hn_node_json(arena, map, HN_JSON_STRICT);
}

/* --- the best model, fitted again ------------------------------------------------------------------------
 */

static hn_node *params_node(hn_arena *arena, const hone_trial_info *trial)
{
    hn_node *map = hn_node_map(arena);
    for (size_t i = 0; i < trial->n_params; i++) {
        map =
            hn_map_append(arena, map, trial->params[i].name, hn_value_to_node(arena, trial->params[i].value));
    }
    return map;
}

/* Scores the held-out rows, or the test file. */
static hone_status score(hn_model_job *job, const hn_estimator *estimator, const size_t *rows, size_t n,
                         hn_held_out *held_out, hone_error *err)
{
    const hone_plan *plan = job->plan;
    hn_dataset *test = NULL;
    hn_scores scores = {0};
    hn_schema schema;
    hone_status status = HONE_OK;
    if ((!n && !plan->data.test) || is_measure(plan->goals[0])) {
        return HONE_OK;
    }
    if (plan->data.test) {
        hn_dataset_options options = plan->data.options;
        hn_estimator_adapt(estimator, true, &options, &schema);
        status = hn_dataset_read(plan->data.test, &options, &test, err);
    }
    if (!status) {
        status = hn_estimator_evaluate(estimator, test ? test : job->dataset, test ? NULL : rows,
                                       test ? test->n_rows : n, plan->goals[0], &scores, err);
    }
    if (!status) {
        *held_out = (hn_held_out){.given = true, .value = scores.mean[0], .rows = test ? test->n_rows : n};
    }
    hn_scores_release(&scores);
    hn_dataset_destroy(test);
    return status;
}

/* Where the model comes from, kept in its file. */
static hn_node *provenance(hn_model_job *job, const hone_trial_info *best)
{
    hn_arena *arena = &job->arena;
    hn_node *map = hn_node_map(arena);
    map = hn_map_set(arena, map, "data", hn_node_string(arena, job->plan->data.train));
    map = hn_map_set(arena, map, "study", hn_node_string(arena, job->plan->study));
    map = hn_map_set(arena, map, "storage", hn_node_string(arena, job->plan->storage));
    map = hn_map_set(arena, map, "trial", hn_node_integer(arena, best->number));
    map = hn_map_set(arena, map, "metric", hn_node_string(arena, job->plan->goals[0]));
    return best->n_values ? hn_map_set(arena, map, "value", hn_node_real(arena, best->values[0])) : map;
}

hone_status hn_model_job_refit(hn_model_job *job, const hone_trial_info *best, uint64_t seed,
                               const char *path, hn_held_out *held_out, hone_error *err)
{
    const hone_plan *plan = job->plan;
    parts rows = {0};
    hn_node *params = params_node(&job->arena, best);
    hn_node *settings = params ? hn_options_substitute(&job->arena, plan->model.options, params) : NULL;
    hn_estimator_options options = {.seed = seed};
    hn_estimator *estimator = NULL;
    *held_out = (hn_held_out){0};
    if (!path && !plan->data.test && !(plan->data.held_out > 0)) {
        return HONE_OK;
    }
    hone_status status = settings ? make_parts(job, seed, &rows, err) : hn_out_of_memory(err);
    if (!status) {
        status = hn_preprocess_read(&job->arena, plan->model.preprocess, params, &options.preprocess, err);
    }
    if (!status) {
        status = hn_estimator_fit(job->dataset, rows.kept, rows.n_kept, plan->model.type, settings, &options,
                                  &estimator, err);
    }
    if (!status) {
        status = score(job, estimator, rows.out, rows.n_out, held_out, err);
    }
    if (!status && path) {
        hn_node *origin = provenance(job, best);
        status = origin ? hn_estimator_save(estimator, path, origin, err) : hn_out_of_memory(err);
    }
    hn_estimator_destroy(estimator);
    release_parts(&rows);
    return status;
}

hone_status hn_model_job_deviation(hn_model_job *job, const hone_trial_info *trial, uint64_t seed,
                                   int threads, double *deviation, hone_error *err)
{
    const hn_plan_model *model = &job->plan->model;
    hn_validation_options options = validation_options(job, seed);
    parts rows = {0};
    hn_validation *validation = NULL;
    hn_thread_pool *pool = NULL;
    hn_scores scores = {0};
    options.metrics = job->plan->goals[0];
    *deviation = NAN;
    if (is_measure(job->plan->goals[0])) {
        return HONE_OK;
    }
    hn_node *params = params_node(&job->arena, trial);
    hn_node *settings = params ? hn_options_substitute(&job->arena, model->options, params) : NULL;
    hone_status status = settings ? make_parts(job, seed, &rows, err) : hn_out_of_memory(err);
    if (!status) {
        status = hn_preprocess_read(&job->arena, model->preprocess, params, &options.preprocess, err);
    }
    if (!status) {
        status = hn_validation_create(job->dataset, rows.kept, rows.n_kept, model->type, &options,
                                      &validation, err);
    }
    if (!status) {
        status = hn_thread_pool_create((size_t)threads, &pool, err);
    }
    if (!status) {
        status = hn_validation_run(validation, settings, pool, NULL, &scores, err);
    }
    if (!status) {
        *deviation = scores.deviation[0];
    }
    hn_scores_release(&scores);
    hn_thread_pool_destroy(pool);
    hn_validation_destroy(validation);
    release_parts(&rows);
    return status;
}
