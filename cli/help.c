#include <stdio.h>

#include "commands.h"
#include "common.h"

static int list_commands(void)
{
    puts("hone finds good hyperparameters.\n\nusage: hone <command> [options]\n");
    for (const cli_command *command = commands; command->name; command++) {
        if (command->help) {
            printf("  %-10s %s\n", command->name, command->help);
        }
    }
    puts(
        "\n`hone <command> --help` says more.\n\n"
        "Exit status: 0 done; 1 the program or model being tuned failed too often, or something unforeseen;\n"
        "2 a wrong option, study file, data file or value; 3 no such study, trial or file; 4 the storage or a\n"
        "file cannot be used; 130 interrupted (what was told is kept).");
    return EXIT_OK;
}

int command_help(int argc, char **argv)
{
    if (argc < 2) {
        return list_commands();
    }
    const cli_command *command = find_command(argv[1]);
    if (!command || !command->help) {
        return unknown_command(argv[1]);
    }
    char option[] = "--help", *arguments[] = {argv[1], option, NULL};
    return command->run(2, arguments);
}
