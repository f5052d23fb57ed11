/* sampler/de.c: differential evolution (Storn & Price 1997) without generations: each new trial competes with
 * the holder of its place (de_population.h).
 *
 * Genes are places on the unit interval of each parameter's scale, or a choice. Where two donors' choices
 * differ, a mutant has a random one with probability F, the counterpart of their difference. A parameter that
 * a trial lacks has a random gene of its own, so that conditional spaces need nothing else. */
#include <math.h>

#include "base/error.h"
#include "math/sequence.h"
#include "sampler/common.h"
#include "sampler/de_population.h"
#include "sampler/draw.h"
#include "sampler/earlier.h"
#include "sampler/sampler.h"

typedef enum base_vector { BASE_RAND, BASE_BEST, BASE_CURRENT_TO_BEST } base_vector;
/* A study of a few hundred trials turns a larger population over too seldom. */
enum { LEAST_DEFAULT = 10, MOST_DEFAULT = 50 };

typedef struct de_config {
    int64_t popsize;
    int strategy; /* 2 base + exponential */
    double f, cr;
} de_config;

typedef struct de_state {
    const de_config *config;
    hn_de_finished finished;
    hn_de_population population; /* of this ask */
    hn_common common;            /* define-by-run */
} de_state;

/* --- the population --- */

static size_t population_size(const de_config *config, const hn_space *space)
{
    size_t n = 0;
    for (size_t i = 0; i < space->count; i++)
        n += !hn_distribution_is_constant(&space->parameters[i].distribution);
    if (config->popsize > 0)
        return (size_t)config->popsize;
    n = 2 * n < LEAST_DEFAULT ? LEAST_DEFAULT : 2 * n;
    return n < MOST_DEFAULT ? n : MOST_DEFAULT;
}

static hone_status gather(de_state *s, const hn_ask *ask, hone_error *err)
{
    size_t n = population_size(s->config, ask->space);
    return ask->estimates != NULL
               ? hn_de_population_of_rung(ask, n, &s->population, err)
               : hn_de_population_of_finished(&s->finished, n, ask->view, &s->population, err);
}

/* --- genes --- */

static bool is_unordered(const hn_parameter *parameter)
{
    return parameter->distribution.kind == HN_CATEGORICAL && !parameter->distribution.ordinal;
}

/* Parameter i of a trial: its place, or the choice itself. */
static double gene(const hn_ask *ask, size_t i, int64_t number)
{
    const hn_parameter *parameter = &ask->space->parameters[i];
    const hn_history *history = ask->view.history;
    size_t column = hn_history_find_column(history, parameter->name);
    double value;
    if (column != SIZE_MAX && hn_history_has(history, number, column))
        value = hn_history_cell(history, number, column);
    else
        value = hn_draw_value(parameter, ask->study_seed, number, HN_PURPOSE_FALLBACK);
    return is_unordered(parameter) ? value : hn_distribution_encode(&parameter->distribution, value);
}

/* The trials that a mutant is made of. */
typedef struct parents {
    int64_t own, base, first, second, best; /* base + F (first - second) */
} parents;

/* A parent that is not among those used, uniformly; HN_DE_EMPTY: there is none. */
static int64_t draw_other(const hn_de_population *population, hn_random *random, int64_t *used,
                          size_t *n_used)
{
    size_t left = 0;
    int64_t chosen = HN_DE_EMPTY;
    for (size_t i = 0; i < population->n_parents; i++) {
        int64_t number = population->parents[i];
        bool taken = number == HN_DE_EMPTY;
        for (size_t k = 0; k < *n_used; k++)
            taken = taken || used[k] == number;
        if (!taken && hn_random_below(random, ++left) == 0)
            chosen = number; /* reservoir of one (Vitter 1985) */
    }
    if (chosen != HN_DE_EMPTY)
        used[(*n_used)++] = chosen;
    return chosen;
}

