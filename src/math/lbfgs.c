#include "math/lbfgs.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "math/linalg.h"

enum { MAX_TRIALS = 60 }; /* of one line search: 2^-60 of a step is below rounding */

typedef struct minimizer {
    const hn_lbfgs_problem *problem;
    double *x, *gradient;            /* (n,): the current point */
    double *trial, *trial_gradient;  /* (n,): the point looked at */
    double *direction;               /* (n,) */
    double *steps, *changes;         /* (MEMORY, n): x' - x and g' - g, a ring */
    double inverse[HN_LBFGS_MEMORY]; /* 1 / <step, change> */
    size_t kept, next;
    hn_lbfgs_result result;
} minimizer;

static double largest(const double *x, size_t n)
{
    double size = 0;
    for (size_t i = 0; i < n; i++)
        size = fmax(size, fabs(x[i]));
    return size;
}

/* direction = -H gradient by the two-loop recursion. */
static void set_direction(minimizer *m)
{
    size_t n = m->problem->n;
    double alpha[HN_LBFGS_MEMORY];
    for (size_t i = 0; i < n; i++)
        m->direction[i] = -m->gradient[i];
    for (size_t age = 0; age < m->kept; age++) {
        size_t k = (m->next + HN_LBFGS_MEMORY - 1 - age) % HN_LBFGS_MEMORY;
        alpha[k] = m->inverse[k] * hn_dot(m->steps + k * n, m->direction, n);
        hn_add_scaled(-alpha[k], m->changes + k * n, n, m->direction);
    }
    if (m->kept) {
        size_t k = (m->next + HN_LBFGS_MEMORY - 1) % HN_LBFGS_MEMORY;
        const double *change = m->changes + k * n;
        double scale = 1 / (m->inverse[k] * hn_dot(change, change, n));
        for (size_t i = 0; i < n; i++)
            m->direction[i] *= scale;
    }
    for (size_t age = m->kept; age-- > 0;) {
        size_t k = (m->next + HN_LBFGS_MEMORY - 1 - age) % HN_LBFGS_MEMORY;
        double beta = m->inverse[k] * hn_dot(m->changes + k * n, m->direction, n);
        hn_add_scaled(alpha[k] - beta, m->steps + k * n, n, m->direction);
    }
}

/* Finds a step that meets the weak Wolfe conditions, or at least lowers the value; trial is then that point.
 * False when there is none. */
static bool search_line(minimizer *m, double step, double *value)
{
    const hn_lbfgs_problem *problem = m->problem;
    size_t n = problem->n;
    double slope = hn_dot(m->gradient, m->direction, n), low = 0, high = INFINITY;
    for (int t = 0; t < MAX_TRIALS; t++) {
        for (size_t i = 0; i < n; i++)
            m->trial[i] = m->x[i] + step * m->direction[i];
        *value = problem->value(problem->context, m->trial, m->trial_gradient);
        m->result.evaluations++;
        if (!(*value <= m->result.value + 1e-4 * step * slope))
            high = step;
        else if (hn_dot(m->trial_gradient, m->direction, n) < 0.9 * slope)
            low = step;
        else
            return true;
        step = isfinite(high) ? low + (high - low) / 2 : 2 * low;
        if (problem->cancel && *problem->cancel)
            return false;
    }
    return *value < m->result.value;
}

/* Keeps the last step when it shows positive curvature, then moves. */
static void move(minimizer *m, double value)
{
    size_t n = m->problem->n;
    double *step = m->steps + m->next * n, *change = m->changes + m->next * n;
    for (size_t i = 0; i < n; i++) {
        step[i] = m->trial[i] - m->x[i];
        change[i] = m->trial_gradient[i] - m->gradient[i];
    }
    double curvature = hn_dot(step, change, n);
    if (curvature > 1e-16 * hn_dot(change, change, n)) {
        m->inverse[m->next] = 1 / curvature;
        m->next = (m->next + 1) % HN_LBFGS_MEMORY;
        m->kept += m->kept < HN_LBFGS_MEMORY;
    }
    memcpy(m->x, m->trial, n * sizeof *m->x);
    memcpy(m->gradient, m->trial_gradient, n * sizeof *m->gradient);
    m->result.value = value;
    m->result.gradient_size = largest(m->gradient, n);
}

static hone_status descend(minimizer *m, hone_error *err)
{
    const hn_lbfgs_problem *problem = m->problem;
    size_t n = problem->n;
    m->result.value = problem->value(problem->context, m->x, m->gradient);
    m->result.evaluations = 1;
    m->result.gradient_size = largest(m->gradient, n);
    while (m->result.gradient_size > problem->gradient_tolerance &&
           m->result.iterations < problem->max_iterations) {
        set_direction(m);
        double step = m->kept ? 1 : fmin(1, 1 / sqrt(hn_dot(m->gradient, m->gradient, n)));
        double before = m->result.value, value;
        bool found = search_line(m, step, &value);
        if (problem->cancel && *problem->cancel)
            return hn_fail(err, HONE_CANCELLED, "cancelled after %zu iterations", m->result.iterations);
        if (!found && m->kept == 0)
            break;
        m->result.iterations++;
        if (!found) { /* rounding has spoilt the memory: steepest descent once more */
            m->kept = 0;
            continue;
        }
        move(m, value);
        if (before - value <= problem->value_tolerance * fmax(1, fmax(fabs(before), fabs(value))))
            break;
    }
    return HONE_OK;
}

hone_status hn_lbfgs_minimize(const hn_lbfgs_problem *problem, hn_arena *scratch, double *x,
                              hn_lbfgs_result *result, hone_error *err)
{
    size_t n = problem->n;
    minimizer m = {.problem = problem, .x = x};
    m.gradient = hn_arena_scratch(scratch, n, sizeof(double));
    m.trial = hn_arena_scratch(scratch, n, sizeof(double));
    m.trial_gradient = hn_arena_scratch(scratch, n, sizeof(double));
    m.direction = hn_arena_scratch(scratch, n, sizeof(double));
    m.steps = hn_arena_scratch(scratch, n, HN_LBFGS_MEMORY * sizeof(double));
    m.changes = hn_arena_scratch(scratch, n, HN_LBFGS_MEMORY * sizeof(double));
    if (!m.gradient || !m.trial || !m.trial_gradient || !m.direction || !m.steps || !m.changes)
        return hn_out_of_memory(err);
    hone_status status = descend(&m, err);
    if (!status && result)
        *result = m.result;
    return status;
}
