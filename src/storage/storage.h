/* storage/storage.h: the contract of a storage: append-only facts about trials, durable when a call returns
 * (unless opened otherwise). Several handles, threads' or processes', may work on one study; each sees the
 * others' facts by sync. A handle is for one thread at a time; the study holds the lock.
 *
 * To add one: write storage/NAME.c ending in one `const hn_storage_type hn_storage_NAME`, list it in
 * registry.c; the contract suite in tests/contract runs over every entry.
 */
#ifndef HN_STORAGE_STORAGE_H
#define HN_STORAGE_STORAGE_H

#include "base/option.h"
#include "history/trial.h"

enum { HN_LEASE_SIZE = 33, HN_UUID_SIZE = 37, HN_STORAGE_MAX_OBJECTIVES = 8, HN_STORAGE_MAX_NAME = 512 };

/* System attributes with a meaning. A record's `noise` is read from HN_KEY_NOISE (a JSON number), its
 * `seconds` and `runs` from HN_KEY_RAN ({"runs": 2, "seconds": 1.5}), its constraints from HN_KEY_CONSTRAINTS
 * (a list) or from Optuna 5's "constraints:<name>", one each. */
#define HN_KEY_UUID  "hone:uuid"  /* of a study */
#define HN_KEY_NOISE "hone:noise" /* of a trial: variance of its value */
#define HN_KEY_RAN   "hone:ran"   /* of a trial that was paused: JSON map of its runs and their seconds */
#define HN_KEY_RESTARTS                                                                                      \
    "hone:restarts" /* of a trial: how often it was begun again because its worker died                      \
                     */
#define HN_KEY_WORKER                                                                                        \
    "hone:worker" /* of a trial: {"host", "pid", "job" (a scheduler's)} of who ran it last */
#define HN_KEY_LATE_OF "hone:late_of" /* of a trial: number of the trial it was told for, too late */
#define HN_KEY_PARENT  "hone:parent"  /* of a trial: number of the trial it was cloned from */
#define HN_KEY_PARENT_STEP                                                                                   \
    "hone:parent_step" /* of a trial: the step of the checkpoint that it was cloned from */
#define HN_KEY_METRIC_NAMES "study:metric_names" /* of a study: JSON list */
#define HN_KEY_FIXED_PARAMS "fixed_params"       /* of a waiting trial: JSON map of user values */
#define HN_KEY_CONSTRAINTS  "constraints"        /* of a trial: JSON list */

typedef struct hn_study_row {
    int64_t id;
    char uuid[HN_UUID_SIZE]; /* made by hone at its first opening; "" for a study only Optuna has seen */
    const char *name;
    size_t n_objectives;
    const hone_direction *directions;
    const char *const *metric_names; /* n_objectives, or NULL */
    const char *definition;          /* hone's study definition as JSON; NULL for one that Optuna made */
    size_t n_attributes;             /* user and system, without HN_KEY_UUID and HN_KEY_METRIC_NAMES */
    const hn_attribute *attributes;
} hn_study_row;

typedef struct hn_study_summary {
    int64_t id;
    const char *name;
    size_t n_objectives; /* at most HN_STORAGE_MAX_OBJECTIVES */
    hone_direction directions[HN_STORAGE_MAX_OBJECTIVES];
    int64_t trials, complete, first_start_us;
    bool has_best;
    double best;
} hn_study_summary;

/* A trial to be made. state RUNNING or WAITING, or a finished one (imports). */
typedef struct hn_new_trial {
    hone_trial_state state;
    const char *lease; /* of RUNNING; NULL otherwise */
    bool beats;        /* RUNNING: its worker will beat, so a first heartbeat row is written with it */
    int64_t start_us, complete_us;
    size_t n_params;
    const hn_trial_param *params;
    size_t n_values;
    const double *values;
    size_t n_reports;
    const hn_trial_report *reports;
    size_t n_constraints;
    const double *constraints;
    size_t n_attributes;
    const hn_attribute *attributes;
} hn_new_trial;

/* What ends a trial, or is written while it runs. */
typedef struct hn_trial_update {
    hone_trial_state state; /* RUNNING: it goes on */
    int64_t complete_us;
    size_t n_params; /* new ones, since the last update */
    const hn_trial_param *params;
    size_t n_values;
    const double *values;
    size_t n_reports; /* new ones; a step that is there already is replaced */
    const hn_trial_report *reports;
    size_t n_constraints;
    const double *constraints;
    size_t n_attributes; /* new or replaced */
    const hn_attribute *attributes;
} hn_trial_update;

