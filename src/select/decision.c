#include "select/decision.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "math/statistics.h"

/* --- what is wanted --- */

static hone_status read_cost(const hn_node *map, const char *key, double *cost, hone_error *err)
{
    const hn_node *node = hn_map_get(map, key);
    if (!node)
        return HONE_OK;
    if (!hn_node_double(node, cost) || !(*cost >= 0) || isinf(*cost))
        return hn_fail_at(err, HONE_INVALID, node->at, "decision: %s must be a finite number, 0 or more",
                          key);
    return HONE_OK;
}

static hone_status read_metric(const hn_node *node, const hn_dataset *dataset, hn_decision *d,
                               hone_error *err)
{
    hone_error why;
    if (node->kind != HN_STRING)
        return hn_fail_at(err, HONE_INVALID, node->at, "decision: metric must be a metric's name");
    hone_status status =
        hn_metric_require(node->as.string, dataset->task, dataset->n_classes, &d->metric, &why);
    if (status)
        return hn_fail_at(err, status, node->at, "decision: %s", why.message);
    return d->metric->needs_proba
               ? hn_fail_at(
                     err, HONE_INVALID, node->at,
                     "decision: metric %s does not depend on a threshold; take one of labels, such as f1",
                     d->metric->name)
               : HONE_OK;
}

static hone_status check_use(const hn_node *node, const hn_dataset *dataset, const hn_model_type *type,
                             hone_error *err)
{
    if (dataset->task != HN_TASK_CLASSIFICATION || dataset->n_classes != 2)
        return hn_fail_at(err, HONE_INVALID, node->at, "decision: is for two classes; %s %s has %s",
                          dataset->target ? "the target" : "the data",
                          dataset->target ? dataset->target_name : dataset->source,
                          dataset->task == HN_TASK_CLASSIFICATION ? "more"
                          : dataset->target                       ? "numbers"
                                                                  : "none");
    if (!type->predict_proba)
        return hn_fail_at(err, HONE_UNSUPPORTED, node->at,
                          "decision: needs probabilities, which model %s does not give", type->name);
    return HONE_OK;
}

static hn_split_kind split_within(hn_split_kind outer, const hn_dataset *dataset)
{
    return outer == HN_SPLIT_TIME_SERIES ? outer
           : dataset->group              ? HN_SPLIT_STRATIFIED_GROUP
                                         : HN_SPLIT_STRATIFIED;
}

hone_status hn_decision_read(const hn_node *node, const hn_dataset *dataset, const hn_model_type *type,
                             hn_split_kind split_of, hn_decision *decision, hone_error *err)
{
    static const char *const keys[] = {"metric", "false_positive", "false_negative", "folds"};
    hn_decision d = {.given = true, .split = split_within(split_of, dataset)};
    const hn_node *metric = node ? hn_map_get(node, "metric") : NULL;
    int64_t folds = 5;
    *decision = (hn_decision){0};
    if (!node)
        return HONE_OK;
    if (node->kind != HN_MAP)
        return hn_fail_at(
            err, HONE_INVALID, node->at,
            "decision must be a map such as {metric: f1} or {false_positive: 1, false_negative: 5}");
    hone_status status = hn_map_check_keys(node, "decision", keys, sizeof keys / sizeof *keys, err);
    if (!status)
        status = check_use(node, dataset, type, err);
    if (!status && metric)
        status = read_metric(metric, dataset, &d, err);
    if (!status)
        status = read_cost(node, "false_positive", &d.false_positive, err);
    if (!status)
        status = read_cost(node, "false_negative", &d.false_negative, err);
    const hn_node *given = hn_map_get(node, "folds");
    if (!status && given && (!hn_node_int(given, &folds) || folds < 2))
        status =
            hn_fail_at(err, HONE_INVALID, given->at, "decision: folds must be a whole number of at least 2");
    bool costs = hn_map_get(node, "false_positive") || hn_map_get(node, "false_negative");
    if (!status && costs == (metric != NULL))
        status = hn_fail_at(err, HONE_INVALID, node->at,
                            "decision: takes either metric, or false_positive and false_negative");
    if (!status && costs && !(d.false_positive + d.false_negative > 0))
        status = hn_fail_at(err, HONE_INVALID, node->at, "decision: one of the costs must be above 0");
    d.folds = (size_t)folds;
    if (!status)
        *decision = d;
    return status;
}

const char *hn_decision_name(const hn_decision *decision)
{
    return decision->metric ? decision->metric->name : "cost";
}

/* --- the best --- */

/* Rows by truth and what is said of them. */
typedef struct counts {
    size_t rows[2][2];
    double weight[2][2];
} counts;

/* The value of a metric of labels depends on the counts alone: one row for each of the four cells, weighted
 * with all that it stands for. */
