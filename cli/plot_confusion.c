#include "common.h"
#include "numbers.h"
#include "plot.h"

static const char notes[] = "A row for each class, a column for each that was predicted.\n"
                            "\n"
                            "examples:\n"
                            "  hone plot confusion model.hone test.csv\n"
                            "  hone plot confusion model.hone test.csv --shares -o confusion.svg";

int plot_confusion(int argc, char **argv)
{
    static const char name[] = "plot confusion";
    common_options common = {0};
    table_arguments table = {0};
    picture_arguments given = {0};
    hone_picture picture;
    bool csv = false;
    hone_confusion_options how = HONE_CONFUSION_OPTIONS_INIT;
    const cli_option options[] = {
        {0, "shares", OPTION_FLAG, &how.shares, NULL, "shares of each class' rows, instead of counts"},
        PICTURE_OPTIONS(given),
        {0, "csv", OPTION_FLAG, &csv, NULL, "comma-separated, exact numbers"},
        TABLE_OPTIONS(table),
        OUTPUT_OPTIONS(common),
    };
    command_line line = {
        .name = name,
        .arguments = "[options] model.hone data.csv",
        .summary = "Which classes a saved model takes for which, on a data file that has the target.",
        .notes = notes,
        .options = options,
        .n_options = COUNT(options),
        .min_args = 2,
        .max_args = 2};
    int code;
    if (!options_parse(&line, argc, argv, &code)) {
        return code;
    }
    code = read_picture(name, &given, &picture) ? read_table(name, &table, &how.delimiter, &how.skip_rows)
                                                : EXIT_USAGE;
    hone_error err;
    hone_sink out = standard_output(&common);
    how.picture = &picture;
    if (!code &&
        hone_plot_confusion(line.args[0], line.args[1], &how, output_format(&common, csv), &out, &err)) {
        code = fail_with(&err);
    }
    options_release(&line);
    return code;
}
