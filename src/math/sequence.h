/* math/sequence.h: low-discrepancy points. Point i depends on (seed, i) only. Thread-safe. Sources: Joe &
 * Kuo 2008 (direction numbers new-joe-kuo-6), Owen 1995, 1998 (nested uniform scrambling, its random bits
 * hashed from the path), Halton 1960 with random digit permutations. */
#ifndef HN_MATH_SEQUENCE_H
#define HN_MATH_SEQUENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HN_SOBOL_MAX_DIMENSIONS = 1111, HN_HALTON_MAX_DIMENSIONS = 1111 };

/* Coordinate `dimension` (0-based) of point `index` in [0, 1). Unscrambled matches SciPy's
 * qmc.Sobol(scramble=False) (Gray-code order) bit for bit. Repeats after 2^53 points. Unscrambled O(bits of
 * index x degree), degree <= 13. */
double hn_sobol(uint64_t index, unsigned dimension, bool scramble, uint64_t seed);
/* The first n coordinates of a dimension, all shifted by the digits of one random number instead of scrambled
 * (a digital shift; L'Ecuyer & Lemieux 2002): a hundred times as fast. out (n,). O(n). */
void hn_sobol_shifted(unsigned dimension, size_t n, uint64_t seed, double *out);
/* As hn_sobol, for Halton in base prime(dimension); unscrambled matches SciPy's qmc.Halton(scramble=False).
 * Scrambled O(base x digits). */
double hn_halton(uint64_t index, unsigned dimension, bool scramble, uint64_t seed);

#endif
