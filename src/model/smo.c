/* smo.c: sequential minimal optimisation with second-order working sets (Fan, Chen & Lin 2005, WSS 2: the
 * rules and the stopping criterion of libsvm). Pairs converge slowly when the kernel has low rank and few
 * variables remain to be found; then the free variables (0 < a < upper) and the worst violators are solved as
 * a small problem of their own (Joachims 1999), in which Newton steps on all free variables at once settle
 * what pairs would circle around.
 *
 * Invariants: alpha is feasible; gradient = Q alpha + p; rises and falls agree with alpha.
 */
#include "model/smo.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/cancel.h"
#include "math/statistics.h"
#include "math/vector.h"

enum { POLL_ITERATIONS = 1024, SUBSET = 256, NEWTON_FLOPS = 2000000 };

static const double smallest_curvature = 1e-12; /* in place of a curvature that is not positive, as libsvm */
static const double ridge = 1e-9; /* relative to the mean diagonal: keeps Newton's matrix positive */

typedef struct solver solver;

struct solver {
    const hn_smo_problem *p;
    double *alpha, *gradient; /* (n,) */
    double *diagonal;         /* (n,): of q, adjacent in memory */
    double *rises, *falls; /* (n,): 0 when the variable may move along its sign, against it; else -infinity */
    size_t *free;          /* (n,): for lists of variables */
    double *score;         /* (n,) */
    /* Problems of up to SUBSET variables: Newton steps on m free ones. */
    double *matrix, *step, *normal; /* (m, m), (m,), (m,) */
    /* Larger problems: the small one made of some of the variables. */
    solver *small;
    hn_smo_problem *small_problem;
};

static const double *row_of(const hn_smo_problem *p, size_t i)
{
    return p->q ? p->q + i * p->n : p->row(p->rows, i);
}

/* --- pairs --- */

static void note_room(solver *s, size_t t)
{
    bool below = s->alpha[t]<s->p->upper[t], above = s->alpha[t]> 0;
    s->rises[t] = (s->p->sign[t] > 0 ? below : above) ? 0 : -INFINITY;
    s->falls[t] = (s->p->sign[t] > 0 ? above : below) ? 0 : -INFINITY;
}

/* The largest value and the last place that has it. */
static size_t largest(const double *values, size_t n, double *value)
{
    size_t t = n;
    *value = hn_vector_max(values, n);
    while (t-- > 1 && values[t] != *value) {
    }
    return t;
}

/* The most violating variable that may move along its sign, and -s G there. SIZE_MAX when there is none. The
 * loops here have no branches, so that compilers vectorise them. */
static size_t select_first(const solver *s, double *violation)
{
    for (size_t t = 0; t < s->p->n; t++)
        s->score[t] = s->rises[t] - s->p->sign[t] * s->gradient[t];
    size_t best = largest(s->score, s->p->n, violation);
    return *violation > -INFINITY ? best : SIZE_MAX;
}

/* The partner of i that promises the largest decrease; SIZE_MAX when no pair violates by more than the
 * tolerance. */
static size_t select_second(const solver *s, size_t i, double violation)
{
    const hn_smo_problem *p = s->p;
    const double *q = row_of(p, i);
    double twice = 2 * p->sign[i], diagonal = q[i];
    for (size_t t = 0; t < p->n; t++)
        s->score[t] = s->falls[t] + p->sign[t] * s->gradient[t];
    double most = hn_vector_max(s->score, p->n), gain;
    if (!(violation + most >= p->tolerance))
        return SIZE_MAX;
    for (size_t t = 0; t < p->n; t++) {
        double difference = violation + s->score[t];
        double curvature = diagonal + s->diagonal[t] - twice * p->sign[t] * q[t];
        curvature = curvature > smallest_curvature ? curvature : smallest_curvature;
        difference = difference > 0 ? difference : 0;
        s->score[t] = difference * difference / curvature;
    }
    return largest(s->score, p->n, &gain);
}

static void add_to_gradient(solver *s, size_t i, double change)
{
    const double *q = row_of(s->p, i);
    for (size_t t = 0; t < s->p->n; t++)
        s->gradient[t] += change * q[t];
}

/* a_i moves along its sign and a_j against it by the same length: the constraint s'a = 0 holds. */
static void move_pair(solver *s, size_t i, size_t j)
{
    const hn_smo_problem *p = s->p;
    const double *qi = row_of(p, i), *qj = row_of(p, j);
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
    note_room(s, i);
    note_room(s, j);
    double change_i = s->alpha[i] - old_i, change_j = s->alpha[j] - old_j;
    for (size_t t = 0; t < p->n; t++)
        s->gradient[t] += change_i * qi[t] + change_j * qj[t];
}

