/* What is known of the problems of tuning.c: the lowest value met and the median of random points. Written by
 * bench/calibrate.py, 2026-11-22: 10000 random points each, then 10 descents of 400 steps. */
#ifndef HN_PROBLEM_TUNING_SCALE_H
#define HN_PROBLEM_TUNING_SCALE_H

#include <math.h>

#include "problem/internal.h"

static const hn_problem_scale hn_scale_of_svm_moons = {
    .best = 0.05493333333333339,
    .median = 0.08693333333333342,
    .point = {571.259872367032, 0.23998418698415125},
};

static const hn_problem_scale hn_scale_of_svm_kernels = {
    .best = 0.10470085470085466,
    .median = 0.18856837606837606,
    .point = {0.049002534413377236, 2.0, 0.21512938597158088, 3.0, 1.622466513176156},
};

static const hn_problem_scale hn_scale_of_svm_regression = {
    .best = 0.046781464045269616,
    .median = 0.9643879171177072,
    .point = {8430.888858263515, 0.0016886996350989037, 21.091219186968832},
};

static const hn_problem_scale hn_scale_of_logistic = {
    .best = 0.48083806357605047,
    .median = 0.5121722492552686,
    .point = {0.3836180744309151, 2.0, 0.8968207069529468},
};

static const hn_problem_scale hn_scale_of_elastic_net = {
    .best = 0.18418530668325983,
    .median = 0.30165832160988554,
    .point = {5.4298539065393525, 1.0},
};

static const hn_problem_scale hn_scale_of_knn = {
    .best = 0.4753478293366562,
    .median = 1.1434481226755064,
    .point = {22.0, 1.0, 2.0, 2.3917124741560367},
};

static const hn_problem_scale hn_scale_of_knn_regression = {
    .best = 0.18657090059879966,
    .median = 0.2906281206344897,
    .point = {5.0, 1.0, 2.0, 2.0702662180090368},
};

static const hn_problem_scale hn_scale_of_tree = {
    .best = 0.4029457317564309,
    .median = 1.8472800971401098,
    .point = {2.0, 1.0, 11.0, 0.5897241610418428, 0.0},
};

static const hn_problem_scale hn_scale_of_forest = {
    .best = 0.44184151925263787,
    .median = 0.5487783766786936,
    .point = {63.0, 10.0, 3.0, 0.20373827798192298, 1.0},
};

static const hn_problem_scale hn_scale_of_extra_trees = {
    .best = 0.09572268330745481,
    .median = 0.48054596233796126,
    .point = {31.0, 15.0, 1.0, 0.9846309407209742, 1.0},
};

static const hn_problem_scale hn_scale_of_boosting = {
    .best = 0.33049509117787207,
    .median = 0.6014711436258413,
    .point = {43.0, 0.11549067121289697, 5.0, 26.0, 1.0, 0.7421508200010152},
};

static const hn_problem_scale hn_scale_of_boosting_regression = {
    .best = 0.10990737837883435,
    .median = 0.798256936503398,
    .point = {78.0, 0.30274394238077046, 1.0, 1.0, 0.5652783662257816, 0.8268179378192809},
};

static const hn_problem_scale hn_scale_of_network_moons = {
    .best = 0.1265302902013646,
    .median = 0.5373977901461817,
    .point = {0.01172741013964585, 56.0, 0.0, 8.0, 0.11363376672236442, 2.0, 0.0005094719693062099,
              0.8993819449998551},
};

static const hn_problem_scale hn_scale_of_network = {
    .best = 0.3568218305253407,
    .median = 0.6481960081151343,
    .point = {0.012921093565306362, 23.0, 0.0, 10.0, 0.15129834585122917, 1.0, 1e-06, 0.9498283457588411},
};

#endif
