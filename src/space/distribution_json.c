/* space/distribution_json.c: Optuna's distribution_json, as json.dumps writes it, and back. Source: Optuna
 * 5.0, distributions.py (class names, attribute order); a choice may be null, a boolean, a number or a
 * text. */
#include <string.h>

#include "base/number.h"
#include "space/distribution.h"
#include "space/internal.h"

/* --- writing --- */

static void write_double(hn_buffer *out, double value)
{
    char text[HN_NUMBER_SIZE];
    hn_buffer_append(out, text, hn_format_python_double(text, value));
}

static void write_choice(hn_buffer *out, hone_value choice)
{
    if (choice.type == HONE_STRING)
        hn_json_write_string(out, choice.as.string, strlen(choice.as.string), HN_JSON_PYTHON);
    else if (choice.type == HONE_FLOAT)
        write_double(out, choice.as.real);
    else
        hn_value_write(out, choice);
}

void hn_distribution_write_json(hn_buffer *out, const hn_distribution *distribution)
{
    const char *log = distribution->log ? "true" : "false";
    switch (distribution->kind) {
    case HN_FLOAT:
        hn_buffer_text(out, "{\"name\": \"FloatDistribution\", \"attributes\": {\"step\": ");
        if (distribution->step == 0)
            hn_buffer_text(out, "null");
        else
            write_double(out, distribution->step);
        hn_buffer_text(out, ", \"low\": ");
        write_double(out, distribution->low);
        hn_buffer_text(out, ", \"high\": ");
        write_double(out, distribution->high);
        hn_buffer_printf(out, ", \"log\": %s}}", log);
        break;
    case HN_INTEGER:
        hn_buffer_printf(out,
                         "{\"name\": \"IntDistribution\", \"attributes\": {\"log\": %s, \"step\": %lld, "
                         "\"low\": %lld, \"high\": %lld}}",
                         log, (long long)distribution->step, (long long)distribution->low,
                         (long long)distribution->high);
        break;
    case HN_CATEGORICAL:
        hn_buffer_text(out, "{\"name\": \"CategoricalDistribution\", \"attributes\": {\"choices\": [");
        for (size_t i = 0; i < distribution->n_choices; i++) {
            if (i > 0)
                hn_buffer_text(out, ", ");
            write_choice(out, distribution->choices[i]);
        }
        hn_buffer_text(out, "]}}");
        break;
    }
}

/* --- reading --- */

/* One class name, what it stands for, and the attribute that holds its step (NULL = it has none). */
typedef struct stored_class {
    const char *name;
    hn_distribution_kind kind;
    bool has_log, log; /* log is an attribute, or implied */
    const char *step;
} stored_class;

static const stored_class stored_classes[] = {
    {"FloatDistribution", HN_FLOAT, true, false, "step"},
    {"IntDistribution", HN_INTEGER, true, false, "step"},
    {"CategoricalDistribution", HN_CATEGORICAL, false, false, NULL},
    {"UniformDistribution", HN_FLOAT, false, false, NULL},
    {"LogUniformDistribution", HN_FLOAT, false, true, NULL},
    {"DiscreteUniformDistribution", HN_FLOAT, false, false, "q"},
    {"IntUniformDistribution", HN_INTEGER, false, false, "step"},
    {"IntLogUniformDistribution", HN_INTEGER, false, true, "step"},
};

enum { N_STORED_CLASSES = sizeof stored_classes / sizeof *stored_classes };

static const stored_class *find_class(const hn_node *name)
{
    for (size_t i = 0; name != NULL && name->kind == HN_STRING && i < N_STORED_CLASSES; i++)
        if (strcmp(stored_classes[i].name, name->as.string) == 0)
            return &stored_classes[i];
    return NULL;
}

static hone_status read_log(const stored_class *class, const hn_node *attributes, bool *log, hone_error *err)
{
    *log = class->log;
    const hn_node *node = class->has_log ? hn_map_get(attributes, "log") : NULL;
    if (node == NULL)
        return HONE_OK;
    if (node->kind != HN_BOOL)
        return hn_fail(err, HONE_PARSE, "%s: log is neither true nor false", class->name);
    *log = node->as.boolean;
    return HONE_OK;
}

