#include "math/distribution.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>

#define SQRT_HALF       0.70710678118654752440
#define SQRT_TWO_PI     2.50662827463100050242
#define LOG_SQRT_TWO_PI 0.91893853320467274178
#define LOG_HALF        (-0.69314718055994530942)

double hn_normal_log_pdf(double x)
{
    return -0.5 * x * x - LOG_SQRT_TWO_PI;
}

double hn_normal_cdf(double x)
{
    return 0.5 * erfc(-x * SQRT_HALF);
}

/* Mills' ratio (1 - cdf(x)) / pdf(x) for x >= 0, decreasing from sqrt(pi / 2) to 0. Beyond 20 by the
 * asymptotic series (A&S 7.1.23) sum (-1)^k (2k - 1)!! / x^(2k + 1), whose tenth term is below 1e-17
 * there. */
static double mills_ratio(double x)
{
    if (x < 20.0)
        return 0.5 * SQRT_TWO_PI * exp(0.5 * x * x) * erfc(x * SQRT_HALF);
    double inverse_square = 1.0 / (x * x), sum = 1.0;
    for (int k = 10; k >= 1; k--)
        sum = 1.0 - (2 * k - 1) * inverse_square * sum;
    return sum / x;
}

double hn_normal_log_cdf(double x)
{
    if (x > 0.0)
        return log1p(-hn_normal_cdf(-x));
    if (x > -20.0)
        return log(hn_normal_cdf(x));
    return isinf(x) ? -INFINITY : hn_normal_log_pdf(x) + log(mills_ratio(-x));
}

/* K(x) of Laplace's continued fraction for Mills' ratio, R = 1 / (x + K), K = 1 / (x + 2 / (x + 3 / ...)):
 * with it 1 - x R = K / (x + K) has no cancellation. From 4 on this many terms are exact to rounding. */
static double mills_remainder(double x)
{
    double remainder = 0;
    for (int k = 8 + (int)(120.0 / x); k >= 1; k--)
        remainder = k / (x + remainder);
    return remainder;
}

double hn_normal_log_cdf_slope(double x)
{
    return x > -4.0 ? exp(hn_normal_log_pdf(x)) / hn_normal_cdf(x) : mills_remainder(-x) - x;
}

double hn_normal_log_excess(double u, double *slope)
{
    double value, derivative;
    if (u > -1.0) {
        double excess = exp(hn_normal_log_pdf(u)) + u * hn_normal_cdf(u);
        value = log(excess);
        derivative = hn_normal_cdf(u) / excess;
    } else if (u > -4.0) {
        double ratio = mills_ratio(-u), share = 1.0 + u * ratio;
        value = hn_normal_log_pdf(u) + log(share);
        derivative = ratio / share;
    } else {
        double remainder = mills_remainder(-u);
        value = hn_normal_log_pdf(u) + log(remainder / (remainder - u));
        derivative = 1.0 / remainder;
    }
    if (slope)
        *slope = derivative;
    return value;
}

double hn_log_add(double a, double b)
{
    double high = a > b ? a : b, low = a > b ? b : a;
    if (isinf(high))
        return high;
    return high + log1p(exp(low - high));
}

double hn_log_subtract(double a, double b)
{
    if (b == -INFINITY)
        return a;
    double gap = b - a;
    /* Either form loses digits on the other's side (Maechler 2012). */
    return a + (gap > LOG_HALF ? log(-expm1(gap)) : log1p(-exp(gap)));
}

/* numerator(x) / denominator(x), both of degree 7, coefficients from the constant up. */
static double rational(const double numerator[8], const double denominator[8], double x)
{
    double above = numerator[7], below = denominator[7];
    for (int i = 6; i >= 0; i--) {
        above = above * x + numerator[i];
        below = below * x + denominator[i];
    }
    return above / below;
}

/* Wichura 1988, AS 241, PPND16: |p - 1/2| <= 0.425. */
static double central_quantile(double offset)
{
    static const double a[8] = {3.3871328727963666080e0, 1.3314166789178437745e2, 1.9715909503065514427e3,
                                1.3731693765509461125e4, 4.5921953931549871457e4, 6.7265770927008700853e4,
                                3.3430575583588128105e4, 2.5090809287301226727e3};
    static const double b[8] = {1.00000000000000000000e0, 4.2313330701600911252e1, 6.8718700749205790830e2,
                                5.3941960214247511077e3,  2.1213794301586595867e4, 3.9307895800092710610e4,
                                2.8729085735721942674e4,  5.2264952788528545610e3};
    return offset * rational(a, b, 0.180625 - offset * offset);
}

/* AS 241 in the lower tail, r = sqrt(-log p) in (1.6, 27]. */
static double tail_quantile(double r)
{
    static const double c[8] = {1.42343711074968357734e0,  4.63033784615654529590e0,
                                5.76949722146069140550e0,  3.64784832476320460504e0,
                                1.27045825245236838258e0,  2.41780725177450611770e-1,
                                2.27238449892691845833e-2, 7.74545014278341407640e-4};
    static const double d[8] = {1.00000000000000000000e0,  2.05319162663775882187e0,
                                1.67638483018380384940e0,  6.89767334985100004550e-1,
                                1.48103976427480074590e-1, 1.51986665636164571966e-2,
                                5.47593808499534494600e-4, 1.05075007164441684324e-9};
    static const double e[8] = {6.65790464350110377720e0,  5.46378491116411436990e0,
                                1.78482653991729133580e0,  2.96560571828504891230e-1,
                                2.65321895265761230930e-2, 1.24266094738807843860e-3,
                                2.71155556874348757815e-5, 2.01033439929228813265e-7};
    static const double f[8] = {1.00000000000000000000e0,  5.99832206555887937690e-1,
                                1.36929880922735805310e-1, 1.48753612908506148525e-2,
                                7.86869131145613259100e-4, 1.84631831751005468180e-5,
                                1.42151175831644588870e-7, 2.04426310338993978564e-15};
    return r <= 5.0 ? -rational(c, d, r - 1.6) : -rational(e, f, r - 5.0);
}

