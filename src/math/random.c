#include "math/random.h"

#include <Random123/philox.h>

#include "math/distribution.h"

enum { PURPOSE_SHIFT = 56 };

__extension__ typedef unsigned __int128 wide; /* a 64 x 64 bit product */

/* The purpose is the top byte of the block counter, so that two different (seed, stream, purpose) never share
 * a block: all 128 + 64 bits of Philox's input are told apart without hashing. */
hn_random hn_random_stream(uint64_t seed, uint64_t stream, hn_purpose purpose)
{
    return (hn_random){
        .key = {(uint32_t)seed, (uint32_t)(seed >> 32)},
        .stream = stream,
        .counter = (uint64_t)purpose << PURPOSE_SHIFT,
        .used = 4,
    };
}

static void next_block(hn_random *random)
{
    philox4x32_ctr_t counter = {{(uint32_t)random->counter, (uint32_t)(random->counter >> 32),
                                 (uint32_t)random->stream, (uint32_t)(random->stream >> 32)}};
    philox4x32_key_t key = {{random->key[0], random->key[1]}};
    philox4x32_ctr_t block = philox4x32(counter, key);
    for (int i = 0; i < 4; i++)
        random->block[i] = block.v[i];
    random->counter++;
    random->used = 0;
}

uint32_t hn_random_u32(hn_random *random)
{
    if (random->used == 4)
        next_block(random);
    return random->block[random->used++];
}

uint64_t hn_random_u64(hn_random *random)
{
    uint64_t low = hn_random_u32(random);
    return low | (uint64_t)hn_random_u32(random) << 32;
}

double hn_random_uniform(hn_random *random)
{
    return (double)(hn_random_u64(random) >> 11) * 0x1p-53;
}

/* Lemire 2019, algorithm 5: the high word of u * n is uniform once the 2^64 mod n lowest low words are
 * refused. */
uint64_t hn_random_below(hn_random *random, uint64_t n)
{
    wide product = (wide)hn_random_u64(random) * n;
    if ((uint64_t)product < n) {
        uint64_t refused = (0 - n) % n;
        while ((uint64_t)product < refused)
            product = (wide)hn_random_u64(random) * n;
    }
    return (uint64_t)(product >> 64);
}

/* By inversion: one draw per number, at the middles of 2^52 equal cells, so that neither end is hit. */
double hn_random_normal(hn_random *random)
{
    return hn_normal_quantile(((double)(hn_random_u64(random) >> 12) + 0.5) * 0x1p-52);
}

void hn_random_shuffle(hn_random *random, size_t *items, size_t n)
{
    for (size_t i = n; i > 1; i--) {
        size_t j = (size_t)hn_random_below(random, i);
        size_t item = items[i - 1];
        items[i - 1] = items[j];
        items[j] = item;
    }
}
