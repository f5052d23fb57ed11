/* The program's hidden subcommands. */
#include <string.h>

#include "app/model_worker.h"
#include "base/log.h"
#include "base/os_output.h"
#include "hone/app.h"
#include "run/exec_shim.h"

/* Standard error is the trial's log. */
static void log_to_errors(void *user, hn_log_level level, const char *message)
{
    enum { ERRORS = 2 };
    (void)user;
    (void)level;
    hn_descriptor_write(ERRORS, message, strlen(message), "standard error", NULL);
    hn_descriptor_write(ERRORS, "\n", 1, "standard error", NULL);
}

int hone_worker_main(int argc, char **argv)
{
    hone_error err;
    (void)argc;
    (void)argv;
    hn_log_set(log_to_errors, NULL, HN_LOG_INFO);
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