static bool get_double(const hn_node *attributes, const char *key, double *value)
{
    const hn_node *node = hn_map_get(attributes, key);
    return node != NULL && hn_node_double(node, value);
}

static bool get_integer(const hn_node *attributes, const char *key, int64_t *value)
{
    const hn_node *node = hn_map_get(attributes, key);
    return node != NULL && hn_node_int(node, value);
}

/* Absent or null: no step. */
static bool has_step(const stored_class *class, const hn_node *attributes)
{
    const hn_node *node = class->step != NULL ? hn_map_get(attributes, class->step) : NULL;
    return node != NULL && node->kind != HN_NULL;
}

static hone_status read_float(const stored_class *class, const hn_node *attributes, bool log,
                              hn_distribution *out, hone_error *err)
{
    double low, high, step = 0;
    if (!get_double(attributes, "low", &low) || !get_double(attributes, "high", &high) ||
        (has_step(class, attributes) && !get_double(attributes, class->step, &step)))
        return hn_fail(err, HONE_PARSE, "%s: low, high and step must be numbers", class->name);
    /* What the user may not write is stored all the same by older versions of Optuna. */
    if (step > 0 && low < high && hn_steps_within(low, high, step) < 1)
        high = low;
    return hn_distribution_float(class->name, low, high, step, log, (hn_position){0}, out, NULL, err);
}

static hone_status read_integer(const stored_class *class, const hn_node *attributes, bool log,
                                hn_distribution *out, hone_error *err)
{
    int64_t low, high, step = 1;
    if (!get_integer(attributes, "low", &low) || !get_integer(attributes, "high", &high) ||
        (has_step(class, attributes) && !get_integer(attributes, class->step, &step)))
        return hn_fail(err, HONE_PARSE, "%s: low, high and step must be integers", class->name);
    if (low < high && low >= INT64_MIN / 2 && high <= INT64_MAX / 2 && step > high - low)
        high = low;
    return hn_distribution_integer(class->name, low, high, step, log, (hn_position){0}, out, NULL, err);
}

static hone_status read_choices(hn_arena *arena, const hn_node *attributes, hn_distribution *out,
                                hone_error *err)
{
    const hn_node *list = hn_map_get(attributes, "choices");
    if (list == NULL || list->kind != HN_LIST)
        return hn_fail(err, HONE_PARSE, "CategoricalDistribution: choices must be a list");
    hone_value *choices = HN_ARENA_NEW(arena, hone_value, list->count);
    if (choices == NULL)
        return hn_out_of_memory(err);
    for (size_t i = 0; i < list->count; i++) {
        const hn_node *item = list->as.items[i];
        if (item->kind == HN_LIST || item->kind == HN_MAP)
            return hn_fail(
                err, HONE_UNSUPPORTED,
                "CategoricalDistribution: choice %zu is %s: choices may be texts, numbers, true, false "
                "and null",
                i + 1, hn_node_describe(arena, item));
        choices[i] = hn_value_from_node(item);
    }
    return hn_categorical_make(arena, "CategoricalDistribution", choices, list->count, HN_CHOICES_AS_STORED,
                               (hn_position){0}, out, err);
}

hone_status hn_distribution_parse_json(hn_arena *arena, const char *text, size_t size, hn_distribution *out,
                                       hone_error *err)
{
    hn_node *root = NULL;
    bool log = false;
    hone_status status = hn_json_parse(arena, "distribution_json", text, size, &root, err);
    if (status != HONE_OK)
        return status;
    const stored_class *class = find_class(hn_map_get(root, "name"));
    const hn_node *attributes = hn_map_get(root, "attributes");
    if (class == NULL)
        return hn_fail(err, HONE_UNSUPPORTED, "distribution_json: unknown class of distribution in %.*s",
                       size < 200 ? (int)size : 200, text);
    if (attributes == NULL || attributes->kind != HN_MAP)
        return hn_fail(err, HONE_PARSE, "%s: attributes must be a mapping", class->name);
    status = read_log(class, attributes, &log, err);
    if (status != HONE_OK)
        return status;
    switch (class->kind) {
    case HN_FLOAT: return read_float(class, attributes, log, out, err);
    case HN_INTEGER: return read_integer(class, attributes, log, out, err);
    case HN_CATEGORICAL: break;
    }
    return read_choices(arena, attributes, out, err);
}
