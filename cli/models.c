#include "commands.h"
#include "components.h"

int command_models(int argc, char **argv)
{
    return show_components(HONE_MODELS, "models", argc, argv);
}
