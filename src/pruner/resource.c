#include "pruner/resource.h"

#include <string.h>

hone_status hn_resource_read(const hn_node *node, const char *pruner, const char *option, int64_t *steps,
                             hone_error *err)
{
    static const int64_t most = 1000000000000;
    int64_t value;
    if (node->kind == HN_STRING && strcmp(node->as.string, "auto") == 0) {
        *steps = HN_RESOURCE_AUTO;
        return HONE_OK;
    }
    if (node->kind != HN_STRING && hn_node_int(node, &value) && value >= 1 && value <= most) {
        *steps = value;
        return HONE_OK;
    }
    hn_arena arena = HN_ARENA_INIT;
    hone_status status = hn_fail_at(err, HONE_INVALID, node->at,
                                    "pruner %s: option '%s' is %s, but must be auto or a number of steps, at "
                                    "least 1",
                                    pruner, option, hn_node_describe(&arena, node));
    hn_arena_release(&arena);
    return status;
}

hone_status hn_resources_read(const char *pruner, const hn_node *min_resource, const hn_node *max_resource,
                              int64_t *least, int64_t *most, hone_error *err)
{
    int64_t low = HN_RESOURCE_AUTO, high = HN_RESOURCE_AUTO;
    hone_status status = hn_resource_read(min_resource, pruner, "min_resource", &low, err);
    if (status == HONE_OK) {
        status = hn_resource_read(max_resource, pruner, "max_resource", &high, err);
    }
    if (status == HONE_OK && high != HN_RESOURCE_AUTO && low > high) {
        status = hn_fail_at(err, HONE_INVALID, min_resource->at,
                            "pruner %s: min_resource %lld is more than max_resource %lld", pruner,
                            (long long)low, (long long)high);
    }
    if (status == HONE_OK) {
        *least = low;
        *most = high;
    }
    return status;
}
