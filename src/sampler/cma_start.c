/* sampler/cma_start.c: how the runs of a CMA-ES begin. */
#include <math.h>
#include <string.h>

#include "math/linalg.h"
#include "sampler/cma_search.h"
#include "sampler/cma_warm.h"
#include "sampler/draw.h"

/* --- ranking --- */

void hn_cma_rank(const hn_history *history, const int64_t *numbers, size_t n, size_t *order)
{
    for (size_t k = 0; k < n; k++) { /* by binary insertion: comparing costs more than moving */
        size_t low = 0, high = k;
        while (low < high) {
            size_t middle = low + (high - low) / 2;
            if (hn_history_is_better(history, numbers[k], numbers[order[middle]]))
                high = middle;
            else
                low = middle + 1;
        }
        memmove(order + low + 1, order + low, (k - low) * sizeof *order);
        order[low] = k;
    }
}

/* --- states --- */

void hn_cma_push_state(hn_cma_search *s)
{
    hn_cma_state *state = &s->states[s->n_states++ % HN_CMA_STATES];
    size_t n = s->space->n;
    state->run = s->schedule.n_runs;
    for (size_t i = 0; i < n; i++) {
        state->mean[i] = s->cma.mean[i];
        state->scale[i] = s->cma.sigma * s->scale[i];
        state->lengths[i] = s->cma.lengths[i];
    }
    if (state->axes != NULL)
        memcpy(state->axes, s->cma.axes, n * n * sizeof *state->axes);
    memcpy(state->probability, s->choices.probability,
           s->choices.first[s->choices.n] * sizeof *state->probability);
}

/* --- one run --- */

static hone_status begin_choices(hn_cma_search *s, hone_error *err)
{
    size_t n = s->space->n_categories;
    size_t *sizes = HN_ARENA_NEW(&s->run_arena, size_t, n);
    if (sizes == NULL)
        return hn_out_of_memory(err);
    for (size_t i = 0; i < n; i++)
        sizes[i] = s->space->categories[i].size;
    return hn_cma_choices_begin(&s->run_arena, sizes, n, &s->choices, err);
}

static hone_status allocate_members(hn_cma_search *s, hone_error *err)
{
    hn_arena *arena = &s->run_arena;
    size_t lambda = s->rule.lambda, n = s->space->n, n_categories = s->space->n_categories;
    double *places = hn_arena_alloc(arena, lambda, n * sizeof *places);
    size_t *choices = hn_arena_alloc(arena, lambda, n_categories * sizeof *choices);
    s->numbers = HN_ARENA_NEW(arena, int64_t, lambda);
    s->fresh = HN_ARENA_NEW(arena, bool, lambda);
    s->points = HN_ARENA_NEW(arena, hn_cma_point, lambda);
    s->order = HN_ARENA_NEW(arena, size_t, lambda);
    s->losses = HN_ARENA_NEW(arena, double, lambda);
    s->steps = hn_arena_alloc(arena, lambda, n * sizeof *s->steps);
    s->chosen = hn_arena_alloc(arena, lambda, n_categories * sizeof *s->chosen);
    s->scale = HN_ARENA_NEW(arena, double, n);
    if (places == NULL || choices == NULL || s->numbers == NULL || s->fresh == NULL || s->points == NULL ||
        s->order == NULL || s->losses == NULL || s->steps == NULL || s->chosen == NULL || s->scale == NULL)
        return hn_out_of_memory(err);
    for (size_t k = 0; k < lambda; k++)
        s->points[k] = (hn_cma_point){places + k * n, choices + k * n_categories};
    for (size_t i = 0; i < n; i++)
        s->scale[i] = 1;
    s->n_members = 0;
    return HONE_OK;
}

/* mean (n,), and variances (n,) or a covariance (n, n), both over sigma^2; outside run_arena. */
static hone_status begin_run(hn_cma_search *s, const double *mean, double sigma, const double *variances,
                             const double *covariance, hone_error *err)
{
    size_t n = s->space->n;
    bool diagonal = s->states[0].axes == NULL;
    hn_arena_reset(&s->run_arena);
    s->sigma0 = sigma;
    hone_status status = hn_cma_rule_make(&s->run_arena, n > 0 ? n : 1, s->schedule.lambda, diagonal,
                                          s->config->active, &s->rule, err);
    if (status == HONE_OK && n > 0)
        status = hn_cma_begin(&s->run_arena, &s->rule, mean, sigma, variances, covariance,
                              s->config->lr_adapt, &s->cma, err);
    if (status == HONE_OK)
        status = begin_choices(s, err);
    if (status == HONE_OK)
        status = hn_cma_record_make(&s->run_arena, s->rule.n, s->rule.lambda, &s->record, err);
    if (status == HONE_OK)
        status = allocate_members(s, err);
    if (status == HONE_OK)
        hn_cma_push_state(s);
    return status;
}

hone_status hn_cma_start_first(hn_cma_search *s, hone_error *err)
{
    double *mean = s->work, *variances = mean + s->space->n, sigma = s->config->sigma0;
    for (size_t i = 0; i < s->space->n; i++) {
        const hn_cma_axis *axis = &s->space->axes[i];
        mean[i] = axis->start;
        variances[i] = axis->deviation * axis->deviation / (sigma * sigma);
    }
    return begin_run(s, mean, sigma, variances, NULL, err);
}

