/* sequential.c: neural networks, layer after layer (network/), as a model: its options, its layers. */
#include "model/sequential.h"

#include <stddef.h>
#include <string.h>

#include "model/augment.h"
#include "model/row_weight.h"

#define FIELD(name) offsetof(hn_sequential_config, name)

static const char *const losses[] = {
    "auto", "categorical_crossentropy", "binary_crossentropy", "mse", "mae", "huber", NULL};

static const hn_option options[] = {
    {"layers", HN_OPTION_NODE, "[{dense: {units: 32, activation: relu}}, output]", 0, 0, NULL, FIELD(layers),
     "a list of layers, such as [{dense: {units: 32, activation: relu}}, {dropout: 0.2}, output]; output is what the task needs"},
    {"epochs", HN_OPTION_INT, "20", 1, 1e6, NULL, FIELD(epochs), "passes over the training rows"},
    {"batch_size", HN_OPTION_INT, "32", 1, 1 << 20, NULL, FIELD(batch_size), "rows a step"},
    {"optimizer", HN_OPTION_CHOICE, "adam", 0, 0, hn_optimizer_names, FIELD(optimizer),
     "how a step is made of the gradient"},
    {"learning_rate", HN_OPTION_DOUBLE, "0.001", 1e-12, 1e3, NULL, FIELD(learning_rate), "length of a step"},
    {"schedule", HN_OPTION_NODE, NULL, 0, 0, NULL, FIELD(schedule),
     "the learning rate over time: constant, step, exponential, cosine, one_cycle, plateau, {cosine: {warmup: 0.1}}, or the rate itself as a formula such as 0.1 * 0.5 ** floor(epoch / 10)"},
    {"loss", HN_OPTION_CHOICE, "auto", 0, 0, losses, FIELD(loss),
     "what is lowered; auto: cross-entropy for classes, mse for numbers"},
    {"momentum", HN_OPTION_DOUBLE, "0", 0, 0.999999, NULL, FIELD(momentum),
     "of sgd and rmsprop: share of the last step kept"},
    {"nesterov", HN_OPTION_BOOL, "false", 0, 0, NULL, FIELD(nesterov), "of sgd with momentum: looks ahead"},
    {"beta1", HN_OPTION_DOUBLE, "0.9", 0, 0.999999, NULL, FIELD(beta1),
     "of adam and adamw: memory of the gradient"},
    {"beta2", HN_OPTION_DOUBLE, "0.999", 0, 0.99999999, NULL, FIELD(beta2),
     "of adam and adamw: memory of its square"},
    {"rho", HN_OPTION_DOUBLE, "0.99", 0, 0.999999, NULL, FIELD(rho),
     "of rmsprop: memory of the gradient's square"},
    {"epsilon", HN_OPTION_DOUBLE, "1e-8", 1e-16, 1, NULL, FIELD(epsilon),
     "added to what steps are divided by"},
    {"weight_decay", HN_OPTION_DOUBLE, "0", 0, 1e3, NULL, FIELD(weight_decay),
     "pulls weights to 0: part of the gradient, of adamw a share of the rate"},
    {"clip_norm", HN_OPTION_DOUBLE, "0", 0, 1e12, NULL, FIELD(clip_norm),
     "the gradient is at most so long; 0 = as it is"},
    {"clip_value", HN_OPTION_DOUBLE, "0", 0, 1e12, NULL, FIELD(clip_value),
     "each of its numbers is at most so large; 0 = as it is"},
    {"label_smoothing", HN_OPTION_DOUBLE, "0", 0, 0.999, NULL, FIELD(label_smoothing),
     "share of a label spread over all classes"},
    {"class_weight", HN_OPTION_NODE, "none", 0, 0, NULL, FIELD(class_weight),
     "none, balanced, or a map such as {spam: 2}"},
    {"augment", HN_OPTION_NODE, NULL, 0, 0, NULL, FIELD(augment),
     "images are changed in training: {flip: true, crop: 4} mirrors them, and shifts them by up to 4 pixels"},
    {"patience", HN_OPTION_INT, NULL, 1, 1e6, NULL, FIELD(patience),
     "stop after so many epochs without a better loss of rows set aside, and take the best epoch; null = never"},
    {"min_delta", HN_OPTION_DOUBLE, "0", 0, 1e12, NULL, FIELD(min_delta), "what counts as better"},
    {"validation_fraction", HN_OPTION_DOUBLE, "0.1", 1e-6, 0.999, NULL, FIELD(validation_fraction),
     "share of the training rows set aside for patience and the schedule plateau"},
};

/* --- layers --- */

static size_t outputs_of(size_t n_classes)
{
    return n_classes > 2 ? n_classes : 1;
}

/* As if it stood where `output` does. */
static hn_node *output_layer(hn_arena *arena, size_t n_classes, hn_position at)
{
    const char *activation = n_classes > 2 ? "softmax" : n_classes ? "sigmoid" : "linear";
    hn_node *dense = hn_map_set(arena, hn_node_map(arena), "units",
                                hn_node_integer(arena, (int64_t)outputs_of(n_classes)));
    dense = hn_map_set(arena, dense, "activation", hn_node_string(arena, activation));
    hn_node *layer = hn_map_set(arena, hn_node_map(arena), "dense", dense);
    if (layer) {
        layer->as.entries[0].at = at;
    }
    return layer;
}

