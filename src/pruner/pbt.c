/* Population-based training (Jaderberg et al. 2017), asynchronous: `population` trials train side by side and
 * pause every `interval` steps. One that is then among the worst `quantile` of all that came to this step
 * ends PRUNED, and a clone of one of the best takes its place: it goes on from that one's checkpoint with
 * parameters of its own, each drawn anew with probability `resample`, else multiplied by `shrink` or `grow`.
 * The lineage of the best trial is then a schedule of its parameters over the steps; `replay` trains by such
 * a schedule.
 *
 * Everything follows from the history and from which trials are paused. Values are compared at the same step;
 * a clone counts from its own first report on. What was begun first goes on first. O(trials) a decision.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "math/random.h"
#include "pruner/resource.h"
#include "pruner/schedule.h"

typedef struct pbt_config {
    int64_t population, interval;
    double max_resource, quantile, resample, shrink, grow;
    const hn_node *params, *replay;
} pbt_config;

typedef struct standing {
    int64_t number;
    double loss;
} standing;

typedef struct pbt_state {
    pbt_config config;
    int64_t most, interval;
    standing *standings; /* (capacity,) */
    size_t capacity;
} pbt_state;

/* --- options --- */

static hone_status check_names(const hn_node *list, hone_error *err)
{
    for (size_t i = 0; list && i < list->count; i++) {
        if (list->kind != HN_LIST || list->as.items[i]->kind != HN_STRING) {
            return hn_fail_at(err, HONE_INVALID, list->at,
                              "pruner pbt: params is a list of parameters' names");
        }
    }
    return HONE_OK;
}

/* [{to: 20, params: {lr: 0.1}}, {to: 60, params: {lr: 0.02}}], ascending. */
static hone_status check_replay(const hn_node *list, hone_error *err)
{
    int64_t before = 0, to = 0;
    bool sound = !list || (list->kind == HN_LIST && list->count > 0);
    for (size_t i = 0; sound && list && i < list->count; i++) {
        const hn_node *entry = list->as.items[i], *params = hn_map_get(entry, "params");
        sound = params && params->kind == HN_MAP && hn_map_get(entry, "to") &&
                hn_node_int(hn_map_get(entry, "to"), &to) && to > before;
        before = to;
    }
    return sound ? HONE_OK
                 : hn_fail_at(
                       err, HONE_INVALID, list->at,
                       "pruner pbt: replay is a list such as [{to: 20, params: {lr: 0.1}}, ...] with steps "
                       "that ascend: what `hone best --schedule` writes");
}

static hone_status init(void *state, const void *config, hone_error *err)
{
    pbt_state *s = state;
    s->config = *(const pbt_config *)config;
    const pbt_config *c = &s->config;
    hone_status status = check_names(c->params, err);
    if (!status) {
        status = check_replay(c->replay, err);
    }
    if (!status && (c->max_resource < 2 || c->max_resource != floor(c->max_resource))) {
        status = hn_fail(err, HONE_INVALID,
                         "pruner pbt: max_resource, the last step of a whole trial, is needed: 2 or more");
    }
    if (status) {
        return status;
    }
    s->most = (int64_t)c->max_resource;
    s->interval = c->interval ? c->interval : (s->most + 9) / 10;
    if (s->interval >= s->most) {
        return hn_fail(err, HONE_INVALID, "pruner pbt: interval %lld is not below max_resource %lld",
                       (long long)s->interval, (long long)s->most);
    }
    if (c->shrink >= c->grow) {
        return hn_fail(err, HONE_INVALID, "pruner pbt: shrink is not below grow");
    }
    if (c->replay) {
        s->config.population = 1;
    }
    return HONE_OK;
}

static void release(void *state)
{
    hn_free(((pbt_state *)state)->standings);
}

/* --- standings --- */

static int64_t last_step(const hn_history *history, int64_t number)
{
    const hn_trial_report *reports;
    size_t n = hn_history_reports(history, number, &reports);
    return n ? reports[n - 1].step : 0;
}

