/* app/plan_reader.h: one key of a map as a value of a wanted type. Absent keys (and null) leave the output
 * alone; a wrong type is HONE_INVALID with its position: "study.yaml:4:11: search: trials must be ...,
 * found ...". */
#ifndef HN_APP_PLAN_READER_H
#define HN_APP_PLAN_READER_H

#include "base/node.h"

/* Where keys are read from; what names the map in messages. */
typedef struct hn_reader {
    hn_arena *arena;
    const hn_node *map; /* NULL: everything is absent */
    const char *what;
} hn_reader;

/* The value unless it is absent or null. */
const hn_node *hn_reader_get(const hn_reader *reader, const char *key);
/* HONE_INVALID: "<what>: <key> must be <wanted>, found <value>". */
hone_status hn_reader_wrong(const hn_reader *reader, const char *key, const hn_node *found,
                            const char *wanted, hone_error *err);
hone_status hn_read_text(const hn_reader *reader, const char *key, const char **text, hone_error *err);
hone_status hn_read_bool(const hn_reader *reader, const char *key, bool *value, hone_error *err);
hone_status hn_read_int(const hn_reader *reader, const char *key, int64_t low, int64_t *value,
                        hone_error *err);
hone_status hn_read_double(const hn_reader *reader, const char *key, double *value, hone_error *err);
hone_status hn_read_duration(const hn_reader *reader, const char *key, double *seconds, hone_error *err);
hone_status hn_read_bytes(const hn_reader *reader, const char *key, uint64_t *bytes, hone_error *err);
/* A scalar or a list of scalars as texts, ending with NULL. */
hone_status hn_read_texts(const hn_reader *reader, const char *key, const char *const **texts, size_t *n,
                          hone_error *err);
/* A scalar as text: "3", "0.1", "true", the string itself. NULL for lists, maps, or when memory is out. */
const char *hn_scalar_text(hn_arena *arena, const hn_node *node);

#endif
