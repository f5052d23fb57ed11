/* hone/app.h: what the program `hone` is made of: study files, running external programs and built-in models,
 * the protocol, and everything that is shown. The program's own folder, cli/, uses nothing else, so whatever
 * it does, a C program can do.
 *
 * Conventions as in hone/hone.h. Text for people and machines goes to a hone_sink: the library itself never
 * prints.
 */
#ifndef HONE_APP_H
#define HONE_APP_H

#include "hone/hone.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Where output goes. write is called with whole lines or, on a terminal, with control sequences; it is never
 * called after the function it was given to has returned. */
typedef struct hone_sink {
    void (*write)(void *user, const char *text, size_t size);
    void *user;
    bool terminal; /* progress is redrawn in place; otherwise plain lines */
    bool color;
    int columns; /* width in characters; 0 = 80 */
    bool ascii;  /* figures are drawn without characters beyond ASCII */
} hone_sink;

/* --- plans: a study file, or the same from options --- */

/* What is to be tuned and how: the content of a study file. One thread at a time. Relative paths mean the
 * current folder. */
typedef struct hone_plan hone_plan;

/* Reads a study file: JSON when its name ends in .json, YAML otherwise. Only its form is judged here,
 * everything else by hone_plan_check. HONE_NOT_FOUND, HONE_IO, HONE_PARSE with line and column. Returned:
 * free with hone_plan_destroy. */
HONE_API hone_status hone_plan_read(const char *path, hone_plan **plan, hone_error *err);
/* A plan without any key. Returned: free with hone_plan_destroy. */
HONE_API hone_status hone_plan_create(hone_plan **plan, hone_error *err);
/* The plan that a study was made with, for a worker: with this storage and study, whatever else it says.
 * HONE_NOT_FOUND, HONE_UNSUPPORTED when nothing says what its trials run, or when a newer version of hone
 * wrote what this one does not know. Returned: free with hone_plan_destroy. */
HONE_API hone_status hone_plan_of_study(const char *storage, const char *study, hone_plan **plan,
                                        hone_error *err);
/* Of such a plan: the folder that its relative paths mean, to be made the current one before it is checked;
 * NULL when it is not known. Borrowed until destroy. */
HONE_API const char *hone_plan_folder(const hone_plan *plan);
/* Accepts NULL. */
HONE_API void hone_plan_destroy(hone_plan *plan);

/* Sets one key as if it stood in the file: key is a path such as "goal" or "search.trials", value is YAML
 * ("{median: {n_warmup: 3}}"). source names it in messages ("--pruner") and is copied, like value. */
HONE_API hone_status hone_plan_set(hone_plan *plan, const char *key, const char *value, const char *source,
                                   hone_error *err);
/* As hone_plan_set for a text that is taken as it is, whatever it looks like in YAML. */
HONE_API hone_status hone_plan_set_text(hone_plan *plan, const char *key, const char *text,
                                        const char *source, hone_error *err);
/* As hone_plan_set for a list of texts: the words of a command. */
HONE_API hone_status hone_plan_set_words(hone_plan *plan, const char *key, const char *const *words, size_t n,
                                         const char *source, hone_error *err);
/* Does the plan have a key, given by its path? */
HONE_API bool hone_plan_has(const hone_plan *plan, const char *key);
/* One parameter: "lr: {float: [1e-5, 1e-1], log: true}" or "lr={float: [1e-5, 1e-1], log: true}". It becomes
 * an entry of `space`, or an option of the model when the plan has one. */
HONE_API hone_status hone_plan_add_parameter(hone_plan *plan, const char *entry, hone_error *err);

/* Judges the whole plan; HONE_INVALID, HONE_PARSE, HONE_NOT_FOUND, HONE_UNSUPPORTED carry file, line and
 * column. Data files are not read yet. The functions below call it themselves. */
HONE_API hone_status hone_plan_check(hone_plan *plan, hone_error *err);
/* After a successful check; borrowed until the plan is changed or destroyed. A study without a name is called
 * after the file, the program, or the data file and model. */
HONE_API const char *hone_plan_study(const hone_plan *plan);
HONE_API const char *hone_plan_storage(const hone_plan *plan);
/* Opens the study of the plan, creating it when it is not there. For a built-in model this reads the data.
 * Returned: free with hone_study_destroy. */
