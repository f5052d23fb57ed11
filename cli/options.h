/* cli/options.h: what a subcommand accepts, as one table: it drives parsing, the messages about mistakes and
 * `--help`.
 *
 *     bool all = false;
 *     const cli_option options[] = {{'a', "all", OPTION_FLAG, &all, NULL, "every trial"}};
 *     command_line line = {.name = "trials", .arguments = "[study]", .summary = "...", .options = options,
 *                          .n_options = COUNT(options), .max_args = 1};
 *     int code;
 *     if (!options_parse(&line, argc, argv, &code)) return code;
 *
 * Accepted: --name value, --name=value, -n value, -nvalue, -abc (flags), options and arguments in any order,
 * `--` ends the options. -h and --help are there in every command.
 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

typedef enum option_kind {
    OPTION_FLAG,  /* target: bool, becomes true */
    OPTION_COUNT, /* target: int, counts how often it was given */
    OPTION_TEXT,  /* target: const char *; given twice the last one counts */
    OPTION_INT,   /* target: long long */
    OPTION_LIST,  /* target: text_list; may be given several times */
} option_kind;

/* What an OPTION_LIST collects. Its items are freed with text_list_free, the texts belong to argv. */
typedef struct text_list {
    const char **items;
    size_t count;
} text_list;

/* NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding): in the order a table is read in. */
typedef struct cli_option {
    char letter; /* 0: it has none */
    const char *name;
    option_kind kind;
    void *target;
    const char *argument; /* what the help calls its value; NULL for flags and counts */
    const char *help;
} cli_option;

typedef struct command_line {
    const char *name;
    const char *arguments; /* for the usage line: "[options] study.yaml" without the command */
    const char *summary;
    const char *notes; /* printed after the options; NULL = none */
    const cli_option *options;
    size_t n_options;
    size_t min_args, max_args;
    bool takes_rest; /* whatever follows `--` goes to rest; otherwise it is more arguments */

    /* Set by options_parse; args is freed with options_release, everything else belongs to argv. */
    const char **args;
    size_t n_args;
    char **rest; /* NULL-terminated as in argv; NULL without `--` */
    size_t n_rest;
} command_line;

/* False when the command ends here: help was printed (*code 0) or the line is wrong (*code EXIT_USAGE, a
 * message and the usage on stderr). argv[0] is the command's name. */
bool options_parse(command_line *line, int argc, char **argv, int *code);
void options_release(command_line *line);
void text_list_free(text_list *list);

#endif