/* The first report at the step or after; 0: there is none, or it began later. */
static int64_t first_report_from(const hn_trial_report *reports, size_t n, int64_t step)
{
    size_t i = 0;
    while (i < n && reports[i].step < step) {
        i++;
    }
    return step > 0 && i < n && reports[0].step <= step ? reports[i].step : 0;
}

/* The last step at which it paused for a decision, where its checkpoint can be cloned; 0: none yet. One that
 * reported such a step last and is not known to be paused may still be writing its checkpoint: the one before
 * counts. At the end of a whole trial nothing pauses. */
static int64_t checkpoint_of(const pbt_state *s, const hn_prune_context *context, int64_t number)
{
    const hn_trial_report *reports;
    size_t n = hn_history_reports(context->history, number, &reports);
    int64_t last = n ? reports[n - 1].step : 0;
    int64_t due = (last < s->most ? last : s->most - 1) / s->interval * s->interval;
    int64_t step = first_report_from(reports, n, due);
    bool settled = step < last || hn_is_paused(context, number);
    return settled ? step : first_report_from(reports, n, due - s->interval);
}

static int compare(const void *a, const void *b)
{
    const standing *x = a, *y = b;
    return x->loss != y->loss ? (x->loss > y->loss) - (x->loss < y->loss)
                              : (x->number > y->number) - (x->number < y->number);
}

/* All trials that reported the step and those before it, best first: *n of them. */
static hone_status rank(pbt_state *s, const hn_history *history, int64_t step, size_t *n, hone_error *err)
{
    size_t rows = hn_history_count(history);
    *n = 0;
    if (rows > s->capacity) {
        standing *grown = hn_realloc_array(s->standings, rows, sizeof *grown);
        if (!grown) {
            return hn_out_of_memory(err);
        }
        s->standings = grown;
        s->capacity = rows;
    }
    for (size_t i = 0; i < rows; i++) {
        const hn_trial_report *reports;
        double loss;
        size_t count = hn_history_reports(history, (int64_t)i, &reports);
        if (count && reports[0].step <= step && hn_history_state(history, (int64_t)i) != HONE_FAILED &&
            hn_rung_loss(history, (int64_t)i, step, &loss)) {
            s->standings[(*n)++] = (standing){(int64_t)i, loss};
        }
    }
    if (*n) {
        qsort(s->standings, *n, sizeof *s->standings, compare);
    }
    return HONE_OK;
}

/* How many of n make a quantile. */
static size_t part_of(const pbt_state *s, size_t n)
{
    return (size_t)(s->config.quantile * (double)n);
}

/* How many trials failed lately, one after the other, before they reported anything: clones, whose sources'
 * copies of checkpoints may be gone. */
static size_t count_stillborn(const hn_history *history)
{
    const hn_trial_report *reports;
    size_t n, count = 0;
    const int64_t *finished = hn_history_finished(history, &n);
    while (count < n && hn_history_state(history, finished[n - 1 - count]) == HONE_FAILED &&
           !hn_history_reports(history, finished[n - 1 - count], &reports)) {
        count++;
    }
    return count;
}

/* One of the best at the step that can be cloned and is in this state, for each stillborn clone one further
 * down; -1: there is none. rank() was called. */
static int64_t choose_source(const pbt_state *s, const hn_prune_context *context, size_t n,
                             hone_trial_state state)
{
    const hn_history *history = context->history;
    size_t first = count_stillborn(history), end = first + part_of(s, n), able = 0;
    hn_random random = hn_random_stream(context->seed, hn_history_count(history), HN_PURPOSE_EXPLORE);
    int64_t chosen = -1;
    for (size_t i = first; i < end && i < n; i++) {
        int64_t number = s->standings[i].number;
        bool fit = hn_history_state(history, number) == state && isfinite(s->standings[i].loss);
        if (fit && checkpoint_of(s, context, number) > 0 && hn_random_below(&random, ++able) == 0) {
            chosen = number;
        }
    }
    return chosen;
}

