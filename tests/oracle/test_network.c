/* Layers, losses, optimizers, schedules and trainings against PyTorch (network_oracle.py,
 * network_values.txt). PyTorch computed in doubles; the tolerances are those of floats. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "named_values.h"
#include "network/train.h"
#include "support.h"

enum { SAMPLES = 3, NAME = 96 };

static hn_arena arena;
static hone_error error;

static void setup(void)
{
    named_values_open("network_values.txt");
}

static void teardown(void)
{
    named_values_close();
    hn_arena_release(&arena);
}

/* The numbers of the line CASE.PART, as floats. */
static float *floats(const char *name, const char *part, size_t n)
{
    char line[NAME];
    snprintf(line, sizeof line, "%s.%s", name, part);
    const double *values = named_values_get(line, n);
    float *out = hn_arena_alloc(&arena, n + 1, sizeof *out);
    for (size_t i = 0; i < n; i++)
        out[i] = (float)values[i];
    return out;
}

static double number(const char *name, const char *part)
{
    return floats(name, part, 1)[0];
}

static void compare(const char *name, const char *part, const float *found, size_t n, double tolerance)
{
    char line[NAME];
    snprintf(line, sizeof line, "%s.%s", name, part);
    const double *expected = named_values_get(line, n);
    for (size_t i = 0; i < n; i++)
        ck_assert_msg(hn_test_close(found[i], expected[i], tolerance, tolerance),
                      "%s [%zu]: %.9g, PyTorch %.9g", line, i, (double)found[i], expected[i]);
}

/* Calls for every name in a line of names. */
static void each(const char *line, void (*call)(const char *name))
{
    char name[NAME];
    size_t count = 0;
    for (const char *at = named_values_text(line); *at; count++) {
        size_t size = strcspn(at, " ");
        snprintf(name, sizeof name, "%.*s", (int)size, at);
        call(name);
        at += size + (at[size] == ' ');
    }
    ck_assert_uint_gt(count, 5);
}

static hn_network *network_of(const char *layers, const hn_shape *in)
{
    hn_node *node;
    hn_network *network = NULL;
    ck_assert(!hn_yaml_parse(&arena, "layers", layers, strlen(layers), &node, &error));
    ck_assert_msg(!hn_network_create(node, in, &network, &error), "%s: %s", layers, error.message);
    ck_assert(!hn_network_init(network, 1, &error));
    return network;
}

/* --- layers, one by one, by the functions of their type --- */

static hn_network *network_of_case(const char *name)
{
    char line[NAME];
    size_t rank;
    hn_shape in = {0};
    snprintf(line, sizeof line, "%s.shape", name);
    const double *dim = named_values_all(line, &rank);
    for (in.rank = 0; in.rank < rank; in.rank++)
        in.dim[in.rank] = (size_t)dim[in.rank];
    snprintf(line, sizeof line, "%s.layers", name);
    return network_of(named_values_text(line), &in);
}

typedef struct passes {
    hn_pass pass;
    float *values[HN_LAYER_MAX_TENSORS], *gradients[HN_LAYER_MAX_TENSORS];
    float *all_values, *all_gradients, *out;
} passes;

static void prepare(hn_network *network, const char *name, passes *p)
{
    const hn_network_layer *layer = hn_network_at(network, 0);
    const hn_layer_plan *plan = &layer->plan;
    size_t values = hn_network_size(network), n_in = SAMPLES * hn_shape_size(&plan->in);
    p->all_values = floats(name, "values", values);
    p->all_gradients = hn_arena_alloc(&arena, values + 1, sizeof(float));
    p->out = hn_arena_alloc(&arena, SAMPLES * hn_shape_size(&plan->out), sizeof(float));
    for (size_t t = 0; t < plan->n_tensors; t++) {
        p->values[t] = p->all_values + layer->offset[t];
        p->gradients[t] = plan->tensors[t].trainable ? p->all_gradients + layer->offset[t] : NULL;
    }
    p->pass = (hn_pass){.config = layer->config,
                        .plan = plan,
                        .n = SAMPLES,
                        .training = number(name, "training") > 0,
                        .values = p->values,
                        .gradients = p->gradients,
                        .cache = hn_arena_alloc(&arena, SAMPLES * plan->cache + 1, sizeof(float)),
                        .in = floats(name, "in", n_in),
                        .out = p->out};
    if (layer->type->open)
        ck_assert_msg(!layer->type->open(layer->config, plan, SAMPLES, &p->pass.work, &error), "%s",
                      error.message);
}

