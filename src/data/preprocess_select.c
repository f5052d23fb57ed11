/* Leaving columns out: those that hardly vary, then all but the k with the largest F against the target. Both
 * are univariate, so that one column at a time is looked at. */
#include <math.h>

#include "base/memory.h"
#include "data/preprocess_state.h"
#include "math/statistics.h"

typedef struct selection {
    const hn_preprocess_options *options;
    const hn_dataset *dataset;
    const double *y; /* (n,) */
    size_t n;
    double *x;            /* (n, widest): what one fitted column makes */
    double *f;            /* (full_width,): NaN is never chosen */
    double *sum, *weight; /* (n_classes,) */
} selection;

/* --- scores --- */

/* Between over within, each by its degrees of freedom (one-way analysis of variance). x has that mean. */
static double anova_f(const selection *s, const double *x, size_t stride, double mean, double squares)
{
    size_t classes = 0;
    double between = 0;
    for (size_t k = 0; k < s->dataset->n_classes; k++)
        s->sum[k] = s->weight[k] = 0;
    for (size_t i = 0; i < s->n; i++) {
        s->sum[(size_t)s->y[i]] += x[i * stride] - mean;
        s->weight[(size_t)s->y[i]]++;
    }
    for (size_t k = 0; k < s->dataset->n_classes; k++) {
        between += s->weight[k] > 0 ? s->sum[k] * s->sum[k] / s->weight[k] : 0;
        classes += s->weight[k] > 0;
    }
    double within = fmax(squares - between, 0);
    return between / (double)(classes - 1) / (within / (double)(s->n - classes));
}

/* r^2 / (1 - r^2) * (n - 2) of the correlation r with the target. */
static double correlation_f(const selection *s, const double *x, size_t stride, double mean, double squares)
{
    double y_mean = hn_mean(s->y, s->n), y_squares = 0, both = 0;
    for (size_t i = 0; i < s->n; i++) {
        y_squares += (s->y[i] - y_mean) * (s->y[i] - y_mean);
        both += (s->y[i] - y_mean) * (x[i * stride] - mean);
    }
    double r2 = fmin(both * both / (squares * y_squares), 1);
    return r2 / (1 - r2) * ((double)s->n - 2);
}

/* Scores the c-th column that a fitted one makes. */
static double score(const selection *s, const hn_fitted_column *fitted, size_t c)
{
    size_t stride = hn_fitted_column_width(fitted);
    const double *x = s->x + c;
    double mean = 0, squares = 0;
    for (size_t i = 0; i < s->n; i++)
        mean += x[i * stride] / (double)s->n;
    for (size_t i = 0; i < s->n; i++)
        squares += (x[i * stride] - mean) * (x[i * stride] - mean);
    double unit = fitted->kind == HN_COLUMN_NUMERIC ? fitted->scale : 1;
    double variance = squares / (double)s->n * unit * unit;
    if (s->options->min_variance > 0 && !(variance > s->options->min_variance))
        return NAN;
    if (!s->options->select || !(squares > 0))
        return -INFINITY; /* stays, unless others are better */
    return s->dataset->task == HN_TASK_CLASSIFICATION ? anova_f(s, x, stride, mean, squares)
                                                      : correlation_f(s, x, stride, mean, squares);
}

/* --- choosing --- */

static hone_status score_columns(const selection *s, const hn_preprocess *p, const size_t *rows,
                                 hone_error *err)
{
    for (size_t j = 0; j < p->n_columns; j++) {
        const hn_fitted_column *fitted = &p->columns[j];
        size_t width = hn_fitted_column_width(fitted);
        int64_t *index;
        hone_status status = hn_fitted_column_translate(fitted, &s->dataset->columns[j], &index, err);
        if (status)
            return status;
        /* position still counts from 0 to full_width: its beginning is the identity */
        hn_fitted_column_apply(fitted, &s->dataset->columns[j], index, rows, s->n, p->position, width, s->x);
        hn_free(index);
        for (size_t c = 0; c < width; c++)
            s->f[fitted->offset + c] = score(s, fitted, c);
    }
    return HONE_OK;
}

/* The columns with the k largest F; of equal ones the later (scikit-learn's order). */
static hone_status keep_best(const selection *s, hn_preprocess *p, hone_error *err)
{
    size_t *order = hn_calloc(p->full_width, sizeof *order), allowed = 0, kept = 0;
    double *known = hn_calloc(p->full_width, sizeof *known);
    size_t *of = hn_calloc(p->full_width, sizeof *of);
    hone_status status = order && known && of ? HONE_OK : hn_out_of_memory(err);
    for (size_t c = 0; !status && c < p->full_width; c++) {
        p->position[c] = SIZE_MAX;
        if (!isnan(s->f[c])) {
            of[allowed] = c;
            known[allowed++] = s->f[c];
        }
    }
    if (!status)
        hn_argsort(known, allowed, order);
    size_t most = s->options->select ? s->options->select : allowed;
    for (size_t i = allowed; !status && i > 0 && kept < most; i--, kept++)
        p->position[of[order[i - 1]]] = 0;
    p->width = 0;
    for (size_t c = 0; !status && c < p->full_width; c++)
        if (p->position[c] == 0)
            p->position[c] = p->width++;
    if (!status && p->width == 0)
        status =
            hn_fail(err, HONE_INVALID, "%s: no column varies by more than min_variance in the rows to fit on",
                    s->dataset->source);
    hn_free(order);
    hn_free(known);
    hn_free(of);
    return status;
}

hone_status hn_preprocess_select(const hn_preprocess_options *options, const hn_dataset *dataset,
                                 const size_t *rows, size_t n, hn_preprocess *p, hone_error *err)
{
    size_t widest = 1;
    for (size_t j = 0; j < p->n_columns; j++) {
        size_t width = hn_fitted_column_width(&p->columns[j]);
        widest = width > widest ? width : widest;
    }
    if (options->select && !dataset->target)
        return hn_fail(err, HONE_INVALID, "%s: choosing columns needs a target", dataset->source);
    double *y = hn_calloc(n, sizeof *y);
    selection s = {.options = options, .dataset = dataset, .y = y, .n = n};
    s.x = widest <= SIZE_MAX / n ? hn_aligned_array(n * widest, sizeof *s.x) : NULL;
    s.f = hn_calloc(p->full_width, sizeof *s.f);
    s.sum = hn_calloc(dataset->n_classes, sizeof *s.sum);
    s.weight = hn_calloc(dataset->n_classes, sizeof *s.weight);
    hone_status status = HONE_OUT_OF_MEMORY;
    if (!y || !s.x || !s.f || !s.sum || !s.weight) {
        hn_out_of_memory(err);
        goto done;
    }
    for (size_t i = 0; i < n && dataset->target; i++)
        y[i] = dataset->target[rows ? rows[i] : i];
    status = score_columns(&s, p, rows, err);
    if (!status)
        status = keep_best(&s, p, err);
done:
    hn_free(y);
    hn_free(s.x);
    hn_free(s.f);
    hn_free(s.sum);
    hn_free(s.weight);
    return status;
}
