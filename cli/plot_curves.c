/* hone plot learning-curve, hone plot validation-curve. */
#include <stdlib.h>
#include <string.h>

#include "numbers.h"
#include "plot.h"
#include "run_plan.h"

/* What both curves have. */
typedef struct curve_line {
    picture_arguments picture;
    common_options common;
    text_list parameters;
    const char *data, *target, *model, *folds, *scale, *task, *weights, *seed;
    long long threads;
    bool csv;
} curve_line;

#define CURVE_OPTIONS(given, how)                                                                             \
    {'d', "data", OPTION_TEXT, &(given).data, "FILE", "a table, instead of a study file"},                    \
        {'y',         "target",                                                                               \
         OPTION_TEXT, &(given).target,                                                                        \
         "COLUMN",    "what to predict (default: `target`, else the last)"},                                  \
        {'m', "model", OPTION_TEXT, &(given).model, "NAME", "see hone models (default: svm)"},                \
        {'p', "param", OPTION_LIST, &(given).parameters, "NAME=VALUE", "an option of the model; repeatable"}, \
        {0, "folds", OPTION_TEXT, &(given).folds, "K", "of the cross-validation (default: 5)"},               \
        {0, "metric", OPTION_TEXT, &(how).metric, "NAME", "the score (default: the goal, accuracy or r2)"},   \
        {0, "scale", OPTION_TEXT, &(given).scale, "HOW", "of the columns: standard (default), minmax, none"}, \
        {0,           "task",                                                                                 \
         OPTION_TEXT, &(given).task,                                                                          \
         "TASK",      "classification or regression (default: by the target)"},                               \
        {0, "weights", OPTION_TEXT, &(given).weights, "COLUMN", "how much each row counts"},                  \
        {0, "seed", OPTION_TEXT, &(given).seed, "N", "of folds, rows and fits (default: 0)"},                 \
        {'j', "workers", OPTION_INT, &(given).threads, "N", "threads (default: one a core)"},                 \
    {                                                                                                         \
        0, "csv", OPTION_FLAG, &(given).csv, NULL, "comma-separated, exact numbers"                           \
    }

static int set_keys(hone_plan *plan, const curve_line *given)
{
    const struct {
        const char *key, *value, *option;
        bool as_is;
    } keys[] = {
        {"data.train", given->data, "--data", true},
        {"data.target", given->target, "--target", true},
        {"data.weights", given->weights, "--weights", true},
        {"data.task", given->task, "--task", true},
        {"model.type",
         given->model  ? given->model
         : given->data ? "svm"
                       : NULL,
         "--model", true},
        {"cv", given->folds, "--folds", false},
        {"preprocess.scale", given->scale, "--scale", true},
        {"search.seed", given->seed, "--seed", false},
    };
    int code = EXIT_OK;
    hone_error err;
    for (size_t i = 0; !code && i < COUNT(keys); i++) {
        code = set_key(plan, keys[i].key, keys[i].value, keys[i].option, keys[i].as_is);
    }
    for (size_t i = 0; !code && i < given->parameters.count; i++) {
        code = hone_plan_add_parameter(plan, given->parameters.items[i], &err) ? fail_with(&err) : EXIT_OK;
    }
    return code;
}

typedef hone_status (*show_curve)(hone_plan *plan, const hone_curve_options *options, hone_format format,
                                  const hone_sink *sink, hone_error *err);

static int show(const command_line *line, const curve_line *given, hone_curve_options *how, show_curve curve)
{
    hone_plan *plan = NULL;
    hone_error err;
    const char *file = line->n_args ? line->args[0] : NULL;
    if (!file == !given->data) {
        print_error("%s: wants a study file, or --data FILE with --model NAME", line->name);
        return EXIT_USAGE;
    }
    if (!check_count(line->name, "workers", given->threads, 0, 1024)) {
        return EXIT_USAGE;
    }
    hone_picture picture;
    if (!read_picture(line->name, &given->picture, &picture)) {
        return EXIT_USAGE;
    }
    how->threads = (int)given->threads;
    if (file ? hone_plan_read(file, &plan, &err) : hone_plan_create(&plan, &err)) {
        return fail_with(&err);
    }
    hone_sink out = standard_output(&given->common);
    hone_format format = output_format(&given->common, given->csv);
    hone_curve_options with = *how;
    with.picture = &picture;
    int code = set_keys(plan, given);
    if (!code && curve(plan, &with, format, &out, &err)) {
        code = fail_with(&err);
    }
    hone_plan_destroy(plan);
    return code;
}

/* --- learning curve --- */