static void check_layer(const char *name)
{
    hn_network *network = network_of_case(name);
    const hn_network_layer *layer = hn_network_at(network, 0);
    const hn_layer_plan *plan = &layer->plan;
    size_t n_in = SAMPLES * hn_shape_size(&plan->in), n_out = SAMPLES * hn_shape_size(&plan->out);
    size_t trainable = hn_network_trainable(network), kept = hn_network_size(network) - trainable;
    float *d_in = hn_arena_alloc(&arena, n_in, sizeof *d_in);
    passes p = {0};
    prepare(network, name, &p);
    if (plan->alias)
        memcpy(p.out, p.pass.in, n_out * sizeof *p.out);
    else
        ck_assert(!layer->type->forward(&p.pass, &error));
    compare(name, "out", p.out, n_out, 2e-6);
    if (kept)
        compare(name, "kept", p.all_values + trainable, kept, 1e-6);
    if (p.pass.training && !plan->alias) {
        ck_assert(!layer->type->backward(&p.pass, floats(name, "d_out", n_out), d_in, &error));
        compare(name, "gradients", p.all_gradients, trainable, 1e-5);
        compare(name, "d_in", d_in, n_in, 1e-5);
    }
    if (layer->type->close)
        layer->type->close(p.pass.work);
    hn_network_destroy(network);
}

START_TEST(layers_are_pytorchs)
{
    each("layers", check_layer);
}
END_TEST

/* --- losses --- */

static void check_loss(const char *name)
{
    enum { ROWS = 5 };
    int kind = 0;
    while (strncmp(name, hn_loss_names[kind], strlen(hn_loss_names[kind])) != 0)
        ck_assert_ptr_nonnull(hn_loss_names[++kind]);
    size_t width = kind == HN_LOSS_CATEGORICAL ? 4 : 1;
    float d[ROWS * 4];
    double weights, sum;
    sum = hn_loss_evaluate((hn_loss)kind, floats(name, "z", ROWS * width), floats(name, "y", ROWS),
                           floats(name, "weight", ROWS), ROWS, width, (float)number(name, "smoothing"), d,
                           &weights);
    hn_assert_relative(sum / weights, number(name, "loss"), 1e-6);
    compare(name, "d", d, ROWS * width, 1e-6);
}

START_TEST(losses_are_pytorchs)
{
    each("losses", check_loss);
}
END_TEST

/* --- optimizers --- */

static const struct {
    const char *name;
    hn_optimizer_options options;
} optimizers[] = {
    {"sgd", {.kind = HN_SGD}},
    {"sgd_decay", {HN_SGD, .weight_decay = 0.1}},
    {"momentum", {HN_SGD, .momentum = 0.9}},
    {"momentum_decay", {HN_SGD, .momentum = 0.9, .weight_decay = 0.1}},
    {"nesterov", {HN_SGD, .nesterov = true, .momentum = 0.8}},
    {"nesterov_decay", {HN_SGD, .nesterov = true, .momentum = 0.8, .weight_decay = 0.1}},
    {"adam", {HN_ADAM, .beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-8}},
    {"adam_decay", {HN_ADAM, .beta1 = 0.8, .beta2 = 0.95, .epsilon = 1e-3, .weight_decay = 0.1}},
    {"adamw", {HN_ADAMW, .beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-8}},
    {"adamw_decay", {HN_ADAMW, .beta1 = 0.8, .beta2 = 0.95, .epsilon = 1e-3, .weight_decay = 0.1}},
    {"rmsprop", {HN_RMSPROP, .rho = 0.99, .epsilon = 1e-8}},
    {"rmsprop_momentum", {HN_RMSPROP, .rho = 0.9, .epsilon = 1e-3, .momentum = 0.7}},
    {"rmsprop_decay", {HN_RMSPROP, .rho = 0.9, .epsilon = 1e-8, .momentum = 0.7, .weight_decay = 0.1}},
    {"adagrad", {HN_ADAGRAD, .epsilon = 1e-8}},
    {"adagrad_decay", {HN_ADAGRAD, .epsilon = 1e-3, .weight_decay = 0.1}},
};

START_TEST(optimizers_are_pytorchs)
{
    enum { SIZE = 6, STEPS = 3 };
    const hn_optimizer_options *options = &optimizers[_i].options;
    const float *gradients = floats("optimizer", "gradients", STEPS * SIZE);
    float after[STEPS * SIZE], state[2 * SIZE] = {0}, *value = floats("optimizer", "start", SIZE);
    for (int step = 0; step < STEPS; step++) {
        hn_optimizer_step how = {.rate = 0.05, .scale = 1, .decays = true, .number = step + 1};
        hn_optimizer_run(options, &how, gradients + step * SIZE, SIZE, state, SIZE, value);
        memcpy(after + step * SIZE, value, SIZE * sizeof *value);
    }
    compare("optimizer", optimizers[_i].name, after, STEPS * SIZE, 1e-6);
}
END_TEST

/* --- schedules --- */

static const struct {
    const char *name;
    hn_schedule schedule;
} schedules[] = {
    {"step", {HN_STEP, .factor = 0.5, .every = 3}},
    {"exponential", {HN_EXPONENTIAL, .factor = 0.8, .every = 1}},
    {"cosine", {HN_COSINE, .floor = 0.1, .every = 1}},
    {"one_cycle", {HN_ONE_CYCLE, .start = 0.04, .warmup = 0.3, .floor = 4e-6, .every = 1}},
    {"one_cycle_late", {HN_ONE_CYCLE, .start = 0.1, .warmup = 0.62, .floor = 0.01, .every = 1}},
};

