#include "network/recurrent.h"

#include <stddef.h>
#include <string.h>

#include "base/memory.h"
#include "network/blas.h"
#include "network/initialise.h"
#include "network/rows.h"

enum {
    INPUT = HN_RECURRENT_INPUT,
    STATE = HN_RECURRENT_STATE,
    BIAS = HN_RECURRENT_BIAS,
    STATE_BIAS = HN_RECURRENT_STATE_BIAS,
    MOST_TENSORS_A_DIRECTION
};

const hn_option hn_recurrent_options[HN_RECURRENT_OPTIONS] = {
    {"units", HN_OPTION_INT, NULL, 1, 65536, NULL, offsetof(hn_recurrent, units), "numbers of the state"},
    {"sequences", HN_OPTION_BOOL, "false", 0, 0, NULL, offsetof(hn_recurrent, sequences),
     "put out the state of every step, not the last alone"},
    {"bidirectional", HN_OPTION_BOOL, "false", 0, 0, NULL, offsetof(hn_recurrent, bidirectional),
     "a second one goes from the end to the beginning; their outputs stand side by side"},
};

static size_t directions_of(const hn_recurrent *config)
{
    return config->bidirectional ? 2 : 1;
}

static size_t tensors_of(const hn_cell *cell)
{
    return cell->state_bias ? 4 : 3;
}

hone_status hn_recurrent_plan(const hn_cell *cell, const hn_recurrent *config, const hn_shape *in,
                              hn_layer_plan *plan, hone_error *err)
{
    static const char *const names[2][MOST_TENSORS_A_DIRECTION] = {
        {"input_weight", "state_weight", "bias", "state_bias"},
        {"input_weight_back", "state_weight_back", "bias_back", "state_bias_back"}};
    if (!config->units) {
        return hn_fail(err, HONE_INVALID, "units, the numbers of the state, is missing");
    }
    if (in->rank != 2) {
        return hn_layer_wants(in, "a sequence, steps x features", err);
    }
    size_t units = (size_t)config->units, width = cell->gates * units, directions = directions_of(config);
    plan->out = config->sequences ? (hn_shape){2, {in->dim[0], directions * units}}
                                  : (hn_shape){1, {directions * units}};
    for (size_t d = 0; d < directions; d++) {
        hn_layer_tensor *t = plan->tensors + plan->n_tensors;
        t[INPUT] =
            (hn_layer_tensor){names[d][INPUT], 2, {in->dim[1], width}, .trainable = true, .decays = true};
        t[STATE] = (hn_layer_tensor){names[d][STATE], 2, {units, width}, .trainable = true, .decays = true};
        t[BIAS] = (hn_layer_tensor){names[d][BIAS], 1, {width}, .trainable = true};
        if (cell->state_bias) {
            t[STATE_BIAS] = (hn_layer_tensor){names[d][STATE_BIAS], 1, {width}, .trainable = true};
        }
        plan->n_tensors += tensors_of(cell);
    }
    return HONE_OK;
}

/* As Keras: Glorot for the input, orthogonal for the state, gate by gate. */
void hn_recurrent_init(const hn_cell *cell, const hn_recurrent *config, const hn_layer_plan *plan,
                       hn_random *random, float *const *values)
{
    size_t units = (size_t)config->units, width = cell->gates * units;
    for (size_t d = 0; d < directions_of(config); d++) {
        float *const *v = values + d * tensors_of(cell);
        size_t features = plan->in.dim[1];
        hn_initialise(HN_GLOROT_UNIFORM, random, features, width, features, width, v[INPUT]);
        hn_initialise(HN_ORTHOGONAL, random, units, width, units, width, v[STATE]);
        for (size_t k = 0; cell->forget < cell->gates && k < units; k++) {
            v[BIAS][cell->forget * units + k] = 1;
        }
    }
}

/* --- room: steps first, then samples, in the order in which a direction meets them --- */

typedef struct room {
    size_t n, steps;
    float *inputs;     /* (steps, n, features) */
    float *gates;      /* (steps, n, width): the input's part; going back, the gradient of it */
    float *from_state; /* (steps, n, width): the state's part; going back, the gradient of it */
    float *states;     /* (steps + 1, n, units): the first are 0 */
    float *kept;       /* (steps, n, kept units) */
    float *d_state, *d_cell;
} room;

typedef struct direction {
    room at[2];
} direction;

static size_t room_floats(const hn_cell *cell, const hn_recurrent *config, const hn_layer_plan *plan,
                          size_t n)
{
    size_t units = (size_t)config->units, steps = plan->in.dim[0];
    size_t a_step = plan->in.dim[1] + (2 * cell->gates + cell->kept + 1) * units;
    return n * (steps * a_step + 3 * units);
}