hone_status hn_sequential_layers(hn_arena *arena, const hn_node *layers, size_t n_classes,
                                 const hn_node **spelled, hone_error *err)
{
    hn_node *list = hn_node_list(arena);
    if (layers->kind != HN_LIST) {
        return hn_fail_at(err, HONE_INVALID, layers->at,
                          "layers: it must be a list, such as [{dense: {units: 32}}, output]");
    }
    for (size_t i = 0; i < layers->count; i++) {
        const hn_node *item = layers->as.items[i];
        bool output = item->kind == HN_STRING && !strcmp(item->as.string, "output");
        hn_node *copy = output ? output_layer(arena, n_classes, item->at) : hn_node_copy(arena, item);
        if (copy) {
            copy->at = item->at;
        }
        list = hn_list_append(arena, list, copy);
    }
    if (!list) {
        return hn_out_of_memory(err);
    }
    list->at = layers->at;
    *spelled = list;
    return HONE_OK;
}

static hone_status refuse_outputs(const hn_network *network, const hn_node *layers, size_t n_classes,
                                  hone_error *err)
{
    size_t last = hn_network_count(network);
    hn_buffer text = HN_BUFFER_INIT;
    hn_buffer_printf(&text, "layer %zu, %s: it puts out ", last,
                     hn_network_at(network, last - 1)->type->name);
    hn_shape_text(&text, hn_network_output(network));
    if (n_classes) {
        hn_buffer_printf(&text, ", but the target has %zu classes: end with output, or {dense: %zu}",
                         n_classes, outputs_of(n_classes));
    } else {
        hn_buffer_text(&text, ", but the target is one number: end with output, or {dense: 1}");
    }
    hone_status status = hn_buffer_failed(&text)
                             ? hn_out_of_memory(err)
                             : hn_fail_at(err, HONE_INVALID, layers->as.items[layers->count - 1]->at, "%s",
                                          hn_buffer_string(&text));
    hn_buffer_release(&text);
    return status;
}

/* Losses take what stands before the last softmax or sigmoid, so that another one would be left out unseen.
 */
static hone_status check_activation(const hn_network *network, const hn_node *layers, size_t n_classes,
                                    hone_error *err)
{
    const char *found = hn_network_last_activation(network);
    bool one = hn_shape_size(hn_network_output(network)) == 1;
    const char *wanted = !n_classes ? NULL : one ? "sigmoid" : "softmax";
    if (!found || (wanted && !strcmp(found, wanted))) {
        return HONE_OK;
    }
    return hn_fail_at(err, HONE_INVALID, layers->as.items[layers->count - 1]->at,
                      "the last layer has the activation %s; %s: leave it out, or end with output", found,
                      !n_classes ? "values are learned without one, in units of their standard deviation"
                      : one      ? "one output for two classes has sigmoid"
                                 : "an output for each class has softmax");
}

hone_status hn_sequential_network(const hn_node *layers, const hn_shape *in, size_t n_classes,
                                  hn_network **network, hone_error *err)
{
    hn_network *made = NULL;
    hone_status status = hn_network_create(layers, in, &made, err);
    if (status) {
        return status;
    }
    const hn_shape *out = hn_network_output(made);
    size_t wanted = outputs_of(n_classes), given = hn_shape_size(out);
    if (out->rank != 1 || (given != wanted && !(n_classes == 2 && given == 2))) {
        status = refuse_outputs(made, layers, n_classes, err);
    } else {
        status = check_activation(made, layers, n_classes, err);
    }
    if (status) {
        hn_network_destroy(made);
        return status;
    }
    *network = made;
    return HONE_OK;
}

hone_status hn_sequential_loss(const hn_sequential_config *c, const hn_network *network, size_t n_classes,
                               hn_loss *loss, hone_error *err)
{
    size_t outputs = hn_shape_size(hn_network_output(network));
    hn_loss found = c->loss        ? (hn_loss)(c->loss - 1)
                    : !n_classes   ? HN_LOSS_MSE
                    : outputs == 1 ? HN_LOSS_BINARY
                                   : HN_LOSS_CATEGORICAL;
    if (n_classes && (outputs == 1) != (found == HN_LOSS_BINARY)) {
        return hn_fail(err, HONE_INVALID, "model sequential: loss %s does not go with %zu outputs",
                       hn_loss_names[found], outputs);
    }
    *loss = found;
    return HONE_OK;
}

