#include "objective_dummy.h"

#include <stdlib.h>

enum { MAX_SLOTS = 8 };

typedef struct place {
    uv_timer_t timer;
    hn_slot *slot;
    int64_t x, step;
} place;

/* Handles outlive the state: the loop closes them after `close`. */
typedef struct dummy {
    place *places[MAX_SLOTS];
    int slots;
} dummy;

static void finish(place *at, const hn_ending *ending)
{
    hn_slot *slot = at->slot;
    at->slot = NULL;
    uv_timer_stop(&at->timer);
    hn_slot_finish(slot, ending);
}

static void go_on(uv_timer_t *timer)
{
    place *at = timer->data;
    if (at->x == OBJECTIVE_FAILS) {
        finish(at, &(hn_ending){.state = HONE_FAILED, .message = "no luck"});
    } else if (at->x == OBJECTIVE_HANGS) {
        hn_slot_report(at->slot, 0, "value", 1000);
        uv_timer_stop(timer);
    } else if (at->step < 2) {
        hn_slot_report(at->slot, at->step++, "value", (double)at->x);
    } else {
        hn_metric metric = {"value", (double)at->x};
        finish(at, &(hn_ending){.state = HONE_COMPLETE, .n_metrics = 1, .metrics = &metric});
    }
}

static hone_status dummy_open(void *state, const void *config, uv_loop_t *loop, int slots, hone_error *err)
{
    dummy *self = state;
    (void)config;
    (void)err;
    self->slots = slots;
    for (int i = 0; i < slots; i++) {
        self->places[i] = calloc(1, sizeof(place));
        uv_timer_init(loop, &self->places[i]->timer);
        self->places[i]->timer.data = self->places[i];
    }
    return HONE_OK;
}

static void place_closed(uv_handle_t *handle)
{
    free(handle->data);
}

static void dummy_close(void *state)
{
    dummy *self = state;
    for (int i = 0; i < self->slots; i++) {
        uv_close((uv_handle_t *)&self->places[i]->timer, place_closed);
    }
}

static hone_status dummy_start(void *state, hn_slot *slot, hone_error *err)
{
    place *at = ((dummy *)state)->places[hn_slot_index(slot)];
    hone_value x;
    hone_status status = hone_trial_get(hn_slot_trial(slot), "x", &x, err);
    if (!status) {
        at->slot = slot;
        at->x = x.as.integer;
        at->step = 0;
        uv_timer_start(&at->timer, go_on, 2, 2);
    }
    return status;
}

static void dummy_stop(void *state, hn_slot *slot, hn_stop_reason reason)
{
    place *at = ((dummy *)state)->places[hn_slot_index(slot)];
    if (at->slot) {
        finish(at, &(hn_ending){.state = reason == HN_STOP_PRUNED ? HONE_PRUNED : HONE_FAILED,
                                .message = reason == HN_STOP_PRUNED ? NULL : "interrupted"});
    }
}

const hn_objective_type objective_dummy = {
    .name = "dummy",
    .state_size = sizeof(dummy),
    .open = dummy_open,
    .close = dummy_close,
    .start = dummy_start,
    .stop = dummy_stop,
};
