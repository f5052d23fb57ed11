/* surrogate/gp_shape.c: which hyperparameters a model has, and what they mean. */
#include <math.h>
#include <string.h>

#include "surrogate/gp_parts.h"

/* Logarithms further out than this mean nothing for data on the unit cube. */
static const double largest_logarithm = 25;

hn_gp_axis hn_gp_axis_of(const hn_parameter *parameter)
{
    const hn_distribution *distribution = &parameter->distribution;
    hn_gp_axis axis = {.conditional = parameter->when != NULL, .distribution = distribution};
    if (distribution->kind == HN_CATEGORICAL)
        axis.kind = distribution->ordinal ? HN_GP_LATTICE : HN_GP_CATEGORICAL;
    else
        axis.kind = distribution->step > 0 ? HN_GP_LATTICE : HN_GP_CONTINUOUS;
    return axis;
}

/* Gives out places in the vector one after another. */
static void set_places(hn_gp_shape *shape)
{
    const hn_gp_options *options = &shape->options;
    int next = 0;
    for (size_t j = 0; j < shape->d; j++)
        shape->relevance[j] = options->shared ? 0 : next++;
    next = options->shared ? 1 : next;
    shape->amplitude = options->prior == HN_GP_PRIOR_DIMENSION ? HN_GP_ABSENT : next++;
    shape->noise = options->noise_fixed ? HN_GP_ABSENT : next++;
    shape->linear = options->linear && shape->n_numbers ? next++ : HN_GP_ABSENT;
    shape->first_order = options->first_order ? next++ : HN_GP_ABSENT;
    for (size_t j = 0; j < shape->d; j++) {
        bool warped = options->warp && shape->axes[j].kind == HN_GP_CONTINUOUS;
        shape->warp[j] = warped ? next : HN_GP_ABSENT;
        next += warped ? 2 : 0;
        shape->rho[j] = shape->axes[j].conditional ? next++ : HN_GP_ABSENT;
    }
    shape->n_parameters = (size_t)next;
}

size_t hn_gp_parameter_count(const hn_gp_axis *axes, size_t d, const hn_gp_options *options)
{
    size_t numbers = 0, count = options->shared ? 1 : d;
    for (size_t j = 0; j < d; j++) {
        numbers += axes[j].kind != HN_GP_CATEGORICAL;
        count += (options->warp && axes[j].kind == HN_GP_CONTINUOUS ? 2 : 0) + axes[j].conditional;
    }
    return count + (options->prior != HN_GP_PRIOR_DIMENSION) + !options->noise_fixed +
           (options->linear && numbers) + options->first_order;
}

hone_status hn_gp_shape_make(hn_arena *arena, const hn_gp_axis *axes, size_t d, const hn_gp_options *options,
                             hn_gp_shape *shape, hone_error *err)
{
    hn_gp_axis *copy = HN_ARENA_NEW(arena, hn_gp_axis, d);
    *shape = (hn_gp_shape){.axes = copy, .d = d, .options = *options};
    shape->relevance = HN_ARENA_NEW(arena, int, d);
    shape->warp = HN_ARENA_NEW(arena, int, d);
    shape->rho = HN_ARENA_NEW(arena, int, d);
    shape->rho_centre = HN_ARENA_NEW(arena, double, d);
    if (!copy || !shape->relevance || !shape->warp || !shape->rho || !shape->rho_centre)
        return hn_out_of_memory(err);
    memcpy(copy, axes, d * sizeof *copy);
    for (size_t j = 0; j < d; j++)
        shape->n_numbers += axes[j].kind != HN_GP_CATEGORICAL;
    set_places(shape);
    return HONE_OK;
}

static bool lacked_together(const double *a, const double *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (isnan(a[i]) != isnan(b[i]))
            return false;
    return true;
}

void hn_gp_shape_see(hn_gp_shape *shape, const double *columns, size_t n)
{
    for (size_t j = 0; j < shape->d; j++) {
        double group = 0;
        for (size_t k = 0; k < shape->d; k++)
            group += shape->axes[k].conditional && lacked_together(columns + j * n, columns + k * n, n);
        double centre = pow(0.5, 1 / fmax(1, group));
        shape->rho_centre[j] = log(centre / (1 - centre));
    }
}

hone_status hn_gp_hyper_make(hn_arena *arena, size_t d, hn_gp_hyper *hyper, hone_error *err)
{
    hyper->relevance = HN_ARENA_NEW(arena, double, d);
    hyper->rho = HN_ARENA_NEW(arena, double, d);
    hyper->warp_a = HN_ARENA_NEW(arena, double, d);
    hyper->warp_b = HN_ARENA_NEW(arena, double, d);
    hyper->rate = HN_ARENA_NEW(arena, double, d);
    if (!hyper->relevance || !hyper->rho || !hyper->warp_a || !hyper->warp_b || !hyper->rate)
        return hn_out_of_memory(err);
    return HONE_OK;
}

static double value_at(const double *parameters, int place, double otherwise)
{
    return place == HN_GP_ABSENT ? otherwise : exp(parameters[place]);
}

bool hn_gp_hyper_set(const hn_gp_shape *shape, const double *parameters, double fixed_noise,
                     hn_gp_hyper *hyper)
{
    for (size_t p = 0; p < shape->n_parameters; p++)
        if (!(fabs(parameters[p]) <= largest_logarithm))
            return false;
    hyper->amplitude = value_at(parameters, shape->amplitude, 1);
    hyper->noise =
        shape->noise == HN_GP_ABSENT ? fixed_noise : hn_gp_least_noise(shape) + exp(parameters[shape->noise]);
    hyper->linear = value_at(parameters, shape->linear, 0);
    hyper->first_order = value_at(parameters, shape->first_order, 0);
    for (size_t j = 0; j < shape->d; j++) {
        hyper->relevance[j] = exp(parameters[shape->relevance[j]]);
        hyper->rho[j] = shape->rho[j] == HN_GP_ABSENT ? 1 : 1 / (1 + exp(-parameters[shape->rho[j]]));
        hyper->warp_a[j] = value_at(parameters, shape->warp[j], 1);
        hyper->warp_b[j] = shape->warp[j] == HN_GP_ABSENT ? 1 : exp(parameters[shape->warp[j] + 1]);
        hyper->rate[j] = hn_gp_rate(shape, hyper, j);
    }
    return true;
}