HONE_API hone_status hone_plan_open(hone_plan *plan, hone_study **study, hone_error *err);

/* What would run, without running it or making the study: `--dry-run`. */
HONE_API hone_status hone_plan_describe(hone_plan *plan, const hone_sink *sink, hone_error *err);

/* How a run is made and shown. Begin with HONE_TUNE_OPTIONS_INIT. */
typedef struct hone_tune_options {
    size_t struct_size;
    bool worker; /* the plan is that of a study which is there (hone_plan_of_study): it is run as it was
                    defined last, and what comes after the trials (fitting the best again, outer folds) is
                    left to who made it */
    const char
        *job; /* what started this process (a scheduler's job), kept with its trials; NULL = not known */
    int64_t more_trials; /* of this run, whatever the plan says; 0 = up to the plan's total. Of a worker the
                            most it runs, within the total */
    hone_sink progress;  /* trials as they end, progress; write NULL = nothing */
    hone_sink result;    /* the summary; write NULL = nothing */
    bool json;           /* both as JSON lines */
    bool all_trials;     /* on a terminal: every trial's line, not only those that improve */
    const char *program; /* the program whose __worker and __exec (hone_worker_main, hone_exec_main) are run;
                            NULL = the running one, which must have them */
    bool adopt_orphans; /* this process may take up what its children leave behind (PR_SET_CHILD_SUBREAPER) */
    const char *again;  /* for the summary: the command that continues the study when it was interrupted; NULL
                           = not said */
    const char *more;   /* the one that adds trials when it was not; NULL = not said */
    const char *model_file; /* of a built-in model: the best is fitted again on all training rows and saved
                               here; NULL = not */
    const char *on; /* "slurm": the plan's search.workers are jobs of that scheduler, which this process
                       submits, or finds again, and follows; NULL = its own children */
    size_t n_on_options;
    const char *const *on_options; /* (n_on_options,) texts of words for sbatch */
} hone_tune_options;

/* The jobs that a run on a scheduler (options->on) would submit, as a command for a shell; a password is not
 * shown. */
HONE_API hone_status hone_tune_describe_jobs(hone_plan *plan, const hone_tune_options *options,
                                             const hone_sink *sink, hone_error *err);

/* What a hone_tune_options begins as. */
#define HONE_TUNE_OPTIONS_INIT                                                                               \
    {                                                                                                        \
        .struct_size = sizeof(hone_tune_options)                                                             \
    }

/* What a run came to. */
typedef struct hone_tune_result {
    const char *
        reason; /* "trials", "seconds", "target", "exhausted", "stopped", "failures", "interrupted"; static */
    int64_t complete, pruned, failed; /* of this run */
    bool unjudged;  /* no trial of this run reported a step, so that its pruner judged none */
    double seconds; /* of this run */
    bool has_best;  /* of a study with one objective: */
    int64_t best;   /* number of the best trial */
    double best_value;
    int64_t chosen; /* of a built-in model: the trial that is fitted again, by search.refit; else the best */
    double deviation;   /* of a built-in model's best score over the folds; NaN = unknown */
    double outer_value; /* of a nested cross-validation: the mean over the outer folds; NaN = there is none */
    double outer_deviation; /* over the outer folds */
    bool has_held_out;      /* the score of the best model on rows that no trial saw: */
    double held_out_value;
} hone_tune_result;

/* A run. One thread at a time, hone_tune_interrupt apart. */
typedef struct hone_tune hone_tune;

/* Opens the study and everything a run needs. plan is borrowed until destroy. Returned: free with
 * hone_tune_destroy. */
HONE_API hone_status hone_tune_create(hone_plan *plan, const hone_tune_options *options, hone_tune **tune,
                                      hone_error *err);
/* Runs to the end of the budget, in this process' threads and in child processes. HONE_OBJECTIVE when
 * failures ended it, with the last one's message; result is then filled, too. Once per hone_tune. */
HONE_API hone_status hone_tune_run(hone_tune *tune, hone_tune_result *result, hone_error *err);
/* From a signal handler or another thread. The first call lets running trials finish, the second stops
 * them. */
HONE_API void hone_tune_interrupt(hone_tune *tune);
/* Accepts NULL. */
HONE_API void hone_tune_destroy(hone_tune *tune);

