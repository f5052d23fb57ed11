/* make.c: defaults, checks and orders of made-up data; the simple kinds. */
#include "data/make.h"

#include <math.h>

#include "base/memory.h"
#include "math/random.h"

enum { MOST_CLUSTERS = 65536 };

/* --- options --- */

static size_t or_default(size_t given, size_t usual)
{
    return given ? given : usual;
}

static void fill_defaults(hn_make_options *o)
{
    bool classifies = o->kind == HN_MAKE_CLASSIFICATION, regression = o->kind == HN_MAKE_REGRESSION;
    o->rows = or_default(o->rows, 100);
    o->columns = or_default(o->columns, classifies ? 20 : regression ? 100 : 2);
    o->classes = or_default(o->classes, o->kind == HN_MAKE_BLOBS ? 3 : 2);
    o->clusters = or_default(o->clusters, 2);
    size_t usual = classifies ? 2 : 10;
    o->informative = or_default(o->informative, usual < o->columns ? usual : o->columns);
}

static hone_status check_weights(const hn_make_options *o, hone_error *err)
{
    double sum = 0;
    if (!o->weights)
        return HONE_OK;
    if (o->n_weights != o->classes && o->n_weights + 1 != o->classes)
        return hn_fail(err, HONE_INVALID,
                       "weights: %zu for %zu classes; give one each, the last may be left out", o->n_weights,
                       o->classes);
    for (size_t i = 0; i < o->n_weights; i++) {
        if (!(o->weights[i] >= 0 && o->weights[i] <= 1))
            return hn_fail(err, HONE_INVALID, "weights: the share of class %zu must be from 0 to 1", i);
        sum += o->weights[i];
    }
    if (sum > 1 + 1e-9 || (o->n_weights == o->classes && sum < 1 - 1e-9))
        return hn_fail(err, HONE_INVALID, "weights are shares of the rows: their sum must be 1");
    return HONE_OK;
}

/* True when no two clusters have to share a vertex of the hypercube. */
static bool vertices_suffice(const hn_make_options *o)
{
    return o->informative >= 32 || o->classes * o->clusters <= (size_t)1 << o->informative;
}

static hone_status check_classification(const hn_make_options *o, hone_error *err)
{
    size_t telling = 0;
    bool overflow = __builtin_add_overflow(o->informative, o->redundant, &telling) ||
                    __builtin_add_overflow(telling, o->repeated, &telling);
    if (overflow || telling > o->columns)
        return hn_fail(err, HONE_INVALID,
                       "columns: %zu are fewer than informative %zu, redundant %zu and repeated %zu together",
                       o->columns, o->informative, o->redundant, o->repeated);
    if (o->classes < 2)
        return hn_fail(err, HONE_INVALID, "classes must be at least 2, found %zu", o->classes);
    if (!vertices_suffice(o))
        return hn_fail(err, HONE_INVALID,
                       "classes %zu of %zu clusters need as many vertices of a hypercube of %zu informative "
                       "columns, which has 2^%zu; raise informative or lower clusters",
                       o->classes, o->clusters, o->informative, o->informative);
    if (!(o->flip >= 0 && o->flip <= 1))
        return hn_fail(err, HONE_INVALID, "flip is a share of the rows: from 0 to 1");
    if (!(o->class_sep >= 0) || isinf(o->class_sep))
        return hn_fail(err, HONE_INVALID, "class_sep must be a number of at least 0");
    return check_weights(o, err);
}

static hone_status check(const hn_make_options *o, hone_error *err)
{
    size_t cells = 0;
    if (o->kind < HN_MAKE_CLASSIFICATION || o->kind > HN_MAKE_MOONS)
        return hn_fail(err, HONE_INVALID, "kind %d is none of classification, regression, blobs, moons",
                       (int)o->kind);
    if (o->rows < 2)
        return hn_fail(err, HONE_INVALID, "rows must be at least 2, found %zu", o->rows);
    if (o->columns >= 65536 || __builtin_mul_overflow(o->rows, o->columns + 1, &cells) ||
        cells > (SIZE_MAX >> 5))
        return hn_fail(err, HONE_LIMIT, "rows %zu, columns %zu: too large a table; columns may be 65535",
                       o->rows, o->columns);
    size_t clusters = 0;
    bool overflow = __builtin_mul_overflow(o->classes, o->clusters, &clusters);
    if (overflow || o->classes > o->rows || clusters > MOST_CLUSTERS)
        return hn_fail(
            err, HONE_INVALID,
            "classes %zu of %zu clusters: there may be as many classes as rows (%zu), and %d clusters",
            o->classes, o->clusters, o->rows, MOST_CLUSTERS);
    if (o->kind == HN_MAKE_MOONS && (o->columns != 2 || o->classes != 2))
        return hn_fail(err, HONE_INVALID, "moons have 2 columns and 2 classes");
    if (!(o->noise >= 0) || isinf(o->noise) || !(o->spread >= 0) || isinf(o->spread) || !isfinite(o->bias))
        return hn_fail(err, HONE_INVALID, "noise and spread must be numbers of at least 0, bias a number");
    if (o->informative > o->columns)
        return hn_fail(err, HONE_INVALID, "informative: %zu of %zu columns", o->informative, o->columns);
    return o->kind == HN_MAKE_CLASSIFICATION ? check_classification(o, err) : HONE_OK;
}

/* --- the simple kinds --- */

