/* math/random.h: counter-based random streams (Philox 4x32-10 from Random123; Salmon et al. 2011). A
 * stream is keyed by (seed, stream, purpose), so that trial k draws the same numbers whatever the number
 * of workers. Streams are values: copy them freely. One thread at a time per stream. */
#ifndef HN_MATH_RANDOM_H
#define HN_MATH_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* What the numbers are for: adding one never changes the draws of another. Values are pinned. */
typedef enum hn_purpose {
    HN_PURPOSE_PROPOSE = 1,   /* a sampler's own draws */
    HN_PURPOSE_STARTUP = 2,   /* the random start-up wrapper */
    HN_PURPOSE_SCRAMBLE = 3,  /* quasi-random scrambling; stream 0 */
    HN_PURPOSE_SHUFFLE = 4,   /* orders: grid, folds, rows */
    HN_PURPOSE_SPLIT = 5,     /* train / held-out rows */
    HN_PURPOSE_MODEL = 6,     /* inside a model's fit */
    HN_PURPOSE_FALLBACK = 7,  /* parameters outside a sampler's model */
    HN_PURPOSE_DATA = 8,      /* made-up data */
    HN_PURPOSE_SUBSAMPLE = 9, /* parts of the training rows */
    HN_PURPOSE_AUGMENT = 10,  /* changes of samples in training */
    HN_PURPOSE_STOPPING = 11, /* places looked at before a study ends */
    HN_PURPOSE_EXPLORE = 12,  /* clones in population-based training */
    HN_PURPOSE_TEST = 99,
} hn_purpose;

typedef struct hn_random {
    uint32_t key[2];
    uint64_t stream, counter;
    uint32_t block[4]; /* the current block's words */
    unsigned used;     /* words taken from block; 4 = none left */
} hn_random;

hn_random hn_random_stream(uint64_t seed, uint64_t stream, hn_purpose purpose);
uint32_t hn_random_u32(hn_random *random);
uint64_t hn_random_u64(hn_random *random);
/* [0, 1) with 53 random bits. */
double hn_random_uniform(hn_random *random);
/* 0 .. n-1 without bias (Lemire 2019); n > 0. */
uint64_t hn_random_below(hn_random *random, uint64_t n);
double hn_random_normal(hn_random *random);
/* Fisher-Yates. */
void hn_random_shuffle(hn_random *random, size_t *items, size_t n);

#endif
