/* Stand-in. */
#ifndef HN_PROBLEM_TUNING_SCALE_H
#define HN_PROBLEM_TUNING_SCALE_H
#include "problem/internal.h"
static const hn_problem_scale hn_scale_of_svm_moons = {0};
static const hn_problem_scale hn_scale_of_svm_kernels = {0};
static const hn_problem_scale hn_scale_of_svm_regression = {0};
static const hn_problem_scale hn_scale_of_logistic = {0};
static const hn_problem_scale hn_scale_of_elastic_net = {0};
static const hn_problem_scale hn_scale_of_knn = {0};
static const hn_problem_scale hn_scale_of_knn_regression = {0};
static const hn_problem_scale hn_scale_of_tree = {0};
static const hn_problem_scale hn_scale_of_forest = {0};
static const hn_problem_scale hn_scale_of_extra_trees = {0};
static const hn_problem_scale hn_scale_of_boosting = {0};
static const hn_problem_scale hn_scale_of_boosting_regression = {0};
static const hn_problem_scale hn_scale_of_network_moons = {0};
static const hn_problem_scale hn_scale_of_network = {0};
#endif
