/* sampler/tpe.c: the tree-structured Parzen estimator (Bergstra et al. 2011): one mixture l of the best
 * trials, one mixture g of the others; of some points drawn from l, the one of largest l / g is proposed.
 * Variants and constants after Watanabe 2023 (arXiv 2304.11127) and Optuna 5; what was tried is in
 * surrogate/README.md. */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "sampler/companions.h"
#include "sampler/draw.h"
#include "sampler/sampler.h"
#include "sampler/tpe_split.h"
#include "surrogate/parzen.h"

typedef enum tpe_model { MODEL_GROUPED, MODEL_JOINT, MODEL_UNIVARIATE } tpe_model;

typedef struct tpe_config {
    int64_t n_startup, n_candidates, min_below, max_below, max_kernels;
    double gamma, prior_weight, random_share, spread;
    bool multivariate, group, pending, avoid_repeats;
} tpe_config;

typedef struct tpe_state {
    const tpe_config *config;
    hn_tpe_archive archive; /* of several objectives */
    hn_arena work;          /* empty between asks; its memory stays, so that it is in the cache */
} tpe_state;

/* One proposal on its way. */
typedef struct proposal {
    const tpe_config *config;
    tpe_model model;
    const hn_ask *ask;
    const hn_point *earlier; /* points of the same ask: as good as running */
    size_t n_earlier;
    hn_tpe_split split;
    size_t n_candidates;
    bool avoid_repeats; /* of trials in the mixtures */
    hn_random random;
    hn_arena *work; /* reset after each group */
} proposal;

/* Parameters that share mixtures. */
typedef struct parameter_group {
    const size_t *members; /* (count,) indices, ascending */
    size_t count;
    const size_t *needed; /* (n_needed,) members that a trial must have to take part */
    size_t n_needed;
    const hn_point *given; /* NULL, or a point whose active values are settled already */
} parameter_group;

/* Both mixtures with the trials they were fitted to. */
typedef struct mixtures {
    hn_parzen *below, *above;
    const size_t *columns; /* (count,) of the members */
    hn_tpe_rows below_rows, above_rows;
} mixtures;

/* --- observations --- */

static bool point_has(const parameter_group *group, const hn_point *point)
{
    bool all = true;
    for (size_t a = 0; a < group->n_needed; a++)
        all = all && point->active[group->needed[a]];
    return all;
}

/* Appends to (count, capacity) rows the points proposed just before; values[a * stride + i]. */
static size_t add_earlier(const proposal *p, const parameter_group *group, size_t stride, size_t n,
                          double *values, double *weights)
{
    for (size_t k = 0; k < p->n_earlier; k++) {
        const hn_point *point = &p->earlier[k];
        if (!point_has(group, point))
            continue;
        for (size_t a = 0; a < group->count; a++) {
            size_t i = group->members[a];
            values[a * stride + n] = point->active[i] ? point->values[i] : NAN;
        }
        weights[n++] = 1;
    }
    return n;
}

static hone_status fit(const proposal *p, const parameter_group *group, const size_t *columns,
                       const hn_tpe_rows *rows, bool above, hn_parzen **parzen, hone_error *err)
{
    hn_arena *arena = p->work;
    const hn_history *history = p->ask->view.history;
    size_t extra = above && p->config->pending ? p->n_earlier : 0, stride = rows->count + extra;
    double *values = hn_arena_scratch(arena, group->count, stride * sizeof *values);
    double *weights = hn_arena_scratch(arena, stride, sizeof *weights);
    hn_parzen_axis *axes = HN_ARENA_NEW(arena, hn_parzen_axis, group->count);
    if (values == NULL || weights == NULL || axes == NULL)
        return hn_out_of_memory(err);
    memcpy(weights, rows->weights, rows->count * sizeof *weights);
    for (size_t a = 0; a < group->count; a++) {
        axes[a] = hn_parzen_axis_of(&p->ask->space->parameters[group->members[a]]);
        for (size_t i = 0; i < rows->count; i++) {
            bool has = columns[a] != SIZE_MAX && hn_history_has(history, rows->numbers[i], columns[a]);
            values[a * stride + i] = has ? hn_history_cell(history, rows->numbers[i], columns[a]) : NAN;
        }
    }
    size_t n = extra > 0 ? add_earlier(p, group, stride, rows->count, values, weights) : rows->count;
    for (size_t a = 1; n < stride && a < group->count; a++)
        memmove(values + a * n, values + a * stride, n * sizeof *values);
    const hn_parzen_rule rule = {.prior_weight = p->config->prior_weight,
                                 .floor_kernels = 100,
                                 .floor_cells = 0.5,
                                 .smoothing = above ? 1 : 2};
    return hn_parzen_fit(arena, &rule, axes, group->count, values, weights, n, parzen, err);
}

