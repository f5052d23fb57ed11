#include "select/estimator.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/number.h"
#include "hone/hone.h"
#include "model/design.h"

void hn_estimator_destroy(hn_estimator *e)
{
    if (!e)
        return;
    if (e->fitted)
        e->type->destroy(e->fitted);
    hn_preprocess_destroy(e->preprocess);
    hn_arena_release(&e->arena);
    hn_free(e);
}

/* --- fitting --- */

static hone_status copy_target(hn_estimator *e, const hn_dataset *dataset, hone_error *err)
{
    e->task = dataset->task;
    e->n_classes = dataset->n_classes;
    e->target_name = hn_arena_strdup(&e->arena, dataset->target_name ? dataset->target_name : "cluster");
    e->weight_name = dataset->weight ? hn_arena_strdup(&e->arena, dataset->weight->name) : NULL;
    e->classes = HN_ARENA_NEW(&e->arena, const char *, dataset->n_classes);
    if (!e->target_name || !e->classes || (dataset->weight && !e->weight_name))
        return hn_out_of_memory(err);
    for (size_t k = 0; k < dataset->n_classes; k++)
        if (!(e->classes[k] = hn_arena_strdup(&e->arena, dataset->classes[k])))
            return hn_out_of_memory(err);
    return HONE_OK;
}

static hone_status record_origin(hn_estimator *e, const hn_dataset *dataset, size_t n, hone_error *err)
{
    char now[HN_DATETIME_SIZE];
    hn_format_datetime(now, hn_wall_us());
    hn_node *map = hn_node_map(&e->arena);
    map = hn_map_set(&e->arena, map, "hone", hn_node_string(&e->arena, HONE_VERSION));
    map = hn_map_set(&e->arena, map, "fitted", hn_node_string(&e->arena, now));
    map = hn_map_set(&e->arena, map, "data",
                     hn_node_string(&e->arena, hn_arena_strdup(&e->arena, dataset->source)));
    map = hn_map_set(&e->arena, map, "rows", hn_node_integer(&e->arena, (int64_t)n));
    e->provenance = map;
    return map ? HONE_OK : hn_out_of_memory(err);
}

hone_status hn_estimator_weights(const hn_dataset *dataset, const size_t *rows, size_t n, hn_arena *scratch,
                                 const double **weight, hone_error *err)
{
    *weight = NULL;
    if (!dataset->weight)
        return HONE_OK;
    double *values = hn_arena_scratch(scratch, n, sizeof *values), total = 0;
    for (size_t i = 0; values && i < n; i++)
        total += values[i] = dataset->weight->values[rows ? rows[i] : i];
    if (values && !(total > 0))
        return hn_fail(err, HONE_INVALID, "%s: the weights of all %zu rows are 0", dataset->source, n);
    *weight = values;
    return values ? HONE_OK : hn_out_of_memory(err);
}

static hn_design bare_design(const hn_estimator *e, size_t n)
{
    return (hn_design){
        .n = n, .d = hn_preprocess_width(e->preprocess), .n_classes = e->n_classes, .classes = e->classes};
}

/* out (n,): the values at rows (NULL: the first n); NULL without values. */
static const double *copy_rows(const double *values, const size_t *rows, size_t n, double *out)
{
    for (size_t i = 0; values && i < n; i++)
        out[i] = values[rows ? rows[i] : i];
    return values ? out : NULL;
}

/* Samples stay where they are: the view goes into the scratch arena. */
static hone_status view_samples(const hn_estimator *e, const hn_dataset *dataset, const size_t *rows,
                                hn_arena *scratch, hn_design *design, hone_error *err)
{
    hn_sample_view *view = HN_ARENA_NEW(scratch, hn_sample_view, 1);
    design->samples = view;
    return view ? hn_preprocess_view(e->preprocess, dataset, rows, view, err) : hn_out_of_memory(err);
}

