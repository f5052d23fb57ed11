/* network/elementary.h: exp, sigmoid and tanh of floats without branches or tables, so that the compiler
 * vectorises loops over them. Thread-safe.
 */
#ifndef HN_NETWORK_ELEMENTARY_H
#define HN_NETWORK_ELEMENTARY_H

#include <math.h>

/* exp(x) to 2 ulp by a polynomial of degree 6 on [-ln 2 / 2, ln 2 / 2] (Taylor's), without branches, so that
 * the compiler vectorises loops over it. Ends at exp(88), where floats end. */
static inline float hn_fast_exp(float x)
{
    const float high = 0.693359375F, low = -2.12194440e-4F;
    float low_bounded = x > -87.0F ? x : -87.0F; /* also of NaN, so that the bits below are a number's */
    float bounded = low_bounded < 88.0F ? low_bounded : 88.0F;
    float scaled = bounded * 1.44269504F + 12582912.0F; /* rounds to whole numbers: 1.5 * 2^23 */
    float whole = scaled - 12582912.0F;
    float r = bounded - whole * high - whole * low;
    float p = 1.0F / 720;
    p = p * r + 1.0F / 120;
    p = p * r + 1.0F / 24;
    p = p * r + 1.0F / 6;
    p = p * r + 0.5F;
    p = p * r + 1;
    p = p * r + 1;
    union {
        int bits;
        float value;
    } power = {.bits = ((int)whole + 127) << 23};
    float value = p * power.value;
    return x == x ? value : x;
}

static inline float hn_fast_sigmoid(float z)
{
    return 1 / (1 + hn_fast_exp(-z));
}

/* Near 0 the quotient would cancel: the series there. */
static inline float hn_fast_tanh(float z)
{
    float e = hn_fast_exp(2 * z), square = z * z;
    float small = z * (1 - square * (1.0F / 3 - square * (2.0F / 15)));
    return fabsf(z) < 0.05F ? small : 1 - 2 / (e + 1);
}

#endif
