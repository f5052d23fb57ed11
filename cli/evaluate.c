#include "commands.h"
#include "common.h"
#include "numbers.h"

int command_evaluate(int argc, char **argv)
{
    common_options common = {0};
    use_arguments given = {0};
    hone_use_options use = HONE_USE_OPTIONS_INIT;
    const cli_option options[] = {
        {0, "metric", OPTION_TEXT, &use.metrics, "NAMES",
         "comma-separated (default: accuracy, or r2 of a regression)"},
        {0, "study-file", OPTION_TEXT, &use.study_file, "FILE",
         "whose metrics by programs --metric may name"},
        {0, "report", OPTION_FLAG, &use.report, NULL,
         "each class' precision, recall and F1; who was taken for whom"},
        {0, "labels", OPTION_TEXT, &use.labels, "FILE",
         "the target of a file of images (IDX) or of an array (NPY)"},
        {0, "features", OPTION_TEXT, &use.features, "NAME", "the array of a NPZ file to predict from"},
        {'y', "target", OPTION_TEXT, &use.target, "NAME",
         "the column or the array of a NPZ file to compare with (default: as in the fit)"},
        USE_OPTIONS(given),
        {0, "json", OPTION_FLAG, &use.json, NULL, "output for machines"},
    };
    command_line line = {
        .name = "evaluate",
        .arguments = "[options] model.hone data.csv",
        .summary = "Scores a saved model on a data file (-: standard input) that has the target.",
        .options = options,
        .n_options = COUNT(options),
        .min_args = 2,
        .max_args = 2,
    };
    int code;
    if (!options_parse(&line, argc, argv, &code)) {
        return code;
    }
    hone_error err;
    hone_sink out = standard_output(&common);
    code = read_use("evaluate", &given, &use);
    if (!code && hone_evaluate_file(line.args[0], line.args[1], &use, &out, &err)) {
        code = fail_with(&err);
    }
    options_release(&line);
    return code;
}
