/* naive.h: a decision tree as the definition says it: every cut of every column of every node is tried, each
 * with its impurities summed anew.
 */
#ifndef NAIVE_H
#define NAIVE_H

#include "forest/tree.h"

typedef struct naive_problem {
    const double *x; /* (n, d) */
    const double *y, *weight;
    size_t n, d;
    const hn_tree_rules *rules; /* max_features = d, no random cuts */
} naive_problem;

/* The decrease of weight * impurity when the rows (n,) are cut at x[feature] <= threshold; -1 when a side
 * would keep fewer than min_leaf rows. */
double naive_gain(const naive_problem *problem, const size_t *rows, size_t n, size_t feature,
                  double threshold);
/* The best gain over all cuts between distinct values; -1 when there is none. */
double naive_best_gain(const naive_problem *problem, const size_t *rows, size_t n);
/* weight * impurity of the rows. */
double naive_impurity(const naive_problem *problem, const size_t *rows, size_t n);

#endif
