#include <stdlib.h>
#include <time.h>

#include "commands.h"
#include "new_study.h"

typedef struct ask_options {
    common_options common;
    new_study_options new_study;
    long long n;
    text_list fixed;
    bool env, no_wait;
} ask_options;

static const char notes[] =
    "Prints one line for each trial: trial=0 lease=... and its parameters, quoted for a shell. With --json a\n"
    "line is a JSON object; with --env it is `export HONE_TRIAL=... HONE_PARAM_LR=...` to be evaluated.\n"
    "With --goal or -p the study is created when it is not there. Status 3: the study is over.\n"
    "\n"
    "examples:\n"
    "  hone ask --study s -g 'minimize loss' -p 'lr: {float: [1e-5, 1e-1], log: true}'\n"
    "  asked=$(hone ask --env) && eval \"$asked\" && hone tell $HONE_TRIAL \"$(./train --lr $HONE_PARAM_LR)\"";

static void sleep_ms(long long ms)
{
    struct timespec pause = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    nanosleep(&pause, NULL);
}

/* Waits while there is nothing to do until another trial is told. */
static int ask_one(hone_study *study, const ask_options *given, hone_trial **trial)
{
    const text_list *fixed = &given->fixed;
    for (;;) {
        hone_outcome outcome;
        int64_t wait_ms = 0;
        const char *reason = NULL;
        hone_error err;
        hone_status status = fixed->count ? hone_study_ask_assigned(study, fixed->items, fixed->count,
                                                                    &outcome, trial, &wait_ms, &reason, &err)
                                          : hone_study_ask(study, &outcome, trial, &wait_ms, &reason, &err);
        if (status) {
            return fail_with(&err);
        }
        if (outcome == HONE_ASKED) {
            return EXIT_OK;
        }
        if (outcome == HONE_DONE || given->no_wait) {
            const char *why = outcome == HONE_DONE ? reason : "a running trial has to be told first";
            print_error("study '%s' gives no trial: %s", hone_study_name(study), why ? why : "stopped");
            return EXIT_NOT_FOUND;
        }
        sleep_ms(wait_ms > 0 ? wait_ms : 50);
    }
}

static int ask_all(hone_study *study, const ask_options *given)
{
    hone_sink out = standard_output(&given->common);
    hone_format format = given->env           ? HONE_FORMAT_ENV
                         : given->common.json ? HONE_FORMAT_JSON
                                              : HONE_FORMAT_TEXT;
    int code = EXIT_OK;
    for (long long i = 0; i < given->n && !code; i++) {
        hone_trial *trial = NULL;
        hone_error err;
        code = ask_one(study, given, &trial);
        if (!code && hone_show_asked(trial, format, &out, &err)) {
            code = fail_with(&err);
        }
        hone_trial_free(trial);
    }
    return code;
}

int command_ask(int argc, char **argv)
{
    ask_options given = {.n = 1};
    const cli_option options[] = {
        {'n', "number", OPTION_INT, &given.n, "COUNT", "trials to ask for (default: 1)"},
        {0, "fix", OPTION_LIST, &given.fixed, "NAME=VALUE",
         "a parameter that stands; the others are proposed (repeatable)"},
        {0, "env", OPTION_FLAG, &given.env, NULL, "export lines for a shell"},
        {0, "no-wait", OPTION_FLAG, &given.no_wait, NULL, "give up when a running trial must be told first"},
        STUDY_OPTIONS(given.common),
        NEW_STUDY_OPTIONS(given.new_study),
        {0, "json", OPTION_FLAG, &given.common.json, NULL, "a JSON object a line"},
        LOG_OPTIONS(given.common),
    };
    command_line line = {.name = "ask",
                         .arguments = "[options]",
                         .summary = "Asks for a trial: parameters to try.",
                         .notes = notes,
                         .options = options,
                         .n_options = COUNT(options)};
    int code;
    if (!options_parse(&line, argc, argv, &code)) {
        new_study_release(&given.new_study);
        text_list_free(&given.fixed);
        return code;
    }
    hone_study *study = NULL;
    if (given.n < 1) {
        print_error("ask: -n needs 1 or more, found %lld", given.n);
        code = EXIT_USAGE;
    } else if (describes_study(&given.new_study)) {
        code = open_new_study("ask", &given.common, &given.new_study, NULL, &study);
    } else {
        code = open_study(&given.common, NULL, &study);
    }
    if (!code) {
        code = ask_all(study, &given);
    }
    hone_study_destroy(study);
    new_study_release(&given.new_study);
    text_list_free(&given.fixed);
    options_release(&line);
    return code;
}
