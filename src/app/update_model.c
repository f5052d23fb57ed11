/* A saved model that learns more rows: `hone fit more.csv --update model.hone`. */
#include "base/memory.h"
#include "hone/app.h"
#include "select/estimator.h"

static void add_text(hn_buffer *out, const hn_estimator *updated, const char *file, size_t more, int64_t rows)
{
    hn_buffer_printf(out, "%s: %s has learnt %zu more rows, %lld in all\n", file, updated->type->name, more,
                     (long long)rows);
}

static void add_json(hn_buffer *out, const hn_estimator *updated, const char *file, size_t more, int64_t rows)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_node *map = hn_node_map(&arena);
    map = hn_map_set(&arena, map, "event", hn_node_string(&arena, "updated"));
    map = hn_map_set(&arena, map, "model", hn_node_string(&arena, updated->type->name));
    map = hn_map_set(&arena, map, "model_file", hn_node_string(&arena, file));
    map = hn_map_set(&arena, map, "more_rows", hn_node_integer(&arena, (int64_t)more));
    map = hn_map_set(&arena, map, "rows", hn_node_integer(&arena, rows));
    out->failed |= !map;
    if (map) {
        hn_json_write(out, map, HN_JSON_STRICT);
        hn_buffer_char(out, '\n');
    }
    hn_arena_release(&arena);
}

static hone_status tell(const hn_estimator *updated, const char *file, size_t more, bool json,
                        const hone_sink *sink, hone_error *err)
{
    hn_buffer text = HN_BUFFER_INIT;
    int64_t rows = 0;
    hn_node_int(hn_map_get(updated->provenance, "rows"), &rows);
    (json ? add_json : add_text)(&text, updated, file, more, rows);
    hone_status status = hn_buffer_failed(&text) ? hn_out_of_memory(err) : HONE_OK;
    if (!status && sink->write) {
        sink->write(sink->user, text.data, text.size);
    }
    hn_buffer_release(&text);
    return status;
}

hone_status hone_update_file(const char *model, const char *data, const char *output, uint64_t seed,
                             bool json, const hone_sink *sink, hone_error *err)
{
    hn_estimator *before = NULL, *updated = NULL;
    hn_dataset *dataset = NULL;
    hn_dataset_options reading = {0};
    hn_estimator_options options = {.seed = seed};
    hn_schema schema;
    const char *file = output ? output : model;
    hone_status status = hn_estimator_load(model, &before, err);
    if (!status) {
        hn_estimator_adapt(before, true, &reading, &schema);
        status = hn_dataset_read(data, &reading, &dataset, err);
    }
    if (!status) {
        status = hn_estimator_update(before, dataset, NULL, 0, &options, &updated, err);
    }
    if (!status) {
        status = hn_estimator_save(updated, file, NULL, err);
    }
    if (!status) {
        status = tell(updated, file, dataset->n_rows, json, sink, err);
    }
    hn_estimator_destroy(updated);
    hn_dataset_destroy(dataset);
    hn_estimator_destroy(before);
    return status;
}
