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

/* A value that the model refuses is said before the others are fitted. */
static hone_status check_values(const hn_dataset *dataset, const hn_model_type *type, const hn_node *settings,
                                const char *option, const hn_node *const *values, size_t n_values,
                                hn_arena *arena, hone_error *err)
{
    hone_status status = n_values ? HONE_OK : hn_fail(err, HONE_INVALID, "a validation curve needs values");
    void *config = hn_arena_alloc(arena, 1, type->options.config_size);
    for (size_t p = 0; !status && p < n_values; p++) {
        hn_node *point = with_value(arena, settings, option, values[p]);
        status = point && config ? hn_model_configure(type, dataset->task, arena, point, config, err)
                                 : hn_out_of_memory(err);
        if (status)
            fail_at_value(option, values[p], status, err);
    }
    return status;
}

hone_status hn_validation_curve_run(const hn_dataset *dataset, const size_t *rows, size_t n,
                                    const hn_model_type *type, const hn_node *settings, const char *option,
                                    const hn_node *const *values, size_t n_values,
                                    const hn_validation_options *options, hn_thread_pool *pool,
                                    const volatile int *cancel, hn_curve *curve, hone_error *err)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_validation_options scored = *options;
    hn_validation *validation = NULL;
    hn_curve made = {0};
    scored.train_scores = true;
    hn_run_control control = {.pool = pool, .cancel = cancel};
    hone_status status = check_values(dataset, type, settings, option, values, n_values, &arena, err);
    if (!status)
        status = hn_validation_create(dataset, rows, n, type, &scored, &validation, err);
    for (size_t p = 0; !status && p < n_values; p++) {
        hn_scores scores = {0};
        hn_node *point = with_value(&arena, settings, option, values[p]);
        status = point ? hn_validation_run(validation, point, &control, &scores, err) : hn_out_of_memory(err);
        if (!status)
            status = take_point(&scores, p, n_values, &made, err);
        else
            fail_at_value(option, values[p], status, err);
        hn_scores_release(&scores);
    }
    hn_validation_destroy(validation);
    hn_arena_release(&arena);
    if (status) {
        hn_curve_release(&made);
        return status;
    }
    hn_curve_summarise(&made);
    *curve = made;
    return HONE_OK;
}
