#include "select/metric.h"

#include <string.h>

#include "base/buffer.h"
#include "select/metric_functions.h"

enum { CLASSES = HN_TASK_CLASSIFICATION, NUMBERS = HN_TASK_REGRESSION, CLUSTERS = HN_TASK_CLUSTERING };

static const hn_metric metrics[] = {
    /* name, help, tasks, maximize, needs_proba, binary, score */
    {"accuracy", "share of rows whose class is right", CLASSES, true, false, false, hn_accuracy},
    {"balanced_accuracy", "mean over classes of the share found", CLASSES, true, false, false,
     hn_balanced_accuracy},
    {"precision", "share right among rows said to be of the second of two classes", CLASSES, true, false,
     true, hn_precision},
    {"precision_micro", "precision over all classes together", CLASSES, true, false, false,
     hn_precision_micro},
    {"precision_macro", "mean of precision over classes", CLASSES, true, false, false, hn_precision_macro},
    {"precision_weighted", "mean of precision over classes, weighted by their rows", CLASSES, true, false,
     false, hn_precision_weighted},
    {"recall", "share found of the rows of the second of two classes", CLASSES, true, false, true, hn_recall},
    {"recall_micro", "recall over all classes together", CLASSES, true, false, false, hn_recall_micro},
    {"recall_macro", "mean of recall over classes", CLASSES, true, false, false, hn_recall_macro},
    {"recall_weighted", "mean of recall over classes, weighted by their rows", CLASSES, true, false, false,
     hn_recall_weighted},
    {"f1", "harmonic mean of precision and recall of the second of two classes", CLASSES, true, false, true,
     hn_f1},
    {"f1_micro", "f1 over all classes together", CLASSES, true, false, false, hn_f1_micro},
    {"f1_macro", "mean of f1 over classes", CLASSES, true, false, false, hn_f1_macro},
    {"f1_weighted", "mean of f1 over classes, weighted by their rows", CLASSES, true, false, false,
     hn_f1_weighted},
    {"matthews", "correlation of the true classes and those said", CLASSES, true, false, false, hn_matthews},
    {"roc_auc", "chance that a row of the second of two classes is ranked above one of the first", CLASSES,
     true, true, true, hn_roc_auc},
    {"roc_auc_ovr", "mean of roc_auc of each class against the rest", CLASSES, true, true, false,
     hn_roc_auc_macro},
    {"roc_auc_ovr_weighted", "roc_auc of each class against the rest, weighted by its rows", CLASSES, true,
     true, false, hn_roc_auc_weighted},
    {"average_precision", "mean precision over the steps of recall of the second of two classes", CLASSES,
     true, true, true, hn_average_precision},
    {"log_loss", "mean negative log-likelihood of the true class", CLASSES, false, true, false, hn_log_loss},
    {"brier", "mean squared error of the probability of the second of two classes", CLASSES, false, true,
     true, hn_brier},
    {"top_2_accuracy", "share of rows whose class is among the 2 most probable", CLASSES, true, true, false,
     hn_top_2},
    {"top_3_accuracy", "share of rows whose class is among the 3 most probable", CLASSES, true, true, false,
     hn_top_3},
    {"top_5_accuracy", "share of rows whose class is among the 5 most probable", CLASSES, true, true, false,
     hn_top_5},
    {"r2", "share of variance explained", NUMBERS, true, false, false, hn_r2},
    {"rmse", "root of the mean squared error", NUMBERS, false, false, false, hn_rmse},
    {"mse", "mean squared error", NUMBERS, false, false, false, hn_mse},
    {"mae", "mean absolute error", NUMBERS, false, false, false, hn_mae},
    {"mape", "mean absolute error, each relative to the true value", NUMBERS, false, false, false, hn_mape},
    {"median_ae", "median absolute error", NUMBERS, false, false, false, hn_median_ae},
    {"max_error", "largest absolute error", NUMBERS, false, false, false, hn_max_error},
    {"silhouette", "how much nearer rows are to their own cluster than to the next, from -1 to 1", CLUSTERS,
     true, false, false, hn_silhouette},
    {"calinski_harabasz", "dispersion between clusters by that within them", CLUSTERS, true, false, false,
     hn_calinski_harabasz},
    {"davies_bouldin", "mean over clusters of the likeness to the one most like it", CLUSTERS, false, false,
     false, hn_davies_bouldin},
    {"inertia", "sum of squared distances to the centres; falls with every cluster more", CLUSTERS, false,
     false, false, hn_inertia},
};

enum { N_METRICS = sizeof metrics / sizeof *metrics };

const hn_metric *hn_metric_at(size_t i)
{
    return i < N_METRICS ? &metrics[i] : NULL;
}

bool hn_metric_ranks(const hn_metric *metric)
{
    return metric->score == hn_roc_auc || metric->score == hn_average_precision;
}

const char *hn_metric_needs(const hn_metric *metric)
{
    return metric->tasks & HN_TASK_CLUSTERING       ? "at least two clusters, and fewer clusters than rows"
           : metric->tasks & HN_TASK_CLASSIFICATION ? "rows of every class"
                                                    : "at least two rows";
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
    return find_metric(task == HN_TASK_REGRESSION   ? "r2"
                       : task == HN_TASK_CLUSTERING ? "silhouette"
                                                    : "accuracy");
}

