#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "run_plan.h"

typedef struct fit_options {
    common_options common;
    search_options search;
    const char *target, *model, *labels, *test_labels, *folds, *metric, *decision, *held_out, *test, *scale,
        *task, *delimiter, *skip_rows, *output, *weights, *refit, *outer, *drop, *max_bytes, *image_size,
        *channels, *update;
} fit_options;

static int set_keys(hone_plan *plan, const char *data, const fit_options *given)
{
    const char *usual = given->task && !strcmp(given->task, "clustering") ? "kmeans" : "svm";
    const char *model = given->model ? given->model : usual;
    const struct {
        const char *key, *value, *option;
        bool as_is;
    } keys[] = {
        {"data.train", data, "data file", true},
        {"data.target", given->target, "--target", true},
        {"data.weights", given->weights, "--weights", true},
        {"data.test", given->test, "--test", true},
        {"data.labels", given->labels, "--labels", true},
        {"data.test_labels", given->test_labels, "--test-labels", true},
        {"data.held_out", given->held_out, "--held-out", false},
        {"data.task", given->task, "--task", true},
        {"data.delimiter", given->delimiter, "--delimiter", true},
        {"data.skip_rows", given->skip_rows, "--skip-rows", false},
        {"data.max_bytes", given->max_bytes, "--max-bytes", false},
        {"data.image_size", given->image_size, "--image-size", false},
        {"data.channels", given->channels, "--channels", false},
        {"model.type", model, "--model", true},
        {given->outer ? "cv.folds" : "cv", given->folds, "--folds", false},
        {"cv.outer", given->outer, "--outer", false},
        {"decision.metric", given->decision, "--decision", true},
        {"preprocess.scale", given->scale, "--scale", true},
        {"search.refit", given->refit, "--refit", true},
    };
    int code = EXIT_OK;
    for (size_t i = 0; !code && i < COUNT(keys); i++) {
        code = set_key(plan, keys[i].key, keys[i].value, keys[i].option, keys[i].as_is);
    }
    return code;
}

/* A comma-separated list as the words of a key; nothing when it was not given. */
static int set_list(hone_plan *plan, const char *key, const char *list, const char *option)
{
    enum { MOST_WORDS = 1000 };
    const char *words[MOST_WORDS];
    size_t n = 0;
    hone_error err;
    char *copy = list ? strdup(list) : NULL, *rest = NULL;
    for (char *word = copy ? strtok_r(copy, ",", &rest) : NULL; word && n < COUNT(words);
         word = strtok_r(NULL, ",", &rest)) {
        words[n++] = word + strspn(word, " ");
    }
    int code = n && hone_plan_set_words(plan, key, words, n, option, &err) ? fail_with(&err) : EXIT_OK;
    free(copy);
    return code;
}

static int fit(const char *data, const fit_options *given, const given_line *words)
{
    hone_plan *plan = NULL;
    hone_error err;
    long long more = 0;
    if (hone_plan_create(&plan, &err)) {
        return fail_with(&err);
    }
    int code = set_keys(plan, data, given);
    if (!code) {
        code = set_list(plan, "data.drop", given->drop, "--drop");
    }
    if (!code) { /* the first is the goal, all are measured */
        code = set_list(plan, "metrics", given->metric, "--metric");
    }
    if (!code) {
        code = set_search(plan, &given->search, &given->common, &more);
    }
    if (!code) {
        bool refitted = !given->refit || strcmp(given->refit, "none") != 0;
        const char *usual = refitted ? "model.hone" : NULL;
        code = run_plan(plan, &given->search, &given->common, more, given->output ? given->output : usual,
                        words);
    }
    hone_plan_destroy(plan);
    return code;
}

/* What --update leaves no room for: the model was tuned when it was fitted. */
static const char *option_of_search(const fit_options *given)
{
    const struct {
        bool set;
        const char *name;
    } options[] = {
        {given->model, "--model"},
        {given->folds, "--folds"},
        {given->outer, "--outer"},
        {given->refit, "--refit"},
        {given->metric, "--metric"},
        {given->held_out, "--held-out"},
        {given->test, "--test"},
        {given->labels, "--labels"},
        {given->test_labels, "--test-labels"},
        {given->scale, "--scale"},
        {given->task, "--task"},
        {given->target, "--target"},
        {given->weights, "--weights"},
        {given->delimiter, "--delimiter"},
        {given->skip_rows, "--skip-rows"},
        {given->drop, "--drop"},
        {given->max_bytes, "--max-bytes"},
        {given->image_size, "--image-size"},
        {given->channels, "--channels"},
        {given->decision, "--decision"},
        {given->search.parameters.count, "--param"},
        {given->search.trials, "--trials"},
        {given->search.timeout, "--timeout"},
        {given->search.patience, "--patience"},
        {given->search.regret, "--regret"},
        {given->search.cost, "--cost"},
        {given->search.workers, "--workers"},
        {given->search.sampler, "--sampler"},
        {given->search.pruner, "--pruner"},
        {given->search.max_failures, "--max-failures"},
        {given->search.dry_run, "--dry-run"},
        {given->common.storage, "--storage"},
        {given->common.study, "--study"},
    };
    for (size_t i = 0; i < COUNT(options); i++) {
        if (options[i].set) {
            return options[i].name;
        }
    }
    return NULL;
}

