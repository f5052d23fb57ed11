#include "math/lbfgs.h"

#include <math.h>
#include <string.h>

#include "base/cancel.h"
#include "math/linalg.h"

enum { MAX_TRIALS = 60 }; /* of one line search: 2^-60 of a step is below rounding */

struct hn_lbfgs {
    const hn_lbfgs_problem *problem;
    double *x, *gradient;            /* (n,): the current point */
    double *trial, *trial_gradient;  /* (n,): the point looked at */
    double *direction;               /* (n,) */
    bool *held;                      /* (n,) at a bound that the step would cross; NULL: no bounds */
    double *steps, *changes;         /* (MEMORY, n): x' - x and g' - g, a ring */
    double inverse[HN_LBFGS_MEMORY]; /* 1 / <step, change> over the free coordinates; 0: not convex there */
    size_t kept, next;
    double slope, step, shortest, longest; /* of the line search under way */
    int trials;                            /* points it has looked at */
    bool started, over;
    hn_lbfgs_result result;
};

/* --- the box --- */

static double into_box(const hn_lbfgs_problem *problem, size_t i, double x)
{
    return problem->low ? fmin(fmax(x, problem->low[i]), problem->high[i]) : x;
}

/* Would x + t d leave the box in coordinate i at once? */
static bool leaves_box(const hn_lbfgs_problem *problem, size_t i, double x, double d)
{
    return problem->low && ((x <= problem->low[i] && d < 0) || (x >= problem->high[i] && d > 0));
}

/* Largest element of x - P(x - gradient). */
static double projected_size(const hn_lbfgs *s)
{
    double size = 0;
    for (size_t i = 0; i < s->problem->n; i++) {
        double reach = s->gradient[i];
        if (s->problem->low)
            reach = s->x[i] - into_box(s->problem, i, s->x[i] - reach);
        size = fmax(size, fabs(reach));
    }
    return size;
}

/* Coordinates whose bound the steepest descent would cross are held. */
static void hold_bounds(hn_lbfgs *s)
{
    for (size_t i = 0; i < s->problem->n; i++)
        s->held[i] = leaves_box(s->problem, i, s->x[i], -s->gradient[i]);
}

static void clear_held(const hn_lbfgs *s, double *x)
{
    for (size_t i = 0; s->held && i < s->problem->n; i++)
        x[i] = s->held[i] ? 0 : x[i];
}

/* --- the direction --- */

/* The pairs have the curvature of the free coordinates alone. */
static void restrict_pairs(hn_lbfgs *s)
{
    size_t n = s->problem->n;
    for (size_t k = 0; k < s->kept; k++) {
        const double *step = s->steps + k * n, *change = s->changes + k * n;
        double curvature = 0, size = 0;
        for (size_t i = 0; i < n; i++)
            if (!s->held[i]) {
                curvature += step[i] * change[i];
                size += change[i] * change[i];
            }
        s->inverse[k] = curvature > 1e-16 * size ? 1 / curvature : 0;
    }
}

/* 1 / (inverse <change, change>) of the newest usable pair: the size of H. */
static double scale_of_newest(const hn_lbfgs *s)
{
    size_t n = s->problem->n;
    for (size_t age = 0; age < s->kept; age++) {
        size_t k = (s->next + HN_LBFGS_MEMORY - 1 - age) % HN_LBFGS_MEMORY;
        const double *change = s->changes + k * n;
        double size = 0;
        if (s->inverse[k] == 0)
            continue;
        if (!s->held)
            return 1 / (s->inverse[k] * hn_dot(change, change, n));
        for (size_t i = 0; i < n; i++)
            size += s->held[i] ? 0 : change[i] * change[i];
        return 1 / (s->inverse[k] * size);
    }
    return 1;
}