/* Names those that begin alike: f1_macro for f1. */
static hone_status fail_binary(const hn_metric *metric, size_t n_classes, hone_error *err)
{
    hn_buffer list = HN_BUFFER_INIT;
    for (size_t i = 0; i < N_METRICS; i++)
        if (!metrics[i].binary && strncmp(metrics[i].name, metric->name, strlen(metric->name)) == 0)
            hn_buffer_printf(&list, "%s%s", list.size ? " or " : ": use ", metrics[i].name);
    hone_status status = hn_fail(err, HONE_INVALID, "metric %s is for two classes, here are %zu%s",
                                 metric->name, n_classes, hn_buffer_string(&list));
    hn_buffer_release(&list);
    return status;
}

hone_status hn_metric_require(const char *name, hn_model_task task, size_t n_classes,
                              const hn_metric **metric, hone_error *err)
{
    const hn_metric *found = find_metric(name);
    if (found && (found->tasks & (unsigned)task)) {
        if (found->binary && n_classes > 2)
            return fail_binary(found, n_classes, err);
        *metric = found;
        return HONE_OK;
    }
    hn_buffer list = HN_BUFFER_INIT;
    const char *names[N_METRICS];
    size_t n = 0;
    for (size_t i = 0; i < N_METRICS; i++)
        if (metrics[i].tasks & (unsigned)task)
            names[n++] = metrics[i].name;
    for (size_t i = 0; i < n; i++)
        hn_buffer_printf(&list, "%s%s", i ? ", " : "", names[i]);
    const char *near = hn_nearest_name(name, names, n), *all = hn_buffer_string(&list);
    const char *what = hn_model_task_name(task);
    hone_status status =
        found  ? hn_fail(err, HONE_INVALID, "metric %s is not for %s; there are %s", name, what, all)
        : near ? hn_fail(err, HONE_NOT_FOUND,
                         "there is no metric \"%.60s\" (did you mean \"%s\"?); for %s there are %s", name,
                         near, what, all)
               : hn_fail(err, HONE_NOT_FOUND, "there is no metric \"%.60s\"; for %s there are %s", name, what,
                         all);
    hn_buffer_release(&list);
    return status;
}

static bool is_name(const char *name)
{
    size_t size = strlen(name);
    if (!size || size >= HN_METRIC_NAME_SIZE || (*name >= '0' && *name <= '9'))
        return false;
    for (; *name; name++)
        if (!(*name == '_' || (*name >= '0' && *name <= '9') || (*name >= 'a' && *name <= 'z') ||
              (*name >= 'A' && *name <= 'Z')))
            return false;
    return true;
}

static const hn_metric *find_own(const hn_own_metrics *own, const char *name, size_t n)
{
    for (size_t i = 0; own && i < n; i++)
        if (strcmp(own->list[i].metric.name, name) == 0)
            return &own->list[i].metric;
    return NULL;
}

hone_status hn_own_metrics_check(const hn_own_metrics *own, hn_model_task task, hone_error *err)
{
    for (size_t i = 0; i < own->n; i++) {
        const hn_metric *metric = &own->list[i].metric;
        if (!is_name(metric->name))
            return hn_fail(err, HONE_INVALID,
                           "\"%.60s\" is no name for a metric: letters, digits and _, at most %d of them",
                           metric->name, HN_METRIC_NAME_SIZE - 1);
        if (find_metric(metric->name) || find_own(own, metric->name, i))
            return hn_fail(err, HONE_INVALID, "there is a metric %s already; give this one another name",
                           metric->name);
        if (task != HN_TASK_CLASSIFICATION && task != HN_TASK_REGRESSION)
            return hn_fail(err, HONE_UNSUPPORTED,
                           "metric %s needs a target: a program's or function's score is of predictions",
                           metric->name);
        if (metric->needs_proba && task != HN_TASK_CLASSIFICATION)
            return hn_fail(err, HONE_INVALID, "metric %s asks for probabilities, which %s does not have",
                           metric->name, hn_model_task_name(task));
    }
    return HONE_OK;
}

hone_status hn_metric_score(const hn_metric *metric, const hn_metric_input *input, double *value,
                            hone_error *err)
{
    const hn_own_metric *own = (const hn_own_metric *)metric;
    return metric->score ? metric->score(input, value, err) : own->call(own->user, input, value, err);
}

hone_status hn_metric_list(const char *names, const hn_own_metrics *own, hn_model_task task, size_t n_classes,
                           const hn_metric **found, size_t *n, hone_error *err)
{
    if (!names || !*names) {
        found[0] = hn_metric_default(task);
        *n = 1;
        return HONE_OK;
    }
    size_t count = 0;
    for (const char *at = names;; at++) {
        char name[HN_METRIC_NAME_SIZE];
        at += strspn(at, " ");
        size_t size = strcspn(at, ","), length = size;
        while (length && at[length - 1] == ' ')
            length--;
        if (count == HN_MAX_METRICS)
            return hn_fail(err, HONE_LIMIT, "more than %d metrics", HN_MAX_METRICS);
        length = length < sizeof name ? length : sizeof name - 1;
        memcpy(name, at, length);
        name[length] = '\0';
        found[count] = own ? find_own(own, name, own->n) : NULL;
        hone_status status =
            found[count] ? HONE_OK : hn_metric_require(name, task, n_classes, &found[count], err);
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
