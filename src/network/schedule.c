#include "network/schedule.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

static const double pi = 3.14159265358979323846;

static const char *const names[] = {"constant",  "step",    "exponential", "cosine",
                                    "one_cycle", "plateau", NULL};

static const hn_option options[] = {
    {"factor", HN_OPTION_DOUBLE, NULL, 1e-9, 1, NULL, offsetof(hn_schedule, factor),
     "of step, exponential, plateau: what the rate is multiplied by (0.1; exponential: 0.95)"},
    {"floor", HN_OPTION_DOUBLE, "0", 0, 1, NULL, offsetof(hn_schedule, floor),
     "share of the rate that is left at the end or at least"},
    {"start", HN_OPTION_DOUBLE, "0.04", 0, 1, NULL, offsetof(hn_schedule, start),
     "of one_cycle: share of the rate at the beginning"},
    {"warmup", HN_OPTION_DOUBLE, NULL, 0, 1, NULL, offsetof(hn_schedule, warmup),
     "share of the steps over which the rate rises (0; one_cycle: 0.3)"},
    {"every", HN_OPTION_INT, "10", 1, 1e9, NULL, offsetof(hn_schedule, every),
     "of step: epochs between two cuts"},
    {"patience", HN_OPTION_INT, "5", 1, 1e9, NULL, offsetof(hn_schedule, patience),
     "of plateau: epochs without an improvement"},
};

const hn_option_table hn_schedule_table = {options, sizeof options / sizeof *options, sizeof(hn_schedule)};

/* --- formulas --- */

enum { EPOCH, EPOCHS, STEP, STEPS, LEARNING_RATE, VARIABLES };

static const char *const variables[] = {"epoch", "epochs", "step", "steps", "learning_rate"};

/* Not a name, and not a name with options ("cosine:warmup=0.1"). */
static bool is_expression(const hn_node *node)
{
    const char *text = node && node->kind == HN_STRING ? node->as.string : "";
    return !strchr(text, ':') && (strpbrk(text, "*/+()") || strspn(text, "-.0123456789"));
}

static hone_status read_expression(hn_arena *arena, const hn_node *node, hn_schedule *schedule,
                                   hone_error *err)
{
    static const hn_distribution number = {.kind = HN_FLOAT};
    static const hn_distribution *const numbers[] = {&number, &number, &number, &number, &number};
    hn_condition *made;
    hone_status status = hn_condition_parse_number(arena, node->as.string, node->at, &made, err);
    if (!status) {
        status = hn_condition_bind(made, variables, numbers, VARIABLES, err);
    }
    if (!status) {
        *schedule = (hn_schedule){.kind = HN_EXPRESSION, .expression = made};
    }
    return status;
}

double hn_schedule_rate(const hn_schedule *schedule, double rate, int64_t step, int64_t steps,
                        int64_t per_epoch, int64_t plateaus)
{
    static const bool active[] = {true, true, true, true, true};
    const int64_t epoch = step / per_epoch, epochs = steps / per_epoch;
    const double values[] = {[EPOCH] = (double)epoch,
                             [EPOCHS] = (double)epochs,
                             [STEP] = (double)step,
                             [STEPS] = (double)steps,
                             [LEARNING_RATE] = rate};
    return schedule->kind == HN_EXPRESSION
               ? hn_condition_number(schedule->expression, values, active)
               : rate * hn_schedule_factor(schedule, step, steps, per_epoch, plateaus);
}

/* --- names --- */

hone_status hn_schedule_read(hn_arena *arena, const hn_node *node, hn_schedule *schedule, hone_error *err)
{
    hn_spec spec = {.name = names[HN_CONSTANT]};
    if (is_expression(node)) {
        return read_expression(arena, node, schedule, err);
    }
    hone_status status = node ? hn_spec_from_node(arena, node, "schedule", &spec, err) : HONE_OK;
    int kind = 0;
    while (!status && names[kind] && strcmp(names[kind], spec.name) != 0) {
        kind++;
    }
    if (!status && !names[kind]) {
        const char *near = hn_nearest_name(spec.name, names, (size_t)kind);
        return hn_fail_at(
            err, HONE_NOT_FOUND, spec.at,
            "there is no schedule '%s'%s%s%s; there are constant, step, exponential, cosine, one_cycle, plateau, or a formula of epoch",
            spec.name, near ? " (did you mean '" : "", near ? near : "", near ? "'?)" : "");
    }
    if (!status) {
        status = hn_options_apply(arena, &hn_schedule_table, "schedule", spec.options, schedule, err);
    }
    if (!status) {
        schedule->kind = kind;
        if (isnan(schedule->factor)) {
            schedule->factor = kind == HN_EXPONENTIAL ? 0.95 : 0.1;
        }
        if (isnan(schedule->warmup)) {
            schedule->warmup = kind == HN_ONE_CYCLE ? 0.3 : 0;
        }
    }
    return status;
}

/* From a to b over t in 0 .. 1. */
static double half_cosine(double a, double b, double t)
{
    return b + (a - b) * (1 + cos(pi * t)) / 2;
}

static double decayed(const hn_schedule *s, double done, int64_t epoch, int64_t plateaus)
{
    const int64_t cuts = s->kind == HN_STEP ? epoch / s->every : 0;
    switch (s->kind) {
    case HN_STEP: return fmax(s->floor, pow(s->factor, (double)cuts));
    case HN_EXPONENTIAL: return fmax(s->floor, pow(s->factor, (double)epoch));
    case HN_COSINE: return half_cosine(1, s->floor, done);
    case HN_PLATEAU: return fmax(s->floor, pow(s->factor, (double)plateaus));
    default: return 1;
    }
}

/* The highest rate is that of the last step of the rise, `floor` that of the last of all, as PyTorch has it.
 */
static double one_cycle(const hn_schedule *s, double at, double steps)
{
    double top = fmax(s->warmup * steps - 1, 0), last = steps - 1;
    if (at <= top) {
        return top > 0 ? half_cosine(s->start, 1, at / top) : 1;
    }
    return half_cosine(1, s->floor, (at - top) / (last - top));
}

double hn_schedule_factor(const hn_schedule *s, int64_t step, int64_t steps, int64_t per_epoch,
                          int64_t plateaus)
{
    double rising = s->warmup * (double)steps, at = (double)step;
    if (s->kind == HN_ONE_CYCLE) {
        return one_cycle(s, at, (double)steps);
    }
    if (at < rising) {
        return (at + 1) / (rising + 1);
    }
    double done = (double)steps > rising ? (at - rising) / ((double)steps - rising) : 1;
    return decayed(s, done, step / per_epoch, plateaus);
}
