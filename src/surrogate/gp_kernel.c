/* surrogate/gp_kernel.c: the kernel between one point and many, a row at a time, in loops over the many that
 * the compiler vectorises. */
#include <math.h>
#include <string.h>

#include "math/linalg.h"
#include "math/vector.h"
#include "math/wide.h"
#include "surrogate/gp_parts.h"

static const double sqrt_three = 1.7320508075688773, sqrt_five = 2.2360679774997897;

/* --- places --- */

/* x away from the ends, where powers of 0 have no derivatives. */
static double inside(double x)
{
    return fmin(fmax(x, 1e-9), 1 - 1e-9);
}

double hn_gp_place(const hn_gp_shape *shape, const hn_gp_hyper *hyper, size_t axis, double x)
{
    const hn_gp_axis *a = shape->axes + axis;
    if (isnan(x))
        return x;
    if (a->kind == HN_GP_LATTICE && a->distribution)
        return hn_distribution_encode(a->distribution, hn_distribution_decode(a->distribution, x));
    if (shape->warp[axis] == HN_GP_ABSENT)
        return x;
    return 1 - pow(1 - pow(inside(x), hyper->warp_a[axis]), hyper->warp_b[axis]);
}

double hn_gp_place_slope(const hn_gp_hyper *hyper, size_t axis, double x)
{
    double a = hyper->warp_a[axis], b = hyper->warp_b[axis];
    if (a == 1 && b == 1)
        return 1;
    x = inside(x);
    return a * b * pow(x, a - 1) * pow(1 - pow(x, a), b - 1);
}

void hn_gp_place_by_warp(const hn_gp_hyper *hyper, size_t axis, double x, double *by_a, double *by_b)
{
    double a = hyper->warp_a[axis], b = hyper->warp_b[axis];
    x = inside(x);
    double power = pow(x, a), rest = pow(1 - power, b);
    *by_a = b * rest / (1 - power) * power * log(x) * a;
    *by_b = -rest * log1p(-power) * b;
}

/* --- element-wise passes --- */

WIDE static void gp_add_squares(double weight, double x, const double *column, size_t n, double *restrict sum)
{
    for (size_t i = 0; i < n; i++)
        sum[i] += weight * ((x - column[i]) * (x - column[i]));
}

WIDE static void gp_add_mismatches(double weight, double x, const double *column, size_t n,
                                   double *restrict sum)
{
    for (size_t i = 0; i < n; i++)
        sum[i] += column[i] == x ? 0 : weight;
}

/* work = the exponent of the correlation at squares, less the mismatches; distance = scale r. */
WIDE static void gp_exponents(double scale, const double *squares, const double *mismatches, size_t n,
                              double *restrict distance, double *restrict work)
{
    for (size_t i = 0; i < n; i++) {
        double r = scale * sqrt(squares[i]);
        distance[i] = r;
        work[i] = -r - mismatches[i];
    }
}

WIDE static void gp_gaussian_exponents(const double *squares, const double *mismatches, size_t n,
                                       double *restrict work)
{
    for (size_t i = 0; i < n; i++)
        work[i] = -0.5 * squares[i] - mismatches[i];
}

/* From e = exp(exponent): the correlation into k and its derivative by the square into h, which holds the
 * distances on entry. */
WIDE static void gp_matern52(const double *squares, const double *e, size_t n, double *restrict k,
                             double *restrict h)
{
    for (size_t i = 0; i < n; i++) {
        double r = h[i];
        k[i] = (1 + r + 5.0 / 3 * squares[i]) * e[i];
        h[i] = -5.0 / 6 * (1 + r) * e[i];
    }
}

WIDE static void gp_matern32(const double *e, size_t n, double *restrict k, double *restrict h)
{
    for (size_t i = 0; i < n; i++) {
        k[i] = (1 + h[i]) * e[i];
        h[i] = -1.5 * e[i];
    }
}

WIDE static void gp_gaussian(const double *e, size_t n, double *restrict k, double *restrict h)
{
    for (size_t i = 0; i < n; i++) {
        k[i] = e[i];
        h[i] = -0.5 * e[i];
    }
}

/* squares and mismatches (n,) -> k, h (n,); work (n,). k and h may not be the others. */
static void correlate(hn_gp_kernel kernel, const double *squares, const double *mismatches, size_t n,
                      double *work, double *k, double *h)
{
    if (kernel == HN_GP_RBF)
        gp_gaussian_exponents(squares, mismatches, n, work);
    else
        gp_exponents(kernel == HN_GP_MATERN52 ? sqrt_five : sqrt_three, squares, mismatches, n, h, work);
    hn_vector_exp(work, n, work);
    switch (kernel) {
    case HN_GP_MATERN52: gp_matern52(squares, work, n, k, h); break;
    case HN_GP_MATERN32: gp_matern32(work, n, k, h); break;
    case HN_GP_RBF: gp_gaussian(work, n, k, h); break;
    }
}