/* A place that nobody holds borrows a parent, as DEHB's first population of a rung does. */
static bool draw_parents(const de_state *s, int64_t number, hn_random *random, parents *p)
{
    const hn_de_population *population = &s->population;
    int64_t used[4];
    size_t n_used = 0;
    *p = (parents){.own = population->holders[(size_t)number % population->n],
                   .base = HN_DE_EMPTY,
                   .best = population->best};
    if (p->own == HN_DE_EMPTY && population->parents != population->holders)
        p->own = draw_other(population, random, used, &n_used);
    else
        used[n_used++] = p->own;
    p->first = draw_other(population, random, used, &n_used);
    p->second = draw_other(population, random, used, &n_used);
    switch ((base_vector)(s->config->strategy / 2)) {
    case BASE_RAND: p->base = draw_other(population, random, used, &n_used); break;
    case BASE_BEST: p->base = p->best; break;
    case BASE_CURRENT_TO_BEST: p->base = p->own; break;
    }
    return p->own != HN_DE_EMPTY && p->base != HN_DE_EMPTY && p->second != HN_DE_EMPTY;
}

static double mutate_choice(const de_state *s, const hn_ask *ask, size_t i, const parents *p,
                            hn_random *random)
{
    bool to_best = s->config->strategy / 2 == BASE_CURRENT_TO_BEST;
    double u = hn_random_uniform(random), towards = hn_random_uniform(random);
    double other = (double)hn_random_below(random, ask->space->parameters[i].distribution.n_choices);
    if (gene(ask, i, p->first) != gene(ask, i, p->second) && u < s->config->f)
        return other;
    return gene(ask, i, to_best && towards < s->config->f ? p->best : p->base);
}

static double mutate_place(const de_state *s, const hn_ask *ask, size_t i, const parents *p,
                           hn_random *random)
{
    double f = s->config->f, base = gene(ask, i, p->base), own = gene(ask, i, p->own);
    double mutant = base + f * (gene(ask, i, p->first) - gene(ask, i, p->second));
    if (s->config->strategy / 2 == BASE_CURRENT_TO_BEST)
        mutant += f * (gene(ask, i, p->best) - base);
    double u = hn_random_uniform(random);
    if (mutant < 0 || mutant > 1) /* bounced back: between what it was and the bound */
        mutant = own + u * ((mutant < 0 ? 0 : 1) - own);
    return mutant;
}

/* Which genes come from the mutant: (count,). At least one does. */
static void draw_crossover(const de_state *s, size_t count, hn_random *random, bool *crossed)
{
    size_t forced = hn_random_below(random, count);
    bool exponential = s->config->strategy % 2 == 1, runs = true;
    for (size_t k = 0; k < count; k++) {
        size_t i = (forced + k) % count;
        bool taken = hn_random_uniform(random) < s->config->cr;
        runs = k == 0 || (runs && taken);
        crossed[i] = k == 0 || (exponential ? runs : taken);
    }
}

/* --- proposing --- */

/* The first trials: a scrambled Sobol sequence through the priors; good points of earlier studies take their
 * places. */
static double initial_value(const hn_ask *ask, size_t i, int64_t number)
{
    const hn_parameter *parameter = &ask->space->parameters[i];
    if (parameter->display >= HN_SOBOL_MAX_DIMENSIONS || number < 0)
        return hn_draw_value(parameter, ask->seed, number, HN_PURPOSE_FALLBACK);
    double unit = hn_sobol((uint64_t)number, (unsigned)parameter->display, true, ask->seed);
    return hn_distribution_decode(&parameter->distribution, hn_prior_warp(parameter, unit));
}

