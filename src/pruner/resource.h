/* pruner/resource.h: an option that is a number of steps, or `auto`. */
#ifndef HN_PRUNER_RESOURCE_H
#define HN_PRUNER_RESOURCE_H

#include "base/node.h"

enum { HN_RESOURCE_AUTO = 0 };

/* Steps, at least 1; HN_RESOURCE_AUTO for the word. pruner and option name it in the message. */
hone_status hn_resource_read(const hn_node *node, const char *pruner, const char *option, int64_t *steps,
                             hone_error *err);

#endif