/* direction = -H gradient by the two-loop recursion, in the free coordinates. */
static void set_direction(hn_lbfgs *s)
{
    size_t n = s->problem->n;
    double alpha[HN_LBFGS_MEMORY];
    for (size_t i = 0; i < n; i++)
        s->direction[i] = -s->gradient[i];
    clear_held(s, s->direction);
    for (size_t age = 0; age < s->kept; age++) {
        size_t k = (s->next + HN_LBFGS_MEMORY - 1 - age) % HN_LBFGS_MEMORY;
        alpha[k] = s->inverse[k] * hn_dot(s->steps + k * n, s->direction, n);
        hn_add_scaled(-alpha[k], s->changes + k * n, n, s->direction);
        clear_held(s, s->direction);
    }
    double scale = s->kept ? scale_of_newest(s) : 1;
    for (size_t i = 0; i < n && s->kept; i++)
        s->direction[i] *= scale;
    for (size_t age = s->kept; age-- > 0;) {
        size_t k = (s->next + HN_LBFGS_MEMORY - 1 - age) % HN_LBFGS_MEMORY;
        double beta = s->inverse[k] * hn_dot(s->changes + k * n, s->direction, n);
        hn_add_scaled(alpha[k] - beta, s->steps + k * n, n, s->direction);
        clear_held(s, s->direction);
    }
}

/* A direction that leads down from inside the box. */
static void choose_direction(hn_lbfgs *s)
{
    size_t n = s->problem->n;
    if (s->held) {
        hold_bounds(s);
        restrict_pairs(s);
    }
    set_direction(s);
    for (size_t i = 0; s->held && i < n; i++)
        if (leaves_box(s->problem, i, s->x[i], s->direction[i]))
            s->direction[i] = 0;
    s->slope = hn_dot(s->gradient, s->direction, n);
    if (s->held && s->kept && !(s->slope < 0)) {
        s->kept = 0;
        set_direction(s);
        s->slope = hn_dot(s->gradient, s->direction, n);
    }
}

/* --- the line search --- */

static void set_trial(hn_lbfgs *s)
{
    for (size_t i = 0; i < s->problem->n; i++)
        s->trial[i] = into_box(s->problem, i, s->x[i] + s->step * s->direction[i]);
}

static void begin_line(hn_lbfgs *s)
{
    s->over = !(s->result.gradient_size > s->problem->gradient_tolerance &&
                s->result.iterations < s->problem->max_iterations);
    if (s->over)
        return;
    choose_direction(s);
    double size = hn_dot(s->gradient, s->gradient, s->problem->n);
    s->step = s->kept ? 1 : fmin(1, 1 / sqrt(size));
    s->shortest = 0;
    s->longest = INFINITY;
    s->trials = 0;
    set_trial(s);
}

/* <gradient, trial - x>: without bounds that is the step times the slope. */
static double linear_change(const hn_lbfgs *s)
{
    double sum = 0;
    if (!s->held)
        return s->step * s->slope;
    for (size_t i = 0; i < s->problem->n; i++)
        sum += s->gradient[i] * (s->trial[i] - s->x[i]);
    return sum;
}

/* The derivative along the projected line at the trial: coordinates that have met their bound stand still. */
static double trial_slope(const hn_lbfgs *s)
{
    double sum = 0;
    if (!s->held)
        return hn_dot(s->trial_gradient, s->direction, s->problem->n);
    for (size_t i = 0; i < s->problem->n; i++)
        if (!leaves_box(s->problem, i, s->trial[i], s->direction[i]))
            sum += s->trial_gradient[i] * s->direction[i];
    return sum;
}

/* Keeps the last step when it shows positive curvature, then moves. */
static void move(hn_lbfgs *s, double value)
{
    size_t n = s->problem->n;
    double *step = s->steps + s->next * n, *change = s->changes + s->next * n;
    for (size_t i = 0; i < n; i++) {
        step[i] = s->trial[i] - s->x[i];
        change[i] = s->trial_gradient[i] - s->gradient[i];
    }
    double curvature = hn_dot(step, change, n);
    if (curvature > 1e-16 * hn_dot(change, change, n)) {
        s->inverse[s->next] = 1 / curvature;
        s->next = (s->next + 1) % HN_LBFGS_MEMORY;
        s->kept += s->kept < HN_LBFGS_MEMORY;
    }
    memcpy(s->x, s->trial, n * sizeof *s->x);
    memcpy(s->gradient, s->trial_gradient, n * sizeof *s->gradient);
    s->result.value = value;
    s->result.gradient_size = projected_size(s);
}

/* The line search has come to a point that meets the weak Wolfe conditions, or at least lowers the value, or
 * to none. */
