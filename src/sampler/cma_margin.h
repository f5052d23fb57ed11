/* sampler/cma_margin.h: a lower bound on the probability of leaving the present value of a discrete
 * coordinate, so that a search distribution that has become narrow does not stop on it (CMA-ES with margin;
 * Hamano, Saito, Nomura & Shirakawa 2022, arXiv 2205.13482). */
#ifndef HN_SAMPLER_CMA_MARGIN_H
#define HN_SAMPLER_CMA_MARGIN_H

/* One coordinate: values are drawn from N(mean, (scale deviation)^2) and rounded. scale is its own factor a_i
 * of the matrix A, which begins as 1 and takes no part in what the distribution learns. */
typedef struct hn_cma_coordinate {
    double mean, scale;
} hn_cma_coordinate;

/* low, high: where the cell that holds the mean ends; -inf and inf at the ends of the range. margin in (0,
 * 1/2): the least probability of leaving it, half of it for each side. deviation: sigma sqrt(C_ii) > 0. */
void hn_cma_margin(double low, double high, double deviation, double margin, hn_cma_coordinate *coordinate);

#endif
