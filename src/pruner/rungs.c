/* `rungs`: a scheduler with one model over all rungs. Trials pause at rungs, steps that grow by a factor up
 * to a whole trial. A model of the losses at all rungs (surrogate/rungs.h) says what each trial would come
 * to. A free worker
 *
 * - begins with n_startup trials on the lowest rung, of which half go on to each next rung;
 * - then serves the rung that is furthest below its share of the steps, that which it would have if 1/factor
 * of the trials on each rung went on: on the lowest by a new trial, else by the paused trial of the rung
 * below from which most improvement is expected at full length; every third time on the last rung by the one
 * that is expected to come to the least loss;
 * - begins a new trial when nothing else can be done: nobody waits while new trials may begin.
 *
 * When none may, the paused trials go on in the order of their expected improvement until the others are
 * unlikely to beat the best complete one. Until then none is dropped: to wait costs nothing, and early
 * predictions of who has no chance are wrong too often.
 *
 * Samplers are not told what the model expects but, as in BOHB, what trials reported on the highest rung on
 * which there are enough: a model's errors would draw new trials to where it errs.
 */
#include <math.h>

#include "pruner/resource.h"
#include "pruner/rung_model.h"
#include "surrogate/acquisition.h"

enum {
    ENOUGH_COMPLETE = 3, /* trials before any is dropped */
    FINISH_EVERY = 3,    /* of the trials on the last rung one is the best by its mean */
};

typedef struct rungs_config {
    const char *resource;
    const hn_node *min_resource, *max_resource;
    int64_t factor, n_startup, max_points;
    double least_chance;
} rungs_config;

typedef struct rungs_state {
    const rungs_config *config;
    int64_t min_resource, max_resource; /* as given, or HN_RESOURCE_AUTO */
    hn_schedule schedule;               /* n_rungs 0: the last step is not known yet */
    hn_rung_model model;
} rungs_state;

/* --- the rungs --- */

static void set_rungs(rungs_state *s, int64_t most)
{
    int64_t least = s->min_resource == HN_RESOURCE_AUTO ? hn_schedule_lowest(most) : s->min_resource;
    hn_schedule_of_hyperband(least < most ? least : most, most, s->config->factor, &s->schedule);
    s->schedule.n_brackets = 1;
}

static hone_status init(void *state, const void *config, hone_error *err)
{
    rungs_state *s = state;
    const rungs_config *c = s->config = config;
    hone_status status =
        hn_resources_read("rungs", c->min_resource, c->max_resource, &s->min_resource, &s->max_resource, err);
    if (!status && s->max_resource != HN_RESOURCE_AUTO)
        set_rungs(s, s->max_resource);
    return status;
}

static void release(void *state)
{
    hn_rung_model_release(&((rungs_state *)state)->model);
}

/* Where it is not given, a whole trial is as long as the first one (by number) that is complete. */
static void find_rungs(rungs_state *s, const hn_history *history)
{
    size_t rows = hn_history_count(history);
    for (size_t i = 0; i < rows && s->max_resource == HN_RESOURCE_AUTO; i++) {
        const hn_trial_report *reports;
        size_t n = hn_history_reports(history, (int64_t)i, &reports);
        if (hn_history_state(history, (int64_t)i) == HONE_COMPLETE && n > 0 && reports[n - 1].step > 0) {
            set_rungs(s, reports[n - 1].step);
            return;
        }
    }
    if (s->max_resource == HN_RESOURCE_AUTO)
        s->schedule.n_rungs = 0;
}

static hone_status update(rungs_state *s, const hn_prune_context *context, hone_error *err)
{
    find_rungs(s, context->history);
    return s->schedule.n_rungs
               ? hn_rung_model_update(&s->model, &s->schedule, context, (size_t)s->config->max_points, err)
               : HONE_OK;
}

/* --- what a place is worth --- */

static double variance_of(const hn_rung_place *p)
{
    return fmax(p->deviation * p->deviation, 1e-300);
}

/* What is to be improved upon. */
static double incumbent_of(const hn_rung_model *model)
{
    double best = model->incumbent;
    for (size_t i = 0; i < model->n && !model->n_complete; i++)
        if (model->places[i].reached > 0)
            best = fmin(best, model->places[i].mean);
    return isfinite(best) ? best : 0;
}

typedef enum merit { BY_IMPROVEMENT, BY_MEAN } merit;

/* The best paused trial that rests on the rung before `rung` (0: on any); NULL: there is none. */
static const hn_rung_place *best_place(const rungs_state *s, size_t rung, merit by)
{
    static const hn_acquisition improvement = {.kind = HN_ACQUISITION_LOG_EI};
    const hn_rung_place *best = NULL;
    double most = -INFINITY, incumbent = incumbent_of(&s->model);
    for (size_t i = 0; i < s->model.n; i++) {
        const hn_rung_place *p = &s->model.places[i];
        if (!p->paused || p->reached == 0 || (rung && p->reached != rung))
            continue;
        double value = by == BY_MEAN
                           ? -p->mean
                           : hn_acquisition_of(&improvement, p->mean, variance_of(p), incumbent).value;
        if (!best || value > most) {
            best = p;
            most = value;
        }
    }
    return best;
}

