#include "math/statistics.h"

#include <math.h>
#include <stdbool.h>

#include "math/vector.h"

double hn_mean(const double *x, size_t n)
{
    return hn_vector_sum(x, n) / (double)n;
}

/* Two passes; the second sum corrects for the rounding of the mean (Chan, Golub & LeVeque 1983, eq. 1.7). */
double hn_standard_deviation(const double *x, size_t n, int ddof)
{
    double mean = hn_mean(x, n), squares = 0.0, rest = 0.0;
    for (size_t i = 0; i < n; i++) {
        double deviation = x[i] - mean;
        squares += deviation * deviation;
        rest += deviation;
    }
    double freedom = (double)n - ddof;
    return freedom > 0.0 ? sqrt(fmax(squares - rest * rest / (double)n, 0.0) / freedom) : NAN;
}

double hn_student_tail(double t, size_t degrees)
{
    double angle = atan(fabs(t) / sqrt((double)degrees)), sine = sin(angle), cosine = cos(angle);
    bool odd = degrees % 2;
    double term = odd ? cosine : 1, sum = degrees > 1 ? term : 0;
    for (size_t i = odd ? 3 : 2; i < degrees; i += 2) { /* one more power of cos^2 each */
        term *= (double)(i - 1) / (double)i * cosine * cosine;
        sum += term;
    }
    double pi = acos(-1), within = odd ? 2 / pi * (angle + sine * sum) : sine * sum; /* P(|T| <= t) */
    double tail = fmax(1 - within, 0) / 2;
    return t >= 0 ? tail : 1 - tail;
}

static void swap(double *a, double *b)
{
    double kept = *a;
    *a = *b;
    *b = kept;
}

/* The pivot's value for x[low .. high]: the median of the ends and the middle, or of three such triples when
 * the range is long. */
static double choose_pivot(const double *x, size_t low, size_t high)
{
    size_t middle = low + (high - low) / 2, eighth = (high - low) / 8;
    double a = x[low], b = x[middle], c = x[high];
    if (high - low > 128) {
        a = fmax(fmin(x[low], x[low + eighth]), fmin(fmax(x[low], x[low + eighth]), x[low + 2 * eighth]));
        b = fmax(fmin(x[middle - eighth], b), fmin(fmax(x[middle - eighth], b), x[middle + eighth]));
        c = fmax(fmin(x[high], x[high - eighth]),
                 fmin(fmax(x[high], x[high - eighth]), x[high - 2 * eighth]));
    }
    return fmax(fmin(a, b), fmin(fmax(a, b), c));
}

/* Reorders x so that x[k] is what sorting would put there, with nothing larger before it and nothing
 * smaller after: Hoare's selection. A range that shrinks too slowly is sorted, so that no input makes it
 * quadratic. */
static void select_nth(double *x, size_t n, size_t k)
{
    size_t low = 0, high = n - 1, work = 0;
    while (low < high) {
        work += high - low;
        if (work > 16 * n) {
            hn_sort_doubles(x + low, high - low + 1);
            return;
        }
        double pivot = choose_pivot(x, low, high);
        size_t i = low, j = high;
        while (i <= j) {
            while (x[i] < pivot)
                i++;
            while (pivot < x[j])
                j--;
            if (i <= j) {
                swap(&x[i++], &x[j]);
                if (j == 0)
                    break;
                j--;
            }
        }
        if (k <= j && j < high)
            high = j;
        else if (k >= i)
            low = i;
        else
            return;
    }
}

double hn_quantile(double *x, size_t n, double q)
{
    double position = q * (double)(n - 1);
    size_t below = (size_t)position;
    double fraction = position - (double)below;
    select_nth(x, n, below);
    double a = x[below];
    if (fraction == 0.0)
        return a;
    double b = x[below + 1];
    for (size_t i = below + 2; i < n; i++)
        b = x[i] < b ? x[i] : b;
    if (a == b)
        return a;
    if (isinf(a) || isinf(b))
        return a + b;
    /* From the nearer end, as NumPy does. */
    return fraction < 0.5 ? a + (b - a) * fraction : b - (b - a) * (1.0 - fraction);
}

double hn_median(double *x, size_t n)
{
    return hn_quantile(x, n, 0.5);
}
