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

/* work = the exponent of the correlation at squares, less the mismatches. */
WIDE static void gp_exponents(double scale, const double *squares, const double *mismatches, size_t n,
                              double *restrict work)
{
    for (size_t i = 0; i < n; i++)
        work[i] = -scale * sqrt(squares[i]) - mismatches[i];
}

WIDE static void gp_gaussian_exponents(const double *squares, const double *mismatches, size_t n,
                                       double *restrict work)
{
    for (size_t i = 0; i < n; i++)
        work[i] = -0.5 * squares[i] - mismatches[i];
}

/* From e = exp(exponent): the correlation into k and its derivative by the square into h. */
WIDE static void gp_matern52(const double *squares, const double *e, size_t n, double *restrict k,
                             double *restrict h)
{
    for (size_t i = 0; i < n; i++) {
        double r = sqrt_five * sqrt(squares[i]);
        k[i] = (1 + r + 5.0 / 3 * squares[i]) * e[i];
        h[i] = -5.0 / 6 * (1 + r) * e[i];
    }
}

WIDE static void gp_matern32(const double *squares, const double *e, size_t n, double *restrict k,
                             double *restrict h)
{
    for (size_t i = 0; i < n; i++) {
        k[i] = (1 + sqrt_three * sqrt(squares[i])) * e[i];
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
        gp_exponents(kernel == HN_GP_MATERN52 ? sqrt_five : sqrt_three, squares, mismatches, n, work);
    hn_vector_exp(work, n, work);
    switch (kernel) {
    case HN_GP_MATERN52: gp_matern52(squares, work, n, k, h); break;
    case HN_GP_MATERN32: gp_matern32(squares, work, n, k, h); break;
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
                      const double *column, size_t n, hn_gp_row *row)
{
    double weight = hyper->relevance[axis];
    if (shape->axes[axis].kind == HN_GP_CATEGORICAL)
        gp_choices(weight, exp(-weight), x, column, n, row->factor, row->by_relevance, row->by_place);
    else
        number_row(shape, weight, x, column, n, row);
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
            hn_gp_factor_row(shape, hyper, j, x[j], columns + j * stride, n, row);
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
    for (size_t j = 0; j < shape->d; j++) {
        const double *column = columns + j * stride;
        if (shape->axes[j].kind == HN_GP_CATEGORICAL && !shape->axes[j].conditional) {
            gp_add(share, n, out);
            gp_add_mismatches(share * expm1(-hyper->relevance[j]), x[j], column, n, out);
        } else {
            hn_gp_factor_row(shape, hyper, j, x[j], column, n, row);
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