/* The first paused trial that was interrupted between two rungs. */
static const hn_rung_place *interrupted(const hn_rung_model *model)
{
    for (size_t i = 0; i < model->n; i++)
        if (model->places[i].paused && !model->places[i].rests)
            return &model->places[i];
    return NULL;
}

/* The first paused trial that has hardly a chance. */
static const hn_rung_place *hopeless(const rungs_state *s)
{
    if (s->model.n_complete < ENOUGH_COMPLETE)
        return NULL;
    for (size_t i = 0; i < s->model.n; i++) {
        const hn_rung_place *p = &s->model.places[i];
        if (p->paused && p->reached > 0 &&
            exp(hn_acquisition_log_below(p->mean, variance_of(p), s->model.incumbent).value) <
                s->config->least_chance)
            return p;
    }
    return NULL;
}

/* --- decisions --- */

static bool resume(const rungs_state *s, const hn_rung_place *p, size_t rung, hn_next *next)
{
    if (p)
        *next = (hn_next){
            .kind = HN_NEXT_RESUME, .number = p->number, .budget = s->schedule.rungs[rung].resource};
    return p != NULL;
}

static bool start(const rungs_state *s, const hn_prune_context *context, hn_next *next)
{
    if (!context->exhausted)
        *next = (hn_next){.kind = HN_NEXT_START, .budget = s->schedule.rungs[0].resource};
    return !context->exhausted;
}

/* So many begin, half as many go on, and so forth. False: that is done, or waits for who runs. */
static bool begins(const rungs_state *s, const hn_prune_context *context, hn_next *next)
{
    int64_t wanted = s->config->n_startup;
    if ((int64_t)s->model.heading[0] < wanted && start(s, context, next))
        return true;
    for (size_t k = 1; k < s->schedule.n_rungs; k++) {
        wanted = wanted > 1 ? wanted / 2 : 1;
        if ((int64_t)s->model.heading[k] < wanted && resume(s, best_place(s, k, BY_MEAN), k, next))
            return true;
    }
    return false;
}

/* Steps up to the rung from the one before, for each trial that begins, if 1/factor go on. */
static double share_of(const hn_schedule *schedule, size_t rung)
{
    int64_t before = rung ? schedule->rungs[rung - 1].resource : 0;
    return (double)(schedule->rungs[rung].resource - before) / pow((double)schedule->factor, (double)rung);
}

static bool serves(const rungs_state *s, const hn_prune_context *context, size_t rung, hn_next *next)
{
    bool last = rung + 1 == s->schedule.n_rungs;
    if (rung == 0)
        return start(s, context, next);
    if (last && s->model.heading[rung] % FINISH_EVERY == FINISH_EVERY - 1 &&
        resume(s, best_place(s, 0, BY_MEAN), rung, next))
        return true;
    return resume(s, best_place(s, rung, BY_IMPROVEMENT), rung, next);
}

/* The rungs in the order of what they lack. */
static bool follows_shares(const rungs_state *s, const hn_prune_context *context, hn_next *next)
{
    bool tried[HN_MOST_RUNGS] = {false};
    double all = 0;
    for (size_t k = 0; k < s->schedule.n_rungs; k++)
        all += share_of(&s->schedule, k);
    for (size_t round = 0; round < s->schedule.n_rungs; round++) {
        size_t poorest = 0;
        double most = -INFINITY;
        for (size_t k = 0; k < s->schedule.n_rungs; k++) {
            double lack =
                share_of(&s->schedule, k) / all * (double)s->model.total - (double)s->model.spent[k];
            if (!tried[k] && lack > most) {
                most = lack;
                poorest = k;
            }
        }
        tried[poorest] = true;
        if (serves(s, context, poorest, next))
            return true;
    }
    return false;
}

/* No new trial may begin: what is left goes on in the order of its worth. */
static void winds_up(const rungs_state *s, const hn_prune_context *context, hn_next *next)
{
    size_t n_running;
    hn_history_running(context->history, &n_running);
    const hn_rung_place *p = best_place(s, 0, BY_IMPROVEMENT);
    *next = n_running > context->n_paused ? (hn_next){.kind = HN_NEXT_WAIT, .wait_ms = HN_SCHEDULE_WAIT_MS}
                                          : (hn_next){.kind = HN_NEXT_DONE, .reason = "exhausted"};
    resume(s, p, p ? p->reached : 0, next);
}

