/* smo.c: sequential minimal optimisation with second-order working sets (Fan, Chen & Lin 2005, WSS 2: the rules and the
 * stopping criterion of libsvm), made faster at the end: once the free variables (0 < a < upper) are nearly found, pairs
 * converge slowly when the kernel has low rank, while Newton steps on all free variables at once finish in a few rounds.
 *
 * Invariants: alpha is feasible; gradient = Q alpha + p.
 */
#include "model/smo.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>


enum { POLL_ITERATIONS = 1024, MOST_FREE = 256, NEWTON_FLOPS = 4000000 };

static const double smallest_curvature = 1e-12; /* in place of a curvature that is not positive, as libsvm */
static const double ridge = 1e-9;               /* relative to the mean diagonal: keeps Newton's matrix positive */

typedef struct solver {
    const hn_smo_problem *p;
    double *alpha, *gradient; /* (n,) */
    /* Newton steps on m <= MOST_FREE free variables */
    size_t *free;                 /* (m,) */
    double *matrix;               /* (m, m) */
    double *step, *normal;        /* (m,) */
} solver;

/* --- pairs --------------------------------------------------------------------------------------------------- */

static bool can_rise(const solver *s, size_t t)
{
    return s->p->sign[t] > 0 ? s->alpha[t] < s->p->upper[t] : s->alpha[t] > 0;
}

static bool can_fall(const solver *s, size_t t)
{
    return s->p->sign[t] > 0 ? s->alpha[t] > 0 : s->alpha[t] < s->p->upper[t];
}

/* The most violating variable that may move along its sign, and -s G there. SIZE_MAX when there is none. */
static size_t select_first(const solver *s, double *violation)
{
    size_t best = SIZE_MAX;
    *violation = -INFINITY;
    for (size_t t = 0; t < s->p->n; t++) {
        double value = -s->p->sign[t] * s->gradient[t];
        if (value >= *violation && can_rise(s, t)) {
            *violation = value;
            best = t;
        }
    }
    return best;
}

/* The partner of i that promises the largest decrease; SIZE_MAX when no pair violates by more than the tolerance. */
static size_t select_second(const solver *s, size_t i, double violation)
{
    const hn_smo_problem *p = s->p;
    const double *q = p->q + i * p->n;
    double most = -INFINITY, best_gain = 0, sign_i = p->sign[i];
    size_t best = SIZE_MAX;
    for (size_t t = 0; t < p->n; t++) {
        double value = p->sign[t] * s->gradient[t], difference = violation + value;
        if (!can_fall(s, t))
            continue;
        most = value > most ? value : most;
        if (difference <= 0)
            continue;
        double curvature = q[i] + p->q[t * p->n + t] - 2 * sign_i * p->sign[t] * q[t];
        double gain = difference * difference / (curvature > 0 ? curvature : smallest_curvature);
        if (gain >= best_gain) {
            best_gain = gain;
            best = t;
        }
    }
    return violation + most < p->tolerance ? SIZE_MAX : best;
}

static void add_to_gradient(solver *s, size_t i, double change)
{
    const double *q = s->p->q + i * s->p->n;
    for (size_t t = 0; t < s->p->n; t++)
        s->gradient[t] += change * q[t];
}

/* a_i moves along its sign and a_j against it by the same length: the constraint s'a = 0 holds. */
static void move_pair(solver *s, size_t i, size_t j)
{
    const hn_smo_problem *p = s->p;
    const double *qi = p->q + i * p->n, *qj = p->q + j * p->n;
    double curvature = qi[i] + qj[j] - 2 * p->sign[i] * p->sign[j] * qi[j];
    double length = (-p->sign[i] * s->gradient[i] + p->sign[j] * s->gradient[j]) /
                    (curvature > 0 ? curvature : smallest_curvature);
    double room_i = p->sign[i] > 0 ? p->upper[i] - s->alpha[i] : s->alpha[i];
    double room_j = p->sign[j] > 0 ? s->alpha[j] : p->upper[j] - s->alpha[j];
    double old_i = s->alpha[i], old_j = s->alpha[j];
    length = fmin(length, fmin(room_i, room_j));
    s->alpha[i] = old_i + p->sign[i] * length;
    s->alpha[j] = old_j - p->sign[j] * length;
    if (length == room_i) /* exactly on the bound, whatever rounding did */
        s->alpha[i] = p->sign[i] > 0 ? p->upper[i] : 0;
    if (length == room_j)
        s->alpha[j] = p->sign[j] > 0 ? 0 : p->upper[j];
    double change_i = s->alpha[i] - old_i, change_j = s->alpha[j] - old_j;
    for (size_t t = 0; t < p->n; t++)
        s->gradient[t] += change_i * qi[t] + change_j * qj[t];
}

/* --- all free variables at once ------------------------------------------------------------------------------ */

/* Cholesky factor in the lower triangle of a (m, m); false when a is not positive definite. */
static bool factor(double *a, size_t m)
{
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j <= i; j++) {
            double sum = a[i * m + j];
            for (size_t k = 0; k < j; k++)
                sum -= a[i * m + k] * a[j * m + k];
            if (i == j && !(sum > 0))
                return false;
            a[i * m + j] = i == j ? sqrt(sum) : sum / a[j * m + j];
        }
    return true;
}

/* x := A^-1 x with the factor of A. */
static void solve(const double *a, size_t m, double *x)
{
    for (size_t i = 0; i < m; i++) {
        for (size_t k = 0; k < i; k++)
            x[i] -= a[i * m + k] * x[k];
        x[i] /= a[i * m + i];
    }
    for (size_t i = m; i-- > 0;) {
        for (size_t k = i + 1; k < m; k++)
            x[i] -= a[k * m + i] * x[k];
        x[i] /= a[i * m + i];
    }
}

