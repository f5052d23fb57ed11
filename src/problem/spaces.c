/*
 * Mixed and conditional problems, shaped after the tuning of real models: rates on a log scale whose best
 * value moves with other parameters, choices with different floors and different slopes, parameters that
 * exist only under a choice or beyond a count. Own formulas; each is a sum of terms >= 0 that all vanish at
 * the optimum.
 */
#include "problem/internal.h"

#include <math.h>
#include <stddef.h>

/* 0 at 0, half at |z| = half_width, towards 1 far away: the shape of an error rate. */
static double bowl(double z, double half_width)
{
    double t = z / half_width;
    return t * t / (1 + t * t);
}

/* The same for a parameter that may be inactive, which then costs nothing. */
static double bowl_if_active(double z, double half_width)
{
    return isnan(z) ? 0 : bowl(z, half_width);
}

/* --- mixed --- */

static const hn_problem_parameter svm_space[] = {
    {.name = "C", .kind = HN_PROBLEM_FLOAT, .low = 1e-3, .high = 1e3, .log = 1},
    {.name = "gamma", .kind = HN_PROBLEM_FLOAT, .low = 1e-5, .high = 10, .log = 1},
    {.name = "kernel", .kind = HN_PROBLEM_CATEGORICAL, .n_choices = 4, .choices = "linear rbf poly sigmoid"},
    {.name = "degree", .kind = HN_PROBLEM_INT, .low = 2, .high = 6, .step = 1},
    {.name = "coef0", .kind = HN_PROBLEM_FLOAT, .low = 0, .high = 1},
};

static double svm(const hn_problem *problem, const double *offset)
{
    static const double floor_of[4] = {0, 0.03, 0.1, 0.25}, width_of[4] = {0.1, 0.2, 0.3, 0.6};
    int kernel = (int)offset[2];
    (void)problem;
    return floor_of[kernel] + 0.5 * bowl(offset[0] + offset[1], width_of[kernel]) +
           0.2 * bowl(offset[0] - offset[1], 0.4) + 0.05 * bowl(offset[3], 0.5) + 0.05 * bowl(offset[4], 0.3);
}

static const hn_problem_parameter network_space[] = {
    {.name = "lr", .kind = HN_PROBLEM_FLOAT, .low = 1e-5, .high = 1e-1, .log = 1},
    {.name = "momentum", .kind = HN_PROBLEM_FLOAT, .low = 0.5, .high = 0.99},
    {.name = "batch", .kind = HN_PROBLEM_ORDINAL, .n_choices = 6, .choices = "16 32 64 128 256 512"},
    {.name = "layers", .kind = HN_PROBLEM_INT, .low = 1, .high = 5, .step = 1},
    {.name = "units", .kind = HN_PROBLEM_INT, .low = 16, .high = 512, .step = 16},
    {.name = "dropout", .kind = HN_PROBLEM_FLOAT, .low = 0, .high = 0.5, .step = 0.05},
    {.name = "activation", .kind = HN_PROBLEM_CATEGORICAL, .n_choices = 4, .choices = "relu tanh gelu elu"},
    {.name = "optimizer", .kind = HN_PROBLEM_CATEGORICAL, .n_choices = 3, .choices = "adam sgd rmsprop"},
    {.name = "decay", .kind = HN_PROBLEM_FLOAT, .low = 1e-8, .high = 1e-2, .log = 1},
};

static double network(const hn_problem *problem, const double *offset)
{
    static const double activation_cost[4] = {0, 0.02, 0.04, 0.12};
    static const double optimizer_cost[3] = {0, 0.05, 0.1}, rate_shift[3] = {0, -0.25, 0.15};
    int optimizer = (int)offset[7];
    (void)problem;
    double rate = offset[0] - 0.3 * offset[2] + 0.2 * offset[1] - rate_shift[optimizer];
    double size = offset[4] + 0.5 * offset[3];
    return optimizer_cost[optimizer] + activation_cost[(int)offset[6]] + 0.5 * bowl(rate, 0.15) +
           0.1 * bowl(offset[2], 0.5) + 0.1 * bowl(offset[3], 0.6) + 0.2 * bowl(size, 0.4) +
           0.05 * bowl(offset[1], 0.5) + 0.1 * bowl(offset[5] - 0.3 * size, 0.4) + 0.1 * bowl(offset[8], 0.5);
}

