#include "sampler/cma_search.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "sampler/cma_margin.h"

/* --- life --- */

static hone_status allocate_state(hn_cma_search *s, hn_cma_state *state, bool diagonal, size_t n_choices,
                                  hone_error *err)
{
    size_t n = s->space->n;
    *state = (hn_cma_state){.mean = HN_ARENA_NEW(&s->arena, double, n),
                            .scale = HN_ARENA_NEW(&s->arena, double, n),
                            .lengths = HN_ARENA_NEW(&s->arena, double, n),
                            .probability = HN_ARENA_NEW(&s->arena, double, n_choices)};
    bool made =
        state->mean != NULL && state->scale != NULL && state->lengths != NULL && state->probability != NULL;
    if (made && !diagonal) {
        state->axes = hn_arena_alloc(&s->arena, n, n * sizeof(double));
        made = state->axes != NULL;
    }
    return made ? HONE_OK : hn_out_of_memory(err);
}

static hone_status allocate_point(hn_cma_search *s, hn_cma_point *point, hone_error *err)
{
    point->places = HN_ARENA_NEW(&s->arena, double, s->space->n);
    point->choices = HN_ARENA_NEW(&s->arena, size_t, s->space->n_categories);
    return point->places == NULL || point->choices == NULL ? hn_out_of_memory(err) : HONE_OK;
}

/* Above this a decomposition costs more than most objectives. */
enum { MOST_FULL = 200 };

static bool is_diagonal(const hn_cma_search *s)
{
    bool many = s->space->n > MOST_FULL;
    return s->config->covariance == HN_CMA_DIAGONAL || (s->config->covariance == HN_CMA_AUTO && many);
}

static size_t default_lambda(const hn_cma_search *s)
{
    return s->config->popsize > 0 ? (size_t)s->config->popsize
                                  : hn_cma_default_lambda(s->space->n + s->space->n_categories);
}

hone_status hn_cma_search_begin(hn_cma_search *s, const hn_cma_config *config, const hn_cma_space *space,
                                const hn_earlier *earlier, uint64_t seed, hone_error *err)
{
    hone_status status = HONE_OK;
    size_t n_choices = 0;
    hn_arena_reset(&s->arena);
    s->config = config;
    s->space = space;
    s->earlier = earlier;
    s->seed = seed;
    s->n_states = s->n_startup = 0;
    for (size_t i = 0; i < space->n_categories; i++)
        n_choices += space->categories[i].size;
    for (size_t i = 0; i < HN_CMA_STATES && status == HONE_OK; i++)
        status = allocate_state(s, &s->states[i], is_diagonal(s) || space->n == 0, n_choices, err);
    if (status == HONE_OK)
        status = allocate_point(s, &s->drawn, err);
    if (status == HONE_OK)
        status = allocate_point(s, &s->best, err);
    s->values = HN_ARENA_NEW(&s->arena, double, space->count);
    s->work = HN_ARENA_NEW(&s->arena, double, 2 * space->n);
    if (status == HONE_OK && (s->values == NULL || s->work == NULL))
        status = hn_out_of_memory(err);
    hn_cma_schedule_begin(&s->schedule, (hn_cma_restart)config->restart, default_lambda(s),
                          (size_t)config->restart_factor);
    if (status == HONE_OK)
        status = hn_cma_start_first(s, err);
    if (status == HONE_OK && earlier != NULL && config->warm_start)
        status = hn_cma_start_earlier(s, err);
    return status;
}

void hn_cma_search_release(hn_cma_search *s)
{
    hn_arena_release(&s->arena);
    hn_arena_release(&s->run_arena);
    hn_free(s->startup);
    *s = (hn_cma_search){0};
}

/* --- drawing --- */

static hn_cma_drawing drawing_of(const hn_cma_search *s)
{
    return (hn_cma_drawing){.space = s->space,
                            .choices = &s->choices,
                            .bounds = (hn_cma_bounds)s->config->bounds,
                            .max_resampling = (size_t)s->config->max_resampling,
                            .work = s->work};
}

static const hn_cma_state *newest_state(const hn_cma_search *s)
{
    return &s->states[(s->n_states - 1) % HN_CMA_STATES];
}

