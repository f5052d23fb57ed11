#include "naive.h"

#include <math.h>

enum { MAX_CLASSES = 8, MAX_ROWS = 512 };

static double of_classes(const naive_problem *p, const double *weights, double total)
{
    double impurity = 0;
    for (size_t k = 0; k < p->rules->n_classes; k++) {
        double share = weights[k] / total;
        if (p->rules->criterion == HN_CRITERION_GINI)
            impurity += share * (1 - share);
        else if (share > 0)
            impurity -= share * log(share);
    }
    return total * impurity;
}

double naive_impurity(const naive_problem *p, const size_t *rows, size_t n)
{
    double weights[MAX_CLASSES] = {0}, total = 0, mean = 0, squares = 0;
    for (size_t i = 0; i < n; i++) {
        double weight = p->weight[rows[i]], y = p->y[rows[i]];
        total += weight;
        mean += weight * y;
        if (p->rules->n_classes)
            weights[(size_t)y] += weight;
    }
    if (p->rules->n_classes)
        return of_classes(p, weights, total);
    mean /= total;
    for (size_t i = 0; i < n; i++)
        squares += p->weight[rows[i]] * (p->y[rows[i]] - mean) * (p->y[rows[i]] - mean);
    return squares;
}

double naive_gain(const naive_problem *p, const size_t *rows, size_t n, size_t feature, double threshold)
{
    size_t left[MAX_ROWS], right[MAX_ROWS], n_left = 0, n_right = 0;
    for (size_t i = 0; i < n; i++) {
        if (p->x[rows[i] * p->d + feature] <= threshold)
            left[n_left++] = rows[i];
        else
            right[n_right++] = rows[i];
    }
    if (n_left < p->rules->min_leaf || n_right < p->rules->min_leaf)
        return -1;
    return naive_impurity(p, rows, n) - naive_impurity(p, left, n_left) - naive_impurity(p, right, n_right);
}

double naive_best_gain(const naive_problem *p, const size_t *rows, size_t n)
{
    double best = -1;
    for (size_t j = 0; j < p->d; j++) {
        for (size_t i = 0; i < n; i++) {
            double gain = naive_gain(p, rows, n, j, p->x[rows[i] * p->d + j]);
            best = gain > best ? gain : best;
        }
    }
    return best;
}
