/* sampler/sampler.h: the contract of a sampler: a const table of functions over a read-only history. A
 * sampler never calls another part of hone, touches storage, or prints. Its state is only a cache: everything
 * it decides follows from (space, history, seed, trial number), so that a killed process resumes by reading
 * its trials again.
 *
 * To add one: write sampler/NAME.c ending in one `const hn_sampler_type hn_sampler_NAME`, list it in
 * registry.c.
 */
#ifndef HN_SAMPLER_SAMPLER_H
#define HN_SAMPLER_SAMPLER_H

#include "base/arena.h"
#include "base/option.h"
#include "history/estimate.h"
#include "history/history.h"
#include "math/random.h"
#include "space/space.h"

enum {
    HN_SAMPLER_WHOLE = 1,  /* has propose */
    HN_SAMPLER_SINGLE = 2, /* has propose_one: define-by-run without help */
    HN_SAMPLER_CONDITIONAL =
        4, /* propose handles conditions itself (else the wrapper settles activity after it) */
    HN_SAMPLER_MULTI_OBJECTIVE = 8,
    HN_SAMPLER_EXHAUSTS = 16,    /* may answer fewer than n: the space is used up */
    HN_SAMPLER_FINITE_ONLY = 32, /* needs a space whose count is finite (or its own list of values) */
    HN_SAMPLER_STARTUP = 64,  /* the wrapper draws at random until n_startup trials are ranked: the sampler's
                                 option  table has an HN_OPTION_INT of that name, which only the wrapper reads.
                                 Points of earlier  studies come first, then */
    HN_SAMPLER_EARLIER = 128, /* has a start of its own that begins with those points (ask->earlier) */
    HN_SAMPLER_BLIND = 256,   /* what it proposes follows from space, seed and number: it looks at no trial */
};

/* What is asked. Borrowed for the call. Values told are seen below view.before only; parameters of all rows
 * below `number` may be looked at, because they were settled when those trials were asked, whoever finished
 * first. */
typedef struct hn_ask {
    const hn_space *space;
    hn_view view;   /* finished trials with number < view.before; pending ones are its running rows */
    int64_t number; /* of the (first) trial to propose; the others follow it */
    uint64_t seed;  /* the study's; another one when the wrapper asks again because a point was refused */
    uint64_t study_seed; /* the study's always: for what a state is made of, which outlives a refused point */
    hn_arena *scratch;   /* reset by the caller after the call */
    /* NULL, or a point whose `active` flags mark values that the wrapper will put in place of the proposed
     * ones. A sampler may use it (an enumeration must: it leaves out the points that disagree). */
    const hn_point *fixed;
    const struct hn_earlier *earlier; /* trials of other studies to learn from (sampler/earlier.h), or NULL */
    /* NULL, or the trials in view that count as finished, with these values and noise, whatever their state;
     * a running one without an estimate is pending, a FAILED one failed, no other counts. */
    const hn_estimates *estimates;
    /* NULL, or polled by a sampler that takes long: non-zero, it gives up with HONE_CANCELLED. */
    const volatile int *cancel;
} hn_ask;

/* How many trials tell a value: estimated ones, or those that are ranked. */
static inline size_t hn_ask_known_count(const hn_ask *ask)
{
    return ask->estimates ? ask->estimates->n : hn_view_ranked_count(ask->view);
}

typedef struct hn_sampler_type {
    const char *name;
    const char *help; /* one line, no final period */
    unsigned capabilities;
    hn_option_table options;
    size_t state_size;

    /* Prepares zeroed state. config (borrowed until release) was filled by hn_options_apply. May be NULL. */
    hone_status (*init)(void *state, const void *config, hone_error *err);
    void (*release)(void *state); /* may be NULL */
    /* Checks that the sampler can serve this space ("grid: parameter lr is continuous: give it a step ...").
     * May be NULL. */
    hone_status (*check)(void *state, const hn_space *space, hone_error *err);
    /* Writes up to n points (values; activity is settled by the caller) and *count how many. Fewer than n
     * only with HN_SAMPLER_EXHAUSTS. */
    hone_status (*propose)(void *state, const hn_ask *ask, size_t n, hn_point *points, size_t *count,
                           hone_error *err);
    /* Define-by-run: a value for one parameter, given the trial's values so far. ask->space holds the
     * parameters seen so far plus this one at index `parameter`; partial is a point of that space. (A
     * declared space is served to a sampler without propose the same way: ask->space is then whole, and
     * partial inactive from `parameter` on.) */
    hone_status (*propose_one)(void *state, const hn_ask *ask, size_t parameter, const hn_point *partial,
                               double *value, hone_error *err);
    /* Define-by-run, with HN_SAMPLER_EXHAUSTS: would a new trial only repeat finished ones? ask->space is
     * NULL. May be NULL. */
    hone_status (*exhausted)(void *state, const hn_ask *ask, bool *answer, hone_error *err);
} hn_sampler_type;

/* The list, in the order `hone samplers` shows. NULL past the end. */
const hn_sampler_type *hn_sampler_at(size_t i);
const hn_sampler_type *hn_sampler_find(const char *name); /* NULL: there is none */

/* --- a sampler in use: the type, its config and state, with the shared behaviour wrapped round it --- */

/* Shared behaviour, written once in wrapper.c: random start-up, parameters fixed per ask, rejection of
 * forbidden points (redraws up to a bound, then exhaustive search of a finite space, then HONE_CONFLICT
 * naming the condition), settling activity, duplicates avoided in finite spaces while a new point is left
 * (option of the study), fallback for samplers that lack propose or propose_one, constants. One thread at a
 * time. */
typedef struct hn_sampler hn_sampler;

/* spec: name and options. The arena of spec may go after the call. */
hone_status hn_sampler_create(const hn_spec *spec, hn_sampler **sampler, hone_error *err);
/* As above from a type that is not in the registry (plug-ins, tests). options may be NULL. */
hone_status hn_sampler_create_from(const hn_sampler_type *type, const hn_node *options, hn_sampler **sampler,
                                   hone_error *err);
void hn_sampler_destroy(hn_sampler *sampler);
const hn_sampler_type *hn_sampler_type_of(const hn_sampler *sampler);
/* To be called when a study with a declared space is opened, and when its space changes. */
hone_status hn_sampler_check(hn_sampler *sampler, const hn_space *space, hone_error *err);
/* Whether points of a finite space may be proposed again while a new one is left; false unless set. */
void hn_sampler_allow_repeats(hn_sampler *sampler, bool allowed);

/* Do its proposals for this space follow from the seed and the trial's number alone? */
bool hn_sampler_is_blind(const hn_sampler *sampler, const hn_space *space);

/* fixed: NULL, or a point of the space whose `active` flags mark the values that are given; they are kept as
 * they are. points have room for n; *count < n only when the space is exhausted, and never with fixed values
 * (a queued trial always runs). Points are settled and allowed. HONE_CONFLICT when every point tried is
 * forbidden. */
hone_status hn_sampler_propose(hn_sampler *sampler, const hn_ask *ask, const hn_point *fixed, size_t n,
                               hn_point *points, size_t *count, hone_error *err);
hone_status hn_sampler_propose_one(hn_sampler *sampler, const hn_ask *ask, size_t parameter,
                                   const hn_point *partial, double *value, hone_error *err);
/* Define-by-run: is there nothing left to propose? Asked before a trial is started; ask->space may be
 * NULL. */
hone_status hn_sampler_exhausted(hn_sampler *sampler, const hn_ask *ask, bool *answer, hone_error *err);

#endif
