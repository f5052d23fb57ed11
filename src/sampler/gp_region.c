#include "sampler/gp_region.h"

#include <math.h>

/* Eriksson et al. 2019, section 2 and appendix. */
static const double first_length = 0.8, least_length = 1.0 / 128, most_length = 1.6;
enum { SUCCESSES = 3, LEAST_FAILURES = 4, MANY_AXES = 20, CHANGED = 20 };

/* The length after all trials, by their losses in the order they came: a success is better than the best
 * before by a thousandth of its spread. */
static double length_of(const hn_gp_study *study)
{
    double length = first_length, best = INFINITY, worst = -INFINITY;
    size_t successes = 0, failures = 0;
    size_t patience = study->frame.d > LEAST_FAILURES ? study->frame.d : LEAST_FAILURES;
    for (size_t r = 0; r < study->n_rows; r++) {
        double loss = study->losses[r];
        bool better = study->feasible[r] && (isinf(best) || loss < best - 1e-3 * (worst - best));
        successes = better ? successes + 1 : 0;
        failures = better ? 0 : failures + 1;
        if (successes == SUCCESSES) {
            length = fmin(2 * length, most_length);
            successes = 0;
        } else if (failures == patience) {
            length /= 2;
            failures = 0;
        }
        if (length < least_length)
            length = first_length; /* nothing more here: look around again */
        best = study->feasible[r] ? fmin(best, loss) : best;
        worst = fmax(worst, loss);
    }
    return length;
}

/* A box around the centre, longer in a parameter that matters less, of volume length^d but for the bounds. */
static void shrink(const hn_gp_study *study, double length, hn_gp_region *region)
{
    const hn_gp *gp = study->channels[HN_GP_OBJECTIVE];
    size_t d = study->frame.d, numbers = 0;
    double mean = 0;
    for (size_t a = 0; a < d; a++)
        if (study->frame.axes[a].kind != HN_GP_CATEGORICAL) {
            mean += log(hn_gp_relevance(gp, 0, a));
            numbers++;
        }
    mean /= fmax(1, (double)numbers);
    for (size_t a = 0; a < d; a++) {
        double half = length / 2 * exp(mean) / hn_gp_relevance(gp, 0, a), at = region->centre[a];
        if (isnan(at) || study->frame.axes[a].kind == HN_GP_CATEGORICAL)
            continue;
        at = fmin(fmax(at, 0), 1);
        region->low[a] = fmax(0, at - half);
        region->high[a] = fmin(1, at + half);
    }
}

hone_status hn_gp_region_make(hn_arena *arena, const hn_gp_study *study, hn_gp_region *region,
                              hone_error *err)
{
    size_t d = study->frame.d, best;
    int wanted = study->config->trust_region;
    region->low = HN_ARENA_NEW(arena, double, d);
    region->high = HN_ARENA_NEW(arena, double, d);
    region->centre = NULL;
    region->share = 1;
    if (!region->low || !region->high)
        return hn_out_of_memory(err);
    for (size_t a = 0; a < d; a++)
        region->high[a] = 1;
    bool on = wanted == HN_GP_ON || (wanted == HN_GP_AUTO && d > MANY_AXES);
    if (on && hn_gp_study_top(study, 1, &best) == 1) {
        region->centre = study->rows + best * d;
        region->share = fmin(1, (double)CHANGED / (double)d);
        shrink(study, length_of(study), region);
    }
    return HONE_OK;
}
