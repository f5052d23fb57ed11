#include <signal.h>

#include "commands.h"
#include "common.h"
#include "numbers.h"

static volatile int interrupted; /* for the signal handler */

static void interrupt(int signal)
{
    (void)signal;
    interrupted = 1;
}

/* A file that is being written is not left behind half: the first Ctrl-C ends it cleanly, a second one at
 * once. */
static void catch_interrupts(void)
{
    struct sigaction action = {.sa_handler = interrupt, .sa_flags = (int)(SA_RESTART | SA_RESETHAND)};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

int command_predict(int argc, char **argv)
{
    common_options common = {0};
    const char *output = NULL;
    use_arguments given = {0};
    hone_use_options use = HONE_USE_OPTIONS_INIT;
    const cli_option options[] = {
        {'o', "output", OPTION_TEXT, &output, "FILE", "where the predictions go (default: standard output)"},
        {0, "proba", OPTION_FLAG, &use.probabilities, NULL, "also the probability of each class"},
        {0, "margins", OPTION_FLAG, &use.margins, NULL, "also how far on a class's side (svm, logistic)"},
        {0, "features", OPTION_TEXT, &use.features, "NAME", "the array of a NPZ file to predict from"},
        USE_OPTIONS(given),
    };
    command_line line = {
        .name = "predict",
        .arguments = "[options] model.hone data.csv",
        .summary = "Applies a saved model to a data file (-: standard input): one prediction a line, as CSV.",
        .notes = "examples:\n  hone predict model.hone new.csv -o predicted.csv.gz\n"
                 "  zcat large.csv.gz | hone predict model.hone - --proba\n"
                 "  hone predict model.hone photos/           # of images: each file and what it is",
        .options = options,
        .n_options = COUNT(options),
        .min_args = 2,
        .max_args = 2,
    };
    int code;
    if (!options_parse(&line, argc, argv, &code)) {
        return code;
    }
    hone_error err;
    hone_sink out = standard_output(&common);
    code = read_use("predict", &given, &use);
    if (output) {
        catch_interrupts();
        use.cancel = &interrupted;
    }
    if (!code && hone_predict_file(line.args[0], line.args[1], output, &use, &out, &err)) {
        code = fail_with(&err);
    }
    options_release(&line);
    return code;
}
