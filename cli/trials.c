#include "commands.h"
#include "common.h"

static const char notes[] =
    "--filter is a condition over the parameters, the goals' metrics, number, value, state and duration\n"
    "(seconds), joined by and, or, not. --sort value puts the best first; a '-' before the name reverses.\n"
    "\n"
    "examples:\n"
    "  hone trials --sort value --limit 10\n"
    "  hone trials --filter 'lr < 0.01 and state == complete' --csv";

int command_trials(int argc, char **argv)
{
    common_options common = {0};
    hone_trial_query query = {0};
    long long limit = 0, offset = 0;
    bool csv = false;
    const cli_option options[] = {
        {0, "state", OPTION_TEXT, &query.state, "STATES",
         "only these: complete,pruned,failed,running,waiting"},
        {'f', "filter", OPTION_TEXT, &query.filter, "CONDITION", "only those that meet it"},
        {0, "sort", OPTION_TEXT, &query.sort, "KEY", "number, value, duration, a parameter or metric"},
        {0, "limit", OPTION_INT, &limit, "COUNT", "at most so many"},
        {0, "offset", OPTION_INT, &offset, "COUNT", "without the first so many"},
        {0, "csv", OPTION_FLAG, &csv, NULL, "comma-separated, exact numbers"},
        {0, "workers", OPTION_FLAG, &query.workers, NULL, "also who ran each: machine, process, job"},
        STUDY_OPTIONS(common),
        OUTPUT_OPTIONS(common),
    };
    command_line line = {.name = "trials",
                         .arguments = "[options] [STUDY | STORAGE]",
                         .summary = "Every trial of a study.",
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
    query.limit = limit;
    query.offset = offset;
    code = open_study(&common, line.n_args ? line.args[0] : NULL, &study);
    hone_format format = output_format(&common, csv);
    if (!code && hone_show_trials(study, &query, format, &out, &err)) {
        code = fail_with(&err);
    }
    hone_study_destroy(study);
    options_release(&line);
    return code;
}
