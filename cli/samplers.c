#include "commands.h"
#include "components.h"

int command_samplers(int argc, char **argv)
{
    return show_components(HONE_SAMPLERS, "samplers", argc, argv);
}
