/* After the trials: the best model fitted again, in a worker process, so that a fit that crashes, hangs or
 * eats memory costs the model file only: the trials are told. */
#include <math.h>
#include <string.h>

#include "app/fit_progress.h"
#include "app/tune.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/os_file.h"
#include "run/errand.h"

/* A Ctrl-C since the fit began, or the second of all: the first during the trials only ends those. */
static bool is_interrupted(void *user)
{
    hone_tune *tune = user;
    hn_tune_heed_parent(tune);
    return tune->interrupts > tune->interrupts_before_refit;
}

static void progressed(void *user, const hn_node *facts)
{
    hone_tune *tune = user;
    hn_fit_progress_show(tune->progress, -1, facts);
}

static bool read_number(const hn_node *map, const char *key, double *value)
{
    const hn_node *node = hn_map_get(map, key);
    if (node && node->kind == HN_STRING) {
        return hn_parse_double(node->as.string, node->count, true, value);
    }
    return node && hn_node_double(node, value);
}

/* *path: the file that the fit keeps up to date; NULL when its model does not go in steps. */
static hone_status make_checkpoint(const hone_tune *tune, hn_arena *arena, int64_t number, const char **path,
                                   hone_error *err)
{
    *path = NULL;
    if (!tune->plan->model.type->steps) {
        return HONE_OK;
    }
    const char *folder = hn_tune_checkpoint_folder(tune, arena, number);
    hone_status status = folder ? hn_make_directories(folder, err) : hn_out_of_memory(err);
    *path = status ? NULL : hn_arena_printf(arena, "%s/refit.safetensors", folder);
    return status || *path ? status : hn_out_of_memory(err);
}

static hone_status run(hone_tune *tune, const hone_trial_info *best, const char *path, hn_arena *arena,
                       hn_held_out *held_out, hone_error *err)
{
    const hn_node *answer = NULL;
    double rows = 0;
    const char *checkpoint = NULL;
    hone_status status = make_checkpoint(tune, arena, best->number, &checkpoint, err);
    if (status) {
        return status;
    }
    hn_errand errand = {
        .worker = &tune->worker,
        .name = "fitting the best model again",
        .request = hn_refit_request(arena, tune->plan, best, tune->seed, tune->workers, checkpoint, path),
        .seconds = tune->plan->search.trial_seconds,
        .cancelled = is_interrupted,
        .progressed = progressed,
        .user = tune};
    if (!errand.request) {
        return hn_out_of_memory(err);
    }
    status = hn_errand_run(&errand, arena, &answer, err);
    hn_progress_end(tune->progress);
    if (!status) {
        hn_tune_forget_checkpoint(tune, best->number);
        const hn_node *metrics = hn_map_get(answer, "metrics");
        const hn_node *scores = hn_map_get(hn_map_get(answer, "notes"), "held_out");
        held_out->given =
            scores && read_number(metrics, "value", &held_out->value) && read_number(metrics, "rows", &rows);
        held_out->rows = (size_t)rows;
        held_out->scores = scores ? hn_node_copy(&tune->arena, scores) : NULL;
        status = scores && !held_out->scores ? hn_out_of_memory(err) : HONE_OK;
        if (!read_number(metrics, "threshold", &held_out->threshold) ||
            !read_number(metrics, "threshold_value", &held_out->threshold_value) ||
            !read_number(metrics, "usual_value", &held_out->usual_value)) {
            held_out->threshold = NAN;
        }
    }
    return status;
}

hone_status hn_tune_refit(hone_tune *tune, const hone_trial_info *best, const char *path,
                          hn_held_out *held_out, hone_error *err)
{
    hn_arena arena = HN_ARENA_INIT;
    hone_error inner = {0};
    *held_out = (hn_held_out){.threshold = NAN};
    if (!hn_refit_is_wanted(tune->plan, path)) {
        return HONE_OK;
    }
    tune->interrupts_before_refit = tune->interrupts;
    hone_status status = run(tune, best, path, &arena, held_out, &inner);
    if (status == HONE_OBJECTIVE) {
        hn_fail(err, status, "%s; the trials are told: the same command again fits trial %lld once more",
                inner.message, (long long)best->number);
    } else if (status && err) {
        *err = inner;
    }
    hn_arena_release(&arena);
    return status;
}

hone_status hn_tune_choose(hone_tune *tune, const hone_trial_info *best, double deviation,
                           hone_trial_info **chosen, hone_error *err)
{
    double standard_error = deviation / sqrt((double)hn_model_job_folds(tune->job));
    int64_t number = best->number;
    tune->why_chosen = NULL;
    if (tune->plan->search.refit != HN_REFIT_ONE_STANDARD_ERROR) {
        return HONE_OK;
    }
    if (isnan(standard_error)) {
        return hn_fail(
            err, HONE_UNSUPPORTED,
            "refit one_standard_error: the deviation of '%s' over the folds is not known for trial %lld; "
            "choose refit: best",
            tune->goals[0], (long long)best->number);
    }
    hone_status status =
        hn_model_job_simplest(tune->job, tune->study, best, standard_error, &number, &tune->why_chosen, err);
    return status || number == best->number ? status : hone_study_trial(tune->study, number, chosen, err);
}
