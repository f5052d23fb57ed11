#include "math/vector.h"

#include <math.h>
#include <string.h>

enum { WIDTH = 8 };

typedef double lanes __attribute__((vector_size(WIDTH * sizeof(double))));
typedef void element_wise(const double *x, size_t n, double *out);

/* --- exp and log --- */

#if defined(__x86_64__) && defined(__GLIBC__)

typedef double vector2 __attribute__((vector_size(16)));
typedef double vector4 __attribute__((vector_size(32)));
typedef double vector8 __attribute__((vector_size(64)));

#define AVX2   __attribute__((target("avx2,fma")))
#define AVX512 __attribute__((target("avx512f")))

/* libmvec's names by the x86-64 vector function ABI: b = SSE, d = AVX2, e = AVX-512, then the number of
 * lanes. */
/* NOLINTBEGIN(bugprone-reserved-identifier): these are the library's own names. */
vector2 _ZGVbN2v_exp(vector2);
vector2 _ZGVbN2v_log(vector2);
AVX2 vector4 _ZGVdN4v_exp(vector4);
AVX2 vector4 _ZGVdN4v_log(vector4);
AVX512 vector8 _ZGVeN8v_exp(vector8);
AVX512 vector8 _ZGVeN8v_log(vector8);
/* NOLINTEND(bugprone-reserved-identifier) */

/* Defines `name`, an element_wise over `vector_function`. The last few elements go through it too, beside
 * ones, so that a result depends on its element alone, never on its place in the array. */
#define ELEMENT_WISE(name, attributes, vector, vector_function)                                              \
    attributes static void name(const double *x, size_t n, double *out)                                      \
    {                                                                                                        \
        enum { LANES = sizeof(vector) / sizeof(double) };                                                    \
        vector v;                                                                                            \
        size_t i = 0;                                                                                        \
        for (; i + LANES <= n; i += LANES) {                                                                 \
            memcpy(&v, x + i, sizeof v);                                                                     \
            v = vector_function(v);                                                                          \
            memcpy(out + i, &v, sizeof v);                                                                   \
        }                                                                                                    \
        if (i < n) {                                                                                         \
            v = (vector){0} + 1.0;                                                                           \
            memcpy(&v, x + i, (n - i) * sizeof *x);                                                          \
            v = vector_function(v);                                                                          \
            memcpy(out + i, &v, (n - i) * sizeof *x);                                                        \
        }                                                                                                    \
    }

ELEMENT_WISE(sse_exp, , vector2, _ZGVbN2v_exp)
ELEMENT_WISE(sse_log, , vector2, _ZGVbN2v_log)
ELEMENT_WISE(avx2_exp, AVX2, vector4, _ZGVdN4v_exp)
ELEMENT_WISE(avx2_log, AVX2, vector4, _ZGVdN4v_log)
ELEMENT_WISE(avx512_exp, AVX512, vector8, _ZGVeN8v_exp)
ELEMENT_WISE(avx512_log, AVX512, vector8, _ZGVeN8v_log)

static element_wise *for_this_cpu(element_wise *sse, element_wise *avx2, element_wise *avx512)
{
    if (__builtin_cpu_supports("avx512f"))
        return avx512;
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? avx2 : sse;
}

#define FOR_THIS_CPU(function) for_this_cpu(sse_##function, avx2_##function, avx512_##function)

#else

static void scalar_exp(const double *x, size_t n, double *out)
{
    for (size_t i = 0; i < n; i++)
        out[i] = exp(x[i]);
}

static void scalar_log(const double *x, size_t n, double *out)
{
    for (size_t i = 0; i < n; i++)
        out[i] = log(x[i]);
}

#define FOR_THIS_CPU(function) scalar_##function

#endif

void hn_vector_exp(const double *x, size_t n, double *out)
{
    FOR_THIS_CPU(exp)(x, n, out);
}

void hn_vector_log(const double *x, size_t n, double *out)
{
    FOR_THIS_CPU(log)(x, n, out);
}

/* --- reductions: the order of operations is fixed by WIDTH, whatever the CPU --- */

double hn_vector_max(const double *x, size_t n)
{
    double max[WIDTH] = {-INFINITY, -INFINITY, -INFINITY, -INFINITY,
                         -INFINITY, -INFINITY, -INFINITY, -INFINITY};
    size_t i = 0;
    for (; i + WIDTH <= n; i += WIDTH)
        for (size_t lane = 0; lane < WIDTH; lane++)
            max[lane] = x[i + lane] > max[lane] ? x[i + lane] : max[lane];
    for (; i < n; i++)
        max[0] = x[i] > max[0] ? x[i] : max[0];
    for (size_t lane = 1; lane < WIDTH; lane++)
        max[0] = max[lane] > max[0] ? max[lane] : max[0];
    return max[0];
}

double hn_vector_sum(const double *x, size_t n)
{
    enum { AHEAD = 1024 }; /* two pages: processors fetch ahead within one only */
    lanes sum = {0}, v;
    size_t i = 0;
    for (; i + WIDTH <= n; i += WIDTH) {
        if (n - i > AHEAD)
            __builtin_prefetch(x + i + AHEAD);
        memcpy(&v, x + i, sizeof v);
        sum += v;
    }
    if (i < n) {
        v = (lanes){0};
        memcpy(&v, x + i, (n - i) * sizeof *x);
        sum += v;
    }
    return ((sum[0] + sum[4]) + (sum[2] + sum[6])) + ((sum[1] + sum[5]) + (sum[3] + sum[7]));
}

double hn_vector_log_sum_exp(double *x, size_t n)
{
    /* Below this a term cannot change a sum of at least 1, and exp would leave its fast path. */
    const double negligible = -700.0;
    double max = hn_vector_max(x, n);
    if (isinf(max))
        return max;
    for (size_t i = 0; i < n; i++) {
        double below = x[i] - max;
        x[i] = below < negligible ? negligible : below;
    }
    hn_vector_exp(x, n, x);
    return max + log(hn_vector_sum(x, n));
}
