/* Parsing by table, and the help made from the same table. */
#include "options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"

static const cli_option help_option = {'h', "help", OPTION_FLAG, NULL, NULL, "this text"};

static bool takes_value(const cli_option *option)
{
    return option->kind != OPTION_FLAG && option->kind != OPTION_COUNT;
}

/* --- help --- */

static void print_usage(FILE *out, const command_line *line)
{
    fprintf(out, "usage: hone %s%s%s\n", line->name, line->arguments[0] ? " " : "", line->arguments);
}

static int option_heading(char *text, size_t size, const cli_option *option)
{
    char letter[] = {'-', option->letter, ',', ' ', '\0'};
    return snprintf(text, size, "%s--%s%s%s", option->letter ? letter : "    ", option->name,
                    takes_value(option) ? " " : "", takes_value(option) ? option->argument : "");
}

static void print_option(const cli_option *option, int width)
{
    char heading[80];
    option_heading(heading, sizeof heading, option);
    printf("  %-*s  %s\n", width, heading, option->help);
}

static void print_help(const command_line *line)
{
    char heading[80];
    int width = 0;
    for (size_t i = 0; i < line->n_options; i++) {
        int length = option_heading(heading, sizeof heading, &line->options[i]);
        width = length > width ? length : width;
    }
    print_usage(stdout, line);
    printf("\n%s\n\noptions:\n", line->summary);
    for (size_t i = 0; i < line->n_options; i++) {
        print_option(&line->options[i], width);
    }
    print_option(&help_option, width);
    if (line->notes) {
        printf("\n%s\n", line->notes);
    }
}

/* --- mistakes --- */

static int wrong_line(const command_line *line)
{
    print_usage(stderr, line);
    fprintf(stderr, "       hone %s --help\n", line->name);
    return EXIT_USAGE;
}

static int unknown_option(const command_line *line, const char *given)
{
    const char **names = calloc(line->n_options + 1, sizeof *names);
    for (size_t i = 0; names && i < line->n_options; i++) {
        names[i] = line->options[i].name;
    }
    if (names) {
        names[line->n_options] = help_option.name;
    }
    const char *near =
        names && !strncmp(given, "--", 2) ? hone_nearest_name(given + 2, names, line->n_options + 1) : NULL;
    if (near) {
        print_error("%s: unknown option '%s' (did you mean '--%s'?)", line->name, given, near);
    } else {
        print_error("%s: unknown option '%s'", line->name, given);
    }
    free(names);
    return wrong_line(line);
}

static int check_arguments(const command_line *line)
{
    if (line->n_args >= line->min_args && line->n_args <= line->max_args) {
        return EXIT_OK;
    }
    if (line->n_args > line->max_args) {
        print_error("%s: unexpected argument '%s'", line->name, line->args[line->max_args]);
    } else {
        print_error("%s: an argument is missing", line->name);
    }
    return wrong_line(line);
}

/* --- parsing --- */

static const cli_option *find_long(const command_line *line, const char *name, size_t size)
{
    for (size_t i = 0; i < line->n_options; i++) {
        if (strlen(line->options[i].name) == size && !memcmp(line->options[i].name, name, size)) {
            return &line->options[i];
        }
    }
    return size == 4 && !memcmp(name, "help", 4) ? &help_option : NULL;
}

static const cli_option *find_letter(const command_line *line, char letter)
{
    for (size_t i = 0; i < line->n_options; i++) {
        if (line->options[i].letter == letter) {
            return &line->options[i];
        }
    }
    return letter == 'h' ? &help_option : NULL;
}

static bool append(text_list *list, const char *text)
{
    const char **items = realloc(list->items, (list->count + 1) * sizeof *items);
    if (!items) {
        return false;
    }
    list->items = items;
    list->items[list->count++] = text;
    return true;
}