/* --- one axis --- */

/* diff = x - column, 0 where the column has none; squares = weight diff^2. */
WIDE static void gp_differences(double weight, double x, const double *column, size_t n,
                                double *restrict diff, double *restrict squares)
{
    for (size_t i = 0; i < n; i++) {
        double t = x - column[i];
        t = t == t ? t : 0;
        diff[i] = t;
        squares[i] = weight * (t * t);
    }
}

/* On entry by_place = differences, by_relevance = derivatives by the square. */
WIDE static void gp_number_derivatives(double weight, size_t n, const double *squares,
                                       double *restrict by_relevance, double *restrict by_place)
{
    for (size_t i = 0; i < n; i++) {
        by_place[i] = 2 * weight * by_place[i] * by_relevance[i];
        by_relevance[i] *= squares[i];
    }
}

/* The axis's own kernel at a point that has it; by_rho is scratch. */
static void number_row(const hn_gp_shape *shape, double weight, double x, const double *column, size_t n,
                       hn_gp_row *row)
{
    double *squares = row->by_rho, *none = row->factor;
    memset(none, 0, n * sizeof *none);
    gp_differences(weight, x, column, n, row->by_place, squares);
    correlate(shape->options.kernel, squares, none, n, row->work, row->factor, row->by_relevance);
    gp_number_derivatives(weight, n, squares, row->by_relevance, row->by_place);
}

/* --- one number, without exponentials: exp(-rate |x - y|) is the smaller of exp(rate x) exp(-rate y) and its
 * inverse --- */

/* Beyond, the products lose digits. */
static const double largest_power = 100;

/* The decay of the axis's own correlation with the distance; 0 where its powers are of no use. */
double hn_gp_rate(const hn_gp_shape *shape, const hn_gp_hyper *hyper, size_t axis)
{
    const hn_gp_axis *a = shape->axes + axis;
    bool alone = a->conditional || shape->first_order != HN_GP_ABSENT;
    if (!alone || a->kind == HN_GP_CATEGORICAL || shape->options.kernel == HN_GP_RBF)
        return 0;
    return (shape->options.kernel == HN_GP_MATERN52 ? sqrt_five : sqrt_three) * sqrt(hyper->relevance[axis]);
}

void hn_gp_set_powers(const hn_gp_shape *shape, hn_gp_hyper *hyper, double *columns, size_t stride,
                      size_t begin, size_t end)
{
    for (size_t j = 0; j < shape->d; j++) {
        const double *place = columns + j * stride;
        double *growth = columns + (shape->d + j) * stride, *decay = growth + shape->d * stride;
        for (size_t i = begin; i < end && hyper->rate[j] > 0; i++) {
            double power = isnan(place[i]) ? 0 : hyper->rate[j] * (place[i] - 0.5);
            growth[i] = power;
            if (!(fabs(power) <= largest_power))
                hyper->rate[j] = 0;
        }
        if (!(hyper->rate[j] > 0))
            continue;
        hn_vector_exp(growth + begin, end - begin, growth + begin);
        for (size_t i = begin; i < end; i++)
            decay[i] = 1 / growth[i];
    }
}

/* A place x on an axis against a column. */
typedef struct powers {
    double x, rate, up, down; /* rate; exp(rate (x - 1/2)) and its inverse */
    const double *column, *growth, *decay;
} powers;

/* False when the axis has no powers, or x is too far out. */
static bool find_powers(const hn_gp_shape *shape, const hn_gp_hyper *hyper, size_t axis, double x,
                        const double *column, size_t stride, powers *p)
{
    double at = isnan(x) ? 0.5 : x, rate = hyper->rate[axis], power = rate * (at - 0.5);
    if (!(rate > 0 && fabs(power) <= largest_power))
        return false;
    double up = exp(power);
    *p = (powers){at, rate, up, 1 / up, column, column + shape->d * stride, column + 2 * shape->d * stride};
    return true;
}

