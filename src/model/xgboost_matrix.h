/* model/xgboost_matrix.h: the library's matrices of some rows of a design, with targets and weights. */
#ifndef HN_MODEL_XGBOOST_MATRIX_H
#define HN_MODEL_XGBOOST_MATRIX_H

#include <stdbool.h>

#include "model/design.h"
#include "model/xgboost_library.h"

/* Which rows. Borrowed for the call. */
typedef struct hn_xgboost_source {
    const hn_xgboost *library;
    const hn_design *train;
    const unsigned char *aside; /* (n,): rows set aside */
    bool of_aside;              /* those, or the others */
    hone_error *err;
} hn_xgboost_source;

/* The n rows as floats: for the exact method and for watching a loss. Free with matrix_free. */
hone_status hn_xgboost_floats(const hn_xgboost_source *source, size_t n, void **matrix);
/* The n rows as bins of 256 quantiles a column, equal to those of a matrix of floats: for histograms only.
 * Free with matrix_free. */
hone_status hn_xgboost_bins(const hn_xgboost_source *source, size_t n, void **matrix);

#endif