static hone_status check(const void *config, const hn_node *given, hn_model_task task, hone_error *err)
{
    const hn_sequential_config *c = config;
    hn_arena arena = HN_ARENA_INIT;
    hn_schedule schedule;
    hn_augment augment;
    const hn_node *layers;
    bool categorical = c->loss == 1 + HN_LOSS_CATEGORICAL || c->loss == 1 + HN_LOSS_BINARY;
    hone_status status = hn_class_weight_check("sequential", c->class_weight, task, err);
    if (!status && c->loss && categorical != (task == HN_TASK_CLASSIFICATION)) {
        const hn_node *at = hn_map_get(given, "loss");
        status =
            hn_fail_at(err, HONE_INVALID, at ? at->at : (hn_position){0},
                       "model sequential: loss %s is not for %s; these are: %s", losses[c->loss],
                       hn_model_task_name(task),
                       categorical ? "mse, mae, huber" : "categorical_crossentropy, binary_crossentropy");
    }
    if (!status) {
        status = hn_sequential_layers(&arena, c->layers, 0, &layers, err);
    }
    if (!status) {
        status = hn_network_check(layers, err);
    }
    if (!status) {
        status = hn_schedule_read(&arena, c->schedule, &schedule, err);
    }
    if (!status) {
        status = hn_augment_read(c->augment, &augment, err);
    }
    hn_arena_release(&arena);
    return status;
}

/* A first layer that looks up tokens knows all that the text's vocabulary has. */
static hone_status check_tokens(const hn_network *network, const hn_node *layers, const hn_design *rows,
                                hone_error *err)
{
    const hn_sample_block *block = rows->samples ? rows->samples->block : NULL;
    const hn_network_layer *first = hn_network_at(network, 0);
    if (!block || !block->text || strcmp(first->type->name, "embedding") != 0) {
        return HONE_OK;
    }
    size_t known = first->plan.tensors[0].dim[0], tokens = block->text->n_words + 2;
    tokens = tokens < block->text->vocabulary ? tokens : block->text->vocabulary;
    return known >= tokens
               ? HONE_OK
               : hn_fail_at(err, HONE_INVALID, layers->as.items[0]->at,
                            "layer 1, embedding: its vocabulary is %zu, but the text has %zu tokens", known,
                            tokens);
}

/* Rows set aside must leave some: said at validation_fraction, or at what sets them aside. */
static hone_status check_aside(const hn_sequential_config *c, const hn_node *given, const hn_design *rows,
                               hn_arena *arena, hone_error *err)
{
    hn_schedule schedule;
    hone_status status = hn_schedule_read(arena, c->schedule, &schedule, err);
    size_t aside = status ? 0 : hn_sequential_aside(c, &schedule, rows->n);
    if (status || aside < rows->n) {
        return status;
    }
    const hn_node *at = hn_map_get(given, "validation_fraction");
    at = at ? at : hn_map_get(given, c->patience > 0 ? "patience" : "schedule");
    return hn_fail_at(
        err, HONE_INVALID, at ? at->at : (hn_position){0},
        "validation_fraction sets aside %zu of the %zu rows of a fit: none are left to learn from; "
        "allowed are 1 to %zu",
        aside, rows->n, rows->n - 1);
}

static hone_status check_rows(const void *config, const hn_node *given, const hn_design *rows,
                              hone_error *err)
{
    const hn_sequential_config *c = config;
    hn_arena arena = HN_ARENA_INIT;
    hn_network *network = NULL;
    hn_shape in = hn_sequential_shape(rows);
    hn_augment augment;
    hn_loss loss;
    const hn_node *layers;
    hone_status status = hn_sequential_layers(&arena, c->layers, rows->n_classes, &layers, err);
    if (!status) {
        status = hn_sequential_network(layers, &in, rows->n_classes, &network, err);
    }
    if (!status) {
        status = hn_sequential_loss(c, network, rows->n_classes, &loss, err);
    }
    if (!status) {
        status = check_tokens(network, layers, rows, err);
    }
    if (!status) {
        status = hn_augment_read(c->augment, &augment, err);
    }
    if (!status) {
        status = hn_augment_check(&augment, c->augment, &in, err);
    }
    if (!status) {
        status = hn_class_weight_check_names("sequential", c->class_weight, rows, err);
    }
    if (!status) {
        status = check_aside(c, given, rows, &arena, err);
    }
    hn_network_destroy(network);
    hn_arena_release(&arena);
    return status;
}

const hn_model_type hn_model_sequential = {
    .name = "sequential",
    .help = "neural networks, layer after layer",
    .tasks = HN_TASK_CLASSIFICATION | HN_TASK_REGRESSION,
    .capabilities = HN_MODEL_CANCELLABLE | HN_MODEL_PROBABILITY | HN_MODEL_WEIGHTS | HN_MODEL_SAMPLES,
    .options = {options, sizeof options / sizeof *options, sizeof(hn_sequential_config)},
    .default_space = "layers: [{dense: {units: {int: [16, 256], log: true, name: units}, activation: relu}},"
                     " {dropout: {float: [0, 0.5], name: dropout}}, output]\n"
                     "learning_rate: {float: [1e-4, 1e-2], log: true}\n"
                     "batch_size: {int: [16, 128], factor: 2}\n",
    .simpler = "smaller epochs",
    .steps = "epochs",
    .check = check,
    .check_rows = check_rows,
    .fit = hn_sequential_fit,
    .destroy = hn_sequential_destroy,
    .predict = hn_sequential_predict,
    .predict_proba = hn_sequential_predict_proba,
    .save = hn_sequential_save,
    .load = hn_sequential_load,
    .graph = hn_sequential_graph,
};