static size_t *columns_of(const proposal *p, const size_t *parameters, size_t n)
{
    size_t *columns = HN_ARENA_NEW(p->work, size_t, n);
    for (size_t a = 0; columns != NULL && a < n; a++)
        columns[a] =
            hn_history_find_column(p->ask->view.history, p->ask->space->parameters[parameters[a]].name);
    return columns;
}

static hone_status fit_both(const proposal *p, const parameter_group *group, mixtures *m, hone_error *err)
{
    hn_arena *arena = p->work;
    m->columns = columns_of(p, group->members, group->count);
    hn_tpe_group needed = {columns_of(p, group->needed, group->n_needed), group->n_needed};
    if (m->columns == NULL || needed.columns == NULL)
        return hn_out_of_memory(err);
    hone_status status = hn_tpe_below_rows(p->ask->view, &p->split, &needed, (size_t)p->config->max_kernels,
                                           arena, &m->below_rows, err);
    if (status == HONE_OK)
        status = fit(p, group, m->columns, &m->below_rows, false, &m->below, err);
    if (status == HONE_OK)
        status = hn_tpe_above_rows(p->ask->view, &p->split, &needed, (size_t)p->config->max_kernels,
                                   p->config->pending, p->ask->number, arena, &m->above_rows, err);
    if (status == HONE_OK)
        status = fit(p, group, m->columns, &m->above_rows, true, &m->above, err);
    return status;
}

/* --- candidates --- */

static void set_constant(const hn_ask *ask, size_t i, hn_point *point)
{
    point->active[i] = hn_space_is_active(ask->space, i, point);
    point->values[i] = point->active[i] ? ask->space->parameters[i].distribution.low : 0;
}

static double given_value(const parameter_group *group, size_t a)
{
    size_t i = group->members[a];
    return group->given != NULL && group->given->active[i] ? group->given->values[i] : NAN;
}

/* What is settled already decides from which kernels the rest is drawn. */
static hone_status condition_on_given(const proposal *p, const parameter_group *group, hn_parzen *below,
                                      hone_error *err)
{
    double *known = HN_ARENA_NEW(p->work, double, group->count);
    bool any = false;
    if (known == NULL)
        return hn_out_of_memory(err);
    for (size_t a = 0; a < group->count; a++) {
        known[a] = given_value(group, a);
        any = any || !isnan(known[a]);
    }
    return any ? hn_parzen_condition(below, p->work, known, err) : HONE_OK;
}

/* Draws the group's values of one point from one kernel of the mixture, settling activity on the way. */
static void draw_candidate(proposal *p, const parameter_group *group, const hn_parzen *below, hn_point *point,
                           double *values)
{
    const hn_space *space = p->ask->space;
    size_t kernel = hn_parzen_draw_kernel(below, &p->random), last = group->members[group->count - 1];
    for (size_t i = group->members[0], a = 0; i <= last; i++) {
        if (i == group->members[a]) {
            double given = given_value(group, a);
            double value = isnan(given) ? hn_parzen_draw_value(below, kernel, a, &p->random) : given;
            point->active[i] = hn_space_is_active(space, i, point);
            point->values[i] = point->active[i] ? value : 0;
            values[a++] = point->active[i] ? value : NAN;
        } else if (hn_distribution_is_constant(&space->parameters[i].distribution)) {
            set_constant(p->ask, i, point);
        }
    }
}

/* pi(x)^(10 / n) of the users' priors (Hvarfner et al. 2022). */
static double prior_bonus(const proposal *p, const parameter_group *group, const double *values)
{
    double sum = 0;
    for (size_t a = 0; a < group->count; a++)
        if (!isnan(values[a]))
            sum += hn_prior_log_density(&p->ask->space->parameters[group->members[a]], values[a]);
    return sum * 10 / fmax(1, (double)p->split.n_ranked);
}