size_t hn_recurrent_bytes(const hn_cell *cell, const hn_recurrent *config, const hn_layer_plan *plan,
                          size_t n)
{
    return directions_of(config) * room_floats(cell, config, plan, n) * sizeof(float);
}

void hn_recurrent_close(void *work)
{
    direction *d = work;
    if (d) {
        hn_free(d->at[0].inputs);
        hn_free(d->at[1].inputs);
        hn_free(d);
    }
}

/* One array for all of it. */
static hone_status make_room(const hn_cell *cell, const hn_recurrent *config, const hn_layer_plan *plan,
                             size_t n, room *r, hone_error *err)
{
    size_t units = (size_t)config->units, steps = plan->in.dim[0], width = cell->gates * units;
    float *next = hn_aligned_array(room_floats(cell, config, plan, n), sizeof *next);
    if (!next) {
        return hn_out_of_memory(err);
    }
    *r = (room){.n = n, .steps = steps, .inputs = next};
    r->gates = r->inputs + steps * n * plan->in.dim[1];
    r->from_state = r->gates + steps * n * width;
    r->states = r->from_state + steps * n * width;
    r->kept = r->states + (steps + 1) * n * units;
    r->d_state = r->kept + steps * n * cell->kept * units;
    r->d_cell = r->d_state + n * units;
    return HONE_OK;
}

hone_status hn_recurrent_open(const hn_cell *cell, const hn_recurrent *config, const hn_layer_plan *plan,
                              size_t n, void **work, hone_error *err)
{
    hone_status status = hn_blas_load(err);
    direction *d = status ? NULL : hn_calloc(1, sizeof *d);
    if (!d) {
        return status ? status : hn_out_of_memory(err);
    }
    for (size_t i = 0; !status && i < directions_of(config); i++) {
        status = make_room(cell, config, plan, n, &d->at[i], err);
    }
    if (status) {
        hn_recurrent_close(d);
    } else {
        *work = d;
    }
    return status;
}

/* Between samples (n, steps, width of `stride` floats) and steps (steps, n, width); back turns the time
 * round. */
static void turn(const float *samples, size_t n, size_t steps, size_t width, size_t stride, bool back,
                 float *out)
{
    for (size_t t = 0; t < steps; t++) {
        size_t time = back ? steps - 1 - t : t;
        for (size_t i = 0; i < n; i++, out += width) {
            memcpy(out, samples + (i * steps + time) * stride, width * sizeof *out);
        }
    }
}

/* What of the room belongs to step t of a pass of n samples. */
static hn_cell_step step_at(const hn_cell *cell, const room *r, size_t t, size_t n, size_t units)
{
    size_t width = cell->gates * units;
    return (hn_cell_step){
        .n = n,
        .units = units,
        .from_input = r->gates + t * n * width,
        .from_state = r->from_state + t * n * width,
        .before = r->states + t * n * units,
        .after = r->states + (t + 1) * n * units,
        .kept = r->kept + t * n * cell->kept * units,
        .kept_before = t ? r->kept + (t - 1) * n * cell->kept * units : NULL,
        .d_gates = r->gates + t * n * width,
        .d_state = r->d_state,
        .d_cell = r->d_cell,
    };
}

/* --- passes --- */

static void run_forward(const hn_cell *cell, const hn_pass *pass, size_t d, room *r)
{
    const hn_recurrent *config = pass->config;
    size_t n = pass->n, steps = r->steps, features = pass->plan->in.dim[1], units = (size_t)config->units;
    size_t width = cell->gates * units;
    float *const *v = pass->values + d * tensors_of(cell);
    turn(pass->in, n, steps, features, features, d == 1, r->inputs);
    hn_rows_fill(v[BIAS], steps * n, width, r->gates);
    hn_sgemm((hn_matrix){r->inputs, features, false}, (hn_matrix){v[INPUT], width, false}, steps * n, width,
             features, 1, r->gates, width);
    memset(r->states, 0, n * units * sizeof *r->states);
    for (size_t t = 0; t < steps; t++) {
        hn_cell_step step = step_at(cell, r, t, n, units);
        if (cell->state_bias) {
            hn_rows_fill(v[STATE_BIAS], n, width, step.from_state);
        }
        hn_sgemm((hn_matrix){step.before, units, false}, (hn_matrix){v[STATE], width, false}, n, width, units,
                 cell->state_bias ? 1 : 0, step.from_state, width);
        cell->forward(&step);
    }
}

