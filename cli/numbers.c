#include "numbers.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"

static char **made;
static size_t n_made;

bool protect_numbers(int argc, char **argv)
{
    double value;
    made = calloc((size_t)argc + 1, sizeof *made);
    for (int i = 1; made && i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (argv[i][0] == '-' && hone_read_number(argv[i], &value)) {
            size_t size = strlen(argv[i]) + 2;
            char *word = malloc(size);
            if (!word) {
                release_numbers();
                break;
            }
            word[0] = ' ';
            memcpy(word + 1, argv[i], size - 1);
            made[n_made++] = word;
            argv[i] = word;
        }
    }
    if (!made) {
        print_error("out of memory");
    }
    return made != NULL;
}

void release_numbers(void)
{
    for (size_t i = 0; i < n_made; i++) {
        free(made[i]);
    }
    free(made);
    made = NULL;
    n_made = 0;
}

bool read_number(const char *command, const char *argument, double *value)
{
    const char *text = argument + (argument[0] == ' ');
    if (!hone_read_number(text, value)) {
        print_error("%s: '%s' is no number", command, text);
        return false;
    }
    return true;
}

int read_table(const char *command, const table_arguments *given, char *delimiter, size_t *skip_rows)
{
    if (given->delimiter && strlen(given->delimiter) != 1) {
        print_error("%s: --delimiter is one character, found '%s'", command, given->delimiter);
        return EXIT_USAGE;
    }
    *delimiter = given->delimiter ? given->delimiter[0] : 0;
    *skip_rows = (size_t)given->skip_rows;
    return check_count(command, "skip-rows", given->skip_rows, 0, 1000000000) ? EXIT_OK : EXIT_USAGE;
}

int read_use(const char *command, const use_arguments *given, hone_use_options *options)
{
    options->has_threshold = given->threshold != NULL;
    if (given->threshold && !read_number(command, given->threshold, &options->threshold)) {
        return EXIT_USAGE;
    }
    return read_table(command, &given->table, &options->delimiter, &options->skip_rows);
}

bool read_trial_number(const char *command, const char *argument, long long *number)
{
    char *end;
    errno = 0;
    long long value = strtoll(argument, &end, 10);
    if (end == argument || *end || errno || value < 0) {
        print_error("%s: '%s' is no trial's number: they are 0, 1, 2 ...", command, argument);
        return false;
    }
    *number = value;
    return true;
}

bool check_count(const char *command, const char *option, long long value, long long low, long long high)
{
    if (value < low || value > high) {
        print_error("%s: --%s allows %lld to %lld, found %lld", command, option, low, high, value);
        return false;
    }
    return true;
}
