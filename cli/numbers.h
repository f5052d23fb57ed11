/* cli/numbers.h: numbers among the arguments of a command. */
#ifndef CLI_NUMBERS_H
#define CLI_NUMBERS_H

#include <stdbool.h>
#include <stddef.h>

#include <hone/app.h>

/* Makes words such as -0.5 and -inf arguments rather than options, by a blank before them. The words stay
 * valid until release_numbers. False when memory is out. */
bool protect_numbers(int argc, char **argv);
void release_numbers(void);
/* argument as a number, also one that was protected. False, with a message, when it is none. */
bool read_number(const char *command, const char *argument, double *value);
/* How a data file among the arguments is read. */
typedef struct table_arguments {
    const char *delimiter; /* NULL: not given */
    long long skip_rows;
} table_arguments;

#define TABLE_OPTIONS(given)                                                                                 \
    {0,           "delimiter",                                                                               \
     OPTION_TEXT, &(given).delimiter,                                                                        \
     "C",         "between the cells of data.csv (default: detected)"},                                      \
    {                                                                                                        \
        0, "skip-rows", OPTION_INT, &(given).skip_rows, "N", "lines of data.csv before the table begins"     \
    }

/* What `hone predict` and `hone evaluate` are told alike. */
typedef struct use_arguments {
    const char *threshold; /* NULL: not given */
    table_arguments table;
} use_arguments;

#define USE_OPTIONS(given)                                                                                   \
    {0,           "threshold",                                                                               \
     OPTION_TEXT, &(given).threshold,                                                                        \
     "P",         "the second of two classes from this probability on (default: the model's own)"},          \
        TABLE_OPTIONS((given).table)

/* The exit code, with a message when something is wrong. *delimiter 0: detected. */
int read_table(const char *command, const table_arguments *given, char *delimiter, size_t *skip_rows);
/* Into options; the exit code, with a message when something is wrong. */
int read_use(const char *command, const use_arguments *given, hone_use_options *options);
/* argument as a trial's number. False, with a message. */
bool read_trial_number(const char *command, const char *argument, long long *number);
/* False, with a message, unless low <= value <= high. */
bool check_count(const char *command, const char *option, long long value, long long low, long long high);

#endif
