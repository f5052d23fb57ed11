/* Tuning of the built-in models: each value is what a user would look at, the mean score of three folds on a
 * data set of some hundred rows, as a loss (a metric to be maximised is taken from 1). The rows are made up
 * (data/make.h), so that the problems are there without any file and the same on every machine, but for the
 * last digits that functions of the C library have. Each takes some milliseconds.
 */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "model/model.h"
#include "problem/internal.h"
#include "problem/tuning_scale.h"
#include "select/cross_validate.h"

/* --- what may vary --- */

#define LOG(title, a, b)                                                                                     \
    {                                                                                                        \
        .name = title, .kind = HN_PROBLEM_FLOAT, .low = (a), .high = (b), .log = 1                           \
    }
#define NUMBER(title, a, b)                                                                                  \
    {                                                                                                        \
        .name = title, .kind = HN_PROBLEM_FLOAT, .low = (a), .high = (b)                                     \
    }
#define COUNT(title, a, b)                                                                                   \
    {                                                                                                        \
        .name = title, .kind = HN_PROBLEM_INT, .low = (a), .high = (b), .step = 1                            \
    }
#define LOG_COUNT(title, a, b)                                                                               \
    {                                                                                                        \
        .name = title, .kind = HN_PROBLEM_INT, .low = (a), .high = (b), .step = 1, .log = 1                  \
    }
#define CHOICE(title, n, words)                                                                              \
    {                                                                                                        \
        .name = title, .kind = HN_PROBLEM_CATEGORICAL, .n_choices = (n), .choices = words                    \
    }

static const hn_problem_parameter rbf_space[] = {LOG("C", 1e-3, 1e3), LOG("gamma", 1e-4, 1e2)};
static const hn_problem_parameter kernel_space[] = {
    LOG("C", 1e-3, 1e3),
    CHOICE("kernel", 4, "linear rbf poly sigmoid"),
    LOG("gamma", 1e-4, 1e1),
    {.name = "degree", .kind = HN_PROBLEM_INT, .low = 2, .high = 5, .step = 1, .when = "kernel == poly"},
    NUMBER("coef0", 0, 2),
};
static const hn_problem_parameter svr_space[] = {LOG("C", 1e-1, 1e4), LOG("gamma", 1e-4, 1e1),
                                                 LOG("epsilon", 1e-2, 1e2)};
static const hn_problem_parameter logistic_space[] = {
    LOG("C", 1e-4, 1e4),
    CHOICE("penalty", 3, "l1 l2 elastic_net"),
    {.name = "l1_ratio", .kind = HN_PROBLEM_FLOAT, .low = 0, .high = 1, .when = "penalty == elastic_net"},
};
static const hn_problem_parameter linear_space[] = {LOG("alpha", 1e-4, 1e2), NUMBER("l1_ratio", 0, 1)};
static const hn_problem_parameter knn_space[] = {
    LOG_COUNT("n_neighbors", 1, 100),
    CHOICE("weights", 2, "uniform distance"),
    CHOICE("metric", 3, "euclidean manhattan minkowski"),
    {.name = "p", .kind = HN_PROBLEM_FLOAT, .low = 1, .high = 6, .when = "metric == minkowski"},
};
static const hn_problem_parameter tree_space[] = {
    COUNT("max_depth", 1, 20), LOG_COUNT("min_samples_leaf", 1, 60), COUNT("min_samples_split", 2, 40),
    NUMBER("max_features", 0.1, 1), CHOICE("criterion", 2, "gini entropy")};
static const hn_problem_parameter forest_space[] = {
    LOG_COUNT("n_estimators", 4, 64), COUNT("max_depth", 1, 16), LOG_COUNT("min_samples_leaf", 1, 30),
    NUMBER("max_features", 0.1, 1), CHOICE("bootstrap", 2, "true false")};
static const hn_problem_parameter boosting_space[] = {
    LOG_COUNT("n_estimators", 5, 80),     LOG("learning_rate", 1e-3, 1), COUNT("max_depth", 1, 6),
    LOG_COUNT("min_samples_leaf", 1, 40), NUMBER("subsample", 0.3, 1),   NUMBER("max_features", 0.1, 1)};
