#include "select/validation_curve.h"

#include <string.h>

/* The settings with option = value. NULL when memory is out. */
static hn_node *with_value(hn_arena *arena, const hn_node *settings, const char *option, const hn_node *value)
{
    hn_node *map = settings ? hn_node_copy(arena, settings) : hn_node_map(arena);
    return hn_map_set(arena, map, option, hn_node_copy(arena, value));
}

/* The first point says how many folds there are. */
static hone_status take_point(const hn_scores *scores, size_t point, size_t n_points, hn_curve *curve,
                              hone_error *err)
{
    size_t k = scores->n_folds;
    if (scores->n_metrics > 1)
        return hn_fail(err, HONE_INVALID, "a validation curve is of one metric, here are %zu",
                       scores->n_metrics);
    hone_status status = point ? HONE_OK : hn_curve_init(scores->metrics[0], n_points, k, curve, err);
    if (status)
        return status;
    memcpy(curve->train + point * k, scores->train, k * sizeof *scores->train);
    memcpy(curve->test + point * k, scores->test, k * sizeof *scores->test);
    memcpy(curve->fit_seconds + point * k, scores->fold_fit_seconds, k * sizeof *scores->fold_fit_seconds);
    return HONE_OK;
}

static hone_status fail_at_value(const char *option, const hn_node *value, hone_status status,
                                 hone_error *err)
{
    hn_buffer text = HN_BUFFER_INIT;
    hn_json_write(&text, value, HN_JSON_STRICT);
    hn_fail_within(err, status, "%s = %s", option, hn_buffer_string(&text));
    hn_buffer_release(&text);
    return status;
}

/* What a curve is drawn of. */
typedef struct varying {
    const hn_dataset *dataset;
    const hn_model_type *type;
    const hn_node *settings;
    const char *name;
    const hn_option *before; /* the option is one of preprocessing; NULL: of the model */
    const hn_node *const *values;
    size_t n_values;
    hn_arena arena;
} varying;

/* The settings and the preprocessing of a point. */
static hone_status make_point(varying *v, size_t p, hn_node **settings, hn_preprocess_options *preprocess,
                              hone_error *err)
{
    const hn_node *value = v->values[p];
    if (v->before) {
        *settings = v->settings ? hn_node_copy(&v->arena, v->settings) : hn_node_map(&v->arena);
        hone_status status =
            hn_options_set(&v->arena, &hn_preprocess_table, "preprocess", v->before, value, preprocess, err);
        return status || *settings ? status : hn_out_of_memory(err);
    }
    *settings = with_value(&v->arena, v->settings, v->name, value);
    return *settings ? HONE_OK : hn_out_of_memory(err);
}

/* A value that is refused is said before the others are fitted. */
static hone_status check_values(varying *v, const hn_preprocess_options *preprocess, hone_error *err)
{
    hone_status status =
        v->n_values ? HONE_OK : hn_fail(err, HONE_INVALID, "a validation curve needs values");
    void *config = hn_arena_alloc(&v->arena, 1, v->type->options.config_size);
    for (size_t p = 0; !status && p < v->n_values; p++) {
        hn_preprocess_options its = *preprocess;
        hn_node *settings = NULL;
        status = config ? make_point(v, p, &settings, &its, err) : hn_out_of_memory(err);
        if (!status)
            status = hn_model_configure(v->type, v->dataset->task, &v->arena, settings, config, err);
        if (status)
            fail_at_value(v->name, v->values[p], status, err);
    }
    return status;
}

hone_status hn_validation_curve_run(const hn_dataset *dataset, const size_t *rows, size_t n,
                                    const hn_model_type *type, const hn_node *settings, const char *option,
                                    const hn_node *const *values, size_t n_values,
                                    const hn_validation_options *options, hn_thread_pool *pool,
                                    const volatile int *cancel, hn_curve *curve, hone_error *err)
{
    varying v = {.dataset = dataset,
                 .type = type,
                 .settings = settings,
                 .name = option,
                 .before = hn_preprocess_option(option),
                 .values = values,
                 .n_values = n_values,
                 .arena = HN_ARENA_INIT};
    hn_validation_options scored = *options;
    hn_validation *validation = NULL;
    hn_curve made = {0};
    scored.train_scores = true;
    hn_run_control control = {.pool = pool, .cancel = cancel};
    hone_status status = check_values(&v, &options->preprocess, err);
    for (size_t p = 0; !status && p < n_values; p++) {
        hn_scores scores = {0};
        hn_node *point = NULL;
        status = make_point(&v, p, &point, &scored.preprocess, err);
        if (!status && (!validation || v.before)) {
            hn_validation_destroy(validation);
            validation = NULL;
            status = hn_validation_create(dataset, rows, n, type, &scored, &validation, err);
        }
        if (!status)
            status = hn_validation_run(validation, point, &control, &scores, err);
        if (!status)
            status = take_point(&scores, p, n_values, &made, err);
        else
            fail_at_value(option, values[p], status, err);
        hn_scores_release(&scores);
    }
    hn_validation_destroy(validation);
    hn_arena_release(&v.arena);
    if (status) {
        hn_curve_release(&made);
        return status;
    }
    hn_curve_summarise(&made);
    *curve = made;
    return HONE_OK;
}