/* The hidden subcommands that a program offers whose path is hone_tune_options.program: argv begins with the
 * subcommand. They return the status to exit with. */
HONE_API int hone_worker_main(int argc, char **argv);
HONE_API int hone_exec_main(int argc, char **argv);

/* How a saved model is used on a file. Begin with HONE_USE_OPTIONS_INIT; texts are borrowed for the call. */
typedef struct hone_use_options {
    size_t struct_size;  /* set by HONE_USE_OPTIONS_INIT */
    const char *metrics; /* evaluating: comma-separated; NULL = the usual one of the task */
    const char
        *study_file; /* evaluating: a study file whose metrics by programs may be named, too; NULL: none */
    bool report;     /* evaluating: also precision, recall and F1 of each class, and the confusion matrix */
    bool probabilities; /* predicting: also the probability of each class */
    bool margins; /* predicting: also the decision function (hone_model_decision): a column "margin" for two
                     classes, one for each of more */
    bool json;    /* evaluating: output for machines */
    bool has_threshold; /* two classes: the second from this probability on, instead of the model's own */
    double threshold;   /* from 0 to 1 */
    char delimiter;     /* of the data; 0: detected */
    size_t skip_rows;   /* lines of the data before the table begins */
    const char *labels; /* evaluating: the target of a file of images (IDX) or of an array (NPY) */
    const char *features, *target; /* the arrays of a NPZ file; target, evaluating: also the column of a
                                      table. NULL: those of hone_dataset_options */
    const volatile int *cancel;    /* predicting: looked at before each block of rows; non-zero from anywhere
                                      ends it with HONE_CANCELLED and leaves no file. NULL = never */
} hone_use_options;

#define HONE_USE_OPTIONS_INIT                                                                                \
    {                                                                                                        \
        .struct_size = sizeof(hone_use_options)                                                              \
    }

/* Applies a saved model to a data file ("-": standard input): CSV with the target's name as heading, to the
 * file output (gzipped when named .gz; it appears when all rows are there) or, when it is NULL, to sink.
 * options NULL means defaults. Data is read and predictions are written in blocks of 4 MiB of text: memory
 * does not grow with the file. data may be a folder of images, or one image: a column "file" then comes
 * first. */
HONE_API hone_status hone_predict_file(const char *model, const char *data, const char *output,
                                       const hone_use_options *options, const hone_sink *sink,
                                       hone_error *err);
/* Scores a saved model on a data file ("-": standard input) that has the target; weighted, if the model's fit
 * was and the file has that column. options NULL means defaults. */
HONE_API hone_status hone_evaluate_file(const char *model, const char *data, const hone_use_options *options,
                                        const hone_sink *sink, hone_error *err);

/* Lets a saved model learn the rows of a data file that has its target, as hone_model_partial_fit, and saves
 * it to output (NULL: in place of itself, atomically). seed: of what a forest draws. Says on sink how many
 * rows it knows. */
HONE_API hone_status hone_update_file(const char *model, const char *data, const char *output, uint64_t seed,
                                      bool json, const hone_sink *sink, hone_error *err);

/* --- ask, tell, serve --- */

/* The JSON-lines protocol: one request a line, one answer a line. A session keeps the studies it has opened.
 * One thread at a time. */
typedef struct hone_protocol hone_protocol;

enum { HONE_PROTOCOL_MAX_LINE = 16 << 20 /* bytes; a longer request is answered with an error */ };

/* storage (copied): that of requests that name none; NULL = "sqlite:///hone.db". Free with
 * hone_protocol_destroy. */
HONE_API hone_status hone_protocol_create(const char *storage, hone_protocol **protocol, hone_error *err);
/* Closes the studies. Trials that were asked and not told stay running. Accepts NULL. */
HONE_API void hone_protocol_destroy(hone_protocol *protocol);
/* Takes in any piece of the stream of requests; each line that is complete is answered to the sink. Only
 * running out of memory is an error here: a bad request is answered. */
HONE_API hone_status hone_protocol_feed(hone_protocol *protocol, const char *bytes, size_t size,
                                        const hone_sink *answers, hone_error *err);
/* The stream has ended: answers a last line without its newline. */
HONE_API hone_status hone_protocol_end(hone_protocol *protocol, const hone_sink *answers, hone_error *err);

