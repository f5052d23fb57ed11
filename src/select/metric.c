#include "select/metric.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"

/* --- classification ----------------------------------------------------------------------------------------
 */

/* Per class: rows it is, rows it was said to be, rows where both hold. */
typedef struct tally {
    size_t actual, said, hit;
} tally;

static tally *count_classes(const hn_metric_input *in, hone_error *err)
{
    tally *classes = hn_calloc(in->n_classes, sizeof *classes);
    if (!classes) {
        hn_out_of_memory(err);
        return NULL;
    }
    for (size_t i = 0; i < in->n; i++) {
        classes[(size_t)in->truth[i]].actual++;
        classes[(size_t)in->predicted[i]].said++;
        classes[(size_t)in->truth[i]].hit += in->truth[i] == in->predicted[i];
    }
    return classes;
}

/* 2 hit / (actual + said); 0 when the class occurs nowhere. */
static double f1_of(const tally *t)
{
    size_t both = t->actual + t->said;
    return both ? 2.0 * (double)t->hit / (double)both : 0;
}

static hone_status accuracy(const hn_metric_input *in, double *value, hone_error *err)
{
    (void)err;
    size_t hits = 0;
    for (size_t i = 0; i < in->n; i++)
        hits += in->truth[i] == in->predicted[i];
    *value = (double)hits / (double)in->n;
    return HONE_OK;
}

/* Mean recall over the classes that occur. */
static hone_status balanced_accuracy(const hn_metric_input *in, double *value, hone_error *err)
{
    tally *classes = count_classes(in, err);
    if (!classes)
        return HONE_OUT_OF_MEMORY;
    double sum = 0;
    size_t present = 0;
    for (size_t k = 0; k < in->n_classes; k++) {
        if (!classes[k].actual)
            continue;
        sum += (double)classes[k].hit / (double)classes[k].actual;
        present++;
    }
    *value = sum / (double)present;
    hn_free(classes);
    return HONE_OK;
}

static hone_status f1_binary(const hn_metric_input *in, double *value, hone_error *err)
{
    tally *classes = count_classes(in, err);
    if (!classes)
        return HONE_OUT_OF_MEMORY;
    *value = f1_of(&classes[1]);
    hn_free(classes);
    return HONE_OK;
}

/* Unweighted mean over the classes that occur or were predicted. */
static hone_status f1_macro(const hn_metric_input *in, double *value, hone_error *err)
{
    tally *classes = count_classes(in, err);
    if (!classes)
        return HONE_OUT_OF_MEMORY;
    double sum = 0;
    size_t present = 0;
    for (size_t k = 0; k < in->n_classes; k++) {
        sum += f1_of(&classes[k]);
        present += classes[k].actual || classes[k].said;
    }
    *value = sum / (double)present;
    hn_free(classes);
    return HONE_OK;
}

/* Mean weighted by how often each class occurs. */
static hone_status f1_weighted(const hn_metric_input *in, double *value, hone_error *err)
{
    tally *classes = count_classes(in, err);
    if (!classes)
        return HONE_OUT_OF_MEMORY;
    double sum = 0;
    for (size_t k = 0; k < in->n_classes; k++)
        sum += f1_of(&classes[k]) * (double)classes[k].actual;
    *value = sum / (double)in->n;
    hn_free(classes);
    return HONE_OK;
}

/* Mean of -log p(true class), p kept within the rounding of a double. */
static hone_status log_loss(const hn_metric_input *in, double *value, hone_error *err)
{
    (void)err;
    double sum = 0;
    for (size_t i = 0; i < in->n; i++) {
        double p = in->proba[i * in->n_classes + (size_t)in->truth[i]];
        sum -= log(fmin(fmax(p, DBL_EPSILON), 1 - DBL_EPSILON));
    }
    *value = sum / (double)in->n;
    return HONE_OK;
}

/* --- regression --------------------------------------------------------------------------------------------
 */

static double mean_squared(const hn_metric_input *in)
{
    double sum = 0;
    for (size_t i = 0; i < in->n; i++)
        sum += (in->truth[i] - in->predicted[i]) * (in->truth[i] - in->predicted[i]);
    return sum / (double)in->n;
}

static hone_status mse(const hn_metric_input *in, double *value, hone_error *err)
{
    (void)err;
    *value = mean_squared(in);
    return HONE_OK;
}

static hone_status rmse(const hn_metric_input *in, double *value, hone_error *err)
{
    (void)err;
    *value = sqrt(mean_squared(in));
    return HONE_OK;
}

static hone_status mae(const hn_metric_input *in, double *value, hone_error *err)
{
    (void)err;
    double sum = 0;
    for (size_t i = 0; i < in->n; i++)
        sum += fabs(in->truth[i] - in->predicted[i]);
    *value = sum / (double)in->n;
    return HONE_OK;
}

