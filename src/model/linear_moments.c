/* linear_moments.c: sums about a provisional centre, values near the mean of the first rows, which are then
 * moved to the mean: it differs from the centre by so few deviations that nothing to speak of cancels (Chan,
 * Golub & LeVeque 1983). Two columns beside those of the design, the roots of the weights and the target,
 * make one Gram matrix of all the sums: (d + 2, d + 2).
 */
#include "model/linear_moments.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "math/linalg.h"
#include "math/statistics.h"
#include "model/design.h"
#include "model/row_weight.h"

enum { BLOCK = 256 };

typedef struct sums {
    const hn_design *design;
    bool intercept;
    double factor;  /* of the weights */
    double *centre; /* (d + 2,): of the columns; 0; of the target. Zeros without intercept */
    double *block;  /* (d + 2, n of a block) */
    double *gram;   /* (d + 2, d + 2): the upper triangle */
} sums;

static hone_status read_block(const sums *s, size_t from, size_t n, hone_error *err)
{
    size_t d = s->design->d;
    double *root = s->block + d * n;
    hone_status status = hn_design_columns(s->design, from, n, s->block, err);
    for (size_t i = 0; i < n; i++) {
        root[i] = s->design->weight ? sqrt(s->factor * s->design->weight[from + i]) : 1;
        root[n + i] = s->design->y[from + i];
    }
    return status;
}

/* Of the first n rows. A value of each column, so that one which does not vary is 0 and stays it. */
static void choose_centre(sums *s, size_t n)
{
    size_t d = s->design->d;
    for (size_t j = 0; s->intercept && j < d + 2; j++) {
        const double *column = s->block + j * n;
        double mean = hn_mean(column, n), nearest = column[0];
        for (size_t i = 1; i < n; i++)
            nearest = fabs(column[i] - mean) < fabs(nearest - mean) ? column[i] : nearest;
        s->centre[j] = j != d ? nearest : 0;
    }
}

static void add_block(sums *s, size_t n)
{
    size_t d = s->design->d;
    const double *root = s->block + d * n;
    for (size_t j = 0; j < d + 2; j++) {
        double *column = s->block + j * n, centre = s->centre[j];
        for (size_t i = 0; centre != 0 && i < n; i++)
            column[i] -= centre;
        for (size_t i = 0; s->design->weight && j != d && i < n; i++)
            column[i] *= root[i];
    }
    hn_add_gram_of_columns(s->block, d + 2, n, s->gram);
}

/* From sums about the centre to those about the mean. */
static void take(const sums *s, hn_linear_moments *out)
{
    size_t d = out->d, side = d + 2;
    const double *gram = s->gram;
    double total = gram[d * side + d], target = gram[d * side + d + 1];
    double gap = s->intercept ? target / total : 0;
    for (size_t j = 0; j < d; j++) {
        double offset = s->intercept ? gram[j * side + d] / total : 0;
        out->mean[j] = s->centre[j] + offset;
        out->moment[j] = gram[j * side + d + 1] - offset * target;
        for (size_t i = 0; i <= j; i++)
            out->gram[i * d + j] = out->gram[j * d + i] =
                gram[i * side + j] - (s->intercept ? offset * gram[i * side + d] : 0);
    }
    out->square = gram[(d + 1) * side + d + 1] - gap * target;
    out->target_mean = s->centre[d + 1] + gap;
    out->total_weight = total;
}

hone_status hn_linear_moments_of(const char *model, const hn_design *design, bool intercept,
                                 bool unit_weights, hn_arena *scratch, hn_linear_moments *out,
                                 hone_error *err)
{
    size_t n = design->n, d = design->d, block = n < BLOCK ? n : BLOCK;
    double total = 0;
    hone_status status = hn_row_weight_total(model, design, &total, err);
    sums s = {.design = design, .intercept = intercept, .factor = unit_weights ? (double)n / total : 1};
    hn_linear_moments m = {.n = n, .d = d};
    s.centre = HN_ARENA_NEW(scratch, double, d + 2);
    s.block = hn_arena_scratch(scratch, (d + 2) * block, sizeof *s.block);
    s.gram = HN_ARENA_NEW(scratch, double, (d + 2) * (d + 2));
    m.gram = hn_arena_scratch(scratch, d * d, sizeof *m.gram);
    m.moment = HN_ARENA_NEW(scratch, double, d);
    m.mean = HN_ARENA_NEW(scratch, double, d);
    if (!s.centre || !s.block || !s.gram || !m.gram || !m.moment || !m.mean)
        return hn_out_of_memory(err);
    for (size_t from = 0; !status && from < n; from += BLOCK) {
        size_t count = n - from < BLOCK ? n - from : BLOCK;
        status = read_block(&s, from, count, err);
        if (from == 0)
            choose_centre(&s, count);
        add_block(&s, count);
    }
    if (status)
        return status;
    take(&s, &m);
    *out = m;
    return HONE_OK;
}

size_t hn_linear_moments_bytes(const hn_linear_moments *m)
{
    return sizeof *m + (m->d * m->d + 2 * m->d) * sizeof(double);
}

hn_linear_moments *hn_linear_moments_copy(const hn_linear_moments *m)
{
    hn_linear_moments *copy = hn_malloc(hn_linear_moments_bytes(m));
    if (!copy)
        return NULL;
    *copy = *m;
    copy->gram = (double *)(copy + 1);
    copy->moment = copy->gram + m->d * m->d;
    copy->mean = copy->moment + m->d;
    memcpy(copy->gram, m->gram, m->d * m->d * sizeof *m->gram);
    memcpy(copy->moment, m->moment, m->d * sizeof *m->moment);
    memcpy(copy->mean, m->mean, m->d * sizeof *m->mean);
    return copy;
}

void hn_linear_moments_free(hn_linear_moments *moments)
{
    hn_free(moments);
}

double hn_linear_moments_intercept(const hn_linear_moments *moments, const double *w)
{
    return moments->target_mean - hn_dot(moments->mean, w, moments->d);
}