/* The same protocol over HTTP: POST /v1/<op>, a request in the body, its answer in the body; many clients and
 * studies at once. One thread at a time, hone_http_stop apart. */
typedef struct hone_http hone_http;

/* What is NULL or 0 is the default, which docs/http.md tells. Borrowed for the call; texts as on the command
 * line. */
typedef struct hone_http_config {
    const char *storage;    /* of all requests; NULL = "sqlite:///hone.db". "memory:" may be named besides */
    const char *listen;     /* "127.0.0.1:8765", "[::1]:0", "0.0.0.0:80": port 0 = one that is free */
    const char *token;      /* that clients have to show; kept as its hash */
    const char *token_file; /* a token, or "sha256:" and the hash of one, a line */
    const char *new_token;  /* a new file, into which goes the hash of a new token (hone_http_token) */
    const char *max_body, *max_header;          /* bytes of a request: "1M" */
    const char *max_connections;                /* at once */
    const char *rate;                           /* requests a second of an address; "0" = no limit */
    const char *request_timeout, *idle_timeout; /* of a request and its answer; between requests: "10s" */
    const char *remember;                       /* bytes of answers kept to be given again: "64M" */
    const char *threads;                        /* studies that may think at the same time */
    const char *const *hosts;                   /* names of this server, besides addresses */
    size_t n_hosts;
} hone_http_config;

/* Listens. HONE_INVALID for an option, also when others than this machine could come in without a token;
 * HONE_IO when the address cannot be had. Returned: free with hone_http_destroy. */
HONE_API hone_status hone_http_create(const hone_http_config *config, hone_http **http, hone_error *err);
/* "http://127.0.0.1:8765". Borrowed until destroy. */
HONE_API const char *hone_http_url(const hone_http *http);
/* The new token: it is not kept anywhere. NULL: none was made. Borrowed until destroy. */
HONE_API const char *hone_http_token(const hone_http *http);
/* Serves until hone_http_stop; what was asked by then is answered. */
HONE_API hone_status hone_http_run(hone_http *http, hone_error *err);
/* From a signal handler or another thread. The second call leaves the clients that still wait. */
HONE_API void hone_http_stop(hone_http *http);
/* Closes the studies. Accepts NULL. */
HONE_API void hone_http_destroy(hone_http *http);

/* Pages about the studies of a storage for a browser, live. One thread at a time, hone_dashboard_stop apart.
 */
typedef struct hone_dashboard hone_dashboard;

/* Listens; listen NULL = "127.0.0.1:8766", `remember` means nothing here. It only reads, unless allow_edit.
 * HONE_UNSUPPORTED when the library was built without the pages; else as hone_http_create. Returned: free
 * with hone_dashboard_destroy. */
HONE_API hone_status hone_dashboard_create(const hone_http_config *config, bool allow_edit,
                                           hone_dashboard **dashboard, hone_error *err);
/* "http://127.0.0.1:8766". Borrowed until destroy. */
HONE_API const char *hone_dashboard_url(const hone_dashboard *dashboard);
/* As hone_http_token. */
HONE_API const char *hone_dashboard_token(const hone_dashboard *dashboard);
/* Serves until hone_dashboard_stop. */
HONE_API hone_status hone_dashboard_run(hone_dashboard *dashboard, hone_error *err);
/* From a signal handler or another thread. The second call leaves the clients that still wait. */
HONE_API void hone_dashboard_stop(hone_dashboard *dashboard);
/* Accepts NULL. */
HONE_API void hone_dashboard_destroy(hone_dashboard *dashboard);

/* A number as hone reads it whatever the locale: "1e-3", "-.5", "nan", "inf". False when text is something
 * else. */
HONE_API bool hone_read_number(const char *text, double *value);

/* "lr=0.01", "optimizer=adam": what a user wants to try. Queued when values is NULL, else recorded as a
 * finished trial with these values. As hone_study_enqueue and hone_study_add. */
HONE_API hone_status hone_study_try(hone_study *study, const char *const *assignments, size_t n,
                                    const double *values, size_t n_values, int64_t *number, hone_error *err);

/* The same spelling of what stands in a new trial, while the sampler proposes the rest. As
 * hone_study_ask_given. */
HONE_API hone_status hone_study_ask_assigned(hone_study *study, const char *const *assignments, size_t n,
                                             hone_outcome *outcome, hone_trial **trial, int64_t *wait_ms,
                                             const char **reason, hone_error *err);

