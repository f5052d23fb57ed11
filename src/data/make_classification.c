/* make_classification.c: clusters of normal points, each stretched by its own random matrix, around distinct
 * vertices of a hypercube; further columns are linear combinations, copies and noise. The construction is
 * Guyon's (2003, "Design of experiments of the NIPS 2003 variable selection benchmark") as scikit-learn
 * states it.
 */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "data/make.h"
#include "math/random.h"

enum { VERTEX_BITS = 30 };

/* What the rows are drawn with. d informative, r redundant columns. */
typedef struct recipe {
    size_t *vertices; /* (clusters,): bit j is the side of the first VERTEX_BITS columns */
    double *mixing;   /* (d, r) */
    double *stretch;  /* (d, d), of the current cluster */
    double *centre;   /* (d,) */
    double *normal;   /* (d,) */
    double *point;    /* (d + r,) */
    size_t *source;   /* (repeated,): the columns copied */
} recipe;

static double signed_uniform(hn_random *random)
{
    return 2 * hn_random_uniform(random) - 1;
}

/* n distinct numbers below 2^bits in random order (Floyd 1987). */
static void draw_distinct(hn_random *random, unsigned bits, size_t *out, size_t n)
{
    uint64_t all = UINT64_C(1) << bits;
    for (size_t k = 0; k < n; k++) {
        size_t last = (size_t)(all - n + k), drawn = (size_t)hn_random_below(random, last + 1);
        for (size_t i = 0; i < k; i++)
            if (out[i] == drawn) {
                drawn = last;
                break;
            }
        out[k] = drawn;
    }
    hn_random_shuffle(random, out, n);
}

static bool allocate(const hn_make_options *o, recipe *r)
{
    size_t d = o->informative;
    r->vertices = hn_calloc(o->classes * o->clusters, sizeof *r->vertices);
    r->mixing = hn_calloc(d * o->redundant + 1, sizeof *r->mixing);
    r->stretch = hn_calloc(d * d, sizeof *r->stretch);
    r->centre = hn_calloc(d, sizeof *r->centre);
    r->normal = hn_calloc(d, sizeof *r->normal);
    r->point = hn_calloc(d + o->redundant, sizeof *r->point);
    r->source = hn_calloc(o->repeated + 1, sizeof *r->source);
    return r->vertices && r->mixing && r->stretch && r->centre && r->normal && r->point && r->source;
}

static void release(recipe *r)
{
    hn_free(r->vertices);
    hn_free(r->mixing);
    hn_free(r->stretch);
    hn_free(r->centre);
    hn_free(r->normal);
    hn_free(r->point);
    hn_free(r->source);
}

static void draw_recipe(const hn_make_options *o, recipe *r, hn_random *centres)
{
    unsigned bits = o->informative < VERTEX_BITS ? (unsigned)o->informative : VERTEX_BITS;
    hn_random mixing = hn_random_stream(o->seed, HN_DRAW_MIXING, HN_PURPOSE_DATA);
    draw_distinct(centres, bits, r->vertices, o->classes * o->clusters);
    for (size_t i = 0; i < o->informative * o->redundant; i++)
        r->mixing[i] = signed_uniform(&mixing);
    for (size_t i = 0; i < o->repeated; i++)
        r->source[i] = (size_t)hn_random_below(&mixing, o->informative + o->redundant);
}

static void draw_cluster(const hn_make_options *o, recipe *r, size_t vertex, hn_random *centres)
{
    for (size_t j = 0; j < o->informative; j++) {
        bool high = j < VERTEX_BITS ? vertex >> j & 1 : hn_random_u32(centres) & 1;
        r->centre[j] = high ? o->class_sep : -o->class_sep;
    }
    for (size_t i = 0; i < o->informative * o->informative; i++)
        r->stretch[i] = signed_uniform(centres);
}

/* point = matrix' from, (n,) from (d,) through (d, n). */
static void combine(const double *from, size_t d, const double *matrix, size_t n, double *out)
{
    memset(out, 0, n * sizeof *out);
    for (size_t k = 0; k < d; k++)
        for (size_t j = 0; j < n; j++)
            out[j] += from[k] * matrix[k * n + j];
}

static void draw_row(const hn_making *m, recipe *r, size_t row, hn_random *points, hn_random *noise)
{
    const hn_make_options *o = &m->o;
    size_t d = o->informative, telling = d + o->redundant, column = 0;
    for (size_t j = 0; j < d; j++)
        r->normal[j] = hn_random_normal(points);
    combine(r->normal, d, r->stretch, d, r->point);
    for (size_t j = 0; j < d; j++)
        r->point[j] += r->centre[j];
    combine(r->point, d, r->mixing, o->redundant, r->point + d);
    for (; column < telling; column++)
        *hn_making_cell(m, row, column) = r->point[column];
    for (size_t i = 0; i < o->repeated; i++)
        *hn_making_cell(m, row, column++) = r->point[r->source[i]];
    while (column < o->columns)
        *hn_making_cell(m, row, column++) = hn_random_normal(noise);
}

/* The share of a class; the last takes what is left when it was not given. */
static double share_of(const hn_make_options *o, size_t class)
{
    double rest = 1;
    if (!o->weights)
        return 1.0 / (double)o->classes;
    for (size_t i = 0; i < o->n_weights; i++)
        rest -= o->weights[i];
    return class < o->n_weights ? o->weights[class] : fmax(rest, 0);
}

/* Rows of cluster c, which belongs to class c mod classes. What rounding leaves goes to the first
 * clusters. */
static size_t rows_of(const hn_make_options *o, size_t c, size_t left_over)
{
    double share = share_of(o, c % o->classes) / (double)o->clusters;
    return (size_t)((double)o->rows * share + 1e-9) + (c < left_over);
}

static size_t left_over(const hn_make_options *o)
{
    size_t sum = 0;
    for (size_t c = 0; c < o->classes * o->clusters; c++)
        sum += rows_of(o, c, 0);
    return o->rows > sum ? o->rows - sum : 0;
}

hone_status hn_make_classification(const hn_making *m)
{
    const hn_make_options *o = &m->o;
    hn_random centres = hn_random_stream(o->seed, HN_DRAW_CENTRES, HN_PURPOSE_DATA);
    hn_random points = hn_random_stream(o->seed, HN_DRAW_POINTS, HN_PURPOSE_DATA);
    hn_random noise = hn_random_stream(o->seed, HN_DRAW_NOISE, HN_PURPOSE_DATA);
    hn_random classes = hn_random_stream(o->seed, HN_DRAW_CLASSES, HN_PURPOSE_DATA);
    recipe r = {0};
    hone_status status = allocate(o, &r) ? HONE_OK : hn_out_of_memory(m->err);
    if (!status) {
        size_t rest = left_over(o), row = 0;
        draw_recipe(o, &r, &centres);
        for (size_t c = 0; c < o->classes * o->clusters; c++) {
            draw_cluster(o, &r, r.vertices[c], &centres);
            for (size_t end = row + rows_of(o, c, rest); row < end && row < o->rows; row++) {
                bool flipped = hn_random_uniform(&classes) < o->flip;
                uint64_t drawn = hn_random_below(&classes, o->classes);
                draw_row(m, &r, row, &points, &noise);
                m->y[m->row[row]] = (double)(flipped ? drawn : c % o->classes);
            }
        }
    }
    release(&r);
    return status;
}
