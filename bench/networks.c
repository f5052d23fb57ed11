/* networks.c: seconds of an epoch of training, and how near the layers come to the machine's fastest product
 * of matrices. One thread (it sets OPENBLAS_NUM_THREADS before BLAS is loaded). Prints one JSON object:
 * seconds of the second epoch, on the clock and of the processor, its loss, billions of operations a second
 * of sgemm, and each layer's share of those, forward and backward.
 *
 *     bench_networks LAYERS SHAPE LOSS ROWS DATA [--layers]
 *
 * LAYERS as in a study file; SHAPE such as 3x32x32; DATA holds ROWS samples, then ROWS labels, as floats.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/os_input.h"
#include "network/blas.h"
#include "network/train.h"

enum { BATCH = 32 };

static hone_error error;

typedef struct data {
    size_t rows, width;
    const float *x, *y;
} data;

static int fail(void)
{
    fprintf(stderr, "%s\n", error.message);
    return EXIT_FAILURE;
}

static void gather(void *user, const size_t *rows, size_t count, uint64_t draw, float *out)
{
    const data *d = user;
    (void)draw;
    for (size_t i = 0; i < count; i++)
        memcpy(out + i * d->width, d->x + rows[i] * d->width, d->width * sizeof *out);
}

static double processor_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* --- an epoch --- */

static hone_status train(hn_network *network, hn_loss loss, data *d, double took[2], double *reached)
{
    hn_train_options options = {.epochs = 2,
                                .batch = BATCH,
                                .learning_rate = 1e-3,
                                .schedule = {HN_CONSTANT, .every = 1},
                                .optimizer = {HN_ADAM, .beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-8},
                                .loss = loss};
    hn_samples samples = {.n = d->rows, .y = d->y, .gather = gather, .user = d};
    hn_trainer *trainer = NULL;
    hn_epoch epoch = {0};
    hone_status status = hn_network_init(network, 1, &error);
    if (!status)
        status = hn_trainer_create(network, &options, &trainer, &error);
    for (int e = 0; !status && e < 2; e++) {
        double clock = hn_monotonic_seconds(), processor = processor_seconds();
        status = hn_trainer_epoch(trainer, &samples, NULL, NULL, &epoch, &error);
        took[0] = hn_monotonic_seconds() - clock;
        took[1] = processor_seconds() - processor;
    }
    *reached = epoch.loss;
    hn_trainer_destroy(trainer);
    return status;
}

/* --- shares of the fastest product --- */

/* Processor seconds of one call, over a quarter of a second of them. */
static double seconds_of(void (*call)(void *), void *user)
{
    size_t calls = 0;
    double begun = processor_seconds(), now = begun;
    for (call(user), begun = processor_seconds(); now - begun < 0.25; calls++) {
        call(user);
        now = processor_seconds();
    }
    return (now - begun) / (double)calls;
}

enum { SIDE = 1024 };

static void multiply(void *user)
{
    float *m = user;
    hn_sgemm((hn_matrix){m, SIDE, false}, (hn_matrix){m + SIDE * SIDE, SIDE, false}, SIDE, SIDE, SIDE, 0,
             m + 2 * SIDE * SIDE, SIDE);
}

static double peak(void)
{
    float *m = hn_calloc((size_t)3 * SIDE * SIDE, sizeof *m);
    double seconds = m ? seconds_of(multiply, m) : NAN;
    hn_free(m);
    return 2.0 * SIDE * SIDE * SIDE / seconds;
}

typedef struct layer_run {
    const hn_layer_type *type;
    hn_pass pass;
    float *d_out, *d_in;
} layer_run;

static void both_ways(void *user)
{
    layer_run *run = user;
    run->type->forward(&run->pass, NULL);
    run->type->backward(&run->pass, run->d_out, run->d_in, NULL);
}

/* Multiplications and additions of the products with weights, for a batch: forward, and twice as many
 * backward. */
static double operations(const hn_layer_plan *plan)
{
    double sum = 0, places = plan->in.rank == 2 ? (double)plan->in.dim[0] : 1;
    if (plan->out.rank == 3)
        places = (double)plan->out.dim[1] * (double)plan->out.dim[2];
    for (size_t t = 0; t < plan->n_tensors; t++)
        if (plan->tensors[t].decays)
            sum += (double)hn_layer_tensor_size(&plan->tensors[t]);
    return 3 * 2.0 * BATCH * places * sum;
}

