/* Workers in simulated time under a real pruner: what it decides by next and judge, with the history that
 * comes of it. Deterministic. */
#ifndef HN_TEST_PRUNER_SIMULATION_H
#define HN_TEST_PRUNER_SIMULATION_H

#include "math/random.h"
#include "pruner/pruner.h"

enum { SIM_WORKERS = 8, SIM_TRIALS = 4096 };

typedef struct sim_worker {
    int64_t trial; /* -1: free */
    int64_t step, budget;
    double at; /* when its step is done, or it asks again */
    double waits_since;
    bool waits;
} sim_worker;

typedef struct simulation {
    /* given */
    const char *pruner;  /* as a user writes it */
    int64_t last_step;   /* of a whole trial */
    size_t n_workers;    /* at most SIM_WORKERS */
    int64_t most_trials; /* then the pruner is told that there are no more; at most SIM_TRIALS */
    double horizon;      /* no event after it */
    uint64_t seed;
    double kill_rate;   /* a step's chance to be its worker's last: the trial is paused where it is */
    double fail_rate;   /* a step's chance to fail the trial */
    bool checks_memory; /* every decision is compared with a fresh pruner's */
    double (*loss)(const struct simulation *sim, int64_t number, int64_t step); /* NULL: sim_loss */
    /* what came of it */
    hn_history *history;
    hn_prune_context context;
    int64_t paused[SIM_TRIALS];
    int64_t budgets[SIM_TRIALS]; /* the first, of each trial */
    sim_worker workers[SIM_WORKERS];
    double time, idle; /* idle: of all workers */
    int64_t n_trials, n_steps, n_resumed;
    hn_random random;
} simulation;

/* Runs to the horizon, or until the pruner is done. */
void sim_run(simulation *sim);
void sim_release(simulation *sim);
/* A curve that falls towards the trial's own loss, with noise that shrinks. */
double sim_loss(const simulation *sim, int64_t number, int64_t step);
hn_pruner *sim_pruner(const char *text);

#endif
