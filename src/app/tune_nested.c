/* Nested cross-validation (Varma & Simon 2006; Cawley & Talbot 2010): the whole search again on the training
 * rows of each outer fold, its choice fitted on them and scored on the fold's own rows. The best score of a
 * search is too good to be true, having been picked; the outer scores are not. Each outer fold has a study of
 * its own beside the main one, "iris-svm/outer-2", with the main one's seed and budget, so that it goes on
 * where it stopped.
 */
#include <math.h>

#include "app/tune.h"
#include "base/memory.h"
#include "math/statistics.h"

static hone_status make_plan(const hone_tune *tune, size_t fold, hone_plan **made, hone_error *err)
{
    hone_status status = hn_plan_from_node(tune->plan->root, made, err);
    hone_plan *plan = *made;
    if (!status) {
        plan->outer_fold = (int64_t)fold + 1;
        status = hone_plan_check(plan, err);
    }
    if (!status) {
        plan->search.seed = tune->seed;
        plan->search.has_seed = true;
        plan->study = hn_arena_printf(&plan->arena, "%s/outer-%zu", tune->plan->study, fold + 1);
        status = plan->study ? HONE_OK : hn_out_of_memory(err);
    }
    return status;
}

/* What the search in a fold chose, and how it does on the rows the search never saw. */
static hone_status take_result(const hone_tune *inner, const hone_tune_result *result, hn_outer_fold *fold,
                               hone_error *err)
{
    if (!result->has_best || !result->has_held_out) {
        return hn_fail(err, HONE_OBJECTIVE, "study '%s' came to no score", inner->plan->study);
    }
    hone_status status = hone_study_trial(inner->study, result->chosen, &fold->chosen, err);
    fold->score = result->held_out_value;
    return status;
}

static hone_status run_fold(hone_tune *tune, size_t i, hn_outer_fold *fold, hone_error *err)
{
    hone_plan *plan = NULL;
    hone_tune *inner = NULL;
    hone_tune_result result = {0};
    hone_tune_options options = tune->options;
    options.result = (hone_sink){0};
    options.model_file = NULL;
    hone_status status = make_plan(tune, i, &plan, err);
    if (!status) {
        status = hn_tune_create_within(tune, plan, &options, &inner, err);
    }
    if (!status) {
        status = hone_tune_run(inner, &result, err);
    }
    if (!status && !tune->interrupts) {
        status = take_result(inner, &result, fold, err);
    }
    hone_tune_destroy(inner);
    hone_plan_destroy(plan);
    return status ? hn_fail_within(err, status, "outer fold %zu", i + 1) : HONE_OK;
}

hone_status hn_tune_nested(hone_tune *tune, hone_error *err)
{
    size_t n = tune->plan->outer_fold ? 0 : (size_t)tune->plan->model.outer;
    hone_status status = HONE_OK;
    tune->outer = n ? HN_ARENA_NEW(&tune->arena, hn_outer_fold, n) : NULL;
    if (n && !tune->outer) {
        return hn_out_of_memory(err);
    }
    for (size_t i = 0; !status && i < n && !tune->interrupts; i++) {
        status = run_fold(tune, i, &tune->outer[i], err);
        tune->n_outer += !status && !tune->interrupts;
    }
    return status;
}

void hn_tune_nested_scores(const hone_tune *tune, double *mean, double *deviation)
{
    enum { MOST = 1000 };
    double scores[MOST];
    size_t n = tune->n_outer < MOST ? tune->n_outer : MOST;
    for (size_t i = 0; i < n; i++) {
        scores[i] = tune->outer[i].score;
    }
    bool whole = n && n == (size_t)tune->plan->model.outer;
    *mean = whole ? hn_mean(scores, n) : NAN;
    *deviation = whole ? hn_standard_deviation(scores, n, 0) : NAN;
}

void hn_tune_nested_release(hone_tune *tune)
{
    for (size_t i = 0; i < tune->n_outer; i++) {
        hone_trial_info_free(tune->outer[i].chosen);
    }
    tune->n_outer = 0;
}
