#include "commands.h"
#include "common.h"

int command_evaluate(int argc, char **argv)
{
    common_options common = {0};
    const char *metrics = NULL;
    bool report = false;
    const cli_option options[] = {
        {0, "metric", OPTION_TEXT, &metrics, "NAMES",
         "comma-separated (default: accuracy, or r2 of a regression)"},
        {0, "report", OPTION_FLAG, &report, NULL,
         "each class' precision, recall and F1; who was taken for whom"},
        {0, "json", OPTION_FLAG, &common.json, NULL, "output for machines"},
    };
    command_line line = {
        .name = "evaluate",
        .arguments = "[options] model.hone data.csv",
        .summary = "Scores a saved model on a data file that has the target.",
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
    if (hone_evaluate_file(line.args[0], line.args[1], metrics, report, common.json, &out, &err)) {
        code = fail_with(&err);
    }
    options_release(&line);
    return code;
}
