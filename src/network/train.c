#include "network/train.h"

#include <math.h>
#include <string.h>

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

#include "base/cancel.h"
#include "base/clock.h"
#include "base/memory.h"
#include "math/wide.h"
#include "network/rows.h"

struct hn_trainer {
    hn_network *network;
    hn_train_options options;
    hn_trainer_state state;
    size_t *order, n_order;     /* of the training samples, drawn anew each epoch */
    float *in, *d, *y, *weight; /* of a batch */
};

/* --- making --- */

void hn_trainer_destroy(hn_trainer *trainer)
{
    if (!trainer) {
        return;
    }
    hn_free(trainer->state.memory);
    hn_free(trainer->state.best_values);
    hn_free(trainer->order);
    hn_free(trainer->in);
    hn_free(trainer->d);
    hn_free(trainer->y);
    hn_free(trainer->weight);
    hn_free(trainer);
}

static hone_status make_room(hn_trainer *t, hone_error *err)
{
    size_t batch = t->options.batch, n = hn_network_size(t->network);
    hn_trainer_state *state = &t->state;
    state->n_memory = hn_optimizer_arrays(&t->options.optimizer) * hn_network_trainable(t->network);
    state->memory = hn_aligned_array(state->n_memory + 1, sizeof(float));
    state->best_values = t->options.restore_best ? hn_aligned_array(n + 1, sizeof(float)) : NULL;
    t->in = hn_aligned_array(batch * hn_shape_size(hn_network_input(t->network)), sizeof(float));
    t->d = hn_aligned_array(batch * hn_shape_size(hn_network_output(t->network)), sizeof(float));
    t->y = hn_aligned_array(batch, sizeof(float));
    t->weight = hn_aligned_array(batch, sizeof(float));
    if (!state->memory || (t->options.restore_best && !state->best_values) || !t->in || !t->d || !t->y ||
        !t->weight) {
        return hn_out_of_memory(err);
    }
    memset(state->memory, 0, state->n_memory * sizeof(float));
    return hn_network_open(t->network, batch, true, err);
}

hone_status hn_trainer_create(hn_network *network, const hn_train_options *options, hn_trainer **trainer,
                              hone_error *err)
{
    hn_trainer *made = hn_calloc(1, sizeof *made);
    if (!made) {
        return hn_out_of_memory(err);
    }
    made->network = network;
    made->options = *options;
    made->state = (hn_trainer_state){.best = INFINITY, .values = hn_network_values(network)};
    hone_status status = make_room(made, err);
    if (status) {
        hn_trainer_destroy(made);
    } else {
        *trainer = made;
    }
    return status;
}

hn_trainer_state *hn_trainer_state_of(hn_trainer *trainer)
{
    return &trainer->state;
}

/* --- a step --- */

WIDE static void clip(float *x, size_t n, float most)
{
    for (size_t i = 0; i < n; i++) {
        x[i] = x[i] > most ? most : x[i] < -most ? -most : x[i];
    }
}

/* What multiplies the gradient; its numbers may be clipped in place. */
static double clip_gradient(const hn_train_options *options, float *gradients, size_t n)
{
    if (options->clip_value > 0) {
        clip(gradients, n, (float)options->clip_value);
    }
    if (!(options->clip_norm > 0)) {
        return 1;
    }
    double norm = sqrt(hn_floats_square_sum(gradients, n));
    return norm > options->clip_norm ? options->clip_norm / norm : 1;
}

static void update(hn_trainer *t, double rate, float *gradients)
{
    const hn_network *network = t->network;
    size_t n = hn_network_trainable(network);
    hn_optimizer_step step = {
        .rate = rate, .scale = clip_gradient(&t->options, gradients, n), .number = t->state.step + 1};
    for (size_t i = 0; i < hn_network_count(network); i++) {
        const hn_network_layer *layer = hn_network_at(network, i);
        for (size_t k = 0; k < layer->plan.n_tensors; k++) {
            const hn_layer_tensor *tensor = &layer->plan.tensors[k];
            size_t at = layer->offset[k];
            step.decays = tensor->decays;
            step.l1 = tensor->decays ? layer->l1 : 0;
            step.l2 = tensor->decays ? layer->l2 : 0;
            if (tensor->trainable) {
                hn_optimizer_run(&t->options.optimizer, &step, gradients + at, hn_layer_tensor_size(tensor),
                                 t->state.memory + at, n, t->state.values + at);
            }
        }
    }
}

