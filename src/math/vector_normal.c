/* vector_normal.c: the mass of [a, b], mirrored so that the upper tail is the small one, by its width.
 *
 * Narrow, (b - a)(1 + c) < 1/10 with c the middle: the density at c times the mean of exp(-c s - s^2 / 2)
 * over the width, expanded in Hermite polynomials of c to the width's fourth power; the sixth adds less than
 * 1e-11.
 *
 * Others: differences of upper tails Q(x) = exp(-x^2 / 2) R(x). R, half the scaled complementary error
 * function, is a ratio of polynomials of degree 7 and 8, fitted to 40 digits over all x >= 0 (relative error
 * 6.6e-13) by Lawson's weights on linearised least squares; all coefficients are positive, so that nothing
 * cancels. For a >= 0 the factor exp(-a^2 / 2) is kept as its logarithm, for the sake of the far tail.
 */
#include "math/vector_normal.h"

#include <math.h>

#include "math/vector.h"
#include "math/wide.h"

enum { BLOCK = 64 };

/* One block of intervals on its way: the mass is exp(scale) value. */
typedef struct block {
    double near[BLOCK], far[BLOCK];     /* the mirrored interval: near + far >= 0 */
    double value[BLOCK], scale[BLOCK];  /* of narrow ones at first, then of all */
    double narrow[BLOCK], holds[BLOCK]; /* 1 or 0: is narrow, holds 0 */
    double below[BLOCK], above[BLOCK];  /* the factors of R(|near|) and R(far), at first their logarithms */
} block;

static inline double larger(double x, double y)
{
    return x > y ? x : y;
}

static inline double positive_part(double x)
{
    return 0.5 * (fabs(x) + x);
}

/* exp(x^2 / 2) times the upper tail of x >= 0. */
static inline double scaled_tail(double x)
{
    double p = 5.7860682672800027866e-05, q = 0.00014503522317718708369;
    p = p * x + 0.0010492746066568383641;
    p = p * x + 0.0093362433752684388038;
    p = p * x + 0.051497862508793471808;
    p = p * x + 0.18832834797952212613;
    p = p * x + 0.45615178650389633146;
    p = p * x + 0.68302426272367460305;
    p = p * x + 0.49999999999967466665;
    q = q * x + 0.0026301413967592553679;
    q = q * x + 0.023547526879020070787;
    q = q * x + 0.13171613672316930269;
    q = q * x + 0.49518171843040642039;
    q = q * x + 1.267224904216503492;
    q = q * x + 2.1388723748350134044;
    q = q * x + 2.1639330861656773723;
    q = q * x + 1.0;
    return p / q;
}

/* Mirrors, and writes value and scale as if all were narrow. Returns how many are not. */
WIDE static double start(const double *a, const double *b, size_t n, block *restrict s)
{
    const double log_root_two_pi = 0.91893853320467274;
    for (size_t i = 0; i < n; i++) {
        double near = larger(a[i], -b[i]), far = larger(b[i], -a[i]);
        double width = far - near, middle = near + 0.5 * width;
        double w = width * width, c = middle * middle;
        double u = w * ((c - 1) / 24 + w * ((c - 6) * c + 3) / 1920); /* the mean less 1, below 5e-4 */
        s->near[i] = near;
        s->far[i] = far;
        s->value[i] = width;
        s->scale[i] = u * (1 - u * (0.5 - u * (1.0 / 3))) - 0.5 * c - log_root_two_pi;
        s->narrow[i] = width * (1 + middle) < 0.1 ? 1 : 0;
        s->holds[i] = near < 0 ? 1 : 0;
    }
    return (double)n - hn_vector_sum(s->narrow, n);
}

/* Logarithms of the factors of both tails. */
WIDE static void log_factors(size_t n, block *restrict s)
{
    const double negligible = -700; /* below it exp would leave its fast path */
    for (size_t i = 0; i < n; i++) {
        double near = s->near[i], far = s->far[i], outside = positive_part(near), inside = outside - near;
        s->below[i] = larger(-0.5 * inside * inside, negligible);
        s->above[i] = larger(-0.5 * (far - outside) * (far + outside), negligible);
    }
}

/* value and scale of those that are not narrow. */
WIDE static void finish(size_t n, block *restrict s)
{
    for (size_t i = 0; i < n; i++) {
        double near = s->near[i], outside = positive_part(near), holds = s->holds[i];
        double lower = s->below[i] * scaled_tail(fabs(near)), upper = s->above[i] * scaled_tail(s->far[i]);
        s->below[i] = holds + (1 - 2 * holds) * lower - upper;
        s->above[i] = -0.5 * outside * outside;
    }
    for (size_t i = 0; i < n; i++) { /* apart: then all of it is vectorised */
        double value = s->value[i], mass = s->below[i], scale = s->scale[i], wide_scale = s->above[i];
        s->value[i] = s->narrow[i] > 0 ? value : mass;
        s->scale[i] = s->narrow[i] > 0 ? scale : wide_scale;
    }
}

WIDE static void add(const double *x, const double *y, size_t n, double *out)
{
    for (size_t i = 0; i < n; i++)
        out[i] = x[i] + y[i];
}

static void log_mass_of_block(const double *a, const double *b, size_t n, double *out)
{
    block s;
    if (start(a, b, n, &s) > 0) {
        log_factors(n, &s);
        hn_vector_exp(s.below, n, s.below);
        hn_vector_exp(s.above, n, s.above);
        finish(n, &s);
    }
    hn_vector_log(s.value, n, s.value);
    add(s.value, s.scale, n, out);
}

void hn_vector_normal_log_mass(const double *a, const double *b, size_t n, double *out)
{
    for (size_t i = 0; i < n; i += BLOCK)
        log_mass_of_block(a + i, b + i, n - i < BLOCK ? n - i : BLOCK, out + i);
}
