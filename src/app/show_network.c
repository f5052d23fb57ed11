/* The network of a study file, layer by layer; of one in which something varies the smallest and the largest.
 */
#include <string.h>

#include "app/model_shapes.h"
#include "app/show.h"
#include "base/memory.h"
#include "model/sequential.h"
#include "view/table.h"

typedef struct summary {
    hone_plan *plan;
    hn_model_job *job;
    hn_arena arena;
    hn_row_shape shape; /* of the rows */
} summary;

/* One setting of what varies. */
typedef struct candidate {
    double *units; /* (space->count,) where each parameter stands, 0 to 1 */
    hn_node *params;
    hn_network *network; /* owned */
    const hn_sequential_config *config;
} candidate;

/* --- a setting and its network --- */

static hone_status build(summary *s, candidate *c, hone_error *err)
{
    const hn_model_type *type = s->plan->model.type;
    const hn_dataset *set = hn_model_job_dataset(s->job);
    hn_sequential_config *config = hn_arena_alloc(&s->arena, 1, sizeof *config);
    const hn_node *layers;
    c->params = hn_params_of_units(&s->arena, s->plan->space, c->units);
    hn_node *options = c->params ? hn_options_substitute(&s->arena, s->plan->model.options, c->params) : NULL;
    if (!config || !options) {
        return hn_out_of_memory(err);
    }
    hone_status status = hn_model_job_shape(s->job, &s->arena, c->params, &s->shape, err);
    if (!status) {
        status = hn_model_configure(type, set->task, &s->arena, options, config, err);
    }
    if (!status) {
        status = hn_sequential_layers(&s->arena, config->layers, set->n_classes, &layers, err);
    }
    if (!status) {
        hn_shape in = hn_sequential_shape(&s->shape.rows);
        status = hn_sequential_network(layers, &in, set->n_classes, &c->network, err);
        c->config = config;
    }
    return status;
}

/* --- the smallest and the largest --- */

/* Takes the place of parameter i that leads furthest: more values, or fewer. A network that cannot be is
 * none. */
static hone_status try_places(summary *s, size_t i, bool largest, candidate *best, bool *moved,
                              hone_error *err)
{
    const hn_distribution *distribution = &s->plan->space->parameters[i].distribution;
    hone_status status = HONE_OK;
    for (size_t k = 0; !status && k < hn_unit_places(distribution); k++) {
        candidate other = {.units = best->units};
        double before = best->units[i];
        best->units[i] = hn_unit_place(distribution, k);
        status = build(s, &other, NULL);
        size_t ours = hn_network_size(best->network), theirs = status ? ours : hn_network_size(other.network);
        if (largest ? theirs > ours : theirs < ours) {
            hn_network_destroy(best->network);
            *best = other;
            *moved = true;
        } else {
            best->units[i] = before;
            hn_network_destroy(other.network);
        }
        status = status == HONE_OUT_OF_MEMORY ? hn_out_of_memory(err) : HONE_OK;
    }
    return status;
}

/* From one end of the space, parameter by parameter, until none leads further. */
static hone_status find(summary *s, bool largest, candidate *best, hone_error *err)
{
    const hn_space *space = s->plan->space;
    best->units = HN_ARENA_NEW(&s->arena, double, space->count + 1);
    if (!best->units) {
        return hn_out_of_memory(err);
    }
    for (size_t i = 0; i < space->count; i++) {
        const hn_distribution *distribution = &space->parameters[i].distribution;
        best->units[i] = hn_unit_place(distribution, largest ? hn_unit_places(distribution) - 1 : 0);
    }
    hone_status status = build(s, best, err);
    for (bool moved = true; !status && moved;) {
        moved = false;
        for (size_t i = 0; !status && i < space->count; i++) {
            status = try_places(s, i, largest, best, &moved, err);
        }
    }
    return status;
}

/* --- showing --- */

