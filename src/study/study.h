/* study/study.h: what a study and a trial are made of, shared by the files of this folder and by nobody else.
 *
 * Locking: study->lock guards everything in hone_study; a hone_trial belongs to one thread. Functions here
 * whose name begins with hn_study_ expect the lock to be held by the caller.
 */
#ifndef HN_STUDY_STUDY_H
#define HN_STUDY_STUDY_H

#include <pthread.h>

#include "base/arena.h"
#include "history/history.h"
#include "hone/hone.h"
#include "pruner/pruner.h"
#include "sampler/earlier.h"
#include "sampler/sampler.h"
#include "storage/storage.h"

enum { HN_MAX_OBJECTIVES = 8 };

/* What a study is: from hone_study_config, or read back from the storage. Everything lives in its arena. */
typedef struct hn_definition {
    hn_arena arena;
    size_t n_objectives;
    hone_direction directions[HN_MAX_OBJECTIVES];
    const char *metrics[HN_MAX_OBJECTIVES];
    hn_space *space; /* NULL = define-by-run */
    hn_spec sampler, pruner;
    uint64_t seed;
    int64_t lag; /* -1: every told trial is visible */
    double heartbeat_seconds;
    int64_t restarts;    /* of a trial whose worker died */
    hn_node *learn_from; /* a checked list of earlier studies, or NULL */
    const char *file;    /* the study file's text, or NULL */
    const char *folder;  /* that its relative paths mean, or NULL */
    const char *version; /* of hone that wrote it; NULL: before 0.1.0 said so */
    const char *unknown; /* read back: a key that this version does not know; NULL: none */
} hn_definition;

/* A heartbeat of another handle's trial, and for how long it was seen not to change. */
typedef struct hn_watched {
    int64_t id, beat_us;
    double seconds;
} hn_watched;

struct hone_study {
    pthread_mutex_t lock;
    pthread_cond_t changed; /* a trial was told, or the study was stopped */
    hn_storage *storage;
    const hn_storage_type *ops; /* of storage */
    int64_t row;                /* the storage's key of the study */
    char *name;
    hn_definition *definition;
    hn_history *history;
    bool loaded, earlier_loaded; /* loaded: the history has been read once; telling a trial by number does not
                                    need it */
    hn_sampler *sampler;
    hn_pruner *pruner;
    hn_earlier earlier; /* what the definition's learn_from names, once it is loaded */
    hn_arena earlier_arena;
    hn_arena scratch;       /* reset by each operation that uses it */
    int64_t last_id;        /* the storage's key of the last trial known */
    int64_t change_counter; /* of the storage at the last sync; -1: sync in any case */
    int64_t order_counter;  /* the same, without results */
    int64_t known;          /* all trials below this number are in the history, last_id is the last one's */
    int64_t next_number;    /* that the next trial may have: a guess that the storage corrects */
    int64_t *paused;        /* numbers, ascending */
    size_t n_paused;
    hone_trial *live; /* handles of running trials, newest first */
    char *worker;     /* who this process is, as HN_KEY_WORKER; NULL: nobody that beats */
    bool beats;       /* running trials of this handle beat: they are optimised, not asked by hand */
    int64_t last_reap_ns, watched_ns;
    hn_watched *watched; /* of reap.c */
    size_t n_watched;
    bool others;               /* when they were looked at last, trials of other handles beat */
    int64_t most_trials;       /* of the study, in the run that goes on; 0 = no limit */
    int64_t deadline_ns;       /* of the same; 0 = none */
    int64_t all_trials;        /* of the same: what its budget allows the study, 0 = any number */
    bool watches;              /* the same run ends by what trials told, so that each ask must know them */
    bool full;                 /* the last ask found that others had begun all trials of the run */
    int64_t dropped;           /* paused trials that were ended, through this handle */
    bool stopped, out_of_time; /* out_of_time: the last trial proposed or paused could not end */
    /* Set without the lock, which an ask holds: how many stops and interrupts wait for an ask that is
     * thinking to give up, and how many of them are stops. */
    volatile int cancel, stops;
    int without_cost; /* of limit.c: trials that told no cost, before the first that did; then -1 */
    char *stop_reason;
    /* limit.c, regret.c: */
    hn_buffer end_why; /* what the limit that was reached says; empty: nothing */
    char *cost_metric; /* that a run's budget names, or NULL */
    double cost;       /* sum of it over all finished trials */
    size_t regret_at;  /* complete trials when regret_bound and regret_noise were found; 0: never */
    double regret_bound, regret_noise;
};

