#include "sampler/cma_margin.h"

#include <math.h>

#include "math/distribution.h"

/* Keeps quantiles finite. */
#define LEAST 1e-10

/* The first or last value: the mean comes near enough to the one end of its cell (equation 12). */
static void keep_near(double end, double deviation, double margin, hn_cma_coordinate *c)
{
    double spread = c->scale * deviation;
    if (hn_normal_cdf(-fabs(c->mean - end) / spread) < margin)
        c->mean = end + copysign(-hn_normal_quantile(margin) * spread, c->mean - end);
}

static double clip(double p)
{
    return fmin(fmax(p, LEAST), 0.5 - LEAST);
}

/* Between two ends: mean and scale are set such that both sides have at least half the margin, what they gain
 * taken from all parts in proportion to what these have to spare (equations 13 to 19). */
static void keep_wide(double low, double high, double deviation, double margin, hn_cma_coordinate *c)
{
    double spread = c->scale * deviation, least = margin / 2;
    double below = hn_normal_cdf((low - c->mean) / spread), above = hn_normal_cdf((c->mean - high) / spread);
    double inside = 1 - below - above;
    below = fmax(below, least);
    above = fmax(above, least);
    double excess = 1 - below - above - inside, to_spare = below + above + inside - 3 * least;
    double p_below = clip(below + excess * (below - least) / to_spare);
    double p_above = clip(above + excess * (above - least) / to_spare);
    double left = -hn_normal_quantile(p_below), right = -hn_normal_quantile(p_above);
    c->scale = (high - low) / ((left + right) * deviation);
    c->mean = (low * right + high * left) / (left + right);
}

void hn_cma_margin(double low, double high, double deviation, double margin, hn_cma_coordinate *coordinate)
{
    if (isinf(low) || isinf(high))
        keep_near(isinf(low) ? high : low, deviation, margin, coordinate);
    else
        keep_wide(low, high, deviation, margin, coordinate);
}
