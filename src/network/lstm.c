/* lstm.c: long short-term memory (Hochreiter & Schmidhuber 1997; Gers, Schmidhuber & Cummins 2000). Gates in
 * PyTorch's order: input, forget, cell, output. */
#include "math/wide.h"
#include "network/elementary.h"
#include "network/recurrent.h"

enum { IN, FORGET, CELL, OUT, GATES };
enum { MEMORY = GATES, SQUASHED, KEPT }; /* beside the gates: the cell, and tanh of it */

WIDE static void lstm_forward(size_t units, const float *restrict a, const float *restrict b,
                              const float *restrict before, float *restrict kept, float *restrict after)
{
    for (size_t k = 0; k < units; k++) {
        float in = hn_fast_sigmoid(a[IN * units + k] + b[IN * units + k]);
        float forget = hn_fast_sigmoid(a[FORGET * units + k] + b[FORGET * units + k]);
        float cell = hn_fast_tanh(a[CELL * units + k] + b[CELL * units + k]);
        float out = hn_fast_sigmoid(a[OUT * units + k] + b[OUT * units + k]);
        float memory = in * cell + forget * before[k], squashed = hn_fast_tanh(memory);
        kept[IN * units + k] = in;
        kept[FORGET * units + k] = forget;
        kept[CELL * units + k] = cell;
        kept[OUT * units + k] = out;
        kept[MEMORY * units + k] = memory;
        kept[SQUASHED * units + k] = squashed;
        after[k] = out * squashed;
    }
}

/* The memory before the first step is 0: any row of zeros will do, and the state's is one. */
static void step_forward(const hn_cell_step *s)
{
    size_t u = s->units;
    for (size_t i = 0; i < s->n; i++) {
        const float *before = s->kept_before ? s->kept_before + i * KEPT * u + MEMORY * u : s->before + i * u;
        lstm_forward(u, s->from_input + i * GATES * u, s->from_state + i * GATES * u, before,
                     s->kept + i * KEPT * u, s->after + i * u);
    }
}

WIDE static void lstm_backward(size_t units, const float *restrict kept, const float *restrict before,
                               float *restrict d_state, float *restrict d_cell, float *restrict d_gates,
                               float *restrict d_from_state)
{
    for (size_t k = 0; k < units; k++) {
        float in = kept[IN * units + k], forget = kept[FORGET * units + k], cell = kept[CELL * units + k];
        float out = kept[OUT * units + k], squashed = kept[SQUASHED * units + k];
        float memory = d_cell[k] + d_state[k] * out * (1 - squashed * squashed);
        float d_in = memory * cell * in * (1 - in), d_forget = memory * before[k] * forget * (1 - forget);
        float d_inner = memory * in * (1 - cell * cell), d_out = d_state[k] * squashed * out * (1 - out);
        d_cell[k] = memory * forget;
        d_state[k] = 0;
        d_gates[IN * units + k] = d_from_state[IN * units + k] = d_in;
        d_gates[FORGET * units + k] = d_from_state[FORGET * units + k] = d_forget;
        d_gates[CELL * units + k] = d_from_state[CELL * units + k] = d_inner;
        d_gates[OUT * units + k] = d_from_state[OUT * units + k] = d_out;
    }
}

static void step_backward(const hn_cell_step *s)
{
    size_t u = s->units;
    for (size_t i = 0; i < s->n; i++) {
        const float *before = s->kept_before ? s->kept_before + i * KEPT * u + MEMORY * u : s->before + i * u;
        lstm_backward(u, s->kept + i * KEPT * u, before, s->d_state + i * u, s->d_cell + i * u,
                      s->d_gates + i * GATES * u, s->from_state + i * GATES * u);
    }
}

static const size_t order[GATES] = {IN, OUT, FORGET, CELL}; /* of ONNX */

static const hn_cell cell = {.gates = GATES,
                             .kept = KEPT,
                             .forget = FORGET,
                             .forward = step_forward,
                             .backward = step_backward,
                             .op = "LSTM",
                             .order = order};

HN_RECURRENT_LAYER(lstm, cell, "long short-term memory over the steps of a sequence")
