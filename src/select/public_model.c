/* public_model.c: the model part of hone/ml.h: lists, validation, fitted models. Metrics are in
 * public_metric.c. */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "select/public_data.h"
#include "select/public_model.h"

/* --- what exists
 * -------------------------------------------------------------------------------------------- */

bool hone_model_info(size_t i, const char **name, const char **help, unsigned *tasks)
{
    const hn_model_type *type = hn_model_at(i);
    if (!type)
        return false;
    if (name)
        *name = type->name;
    if (help)
        *help = type->help;
    if (tasks)
        *tasks = type->tasks;
    return true;
}

bool hone_model_option(const char *name, size_t i, hone_option_info *option)
{
    const hn_model_type *type = hn_model_find(name);
    if (!type || i >= type->options.count)
        return false;
    const hn_option *o = &type->options.options[i];
    hn_buffer range = HN_BUFFER_INIT;
    *option = (hone_option_info){.name = o->name,
                                 .type = hn_option_type_name(o->type),
                                 .default_text = o->default_text,
                                 .help = o->help};
    hn_option_describe_range(&range, o);
    size_t length = range.size < sizeof option->range ? range.size : sizeof option->range - 1;
    memcpy(option->range, hn_buffer_string(&range), length);
    hn_buffer_release(&range);
    return true;
}

const char *hone_model_default_space(const char *name)
{
    const hn_model_type *type = hn_model_find(name);
    return type ? type->default_space : NULL;
}

/* --- scores
 * ------------------------------------------------------------------------------------------------- */

typedef struct public_scores {
    hone_scores public; /* first: the user's pointer is this object's */
    hn_scores own;
    const char *names[HN_MAX_METRICS];
} public_scores;

/* Takes own over, also on failure. */
static hone_status publish_scores(hn_scores *own, hone_scores **scores, hone_error *err)
{
    public_scores *p = hn_calloc(1, sizeof *p);
    if (!p) {
        hn_scores_release(own);
        return hn_out_of_memory(err);
    }
    p->own = *own;
    for (size_t m = 0; m < own->n_metrics; m++)
        p->names[m] = own->metrics[m]->name;
    p->public = (hone_scores){.n_metrics = own->n_metrics,
                              .n_folds = own->n_folds,
                              .metrics = p->names,
                              .test = own->test,
                              .train = own->train,
                              .mean = own->mean,
                              .deviation = own->deviation,
                              .fold_fit_seconds = own->fold_fit_seconds,
                              .fold_score_seconds = own->fold_score_seconds,
                              .oob = own->oob,
                              .follows = own->follows,
                              .fit_seconds = own->fit_seconds,
                              .score_seconds = own->score_seconds};
    *scores = &p->public;
    return HONE_OK;
}

void hone_scores_free(hone_scores *scores)
{
    if (!scores)
        return;
    public_scores *p = (public_scores *)scores;
    hn_scores_release(&p->own);
    hn_free(p);
}

/* --- texts to settings
 * --------------------------------------------------------------------------------------- */

static hone_status read_pipeline(const hone_pipeline *pipeline, hn_preprocess_options *out, hone_error *err)
{
    *out = (hn_preprocess_options){0};
    if (!pipeline)
        return HONE_OK;
    if (pipeline->struct_size != sizeof *pipeline)
        return hn_fail(err, HONE_INVALID,
                       "hone_pipeline has struct_size %zu, this version knows %zu; begin with "
                       "HONE_PIPELINE_INIT",
                       pipeline->struct_size, sizeof *pipeline);
    hn_arena arena = HN_ARENA_INIT;
    const struct {
        const char *name, *value;
    } texts[] = {{"scale", pipeline->scale}, {"impute", pipeline->impute}, {"encode", pipeline->encode}};
    hn_node *map = hn_node_map(&arena);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (texts[i].value)
            map = hn_map_set(&arena, map, texts[i].name, hn_node_string(&arena, texts[i].value));
    if (pipeline->max_categories)
        map = hn_map_set(&arena, map, "max_categories",
                         hn_node_integer(&arena, (int64_t)pipeline->max_categories));
    map = hn_map_set(&arena, map, "fill", hn_node_real(&arena, pipeline->fill));
    map = hn_map_set(&arena, map, "min_variance", hn_node_real(&arena, pipeline->min_variance));
    map = hn_map_set(&arena, map, "select", hn_node_integer(&arena, (int64_t)pipeline->select));
    hone_status status = map ? hn_options_apply(&arena, &hn_preprocess_table, "pipeline", map, out, err)
                             : hn_out_of_memory(err);
    hn_arena_release(&arena);
    return status;
}

