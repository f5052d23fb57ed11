/* pruner/resource.h: options that several pruners share; one that is a number of steps, or `auto`. */
#ifndef HN_PRUNER_RESOURCE_H
#define HN_PRUNER_RESOURCE_H

#include "base/node.h"
#include "base/option.h"

enum { HN_RESOURCE_AUTO = 0 };

/* Steps, at least 1; HN_RESOURCE_AUTO for the word. pruner and option name it in the message. */
hone_status hn_resource_read(const hn_node *node, const char *pruner, const char *option, int64_t *steps,
                             hone_error *err);
/* Both ends, each a number or HN_RESOURCE_AUTO, as far as they go together. */
hone_status hn_resources_read(const char *pruner, const hn_node *min_resource, const hn_node *max_resource,
                              int64_t *least, int64_t *most, hone_error *err);

/* The options that several pruners spell alike, of a config that has fields of these names. */
#define HN_RESOURCE_OPTION(config)                                                                           \
    {                                                                                                        \
        .name = "resource", .type = HN_OPTION_STRING, .offset = offsetof(config, resource),                  \
        .help = "what a built-in model gets more of: rows (the default), or an integer option of it; a "     \
                "program gets steps",                                                                        \
    }
#define HN_FACTOR_OPTION(config, usual)                                                                      \
    {                                                                                                        \
        .name = "factor", .type = HN_OPTION_INT, .default_text = usual, .low = 2, .high = 1e6,               \
        .offset = offsetof(config, factor),                                                                  \
        .help = "one of so many passes a rung; the next rung is at so many times the steps",                 \
    }
#define HN_BOOTSTRAP_OPTION(config)                                                                          \
    {                                                                                                        \
        .name = "bootstrap_count", .type = HN_OPTION_INT, .default_text = "0", .low = 0, .high = 1e9,        \
        .offset = offsetof(config, bootstrap_count),                                                         \
        .help = "trials that must have come to a rung before any passes it; of variant stop the first so "   \
                "many end there",                                                                            \
    }

#endif
