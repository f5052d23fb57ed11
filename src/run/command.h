/* run/command.h: the objective type `command`: each trial is one run of a program of the user's.
 *
 * The program runs in a session of its own. It gets its parameters in its arguments, in HONE_PARAM_<NAME> and
 * in the JSON file HONE_PARAMS_FILE, and prints its metrics (run/metrics.h). Also in its environment:
 * HONE_TRIAL, HONE_STUDY, HONE_SEED, HONE_BUDGET, HONE_RESUME_STEP, HONE_CHECKPOINT_DIR (kept between rungs
 * and tries), HONE_LOG_DIR, HONE_RUN_ID (whose bearers are ended with the trial), CUDA_VISIBLE_DEVICES when
 * GPUs are given. Its output is kept in <trial folder>/log.txt.
 */
#ifndef HN_RUN_COMMAND_H
#define HN_RUN_COMMAND_H

#include "run/child.h"
#include "run/objective.h"
#include "run/template.h"

/* Everything is borrowed until the run ends. */
typedef struct hn_command_config {
    const hn_template *command;
    const char *study;      /* HONE_STUDY */
    uint64_t seed;          /* of the study; HONE_SEED is made of it and the trial's number, below 2^31 */
    const char *cwd;        /* NULL = the current folder */
    const char *const *env; /* n_env texts "NAME=value", added to hone's own environment */
    size_t n_env;
    const char *const
        *metrics; /* n_metrics names that always count (goal, constraints), however many others are printed */
    size_t n_metrics;
    const char *const *patterns; /* n_patterns POSIX extended regular expressions, see run/metrics.h */
    size_t n_patterns;
    const char *const
        *gpus; /* slot i runs with CUDA_VISIBLE_DEVICES=gpus[i % n_gpus]; n_gpus 0 = untouched */
    size_t n_gpus;
    double grace_seconds;        /* between SIGTERM and SIGKILL; 0 = 5 */
    uint64_t log_limit_bytes;    /* of a trial's log; 0 = 16 MiB */
    uint64_t memory_limit_bytes; /* address space of a trial's process; 0 = none; needs a shim */
    hn_child_policy policy;
} hn_command_config;

extern const hn_objective_type hn_objective_command;

/* Regular expressions that do not compile (HONE_PARSE), a program that does not exist, variables of n_env
 * without '='. */
hone_status hn_command_check(const hn_command_config *config, hone_error *err);

#endif
