/* cli/common.h: what the subcommands share: exit codes, messages, where output goes, which study is meant. */
#ifndef CLI_COMMON_H
#define CLI_COMMON_H

#include <hone/app.h>

#include "options.h"

/* What the program answers to the shell; printed by `hone help`. */
enum {
    EXIT_OK = 0,
    EXIT_FAILED = 1,        /* the user's program or model failed too often, or anything not listed here */
    EXIT_USAGE = 2,         /* a wrong option, study file, data file or value */
    EXIT_NOT_FOUND = 3,     /* no such study, trial, file, column */
    EXIT_STORAGE = 4,       /* the storage or a file cannot be used */
    EXIT_INTERRUPTED = 130, /* Ctrl-C; what was told is kept */
};

/* Options that several commands have. Put OUTPUT_OPTIONS (or LOG_OPTIONS) and STUDY_OPTIONS into the
 * command's table. */
typedef struct common_options {
    bool json;
    int verbose;
    bool quiet;
    bool no_color;
    const char *storage; /* NULL: $HONE_STORAGE, else sqlite:///hone.db */
    const char *study;   /* NULL: $HONE_STUDY, else the only study of the storage */
} common_options;

/* For commands without a result to show. */
#define LOG_OPTIONS(common)                                                                                  \
    {'v', "verbose", OPTION_COUNT, &(common).verbose, NULL, "say more; -vv also what the library does"},     \
    {                                                                                                        \
        'q', "quiet", OPTION_FLAG, &(common).quiet, NULL, "only results and errors"                          \
    }

#define OUTPUT_OPTIONS(common)                                                                               \
    {0, "json", OPTION_FLAG, &(common).json, NULL, "output for machines"},                                   \
        {'v', "verbose", OPTION_COUNT, &(common).verbose, NULL, "say more; -vv also what the library does"}, \
        {'q', "quiet", OPTION_FLAG, &(common).quiet, NULL, "only results and errors"},                       \
    {                                                                                                        \
        0, "no-color", OPTION_FLAG, &(common).no_color, NULL, "plain text (also by the variable NO_COLOR)"   \
    }

#define STUDY_OPTIONS(common)                                                                                \
    {'s', "storage", OPTION_TEXT, &(common).storage, "URL", "storage (default: sqlite:///hone.db)"},         \
    {                                                                                                        \
        0, "study", OPTION_TEXT, &(common).study, "NAME", "study (default: the only one there)"              \
    }

/* "hone: message" on stderr. */
void print_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The same for an error of the library; returns the exit code that its status means. */
int fail_with(const hone_error *err);
int exit_code(hone_status status);

/* Standard output: terminal or not, colours ($NO_COLOR, --no-color, TERM=dumb), width ($COLUMNS or the
 * terminal's). The library's log goes to stderr from now on: warnings always, more with -vv, none with -q. */
hone_sink standard_output(const common_options *common);
/* As standard_output for standard error: progress beside a --json or result on stdout. */
hone_sink standard_error(const common_options *common);
/* What a command with --json, and perhaps --csv, writes. */
hone_format output_format(const common_options *common, bool csv);
/* After the last write: false, with a message, when stdout could not take everything (a full disk). A closed
 * pipe is no error. */
bool finish_output(void);

/* Storage and study that the options, the environment and the argument (may be NULL) mean. An argument that
 * looks like a storage (it has "://", begins with "memory:", or ends in .db, .sqlite, .sqlite3) names the
 * storage, another one the study. A study that is not named is the only one of the storage: several are an
 * error that lists them. *study is malloc'ed; 0, or an exit code after a message. */
int resolve_study(const common_options *common, const char *argument, const char **storage, char **study);
/* resolve_study and opening it as it was defined. */
int open_study(const common_options *common, const char *argument, hone_study **study);
/* The storage of the options or the environment. */
const char *resolve_storage(const common_options *common);

#endif