static const hn_problem_parameter mixed_ackley_space[] = {
    {.name = "x0", .kind = HN_PROBLEM_FLOAT, .low = -1, .high = 1},
    {.name = "x1", .kind = HN_PROBLEM_FLOAT, .low = 1e-3, .high = 1e3, .log = 1},
    {.name = "x2", .kind = HN_PROBLEM_INT, .low = 0, .high = 20, .step = 1},
    {.name = "x3", .kind = HN_PROBLEM_INT, .low = 1, .high = 1000, .step = 1, .log = 1},
    {.name = "x4", .kind = HN_PROBLEM_ORDINAL, .n_choices = 5, .choices = "1 2 5 10 20"},
    {.name = "x5", .kind = HN_PROBLEM_CATEGORICAL, .n_choices = 5, .choices = "a b c d e"},
};

/* Ackley's function with every kind of parameter as a coordinate, in [-4, 4] around the optimum. */
static double mixed_ackley(const hn_problem *problem, const double *offset)
{
    double squares = 0, waves = 0;
    for (int i = 0; i < 6; i++) {
        double x = i < 5 ? 4 * offset[i] : offset[i] / (problem->parameters[i].n_choices - 1);
        squares += x * x;
        waves += cos(6.283185307179586 * x);
    }
    return -20 * exp(-0.2 * sqrt(squares / 6)) + 20 - exp(waves / 6) + exp(1.0);
}

static const hn_problem_parameter switch_space[] = {
    {.name = "surface", .kind = HN_PROBLEM_CATEGORICAL, .n_choices = 3, .choices = "north east south"},
    {.name = "level", .kind = HN_PROBLEM_CATEGORICAL, .n_choices = 5, .choices = "a b c d e"},
    {.name = "x", .kind = HN_PROBLEM_FLOAT, .low = -1, .high = 1},
    {.name = "y", .kind = HN_PROBLEM_FLOAT, .low = -1, .high = 1},
};

/* The surface chooses a function of (x, y): a curved valley, a ripple, a bowl. Best is the hardest. */
static double switched(const hn_problem *problem, const double *offset)
{
    double x = 2 * offset[2], y = 2 * offset[3];
    double level = 0.08 * offset[1];
    (void)problem;
    if (offset[0] == 0)
        return level + bowl(y - x * x, 0.15) + 0.3 * bowl(x, 0.5);
    if (offset[0] == 1)
        return level + 0.15 + 0.4 * bowl(x, 0.7) + 0.4 * bowl(y, 0.7) + 0.1 * (2 - cos(9 * x) - cos(9 * y));
    return level + 0.3 + bowl(hypot(x, y), 1.0);
}

#define CHOICE4(title)                                                                                       \
    {                                                                                                        \
        .name = title, .kind = HN_PROBLEM_CATEGORICAL, .n_choices = 4, .choices = "a b c d"                  \
    }
static const hn_problem_parameter choices_space[] = {CHOICE4("c0"), CHOICE4("c1"), CHOICE4("c2"),
                                                     CHOICE4("c3"), CHOICE4("c4"), CHOICE4("c5")};

/* Each choice has a cost of its own and one for differing from its neighbour: local optima of equal choices.
 */
static double choices(const hn_problem *problem, const double *offset)
{
    static const double cost[4] = {0, 0.2, 0.35, 0.5};
    double sum = 0;
    for (int i = 0; i < problem->n_parameters; i++) {
        sum += cost[(int)offset[i]];
        if (i > 0 && offset[i] != offset[i - 1])
            sum += 0.3;
    }
    return sum;
}

/* --- conditional --- */

static const hn_problem_parameter optimizer_space[] = {
    {.name = "optimizer",
     .kind = HN_PROBLEM_CATEGORICAL,
     .n_choices = 4,
     .choices = "sgd adam rmsprop lbfgs"},
    {.name = "sgd_lr",
     .kind = HN_PROBLEM_FLOAT,
     .low = 1e-4,
     .high = 1,
     .log = 1,
     .when = "optimizer == sgd"},
    {.name = "sgd_momentum", .kind = HN_PROBLEM_FLOAT, .low = 0, .high = 0.99, .when = "optimizer == sgd"},
    {.name = "adam_lr",
     .kind = HN_PROBLEM_FLOAT,
     .low = 1e-5,
     .high = 1e-1,
     .log = 1,
     .when = "optimizer == adam"},
    {.name = "adam_beta1", .kind = HN_PROBLEM_FLOAT, .low = 0.8, .high = 0.999, .when = "optimizer == adam"},
    {.name = "rmsprop_lr",
     .kind = HN_PROBLEM_FLOAT,
     .low = 1e-5,
     .high = 1e-1,
     .log = 1,
     .when = "optimizer == rmsprop"},
    {.name = "rmsprop_decay",
     .kind = HN_PROBLEM_FLOAT,
     .low = 0.5,
     .high = 0.999,
     .when = "optimizer == rmsprop"},
    {.name = "lbfgs_history",
     .kind = HN_PROBLEM_INT,
     .low = 3,
     .high = 30,
     .step = 1,
     .when = "optimizer == lbfgs"},
    {.name = "decay", .kind = HN_PROBLEM_FLOAT, .low = 1e-8, .high = 1e-1, .log = 1},
    {.name = "batch", .kind = HN_PROBLEM_INT, .low = 16, .high = 512, .step = 1, .log = 1},
};

