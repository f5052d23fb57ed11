/* svm_platt.c: Platt's sigmoid by the Newton method of Lin, Lin & Weng, "A note on Platt's probabilistic
 * outputs for support vector machines" (2007); pairs coupled by the second method of Wu, Lin & Weng,
 * "Probability estimates for multi-class classification by pairwise coupling" (2004).
 */
#include "model/svm_platt.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "math/random.h"

enum { FOLDS = 5 };

/* --- one sigmoid --- */

/* p = 1 / (1 + exp(a f + b)) without overflow. */
static double sigmoid(double decision, double a, double b)
{
    double z = decision * a + b;
    return z >= 0 ? exp(-z) / (1 + exp(-z)) : 1 / (1 + exp(z));
}

typedef struct platt {
    const double *decision;
    const bool *positive;
    size_t n;
    double high, low; /* targets instead of 1 and 0: those of Bayes' rule with a uniform prior */
} platt;

static double target(const platt *p, size_t i)
{
    return p->positive[i] ? p->high : p->low;
}

/* Negative log likelihood. */
static double loss(const platt *p, double a, double b)
{
    double sum = 0;
    for (size_t i = 0; i < p->n; i++) {
        double z = p->decision[i] * a + b;
        sum += z >= 0 ? target(p, i) * z + log1p(exp(-z)) : (target(p, i) - 1) * z + log1p(exp(z));
    }
    return sum;
}

/* Gradient {a, b} and Hessian {aa, ab, bb}, with a small ridge that keeps it positive definite. */
static void derive(const platt *p, double a, double b, double gradient[2], double hessian[3])
{
    static const double ridge = 1e-12;
    gradient[0] = gradient[1] = hessian[1] = 0;
    hessian[0] = hessian[2] = ridge;
    for (size_t i = 0; i < p->n; i++) {
        double f = p->decision[i], likely = sigmoid(f, a, b);
        double curvature = likely * (1 - likely), slope = target(p, i) - likely;
        hessian[0] += f * f * curvature;
        hessian[1] += f * curvature;
        hessian[2] += curvature;
        gradient[0] += f * slope;
        gradient[1] += slope;
    }
}

void hn_svm_sigmoid(const double *decision, const bool *positive, size_t n, double *a, double *b)
{
    enum { MOST = 100 };
    static const double least_step = 1e-10, small = 1e-5, decrease = 1e-4;
    size_t yes = 0;
    for (size_t i = 0; i < n; i++)
        yes += positive[i];
    platt p = {.decision = decision,
               .positive = positive,
               .n = n,
               .high = ((double)yes + 1) / ((double)yes + 2),
               .low = 1 / ((double)(n - yes) + 2)};
    *a = 0;
    *b = log(((double)(n - yes) + 1) / ((double)yes + 1));
    double value = loss(&p, *a, *b);
    for (int i = 0; i < MOST; i++) {
        double g[2], h[3], step = 1, next;
        derive(&p, *a, *b, g, h);
        if (fabs(g[0]) < small && fabs(g[1]) < small)
            return;
        double det = h[0] * h[2] - h[1] * h[1];
        double da = -(h[2] * g[0] - h[1] * g[1]) / det, db = -(h[0] * g[1] - h[1] * g[0]) / det;
        double slope = g[0] * da + g[1] * db;
        while ((next = loss(&p, *a + step * da, *b + step * db)) >= value + decrease * step * slope) {
            step /= 2;
            if (step < least_step)
                return;
        }
        *a += step * da;
        *b += step * db;
        value = next;
    }
}

/* --- coupling --- */

/* Q of the paper, from r (k, k), where r[i][j] is the probability of i among i and j; its diagonal holds Q's.
 */
static double q(const double *r, size_t k, size_t i, size_t j)
{
    return i == j ? r[i * k + i] : -r[j * k + i] * r[i * k + j];
}

/* product (k,) = Q p; returns p' Q p. */
static double multiply(const double *r, size_t k, const double *p, double *product)
{
    double energy = 0;
    for (size_t i = 0; i < k; i++) {
        product[i] = 0;
        for (size_t j = 0; j < k; j++)
            product[i] += q(r, k, i, j) * p[j];
        energy += p[i] * product[i];
    }
    return energy;
}

