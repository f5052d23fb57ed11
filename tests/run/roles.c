/* This executable started again in another role, before main: as the exec shim (`__exec`), as a worker
 * (`__worker`), or as a whole run to be killed (`__run FOLDER SECONDS`). */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "fixture.h"
#include "run/exec_shim.h"
#include "run/worker_loop.h"
#include "support.h"

static hone_status worker_init(void *user, const hn_node *config, hone_error *err)
{
    (void)user;
    const hn_node *bad = hn_map_get(config, "bad");
    return bad ? hn_fail(err, HONE_INVALID, "init does not like %s", bad->as.string) : HONE_OK;
}

/* What a trial does depends on its parameter x: 1 fails, 2 crashes, 3 hangs, 4 says nonsense, 5 exits,
 * 90 and more take ten minutes unless they are stopped; otherwise its value is x. */
static hone_status worker_run(void *user, const hn_worker_trial *trial, hn_worker_channel *channel,
                              hone_error *err)
{
    enum { HANGING = 600, PART_MS = 5, PARTS = HANGING * 1000 / PART_MS };
    int64_t x = 0;
    (void)user;
    hn_node_int(hn_map_get(trial->params, "x"), &x);
    if (trial->folder) {
        hn_worker_report(channel, 0, "value", (double)x);
    }
    fprintf(stderr, "trial %d runs in %d\n", (int)trial->number, (int)getpid());
    switch (x) {
    case 1: return hn_fail(err, HONE_OBJECTIVE, "the model does not like 1");
    case 2: raise(SIGKILL); break;
    case 3: sleep(HANGING); break;
    case 4:
        dprintf(1, "hello\n");
        sleep(HANGING);
        break;
    case 5: _exit(5);
    default: break;
    }
    for (int part = 0; x >= 90 && part < PARTS && !hn_worker_stopped(channel); part++) {
        hn_sleep_ms(PART_MS);
    }
    hn_worker_metric(channel, "value", (double)x);
    hn_worker_metric(channel, "process", (double)getpid());
    return HONE_OK;
}

/* The request {x: 7} is answered like a trial. */
static hone_status worker_serve(void *user, const hn_node *request, hn_worker_channel *channel,
                                hone_error *err)
{
    hn_worker_progress(channel, request);
    hn_worker_progress(channel, request);
    return worker_run(user, &(hn_worker_trial){.params = request}, channel, err);
}

static int be_worker(void)
{
    hn_worker_callbacks callbacks = {.init = worker_init, .run = worker_run, .serve = worker_serve};
    return hn_worker_loop(0, 1, &callbacks, NULL) != HONE_OK;
}

/* A run of programs that leave grandchildren, until somebody kills us. Check is not there yet: no
 * assertions. */
static int be_run(const char *folder, const char *seconds)
{
    char script[128];
    hone_study_config study_config = HONE_STUDY_CONFIG_INIT;
    hn_command_config config = {.study = "s", .policy = {shim_words, false}};
    hn_run_config run_config = {.objective = &hn_objective_command,
                                .objective_config = &config,
                                .folder = folder,
                                .workers = 1,
                                .budget = {.more_trials = 1}};
    hn_template *command;
    hn_run *run;
    snprintf(script, sizeof script, "setsid sleep %s & sleep %s; echo value=1", seconds, seconds);
    study_config.space = "{x: {int: [0, 9]}}";
    study_config.sampler = "random";
    if (hone_study_open("memory:", "s", &study_config, &run_config.study, NULL) ||
        hn_template_from_shell(script, (hn_position){0}, &command, NULL)) {
        return 1;
    }
    config.command = command;
    return hn_run_create(&run_config, &run, NULL) || hn_run_execute(run, &(hn_run_result){0}, NULL);
}

__attribute__((constructor)) static void take_role(int argc, char **argv)
{
    if (argc > 1 && !strcmp(argv[1], "__exec")) {
        _exit(hn_exec_shim(argc - 2, argv + 2));
    }
    if (argc > 1 && !strcmp(argv[1], "__worker")) {
        _exit(be_worker());
    }
    if (argc > 3 && !strcmp(argv[1], "__run")) {
        _exit(be_run(argv[2], argv[3]));
    }
}
