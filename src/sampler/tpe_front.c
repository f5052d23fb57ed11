/* sampler/tpe_front.c: the subset of a front that covers the largest hypervolume below a reference point.
 *
 * Two objectives, exactly: sorted by the first one, with points i1 < i2 < ... chosen, the covered area is the
 * sum of (r0 - x_i)(y_l - y_i) over chosen i and the chosen l before it (y_l = r1 before the first). So the
 * best area f_j(i) of j points ending at i is a maximum over l of lines in (r0 - x_i) with slope y_l, kept as
 * an upper envelope: O(k n). More objectives: greedily the point that adds most (at least 1 - 1/e of the
 * optimum: the volume is submodular).
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "math/hypervolume.h"
#include "sampler/tpe_split.h"

typedef struct front_point {
    double width, height; /* r0 - x and y */
    size_t index;
} front_point;

/* By x ascending: width descending. */
static int by_width(const void *a, const void *b)
{
    const front_point *p = a, *q = b;
    if (p->width != q->width)
        return p->width < q->width ? 1 : -1;
    return (p->height > q->height) - (p->height < q->height);
}

/* A line: value at w is base + slope w. */
typedef struct line {
    double slope, base;
    uint32_t from;
} line;

static double at(const line *l, double w)
{
    return l->base + l->slope * w;
}

/* Is the middle of three lines of falling slope nowhere the largest? */
static bool is_hidden(const line *a, const line *b, const line *c)
{
    return (c->base - a->base) * (a->slope - b->slope) >= (b->base - a->base) * (a->slope - c->slope);
}

/* area[i] of j points ending at i becomes that of j + 1; from[i] is the one before i. Slopes fall with l and
 * widths with i, so that the largest line only moves forward. */
static void extend(const front_point *front, size_t n, size_t j, double *area, uint32_t *from, line *hull)
{
    size_t head = 0, tail = 0;
    double previous = -INFINITY;
    for (size_t i = 0; i < n; i++) {
        if (i > 0 && isfinite(previous)) {
            line next = {front[i - 1].height, previous, (uint32_t)(i - 1)};
            while (tail > head + 1 && is_hidden(&hull[tail - 2], &hull[tail - 1], &next))
                tail--;
            hull[tail++] = next;
        }
        double width = front[i].width;
        while (tail > head + 1 && at(&hull[head + 1], width) >= at(&hull[head], width))
            head++;
        previous = area[i];
        area[i] = i < j || tail == head ? -INFINITY : at(&hull[head], width) - front[i].height * width;
        from[i] = tail == head ? 0 : hull[head].from;
    }
}

/* inside: (n,) points better than the reference, as indices; k < n. */
static hone_status select_of_two(const double *points, const size_t *inside, size_t n,
                                 const double *reference, size_t k, hn_arena *arena, size_t *chosen,
                                 hone_error *err)
{
    front_point *front = HN_ARENA_NEW(arena, front_point, n);
    double *area = HN_ARENA_NEW(arena, double, n);
    uint32_t *from = hn_arena_scratch(arena, k, n * sizeof *from); /* (k, n) */
    line *hull = HN_ARENA_NEW(arena, line, n);
    if (front == NULL || area == NULL || from == NULL || hull == NULL)
        return hn_out_of_memory(err);
    for (size_t i = 0; i < n; i++) {
        const double *point = points + 2 * inside[i];
        front[i] = (front_point){reference[0] - point[0], point[1], inside[i]};
    }
    qsort(front, n, sizeof *front, by_width);
    for (size_t i = 0; i < n; i++)
        area[i] = front[i].width * (reference[1] - front[i].height);
    for (size_t j = 1; j < k; j++)
        extend(front, n, j, area, from + j * n, hull);
    size_t last = k - 1;
    for (size_t i = k; i < n; i++)
        last = area[i] > area[last] ? i : last;
    for (size_t j = k; j-- > 0;) {
        chosen[j] = front[last].index;
        last = j > 0 ? from[j * n + last] : 0;
    }
    return HONE_OK;
}

/* --- more objectives --- */

enum { MAX_GREEDY = 64 }; /* points chosen by their volume; the volume's cost grows fast with them */

static hone_status select_of_many(const double *points, const size_t *inside, size_t n, size_t m,
                                  const double *reference, size_t k, hn_arena *arena, size_t *chosen,
                                  hone_error *err)
{
    double *gain = HN_ARENA_NEW(arena, double, n), *set = HN_ARENA_NEW(arena, double, MAX_GREEDY *m);
    double *scratch = hn_arena_scratch(arena, hn_hypervolume_scratch(MAX_GREEDY, m), sizeof *scratch);
    size_t *fresh = HN_ARENA_NEW(arena, size_t, n); /* how many were chosen when the gain was computed */
    if (gain == NULL || set == NULL || scratch == NULL || fresh == NULL)
        return hn_out_of_memory(err);
    for (size_t i = 0; i < n; i++)
        gain[i] = hn_hypervolume_gain(points + inside[i] * m, NULL, 0, m, reference, scratch);
    for (size_t taken = 0; taken < k;) {
        size_t best = 0;
        for (size_t i = 1; i < n; i++)
            best = gain[i] > gain[best] ? i : best;
        const double *point = points + inside[best] * m;
        if (fresh[best] < taken &&
            taken <= MAX_GREEDY) { /* gains only shrink: an old one is an upper bound */
            gain[best] = hn_hypervolume_gain(point, set, taken, m, reference, scratch);
            fresh[best] = taken;
            continue;
        }
        if (taken < MAX_GREEDY)
            memcpy(set + taken * m, point, m * sizeof *set);
        chosen[taken++] = inside[best];
        gain[best] = -INFINITY;
    }
    return HONE_OK;
}

/* --- any --- */

static bool is_inside(const double *point, size_t m, const double *reference)
{
    bool inside = true;
    for (size_t j = 0; j < m; j++)
        inside = inside && isfinite(point[j]) && point[j] < reference[j];
    return inside;
}

hone_status hn_tpe_select_front(const double *points, size_t n, size_t m, const double *reference, size_t k,
                                hn_arena *arena, size_t *chosen, hone_error *err)
{
    size_t *order = HN_ARENA_NEW(arena, size_t, n), n_inside = 0, n_outside = 0;
    if (order == NULL)
        return hn_out_of_memory(err);
    for (size_t i = 0; i < n; i++) {
        if (is_inside(points + i * m, m, reference))
            order[n_inside++] = i;
        else
            order[n - ++n_outside] = i; /* infinite in some objective: taken when nothing else is left */
    }
    if (k >= n_inside) {
        memcpy(chosen, order, k * sizeof *chosen);
        return HONE_OK;
    }
    return m == 2 ? select_of_two(points, order, n_inside, reference, k, arena, chosen, err)
                  : select_of_many(points, order, n_inside, m, reference, k, arena, chosen, err);
}