static const hn_problem_parameter network_space[] = {
    LOG("rate", 1e-4, 1e-1),    LOG_COUNT("units", 2, 64),  CHOICE("activation", 3, "relu tanh sigmoid"),
    LOG_COUNT("batch", 8, 128), NUMBER("dropout", 0, 0.6),  CHOICE("optimizer", 3, "adam sgd rmsprop"),
    LOG("decay", 1e-6, 1e-1),   NUMBER("momentum", 0, 0.95)};

/* --- the problems --- */

static const char network_settings[] =
    "{layers: [{dense: {units: $units, activation: $activation}}, {dropout: {rate: $dropout}}, output], epochs: 8, "
    "learning_rate: $rate, batch_size: $batch, optimizer: $optimizer, weight_decay: $decay, momentum: $momentum}";

#define CLASSES(n, d, told, apart, wrong, number)                                                            \
    {                                                                                                        \
        .kind = HN_MAKE_CLASSIFICATION, .rows = (n), .columns = (d), .classes = 2, .informative = (told),    \
        .redundant = 2, .class_sep = (apart), .flip = (wrong), .seed = (number)                              \
    }
#define NUMBERS(n, d, told, noisy, number)                                                                   \
    {                                                                                                        \
        .kind = HN_MAKE_REGRESSION, .rows = (n), .columns = (d), .informative = (told), .noise = (noisy),    \
        .seed = (number)                                                                                     \
    }
#define MOONS(n, noisy, number)                                                                              \
    {                                                                                                        \
        .kind = HN_MAKE_MOONS, .rows = (n), .noise = (noisy), .seed = (number)                               \
    }
#define TUNING(title, the_model, the_metric, space, template, ...)                                           \
    {                                                                                                        \
        .name = "tune_" #title, .family = "tuning", .n_parameters = (int)(sizeof(space) / sizeof *(space)),  \
        .parameters = (space), .tuning = &(const hn_problem_tuning)                                          \
        {                                                                                                    \
            .model = the_model, .metric = the_metric, .settings = (template), .known = &hn_scale_of_##title, \
            .data = __VA_ARGS__                                                                              \
        }                                                                                                    \
    }

const hn_problem hn_problem_tunings[] = {
    TUNING(svm_moons, "svm", "roc_auc", rbf_space, NULL, MOONS(150, 0.35, 1)),
    TUNING(svm_kernels, "svm", "roc_auc", kernel_space, NULL, CLASSES(150, 8, 4, 0.8, 0.05, 2)),
    TUNING(svm_regression, "svm", "r2", svr_space, NULL, NUMBERS(120, 6, 4, 20, 3)),
    TUNING(logistic, "logistic", "log_loss", logistic_space, NULL, CLASSES(200, 20, 5, 0.7, 0.1, 4)),
    TUNING(elastic_net, "elastic_net", "r2", linear_space, NULL, NUMBERS(80, 30, 6, 60, 5)),
    TUNING(knn, "knn", "log_loss", knn_space, NULL, CLASSES(250, 8, 4, 1, 0.05, 6)),
    TUNING(knn_regression, "knn", "r2", knn_space, NULL, NUMBERS(250, 6, 4, 10, 7)),
    TUNING(tree, "decision_tree", "log_loss", tree_space, NULL, CLASSES(300, 10, 5, 1, 0.05, 8)),
    TUNING(forest, "random_forest", "log_loss", forest_space, NULL, CLASSES(200, 10, 5, 0.8, 0.05, 9)),
    TUNING(extra_trees, "extra_trees", "r2", forest_space, NULL, NUMBERS(150, 8, 5, 20, 10)),
    TUNING(boosting, "gradient_boosting", "log_loss", boosting_space, NULL,
           CLASSES(200, 10, 5, 0.8, 0.05, 11)),
    TUNING(boosting_regression, "gradient_boosting", "r2", boosting_space, NULL, NUMBERS(150, 8, 5, 20, 12)),
    TUNING(network_moons, "sequential", "log_loss", network_space, network_settings, MOONS(200, 0.25, 13)),
    TUNING(network, "sequential", "log_loss", network_space, network_settings,
           CLASSES(200, 10, 5, 0.8, 0.05, 14)),
};

