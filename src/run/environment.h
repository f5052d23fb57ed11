/* run/environment.h: what a trial's process finds: its environment, its parameters as JSON, its seed. */
#ifndef HN_RUN_ENVIRONMENT_H
#define HN_RUN_ENVIRONMENT_H

#include "base/arena.h"
#include "base/node.h"
#include "hone/hone.h"

/* Variables to add to hone's own, in order; a later one of a name wins. In an arena. */
typedef struct hn_environment {
    hn_arena *arena;
    const char **added; /* "NAME=value" */
    size_t count, capacity;
    bool failed; /* memory was out: seen by hn_environment_list */
} hn_environment;

void hn_environment_set(hn_environment *environment, const char *name, const char *value);
/* "NAME=value" as it is; borrowed. */
void hn_environment_put(hn_environment *environment, const char *text);
/* hone's own environment without the names added and without HONE_PARAM_* of a run around this one, then the
 * added; ends with NULL. */
hone_status hn_environment_list(hn_environment *environment, const char ***list, hone_error *err);

/* {"lr": 0.1, ...}: the active parameters in display order. NULL when memory is out. */
hn_node *hn_trial_params_node(hn_arena *arena, const hone_trial *trial);
/* A seed for the trial's own randomness, below 2^31 so that every language can take it. */
uint64_t hn_trial_seed(uint64_t study_seed, int64_t number);
/* Text in hexadecimal that no other run has, for HONE_RUN_ID. */
enum { HN_RUN_ID_SIZE = 33 };
hone_status hn_run_id_new(char id[HN_RUN_ID_SIZE], hone_error *err);

#endif