void hn_cma_search_draw(hn_cma_search *s, uint64_t seed, int64_t number, hn_point *out)
{
    hn_cma_drawing drawing = drawing_of(s);
    hn_cma_draw(&drawing, newest_state(s), seed, number, &s->drawn);
    hn_cma_decode(s->space, &s->drawn, out);
}

static void copy_point(const hn_cma_space *space, const hn_cma_point *from, hn_cma_point *to)
{
    memcpy(to->places, from->places, space->n * sizeof *to->places);
    memcpy(to->choices, from->choices, space->n_categories * sizeof *to->choices);
}

/* s->best becomes the point of the trial whose values are in s->values, as the state drew it that agrees with
 * most of them, the newest first. Returns the state if it agrees with all, else NULL. */
static const hn_cma_state *recognise(hn_cma_search *s, int64_t number)
{
    hn_cma_drawing drawing = drawing_of(s);
    size_t most = 0, had = 1, agreed = 0, kept = s->n_states < HN_CMA_STATES ? s->n_states : HN_CMA_STATES;
    const hn_cma_state *state = NULL;
    for (size_t age = 0; age < kept && agreed < had; age++) {
        state = &s->states[(s->n_states - 1 - age) % HN_CMA_STATES];
        hn_cma_draw(&drawing, state, s->seed, number, &s->drawn);
        agreed = hn_cma_agreement(s->space, &s->drawn, s->values, &had);
        if (age == 0 || agreed > most) {
            most = agreed;
            copy_point(s->space, &s->drawn, &s->best);
        }
    }
    hn_cma_adopt(s->space, s->values, &s->best);
    return agreed == had ? state : NULL;
}

/* --- a generation --- */

/* Where a point of the generation lies outside the bounds: the squared distance in units of its deviation,
 * over n. */
static double excess(const hn_cma_search *s, const hn_cma_point *point)
{
    double sum = 0;
    for (size_t i = 0; i < s->space->n; i++) {
        double place = point->places[i], inside = fmin(fmax(place, 0), 1);
        double deviation = s->cma.sigma * sqrt(hn_cma_variance(&s->cma, i));
        if (!s->space->axes[i].discrete)
            sum += (place - inside) * (place - inside) / (deviation * deviation);
    }
    return sum / (double)s->space->n;
}

/* The first `count` of the order have finite losses, ascending: points outside are moved back by twice the
 * losses' interquartile range for each such unit (after Hansen et al. 2009, section III). */
static void penalise(hn_cma_search *s, size_t count)
{
    if (count < 2 || s->space->n == 0)
        return;
    double range = s->losses[3 * count / 4] - s->losses[count / 4];
    for (size_t r = 0; r < count; r++)
        s->losses[r] += 2 * range * excess(s, &s->points[s->order[r]]);
    for (size_t r = 1; r < count; r++) {
        double loss = s->losses[r];
        size_t member = s->order[r], to = r;
        for (; to > 0 && s->losses[to - 1] > loss; to--) {
            s->losses[to] = s->losses[to - 1];
            s->order[to] = s->order[to - 1];
        }
        s->losses[to] = loss;
        s->order[to] = member;
    }
}

/* order and losses (of those that have a finite one, which come first). Returns how many did not fail. */
static size_t rank_members(hn_cma_search *s, const hn_history *history, size_t *n_finite)
{
    size_t n_good = 0;
    hn_cma_rank(history, s->numbers, s->n_members, s->order);
    *n_finite = 0;
    for (size_t r = 0; r < s->n_members; r++) {
        int64_t number = s->numbers[s->order[r]];
        hone_trial_state state = hn_history_state(history, number);
        double loss = hn_history_loss(history, number, 0);
        n_good += state != HONE_FAILED;
        if (state == HONE_COMPLETE && isfinite(loss) && hn_history_violation(history, number) == 0)
            s->losses[(*n_finite)++] = loss;
    }
    return n_good;
}

static void learn_normal(hn_cma_search *s, size_t n_good)
{
    size_t n = s->space->n;
    for (size_t r = 0; r < s->rule.lambda; r++) {
        const hn_cma_point *point = &s->points[s->order[r]];
        double *step = s->steps + r * n;
        for (size_t i = 0; i < n; i++)
            step[i] = (point->places[i] - s->cma.mean[i]) / (s->cma.sigma * s->scale[i]);
        if (!s->fresh[s->order[r]])
            hn_cma_clip(&s->cma, step);
    }
    hn_cma_learn(&s->cma, s->steps, n_good);
}

