#include "commands.h"
#include "common.h"

static const char notes[] =
    "Of several goals: all trials that no other beats in every goal (the Pareto front).\n"
    "\n"
    "examples:\n"
    "  hone best\n"
    "  hone best -n 3 --json";

int command_best(int argc, char **argv)
{
    common_options common = {0};
    long long n = 1;
    bool csv = false, schedule = false;
    const cli_option options[] = {
        {'n', "number", OPTION_INT, &n, "COUNT", "how many (default: 1)"},
        {0, "csv", OPTION_FLAG, &csv, NULL, "comma-separated"},
        {0, "schedule", OPTION_FLAG, &schedule, NULL,
         "its parameters over the steps, as pbt found them (JSON)"},
        STUDY_OPTIONS(common),
        OUTPUT_OPTIONS(common),
    };
    command_line line = {.name = "best",
                         .arguments = "[options] [STUDY | STORAGE]",
                         .summary = "The best trial: its values and parameters.",
                         .notes = notes,
                         .options = options,
                         .n_options = COUNT(options),
                         .max_args = 1};
    int code;
    if (!options_parse(&line, argc, argv, &code)) {
        return code;
    }
    hone_study *study = NULL;
    hone_error err;
    hone_sink out = standard_output(&common);
    if (n < 1) {
        print_error("best: -n needs 1 or more, found %lld", n);
        code = EXIT_USAGE;
    } else {
        code = open_study(&common, line.n_args ? line.args[0] : NULL, &study);
    }
    hone_format format = output_format(&common, csv);
    if (!code && (schedule ? hone_show_schedule(study, &out, &err)
                           : hone_show_best(study, (size_t)n, format, &out, &err))) {
        code = fail_with(&err);
    }
    hone_study_destroy(study);
    options_release(&line);
    return code;
}
