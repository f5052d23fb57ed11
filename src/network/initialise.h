/* network/initialise.h: how weights begin. Sources: Glorot & Bengio 2010; He et al. 2015; LeCun et al. 1998;
 * Saxe, McClelland & Ganguli 2014. */
#ifndef HN_NETWORK_INITIALISE_H
#define HN_NETWORK_INITIALISE_H

#include <stddef.h>

#include "math/random.h"

typedef enum hn_initialisation {
    HN_GLOROT_UNIFORM, /* variance 2 / (fan_in + fan_out) */
    HN_GLOROT_NORMAL,
    HN_HE_UNIFORM, /* variance 2 / fan_in */
    HN_HE_NORMAL,
    HN_LECUN_UNIFORM, /* variance 1 / fan_in */
    HN_LECUN_NORMAL,
    HN_ORTHOGONAL, /* orthonormal rows or columns, whichever are fewer */
    HN_ZEROS,
} hn_initialisation;

/* "glorot_uniform" ...; in the enum's order, ends with NULL. */
extern const char *const hn_initialisation_names[];

/* out (rows, columns), row-major. Normal draws are not truncated. O(rows columns); orthogonal: times the
 * smaller of them. */
void hn_initialise(hn_initialisation kind, hn_random *random, size_t fan_in, size_t fan_out, size_t rows,
                   size_t columns, float *out);

#endif