/* --- showing --- */

/* How something is shown. */
typedef enum hone_format {
    HONE_FORMAT_TEXT, /* for people: aligned to the sink's width, short numbers */
    HONE_FORMAT_JSON, /* everything, exact numbers; what JSON lacks as "nan", "inf", "-inf" */
    HONE_FORMAT_CSV,  /* a header line; exact numbers */
    HONE_FORMAT_ENV,  /* asked trials only: `export NAME=value` lines for a shell */
} hone_format;

/* Which trials, and in what order. Zero-initialise. Strings are borrowed for the call. */
typedef struct hone_trial_query {
    const char *state;  /* "complete", "complete,pruned"; NULL = any */
    const char *filter; /* a condition over parameters, number, state, duration (s), value and metric names:
                           "lr < 0.01 and state == complete"; NULL = all */
    const char *sort; /* "number" (NULL), "value" (best first), "duration", a parameter or metric; "-" before
                         it reverses. Trials without the value come last */
    int64_t offset, limit; /* limit 0 = all */
    bool workers;          /* tables for people also tell who ran each; JSON does so anyway */
} hone_trial_query;

/* An asked trial: `trial=3 lease=... lr=0.01`, words quoted for a shell where needed. */
HONE_API hone_status hone_show_asked(const hone_trial *trial, hone_format format, const hone_sink *sink,
                                     hone_error *err);
/* The n best trials of one objective, the Pareto front of several. HONE_NOT_FOUND when no trial is complete
 * and feasible. */
HONE_API hone_status hone_show_best(hone_study *study, size_t n, hone_format format, const hone_sink *sink,
                                    hone_error *err);
/* The best trial's schedule of parameters as JSON, [{"to": 20, "params": {...}}, ...]: its own and, where it
 * is a clone, its ancestors', each up to a step. What `replay` of the pruner pbt takes. HONE_NOT_FOUND as
 * above. */
HONE_API hone_status hone_show_schedule(hone_study *study, const hone_sink *sink, hone_error *err);
/* O(trials). */
HONE_API hone_status hone_show_trials(hone_study *study, const hone_trial_query *query, hone_format format,
                                      const hone_sink *sink, hone_error *err);
/* Goal, space, sampler, counts of trials, best. */
HONE_API hone_status hone_show_study(hone_study *study, hone_format format, const hone_sink *sink,
                                     hone_error *err);
HONE_API hone_status hone_show_studies(const char *url, hone_format format, const hone_sink *sink,
                                       hone_error *err);

/* The whole study as one JSON text that hone_study_import reads: definition, distributions, trials with
 * reports, attributes and times. */
HONE_API hone_status hone_study_export(const char *url, const char *name, const hone_sink *sink,
                                       hone_error *err);
/* Makes a study of such a text. name NULL = the exported one. HONE_EXISTS when there is one of that name.
 * *trials (may be NULL) gets their number. */
HONE_API hone_status hone_study_import(const char *url, const char *name, const char *text, size_t size,
                                       int64_t *trials, hone_error *err);

/* Copies a study with all there is from one storage to another (they may be the same), under the name
 * new_name (NULL: its own). Either may be a dump: a path that ends in .json, of which name may be NULL: what
 * waits waits there, what is paused is paused, what runs keeps its lease and heartbeat, so that it is begun
 * again there unless its worker goes over. In one commit. HONE_NOT_FOUND, HONE_EXISTS. *trials (may be NULL)
 * gets their number. */
HONE_API hone_status hone_study_copy(const char *from, const char *name, const char *to, const char *new_name,
                                     int64_t *trials, hone_error *err);

/* A picture in a file instead of a drawing on a terminal. Zero fields mean the defaults. */
typedef struct hone_picture {
    const char *path;     /* ends in .png, .svg or .pdf; appears when it is whole */
    double width, height; /* in units of which there are 96 an inch; 0 = what suits the figure */
    double scale;         /* of a PNG: pixels a unit; 0 = 2 */
    bool dark;            /* light on dark */
} hone_picture;

/* --- understanding a model or a study --- */