/* The better a branch can become, the narrower it is: a first look misleads. */
static double optimizer(const hn_problem *problem, const double *offset)
{
    static const double floor_of[4] = {0, 0.05, 0.1, 0.2}, width_of[4] = {0.12, 0.18, 0.25, 0.4};
    int branch = (int)offset[0];
    double sum = floor_of[branch] + 0.15 * bowl(offset[8], 0.3) + 0.1 * bowl(offset[9], 0.4);
    (void)problem;
    for (int i = 1; i <= 7; i += 2) /* the rate of a branch; batch size moves it */
        sum += 0.5 * bowl_if_active(offset[i] - 0.2 * offset[9], width_of[branch]);
    for (int i = 2; i <= 6; i += 2)
        sum += 0.2 * bowl_if_active(offset[i], 2 * width_of[branch]);
    return sum;
}

#define UNITS(title, condition)                                                                              \
    {                                                                                                        \
        .name = title, .kind = HN_PROBLEM_INT, .low = 16, .high = 512, .step = 16, .when = condition         \
    }
#define DROPOUT(title, condition)                                                                            \
    {                                                                                                        \
        .name = title, .kind = HN_PROBLEM_FLOAT, .low = 0, .high = 0.5, .when = condition                    \
    }
static const hn_problem_parameter layers_space[] = {
    {.name = "layers", .kind = HN_PROBLEM_INT, .low = 1, .high = 5, .step = 1},
    {.name = "lr", .kind = HN_PROBLEM_FLOAT, .low = 1e-5, .high = 1e-1, .log = 1},
    UNITS("units_0", NULL),
    UNITS("units_1", "layers > 1"),
    UNITS("units_2", "layers > 2"),
    UNITS("units_3", "layers > 3"),
    UNITS("units_4", "layers > 4"),
    DROPOUT("dropout_0", NULL),
    DROPOUT("dropout_1", "layers > 1"),
    DROPOUT("dropout_2", "layers > 2"),
    DROPOUT("dropout_3", "layers > 3"),
    DROPOUT("dropout_4", "layers > 4"),
};

static double layers(const hn_problem *problem, const double *offset)
{
    double sum = 0.4 * bowl(offset[1] + 0.2 * offset[0], 0.15) + 0.3 * bowl(offset[0], 0.4);
    int n_layers = 0;
    double units = 0, dropout = 0;
    (void)problem;
    for (int i = 0; i < 5 && !isnan(offset[2 + i]); i++, n_layers++) {
        units += bowl(offset[2 + i], 0.35);
        dropout += bowl(offset[7 + i], 0.5);
    }
    return sum + 0.4 * units / n_layers + 0.15 * dropout / n_layers;
}

static const hn_problem_parameter models_space[] = {
    {.name = "model", .kind = HN_PROBLEM_CATEGORICAL, .n_choices = 4, .choices = "svm forest knn boosting"},
    {.name = "kernel",
     .kind = HN_PROBLEM_CATEGORICAL,
     .n_choices = 3,
     .choices = "linear rbf poly",
     .when = "model == svm"},
    {.name = "C", .kind = HN_PROBLEM_FLOAT, .low = 1e-3, .high = 1e3, .log = 1, .when = "model == svm"},
    {.name = "gamma", .kind = HN_PROBLEM_FLOAT, .low = 1e-5, .high = 10, .log = 1, .when = "kernel == rbf"},
    {.name = "degree", .kind = HN_PROBLEM_INT, .low = 2, .high = 5, .step = 1, .when = "kernel == poly"},
    {.name = "trees",
     .kind = HN_PROBLEM_INT,
     .low = 10,
     .high = 1000,
     .step = 1,
     .log = 1,
     .when = "model == forest"},
    {.name = "depth", .kind = HN_PROBLEM_INT, .low = 1, .high = 30, .step = 1, .when = "model == forest"},
    {.name = "features", .kind = HN_PROBLEM_FLOAT, .low = 0.1, .high = 1, .when = "model == forest"},
    {.name = "neighbours",
     .kind = HN_PROBLEM_INT,
     .low = 1,
     .high = 50,
     .step = 1,
     .log = 1,
     .when = "model == knn"},
    {.name = "weights",
     .kind = HN_PROBLEM_CATEGORICAL,
     .n_choices = 2,
     .choices = "uniform distance",
     .when = "model == knn"},
    {.name = "eta", .kind = HN_PROBLEM_FLOAT, .low = 1e-3, .high = 1, .log = 1, .when = "model == boosting"},
    {.name = "rounds",
     .kind = HN_PROBLEM_INT,
     .low = 10,
     .high = 1000,
     .step = 10,
     .when = "model == boosting"},
    {.name = "subsample", .kind = HN_PROBLEM_FLOAT, .low = 0.3, .high = 1, .when = "model == boosting"},
};

