#include "model/linear_descent.h"

#include <math.h>

#include "math/linalg.h"

double hn_descent_slope(const hn_descent *s, size_t j)
{
    return s->gram ? s->slope[j] : -hn_dot(s->columns + j * s->n, s->residual, s->n);
}

static void step_along(hn_descent *s, size_t j, double step)
{
    s->w[j] += step;
    if (s->gram)
        hn_add_scaled(step, s->gram + j * s->d, s->d, s->slope);
    else
        hn_add_scaled(-step, s->columns + j * s->n, s->n, s->residual);
}

hn_descent_sweep hn_descent_pass(hn_descent *s, const double *l1, const double *l2)
{
    hn_descent_sweep sweep = {0, 0};
    for (size_t j = 0; j < s->d; j++) {
        double curvature = s->norms[j] + l2[j];
        if (!(s->norms[j] > 0))
            continue; /* a constant column keeps its weight, 0 */
        double pull = s->norms[j] * s->w[j] - hn_descent_slope(s, j);
        double shrunk = fabs(pull) > l1[j] ? copysign(fabs(pull) - l1[j], pull) : 0;
        double step = shrunk / curvature - s->w[j];
        if (step != 0)
            step_along(s, j, step);
        sweep.largest_step = fmax(sweep.largest_step, fabs(step));
        sweep.largest_weight = fmax(sweep.largest_weight, fabs(s->w[j]));
    }
    return sweep;
}