static int store(const command_line *line, const cli_option *option, const char *given, const char *value)
{
    char *end;
    switch (option->kind) {
    case OPTION_FLAG: *(bool *)option->target = true; return EXIT_OK;
    case OPTION_COUNT: ++*(int *)option->target; return EXIT_OK;
    case OPTION_TEXT: *(const char **)option->target = value; return EXIT_OK;
    case OPTION_LIST:
        if (!append(option->target, value)) {
            print_error("out of memory");
            return EXIT_FAILED;
        }
        return EXIT_OK;
    case OPTION_INT: break;
    }
    errno = 0;
    long long number = strtoll(value, &end, 10);
    if (end == value || *end || errno) {
        print_error("%s: %s needs an integer, found '%s'", line->name, given, value);
        return wrong_line(line);
    }
    *(long long *)option->target = number;
    return EXIT_OK;
}

/* One step over argv. */
typedef struct cursor {
    command_line *line;
    int argc, next;
    char **argv;
    bool help;
} cursor;

static int take_value(cursor *at, const cli_option *option, const char *given, const char *attached)
{
    const char *value = attached;
    if (takes_value(option) && !value) {
        if (at->next >= at->argc) {
            print_error("%s: %s needs a value (%s)", at->line->name, given, option->argument);
            return wrong_line(at->line);
        }
        value = at->argv[at->next++];
    }
    return store(at->line, option, given, value);
}

static int take_long(cursor *at, char *word)
{
    const char *equals = strchr(word, '=');
    size_t size = equals ? (size_t)(equals - word) : strlen(word);
    const cli_option *option = find_long(at->line, word + 2, size - 2);
    if (!option) {
        if (equals) {
            word[size] = '\0';
        }
        return unknown_option(at->line, word);
    }
    if (equals && !takes_value(option)) {
        print_error("%s: --%s takes no value", at->line->name, option->name);
        return wrong_line(at->line);
    }
    if (option == &help_option) {
        at->help = true;
        return EXIT_OK;
    }
    return take_value(at, option, word, equals ? equals + 1 : NULL);
}

static int take_letters(cursor *at, char *word)
{
    for (char *letter = word + 1; *letter; letter++) {
        char given[] = {'-', *letter, '\0'};
        const cli_option *option = find_letter(at->line, *letter);
        if (!option) {
            return unknown_option(at->line, given);
        }
        if (option == &help_option) {
            at->help = true;
            continue;
        }
        int code = take_value(at, option, given, takes_value(option) && letter[1] ? letter + 1 : NULL);
        if (code || takes_value(option)) {
            return code;
        }
    }
    return EXIT_OK;
}

static int take_all(cursor *at)
{
    command_line *line = at->line;
    bool ended = false;
    int code = EXIT_OK;
    while (!code && at->next < at->argc) {
        char *word = at->argv[at->next++];
        if (!ended && !strcmp(word, "--")) {
            ended = true;
            if (line->takes_rest) {
                line->rest = at->argv + at->next;
                line->n_rest = (size_t)(at->argc - at->next);
                break;
            }
        } else if (!ended && !strncmp(word, "--", 2)) {
            code = take_long(at, word);
        } else if (!ended && word[0] == '-' && word[1]) {
            code = take_letters(at, word);
        } else {
            line->args[line->n_args++] = word;
        }
    }
    return code;
}

bool options_parse(command_line *line, int argc, char **argv, int *code)
{
    cursor at = {.line = line, .argc = argc, .argv = argv, .next = 1};
    line->args = calloc((size_t)argc + 1, sizeof *line->args);
    if (!line->args) {
        print_error("out of memory");
        *code = EXIT_FAILED;
        return false;
    }
    *code = take_all(&at);
    if (!*code && at.help) {
        print_help(line);
    } else if (!*code) {
        *code = check_arguments(line);
    }
    if (*code || at.help) {
        options_release(line);
        return false;
    }
    return true;
}

void options_release(command_line *line)
{
    free(line->args);
    line->args = NULL;
    line->n_args = 0;
}

void text_list_free(text_list *list)
{
    free(list->items);
    *list = (text_list){0};
}
