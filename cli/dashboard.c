#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "commands.h"
#include "common.h"
#include "server_options.h"

static const char notes[] =
    "Shows every study of the storage, Optuna's too: plots, the table of trials, single trials with their logs,\n"
    "trials and studies compared. What is told meanwhile appears by itself. Keys: ? on any page lists them.\n"
    "\n"
    "It only reads, unless --allow-edit: then a study's note can be written. Listening beyond this machine needs a\n"
    "token (--new-token, --token-file, or the variable HONE_TOKEN), which the page asks for; docs/http.md says how\n"
    "to put a proxy with TLS in front. Ends with Ctrl-C or SIGTERM.\n"
    "\n"
    "examples:\n"
    "  hone dashboard\n"
    "  hone dashboard sqlite:///optuna.db --listen 127.0.0.1:9000\n"
    "  hone dashboard --listen 0.0.0.0:8766 --new-token tokens.txt";

static hone_dashboard *showing; /* for the signal handler */

static void stop(int signal)
{
    (void)signal;
    hone_dashboard_stop(showing);
}

/* A new token is in the address: behind "#" a browser keeps it to itself. */
static void say_where(const hone_http_config *config)
{
    const char *token = hone_dashboard_token(showing);
    printf("dashboard at %s/%s%s\n", hone_dashboard_url(showing), token ? "#token=" : "", token ? token : "");
    if (token) {
        printf("its token will not be shown again; the hash is in %s\n", config->new_token);
    }
    fflush(stdout);
}

static int show(const hone_http_config *config, bool allow_edit)
{
    hone_error err;
    mallopt(M_ARENA_MAX, 1); /* else each thread keeps what its largest request took */
    if (hone_dashboard_create(config, allow_edit, &showing, &err)) {
        return fail_with(&err);
    }
    struct sigaction action = {.sa_handler = stop, .sa_flags = SA_RESTART};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    say_where(config);
    int code = hone_dashboard_run(showing, &err) ? fail_with(&err) : EXIT_OK;
    action.sa_handler = SIG_IGN; /* it is ending */
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    hone_dashboard_destroy(showing);
    return code;
}

int command_dashboard(int argc, char **argv)
{
    common_options common = {0};
    hone_http_config config = {0};
    text_list hosts = {0};
    bool allow_edit = false;
    const cli_option options[] = {
        {'s', "storage", OPTION_TEXT, &common.storage, "URL", "what to show (default: sqlite:///hone.db)"},
        {0, "allow-edit", OPTION_FLAG, &allow_edit, NULL, "let the pages change things: notes"},
        SERVER_OPTIONS(config, hosts, "127.0.0.1:8766"),
        {0, "threads", OPTION_TEXT, &config.threads, "N", "requests that are answered at once (default: 8)"},
        LOG_OPTIONS(common),
    };
    command_line line = {.name = "dashboard",
                         .arguments = "[options] [STORAGE]",
                         .summary = "Shows the studies of a storage as live pages for a browser.",
                         .notes = notes,
                         .options = options,
                         .n_options = COUNT(options),
                         .max_args = 1};
    int code;
    if (!options_parse(&line, argc, argv, &code)) {
        text_list_free(&hosts);
        return code;
    }
    if (line.n_args) {
        common.storage = line.args[0];
    }
    config.storage = resolve_storage(&common);
    config.token = getenv("HONE_TOKEN");
    config.hosts = hosts.items;
    config.n_hosts = hosts.count;
    standard_error(&common); /* the library's warnings */
    code = show(&config, allow_edit);
    text_list_free(&hosts);
    options_release(&line);
    return code;
}