/* Matern 5/2 and its derivatives by the logarithm of the weight and by the place. */
WIDE static void gp_near52(const powers *p, size_t n, double *restrict factor, double *restrict by_relevance,
                           double *restrict by_place)
{
    const double *column = p->column, *growth = p->growth, *decay = p->decay;
    double x = p->x, rate = p->rate, up = p->up, down = p->down, pull = -rate * rate / 3;
    for (size_t i = 0; i < n; i++) {
        double t = x - column[i], a = up * decay[i], b = down * growth[i];
        t = t == t ? t : 0;
        double r = rate * fabs(t), e = a < b ? a : b, q = (1 + r) * e, square = r * r * (1.0 / 3);
        factor[i] = q + square * e;
        by_relevance[i] = -0.5 * square * q;
        by_place[i] = pull * t * q;
    }
}

WIDE static void gp_near32(const powers *p, size_t n, double *restrict factor, double *restrict by_relevance,
                           double *restrict by_place)
{
    const double *column = p->column, *growth = p->growth, *decay = p->decay;
    double x = p->x, rate = p->rate, up = p->up, down = p->down, pull = -rate * rate;
    for (size_t i = 0; i < n; i++) {
        double t = x - column[i], a = up * decay[i], b = down * growth[i];
        t = t == t ? t : 0;
        double r = rate * fabs(t), e = a < b ? a : b;
        factor[i] = (1 + r) * e;
        by_relevance[i] = -0.5 * (r * r) * e;
        by_place[i] = pull * t * e;
    }
}

/* out += share times the correlations; all have the parameter. */
WIDE static void gp_add_near52(double share, const powers *p, size_t n, double *restrict out)
{
    const double *column = p->column, *growth = p->growth, *decay = p->decay;
    double x = p->x, rate = p->rate, up = p->up, down = p->down;
    for (size_t i = 0; i < n; i++) {
        double r = rate * fabs(x - column[i]), a = up * decay[i], b = down * growth[i];
        out[i] += share * ((1 + r + r * r * (1.0 / 3)) * (a < b ? a : b));
    }
}

WIDE static void gp_add_near32(double share, const powers *p, size_t n, double *restrict out)
{
    const double *column = p->column, *growth = p->growth, *decay = p->decay;
    double x = p->x, rate = p->rate, up = p->up, down = p->down;
    for (size_t i = 0; i < n; i++) {
        double r = rate * fabs(x - column[i]), a = up * decay[i], b = down * growth[i];
        out[i] += share * ((1 + r) * (a < b ? a : b));
    }
}

/* --- one axis of any kind --- */

WIDE static void gp_choices(double weight, double other, double x, const double *column, size_t n,
                            double *restrict factor, double *restrict by_relevance, double *restrict by_place)
{
    for (size_t i = 0; i < n; i++) {
        bool same = column[i] == x;
        factor[i] = same ? 1 : other;
        by_relevance[i] = same ? 0 : -weight * other;
        by_place[i] = 0;
    }
}

/* The own kernel k becomes 1, rho or rho^2 + (1 - rho^2) k by who has the parameter. */
WIDE static void gp_settle(bool has, double rho, const double *column, size_t n, double *restrict factor,
                           double *restrict by_relevance, double *restrict by_place, double *restrict by_rho)
{
    double rest = 1 - rho * rho, slope = rho * (1 - rho);
    for (size_t i = 0; i < n; i++) {
        bool other = column[i] == column[i];
        double both = has && other ? rest : 0, one = has != other ? slope : 0;
        by_rho[i] = one + (has && other ? 2 * rho * slope * (1 - factor[i]) : 0);
        factor[i] = has && other ? rho * rho + rest * factor[i] : has != other ? rho : 1;
        by_relevance[i] *= both;
        by_place[i] *= both;
    }
}

void hn_gp_factor_row(const hn_gp_shape *shape, const hn_gp_hyper *hyper, size_t axis, double x,
                      const double *column, size_t stride, size_t n, hn_gp_row *row)
{
    double weight = hyper->relevance[axis];
    powers p;
    if (shape->axes[axis].kind == HN_GP_CATEGORICAL)
        gp_choices(weight, exp(-weight), x, column, n, row->factor, row->by_relevance, row->by_place);
    else if (!find_powers(shape, hyper, axis, x, column, stride, &p))
        number_row(shape, weight, x, column, n, row);
    else if (shape->options.kernel == HN_GP_MATERN52)
        gp_near52(&p, n, row->factor, row->by_relevance, row->by_place);
    else
        gp_near32(&p, n, row->factor, row->by_relevance, row->by_place);
    if (shape->axes[axis].conditional)
        gp_settle(!isnan(x), hyper->rho[axis], column, n, row->factor, row->by_relevance, row->by_place,
                  row->by_rho);
}

/* --- whole rows --- */

WIDE static void gp_multiply(const double *factor, size_t n, double *restrict k, double *restrict h)
{
    for (size_t i = 0; i < n; i++) {
        k[i] *= factor[i];
        h[i] *= factor[i];
    }
}