/* The design of all rows: x (n, d), or a view of samples, and y (n,) in the scratch arena. */
static hone_status make_design(const hn_estimator *e, const hn_dataset *dataset, const size_t *rows, size_t n,
                               hn_arena *scratch, hn_design *design, hone_error *err)
{
    size_t d = hn_preprocess_width(e->preprocess);
    bool viewed = dataset->samples && (e->type->capabilities & HN_MODEL_SAMPLES);
    bool fits = !viewed && d <= SIZE_MAX / sizeof(double) / n;
    double *x = fits ? hn_arena_scratch(scratch, n * d, sizeof *x) : NULL;
    double *y = hn_arena_scratch(scratch, n, sizeof *y);
    if ((!x && !viewed) || !y)
        return hn_out_of_memory(err);
    *design = bare_design(e, n);
    design->x = x;
    design->y = copy_rows(dataset->target, rows, n, y);
    return viewed ? view_samples(e, dataset, rows, scratch, design, err)
                  : hn_preprocess_apply(e->preprocess, dataset, rows, n, x, err);
}

/* The same, without a matrix where the model makes rows itself: *source then has to live as long. */
static hone_status make_training(const hn_estimator *e, const hn_dataset *dataset, const size_t *rows,
                                 size_t n, hn_arena *scratch, hn_row_source **source, hn_design *design,
                                 hone_error *err)
{
    if (!(e->type->capabilities & HN_MODEL_SOURCE))
        return make_design(e, dataset, rows, n, scratch, design, err);
    double *y = hn_arena_scratch(scratch, n, sizeof *y);
    hone_status status =
        y ? hn_row_source_open(e->preprocess, dataset, rows, source, err) : hn_out_of_memory(err);
    *design = bare_design(e, n);
    design->y = y ? copy_rows(dataset->target, rows, n, y) : NULL;
    design->source = *source;
    return status;
}

static hone_status choose_threshold(hn_estimator *e, const hn_dataset *dataset, const size_t *rows, size_t n,
                                    const void *config, const hn_estimator_options *options, hone_error *err)
{
    hn_validation_options like = {.shuffle = true,
                                  .seed = options->seed,
                                  .preprocess = options->preprocess,
                                  .decision = options->decision};
    e->threshold = (hn_threshold){.at = NAN};
    if (!options->decision.given)
        return HONE_OK;
    e->decided_by = hn_decision_name(&options->decision);
    return hn_threshold_tune(dataset, rows, n, e->type, config, &like, options->cancel, &e->threshold, err);
}

static hone_status fit_model(hn_estimator *e, const hn_dataset *dataset, const size_t *rows, size_t n,
                             const hn_estimator_options *options, hone_error *err)
{
    hn_arena scratch = HN_ARENA_INIT;
    hn_row_source *source = NULL;
    hn_design train;
    void *config = HN_ARENA_NEW(&scratch, char, e->type->options.config_size);
    hn_fit_context context = {.seed = options->seed,
                              .cancel = options->cancel,
                              .scratch = &scratch,
                              .pool = options->pool,
                              .checkpoint = options->checkpoint,
                              .step_done = options->step_done,
                              .step_user = options->step_user};
    hone_status status = config ? HONE_OK : hn_out_of_memory(err);
    if (!status)
        status = hn_model_configure(e->type, dataset->task, &e->arena, e->settings, config, err);
    if (!status)
        status = hn_preprocess_fit(&options->preprocess, dataset, rows, n, &e->preprocess, err);
    if (!status)
        status = make_training(e, dataset, rows, n, &scratch, &source, &train, err);
    if (!status)
        status = hn_estimator_weights(dataset, rows, n, &scratch, &train.weight, err);
    if (!status)
        status = e->type->fit(config, &train, &context, &e->fitted, err);
    if (!status)
        status = choose_threshold(e, dataset, rows, n, config, options, err);
    hn_row_source_close(source);
    hn_arena_release(&scratch);
    return status;
}