/* The states into the output, where direction d has its place. */
static void put_out(const hn_pass *pass, size_t d, const room *r)
{
    const hn_recurrent *config = pass->config;
    size_t n = pass->n, steps = r->steps, units = (size_t)config->units,
           stride = directions_of(config) * units;
    for (size_t t = config->sequences ? 0 : steps - 1; t < steps; t++) {
        size_t time = d ? steps - 1 - t : t;
        for (size_t i = 0; i < n; i++) {
            size_t row = config->sequences ? i * steps + time : i;
            memcpy(pass->out + row * stride + d * units, r->states + ((t + 1) * n + i) * units,
                   units * sizeof(float));
        }
    }
}

hone_status hn_recurrent_forward(const hn_cell *cell, const hn_pass *pass, hone_error *err)
{
    direction *work = pass->work;
    (void)err;
    for (size_t d = 0; d < directions_of(pass->config); d++) {
        run_forward(cell, pass, d, &work->at[d]);
        put_out(pass, d, &work->at[d]);
    }
    return HONE_OK;
}

/* Adds the loss by the output of step t to r->d_state. */
static void take_in(const hn_pass *pass, const float *d_out, size_t d, const room *r, size_t t)
{
    const hn_recurrent *config = pass->config;
    size_t n = pass->n, steps = r->steps, units = (size_t)config->units,
           stride = directions_of(config) * units;
    size_t time = d ? steps - 1 - t : t;
    if (!config->sequences && t + 1 < steps) {
        return;
    }
    for (size_t i = 0; i < n; i++) {
        const float *from = d_out + (config->sequences ? i * steps + time : i) * stride + d * units;
        for (size_t k = 0; k < units; k++) {
            r->d_state[i * units + k] += from[k];
        }
    }
}

/* The gradients of the weights, all steps at once: inputs and states against the gates. */
static void add_up(const hn_cell *cell, const hn_pass *pass, size_t d, const room *r)
{
    const hn_recurrent *config = pass->config;
    size_t rows = r->steps * pass->n, features = pass->plan->in.dim[1], units = (size_t)config->units;
    size_t width = cell->gates * units;
    float *const *g = pass->gradients + d * tensors_of(cell);
    hn_sgemm((hn_matrix){r->inputs, features, true}, (hn_matrix){r->gates, width, false}, features, width,
             rows, 0, g[INPUT], width);
    hn_sgemm((hn_matrix){r->states, units, true}, (hn_matrix){r->from_state, width, false}, units, width,
             rows, 0, g[STATE], width);
    hn_rows_sum(r->gates, rows, width, g[BIAS]);
    if (cell->state_bias) {
        hn_rows_sum(r->from_state, rows, width, g[STATE_BIAS]);
    }
}

static void run_backward(const hn_cell *cell, const hn_pass *pass, const float *d_out, size_t d, room *r)
{
    const hn_recurrent *config = pass->config;
    size_t n = pass->n, units = (size_t)config->units, width = cell->gates * units;
    float *const *v = pass->values + d * tensors_of(cell);
    memset(r->d_state, 0, n * units * sizeof(float));
    memset(r->d_cell, 0, n * units * sizeof(float));
    for (size_t t = r->steps; t-- > 0;) {
        hn_cell_step step = step_at(cell, r, t, n, units);
        take_in(pass, d_out, d, r, t);
        cell->backward(&step);
        hn_sgemm((hn_matrix){step.from_state, width, false}, (hn_matrix){v[STATE], width, true}, n, units,
                 width, 1, r->d_state, units);
    }
    add_up(cell, pass, d, r);
}

/* The loss by the inputs, turned back and added up over the directions. */
static void give_back(const hn_cell *cell, const hn_pass *pass, size_t d, room *r, float *d_in)
{
    const hn_recurrent *config = pass->config;
    size_t n = pass->n, steps = r->steps, features = pass->plan->in.dim[1],
           width = cell->gates * (size_t)config->units;
    const float *from = r->inputs;
    hn_sgemm((hn_matrix){r->gates, width, false},
             (hn_matrix){pass->values[d * tensors_of(cell) + INPUT], width, true}, steps * n, features, width,
             0, r->inputs, features);
    for (size_t t = 0; t < steps; t++) {
        size_t time = d ? steps - 1 - t : t;
        for (size_t i = 0; i < n; i++, from += features) {
            float *to = d_in + (i * steps + time) * features;
            for (size_t k = 0; k < features; k++) {
                to[k] = d ? to[k] + from[k] : from[k];
            }
        }
    }
}

hone_status hn_recurrent_backward(const hn_cell *cell, const hn_pass *pass, float *d_out, float *d_in,
                                  hone_error *err)
{
    direction *work = pass->work;
    (void)err;
    for (size_t d = 0; d < directions_of(pass->config); d++) {
        run_backward(cell, pass, d_out, d, &work->at[d]);
        if (d_in) {
            give_back(cell, pass, d, &work->at[d], d_in);
        }
    }
    return HONE_OK;
}
