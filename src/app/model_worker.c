#include "app/model_worker.h"

#include <string.h>

#include "app/model_job.h"
#include "base/memory.h"
#include "run/worker_loop.h"
#include "select/cross_validate.h"

typedef struct worker {
    hn_arena trial; /* reset for each */
    hn_dataset *dataset;
    hn_validation *validation;
    const hn_node *options;
} worker;

static const char *text_of(const hn_node *config, const char *key)
{
    const hn_node *node = hn_map_get(config, key);
    return node && node->kind == HN_STRING ? node->as.string : "";
}

static int64_t integer_of(const hn_node *config, const char *key)
{
    int64_t value = 0;
    hn_node_int(hn_map_get(config, key), &value);
    return value;
}

static hn_split_kind split_of(const hn_node *config)
{
    const char *name = text_of(config, "split");
    int kind = 0;
    while (kind < HN_SPLIT_KINDS && strcmp(name, hn_split_names[kind]) != 0) {
        kind++;
    }
    return kind < HN_SPLIT_KINDS ? (hn_split_kind)kind : HN_SPLIT_STRATIFIED;
}

static hn_validation_options read_options(const hn_node *config)
{
    const hn_node *shuffle = hn_map_get(config, "shuffle");
    const char *scale = text_of(config, "scale");
    double test_share = 0;
    hn_node_double(hn_map_get(config, "test_share"), &test_share);
    return (hn_validation_options){
        .kind = split_of(config),
        .repeats = (size_t)integer_of(config, "repeats"),
        .test_share = test_share,
        .folds = (size_t)integer_of(config, "folds"),
        .shuffle = shuffle && shuffle->kind == HN_BOOL && shuffle->as.boolean,
        .seed = (uint64_t)integer_of(config, "seed"),
        .preprocess =
            {
                .scale = !strcmp(scale, "standard") ? HN_SCALE_STANDARD
                         : !strcmp(scale, "minmax") ? HN_SCALE_MINMAX
                                                    : HN_SCALE_NONE,
                .max_categories = (size_t)integer_of(config, "max_categories"),
            },
        .metrics = text_of(config, "metrics"),
        .memory_bytes = (size_t)integer_of(config, "memory_bytes"),
    };
}

/* Called once, with what hn_model_job_config wrote. */
static hone_status init(void *user, const hn_node *config, hone_error *err)
{
    worker *w = user;
    const hn_model_type *type = NULL;
    hn_validation_options options = read_options(config);
    double share = 0;
    hn_node_double(hn_map_get(config, "held_out"), &share);
    hone_status status = hn_model_require(text_of(config, "model"), &type, err);
    if (!status) {
        status = hn_dataset_attach(HN_WORKER_DATA_FD, &w->dataset, err);
    }
    if (status) {
        return status;
    }
    const hn_dataset *set = w->dataset;
    size_t n_kept = 0, n_out, *kept = hn_calloc(set->n_rows, sizeof *kept);
    const double *y = set->task == HN_TASK_CLASSIFICATION ? set->target : NULL;
    status = kept ? hn_held_out_rows(y, set->n_classes, set->n_rows, share, options.seed, kept, &n_kept, NULL,
                                     &n_out, err)
                  : hn_out_of_memory(err);
    if (!status) {
        status = hn_validation_create(set, kept, n_kept, type, &options, &w->validation, err);
    }
    hn_free(kept);
    w->options = hn_map_get(config, "options");
    return status;
}

static void send_scores(const hn_scores *scores, hn_worker_channel *channel)
{
    for (size_t m = 0; m < scores->n_metrics; m++) {
        char name[128];
        hn_worker_metric(channel, scores->metrics[m]->name, scores->mean[m]);
        size_t size = strlen(scores->metrics[m]->name);
        if (size + sizeof "_std" <= sizeof name) {
            memcpy(name, scores->metrics[m]->name, size);
            memcpy(name + size, "_std", sizeof "_std");
            hn_worker_metric(channel, name, scores->deviation[m]);
        }
    }
    hn_worker_metric(channel, "fit_seconds", scores->fit_seconds);
    hn_worker_metric(channel, "score_seconds", scores->score_seconds);
}

static hone_status run(void *user, const hn_worker_trial *trial, hn_worker_channel *channel, hone_error *err)
{
    worker *w = user;
    hn_scores scores = {0};
    hn_arena_reset(&w->trial);
    hn_node *settings = hn_options_substitute(&w->trial, w->options, trial->params);
    hone_status status = settings ? hn_validation_run(w->validation, settings, NULL, NULL, &scores, err)
                                  : hn_out_of_memory(err);
    if (!status) {
        send_scores(&scores, channel);
        hn_scores_release(&scores);
    }
    return status;
}

hone_status hn_model_worker(hone_error *err)
{
    enum { INPUT = 0, OUTPUT = 1 };
    worker w = {0};
    hn_worker_callbacks callbacks = {.user = &w, .init = init, .run = run};
    hone_status status = hn_worker_loop(INPUT, OUTPUT, &callbacks, err);
    hn_validation_destroy(w.validation);
    hn_dataset_destroy(w.dataset);
    hn_arena_release(&w.trial);
    return status;
}
