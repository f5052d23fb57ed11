/* Sorting doubles (hn_sort_doubles, hn_argsort) by radix, least significant byte first, over integer keys
 * that order as the numbers do; with a slower way that needs no scratch memory for when there is none. */
#include "math/statistics.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/memory.h"

enum {
    SMALL = 48,  /* insertion sort up to here */
    STACK = 512, /* scratch on the stack up to here */
    RADIX = 256,
    PASSES = 8,
};

#define SIGN_BIT (UINT64_C(1) << 63)

/* The keys of doubles, kept in the doubles' own memory while they are sorted. */
typedef uint64_t word __attribute__((may_alias));

typedef struct ranked {
    uint64_t key;
    size_t index;
} ranked;

/* Unsigned integers that order as the doubles: the sign bit is flipped, and all bits of negative numbers. */
static uint64_t key_of(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits & SIGN_BIT ? ~bits : bits | SIGN_BIT;
}

static double double_of(uint64_t key)
{
    uint64_t bits = key & SIGN_BIT ? key ^ SIGN_BIT : ~key;
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* Turns the counts of byte values into the places where each value's first item goes; false when all items
 * share one value, so that the pass can be left out. */
static bool place_buckets(size_t count[RADIX], size_t n)
{
    size_t next = 0;
    for (unsigned value = 0; value < RADIX; value++) {
        size_t here = count[value];
        if (here == n)
            return false;
        count[value] = next;
        next += here;
    }
    return true;
}

/* --- values --- */

static void insertion_sort(word *keys, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        word key = keys[i];
        size_t j = i;
        for (; j > 0 && keys[j - 1] > key; j--)
            keys[j] = keys[j - 1];
        keys[j] = key;
    }
}

/* Returns which of the two arrays holds the result. */
static word *radix_sort(word *keys, word *scratch, size_t n)
{
    size_t count[PASSES][RADIX] = {0};
    for (size_t i = 0; i < n; i++)
        for (unsigned pass = 0; pass < PASSES; pass++)
            count[pass][keys[i] >> (8 * pass) & 0xff]++;
    for (unsigned pass = 0; pass < PASSES; pass++) {
        if (!place_buckets(count[pass], n))
            continue;
        for (size_t i = 0; i < n; i++)
            scratch[count[pass][keys[i] >> (8 * pass) & 0xff]++] = keys[i];
        word *sorted = scratch;
        scratch = keys;
        keys = sorted;
    }
    return keys;
}

/* Radix exchange in place: splits by one bit and goes on with the next on both sides. At most 64 deep. */
static void exchange_sort(word *keys, size_t n, int bit)
{
    if (n <= SMALL) {
        insertion_sort(keys, n);
        return;
    }
    if (bit < 0)
        return;
    size_t zeros = 0, end = n;
    while (zeros < end) {
        if (keys[zeros] >> bit & 1) {
            word key = keys[zeros];
            keys[zeros] = keys[--end];
            keys[end] = key;
        } else {
            zeros++;
        }
    }
    exchange_sort(keys, zeros, bit - 1);
    exchange_sort(keys + zeros, n - zeros, bit - 1);
}

void hn_sort_doubles(double *x, size_t n)
{
    word on_stack[STACK], *keys = (word *)(void *)x, *scratch = NULL, *sorted = keys;
    for (size_t i = 0; i < n; i++)
        keys[i] = key_of(x[i]);
    if (n > SMALL)
        scratch = n <= STACK ? on_stack : hn_aligned_array(n, sizeof *scratch);
    if (scratch)
        sorted = radix_sort(keys, scratch, n);
    else
        exchange_sort(keys, n, 63);
    for (size_t i = 0; i < n; i++)
        x[i] = double_of(sorted[i]);
    if (scratch != on_stack)
        hn_free(scratch);
}

/* --- indices --- */

static ranked *radix_rank(ranked *items, ranked *scratch, size_t n)
{
    for (unsigned pass = 0; pass < PASSES; pass++) {
        size_t count[RADIX] = {0};
        for (size_t i = 0; i < n; i++)
            count[items[i].key >> (8 * pass) & 0xff]++;
        if (!place_buckets(count, n))
            continue;
        for (size_t i = 0; i < n; i++)
            scratch[count[items[i].key >> (8 * pass) & 0xff]++] = items[i];
        ranked *sorted = scratch;
        scratch = items;
        items = sorted;
    }
    return items;
}

/* A total order: ties by index. */
static bool goes_before(const double *x, size_t i, size_t j)
{
    return x[i] < x[j] || (x[i] == x[j] && i < j);
}

static void sift_down(const double *x, size_t *heap, size_t root, size_t n)
{
    size_t item = heap[root], child;
    while ((child = 2 * root + 1) < n) {
        if (child + 1 < n && goes_before(x, heap[child], heap[child + 1]))
            child++;
        if (!goes_before(x, item, heap[child]))
            break;
        heap[root] = heap[child];
        root = child;
    }
    heap[root] = item;
}

static void heap_rank(const double *x, size_t n, size_t *order)
{
    for (size_t i = 0; i < n; i++)
        order[i] = i;
    for (size_t root = n / 2; root-- > 0;)
        sift_down(x, order, root, n);
    for (size_t last = n; last-- > 1;) {
        size_t largest = order[0];
        order[0] = order[last];
        order[last] = largest;
        sift_down(x, order, 0, last);
    }
}

void hn_argsort(const double *x, size_t n, size_t *order)
{
    ranked *items = n > SMALL ? hn_aligned_array(n, 2 * sizeof *items) : NULL;
    if (!items) {
        heap_rank(x, n, order);
        return;
    }
    for (size_t i = 0; i < n; i++)
        items[i] = (ranked){key_of(x[i] + 0.0), i}; /* -0 + 0 is +0: a tie */
    const ranked *sorted = radix_rank(items, items + n, n);
    for (size_t i = 0; i < n; i++)
        order[i] = sorted[i].index;
    hn_free(items);
}