static bool is_among_worst(const pbt_state *s, size_t n, int64_t number)
{
    for (size_t i = n - part_of(s, n); i < n; i++) {
        if (s->standings[i].number == number) {
            return true;
        }
    }
    return false;
}

/* --- decisions --- */

/* Where a run that is at the step ends. */
static int64_t budget_after(const pbt_state *s, int64_t step)
{
    const hn_node *replay = s->config.replay;
    int64_t to = (step / s->interval + 1) * s->interval;
    for (size_t i = 0; replay && i < replay->count; i++) {
        hn_node_int(hn_map_get(replay->as.items[i], "to"), &to);
        if (to > step) {
            break;
        }
    }
    return to < s->most ? to : s->most;
}

static hn_next clone_of(const pbt_state *s, int64_t number, int64_t step)
{
    return (hn_next){.kind = HN_NEXT_CLONE, .number = number, .step = step, .budget = budget_after(s, step)};
}

/* The step at which the last trial that left the population did so. */
static int64_t step_of_loss(const pbt_state *s, const hn_history *history)
{
    size_t n;
    const int64_t *finished = hn_history_finished(history, &n);
    while (n > 0 && hn_history_state(history, finished[n - 1]) == HONE_COMPLETE) {
        n--;
    }
    int64_t step = n ? last_step(history, finished[n - 1]) / s->interval * s->interval : 0;
    return step ? step : s->interval;
}

/* A place in the population is free: a clone takes it, if any can be made; of one that has ended where none
 * of the best still trains, whose copies stay as long as the study runs. */
static hone_status refill(pbt_state *s, const hn_prune_context *context, hn_next *next, bool *found,
                          hone_error *err)
{
    size_t n;
    hone_status status = rank(s, context->history, step_of_loss(s, context->history), &n, err);
    int64_t source = status ? -1 : choose_source(s, context, n, HONE_RUNNING);
    if (!status && source < 0) {
        source = choose_source(s, context, n, HONE_COMPLETE);
    }
    *found = source >= 0;
    if (*found) {
        *next = clone_of(s, source, checkpoint_of(s, context, source));
    }
    return status;
}

/* The paused member that is behind the others: it goes on, or gives way. */
static hone_status go_on(pbt_state *s, const hn_prune_context *context, hn_next *next, hone_error *err)
{
    const hn_history *history = context->history;
    int64_t member = context->paused[0], step;
    size_t n;
    for (size_t i = 1; i < context->n_paused; i++) {
        bool behind = last_step(history, context->paused[i]) < last_step(history, member);
        member = behind ? context->paused[i] : member;
    }
    step = last_step(history, member);
    *next = (hn_next){.kind = HN_NEXT_RESUME, .number = member, .budget = budget_after(s, step)};
    if (step < s->interval) {
        return HONE_OK; /* its worker died */
    }
    hone_status status = rank(s, history, step, &n, err);
    if (!status && is_among_worst(s, n, member) && choose_source(s, context, n, HONE_RUNNING) >= 0) {
        *next = (hn_next){.kind = HN_NEXT_DROP, .number = member};
    }
    return status;
}

/* The one member pauses where the schedule changes, and a clone with the next settings goes on. */
static void replay_next(const pbt_state *s, const hn_prune_context *context, hn_next *next)
{
    const hn_history *history = context->history;
    int64_t rows = (int64_t)hn_history_count(history);
    *next = (hn_next){.kind = HN_NEXT_WAIT, .wait_ms = HN_SCHEDULE_WAIT_MS};
    if (!rows) {
        *next = (hn_next){.kind = HN_NEXT_START, .budget = budget_after(s, 0)};
    } else if (context->n_paused == 1 && context->paused[0] + 1 == rows) {
        *next = clone_of(s, context->paused[0], last_step(history, context->paused[0]));
    } else if (context->n_paused) {
        *next = (hn_next){.kind = HN_NEXT_DROP, .number = context->paused[0]};
    } else if (!hn_history_state_count(history, HONE_RUNNING)) {
        *next = (hn_next){.kind = HN_NEXT_DONE, .reason = "exhausted"};
    }
}

