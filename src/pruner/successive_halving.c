/* Successive halving (Karnin, Koren & Somekh 2013; Jamieson & Talwalkar 2016), synchronous: n candidates run
 * up to the first rung's resource (a step) and pause; when all are there the best 1/factor go on to the next
 * rung, with factor times the resource, and the others end PRUNED; those of the last rung run to their end.
 * Then the next n begin. How many get what is scikit-learn's (halving_plan.h).
 *
 * Rungs of one resource, which aggressive elimination has, are one rung here: running a candidate again would
 * tell nothing new. Everything follows from the history and from which trials are paused: trials in the order
 * of their numbers, n at a time, make a bracket, and where a candidate stands is what it has reported. A
 * candidate that failed or ended by itself keeps its place among the n, and is not promoted. A trial that was
 * paused before its rung (its worker died) is resumed first. O(trials of the bracket * rungs) a decision.
 */
#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/number.h"
#include "pruner/halving_plan.h"
#include "pruner/pruner.h"
#include "pruner/reports.h"

enum { WAIT_MS = 50 };

typedef struct halving_config {
    const char *resource;
    double min_resource, max_resource;
    int64_t n_candidates, factor;
    bool aggressive;
} halving_config;

typedef struct rung {
    int64_t resource;
    int64_t eliminations; /* how often the candidates are divided by the factor after it; 0: the last */
} rung;

typedef struct candidate {
    int64_t number;
    bool paused, there; /* at the rung looked at */
    double loss;        /* at the rung; infinite = none, or NaN */
} candidate;

typedef struct halving_state {
    int64_t n, factor; /* n: candidates of a bracket */
    rung rungs[HN_MOST_RUNGS];
    size_t n_rungs;
    candidate *candidates; /* (capacity,): those of the bracket that have not ended */
    size_t capacity;
} halving_state;

/* --- the rungs --- */

static hone_status check_steps(const char *name, double value, hone_error *err)
{
    char text[HN_NUMBER_SIZE];
    hn_format_double(text, value);
    return value == floor(value)
               ? HONE_OK
               : hn_fail(err, HONE_INVALID,
                         "pruner successive_halving: %s is %s; a share is for resource: rows of a built-in "
                         "model, else it is a number of steps",
                         name, text);
}

static hone_status init(void *state, const void *config, hone_error *err)
{
    halving_state *s = state;
    const halving_config *c = config;
    hn_halving_rung rungs[HN_MOST_RUNGS];
    hone_status status = check_steps("min_resource", c->min_resource, err);
    if (status == HONE_OK) {
        status = check_steps("max_resource", c->max_resource, err);
    }
    if (status != HONE_OK) {
        return status;
    }
    int64_t least = (int64_t)c->min_resource, most = (int64_t)c->max_resource;
    if (most < 1 || least > most) {
        return hn_fail(
            err, HONE_INVALID,
            most < 1 ? "pruner successive_halving: max_resource, the last step of a whole trial, is needed"
                     : "pruner successive_halving: min_resource %lld is more than max_resource %lld",
            (long long)least, (long long)most);
    }
    s->n = c->n_candidates ? c->n_candidates : most / (least ? least : 1);
    s->factor = c->factor;
    size_t n = hn_halving_plan(&(hn_halving_options){.min_resource = least,
                                                     .smallest = 1,
                                                     .max_resource = most,
                                                     .n_candidates = s->n,
                                                     .factor = c->factor,
                                                     .aggressive = c->aggressive},
                               rungs);
    for (size_t i = 0; i < n; i++) {
        if (!i || rungs[i].resource != rungs[i - 1].resource) {
            s->rungs[s->n_rungs++].resource = rungs[i].resource;
        }
        s->rungs[s->n_rungs - 1].eliminations += i + 1 < n;
    }
    s->rungs[s->n_rungs - 1].eliminations = 0;
    return HONE_OK;
}

static void release(void *state)
{
    hn_free(((halving_state *)state)->candidates);
}

/* --- the candidates --- */

