/* simplicity.c: which of two settings of a model is the simpler one, from what its type says. */
#include <math.h>
#include <string.h>

#include "model/model.h"

/* Infinity for what has no limit; NaN for texts, which do not compare. */
static double magnitude(const hn_option *option, const void *config)
{
    const void *field = (const char *)config + option->offset;
    double value = NAN;
    switch (option->type) {
    case HN_OPTION_BOOL: return *(const bool *)field;
    case HN_OPTION_CHOICE: return *(const int *)field;
    case HN_OPTION_INT: /* unset is 0, below every bound */
        value = (double)*(const int64_t *)field;
        return value == 0 && !option->default_text ? INFINITY : value;
    case HN_OPTION_DOUBLE:
    case HN_OPTION_DURATION: value = *(const double *)field; return isnan(value) ? INFINITY : value;
    case HN_OPTION_NODE: {
        const hn_node *node = *(const hn_node *const *)field;
        return !node ? INFINITY : hn_node_double(node, &value) ? value : NAN;
    }
    default: return NAN;
    }
}

/* The option that an item of the list ends with: its name is one word. */
static const hn_option *option_of(const hn_option_table *table, const char *item, size_t size)
{
    for (size_t i = 0; i < table->count; i++) {
        size_t n = strlen(table->options[i].name);
        if (n < size && item[size - n - 1] == ' ' && !memcmp(item + size - n, table->options[i].name, n))
            return &table->options[i];
    }
    return NULL;
}

int hn_model_compare(const hn_model_type *type, const void *a, const void *b, const hn_option **option)
{
    for (const char *item = type->simpler; item && *item;) {
        size_t size = strcspn(item, ",");
        const hn_option *of = option_of(&type->options, item, size);
        double x = of ? magnitude(of, a) : NAN, y = of ? magnitude(of, b) : NAN;
        if (x < y || x > y) {
            if (option)
                *option = of;
            return (x < y) == (item[0] != 'l') ? -1 : 1; /* larger is simpler, or smaller and earlier are */
        }
        item += size + strspn(item + size, ", ");
    }
    return 0;
}
