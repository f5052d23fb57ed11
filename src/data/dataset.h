/* data/dataset.h: a table ready for learning: typed feature columns and a target. Raw values are kept; what
 * is fitted to rows (imputation, encoding, scaling) is data/preprocess.h. A dataset is read-only after it was
 * made and may be used by any number of threads.
 */
#ifndef HN_DATA_DATASET_H
#define HN_DATA_DATASET_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "data/samples.h"

/* Values are pinned: they are public and saved. */
typedef enum hn_model_task {
    HN_TASK_NONE = 0,
    HN_TASK_CLASSIFICATION = 1,
    HN_TASK_REGRESSION = 2,
    HN_TASK_CLUSTERING = 4, /* no target: rows that are alike belong together */
} hn_model_task;

typedef enum hn_column_kind { HN_COLUMN_NUMERIC = 1, HN_COLUMN_CATEGORICAL = 2 } hn_column_kind;

typedef struct hn_column {
    const char *name;
    hn_column_kind kind;
    const double *values; /* (n_rows,): the number, or the index of the category; NaN = missing */
    size_t n_missing;
    size_t n_categories;           /* 0 for a numeric column */
    const char *const *categories; /* (n_categories,), ascending by bytes */
} hn_column;

typedef struct hn_dataset {
    const char *source;             /* the file it came from, for messages and provenance */
    bool has_header;                /* false: the names are x0, x1, ... by position in the file */
    size_t n_rows, n_columns;       /* n_columns counts features, without the target */
    hn_column *columns;             /* (n_columns,) */
    const hn_sample_block *samples; /* the features where they are one array a row, there are no columns then;
                                       NULL: columns are the features */
    hn_model_task task;      /* without a target: HN_TASK_CLUSTERING or, for use by a model, HN_TASK_NONE */
    const char *target_name; /* NULL without a target */
    const double *target;    /* (n_rows,): class index or value; NULL without a target */
    size_t n_classes;        /* 0 unless classification */
    const char *const *classes;   /* (n_classes,): ascending, as numbers when all are numbers */
    const char *const *row_names; /* (n_rows,): the files of images, from their folder on; NULL: rows have no
                                     names. Not shared */
    const hn_column *group;  /* says which rows belong together, no feature; NULL: none. None is missing */
    const hn_column *weight; /* numbers: how much each row counts, no feature; NULL: all 1. Finite, none
                                negative or missing, not all 0 */

    hn_arena arena;      /* names, categories, columns */
    double *values;      /* backs columns and target; NULL when mapped */
    void *sample_values; /* backs samples; NULL when mapped */
    const void *mapping; /* backs them when attached */
    size_t mapping_size;
    atomic_size_t sharers; /* owners beside the first */
} hn_dataset;

/* What is known of the features before reading: a model's, when it is applied to another file. Matched by
 * name when the file has a header, by order otherwise. */
typedef struct hn_schema {
    bool named; /* the names come from a header */
    size_t n;
    const char *const *names;
    const hn_column_kind *kinds;
    size_t width; /* without names: columns of the file of fitting up to the last that was used; names hold
                     positions there (x0, x1 ...). 0: not known */
    const hn_text_rule *text; /* the features are tokens of a text, made like this; NULL: they are not */
    size_t rank;              /* of features that are one array a row; 0: they are columns */
    const size_t *shape;      /* (rank,): of that array */
} hn_schema;

/* Zero means: detect everything. Lists end with NULL; a column is given by name, or by position (0-based;
 * negative from the end) when no column has that name. */
typedef struct hn_dataset_options {
    const char *target;   /* NULL: the column named "target", else the last */
    bool no_target;       /* all columns are features */
    const char *group;    /* the column that becomes hn_dataset.group; NULL: none */
    const char *weight;   /* the column that becomes hn_dataset.weight; NULL: none */
    bool weight_may_lack; /* without that column the rows have no weights */
    int header;           /* 1: the first row holds names, -1: it does not, 0: detected */
    char delimiter;       /* 0: detected */
    bool plain;           /* no cell is quoted: quotes are text */
    size_t skip_rows;
    size_t max_bytes;   /* 0 = 1 GiB */
    hn_model_task task; /* HN_TASK_NONE: inferred from the target. HN_TASK_CLUSTERING: no target is taken, and
                           the column named by `target` is no feature */
    const char *const *categorical, *const *numeric, *const *drop;
    const char *const *missing; /* spellings of a missing value beside the usual ones */
    const hn_schema *schema;    /* may be NULL */
    const hn_text_rule *text;   /* the column that becomes tokens, the only feature, and how; NULL: none */
    const char *labels;         /* of an array file: the file of the target; NULL: found by its name */
    const char *const *more;    /* further files of arrays, whose rows come after path's; NULL: none. Each has
                                   its labels inside or beside it */
    const char *features;       /* of a NPZ file: the array of the features; NULL: x, x_train ... */
    size_t channels;            /* of images: 1 or 3; 0: 1 if all are grey */
    size_t image_height, image_width; /* to which images are resized; 0: they must have one size */
    const char *const *classes; /* the class list to use (n_classes of them); NULL: found in the target */
    size_t n_classes;
} hn_dataset_options;