static void write_values(const parameter_group *group, const double *values, hn_point *point)
{
    for (size_t a = 0; a < group->count; a++) {
        size_t i = group->members[a];
        point->active[i] = !isnan(values[a]);
        point->values[i] = point->active[i] ? values[a] : 0;
    }
}

/* Has one of the trials these values? */
static bool is_among(const proposal *p, const mixtures *m, const hn_tpe_rows *rows, const double *values,
                     size_t d)
{
    for (size_t r = 0; r < rows->count; r++) {
        size_t a = 0;
        while (a < d && m->columns[a] != SIZE_MAX &&
               hn_history_cell(p->ask->view.history, rows->numbers[r], m->columns[a]) == values[a])
            a++;
        if (a == d)
            return true;
    }
    return false;
}

static bool is_repeat(const proposal *p, const mixtures *m, const double *values, size_t d)
{
    return is_among(p, m, &m->below_rows, values, d) || is_among(p, m, &m->above_rows, values, d);
}

/* Index of the candidate (m, d) of the largest l / g; of new ones where repeats are to be avoided. */
static hone_status choose(const proposal *p, const parameter_group *group, const mixtures *mixture,
                          const double *candidates, size_t m, size_t *chosen, hone_error *err)
{
    hn_arena *arena = p->work;
    size_t d = group->count, best = SIZE_MAX, best_repeat = 0;
    double *score = HN_ARENA_NEW(arena, double, m), *other = HN_ARENA_NEW(arena, double, m);
    if (score == NULL || other == NULL)
        return hn_out_of_memory(err);
    hone_status status = hn_parzen_log_density(mixture->below, arena, candidates, m, score, err);
    if (status == HONE_OK)
        status = hn_parzen_log_density(mixture->above, arena, candidates, m, other, err);
    if (status != HONE_OK)
        return status;
    for (size_t j = 0; j < m; j++) {
        score[j] += prior_bonus(p, group, candidates + j * d) - other[j];
        best_repeat = score[j] > score[best_repeat] ? j : best_repeat;
        bool better = best == SIZE_MAX || score[j] > score[best];
        if (better && !(p->avoid_repeats && is_repeat(p, mixture, candidates + j * d, d)))
            best = j;
    }
    *chosen = best == SIZE_MAX ? best_repeat : best;
    return HONE_OK;
}

static hone_status propose_group(proposal *p, const parameter_group *group, hn_point *point, hone_error *err)
{
    mixtures mixture = {0};
    hone_status status = fit_both(p, group, &mixture, err);
    if (status == HONE_OK)
        status = condition_on_given(p, group, mixture.below, err);
    if (status != HONE_OK)
        return status;
    size_t m = p->n_candidates, chosen = 0;
    mixture.below->spread = p->config->spread;
    double *candidates = HN_ARENA_NEW(p->work, double, m * group->count);
    if (candidates == NULL)
        return hn_out_of_memory(err);
    for (size_t j = 0; j < m; j++)
        draw_candidate(p, group, mixture.below, point, candidates + j * group->count);
    status = choose(p, group, &mixture, candidates, m, &chosen, err);
    if (status == HONE_OK)
        write_values(group, candidates + chosen * group->count, point);
    return status;
}

/* --- groups --- */

/* Do two parameters always occur together? */
static bool same_condition(const hn_parameter *a, const hn_parameter *b)
{
    if (a->when == NULL || b->when == NULL)
        return a->when == b->when;
    return strcmp(hn_condition_text(a->when), hn_condition_text(b->when)) == 0;
}

static bool belongs(const proposal *p, size_t first, size_t i)
{
    const hn_parameter *parameters = p->ask->space->parameters;
    if (p->model == MODEL_UNIVARIATE)
        return i == first;
    return p->model == MODEL_JOINT || same_condition(&parameters[first], &parameters[i]);
}