/* The decision of a pipeline (NULL: none). */
static hone_status read_decision(const hone_pipeline *pipeline, const hone_dataset *dataset,
                                 const hn_model_type *type, hn_split_kind kind, hn_decision *out,
                                 hone_error *err)
{
    hn_arena arena = HN_ARENA_INIT;
    bool costs = pipeline && (pipeline->false_positive != 0 || pipeline->false_negative != 0);
    hn_node *map = NULL;
    if (pipeline && pipeline->decision)
        map = hn_map_set(&arena, hn_node_map(&arena), "metric", hn_node_string(&arena, pipeline->decision));
    if (costs) {
        map = map ? map : hn_node_map(&arena);
        map = hn_map_set(&arena, map, "false_positive", hn_node_real(&arena, pipeline->false_positive));
        map = hn_map_set(&arena, map, "false_negative", hn_node_real(&arena, pipeline->false_negative));
    }
    bool wanted = costs || (pipeline && pipeline->decision);
    hone_status status =
        wanted && !map ? hn_out_of_memory(err) : hn_decision_read(map, dataset->data, type, kind, out, err);
    hn_arena_release(&arena);
    return status;
}

hone_status hn_public_model(const char *text, hn_arena *arena, const hn_model_type **type,
                            const hn_node **settings, hone_error *err)
{
    hn_spec spec;
    hone_status status = hn_spec_from_text(arena, text, "model", &spec, err);
    if (!status)
        status = hn_model_require(spec.name, type, err);
    if (!status)
        *settings = spec.options;
    return status;
}

/* --- cross-validation
 * --------------------------------------------------------------------------------------- */

struct hone_validation {
    hone_dataset *dataset; /* keeps the rows */
    hn_own_metric *own_metrics;
    const hn_model_type *type;
    hn_validation *own;
};

hone_status hn_public_validation(const hone_validation_config *config, const hone_dataset *dataset,
                                 const hn_model_type *type, hn_validation_options *out, hone_error *err)
{
    *out = (hn_validation_options){0};
    if (!config)
        return HONE_OK;
    if (config->struct_size != sizeof *config)
        return hn_fail(err, HONE_INVALID,
                       "hone_validation_config has struct_size %zu, this version knows %zu; begin with "
                       "HONE_VALIDATION_CONFIG_INIT",
                       config->struct_size, sizeof *config);
    int kind = 0;
    while (config->kind && kind < HN_SPLIT_KINDS && strcmp(hn_split_names[kind], config->kind) != 0)
        kind++;
    if (kind == HN_SPLIT_KINDS)
        return hn_fail(err, HONE_INVALID,
                       "kind is \"%.60s\"; allowed are stratified, kfold, group, stratified_group, "
                       "leave_one_group, leave_one_out, shuffle, holdout, last, time_series and predefined",
                       config->kind);
    *out = (hn_validation_options){.kind = (hn_split_kind)kind,
                                   .folds = config->folds,
                                   .repeats = config->repeats,
                                   .test_share = config->test_share,
                                   .shuffle = config->shuffle,
                                   .seed = config->seed,
                                   .train_scores = config->train_scores,
                                   .metrics = config->metrics,
                                   .memory_bytes = config->memory_bytes,
                                   .apart = config->apart};
    hone_status status = read_pipeline(&config->pipeline, &out->preprocess, err);
    return status ? status : read_decision(&config->pipeline, dataset, type, out->kind, &out->decision, err);
}

hone_status hone_validation_create(const hone_dataset *dataset, const char *model,
                                   const hone_validation_config *config, hone_validation **validation,
                                   hone_error *err)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_validation_options options;
    const hn_node *settings = NULL;
    hone_validation *v = hn_calloc(1, sizeof *v);
    hone_status status = v ? hn_public_model(model, &arena, &v->type, &settings, err) : hn_out_of_memory(err);
    if (!status)
        status = hn_public_validation(config, dataset, v->type, &options, err);
    if (!status && config)
        status = hn_public_own_metrics(config->own_metrics, config->n_own_metrics, &v->own_metrics,
                                       &options.own, err);
    if (!status) {
        v->dataset = hn_public_dataset_copy(dataset);
        status = v->dataset ? HONE_OK : hn_out_of_memory(err);
    }
    if (!status)
        status = hn_validation_create(v->dataset->data, v->dataset->rows, v->dataset->n, v->type, &options,
                                      &v->own, err);
    hn_arena_release(&arena);
    if (status)
        hone_validation_destroy(v);
    else
        *validation = v;
    return status;
}

void hone_validation_destroy(hone_validation *validation)
{
    if (!validation)
        return;
    hn_validation_destroy(validation->own);
    hn_free(validation->own_metrics);
    hone_dataset_destroy(validation->dataset);
    hn_free(validation);
}

