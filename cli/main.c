/* The program: finds the subcommand and runs it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <hone/hone.h>

#include "commands.h"
#include "common.h"

#define COMMAND_ENTRY(name, text, help) {text, command_##name, help},
const cli_command commands[] = {COMMAND_LIST(COMMAND_ENTRY){0}};
#undef COMMAND_ENTRY

const cli_command *find_command(const char *name)
{
    for (const cli_command *command = commands; command->name; command++) {
        if (!strcmp(command->name, name)) {
            return command;
        }
    }
    return NULL;
}

int unknown_command(const char *name)
{
    const char *names[COUNT(commands)];
    size_t n = 0;
    for (const cli_command *command = commands; command->name; command++) {
        if (command->help) {
            names[n++] = command->name;
        }
    }
    const char *near = hone_nearest_name(name, names, n);
    if (near) {
        print_error("no command '%s' (did you mean '%s'?)", name, near);
    } else {
        print_error("no command '%s'; hone help lists them", name);
    }
    return EXIT_USAGE;
}

/* What others must not see in the list of processes, a password in a URL, is overwritten there; argv then
 * points to copies. Returns those, to be freed with the array; NULL when memory is out. */
static char **take_secrets(int argc, char **argv)
{
    char **copies = calloc((size_t)argc + 1, sizeof *copies);
    for (int i = 0; copies && i < argc; i++) {
        char *shown = hone_url_shown(argv[i]);
        if (shown && strcmp(shown, argv[i]) != 0 && (copies[i] = strdup(argv[i]))) {
            size_t size = strlen(argv[i]);
            memset(argv[i], 0, size);
            snprintf(argv[i], size + 1, "%s", shown);
            argv[i] = copies[i];
        }
        hone_free(shown);
    }
    return copies;
}

static void free_secrets(int argc, char **copies)
{
    for (int i = 0; i < argc; i++) {
        free(copies[i]);
    }
    free((void *)copies);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        char help_name[] = "help", *help[] = {help_name, NULL};
        return command_help(1, help);
    }
    const char *name = argv[1];
    if (!strcmp(name, "--help") || !strcmp(name, "-h")) {
        name = "help";
    } else if (!strcmp(name, "--version")) {
        name = "version";
    }
    const cli_command *command = find_command(name);
    if (!command) {
        return unknown_command(argv[1]);
    }
    char **copies = take_secrets(argc, argv);
    if (!copies) {
        print_error("out of memory");
        return EXIT_FAILED;
    }
    int code = command->run(argc - 1, argv + 1);
    free_secrets(argc, copies);
    return finish_output() || code ? code : EXIT_STORAGE;
}
