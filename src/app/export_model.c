/* A saved model for other programs: `hone export`. */
#include "app/show.h"
#include "hone/app.h"
#include "onnx/graph.h"
#include "select/estimator.h"
#include "view/table.h"

/* "rows x 3 x 32 x 32". */
static void shape_text(hn_buffer *out, const hn_graph_end *end)
{
    hn_buffer_text(out, "rows");
    for (size_t i = 0; i < end->rank; i++) {
        hn_buffer_printf(out, " x %zu", end->dim[i]);
    }
}

/* "sepal_length, sepal_width ...": names of a list, as many as fit into a line. */
static void names_text(hn_buffer *out, const hn_node *names)
{
    enum { MOST = 60 };
    for (size_t i = 0; names && i < names->count; i++) {
        if (out->size > MOST) {
            hn_buffer_text(out, " ...");
            return;
        }
        hn_buffer_printf(out, "%s%s", i ? ", " : "", names->as.items[i]->as.string);
    }
}

typedef struct shown {
    const hn_estimator *estimator;
    const hn_graph *graph;
    const char *path;
    hn_arena arena;
    const hn_node *inputs; /* {input: [columns]} */
    hn_node *classes;
} shown;

/* What stands side by side in an input or output. */
static const hn_node *names_of(const shown *s, const hn_graph_end *end, bool input)
{
    bool of_classes = !input && end->rank && s->classes->count && end->dim[0] == s->classes->count;
    return input ? hn_map_get(s->inputs, end->name) : of_classes ? s->classes : NULL;
}

/* --- as a table --- */

static void add_row(const shown *s, hn_table *table, const hn_graph_end *end, bool input)
{
    hn_buffer shape = HN_BUFFER_INIT, list = HN_BUFFER_INIT;
    shape_text(&shape, end);
    names_text(&list, names_of(s, end, input));
    hn_table_add(table, input ? "input" : "output");
    hn_table_add(table, end->name);
    hn_table_add(table, hn_value_type_name(end->type));
    hn_table_add(table, hn_buffer_string(&shape));
    hn_table_add(table, hn_buffer_string(&list));
    table->failed |= hn_buffer_failed(&shape) || hn_buffer_failed(&list);
    hn_buffer_release(&shape);
    hn_buffer_release(&list);
}

static hone_status show_table(const shown *s, const hone_sink *sink, hone_error *err)
{
    static const char *const titles[] = {"", "name", "type", "shape", "of"};
    const hn_text_rule *text = hn_preprocess_schema(s->estimator->preprocess).text;
    hn_table table = HN_TABLE_INIT;
    hn_buffer line = HN_BUFFER_INIT;
    for (size_t i = 0; i < sizeof titles / sizeof *titles; i++) {
        hn_table_add_column(&table, titles[i], HN_ALIGN_LEFT, i == 4);
    }
    for (size_t i = 0; i < hn_graph_inputs(s->graph); i++) {
        add_row(s, &table, hn_graph_input_at(s->graph, i), true);
    }
    for (size_t i = 0; i < hn_graph_outputs(s->graph); i++) {
        add_row(s, &table, hn_graph_output_at(s->graph, i), false);
    }
    hn_buffer_printf(&line, "%s: ONNX, operator set %d, %zu nodes\n", s->path, HN_ONNX_OPERATORS,
                     hn_graph_nodes(s->graph));
    if (text) {
        hn_buffer_printf(&line,
                         "cutting %s into tokens is not in it: its words are among its texts, as pipeline\n",
                         text->column);
    }
    hone_status status = hn_sink_write(sink, &line, err);
    if (!status) {
        status = hn_table_write(&table, sink, true, err);
    }
    hn_table_release(&table);
    hn_buffer_release(&line);
    return status;
}

/* --- as JSON --- */

static hn_node *end_node(shown *s, const hn_graph_end *end, bool input)
{
    hn_arena *arena = &s->arena;
    const hn_node *names = names_of(s, end, input);
    hn_node *shape = hn_list_append(arena, hn_node_list(arena), hn_node_string(arena, "rows"));
    for (size_t i = 0; i < end->rank; i++) {
        shape = hn_list_append(arena, shape, hn_node_integer(arena, (int64_t)end->dim[i]));
    }
    hn_node *map = hn_map_set(arena, hn_node_map(arena), "name", hn_node_string(arena, end->name));
    map = hn_map_set(arena, map, "type", hn_node_string(arena, hn_value_type_name(end->type)));
    map = hn_map_set(arena, map, "shape", shape);
    return names ? hn_map_set(arena, map, input ? "columns" : "classes", hn_node_copy(arena, names)) : map;
}

static hone_status show_json(shown *s, const hone_sink *sink, hone_error *err)
{
    hn_arena *arena = &s->arena;
    hn_node *inputs = hn_node_list(arena), *outputs = hn_node_list(arena), *map = hn_node_map(arena);
    for (size_t i = 0; i < hn_graph_inputs(s->graph); i++) {
        inputs = hn_list_append(arena, inputs, end_node(s, hn_graph_input_at(s->graph, i), true));
    }
    for (size_t i = 0; i < hn_graph_outputs(s->graph); i++) {
        outputs = hn_list_append(arena, outputs, end_node(s, hn_graph_output_at(s->graph, i), false));
    }
    map = hn_map_set(arena, map, "file", hn_node_string(arena, s->path));
    map = hn_map_set(arena, map, "operators", hn_node_integer(arena, HN_ONNX_OPERATORS));
    map = hn_map_set(arena, map, "nodes", hn_node_integer(arena, (int64_t)hn_graph_nodes(s->graph)));
    map = hn_map_set(arena, map, "inputs", inputs);
    return hn_show_json(sink, hn_map_set(arena, map, "outputs", outputs), err);
}

/* --- the command --- */

static hone_status show(shown *s, hone_format format, const hone_sink *sink, hone_error *err)
{
    hn_arena *arena = &s->arena;
    s->inputs = hn_preprocess_inputs(s->estimator->preprocess, s->graph, arena);
    s->classes = hn_node_list(arena);
    for (size_t k = 0; k < s->estimator->n_classes; k++) {
        s->classes = hn_list_append(arena, s->classes, hn_node_string(arena, s->estimator->classes[k]));
    }
    if (!s->inputs || !s->classes) {
        return hn_out_of_memory(err);
    }
    return format == HONE_FORMAT_JSON ? show_json(s, sink, err) : show_table(s, sink, err);
}

hone_status hone_export_file(const char *model, const char *output, hone_format format, const hone_sink *sink,
                             hone_error *err)
{
    hn_estimator *estimator = NULL;
    hn_graph *graph = NULL;
    hone_status status = hn_estimator_load(model, &estimator, err);
    if (!status) {
        status = hn_estimator_graph(estimator, &graph, err);
    }
    if (!status) {
        status = hn_graph_write(graph, output, err);
    }
    if (!status && sink) {
        shown s = {.estimator = estimator, .graph = graph, .path = output};
        status = show(&s, format, sink, err);
        hn_arena_release(&s.arena);
    }
    hn_graph_destroy(graph);
    hn_estimator_destroy(estimator);
    return status;
}
