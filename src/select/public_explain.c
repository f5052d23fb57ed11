/* public_explain.c: the part of hone/ml.h that explains a model. */
#include <string.h>

#include "base/memory.h"
#include "select/learning_curve.h"
#include "select/partial_dependence.h"
#include "select/permutation.h"
#include "select/public_data.h"
#include "select/public_model.h"
#include "select/validation_curve.h"

static hone_status make_pool(int threads, hn_thread_pool **pool, hone_error *err)
{
    return threads > 1 ? hn_thread_pool_create((size_t)threads, pool, err) : HONE_OK;
}

/* --- importance --- */

typedef struct public_importance {
    hone_importance public; /* first: the user's pointer is this object's */
    hn_permutation own;
} public_importance;

hone_status hone_model_importance(const hone_model *model, const hone_dataset *dataset, const char *metric,
                                  const hone_own_metric *own_metrics, size_t n_own_metrics, size_t repeats,
                                  uint64_t seed, int threads, hone_importance **importance, hone_error *err)
{
    hn_own_metrics given = {0};
    hn_permutation_options options = {.metric = metric, .own = &given, .repeats = repeats, .seed = seed};
    hn_thread_pool *pool = NULL;
    hn_own_metric *list = NULL;
    public_importance *made = hn_calloc(1, sizeof *made);
    hone_status status =
        made ? hn_public_own_metrics(own_metrics, n_own_metrics, &list, &given, err) : hn_out_of_memory(err);
    if (!status)
        status = make_pool(threads, &pool, err);
    if (!status)
        status = hn_permutation_run(model->own, dataset->data, dataset->rows, dataset->n, &options, pool,
                                    &made->own, err);
    hn_thread_pool_destroy(pool);
    if (status) {
        hn_free(list);
        hn_free(made);
        return status;
    }
    const hn_permutation *own = &made->own;
    made->public = (hone_importance){.metric = own->metric->name,
                                     .score = own->score,
                                     .n_rows = own->n_rows,
                                     .n_columns = own->n_columns,
                                     .n_repeats = own->n_repeats,
                                     .columns = own->columns,
                                     .losses = own->losses,
                                     .mean = own->mean,
                                     .deviation = own->deviation};
    hn_free(list); /* names are the user's */
    *importance = &made->public;
    return HONE_OK;
}

void hone_importance_free(hone_importance *importance)
{
    if (!importance)
        return;
    public_importance *p = (public_importance *)importance;
    hn_permutation_release(&p->own);
    hn_free(p);
}

/* --- dependence --- */

typedef struct public_dependence {
    hone_dependence public; /* first */
    hn_dependence own;
    const char **categories[HN_DEPENDENCE_MAX_COLUMNS]; /* (n,) of the values */
} public_dependence;

/* Categories are numbered as they are listed. */
static hone_status publish_axis(public_dependence *made, size_t a, hone_error *err)
{
    hn_dependence_axis *axis = &made->own.axes[a];
    made->public.columns[a] = axis->name;
    made->public.n_values[a] = axis->n;
    made->public.values[a] = axis->values;
    if (axis->kind == HN_COLUMN_NUMERIC)
        return HONE_OK;
    made->categories[a] = hn_calloc(axis->n, sizeof **made->categories);
    if (!made->categories[a])
        return hn_out_of_memory(err);
    for (size_t i = 0; i < axis->n; i++) {
        made->categories[a][i] = axis->categories[(size_t)axis->values[i]];
        axis->values[i] = (double)i;
    }
    made->public.categories[a] = made->categories[a];
    return HONE_OK;
}

hone_status hone_model_dependence(const hone_model *model, const hone_dataset *dataset,
                                  const hone_dependence_config *config, hone_dependence **dependence,
                                  hone_error *err)
{
    if (config->struct_size != sizeof *config)
        return hn_fail(err, HONE_INVALID,
                       "hone_dependence_config has struct_size %zu, this version knows %zu; begin with "
                       "HONE_DEPENDENCE_CONFIG_INIT",
                       config->struct_size, sizeof *config);
    if (!config->columns[0])
        return hn_fail(err, HONE_INVALID, "partial dependence needs a column");
    hn_dependence_options options = {.n_columns = config->columns[1] ? 2 : 1,
                                     .columns = {config->columns[0], config->columns[1]},
                                     .grid = config->grid,
                                     .max_rows = config->max_rows,
                                     .individual = config->individual,
                                     .seed = config->seed};
    hn_thread_pool *pool = NULL;
    public_dependence *made = hn_calloc(1, sizeof *made);
    hone_status status = made ? make_pool(config->threads, &pool, err) : hn_out_of_memory(err);
    if (!status)
        status = hn_dependence_run(model->own, dataset->data, dataset->rows, dataset->n, &options, pool,
                                   &made->own, err);
    for (size_t a = 0; !status && a < options.n_columns; a++)
        status = publish_axis(made, a, err);
    hn_thread_pool_destroy(pool);
    if (status) {
        hone_dependence_free(made ? &made->public : NULL);
        return status;
    }
    hn_dependence *own = &made->own;
    made->public.n_columns = own->n_columns;
    made->public.n_points = own->n_points;
    made->public.n_outputs = own->n_outputs;
    made->public.shares = own->shares;
    made->public.n_rows = own->n_rows;
    made->public.average = own->average;
    made->public.n_individual = own->n_individual;
    made->public.individual_rows = own->individual_rows;
    made->public.individual = own->individual;
    *dependence = &made->public;
    return HONE_OK;
}

