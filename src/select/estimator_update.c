/* estimator_update.c: a fitted model that learns from more rows. Its preprocessing, classes and threshold
 * stay those of the first fit. */
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "select/estimator.h"

static hone_status refuse(const hn_estimator *e, hone_error *err)
{
    hn_buffer names = HN_BUFFER_INIT;
    const hn_model_type *type;
    if (e->type->partial_fit)
        return HONE_OK;
    for (size_t i = 0; (type = hn_model_at(i)); i++)
        if (type->partial_fit)
            hn_buffer_printf(&names, "%s%s", names.size ? ", " : "", type->name);
    hone_status status = hn_fail(err, HONE_UNSUPPORTED,
                                 "model %s cannot learn more rows, only %s can; fit it to all rows at once",
                                 e->type->name, hn_buffer_string(&names));
    hn_buffer_release(&names);
    return status;
}

static hone_status copy_names(const hn_estimator *from, hn_estimator *e, hone_error *err)
{
    e->type = from->type;
    e->task = from->task;
    e->n_classes = from->n_classes;
    e->threshold = from->threshold;
    e->settings = from->settings ? hn_node_copy(&e->arena, from->settings) : NULL;
    e->target_name = hn_arena_strdup(&e->arena, from->target_name);
    e->weight_name = from->weight_name ? hn_arena_strdup(&e->arena, from->weight_name) : NULL;
    e->decided_by = from->decided_by ? hn_arena_strdup(&e->arena, from->decided_by) : NULL;
    e->classes = HN_ARENA_NEW(&e->arena, const char *, from->n_classes);
    bool made = e->target_name && e->classes && !from->settings == !e->settings &&
                !from->weight_name == !e->weight_name && !from->decided_by == !e->decided_by;
    for (size_t k = 0; made && k < from->n_classes; k++)
        made = (e->classes[k] = hn_arena_strdup(&e->arena, from->classes[k]));
    return made ? HONE_OK : hn_out_of_memory(err);
}

static hone_status copy_preprocess(const hn_estimator *from, hn_estimator *e, hone_error *err)
{
    hn_arena scratch = HN_ARENA_INIT;
    hn_node *saved = hn_preprocess_save(from->preprocess, &scratch);
    hone_status status = saved ? hn_preprocess_load(saved, &e->preprocess, err) : hn_out_of_memory(err);
    hn_arena_release(&scratch);
    return status;
}

/* `rows` counts all the model has seen; `updated` and `updated_with` say when and what it saw last. */
static hone_status record_update(const hn_estimator *from, const hn_dataset *dataset, size_t n,
                                 hn_estimator *e, hone_error *err)
{
    char now[HN_DATETIME_SIZE];
    int64_t rows = 0;
    hn_arena *arena = &e->arena;
    hn_node *map = hn_node_copy(arena, from->provenance);
    const char *source = hn_arena_strdup(arena, dataset->source);
    hn_format_datetime(now, hn_wall_us());
    hn_node_int(hn_map_get(from->provenance, "rows"), &rows);
    map = hn_map_set(arena, map, "rows", hn_node_integer(arena, rows + (int64_t)n));
    map = hn_map_set(arena, map, "updated", hn_node_string(arena, now));
    map = source ? hn_map_set(arena, map, "updated_with", hn_node_string(arena, source)) : NULL;
    e->provenance = map;
    return map ? HONE_OK : hn_out_of_memory(err);
}

static hone_status learn(const hn_estimator *from, const hn_dataset *dataset, const size_t *rows, size_t n,
                         const hn_estimator_options *options, hn_estimator *e, hone_error *err)
{
    hn_arena scratch = HN_ARENA_INIT;
    hn_design more;
    void *config = HN_ARENA_NEW(&scratch, char, e->type->options.config_size);
    hn_fit_context context = {
        .seed = options->seed, .cancel = options->cancel, .scratch = &scratch, .pool = options->pool};
    hone_status status = config ? HONE_OK : hn_out_of_memory(err);
    if (!status)
        status = hn_model_configure(e->type, e->task, &e->arena, e->settings, config, err);
    if (!status)
        status = hn_estimator_design(e, dataset, rows, n, &scratch, &more, err);
    if (!status)
        status = e->type->partial_fit(from->fitted, config, &more, &context, &e->fitted, err);
    hn_arena_release(&scratch);
    return status;
}

hone_status hn_estimator_update(const hn_estimator *from, const hn_dataset *dataset, const size_t *rows,
                                size_t n, const hn_estimator_options *options, hn_estimator **updated,
                                hone_error *err)
{
    hone_status status = refuse(from, err);
    if (status)
        return status;
    hn_estimator *e = hn_calloc(1, sizeof *e);
    if (!e)
        return hn_out_of_memory(err);
    n = rows ? n : dataset->n_rows;
    status = copy_names(from, e, err);
    if (!status)
        status = copy_preprocess(from, e, err);
    if (!status)
        status = record_update(from, dataset, n, e, err);
    if (!status)
        status = learn(from, dataset, rows, n, options, e, err);
    if (status)
        hn_estimator_destroy(e);
    else
        *updated = e;
    return status;
}