/* 1 - residual / total squares; over a constant truth 1 for exact predictions, else 0. */
static hone_status r2(const hn_metric_input *in, double *value, hone_error *err)
{
    (void)err;
    double mean = 0, total = 0;
    for (size_t i = 0; i < in->n; i++)
        mean += in->truth[i] / (double)in->n;
    for (size_t i = 0; i < in->n; i++)
        total += (in->truth[i] - mean) * (in->truth[i] - mean);
    double residual = mean_squared(in) * (double)in->n;
    *value = total > 0 ? 1 - residual / total : residual > 0 ? 0 : 1;
    return HONE_OK;
}

/* --- the table ---------------------------------------------------------------------------------------------
 */

static const hn_metric metrics[] = {
    {"accuracy", "share of rows whose class is right", HN_TASK_CLASSIFICATION, true, false, accuracy},
    {"balanced_accuracy", "mean over classes of the share found", HN_TASK_CLASSIFICATION, true, false,
     balanced_accuracy},
    {"f1", "harmonic mean of precision and recall of the second of two classes", HN_TASK_CLASSIFICATION, true,
     false, f1_binary},
    {"f1_macro", "mean of f1 over classes", HN_TASK_CLASSIFICATION, true, false, f1_macro},
    {"f1_weighted", "mean of f1 over classes, weighted by their rows", HN_TASK_CLASSIFICATION, true, false,
     f1_weighted},
    {"log_loss", "mean negative log-likelihood of the true class", HN_TASK_CLASSIFICATION, false, true,
     log_loss},
    {"r2", "share of variance explained", HN_TASK_REGRESSION, true, false, r2},
    {"rmse", "root of the mean squared error", HN_TASK_REGRESSION, false, false, rmse},
    {"mse", "mean squared error", HN_TASK_REGRESSION, false, false, mse},
    {"mae", "mean absolute error", HN_TASK_REGRESSION, false, false, mae},
};

enum { N_METRICS = sizeof metrics / sizeof *metrics };

const hn_metric *hn_metric_at(size_t i)
{
    return i < N_METRICS ? &metrics[i] : NULL;
}

static const hn_metric *find_metric(const char *name)
{
    for (size_t i = 0; i < N_METRICS; i++)
        if (strcmp(metrics[i].name, name) == 0)
            return &metrics[i];
    return NULL;
}

const hn_metric *hn_metric_default(hn_model_task task)
{
    return find_metric(task == HN_TASK_REGRESSION ? "r2" : "accuracy");
}

hone_status hn_metric_require(const char *name, hn_model_task task, size_t n_classes,
                              const hn_metric **metric, hone_error *err)
{
    const hn_metric *found = find_metric(name);
    if (found && (found->tasks & (unsigned)task)) {
        if (found->score == f1_binary && n_classes > 2)
            return hn_fail(err, HONE_INVALID,
                           "metric f1 is for two classes, here are %zu: use f1_macro or f1_weighted",
                           n_classes);
        *metric = found;
        return HONE_OK;
    }
    hn_buffer list = HN_BUFFER_INIT;
    for (size_t i = 0; i < N_METRICS; i++)
        if (metrics[i].tasks & (unsigned)task)
            hn_buffer_printf(&list, "%s%s", list.size ? ", " : "", metrics[i].name);
    hone_status status =
        found ? hn_fail(err, HONE_INVALID, "metric %s is not for %s; there are %s", name,
                        hn_model_task_name(task), hn_buffer_string(&list))
              : hn_fail(err, HONE_NOT_FOUND, "there is no metric \"%.60s\"; for %s there are %s", name,
                        hn_model_task_name(task), hn_buffer_string(&list));
    hn_buffer_release(&list);
    return status;
}

hone_status hn_metric_list(const char *names, hn_model_task task, size_t n_classes, const hn_metric **found,
                           size_t *n, hone_error *err)
{
    if (!names || !*names) {
        found[0] = hn_metric_default(task);
        *n = 1;
        return HONE_OK;
    }
    size_t count = 0;
    for (const char *at = names;; at++) {
        char name[64];
        at += strspn(at, " ");
        size_t size = strcspn(at, ","), length = size;
        while (length && at[length - 1] == ' ')
            length--;
        if (count == HN_MAX_METRICS)
            return hn_fail(err, HONE_LIMIT, "more than %d metrics", HN_MAX_METRICS);
        length = length < sizeof name ? length : sizeof name - 1;
        memcpy(name, at, length);
        name[length] = '\0';
        hone_status status = hn_metric_require(name, task, n_classes, &found[count], err);
        if (status)
            return status;
        count++;
        at += size;
        if (!*at)
            break;
    }
    *n = count;
    return HONE_OK;
}
