/* knn_distance.c: sums over the columns in LANES parts, each in order, which compilers turn into vectors
 * without changing a bit. */
#include <math.h>

#include "math/wide.h"
#include "model/knn.h"

enum { LANES = 8 };

static double total(const double *sums)
{
    return ((sums[0] + sums[4]) + (sums[2] + sums[6])) + ((sums[1] + sums[5]) + (sums[3] + sums[7]));
}

WIDE static double squared_gaps(const double *a, const double *b, size_t d)
{
    double sums[LANES] = {0};
    size_t j = 0;
    for (; j + LANES <= d; j += LANES)
        for (size_t l = 0; l < LANES; l++)
            sums[l] += (a[j + l] - b[j + l]) * (a[j + l] - b[j + l]);
    for (size_t l = 0; j + l < d; l++)
        sums[l] += (a[j + l] - b[j + l]) * (a[j + l] - b[j + l]);
    return total(sums);
}

WIDE static double absolute_gaps(const double *a, const double *b, size_t d)
{
    double sums[LANES] = {0};
    size_t j = 0;
    for (; j + LANES <= d; j += LANES)
        for (size_t l = 0; l < LANES; l++)
            sums[l] += fabs(a[j + l] - b[j + l]);
    for (size_t l = 0; j + l < d; l++)
        sums[l] += fabs(a[j + l] - b[j + l]);
    return total(sums);
}

static double powers(const double *a, const double *b, size_t d, double p)
{
    double sum = 0;
    for (size_t j = 0; j < d; j++)
        sum += pow(fabs(a[j] - b[j]), p);
    return sum;
}

bool hn_knn_is_euclidean(const hn_knn *knn)
{
    return knn->metric == HN_KNN_EUCLIDEAN || (knn->metric == HN_KNN_MINKOWSKI && knn->p == 2);
}

bool hn_knn_is_manhattan(const hn_knn *knn)
{
    return knn->metric == HN_KNN_MANHATTAN || (knn->metric == HN_KNN_MINKOWSKI && knn->p == 1);
}

double hn_knn_gap(const hn_knn *knn, const double *a, const double *b)
{
    if (hn_knn_is_euclidean(knn))
        return squared_gaps(a, b, knn->d);
    return hn_knn_is_manhattan(knn) ? absolute_gaps(a, b, knn->d) : powers(a, b, knn->d, knn->p);
}

double hn_knn_distance(const hn_knn *knn, double gap)
{
    if (hn_knn_is_euclidean(knn))
        return sqrt(gap);
    return hn_knn_is_manhattan(knn) ? gap : pow(gap, 1 / knn->p);
}
