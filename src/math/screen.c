#include "math/screen.h"

#include <math.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

/* --- rounding --- */

/* The share of |x|^2 + |q|^2 that rounding may take: d terms of the product, two roundings of either factor,
 * one of the base, of the limit and of their sum each, and the doubles' own. */
static double rounding(size_t d)
{
    return 1.01 * ((double)d + 8) * 0x1p-24;
}

/* Products of values up to it stay far from the largest float. What falls below the smallest ones is less
 * than TINY a term, as long as the other factor is no larger than this. */
#define LARGEST 0x1p40
#define TINY    0x1p-100

/* out[p * step] = factor (x - centre); returns (1 - g) |x - centre|^2 less what vanishing terms may come to,
 * or -infinity where a value is too large. */
static double round_row(const double *x, size_t d, const double *centre, float factor, float *out,
                        size_t step)
{
    double squares = 0, largest = 0;
    for (size_t p = 0; p < d; p++) {
        double gap = x[p] - centre[p];
        squares += gap * gap;
        largest = fabs(gap) > largest ? fabs(gap) : largest;
        out[p * step] = factor * (float)gap;
    }
    return largest < LARGEST ? squares * (1 - rounding(d)) - (double)d * TINY : -INFINITY;
}

/* The largest float that is no larger than x; the least one that is no smaller is -below(-x). */
static float below(double x)
{
    float rounded = (float)x;
    return (double)rounded > x ? nextafterf(rounded, -INFINITY) : rounded;
}

void hn_screen_rows(const double *x, size_t count, size_t d, const double *centre, float *panel,
                    float base[HN_SCREEN_ROWS])
{
    if (count < HN_SCREEN_ROWS)
        memset(panel, 0, d * HN_SCREEN_ROWS * sizeof *panel);
    for (size_t r = 0; r < HN_SCREEN_ROWS; r++)
        base[r] = r < count ? below(round_row(x + r * d, d, centre, 1, panel + r, HN_SCREEN_ROWS)) : INFINITY;
}

void hn_screen_query(const double *query, size_t d, const double *centre, float *floats, double *norm)
{
    *norm = round_row(query, d, centre, -2, floats, 1);
}

float hn_screen_limit(double squared, double norm)
{
    return -below(norm - squared);
}

/* --- tiles --- */

/* One for each instruction set: WIDTH vectors of panel values at a time, so that their sums fit the
 * registers. A number less zeros is a vector of it. NEAR(bounds, limits) is a bit for each that is not above
 * its limit; NaN is not. */
#define DEFINE_TILE(set, attributes, vector, WIDTH, MULTIPLY_ADD, NEAR)                                      \
    enum { set##_LANES = sizeof(vector) / sizeof(float) };                                                   \
    attributes static inline vector set##_load(const float *x)                                               \
    {                                                                                                        \
        vector v;                                                                                            \
        memcpy(&v, x, sizeof v);                                                                             \
        return v;                                                                                            \
    }                                                                                                        \
    attributes static void set##_tile(const float *queries, const float *panel, const float *base, size_t d, \
                                      const float *limits, uint64_t *near)                                   \
    {                                                                                                        \
        memset(near, 0, HN_SCREEN_QUERIES * sizeof *near);                                                   \
        for (size_t r = 0; r < HN_SCREEN_ROWS; r += (size_t)WIDTH * set##_LANES) {                           \
            vector sums[HN_SCREEN_QUERIES][WIDTH] = {{{0}}};                                                 \
            for (size_t p = 0; p < d; p++) {                                                                 \
                vector rows[WIDTH];                                                                          \
                UNROLL for (size_t w = 0; w < WIDTH; w++) rows[w] =                                          \
                    set##_load(panel + p * HN_SCREEN_ROWS + r + w * set##_LANES);                            \
                UNROLL for (size_t i = 0; i < HN_SCREEN_QUERIES; i++)                                        \
                {                                                                                            \
                    vector value = queries[i * d + p] - (vector){0};                                         \
                    UNROLL for (size_t w = 0; w < WIDTH; w++) sums[i][w] =                                   \
                        MULTIPLY_ADD(value, rows[w], sums[i][w]);                                            \
                }                                                                                            \
            }                                                                                                \
            UNROLL for (size_t i = 0; i < HN_SCREEN_QUERIES; i++)                                            \
            {                                                                                                \
                vector limit = limits[i] - (vector){0};                                                      \
                UNROLL for (size_t w = 0; w < WIDTH; w++)                                                    \
                {                                                                                            \
                    size_t first = r + w * set##_LANES;                                                      \
                    vector bound = sums[i][w] + set##_load(base + first);                                    \
                    near[i] |= (uint64_t)NEAR(bound, limit) << first;                                        \
                }                                                                                            \
            }                                                                                                \
        }                                                                                                    \
    }

#define UNROLL            _Pragma("GCC unroll 8")
#define SEPARATE(a, b, c) ((a) * (b) + (c))

typedef float vector4 __attribute__((vector_size(16)));

static inline unsigned plain_near(vector4 bounds, vector4 limits)
{
    unsigned bits = 0;
    for (unsigned i = 0; i < 4; i++)
        bits |= (unsigned)!(bounds[i] > limits[i]) << i;
    return bits;
}

DEFINE_TILE(plain, , vector4, 2, SEPARATE, plain_near)

#if defined(__x86_64__)
#define NOT_ABOVE(bounds, limits)      (unsigned)_mm256_movemask_ps(_mm256_cmp_ps(bounds, limits, _CMP_NGT_UQ))
#define NOT_ABOVE_MASK(bounds, limits) _mm512_cmp_ps_mask(bounds, limits, _CMP_NGT_UQ)
DEFINE_TILE(avx2, __attribute__((target("avx2,fma"))), __m256, 2, _mm256_fmadd_ps, NOT_ABOVE)
DEFINE_TILE(avx512, __attribute__((target("avx512f"))), __m512, 4, _mm512_fmadd_ps, NOT_ABOVE_MASK)
#endif

void hn_screen_tile(const float *queries, const float *panel, const float *base, size_t d,
                    const float limits[HN_SCREEN_QUERIES], uint64_t near[HN_SCREEN_QUERIES])
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f")) {
        avx512_tile(queries, panel, base, d, limits, near);
        return;
    }
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
        avx2_tile(queries, panel, base, d, limits, near);
        return;
    }
#endif
    plain_tile(queries, panel, base, d, limits, near);
}