/* --- all free variables at once --- */

/* A = U'U with U in the upper triangle of a (m, m), row by row so that the inner loop is contiguous; false
 * when A is not positive definite. */
static bool factor(double *a, size_t m)
{
    for (size_t k = 0; k < m; k++) {
        double *row = a + k * m;
        if (!(row[k] > 0))
            return false;
        double scale = 1 / sqrt(row[k]);
        for (size_t j = k; j < m; j++)
            row[j] *= scale;
        for (size_t i = k + 1; i < m; i++) {
            double *below = a + i * m, pivot = row[i];
            for (size_t j = i; j < m; j++)
                below[j] -= pivot * row[j];
        }
    }
    return true;
}

/* x := A^-1 x with the factor U of A. */
static void solve(const double *u, size_t m, double *x)
{
    for (size_t k = 0; k < m; k++) {
        x[k] /= u[k * m + k];
        for (size_t j = k + 1; j < m; j++)
            x[j] -= x[k] * u[k * m + j];
    }
    for (size_t k = m; k-- > 0;) {
        for (size_t j = k + 1; j < m; j++)
            x[k] -= u[k * m + j] * x[j];
        x[k] /= u[k * m + k];
    }
}

/* Lists at most SUBSET free variables; returns how many there are. */
static size_t list_free(const solver *s)
{
    size_t m = 0;
    for (size_t t = 0; t < s->p->n; t++)
        if (s->rises[t] == 0 && s->falls[t] == 0) {
            if (m < SUBSET)
                s->free[m] = t;
            m++;
        }
    return m;
}

/* step := argmin over the free variables of the quadratic model, with s'step = 0. False when it has none. */
static bool newton_direction(solver *s, size_t m)
{
    const hn_smo_problem *p = s->p;
    double diagonal = 0, along = 0, across = 0;
    for (size_t i = 0; i < m; i++) {
        const double *q = row_of(p, s->free[i]);
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
        note_room(s, t);
        add_to_gradient(s, t, s->alpha[t] - old);
    }
    return stopped_by != SIZE_MAX;
}

/* Newton steps until one is not stopped by a bound, within a budget of work. Returns the work in
 * operations. */
static size_t finish_free(solver *s)
{
    size_t flops = 0;
    while (flops < NEWTON_FLOPS) {
        size_t m = list_free(s);
        if (m < 2)
            break;
        flops += m * m * m / 3 + 2 * m * s->p->n;
        if (!newton_direction(s, m) || !move_free(s, m))
            break;
    }
    return flops;
}

/* --- some variables as a problem of their own --- */

/* How far each variable is from agreeing with the others, as a negative number: worst first in ascending
 * order. Free ones come first when they are few. */
static void score_variables(solver *s, bool few)
{
    double highest = -INFINITY, lowest = INFINITY;
    for (size_t t = 0; t < s->p->n; t++) {
        double value = -s->p->sign[t] * s->gradient[t];
        if (s->rises[t] == 0)
            highest = fmax(highest, value);
        if (s->falls[t] == 0)
            lowest = fmin(lowest, value);
    }
    for (size_t t = 0; t < s->p->n; t++) {
        double value = -s->p->sign[t] * s->gradient[t];
        double above = s->rises[t] + value - lowest, below = s->falls[t] + highest - value;
        bool first = few && s->rises[t] == 0 && s->falls[t] == 0;
        s->score[t] = first ? -INFINITY : -fmax(above, below);
    }
}

static void gather(solver *s, size_t m)
{
    const hn_smo_problem *p = s->p;
    solver *small = s->small;
    double *q = (double *)s->small_problem->q, *sign = (double *)s->small_problem->sign;
    double *upper = (double *)s->small_problem->upper;
    s->small_problem->n = m;
    for (size_t i = 0; i < m; i++) {
        size_t t = s->free[i];
        const double *row = row_of(p, t);
        for (size_t j = 0; j < m; j++)
            q[i * m + j] = row[s->free[j]];
        sign[i] = p->sign[t];
        upper[i] = p->upper[t];
        small->alpha[i] = s->alpha[t];
        small->gradient[i] = s->gradient[t];
        small->diagonal[i] = s->diagonal[t];
        note_room(small, i);
    }
}

static hone_status iterate(solver *s, hone_error *err);

/* Solves for the free variables and the worst violators, the others fixed; for the worst alone when many are
 * free, but not before pairs had time to settle most. */
