/* model/design.h: the rows of a design, which are a matrix or a source that makes them. */
#ifndef HN_MODEL_DESIGN_H
#define HN_MODEL_DESIGN_H

#include "model/model.h"

/* Rows from .. from + n - 1: out (n, d). */
hone_status hn_design_rows(const hn_design *design, size_t from, size_t n, double *out, hone_error *err);
/* The same with columns first: out (d, n). */
hone_status hn_design_columns(const hn_design *design, size_t from, size_t n, double *out, hone_error *err);
/* The same design with a matrix, which is in the scratch when it was not there before. */
hone_status hn_design_load(const hn_design *design, hn_arena *scratch, hn_design *loaded, hone_error *err);

#endif