static hone_status propose_point(de_state *s, const hn_ask *ask, int64_t number, hn_point *point,
                                 hone_error *err)
{
    size_t count = ask->space->count;
    hn_random random = hn_random_stream(ask->seed, (uint64_t)number, HN_PURPOSE_PROPOSE);
    bool *crossed = HN_ARENA_NEW(ask->scratch, bool, count);
    parents p = {0};
    hn_point known = hn_point_new(ask->scratch, count);
    if (crossed == NULL || known.values == NULL)
        return hn_out_of_memory(err);
    if (ask->earlier != NULL && number >= 0)
        hn_earlier_start(ask->earlier, ask->space, (size_t)number, &known);
    bool bred = count > 0 && number >= (int64_t)s->population.n && draw_parents(s, number, &random, &p);
    if (bred)
        draw_crossover(s, count, &random, crossed);
    for (size_t i = 0; i < count; i++) {
        const hn_parameter *parameter = &ask->space->parameters[i];
        if (!bred) {
            point->values[i] = known.active[i] ? known.values[i] : initial_value(ask, i, number);
        } else if (is_unordered(parameter)) {
            double mutant = mutate_choice(s, ask, i, &p, &random);
            point->values[i] = crossed[i] ? mutant : gene(ask, i, p.own);
        } else {
            double mutant = mutate_place(s, ask, i, &p, &random);
            point->values[i] =
                hn_distribution_decode(&parameter->distribution, crossed[i] ? mutant : gene(ask, i, p.own));
        }
    }
    return HONE_OK;
}

static hone_status propose(void *state, const hn_ask *ask, size_t n, hn_point *points, size_t *count,
                           hone_error *err)
{
    hone_status status = gather(state, ask, err);
    for (size_t k = 0; k < n && status == HONE_OK; k++)
        status = propose_point(state, ask, ask->number + (int64_t)k, &points[k], err);
    if (status == HONE_OK)
        *count = n;
    return status;
}

static hone_status propose_common(void *state, const hn_ask *whole, hn_point *point, hone_error *err)
{
    hone_status status = gather(state, whole, err);
    return status == HONE_OK ? propose_point(state, whole, whole->number, point, err) : status;
}

/* As in cmaes: what all trials have is searched together. */
static hone_status propose_one(void *state, const hn_ask *ask, size_t parameter, const hn_point *partial,
                               double *value, hone_error *err)
{
    (void)partial;
    return hn_common_propose_one(&((de_state *)state)->common, ask, parameter, propose_common, state, value,
                                 err);
}

static hone_status init(void *state, const void *config, hone_error *err)
{
    (void)err;
    ((de_state *)state)->config = config;
    return HONE_OK;
}

static void release(void *state)
{
    de_state *s = state;
    hn_de_finished_release(&s->finished);
    hn_common_release(&s->common);
}

#define FIELD(member) offsetof(de_config, member)

static const char *const strategies[] = {"rand1bin",          "rand1exp",          "best1bin", "best1exp",
                                         "currenttobest1bin", "currenttobest1exp", NULL};

static const hn_option options[] = {
    {"strategy", HN_OPTION_CHOICE, "rand1bin", 0, 0, strategies, FIELD(strategy),
     "what a mutant starts from, the differences added, how genes are mixed in; best1bin is quicker in few trials"},
    {"popsize", HN_OPTION_INT, NULL, HN_DE_LEAST, 1e6, NULL, FIELD(popsize),
     "members of the population; unset: 2 for each parameter, 10 to 50"},
    {"F", HN_OPTION_DOUBLE, "0.5", 0, 2, NULL, FIELD(f), "factor on the difference of two members"},
    {"CR", HN_OPTION_DOUBLE, "0.5", 0, 1, NULL, FIELD(cr), "share of the genes that come from the mutant"},
};

const hn_sampler_type hn_sampler_de = {
    .name = "de",
    .help = "differential evolution: a population that moves along the differences of its members",
    .capabilities = HN_SAMPLER_WHOLE | HN_SAMPLER_SINGLE,
    .options = {options, sizeof options / sizeof *options, sizeof(de_config)},
    .state_size = sizeof(de_state),
    .init = init,
    .release = release,
    .propose = propose,
    .propose_one = propose_one,
};
