/* forest/pairs.h: the columns of two values (indicators of a category, mostly): how many rows of a node have
 * the rarer value in each of them, all columns in one pass over the few that a row marks. What a node counts
 * is the sum of what its children do: after a cut only the smaller child is counted (Ke et al. 2017,
 * LightGBM, subtract histograms so), and as the sums are of whole numbers they are exact.
 */
#ifndef HN_FOREST_PAIRS_H
#define HN_FOREST_PAIRS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A row of the sample that a tree is grown on. */
typedef struct hn_sample {
    uint32_t row;  /* of the columns */
    uint32_t k;    /* its class, when there are more than 2 */
    double weight; /* above 0 */
    double y;
} hn_sample;

typedef struct hn_pairs {
    size_t n_pairs;
    uint32_t *number; /* (d,): of the column among the pairs, HN_NO_PAIR when it has not two codes */
    uint16_t *rare;   /* (n_pairs,): the code that fewer rows have */
    size_t *begin;    /* (n + 1,): row i has the rarer code in the pairs */
    uint32_t *marks;  /* marks[begin[i]] .. marks[begin[i + 1] - 1] */
} hn_pairs;

#define HN_NO_PAIR UINT32_MAX

/* codes (d, n) with n_codes (d,) of each column. False when memory is out. Release with hn_pairs_release. */
bool hn_pairs_init(hn_pairs *pairs, const uint16_t *codes, const uint32_t *n_codes, size_t n, size_t d);
void hn_pairs_release(hn_pairs *pairs);

/* Of the rows that have the rarer code: their number, weight and weight * y; added at once. */
typedef uint32_t hn_pair_tally __attribute__((vector_size(16)));
enum { HN_TALLY_ROWS, HN_TALLY_WEIGHT, HN_TALLY_MOMENT };

/* Whether tallies of these samples are exact: targets are 0 or 1, weights whole numbers of a sum that fits.
 */
bool hn_pairs_are_exact(const hn_sample *samples, size_t n);
/* Adds samples to tallies (n_pairs,), or takes them out of them. */
void hn_pairs_add(const hn_pairs *pairs, const hn_sample *samples, size_t n, hn_pair_tally *tallies);
void hn_pairs_take(const hn_pairs *pairs, const hn_sample *samples, size_t n, hn_pair_tally *tallies);

#endif