/* The type and options of a model's text, which must be the model that the validation is for. */
static hone_status read_setting(const hone_validation *v, const char *model, hn_arena *arena,
                                const hn_node **settings, hone_error *err)
{
    const hn_model_type *type = NULL;
    hone_status status = hn_public_model(model, arena, &type, settings, err);
    if (!status && type != v->type)
        status = hn_fail(err, HONE_INVALID, "the validation was prepared for model %s, not %s", v->type->name,
                         type->name);
    return status;
}

hone_status hone_validation_expect(const hone_validation *v, const char *const *models, size_t n,
                                   hone_error *err)
{
    hn_arena arena = HN_ARENA_INIT;
    const hn_node **settings = HN_ARENA_NEW(&arena, const hn_node *, n);
    hone_status status = settings ? HONE_OK : hn_out_of_memory(err);
    for (size_t i = 0; !status && i < n; i++)
        status = read_setting(v, models[i], &arena, &settings[i], err);
    if (!status)
        status = hn_validation_expect(v->own, settings, n, err);
    hn_arena_release(&arena);
    return status;
}

hone_status hone_validation_run(const hone_validation *v, const char *model, int threads,
                                const volatile int *cancel, hone_scores **scores, hone_error *err)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_thread_pool *pool = NULL;
    const hn_node *settings = NULL;
    hn_scores own = {0};
    hone_status status = read_setting(v, model, &arena, &settings, err);
    if (!status && threads > 1)
        status = hn_thread_pool_create((size_t)threads, &pool, err);
    if (!status)
        status =
            hn_validation_run(v->own, settings, &(hn_run_control){.pool = pool, .cancel = cancel}, &own, err);
    if (!status)
        status = publish_scores(&own, scores, err);
    hn_thread_pool_destroy(pool);
    hn_arena_release(&arena);
    return status;
}

hone_status hone_cross_validate(const hone_dataset *dataset, const char *model,
                                const hone_validation_config *config, int threads, hone_scores **scores,
                                hone_error *err)
{
    hone_validation *validation = NULL;
    hone_status status = hone_validation_create(dataset, model, config, &validation, err);
    if (!status)
        status = hone_validation_run(validation, model, threads, NULL, scores, err);
    hone_validation_destroy(validation);
    return status;
}

/* --- fitted models
 * ------------------------------------------------------------------------------------------ */

/* Takes own over, also on failure. */
static hone_status publish_model(hn_estimator *own, hone_model **model, hone_error *err)
{
    hone_model *m = hn_calloc(1, sizeof *m);
    if (!m) {
        hn_estimator_destroy(own);
        return hn_out_of_memory(err);
    }
    m->own = own;
    *model = m;
    return HONE_OK;
}

void hone_model_destroy(hone_model *model)
{
    if (!model)
        return;
    hn_estimator_destroy(model->own);
    hn_free(model);
}

void hone_model_set_threads(hone_model *model, int threads)
{
    model->own->threads = threads > 1 ? (size_t)threads : 1;
}

hone_status hone_model_fit(const hone_dataset *dataset, const char *model, const hone_pipeline *pipeline,
                           uint64_t seed, int threads, hone_model **fitted, hone_error *err)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_estimator_options options = {.seed = seed};
    const hn_model_type *type = NULL;
    const hn_node *settings = NULL;
    hn_estimator *own = NULL;
    hone_status status = read_pipeline(pipeline, &options.preprocess, err);
    if (!status)
        status = hn_public_model(model, &arena, &type, &settings, err);
    if (!status)
        status = read_decision(pipeline, dataset, type, HN_SPLIT_STRATIFIED, &options.decision, err);
    if (!status && threads > 1)
        status = hn_thread_pool_create((size_t)threads, &options.pool, err);
    if (!status)
        status =
            hn_estimator_fit(dataset->data, dataset->rows, dataset->n, type, settings, &options, &own, err);
    hn_thread_pool_destroy(options.pool);
    hn_arena_release(&arena);
    if (!status)
        status = publish_model(own, fitted, err);
    if (!status)
        hone_model_set_threads(*fitted, threads);
    return status;
}

hone_status hone_model_predict(const hone_model *model, const hone_dataset *dataset, double *out,
                               hone_error *err)
{
    return hn_estimator_predict(model->own, dataset->data, dataset->rows, dataset->n, out, err);
}

hone_status hone_model_partial_fit(const hone_model *model, const hone_dataset *dataset, uint64_t seed,
                                   hone_model **updated, hone_error *err)
{
    hn_estimator_options options = {.seed = seed};
    hn_estimator *own = NULL;
    hone_status status =
        hn_estimator_update(model->own, dataset->data, dataset->rows, dataset->n, &options, &own, err);
    return status ? status : publish_model(own, updated, err);
}

