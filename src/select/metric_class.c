/* Metrics of the classes said: everything comes from the weights per class, or the confusion matrix. */
#include <math.h>

#include "base/memory.h"
#include "select/metric_functions.h"

/* Weight of the rows a class is, of those it was said to be, and of those where both hold. */
typedef struct tally {
    double actual, said, hit;
} tally;

typedef enum average { BINARY, MICRO, MACRO, WEIGHTED } average;

typedef double class_score(const tally *t);

/* 0 where the share is of nothing (scikit-learn's zero_division=0). */
static double share(double part, double whole)
{
    return whole > 0 ? part / whole : 0;
}

static double precision_of(const tally *t)
{
    return share(t->hit, t->said);
}

static double recall_of(const tally *t)
{
    return share(t->hit, t->actual);
}

static double f1_of(const tally *t)
{
    return share(2 * t->hit, t->actual + t->said);
}

static tally *count_classes(const hn_metric_input *in, hone_error *err)
{
    tally *classes = hn_calloc(in->n_classes, sizeof *classes);
    if (!classes) {
        hn_out_of_memory(err);
        return NULL;
    }
    for (size_t i = 0; i < in->n; i++) {
        double weight = hn_metric_weight(in, i);
        classes[(size_t)in->truth[i]].actual += weight;
        classes[(size_t)in->predicted[i]].said += weight;
        if (in->truth[i] == in->predicted[i])
            classes[(size_t)in->truth[i]].hit += weight;
    }
    return classes;
}

/* Macro is over the classes that occur or were said; a row of weight 0 makes a class occur, too. */
static bool *find_present(const hn_metric_input *in, hone_error *err)
{
    bool *present = hn_calloc(in->n_classes, sizeof *present);
    if (!present)
        hn_out_of_memory(err);
    for (size_t i = 0; present && i < in->n; i++)
        present[(size_t)in->truth[i]] = present[(size_t)in->predicted[i]] = true;
    return present;
}

static double average_classes(const hn_metric_input *in, const tally *classes, const bool *present,
                              average kind, class_score *score)
{
    if (kind == BINARY)
        return score(&classes[1]);
    tally all = {0};
    double sum = 0, total = 0;
    for (size_t k = 0; k < in->n_classes; k++) {
        double weight = kind == WEIGHTED ? classes[k].actual : present[k];
        sum += weight * score(&classes[k]);
        total += weight;
        all.actual += classes[k].actual;
        all.said += classes[k].said;
        all.hit += classes[k].hit;
    }
    return kind == MICRO ? score(&all) : share(sum, total);
}

static hone_status score_classes(const hn_metric_input *in, average kind, class_score *score, double *value,
                                 hone_error *err)
{
    tally *classes = count_classes(in, err);
    bool *present = classes ? find_present(in, err) : NULL;
    if (present)
        *value = average_classes(in, classes, present, kind, score);
    hone_status status = present ? HONE_OK : HONE_OUT_OF_MEMORY;
    hn_free(classes);
    hn_free(present);
    return status;
}

#define AVERAGED(name, kind, score)                                                                          \
    hone_status name(const hn_metric_input *in, double *value, hone_error *err)                              \
    {                                                                                                        \
        return score_classes(in, kind, score, value, err);                                                   \
    }

AVERAGED(hn_accuracy, MICRO, recall_of)
AVERAGED(hn_precision, BINARY, precision_of)
AVERAGED(hn_precision_micro, MICRO, precision_of)
AVERAGED(hn_precision_macro, MACRO, precision_of)
AVERAGED(hn_precision_weighted, WEIGHTED, precision_of)
AVERAGED(hn_recall, BINARY, recall_of)
AVERAGED(hn_recall_micro, MICRO, recall_of)
AVERAGED(hn_recall_macro, MACRO, recall_of)
AVERAGED(hn_recall_weighted, WEIGHTED, recall_of)
AVERAGED(hn_f1, BINARY, f1_of)
AVERAGED(hn_f1_micro, MICRO, f1_of)
AVERAGED(hn_f1_macro, MACRO, f1_of)
AVERAGED(hn_f1_weighted, WEIGHTED, f1_of)

/* Mean recall over the classes that occur. */
hone_status hn_balanced_accuracy(const hn_metric_input *in, double *value, hone_error *err)
{
    tally *classes = count_classes(in, err);
    if (!classes)
        return HONE_OUT_OF_MEMORY;
    double sum = 0;
    size_t occurring = 0;
    for (size_t k = 0; k < in->n_classes; k++) {
        sum += recall_of(&classes[k]);
        occurring += classes[k].actual > 0;
    }
    *value = share(sum, (double)occurring);
    hn_free(classes);
    return HONE_OK;
}

/* Gorodkin's R_K, "Comparing two K-category assignments by a K-category correlation coefficient" (2004): the
 * covariance of the indicator vectors of truth and prediction over the root of their variances; 0 when either
 * is constant. */
hone_status hn_matthews(const hn_metric_input *in, double *value, hone_error *err)
{
    tally *classes = count_classes(in, err);
    if (!classes)
        return HONE_OUT_OF_MEMORY;
    double total = 0, total_said = 0, hits = 0, both = 0, actual = 0, said = 0;
    for (size_t k = 0; k < in->n_classes; k++) {
        total += classes[k].actual;
        total_said += classes[k].said;
        hits += classes[k].hit;
        both += classes[k].actual * classes[k].said;
    }
    for (size_t k = 0; k < in->n_classes; k++) { /* a constant side gives 0, without rounding */
        actual += classes[k].actual * (total - classes[k].actual);
        said += classes[k].said * (total_said - classes[k].said);
    }
    *value = actual > 0 && said > 0 ? (hits * total - both) / sqrt(actual * said) : 0;
    hn_free(classes);
    return HONE_OK;
}

void hn_confusion(const hn_metric_input *in, double *out)
{
    for (size_t i = 0; i < in->n_classes * in->n_classes; i++)
        out[i] = 0;
    for (size_t i = 0; i < in->n; i++)
        out[(size_t)in->truth[i] * in->n_classes + (size_t)in->predicted[i]] += hn_metric_weight(in, i);
}