hone_status hn_estimator_fit(const hn_dataset *dataset, const size_t *rows, size_t n,
                             const hn_model_type *type, const hn_node *settings,
                             const hn_estimator_options *options, hn_estimator **estimator, hone_error *err)
{
    if (dataset->task == HN_TASK_NONE)
        return hn_fail(err, HONE_INVALID, "%s has no target to learn", dataset->source);
    hone_status status = hn_model_check_data(type, dataset, err);
    if (status)
        return status;
    n = rows ? n : dataset->n_rows;
    hn_estimator *e = hn_calloc(1, sizeof *e);
    if (!e)
        return hn_out_of_memory(err);
    e->type = type;
    e->settings = settings ? hn_node_copy(&e->arena, settings) : NULL;
    status = settings && !e->settings ? hn_out_of_memory(err) : copy_target(e, dataset, err);
    if (!status)
        status = record_origin(e, dataset, n, err);
    if (!status)
        status = fit_model(e, dataset, rows, n, options, err);
    if (status)
        hn_estimator_destroy(e);
    else
        *estimator = e;
    return status;
}

/* --- predicting --- */

enum { BLOCK_ROWS = 4096 }; /* predicted at a time, so that memory does not grow with the rows */

typedef hone_status (*predict_function)(const hn_estimator *estimator, const hn_design *rows, double *out,
                                        hone_error *err);

typedef struct prediction {
    const hn_estimator *estimator;
    predict_function predict;
    const hn_dataset *dataset;
    const size_t *rows; /* (n,) or NULL: all */
    size_t n, outputs;
    const hn_row_source *source;
    double *out;           /* (n, outputs) */
    hone_status *statuses; /* one for each block, as the errors */
    hone_error *errors;
} prediction;

/* The model's own rows where it makes them, a view of samples, or a matrix in the scratch arena. */
static hone_status block_design(const prediction *p, size_t first, size_t n, hn_arena *scratch,
                                hn_design *design, hone_error *err)
{
    const hn_estimator *e = p->estimator;
    *design = bare_design(e, n);
    if (p->dataset->samples && (e->type->capabilities & HN_MODEL_SAMPLES)) {
        size_t *rows = HN_ARENA_NEW(scratch, size_t, n);
        for (size_t i = 0; rows && i < n; i++)
            rows[i] = p->rows ? p->rows[first + i] : first + i;
        return rows ? view_samples(e, p->dataset, rows, scratch, design, err) : hn_out_of_memory(err);
    }
    design->source = p->source;
    design->first = first;
    return e->type->capabilities & HN_MODEL_SOURCE ? HONE_OK : hn_design_load(design, scratch, design, err);
}

static void predict_block(void *user, size_t index, size_t worker)
{
    const prediction *p = user;
    size_t first = index * BLOCK_ROWS, n = p->n - first < BLOCK_ROWS ? p->n - first : BLOCK_ROWS;
    hone_error *err = &p->errors[index];
    hn_arena scratch = HN_ARENA_INIT;
    hn_design design;
    (void)worker;
    hone_status status = block_design(p, first, n, &scratch, &design, err);
    if (!status)
        status = p->predict(p->estimator, &design, p->out + first * p->outputs, err);
    p->statuses[index] = status;
    hn_arena_release(&scratch);
}

/* Blocks do not depend on the number of threads, so that results do not. */
static hone_status run_blocks(prediction *p, hone_error *err)
{
    size_t blocks = (p->n + BLOCK_ROWS - 1) / BLOCK_ROWS, threads = p->estimator->threads;
    hn_thread_pool *pool = NULL;
    hone_status status = HONE_OK;
    threads = threads < blocks ? threads : blocks;
    p->statuses = hn_calloc(blocks, sizeof *p->statuses);
    p->errors = hn_calloc(blocks, sizeof *p->errors);
    if (!p->statuses || !p->errors)
        status = hn_out_of_memory(err);
    else if (threads > 1)
        status = hn_thread_pool_create(threads, &pool, err);
    if (!status)
        hn_thread_pool_run(pool, blocks, predict_block, p);
    for (size_t i = 0; !status && i < blocks; i++)
        if ((status = p->statuses[i]) && err)
            *err = p->errors[i];
    hn_thread_pool_destroy(pool);
    hn_free(p->statuses);
    hn_free(p->errors);
    return status;
}