static hone_status solve_subset(solver *s, bool early, hone_error *err)
{
    bool few = list_free(s) <= SUBSET * 3 / 4;
    if (early && !few)
        return HONE_OK;
    score_variables(s, few);
    hn_argsort(s->score, s->p->n, s->free);
    size_t m = 0;
    while (m < SUBSET && s->score[s->free[m]] < 0)
        m++;
    if (m == 0)
        return HONE_OK;
    gather(s, m);
    hone_status status = iterate(s->small, err);
    for (size_t i = 0; !status && i < m; i++) {
        size_t t = s->free[i];
        double change = s->small->alpha[i] - s->alpha[t];
        if (change == 0)
            continue;
        s->alpha[t] = s->small->alpha[i];
        note_room(s, t);
        add_to_gradient(s, t, change);
    }
    return status;
}

/* --- the whole --- */

/* s G is the same on all free variables; without any, the middle of what the bounds allow. */
static double threshold(const solver *s)
{
    double high = INFINITY, low = -INFINITY, sum = 0;
    size_t n_free = 0;
    for (size_t t = 0; t < s->p->n; t++) {
        double value = s->p->sign[t] * s->gradient[t];
        if (s->rises[t] == 0 && s->falls[t] == 0) {
            sum += value;
            n_free++;
        } else if (s->rises[t] == 0) {
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
    size_t pause = n / 2 + 1;
    for (size_t iteration = 1; iteration <= most; iteration++) {
        if (iteration % POLL_ITERATIONS == 0 && hn_cancelled(s->p->cancel))
            return hn_fail(err, HONE_CANCELLED, "cancelled after %zu iterations", iteration);
        if (iteration == pause && s->small) {
            hone_status status = solve_subset(s, iteration < 3 * n, err);
            if (status)
                return status;
            pause += n / 8 + 1;
        } else if (iteration == pause) {
            /* As much work again in pairs, of about 6 n operations each, before the next. */
            size_t pairs = n ? finish_free(s) / (6 * n) : 0;
            pause += pairs > n / 4 ? pairs : n / 4 + 1;
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

/* Room for n variables; false when memory is out. */
static bool make_room(solver *s, size_t n, hn_arena *scratch)
{
    s->gradient = hn_arena_scratch(scratch, n, sizeof *s->gradient);
    s->diagonal = hn_arena_scratch(scratch, n, sizeof *s->diagonal);
    s->score = hn_arena_scratch(scratch, n, sizeof *s->score);
    s->free = hn_arena_scratch(scratch, n, sizeof *s->free);
    s->rises = hn_arena_scratch(scratch, n, sizeof *s->rises);
    s->falls = hn_arena_scratch(scratch, n, sizeof *s->falls);
    if (!s->gradient || !s->diagonal || !s->score || !s->free || !s->rises || !s->falls)
        return false;
    if (n > SUBSET)
        return true;
    s->matrix = hn_arena_scratch(scratch, n * n, sizeof *s->matrix);
    s->step = hn_arena_scratch(scratch, n, sizeof *s->step);
    s->normal = hn_arena_scratch(scratch, n, sizeof *s->normal);
    return s->matrix && s->step && s->normal;
}

/* Room for the small problem of a large one. */
static bool make_small(solver *s, const hn_smo_problem *problem)
{
    hn_arena *scratch = problem->scratch;
    s->small = HN_ARENA_NEW(scratch, solver, 1);
    s->small_problem = HN_ARENA_NEW(scratch, hn_smo_problem, 1);
    double *q = hn_arena_scratch(scratch, (size_t)SUBSET * SUBSET, sizeof *q);
    double *vectors = hn_arena_scratch(scratch, SUBSET, 3 * sizeof *vectors);
    if (!s->small || !s->small_problem || !q || !vectors || !make_room(s->small, SUBSET, scratch))
        return false;
    *s->small_problem = (hn_smo_problem){.q = q,
                                         .sign = vectors,
                                         .upper = vectors + SUBSET,
                                         .tolerance = problem->tolerance / 2,
                                         .cancel = problem->cancel};
    s->small->p = s->small_problem;
    s->small->alpha = vectors + (size_t)2 * SUBSET;
    return true;
}

hone_status hn_smo_solve(const hn_smo_problem *problem, double *alpha, double *rho, hone_error *err)
{
    size_t n = problem->n;
    solver s = {.p = problem, .alpha = alpha};
    if (!make_room(&s, n, problem->scratch) || (n > SUBSET && !make_small(&s, problem)))
        return hn_out_of_memory(err);
    for (size_t t = 0; t < n; t++) {
        alpha[t] = 0;
        s.gradient[t] = problem->linear[t];
        s.diagonal[t] = problem->diagonal ? problem->diagonal[t] : problem->q[t * n + t];
        note_room(&s, t);
    }
    hone_status status = iterate(&s, err);
    if (!status)
        *rho = threshold(&s);
    return status;
}
