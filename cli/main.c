/* The program: finds the subcommand and runs it. */
#include <stdio.h>
#include <string.h>

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
    int code = command->run(argc - 1, argv + 1);
    return finish_output() || code ? code : EXIT_STORAGE;
}
