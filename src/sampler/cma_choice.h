/* sampler/cma_choice.h: the distributions of unordered choices in a CMA-ES: independent categorical ones that
 * learn by the natural gradient with a step that follows its signal-to-noise ratio, each choice keeping a
 * least probability (CatCMA; Hamano, Saito, Nomura, Uchida & Shirakawa 2024, arXiv 2405.09962; the step of
 * Akimoto et al. 2019). */
#ifndef HN_SAMPLER_CMA_CHOICE_H
#define HN_SAMPLER_CMA_CHOICE_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/error.h"

typedef struct hn_cma_choices {
    size_t n; /* parameters */
    size_t *
        first; /* (n + 1,): probability[first[i]] .. probability[first[i + 1] - 1] are those of parameter i */
    double *probability; /* (first[n],) */
    double *least;       /* (n,) of a choice */
    size_t n_free;       /* probabilities less one for each parameter */
    double *gradient;    /* (first[n],) scratch */
    double *step,
        *path;       /* (n_free,) the gradient in units of its own deviation, scratch, and its moving sum */
    double gamma;    /* squared length that the path of pure noise would have */
    double slowness; /* Delta, >= 0: the step is 1 / Delta */
    double delta;    /* the step */
} hn_cma_choices;

/* sizes (n,): how many choices each has, >= 2. All begin equally likely. */
hone_status hn_cma_choices_begin(hn_arena *arena, const size_t *sizes, size_t n, hn_cma_choices *choices,
                                 hone_error *err);
/* The choice of parameter i for u uniform in [0, 1), by these probabilities. */
size_t hn_cma_choices_draw(const hn_cma_choices *choices, const double *probability, size_t i, double u);
/* Parameter i begins with probabilities in proportion to 1 + counts[k]. */
void hn_cma_choices_count(hn_cma_choices *choices, size_t i, const size_t *counts);
/* Learns from chosen (mu, n), best first, with weights (mu,). SIZE_MAX: the point lacks the parameter. */
void hn_cma_choices_learn(hn_cma_choices *choices, const size_t *chosen, const double *weights, size_t mu);
/* Is every parameter's distribution as narrow as it may become? */
bool hn_cma_choices_settled(const hn_cma_choices *choices);

#endif
