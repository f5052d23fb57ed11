#include "model/tree_options.h"

#include <math.h>
#include <string.h>

static bool is_text(const hn_node *node, const char *text)
{
    return node && node->kind == HN_STRING && strcmp(node->as.string, text) == 0;
}

/* --- max_features --- */

hone_status hn_tree_check_features(const char *model, const hn_node *given, hone_error *err)
{
    double value;
    if (!given || given->kind == HN_NULL || is_text(given, "sqrt") || is_text(given, "log2") ||
        is_text(given, "all") || is_text(given, "auto"))
        return HONE_OK;
    if (hn_node_double(given, &value) &&
        ((value > 0 && value <= 1) || (value > 1 && value <= INT32_MAX && value == floor(value))))
        return HONE_OK;
    hn_arena arena = HN_ARENA_INIT;
    hone_status status =
        hn_fail_at(err, HONE_INVALID, given->at,
                   "model %s: max_features is %s; allowed are sqrt, log2, all, a number of columns "
                   "and a fraction above 0.0 up to 1.0",
                   model, hn_node_describe(&arena, given));
    hn_arena_release(&arena);
    return status;
}

bool hn_tree_same_node(const hn_node *a, const hn_node *b)
{
    return a == b || (a && b && a->kind == b->kind && hn_node_equal(a, b));
}

size_t hn_tree_features(const hn_node *given, const char *fallback, size_t d)
{
    double count = (double)d;
    const char *name = given && given->kind == HN_STRING ? given->as.string : "all";
    if (strcmp(name, "auto") == 0)
        name = fallback;
    if (given && given->kind == HN_INT)
        count = (double)given->as.integer;
    else if (given && given->kind == HN_DOUBLE)
        count = given->as.real <= 1 ? given->as.real * (double)d : given->as.real;
    else if (strcmp(name, "sqrt") == 0)
        count = sqrt((double)d);
    else if (strcmp(name, "log2") == 0)
        count = log2((double)d);
    count = fmin(floor(count), (double)d);
    return count >= 1 ? (size_t)count : 1;
}
