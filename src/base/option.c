/* option.c: filling a plug-in's config struct from its option table. */
#include "base/option.h"

#include <math.h>
#include <string.h>

#include "base/number.h"

const hn_option *hn_option_find(const hn_option_table *table, const char *name)
{
    for (size_t i = 0; i < table->count; i++)
        if (strcmp(table->options[i].name, name) == 0)
            return &table->options[i];
    return NULL;
}

const char *hn_option_type_name(hn_option_type type)
{
    switch (type) {
    case HN_OPTION_BOOL: return "bool";
    case HN_OPTION_INT: return "int";
    case HN_OPTION_DOUBLE: return "float";
    case HN_OPTION_STRING: return "text";
    case HN_OPTION_CHOICE: return "choice";
    case HN_OPTION_DURATION: return "duration";
    case HN_OPTION_NODE: return "value";
    }
    return "value";
}

/* --- ranges --- */

static bool is_bounded(const hn_option *option)
{
    return option->low != 0 || option->high != 0;
}

static bool in_range(const hn_option *option, double value)
{
    return is_bounded(option) ? value >= option->low && value <= option->high : isfinite(value);
}

static void write_bound(hn_buffer *out, const hn_option *option, double bound)
{
    char text[HN_NUMBER_SIZE];
    if (option->type == HN_OPTION_DOUBLE && isfinite(bound))
        hn_buffer_append(out, text, hn_format_python_double(text, bound));
    else
        hn_buffer_double(out, bound);
    if (option->type == HN_OPTION_DURATION)
        hn_buffer_text(out, " s");
}

static void write_bounds(hn_buffer *out, const hn_option *option)
{
    bool low = isfinite(option->low), high = isfinite(option->high);
    if (!is_bounded(option) || (!low && !high)) {
        hn_buffer_text(out, "any");
        return;
    }
    hn_buffer_text(out, low && high ? "" : low ? "at least " : "at most ");
    if (low)
        write_bound(out, option, option->low);
    if (low && high)
        hn_buffer_text(out, " to ");
    if (high)
        write_bound(out, option, option->high);
}

static void write_choices(hn_buffer *out, const hn_option *option)
{
    hn_buffer_text(out, "one of ");
    for (size_t i = 0; option->choices[i] != NULL; i++)
        hn_buffer_printf(out, "%s%s", i == 0 ? "" : ", ", option->choices[i]);
}

void hn_option_describe_range(hn_buffer *out, const hn_option *option)
{
    switch (option->type) {
    case HN_OPTION_BOOL: hn_buffer_text(out, "true or false"); break;
    case HN_OPTION_INT:
    case HN_OPTION_DOUBLE:
    case HN_OPTION_DURATION: write_bounds(out, option); break;
    case HN_OPTION_CHOICE: write_choices(out, option); break;
    case HN_OPTION_STRING:
    case HN_OPTION_NODE: hn_buffer_text(out, "any"); break;
    }
}

/* "a whole number, 1 to 5": what an option must be, as an error says it. */
static void describe_demand(hn_buffer *out, const hn_option *option)
{
    static const char *const nouns[] = {
        [HN_OPTION_INT] = "a whole number",
        [HN_OPTION_DOUBLE] = "a number",
        [HN_OPTION_DURATION] = "a duration such as 90s or 1h30m",
        [HN_OPTION_STRING] = "a text (numbers in quotes)",
        [HN_OPTION_NODE] = "a value",
    };
    if (option->type == HN_OPTION_BOOL || option->type == HN_OPTION_CHOICE) {
        hn_option_describe_range(out, option);
        return;
    }
    hn_buffer_text(out, nouns[option->type]);
    if (is_bounded(option) && (isfinite(option->low) || isfinite(option->high))) {
        hn_buffer_text(out, ", ");
        hn_option_describe_range(out, option);
    }
}

/* --- values --- */

typedef struct option_reader {
    hn_arena *arena;
    const hn_option_table *table;
    const char *what;
    char *config;
    hone_error *err;
} option_reader;

