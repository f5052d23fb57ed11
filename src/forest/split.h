/* forest/split.h: the best cut of one column over the rows of a node. Part of the grower. */
#ifndef HN_FOREST_SPLIT_H
#define HN_FOREST_SPLIT_H

#include "forest/tree.h"

/* What the rows of one code add up to. */
typedef struct hn_split_bin {
    double weight, moment;
    uint32_t n;
} hn_split_bin;

typedef struct hn_splitter {
    const hn_columns *columns;
    const hn_tree_rules *rules;
    hn_split_bin *bins; /* (max_codes,): all zero between calls */
    uint16_t *codes;    /* (max_codes,): those that occur, ascending */
    uint64_t *present;  /* one bit a code, and */
    uint64_t *summary;  /* one bit a word of present: all zero between calls */
    uint32_t *order;    /* (n_samples,): samples by code */
    double *left;       /* (n_classes,) */

    const hn_sample *samples; /* of the node */
    size_t n;
    const hn_pair_tally *tallies; /* (n_pairs,) of the samples; NULL: they are not counted */
    double weight, moment;        /* sums of weight and of weight * (y - centre) */
    double centre; /* of values the node's mean, so that a large one does not drown the differences; 0 for
                      classes, which are counted as they are: exactly */
    double *total; /* (n_classes,): weight of each class */
} hn_splitter;

typedef struct hn_split {
    double gain; /* -infinity: none found yet */
    double threshold;
    double weight, moment; /* sums of the left, as in the splitter; of at most two classes */
    uint32_t feature;
    uint16_t cut; /* codes up to this go left */
} hn_split;

hone_status hn_splitter_init(hn_splitter *splitter, const hn_columns *columns, const hn_tree_rules *rules,
                             size_t n_samples);
void hn_splitter_release(hn_splitter *splitter);
/* Replaces *best by a better cut of the column. False when the column is constant in the node. random: 64
 * random bits, for random cuts. */
bool hn_split_column(hn_splitter *splitter, size_t feature, uint64_t random, hn_split *best);

#endif
