#include "math/hypervolume.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

/* --- sets of points --- */

static bool is_below(const double *point, size_t m, const double *reference)
{
    for (size_t j = 0; j < m; j++)
        if (!isfinite(point[j]) || !(point[j] < reference[j]))
            return false;
    return true;
}

static bool covers(const double *a, const double *b, size_t m)
{
    for (size_t j = 0; j < m; j++)
        if (a[j] > b[j])
            return false;
    return true;
}

/* Adds a point, which may lie behind the set's last one, to a set without dominated members; returns the new
 * size. */
static size_t insert(double *set, size_t n, size_t m, const double *point)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (covers(set + i * m, point, m))
            return n;
    for (size_t i = 0; i < n; i++)
        if (!covers(point, set + i * m, m))
            memmove(set + kept++ * m, set + i * m, m * sizeof *set);
    memmove(set + kept * m, point, m * sizeof *set);
    return kept + 1;
}

static void swap_rows(double *a, double *b, size_t m)
{
    for (size_t j = 0; j < m; j++) {
        double kept = a[j];
        a[j] = b[j];
        b[j] = kept;
    }
}

/* Restores a heap of n rows, the largest in column j first, below row i. */
static void sift(double *rows, size_t n, size_t m, size_t j, size_t i)
{
    for (size_t child = 2 * i + 1; child < n; child = 2 * i + 1) {
        if (child + 1 < n && rows[(child + 1) * m + j] > rows[child * m + j])
            child++;
        if (rows[child * m + j] <= rows[i * m + j])
            return;
        swap_rows(rows + i * m, rows + child * m, m);
        i = child;
    }
}

/* Rows (n, m) by column j ascending, in place. */
static void sort_rows(double *rows, size_t n, size_t m, size_t j)
{
    for (size_t i = n / 2; i-- > 0;)
        sift(rows, n, m, j, i);
    for (size_t end = n; end-- > 1;) {
        swap_rows(rows, rows + end * m, m);
        sift(rows, end, m, j, 0);
    }
}

/* --- two objectives --- */

/* Corners none of which dominates another: x ascends, y falls. */
typedef struct staircase {
    double (*at)[2]; /* (n,), room for all that come */
    size_t n;
    const double *reference; /* (2,) */
} staircase;