static const char *bytes_text(hn_arena *arena, size_t bytes)
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    double value = (double)bytes;
    size_t unit = 0;
    for (; value >= 1024 && unit < 4; unit++) {
        value /= 1024;
    }
    long long tenths = (long long)(value * 10 + 0.5);
    return !unit || tenths >= 1000
               ? hn_arena_printf(arena, "%lld %s", (tenths + 5) / 10, units[unit])
               : hn_arena_printf(arena, "%lld.%lld %s", tenths / 10, tenths % 10, units[unit]);
}

static size_t values_of(const hn_layer_plan *plan)
{
    size_t values = 0;
    for (size_t t = 0; t < plan->n_tensors; t++) {
        values += hn_layer_tensor_size(&plan->tensors[t]);
    }
    return values;
}

/* What a layer takes beside the gradients: values, and what passes of a batch keep. */
static size_t layer_bytes(const hn_network_layer *layer, size_t batch)
{
    const hn_layer_plan *plan = &layer->plan;
    size_t floats = (plan->alias ? 0 : hn_shape_size(&plan->out)) + plan->cache;
    size_t work = layer->type->work_bytes ? layer->type->work_bytes(layer->config, plan, batch) : 0;
    return (values_of(plan) + batch * floats) * sizeof(float) + work;
}

/* In training, with what the optimizer keeps. */
static size_t training_bytes(const candidate *c)
{
    const hn_sequential_config *config = c->config;
    hn_optimizer_options optimizer = {.kind = (hn_optimizer_kind)config->optimizer,
                                      .momentum = config->momentum};
    return hn_network_bytes(c->network, (size_t)config->batch_size, true) +
           hn_optimizer_arrays(&optimizer) * hn_network_trainable(c->network) * sizeof(float);
}

static const char *shape_text(hn_arena *arena, const hn_shape *shape)
{
    hn_buffer text = HN_BUFFER_INIT;
    hn_shape_text(&text, shape);
    const char *copy = hn_buffer_failed(&text) ? NULL : hn_arena_printf(arena, "%s", hn_buffer_string(&text));
    hn_buffer_release(&text);
    return copy;
}

static hone_status write_line(const hone_sink *sink, const char *text, hone_error *err)
{
    hn_buffer line = HN_BUFFER_INIT;
    hn_buffer_text(&line, text ? text : "");
    hone_status status = text ? hn_sink_write(sink, &line, err) : hn_out_of_memory(err);
    hn_buffer_release(&line);
    return status;
}

static hone_status show_table(summary *s, const char *title, const candidate *c, const hone_sink *sink,
                              hone_error *err)
{
    hn_arena *arena = &s->arena;
    hn_table table = HN_TABLE_INIT;
    size_t batch = (size_t)c->config->batch_size, values = hn_network_size(c->network);
    hn_buffer params = HN_BUFFER_INIT;
    hn_json_write(&params, c->params, HN_JSON_PYTHON);
    hone_status status =
        title ? write_line(sink, hn_arena_printf(arena, "%s: %s\n", title, hn_buffer_string(&params)), err)
              : HONE_OK;
    hn_table_add_column(&table, "layer", HN_ALIGN_LEFT, true);
    hn_table_add_column(&table, "output", HN_ALIGN_LEFT, false);
    hn_table_add_column(&table, "parameters", HN_ALIGN_RIGHT, false);
    hn_table_add_column(&table, "memory", HN_ALIGN_RIGHT, false);
    hn_table_add(&table, "input");
    hn_table_add(&table, shape_text(arena, hn_network_input(c->network)));
    hn_table_add(&table, NULL);
    hn_table_add(&table, NULL);
    for (size_t i = 0; i < hn_network_count(c->network); i++) {
        const hn_network_layer *layer = hn_network_at(c->network, i);
        hn_table_add(&table, layer->name);
        hn_table_add(&table, shape_text(arena, &layer->plan.out));
        hn_table_add_int(&table, (long long)values_of(&layer->plan));
        hn_table_add(&table, bytes_text(arena, layer_bytes(layer, batch)));
    }
    status = status ? status : hn_table_write(&table, sink, true, err);
    if (!status) {
        size_t fixed = values - hn_network_trainable(c->network);
        const char *kept = fixed ? hn_arena_printf(arena, " (%zu of them statistics)", fixed) : "";
        status = write_line(sink,
                            hn_arena_printf(arena, "%zu parameters%s; %s in training, batches of %zu\n",
                                            values, kept, bytes_text(arena, training_bytes(c)), batch),
                            err);
    }
    hn_buffer_release(&params);
    hn_table_release(&table);
    return status;
}