void hone_dependence_free(hone_dependence *dependence)
{
    if (!dependence)
        return;
    public_dependence *p = (public_dependence *)dependence;
    for (size_t a = 0; a < HN_DEPENDENCE_MAX_COLUMNS; a++)
        hn_free(p->categories[a]);
    hn_dependence_release(&p->own);
    hn_free(p);
}

/* --- curves --- */

typedef struct public_curve {
    hone_curve public;     /* first */
    hn_learning_curve own; /* sizes NULL for a validation curve */
} public_curve;

static hone_curve *publish_curve(public_curve *made)
{
    const hn_curve *own = &made->own.curve;
    made->public = (hone_curve){.metric = own->metric->name,
                                .n_points = own->n_points,
                                .n_folds = own->n_folds,
                                .rows = made->own.sizes,
                                .train = own->train,
                                .test = own->test,
                                .train_mean = own->train_mean,
                                .train_deviation = own->train_deviation,
                                .test_mean = own->test_mean,
                                .test_deviation = own->test_deviation,
                                .fit_seconds = own->fit_seconds};
    return &made->public;
}

void hone_curve_free(hone_curve *curve)
{
    if (!curve)
        return;
    public_curve *p = (public_curve *)curve;
    hn_learning_curve_release(&p->own);
    hn_free(p);
}

hone_status hone_learning_curve(const hone_dataset *dataset, const char *model,
                                const hone_validation_config *config, const double *sizes, size_t n_sizes,
                                bool in_order, int threads, hone_curve **curve, hone_error *err)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_learning_options options = {.sizes = sizes, .n_sizes = n_sizes, .in_order = in_order};
    const hn_model_type *type = NULL;
    const hn_node *settings = NULL;
    hn_thread_pool *pool = NULL;
    public_curve *made = hn_calloc(1, sizeof *made);
    hone_status status = made ? hn_public_model(model, &arena, &type, &settings, err) : hn_out_of_memory(err);
    if (!status)
        status = hn_public_validation(config, dataset, type, &options.validation, err);
    if (!status)
        status = make_pool(threads, &pool, err);
    if (!status)
        status = hn_learning_curve_run(dataset->data, dataset->rows, dataset->n, type, settings, &options,
                                       pool, NULL, &made->own, err);
    hn_thread_pool_destroy(pool);
    hn_arena_release(&arena);
    if (status)
        hn_free(made);
    else
        *curve = publish_curve(made);
    return status;
}

/* nodes (n,) in the arena. */
static hone_status read_values(const char *const *values, size_t n, hn_arena *arena, const hn_node ***nodes,
                               hone_error *err)
{
    const hn_node **list = HN_ARENA_NEW(arena, const hn_node *, n);
    for (size_t i = 0; list && i < n; i++)
        if (!(list[i] = hn_node_plain(arena, values[i], strlen(values[i]))))
            return hn_out_of_memory(err);
    *nodes = list;
    return list ? HONE_OK : hn_out_of_memory(err);
}

hone_status hone_validation_curve(const hone_dataset *dataset, const char *model,
                                  const hone_validation_config *config, const char *option,
                                  const char *const *values, size_t n_values, int threads, hone_curve **curve,
                                  hone_error *err)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_validation_options options;
    const hn_model_type *type = NULL;
    const hn_node *settings = NULL, **nodes = NULL;
    hn_thread_pool *pool = NULL;
    public_curve *made = hn_calloc(1, sizeof *made);
    hone_status status = made ? hn_public_model(model, &arena, &type, &settings, err) : hn_out_of_memory(err);
    if (!status)
        status = hn_public_validation(config, dataset, type, &options, err);
    if (!status)
        status = read_values(values, n_values, &arena, &nodes, err);
    if (!status)
        status = make_pool(threads, &pool, err);
    if (!status)
        status = hn_validation_curve_run(dataset->data, dataset->rows, dataset->n, type, settings, option,
                                         nodes, n_values, &options, pool, NULL, &made->own.curve, err);
    hn_thread_pool_destroy(pool);
    hn_arena_release(&arena);
    if (status)
        hn_free(made);
    else
        *curve = publish_curve(made);
    return status;
}
