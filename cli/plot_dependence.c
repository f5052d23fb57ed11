#include "common.h"
#include "numbers.h"
#include "plot.h"

static const char notes[] =
    "Every row gets the same value in the column, the predictions are averaged, value after value. --ice N\n"
    "also draws the curves of N single rows. Of two classes the second one's probability is shown.\n"
    "\n"
    "examples:\n"
    "  hone plot partial-dependence model.hone train.csv --column age\n"
    "  hone plot partial-dependence model.hone train.csv --column age --column sex\n"
    "  hone plot partial-dependence model.hone train.csv --column age --ice 50 --csv";

typedef struct dependence_line {
    picture_arguments picture;
    common_options common;
    text_list columns;
    table_arguments table;
    long long grid, rows, individual, seed, threads;
    bool csv;
} dependence_line;

static int show(const dependence_line *given, const command_line *line, hone_dependence_options *how)
{
    static const char name[] = "plot partial-dependence";
    hone_error err;
    hone_picture picture;
    if (!read_picture(name, &given->picture, &picture)) {
        return EXIT_USAGE;
    }
    if (!given->columns.count || given->columns.count > 2) {
        print_error("%s: --column is wanted once or twice, found %zu times", name, given->columns.count);
        return EXIT_USAGE;
    }
    if (!check_count(name, "grid", given->grid, 0, 1000000) ||
        !check_count(name, "rows", given->rows, 0, 1000000000) ||
        !check_count(name, "ice", given->individual, 0, 1000000000) ||
        !check_count(name, "workers", given->threads, 0, 1024) ||
        read_table(name, &given->table, &how->delimiter, &how->skip_rows) != EXIT_OK) {
        return EXIT_USAGE;
    }
    how->picture = &picture;
    how->column = given->columns.items[0];
    how->second = given->columns.count > 1 ? given->columns.items[1] : NULL;
    how->grid = (size_t)given->grid;
    how->max_rows = (size_t)given->rows;
    how->individual = (size_t)given->individual;
    how->seed = (uint64_t)given->seed;
    how->threads = (int)given->threads;
    hone_sink out = standard_output(&given->common);
    hone_format format = output_format(&given->common, given->csv);
    return hone_plot_dependence(line->args[0], line->args[1], how, format, &out, &err) ? fail_with(&err)
                                                                                       : EXIT_OK;
}

int plot_partial_dependence(int argc, char **argv)
{
    dependence_line given = {.rows = 1000};
    hone_dependence_options how = HONE_DEPENDENCE_OPTIONS_INIT;
    const cli_option options[] = {
        {'c', "column", OPTION_LIST, &given.columns, "NAME", "the column; given twice: both together"},
        {0, "class", OPTION_TEXT, &how.class_name, "NAME", "whose probability (default: see below)"},
        {0, "grid", OPTION_INT, &given.grid, "N",
         "values of a column of numbers (default: 20; of two columns 10)"},
        {0, "rows", OPTION_INT, &given.rows, "N", "average over so many rows, drawn (default: 1000; 0: all)"},
        {0, "ice", OPTION_INT, &given.individual, "N", "also so many single rows' curves"},
        {0, "seed", OPTION_INT, &given.seed, "N", "of the rows drawn (default: 0)"},
        {'j', "workers", OPTION_INT, &given.threads, "N", "threads (default: one a core)"},
        PICTURE_OPTIONS(given.picture),
        {0, "csv", OPTION_FLAG, &given.csv, NULL, "comma-separated, exact numbers"},
        TABLE_OPTIONS(given.table),
        OUTPUT_OPTIONS(given.common),
    };
    command_line line = {.name = "plot partial-dependence",
                         .arguments = "[options] model.hone data.csv --column NAME",
                         .summary = "How a saved model's prediction depends on one or two columns.",
                         .notes = notes,
                         .options = options,
                         .n_options = COUNT(options),
                         .min_args = 2,
                         .max_args = 2};
    int code;
    if (!options_parse(&line, argc, argv, &code)) {
        return code;
    }
    code = show(&given, &line, &how);
    text_list_free(&given.columns);
    options_release(&line);
    return code;
}
