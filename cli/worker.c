#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "run_plan.h"

typedef struct worker_options {
    common_options common;
    const char *trials, *timeout, *workers, *max_failures, *folder;
} worker_options;

/* Relative paths of the study mean the folder where it was made, or --folder. */
static int enter_folder(const hone_plan *plan, const char *given)
{
    const char *folder = given ? given : hone_plan_folder(plan);
    if (!folder || !chdir(folder)) {
        return EXIT_OK;
    }
    print_error(given ? "--folder %s: %s"
                      : "the study was made in %s, which cannot be entered here (%s): copy what it runs "
                        "to this machine and say where with --folder",
                folder, strerror(errno));
    return given ? EXIT_USAGE : EXIT_NOT_FOUND;
}

/* How many at a time, and how long, is each worker's own. */
static int set_limits(hone_plan *plan, const worker_options *given, long long *most)
{
    const struct {
        const char *key, *value, *option;
    } keys[] = {
        {"search.workers", given->workers ? given->workers : "null", "--workers"},
        {"search.timeout", given->timeout, "--timeout"},
        {"search.max_failures", given->max_failures, "--max-failures"},
    };
    int code = EXIT_OK;
    for (size_t i = 0; !code && i < COUNT(keys); i++) {
        code = set_key(plan, keys[i].key, keys[i].value, keys[i].option, false);
    }
    char *end = NULL;
    *most = given->trials ? strtoll(given->trials, &end, 10) : 0;
    bool number = given->trials && given->trials[0] >= '0' && given->trials[0] <= '9' && !*end;
    if (!code && given->trials && (!number || *most < 1)) {
        print_error("--trials needs a whole number of at least 1, found '%s'", given->trials);
        code = EXIT_USAGE;
    }
    return code;
}

static int work(const command_line *line, const worker_options *given)
{
    hone_plan *plan = NULL;
    hone_error err;
    const char *storage;
    char *name = NULL;
    long long most = 0;
    hone_sink out = standard_output(&given->common);
    int code = resolve_study(&given->common, line->n_args ? line->args[0] : NULL, &storage, &name);
    if (!code && hone_plan_of_study(storage, name, &plan, &err)) {
        code = fail_with(&err);
    }
    if (!code) {
        code = set_limits(plan, given, &most);
    }
    if (!code) {
        code = enter_folder(plan, given->folder);
    }
    if (!code) {
        hone_tune_options options = HONE_TUNE_OPTIONS_INIT;
        options.worker = true;
        options.job = scheduler_job();
        options.more_trials = most;
        options.result = out;
        options.progress = given->common.quiet ? (hone_sink){0} : out;
        options.json = given->common.json;
        options.all_trials = given->common.verbose > 0;
        options.adopt_orphans = true;
        code = run_tune(plan, &options);
    }
    hone_plan_destroy(plan);
    free(name);
    return code;
}

int command_worker(int argc, char **argv)
{
    worker_options given = {0};
    const cli_option options[] = {
        {'j', "workers", OPTION_TEXT, &given.workers, "N",
         "trials at a time (default: 1; of a model, one a core)"},
        {'n', "trials", OPTION_TEXT, &given.trials, "N", "end after N trials of this worker's own"},
        {'t', "timeout", OPTION_TEXT, &given.timeout, "TIME", "start no trial after 90s, 10m, 1h30m"},
        {0, "max-failures", OPTION_TEXT, &given.max_failures, "N",
         "failed trials in a row that end the worker (-1: never)"},
        {0, "folder", OPTION_TEXT, &given.folder, "DIR",
         "what the study's relative paths mean here (default: where it was made)"},
        STUDY_OPTIONS(given.common),
        OUTPUT_OPTIONS(given.common),
    };
    command_line line = {
        .name = "worker",
        .arguments = "[options] [STUDY | STORAGE]",
        .summary = "Runs trials of a study that `hone tune` made, from any machine that reaches its storage.",
        .notes =
            "What is run, the space, the sampler and the limits are the study's; it ends with the study. SIGTERM or\n"
            "Ctrl-C lets the running trials finish and starts no more; a second one stops them.\n"
            "\n"
            "examples:\n"
            "  hone tune study.yaml --create\n"
            "  hone worker digits -j 4\n"
            "  hone worker --study digits --storage sqlite:////shared/hone.db --timeout 50m",
        .options = options,
        .n_options = COUNT(options),
        .max_args = 1,
    };
    int code;
    if (!options_parse(&line, argc, argv, &code)) {
        return code;
    }
    code = work(&line, &given);
    options_release(&line);
    return code;
}
