/* network/recurrent.h: what LSTM and GRU share: options, shapes, both directions, products over all steps at
 * once. A cell says how one step's gates become the next state, and back.
 */
#ifndef HN_NETWORK_RECURRENT_H
#define HN_NETWORK_RECURRENT_H

#include "network/layer.h"

/* Tensors of one direction; those of a second follow. */
enum { HN_RECURRENT_INPUT, HN_RECURRENT_STATE, HN_RECURRENT_BIAS, HN_RECURRENT_STATE_BIAS };

typedef struct hn_recurrent {
    int64_t units;
    bool sequences, bidirectional;
} hn_recurrent;

enum { HN_RECURRENT_OPTIONS = 3 };
extern const hn_option hn_recurrent_options[HN_RECURRENT_OPTIONS];

/* One step of a batch. Rows (samples) of x are `stride` floats apart. */
typedef struct hn_cell_step {
    size_t n, units;
    const float *from_input; /* (n, gates units): input's part of the gates, with the bias */
    float *from_state;   /* (n, gates units): the state's part; going back: what the gradient of it is written
                            to */
    const float *before; /* (n, units): the state before */
    float *after;        /* (n, units): the state after */
    float *kept;         /* (n, kept units): what the way back needs */
    const float *kept_before; /* that of the step before; NULL at the first */
    float *d_gates;           /* back, out: (n, gates units), by from_input */
    float *d_state; /* back: (n, units): in: by the state after; out: by the state before, its product with
                       the weights apart */
    float *d_cell;  /* back: (n, units), kept from step to step, zero at first */
} hn_cell_step;

typedef struct hn_cell {
    size_t gates; /* 4 of an LSTM, 3 of a GRU */
    size_t kept;
    bool state_bias; /* the state's part has a bias of its own */
    size_t forget;   /* the gate whose bias begins at 1; gates: none */
    void (*forward)(const hn_cell_step *step);
    void (*backward)(const hn_cell_step *step);
    const char *op;      /* of ONNX */
    const size_t *order; /* (gates,): which gate its k-th is */
} hn_cell;

hone_status hn_recurrent_plan(const hn_cell *cell, const hn_recurrent *config, const hn_shape *in,
                              hn_layer_plan *plan, hone_error *err);
void hn_recurrent_init(const hn_cell *cell, const hn_recurrent *config, const hn_layer_plan *plan,
                       hn_random *random, float *const *values);
hone_status hn_recurrent_open(const hn_cell *cell, const hn_recurrent *config, const hn_layer_plan *plan,
                              size_t n, void **work, hone_error *err);
void hn_recurrent_close(void *work);
size_t hn_recurrent_bytes(const hn_cell *cell, const hn_recurrent *config, const hn_layer_plan *plan,
                          size_t n);
hone_status hn_recurrent_forward(const hn_cell *cell, const hn_pass *pass, hone_error *err);
hone_status hn_recurrent_backward(const hn_cell *cell, const hn_pass *pass, float *d_out, float *d_in,
                                  hone_error *err);

hn_value hn_recurrent_graph(const hn_cell *cell, const hn_recurrent *config, const hn_layer_plan *plan,
                            float *const *values, hn_value rows, hn_graph *graph);

/* The layer type hn_layer_NAME of a cell. */
#define HN_RECURRENT_LAYER(name_, cell_, help_)                                                              \
    static hone_status plan(const void *config, const hn_shape *in, hn_layer_plan *plan, hone_error *err)    \
    {                                                                                                        \
        return hn_recurrent_plan(&(cell_), config, in, plan, err);                                           \
    }                                                                                                        \
    static void init(const void *config, const hn_layer_plan *plan, hn_random *random, float *const *values) \
    {                                                                                                        \
        hn_recurrent_init(&(cell_), config, plan, random, values);                                           \
    }                                                                                                        \
    static hone_status open(const void *config, const hn_layer_plan *plan, size_t n, void **work,            \
                            hone_error *err)                                                                 \
    {                                                                                                        \
        return hn_recurrent_open(&(cell_), config, plan, n, work, err);                                      \
    }                                                                                                        \
    static size_t work_bytes(const void *config, const hn_layer_plan *plan, size_t n)                        \
    {                                                                                                        \
        return hn_recurrent_bytes(&(cell_), config, plan, n);                                                \
    }                                                                                                        \
    static hone_status forward(const hn_pass *pass, hone_error *err)                                         \
    {                                                                                                        \
        return hn_recurrent_forward(&(cell_), pass, err);                                                    \
    }                                                                                                        \
    static hone_status backward(const hn_pass *pass, float *d_out, float *d_in, hone_error *err)             \
    {                                                                                                        \
        return hn_recurrent_backward(&(cell_), pass, d_out, d_in, err);                                      \
    }                                                                                                        \
    static hn_value graph(const void *config, const hn_layer_plan *plan, float *const *values,               \
                          hn_value rows, hn_graph *graph)                                                    \
    {                                                                                                        \
        return hn_recurrent_graph(&(cell_), config, plan, values, rows, graph);                              \
    }                                                                                                        \
    extern const hn_layer_type hn_layer_##name_;                                                             \
    const hn_layer_type hn_layer_##name_ = {                                                                 \
        .name = #name_,                                                                                      \
        .help = help_,                                                                                       \
        .options = {hn_recurrent_options, HN_RECURRENT_OPTIONS, sizeof(hn_recurrent)},                       \
        .plan = plan,                                                                                        \
        .init = init,                                                                                        \
        .open = open,                                                                                        \
        .close = hn_recurrent_close,                                                                         \
        .forward = forward,                                                                                  \
        .backward = backward,                                                                                \
        .work_bytes = work_bytes,                                                                            \
        .graph = graph,                                                                                      \
        .weights = true};

#endif
