#include "sampler/de_population.h"

#include <stdlib.h>

#include "base/memory.h"

/* --- finished trials --- */

void hn_de_finished_release(hn_de_finished *finished)
{
    hn_feed_release(&finished->feed);
    hn_free(finished->holders);
}

/* Of equals the later one, which lets a population cross a plateau. */
static bool takes_over(const hn_history *history, int64_t number, int64_t holder)
{
    if (holder == HN_DE_EMPTY || hn_history_is_better(history, number, holder))
        return true;
    bool equal = hn_history_state(history, number) == HONE_COMPLETE &&
                 hn_history_state(history, holder) == HONE_COMPLETE &&
                 hn_history_violation(history, number) == hn_history_violation(history, holder) &&
                 hn_history_loss(history, number, 0) == hn_history_loss(history, holder, 0);
    return equal && number > holder;
}

static void take(hn_de_finished *f, const hn_history *history, int64_t number)
{
    int64_t *holder = &f->holders[(size_t)number % f->n];
    if (hn_history_state(history, number) == HONE_FAILED)
        return;
    if (takes_over(history, number, *holder))
        *holder = number;
    if (takes_over(history, number, f->best))
        f->best = number;
}

static hone_status restart(hn_de_finished *f, size_t n, hn_view view, hone_error *err)
{
    int64_t *holders = hn_realloc_array(f->holders, n, sizeof *holders);
    if (holders == NULL)
        return hn_out_of_memory(err);
    hn_feed_restart(&f->feed, view);
    f->holders = holders;
    f->n = n;
    f->best = HN_DE_EMPTY;
    for (size_t i = 0; i < n; i++)
        holders[i] = HN_DE_EMPTY;
    return HONE_OK;
}

hone_status hn_de_population_of_finished(hn_de_finished *f, size_t n, hn_view view,
                                         hn_de_population *population, hone_error *err)
{
    hone_status status = HONE_OK;
    int64_t number = 0;
    if (f->n != n || !hn_feed_continues(&f->feed, view))
        status = restart(f, n, view, err);
    while (status == HONE_OK && number >= 0) {
        status = hn_feed_next(&f->feed, view, &number, err);
        if (status == HONE_OK && number >= 0)
            take(f, view.history, number);
    }
    if (status == HONE_OK)
        *population = (hn_de_population){f->holders, n, f->holders, n, f->best};
    return status;
}

/* --- rungs --- */

typedef struct merit {
    double violation, loss;
    int64_t number;
} merit;

/* The better one first; of equals the later. */
static int by_merit(const void *a, const void *b)
{
    const merit *x = a, *y = b;
    return x->violation != y->violation ? (x->violation > y->violation) - (x->violation < y->violation)
           : x->loss != y->loss         ? (x->loss > y->loss) - (x->loss < y->loss)
                                        : (x->number < y->number) - (x->number > y->number);
}

/* The trials of a rung, best first. NULL: memory is out. */
static merit *rank(const hn_ask *ask, const hn_estimate_rung *rung)
{
    merit *merits = HN_ARENA_NEW(ask->scratch, merit, rung->n + 1);
    for (size_t i = 0; merits != NULL && i < rung->n; i++) {
        const hn_estimate *e = &rung->items[i];
        merits[i] = (merit){hn_history_violation(ask->view.history, e->number), e->loss, e->number};
    }
    if (merits != NULL)
        qsort(merits, rung->n, sizeof *merits, by_merit);
    return merits;
}

static hone_status fill_places(const hn_ask *ask, const hn_estimate_rung *rung, size_t n,
                               hn_de_population *population, hone_error *err)
{
    int64_t *holders = HN_ARENA_NEW(ask->scratch, int64_t, n);
    merit *merits = rank(ask, rung);
    if (holders == NULL || merits == NULL)
        return hn_out_of_memory(err);
    for (size_t i = 0; i < n; i++)
        holders[i] = HN_DE_EMPTY;
    for (size_t i = 0; i < rung->n; i++) {
        int64_t *holder = &holders[(size_t)merits[i].number % n];
        *holder = *holder == HN_DE_EMPTY ? merits[i].number : *holder;
    }
    *population = (hn_de_population){holders, n, holders, n, rung->n > 0 ? merits[0].number : HN_DE_EMPTY};
    return HONE_OK;
}

/* Parents are those that go on from the rung below, and as many more as mutants need. */
static hone_status breed_from(const hn_ask *ask, const hn_estimate_rung *below, hn_de_population *population,
                              hone_error *err)
{
    size_t n = below->kept > HN_DE_LEAST ? below->kept : HN_DE_LEAST;
    int64_t *parents = HN_ARENA_NEW(ask->scratch, int64_t, n);
    merit *merits = rank(ask, below);
    if (parents == NULL || merits == NULL)
        return hn_out_of_memory(err);
    for (size_t i = 0; i < n; i++)
        parents[i] = merits[i].number;
    population->parents = parents;
    population->n_parents = n;
    population->best = population->best != HN_DE_EMPTY ? population->best : parents[0];
    return HONE_OK;
}

hone_status hn_de_population_of_rung(const hn_ask *ask, size_t n, hn_de_population *population,
                                     hone_error *err)
{
    const hn_estimates *e = ask->estimates;
    const hn_estimate_rung only = {.items = e->items, .n = e->n}, *rungs = e->rungs ? e->rungs : &only;
    size_t r = e->rungs ? e->first : 0;
    n = n > HN_DE_LEAST ? n : HN_DE_LEAST;
    while (r > 0 && rungs[r - 1].n < HN_DE_LEAST)
        r--;
    hone_status status = fill_places(ask, &rungs[r], n, population, err);
    return status == HONE_OK && r > 0 ? breed_from(ask, &rungs[r - 1], population, err) : status;
}
