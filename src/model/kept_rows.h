/* model/kept_rows.h: the training rows of a model that is its rows, as a fitted object owns them.
 *
 * Rows that come from a table are not copied by the fit: the table is kept instead, and the matrix is made by
 * whoever looks at it first, in the place of the table. Any number of threads may look at once.
 */
#ifndef HN_MODEL_KEPT_ROWS_H
#define HN_MODEL_KEPT_ROWS_H

#include "model/model.h"

typedef struct hn_kept_rows hn_kept_rows;

/* Room for n rows of d values, at *x, to be filled before anybody looks; NULL when memory is out. */
hn_kept_rows *hn_kept_rows_new(size_t n, size_t d, double **x);
/* The rows of a design: a matrix is copied, of a source a share is taken. Returned: free with
 * hn_kept_rows_destroy. */
hone_status hn_kept_rows_of(const hn_design *design, hn_kept_rows **rows, hone_error *err);
void hn_kept_rows_destroy(hn_kept_rows *rows); /* accepts NULL */
/* *x (n, d) lives as long as rows. */
hone_status hn_kept_rows_look(hn_kept_rows *rows, const double **x, hone_error *err);

#endif