static hone_status refuse_value(const option_reader *reader, const hn_option *option, const hn_node *value)
{
    hn_buffer demand = HN_BUFFER_INIT;
    describe_demand(&demand, option);
    if (option->type == HN_OPTION_CHOICE && value->kind == HN_STRING) {
        size_t n = 0;
        while (option->choices[n] != NULL)
            n++;
        const char *nearest = hn_nearest_name(value->as.string, option->choices, n);
        if (nearest != NULL)
            hn_buffer_printf(&demand, " (did you mean '%s'?)", nearest);
    }
    hone_status status = hn_fail_at(reader->err, HONE_INVALID, value->at,
                                    "%s: option '%s' is %s, but must be %s", reader->what, option->name,
                                    hn_node_describe(reader->arena, value), hn_buffer_string(&demand));
    if (hn_buffer_failed(&demand))
        status = hn_out_of_memory(reader->err);
    hn_buffer_release(&demand);
    return status;
}

static bool read_duration(const hn_node *value, double *seconds)
{
    if (value->kind == HN_STRING)
        return hn_parse_duration(value->as.string, value->count, seconds);
    return hn_node_double(value, seconds) && *seconds >= 0;
}

/* The index of a choice; a choice may read as another kind ("true", "1", "null") when not in quotes. */
static bool read_choice(const option_reader *reader, const hn_option *option, const hn_node *value,
                        int *index)
{
    if (value->kind == HN_LIST || value->kind == HN_MAP)
        return false;
    const char *text = value->kind == HN_STRING ? value->as.string : hn_node_describe(reader->arena, value);
    for (int i = 0; option->choices[i] != NULL; i++) {
        if (strcmp(option->choices[i], text) == 0) {
            *index = i;
            return true;
        }
    }
    return false;
}

/* False when the value is not allowed. Text that is stored must live in the arena or in the table. */
static bool store(const option_reader *reader, const hn_option *option, const hn_node *value)
{
    void *field = reader->config + option->offset;
    int64_t integer;
    double real;
    switch (option->type) {
    case HN_OPTION_BOOL:
        if (value->kind != HN_BOOL)
            return false;
        *(bool *)field = value->as.boolean;
        return true;
    case HN_OPTION_INT:
        if (!hn_node_int(value, &integer) || !in_range(option, (double)integer))
            return false;
        *(int64_t *)field = integer;
        return true;
    case HN_OPTION_DOUBLE:
        if (!hn_node_double(value, &real) || !in_range(option, real))
            return false;
        *(double *)field = real;
        return true;
    case HN_OPTION_DURATION:
        if (!read_duration(value, &real) || !in_range(option, real))
            return false;
        *(double *)field = real;
        return true;
    case HN_OPTION_STRING:
        if (value->kind != HN_STRING)
            return false;
        *(const char **)field = value->as.string;
        return true;
    case HN_OPTION_CHOICE: return read_choice(reader, option, value, field);
    case HN_OPTION_NODE: *(const hn_node **)field = value; return true;
    }
    return false;
}

static void unset(const option_reader *reader, const hn_option *option)
{
    void *field = reader->config + option->offset;
    switch (option->type) {
    case HN_OPTION_BOOL: *(bool *)field = false; break;
    case HN_OPTION_INT: *(int64_t *)field = 0; break;
    case HN_OPTION_DOUBLE:
    case HN_OPTION_DURATION: *(double *)field = (double)NAN; break;
    case HN_OPTION_STRING: *(const char **)field = NULL; break;
    case HN_OPTION_CHOICE: *(int *)field = 0; break;
    case HN_OPTION_NODE: *(const hn_node **)field = NULL; break;
    }
}

