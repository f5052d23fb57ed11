/* analysis/ped_anova.h: PED-ANOVA (Watanabe, Bansal & Hutter 2023): how much the distribution of one
 * parameter in the best trials differs from that in all of them (Pearson's divergence).
 */
#ifndef HN_ANALYSIS_PED_ANOVA_H
#define HN_ANALYSIS_PED_ANOVA_H

#include "base/arena.h"
#include "base/error.h"
#include "space/distribution.h"

/* unit (n,) with a stride between rows, loss (n,); top: the share of trials that are the best, in (0, 1); all
 * that are as good as the worst of them count, too. *divergence 0: they are as all others. O(n log n). */
hone_status hn_ped_anova(const hn_distribution *distribution, const double *unit, size_t stride,
                         const double *loss, size_t n, double top, hn_arena *scratch, double *divergence,
                         hone_error *err);

#endif