void hn_gp_main_row(const hn_gp_shape *shape, const hn_gp_hyper *hyper, const double *x,
                    const double *columns, size_t stride, size_t n, hn_gp_row *row)
{
    double *squares = row->by_place, *mismatches = row->by_relevance;
    memset(squares, 0, n * sizeof *squares);
    memset(mismatches, 0, n * sizeof *mismatches);
    for (size_t j = 0; j < shape->d; j++)
        if (!shape->axes[j].conditional && shape->axes[j].kind == HN_GP_CATEGORICAL)
            gp_add_mismatches(hyper->relevance[j], x[j], columns + j * stride, n, mismatches);
        else if (!shape->axes[j].conditional)
            gp_add_squares(hyper->relevance[j], x[j], columns + j * stride, n, squares);
    correlate(shape->options.kernel, squares, mismatches, n, row->work, row->main, row->slope);
    for (size_t j = 0; j < shape->d; j++)
        if (shape->axes[j].conditional) {
            hn_gp_factor_row(shape, hyper, j, x[j], columns + j * stride, stride, n, row);
            gp_multiply(row->factor, n, row->main, row->slope);
        }
}

double hn_gp_centred(const hn_gp_shape *shape, size_t axis, double x)
{
    return shape->axes[axis].kind == HN_GP_CATEGORICAL || isnan(x) ? 0 : x - 0.5;
}

WIDE static void gp_scale(double factor, const double *x, size_t n, double *restrict out)
{
    for (size_t i = 0; i < n; i++)
        out[i] = factor * x[i];
}

WIDE static void gp_add(double term, size_t n, double *restrict out)
{
    for (size_t i = 0; i < n; i++)
        out[i] += term;
}

/* out += the mean of all axes' factors, times its amplitude. */
static void add_first_order(const hn_gp_shape *shape, const hn_gp_hyper *hyper, const double *x,
                            const double *columns, size_t stride, size_t n, hn_gp_row *row, double *out)
{
    double share = hyper->first_order / (double)shape->d;
    powers p;
    for (size_t j = 0; j < shape->d; j++) {
        const double *column = columns + j * stride;
        bool all_have = !shape->axes[j].conditional;
        if (all_have && shape->axes[j].kind == HN_GP_CATEGORICAL) {
            gp_add(share, n, out);
            gp_add_mismatches(share * expm1(-hyper->relevance[j]), x[j], column, n, out);
        } else if (all_have && find_powers(shape, hyper, j, x[j], column, stride, &p)) {
            (shape->options.kernel == HN_GP_MATERN52 ? gp_add_near52 : gp_add_near32)(share, &p, n, out);
        } else {
            hn_gp_factor_row(shape, hyper, j, x[j], column, stride, n, row);
            hn_add_scaled(share, row->factor, n, out);
        }
    }
}

void hn_gp_covariance_row(const hn_gp_shape *shape, const hn_gp_hyper *hyper, const double *x,
                          const double *columns, size_t stride, size_t n, hn_gp_row *row, double *out)
{
    hn_gp_main_row(shape, hyper, x, columns, stride, n, row);
    gp_scale(hyper->amplitude, row->main, n, out);
    if (shape->first_order != HN_GP_ABSENT)
        add_first_order(shape, hyper, x, columns, stride, n, row, out);
    for (size_t j = 0; j < shape->d && shape->linear != HN_GP_ABSENT; j++) {
        double share = hyper->linear / (double)shape->n_numbers * hn_gp_centred(shape, j, x[j]);
        for (size_t i = 0; i < n; i++)
            out[i] += share * hn_gp_centred(shape, j, columns[j * stride + i]);
    }
}

double hn_gp_variance(const hn_gp_shape *shape, const hn_gp_hyper *hyper, const double *x)
{
    double sum = 0;
    for (size_t j = 0; j < shape->d && shape->linear != HN_GP_ABSENT; j++)
        sum += hn_gp_centred(shape, j, x[j]) * hn_gp_centred(shape, j, x[j]);
    return hyper->amplitude + hyper->first_order +
           (shape->n_numbers ? hyper->linear / (double)shape->n_numbers * sum : 0);
}

hone_status hn_gp_row_make(hn_arena *arena, size_t n, hn_gp_row *row, hone_error *err)
{
    double **arrays[] = {&row->main,     &row->slope,  &row->factor, &row->by_relevance,
                         &row->by_place, &row->by_rho, &row->work};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++)
        if ((*arrays[i] = hn_arena_scratch(arena, n, sizeof(double))) == NULL)
            return hn_out_of_memory(err);
    return HONE_OK;
}
