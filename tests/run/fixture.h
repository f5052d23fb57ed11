/* What the tests of run/ share: a study in memory, a run of a command over it with what was observed, and
 * this executable in other roles (see roles.c). */
#ifndef HN_TEST_RUN_FIXTURE_H
#define HN_TEST_RUN_FIXTURE_H

#include "run/command.h"
#include "run/runner.h"

/* This executable as the exec shim, for hn_child_policy. */
extern const char *const shim_words[];

/* A run and everything it needs; made by bench_init, changed at will, run by bench_run, released by
 * bench_release. */
typedef struct bench {
    char *folder;
    hone_study *study;
    hn_template *command;
    hn_command_config config;
    hn_run_config run;
    hn_run_result result;
    hone_status status;
    hone_error err;
    int ended;
    char message[HONE_MESSAGE_SIZE]; /* of the last trial that failed */
    int started_at_once, most_at_once;
} bench;

/* goal and space as in hone_study_config; command is a template, NULL = the caller sets the objective. One
 * trial, one worker, no limit to failures. */
void bench_init(bench *made, const char *goal, const char *space, const char *pruner, const char *command);
/* A study in folder/s.db instead, beating that often. */
void bench_use_file(bench *made, const char *goal, const char *space, double heartbeat_seconds);
/* Replaces the command; @ in it means `sleep` of long_sleep(). */
void bench_command(bench *made, const char *command);
void bench_shell(bench *made, const char *script);
void bench_run(bench *made);
void bench_release(bench *made);

/* The trial's record; free with hone_trial_info_free. */
hone_trial_info *bench_trial(bench *made, int64_t number);
/* The text of folder/trial-N/name; free with free(). */
char *bench_file(bench *made, int64_t number, const char *name);

/* A long sleep of this test alone, "98760.<our process>", so that leftovers of another run are not taken for
 * ours. Static. */
const char *long_sleep(void);
/* Processes that have it in their arguments; those that sleep it. */
int sleepers(void);
int asleep(void);
/* Waits for that many, or until there is none in the arguments: minutes, as they come when the machine lets
 * them. How many there are. */
int await_asleep(int n);
int sleepers_left(void);

#endif