/* A default that its own table does not allow is a defect of the plug-in. */
static hone_status set_default(const option_reader *reader, const hn_option *option)
{
    unset(reader, option);
    const char *text = option->default_text;
    if (text == NULL)
        return HONE_OK;
    hn_node *value;
    if (option->type == HN_OPTION_STRING) {
        value = hn_node_string(reader->arena, text);
    } else if (option->type == HN_OPTION_NODE) {
        hone_status status = hn_yaml_parse(reader->arena, NULL, text, strlen(text), &value, reader->err);
        if (status != HONE_OK)
            return hn_fail_within(reader->err, status, "%s: default of option '%s'", reader->what,
                                  option->name);
    } else {
        value = hn_node_plain(reader->arena, text, strlen(text));
    }
    if (value == NULL)
        return hn_out_of_memory(reader->err);
    if (!store(reader, option, value))
        return hn_fail(reader->err, HONE_INTERNAL,
                       "%s: option '%s' has the default '%s', which it does not allow", reader->what,
                       option->name, text);
    return HONE_OK;
}

static hone_status check_names(const option_reader *reader, const hn_node *given)
{
    const char **names = HN_ARENA_NEW(reader->arena, const char *, reader->table->count);
    if (names == NULL)
        return hn_out_of_memory(reader->err);
    for (size_t i = 0; i < reader->table->count; i++)
        names[i] = reader->table->options[i].name;
    for (size_t i = 0; i < given->count; i++) {
        const hn_map_entry *entry = &given->as.entries[i];
        if (hn_option_find(reader->table, entry->key) != NULL)
            continue;
        if (reader->table->count == 0)
            return hn_fail_at(reader->err, HONE_INVALID, entry->at, "%s takes no options, found '%s'",
                              reader->what, entry->key);
        const char *nearest = hn_nearest_name(entry->key, names, reader->table->count);
        hn_buffer list = HN_BUFFER_INIT;
        if (nearest != NULL)
            hn_buffer_printf(&list, " (did you mean '%s'?)", nearest);
        hn_buffer_text(&list, "; its options are ");
        for (size_t k = 0; k < reader->table->count; k++)
            hn_buffer_printf(&list, "%s%s", k == 0 ? "" : ", ", names[k]);
        hone_status status = hn_fail_at(reader->err, HONE_INVALID, entry->at, "%s has no option '%s'%s",
                                        reader->what, entry->key, hn_buffer_string(&list));
        if (hn_buffer_failed(&list))
            status = hn_out_of_memory(reader->err);
        hn_buffer_release(&list);
        return status;
    }
    return HONE_OK;
}

static hone_status set_value(option_reader *reader, const hn_option *option, const hn_node *value)
{
    if (value->kind == HN_NULL && option->default_text == NULL)
        unset(reader, option);
    else if (!store(reader, option, value))
        return refuse_value(reader, option, value);
    return HONE_OK;
}

hone_status hn_options_apply(hn_arena *arena, const hn_option_table *table, const char *what,
                             const hn_node *given, void *config, hone_error *err)
{
    option_reader reader = {.arena = arena, .table = table, .what = what, .config = config, .err = err};
    if (table->config_size > 0)
        memset(config, 0, table->config_size);
    hone_status status = HONE_OK;
    for (size_t i = 0; status == HONE_OK && i < table->count; i++)
        status = set_default(&reader, &table->options[i]);
    if (status != HONE_OK || given == NULL || given->kind == HN_NULL)
        return status;
    if (given->kind != HN_MAP)
        return hn_fail_at(err, HONE_INVALID, given->at,
                          "%s: the options must be a map like {name: value}, found %s", what,
                          hn_node_describe(arena, given));
    status = check_names(&reader, given);
    for (size_t i = 0; status == HONE_OK && i < given->count; i++) {
        const hn_option *option = hn_option_find(table, given->as.entries[i].key);
        status = set_value(&reader, option, given->as.entries[i].value);
    }
    return status;
}

hone_status hn_options_set(hn_arena *arena, const hn_option_table *table, const char *what,
                           const hn_option *option, const hn_node *value, void *config, hone_error *err)
{
    option_reader reader = {.arena = arena, .table = table, .what = what, .config = config, .err = err};
    return set_value(&reader, option, value);
}
