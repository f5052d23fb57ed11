/* The Sobol' sequence (hn_sobol), with Owen's nested uniform scrambling. */
#include "math/sequence.h"

#include <string.h>

#include "math/hash.h"
#include "math/random.h"
#include "math/sobol_table.h"

enum { BITS = 53 }; /* digits of a coordinate: all that a double in [0, 1) can hold */

static unsigned degree_of(uint32_t polynomial)
{
    return 31u - (unsigned)__builtin_clz(polynomial);
}

/* The direction numbers v[0 .. count - 1] of a dimension as BITS-bit binary fractions: those given, then the
 * recurrence v_j = v_(j-d) ^ (v_(j-d) >> d) ^ the v_(j-k) for the polynomial's coefficients a_k, 0 < k < d
 * (Joe & Kuo, eq. 2). */
static void direction_numbers(unsigned dimension, unsigned count, uint64_t v[BITS])
{
    memset(v, 0, BITS * sizeof *v);
    if (dimension == 0) {
        for (unsigned j = 0; j < count; j++)
            v[j] = UINT64_C(1) << (BITS - 1 - j);
        return;
    }
    const hn_sobol_direction *direction = &hn_sobol_directions[dimension - 1];
    unsigned degree = degree_of(direction->polynomial);
    for (unsigned j = 0; j < count && j < degree; j++)
        v[j] = (uint64_t)direction->initial[j] << (BITS - 1 - j);
    for (unsigned j = degree; j < count; j++) {
        v[j] = v[j - degree] ^ (v[j - degree] >> degree);
        for (unsigned k = 1; k < degree; k++)
            if (direction->polynomial >> (degree - k) & 1)
                v[j] ^= v[j - k];
    }
}

/* Each digit is flipped or not by a random bit that depends on all the digits before it (Owen 1995, 1998).
 * Exact: every node of the binary tree has a bit of its own, the hash of the path that leads there. */
static uint64_t scramble_digits(uint64_t digits, uint64_t key)
{
    uint64_t flips = 0;
    for (unsigned depth = 0; depth < BITS; depth++) {
        /* The leading 1 tells paths of different depth apart. */
        uint64_t path = (UINT64_C(1) << depth) | (digits >> (BITS - depth));
        flips = flips << 1 | hn_hash64(key, path) >> 63;
    }
    return digits ^ flips;
}

/* What makes the dimensions of a seed differ in what they are scrambled or shifted by. */
static uint64_t key_of(uint64_t seed, unsigned dimension)
{
    hn_random random = hn_random_stream(seed, 0, HN_PURPOSE_SCRAMBLE);
    return hn_hash64(hn_random_u64(&random), dimension);
}

double hn_sobol(uint64_t index, unsigned dimension, bool scramble, uint64_t seed)
{
    index &= (UINT64_C(1) << BITS) - 1;
    uint64_t gray = index ^ index >> 1, digits = 0, v[BITS];
    unsigned count = index ? 64u - (unsigned)__builtin_clzll(index) : 0;
    direction_numbers(dimension, count, v);
    for (unsigned j = 0; j < count; j++)
        if (gray >> j & 1)
            digits ^= v[j];
    if (scramble)
        digits = scramble_digits(digits, key_of(seed, dimension));
    return (double)digits * 0x1p-53;
}

void hn_sobol_shifted(unsigned dimension, size_t n, uint64_t seed, double *out)
{
    uint64_t digits = key_of(seed, dimension) >> (64 - BITS), v[BITS];
    direction_numbers(dimension, BITS, v);
    for (size_t i = 0; i < n; i++) { /* in Gray-code order one digit of the index changes at a time */
        if (i > 0)
            digits ^= v[__builtin_ctzll(i)];
        out[i] = (double)digits * 0x1p-53;
    }
}
