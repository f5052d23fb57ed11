/* sampler/auto.c: the default. Which sampler proposes the next trial follows from the goals and what the
 * study shows so far; what it rests on is in README.md:
 *
 * - Several goals: tpe, for the others know one.
 * - A scheduler estimates unfinished trials: tpe as in BOHB (Falkner et al. 2018), wide round the good ones,
 *   but half at random, for estimates may mislead.
 * - More than `gp_trials` trials: cmaes in an infinite space, for it goes on getting closer, in microseconds;
 *   else tpe, which knows what was tried.
 * - Else gp: the best after 25, 50 and 100 trials, in 2 or 200 dimensions. Every second time it takes the
 * values as they are: its power transform misleads where they lie in two heaps, as above and below a cliff.
 * - Different trials of equal value show plateaus, over which gp smooths; it looks for more where nothing
 *   changes. A forest is made of steps: rf takes turns with gp.
 * - Nothing better came for long: gp has become sure of what it no longer looks at. tpe, wide as above, takes
 *   turns with it, and gp learns from these trials.
 */
#include <math.h>

#include "base/log.h"
#include "math/statistics.h"
#include "sampler/sampler.h"

typedef struct auto_config {
    int64_t gp_trials, turn, patience;
    double ties;
} auto_config;

typedef enum auto_phase {
    UNDECIDED,
    SEVERAL,
    ESTIMATED,
    MANY,
    MANY_INFINITE,
    ALONE,
    PLATEAUS,
    STUCK
} auto_phase;

typedef struct auto_state {
    const auto_config *config;
    hn_sampler *gp, *plain, *rf, *cmaes, *tpe, *wide;
    auto_phase phase; /* the one named in the log last */
} auto_state;

static void release(void *state)
{
    auto_state *s = state;
    hn_sampler_destroy(s->gp);
    hn_sampler_destroy(s->plain);
    hn_sampler_destroy(s->rf);
    hn_sampler_destroy(s->cmaes);
    hn_sampler_destroy(s->tpe);
    hn_sampler_destroy(s->wide);
}

static hone_status create(const char *text, hn_sampler **sampler, hone_error *err)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_spec spec;
    hone_status status = hn_spec_from_text(&arena, text, "sampler", &spec, err);
    if (status == HONE_OK)
        status = hn_sampler_create(&spec, sampler, err);
    hn_arena_release(&arena);
    return status;
}

static hone_status init(void *state, const void *config, hone_error *err)
{
    auto_state *s = state;
    s->config = config;
    const char *const specs[] = {
        "gp", "gp:transform=none", "rf", "cmaes", "tpe", "tpe:random_share=0.5,spread=3"};
    hn_sampler **const samplers[] = {&s->gp, &s->plain, &s->rf, &s->cmaes, &s->tpe, &s->wide};
    hone_status status = HONE_OK;
    for (size_t i = 0; i < sizeof specs / sizeof *specs && status == HONE_OK; i++)
        status = create(specs[i], samplers[i], err);
    if (status != HONE_OK)
        release(s); /* which nobody calls after a failed init */
    return status;
}

static hone_status check(void *state, const hn_space *space, hone_error *err)
{
    const auto_state *s = state;
    hn_sampler *const used[] = {s->gp, s->plain, s->rf, s->cmaes, s->tpe, s->wide};
    hone_status status = HONE_OK;
    for (size_t i = 0; i < sizeof used / sizeof *used && status == HONE_OK; i++)
        status = hn_sampler_check(used[i], space, err);
    return status;
}

/* --- what the study shows --- */

enum {
    JUDGED_EVERY = 10
}; /* trials between two judgements, so that turns do not begin and end by the trial */

typedef struct outcomes {
    int64_t *numbers; /* (n,) of complete trials, ascending */
    double *losses;   /* (n,) */
    size_t n;
} outcomes;

/* The first trials in view, as many as are judged; none where one failed or broke a constraint, of which rf
 * makes no model. */
static hone_status collect(const hn_ask *ask, outcomes *o, hone_error *err)
{
    const hn_history *history = ask->view.history;
    int64_t rows = (int64_t)hn_history_count(history),
            end = ask->view.before < rows ? ask->view.before : rows;
    size_t known = hn_ask_known_count(ask), judged = known - known % JUDGED_EVERY;
    *o = (outcomes){HN_ARENA_NEW(ask->scratch, int64_t, judged), HN_ARENA_NEW(ask->scratch, double, judged),
                    0};
    if (!o->numbers || !o->losses)
        return hn_out_of_memory(err);
    for (int64_t number = 0; number < end; number++) {
        hone_trial_state state = hn_history_state(history, number);
        if (state == HONE_FAILED || (state == HONE_COMPLETE && hn_history_violation(history, number) > 0)) {
            o->n = 0;
            return HONE_OK;
        }
        if (state != HONE_COMPLETE || o->n == judged)
            continue;
        o->numbers[o->n] = number;
        o->losses[o->n++] = hn_history_loss(history, number, 0);
    }
    return HONE_OK;
}

