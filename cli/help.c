#include <stdio.h>

#include "commands.h"
#include "common.h"

static int list_commands(void)
{
    puts("hone finds good hyperparameters.\n\nusage: hone <command> [options]\n");
    for (const cli_command *command = commands; command->name; command++) {
        if (command->help) {
            printf("  %-10s  %s\n", command->name, command->help);
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
    command_line line = {.name = "help",
                         .arguments = "[COMMAND]",
                         .summary = "The commands, or the help of one.",
                         .notes = "examples:\n  hone help\n  hone help tune",
                         .max_args = 1};
    int code;
    if (!options_parse(&line, argc, argv, &code)) {
        return code;
    }
    const cli_command *command = line.n_args ? find_command(line.args[0]) : NULL;
    if (!line.n_args) {
        code = list_commands();
    } else if (!command || !command->help) {
        code = unknown_command(line.args[0]);
    } else {
        char option[] = "--help", *arguments[] = {(char *)command->name, option, NULL};
        code = command->run(2, arguments);
    }
    options_release(&line);
    return code;
}
