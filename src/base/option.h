/* base/option.h: option tables. Each plug-in (sampler, pruner, storage, model) lists its options once; the
 * table drives parsing, validation, defaults, `hone samplers NAME`, the manual and bindings.
 *
 * One spelling everywhere: the mapping {gp: {acquisition: ei, xi: 0.01}}, a bare name `gp`, or the sugar
 * `gp:acquisition=ei,xi=0.01` for flat options. All three become an hn_spec.
 */
#ifndef HN_BASE_OPTION_H
#define HN_BASE_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/node.h"

typedef enum hn_option_type {
    HN_OPTION_BOOL,     /* field: bool */
    HN_OPTION_INT,      /* field: int64_t */
    HN_OPTION_DOUBLE,   /* field: double */
    HN_OPTION_STRING,   /* field: const char * (lives as long as the arena given) */
    HN_OPTION_CHOICE,   /* field: int, the index into choices */
    HN_OPTION_DURATION, /* field: double, seconds */
    HN_OPTION_NODE, /* field: const hn_node *: lists, maps, nested plug-ins; checked by the plug-in itself */
} hn_option_type;

typedef struct hn_option {
    const char *name;
    hn_option_type type;
    const char *default_text;   /* as a user would write it; NULL = unset: a NULL pointer, NaN, 0, false */
    double low, high;           /* inclusive bounds of numbers; both 0 = unbounded */
    const char *const *choices; /* NULL-terminated, of HN_OPTION_CHOICE */
    size_t offset;              /* of the field in the plug-in's config struct */
    const char *help;           /* one line, no final period */
} hn_option;

typedef struct hn_option_table {
    const hn_option *options;
    size_t count;
    size_t config_size;
} hn_option_table;

/* A plug-in's name with the options given for it. */
typedef struct hn_spec {
    const char *name;
    const hn_node *options; /* a map, or NULL when none were given */
    hn_position at;
} hn_spec;

/* node: a string (name or sugar) or a map of one entry. what is "sampler", "pruner" ... for messages. */
hone_status hn_spec_from_node(hn_arena *arena, const hn_node *node, const char *what, hn_spec *spec,
                              hone_error *err);
/* text: sugar, or YAML/JSON flow mapping when it begins with '{'. */
hone_status hn_spec_from_text(hn_arena *arena, const char *text, const char *what, hn_spec *spec,
                              hone_error *err);
/* The spec as a node again (a string without options, else a map). NULL when memory is out. */
hn_node *hn_spec_to_node(hn_arena *arena, const hn_spec *spec);

/* Fills config (table->config_size bytes, zeroed first) with defaults, then with the given options (a map or
 * NULL), checking names, types and bounds; null unsets an option that has no default. what names the plug-in
 * in messages ("sampler tpe"). */
hone_status hn_options_apply(hn_arena *arena, const hn_option_table *table, const char *what,
                             const hn_node *given, void *config, hone_error *err);
/* One option more of a config that is filled. */
hone_status hn_options_set(hn_arena *arena, const hn_option_table *table, const char *what,
                           const hn_option *option, const hn_node *value, void *config, hone_error *err);
/* The option of that name, or NULL. */
const hn_option *hn_option_find(const hn_option_table *table, const char *name);
/* "0.0 to 1.0", "one of a, b": the values allowed, for help and messages. */
void hn_option_describe_range(hn_buffer *out, const hn_option *option);
const char *hn_option_type_name(hn_option_type type);

#endif
