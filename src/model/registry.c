#include "base/buffer.h"
#include "model/model.h"

#include <string.h>

extern const hn_model_type hn_model_decision_tree;
extern const hn_model_type hn_model_random_forest;
extern const hn_model_type hn_model_extra_trees;
extern const hn_model_type hn_model_gradient_boosting;
extern const hn_model_type hn_model_xgboost;
extern const hn_model_type hn_model_kmeans;
extern const hn_model_type hn_model_svm;
extern const hn_model_type hn_model_logistic;
extern const hn_model_type hn_model_ridge;
extern const hn_model_type hn_model_lasso;
extern const hn_model_type hn_model_elastic_net;
extern const hn_model_type hn_model_knn;
extern const hn_model_type hn_model_naive_bayes;
extern const hn_model_type hn_model_sequential;

/* In the order `hone models` shows. */
static const hn_model_type *const models[] = {
    &hn_model_svm,         &hn_model_logistic,          &hn_model_ridge,
    &hn_model_lasso,       &hn_model_elastic_net,       &hn_model_knn,
    &hn_model_naive_bayes, &hn_model_decision_tree,     &hn_model_random_forest,
    &hn_model_extra_trees, &hn_model_gradient_boosting, &hn_model_xgboost,
    &hn_model_kmeans,      &hn_model_sequential,
};

enum { N_MODELS = sizeof models / sizeof *models };

const hn_model_type *hn_model_at(size_t i)
{
    return i < N_MODELS ? models[i] : NULL;
}

const hn_model_type *hn_model_find(const char *name)
{
    for (size_t i = 0; i < N_MODELS; i++)
        if (strcmp(models[i]->name, name) == 0)
            return models[i];
    return NULL;
}

hone_status hn_model_require(const char *name, const hn_model_type **type, hone_error *err)
{
    const hn_model_type *found = hn_model_find(name);
    if (found) {
        *type = found;
        return HONE_OK;
    }
    const char *names[N_MODELS];
    hn_buffer list = HN_BUFFER_INIT;
    for (size_t i = 0; i < N_MODELS; i++) {
        names[i] = models[i]->name;
        hn_buffer_printf(&list, "%s%s", i ? ", " : "", names[i]);
    }
    const char *near = hn_nearest_name(name, names, N_MODELS);
    hone_status status = hn_fail(err, HONE_NOT_FOUND, "there is no model \"%.60s\"%s%s%s; models: %s", name,
                                 near ? " (did you mean \"" : "", near ? near : "", near ? "\"?)" : "",
                                 hn_buffer_string(&list));
    hn_buffer_release(&list);
    return status;
}

hone_status hn_model_configure(const hn_model_type *type, hn_model_task task, hn_arena *arena,
                               const hn_node *options, void *config, hone_error *err)
{
    if (!(type->tasks & (unsigned)task))
        return hn_fail(err, HONE_UNSUPPORTED, "model %s cannot do %s", type->name, hn_model_task_name(task));
    const char *library;
    hone_status status = type->library ? type->library(&library, err) : HONE_OK;
    if (status)
        return status;
    char *what = hn_arena_printf(arena, "model %s", type->name);
    if (!what)
        return hn_out_of_memory(err);
    status = hn_options_apply(arena, &type->options, what, options, config, err);
    if (!status && type->check)
        status = type->check(config, options, task, err);
    return status;
}

static bool is_text(const hn_dataset *dataset)
{
    return dataset->samples && dataset->samples->type == HN_SAMPLE_TOKENS;
}

hone_status hn_model_check_data(const hn_model_type *type, const hn_dataset *dataset, hone_error *err)
{
    if (is_text(dataset) && !(type->capabilities & HN_MODEL_SAMPLES))
        return hn_fail(err, HONE_UNSUPPORTED,
                       "model %s takes no words of a text; sequential does, with a layer embedding",
                       type->name);
    if (!dataset->weight || (type->capabilities & HN_MODEL_WEIGHTS))
        return HONE_OK;
    hn_buffer list = HN_BUFFER_INIT;
    for (size_t i = 0; i < N_MODELS; i++)
        if ((models[i]->capabilities & HN_MODEL_WEIGHTS) && (models[i]->tasks & (unsigned)dataset->task))
            hn_buffer_printf(&list, "%s%s", list.size ? ", " : "; those that do: ", models[i]->name);
    hone_status status = hn_fail(err, HONE_UNSUPPORTED, "model %s takes no weights of rows (column %s)%s",
                                 type->name, dataset->weight->name, hn_buffer_string(&list));
    hn_buffer_release(&list);
    return status;
}
