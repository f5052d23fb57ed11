#include <stdio.h>

#include "commands.h"
#include "common.h"

int command_version(int argc, char **argv)
{
    command_line line = {.name = "version",
                         .arguments = "",
                         .summary = "Prints the version of the program.",
                         .notes = "examples:\n  hone version\n  hone --version"};
    int code;
    if (!options_parse(&line, argc, argv, &code)) {
        return code;
    }
    printf("hone %s\n", hone_version());
    options_release(&line);
    return EXIT_OK;
}