/* Zero fields mean the defaults. Begin with HONE_IMPORTANCE_OPTIONS_INIT. */
typedef struct hone_importance_options {
    size_t struct_size;
    const char *metric;     /* NULL = accuracy, or r2 of a regression */
    const char *study_file; /* a study file whose metrics by programs metric may name, too; NULL: none */
    size_t repeats;         /* shuffles of each column; 0 = 5 */
    uint64_t seed;
    int threads;      /* 0 = one a core; the values are the same */
    char delimiter;   /* of the data; 0: detected */
    size_t skip_rows; /* lines of the data before the table begins */
} hone_importance_options;

/* What a hone_importance_options begins as. */
#define HONE_IMPORTANCE_OPTIONS_INIT                                                                         \
    {                                                                                                        \
        .struct_size = sizeof(hone_importance_options)                                                       \
    }

/* Shows how much a saved model's score on a data file with the target depends on each column:
 * hone_model_importance as a table with bars, the most important first. */
HONE_API hone_status hone_show_importance(const char *model, const char *data,
                                          const hone_importance_options *options, hone_format format,
                                          const hone_sink *sink, hone_error *err);

/* Shows how much each parameter of a study mattered: hone_study_importance for every objective, whatever
 * config->objective says, as tables with bars. */
HONE_API hone_status hone_show_param_importance(hone_study *study, const hone_param_importance_config *config,
                                                hone_format format, const hone_sink *sink, hone_error *err);

/* Zero fields mean the defaults. Begin with HONE_DEPENDENCE_OPTIONS_INIT. */
typedef struct hone_dependence_options {
    size_t struct_size;
    const char *column, *second; /* second NULL = one column */
    const char *class_name;      /* whose probability; NULL = the second of two, all of several */
    size_t grid;                 /* values of a numeric column; 0 = 20, of two columns 10 */
    size_t max_rows;             /* averaged over, drawn by seed; 0 = all */
    size_t individual;           /* rows whose own curves are shown, too */
    uint64_t seed;
    int threads;                 /* 0 = one a core */
    char delimiter;              /* of the data; 0: detected */
    size_t skip_rows;            /* lines of the data before the table begins */
    const hone_picture *picture; /* of HONE_FORMAT_TEXT: where it goes; NULL = the sink */
} hone_dependence_options;

/* What a hone_dependence_options begins as. */
#define HONE_DEPENDENCE_OPTIONS_INIT                                                                         \
    {                                                                                                        \
        .struct_size = sizeof(hone_dependence_options)                                                       \
    }

/* Shows how a saved model's prediction depends on one or two columns of a data file: hone_model_dependence as
 * a figure. HONE_NOT_FOUND for a column or class that the model does not know, naming the nearest. */
HONE_API hone_status hone_plot_dependence(const char *model, const char *data,
                                          const hone_dependence_options *options, hone_format format,
                                          const hone_sink *sink, hone_error *err);

/* Zero fields mean the defaults. Begin with HONE_CONFUSION_OPTIONS_INIT. */
typedef struct hone_confusion_options {
    size_t struct_size;
    bool shares;                 /* of each class' rows, instead of counts */
    char delimiter;              /* of the data; 0: detected */
    size_t skip_rows;            /* lines of the data before the table begins */
    const hone_picture *picture; /* of HONE_FORMAT_TEXT: where it goes; NULL = the sink */
} hone_confusion_options;

/* What a hone_confusion_options begins as. */
#define HONE_CONFUSION_OPTIONS_INIT                                                                          \
    {                                                                                                        \
        .struct_size = sizeof(hone_confusion_options)                                                        \
    }

/* Shows how many rows of each class of a data file with the target a saved model takes for which: a matrix.
 * HONE_INVALID for a model that predicts numbers. */
HONE_API hone_status hone_plot_confusion(const char *model, const char *data,
                                         const hone_confusion_options *options, hone_format format,
                                         const hone_sink *sink, hone_error *err);

/* Zero fields mean the defaults. Begin with HONE_CURVE_OPTIONS_INIT. */
typedef struct hone_curve_options {
    size_t struct_size;
    const char *metric;  /* NULL = the plan's goal */
    const double *sizes; /* (n_sizes,) of a learning curve: rows, or shares in (0, 1]; NULL = five */
    size_t n_sizes;
    bool in_order;         /* of a learning curve: the first rows train, instead of drawn ones */
    const char *parameter; /* of a validation curve: "C=0.01..100,log", "depth=1..20", "kernel=rbf,linear" */
    size_t points;         /* of its range; 0 = 9 */
    int threads;           /* 0 = one a core; the scores are the same */
    const hone_picture *picture; /* of HONE_FORMAT_TEXT: where it goes; NULL = the sink */
} hone_curve_options;

