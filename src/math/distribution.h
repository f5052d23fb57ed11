/* math/distribution.h: the normal distribution and its truncation to an interval, accurate in the tails
 * (log space). Thread-safe. Sources: Abramowitz & Stegun 7.1; Wichura 1988 (AS 241) for the quantile; W.
 * J. Cody 1969 for erfc; Ament et al. 2023 (arXiv 2310.20708) for the excess. */
#ifndef HN_MATH_DISTRIBUTION_H
#define HN_MATH_DISTRIBUTION_H

double hn_normal_log_pdf(double x);
double hn_normal_cdf(double x);
double hn_normal_log_cdf(double x);
/* p in [0, 1]; -inf and inf at the ends. */
double hn_normal_quantile(double p);
/* Its derivative pdf(x) / cdf(x), in the lower tail too. */
double hn_normal_log_cdf_slope(double x);
/* log E[max(0, z + u)] of a standard normal z, that is log(pdf(u) + u cdf(u)), also at u = -1e8; *slope (may
 * be NULL) is its derivative. */
double hn_normal_log_excess(double u, double *slope);
/* log(exp(a) + exp(b)), log(exp(a) - exp(b)) for a >= b; -inf arguments are fine. */
double hn_log_add(double a, double b);
double hn_log_subtract(double a, double b);
/* log of the standard normal's mass in [a, b], a <= b; either side may be far in a tail. */
double hn_normal_log_mass(double a, double b);
/* The standard normal restricted to [a, b], a < b. Quantile of q in [0, 1]: always inside [a, b]. */
double hn_truncated_normal_quantile(double q, double a, double b);
double hn_truncated_normal_log_pdf(double x, double a, double b);

#endif
