/*
 * Made-up learning curves, so that schedulers can be compared without any file: losses of 1 before training,
 * 0 at the end of the best setting. Own formulas, with what makes stopping early hard: settings that learn
 * fast and end high, noise, divergence, and losses that rise again.
 */
#include <math.h>
#include <stddef.h>

#include "problem/internal.h"

/* 0 at 0, half at |z| = half_width, towards 1 far away. */
static double bowl(double z, double half_width)
{
    double t = z / half_width;
    return t * t / (1 + t * t);
}

/* What is left to learn at a share of a full run: an exponential decay, 0 for `best` at the end. */
static double left(double share, double duration, double best)
{
    return fmax(exp(-share / duration) - exp(-1 / best), 0);
}

/* --- crossing: what learns slowly ends lower, up to a point --- */

enum { CROSSING_EPOCHS = 27 };

static const hn_problem_parameter crossing_space[] = {
    {.name = "rate", .kind = HN_PROBLEM_FLOAT, .low = 1e-5, .high = 1, .log = 1},
    {.name = "width", .kind = HN_PROBLEM_INT, .low = 8, .high = 1024, .step = 1, .log = 1},
    {.name = "dropout", .kind = HN_PROBLEM_FLOAT, .low = 0, .high = 0.6},
    {.name = "schedule", .kind = HN_PROBLEM_CATEGORICAL, .n_choices = 3, .choices = "constant cosine step"},
};

static double crossing(const double *offset, int epoch)
{
    static const double schedule_cost[3] = {0, 0.08, 0.04}, schedule_pace[3] = {1, 0.4, 0.7};
    int schedule = (int)offset[3];
    double rate = offset[0], width = offset[1], dropout = offset[2];
    double end = 0.5 * bowl(rate, 0.15) + 0.3 * bowl(width - 0.4 * rate, 0.4) + 0.1 * bowl(dropout, 0.5) +
                 schedule_cost[schedule];
    double duration = 0.2 * schedule_pace[schedule] * exp(1.5 * width + 0.5 * dropout - 4 * rate);
    end = end / (1 + 0.2 * end);
    return end + (1 - end) * left((double)epoch / CROSSING_EPOCHS, duration, 0.2);
}

/* --- noisy: power laws of which the tail is hidden by noise --- */

enum { NOISY_EPOCHS = 50 };

static const hn_problem_parameter noisy_space[] = {
    {.name = "rate", .kind = HN_PROBLEM_FLOAT, .low = 1e-6, .high = 1, .log = 1},
    {.name = "momentum", .kind = HN_PROBLEM_FLOAT, .low = 0, .high = 0.99},
    {.name = "decay", .kind = HN_PROBLEM_FLOAT, .low = 1e-8, .high = 1, .log = 1},
    {.name = "mix", .kind = HN_PROBLEM_FLOAT, .low = 0, .high = 1},
    {.name = "depth", .kind = HN_PROBLEM_INT, .low = 1, .high = 12, .step = 1},
    {.name = "batch", .kind = HN_PROBLEM_ORDINAL, .n_choices = 6, .choices = "16 32 64 128 256 512"},
};

static double noisy(const double *offset, int epoch)
{
    double rate = offset[0] + 0.2 * offset[1] - 0.2 * offset[5];
    double end = 0.4 * bowl(rate, 0.12) + 0.3 * bowl(offset[2], 0.25) + 0.1 * bowl(offset[3], 0.5) +
                 0.2 * bowl(offset[4] + 0.3 * offset[3], 0.4);
    double exponent = 0.9 * exp(1.5 * rate - 0.5 * offset[5]);
    double learning = fmax(pow(epoch, -exponent) - pow(NOISY_EPOCHS, -0.9), 0);
    return end + (1 - 0.8 * end) * learning;
}

/* --- diverging: most rates learn nothing, high ones break down, some settings overfit --- */

enum { DIVERGING_EPOCHS = 81 };

static const hn_problem_parameter diverging_space[] = {
    {.name = "rate", .kind = HN_PROBLEM_FLOAT, .low = 1e-8, .high = 10, .log = 1},
    {.name = "beta", .kind = HN_PROBLEM_FLOAT, .low = 1e-4, .high = 1, .log = 1},
    {.name = "epsilon", .kind = HN_PROBLEM_FLOAT, .low = 1e-10, .high = 1e3, .log = 1},
    {.name = "decay", .kind = HN_PROBLEM_FLOAT, .low = 1e-8, .high = 10, .log = 1},
    {.name = "clip", .kind = HN_PROBLEM_CATEGORICAL, .n_choices = 2, .choices = "off on"},
};

static double diverging(const double *offset, int epoch)
{
    double share = (double)epoch / DIVERGING_EPOCHS, rate = offset[0] - 0.5 * offset[2];
    double edge = 0.15 - 0.1 * offset[1] + (offset[4] > 0 ? 0.1 : 0);
    if (rate > edge && epoch > 60 * exp(-15 * (rate - edge)))
        return NAN;
    double end = 0.4 * bowl(rate, 0.08) + 0.2 * bowl(offset[1], 0.4) + 0.1 * bowl(offset[2], 0.5) +
                 (offset[4] > 0 ? 0.05 : 0) + 0.3 * bowl(fmax(offset[3], 0), 0.1);
    double rise = share > 0.4 ? 0.3 * bowl(fmin(offset[3], 0), 0.3) * (share - 0.4) : 0;
    double duration = 0.12 * exp(-12 * fmin(rate, 0.1));
    return end + rise + (1 - end) * left(share, duration, 0.12);
}

#define CURVE(title, space, law, n, spread)                                                                  \
    {                                                                                                        \
        .name = "curve_" title, .family = "curves", .n_parameters = (int)(sizeof(space) / sizeof *(space)),  \
        .parameters = (space), .curves = &(const hn_problem_curves)                                          \
        {                                                                                                    \
            .epochs = (n), .formula = (law), .noise = (spread)                                               \
        }                                                                                                    \
    }

const hn_problem hn_problem_made_curves[] = {
    CURVE("crossing", crossing_space, crossing, CROSSING_EPOCHS, 0.02),
    CURVE("noisy", noisy_space, noisy, NOISY_EPOCHS, 0.1),
    CURVE("diverging", diverging_space, diverging, DIVERGING_EPOCHS, 0.01),
};

const int hn_problem_made_curve_count = (int)(sizeof hn_problem_made_curves / sizeof *hn_problem_made_curves);