static bool differ(const hn_history *history, int64_t a, int64_t b)
{
    for (size_t c = 0; c < hn_history_column_count(history); c++) {
        bool has = hn_history_has(history, a, c);
        if (has != hn_history_has(history, b, c) ||
            (has && hn_history_cell(history, a, c) != hn_history_cell(history, b, c)))
            return true;
    }
    return false;
}

/* The share of the trials whose value another one has that was not the same point; order (n,): by loss. */
static double share_of_ties(const hn_history *history, const outcomes *o, const size_t *order, bool *tied)
{
    for (size_t i = 1; i < o->n; i++) {
        size_t a = order[i - 1], b = order[i];
        if (o->losses[a] == o->losses[b] && isfinite(o->losses[a]) &&
            differ(history, o->numbers[a], o->numbers[b]))
            tied[a] = tied[b] = true;
    }
    size_t count = 0;
    for (size_t i = 0; i < o->n; i++)
        count += tied[i];
    return (double)count / (double)o->n;
}

/* How many trials the last better one is ago; better by a thousandth of what the best is below the median,
 * for a search that is stuck goes on finding traces. */
static size_t count_since_better(const outcomes *o, const size_t *order)
{
    double least = (o->losses[order[o->n / 2]] - o->losses[order[0]]) * 1e-3, best = INFINITY;
    size_t last = 0;
    for (size_t i = 0; i < o->n; i++)
        if (o->losses[i] < best - (isinf(best) ? 0 : least)) {
            best = o->losses[i];
            last = i;
        }
    return o->n - 1 - last;
}

/* What the trials that are judged say of gp. */
static hone_status find_trouble(const auto_config *config, const hn_ask *ask, auto_phase *phase,
                                hone_error *err)
{
    outcomes o;
    *phase = ALONE;
    hone_status status = collect(ask, &o, err);
    if (status != HONE_OK || o.n == 0)
        return status;
    size_t *order = HN_ARENA_NEW(ask->scratch, size_t, o.n);
    bool *tied = HN_ARENA_NEW(ask->scratch, bool, o.n);
    if (!order || !tied)
        return hn_out_of_memory(err);
    hn_argsort(o.losses, o.n, order);
    double ties = share_of_ties(ask->view.history, &o, order, tied);
    if (config->turn && ties > 0 && ties >= config->ties)
        *phase = PLATEAUS;
    else if (config->patience && count_since_better(&o, order) >= (size_t)config->patience)
        *phase = STUCK;
    return HONE_OK;
}

/* --- whom it asks --- */

/* by_run: asked for one value after the other, where the space is not known as a whole. */
static hone_status find_phase(const auto_config *config, const hn_ask *ask, bool by_run, auto_phase *phase,
                              hone_error *err)
{
    hone_status status = HONE_OK;
    if (hn_history_objective_count(ask->view.history) > 1) {
        *phase = SEVERAL;
    } else if (ask->estimates) {
        *phase = ESTIMATED;
    } else if (hn_ask_known_count(ask) > (size_t)config->gp_trials) {
        *phase = by_run || isfinite(hn_space_count(ask->space)) ? MANY : MANY_INFINITE;
    } else {
        status = find_trouble(config, ask, phase, err);
    }
    return status;
}

static void report(auto_state *s, auto_phase phase, const hn_ask *ask)
{
    static const char *const reasons[] = {
        [SEVERAL] = "tpe, because there are several goals",
        [ESTIMATED] = "tpe, wide and half at random, because short trials are estimated",
        [MANY] = "tpe, because there are many trials, of which it learns quickly",
        [MANY_INFINITE] = "cmaes, because there are many trials, and it goes on getting closer",
        [ALONE] = "gp, because there is one goal and each trial counts",
        [PLATEAUS] = "gp and rf in turns, because values of different trials are equal: there are plateaus",
        [STUCK] =
            "gp and tpe in turns, tpe wide and half at random, because nothing better was found for long",
    };
    if (phase == s->phase)
        return;
    s->phase = phase;
    hn_log(HN_LOG_INFO, "sampler auto: from trial %lld on %s", (long long)ask->number, reasons[phase]);
}

