/* logistic_sparse.c: each step minimises, over the coefficients and intercept of one class, the quadratic
 * approximation of the loss at the present point plus the exact penalties, by coordinate descent over its
 * Hessian; then it searches along the line to that minimum.
 */
#include <math.h>
#include <string.h>

#include "base/cancel.h"
#include "math/linalg.h"
#include "model/linear_descent.h"
#include "model/logistic.h"

enum { MAX_PASSES = 1000, MAX_HALVINGS = 40 };

/* Of one class: `size` = d + 1 parameters with an intercept, which comes last. */
typedef struct sparse {
    size_t size;
    double *gradient, *trial; /* (parameters,) */
    double *curvature;        /* (n,) */
    double *gram;             /* (d, d) */
    double *hessian;          /* (size, size) */
    double *l1, *l2;          /* (size,); 0 for the intercept */
    double *w, *slope;        /* (size,) */
    double *norms;            /* (size,) */
} sparse;

static sparse *prepare(hn_logistic_problem *p)
{
    const hn_linear_objective *o = &p->objective;
    sparse *s = HN_ARENA_NEW(p->scratch, sparse, 1);
    size_t parameters = hn_linear_parameters(o), size = o->d + (o->intercept ? 1 : 0);
    if (!s)
        return NULL;
    s->size = size;
    s->gradient = HN_ARENA_NEW(p->scratch, double, parameters);
    s->trial = HN_ARENA_NEW(p->scratch, double, parameters);
    s->curvature = HN_ARENA_NEW(p->scratch, double, o->n);
    s->gram = hn_arena_scratch(p->scratch, o->d * o->d, sizeof(double));
    s->hessian = hn_arena_scratch(p->scratch, size * size, sizeof(double));
    s->l1 = HN_ARENA_NEW(p->scratch, double, size);
    s->l2 = HN_ARENA_NEW(p->scratch, double, size);
    s->w = HN_ARENA_NEW(p->scratch, double, size);
    s->slope = HN_ARENA_NEW(p->scratch, double, size);
    s->norms = HN_ARENA_NEW(p->scratch, double, size);
    bool all = s->gradient && s->trial && s->curvature && s->gram && s->hessian && s->l1 && s->l2 && s->w &&
               s->slope && s->norms;
    return all ? s : NULL;
}

/* The place of parameter j of a class in the parameters of all. */
static size_t place(const hn_linear_objective *o, size_t class, size_t j)
{
    return j < o->d ? class * o->d + j : o->n_outputs * o->d + class;
}

/* hessian = [X 1]' D [X 1], D the curvature of the loss by the class's score. */
static void set_hessian(const hn_linear_objective *o, sparse *s, const double *w, size_t class)
{
    size_t d = o->d, size = s->size;
    hn_linear_curvature(o, w, class, s->curvature);
    hn_gram(o->x, o->n, d, s->curvature, s->gram);
    memset(s->hessian, 0, size * size * sizeof *s->hessian);
    for (size_t i = 0; i < d; i++)
        memcpy(s->hessian + i * size, s->gram + i * d, d * sizeof *s->gram);
    if (o->intercept) {
        double *last = s->hessian + d * size;
        hn_add_columns_times(o->x, o->n, d, s->curvature, last);
        for (size_t j = 0; j < d; j++)
            s->hessian[j * size + d] = last[j];
        for (size_t i = 0; i < o->n; i++)
            last[d] += s->curvature[i];
    }
    for (size_t j = 0; j < size; j++)
        s->norms[j] = s->hessian[j * size + j];
}