static hone_status evaluate(const hn_decision *d, const counts *c, double *value, hone_error *err)
{
    double truth[4], predicted[4], weight[4], total = 0;
    size_t n = 0;
    for (size_t t = 0; t < 2; t++)
        for (size_t p = 0; p < 2; p++)
            if (c->rows[t][p]) {
                truth[n] = (double)t;
                predicted[n] = (double)p;
                total += weight[n++] = c->weight[t][p];
            }
    hn_metric_input input = {
        .truth = truth, .predicted = predicted, .weight = weight, .n = n, .n_classes = 2};
    if (d->metric)
        return d->metric->score(&input, value, err);
    *value = (d->false_positive * c->weight[0][1] + d->false_negative * c->weight[1][0]) / total;
    return HONE_OK;
}

/* Between the probabilities low and high: above low, at most high. */
static double between(double low, double high)
{
    double middle = low + (high - low) / 2;
    return middle > low ? middle : high;
}

/* Is a better than b, or as good and closer to the usual? */
static bool is_better(const hn_decision *d, const hn_threshold *a, const hn_threshold *b)
{
    bool maximize = d->metric && d->metric->maximize;
    if (isnan(a->value) || isnan(b->value))
        return !isnan(a->value);
    if (a->value != b->value)
        return maximize ? a->value > b->value : a->value < b->value;
    return fabs(a->at - 0.5) < fabs(b->at - 0.5);
}

/* The rows by falling probability. */
typedef struct ranking {
    size_t n;
    size_t *order;      /* (n,) */
    double *truth;      /* (n,) in order, as the others */
    double *positive;   /* (n,) */
    double *weight;     /* (n,) */
    double (*below)[2]; /* (n + 1, 2): weight of each class from a place on: sums of zeros stay zero */
} ranking;

static hone_status rank_rows(const double *truth, const double *positive, const double *weight, size_t n,
                             hn_arena *scratch, ranking *r, hone_error *err)
{
    *r = (ranking){.n = n,
                   .order = HN_ARENA_NEW(scratch, size_t, n),
                   .truth = HN_ARENA_NEW(scratch, double, n),
                   .positive = HN_ARENA_NEW(scratch, double, n),
                   .weight = HN_ARENA_NEW(scratch, double, n),
                   .below = hn_arena_alloc(scratch, n + 1, sizeof *r->below)};
    if (!r->order || !r->truth || !r->positive || !r->weight || !r->below)
        return hn_out_of_memory(err);
    for (size_t i = 0; i < n; i++)
        r->truth[i] = -positive[i];
    hn_argsort(r->truth, n, r->order);
    for (size_t i = 0; i < n; i++) {
        r->truth[i] = truth[r->order[i]];
        r->positive[i] = positive[r->order[i]];
        r->weight[i] = weight ? weight[r->order[i]] : 1;
    }
    for (size_t i = n; i-- > 0;)
        for (size_t t = 0; t < 2; t++)
            r->below[i][t] = r->below[i + 1][t] + (r->truth[i] == (double)t ? r->weight[i] : 0);
    return HONE_OK;
}

static hone_status scan(const hn_decision *d, const ranking *r, hn_threshold *best, hone_error *err)
{
    counts c = {0};
    hone_status status = HONE_OK;
    size_t n = r->n;
    for (size_t i = 0; i < n; i++)
        c.rows[(size_t)r->truth[i]][0]++;
    double high = r->positive[0], usual = NAN;
    hn_threshold tried = {.at = high < 1 ? between(high, 1) : 1 + DBL_EPSILON};
    for (size_t i = 0; !status;) { /* the first i rows are said to be of the second class */
        double next = i < n ? r->positive[i] : -INFINITY;
        if (i)
            tried.at = i < n ? between(next, high) : high / 2;
        c.weight[0][0] = r->below[i][0];
        c.weight[1][0] = r->below[i][1];
        status = evaluate(d, &c, &tried.value, err);
        if (!status && (i == 0 || is_better(d, &tried, best)))
            *best = tried;
        if (i == 0 || high >= 0.5)
            usual = tried.value;
        if (i == n)
            break;
        high = next;
        do {
            size_t t = (size_t)r->truth[i];
            c.rows[t][0]--;
            c.rows[t][1]++;
            c.weight[t][1] += r->weight[i];
        } while (++i < n && r->positive[i] == high);
    }
    best->usual = usual;
    return status;
}

hone_status hn_decision_best(const hn_decision *decision, const double *truth, const double *positive,
                             const double *weight, size_t n, hn_threshold *best, hone_error *err)
{
    hn_arena scratch = HN_ARENA_INIT;
    ranking r;
    hn_threshold found = {0};
    hone_status status = rank_rows(truth, positive, weight, n, &scratch, &r, err);
    if (!status)
        status = scan(decision, &r, &found, err);
    if (!status)
        *best = found;
    hn_arena_release(&scratch);
    return status;
}

void hn_decision_apply(double threshold, const double *proba, size_t n, double *predicted)
{
    for (size_t i = 0; i < n; i++)
        predicted[i] = proba[2 * i + 1] >= threshold;
}
