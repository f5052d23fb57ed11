/* data/make.h: made-up data to try things on: what scikit-learn's make_classification, make_regression,
 * make_blobs and make_moons draw (same parameters and meaning), from this project's own random streams.
 */
#ifndef HN_DATA_MAKE_H
#define HN_DATA_MAKE_H

#include <stdint.h>

#include "data/dataset.h"

/* Values are pinned: they are public. */
typedef enum hn_make_kind {
    HN_MAKE_CLASSIFICATION = 1, /* normal clusters around vertices of a hypercube (Guyon 2003, "Madelon") */
    HN_MAKE_REGRESSION = 2,     /* a linear function of normal columns */
    HN_MAKE_BLOBS = 3,          /* round normal clusters */
    HN_MAKE_MOONS = 4,          /* two half circles, one inside the other's opening */
} hn_make_kind;

/* Sizes of 0 mean the kind's default, where 0 would mean nothing. */
typedef struct hn_make_options {
    hn_make_kind kind;
    size_t rows, columns;  /* defaults: 100; 20, 100, 2, always 2 */
    size_t classes;        /* clusters of blobs; defaults: 2, none, 3, always 2 */
    size_t informative;    /* columns that tell; defaults: 2, 10 */
    size_t redundant;      /* linear combinations of informative ones */
    size_t repeated;       /* copies of informative and redundant ones */
    size_t clusters;       /* of each class; default: 2 */
    double class_sep;      /* half the hypercube's edge */
    double flip;           /* share of rows whose class is drawn anew */
    double noise;          /* standard deviation added to y of a regression, to x of moons */
    double spread;         /* standard deviation within a blob */
    double bias;           /* added to y of a regression */
    const double *weights; /* (n_weights,): the classes' shares; the last may be left out. NULL: equal */
    size_t n_weights;
    bool in_order; /* rows and columns are not shuffled: classes one after another; informative, redundant,
                      repeated, then useless columns */
    uint64_t seed;
} hn_make_options;

/* coefficients: (columns,) receives those of a regression; may be NULL. HONE_INVALID names the option.
 * Returned: free with hn_dataset_destroy. O(rows columns informative); holds the values twice while it
 * runs. */
hone_status hn_dataset_make(const hn_make_options *options, double *coefficients, hn_dataset **dataset,
                            hone_error *err);

/* --- between make.c and the kinds --- */

/* A stream for each thing drawn, so that one never shifts another's draws. Values are pinned. */
typedef enum hn_make_draw {
    HN_DRAW_CENTRES = 0,
    HN_DRAW_POINTS = 1,
    HN_DRAW_MIXING = 2,
    HN_DRAW_CLASSES = 3,
    HN_DRAW_ROW_ORDER = 4,
    HN_DRAW_COLUMN_ORDER = 5,
    HN_DRAW_NOISE = 6,
} hn_make_draw;

/* What is being made. Rows and columns are filled in order, through the places they will have. */
typedef struct hn_making {
    hn_make_options o; /* defaults filled in, checked */
    double *x;         /* (rows, columns) row-major */
    double *y;         /* (rows,) */
    size_t *row, *column;
    double *coefficients; /* (columns,) or NULL */
    hone_error *err;
} hn_making;

static inline double *hn_making_cell(const hn_making *m, size_t row, size_t column)
{
    return &m->x[m->row[row] * m->o.columns + m->column[column]];
}

hone_status hn_make_classification(const hn_making *m);
hone_status hn_make_regression(const hn_making *m);
hone_status hn_make_blobs(const hn_making *m);
hone_status hn_make_moons(const hn_making *m);

#endif
