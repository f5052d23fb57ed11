/* sampler/de_population.h: the trials that differential evolution breeds from, and who competes with whom.
 *
 * Trial k belongs to place k modulo n of a population; a place holds the best of its trials. So a population
 * follows from which trials there are, in whatever order they were told, and nobody waits for anybody.
 *
 * Under a scheduler each rung has a population of its own, of the losses reported there, and a mutant is made
 * of the best of the rung below (DEHB: Awad, Mallik & Hutter 2021).
 */
#ifndef HN_SAMPLER_DE_POPULATION_H
#define HN_SAMPLER_DE_POPULATION_H

#include "sampler/feed.h"
#include "sampler/sampler.h"

enum { HN_DE_EMPTY = -1, HN_DE_LEAST = 4 };

typedef struct hn_de_population {
    const int64_t *holders; /* (n,) trials; HN_DE_EMPTY: the place has none yet */
    size_t n;
    const int64_t *parents; /* (n_parents,) trials that mutants are made of; HN_DE_EMPTY ones are none */
    size_t n_parents;
    int64_t best; /* of the population, HN_DE_EMPTY: none */
} hn_de_population;

/* That of the finished trials: a cache that follows the history. Zeroed memory is an empty one. */
typedef struct hn_de_finished {
    hn_feed feed;
    int64_t *holders; /* (n,) */
    size_t n;
    int64_t best;
} hn_de_finished;

void hn_de_finished_release(hn_de_finished *finished);
/* n places. Amortised O(1) for each trial that finished since. */
hone_status hn_de_population_of_finished(hn_de_finished *finished, size_t n, hn_view view,
                                         hn_de_population *population, hone_error *err);
/* Of n places (at least HN_DE_LEAST) on the rung on which the trial begins, or, while the rung below has too
 * few trials to be its parents, on the highest one lower down of which that is not so. In the ask's scratch.
 * O(trials on both rungs and their sorting). */
hone_status hn_de_population_of_rung(const hn_ask *ask, size_t n, hn_de_population *population,
                                     hone_error *err);

#endif