static hn_node *shape_node(hn_arena *arena, const hn_shape *shape)
{
    hn_node *list = hn_node_list(arena);
    for (size_t i = 0; i < shape->rank; i++) {
        list = hn_list_append(arena, list, hn_node_integer(arena, (int64_t)shape->dim[i]));
    }
    return list;
}

static hn_node *network_node(hn_arena *arena, const candidate *c)
{
    hn_node *layers = hn_node_list(arena), *map = hn_node_map(arena);
    for (size_t i = 0; i < hn_network_count(c->network); i++) {
        const hn_network_layer *layer = hn_network_at(c->network, i);
        size_t bytes = layer_bytes(layer, (size_t)c->config->batch_size);
        hn_node *node = hn_map_set(arena, hn_node_map(arena), "name", hn_node_string(arena, layer->name));
        node = hn_map_set(arena, node, "output", shape_node(arena, &layer->plan.out));
        node =
            hn_map_set(arena, node, "parameters", hn_node_integer(arena, (int64_t)values_of(&layer->plan)));
        node = hn_map_set(arena, node, "bytes", hn_node_integer(arena, (int64_t)bytes));
        layers = hn_list_append(arena, layers, node);
    }
    map = hn_map_set(arena, map, "params", c->params);
    map = hn_map_set(arena, map, "input", shape_node(arena, hn_network_input(c->network)));
    map = hn_map_set(arena, map, "layers", layers);
    map = hn_map_set(arena, map, "parameters", hn_node_integer(arena, (int64_t)hn_network_size(c->network)));
    return hn_map_set(arena, map, "training_bytes", hn_node_integer(arena, (int64_t)training_bytes(c)));
}

static hone_status show(summary *s, const candidate ends[2], hone_format format, const hone_sink *sink,
                        hone_error *err)
{
    bool one = hn_network_size(ends[0].network) == hn_network_size(ends[1].network);
    if (format == HONE_FORMAT_JSON) {
        hn_node *map =
            hn_map_set(&s->arena, hn_node_map(&s->arena), "smallest", network_node(&s->arena, &ends[0]));
        map = hn_map_set(&s->arena, map, "largest", network_node(&s->arena, &ends[1]));
        return hn_show_json(sink, map, err);
    }
    hone_status status = show_table(s, one ? NULL : "smallest", &ends[0], sink, err);
    if (!status && !one) {
        status = write_line(sink, "\n", err);
    }
    return status || one ? status : show_table(s, "largest", &ends[1], sink, err);
}

hone_status hone_show_network(hone_plan *plan, hone_format format, const hone_sink *sink, hone_error *err)
{
    summary s = {.plan = plan};
    candidate ends[2] = {{0}};
    hone_status status = hone_plan_check(plan, err);
    if (!status && plan->model.type != &hn_model_sequential) {
        status = hn_fail(err, HONE_INVALID,
                         "study %s has no network: layers are shown of `model: sequential`%s%s", plan->study,
                         plan->model.type ? ", not of " : "", plan->model.type ? plan->model.type->name : "");
    }
    if (!status) {
        status = hn_model_job_open(plan, NULL, &s.job, err);
    }
    for (int i = 0; !status && i < 2; i++) {
        status = find(&s, i > 0, &ends[i], err);
    }
    if (!status) {
        status = show(&s, ends, format, sink, err);
    }
    hn_network_destroy(ends[0].network);
    hn_network_destroy(ends[1].network);
    hn_model_job_destroy(s.job);
    hn_arena_release(&s.arena);
    return status;
}