/* The batch's samples into t->in, t->y, t->weight. */
static const float *collect(hn_trainer *t, const hn_samples *samples, const size_t *rows, size_t n,
                            uint64_t draw)
{
    samples->gather(samples->user, rows, n, draw, t->in);
    for (size_t i = 0; i < n; i++) {
        t->y[i] = samples->y[rows[i]];
        t->weight[i] = samples->weight ? samples->weight[rows[i]] : 1;
    }
    return samples->weight ? t->weight : NULL;
}

/* Adds the batch's loss to *sum, its weight to *weights. */
static hone_status descend(hn_trainer *t, const hn_samples *samples, const size_t *rows, size_t n,
                           double rate, double *sum, double *weights, hone_error *err)
{
    uint64_t number = (uint64_t)t->state.step + 1;
    const float *weight = collect(t, samples, rows, n, number), *out;
    float *gradients;
    double weighed;
    hone_status status = hn_network_forward(t->network, t->in, n, true, number, true, &out, err);
    if (status) {
        return status;
    }
    size_t width = hn_shape_size(hn_network_output(t->network));
    double loss = hn_loss_evaluate(t->options.loss, out, t->y, weight, n, width,
                                   (float)t->options.label_smoothing, t->d, &weighed);
    if (!isfinite(loss)) {
        return hn_fail(
            err, HONE_OBJECTIVE,
            "the loss is not finite at step %lld of epoch %lld: a lower learning rate or clip_norm may help",
            (long long)number, (long long)t->state.epoch + 1);
    }
    status = hn_network_backward(t->network, t->d, &gradients, err);
    if (!status) {
        update(t, rate, gradients);
        t->state.step++;
        *sum += loss;
        *weights += weighed;
    }
    return status;
}

/* --- an epoch --- */

/* Numbers below 1e-38 become 0: the averages of a gradient that stays 0 fade into such, which the processor
 * is a hundred times slower with. What was set before is put back. */
static unsigned flush_small(void)
{
#if defined(__x86_64__)
    unsigned before = _mm_getcsr();
    _mm_setcsr(before | 0x8040);
    return before;
#else
    return 0;
#endif
}

static void restore_small(unsigned before)
{
#if defined(__x86_64__)
    _mm_setcsr(before);
#else
    (void)before;
#endif
}

static hone_status draw_order(hn_trainer *t, size_t n, hone_error *err)
{
    if (t->n_order != n) {
        hn_free(t->order);
        t->order = hn_calloc(n, sizeof *t->order);
        t->n_order = t->order ? n : 0;
    }
    if (!t->order) {
        return hn_out_of_memory(err);
    }
    for (size_t i = 0; i < n; i++) {
        t->order[i] = i;
    }
    hn_random random = hn_random_stream(t->options.seed, (uint64_t)t->state.epoch, HN_PURPOSE_SHUFFLE);
    hn_random_shuffle(&random, t->order, n);
    return HONE_OK;
}

bool hn_trainer_over(const hn_trainer *t)
{
    return t->state.epoch >= t->options.epochs ||
           (t->options.patience > 0 && t->state.stale >= t->options.patience);
}

/* Early stopping and plateaus, by the watched loss, or the training one. */
static void judge(hn_trainer *t, hn_epoch *epoch)
{
    hn_trainer_state *state = &t->state;
    double value = isnan(epoch->watched) ? epoch->loss : epoch->watched;
    epoch->better = value < state->best - t->options.min_delta;
    state->stale++;
    state->stale_plateau++;
    if (epoch->better) {
        state->best = value;
        state->best_epoch = epoch->number;
        state->stale = state->stale_plateau = 0;
        if (state->best_values) {
            memcpy(state->best_values, state->values, hn_network_size(t->network) * sizeof(float));
        }
    }
    if (t->options.schedule.kind == HN_PLATEAU && state->stale_plateau >= t->options.schedule.patience) {
        state->plateaus++;
        state->stale_plateau = 0;
    }
}

