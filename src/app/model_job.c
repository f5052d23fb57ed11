#include <string.h>
#include <unistd.h> /* lint: allow os: only close, for the descriptor that hn_dataset_share hands over */

#include "app/model_job_parts.h"
#include "app/model_metric.h"
#include "app/model_shapes.h"
#include "app/plan_reader.h"
#include "base/memory.h"
#include "base/os_system.h"
#include "select/cross_validate.h"
#include "select/metric.h"
#include "select/split.h"

/* --- goals --- */

bool hn_is_measure(const char *name)
{
    return !strcmp(name, "fit_seconds") || !strcmp(name, "score_seconds");
}

/* The first metric becomes the goal. */
static hone_status choose_goal(hn_model_job *job, hone_error *err)
{
    hone_plan *plan = job->plan;
    const hn_metric *metrics[HN_MAX_METRICS];
    size_t n;
    hone_status status = hn_metric_list(plan->model.metrics, &job->own_metrics, job->dataset->task,
                                        job->dataset->n_classes, metrics, &n, err);
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
        if (!hn_is_measure(plan->goals[i])) {
            hn_buffer_printf(&text, "%s%s", text.size ? "," : "", plan->goals[i]);
            job->n_goals++;
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
    return hn_metric_list(job->metrics, &job->own_metrics, job->dataset->task, job->dataset->n_classes,
                          metrics, &n, err);
}

/* --- rows --- */

hone_status hn_job_rows(const hn_model_job *job, uint64_t seed, hn_rows *rows, hone_error *err)
{
    const hone_plan *plan = job->plan;
    hn_rows_options options = {.held_out = plan->data.held_out,
                               .seed = seed,
                               .outer = (size_t)plan->model.outer,
                               .outer_fold = (size_t)plan->outer_fold,
                               .split = plan->model.split,
                               .shuffle = plan->model.shuffle};
    return hn_rows_choose(&options, job->dataset, rows, err);
}

hone_status hn_preprocess_read(hn_arena *arena, const hn_node *node, const hn_node *params,
                               hn_preprocess_options *options, hone_error *err)
{
    const hn_node *given = hn_options_substitute(arena, node, params);
    return given ? hn_options_apply(arena, &hn_preprocess_table, "preprocess",
                                    hn_map_get(given, "preprocess"), options, err)
                 : hn_out_of_memory(err);
}

/* Measures the folds, and tells the pruner of them. What is rare (leave-one-out) is looked at in some. */
static hone_status look_at_folds(hn_model_job *job, const hn_splits *splits, size_t n, hone_error *err)
{
    enum { LOOKED_AT = 20 };
    const hn_dataset *set = job->dataset;
    size_t folds = splits->n_splits, step = folds > LOOKED_AT ? folds / LOOKED_AT : 1, n_train, n_test;
    double ratios = 0, looked = 0;
    hn_fold_facts facts = {.n_folds = job->n_folds, .goal_is_score = !hn_is_measure(job->plan->goals[0])};
    size_t *order = hn_calloc(n, sizeof *order);
    if (!order) {
        return hn_out_of_memory(err);
    }
    for (size_t k = 0; k < folds; k += step) {
        hn_splits_rows(splits, k, order, &n_train, &n_test);
        facts.n_train = n_train > facts.n_train ? n_train : facts.n_train;
        job->n_least = n_train < job->n_least || k == 0 ? n_train : job->n_least;
        ratios += (double)n_test / (double)n_train;
        looked++;
    }
    hn_free(order);
    facts.ratio = ratios / looked;
    facts.smallest = 2 * folds * (set->n_classes ? set->n_classes : 1);
    return hn_plan_complete_pruner(job->plan, &facts, err);
}

static hone_status count_fits(hn_model_job *job, size_t splits, hone_error *err)
{
    size_t executions = job->plan->search.executions ? (size_t)job->plan->search.executions : 1;
    const char *folds = hn_arena_printf(&job->arena, "%zu fold%s", splits, splits == 1 ? "" : "s");
    job->n_folds = splits * executions;
    job->fits = executions > 1 && folds
                    ? hn_arena_printf(&job->arena, "%zu executions of %s", executions, folds)
                    : folds;
    return job->fits ? HONE_OK : hn_out_of_memory(err);
}

/* The error where the study file says which rows score. */
static hone_status refuse_folds(const hn_model_job *job, size_t n_kept, hone_status status,
                                const hone_error *why, hone_error *err)
{
    const hn_node *root = job->plan->root, *data = hn_map_get(root, "data"), *cv = hn_map_get(root, "cv");
    const hn_node *split = hn_map_get(data, "validation_split"), *out = hn_map_get(data, "held_out");
    const hn_node *at = split ? split : cv ? cv : out ? out : data;
    hn_position place = at ? at->at : (hn_position){0};
    if (n_kept == job->dataset->n_rows) {
        return hn_fail_at(err, status, place, "%s", why->message);
    }
    return hn_fail_at(err, status, place, "%s (trials see %zu of all %zu)", why->message, n_kept,
                      job->dataset->n_rows);
}

/* Whether the folds can be made, whatever the seed: said before the first trial, not by each that fails. */
static hone_status check_folds(hn_model_job *job, hone_error *err)
{
    hone_error why;
    const hn_plan_model *model = &job->plan->model;
    hn_split_options split = {.kind = model->split,
                              .folds = (size_t)model->folds,
                              .repeats = (size_t)model->repeats,
                              .test_share = model->test_share};
    hn_rows rows = {0};
    hn_splits splits = {0};
    hone_status status = hn_job_rows(job, 0, &rows, err);
    if (!status) {
        status = hn_splits_create(&split, job->dataset, rows.kept, rows.n_kept, &splits, &why);
        status = status ? refuse_folds(job, rows.n_kept, status, &why, err) : HONE_OK;
    }
    if (!status) {
        status = count_fits(job, splits.n_splits, err);
    }
    if (!status) {
        status = look_at_folds(job, &splits, rows.n_kept, err);
    }
    hn_splits_release(&splits);
    hn_rows_release(&rows);
    return status;
}

/* --- probabilities --- */

/* What is computed from probabilities; NULL: nothing. */
static const char *needs_probabilities(const hn_model_job *job)
{
    const hn_metric *metrics[HN_MAX_METRICS];
    const hn_dataset *set = job->dataset;
    size_t n = 0;
    if (job->decision.given) {
        return "decision";
    }
    hn_metric_list(job->metrics, &job->own_metrics, set->task, set->n_classes, metrics, &n, NULL);
    for (size_t m = 0; m < n; m++) {
        if (hn_metric_source_of(metrics[m], job->plan->model.type, set->n_classes) == HN_FROM_PROBABILITIES) {
            return metrics[m]->name;
        }
    }
    return NULL;
}

/* A model that gives probabilities only when told to is told to, unless the user says otherwise. */
static hone_status turn_on_probabilities(hn_model_job *job, hone_error *err)
{
    hn_plan_model *model = &job->plan->model;
    hn_arena *arena = &job->plan->arena;
    const char *option = model->type->probability_option, *name = option ? needs_probabilities(job) : NULL;
    const hn_node *given = name ? hn_map_get(model->options, option) : NULL;
    if (given && given->kind == HN_BOOL && !given->as.boolean) {
        return hn_fail_at(err, HONE_INVALID, given->at,
                          "model %s: %s needs probabilities: leave out %s: false", model->type->name, name,
                          option);
    }
    if (name && !given) {
        hn_node *options = hn_node_copy(arena, model->options);
        model->options = hn_map_set(arena, options, option, hn_node_bool(arena, true));
        job->turned_on = hn_arena_printf(arena, "%s: true for %s", option, name);
    }
    return model->options && (!name || given || job->turned_on) ? HONE_OK : hn_out_of_memory(err);
}

/* --- opening --- */

/* "60000 rows of 1 x 28 x 28"; "6000 rows of 200 tokens, 10000 different ones"; "150 rows, 4 columns". */
static hone_status describe_rows(const hn_dataset *set, hn_buffer *out, hone_error *err)
{
    const hn_sample_block *samples = set->samples;
    hn_buffer_printf(out, "%zu rows", set->n_rows);
    for (size_t i = 0; samples && i < samples->rank; i++) {
        hn_buffer_printf(out, "%s%zu", i ? " x " : " of ", samples->shape[i]);
    }
    if (samples && samples->text) {
        size_t words = samples->text->n_words + 2, most = samples->text->vocabulary;
        hn_buffer_printf(out, " tokens, %zu different ones", words < most ? words : most);
    } else if (!samples) {
        hn_buffer_printf(out, ", %zu columns", set->n_columns);
    }
    return hn_buffer_failed(out) ? hn_out_of_memory(err) : HONE_OK;
}

static hone_status summarise(hn_model_job *job, hone_error *err)
{
    const hn_dataset *set = job->dataset;
    hn_buffer rows = HN_BUFFER_INIT;
    hone_status status = describe_rows(set, &rows, err);
    const char *text = hn_buffer_string(&rows);
    job->summary =
        set->task == HN_TASK_CLUSTERING ? hn_arena_printf(&job->arena, "%s, clustering", text)
        : set->task == HN_TASK_CLASSIFICATION
            ? hn_arena_printf(&job->arena, "%s, %zu classes of %s", text, set->n_classes, set->target_name)
            : hn_arena_printf(&job->arena, "%s, regression of %s", text, set->target_name);
    hn_buffer_release(&rows);
    if (status) {
        return status;
    }
    if (job->summary && set->weight) {
        job->summary = hn_arena_printf(&job->arena, "%s, weighted by %s", job->summary, set->weight->name);
    }
    if (job->summary && job->turned_on) {
        job->summary = hn_arena_printf(&job->arena, "%s, %s", job->summary, job->turned_on);
    }
    return job->summary ? HONE_OK : hn_out_of_memory(err);
}

/* Those in which nothing varies; what does was judged with values of the space. NULL when memory is out. */
static hn_node *fixed_options(hn_arena *arena, const hn_node *options)
{
    hn_node *all = hn_options_substitute(arena, options, NULL), *fixed = all ? hn_node_map(arena) : NULL;
    for (size_t i = 0; fixed && i < all->count; i++) {
        const hn_map_entry *entry = &all->as.entries[i];
        hn_node *varies = hn_node_map(arena);
        if (!varies || hn_options_collect(arena, hn_map_get(options, entry->key), varies, NULL)) {
            return NULL;
        }
        fixed = varies->count ? fixed : hn_map_append(arena, fixed, entry->key, entry->value);
    }
    return fixed;
}

/* Options that are fixed, with the task now known. */
static hone_status check_options(hn_model_job *job, hone_error *err)
{
    const hn_plan_model *model = &job->plan->model;
    hn_node *fixed = fixed_options(&job->arena, model->options);
    void *config = hn_arena_alloc(&job->arena, 1, model->type->options.config_size);
    if (!fixed || !config) {
        return hn_out_of_memory(err);
    }
    return hn_model_configure(model->type, job->dataset->task, &job->arena, fixed, config, err);
}

/* What was read goes into the memory that workers share, and is looked at there: it is held once. */
static hone_status read_data(hn_model_job *job, hone_error *err)
{
    const hn_plan_data *data = &job->plan->data;
    hn_dataset *read = NULL;
    hone_status status = hn_dataset_read(data->train, &data->options, &read, err);
    if (!status) {
        status = hn_dataset_share(read, &job->shared, err);
    }
    hn_dataset_destroy(read);
    if (!status) {
        status = hn_dataset_attach(job->shared, &job->own, err);
    }
    job->dataset = job->own;
    return status;
}

static hone_status fill(hn_model_job *job, hone_error *err)
{
    hone_plan *plan = job->plan;
    hone_status status = job->dataset ? HONE_OK : read_data(job, err);
    if (!status) {
        status =
            hn_model_metrics_make(&job->arena, &plan->model.own, job->dataset->task, job->dataset->classes,
                                  job->dataset->n_classes, &job->own_metrics, err);
    }
    if (!status && !plan->goal) {
        status = choose_goal(job, err);
    }
    if (!status) {
        status = list_metrics(job, err);
    }
    if (!status) {
        status = hn_model_check_data(plan->model.type, job->dataset, err);
    }
    if (!status) {
        status = hn_decision_read(plan->model.decision, job->dataset, plan->model.type, plan->model.split,
                                  &job->decision, err);
    }
    if (!status) {
        status = turn_on_probabilities(job, err);
    }
    if (!status) {
        status = check_options(job, err);
    }
    if (!status) {
        status = check_folds(job, err);
    }
    if (!status) {
        status = hn_model_job_check_shapes(job, err);
    }
    return status ? status : summarise(job, err);
}

hone_status hn_model_job_open(hone_plan *plan, const hn_dataset *dataset, hn_model_job **job, hone_error *err)
{
    hn_model_job *made = hn_calloc(1, sizeof *made);
    if (!made) {
        return hn_out_of_memory(err);
    }
    made->plan = plan;
    made->dataset = dataset;
    made->shared = -1;
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
        hn_dataset_destroy(job->own);
        if (job->shared >= 0) {
            close(job->shared);
        }
        hn_arena_release(&job->arena);
        hn_free(job);
    }
}

