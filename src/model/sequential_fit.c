/* sequential_fit.c: training on rows of a table, and prediction. */
#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "math/statistics.h"
#include "model/augment.h"
#include "model/row_weight.h"
#include "model/sequential.h"

void hn_sequential_destroy(void *fitted)
{
    hn_sequential *s = fitted;
    if (s) {
        hn_free(s->values);
        hn_arena_release(&s->arena);
        hn_free(s);
    }
}

/* --- the rows as samples --- */

void hn_sequential_row(const hn_design *design, size_t i, float *out)
{
    if (design->samples) {
        hn_sample_row(design->samples, i, out);
        return;
    }
    for (size_t j = 0; j < design->d; j++) {
        out[j] = (float)design->x[i * design->d + j];
    }
}

hn_shape hn_sequential_shape(const hn_design *design)
{
    const hn_sample_block *block = design->samples ? design->samples->block : NULL;
    hn_shape shape = {.rank = 1, .dim = {design->d}};
    for (size_t i = 0; block && i < block->rank; i++) {
        shape.rank = block->rank;
        shape.dim[i] = block->shape[i];
    }
    return shape;
}

/* Rows of a design: rows[i] is the design's row of sample i. */
typedef struct table {
    const hn_design *design;
    const size_t *rows;
    float *y, *weight;
    hn_augment augment;
    hn_shape shape;
    uint64_t seed;
    float *scratch; /* room for an image; NULL: nothing is changed */
} table;

static void gather(void *user, const size_t *rows, size_t count, uint64_t draw, float *out)
{
    enum { BATCH_BITS = 21 };
    const table *t = user;
    size_t d = t->design->d;
    for (size_t i = 0; i < count; i++, out += d) {
        hn_sequential_row(t->design, t->rows[rows[i]], out);
        if (draw && t->scratch) {
            hn_random random = hn_random_stream(t->seed, draw << BATCH_BITS | i, HN_PURPOSE_AUGMENT);
            hn_augment_image(&t->augment, &t->shape, &random, out, t->scratch);
        }
    }
}

static hone_status make_augment(const hn_sequential_config *c, const hn_sequential *s, uint64_t seed,
                                hn_arena *arena, table *t, hone_error *err)
{
    hone_status status = hn_augment_read(c->augment, &t->augment, err);
    if (!status) {
        status = hn_augment_check(&t->augment, c->augment, &s->in, err);
    }
    t->shape = s->in;
    t->seed = seed;
    if (!status && hn_augments(&t->augment)) {
        t->scratch = HN_ARENA_NEW(arena, float, hn_shape_size(&s->in));
        status = t->scratch ? HONE_OK : hn_out_of_memory(err);
    }
    return status;
}

static hone_status make_table(const hn_design *design, const size_t *rows, size_t n, const double *weight,
                              const hn_sequential *s, hn_arena *arena, table *t, hn_samples *samples,
                              hone_error *err)
{
    *t = (table){.design = design, .rows = rows, .y = HN_ARENA_NEW(arena, float, n)};
    t->weight = weight ? HN_ARENA_NEW(arena, float, n) : NULL;
    if (!t->y || (weight && !t->weight)) {
        return hn_out_of_memory(err);
    }
    for (size_t i = 0; i < n; i++) {
        double y = design->y[rows[i]];
        t->y[i] = (float)(s->n_classes ? y : (y - s->centre) / s->spread);
        if (weight) {
            t->weight[i] = (float)weight[rows[i]];
        }
    }
    *samples = (hn_samples){.n = n, .y = t->y, .weight = t->weight, .gather = gather, .user = t};
    return HONE_OK;
}

/* --- fitting --- */

