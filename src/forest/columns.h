/* forest/columns.h: a design by columns, every value replaced by its rank among the column's distinct values.
 * Trees look at nothing else of it while they grow, so that one object serves every fit on any of its rows.
 * Read-only after it was made.
 */
#ifndef HN_FOREST_COLUMNS_H
#define HN_FOREST_COLUMNS_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "forest/pairs.h"

enum { HN_COLUMN_MAX_CODES = 65536 };

/* A code stands for one value; in a column of more than HN_COLUMN_MAX_CODES distinct values for a run of
 * neighbouring ones (bins of equally many distinct values). */
typedef struct hn_columns {
    size_t n, d, max_codes;
    uint16_t *codes;   /* (d, n) */
    uint32_t *n_codes; /* (d,) */
    double **low;      /* (d,): the smallest value of each code */
    double **high;     /* (d,): the largest; the same array as low when codes are single values */
    hn_pairs pairs;
} hn_columns;

/* x: (n, d) row-major, finite; n < 2^32. Returned: free with hn_columns_destroy. O(n d). */
hone_status hn_columns_create(const double *x, size_t n, size_t d, hn_columns **columns, hone_error *err);
void hn_columns_destroy(hn_columns *columns); /* accepts NULL */
/* At most this many bytes, saturating. */
size_t hn_columns_bytes(size_t n, size_t d);

#endif