/* A restart begins anywhere, as the priors have it. */
hone_status hn_cma_start_next(hn_cma_search *s, hone_error *err)
{
    double *mean = s->work, *variances = mean + s->space->n;
    hn_cma_schedule_next(&s->schedule, s->seed);
    for (size_t i = 0; i < s->space->n; i++) {
        const hn_parameter *parameter = &s->space->parameters[s->space->axes[i].parameter];
        hn_random random =
            hn_draw_stream(s->seed, parameter->name, (int64_t)s->schedule.n_runs, HN_PURPOSE_FALLBACK);
        mean[i] = hn_prior_warp(parameter, hn_random_uniform(&random));
        variances[i] = 1;
    }
    return begin_run(s, mean, s->config->sigma0 * s->schedule.sigma_factor, variances, NULL, err);
}

/* --- a warm start --- */

/* sigma^2 is the geometric mean of the eigenvalues: the determinant of C is 1 (Nomura et al. 2021,
 * section 4.2). */
static double take_sigma(double *covariance, size_t n, double *factor)
{
    double sum = 0;
    memcpy(factor, covariance, n * n * sizeof *factor);
    if (!hn_cholesky(factor, n))
        return HN_CMA_WARM_WIDTH;
    for (size_t i = 0; i < n; i++)
        sum += log(factor[i * n + i]);
    double sigma = exp(sum / (double)n);
    for (size_t i = 0; i < n * n; i++)
        covariance[i] /= sigma * sigma;
    return sigma;
}

/* What the best of the start-up's trials chose decides where the choices begin. */
static hone_status count_choices(hn_cma_search *s, const double *values, size_t m, hone_error *err)
{
    for (size_t i = 0; i < s->space->n_categories; i++) {
        const hn_cma_category *category = &s->space->categories[i];
        size_t *counts = HN_ARENA_NEW(&s->run_arena, size_t, category->size);
        if (counts == NULL)
            return hn_out_of_memory(err);
        for (size_t k = 0; k < m; k++) {
            double value = values[k * s->space->count + category->parameter];
            if (!isnan(value))
                counts[hn_cma_category_of(category, value)]++;
        }
        hn_cma_choices_count(&s->choices, i, counts);
    }
    return HONE_OK;
}

/* values (m, parameters): those of the best. */
static hone_status begin_warm(hn_cma_search *s, hn_arena *scratch, const double *values, size_t m,
                              hone_error *err)
{
    size_t n = s->space->n;
    double *places = hn_arena_alloc(scratch, m, n * sizeof *places);
    double *covariance = hn_arena_alloc(scratch, 2 * n, n * sizeof *covariance);
    double *mean = s->work, *fallback = mean + n, sigma = s->config->sigma0;
    if (places == NULL || covariance == NULL)
        return hn_out_of_memory(err);
    for (size_t i = 0; i < n; i++) {
        const hn_cma_axis *axis = &s->space->axes[i];
        fallback[i] = axis->start;
        for (size_t k = 0; k < m; k++) {
            double value = values[k * s->space->count + axis->parameter];
            places[k * n + i] = isnan(value) ? NAN : hn_cma_place(axis, value);
        }
    }
    if (n > 0) {
        hn_cma_warm_fit(places, m, n, fallback, mean, covariance);
        sigma = take_sigma(covariance, n, covariance + n * n);
    }
    hone_status status = begin_run(s, mean, sigma, NULL, covariance, err);
    if (status == HONE_OK)
        status = count_choices(s, values, m, err);
    if (status == HONE_OK)
        hn_cma_push_state(s);
    return status;
}

hone_status hn_cma_start_earlier(hn_cma_search *s, hone_error *err)
{
    hn_arena scratch = HN_ARENA_INIT;
    size_t m = 0, count = s->space->count;
    hone_status status = HONE_OK;
    for (size_t k = 0; k < s->earlier->n_studies; k++)
        m += s->earlier->studies[k].n;
    double *values = hn_arena_alloc(&scratch, m, count * sizeof *values), *next = values;
    if (values == NULL)
        status = hn_out_of_memory(err);
    for (size_t k = 0; k < s->earlier->n_studies && status == HONE_OK; k++) {
        const hn_earlier_study *study = &s->earlier->studies[k];
        memcpy(next, study->values, study->n * count * sizeof *values);
        next += study->n * count;
    }
    if (status == HONE_OK && m > 0)
        status = begin_warm(s, &scratch, values, m, err);
    hn_arena_release(&scratch);
    return status;
}

hone_status hn_cma_start_warm(hn_cma_search *s, const hn_history *history, hone_error *err)
{
    hn_arena scratch = HN_ARENA_INIT;
    size_t m = hn_cma_warm_count(s->n_startup);
    hone_status status = HONE_OK;
    size_t *order = HN_ARENA_NEW(&scratch, size_t, s->n_startup);
    double *values = hn_arena_alloc(&scratch, m, s->space->count * sizeof *values);
    if (order == NULL || values == NULL) {
        status = hn_out_of_memory(err);
        goto done;
    }
    hn_cma_rank(history, s->startup, s->n_startup, order);
    for (size_t k = 0; k < m; k++)
        hn_cma_read_values(s->space, history, s->startup[order[k]], values + k * s->space->count);
    status = begin_warm(s, &scratch, values, m, err);
done:
    hn_arena_release(&scratch);
    return status;
}