static hn_train_options train_options(const hn_sequential_config *c, hn_loss loss, uint64_t seed)
{
    return (hn_train_options){.epochs = c->epochs,
                              .batch = (size_t)c->batch_size,
                              .learning_rate = c->learning_rate,
                              .optimizer = {.kind = (hn_optimizer_kind)c->optimizer,
                                            .nesterov = c->nesterov,
                                            .momentum = c->momentum,
                                            .beta1 = c->beta1,
                                            .beta2 = c->beta2,
                                            .rho = c->rho,
                                            .epsilon = c->epsilon,
                                            .weight_decay = c->weight_decay},
                              .loss = loss,
                              .label_smoothing = c->label_smoothing,
                              .clip_norm = c->clip_norm,
                              .clip_value = c->clip_value,
                              .patience = c->patience,
                              .min_delta = c->min_delta,
                              .restore_best = c->patience > 0,
                              .seed = seed};
}

size_t hn_sequential_aside(const hn_sequential_config *c, const hn_schedule *schedule, size_t n)
{
    bool wanted = c->patience > 0 || schedule->kind == HN_PLATEAU;
    return wanted ? (size_t)ceil(c->validation_fraction * (double)n) : 0;
}

/* Rows in a drawn order when the last n_watched are set aside. */
static hone_status order_rows(const hn_design *train, size_t n_watched, uint64_t seed, hn_arena *arena,
                              size_t **rows, hone_error *err)
{
    hn_random random = hn_random_stream(seed, 0, HN_PURPOSE_SPLIT);
    *rows = HN_ARENA_NEW(arena, size_t, train->n);
    if (!*rows) {
        return hn_out_of_memory(err);
    }
    for (size_t i = 0; i < train->n; i++) {
        (*rows)[i] = i;
    }
    if (n_watched >= train->n) {
        return hn_fail(err, HONE_INVALID,
                       "model sequential: validation_fraction leaves none of %zu rows to learn from",
                       train->n);
    }
    if (n_watched) {
        hn_random_shuffle(&random, *rows, train->n);
    }
    return HONE_OK;
}

/* Tells an epoch; false: the fit is to end with it. */
static bool tell(const hn_fit_context *context, const hn_train_options *options, const hn_sequential *s,
                 hn_network *network, const hn_epoch *epoch)
{
    hn_sequential now = *s;
    hn_fit_step step = {.number = epoch->number,
                        .total = options->epochs,
                        .loss = epoch->loss,
                        .watched = epoch->watched,
                        .rate = epoch->rate,
                        .seconds = epoch->seconds,
                        .fitted = &now};
    now.values = hn_network_values(network);
    now.epochs = epoch->number;
    return !context->step_done || context->step_done(context->step_user, &step);
}

/* A training under way. */
typedef struct training {
    const hn_train_options *options;
    const hn_samples *train, *watched; /* watched: NULL without any */
    const hn_fit_context *context;
    hn_checkpoint checkpoint; /* path NULL: none */
    int64_t kept;             /* the epoch that it holds */
    double kept_at;           /* when; hn_monotonic_seconds */
    double keeping;           /* seconds that it took */
    hn_network *network;
    hn_trainer *trainer;
} training;

/* Writes the checkpoint when that takes little of the time, or when it must be there. */
static hone_status keep(training *t, bool must, hone_error *err)
{
    enum { SECONDS_BETWEEN = 1, SHARE = 20 };
    const hn_trainer_state *state = hn_trainer_state_of(t->trainer);
    double now = hn_monotonic_seconds(), wait = fmax(SECONDS_BETWEEN, SHARE * t->keeping);
    if (!t->checkpoint.path || state->epoch == t->kept || (!must && now - t->kept_at < wait)) {
        return HONE_OK;
    }
    hone_status status = hn_sequential_keep(&t->checkpoint, state, hn_network_size(t->network), err);
    t->kept = state->epoch;
    t->kept_at = hn_monotonic_seconds();
    t->keeping = t->kept_at - now;
    return status;
}

static hone_status begin_training(training *t, hone_error *err)
{
    hone_status status = hn_network_init(t->network, t->context->seed, err);
    if (!status) {
        status = hn_trainer_create(t->network, t->options, &t->trainer, err);
    }
    if (!status && t->checkpoint.path) {
        hn_trainer_state *state = hn_trainer_state_of(t->trainer);
        hn_sequential_restore(&t->checkpoint, hn_network_size(t->network), state);
        t->kept = state->epoch;
        t->kept_at = hn_monotonic_seconds();
    }
    return status;
}