static size_t list_free(const solver *s)
{
    size_t m = 0;
    for (size_t t = 0; t < s->p->n; t++)
        if (s->alpha[t] > 0 && s->alpha[t] < s->p->upper[t]) {
            if (m == MOST_FREE)
                return m + 1;
            s->free[m++] = t;
        }
    return m;
}

/* step := argmin over the free variables of the quadratic model, with s'step = 0. False when it has none. */
static bool newton_direction(solver *s, size_t m)
{
    const hn_smo_problem *p = s->p;
    double diagonal = 0, along = 0, across = 0;
    for (size_t i = 0; i < m; i++) {
        const double *q = p->q + s->free[i] * p->n;
        for (size_t j = 0; j < m; j++)
            s->matrix[i * m + j] = q[s->free[j]];
        diagonal += s->matrix[i * m + i] / (double)m;
        s->step[i] = -s->gradient[s->free[i]];
        s->normal[i] = p->sign[s->free[i]];
    }
    for (size_t i = 0; i < m; i++)
        s->matrix[i * m + i] += ridge * diagonal;
    if (!factor(s->matrix, m))
        return false;
    solve(s->matrix, m, s->step);
    solve(s->matrix, m, s->normal);
    for (size_t i = 0; i < m; i++) {
        along += p->sign[s->free[i]] * s->step[i];
        across += p->sign[s->free[i]] * s->normal[i];
    }
    for (size_t i = 0; i < m; i++)
        s->step[i] -= along / across * s->normal[i];
    return across > 0 && isfinite(along / across);
}

/* Goes along step as far as the bounds allow, at most its whole length; true when a bound stopped it. */
static bool move_free(solver *s, size_t m)
{
    double length = 1;
    size_t stopped_by = SIZE_MAX;
    for (size_t i = 0; i < m; i++) {
        size_t t = s->free[i];
        double room = s->step[i] > 0 ? s->p->upper[t] - s->alpha[t] : s->alpha[t];
        if (fabs(s->step[i]) * length > room) {
            length = room / fabs(s->step[i]);
            stopped_by = i;
        }
    }
    for (size_t i = 0; i < m; i++) {
        size_t t = s->free[i];
        double old = s->alpha[t], value = old + length * s->step[i];
        if (i == stopped_by)
            value = s->step[i] > 0 ? s->p->upper[t] : 0;
        s->alpha[t] = fmin(fmax(value, 0), s->p->upper[t]);
        add_to_gradient(s, t, s->alpha[t] - old);
    }
    return stopped_by != SIZE_MAX;
}

/* Newton steps until one is not stopped by a bound, within a budget of work. */
static void finish_free(solver *s)
{
    for (size_t flops = 0; flops < NEWTON_FLOPS;) {
        size_t m = list_free(s);
        if (m < 2 || m > MOST_FREE || !newton_direction(s, m) || !move_free(s, m))
            return;
        flops += m * m * m / 3 + 2 * m * s->p->n;
    }
}

/* --- the whole ----------------------------------------------------------------------------------------------- */

/* s G is the same on all free variables; without any, the middle of what the bounds allow. */
static double threshold(const solver *s)
{
    double high = INFINITY, low = -INFINITY, sum = 0;
    size_t n_free = 0;
    for (size_t t = 0; t < s->p->n; t++) {
        double value = s->p->sign[t] * s->gradient[t];
        bool rises = can_rise(s, t), falls = can_fall(s, t);
        if (rises && falls) {
            sum += value;
            n_free++;
        } else if (rises) {
            high = fmin(high, value);
        } else {
            low = fmax(low, value);
        }
    }
    return n_free ? sum / (double)n_free : (high + low) / 2;
}

static hone_status iterate(solver *s, hone_error *err)
{
    size_t n = s->p->n, most = n > 100000 ? 100 * n : 10000000; /* libsvm's limit */
    size_t newton_at = n;
    for (size_t iteration = 1; iteration <= most; iteration++) {
        if (iteration % POLL_ITERATIONS == 0 && s->p->cancel && *s->p->cancel)
            return hn_fail(err, HONE_CANCELLED, "cancelled after %zu iterations", iteration);
        if (iteration == newton_at) {
            finish_free(s);
            newton_at += n;
        }
        double violation;
        size_t i = select_first(s, &violation);
        size_t j = i == SIZE_MAX ? SIZE_MAX : select_second(s, i, violation);
        if (j == SIZE_MAX)
            return HONE_OK;
        move_pair(s, i, j);
    }
    return HONE_OK; /* as libsvm: the best so far */
}

hone_status hn_smo_solve(const hn_smo_problem *problem, double *alpha, double *rho, hone_error *err)
{
    hn_arena *scratch = problem->scratch;
    size_t n = problem->n, m = n < MOST_FREE ? n : MOST_FREE;
    solver s = {.p = problem, .alpha = alpha};
    s.gradient = hn_arena_scratch(scratch, n, sizeof *s.gradient);
    s.free = hn_arena_scratch(scratch, m, sizeof *s.free);
    s.matrix = hn_arena_scratch(scratch, m * m, sizeof *s.matrix);
    s.step = hn_arena_scratch(scratch, m, sizeof *s.step);
    s.normal = hn_arena_scratch(scratch, m, sizeof *s.normal);
    if (!s.gradient || !s.free || !s.matrix || !s.step || !s.normal)
        return hn_out_of_memory(err);
    for (size_t t = 0; t < n; t++) {
        alpha[t] = 0;
        s.gradient[t] = problem->linear[t];
    }
    hone_status status = iterate(&s, err);
    if (!status)
        *rho = threshold(&s);
    return status;
}
