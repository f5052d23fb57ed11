/* base/number_powers.h: upper bits of powers of ten, for number.c. */
#ifndef HN_BASE_NUMBER_POWERS_H
#define HN_BASE_NUMBER_POWERS_H

#include <stdint.h>

enum { HN_LOWEST_POWER = -80, HN_HIGHEST_POWER = 80 };

/* 10^q is high.low * 2^k for the k that makes the highest bit of high 1; the 128 bits are those of 5^q. */
typedef struct hn_power {
    uint64_t high, low;
} hn_power;

extern const hn_power hn_powers[HN_HIGHEST_POWER - HN_LOWEST_POWER + 1];

#endif
