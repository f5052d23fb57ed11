#include "select/leave_one_out.h"

#include "base/memory.h"
#include "select/estimator.h"

bool hn_leave_one_out_applies(const hn_validation *v, const hn_run_control *control)
{
    const hn_validation_options *options = &v->options;
    return v->type->leave_one_out && options->kind == HN_SPLIT_LEAVE_ONE_OUT && options->executions == 1 &&
           !options->train_scores && !options->decision.given && !options->apart && !control->rows &&
           !hn_preprocess_depends_on_rows(&options->preprocess, v->dataset);
}

/* All rows of the validation, in their order, in the scratch arena. */
static hone_status make_design(const hn_validation *v, hn_arena *scratch, hn_design *out, hone_error *err)
{
    hn_preprocess *fitted = NULL;
    double *x = NULL, *y = hn_arena_scratch(scratch, v->n, sizeof *y);
    hone_status status = hn_preprocess_fit(&v->options.preprocess, v->dataset, v->rows, v->n, &fitted, err);
    if (status)
        return status;
    *out = (hn_design){.n = v->n, .d = hn_preprocess_width(fitted)};
    if (out->d <= SIZE_MAX / sizeof *x / v->n)
        x = hn_arena_scratch(scratch, v->n * out->d, sizeof *x);
    status = x && y ? hn_preprocess_apply(fitted, v->dataset, v->rows, v->n, x, err) : hn_out_of_memory(err);
    hn_preprocess_destroy(fitted);
    if (!status)
        status = hn_estimator_weights(v->dataset, v->rows, v->n, scratch, &out->weight, err);
    for (size_t i = 0; !status && i < v->n; i++)
        y[i] = v->dataset->target[v->rows[i]];
    out->x = x;
    out->y = y;
    return status;
}

hone_status hn_leave_one_out_predict(const hn_validation *v, const void *config, const volatile int *cancel,
                                     double *out, hone_error *err)
{
    hn_arena scratch = HN_ARENA_INIT;
    hn_design rows;
    hn_fit_context context = {.seed = v->options.seed, .cancel = cancel, .scratch = &scratch};
    hone_status status = make_design(v, &scratch, &rows, err);
    if (!status)
        status = v->type->leave_one_out(config, &rows, &context, out, err);
    hn_arena_release(&scratch);
    return status;
}

hone_status hn_leave_one_out_score(const hn_validation *v, const double *predicted, size_t split,
                                   hn_scores *scores, hone_error *err)
{
    const hn_dataset *set = v->dataset;
    size_t row = v->rows[split]; /* split i of this kind tests row i */
    hn_metric_input input = {.truth = &set->target[row],
                             .predicted = &predicted[split],
                             .n = 1,
                             .weight = set->weight ? &set->weight->values[row] : NULL};
    hone_status status = HONE_OK;
    for (size_t m = 0; !status && m < v->n_metrics; m++)
        status = hn_metric_score(v->metrics[m], &input, &scores->test[m * scores->n_folds + split], err);
    return status;
}