struct hone_trial {
    hone_study *study;
    hone_trial *next_live;
    hn_arena arena; /* names, distributions, attributes */
    int64_t id, number;
    char lease[HN_LEASE_SIZE];
    hone_trial_state state; /* when the handle was made; RUNNING for those asked */
    int64_t start_us;
    int64_t budget, resume_step; /* steps; 0 = none */
    int64_t runs, run_us; /* runs before this one, which were paused; when this one began (wall clock; 0:
                             nobody runs it) */
    double seconds;       /* of those runs */
    int64_t restarts;     /* of those runs: ended because their worker died */
    int64_t parent,
        parent_step; /* the trial whose checkpoint it went on from, and where; -1, 0: it is no clone */
    hn_trial_param *params;
    size_t n_params, params_capacity, params_stored;
    const hn_node *fixed; /* values given when it was queued, not proposed yet: a map, or NULL */
    hn_trial_report *reports;
    size_t n_reports, reports_capacity, reports_stored;
    hn_attribute *attributes;
    size_t n_attributes, attributes_capacity, attributes_stored;
    double values[HN_MAX_OBJECTIVES];
    size_t n_values;
    double *constraints;
    size_t n_constraints;
    int64_t flushed_ns; /* when params and reports were last written */
    hn_verdict verdict;
    bool pruned;       /* the objective said so */
    bool told, paused; /* paused: what it was told put it off */
    hone_error misuse; /* the first; status HONE_OK = none */
};

/* --- definition.c --- */

hone_status hn_definition_from_config(const hone_study_config *config, hn_definition **definition,
                                      hone_error *err);
/* As from_config when `stored` is what the storage knows (definition NULL: only the directions and metric
 * names). */
hone_status hn_definition_from_row(const hn_study_row *stored, hn_definition **definition, hone_error *err);
/* JSON; NULL when memory is out. Free with hn_free. */
char *hn_definition_to_json(hn_definition *definition);
/* HONE_UNSUPPORTED when a newer version wrote something that this one would not heed, and would forget when
 * it wrote. */
hone_status hn_definition_check_known(const char *study, const hn_definition *definition, hone_error *err);
/* May `next` take the place of `previous`? */
hone_status hn_definition_check_change(const char *study, const hn_definition *previous,
                                       const hn_definition *next, hone_error *err);
void hn_definition_destroy(hn_definition *definition);

/* --- open.c --- */

/* HONE_UNSUPPORTED when one breaks what the other promises. */
hone_status hn_algorithms_agree(const hn_sampler_type *sampler, const hn_pruner_type *pruner,
                                hone_error *err);

/* --- tell.c --- */

/* Does a COMPLETE trial have what its study needs? Otherwise why is set. */
bool hn_trial_values_are_usable(const hone_trial *trial, hone_error *why);

/* --- ask.c --- */

/* Fills n handles, whose budgets are set, with proposed parameters of the declared space, those in `fixed` (a
 * map, or NULL) as they are given; *count < n when the space is used up. In the study's scratch. */
hone_status hn_study_propose(hone_study *study, int64_t number, uint64_t seed, const hn_node *fixed, size_t n,
                             hone_trial **trials, size_t *count, hone_error *err);
