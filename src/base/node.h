/* base/node.h: the tree that JSON and YAML are read into and written from. Nodes live in an arena; a
 * position says where each stood. One thread at a time. */
#ifndef HN_BASE_NODE_H
#define HN_BASE_NODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"

typedef enum hn_node_kind {
    HN_NULL,
    HN_BOOL,
    HN_INT,
    HN_DOUBLE,
    HN_STRING,
    HN_LIST,
    HN_MAP,
} hn_node_kind;

typedef struct hn_node hn_node;

typedef struct hn_map_entry {
    const char *key;
    hn_position at; /* of the key */
    hn_node *value;
} hn_map_entry;

struct hn_node {
    hn_node_kind kind;
    bool quoted; /* a string that was written in quotes: never taken for a number */
    hn_position at;
    size_t count; /* of items or entries; length of string in bytes */
    union {
        bool boolean;
        int64_t integer;
        double real;
        const char *string; /* UTF-8, NUL-terminated, no NUL inside */
        hn_node **items;
        hn_map_entry *entries; /* in the order written; keys are unique */
    } as;
};

enum { HN_NODE_MAX_DEPTH = 64, HN_NODE_MAX_COUNT = 10000000 };

/* --- reading --- */

/* source (borrowed for the life of the tree) is named in errors. RFC 8259 and, as Python writes
 * them, the numbers NaN, Infinity and -Infinity. Integers beyond int64 and -0 are doubles. Duplicate keys,
 * depth above HN_NODE_MAX_DEPTH, invalid UTF-8, halves of surrogate pairs, \u0000 and trailing text are
 * errors. O(size). */
hone_status hn_json_parse(hn_arena *arena, const char *source, const char *text, size_t size, hn_node **root,
                          hone_error *err);
/* YAML 1.2 core scalars (no is a string; 1e-5 is a number); one document; anchors and aliases are refused,
 * tags too. */
hone_status hn_yaml_parse(hn_arena *arena, const char *source, const char *text, size_t size, hn_node **root,
                          hone_error *err);
/* Reads a file; the name's ending .json chooses the JSON parser, everything else YAML. */
hone_status hn_node_read_file(hn_arena *arena, const char *path, hn_node **root, hone_error *err);

/* --- looking --- */

/* The value under key, or NULL (also when node is NULL or no map). O(entries). */
hn_node *hn_map_get(const hn_node *node, const char *key);
/* "null", "true", "3", "a string", "a list" ...: how the value is named in an error. Static or in the
 * arena. */
const char *hn_node_describe(hn_arena *arena, const hn_node *node);
/* Numbers: an integer node is also a double; a double that is whole is also an integer. False otherwise. */
bool hn_node_double(const hn_node *node, double *value);
bool hn_node_int(const hn_node *node, int64_t *value);
bool hn_node_equal(const hn_node *a, const hn_node *b);
/* Error HONE_INVALID naming the first key of map that is not in allowed, with the nearest allowed one and the
 * list. what names the map in the message ("search"). */
hone_status hn_map_check_keys(const hn_node *map, const char *what, const char *const *allowed, size_t n,
                              hone_error *err);

/* --- making (NULL when memory is out; NULL arguments pass it on, so that builders nest and are checked once)
 * --- */

hn_node *hn_node_null(hn_arena *arena);
hn_node *hn_node_bool(hn_arena *arena, bool value);
hn_node *hn_node_integer(hn_arena *arena, int64_t value);
hn_node *hn_node_real(hn_arena *arena, double value);
hn_node *hn_node_string(hn_arena *arena, const char *value);
hn_node *hn_node_list(hn_arena *arena);
hn_node *hn_node_map(hn_arena *arena);
hn_node *hn_list_append(hn_arena *arena, hn_node *list, hn_node *item);
/* Replaces the value of a key that is there. Returns map. */
hn_node *hn_map_set(hn_arena *arena, hn_node *map, const char *key, hn_node *value);
/* As hn_map_set in O(1), for a key that the caller knows to be new. */
hn_node *hn_map_append(hn_arena *arena, hn_node *map, const char *key, hn_node *value);
hn_node *hn_node_copy(hn_arena *arena, const hn_node *node);
/* What an unquoted YAML 1.2 scalar means: null, a bool, a number or else a string. */
hn_node *hn_node_plain(hn_arena *arena, const char *text, size_t size);

/* --- writing --- */

typedef enum hn_json_style {
    HN_JSON_STRICT, /* non-finite numbers as "nan", "inf", "-inf" strings, reals keep their point (a share
                       of 1.0 is no count of 1): the protocol */
    HN_JSON_PYTHON, /* as json.dumps: ", " and ": " separators, NaN, Infinity, ASCII escapes */
    HN_JSON_PRETTY, /* strict, two-space indented */
} hn_json_style;

void hn_json_write(hn_buffer *out, const hn_node *node, hn_json_style style);
/* The same in an arena; NULL when the node is NULL (memory ran out while it was made) or memory is out. */
const char *hn_node_json(hn_arena *arena, const hn_node *node, hn_json_style style);
/* A JSON string literal with its quotes. */
void hn_json_write_string(hn_buffer *out, const char *text, size_t size, hn_json_style style);

#endif