/* Gathers the parameters that go with `first` and proposes them, unless they are inactive. */
static hone_status propose_with(proposal *p, size_t first, bool *done, hn_point *point, hone_error *err)
{
    const hn_space *space = p->ask->space;
    size_t *members = HN_ARENA_NEW(p->ask->scratch, size_t, space->count), n = 0;
    if (members == NULL)
        return hn_out_of_memory(err);
    for (size_t i = first; i < space->count; i++)
        if (!done[i] && belongs(p, first, i)) {
            members[n++] = i;
            done[i] = true;
        }
    bool joint = p->model == MODEL_JOINT;
    if (!joint && !hn_space_is_active(space, first, point))
        return HONE_OK;
    const parameter_group group = {
        .members = members, .count = n, .needed = members, .n_needed = joint ? 0 : n, .given = p->ask->fixed};
    hone_status status = propose_group(p, &group, point, err);
    hn_arena_reset(p->work);
    return status;
}

static hone_status propose_point(proposal *p, hn_point *point, hone_error *err)
{
    const hn_space *space = p->ask->space;
    bool *done = HN_ARENA_NEW(p->ask->scratch, bool, space->count);
    if (done == NULL)
        return hn_out_of_memory(err);
    for (size_t i = 0; i < space->count; i++) {
        point->active[i] = false;
        done[i] = hn_distribution_is_constant(&space->parameters[i].distribution);
    }
    hone_status status = HONE_OK;
    for (size_t i = 0; status == HONE_OK && i < space->count; i++) {
        if (hn_distribution_is_constant(&space->parameters[i].distribution))
            set_constant(p->ask, i, point);
        else if (!done[i])
            status = propose_with(p, i, done, point, err);
    }
    return status;
}

/* --- the sampler --- */

static hone_status init(void *state, const void *config, hone_error *err)
{
    (void)err;
    ((tpe_state *)state)->config = config;
    return HONE_OK;
}

static void release(void *state)
{
    tpe_state *s = state;
    hn_tpe_archive_release(&s->archive);
    hn_arena_release(&s->work);
}

static size_t least_below(const tpe_config *config, const hn_ask *ask)
{
    size_t n = 1;
    for (size_t i = 0; i < ask->space->count; i++)
        n += !hn_distribution_is_constant(&ask->space->parameters[i].distribution);
    return config->min_below > 0 ? (size_t)config->min_below : n;
}

static hone_status begin(tpe_state *state, const hn_ask *ask, int64_t number, proposal *p, hone_error *err)
{
    const tpe_config *config = state->config;
    bool several = hn_history_objective_count(ask->view.history) > 1;
    *p = (proposal){.config = config, .ask = ask, .work = &state->work};
    p->model = !config->multivariate || several ? MODEL_UNIVARIATE
               : config->group                  ? MODEL_GROUPED
                                                : MODEL_JOINT;
    p->random = hn_random_stream(ask->seed, (uint64_t)number, HN_PURPOSE_PROPOSE);
    double gamma = isnan(config->gamma) ? (several ? 0.1 : 0.2) : config->gamma;
    int64_t max_below = several ? config->max_kernels : config->max_below;
    hone_status status =
        hn_tpe_split_trials(ask->view, ask->estimates, gamma, least_below(config, ask), (size_t)max_below,
                            &state->archive, ask->scratch, &p->split, err);
    p->n_candidates = (size_t)config->n_candidates;
    if (config->random_share > 0 && hn_random_uniform(&p->random) < config->random_share) {
        p->split.n_below = 0; /* the prior is all there is */
        p->n_candidates = 1;
    }
    return status;
}

/* A group's values make a repeat only where they are all there is. */
static bool can_avoid_repeats(const proposal *p)
{
    const hn_space *space = p->ask->space;
    return p->config->avoid_repeats && p->model != MODEL_UNIVARIATE && !space->conditional &&
           isfinite(hn_space_count(space));
}

static hone_status propose(void *state, const hn_ask *ask, size_t n, hn_point *points, size_t *count,
                           hone_error *err)
{
    for (size_t k = 0; k < n; k++) {
        proposal p;
        hone_status status = begin(state, ask, ask->number + (int64_t)k, &p, err);
        p.earlier = points;
        p.n_earlier = k;
        p.avoid_repeats = can_avoid_repeats(&p);
        if (status == HONE_OK)
            status = propose_point(&p, &points[k], err);
        if (status != HONE_OK)
            return status;
    }
    *count = n;
    return HONE_OK;
}