/* x with log cdf(x) = log_p, for log_p <= log(1/2). */
static double lower_quantile(double log_p)
{
    if (log_p == -INFINITY)
        return -INFINITY;
    double p = exp(log_p);
    if (p >= 0.075)
        return central_quantile(p - 0.5);
    if (log_p > -700.0)
        return tail_quantile(sqrt(-log_p));
    /* Newton on the log; log cdf is nearly a parabola here, so that two steps reach the last bit. */
    double x = -sqrt(-2.0 * log_p);
    x = -sqrt(-2.0 * (log_p + log(-x) + LOG_SQRT_TWO_PI));
    for (int i = 0; i < 2; i++)
        x -= (hn_normal_log_cdf(x) - log_p) * mills_ratio(-x);
    return x;
}

double hn_normal_quantile(double p)
{
    if (fabs(p - 0.5) <= 0.425)
        return central_quantile(p - 0.5);
    return p < 0.5 ? lower_quantile(log(p)) : -lower_quantile(log1p(-p));
}

/* The integral of exp((center^2 - t^2) / 2) over [from, from + width], by 10-point Gauss-Legendre: full
 * precision while the integrand varies by no more than a factor e^2 or so over the interval. All terms are
 * positive. */
static double narrow_integral(double center, double from, double width)
{
    static const double node[5] = {0.14887433898163121089, 0.43339539412924719080, 0.67940956829902440623,
                                   0.86506336668898451073, 0.97390652851717172008};
    static const double weight[5] = {0.29552422471475287017, 0.26926671930999635509, 0.21908636251598204400,
                                     0.14945134915058059315, 0.06667134430868813759};
    double half = 0.5 * width, shift = from - center + half, sum = 0.0;
    for (int i = 0; i < 5; i++) {
        double above = shift + half * node[i], below = shift - half * node[i];
        sum += weight[i] * (exp(-above * (center + 0.5 * above)) + exp(-below * (center + 0.5 * below)));
    }
    return half * sum;
}

/* Whether the difference of two tail masses would cancel: the density varies little over [a, b]. */
static bool is_narrow(double a, double b)
{
    return b - a <= 1.0 && fabs(0.5 * (a + b)) * (b - a) <= 2.0;
}

/* log of the integral of exp((center^2 - t^2) / 2) over [a, b], with the center that keeps it of order one in
 * the far tails; so that densities relative to the mass never subtract two huge logarithms. */
static double scaled_log_mass(double a, double b, double *center)
{
    if (a < 0.0 && b > 0.0) {
        *center = 0.0;
        double outside = hn_normal_cdf(a) + hn_normal_cdf(-b);
        double log_mass =
            outside < 0.5 ? log1p(-outside) : log(0.5 * (erf(b * SQRT_HALF) + erf(-a * SQRT_HALF)));
        return log_mass + LOG_SQRT_TWO_PI;
    }
    if (is_narrow(a, b)) {
        *center = a + 0.5 * (b - a);
        return log(narrow_integral(*center, a, b - a));
    }
    double near = a >= 0.0 ? a : -b, far = a >= 0.0 ? b : -a;
    *center = near;
    double decay = exp(-0.5 * (far - near) * (far + near));
    return log(mills_ratio(near) - (decay > 0.0 ? decay * mills_ratio(far) : 0.0));
}

double hn_normal_log_mass(double a, double b)
{
    if (!(a < b))
        return -INFINITY;
    double center;
    double scaled = scaled_log_mass(a, b, &center);
    return scaled + hn_normal_log_pdf(center);
}

double hn_truncated_normal_log_pdf(double x, double a, double b)
{
    if (x < a || x > b)
        return -INFINITY;
    double center;
    double scaled = scaled_log_mass(a, b, &center);
    return -0.5 * (x - center) * (x + center) - scaled;
}

/* Newton on the integral from a, starting from the inverse for a purely exponential density. Keeps the digits
 * of the offset from a, which a difference of distribution functions would not. */
static double narrow_quantile(double q, double a, double b)
{
    double width = b - a, center = a + 0.5 * width;
    double target = q * narrow_integral(center, a, width);
    double tilt = center * width;
    double offset = width * (fabs(tilt) < 1e-8 ? q : -log1p(q * expm1(-tilt)) / tilt);
    for (int i = 0; i < 4; i++) {
        double at = a - center + offset, density = exp(-at * (center + 0.5 * at));
        double step = (narrow_integral(center, a, offset) - target) / density;
        offset = fmin(fmax(offset - step, 0.0), width);
        if (fabs(step) <= 1e-13 * offset)
            break;
    }
    return a + offset;
}

double hn_truncated_normal_quantile(double q, double a, double b)
{
    if (q <= 0.0)
        return a;
    if (q >= 1.0)
        return b;
    double x;
    if (is_narrow(a, b)) {
        x = narrow_quantile(q, a, b);
    } else {
        /* From the side where the distribution function is below 1/2 and keeps its digits. */
        double log_mass = hn_normal_log_mass(a, b);
        double below = a < 0.0 ? hn_log_add(hn_normal_log_cdf(a), log(q) + log_mass) : 0.0;
        if (below <= LOG_HALF)
            x = lower_quantile(below);
        else
            x = -lower_quantile(fmin(hn_log_add(hn_normal_log_cdf(-b), log1p(-q) + log_mass), LOG_HALF));
    }
    return fmin(fmax(x, a), b);
}