/* A formula may give anything. */
static hone_status rate_now(const hn_trainer *t, int64_t steps, int64_t per_epoch, double *rate,
                            hone_error *err)
{
    *rate = hn_schedule_rate(&t->options.schedule, t->options.learning_rate, t->state.step, steps, per_epoch,
                             t->state.plateaus);
    return isfinite(*rate) && *rate >= 0
               ? HONE_OK
               : hn_fail(err, HONE_OBJECTIVE,
                         "the schedule gives no learning rate from 0 up at step %lld of epoch %lld",
                         (long long)t->state.step + 1, (long long)t->state.epoch + 1);
}

hone_status hn_trainer_epoch(hn_trainer *t, const hn_samples *train, const hn_samples *watched,
                             const volatile int *cancel, hn_epoch *epoch, hone_error *err)
{
    double started = hn_monotonic_seconds(), sum = 0, weights = 0, rate = 0;
    size_t batch = t->options.batch;
    int64_t per_epoch = (int64_t)((train->n + batch - 1) / batch), steps = per_epoch * t->options.epochs;
    if (!train->n || (watched && !watched->n)) {
        return hn_fail(err, HONE_INVALID, "there are no samples to %s", train->n ? "watch" : "learn from");
    }
    unsigned before = flush_small();
    hone_status status = draw_order(t, train->n, err);
    for (size_t at = 0; !status && at < train->n; at += batch) {
        size_t n = train->n - at < batch ? train->n - at : batch;
        status = hn_cancelled(cancel) ? hn_fail(err, HONE_CANCELLED, "cancelled")
                                      : rate_now(t, steps, per_epoch, &rate, err);
        if (!status) {
            status = descend(t, train, t->order + at, n, rate, &sum, &weights, err);
        }
    }
    hn_epoch done = {.number = t->state.epoch + 1, .loss = sum / weights, .watched = NAN, .rate = rate};
    if (!status && watched) {
        status = hn_network_loss(t->network, watched, t->options.loss, batch, &done.watched, err);
    }
    if (!status) {
        t->state.epoch = done.number;
        judge(t, &done);
        done.over = hn_trainer_over(t);
        done.seconds = hn_monotonic_seconds() - started;
        *epoch = done;
    }
    restore_small(before);
    return status;
}

void hn_trainer_finish(hn_trainer *t)
{
    if (t->state.best_values && t->state.best_epoch) {
        memcpy(t->state.values, t->state.best_values, hn_network_size(t->network) * sizeof(float));
    }
}

hone_status hn_network_loss(hn_network *network, const hn_samples *samples, hn_loss loss, size_t batch,
                            double *mean, hone_error *err)
{
    size_t width = hn_shape_size(hn_network_output(network));
    float *in = hn_aligned_array(batch * hn_shape_size(hn_network_input(network)), sizeof *in);
    size_t *rows = hn_calloc(batch, sizeof *rows);
    hone_status status = in && rows ? hn_network_open(network, batch, false, err) : hn_out_of_memory(err);
    double sum = 0, weights = 0;
    for (size_t at = 0; !status && at < samples->n; at += batch) {
        size_t n = samples->n - at < batch ? samples->n - at : batch;
        const float *out;
        double weighed;
        for (size_t i = 0; i < n; i++) {
            rows[i] = at + i;
        }
        samples->gather(samples->user, rows, n, 0, in);
        status = hn_network_forward(network, in, n, false, 0, true, &out, err);
        if (!status) {
            sum += hn_loss_evaluate(loss, out, samples->y + at, samples->weight ? samples->weight + at : NULL,
                                    n, width, 0, NULL, &weighed);
            weights += weighed;
        }
    }
    if (!status) {
        *mean = sum / weights;
    }
    hn_free(in);
    hn_free(rows);
    return status;
}
