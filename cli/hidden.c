/* Subcommands that hone starts itself: workers of built-in models, and what a trial's process passes
 * through. */
#include "commands.h"

#include <hone/app.h>

int command_worker_process(int argc, char **argv)
{
    return hone_worker_main(argc, argv);
}

int command_exec(int argc, char **argv)
{
    return hone_exec_main(argc, argv);
}
