/* cli/server_options.h: what the commands that serve HTTP share. */
#ifndef CLI_SERVER_OPTIONS_H
#define CLI_SERVER_OPTIONS_H

#include "common.h"

/* Of a hone_http_config and a text_list of names, for a command's table. */
#define SERVER_OPTIONS(config, hosts, address)                                                               \
    {0,           "listen",                                                                                  \
     OPTION_TEXT, &(config).listen,                                                                          \
     "ADDRESS",   "where (default: " address "); port 0 is one that is free"},                               \
        {0,           "new-token",                                                                           \
         OPTION_TEXT, &(config).new_token,                                                                   \
         "FILE",      "make a token, show it once, keep its hash in a new file"},                            \
        {0,           "token-file",                                                                          \
         OPTION_TEXT, &(config).token_file,                                                                  \
         "FILE",      "tokens that are let in, or their hashes, one a line"},                                \
        {0,        "allow-host", OPTION_LIST,                                                                \
         &(hosts), "NAME",       "a name of this server, behind a proxy say; repeatable"},                   \
        {0, "max-body", OPTION_TEXT, &(config).max_body, "SIZE", "of a request (default: 1M; at most 16M)"}, \
        {0, "max-header", OPTION_TEXT, &(config).max_header, "SIZE", "of a request (default: 16K)"},         \
        {0, "max-connections", OPTION_TEXT, &(config).max_connections, "N", "at once (default: 1024)"},      \
        {0,           "rate",                                                                                \
         OPTION_TEXT, &(config).rate,                                                                        \
         "N",         "requests a second of one address, 0: any (default: 1000; of this machine: 0)"},       \
        {0,           "request-timeout",                                                                     \
         OPTION_TEXT, &(config).request_timeout,                                                             \
         "TIME",      "for a request to come in, and for its answer to be taken (default: 10s)"},            \
    {                                                                                                        \
        0, "idle-timeout", OPTION_TEXT, &(config).idle_timeout, "TIME",                                      \
            "between requests of a connection (default: 60s)"                                                \
    }

#endif