/* n: points of this ask, 0 when by run. A batch is left to gp, which plans it as a whole, but for the half
 * that is tpe's where gp is stuck: *n_wide of the points, behind those of *chosen. */
static hone_status choose(auto_state *s, const hn_ask *ask, size_t n, hn_sampler **chosen, size_t *n_wide,
                          hone_error *err)
{
    auto_phase phase;
    hone_status status = find_phase(s->config, ask, n == 0, &phase, err);
    if (status != HONE_OK)
        return status;
    report(s, phase, ask);
    *n_wide = 0;
    switch (phase) {
    case MANY_INFINITE: *chosen = s->cmaes; break;
    case PLATEAUS: *chosen = n <= 1 && ask->number % s->config->turn == 0 ? s->rf : s->gp; break;
    case STUCK:
        *chosen = n <= 1 && ask->number % 2 == 0 ? s->wide : s->gp;
        *n_wide = n / 2;
        break;
    case ALONE: *chosen = ask->number / (int64_t)(n > 1 ? n : 1) % 2 ? s->plain : s->gp; break;
    case ESTIMATED: *chosen = s->wide; break;
    default: *chosen = s->tpe; break;
    }
    return HONE_OK;
}

static hone_status propose(void *state, const hn_ask *ask, size_t n, hn_point *points, size_t *count,
                           hone_error *err)
{
    auto_state *s = state;
    hn_sampler *chosen;
    size_t n_wide, n_rest;
    hone_status status = choose(s, ask, n, &chosen, &n_wide, err);
    if (status == HONE_OK)
        status = hn_sampler_propose(chosen, ask, NULL, n - n_wide, points, count, err);
    if (status != HONE_OK || n_wide == 0)
        return status;
    hn_ask rest = *ask;
    rest.number += (int64_t)(n - n_wide);
    status = hn_sampler_propose(s->wide, &rest, NULL, n_wide, points + *count, &n_rest, err);
    *count += status == HONE_OK ? n_rest : 0;
    return status;
}

static hone_status propose_one(void *state, const hn_ask *ask, size_t parameter, const hn_point *partial,
                               double *value, hone_error *err)
{
    hn_sampler *chosen;
    size_t n_wide;
    hone_status status = choose(state, ask, 0, &chosen, &n_wide, err);
    return status != HONE_OK ? status : hn_sampler_propose_one(chosen, ask, parameter, partial, value, err);
}

static const hn_option options[] = {
    {.name = "gp_trials",
     .type = HN_OPTION_INT,
     .default_text = "300",
     .low = 0,
     .high = 1e9,
     .offset = offsetof(auto_config, gp_trials),
     .help = "with one goal: trials told up to which gp proposes; after that cmaes, tpe in a finite space"},
    {.name = "ties",
     .type = HN_OPTION_DOUBLE,
     .default_text = "0.15",
     .low = 0,
     .high = 1,
     .offset = offsetof(auto_config, ties),
     .help = "with one goal: share of the trials that have another one's value, at another point, from which "
             "rf takes turns with gp; looked at after every 10 trials"},
    {.name = "turn",
     .type = HN_OPTION_INT,
     .default_text = "3",
     .low = 0,
     .high = 1e9,
     .offset = offsetof(auto_config, turn),
     .help = "rf then proposes every trial whose number is a multiple of this; 0: never"},
    {.name = "patience",
     .type = HN_OPTION_INT,
     .default_text = "15",
     .low = 0,
     .high = 1e9,
     .offset = offsetof(auto_config, patience),
     .help =
         "with one goal: trials without a better one after which tpe takes turns with gp; looked at after "
         "every 10 trials; 0: never"},
};

const hn_sampler_type hn_sampler_auto = {
    .name = "auto",
    .help = "the default: gp, with rf where there are plateaus; cmaes for many trials, tpe for several goals",
    .capabilities = HN_SAMPLER_WHOLE | HN_SAMPLER_SINGLE | HN_SAMPLER_CONDITIONAL |
                    HN_SAMPLER_MULTI_OBJECTIVE | HN_SAMPLER_EARLIER,
    .options = {options, sizeof options / sizeof *options, sizeof(auto_config)},
    .state_size = sizeof(auto_state),
    .init = init,
    .release = release,
    .check = check,
    .propose = propose,
    .propose_one = propose_one,
};