static bool is_paused(const hn_prune_context *context, int64_t number)
{
    size_t low = 0, high = context->n_paused;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (context->paused[middle] < number) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < context->n_paused && context->paused[low] == number;
}

/* Where it stands to a rung: its first report at the resource, or after. */
static void look(const hn_history *history, int64_t resource, candidate *c)
{
    const hn_trial_report *reports;
    size_t n = hn_history_reports(history, c->number, &reports), i = 0;
    while (i < n && reports[i].step < resource) {
        i++;
    }
    double loss = i < n ? hn_report_loss(history, reports[i].value) : INFINITY;
    c->there = i < n;
    c->loss = isnan(loss) ? INFINITY : loss;
}

/* The last bracket: *n of its candidates have not ended; *begun = how many it has in all. */
static hone_status list(halving_state *s, const hn_prune_context *context, size_t *n, int64_t *begun,
                        hone_error *err)
{
    const hn_history *history = context->history;
    size_t rows = hn_history_count(history), running = hn_history_state_count(history, HONE_RUNNING);
    int64_t all = 0, seen = 0;
    if (running > s->capacity) {
        candidate *grown = hn_realloc_array(s->candidates, running, sizeof *grown);
        if (grown == NULL) {
            return hn_out_of_memory(err);
        }
        s->candidates = grown;
        s->capacity = running;
    }
    for (size_t i = 0; i < rows; i++) {
        all += hn_history_state(history, (int64_t)i) != HONE_WAITING; /* a gap is WAITING, too */
    }
    int64_t first = all ? (all - 1) / s->n * s->n : 0;
    *n = 0;
    for (size_t i = 0; i < rows; i++) {
        hone_trial_state trial_state = hn_history_state(history, (int64_t)i);
        if (trial_state == HONE_RUNNING && seen >= first) {
            s->candidates[(*n)++] =
                (candidate){.number = (int64_t)i, .paused = is_paused(context, (int64_t)i)};
        }
        seen += trial_state != HONE_WAITING;
    }
    *begun = all - first;
    return HONE_OK;
}

static int compare(const void *a, const void *b)
{
    const candidate *x = a, *y = b;
    return x->loss != y->loss ? (x->loss > y->loss) - (x->loss < y->loss)
                              : (x->number > y->number) - (x->number < y->number);
}

/* --- decisions --- */

/* A candidate that has yet to reach the rung (of the last rung: to end) is resumed, or waited for. False: all
 * are there; of those that are not paused some are told just now, others run for a rung above. */
static bool is_unfinished(const candidate *candidates, size_t n, const rung *at, hn_next *next)
{
    bool pending = false, last = !at->eliminations;
    *next = (hn_next){.kind = HN_NEXT_WAIT, .wait_ms = WAIT_MS};
    for (size_t i = 0; i < n; i++) {
        const candidate *c = &candidates[i];
        if (c->paused && (last || !c->there)) {
            *next = (hn_next){.kind = HN_NEXT_RESUME, .number = c->number, .budget = at->resource};
            return true;
        }
        pending = pending || last || !c->there;
    }
    return pending;
}

/* The worst of those that are not among the best `kept` ends, or is waited for until it is paused. */
static bool drops(const candidate *candidates, size_t n, int64_t kept, hn_next *next)
{
    if (n <= (size_t)kept) {
        return false;
    }
    *next = (hn_next){.kind = HN_NEXT_WAIT, .wait_ms = WAIT_MS};
    for (size_t i = n; i-- > (size_t)kept;) {
        if (candidates[i].paused) {
            *next = (hn_next){.kind = HN_NEXT_DROP, .number = candidates[i].number};
            break;
        }
    }
    return true;
}