/* Minimises p' Q p over the simplex, one probability at a time. product (k,): scratch. */
static void couple(size_t k, double *r, double *p, double *product)
{
    const size_t most = k > 100 ? k : 100;
    const double tolerance = 0.005 / (double)k;
    for (size_t t = 0; t < k; t++) {
        p[t] = 1 / (double)k;
        r[t * k + t] = 0;
        for (size_t j = 0; j < k; j++)
            r[t * k + t] += j == t ? 0 : r[j * k + t] * r[j * k + t];
    }
    for (size_t round = 0; round < most; round++) {
        double energy = multiply(r, k, p, product), worst = 0;
        for (size_t t = 0; t < k; t++)
            worst = fmax(worst, fabs(product[t] - energy));
        if (worst < tolerance)
            return;
        for (size_t t = 0; t < k; t++) {
            double change = (energy - product[t]) / q(r, k, t, t);
            p[t] += change;
            energy =
                (energy + change * (change * q(r, k, t, t) + 2 * product[t])) / (1 + change) / (1 + change);
            for (size_t j = 0; j < k; j++) {
                product[j] = (product[j] + change * q(r, k, t, j)) / (1 + change);
                p[j] /= 1 + change;
            }
        }
    }
}

void hn_svm_couple(const hn_svm *svm, const double *decisions, double *pairwise, double *out)
{
    static const double least = 1e-7;
    size_t k = svm->n_present, pair = 0;
    for (size_t i = 0; i < k; i++) {
        for (size_t j = i + 1; j < k; j++, pair++) {
            double p = sigmoid(decisions[pair], svm->sigmoids[2 * pair], svm->sigmoids[2 * pair + 1]);
            p = fmin(fmax(p, least), 1 - least);
            pairwise[i * k + j] = p;
            pairwise[j * k + i] = 1 - p;
        }
    }
    if (k == 2) {
        out[0] = pairwise[1];
        out[1] = pairwise[2];
    } else {
        couple(k, pairwise, out, out + k);
    }
}

/* --- calibration --- */

/* Two classes of a fitting: the places (in order) of their rows, and the fold that tests each. */
typedef struct duel {
    const hn_svm_fitting *whole;
    size_t place[2]; /* of the classes, in present */
    size_t n, n_first;
    size_t *at;   /* (n,): the first class's rows, then the second's */
    size_t *fold; /* (n,) */
    double *decision;
    bool *positive;
} duel;

static hone_status make_duel(const hn_svm_fitting *f, size_t i, size_t j, hn_arena *arena, duel *made)
{
    size_t first[2] = {0, 0}, rows[2] = {f->class_rows[f->present[i]], f->class_rows[f->present[j]]};
    for (size_t t = 0; t < j; t++) {
        first[0] += t < i ? f->class_rows[f->present[t]] : 0;
        first[1] += f->class_rows[f->present[t]];
    }
    size_t n = rows[0] + rows[1];
    *made = (duel){.whole = f,
                   .place = {i, j},
                   .n = n,
                   .n_first = rows[0],
                   .at = HN_ARENA_NEW(arena, size_t, n),
                   .fold = HN_ARENA_NEW(arena, size_t, n),
                   .decision = HN_ARENA_NEW(arena, double, n),
                   .positive = HN_ARENA_NEW(arena, bool, n)};
    size_t *drawn = HN_ARENA_NEW(arena, size_t, n);
    if (!made->at || !made->fold || !made->decision || !made->positive || !drawn)
        return hn_out_of_memory(f->err);
    hn_random random = hn_random_stream(f->context->seed, i * f->n_present + j, HN_PURPOSE_MODEL);
    for (size_t c = 0, begin = 0; c < 2; begin += rows[c++]) { /* each class is spread over the folds */
        for (size_t t = 0; t < rows[c]; t++) {
            made->at[begin + t] = first[c] + t;
            made->positive[begin + t] = c == 0;
            drawn[t] = begin + t;
        }
        hn_random_shuffle(&random, drawn, rows[c]);
        for (size_t t = 0; t < rows[c]; t++)
            made->fold[drawn[t]] = t % FOLDS;
    }
    return HONE_OK;
}