static hone_status next(void *state, const hn_prune_context *context, hn_next *next, hone_error *err)
{
    pbt_state *s = state;
    const hn_history *history = context->history;
    int64_t alive = (int64_t)hn_history_state_count(history, HONE_RUNNING),
            complete = (int64_t)hn_history_state_count(history, HONE_COMPLETE),
            begun =
                (int64_t)hn_history_count(history) - (int64_t)hn_history_state_count(history, HONE_WAITING);
    bool found = false;
    hone_status status = HONE_OK;
    if (s->config.replay) {
        replay_next(s, context, next);
        return HONE_OK;
    }
    if (begun < s->config.population && !context->exhausted) {
        *next = (hn_next){.kind = HN_NEXT_START, .budget = s->interval};
        return HONE_OK;
    }
    if (alive + complete < s->config.population && begun >= s->config.population) {
        status = refill(s, context, next, &found, err);
    }
    if (status || found) {
        return status;
    }
    if (context->n_paused > 0) {
        return go_on(s, context, next, err);
    }
    *next = alive > 0 ? (hn_next){.kind = HN_NEXT_WAIT, .wait_ms = HN_SCHEDULE_WAIT_MS}
                      : (hn_next){.kind = HN_NEXT_DONE, .reason = "exhausted"};
    return HONE_OK;
}

static hone_status judge(void *state, const hn_prune_context *context, int64_t number, int64_t step,
                         hn_verdict *verdict, hone_error *err)
{
    (void)number;
    (void)err;
    const pbt_state *s = state;
    bool at_end = context->budget ? step >= context->budget : step % s->interval == 0;
    *verdict = at_end && step < s->most ? HN_PAUSE : HN_CONTINUE;
    return HONE_OK;
}

/* --- exploring --- */

static bool may_change(const pbt_state *s, const hn_trial_param *param)
{
    const hn_node *names = s->config.params;
    bool named = !names;
    for (size_t i = 0; names && i < names->count; i++) {
        named = named || !strcmp(names->as.items[i]->as.string, param->name);
    }
    return named && !hn_distribution_is_constant(param->distribution);
}

static double draw_again(const hn_distribution *d, hn_random *random)
{
    return d->kind == HN_CATEGORICAL ? (double)hn_random_below(random, d->n_choices)
                                     : hn_distribution_decode(d, hn_random_uniform(random));
}

/* The next choice of an ordered list, or the one before; of others the same; a number times a factor. */
static double perturb(const pbt_state *s, const hn_distribution *d, double value, hn_random *random)
{
    bool up = hn_random_below(random, 2);
    if (d->kind == HN_CATEGORICAL) {
        double moved = value + (d->ordinal ? (up ? 1 : -1) : 0);
        return fmin(fmax(moved, 0), (double)d->n_choices - 1);
    }
    double moved = value * (up ? s->config.grow : s->config.shrink);
    return hn_distribution_decode(d, hn_distribution_encode(d, fmin(fmax(moved, d->low), d->high)));
}

/* The settings of the schedule from this step on. */
static hone_status follow_schedule(const pbt_state *s, int64_t step, hn_trial_param *params, size_t n,
                                   hone_error *err)
{
    const hn_node *list = s->config.replay, *settings = NULL;
    for (size_t i = 0; i < list->count && !settings; i++) {
        int64_t to = 0;
        hn_node_int(hn_map_get(list->as.items[i], "to"), &to);
        settings = to > step || i + 1 == list->count ? hn_map_get(list->as.items[i], "params") : NULL;
    }
    for (size_t i = 0; i < n; i++) {
        const hn_node *value = hn_map_get(settings, params[i].name);
        if (!value) {
            continue;
        }
        hone_status status = hn_distribution_from_value(params[i].name, params[i].distribution,
                                                        hn_value_from_node(value), &params[i].value, err);
        if (status) {
            return status;
        }
    }
    return HONE_OK;
}