/* The last step of a whole trial is not known: trials run to their end. */
static void next_of_unknown(const hn_prune_context *context, hn_next *next)
{
    size_t n_running;
    hn_history_running(context->history, &n_running);
    if (context->n_paused)
        *next = (hn_next){.kind = HN_NEXT_RESUME, .number = context->paused[0]};
    else if (!context->exhausted)
        *next = (hn_next){.kind = HN_NEXT_START};
    else if (n_running)
        *next = (hn_next){.kind = HN_NEXT_WAIT, .wait_ms = HN_SCHEDULE_WAIT_MS};
    else
        *next = (hn_next){.kind = HN_NEXT_DONE, .reason = "exhausted"};
}

static hone_status next(void *state, const hn_prune_context *context, hn_next *next, hone_error *err)
{
    rungs_state *s = state;
    hone_status status = update(s, context, err);
    if (status)
        return status;
    if (!s->schedule.n_rungs) {
        next_of_unknown(context, next);
        return HONE_OK;
    }
    const hn_rung_place *broken_off = interrupted(&s->model), *lost = context->exhausted ? hopeless(s) : NULL;
    if (resume(s, broken_off, broken_off ? broken_off->reached : 0, next))
        return HONE_OK;
    if (lost)
        *next = (hn_next){.kind = HN_NEXT_DROP, .number = lost->number};
    else if (!begins(s, context, next)) {
        if (context->exhausted)
            winds_up(s, context, next);
        else
            follows_shares(s, context, next);
    }
    return HONE_OK;
}

/* A training that broke down ends; at its budget a trial pauses. */
static hone_status judge(void *state, const hn_prune_context *context, int64_t number, int64_t step,
                         hn_verdict *verdict, hone_error *err)
{
    rungs_state *s = state;
    const hn_trial_report *reports;
    size_t n = hn_history_reports(context->history, number, &reports);
    (void)err;
    find_rungs(s, context->history);
    *verdict = HN_CONTINUE;
    if (n && isnan(reports[n - 1].value))
        *verdict = HN_STOP;
    else if (s->schedule.n_rungs)
        *verdict = hn_schedule_judge(&s->schedule, 0, context, number, step);
    return HONE_OK;
}

static hone_status estimate(void *state, const hn_prune_context *context, hn_arena *scratch,
                            hn_estimates *estimates, hone_error *err)
{
    rungs_state *s = state;
    find_rungs(s, context->history);
    return s->schedule.n_rungs ? hn_schedule_estimate(&s->schedule, context, scratch, estimates, err)
                               : HONE_OK;
}

static size_t ladder(const void *state, int64_t *steps)
{
    return hn_schedule_ladder(&((const rungs_state *)state)->schedule, steps);
}

static const hn_option options[] = {
    HN_RESOURCE_OPTION(rungs_config),
    {.name = "min_resource",
     .type = HN_OPTION_NODE,
     .default_text = "auto",
     .offset = offsetof(rungs_config, min_resource),
     .help = "the lowest rung, in steps; auto: a sixteenth of max_resource, at least 2"},
    {.name = "max_resource",
     .type = HN_OPTION_NODE,
     .default_text = "auto",
     .offset = offsetof(rungs_config, max_resource),
     .help =
         "the last step of a whole trial; auto: that of the first complete one, until then trials run to their "
         "end"},
    {.name = "factor",
     .type = HN_OPTION_INT,
     .default_text = "4",
     .low = 2,
     .high = 1e6,
     .offset = offsetof(rungs_config, factor),
     .help = "a rung is at so many times the steps of the one below, and 1/factor of the trials there go on"},
    {.name = "n_startup",
     .type = HN_OPTION_INT,
     .default_text = "12",
     .low = 1,
     .high = 1e6,
     .offset = offsetof(rungs_config, n_startup),
     .help = "trials on the lowest rung with which the search begins; half of them go on to each next rung"},
    {.name = "least_chance",
     .type = HN_OPTION_DOUBLE,
     .default_text = "0.05",
     .low = 0,
     .high = 1,
     .offset = offsetof(rungs_config, least_chance),
     .help =
         "when no new trial may begin, a paused one ends when its chance to beat the best complete one is smaller, "
         "of which there are three"},
    {.name = "max_points",
     .type = HN_OPTION_INT,
     .default_text = "80",
     .low = 10,
     .high = 2000,
     .offset = offsetof(rungs_config, max_points),
     .help = "trials to which the model of a rung is fitted: the best half, and some of the others"},
};

const hn_pruner_type hn_pruner_rungs = {
    .name = "rungs",
    .help = "one model over all rungs decides which paused trial goes on and when a new one begins",
    .options = {options, sizeof options / sizeof *options, sizeof(rungs_config)},
    .state_size = sizeof(rungs_state),
    .uses_reports = true,
    .init = init,
    .release = release,
    .next = next,
    .judge = judge,
    .estimate = estimate,
    .ladder = ladder,
};