/* s->w = minimiser of the approximation; how far it is solved follows the violation that is left. */
static void minimise_approximation(const hn_logistic_problem *p, sparse *s, size_t class)
{
    const hn_linear_objective *o = &p->objective;
    hn_descent descent = {.d = s->size, .gram = s->hessian, .norms = s->norms, .w = s->w, .slope = s->slope};
    for (size_t j = 0; j < s->size; j++) {
        size_t at = place(o, class, j);
        s->w[j] = p->w[at];
        /* The descent adds the L2 term itself. */
        s->slope[j] = s->gradient[at] - (j < o->d ? o->l2 * p->w[at] : 0);
    }
    for (int pass = 0; pass < MAX_PASSES; pass++) {
        hn_descent_sweep sweep = hn_descent_pass(&descent, s->l1, s->l2);
        if (sweep.largest_step <= 1e-3 * p->tolerance * sweep.largest_weight)
            break;
    }
}

static double size_of(const double *w, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += fabs(w[i]);
    return sum;
}

static double whole_value(const hn_logistic_problem *p, const double *w, double *gradient)
{
    return hn_linear_value(&p->objective, w, gradient) +
           p->l1 * size_of(w, p->objective.n_outputs * p->objective.d);
}

/* Moves w towards s->w until the value falls by a share of what the approximation promises (Armijo); *value
 * and the gradient follow. Stays when it does not fall. */
static void search_line(hn_logistic_problem *p, sparse *s, size_t class, double *value)
{
    const hn_linear_objective *o = &p->objective;
    size_t parameters = hn_linear_parameters(o);
    double promise = 0;
    for (size_t j = 0; j < s->size; j++) {
        double before = p->w[place(o, class, j)];
        promise +=
            s->gradient[place(o, class, j)] * (s->w[j] - before) + s->l1[j] * (fabs(s->w[j]) - fabs(before));
    }
    double step = 1;
    for (int t = 0; t < MAX_HALVINGS && promise < 0; t++, step /= 2) {
        memcpy(s->trial, p->w, parameters * sizeof *p->w);
        for (size_t j = 0; j < s->size; j++) {
            double *at = &s->trial[place(o, class, j)];
            *at = step == 1 ? s->w[j] : *at + step * (s->w[j] - *at);
        }
        double found = whole_value(p, s->trial, s->gradient);
        if (found <= *value + 0.01 * step * promise) {
            memcpy(p->w, s->trial, parameters * sizeof *p->w);
            *value = found;
            return;
        }
        hn_linear_value(o, p->w, s->gradient);
    }
}

/* The largest of the smallest subgradients by each parameter. */
static double violation(const hn_logistic_problem *p, const double *gradient)
{
    size_t penalised = p->objective.n_outputs * p->objective.d;
    double largest = 0;
    for (size_t i = 0; i < hn_linear_parameters(&p->objective); i++) {
        double g = gradient[i], l1 = i < penalised ? p->l1 : 0;
        double least = p->w[i] != 0 ? fabs(g + copysign(l1, p->w[i])) : fmax(0, fabs(g) - l1);
        largest = fmax(largest, least);
    }
    return largest;
}

hone_status hn_logistic_solve_sparse(hn_logistic_problem *p, hone_error *err)
{
    const hn_linear_objective *o = &p->objective;
    sparse *s = p->sparse ? p->sparse : prepare(p);
    if (!s)
        return hn_out_of_memory(err);
    p->sparse = s;
    for (size_t j = 0; j < s->size; j++) {
        s->l1[j] = j < o->d ? p->l1 : 0;
        s->l2[j] = j < o->d ? o->l2 : 0;
    }
    double value = whole_value(p, p->w, s->gradient);
    double enough = p->tolerance * fmax(1, violation(p, s->gradient));
    for (size_t i = 0; i < p->max_iter && violation(p, s->gradient) > enough; i++) {
        double before = value;
        for (size_t class = 0; class < o->n_outputs; class ++) {
            if (hn_cancelled(p->cancel))
                return hn_fail(err, HONE_CANCELLED, "model logistic: cancelled in step %zu", i);
            set_hessian(o, s, p->w, class);
            minimise_approximation(p, s, class);
            search_line(p, s, class, &value);
        }
        if (value >= before)
            break; /* rounding hides what is left */
    }
    return HONE_OK;
}