hone_status hone_model_decision(const hone_model *model, const hone_dataset *dataset, double *out,
                                hone_error *err)
{
    return hn_estimator_decision(model->own, dataset->data, dataset->rows, dataset->n, out, err);
}

hone_status hone_model_predict_proba(const hone_model *model, const hone_dataset *dataset, double *out,
                                     hone_error *err)
{
    return hn_estimator_predict_proba(model->own, dataset->data, dataset->rows, dataset->n, out, err);
}

hone_status hone_model_evaluate(const hone_model *model, const hone_dataset *dataset, const char *metrics,
                                const hone_own_metric *own_metrics, size_t n_own_metrics,
                                hone_scores **scores, hone_error *err)
{
    hn_own_metric *list = NULL;
    hn_own_metrics given = {0};
    hn_scores own = {0};
    hone_status status = hn_public_own_metrics(own_metrics, n_own_metrics, &list, &given, err);
    if (!status)
        status = hn_estimator_evaluate(model->own, dataset->data, dataset->rows, dataset->n, metrics, &given,
                                       &own, err);
    if (!status)
        status = publish_scores(&own, scores, err);
    hn_free(list);
    return status;
}

hone_status hone_model_confusion(const hone_model *model, const hone_dataset *dataset, double *out,
                                 hone_error *err)
{
    return hn_estimator_confusion(model->own, dataset->data, dataset->rows, dataset->n, out, err);
}

hone_status hone_model_load_data(const hone_model *model, const char *path,
                                 const hone_dataset_options *options, bool with_target,
                                 hone_dataset **dataset, hone_error *err)
{
    hn_dataset_options reading;
    hn_text_rule text;
    hn_schema schema;
    hn_dataset *data = NULL;
    hone_status status = hn_public_dataset_options(options, &reading, &text, err);
    if (status)
        return status;
    hn_estimator_adapt(model->own, with_target, &reading, &schema);
    status = hn_dataset_read(path, &reading, &data, err);
    return status ? status : hn_public_dataset_wrap(data, dataset, err);
}

double hone_model_oob_score(const hone_model *model)
{
    const hn_estimator *e = model->own;
    return e->type->oob_score ? e->type->oob_score(e->fitted) : (double)NAN;
}

double hone_model_threshold(const hone_model *model)
{
    return model->own->threshold.at;
}

const char *hone_model_name(const hone_model *model)
{
    return model->own->type->name;
}

hone_task hone_model_task(const hone_model *model)
{
    return (hone_task)model->own->task;
}

const char *hone_model_target(const hone_model *model)
{
    return model->own->target_name;
}

const char *hone_model_class(const hone_model *model, size_t i)
{
    return i < model->own->n_classes ? model->own->classes[i] : NULL;
}

hone_status hone_model_describe(const hone_model *model, char **json, hone_error *err)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_buffer text = HN_BUFFER_INIT;
    hn_model_state state;
    hone_error own;
    hn_node *description = hn_estimator_describe(model->own, &arena, &state, err ? err : &own);
    hone_status status = description ? HONE_OK : err ? err->status : own.status;
    if (description) {
        hn_json_write(&text, description, HN_JSON_PRETTY);
        char *taken = hn_buffer_take(&text);
        if (taken)
            *json = taken;
        else
            status = hn_out_of_memory(err);
    }
    hn_arena_release(&arena);
    return status;
}

hone_status hone_model_save(const hone_model *model, const char *path, const char *provenance,
                            hone_error *err)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_node *map = NULL;
    hone_status status = HONE_OK;
    if (provenance)
        status = hn_json_parse(&arena, "provenance", provenance, strlen(provenance), &map, err);
    if (!status && map && map->kind != HN_MAP)
        status = hn_fail(err, HONE_INVALID, "provenance must be a JSON mapping");
    if (!status)
        status = hn_estimator_save(model->own, path, map, err);
    hn_arena_release(&arena);
    return status;
}

hone_status hone_model_export_onnx(const hone_model *model, const char *path, hone_error *err)
{
    hn_graph *graph = NULL;
    hone_status status = hn_estimator_graph(model->own, &graph, err);
    if (!status)
        status = hn_graph_write(graph, path, err);
    hn_graph_destroy(graph);
    return status;
}

hone_status hone_model_load(const char *path, hone_model **model, hone_error *err)
{
    hn_estimator *own = NULL;
    hone_status status = hn_estimator_load(path, &own, err);
    return status ? status : publish_model(own, model, err);
}
