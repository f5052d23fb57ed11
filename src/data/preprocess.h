/* data/preprocess.h: from raw columns to the dense matrix a model sees. Everything that depends on data (the
 * value that replaces a missing one, the categories, centre and scale) is fitted on the rows given and only
 * applied to others, so that nothing of a test row leaks into training. Read-only after fitting; any number
 * of threads may apply it.
 *
 * Numeric columns give one column: missing values are replaced, then (x - centre) / scale. Categorical
 * columns give one 0/1 column when two categories are known, else one per category; missing values become the
 * most frequent category, a category not seen in fitting gives zeros (the most frequent one when there are
 * two). Ordinal encoding gives one column instead: the category's index, -1 for one not seen. In the end
 * columns may be left out: those that vary too little, then all but the best.
 *
 * Samples (data/samples.h) are scaled channel by channel, bytes by minmax to 0 .. 255 / 255; tokens stay as
 * they are. As a matrix they have a column a value.
 */
#ifndef HN_DATA_PREPROCESS_H
#define HN_DATA_PREPROCESS_H

#include "base/node.h"
#include "base/option.h"
#include "data/dataset.h"
#include "onnx/graph.h"

typedef enum hn_scale { HN_SCALE_NONE, HN_SCALE_STANDARD, HN_SCALE_MINMAX, HN_SCALE_ROBUST } hn_scale;
typedef enum hn_impute {
    HN_IMPUTE_MEAN,
    HN_IMPUTE_MEDIAN,
    HN_IMPUTE_MOST_FREQUENT, /* of equally frequent ones the smallest */
    HN_IMPUTE_CONSTANT
} hn_impute;
typedef enum hn_encode { HN_ENCODE_ONEHOT, HN_ENCODE_ORDINAL } hn_encode;

enum { HN_DEFAULT_MAX_CATEGORIES = 100 };

typedef struct hn_preprocess_options {
    hn_scale scale;   /* standard: mean 0, variance 1 (dividing by n); minmax: 0 to 1; robust: median 0,
                         quartiles 1 apart */
    hn_impute impute; /* of numbers */
    double fill;      /* the constant of HN_IMPUTE_CONSTANT */
    hn_encode encode;
    size_t max_categories; /* per column; of more the most frequent are kept; 0 = 100 */
    double min_variance;   /* columns of no larger variance (before scaling) are left out; 0 keeps all */
    size_t select; /* so many columns are kept: the best by ANOVA's F for classes, by F of the correlation for
                      numbers; 0 = all */
} hn_preprocess_options;

/* The same as options by name, for study files and help; its config is hn_preprocess_options. */
extern const hn_option_table hn_preprocess_table;
/* The option that is called "preprocess.scale" where a model's options stand, too; NULL: it is none. */
const hn_option *hn_preprocess_option(const char *name);

typedef struct hn_preprocess hn_preprocess;

/* rows (n,) of the dataset; NULL means all. Returned: free with hn_preprocess_destroy. O(n * columns). */
hone_status hn_preprocess_fit(const hn_preprocess_options *options, const hn_dataset *dataset,
                              const size_t *rows, size_t n, hn_preprocess **fitted, hone_error *err);
/* One more owner of the same object, which is there until all have destroyed it. Never fails. */
hn_preprocess *hn_preprocess_retain(const hn_preprocess *fitted);
void hn_preprocess_destroy(hn_preprocess *fitted); /* accepts NULL */

/* Columns of the matrix. */
size_t hn_preprocess_width(const hn_preprocess *fitted);

/* out: (n, width) row-major. rows (n,) or NULL for all. Columns are matched by name when both files had a
 * header, by order otherwise; HONE_INVALID names a column that is absent, of another kind, or a count that
 * differs. */
hone_status hn_preprocess_apply(const hn_preprocess *fitted, const hn_dataset *dataset, const size_t *rows,
                                size_t n, double *out, hone_error *err);

/* Rows of a dataset as hn_preprocess_apply makes them, some at a time. Borrows the preprocess, the dataset
 * and the rows until it is closed; any number of threads may read at once. Open reports what apply does. */
typedef struct hn_row_source hn_row_source;
hone_status hn_row_source_open(const hn_preprocess *fitted, const hn_dataset *dataset, const size_t *rows,
                               hn_row_source **source, hone_error *err);
/* out (n, width): rows from .. from + n - 1 of those it was opened with. */
hone_status hn_row_source_read(const hn_row_source *source, size_t from, size_t n, double *out,
                               hone_error *err);
/* The same with columns first: out (width, n). */
hone_status hn_row_source_columns(const hn_row_source *source, size_t from, size_t n, double *out,
                                  hone_error *err);
/* Its rows from .. from + n - 1 as a source that owns a share of what it reads, instead of borrowing it. No
 * values are copied. */
hone_status hn_row_source_keep(const hn_row_source *source, size_t from, size_t n, hn_row_source **kept,
                               hone_error *err);
void hn_row_source_close(hn_row_source *source); /* accepts NULL */

/* The rows of a dataset of samples as they were fitted, without a copy: NULL rows means all. HONE_INVALID for
 * columns, and for samples of another shape. The view lives as long as fitted, dataset and rows. */
hone_status hn_preprocess_view(const hn_preprocess *fitted, const hn_dataset *dataset, const size_t *rows,
                               hn_sample_view *view, hone_error *err);

/* The dataset's column that raw column j of the fitted ones is applied to; errors as hn_preprocess_apply. */
hone_status hn_preprocess_match(const hn_preprocess *fitted, const hn_dataset *dataset, size_t j,
                                const hn_column **column, hone_error *err);
/* As hn_preprocess_apply for raw column j alone, read from `column`: its places in out are written, no
 * others.
 */
hone_status hn_preprocess_apply_column(const hn_preprocess *fitted, size_t j, const hn_column *column,
                                       const size_t *rows, size_t n, double *out, hone_error *err);

/* False when fitting does nothing that depends on the rows (numbers only, none missing, no scaling): one
 * matrix then serves every fold. */
bool hn_preprocess_depends_on_rows(const hn_preprocess_options *options, const hn_dataset *dataset);

/* Fitted to files of arrays: not to columns, not to a text in one of them. */
bool hn_preprocess_is_of_arrays(const hn_preprocess *fitted);

/* What a file to predict must look like; points into fitted. */
hn_schema hn_preprocess_schema(const hn_preprocess *fitted);

/* The same as hn_preprocess_apply as nodes of a graph, from its inputs on: of columns (rows, width) doubles,
 * of samples their shape, floats or tokens. fitted is borrowed until the graph is destroyed. */
hn_value hn_preprocess_graph(const hn_preprocess *fitted, hn_graph *graph);
/* {input: [columns]} of a graph that begins so; empty for samples. NULL when memory is out. */
hn_node *hn_preprocess_inputs(const hn_preprocess *fitted, const hn_graph *graph, hn_arena *arena);

/* A map with every fitted value, and back. NULL when memory is out. */
hn_node *hn_preprocess_save(const hn_preprocess *fitted, hn_arena *arena);
hone_status hn_preprocess_load(const hn_node *node, hn_preprocess **fitted, hone_error *err);

#endif
