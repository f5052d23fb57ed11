/* view/progress.h: a run as it goes: a line for each trial that ends, and on a terminal one line below
 * that is redrawn: trials done, a bar, the best so far, rate, time left. Or JSON lines. Never touches the
 * study. One thread at a time. */
#ifndef HN_VIEW_PROGRESS_H
#define HN_VIEW_PROGRESS_H

#include "hone/app.h"

/* Everything is borrowed until destroy. */
typedef struct hn_progress_config {
    hone_sink sink;
    bool json;
    bool all_trials;    /* on a terminal: also trials that do not improve */
    const char *study;  /* named by each JSON line, NULL = not: it is the only one */
    const char *header; /* the first line, NULL = none */
    size_t n_goals;
    const char *const *goals; /* (n_goals,) */
    const hone_direction *directions;
    int64_t done, total; /* finished trials of the study: at the beginning, and wanted (0 = no limit) */
    bool whole_only;     /* pruned trials do not count for those */
    double seconds;      /* of this run; 0 = no limit */
} hn_progress_config;

/* A trial that ended. Borrowed for the call. */
typedef struct hn_progress_trial {
    int64_t number;
    hone_trial_state state;
    size_t n_params;
    const hone_named_value *params;
    const double *values; /* (n_goals,); NULL when it has none */
    bool feasible;
    bool paused;         /* state is PRUNED, but it comes again */
    bool promoted;       /* this run of it went on from where an earlier one paused */
    int64_t from, to;    /* steps: where this run began, the last it reported; to 0: none */
    const char *message; /* why it failed; NULL otherwise */
    double seconds;
} hn_progress_trial;

/* How far a long fit is; numbers that are not known are NaN. Borrowed for the call. */
typedef struct hn_progress_step {
    int64_t trial;                  /* -1: the fit of the best at the end */
    int64_t fold, folds;            /* 1 .. folds */
    int64_t step, steps;            /* 1 .. steps: epochs */
    double loss, score, rate, left; /* rate: of learning; left: seconds of this fit */
    const char *metric;             /* that score is of; NULL: there is none */
} hn_progress_step;

/* Workers that a scheduler runs. Borrowed for the call. */
typedef struct hn_progress_crew {
    const char *job;
    int64_t running, waiting;
    const char *reason; /* why they wait; "": not known */
} hn_progress_crew;

typedef struct hn_progress hn_progress;

hone_status hn_progress_create(const hn_progress_config *config, hn_progress **progress, hone_error *err);
void hn_progress_destroy(hn_progress *progress); /* accepts NULL */
/* A trial of an earlier run, so that later ones are compared with it. */
void hn_progress_known(hn_progress *progress, int64_t number, const double *values);
void hn_progress_begin(hn_progress *progress);
void hn_progress_ended(hn_progress *progress, const hn_progress_trial *trial);
/* Shown in the last line, until the trial ends; without a terminal a line now and then. */
void hn_progress_fit(hn_progress *progress, const hn_progress_step *step);
/* Shown in the last line from now on; without a terminal a line. */
void hn_progress_set_crew(hn_progress *progress, const hn_progress_crew *crew);
/* So many paused trials ended pruned. */
void hn_progress_dropped(hn_progress *progress, int64_t count);
/* The run has so many seconds to go, by a better reckoning than the mean of the trials so far; NaN: nothing
 * is known. */
void hn_progress_foresee(hn_progress *progress, double seconds);
/* Redraws the last line; call it as often as it should move. */
void hn_progress_tick(hn_progress *progress);
/* A line (or several) of its own, such as "finishing 2 running trials ...". */
void hn_progress_note(hn_progress *progress, const char *text);
/* Takes the last line away. */
void hn_progress_end(hn_progress *progress);

#endif
