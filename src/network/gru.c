/* gru.c: gated recurrent units (Cho et al. 2014), with the reset gate after the product, as PyTorch, Keras
 * and cuDNN have it. Gates in PyTorch's order: reset, update, new. */
#include "math/wide.h"
#include "network/elementary.h"
#include "network/recurrent.h"

enum { RESET, UPDATE, NEW, GATES };
enum { FROM_STATE = GATES, KEPT }; /* beside the gates: the state's part of the new one */

WIDE static void gru_forward(size_t units, const float *restrict a, const float *restrict b,
                             const float *restrict before, float *restrict kept, float *restrict after)
{
    for (size_t k = 0; k < units; k++) {
        float reset = hn_fast_sigmoid(a[RESET * units + k] + b[RESET * units + k]);
        float update = hn_fast_sigmoid(a[UPDATE * units + k] + b[UPDATE * units + k]);
        float fresh = hn_fast_tanh(a[NEW * units + k] + reset * b[NEW * units + k]);
        kept[RESET * units + k] = reset;
        kept[UPDATE * units + k] = update;
        kept[NEW * units + k] = fresh;
        kept[FROM_STATE * units + k] = b[NEW * units + k];
        after[k] = (1 - update) * fresh + update * before[k];
    }
}

static void step_forward(const hn_cell_step *s)
{
    size_t u = s->units;
    for (size_t i = 0; i < s->n; i++) {
        gru_forward(u, s->from_input + i * GATES * u, s->from_state + i * GATES * u, s->before + i * u,
                    s->kept + i * KEPT * u, s->after + i * u);
    }
}

WIDE static void gru_backward(size_t units, const float *restrict kept, const float *restrict before,
                              float *restrict d_state, float *restrict d_gates, float *restrict d_from_state)
{
    for (size_t k = 0; k < units; k++) {
        float reset = kept[RESET * units + k], update = kept[UPDATE * units + k],
              fresh = kept[NEW * units + k];
        float d_update = d_state[k] * (before[k] - fresh) * update * (1 - update);
        float d_new = d_state[k] * (1 - update) * (1 - fresh * fresh);
        float d_reset = d_new * kept[FROM_STATE * units + k] * reset * (1 - reset);
        d_state[k] *= update;
        d_gates[RESET * units + k] = d_from_state[RESET * units + k] = d_reset;
        d_gates[UPDATE * units + k] = d_from_state[UPDATE * units + k] = d_update;
        d_gates[NEW * units + k] = d_new;
        d_from_state[NEW * units + k] = d_new * reset;
    }
}

static void step_backward(const hn_cell_step *s)
{
    size_t u = s->units;
    for (size_t i = 0; i < s->n; i++) {
        gru_backward(u, s->kept + i * KEPT * u, s->before + i * u, s->d_state + i * u,
                     s->d_gates + i * GATES * u, s->from_state + i * GATES * u);
    }
}

static const size_t order[GATES] = {UPDATE, RESET, NEW}; /* of ONNX */

static const hn_cell cell = {.gates = GATES,
                             .kept = KEPT,
                             .state_bias = true,
                             .forget = GATES,
                             .forward = step_forward,
                             .backward = step_backward,
                             .op = "GRU",
                             .order = order};

HN_RECURRENT_LAYER(gru, cell, "gated recurrent units over the steps of a sequence")
