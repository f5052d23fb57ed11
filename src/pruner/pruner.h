/* pruner/pruner.h: the contract of a pruner: for a free worker it says whether to start a new trial (with a
 * budget), resume a paused one, clone from another, wait, or end; for a report whether to continue, pause or
 * stop. It reads the history only. State is a cache, rebuilt from the history.
 *
 * To add one: write pruner/NAME.c ending in one `const hn_pruner_type hn_pruner_NAME`, list it in registry.c.
 */
#ifndef HN_PRUNER_PRUNER_H
#define HN_PRUNER_PRUNER_H

#include "base/arena.h"
#include "base/option.h"
#include "history/estimate.h"
#include "history/history.h"

enum { HN_MOST_LADDER = 64 };

typedef enum hn_next_kind {
    HN_NEXT_START,  /* a new trial, to run up to step `budget` */
    HN_NEXT_RESUME, /* the paused trial `number`, on from where it stopped, up to step `budget` */
    HN_NEXT_CLONE,  /* a new trial from the checkpoint of `number`, up to step `budget` */
    HN_NEXT_DROP,   /* the paused trial `number` goes no further: it ends PRUNED. Then next is asked again */
    HN_NEXT_WAIT,
    HN_NEXT_DONE,
} hn_next_kind;

typedef struct hn_next {
    hn_next_kind kind;
    int64_t number;
    int64_t budget; /* a step; 0 = no limit */
    int64_t step;   /* of CLONE: where the source's checkpoint stands, a step that it paused at */
    int64_t wait_ms;
    const char *reason; /* of DONE; static */
} hn_next;

typedef enum hn_verdict { HN_CONTINUE, HN_PAUSE, HN_STOP } hn_verdict;

/* Paused trials are RUNNING rows; the study knows which (the history does not). */
typedef struct hn_prune_context {
    const hn_history *history;
    uint64_t seed;
    const char *study_name;
    const int64_t *paused; /* numbers, ascending */
    size_t n_paused;
    bool exhausted; /* of next: no new trial can be started */
    int64_t budget; /* of judge, and of estimate where a trial is proposed: the trial's, as its start or
                       resume said; 0 = none, or not known */
} hn_prune_context;

/* A trial whose parameters are about to stand. */
typedef struct hn_exploring {
    int64_t number, source; /* its own number; that of the trial it is a clone of, -1: of none */
    int64_t step;           /* where it goes on */
    int attempt;            /* 0, or more when what came of those before may not be proposed */
} hn_exploring;

typedef struct hn_pruner_type hn_pruner_type;
struct hn_pruner_type {
    const char *name;
    const char *help;
    hn_option_table options;
    size_t state_size;
    bool leaves_unranked; /* settings end without the score of all folds: refused where a sampler promises
                             each */
    bool uses_reports;    /* false: reports need not be flushed before a decision */
    hone_status (*init)(void *state, const void *config, hone_error *err); /* may be NULL */
    void (*release)(void *state);                                          /* may be NULL */
    /* For a free worker. NULL = always HN_NEXT_START without a budget. */
    hone_status (*next)(void *state, const hn_prune_context *context, hn_next *next, hone_error *err);
    /* For the report just put into the history at (number, step). NULL = always HN_CONTINUE. */
    hone_status (*judge)(void *state, const hn_prune_context *context, int64_t number, int64_t step,
                         hn_verdict *verdict, hone_error *err);
    /* What each trial would come to at full length, for samplers: they take exactly these for finished, with
     * these values, instead of what the history says (FAILED trials are seen there as ever). In scratch.
     * *estimates has items NULL, as it came: nothing is known, the history counts. NULL = always so. */
    hone_status (*estimate)(void *state, const hn_prune_context *context, hn_arena *scratch,
                            hn_estimates *estimates, hone_error *err);
    /* Changes the values of a trial that begins: of a clone (they are its source's), or of one that a sampler
     * made. Trials of a pruner that has it keep a copy of their checkpoint each time they pause, for clones
     * to go on from. NULL = the values stay, and there are no clones. */
    hone_status (*explore)(void *state, const hn_prune_context *context, const hn_exploring *from,
                           hn_trial_param *params, size_t n, hone_error *err);
    /* The steps at which trials pause, ascending, and the last of a whole one, into HN_MOST_LADDER places;
     * returns how many. NULL = there are none. */
    size_t (*ladder)(const void *state, int64_t *steps);
    /* Of a name that stands for several rules: the one that these options ask for, which is then the type in
     * use, with the config as it is. NULL = this one. */
    hone_status (*variant)(const void *config, const hn_pruner_type **type, hone_error *err);
};

const hn_pruner_type *hn_pruner_at(size_t i); /* NULL past the end */
const hn_pruner_type *hn_pruner_find(const char *name);

/* A pruner in use. One thread at a time. */
typedef struct hn_pruner hn_pruner;

/* Its name and the types and bounds of its options; what init would find is not looked for. The type is the
 * variant that the options ask for. */
hone_status hn_pruner_check(const hn_spec *spec, const hn_pruner_type **type, hone_error *err);
hone_status hn_pruner_create(const hn_spec *spec, hn_pruner **pruner, hone_error *err);
hone_status hn_pruner_create_from(const hn_pruner_type *type, const hn_node *options, hn_pruner **pruner,
                                  hone_error *err);
void hn_pruner_destroy(hn_pruner *pruner);
const hn_pruner_type *hn_pruner_type_of(const hn_pruner *pruner);
hone_status hn_pruner_next(hn_pruner *pruner, const hn_prune_context *context, hn_next *next,
                           hone_error *err);
hone_status hn_pruner_judge(hn_pruner *pruner, const hn_prune_context *context, int64_t number, int64_t step,
                            hn_verdict *verdict, hone_error *err);
/* 0: it has none. */
size_t hn_pruner_ladder(const hn_pruner *pruner, int64_t steps[HN_MOST_LADDER]);
hone_status hn_pruner_explore(hn_pruner *pruner, const hn_prune_context *context, const hn_exploring *from,
                              hn_trial_param *params, size_t n, hone_error *err);
hone_status hn_pruner_estimate(hn_pruner *pruner, const hn_prune_context *context, hn_arena *scratch,
                               hn_estimates *estimates, hone_error *err);

#endif