/* All parameters that occur together are proposed at once, from a stream of their own, and one value is kept:
 * asked for the others, the same point comes again, as long as nothing was told in between. */
static hone_status propose_one(void *state, const hn_ask *ask, size_t parameter, const hn_point *partial,
                               double *value, hone_error *err)
{
    (void)partial;
    proposal p;
    hn_space *space = NULL;
    hone_status status = begin(state, ask, ask->number, &p, err);
    if (status == HONE_OK)
        status = hn_companion_space(ask, &ask->space->parameters[parameter], p.model == MODEL_UNIVARIATE,
                                    NULL, p.split.below, p.split.n_below, &space, err);
    if (status != HONE_OK)
        return status;
    hn_ask whole = *ask;
    hn_point point = hn_point_new(ask->scratch, space->count);
    if (point.values == NULL)
        return hn_out_of_memory(err);
    whole.space = space;
    whole.fixed = NULL;
    p.ask = &whole;
    p.avoid_repeats = can_avoid_repeats(&p) && space->count == hn_history_column_count(ask->view.history);
    p.random = hn_draw_stream(ask->seed, space->parameters[0].name, ask->number, HN_PURPOSE_PROPOSE);
    status = propose_point(&p, &point, err);
    if (status == HONE_OK)
        *value = point.values[hn_space_find(space, ask->space->parameters[parameter].name)];
    return status;
}

#define FIELD(member) offsetof(tpe_config, member)

static const hn_option options[] = {
    {"multivariate", HN_OPTION_BOOL, "true", 0, 0, NULL, FIELD(multivariate),
     "model parameters together; with several objectives each is modelled by itself"},
    {"group", HN_OPTION_BOOL, "true", 0, 0, NULL, FIELD(group),
     "in a conditional space, one model for each set of parameters that occur together"},
    {"n_startup", HN_OPTION_INT, "10", 0, 1e6, NULL, FIELD(n_startup),
     "trials drawn at random before the first model"},
    {"n_candidates", HN_OPTION_INT, "24", 1, 1e6, NULL, FIELD(n_candidates),
     "points drawn, of which the best is proposed"},
    {"gamma", HN_OPTION_DOUBLE, NULL, 0, 1, NULL, FIELD(gamma),
     "share of the trials that count as good; unset: 0.2 with one objective, 0.1 with several"},
    {"max_below", HN_OPTION_INT, "25", 1, 1e6, NULL, FIELD(max_below),
     "most trials that count as good, with one objective"},
    {"min_below", HN_OPTION_INT, "1", 0, 1e6, NULL, FIELD(min_below),
     "least trials that count as good, with one objective; 0: one more than parameters"},
    {"random_share", HN_OPTION_DOUBLE, "0", 0, 1, NULL, FIELD(random_share),
     "share of the trials that are drawn at random all the same"},
    {"spread", HN_OPTION_DOUBLE, "1", 0.01, 100, NULL, FIELD(spread),
     "points are drawn with so many times the bandwidths of the good trials"},
    {"prior_weight", HN_OPTION_DOUBLE, "1", 0, 1e6, NULL, FIELD(prior_weight),
     "weight of the prior, in trials"},
    {"pending", HN_OPTION_BOOL, "true", 0, 0, NULL, FIELD(pending),
     "count running trials as poor, so that workers spread"},
    {"avoid_repeats", HN_OPTION_BOOL, "true", 0, 0, NULL, FIELD(avoid_repeats),
     "in a finite space, prefer points that were not tried"},
    {"max_kernels", HN_OPTION_INT, "256", 10, 1e6, NULL, FIELD(max_kernels), "most trials in a mixture"},
};

const hn_sampler_type hn_sampler_tpe = {
    .name = "tpe",
    .help = "tree-structured Parzen estimator: draws near good trials and away from poor ones",
    .capabilities = HN_SAMPLER_WHOLE | HN_SAMPLER_SINGLE | HN_SAMPLER_CONDITIONAL |
                    HN_SAMPLER_MULTI_OBJECTIVE | HN_SAMPLER_STARTUP,
    .options = {options, sizeof options / sizeof *options, sizeof(tpe_config)},
    .state_size = sizeof(tpe_state),
    .init = init,
    .release = release,
    .propose = propose,
    .propose_one = propose_one,
};