const int hn_problem_tuning_count = (int)(sizeof hn_problem_tunings / sizeof *hn_problem_tunings);

/* --- one problem in use --- */

struct hn_tuning_run {
    const hn_problem *problem;
    hn_dataset *dataset;
    hn_validation *validation;
};

hone_status hn_tuning_run_create(const hn_problem *problem, hn_tuning_run **run, hone_error *err)
{
    const hn_problem_tuning *tuning = problem->tuning;
    const hn_validation_options folds = {.kind = HN_SPLIT_STRATIFIED,
                                         .folds = 3,
                                         .shuffle = true,
                                         .seed = 1,
                                         .preprocess = {.scale = HN_SCALE_STANDARD},
                                         .metrics = tuning->metric,
                                         .apart = true};
    hn_tuning_run *made = hn_calloc(1, sizeof *made);
    if (!made)
        return hn_out_of_memory(err);
    made->problem = problem;
    hone_status status = hn_dataset_make(&tuning->data, NULL, &made->dataset, err);
    if (!status)
        status = hn_validation_create(made->dataset, NULL, 0, hn_model_find(tuning->model), &folds,
                                      &made->validation, err);
    if (status)
        hn_tuning_run_destroy(made);
    else
        *run = made;
    return status;
}

void hn_tuning_run_destroy(hn_tuning_run *run)
{
    if (!run)
        return;
    hn_validation_destroy(run->validation);
    hn_dataset_destroy(run->dataset);
    hn_free(run);
}

static void write_value(hn_buffer *text, const hn_problem_parameter *p, double value)
{
    int length;
    if (p->n_choices > 0) {
        const char *choice = hn_problem_choice(p->choices, (int)value, &length);
        hn_buffer_append(text, choice, (size_t)length);
    } else {
        hn_buffer_double(text, value);
    }
}

/* {C: 1, kernel: rbf} */
static void write_active(hn_buffer *text, const hn_problem *problem, const double *point)
{
    hn_buffer_text(text, "{");
    for (int i = 0; i < problem->n_parameters; i++) {
        if (!hn_problem_parameter_active(problem, i, point))
            continue;
        hn_buffer_printf(text, "%s: ", problem->parameters[i].name);
        write_value(text, &problem->parameters[i], point[i]);
        hn_buffer_text(text, ", ");
    }
    hn_buffer_text(text, "}");
}

/* The template with its $NAMEs replaced. */
static void write_settings(hn_buffer *text, const hn_problem *problem, const double *point)
{
    for (const char *c = problem->tuning->settings; *c; c++) {
        if (*c != '$') {
            hn_buffer_char(text, *c);
            continue;
        }
        size_t length = strspn(c + 1, "abcdefghijklmnopqrstuvwxyz_");
        for (int i = 0; i < problem->n_parameters; i++) {
            const hn_problem_parameter *p = &problem->parameters[i];
            if (strlen(p->name) == length && !strncmp(p->name, c + 1, length))
                write_value(text, p, point[i]);
        }
        c += length;
    }
}

/* The mean score of the folds as a loss. */
static hone_status score(const hn_tuning_run *run, const hn_node *settings, double *loss)
{
    hn_scores scores = {0};
    hone_status status = hn_validation_run(run->validation, settings, NULL, &scores, NULL);
    if (!status)
        *loss = scores.metrics[0]->maximize ? 1 - scores.mean[0] : scores.mean[0];
    hn_scores_release(&scores);
    return status;
}

double hn_tuning_run_value(const hn_tuning_run *run, const double *point)
{
    const hn_problem *problem = run->problem;
    hn_arena arena = HN_ARENA_INIT;
    hn_buffer text = HN_BUFFER_INIT;
    hn_node *settings;
    double loss = NAN;
    if (problem->tuning->settings)
        write_settings(&text, problem, point);
    else
        write_active(&text, problem, point);
    if (!hn_buffer_failed(&text) &&
        !hn_yaml_parse(&arena, problem->name, hn_buffer_string(&text), text.size, &settings, NULL) &&
        score(run, settings, &loss))
        loss = NAN;
    hn_buffer_release(&text);
    hn_arena_release(&arena);
    return loss;
}