/* Reads a CSV or TSV file (data/csv.h); path "-" is standard input. A file of arrays, by its content
 * (data/array.h), becomes samples: then only target (the NPZ array), labels, features, task, classes and
 * max_bytes count. A folder of images, a folder in it for each class, becomes samples, too (a single image
 * without target): channels, image_height, image_width and, of decoded bytes, max_bytes count; with a schema
 * its shape.
 *
 * Header: the first row is one when the target's name or one of the schema's is in it; or a text stands over
 * a column of numbers; or all of it is distinct text that does not occur again in its column (judged on the
 * first 100 rows). Kinds: all numbers is numeric; mostly text is categorical; more than half numbers with
 * some text is an error that names the first text and says how to declare the column. Task: text is
 * classification; numbers are when all are whole with at most 20 distinct values, each met five times on
 * average (two values always are); everything else is regression. Errors: those of hn_csv_read;
 * HONE_NOT_FOUND for a column that does not exist; HONE_INVALID for no rows under a header, missing targets,
 * groups and weights, weights below 0 or infinite or all 0, one class only, a class not in classes. Returned:
 * free with hn_dataset_destroy. O(cells). */
hone_status hn_dataset_read(const char *path, const hn_dataset_options *options, hn_dataset **dataset,
                            hone_error *err);

/* The same file block by block, whatever its size: kinds that no schema gives are judged anew in each block.
 */
typedef struct hn_dataset_blocks hn_dataset_blocks;

/* block_bytes of text at a time; 0: 4 MiB. What options and path point to is borrowed until closed. Returned:
 * free with hn_dataset_blocks_close. */
hone_status hn_dataset_blocks_open(const char *path, const hn_dataset_options *options, size_t block_bytes,
                                   hn_dataset_blocks **blocks, hone_error *err);
/* The next rows; *dataset NULL at the end. Returned: free with hn_dataset_destroy. */
hone_status hn_dataset_blocks_next(hn_dataset_blocks *blocks, hn_dataset **dataset, hone_error *err);
void hn_dataset_blocks_close(hn_dataset_blocks *blocks); /* accepts NULL */

/* Copies x (n, d) row-major, y (n,) (may be NULL: no target) and weight (n,) (may be NULL: all 1). NaN in x
 * is a missing value. Columns are x0 ... */
hone_status hn_dataset_from_arrays(const double *x, size_t n, size_t d, const double *y, const double *weight,
                                   hn_model_task task, hn_dataset **dataset, hone_error *err);
/* One more owner of the same dataset, which is there until all have destroyed it. Never fails. */
hn_dataset *hn_dataset_retain(const hn_dataset *dataset);
void hn_dataset_destroy(hn_dataset *dataset); /* accepts NULL */

/* Puts the dataset into an anonymous shared-memory file, once; other processes attach its descriptor without
 * parsing. The caller closes fd. */
hone_status hn_dataset_share(const hn_dataset *dataset, int *fd, hone_error *err);
/* Columns point into the read-only mapping. HONE_PARSE when the content is not what share wrote. */
hone_status hn_dataset_attach(int fd, hn_dataset **dataset, hone_error *err);

/* The first row whose weight is negative or not finite; n when there is none, and *total is their sum. */
size_t hn_first_wrong_weight(const double *weight, size_t n, double *total);

/* "classification", "regression", "clustering", "none". Static. */
const char *hn_model_task_name(hn_model_task task);
/* The task of that name; HN_TASK_NONE for any other text. */
hn_model_task hn_model_task_find(const char *name);

#endif
