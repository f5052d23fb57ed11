/* estimator_graph.c: a fitted model as a graph that other programs run: raw values in, labels, probabilities
 * or numbers out, with what hone knows of it as texts. */
#include <math.h>
#include <string.h>

#include "select/estimator.h"

/* --- what it says of itself --- */

static hone_status add_notes(const hn_estimator *e, hn_graph *graph, hone_error *err)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_model_state state;
    hone_status status = HONE_OUT_OF_MEMORY;
    hn_node *description = hn_estimator_describe(e, &arena, &state, err);
    if (description) {
        description =
            hn_map_set(&arena, description, "inputs", hn_preprocess_inputs(e->preprocess, graph, &arena));
        hn_node *classes = hn_node_list(&arena);
        for (size_t k = 0; k < e->n_classes; k++)
            classes = hn_list_append(&arena, classes, hn_node_string(&arena, e->classes[k]));
        description = hn_map_set(&arena, description, "classes", classes);
    }
    hn_node *texts = description ? hn_estimator_texts(hn_node_map(&arena), description, &arena) : NULL;
    for (size_t i = 0; texts && i < texts->count; i++)
        hn_graph_note(graph, texts->as.entries[i].key, texts->as.entries[i].value->as.string);
    if (texts)
        status = HONE_OK;
    hn_arena_release(&arena);
    return status ? hn_out_of_memory(err) : HONE_OK;
}

/* --- outputs --- */

/* (rows,) indices of classes. */
static hn_value index_of(const hn_estimator *e, const hn_model_graph *given, hn_graph *graph)
{
    hn_value index = given->index;
    if (!isnan(e->threshold.at)) {
        hn_value second = HN_OP(graph, "Gather", given->value, hn_graph_int(graph, "second", 1));
        hn_graph_set_int(graph, "axis", 1);
        second = hn_graph_cast(graph, second, HN_VALUE_DOUBLE);
        index = HN_OP(graph, "GreaterOrEqual", second, hn_graph_double(graph, "threshold", e->threshold.at));
        index.type = HN_VALUE_BOOL;
        return hn_graph_cast(graph, index, HN_VALUE_INT);
    }
    return index.name ? index : hn_graph_argmax(graph, given->value);
}

static void add_outputs(const hn_estimator *e, hn_model_graph *given, hn_graph *graph)
{
    static const size_t one = 1;
    size_t width = given->margins ? hn_decision_width(e->n_classes) : e->n_classes;
    if (!e->n_classes) {
        hn_graph_scope(graph, "prediction");
        hn_graph_output(graph, hn_graph_cast(graph, given->value, HN_VALUE_DOUBLE), "prediction", 1, &one);
        return;
    }
    hn_graph_scope(graph, "label");
    given->value = hn_graph_cast(graph, given->value, HN_VALUE_FLOAT);
    hn_value names = hn_graph_texts(graph, "classes", e->n_classes, e->classes);
    hn_value label = HN_OP(graph, "Gather", names, index_of(e, given, graph));
    hn_graph_output(graph, label, "label", 0, NULL);
    hn_graph_output(graph, given->value, given->margins ? "margins" : "probabilities", 1, &width);
}

/* --- the whole --- */

static hone_status refuse_type(const hn_estimator *e, hone_error *err)
{
    hn_buffer able = HN_BUFFER_INIT;
    for (size_t i = 0; hn_model_at(i); i++)
        if (hn_model_at(i)->graph)
            hn_buffer_printf(&able, "%s%s", able.size ? ", " : "", hn_model_at(i)->name);
    hone_status status = hn_fail(err, HONE_UNSUPPORTED, "model %s cannot be written as ONNX; these can: %s",
                                 e->type->name, hn_buffer_string(&able));
    hn_buffer_release(&able);
    return status;
}

hone_status hn_estimator_graph(const hn_estimator *e, hn_graph **graph, hone_error *err)
{
    hn_graph *made = NULL;
    hn_model_graph out = {0};
    if (!e->type->graph)
        return refuse_type(e, err);
    hone_status status = hn_graph_create(&made, err);
    if (status)
        return status;
    hn_value rows = hn_preprocess_graph(e->preprocess, made);
    if (!(e->type->capabilities & HN_MODEL_SAMPLES)) {
        rows = hn_preprocess_is_of_arrays(e->preprocess) ? HN_OP(made, "Flatten", rows) : rows;
        rows = hn_graph_cast(made, rows, HN_VALUE_DOUBLE);
    }
    status = e->type->graph(e->fitted, rows, made, &out, err);
    if (!status) {
        add_outputs(e, &out, made);
        status = hn_graph_failed(made) ? hn_out_of_memory(err) : add_notes(e, made, err);
    }
    if (status)
        hn_graph_destroy(made);
    else
        *graph = made;
    return status;
}
