/* The program's hidden subcommands. */
#include "app/model_worker.h"
#include "base/log.h"
#include "hone/app.h"
#include "run/exec_shim.h"

int hone_worker_main(int argc, char **argv)
{
    hone_error err;
    (void)argc;
    (void)argv;
    hone_status status = hn_model_worker(&err);
    if (status) {
        hn_log(HN_LOG_ERROR, "worker: %s", err.message);
    }
    return status ? 1 : 0;
}

int hone_exec_main(int argc, char **argv)
{
    return hn_exec_shim(argc - 1, argv + 1);
}
