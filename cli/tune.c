#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "run_plan.h"

typedef struct tune_options {
    common_options common;
    search_options search;
    const char *goal, *target, *trial_timeout, *retries, *grace, *lag, *best, *model_file;
    text_list forbidden, constraints, patterns, learn_from;
    const char *restarts, *heartbeat;
    bool shell, create;
} tune_options;

static int set_lists(hone_plan *plan, const tune_options *given)
{
    const struct {
        const char *key, *option;
        const text_list *list;
    } lists[] = {
        {"forbidden", "--forbidden", &given->forbidden},
        {"constraints", "--constraint", &given->constraints},
        {"patterns", "--pattern", &given->patterns},
        {"search.learn_from", "--learn-from", &given->learn_from},
    };
    hone_error err;
    for (size_t i = 0; i < COUNT(lists); i++) {
        const text_list *list = lists[i].list;
        if (list->count &&
            hone_plan_set_words(plan, lists[i].key, list->items, list->count, lists[i].option, &err)) {
            return fail_with(&err);
        }
    }
    return EXIT_OK;
}

static int set_keys(hone_plan *plan, const tune_options *given)
{
    const struct {
        const char *key, *value, *option;
        bool as_is;
    } keys[] = {
        {"goal", given->goal, "--goal", true},
        {"search.target", given->target, "--target", false},
        {"search.trial_timeout", given->trial_timeout, "--trial-timeout", false},
        {"search.retries", given->retries, "--retries", false},
        {"search.grace", given->grace, "--grace", false},
        {"search.lag", given->lag, "--lag", false},
        {"search.restarts", given->restarts, "--restarts", false},
        {"search.heartbeat", given->heartbeat, "--heartbeat", false},
        {"search.best", given->best, "--value", true},
        {"shell", given->shell ? "true" : NULL, "--shell", false},
    };
    int code = EXIT_OK;
    for (size_t i = 0; !code && i < COUNT(keys); i++) {
        code = set_key(plan, keys[i].key, keys[i].value, keys[i].option, keys[i].as_is);
    }
    return code ? code : set_lists(plan, given);
}

static int make_plan(const command_line *line, const tune_options *given, hone_plan **plan)
{
    hone_error err;
    if (!line->n_args && !line->n_rest) {
        print_error("tune: give a study file, or a program after --");
        return EXIT_USAGE;
    }
    if (line->n_args ? hone_plan_read(line->args[0], plan, &err) : hone_plan_create(plan, &err)) {
        return fail_with(&err);
    }
    int code = set_keys(*plan, given);
    if (!code && line->n_rest &&
        hone_plan_set_words(*plan, "command", (const char *const *)line->rest, line->n_rest, "--", &err)) {
        code = fail_with(&err);
    }
    return code;
}

/* For workers: the study is made, or changed, and nothing is run. */
static int create(hone_plan *plan, const common_options *common)
{
    hone_study *study = NULL;
    hone_error err;
    standard_output(common);
    if (hone_plan_open(plan, &study, &err)) {
        return fail_with(&err);
    }
    if (!common->quiet) {
        printf("study %s in %s\n", hone_study_name(study), hone_plan_storage(plan));
    }
    hone_study_destroy(study);
    return EXIT_OK;
}

/* Options that make sense only with, or without, another. */
static int check_together(const tune_options *given)
{
    if (given->search.sbatch_options.count && !given->search.on) {
        print_error("--sbatch-options is for workers on Slurm: add --on slurm");
        return EXIT_USAGE;
    }
    if (given->create && given->search.on) {
        print_error("--create runs nothing, --on %s runs workers: leave out one of both", given->search.on);
        return EXIT_USAGE;
    }
    return EXIT_OK;
}

