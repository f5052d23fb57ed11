/* cli/run_plan.h: what `hone tune` and `hone fit` share: options that become keys of the plan, and the run
 * with its Ctrl-C. */
#ifndef CLI_RUN_PLAN_H
#define CLI_RUN_PLAN_H

#include "common.h"

/* Options of the search. */
typedef struct search_options {
    const char *trials, *timeout, *workers, *sampler, *pruner, *seed, *max_failures, *patience, *regret,
        *cost;
    text_list parameters; /* -p */
    bool dry_run;
    const char *on;           /* of hone tune alone: where the workers are; NULL: here */
    text_list sbatch_options; /* alike */
} search_options;

#define SEARCH_OPTIONS(search)                                                                                \
    {'p',         "param",                                                                                    \
     OPTION_LIST, &(search).parameters,                                                                       \
     "ENTRY",     "what varies: 'lr: {float: [1e-5, 0.1], log: true}' or lr='{...}'; repeatable"},            \
        {'n', "trials", OPTION_TEXT, &(search).trials, "N", "trials of the study in total; +N: N more"},      \
        {'t', "timeout", OPTION_TEXT, &(search).timeout, "TIME", "start no trial after 90s, 10m, 1h30m"},     \
        {'j', "workers", OPTION_TEXT, &(search).workers, "N", "trials at a time"},                            \
        {0, "sampler", OPTION_TEXT, &(search).sampler, "SPEC", "how points are chosen, see hone samplers"},   \
        {0, "pruner", OPTION_TEXT, &(search).pruner, "SPEC", "when trials end early, see hone pruners"},      \
        {0, "seed", OPTION_TEXT, &(search).seed, "N", "makes the run reproducible with one worker"},          \
        {0, "patience", OPTION_TEXT, &(search).patience, "N", "stop when N trials in a row were not better"}, \
        {0,           "regret",                                                                               \
         OPTION_TEXT, &(search).regret,                                                                       \
         "VALUE",     "stop when nothing can be better by VALUE, or by its `noise`"},                         \
        {0,           "cost",                                                                                 \
         OPTION_TEXT, &(search).cost,                                                                         \
         "SUM",       "stop when all trials took 2h together, or cost 'dollars: 50'"},                        \
        {0,           "max-failures",                                                                         \
         OPTION_TEXT, &(search).max_failures,                                                                 \
         "N",         "failed trials in a row that end the run (default 3, -1: never)"},                      \
    {                                                                                                         \
        0, "dry-run", OPTION_FLAG, &(search).dry_run, NULL, "say what would run, and run nothing"             \
    }

/* As STUDY_OPTIONS, where a study is made when it is not there. */
#define RUN_STUDY_OPTIONS(common)                                                                            \
    {'s', "storage", OPTION_TEXT, &(common).storage, "URL", "storage (default: sqlite:///hone.db)"},         \
    {                                                                                                        \
        0, "study", OPTION_TEXT, &(common).study, "NAME", "study (default: named after the file or program)" \
    }

/* Puts a text into the plan unless it is NULL; as_is: whatever it looks like in YAML. 0 or an exit code after
 * a message. */
int set_key(hone_plan *plan, const char *key, const char *value, const char *option, bool as_is);
/* The search's options, storage and study name into the plan. *more is the N of --trials +N, else 0. */
int set_search(hone_plan *plan, const search_options *search, const common_options *common, long long *more);
/* The command line, argv[0] being the subcommand. */
typedef struct given_line {
    int argc;
    char **argv;
} given_line;

/* What a scheduler calls this process: HONE_JOB, or Slurm's job, "45_3" in an array; NULL when there is none.
 */
const char *scheduler_job(void);

/* Runs it until it ends, with Ctrl-C and SIGTERM; 0 or an exit code after a message. */
int run_tune(hone_plan *plan, const hone_tune_options *options);

/* Describes the plan (--dry-run) or runs it, with the summary. */
int run_plan(hone_plan *plan, const search_options *search, const common_options *common, long long more,
             const char *model_file, const given_line *given);

#endif