static double models(const hn_problem *problem, const double *offset)
{
    static const double floor_of[4] = {0, 0.04, 0.1, 0.2};
    double sum = floor_of[(int)offset[0]];
    (void)problem;
    if (!isnan(offset[1]))
        sum += 0.08 * offset[1] + 0.4 * bowl(offset[2] + (isnan(offset[3]) ? 0 : offset[3]), 0.12) +
               0.3 * bowl_if_active(offset[3], 0.3) + 0.2 * bowl_if_active(offset[4], 0.5);
    if (!isnan(offset[5]))
        sum += 0.2 * bowl(offset[5], 0.4) + 0.3 * bowl(offset[6], 0.25) + 0.2 * bowl(offset[7], 0.3);
    if (!isnan(offset[8]))
        sum += 0.4 * bowl(offset[8], 0.2) + 0.1 * offset[9];
    if (!isnan(offset[10]))
        sum += 0.5 * bowl(offset[10] + 0.5 * offset[11], 0.12) + 0.2 * bowl(offset[11], 0.5) +
               0.15 * bowl(offset[12], 0.4);
    return sum;
}

#define LEAF(title, condition)                                                                               \
    {                                                                                                        \
        .name = title, .kind = HN_PROBLEM_FLOAT, .low = -1, .high = 1, .when = condition                     \
    }
static const hn_problem_parameter tree_space[] = {
    {.name = "root", .kind = HN_PROBLEM_CATEGORICAL, .n_choices = 2, .choices = "left right"},
    {.name = "left",
     .kind = HN_PROBLEM_CATEGORICAL,
     .n_choices = 2,
     .choices = "a b",
     .when = "root == left"},
    {.name = "right",
     .kind = HN_PROBLEM_CATEGORICAL,
     .n_choices = 2,
     .choices = "c d",
     .when = "root == right"},
    LEAF("leaf_a", "left == a"),
    LEAF("leaf_b", "left == b"),
    LEAF("leaf_c", "right == c"),
    LEAF("leaf_d", "right == d"),
    {.name = "left_shared", .kind = HN_PROBLEM_FLOAT, .low = 0, .high = 1, .when = "root == left"},
    {.name = "right_shared", .kind = HN_PROBLEM_FLOAT, .low = 0, .high = 1, .when = "root == right"},
};

/* After Jenatton et al. 2017: four leaves with floors 0.1 to 0.4, a parameter shared by each pair. */
static double tree(const hn_problem *problem, const double *offset)
{
    double sum = 0.1 + 0.2 * offset[0];
    (void)problem;
    for (int i = 1; i <= 2; i++)
        sum += isnan(offset[i]) ? 0 : 0.1 * offset[i];
    for (int i = 3; i <= 6; i++)
        sum += isnan(offset[i]) ? 0 : 4 * offset[i] * offset[i];
    for (int i = 7; i <= 8; i++)
        sum += isnan(offset[i]) ? 0 : fabs(offset[i]);
    return sum;
}

#define SPACE(group, title, space, f)                                                                        \
    {                                                                                                        \
        .name = title, .family = group, .n_parameters = (int)(sizeof(space) / sizeof *(space)),              \
        .parameters = (space), .landscape = (f)                                                              \
    }

const hn_problem hn_problem_spaces[] = {
    SPACE("mixed", "mixed_svm", svm_space, svm),
    SPACE("mixed", "mixed_network", network_space, network),
    SPACE("mixed", "mixed_ackley", mixed_ackley_space, mixed_ackley),
    SPACE("mixed", "mixed_switch", switch_space, switched),
    SPACE("mixed", "choices6", choices_space, choices),
    SPACE("conditional", "conditional_optimizer", optimizer_space, optimizer),
    SPACE("conditional", "conditional_layers", layers_space, layers),
    SPACE("conditional", "conditional_models", models_space, models),
    SPACE("conditional", "conditional_tree", tree_space, tree),
};

const int hn_problem_space_count = (int)(sizeof hn_problem_spaces / sizeof *hn_problem_spaces);