/* out: (n, outputs). */
static hone_status predict_blocks(const hn_estimator *e, predict_function predict, size_t outputs,
                                  const hn_dataset *dataset, const size_t *rows, size_t n, double *out,
                                  hone_error *err)
{
    hn_row_source *source = NULL;
    hone_status status = hn_row_source_open(e->preprocess, dataset, rows, &source, err);
    prediction p = {.estimator = e,
                    .predict = predict,
                    .dataset = dataset,
                    .rows = rows,
                    .n = rows ? n : dataset->n_rows,
                    .outputs = outputs,
                    .source = source,
                    .out = out};
    if (!status)
        status = run_blocks(&p, err);
    hn_row_source_close(source);
    return status;
}

static bool gives_probabilities(const hn_estimator *e)
{
    return e->type->predict_proba && e->task == HN_TASK_CLASSIFICATION;
}

static hone_status predict_proba_rows(const hn_estimator *e, const hn_design *rows, double *out,
                                      hone_error *err)
{
    return gives_probabilities(e)
               ? e->type->predict_proba(e->fitted, rows, out, err)
               : hn_fail(err, HONE_UNSUPPORTED, "this model (%s, %s) gives no probabilities", e->type->name,
                         hn_model_task_name(e->task));
}

static hone_status predict_rows(const hn_estimator *e, const hn_design *rows, double *out, hone_error *err)
{
    if (isnan(e->threshold.at))
        return e->type->predict(e->fitted, rows, out, err);
    double *proba = hn_calloc(rows->n, 2 * sizeof *proba);
    hone_status status = proba ? predict_proba_rows(e, rows, proba, err) : hn_out_of_memory(err);
    if (!status)
        hn_decision_apply(e->threshold.at, proba, rows->n, out);
    hn_free(proba);
    return status;
}

static hone_status decide_rows(const hn_estimator *e, const hn_design *rows, double *out, hone_error *err)
{
    if (!e->type->decision || e->task != HN_TASK_CLASSIFICATION)
        return hn_fail(err, HONE_UNSUPPORTED, "this model (%s, %s) has no decision function", e->type->name,
                       hn_model_task_name(e->task));
    return e->type->decision(e->fitted, rows, out, err);
}

hone_status hn_estimator_predict(const hn_estimator *e, const hn_dataset *dataset, const size_t *rows,
                                 size_t n, double *out, hone_error *err)
{
    return predict_blocks(e, predict_rows, 1, dataset, rows, n, out, err);
}

hone_status hn_estimator_predict_proba(const hn_estimator *e, const hn_dataset *dataset, const size_t *rows,
                                       size_t n, double *out, hone_error *err)
{
    size_t outputs = e->n_classes ? e->n_classes : 1;
    return predict_blocks(e, predict_proba_rows, outputs, dataset, rows, n, out, err);
}

hone_status hn_estimator_decision(const hn_estimator *e, const hn_dataset *dataset, const size_t *rows,
                                  size_t n, double *out, hone_error *err)
{
    return predict_blocks(e, decide_rows, hn_decision_width(e->n_classes), dataset, rows, n, out, err);
}

static hn_design encoded_design(const hn_estimator *e, const double *x, size_t n)
{
    hn_design design = bare_design(e, n);
    design.x = x;
    return design;
}

hone_status hn_estimator_predict_encoded(const hn_estimator *e, const double *x, size_t n, double *out,
                                         hone_error *err)
{
    hn_design design = encoded_design(e, x, n);
    return predict_rows(e, &design, out, err);
}

hone_status hn_estimator_predict_proba_encoded(const hn_estimator *e, const double *x, size_t n, double *out,
                                               hone_error *err)
{
    hn_design design = encoded_design(e, x, n);
    return predict_proba_rows(e, &design, out, err);
}

hone_status hn_estimator_decision_encoded(const hn_estimator *e, const double *x, size_t n, double *out,
                                          hone_error *err)
{
    hn_design design = encoded_design(e, x, n);
    return decide_rows(e, &design, out, err);
}

static hone_status check_task(const hn_estimator *e, const hn_dataset *dataset, hone_error *err)
{
    if (dataset->task == e->task)
        return HONE_OK;
    return hn_fail(err, HONE_INVALID, "%s: its target is for %s, the model does %s", dataset->source,
                   hn_model_task_name(dataset->task), hn_model_task_name(e->task));
}

