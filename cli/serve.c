#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "common.h"

static const char notes[] =
    "Each line of standard input is a request, a JSON object such as {\"op\":\"ask\",\"study\":\"s\"}; each line of\n"
    "standard output its answer. docs/protocol.md describes the operations. A request that fails is answered\n"
    "with {\"ok\":false,...} and the stream goes on. Ends with its input.\n"
    "\n"
    "examples:\n"
    "  echo '{\"op\":\"studies\"}' | hone serve --stdio\n"
    "  hone serve --stdio --storage memory:";

static int serve(hone_protocol *protocol, const hone_sink *out)
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

int command_serve(int argc, char **argv)
{
    common_options common = {0};
    bool stdio = false;
    const cli_option options[] = {
        {0, "stdio", OPTION_FLAG, &stdio, NULL, "serve standard input and output"},
        {'s', "storage", OPTION_TEXT, &common.storage, "URL",
         "of requests without one (default: sqlite:///hone.db)"},
        LOG_OPTIONS(common),
    };
    command_line line = {.name = "serve",
                         .arguments = "--stdio [options]",
                         .summary = "Serves any language: requests and answers as JSON lines.",
                         .notes = notes,
                         .options = options,
                         .n_options = COUNT(options)};
    int code;
    if (!options_parse(&line, argc, argv, &code)) {
        return code;
    }
    hone_protocol *protocol = NULL;
    hone_error err;
    if (!stdio) {
        print_error("serve: say --stdio");
        code = EXIT_USAGE;
    } else if (hone_protocol_create(resolve_storage(&common), &protocol, &err)) {
        code = fail_with(&err);
    } else {
        hone_sink out = standard_output(&common);
        code = serve(protocol, &out);
    }
    hone_protocol_destroy(protocol);
    options_release(&line);
    return code;
}
