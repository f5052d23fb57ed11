/* network/schedule.h: the learning rate over a training, as a factor of the one given. Thread-safe. */
#ifndef HN_NETWORK_SCHEDULE_H
#define HN_NETWORK_SCHEDULE_H

#include "base/option.h"
#include "space/condition.h"

typedef enum hn_schedule_kind {
    HN_CONSTANT,
    HN_STEP,        /* times factor after every `every` epochs */
    HN_EXPONENTIAL, /* times factor after each epoch */
    HN_COSINE,      /* half a cosine from 1 to floor (Loshchilov & Hutter 2017) */
    HN_ONE_CYCLE, /* up to 1 over `warmup` of the steps, then down to floor at the last of them, both by half
                     a cosine (Smith 2018; as PyTorch) */
    HN_PLATEAU, /* times factor after `patience` epochs in which the watched value did not improve (as Keras;
                   PyTorch waits for one more) */
    HN_EXPRESSION, /* what a formula of epoch, epochs, step, steps and learning_rate says */
} hn_schedule_kind;

typedef struct hn_schedule {
    int kind;
    double factor, floor, start, warmup;
    int64_t every, patience;
    const hn_condition *expression; /* NULL but of HN_EXPRESSION */
} hn_schedule;

extern const hn_option_table hn_schedule_table;

/* node: a name ("cosine"), {cosine: {warmup: 0.1}}, or a formula, which is the learning rate itself ("0.1 *
 * 0.5 ** floor(epoch / 10)"; epoch and step count from 0); NULL: constant. HONE_NOT_FOUND lists the names.
 * The schedule looks into arena. */
hone_status hn_schedule_read(hn_arena *arena, const hn_node *node, hn_schedule *schedule, hone_error *err);
/* The factor at a step (from 0) of `steps` in all, `per_epoch` of which are an epoch. Linear warm-up from 0
 * over the share `warmup` of all steps comes before every kind but one-cycle. plateaus: how often HN_PLATEAU
 * has lowered the rate. */
double hn_schedule_factor(const hn_schedule *schedule, int64_t step, int64_t steps, int64_t per_epoch,
                          int64_t plateaus);
/* The learning rate at a step: rate times the factor, or what the formula says. */
double hn_schedule_rate(const hn_schedule *schedule, double rate, int64_t step, int64_t steps,
                        int64_t per_epoch, int64_t plateaus);

#endif