hone_status hn_estimator_truth(const hn_estimator *e, const hn_dataset *dataset, const size_t *rows, size_t n,
                               double *truth, hone_error *err)
{
    hone_status status = check_task(e, dataset, err);
    if (status)
        return status;
    if (!dataset->target)
        return hn_fail(err, HONE_INVALID, "%s has no target", dataset->source);
    for (size_t i = 0; i < n; i++) {
        double value = dataset->target[rows ? rows[i] : i];
        if (e->task == HN_TASK_CLASSIFICATION) {
            const char *name = dataset->classes[(size_t)value];
            size_t k = 0;
            while (k < e->n_classes && strcmp(e->classes[k], name) != 0)
                k++;
            if (k == e->n_classes)
                return hn_fail(err, HONE_INVALID, "%s: the class \"%.60s\" is none of the model's %zu",
                               dataset->source, name, e->n_classes);
            value = (double)k;
        }
        truth[i] = value;
    }
    return HONE_OK;
}

/* What scores of clusters look at beside the clusters. */
static hone_status measure_rows(const hn_estimator *e, const hn_dataset *dataset, const size_t *rows,
                                size_t n, hn_arena *scratch, hn_metric_input *input, hone_error *err)
{
    hn_design design;
    double *distance = HN_ARENA_NEW(scratch, double, n);
    hone_status status =
        distance ? make_design(e, dataset, rows, n, scratch, &design, err) : hn_out_of_memory(err);
    if (!status)
        status = e->type->measure(e->fitted, &design, distance, err);
    if (status)
        return status;
    input->x = design.x;
    input->d = design.d;
    input->distance = distance;
    return HONE_OK;
}

hone_status hn_estimator_design(const hn_estimator *e, const hn_dataset *dataset, const size_t *rows,
                                size_t n, hn_arena *scratch, hn_design *design, hone_error *err)
{
    double *y = HN_ARENA_NEW(scratch, double, n);
    hone_status status = y ? check_task(e, dataset, err) : hn_out_of_memory(err);
    if (!status && dataset->target)
        status = hn_estimator_truth(e, dataset, rows, n, y, err);
    if (!status)
        status = make_design(e, dataset, rows, n, scratch, design, err);
    if (!status)
        status = hn_estimator_weights(dataset, rows, n, scratch, &design->weight, err);
    if (!status && dataset->target)
        design->y = y;
    return status;
}

/* Everything metrics look at, in the scratch arena. */
static hone_status predict_for_metrics(const hn_estimator *e, const hn_dataset *dataset, const size_t *rows,
                                       size_t n, const bool needed[], hn_arena *scratch,
                                       hn_metric_input *input, hone_error *err)
{
    bool with_proba = needed[HN_FROM_PROBABILITIES], decides = needed[HN_FROM_DECISIONS];
    double *truth = HN_ARENA_NEW(scratch, double, n), *predicted = HN_ARENA_NEW(scratch, double, n);
    double *proba = with_proba ? hn_arena_alloc(scratch, n, e->n_classes * sizeof *proba) : NULL;
    double *decision = decides ? HN_ARENA_NEW(scratch, double, n) : NULL;
    if (!truth || !predicted || (with_proba && !proba) || (decides && !decision))
        return hn_out_of_memory(err);
    *input = (hn_metric_input){.truth = dataset->target ? truth : NULL,
                               .predicted = predicted,
                               .proba = proba,
                               .decision = decision,
                               .n = n,
                               .n_classes = e->n_classes};
    hone_status status = dataset->target ? hn_estimator_truth(e, dataset, rows, n, truth, err) : HONE_OK;
    if (!status)
        status = hn_estimator_predict(e, dataset, rows, n, predicted, err);
    if (!status && with_proba)
        status = hn_estimator_predict_proba(e, dataset, rows, n, proba, err);
    if (!status && decides)
        status = hn_estimator_decision(e, dataset, rows, n, decision, err);
    if (!status && e->type->measure)
        status = measure_rows(e, dataset, rows, n, scratch, input, err);
    return status ? status : hn_estimator_weights(dataset, rows, n, scratch, &input->weight, err);
}