static void keep_margins(hn_cma_search *s)
{
    double margin = s->config->margin;
    if (isnan(margin))
        margin = 1 / (double)(s->space->n * s->rule.lambda);
    for (size_t i = 0; i < s->space->n && margin > 0; i++) {
        if (!s->space->axes[i].discrete)
            continue;
        hn_cma_coordinate coordinate = {s->cma.mean[i], s->scale[i]};
        double low, high;
        hn_cma_cell(&s->space->axes[i], s->cma.mean[i], &low, &high);
        hn_cma_margin(low, high, s->cma.sigma * sqrt(hn_cma_variance(&s->cma, i)), margin, &coordinate);
        s->cma.mean[i] = coordinate.mean;
        s->scale[i] = coordinate.scale;
    }
}

static void learn_choices(hn_cma_search *s, size_t n_good)
{
    size_t n = s->space->n_categories, mu = s->rule.mu < n_good ? s->rule.mu : n_good;
    for (size_t r = 0; r < mu; r++)
        memcpy(s->chosen + r * n, s->points[s->order[r]].choices, n * sizeof *s->chosen);
    hn_cma_choices_learn(&s->choices, s->chosen, s->rule.weights, mu);
}

/* Is the run over after this generation? losses: those of the good ones, (n_finite,) ascending. */
static bool is_over(hn_cma_search *s, size_t n_finite)
{
    bool over = hn_cma_schedule_spent(&s->schedule);
    if (n_finite > 0) {
        hn_cma_record_add(&s->record, s->losses[0]);
        over =
            over || hn_cma_record_flat(&s->record, s->losses[0], s->losses[n_finite - 1], s->config->tolfun);
    }
    if (s->space->n > 0)
        return over || hn_cma_is_over(&s->cma, s->sigma0, s->config->tolx);
    return over || hn_cma_choices_settled(&s->choices);
}

static hone_status learn(hn_cma_search *s, const hn_history *history, hone_error *err)
{
    size_t n_finite, n_good = rank_members(s, history, &n_finite);
    if (s->config->bounds == HN_CMA_PENALTY)
        penalise(s, n_finite);
    s->n_members = 0;
    if (n_good == 0)
        return HONE_OK;
    if (s->space->n > 0) {
        learn_normal(s, n_good);
        keep_margins(s);
    }
    if (s->space->n_categories > 0)
        learn_choices(s, n_good);
    if (is_over(s, n_finite) && s->config->restart != HN_CMA_RESTART_NONE)
        return hn_cma_start_next(s, err);
    hn_cma_push_state(s);
    return HONE_OK;
}

static bool awaits_startup(const hn_cma_search *s)
{
    int64_t n_startup = hn_startup_length(s->config->n_startup, s->earlier);
    return s->config->warm_start && s->n_startup < (size_t)n_startup;
}

/* A trial of the start-up: after the last one the search begins among the best of them. */
static hone_status take_startup(hn_cma_search *s, const hn_history *history, int64_t number, hone_error *err)
{
    if (hn_history_state(history, number) == HONE_FAILED)
        return HONE_OK;
    if (HN_GROW(s->startup, s->n_startup, s->startup_capacity) != 0)
        return hn_out_of_memory(err);
    s->startup[s->n_startup++] = number;
    return awaits_startup(s) ? HONE_OK : hn_cma_start_warm(s, history, err);
}

hone_status hn_cma_search_take(hn_cma_search *s, const hn_history *history, int64_t number, hone_error *err)
{
    if (s->space->n + s->space->n_categories == 0)
        return HONE_OK;
    if (awaits_startup(s))
        return take_startup(s, history, number, err);
    hn_cma_read_values(s->space, history, number, s->values);
    const hn_cma_state *state = recognise(s, number);
    if (state != NULL && state->run != s->schedule.n_runs)
        return HONE_OK;
    copy_point(s->space, &s->best, &s->points[s->n_members]);
    s->numbers[s->n_members] = number;
    s->fresh[s->n_members++] = state == newest_state(s);
    s->schedule.trials++;
    return s->n_members < s->rule.lambda ? HONE_OK : learn(s, history, err);
}