static int update(const char *data, const fit_options *given)
{
    const char *needless = option_of_search(given), *seed = given->search.seed;
    hone_sink out = given->common.quiet ? (hone_sink){0} : standard_output(&given->common);
    hone_error err;
    char *end = NULL;
    unsigned long long number = seed ? strtoull(seed, &end, 10) : 0;
    if (needless) {
        print_error("fit: --update searches nothing, it lets a fitted model learn more rows: leave out %s",
                    needless);
        return EXIT_USAGE;
    }
    if (seed && (*end || end == seed || *seed == '-')) {
        print_error("--seed needs a whole number of at least 0, found '%s'", seed);
        return EXIT_USAGE;
    }
    return hone_update_file(given->update, data, given->output, number, given->common.json, &out, &err)
               ? fail_with(&err)
               : EXIT_OK;
}

int command_fit(int argc, char **argv)
{
    fit_options given = {0};
    const cli_option options[] = {
        {'y', "target", OPTION_TEXT, &given.target, "COLUMN",
         "what to predict (default: `target`, else the last)"},
        {'m', "model", OPTION_TEXT, &given.model, "NAME",
         "see hone models (default: svm, kmeans for clustering)"},
        {'o', "output", OPTION_TEXT, &given.output, "FILE", "where the model goes (default: model.hone)"},
        {0, "refit", OPTION_TEXT, &given.refit, "WHICH",
         "on all rows: best (default), one_standard_error (the simplest as good), none"},
        {0, "update", OPTION_TEXT, &given.update, "MODEL",
         "let a fitted model learn the rows of data.csv, too; saved to MODEL, or --output"},
        {0, "folds", OPTION_TEXT, &given.folds, "K", "of the cross-validation (default: 5)"},
        {0, "outer", OPTION_TEXT, &given.outer, "K",
         "nested cross-validation: the search again in each of K outer folds"},
        {0, "metric", OPTION_TEXT, &given.metric, "NAME",
         "what is best (default: accuracy, r2, silhouette); a,b: b is noted"},
        {0, "decision", OPTION_TEXT, &given.decision, "METRIC",
         "of two classes: choose the threshold that is best in it, such as f1"},
        {0, "held-out", OPTION_TEXT, &given.held_out, "SHARE", "rows no trial sees, for a last score: 0.2"},
        {0, "test", OPTION_TEXT, &given.test, "FILE", "data for a last score"},
        {0, "labels", OPTION_TEXT, &given.labels, "FILE",
         "the target of a file of images (IDX) or of an array (NPY)"},
        {0, "test-labels", OPTION_TEXT, &given.test_labels, "FILE", "the same of --test"},
        {0, "weights", OPTION_TEXT, &given.weights, "COLUMN", "how much each row counts, in fits and scores"},
        {0, "scale", OPTION_TEXT, &given.scale, "HOW", "of the columns: standard (default), minmax, none"},
        {0, "task", OPTION_TEXT, &given.task, "TASK",
         "classification, regression (default: by the target) or clustering"},
        {0, "delimiter", OPTION_TEXT, &given.delimiter, "C",
         "between the cells of a line (default: detected)"},
        {0, "skip-rows", OPTION_TEXT, &given.skip_rows, "N", "lines of the file before the table begins"},
        {0, "drop", OPTION_TEXT, &given.drop, "COLUMNS", "left out, comma-separated: names or positions"},
        {0, "max-bytes", OPTION_TEXT, &given.max_bytes, "SIZE", "the largest data file read (default: 1G)"},
        {0, "image-size", OPTION_TEXT, &given.image_size, "SIZE",
         "of a folder of images: resize all to 64, or '[HEIGHT, WIDTH]'"},
        {0, "channels", OPTION_TEXT, &given.channels, "N",
         "of these: 1 (grey) or 3 (default: grey if all are)"},
        SEARCH_OPTIONS(given.search),
        RUN_STUDY_OPTIONS(given.common),
        OUTPUT_OPTIONS(given.common),
    };
    command_line line = {
        .name = "fit",
        .arguments = "[options] data.csv",
        .summary =
            "Tunes a built-in model on a data file by cross-validation and saves the best, fitted on all rows.",
        .notes =
            "Without -p the model's own space is searched; -p C='{float: [0.1, 100], log: true}' says what varies,\n"
            "-p kernel=linear fixes an option. The same command again continues, --trials +20 adds.",
        .options = options,
        .n_options = COUNT(options),
        .min_args = 1,
        .max_args = 1,
    };
    int code;
    if (!options_parse(&line, argc, argv, &code)) {
        return code;
    }
    code = given.update ? update(line.args[0], &given) : fit(line.args[0], &given, &(given_line){argc, argv});
    text_list_free(&given.search.parameters);
    options_release(&line);
    return code;
}
