/* select/metric_functions.h: the functions behind the table of metric.c. */
#ifndef HN_SELECT_METRIC_FUNCTIONS_H
#define HN_SELECT_METRIC_FUNCTIONS_H

#include "select/metric.h"

typedef hone_status hn_metric_function(const hn_metric_input *input, double *value, hone_error *err);

/* metric_class.c: from the classes said */
hn_metric_function hn_accuracy, hn_balanced_accuracy, hn_matthews;
hn_metric_function hn_precision, hn_precision_micro, hn_precision_macro, hn_precision_weighted;
hn_metric_function hn_recall, hn_recall_micro, hn_recall_macro, hn_recall_weighted;
hn_metric_function hn_f1, hn_f1_micro, hn_f1_macro, hn_f1_weighted;

/* metric_proba.c: from probabilities */
hn_metric_function hn_roc_auc, hn_roc_auc_macro, hn_roc_auc_weighted, hn_average_precision;
hn_metric_function hn_log_loss, hn_brier, hn_top_2, hn_top_3, hn_top_5;

/* metric_value.c: of numbers */
hn_metric_function hn_r2, hn_mse, hn_rmse, hn_mae, hn_mape, hn_median_ae, hn_max_error;

/* metric_cluster.c: of clusters */
hn_metric_function hn_silhouette, hn_calinski_harabasz, hn_davies_bouldin, hn_inertia;

#endif