static void end_line(hn_lbfgs *s, bool found, double value)
{
    double before = s->result.value;
    bool from_gradient = s->kept == 0;
    s->over = !found && from_gradient;
    if (s->over)
        return;
    s->result.iterations++;
    if (found)
        move(s, value);
    else /* rounding has spoilt the memory: steepest descent once more */
        s->kept = 0;
    s->over =
        found && before - value <= s->problem->value_tolerance * fmax(1, fmax(fabs(before), fabs(value)));
    if (!s->over)
        begin_line(s);
}

static void continue_line(hn_lbfgs *s, double value)
{
    bool enough = value <= s->result.value + 1e-4 * linear_change(s);
    s->trials++;
    if (enough && !(trial_slope(s) < 0.9 * s->slope)) {
        end_line(s, true, value);
        return;
    }
    if (enough)
        s->shortest = s->step;
    else
        s->longest = s->step;
    if (s->trials == MAX_TRIALS) {
        end_line(s, value < s->result.value, value);
        return;
    }
    s->step = isfinite(s->longest) ? s->shortest + (s->longest - s->shortest) / 2 : 2 * s->shortest;
    set_trial(s);
}

/* --- the search --- */

hone_status hn_lbfgs_begin(const hn_lbfgs_problem *problem, hn_arena *arena, const double *start,
                           hn_lbfgs **search, hone_error *err)
{
    size_t n = problem->n;
    hn_lbfgs *s = HN_ARENA_NEW(arena, hn_lbfgs, 1);
    if (!s)
        return hn_out_of_memory(err);
    s->problem = problem;
    s->x = hn_arena_scratch(arena, n, sizeof(double));
    s->gradient = hn_arena_scratch(arena, n, sizeof(double));
    s->trial = hn_arena_scratch(arena, n, sizeof(double));
    s->trial_gradient = hn_arena_scratch(arena, n, sizeof(double));
    s->direction = hn_arena_scratch(arena, n, sizeof(double));
    s->steps = hn_arena_scratch(arena, n, HN_LBFGS_MEMORY * sizeof(double));
    s->changes = hn_arena_scratch(arena, n, HN_LBFGS_MEMORY * sizeof(double));
    s->held = problem->low ? HN_ARENA_NEW(arena, bool, n) : NULL;
    if (!s->x || !s->gradient || !s->trial || !s->trial_gradient || !s->direction || !s->steps ||
        !s->changes || (problem->low && !s->held))
        return hn_out_of_memory(err);
    for (size_t i = 0; i < n; i++)
        s->x[i] = s->trial[i] = into_box(problem, i, start[i]);
    *search = s;
    return HONE_OK;
}

const double *hn_lbfgs_wanted(const hn_lbfgs *search)
{
    return search->over ? NULL : search->trial;
}

void hn_lbfgs_tell(hn_lbfgs *search, double value, const double *gradient)
{
    memcpy(search->trial_gradient, gradient, search->problem->n * sizeof *gradient);
    search->result.evaluations++;
    if (search->started) {
        continue_line(search, value);
        return;
    }
    search->started = true;
    memcpy(search->gradient, gradient, search->problem->n * sizeof *gradient);
    search->result.value = value;
    search->result.gradient_size = projected_size(search);
    begin_line(search);
}

const double *hn_lbfgs_best(const hn_lbfgs *search, hn_lbfgs_result *result)
{
    if (result)
        *result = search->result;
    return search->x;
}

hone_status hn_lbfgs_minimize(const hn_lbfgs_problem *problem, hn_arena *scratch, double *x,
                              hn_lbfgs_result *result, hone_error *err)
{
    hn_lbfgs *search = NULL;
    double *gradient = hn_arena_scratch(scratch, problem->n, sizeof *gradient);
    hone_status status = gradient ? hn_lbfgs_begin(problem, scratch, x, &search, err) : hn_out_of_memory(err);
    if (status)
        return status;
    for (const double *point; (point = hn_lbfgs_wanted(search));) {
        double value = problem->value(problem->context, point, gradient);
        hn_lbfgs_tell(search, value, gradient);
        if (hn_cancelled(problem->cancel))
            return hn_fail(err, HONE_CANCELLED, "cancelled after %zu iterations", search->result.iterations);
    }
    memcpy(x, hn_lbfgs_best(search, result), problem->n * sizeof *x);
    return HONE_OK;
}
