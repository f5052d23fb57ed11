/* Metrics of probabilities. Rankings are defined through one pass over the rows sorted by falling score, rows
 * of equal score taken together. */
#include <float.h>
#include <math.h>

#include "base/memory.h"
#include "math/statistics.h"
#include "select/metric_functions.h"

/* --- rankings --- */

/* Rows by falling probability of a class, as weights of those that are of it and those that are not. */
typedef struct ranking {
    size_t n;          /* distinct probabilities */
    double *yes, *no;  /* (n,) cumulated */
    double weight_yes; /* of all */
    double weight_no;
} ranking;

static void release_ranking(ranking *r)
{
    hn_free(r->yes);
    hn_free(r->no);
}

/* Release r in any case. */
static hone_status rank_rows(const hn_metric_input *in, size_t class, ranking *r, hone_error *err)
{
    size_t n = in->n;
    double *falling = hn_calloc(n, sizeof *falling);
    size_t *order = hn_calloc(n, sizeof *order);
    *r = (ranking){.yes = hn_calloc(n, sizeof *r->yes), .no = hn_calloc(n, sizeof *r->no)};
    hone_status status = HONE_OUT_OF_MEMORY;
    if (!falling || !order || !r->yes || !r->no) {
        hn_out_of_memory(err);
        goto done;
    }
    for (size_t i = 0; i < n; i++)
        falling[i] = in->decision ? (class ? -in->decision[i] : in->decision[i])
                                  : -in->proba[i * in->n_classes + class];
    hn_argsort(falling, n, order);
    for (size_t i = 0; i < n; i++) {
        double weight = hn_metric_weight(in, order[i]);
        *(in->truth[order[i]] == (double)class ? &r->weight_yes : &r->weight_no) += weight;
        if (i + 1 < n && falling[order[i]] == falling[order[i + 1]])
            continue;
        r->yes[r->n] = r->weight_yes;
        r->no[r->n++] = r->weight_no;
    }
    status = HONE_OK;
done:
    hn_free(falling);
    hn_free(order);
    return status;
}

/* Area under the ROC curve by trapezoids; NaN without rows on either side. */
static double area(const ranking *r)
{
    double sum = 0, yes = 0, no = 0;
    for (size_t i = 0; i < r->n; i++) {
        sum += (r->no[i] - no) * (r->yes[i] + yes) / 2;
        yes = r->yes[i];
        no = r->no[i];
    }
    return r->weight_yes > 0 && r->weight_no > 0 ? sum / r->weight_yes / r->weight_no : NAN;
}

hone_status hn_roc_auc(const hn_metric_input *in, double *value, hone_error *err)
{
    ranking r;
    hone_status status = rank_rows(in, 1, &r, err);
    if (!status)
        *value = area(&r);
    release_ranking(&r);
    return status;
}

/* One class against the rest, averaged; a class without weight does not count. */
static hone_status roc_auc_rest(const hn_metric_input *in, bool weighted, double *value, hone_error *err)
{
    double sum = 0, total = 0;
    for (size_t k = 0; k < in->n_classes; k++) {
        ranking r;
        hone_status status = rank_rows(in, k, &r, err);
        double weight = weighted ? r.weight_yes : 1;
        sum += status || weight == 0 ? 0 : weight * area(&r);
        total += weight;
        release_ranking(&r);
        if (status)
            return status;
    }
    *value = sum / total;
    return HONE_OK;
}

hone_status hn_roc_auc_macro(const hn_metric_input *in, double *value, hone_error *err)
{
    return roc_auc_rest(in, false, value, err);
}

hone_status hn_roc_auc_weighted(const hn_metric_input *in, double *value, hone_error *err)
{
    return roc_auc_rest(in, true, value, err);
}

/* Mean of the precision at each step of the recall; 0 without rows of the class. */
hone_status hn_average_precision(const hn_metric_input *in, double *value, hone_error *err)
{
    ranking r;
    hone_status status = rank_rows(in, 1, &r, err);
    double sum = 0, before = 0;
    for (size_t i = 0; !status && i < r.n; i++) {
        double said = r.yes[i] + r.no[i];
        sum += said > 0 ? (r.yes[i] - before) * r.yes[i] / said : 0;
        before = r.yes[i];
    }
    if (!status)
        *value = r.weight_yes > 0 ? sum / r.weight_yes : 0;
    release_ranking(&r);
    return status;
}

/* --- row by row --- */

static double clip(double p)
{
    return fmin(fmax(p, DBL_EPSILON), 1 - DBL_EPSILON);
}

/* Mean of -log p(true class); probabilities are kept within the rounding of a double and sum to 1. */
hone_status hn_log_loss(const hn_metric_input *in, double *value, hone_error *err)
{
    (void)err;
    double sum = 0, total = 0;
    for (size_t i = 0; i < in->n; i++) {
        const double *row = in->proba + i * in->n_classes;
        double all = 0;
        for (size_t k = 0; k < in->n_classes; k++)
            all += clip(row[k]);
        sum -= hn_metric_weight(in, i) * log(clip(row[(size_t)in->truth[i]]) / all);
        total += hn_metric_weight(in, i);
    }
    *value = sum / total;
    return HONE_OK;
}

/* Mean squared distance of the second class's probability from 0 or 1. */
hone_status hn_brier(const hn_metric_input *in, double *value, hone_error *err)
{
    (void)err;
    double sum = 0, total = 0;
    for (size_t i = 0; i < in->n; i++) {
        double distance = in->truth[i] - in->proba[i * in->n_classes + 1];
        sum += hn_metric_weight(in, i) * distance * distance;
        total += hn_metric_weight(in, i);
    }
    *value = sum / total;
    return HONE_OK;
}

/* Share of rows whose class is among the k most probable; of equal ones the later class counts first. */
static hone_status top(const hn_metric_input *in, size_t k, double *value)
{
    double sum = 0, total = 0;
    for (size_t i = 0; i < in->n; i++) {
        const double *row = in->proba + i * in->n_classes;
        size_t class = (size_t)in->truth[i], before = 0;
        for (size_t c = 0; c < in->n_classes; c++)
            before += row[c] > row[class] || (row[c] == row[class] && c > class);
        sum += before < k ? hn_metric_weight(in, i) : 0;
        total += hn_metric_weight(in, i);
    }
    *value = sum / total;
    return HONE_OK;
}

hone_status hn_top_2(const hn_metric_input *in, double *value, hone_error *err)
{
    (void)err;
    return top(in, 2, value);
}

hone_status hn_top_3(const hn_metric_input *in, double *value, hone_error *err)
{
    (void)err;
    return top(in, 3, value);
}

hone_status hn_top_5(const hn_metric_input *in, double *value, hone_error *err)
{
    (void)err;
    return top(in, 5, value);
}
