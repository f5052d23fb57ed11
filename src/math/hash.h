/* math/hash.h: the 64-bit mixing function behind the scrambled sequences: every output bit depends on
 * every input bit. Source: the finaliser of SplitMix64 (Steele, Lea & Flood 2014; multipliers by Stafford,
 * variant 13). Thread-safe. */
#ifndef HN_MATH_HASH_H
#define HN_MATH_HASH_H

#include <stdint.h>

/* A bijection of 64-bit words. */
static inline uint64_t hn_mix64(uint64_t x)
{
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

/* A hash of the pair; the odd constant is 2^64 / golden ratio. */
static inline uint64_t hn_hash64(uint64_t key, uint64_t x)
{
    return hn_mix64(hn_mix64(x + UINT64_C(0x9e3779b97f4a7c15)) ^ key);
}

#endif