static hone_status next(void *state, const hn_prune_context *context, hn_next *next, hone_error *err)
{
    halving_state *s = state;
    size_t n = 0;
    int64_t begun = 0, kept;
    hone_status status = list(s, context, &n, &begun, err);
    if (status != HONE_OK) {
        return status;
    }
    kept = begun;
    for (size_t r = 0; r < s->n_rungs && n > 0; r++) {
        const rung *at = &s->rungs[r];
        for (size_t i = 0; i < n; i++) {
            look(context->history, at->resource, &s->candidates[i]);
        }
        bool pending = is_unfinished(s->candidates, n, at, next);
        bool open = r == 0 && begun < s->n && !context->exhausted;
        if (pending && (next->kind == HN_NEXT_RESUME || !open)) {
            return HONE_OK;
        }
        if (open) {
            break;
        }
        for (int64_t i = 0; i < at->eliminations; i++) {
            kept = (kept - 1) / s->factor + 1;
        }
        qsort(s->candidates, n, sizeof *s->candidates, compare);
        if (drops(s->candidates, n, kept, next)) {
            return HONE_OK;
        }
    }
    *next = context->exhausted ? (hn_next){.kind = HN_NEXT_DONE, .reason = "exhausted"}
                               : (hn_next){.kind = HN_NEXT_START, .budget = s->rungs[0].resource};
    return HONE_OK;
}

/* At its budget a trial pauses, but in the last rung. Where the budget is not known (the trial was taken up
 * by its number) it pauses when it first comes to a rung. */
static hone_status judge(void *state, const hn_prune_context *context, int64_t number, int64_t step,
                         hn_verdict *verdict, hone_error *err)
{
    (void)err;
    const halving_state *s = state;
    const hn_trial_report *reports;
    int64_t budget = context->budget, last = s->rungs[s->n_rungs - 1].resource, before = 0;
    size_t n = hn_history_reports(context->history, number, &reports);
    for (size_t i = 0; i < n && reports[i].step < step; i++) {
        before = reports[i].step;
    }
    for (size_t r = 0; r < s->n_rungs && budget == 0; r++) {
        budget = s->rungs[r].resource > before ? s->rungs[r].resource : 0;
    }
    *verdict = budget && budget < last && step >= budget ? HN_PAUSE : HN_CONTINUE;
    return HONE_OK;
}

static const hn_option options[] = {
    {.name = "resource",
     .type = HN_OPTION_STRING,
     .offset = offsetof(halving_config, resource),
     .help =
         "what a built-in model gets more of: rows (the default), or an integer option of it; a program gets steps"},
    {.name = "min_resource",
     .type = HN_OPTION_DOUBLE,
     .default_text = "0",
     .low = 0,
     .high = 1e15,
     .offset = offsetof(halving_config, min_resource),
     .help = "of the first rung; 0 = as much as lets the last rung have max_resource; of rows also a share"},
    {.name = "max_resource",
     .type = HN_OPTION_DOUBLE,
     .default_text = "0",
     .low = 0,
     .high = 1e15,
     .offset = offsetof(halving_config, max_resource),
     .help =
         "at most so much; 0 = all rows, or the model's option as it stands; a program's last step must be given"},
    {.name = "n_candidates",
     .type = HN_OPTION_INT,
     .default_text = "0",
     .low = 0,
     .high = 1e9,
     .offset = offsetof(halving_config, n_candidates),
     .help = "settings that begin together; 0 = the grid, or trials, or max_resource / min_resource"},
    {.name = "factor",
     .type = HN_OPTION_INT,
     .default_text = "3",
     .low = 2,
     .high = 1e6,
     .offset = offsetof(halving_config, factor),
     .help = "one of so many goes on, with so many times the resource"},
    {.name = "aggressive_elimination",
     .type = HN_OPTION_BOOL,
     .default_text = "false",
     .offset = offsetof(halving_config, aggressive),
     .help = "with many candidates, eliminate at min_resource until max_resource is enough for the rest"},
};

const hn_pruner_type hn_pruner_successive_halving = {
    .name = "successive_halving",
    .help = "many settings with little resource, the best third of them with three times as much, and so on",
    .options = {options, sizeof options / sizeof *options, sizeof(halving_config)},
    .state_size = sizeof(halving_state),
    .uses_reports = true,
    .init = init,
    .release = release,
    .next = next,
    .judge = judge,
};