const char *hn_model_job_summary(const hn_model_job *job)
{
    return job->summary;
}

const hn_dataset *hn_model_job_dataset(const hn_model_job *job)
{
    return job->dataset;
}

const char *hn_model_job_fits(const hn_model_job *job)
{
    return job->fits;
}

size_t hn_model_job_folds(const hn_model_job *job)
{
    return job->n_folds;
}

hone_status hn_model_job_share(hn_model_job *job, int *fd, hone_error *err)
{
    hone_status status = job->shared >= 0 ? HONE_OK : hn_dataset_share(job->dataset, &job->shared, err);
    if (!status) {
        *fd = job->shared;
    }
    return status;
}

/* --- what is told to others --- */

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
    if (job->plan->search.executions > 1) {
        map = hn_map_set(arena, map, "executions", hn_node_integer(arena, job->plan->search.executions));
    }
    if (model->own.n) {
        map = hn_map_set(arena, map, "own_metrics", hn_node_copy(arena, model->own.node));
    }
    if (model->decision) {
        map = hn_map_set(arena, map, "decision", hn_node_copy(arena, model->decision));
    }
    const hn_node *preprocess = hn_map_get(model->preprocess, "preprocess");
    map = hn_map_set(arena, map, "max_categories", hn_node_integer(arena, HN_DEFAULT_MAX_CATEGORIES));
    for (size_t i = 0; i < preprocess->count; i++) {
        const hn_map_entry *entry = &preprocess->as.entries[i];
        map = hn_map_set(arena, map, entry->key,
                         hn_is_search_expression(entry->value) ? hn_node_string(arena, "searched")
                                                               : hn_node_copy(arena, entry->value));
    }
    if (job->plan->outer_fold) {
        map = hn_map_set(arena, map, "outer", hn_node_integer(arena, model->outer));
        map = hn_map_set(arena, map, "outer_fold", hn_node_integer(arena, job->plan->outer_fold));
    }
    return hn_map_set(arena, map, "held_out", hn_node_real(arena, job->plan->data.held_out));
}

