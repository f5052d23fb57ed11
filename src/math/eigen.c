#include "math/eigen.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "math/linalg.h"

/* Two or three steps an eigenvalue are usual. */
enum { MAX_STEPS_EACH = 60 };

/* --- to tridiagonal form --- */

/* v (m,) becomes Householder's vector of unit length whose reflection takes v to (result, 0, ... 0). All 0
 * when v has that form. */
static double reflector(double *v, size_t m)
{
    double largest = 0, square = 0;
    for (size_t i = 1; i < m; i++)
        largest = fmax(largest, fabs(v[i]));
    double head = v[0];
    if (!(largest > 0)) {
        v[0] = 0;
        return head;
    }
    largest = fmax(largest, fabs(head));
    for (size_t i = 0; i < m; i++) {
        v[i] /= largest;
        square += v[i] * v[i];
    }
    double norm = copysign(sqrt(square), v[0]);
    v[0] += norm; /* away from 0: nothing cancels */
    double length = sqrt(hn_dot(v, v, m));
    for (size_t i = 0; i < m; i++)
        v[i] /= length;
    return -norm * largest;
}

/* A becomes H A H with H = I - 2 v v', on the lower right (m, m) corner that begins at a; v may be row -1 of
 * it. A - v w' - w v' with p = 2 A v, w = p - (v'p) v. Both triangles are kept. w: (m,). */
static void reflect(double *a, size_t step, size_t m, const double *v, double *w)
{
    for (size_t i = 0; i < m; i++)
        w[i] = 2 * hn_dot(a + i * step, v, m);
    hn_add_scaled(-hn_dot(v, w, m), v, m, w);
    for (size_t i = 0; i < m; i++) {
        hn_add_scaled(-v[i], w, m, a + i * step);
        hn_add_scaled(-w[i], v, m, a + i * step);
    }
}

/* a = Q T Q': diagonal (n,) and beside (n - 1,) of T; rows of vectors become Q'. Row k of a right of its
 * diagonal keeps the k-th reflector. */
static void tridiagonalise(double *a, size_t n, double *diagonal, double *beside, double *vectors, double *w)
{
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < i; j++)
            a[i * n + j] = a[j * n + i];
    for (size_t k = 0; k + 1 < n; k++) {
        double *v = a + k * n + k + 1;
        beside[k] = reflector(v, n - k - 1);
        reflect(a + (k + 1) * n + k + 1, n, n - k - 1, v, w);
    }
    for (size_t i = 0; i < n; i++)
        diagonal[i] = a[i * n + i];
    memset(vectors, 0, n * n * sizeof *vectors);
    for (size_t i = 0; i < n; i++)
        vectors[i * n + i] = 1;
    for (size_t k = n; k-- > 0;) /* Q' = ... H_1 H_0, the last ones touch the corner only */
        for (size_t i = k + 1; i < n; i++) {
            const double *v = a + k * n + k + 1;
            double *row = vectors + i * n + k + 1;
            hn_add_scaled(-2 * hn_dot(row, v, n - k - 1), v, n - k - 1, row);
        }
}

/* --- to diagonal form --- */

/* Rows x and y become c x - s y and s x + c y. */
static void rotate(double *x, double *y, size_t n, double c, double s)
{
    for (size_t i = 0; i < n; i++) {
        double left = x[i], right = y[i];
        x[i] = c * left - s * right;
        y[i] = s * left + c * right;
    }
}

/* The eigenvalue of the last two rows' matrix ((a, b), (b, d)) that is nearer to d. */
static double wilkinson_shift(double a, double b, double d)
{
    double half = (a - d) / 2;
    return d - b * (b / (half + copysign(hypot(half, b), half)));
}

/* One implicit QR step on rows first .. last, none of whose neighbours vanish. */
static void step(double *diagonal, double *beside, size_t first, size_t last, double *vectors, size_t n)
{
    double shift = wilkinson_shift(diagonal[last - 1], beside[last - 1], diagonal[last]);
    double x = diagonal[first] - shift, z = beside[first];
    for (size_t k = first; k < last; k++) {
        double r = hypot(x, z), c = r > 0 ? x / r : 1, s = r > 0 ? -z / r : 0;
        double a = diagonal[k], b = beside[k], d = diagonal[k + 1];
        if (k > first)
            beside[k - 1] = r;
        diagonal[k] = c * c * a - 2 * c * s * b + s * s * d;
        diagonal[k + 1] = s * s * a + 2 * c * s * b + c * c * d;
        beside[k] = c * s * (a - d) + (c * c - s * s) * b;
        x = beside[k];
        if (k + 1 < last) {
            z = -s * beside[k + 1];
            beside[k + 1] *= c;
        }
        rotate(vectors + k * n, vectors + (k + 1) * n, n, c, s);
    }
}

static bool diagonalise(double *diagonal, double *beside, double *vectors, size_t n)
{
    size_t last = n - 1, steps = 0;
    while (last > 0) {
        size_t first = last;
        while (first > 0 &&
               fabs(beside[first - 1]) > DBL_EPSILON * (fabs(diagonal[first - 1]) + fabs(diagonal[first])))
            first--;
        if (first > 0)
            beside[first - 1] = 0;
        if (first == last) {
            last--;
            continue;
        }
        if (++steps > MAX_STEPS_EACH * n)
            return false;
        step(diagonal, beside, first, last, vectors, n);
    }
    return true;
}

/* By selection: at most n exchanges of rows. */
static void sort_ascending(double *values, double *vectors, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        size_t least = i;
        for (size_t j = i + 1; j < n; j++)
            least = values[j] < values[least] ? j : least;
        if (least == i)
            continue;
        double value = values[i];
        values[i] = values[least];
        values[least] = value;
        rotate(vectors + i * n, vectors + least * n, n, 0,
               1); /* an exchange, one of them with its sign turned */
    }
}

bool hn_symmetric_eigen(double *a, size_t n, double *values, double *vectors, double *work)
{
    for (size_t i = 0; i < n; i++)
        for (size_t j = i; j < n; j++)
            if (!isfinite(a[i * n + j]))
                return false;
    if (n == 0)
        return true;
    tridiagonalise(a, n, values, work, vectors, work + n);
    if (!diagonalise(values, work, vectors, n))
        return false;
    sort_ascending(values, vectors, n);
    return true;
}