/* What a sampler is asked for trial `number`, which begins with this budget (0: none), with the pruner's
 * estimates; in the study's scratch. */
hone_status hn_study_make_ask(hone_study *study, const hn_space *space, int64_t number, int64_t budget,
                              hn_ask *ask, hone_error *err);
/* As hone_study_ask for a new trial with these values (a checked map, in no need of outliving the call).
 * Takes the lock. */
hone_status hn_study_ask_new(hone_study *study, const hn_node *fixed, hone_outcome *outcome,
                             hone_trial **trial, int64_t *wait_ms, const char **reason, hone_error *err);

/* From a signal handler or any thread, without the lock: an ask that is thinking gives up with
 * HONE_CANCELLED, and so do later ones until as many calls with `times` negative have taken it back. Queued
 * trials and values for trials that run already are still answered. */
void hn_study_cancel_asks(hone_study *study, int times);

/* --- clone.c --- */

/* *trial stays NULL when another worker took the number. */
hone_status hn_study_clone(hone_study *study, const hn_next *next, hone_trial **trial, hone_error *err);
/* Lets the pruner change the values of trial `number` before it begins; source -1: it is no clone. */
hone_status hn_study_explore(hone_study *study, int64_t number, int64_t source, int64_t step,
                             hone_trial *trial, hone_error *err);

/* --- queue.c --- */

/* *trial stays NULL when nothing is queued. */
hone_status hn_study_claim_queued(hone_study *study, int64_t budget, hone_trial **trial, hone_error *err);

/* --- earlier.c --- */

/* learn_from as it was written (a study, or a list) as a list; its entries' form is checked. */
hone_status hn_learn_from_read(hn_arena *arena, const hn_node *node, hn_node **list, hone_error *err);
/* Reads the earlier studies once. HONE_NOT_FOUND when one is not there, HONE_UNSUPPORTED when the sampler,
 * the goals or a missing space rule it out. */
hone_status hn_study_load_earlier(hone_study *study, hone_error *err);

/* --- sync.c --- */

/* Reads the history once. */
hone_status hn_study_load(hone_study *study, hone_error *err);
/* Reads what other handles wrote since; cheap when nothing was. */
hone_status hn_study_sync(hone_study *study, hone_error *err);
/* The same before an ask. Where asks are blind it leaves results alone. */
hone_status hn_study_sync_to_ask(hone_study *study, hone_error *err);
/* Does no result change what an ask answers? Then of the trials of others only their number counts, and the
 * history may have gaps. */
bool hn_study_is_blind(const hone_study *study);

/* --- told together: tell.c. With the lock taken by them --- */

/* From now on an ask or a tell may return before it is on the disk; false: the storage does not put it off.
 */
bool hn_study_defer(hone_study *study);
/* Waits until all since then is there, and ends that. */
hone_status hn_study_settle(hone_study *study, hone_error *err);

/* --- reap.c --- */

/* Puts back, or fails, running trials whose worker is dead: its process, of this machine, is gone, or it was
 * silent for two intervals of the heartbeat while this handle watched, as it does at each call. */
hone_status hn_study_reap(hone_study *study, hone_error *err);
/* Before a running trial is paused because it cannot go on here: counts it as a restart. HONE_LIMIT when it
 * had as many as the study allows; its storage must be shared. */
hone_status hn_trial_begin_elsewhere(const hone_study *study, hone_trial *trial, hone_error *err);
/* A lease of this process; `beating` says that the process stays alive while the trial runs. */
hone_status hn_lease_new(bool beating, char lease[HN_LEASE_SIZE], hone_error *err);

/* --- limit.c (limit.h says what others use of it): with the lock held --- */

/* Trials that are finished or run by anybody; paused ones are neither. */
int64_t hn_study_taken(const hone_study *study);
/* Trials that were begun, by anybody. */
int64_t hn_study_begun(const hone_study *study);
/* Adds what a trial that has just finished cost, if a run counts that. */
void hn_study_note_cost(hone_study *study, const hn_trial_record *record);

