/* public_metric.c: the metrics of hone/ml.h: what there is, and scores of predictions from anywhere. */
#include <math.h>

#include "base/memory.h"
#include "select/public_model.h"

bool hone_metric_get_info(size_t i, hone_metric_info *info)
{
    const hn_metric *metric = hn_metric_at(i);
    if (!metric)
        return false;
    *info = (hone_metric_info){.name = metric->name,
                               .help = metric->help,
                               .tasks = metric->tasks,
                               .maximize = metric->maximize,
                               .needs_probability = metric->needs_proba};
    return true;
}

/* Whether the metric is given all it looks at. */
static hone_status check_given(const hone_predictions *p, const hn_metric *metric, hone_error *err)
{
    bool clusters = p->task == HONE_CLUSTERING, classes = p->task == HONE_CLASSIFICATION;
    if (clusters && (!p->n || !p->predicted || !p->x || !p->d))
        return hn_fail(err, HONE_INVALID, "metric %s needs rows, predicted and x", metric->name);
    if (clusters && p->weight)
        return hn_fail(err, HONE_INVALID, "metric %s takes no weights", metric->name);
    if (!clusters && (!p->n || !p->truth || !p->predicted || (metric->needs_proba && !p->probability) ||
                      (classes && p->n_classes < 2)))
        return hn_fail(err, HONE_INVALID, "metric %s needs rows, truth, predicted%s%s", metric->name,
                       metric->needs_proba ? ", probability" : "", classes ? " and two classes" : "");
    return HONE_OK;
}

static bool is_index(double value, double most)
{
    return value >= 0 && value < most && value == floor(value);
}

static bool row_is_sound(const hone_predictions *p, const hn_metric *metric, size_t i)
{
    double predicted = p->predicted[i], most = (double)p->n_classes;
    bool sound = isfinite(predicted);
    if (p->task == HONE_CLUSTERING) {
        sound = is_index(predicted, (double)p->n);
        for (size_t j = 0; sound && j < p->d; j++)
            sound = isfinite(p->x[i * p->d + j]);
        return sound && (!p->distance || (isfinite(p->distance[i]) && p->distance[i] >= 0));
    }
    if (sound && p->task == HONE_CLASSIFICATION)
        sound = is_index(p->truth[i], most) && is_index(predicted, most);
    for (size_t k = 0; sound && metric->needs_proba && k < p->n_classes; k++)
        sound = isfinite(p->probability[i * p->n_classes + k]);
    return sound && isfinite(p->truth[i]);
}

/* Nothing a metric's function could trip over. */
static hone_status check_predictions(const hone_predictions *p, const hn_metric *metric, hone_error *err)
{
    double total = 0;
    const char *what = p->task == HONE_CLASSIFICATION ? ", classes from 0 to n_classes - 1"
                       : p->task == HONE_CLUSTERING   ? ", clusters from 0 to n - 1"
                                                      : "";
    hone_status status = check_given(p, metric, err);
    for (size_t i = 0; !status && i < p->n; i++) {
        double weight = p->weight ? p->weight[i] : 1;
        if (!row_is_sound(p, metric, i) || !(weight >= 0) || !isfinite(weight))
            status =
                hn_fail(err, HONE_INVALID,
                        "row %zu cannot be scored: values must be finite%s, weights not negative", i, what);
        total += weight;
    }
    return status || total > 0 ? status : hn_fail(err, HONE_INVALID, "all weights are 0");
}

hone_status hone_metric_score(const char *metric, const hone_predictions *p, double *value, hone_error *err)
{
    const hn_metric *found = NULL;
    if (p->struct_size != sizeof *p)
        return hn_fail(err, HONE_INVALID,
                       "hone_predictions has struct_size %zu, this version knows %zu; begin "
                       "with HONE_PREDICTIONS_INIT",
                       p->struct_size, sizeof *p);
    if (p->task != HONE_CLASSIFICATION && p->task != HONE_REGRESSION && p->task != HONE_CLUSTERING)
        return hn_fail(err, HONE_INVALID,
                       "the task of predictions is classification, regression or clustering");
    hone_status status = hn_metric_require(metric, (hn_model_task)p->task, p->n_classes, &found, err);
    if (!status)
        status = check_predictions(p, found, err);
    hn_metric_input input = {.truth = p->truth,
                             .predicted = p->predicted,
                             .proba = p->probability,
                             .n = p->n,
                             .n_classes = p->n_classes,
                             .weight = p->weight,
                             .x = p->x,
                             .d = p->d,
                             .distance = p->distance};
    return status ? status : found->score(&input, value, err);
}

/* --- a user's own --- */

/* A user's metric from what select/ gives; user is its hone_own_metric. */
static hone_status call_own(void *user, const hn_metric_input *in, double *value, hone_error *err)
{
    const hone_own_metric *metric = user;
    hone_error inner = {0};
    hone_predictions predictions = HONE_PREDICTIONS_INIT;
    predictions.task = in->n_classes ? HONE_CLASSIFICATION : HONE_REGRESSION;
    predictions.n = in->n;
    predictions.n_classes = in->n_classes;
    predictions.truth = in->truth;
    predictions.predicted = in->predicted;
    predictions.probability = in->proba;
    predictions.weight = in->weight;
    hone_status status = metric->score(metric->user, &predictions, value, &inner);
    return status ? hn_fail(err, status, "metric %s: %s", metric->name,
                            *inner.message ? inner.message : hone_status_meaning(status))
                  : HONE_OK;
}

hone_status hn_public_own_metrics(const hone_own_metric *own, size_t n, hn_own_metric **list,
                                  hn_own_metrics *out, hone_error *err)
{
    hn_own_metric *made = n ? hn_calloc(n, sizeof *made) : NULL;
    if (n && !made)
        return hn_out_of_memory(err);
    for (size_t i = 0; i < n; i++) {
        const hone_own_metric *metric = &own[i];
        if (!metric->name || !metric->score) {
            hn_free(made);
            return hn_fail(err, HONE_INVALID, "own metric %zu needs a name and a function", i);
        }
        made[i] = (hn_own_metric){.metric = {.name = metric->name,
                                             .maximize = !metric->minimize,
                                             .needs_proba = metric->needs_probability},
                                  .call = call_own,
                                  .user = (void *)metric};
    }
    *list = made;
    *out = (hn_own_metrics){made, n};
    return HONE_OK;
}