/* What a hone_curve_options begins as. */
#define HONE_CURVE_OPTIONS_INIT                                                                              \
    {                                                                                                        \
        .struct_size = sizeof(hone_curve_options)                                                            \
    }

/* Shows the train and validation score of a plan's model against the number of training rows, with bands of
 * one deviation over the folds, and says what is to be seen. What the plan searches is set as in the best
 * trial of its study, if there is one, else by the model's defaults. HONE_INVALID for a plan without a model.
 */
HONE_API hone_status hone_plot_learning_curve(hone_plan *plan, const hone_curve_options *options,
                                              hone_format format, const hone_sink *sink, hone_error *err);
/* The same against the values of one option of the model. */
HONE_API hone_status hone_plot_validation_curve(hone_plan *plan, const hone_curve_options *options,
                                                hone_format format, const hone_sink *sink, hone_error *err);

/* --- plots of studies --- */

/* What a plot shows. Zero fields mean the defaults; strings are borrowed for the call. Which fields a kind
 * looks at, hone_plot_kind tells. Begin with HONE_PLOT_OPTIONS_INIT. */
typedef struct hone_plot_options {
    size_t struct_size;
    const char *filter;      /* only these trials, as hone_trial_query.filter; of every kind */
    const char *metric;      /* of several objectives which one; NULL = the first */
    const char *x, *y, *hue; /* columns: a parameter, metric or attribute, value, number, state, duration,
                                start, complete, step, worker */
    const char *method;      /* of importance: fanova (NULL), ped_anova, impurity; of correlation: spearman
                                (NULL), pearson */
    const char *from, *to;   /* of ablation: first, best, worst or a trial's number; NULL = the first complete
                                one, where that is the best the worst; the best */
    const char *reference;   /* of hypervolume: a number for each goal, "0.9,100"; NULL = beyond the front */
    const char *const *params; /* (n_params,) these parameters alone; none = all */
    size_t n_params;
    int64_t limit;               /* at most so many lines or panels; 0 = a number that can be told apart */
    const hone_picture *picture; /* of HONE_FORMAT_TEXT: where it goes; NULL = the sink */
} hone_plot_options;

/* What a hone_plot_options begins as. */
#define HONE_PLOT_OPTIONS_INIT                                                                               \
    {                                                                                                        \
        .struct_size = sizeof(hone_plot_options)                                                             \
    }

/* Shows studies (n,) as a plot of a kind: drawn for people, else its numbers. A study without the trials that
 * the kind needs is shown as an empty figure that says so. HONE_NOT_FOUND for a kind, column, parameter or
 * metric that there is not, naming the nearest. O(trials). */
HONE_API hone_status hone_plot(const char *kind, hone_study *const *studies, size_t n,
                               const hone_plot_options *options, hone_format format, const hone_sink *sink,
                               hone_error *err);

/* A kind of plot; static texts. */
typedef struct hone_plot_info {
    const char *name, *help;
    const char *notes;   /* more, with examples; NULL = nothing */
    const char *options; /* the fields of hone_plot_options it looks at beside filter: "x y hue" */
    bool several;        /* takes more than one study */
} hone_plot_info;

/* False when i is beyond the last kind. */
HONE_API bool hone_plot_kind(size_t i, hone_plot_info *info);

/* --- the benchmark of samplers --- */

