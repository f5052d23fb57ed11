/* storage/vocabulary.h: the parameter names and distributions a storage has met, each kept once for the
 * storage's life, so that a million trials share them and a distribution's JSON is parsed once. A column
 * is a name with a distribution. One thread at a time. */
#ifndef HN_STORAGE_VOCABULARY_H
#define HN_STORAGE_VOCABULARY_H

#include "base/text_map.h"
#include "space/distribution.h"

typedef struct hn_vocabulary_column {
    const char *name;
    const hn_distribution *distribution;
    uint32_t text; /* index of the distribution's JSON in texts */
    uint32_t next; /* the column that came after it last: trials are alike */
} hn_vocabulary_column;

typedef struct hn_vocabulary {
    hn_text_map names;
    hn_text_map texts;                     /* distributions as JSON, Optuna's spelling and ours */
    const hn_distribution **distributions; /* of texts */
    size_t n_distributions, distributions_capacity;
    hn_text_map pairs; /* "name index:text index" of each column */
    hn_vocabulary_column *columns;
    size_t n_columns, columns_capacity;
    uint32_t previous; /* the column met last */
    uint32_t *last;    /* of a name: its column met last, which the next one most often is */
    size_t n_last, last_capacity;
    hn_arena arena;
    hn_buffer json;
} hn_vocabulary;

#define HN_VOCABULARY_INIT                                                                                   \
    {                                                                                                        \
        0                                                                                                    \
    }

/* The column of a parameter as a caller has it. O(size of the distribution) when parameters come as in the
 * trial before, or when it is the last met of the name. */
hone_status hn_vocabulary_intern(hn_vocabulary *vocabulary, const char *name,
                                 const hn_distribution *distribution, size_t *column, hone_error *err);
/* The column of a parameter as a database has it. HONE_STORAGE when the JSON is no distribution. */
hone_status hn_vocabulary_parse(hn_vocabulary *vocabulary, const char *name, const char *json, size_t size,
                                size_t *column, hone_error *err);
void hn_vocabulary_release(hn_vocabulary *vocabulary);

#endif