/* A running trial that is kept alive. */
typedef struct hn_beat {
    int64_t id, beat_us;       /* the last heartbeat, by the wall clock of who wrote it */
    char lease[HN_LEASE_SIZE]; /* "": none */
} hn_beat;

typedef struct hn_storage hn_storage; /* each implementation's own struct begins with hn_storage_base */

/* Called by scan for each trial; the record is borrowed for the call. Returning an error ends the scan with
 * it. */
typedef hone_status (*hn_trial_visitor)(void *user, const hn_trial_record *record, hone_error *err);

/* Fills a trial for this number: the same one each time it is called with it. */
typedef hone_status (*hn_trial_maker)(void *user, int64_t number, hn_new_trial *trial, hone_error *err);

typedef struct hn_storage_type {
    const char *name;   /* "sqlite" */
    const char *scheme; /* "sqlite:" */
    const char *help;
    bool shared; /* other processes may write to it: heartbeats and syncs make sense */

    /* Opens, creating an empty database when create; otherwise HONE_NOT_FOUND. url is the whole URL;
     * parameters after '?' are options (sqlite: ?durability=full|normal). */
    hone_status (*open)(const char *url, bool create, hn_storage **storage, hone_error *err);
    void (*close)(hn_storage *storage);
    /* NULL, or: from begin to end everything that is written is one commit, which end makes; when its status
     * is an error nothing stays, and it is returned. */
    hone_status (*begin)(hn_storage *storage, hone_error *err);
    hone_status (*end)(hn_storage *storage, hone_status status, hone_error *err);

    /* NULL, or: from defer to settle trials that are begun and ended are written, and seen by others, but may
     * wait for the disk; settle waits for all of them at once. When it fails, any of them may be lost. */
    void (*defer)(hn_storage *storage);
    hone_status (*settle)(hn_storage *storage, hone_error *err);

    /* Atomic find-or-create by name: *created tells. The row's attributes and definition are stored only when
     * created. Two processes creating at once get the same study. */
    hone_status (*study_create)(hn_storage *storage, const hn_study_row *row, int64_t *study, bool *created,
                                hone_error *err);
    /* *row lives in arena. HONE_NOT_FOUND lists near names. */
    hone_status (*study_find)(hn_storage *storage, const char *name, hn_arena *arena, hn_study_row *row,
                              hone_error *err);
    /* The names of all studies, ascending, without a look at their trials; both in arena. */
    hone_status (*study_names)(hn_storage *storage, hn_arena *arena, const char ***names, size_t *count,
                               hone_error *err);
    hone_status (*study_list)(hn_storage *storage, hn_arena *arena, hn_study_summary **rows, size_t *count,
                              hone_error *err);
    hone_status (*study_delete)(hn_storage *storage, int64_t study, hone_error *err);
    hone_status (*study_set_definition)(hn_storage *storage, int64_t study, const char *definition,
                                        hone_error *err);
    hone_status (*study_set_attribute)(hn_storage *storage, int64_t study, const hn_attribute *attribute,
                                       hone_error *err);
    /* *json lives in arena, NULL when unset. */
    hone_status (*study_attribute)(hn_storage *storage, int64_t study, const char *key, bool system,
                                   hn_arena *arena, const char **json, hone_error *err);

    /* Makes n trials in one commit, assigning dense numbers; ids and numbers are written. expected_number >=
     * 0: the first must get this number, otherwise nothing is written and the answer is HONE_CONFLICT:
     * another handle was faster, and *numbers is the next number: sync and propose again. */
    hone_status (*trial_create)(hn_storage *storage, int64_t study, size_t n, const hn_new_trial *trials,
                                int64_t expected_number, int64_t *ids, int64_t *numbers, hone_error *err);
    /* As trial_create of a RUNNING trial that is filled for the number `expected`; when the next one is
     * another, make may be asked to fill it for that, or for some that it may be. It is filled for the number
     * that was made. make must not call the storage; when it gives no trial for the next number, nothing is
     * made and the answer is its error or HONE_CONFLICT, with *number = next. NULL where no storage is
     * shared. */
    hone_status (*trial_make)(hn_storage *storage, int64_t study, hn_new_trial *trial, int64_t expected,
                              hn_trial_maker make, void *user, int64_t *id, int64_t *number, hone_error *err);
    /* The id of a trial by its number. HONE_NOT_FOUND names the range. Needs no scan of the study. */
    hone_status (*trial_find)(hn_storage *storage, int64_t study, int64_t number, int64_t *id,
                              hone_error *err);
    /* WAITING -> RUNNING under the lease, adding params, with a first heartbeat when beats; *claimed false
     * when another was faster. */
    hone_status (*trial_claim)(hn_storage *storage, int64_t trial, const char *lease, int64_t start_us,
                               bool beats, size_t n_params, const hn_trial_param *params, bool *claimed,
                               hone_error *err);
    /* Writes while running, or ends the trial: one commit. HONE_CONFLICT when it is finished already or holds
     * another lease (nothing is written); *state and *lease_lost, both may be NULL, tell which. lease NULL:
     * not checked. *lease_lost is false only for the worker that holds the lease or ended the trial under it
     * (told twice); ending a trial without a lease (a reaper, another tool) takes it from its holder, whose
     * own tell is then late. */
    hone_status (*trial_update)(hn_storage *storage, int64_t trial, const char *lease,
                                const hn_trial_update *update, hone_trial_state *state, bool *lease_lost,
                                hone_error *err);
    /* Gives a running trial a new lease (take over). held: the one it must have (NULL: any), otherwise
     * HONE_CONFLICT, so that of two that want it one wins. *lease_now (HN_LEASE_SIZE, may be NULL) gets the
     * current one when new_lease is NULL ("" when it has none: it is paused, or Optuna runs it). */
    hone_status (*trial_lease)(hn_storage *storage, int64_t trial, const char *held, const char *new_lease,
                               char *lease_now, hone_error *err);
    hone_status (*trial_heartbeat)(hn_storage *storage, int64_t trial, int64_t now_us, hone_error *err);
    /* RUNNING trials of the study that have a heartbeat, ascending id, in arena; one consistent snapshot.
     * Those that never had one (asked by hand, or run by others) and paused ones are not among them. */
    hone_status (*trials_beating)(hn_storage *storage, int64_t study, hn_arena *arena, hn_beat **beats,
                                  size_t *count, hone_error *err);
    /* A running trial that nobody runs for a while: its lease and heartbeat go. HONE_CONFLICT when it is not
     * running or has another lease than held (NULL: not checked). */
    hone_status (*trial_pause)(hn_storage *storage, int64_t trial, const char *held, int64_t step,
                               hone_error *err);
    /* A paused trial goes on under the lease, with a heartbeat when now_us > 0: one commit. HONE_CONFLICT
     * when it is not paused: of two that want to resume it, one wins. */
    hone_status (*trial_resume)(hn_storage *storage, int64_t trial, const char *lease, int64_t now_us,
                                hone_error *err);
    hone_status (*trials_paused)(hn_storage *storage, int64_t study, hn_arena *arena, int64_t **ids,
                                 size_t *count, hone_error *err);

    /* Visits every trial with id > after_id, and those of ids again[0..n) (unfinished at the last sync),
     * ascending id, with everything. One consistent snapshot. O(rows visited). Names and distributions of the
     * records stay valid until the storage is closed. visit must not call the storage. Ids of trials that are
     * gone are passed over. */
    hone_status (*scan)(hn_storage *storage, int64_t study, int64_t after_id, const int64_t *again,
                        size_t n_again, hn_trial_visitor visit, void *user, hone_error *err);
    /* One trial with everything (attributes too). HONE_NOT_FOUND. */
    hone_status (*trial_read)(hn_storage *storage, int64_t trial, hn_trial_visitor visit, void *user,
                              hone_error *err);
    /* A counter that changes when another handle wrote; lets sync skip a scan. results false: it need not
     * change for what a trial reported or how it ended. */
    hone_status (*change_counter)(hn_storage *storage, bool results, int64_t *counter, hone_error *err);
    /* Health for `hone doctor`: one line per finding appended to report; HONE_OK when healthy. */
    hone_status (*check)(hn_storage *storage, hn_buffer *report, hone_error *err);
} hn_storage_type;

struct hn_storage_base {
    const hn_storage_type *type;
};

const hn_storage_type *hn_storage_at(size_t i); /* NULL past the end */
/* Chooses by the URL's scheme; HONE_INVALID lists the schemes and the nearest spelling. */
hone_status hn_storage_open(const char *url, bool create, hn_storage **storage, hone_error *err);
void hn_storage_close(hn_storage *storage); /* accepts NULL */
/* The type's table of an open storage. */
const hn_storage_type *hn_storage_of(const hn_storage *storage);

#endif