/* --- transition.c: the trial state machine --- */

/* remake: NULL, or fills the one trial for another number than the expected one. */
hone_status hn_trial_begin(hone_study *study, size_t n, hone_trial **trials, int64_t expected_number,
                           hn_trial_maker remake, void *user, hone_error *err);
hone_status hn_trial_queue(hone_study *study, const char *fixed_json, int64_t *number, hone_error *err);
hone_status hn_trial_claim(hone_study *study, hone_trial *trial, bool *claimed, hone_error *err);
hone_status hn_trial_flush(hone_study *study, hone_trial *trial, hone_error *err);
hone_status hn_trial_finish(hone_study *study, hone_trial *trial, hone_trial_state state, hone_error *err);
hone_status hn_trial_pause(hone_study *study, hone_trial *trial, hone_error *err);
hone_status hn_trial_resume(hone_study *study, hone_trial *trial, hone_error *err);
hone_status hn_trial_import(hone_study *study, const hn_new_trial *record, int64_t *number, hone_error *err);
/* Appends the value of HN_KEY_RAN. */
void hn_run_times_write(hn_buffer *json, int64_t runs, double seconds);

/* --- trial.c --- */

hone_trial *hn_trial_new(hone_study *study); /* NULL when memory is out */
/* Copies name and distribution. */
hone_status hn_trial_add_param(hone_trial *trial, const char *name, const hn_distribution *distribution,
                               double value, hone_error *err);
hone_status hn_trial_add_attribute(hone_trial *trial, const char *key, const char *json, bool system,
                                   hone_error *err);
/* Index of a parameter, SIZE_MAX when it has none of that name. */
size_t hn_trial_find(const hone_trial *trial, const char *name);
/* It has run so long, this run being over now. */
double hn_trial_seconds(const hone_trial *trial, int64_t now_us);
/* A record that points into the trial. */
hn_trial_record hn_trial_as_record(const hone_trial *trial, hone_trial_state state, int64_t complete_us);
/* Copies a stored record into a fresh handle. */
hone_status hn_trial_from_record(hone_trial *trial, const hn_trial_record *record, hone_error *err);
/* The same as a storage's reading calls it. */
hone_status hn_trial_take_in(void *trial, const hn_trial_record *record, hone_error *err);
/* Remembers the first misuse. */
void hn_trial_misuse(hone_trial *trial, const hone_error *err);

/* --- shared small things --- */

static inline void hn_study_lock(hone_study *study)
{
    pthread_mutex_lock(&study->lock);
}

static inline void hn_study_unlock(hone_study *study)
{
    pthread_mutex_unlock(&study->lock);
}

/* From now on the trials asked are kept alive by this process: they get heartbeats and its name (job: what
 * started it, or NULL), and are put back when it dies. Takes the lock. */
hone_status hn_study_set_beats(hone_study *study, const char *job, hone_error *err);
/* Names the worker in the trial. */
hone_status hn_trial_sign(hone_study *study, hone_trial *trial, hone_error *err);
/* When a run's number of trials is reached: *others, are trials among them that other workers run, or that
 * were put back just now? With the lock held. */
hone_status hn_study_await_others(hone_study *study, const hone_budget *budget, int64_t started, bool *others,
                                  hone_error *err);
/* How a run that an ask's answer "done" ended calls its end: "exhausted", "trials", "seconds" or "stopped".
 */
const char *hn_end_name(const char *reason);
/* Does the pruner decide which trial runs next? Then paused trials may go on when no new one may begin: the
 * number of trials is a limit to its starts only. */
bool hn_study_schedules(const hone_study *study);
/* What a pruner sees now. */
hn_prune_context hn_study_prune_context(const hone_study *study);
/* The view of a sampler that proposes trial `number`. */
hn_view hn_study_view(const hone_study *study, int64_t number);

#endif