/* "0.1,0.5,1", malloc'ed. */
static int read_sizes(const char *text, double **sizes, size_t *n)
{
    char *copy = strdup(text), *rest = NULL;
    double *list = malloc((strlen(text) + 1) * sizeof *list);
    int code = copy && list ? EXIT_OK : EXIT_FAILED;
    *n = 0;
    for (char *word = code ? NULL : strtok_r(copy, ", ", &rest); !code && word;
         word = strtok_r(NULL, ", ", &rest)) {
        code = read_number("plot learning-curve --sizes", word, &list[*n]) ? EXIT_OK : EXIT_USAGE;
        *n += 1;
    }
    free(copy);
    *sizes = list;
    return code;
}

int plot_learning_curve(int argc, char **argv)
{
    static const char notes[] =
        "The score of training and validation rows, when the model is fitted to ever more rows of each fold's\n"
        "training set; the smaller sets are parts of the larger ones. What the study searches is set as in its\n"
        "best trial, or by the model's defaults when there is none.\n"
        "\n"
        "examples:\n"
        "  hone plot learning-curve study.yaml\n"
        "  hone plot learning-curve --data train.csv --target price --model ridge -p alpha=10\n"
        "  hone plot learning-curve --data train.csv --sizes 100,200,400,800 --csv";
    curve_line given = {0};
    hone_curve_options how = HONE_CURVE_OPTIONS_INIT;
    const char *sizes_text = NULL;
    double *sizes = NULL;
    const cli_option options[] = {
        {0, "sizes", OPTION_TEXT, &sizes_text, "LIST",
         "rows, or shares of the largest set (default: 0.1,0.325,0.55,0.775,1)"},
        {0, "in-order", OPTION_FLAG, &how.in_order, NULL, "the first rows train, instead of drawn ones"},
        CURVE_OPTIONS(given, how),
        PICTURE_OPTIONS(given.picture),
        OUTPUT_OPTIONS(given.common),
    };
    command_line line = {.name = "plot learning-curve",
                         .arguments = "[options] study.yaml | --data train.csv",
                         .summary =
                             "A model's train and validation score against the number of training rows.",
                         .notes = notes,
                         .options = options,
                         .n_options = COUNT(options),
                         .max_args = 1};
    int code;
    if (!options_parse(&line, argc, argv, &code)) {
        return code;
    }
    code = sizes_text ? read_sizes(sizes_text, &sizes, &how.n_sizes) : EXIT_OK;
    how.sizes = sizes;
    if (!code) {
        code = show(&line, &given, &how, hone_plot_learning_curve);
    }
    free(sizes);
    text_list_free(&given.parameters);
    options_release(&line);
    return code;
}

/* --- validation curve --- */

int plot_validation_curve(int argc, char **argv)
{
    static const char notes[] =
        "The score of training and validation rows for each value of one option of the model, all else fixed:\n"
        "where both are low it underfits, where training is high and validation falls it overfits.\n"
        "\n"
        "examples:\n"
        "  hone plot validation-curve study.yaml --parameter C=0.01..100,log\n"
        "  hone plot validation-curve --data train.csv --model knn --parameter n_neighbors=1..50\n"
        "  hone plot validation-curve --data train.csv --model svm --parameter kernel=linear,rbf,poly";
    curve_line given = {0};
    hone_curve_options how = HONE_CURVE_OPTIONS_INIT;
    long long points = 9;
    const cli_option options[] = {
        {0, "parameter", OPTION_TEXT, &how.parameter, "NAME=RANGE",
         "LOW..HIGH, LOW..HIGH,log or VALUE,VALUE,..."},
        {0, "points", OPTION_INT, &points, "N", "values of a range (default: 9)"},
        CURVE_OPTIONS(given, how),
        PICTURE_OPTIONS(given.picture),
        OUTPUT_OPTIONS(given.common),
    };
    command_line line = {.name = "plot validation-curve",
                         .arguments = "[options] study.yaml | --data train.csv --parameter NAME=RANGE",
                         .summary = "A model's train and validation score against one of its options.",
                         .notes = notes,
                         .options = options,
                         .n_options = COUNT(options),
                         .max_args = 1};
    int code;
    if (!options_parse(&line, argc, argv, &code)) {
        return code;
    }
    if (!how.parameter) {
        print_error("plot validation-curve: --parameter is missing, as in --parameter C=0.01..100,log");
        code = EXIT_USAGE;
    } else if (!check_count("plot validation-curve", "points", points, 2, 1000)) {
        code = EXIT_USAGE;
    } else {
        how.points = (size_t)points;
        code = show(&line, &given, &how, hone_plot_validation_curve);
    }
    text_list_free(&given.parameters);
    options_release(&line);
    return code;
}
