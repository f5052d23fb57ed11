#include "commands.h"
#include "common.h"
#include "numbers.h"

static const char notes[] =
    "The rows of a column are shuffled, and the model is scored again: what the score loses is the column's\n"
    "importance, with its deviation over the repeats. On data that the model was not fitted to it says what\n"
    "the model's success rests on; on its training data what it has learnt, right or wrong.\n"
    "\n"
    "examples:\n"
    "  hone importance model.hone test.csv\n"
    "  hone importance model.hone test.csv --metric roc_auc --repeats 20 --csv";

int command_importance(int argc, char **argv)
{
    common_options common = {0};
    long long repeats = 5, seed = 0, threads = 0;
    bool csv = false;
    table_arguments table = {0};
    hone_importance_options how = HONE_IMPORTANCE_OPTIONS_INIT;
    const cli_option options[] = {
        {0, "metric", OPTION_TEXT, &how.metric, "NAME", "what is lost (default: accuracy, or r2)"},
        {0, "study-file", OPTION_TEXT, &how.study_file, "FILE",
         "whose metrics by programs --metric may name"},
        {0, "repeats", OPTION_INT, &repeats, "N", "shuffles of each column (default: 5)"},
        {0, "seed", OPTION_INT, &seed, "N", "of the shuffles (default: 0)"},
        {'j', "workers", OPTION_INT, &threads, "N", "threads (default: one a core); the values are the same"},
        {0, "csv", OPTION_FLAG, &csv, NULL, "comma-separated, exact numbers"},
        TABLE_OPTIONS(table),
        OUTPUT_OPTIONS(common),
    };
    command_line line = {.name = "importance",
                         .arguments = "[options] model.hone data.csv",
                         .summary = "Which columns of a data file a saved model's score depends on.",
                         .notes = notes,
                         .options = options,
                         .n_options = COUNT(options),
                         .min_args = 2,
                         .max_args = 2};
    int code;
    if (!options_parse(&line, argc, argv, &code)) {
        return code;
    }
    hone_error err;
    hone_sink out = standard_output(&common);
    hone_format format = output_format(&common, csv);
    if (check_count("importance", "repeats", repeats, 1, 1000000) &&
        check_count("importance", "workers", threads, 0, 1024) &&
        read_table("importance", &table, &how.delimiter, &how.skip_rows) == EXIT_OK) {
        how.repeats = (size_t)repeats;
        how.seed = (uint64_t)seed;
        how.threads = (int)threads;
        code = hone_show_importance(line.args[0], line.args[1], &how, format, &out, &err) ? fail_with(&err)
                                                                                          : EXIT_OK;
    } else {
        code = EXIT_USAGE;
    }
    options_release(&line);
    return code;
}