/* The duel's rows outside the fold as a fitting of their own. */
static hone_status train_duel(const duel *d, size_t fold, const hn_fit_context *context, hn_svm **machine)
{
    const hn_svm_fitting *whole = d->whole;
    hn_svm_fitting f = *whole;
    f.context = context;
    f.n = 0;
    f.n_present = 2;
    f.order = HN_ARENA_NEW(context->scratch, size_t, d->n);
    f.cost = HN_ARENA_NEW(context->scratch, double, d->n);
    f.present = HN_ARENA_NEW(context->scratch, size_t, 2);
    f.class_rows = HN_ARENA_NEW(context->scratch, size_t, whole->train->n_classes);
    if (!f.order || !f.cost || !f.present || !f.class_rows)
        return hn_out_of_memory(f.err);
    for (size_t c = 0; c < 2; c++)
        f.present[c] = whole->present[d->place[c]];
    for (size_t t = 0; t < d->n; t++) {
        if (d->fold[t] == fold)
            continue;
        f.order[f.n] = whole->order[d->at[t]];
        f.cost[f.n++] = whole->cost[d->at[t]];
        f.class_rows[f.present[d->positive[t] ? 0 : 1]]++;
    }
    size_t yes = f.class_rows[f.present[0]];
    return !yes || yes == f.n ? HONE_OK
                              : hn_svm_fit_ordered(&f, machine); /* one class: there is no machine */
}

/* Decisions for the rows of the fold, by a machine that did not see them. */
static hone_status test_duel(duel *d, size_t fold, const hn_fit_context *context)
{
    const hn_design *train = d->whole->train;
    hn_svm *machine = NULL;
    size_t n = 0;
    double *x = hn_arena_scratch(context->scratch, d->n * train->d, sizeof *x);
    double *out = hn_arena_scratch(context->scratch, d->n, sizeof *out);
    if (!x || !out)
        return hn_out_of_memory(d->whole->err);
    for (size_t t = 0; t < d->n; t++)
        if (d->fold[t] == fold)
            memcpy(x + n++ * train->d, train->x + d->whole->order[d->at[t]] * train->d, train->d * sizeof *x);
    hone_status status = n ? train_duel(d, fold, context, &machine) : HONE_OK;
    hn_design rows = {.x = x, .n = n, .d = train->d};
    if (!status && machine)
        status = hn_svm_pair_decisions(machine, &rows, out, d->whole->err);
    for (size_t t = 0, i = 0; !status && t < d->n; t++)
        if (d->fold[t] ==
            fold) /* a class with one row alone: the others train a machine that knows nothing */
            d->decision[t] = machine ? out[i++] : d->n_first > 1 ? 1 : -1;
    hn_svm_destroy(machine);
    return status;
}

static hone_status calibrate_pair(const hn_svm_fitting *f, size_t i, size_t j, double sigmoids[2])
{
    hn_arena arena = HN_ARENA_INIT, scratch = HN_ARENA_INIT;
    hn_fit_context context = *f->context;
    duel d;
    context.scratch = &scratch;
    hone_status status = make_duel(f, i, j, &arena, &d);
    for (size_t fold = 0; !status && fold < FOLDS; fold++) {
        status = test_duel(&d, fold, &context);
        hn_arena_reset(&scratch);
    }
    if (!status)
        hn_svm_sigmoid(d.decision, d.positive, d.n, &sigmoids[0], &sigmoids[1]);
    hn_arena_release(&scratch);
    hn_arena_release(&arena);
    return status;
}

hone_status hn_svm_calibrate(const hn_svm_fitting *f, hn_svm *svm)
{
    size_t pair = 0;
    hone_status status = HONE_OK;
    svm->sigmoids = hn_calloc(2 * hn_svm_pairs(svm), sizeof *svm->sigmoids);
    if (!svm->sigmoids)
        return hn_out_of_memory(f->err);
    for (size_t i = 0; !status && i < f->n_present; i++)
        for (size_t j = i + 1; !status && j < f->n_present; j++)
            status = calibrate_pair(f, i, j, &svm->sigmoids[2 * pair++]);
    return status;
}
