/* cli/commands.h: every subcommand. To add one: write `int command_NAME(int argc, char **argv)` in
 * cli/NAME.c (argv[0] is the name; the answer is an exit code of common.h) and give it a line here. */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

/* X(NAME, "name as typed", "one line of help"; NULL hides it) */
#define COMMAND_LIST(X)                                                                                      \
    X(tune, "tune", "run a study to its end: a program or a built-in model")                                 \
    X(worker, "worker", "run trials of a study that is there, from any machine")                             \
    X(fit, "fit", "tune a built-in model on a data file and save the best")                                  \
    X(predict, "predict", "apply a saved model to a data file")                                              \
    X(evaluate, "evaluate", "score a saved model on test data")                                              \
    X(export, "export", "write a saved model for other programs (ONNX)")                                     \
    X(importance, "importance", "which parameters mattered; which columns a saved model depends on")         \
    X(plot, "plot", "pictures of a study; curves of a model")                                                \
    X(report, "report", "a study as one page of HTML, to be sent")                                           \
    X(ask, "ask", "ask for a trial: parameters to try")                                                      \
    X(tell, "tell", "tell what a trial came to")                                                             \
    X(try, "try", "queue a setting of your own, or record one with its result")                              \
    X(best, "best", "the best trial")                                                                        \
    X(trials, "trials", "every trial of a study, filtered and sorted")                                       \
    X(study, "study", "list, show, create, delete, export, import studies")                                  \
    X(serve, "serve", "the protocol for any language: JSON lines on standard input and output")              \
    X(dashboard, "dashboard", "the studies of a storage as live pages for a browser")                        \
    X(data, "data", "make up a data set to try things on")                                                   \
    X(bench, "bench", "how well samplers search problems whose best value is known")                         \
    X(samplers, "samplers", "the samplers and their options")                                                \
    X(pruners, "pruners", "the pruners and their options")                                                   \
    X(models, "models", "the built-in models and their options")                                             \
    X(doctor, "doctor", "what this build can do, and whether the storage is healthy")                        \
    X(worker_process, "__worker", NULL)                                                                      \
    X(exec, "__exec", NULL)                                                                                  \
    X(help, "help", "this list, or a command's help")                                                        \
    X(version, "version", "the version of the program")

#define COMMAND_DECLARE(name, text, help) int command_##name(int argc, char **argv);
COMMAND_LIST(COMMAND_DECLARE)
#undef COMMAND_DECLARE

typedef struct cli_command {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *help;
} cli_command;

/* Ends with a NULL name. */
extern const cli_command commands[];
const cli_command *find_command(const char *name);
int unknown_command(const char *name);

#endif