hone_status hn_estimator_confusion(const hn_estimator *e, const hn_dataset *dataset, const size_t *rows,
                                   size_t n, double *out, hone_error *err)
{
    n = rows ? n : dataset->n_rows;
    if (e->task != HN_TASK_CLASSIFICATION)
        return hn_fail(err, HONE_INVALID, "a confusion matrix is for classes, this model does %s",
                       hn_model_task_name(e->task));
    hn_arena scratch = HN_ARENA_INIT;
    hn_metric_input input;
    hone_status status = check_task(e, dataset, err);
    if (!status)
        status =
            predict_for_metrics(e, dataset, rows, n, (bool[HN_METRIC_SOURCES]){false}, &scratch, &input, err);
    if (!status)
        hn_confusion(&input, out);
    hn_arena_release(&scratch);
    return status;
}

hone_status hn_estimator_evaluate(const hn_estimator *e, const hn_dataset *dataset, const size_t *rows,
                                  size_t n, const char *metrics, const hn_own_metrics *own, hn_scores *scores,
                                  hone_error *err)
{
    n = rows ? n : dataset->n_rows;
    const hn_metric *list[HN_MAX_METRICS];
    size_t count = 0;
    bool needed[HN_METRIC_SOURCES] = {false};
    hn_scores result = {0};
    hn_arena scratch = HN_ARENA_INIT;
    hn_metric_input input;
    hone_status status = check_task(e, dataset, err);
    if (!status)
        status = own ? hn_own_metrics_check(own, e->task, err) : HONE_OK;
    if (!status)
        status = hn_metric_list(metrics, own, e->task, e->n_classes, list, &count, err);
    if (!status)
        status = hn_scores_init(count, 1, false, &result, err);
    for (size_t m = 0; !status && m < count; m++)
        needed[hn_metric_source_of(list[m], e->type, e->n_classes)] = true;
    if (!status)
        status = predict_for_metrics(e, dataset, rows, n, needed, &scratch, &input, err);
    for (size_t m = 0; !status && m < count; m++) {
        result.metrics[m] = list[m];
        status = hn_metric_score(list[m], &input, &result.test[m], err);
    }
    if (!status) {
        hn_scores_summarise(&result);
        *scores = result;
        result = (hn_scores){0};
    }
    hn_scores_release(&result);
    hn_arena_release(&scratch);
    return status;
}

/* Names such as x7 are positions: the columns up to the last one. */
static size_t width_of_fit(const hn_estimator *e, const hn_schema *schema)
{
    const char *others[] = {e->target_name, e->weight_name};
    size_t width = 0;
    for (size_t i = 0; i < schema->n + 2; i++) {
        const char *name = i < schema->n ? schema->names[i] : others[i - schema->n];
        int64_t position = 0;
        if (name && *name == 'x' && hn_parse_int(name + 1, strlen(name + 1), &position) && position >= 0 &&
            (uint64_t)position >= width)
            width = (size_t)position + 1;
    }
    return width;
}

void hn_estimator_adapt(const hn_estimator *e, bool with_target, hn_dataset_options *options,
                        hn_schema *schema)
{
    *schema = hn_preprocess_schema(e->preprocess);
    schema->width = schema->named ? 0 : width_of_fit(e, schema);
    options->schema = schema;
    options->text = schema->text;
    options->plain = options->plain || (schema->text && schema->text->plain);
    if (!with_target) {
        options->no_target = true;
        return;
    }
    /* Without a header columns were named x0, x1, ... by their position in the file; arrays have no columns.
     */
    bool arrays = hn_preprocess_is_of_arrays(e->preprocess);
    if (!options->target && !arrays && e->task != HN_TASK_CLUSTERING && strcmp(e->target_name, "target") != 0)
        options->target = schema->named ? e->target_name : e->target_name + 1;
    if (!options->weight && e->weight_name) {
        options->weight = schema->named ? e->weight_name : e->weight_name + 1;
        options->weight_may_lack = true;
    }
    options->task = e->task;
    if (e->task == HN_TASK_CLASSIFICATION && !options->classes) {
        options->classes = e->classes;
        options->n_classes = e->n_classes;
    }
}