static hone_status time_layer(hn_network *network, size_t i, double fastest)
{
    const hn_network_layer *layer = hn_network_at(network, i);
    const hn_layer_plan *plan = &layer->plan;
    size_t n_in = BATCH * hn_shape_size(&plan->in), n_out = BATCH * hn_shape_size(&plan->out);
    float *values[HN_LAYER_MAX_TENSORS], *gradients[HN_LAYER_MAX_TENSORS];
    float *learned = hn_calloc(hn_network_size(network), sizeof(float));
    float *room = hn_calloc(2 * (n_in + n_out) + BATCH * plan->cache, sizeof(float));
    layer_run run = {.type = layer->type};
    hone_status status = learned && room ? HONE_OK : hn_out_of_memory(&error);
    if (!status && layer->type->open)
        status = layer->type->open(layer->config, plan, BATCH, &run.pass.work, &error);
    if (!status) {
        for (size_t t = 0; t < plan->n_tensors; t++) {
            values[t] = hn_network_values(network) + layer->offset[t];
            gradients[t] = learned + layer->offset[t];
        }
        run.pass = (hn_pass){.config = layer->config,
                             .plan = plan,
                             .work = run.pass.work,
                             .n = BATCH,
                             .training = true,
                             .values = values,
                             .gradients = gradients,
                             .in = room,
                             .out = room + n_in,
                             .cache = room + 2 * (n_in + n_out)};
        run.d_out = room + n_in + n_out;
        run.d_in = run.d_out + n_out;
        for (size_t k = 0; k < n_in + n_out; k++)
            room[k] = (float)(k % 17) / 17;
        printf(", \"%s\": %.3f", layer->name, operations(plan) / seconds_of(both_ways, &run) / fastest);
    }
    if (layer->type->close)
        layer->type->close(run.pass.work);
    hn_free(learned);
    hn_free(room);
    return status;
}

static hone_status time_layers(hn_network *network)
{
    double fastest = peak();
    hone_status status = HONE_OK;
    printf(", \"sgemm_gigaflops\": %.1f", fastest * 1e-9);
    for (size_t i = 0; !status && i < hn_network_count(network); i++) {
        const hn_network_layer *layer = hn_network_at(network, i);
        bool products = layer->plan.n_tensors && layer->plan.tensors[0].decays;
        if (products && strcmp(layer->type->name, "embedding") != 0)
            status = time_layer(network, i, fastest);
    }
    return status;
}

/* --- the command line --- */

static hn_shape shape_of(char *text)
{
    hn_shape shape = {0};
    char *rest;
    for (char *word = strtok_r(text, "x", &rest); word && shape.rank < HN_SHAPE_MAX_RANK;
         word = strtok_r(NULL, "x", &rest))
        shape.dim[shape.rank++] = strtoul(word, NULL, 10);
    return shape;
}

static bool loss_of(const char *name, hn_loss *loss)
{
    for (int kind = 0; hn_loss_names[kind]; kind++)
        if (strcmp(name, hn_loss_names[kind]) == 0) {
            *loss = (hn_loss)kind;
            return true;
        }
    return false;
}

int main(int argc, char **argv)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_buffer file = HN_BUFFER_INIT;
    hn_network *network = NULL;
    hn_node *layers;
    hn_loss loss;
    double took[2] = {0}, reached;
    if (argc < 6 || !loss_of(argv[3], &loss)) {
        fprintf(stderr, "usage: %s LAYERS SHAPE LOSS ROWS DATA [--layers]\n", argv[0]);
        return EXIT_FAILURE;
    }
    setenv("OPENBLAS_NUM_THREADS", "1", 1);
    hn_shape shape = shape_of(argv[2]);
    data d = {.rows = strtoul(argv[4], NULL, 10), .width = hn_shape_size(&shape)};
    if (hn_file_read(argv[5], (size_t)1 << 30, &file, &error) ||
        hn_yaml_parse(&arena, "layers", argv[1], strlen(argv[1]), &layers, &error) ||
        hn_network_create(layers, &shape, &network, &error))
        return fail();
    if (file.size != d.rows * (d.width + 1) * sizeof(float)) {
        fprintf(stderr, "%s has %zu bytes\n", argv[5], file.size);
        return EXIT_FAILURE;
    }
    d.x = (const float *)(const void *)file.data;
    d.y = d.x + d.rows * d.width;
    if (train(network, loss, &d, took, &reached))
        return fail();
    printf("{\"seconds\": %.6f, \"processor\": %.6f, \"loss\": %.6f", took[0], took[1], reached);
    if (argc > 6 && time_layers(network))
        return fail();
    printf("}\n");
    hn_network_destroy(network);
    hn_buffer_release(&file);
    hn_arena_release(&arena);
    return EXIT_SUCCESS;
}