static bool has_steps_left(const training *t)
{
    int64_t most = t->context->most_steps;
    return !hn_trainer_over(t->trainer) && (!most || hn_trainer_state_of(t->trainer)->epoch < most);
}

/* Ends with the best epoch's values, or, when the context ends it, with those of the last. */
static hone_status run_training(training *t, hn_sequential *s, hone_error *err)
{
    hone_status status = begin_training(t, err);
    bool on = true;
    while (!status && on && has_steps_left(t)) {
        hn_epoch epoch;
        status = hn_trainer_epoch(t->trainer, t->train, t->watched, t->context->cancel, &epoch, err);
        on = !status && tell(t->context, t->options, s, t->network, &epoch);
        if (!status) { /* what is kept was told */
            status = keep(t, !on, err);
        }
    }
    bool over = !status && hn_trainer_over(t->trainer);
    if (!status && !over) {
        status = keep(t, true, err);
    }
    if (!status) {
        const hn_trainer_state *state = hn_trainer_state_of(t->trainer);
        s->epochs = over && t->options->restore_best ? state->best_epoch : state->epoch;
        if (over) {
            hn_trainer_finish(t->trainer);
        }
    }
    hn_trainer_destroy(t->trainer); /* what the optimizer kept goes before the values come a second time */
    if (!status) {
        memcpy(s->values, hn_network_values(t->network), s->n_values * sizeof *s->values);
    }
    return status;
}

/* What of the fitted model is known before its values. */
static hone_status begin(const hn_sequential_config *c, const hn_design *train, hn_sequential *s,
                         hn_network **network, hone_error *err)
{
    s->in = hn_sequential_shape(train);
    s->n_classes = train->n_classes;
    s->spread = 1;
    if (!s->n_classes) {
        double deviation = hn_standard_deviation(train->y, train->n, 0);
        s->centre = hn_mean(train->y, train->n);
        s->spread = deviation > 0 ? deviation : 1;
    }
    hone_status status = hn_sequential_layers(&s->arena, c->layers, s->n_classes, &s->layers, err);
    if (!status) {
        status = hn_sequential_network(s->layers, &s->in, s->n_classes, network, err);
    }
    if (!status) {
        status = hn_sequential_loss(c, *network, s->n_classes, &s->loss, err);
    }
    if (!status) {
        s->outputs = hn_shape_size(hn_network_output(*network));
        s->n_values = hn_network_size(*network);
        s->values = hn_aligned_array(s->n_values + 1, sizeof *s->values);
        status = s->values ? HONE_OK : hn_out_of_memory(err);
    }
    return status;
}

hone_status hn_sequential_fit(const void *config, const hn_design *train, const hn_fit_context *context,
                              void **fitted, hone_error *err)
{
    const hn_sequential_config *c = config;
    hn_sequential *s = hn_calloc(1, sizeof *s);
    hn_network *network = NULL;
    table tables[2];
    hn_samples samples[2];
    const double *weight = NULL;
    size_t *rows = NULL, watched = 0;
    if (!s) {
        return hn_out_of_memory(err);
    }
    hone_status status = begin(c, train, s, &network, err);
    hn_train_options options = train_options(c, s->loss, context->seed);
    if (!status) {
        status = hn_schedule_read(context->scratch, c->schedule, &options.schedule, err);
    }
    if (!status) {
        status = hn_row_weights("sequential", c->class_weight, train, context->scratch, &weight, err);
    }
    if (!status) {
        watched = hn_sequential_aside(c, &options.schedule, train->n);
        status = order_rows(train, watched, context->seed, context->scratch, &rows, err);
    }
    for (size_t i = 0; !status && i < 2; i++) {
        size_t from = i ? train->n - watched : 0, n = i ? watched : train->n - watched;
        status = make_table(train, rows + from, n, weight, s, context->scratch, &tables[i], &samples[i], err);
    }
    if (!status) {
        status = make_augment(c, s, context->seed, context->scratch, &tables[0], err);
    }
    if (!status) {
        training t = {.options = &options,
                      .train = &samples[0],
                      .watched = watched ? &samples[1] : NULL,
                      .context = context,
                      .network = network,
                      .checkpoint = {.path = context->checkpoint, .cloned = context->cloned}};
        if (context->checkpoint) {
            t.checkpoint.record = hn_sequential_record(c, s, train, context->seed, context->scratch);
        }
        status =
            context->checkpoint && !t.checkpoint.record ? hn_out_of_memory(err) : run_training(&t, s, err);
    }
    if (!status) {
        *fitted = s;
        s = NULL;
    }
    hn_network_destroy(network);
    hn_sequential_destroy(s);
    return status;
}

