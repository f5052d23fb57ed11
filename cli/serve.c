#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "common.h"
#include "server_options.h"

static const char notes[] =
    "--stdio: each line of standard input is a request, a JSON object such as {\"op\":\"ask\",\"study\":\"s\"}; each\n"
    "line of standard output its answer. docs/protocol.md describes the operations. A request that fails is\n"
    "answered with {\"ok\":false,...} and the stream goes on. Ends with its input.\n"
    "\n"
    "--http: the same requests as bodies of POST /v1/<op>, from many clients at once; /v1/openapi.json describes\n"
    "them, docs/http.md how to serve other machines. A client shows a token, when there is one, as\n"
    "Authorization: Bearer TOKEN. The variable HONE_TOKEN gives one's own. Ends with Ctrl-C or SIGTERM, when what\n"
    "was asked is answered.\n"
    "\n"
    "examples:\n"
    "  echo '{\"op\":\"studies\"}' | hone serve --stdio\n"
    "  hone serve --http --storage memory:\n"
    "  curl --json '{}' http://127.0.0.1:8765/v1/studies\n"
    "  hone serve --http --listen 0.0.0.0:8765 --new-token tokens.txt";

/* --- stdio --- */

static int serve_lines(hone_protocol *protocol, const hone_sink *out)
{
    static char piece[1 << 16];
    hone_error err;
    for (;;) {
        ssize_t size = read(STDIN_FILENO, piece, sizeof piece);
        if (size < 0 && errno == EINTR) {
            continue;
        }
        if (size < 0) {
            print_error("standard input: %s", strerror(errno));
            return EXIT_STORAGE;
        }
        if (size == 0) {
            return hone_protocol_end(protocol, out, &err) ? fail_with(&err) : EXIT_OK;
        }
        if (hone_protocol_feed(protocol, piece, (size_t)size, out, &err)) {
            return fail_with(&err);
        }
    }
}

static int serve_stdio(const common_options *common)
{
    hone_protocol *protocol = NULL;
    hone_error err;
    if (hone_protocol_create(resolve_storage(common), &protocol, &err)) {
        return fail_with(&err);
    }
    hone_sink out = standard_output(common);
    int code = serve_lines(protocol, &out);
    hone_protocol_destroy(protocol);
    return code;
}

/* --- HTTP --- */

static hone_http *serving; /* for the signal handler */

static void stop(int signal)
{
    (void)signal;
    hone_http_stop(serving);
}

static void say_where(const hone_http *http, const hone_http_config *config)
{
    printf("serving %s\n", hone_http_url(http));
    if (hone_http_token(http)) {
        printf("token (its hash is in %s; it will not be shown again): %s\n", config->new_token,
               hone_http_token(http));
    }
    fflush(stdout);
}

static int serve_http(const hone_http_config *config)
{
    hone_error err;
    if (hone_http_create(config, &serving, &err)) {
        return fail_with(&err);
    }
    struct sigaction action = {.sa_handler = stop, .sa_flags = SA_RESTART};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    say_where(serving, config);
    int code = hone_http_run(serving, &err) ? fail_with(&err) : EXIT_OK;
    action.sa_handler = SIG_IGN; /* it is ending: the studies are being closed */
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    hone_http_destroy(serving);
    return code;
}

/* --- the command --- */

typedef struct serve_options {
    common_options common;
    bool stdio, http;
    hone_http_config config;
    text_list hosts;
} serve_options;

static int serve(serve_options *options)
{
    if (options->stdio == options->http) {
        print_error("serve: say --stdio or --http");
        return EXIT_USAGE;
    }
    if (options->stdio) {
        return serve_stdio(&options->common);
    }
    options->config.storage = resolve_storage(&options->common);
    options->config.token = getenv("HONE_TOKEN");
    options->config.hosts = options->hosts.items;
    options->config.n_hosts = options->hosts.count;
    standard_error(&options->common); /* the library's warnings */
    return serve_http(&options->config);
}

int command_serve(int argc, char **argv)
{
    serve_options o = {0};
    const cli_option options[] = {
        {0, "stdio", OPTION_FLAG, &o.stdio, NULL, "serve standard input and output"},
        {0, "http", OPTION_FLAG, &o.http, NULL, "serve HTTP"},
        {'s', "storage", OPTION_TEXT, &o.common.storage, "URL",
         "of requests without one (default: sqlite:///hone.db)"},
        SERVER_OPTIONS(o.config, o.hosts, "127.0.0.1:8765"),
        {0, "remember", OPTION_TEXT, &o.config.remember, "SIZE",
         "of the answers kept for requests that are repeated (default: 64M)"},
        {0, "threads", OPTION_TEXT, &o.config.threads, "N", "studies that may think at once (default: 8)"},
        LOG_OPTIONS(o.common),
    };
    command_line line = {.name = "serve",
                         .arguments = "--stdio | --http [options]",
                         .summary = "Serves any language: requests and answers as JSON, by lines or HTTP.",
                         .notes = notes,
                         .options = options,
                         .n_options = COUNT(options)};
    int code;
    if (!options_parse(&line, argc, argv, &code)) {
        text_list_free(&o.hosts);
        return code;
    }
    code = serve(&o);
    text_list_free(&o.hosts);
    options_release(&line);
    return code;
}