static hone_status explore(void *state, const hn_prune_context *context, const hn_exploring *from,
                           hn_trial_param *params, size_t n, hone_error *err)
{
    const pbt_state *s = state;
    enum { ATTEMPTS = 1 << 10 };
    hn_random random = hn_random_stream(
        context->seed, (uint64_t)from->number * ATTEMPTS + (uint64_t)from->attempt, HN_PURPOSE_EXPLORE);
    if (s->config.replay) {
        return follow_schedule(s, from->step, params, n, err);
    }
    for (size_t i = 0; i < n && from->source >= 0; i++) {
        if (may_change(s, &params[i])) {
            bool again = hn_random_uniform(&random) < s->config.resample;
            params[i].value = again ? draw_again(params[i].distribution, &random)
                                    : perturb(s, params[i].distribution, params[i].value, &random);
        }
    }
    return HONE_OK;
}

#define FIELD(name) offsetof(pbt_config, name)

/* Of more intervals than there are places none is told. */
static size_t ladder(const void *state, int64_t *steps)
{
    const pbt_state *s = state;
    const hn_node *replay = s->config.replay;
    size_t n = replay ? replay->count : (size_t)((s->most - 1) / s->interval) + 1;
    if (n > HN_MOST_LADDER)
        return 0;
    for (size_t i = 0; i < n; i++) {
        steps[i] = i + 1 < n ? (int64_t)(i + 1) * s->interval : s->most;
        if (replay)
            hn_node_int(hn_map_get(replay->as.items[i], "to"), &steps[i]);
    }
    return n;
}

static const hn_option options[] = {
    {"population", HN_OPTION_INT, "8", 1, 1e6, NULL, FIELD(population), "trials that train side by side"},
    {"interval", HN_OPTION_INT, "0", 0, 1e15, NULL, FIELD(interval),
     "steps between two decisions; 0 = a tenth of max_resource"},
    {"max_resource", HN_OPTION_DOUBLE, "0", 0, 1e15, NULL, FIELD(max_resource),
     "the last step of a whole trial; a network's is its epochs"},
    {"quantile", HN_OPTION_DOUBLE, "0.25", 0, 0.5, NULL, FIELD(quantile),
     "the share of the worst that give way to clones of as many of the best"},
    {"resample", HN_OPTION_DOUBLE, "0.25", 0, 1, NULL, FIELD(resample),
     "how likely a clone's parameter is drawn anew"},
    {"shrink", HN_OPTION_DOUBLE, "0.8", 1e-6, 1e6, NULL, FIELD(shrink), "else it is multiplied by this"},
    {"grow", HN_OPTION_DOUBLE, "1.2", 1e-6, 1e6, NULL, FIELD(grow), "or by this"},
    {"params", HN_OPTION_NODE, NULL, 0, 0, NULL, FIELD(params),
     "names of the parameters that may change while a trial trains; unset: all"},
    {"replay", HN_OPTION_NODE, NULL, 0, 0, NULL, FIELD(replay),
     "a schedule found before, to train by: what `hone best --schedule` writes"},
};

const hn_pruner_type hn_pruner_pbt = {
    .name = "pbt",
    .help = "population-based training: the worst give way to clones of the best, with changed parameters",
    .options = {options, sizeof options / sizeof *options, sizeof(pbt_config)},
    .state_size = sizeof(pbt_state),
    .uses_reports = true,
    .init = init,
    .release = release,
    .next = next,
    .judge = judge,
    .explore = explore,
    .ladder = ladder,
};
