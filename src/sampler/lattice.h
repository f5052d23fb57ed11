/* sampler/lattice.h: the product of lists of values over the parameters of a space, addressed by one index
 * in the order of scikit-learn's ParameterGrid: names sorted, the last one changing fastest. Several
 * indices give the same point when a parameter is inactive: the one with the first value of its list
 * stands for all. */
#ifndef HN_SAMPLER_LATTICE_H
#define HN_SAMPLER_LATTICE_H

#include "space/space.h"

/* The values of one parameter. No values at all are allowed as long as the parameter is inactive. */
typedef struct hn_axis {
    const double *values;
    size_t count;
} hn_axis;

typedef struct hn_lattice {
    const hn_space *space;
    const hn_axis *axes; /* (parameters,) */
    size_t *strides;     /* (parameters,) */
    size_t size;         /* indices are 0 .. size-1 */
} hn_lattice;

enum { HN_LATTICE_MAX_SIZE = 4000000 };

/* axes: borrowed. HONE_LIMIT when the product is above HN_LATTICE_MAX_SIZE; the message does not name the
 * sampler. */
hone_status hn_lattice_make(hn_arena *arena, const hn_space *space, const hn_axis *axes, hn_lattice *lattice,
                            hone_error *err);
/* All values of a finite parameter, or the one that `fixed` (may be NULL) gives; no values when it is
 * continuous. */
hone_status hn_lattice_axes(hn_arena *arena, const hn_space *space, const hn_point *fixed, hn_axis *axes,
                            hone_error *err);
/* The settled point of an index; false when the index does not stand for its point. A value is NaN where an
 * active parameter has no values. O(parameters). */
bool hn_lattice_point(const hn_lattice *lattice, size_t index, hn_point *point);
/* Is this settled point one of the lattice's? */
bool hn_lattice_contains(const hn_lattice *lattice, const hn_point *point);

#endif