const char *hn_model_job_identity(hn_model_job *job)
{
    hn_arena *arena = &job->arena;
    const hn_dataset *set = job->dataset;
    size_t columns = set->samples ? set->samples->size : set->n_columns;
    hn_node *map = validation_node(job);
    if (set->samples && set->samples->text) {
        map = hn_map_set(arena, map, "vocabulary",
                         hn_node_integer(arena, (int64_t)set->samples->text->vocabulary));
    }
    map = hn_map_set(arena, map, "rows", hn_node_integer(arena, (int64_t)job->dataset->n_rows));
    map = hn_map_set(arena, map, "columns", hn_node_integer(arena, (int64_t)columns));
    if (job->dataset->target_name) {
        map = hn_map_set(arena, map, "target", hn_node_string(arena, job->dataset->target_name));
    }
    if (job->dataset->weight) {
        map = hn_map_set(arena, map, "weights", hn_node_string(arena, job->dataset->weight->name));
    }
    return hn_node_json(arena, map, HN_JSON_STRICT);
}

const char *hn_model_job_config(hn_model_job *job, uint64_t seed, const hn_model_crew *crew)
{
    enum { MAX_MEMORY = 1 << 30 };
    hn_arena *arena = &job->arena;
    uint64_t share = hn_memory_total_bytes() / 4 / (uint64_t)crew->processes;
    int64_t memory = share && share < MAX_MEMORY ? (int64_t)share : MAX_MEMORY;
    hn_node *map = validation_node(job);
    map = hn_map_set(arena, map, "preprocess", hn_node_copy(arena, job->plan->model.preprocess));
    map = hn_map_set(arena, map, "train_scores", hn_node_bool(arena, job->plan->model.train_scores));
    map = hn_map_set(arena, map, "options", hn_node_copy(arena, job->plan->model.options));
    map = hn_map_set(arena, map, "places", hn_node_places(arena, job->plan->model.options));
    map = hn_map_set(arena, map, "metrics", hn_node_string(arena, job->metrics));
    map = hn_map_set(arena, map, "goals", hn_node_integer(arena, (int64_t)job->n_goals));
    map = hn_map_set(arena, map, "seed", hn_node_integer(arena, (int64_t)seed));
    map = hn_map_set(arena, map, "memory_bytes", hn_node_integer(arena, memory));
    map = hn_map_set(arena, map, "threads", hn_node_integer(arena, crew->threads));
    if (job->plan->search.resource) {
        map = hn_map_set(arena, map, "resource", hn_node_string(arena, job->plan->search.resource));
    }
    const char *pruner = job->plan->search.pruner_spec.name;
    bool folds =
        pruner && (!strcmp(pruner, "race") || !strcmp(pruner, "wilcoxon")); /* of which there is one */
    map = hn_map_set(arena, map, "epochs", hn_node_bool(arena, !folds));
    map = hn_map_set(arena, map, "apart", hn_node_bool(arena, crew->apart));
    if (crew->expected) {
        map = hn_map_set(arena, map, "expected", hn_node_copy(arena, crew->expected));
    }
    return hn_node_json(arena, map, HN_JSON_STRICT);
}