static int tune(const command_line *line, const tune_options *given, const given_line *words)
{
    hone_plan *plan = NULL;
    long long more = 0;
    int code = check_together(given);
    if (!code) {
        code = make_plan(line, given, &plan);
    }
    if (!code) {
        code = set_search(plan, &given->search, &given->common, &more);
    }
    if (!code && given->create) {
        code = create(plan, &given->common);
    } else if (!code) {
        code = run_plan(plan, &given->search, &given->common, more, given->model_file, words);
    }
    hone_plan_destroy(plan);
    return code;
}

int command_tune(int argc, char **argv)
{
    tune_options given = {0};
    const cli_option options[] = {
        {'g', "goal", OPTION_TEXT, &given.goal, "GOAL",
         "\"maximize accuracy\"; several: \"minimize loss, ...\""},
        SEARCH_OPTIONS(given.search),
        {0, "target", OPTION_TEXT, &given.target, "VALUE", "stop when the goal is this good"},
        {0, "trial-timeout", OPTION_TEXT, &given.trial_timeout, "TIME", "a trial that runs longer fails"},
        {0, "retries", OPTION_TEXT, &given.retries, "N", "further tries of a trial that crashed or hung"},
        {0, "restarts", OPTION_TEXT, &given.restarts, "N",
         "times a trial begins again when its worker dies (default 2)"},
        {0, "heartbeat", OPTION_TEXT, &given.heartbeat, "TIME",
         "how often a worker says that it lives (default 60s)"},
        {0, "grace", OPTION_TEXT, &given.grace, "TIME", "between asking a program to end and killing it"},
        {0, "lag", OPTION_TEXT, &given.lag, "N", "reproducible with N + 1 workers"},
        {0, "value", OPTION_TEXT, &given.best, "WHICH",
         "last or best: which printed value of the goal counts"},
        {0, "forbidden", OPTION_LIST, &given.forbidden, "COND",
         "combination that is never tried; repeatable"},
        {0, "constraint", OPTION_LIST, &given.constraints, "COND", "inequality over parameters or metrics"},
        {0, "pattern", OPTION_LIST, &given.patterns, "NAME=REGEX", "how a metric looks in the output"},
        {0, "learn-from", OPTION_LIST, &given.learn_from, "STUDY",
         "earlier study whose trials teach the sampler"},
        {0, "create", OPTION_FLAG, &given.create, NULL, "make the study for hone worker, and run nothing"},
        {0, "on", OPTION_TEXT, &given.search.on, "slurm",
         "the workers are jobs of Slurm; this command follows them"},
        {0, "sbatch-options", OPTION_LIST, &given.search.sbatch_options, "WORDS",
         "for these jobs: \"--partition=gpu --time=4:00:00\"; repeatable"},
        {0, "shell", OPTION_FLAG, &given.shell, NULL, "hand the program's text to /bin/sh"},
        {'o', "output", OPTION_TEXT, &given.model_file, "FILE", "save the best built-in model here"},
        RUN_STUDY_OPTIONS(given.common),
        OUTPUT_OPTIONS(given.common),
    };
    command_line line = {
        .name = "tune",
        .arguments = "[options] study.yaml   or   hone tune [options] -- program {parameter} ...",
        .summary =
            "Runs a study to its end: a program or a built-in model, from a study file or from options.",
        .notes =
            "The program finds its parameters in its words ({lr}), in HONE_PARAM_LR and in the JSON file\n"
            "HONE_PARAMS_FILE, and prints lines such as accuracy=0.93, with step=3 where it reports on the way.\n"
            "The same command again continues the study. Ctrl-C ends it when the running trials are through.",
        .options = options,
        .n_options = COUNT(options),
        .max_args = 1,
        .takes_rest = true,
    };
    int code;
    if (!options_parse(&line, argc, argv, &code)) {
        return code;
    }
    code = tune(&line, &given, &(given_line){argc, argv});
    text_list_free(&given.search.parameters);
    text_list_free(&given.search.sbatch_options);
    text_list_free(&given.forbidden);
    text_list_free(&given.constraints);
    text_list_free(&given.patterns);
    text_list_free(&given.learn_from);
    options_release(&line);
    return code;
}