/* Zero fields mean the defaults. Begin with HONE_BENCH_OPTIONS_INIT; all pointers are borrowed. */
typedef struct hone_bench_options {
    size_t struct_size;
    const char *const *samplers; /* (n_samplers,) as after `sampler:` in a study file; none: auto, or no
                                    search where there are traces to compare */
    size_t n_samplers;
    const char *problems; /* names separated by commas, with * for any characters; NULL = all */
    const char *family;   /* of problems; NULL = all */
    uint64_t first_seed;
    size_t seeds;          /* 0 = 5 */
    size_t trials;         /* of each search; 0 = 100 */
    const size_t *budgets; /* (n_budgets,) ascending: trials after which regrets are shown; NULL = 25, 50, 100
                              as far as there are so many */
    size_t n_budgets;
    size_t running;  /* trials that are always asked and not yet told, as with running + 1 workers */
    size_t batch;    /* trials that are asked together and told together; 0 = 1; not beside running */
    bool by_run;     /* parameters are asked for one after the other, as by an objective that suggests them */
    int threads;     /* searches at a time; 0 = one a core. Times of asks are then less certain */
    const char *out; /* a trace of the searches goes there: a file, of several samplers a folder; NULL =
                        nowhere. Rows are in FILE.partial until then, from which the same call goes on when it
                        was interrupted; HONE_EXISTS when that is of another one */
    const char *const *against; /* (n_against,): trace files to compare with */
    size_t n_against;
} hone_bench_options;

/* What a hone_bench_options begins as. */
#define HONE_BENCH_OPTIONS_INIT                                                                              \
    {                                                                                                        \
        .struct_size = sizeof(hone_bench_options)                                                            \
    }

/* Lets samplers search problems whose best value is known, and shows mean normalised regret, its logarithm
 * and rank, the time of an ask, and paired differences to the traces given with their test. Tables of
 * measured results are problems, too, where $HONE_DATA_DIR/hpo has them. HONE_NOT_FOUND when no problem has
 * the name or family. The same seeds give the same regrets. */
HONE_API hone_status hone_bench(const hone_bench_options *options, hone_format format, const hone_sink *sink,
                                hone_error *err);
/* The problems that the options choose. */
HONE_API hone_status hone_bench_list(const hone_bench_options *options, hone_format format,
                                     const hone_sink *sink, hone_error *err);

/* --- a report to send --- */

/* Zero fields mean the defaults; texts are borrowed for the call. Begin with HONE_REPORT_OPTIONS_INIT. */
typedef struct hone_report_options {
    size_t struct_size;
    const char *title;           /* NULL = the studies' names */
    const char *note;            /* a paragraph below it; NULL = none */
    const char *const *storages; /* (n,) the studies' storages, shown without passwords; NULL = not said */
    bool limited;                /* the tables of trials have at most: */
    int64_t trials;              /* rows, then the best; not limited: 2000 */
} hone_report_options;

/* What a hone_report_options begins as. */
#define HONE_REPORT_OPTIONS_INIT                                                                             \
    {                                                                                                        \
        .struct_size = sizeof(hone_report_options)                                                           \
    }

/* Writes what there is to say of studies as one page of HTML that needs nothing else: summary, best trials,
 * plots, trials, environment, how to do it again; several are compared first. To the file output, which
 * appears as a whole, or, when it is NULL, to sink. HONE_EXISTS when output is something else than a page of
 * HTML. Texts of users are escaped. A build or machine without cairo makes a page without plots that says so.
 */
HONE_API hone_status hone_report(hone_study *const *studies, size_t n, const hone_report_options *options,
                                 const char *output, const hone_sink *sink, hone_error *err);

/* The kinds of plug-ins that can be listed. */
typedef enum hone_component { HONE_SAMPLERS, HONE_PRUNERS, HONE_MODELS } hone_component;

/* All of a kind, or (name not NULL) the options of one. HONE_NOT_FOUND names the nearest. */
HONE_API hone_status hone_show_component(hone_component kind, const char *name, hone_format format,
                                         const hone_sink *sink, hone_error *err);

/* The layers of the plan's network: shapes, parameters, bytes; of one in which something varies the smallest
 * and the largest, found parameter by parameter. Reads the data. HONE_INVALID when the plan has no network.
 */
HONE_API hone_status hone_show_network(hone_plan *plan, hone_format format, const hone_sink *sink,
                                       hone_error *err);

/* Writes a saved model as an ONNX file (hone_model_export_onnx) and shows what goes in and comes
 * out; sink NULL shows nothing. */
HONE_API hone_status hone_export_file(const char *model, const char *output, hone_format format,
                                      const hone_sink *sink, hone_error *err);

/* The program, the machine, the storage: what there is and whether it is healthy. url may name a storage that
 * does not exist yet. HONE_STORAGE after a report that shows a defect. */
HONE_API hone_status hone_show_doctor(const char *url, hone_format format, const hone_sink *sink,
                                      hone_error *err);

#ifdef __cplusplus
}
#endif
#endif
