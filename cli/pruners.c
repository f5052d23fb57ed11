#include "commands.h"
#include "components.h"

int command_pruners(int argc, char **argv)
{
    return show_components(HONE_PRUNERS, "pruners", argc, argv);
}
