/* cli/components.h: what `hone samplers`, `hone pruners` and `hone models` have in common. */
#ifndef CLI_COMPONENTS_H
#define CLI_COMPONENTS_H

#include "common.h"

/* The whole command. */
int show_components(hone_component kind, const char *name, int argc, char **argv);

#endif