/* --- prediction --- */

/* Calls `use` with the outputs of each batch of rows. */
static hone_status each_batch(const hn_sequential *s, const hn_design *rows,
                              void (*use)(const hn_sequential *, const float *outputs, size_t n, double *out),
                              size_t stride, double *out, hone_error *err)
{
    hn_network *network = NULL;
    float *in = hn_aligned_array((size_t)HN_SEQUENTIAL_BATCH * rows->d, sizeof *in);
    hone_status status = HONE_OK;
    if (rows->d != hn_shape_size(&s->in)) {
        status = hn_fail(err, HONE_INVALID,
                         "model sequential: fitted to %zu columns, asked to predict rows of %zu",
                         hn_shape_size(&s->in), rows->d);
    } else if (!in) {
        status = hn_out_of_memory(err);
    }
    if (!status) {
        status = hn_sequential_network(s->layers, &s->in, s->n_classes, &network, err);
    }
    if (!status) {
        hn_network_borrow(network, s->values);
        status = hn_network_open(network, HN_SEQUENTIAL_BATCH, false, err);
    }
    for (size_t at = 0; !status && at < rows->n; at += HN_SEQUENTIAL_BATCH) {
        size_t n = rows->n - at < HN_SEQUENTIAL_BATCH ? rows->n - at : HN_SEQUENTIAL_BATCH;
        const float *outputs;
        for (size_t i = 0; i < n; i++) {
            hn_sequential_row(rows, at + i, in + i * rows->d);
        }
        status = hn_network_forward(network, in, n, false, 0, true, &outputs, err);
        if (!status) {
            use(s, outputs, n, out + at * stride);
        }
    }
    hn_network_destroy(network);
    hn_free(in);
    return status;
}

static void decide(const hn_sequential *s, const float *outputs, size_t n, double *out)
{
    for (size_t i = 0; i < n; i++, outputs += s->outputs) {
        size_t best = 0;
        for (size_t k = 1; k < s->outputs; k++) {
            best = outputs[k] > outputs[best] ? k : best;
        }
        out[i] = !s->n_classes     ? s->centre + s->spread * outputs[0]
                 : s->outputs == 1 ? (double)(outputs[0] > 0)
                                   : (double)best;
    }
}

/* Probabilities of logits, as doubles. */
static void weigh(const hn_sequential *s, const float *outputs, size_t n, double *out)
{
    for (size_t i = 0; i < n; i++, outputs += s->outputs, out += s->n_classes) {
        double largest = outputs[0], sum = 0;
        for (size_t k = 1; k < s->outputs; k++) {
            largest = outputs[k] > largest ? outputs[k] : largest;
        }
        for (size_t k = 0; s->outputs > 1 && k < s->n_classes; k++) {
            out[k] = exp(outputs[k] - largest);
            sum += out[k];
        }
        for (size_t k = 0; s->outputs > 1 && k < s->n_classes; k++) {
            out[k] /= sum;
        }
        if (s->outputs == 1) {
            out[1] = 1 / (1 + exp(-(double)outputs[0]));
            out[0] = 1 - out[1];
        }
    }
}

hone_status hn_sequential_predict(const void *fitted, const hn_design *rows, double *out, hone_error *err)
{
    return each_batch(fitted, rows, decide, 1, out, err);
}

hone_status hn_sequential_predict_proba(const void *fitted, const hn_design *rows, double *out,
                                        hone_error *err)
{
    const hn_sequential *s = fitted;
    return each_batch(s, rows, weigh, s->n_classes, out, err);
}
