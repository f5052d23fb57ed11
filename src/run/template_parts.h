/* run/template_parts.h: what a template is made of, shared by template.c and template_parse.c. */
#ifndef HN_RUN_TEMPLATE_PARTS_H
#define HN_RUN_TEMPLATE_PARTS_H

#include "base/buffer.h"
#include "base/text_map.h"
#include "run/template.h"

typedef enum hn_quote { HN_QUOTE_NONE, HN_QUOTE_SINGLE, HN_QUOTE_DOUBLE } hn_quote;

typedef struct hn_piece {
    bool placeholder;
    const char *text; /* literal text, or the name */
    size_t offset; /* of a placeholder: where it stands in the template's text, or in its element of a list */
    hn_quote quote; /* of a placeholder of a script: what it stands in */
} hn_piece;

/* An argument; of a script: a stretch of it, and the stretches are joined. */
typedef struct hn_word {
    hn_piece *pieces;
    size_t n_pieces, capacity;
    size_t optional;    /* number of its group, from 1; 0 = none */
    bool opens, closes; /* while parsing: an unquoted bracket stands at its beginning, at its end */
} hn_word;

struct hn_template {
    hn_arena arena;
    hn_position at;
    bool shell;
    size_t n_words, capacity;
    hn_word *words;
};

/* As hn_fail_at, naming the character of the template's text. */
hone_status hn_template_fail(hone_error *err, hone_status status, hn_position at, size_t offset,
                             const char *format, ...) __attribute__((format(printf, 5, 6)));

#endif
