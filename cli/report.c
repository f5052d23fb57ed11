#include <stdio.h>
#include <stdlib.h>

#include "commands.h"
#include "common.h"
#include "numbers.h"

enum { MOST_STUDIES = 64, USUAL_TRIALS = 2000 };

static const char notes[] =
    "The page needs nothing but a browser: no network, no script to be read. It has a summary, the best\n"
    "trials, plots, a table of trials, where and how the study ran, and how to do it again. Several\n"
    "studies are compared. The file is replaced as a whole, if it is a page of HTML.\n"
    "\n"
    "examples:\n"
    "  hone report digits -o digits.html\n"
    "  hone report a b --title 'Two samplers' --note 'Same budget, same seed.'\n"
    "  hone report digits -o - | gzip > digits.html.gz";

typedef struct report_line {
    common_options common;
    hone_report_options how;
    const char *output;
    long long trials;
} report_line;

/* The studies of the arguments, with their storages. Returns an exit code; *n are to be closed in any case.
 */
static int open_all(const report_line *given, const command_line *line, hone_study **studies,
                    const char **storages, size_t *n)
{
    size_t wanted = line->n_args ? line->n_args : 1;
    int code = EXIT_OK;
    for (*n = 0; !code && *n < wanted; *n += !code) {
        char *name = NULL;
        hone_error err;
        code = resolve_study(&given->common, line->n_args ? line->args[*n] : NULL, &storages[*n], &name);
        if (!code && hone_study_open(storages[*n], name, NULL, &studies[*n], &err)) {
            code = fail_with(&err);
        }
        free(name);
    }
    return code;
}

static int write_report(const report_line *given, const command_line *line)
{
    hone_study *studies[MOST_STUDIES];
    const char *storages[MOST_STUDIES];
    size_t n = 0;
    hone_error err;
    hone_sink out = standard_output(&given->common);
    bool to_stdout = given->output[0] == '-' && !given->output[1];
    int code = open_all(given, line, studies, storages, &n);
    hone_report_options how = given->how;
    how.storages = storages;
    if (!code && hone_report(studies, n, &how, to_stdout ? NULL : given->output, &out, &err)) {
        code = fail_with(&err);
    }
    if (!code && !to_stdout && !given->common.quiet) {
        printf("%s: a report of %zu stud%s\n", given->output, n, n == 1 ? "y" : "ies");
    }
    for (size_t i = 0; i < n; i++) {
        hone_study_destroy(studies[i]);
    }
    return code;
}

int command_report(int argc, char **argv)
{
    report_line given = {.how = HONE_REPORT_OPTIONS_INIT, .output = "report.html", .trials = USUAL_TRIALS};
    const cli_option options[] = {
        {'o', "output", OPTION_TEXT, &given.output, "FILE",
         "where the page goes (default: report.html; -: standard output)"},
        {0, "title", OPTION_TEXT, &given.how.title, "TEXT", "its title (default: the studies' names)"},
        {0, "note", OPTION_TEXT, &given.how.note, "TEXT", "a paragraph below the title"},
        {0, "trials", OPTION_INT, &given.trials, "N",
         "so many in the table at most, then the best (default: 2000; 0: none)"},
        STUDY_OPTIONS(given.common),
        LOG_OPTIONS(given.common),
    };
    command_line line = {.name = "report",
                         .arguments = "[options] [STUDY | STORAGE]...",
                         .summary = "Writes what there is to say of a study as one page of HTML, to be sent.",
                         .notes = notes,
                         .options = options,
                         .n_options = COUNT(options),
                         .max_args = MOST_STUDIES};
    int code;
    if (!options_parse(&line, argc, argv, &code)) {
        return code;
    }
    given.how.limited = true;
    given.how.trials = given.trials;
    code =
        check_count("report", "trials", given.trials, 0, 1000000) ? write_report(&given, &line) : EXIT_USAGE;
    options_release(&line);
    return code;
}