hone_status hn_make_regression(const hn_making *m)
{
    const hn_make_options *o = &m->o;
    hn_random points = hn_random_stream(o->seed, HN_DRAW_POINTS, HN_PURPOSE_DATA);
    hn_random centres = hn_random_stream(o->seed, HN_DRAW_CENTRES, HN_PURPOSE_DATA);
    hn_random noise = hn_random_stream(o->seed, HN_DRAW_NOISE, HN_PURPOSE_DATA);
    double *truth = hn_calloc(o->informative, sizeof *truth);
    if (!truth)
        return hn_out_of_memory(m->err);
    for (size_t j = 0; j < o->informative; j++)
        truth[j] = 100 * hn_random_uniform(&centres);
    for (size_t i = 0; i < o->rows; i++) {
        double y = o->bias;
        for (size_t j = 0; j < o->columns; j++) {
            double value = *hn_making_cell(m, i, j) = hn_random_normal(&points);
            y += j < o->informative ? truth[j] * value : 0;
        }
        m->y[m->row[i]] = y + o->noise * hn_random_normal(&noise);
    }
    for (size_t j = 0; m->coefficients && j < o->columns; j++)
        m->coefficients[m->column[j]] = j < o->informative ? truth[j] : 0;
    hn_free(truth);
    return HONE_OK;
}

hone_status hn_make_blobs(const hn_making *m)
{
    enum { HALF_BOX = 10 };
    const hn_make_options *o = &m->o;
    hn_random points = hn_random_stream(o->seed, HN_DRAW_POINTS, HN_PURPOSE_DATA);
    hn_random random = hn_random_stream(o->seed, HN_DRAW_CENTRES, HN_PURPOSE_DATA);
    double *centre = hn_calloc(o->columns, sizeof *centre);
    if (!centre)
        return hn_out_of_memory(m->err);
    for (size_t c = 0, row = 0; c < o->classes; c++) {
        size_t end = row + o->rows / o->classes + (c < o->rows % o->classes);
        for (size_t j = 0; j < o->columns; j++)
            centre[j] = HALF_BOX * (2 * hn_random_uniform(&random) - 1);
        for (; row < end; row++) {
            for (size_t j = 0; j < o->columns; j++)
                *hn_making_cell(m, row, j) = centre[j] + o->spread * hn_random_normal(&points);
            m->y[m->row[row]] = (double)c;
        }
    }
    hn_free(centre);
    return HONE_OK;
}

hone_status hn_make_moons(const hn_making *m)
{
    const double pi = 3.14159265358979323846;
    const hn_make_options *o = &m->o;
    size_t outer = o->rows / 2;
    hn_random noise = hn_random_stream(o->seed, HN_DRAW_NOISE, HN_PURPOSE_DATA);
    for (size_t i = 0; i < o->rows; i++) {
        bool inner = i >= outer;
        size_t at = inner ? i - outer : i, count = inner ? o->rows - outer : outer;
        double angle = count > 1 ? pi * (double)at / (double)(count - 1) : 0;
        double x = inner ? 1 - cos(angle) : cos(angle);
        double y = inner ? 0.5 - sin(angle) : sin(angle);
        *hn_making_cell(m, i, 0) = x + o->noise * hn_random_normal(&noise);
        *hn_making_cell(m, i, 1) = y + o->noise * hn_random_normal(&noise);
        m->y[m->row[i]] = inner;
    }
    return HONE_OK;
}

/* --- the whole --- */

static void make_order(const hn_making *m, size_t *order, size_t n, hn_make_draw draw)
{
    for (size_t i = 0; i < n; i++)
        order[i] = i;
    hn_random random = hn_random_stream(m->o.seed, draw, HN_PURPOSE_DATA);
    if (!m->o.in_order)
        hn_random_shuffle(&random, order, n);
}

static hone_status fill(const hn_making *m)
{
    bool keeps_columns = m->o.kind == HN_MAKE_BLOBS || m->o.kind == HN_MAKE_MOONS;
    make_order(m, m->row, m->o.rows, HN_DRAW_ROW_ORDER);
    make_order(m, m->column, m->o.columns, HN_DRAW_COLUMN_ORDER);
    for (size_t j = 0; keeps_columns && j < m->o.columns; j++)
        m->column[j] = j;
    switch (m->o.kind) {
    case HN_MAKE_CLASSIFICATION: return hn_make_classification(m);
    case HN_MAKE_REGRESSION: return hn_make_regression(m);
    case HN_MAKE_BLOBS: return hn_make_blobs(m);
    case HN_MAKE_MOONS: break;
    }
    return hn_make_moons(m);
}

hone_status hn_dataset_make(const hn_make_options *options, double *coefficients, hn_dataset **dataset,
                            hone_error *err)
{
    hn_making m = {.o = *options, .coefficients = coefficients, .err = err};
    fill_defaults(&m.o);
    hone_status status = check(&m.o, err);
    if (status)
        return status;
    m.x = hn_aligned_array(m.o.rows * m.o.columns, sizeof *m.x);
    m.y = hn_aligned_array(m.o.rows, sizeof *m.y);
    m.row = hn_calloc(m.o.rows, sizeof *m.row);
    m.column = hn_calloc(m.o.columns, sizeof *m.column);
    status = m.x && m.y && m.row && m.column ? fill(&m) : hn_out_of_memory(err);
    if (!status)
        status = hn_dataset_from_arrays(
            m.x, m.o.rows, m.o.columns, m.y, NULL,
            m.o.kind == HN_MAKE_REGRESSION ? HN_TASK_REGRESSION : HN_TASK_CLASSIFICATION, dataset, err);
    hn_free(m.x);
    hn_free(m.y);
    hn_free(m.row);
    hn_free(m.column);
    return status;
}