START_TEST(schedules_are_pytorchs)
{
    enum { STEPS = 30, AN_EPOCH = 3 };
    char line[NAME];
    snprintf(line, sizeof line, "schedule.%s", schedules[_i].name);
    const double *expected = named_values_get(line, STEPS);
    for (int64_t step = 0; step < STEPS; step++) {
        double factor = hn_schedule_factor(&schedules[_i].schedule, step, STEPS, AN_EPOCH, 0);
        ck_assert_msg(fabs(factor - expected[step]) < 1e-10, "%s, step %d: %.12g, PyTorch %.12g", line,
                      (int)step, factor, expected[step]);
    }
}
END_TEST

/* --- trainings of {dense: tanh, dense} on all samples at once --- */

enum { ROWS = 8, COLUMNS = 3 };

static const hn_optimizer_options descent = {.kind = HN_SGD},
                                  adam = {HN_ADAM, .beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-8};

typedef struct training {
    const char *name, *y;
    int64_t epochs;
    size_t outputs;
    double l1, l2;
    hn_train_options options;
} training;

static const training trainings[] = {
    {"sgd", "numbers", 3, 1, .options = {.loss = HN_LOSS_MSE, .learning_rate = 0.1}},
    {"clip_norm", "numbers", 3, 1, .options = {.loss = HN_LOSS_MSE, .learning_rate = 0.1, .clip_norm = 0.25}},
    {"clip_value", "numbers", 3, 1,
     .options = {.loss = HN_LOSS_MSE, .learning_rate = 0.1, .clip_value = 0.0625}},
    {"penalties", "numbers", 3, 1, 0.01, 0.02, .options = {.loss = HN_LOSS_MSE, .learning_rate = 0.1}},
    {"binary", "two", 5, 1, .options = {.loss = HN_LOSS_BINARY, .learning_rate = 0.01}},
    {"smoothed", "classes", 5, 3,
     .options = {.loss = HN_LOSS_CATEGORICAL, .learning_rate = 0.01, .label_smoothing = 0.1}},
    {"plateau", "numbers", 14, 1,
     .options = {.loss = HN_LOSS_MSE,
                 .learning_rate = 0.5,
                 .schedule = {HN_PLATEAU, .factor = 0.5, .patience = 2, .every = 1}}},
};

static void gather(void *user, const size_t *rows, size_t count, uint64_t draw, float *out)
{
    const float *x = user;
    (void)draw;
    for (size_t i = 0; i < count; i++)
        memcpy(out + i * COLUMNS, x + rows[i] * COLUMNS, COLUMNS * sizeof *out);
}

START_TEST(trainings_are_pytorchs)
{
    const training *t = &trainings[_i];
    char name[NAME], layers[256];
    snprintf(name, sizeof name, "train.%s", t->name);
    snprintf(layers, sizeof layers,
             "[{dense: {units: 4, activation: tanh, l1: %s, l2: %s}}, {dense: {units: %zu, l1: %s, l2: %s}}]",
             t->l1 > 0 ? "0.01" : "0", t->l2 > 0 ? "0.02" : "0", t->outputs, t->l1 > 0 ? "0.01" : "0",
             t->l2 > 0 ? "0.02" : "0");
    hn_network *network = network_of(layers, &(hn_shape){1, {COLUMNS}});
    size_t n = hn_network_size(network);
    memcpy(hn_network_values(network), floats(name, "start", n), n * sizeof(float));
    hn_train_options options = t->options;
    options.epochs = t->epochs;
    options.batch = ROWS;
    options.optimizer = t->options.loss == HN_LOSS_MSE ? descent : adam;
    hn_samples samples = {.n = ROWS,
                          .y = floats("train", t->y, ROWS),
                          .gather = gather,
                          .user = floats("train", "x", ROWS * COLUMNS)};
    hn_trainer *trainer;
    ck_assert(!hn_trainer_create(network, &options, &trainer, &error));
    float losses[16], rates[16];
    for (int64_t e = 0; e < t->epochs; e++) {
        hn_epoch epoch;
        ck_assert(!hn_trainer_epoch(trainer, &samples, NULL, NULL, &epoch, &error));
        losses[e] = (float)epoch.loss;
        rates[e] = (float)epoch.rate;
    }
    compare(name, "losses", losses, (size_t)t->epochs, 1e-5);
    compare(name, "rates", rates, (size_t)t->epochs, 1e-6);
    compare(name, "values", hn_network_values(network), n, 1e-5);
    hn_trainer_destroy(trainer);
    hn_network_destroy(network);
}
END_TEST

Suite *suite_network(void)
{
    Suite *suite = suite_create("network oracle");
    TCase *values = tcase_create("pytorch");
    tcase_add_checked_fixture(values, setup, teardown);
    tcase_add_test(values, layers_are_pytorchs);
    tcase_add_test(values, losses_are_pytorchs);
    tcase_add_loop_test(values, optimizers_are_pytorchs, 0, sizeof optimizers / sizeof *optimizers);
    tcase_add_loop_test(values, schedules_are_pytorchs, 0, sizeof schedules / sizeof *schedules);
    tcase_add_loop_test(values, trainings_are_pytorchs, 0, sizeof trainings / sizeof *trainings);
    suite_add_tcase(suite, values);
    return suite;
}
