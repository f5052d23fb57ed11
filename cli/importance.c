#include <string.h>

#include "commands.h"
#include "common.h"
#include "numbers.h"

static const char notes[] =
    "Of a study: how much each parameter mattered. fanova: what it explains alone of the values over the whole\n"
    "space (--pairs: what two explain together); ped_anova: how it differs in the best trials; impurity: what a\n"
    "forest's cuts gain. A conditional parameter is judged among the trials that have it.\n"
    "\n"
    "Of a model: the rows of a column are shuffled, and the model is scored again: what the score loses is the\n"
    "column's importance, with its deviation over the repeats. On data that the model was not fitted to it says\n"
    "what the model's success rests on; on its training data what it has learnt, right or wrong.\n"
    "\n"
    "examples:\n"
    "  hone importance --pairs\n"
    "  hone importance digits-mlp --method ped_anova --top 5 --csv\n"
    "  hone importance model.hone test.csv --metric roc_auc --repeats 20";

/* What was given on the command line. */
typedef struct importance_arguments {
    common_options common;
    table_arguments table;
    hone_importance_options of_model;
    hone_param_importance_config of_study;
    long long repeats, seed, threads, trees, top;
    bool csv;
} importance_arguments;

static int model_importance(const importance_arguments *given, const command_line *line,
                            hone_importance_options how)
{
    hone_error err;
    hone_sink out = standard_output(&given->common);
    if (!check_count("importance", "repeats", given->repeats, 1, 1000000) ||
        read_table("importance", &given->table, &how.delimiter, &how.skip_rows) != EXIT_OK) {
        return EXIT_USAGE;
    }
    how.repeats = (size_t)given->repeats;
    how.seed = (uint64_t)given->seed;
    how.threads = (int)given->threads;
    return hone_show_importance(line->args[0], line->args[1], &how, output_format(&given->common, given->csv),
                                &out, &err)
               ? fail_with(&err)
               : EXIT_OK;
}

static int study_importance(const importance_arguments *given, const command_line *line,
                            hone_param_importance_config how)
{
    hone_error err;
    hone_study *study = NULL;
    hone_sink out = standard_output(&given->common);
    if (!check_count("importance", "trees", given->trees, 1, 100000) ||
        !check_count("importance", "top", given->top, 1, 99)) {
        return EXIT_USAGE;
    }
    how.trees = (size_t)given->trees;
    how.top = (double)given->top / 100;
    how.seed = (uint64_t)given->seed;
    how.threads = (int)given->threads;
    int code = open_study(&given->common, line->n_args ? line->args[0] : NULL, &study);
    if (!code &&
        hone_show_param_importance(study, &how, output_format(&given->common, given->csv), &out, &err)) {
        code = fail_with(&err);
    }
    hone_study_destroy(study);
    return code;
}

/* A model's file without its data would be taken for a study. */
static bool lacks_data(const command_line *line)
{
    size_t size = line->n_args == 1 ? strlen(line->args[0]) : 0;
    return size > 5 && !strcmp(line->args[0] + size - 5, ".hone");
}

static int run(importance_arguments *given, const command_line *line)
{
    if (!check_count("importance", "workers", given->threads, 0, 1024)) {
        return EXIT_USAGE;
    }
    if (lacks_data(line)) {
        print_error("importance: %s is a model: which data? hone importance %s data.csv", line->args[0],
                    line->args[0]);
        return EXIT_USAGE;
    }
    return line->n_args == 2 ? model_importance(given, line, given->of_model)
                             : study_importance(given, line, given->of_study);
}

int command_importance(int argc, char **argv)
{
    importance_arguments given = {.of_model = HONE_IMPORTANCE_OPTIONS_INIT,
                                  .of_study = HONE_PARAM_IMPORTANCE_CONFIG_INIT,
                                  .repeats = 5,
                                  .trees = 64,
                                  .top = 10};
    const cli_option options[] = {
        {0, "method", OPTION_TEXT, &given.of_study.method, "NAME",
         "of a study: fanova (default), ped_anova, impurity"},
        {0, "pairs", OPTION_FLAG, &given.of_study.pairs, NULL,
         "of a study: what two parameters explain together"},
        {0, "trees", OPTION_INT, &given.trees, "N", "of a study: of the forest (default: 64)"},
        {0, "top", OPTION_INT, &given.top, "N", "of a study: the best N per cent of ped_anova (default: 10)"},
        {0, "metric", OPTION_TEXT, &given.of_model.metric, "NAME",
         "of a model: what is lost (default: accuracy, or r2)"},
        {0, "study-file", OPTION_TEXT, &given.of_model.study_file, "FILE",
         "of a model: whose metrics by programs --metric may name"},
        {0, "repeats", OPTION_INT, &given.repeats, "N", "of a model: shuffles of each column (default: 5)"},
        {0, "seed", OPTION_INT, &given.seed, "N", "of the shuffles, of the forest (default: 0)"},
        {'j', "workers", OPTION_INT, &given.threads, "N",
         "threads (default: one a core); the values are the same"},
        {0, "csv", OPTION_FLAG, &given.csv, NULL, "comma-separated, exact numbers"},
        TABLE_OPTIONS(given.table),
        STUDY_OPTIONS(given.common),
        OUTPUT_OPTIONS(given.common),
    };
    command_line line = {
        .name = "importance",
        .arguments = "[options] [STUDY | STORAGE]\n       hone importance [options] model.hone data.csv",
        .summary =
            "Which parameters of a study mattered; which columns of its data a saved model depends on.",
        .notes = notes,
        .options = options,
        .n_options = COUNT(options),
        .max_args = 2};
    int code;
    if (!options_parse(&line, argc, argv, &code)) {
        return code;
    }
    code = run(&given, &line);
    options_release(&line);
    return code;
}