/* The first corner whose x is not below. */
static size_t find_corner(const staircase *s, double x)
{
    size_t low = 0, high = s->n;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (s->at[middle][0] < x)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Adds a point that is below the reference; returns the area gained. */
static double climb(staircase *s, double x, double y)
{
    size_t first = find_corner(s, x), past = first;
    double left = x, above = first ? s->at[first - 1][1] : s->reference[1], gained = 0;
    if (above <= y || (first < s->n && s->at[first][0] == x && s->at[first][1] <= y))
        return 0;
    for (; past < s->n && s->at[past][1] >= y; past++) {
        gained += (s->at[past][0] - left) * (above - y);
        left = s->at[past][0];
        above = s->at[past][1];
    }
    gained += ((past < s->n ? s->at[past][0] : s->reference[0]) - left) * (above - y);
    memmove(s->at + first + 1, s->at + past, (s->n - past) * sizeof *s->at);
    s->at[first][0] = x;
    s->at[first][1] = y;
    s->n = s->n + 1 + first - past;
    return gained;
}

/* --- more --- */

/* Points (n, 3), which are reordered, swept by the last objective; scratch has room for 2 n. */
static double volume_of_three(double *points, size_t n, const double *reference, double *scratch)
{
    staircase stairs = {.at = (double(*)[2])scratch, .reference = reference};
    double area = 0, volume = 0;
    sort_rows(points, n, 3, 2);
    for (size_t i = 0; i < n; i++) {
        const double *point = points + 3 * i;
        area += climb(&stairs, point[0], point[1]);
        volume += area * ((i + 1 < n ? point[5] : reference[2]) - point[2]);
    }
    return volume;
}

static double volume_of_two(double *points, size_t n, const double *reference)
{
    double volume = 0, lowest = reference[1];
    sort_rows(points, n, 2, 0);
    for (size_t i = 0; i < n; i++)
        if (points[2 * i + 1] < lowest) {
            volume += (reference[0] - points[2 * i]) * (lowest - points[2 * i + 1]);
            lowest = points[2 * i + 1];
        }
    return volume;
}

static double volume_of_one(const double *points, size_t n, const double *reference)
{
    double lowest = reference[0];
    for (size_t i = 0; i < n; i++)
        lowest = fmin(lowest, points[i]);
    return reference[0] - lowest;
}

static double volume_of(double *points, size_t n, size_t m, const double *reference, double *scratch);

/* In the first k objectives: what the set (n, m) leaves of a point's box. */
static double beyond(const double *point, const double *set, size_t n, size_t m, size_t k,
                     const double *reference, double *scratch)
{
    double box = 1;
    size_t n_limited = 0;
    for (size_t j = 0; j < k; j++)
        box *= reference[j] - point[j];
    for (size_t i = 0; i < n; i++) {
        double *corner = scratch + n_limited * k;
        for (size_t j = 0; j < k; j++)
            corner[j] = fmax(point[j], set[i * m + j]);
        /* sweeps pass over dominated corners by themselves */
        n_limited = k > 3 ? insert(scratch, n_limited, k, corner) : n_limited + 1;
    }
    return fmax(box - volume_of(scratch, n_limited, k, reference, scratch + n_limited * k), 0);
}

/* Of points below the reference, which are reordered. */
static double volume_of(double *points, size_t n, size_t m, const double *reference, double *scratch)
{
    double volume = 0;
    if (m < 4)
        return m == 1   ? volume_of_one(points, n, reference)
               : m == 2 ? volume_of_two(points, n, reference)
                        : volume_of_three(points, n, reference, scratch);
    sort_rows(points, n, m, m - 1);
    for (size_t i = n; i-- > 0;) { /* those before i are no worse in the last objective */
        double depth = reference[m - 1] - points[i * m + m - 1];
        volume += depth * beyond(points + i * m, points, i, m, m - 1, reference, scratch);
    }
    return volume;
}

size_t hn_hypervolume_scratch(size_t n, size_t m)
{
    return (n + 1) * m * (m + 2); /* sets of m, m, m - 1, ... objectives; the staircase */
}

/* Those of points (n, m) that are below the reference into set; returns how many. */
static size_t take_inside(const double *points, size_t n, size_t m, const double *reference, double *set)
{
    size_t inside = 0;
    for (size_t i = 0; i < n; i++)
        if (is_below(points + i * m, m, reference))
            memcpy(set + inside++ * m, points + i * m, m * sizeof *set);
    return inside;
}

double hn_hypervolume(const double *points, size_t n, size_t m, const double *reference, double *scratch)
{
    size_t inside = take_inside(points, n, m, reference, scratch), front = 0;
    for (size_t i = 0; m > 3 && i < inside; i++)
        front = insert(scratch, front, m, scratch + i * m);
    inside = m > 3 ? front : inside;
    return volume_of(scratch, inside, m, reference, scratch + inside * m);
}

double hn_hypervolume_gain(const double *point, const double *set, size_t n, size_t m,
                           const double *reference, double *scratch)
{
    if (!is_below(point, m, reference))
        return 0;
    size_t inside = take_inside(set, n, m, reference, scratch);
    return beyond(point, scratch, inside, m, m, reference, scratch + inside * m);
}

void hn_hypervolume_history(const double *points, size_t n, size_t m, const double *reference,
                            double *scratch, double *volume)
{
    staircase stairs = {.at = (double(*)[2])scratch, .reference = reference};
    double sum = 0, *front = scratch;
    size_t size = 0;
    for (size_t i = 0; i < n; i++) {
        const double *point = points + i * m;
        if (is_below(point, m, reference)) {
            if (m == 2) {
                sum += climb(&stairs, point[0], point[1]);
            } else {
                sum += beyond(point, front, size, m, m, reference, front + (size + 1) * m);
                size = insert(front, size, m, point);
            }
        }
        volume[i] = sum;
    }
}
