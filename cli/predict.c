#include "commands.h"
#include "common.h"

int command_predict(int argc, char **argv)
{
    common_options common = {0};
    const char *output = NULL;
    bool probabilities = false;
    const cli_option options[] = {
        {'o', "output", OPTION_TEXT, &output, "FILE", "where the predictions go (default: standard output)"},
        {0, "proba", OPTION_FLAG, &probabilities, NULL, "also the probability of each class"},
    };
    command_line line = {
        .name = "predict",
        .arguments = "[options] model.hone data.csv",
        .summary = "Applies a saved model to a data file: one prediction a line, as CSV.",
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
    if (hone_predict_file(line.args[0], line.args[1], output, probabilities, &out, &err)) {
        code = fail_with(&err);
    }
    options_release(&line);
    return code;
}
