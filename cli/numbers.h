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
/* --threshold (NULL: not given) into options; the exit code, with a message when it is no number. */
int read_threshold(const char *command, const char *argument, hone_use_options *options);
/* argument as a trial's number. False, with a message. */
bool read_trial_number(const char *command, const char *argument, long long *number);
/* False, with a message, unless low <= value <= high. */
bool check_count(const char *command, const char *option, long long value, long long low, long long high);

#endif
