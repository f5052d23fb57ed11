/* The test file of a plan: read for a fitted model, and looked at before the first trial, so that a search
 * does not end with a file that cannot be scored. */
#include <string.h>

#include "app/model_job_parts.h"
#include "base/memory.h"
#include "base/os_file.h"
#include "select/estimator.h"

hone_status hn_job_read_test(const hn_model_job *job, const hn_estimator *estimator, hn_dataset **test,
                             hone_error *err)
{
    const hn_plan_data *data = &job->plan->data;
    hn_dataset_options options = data->options;
    hn_schema schema;
    options.labels = data->test_labels;
    options.more = NULL;
    hn_estimator_adapt(estimator, true, &options, &schema);
    return hn_dataset_read(data->test, &options, test, err);
}

/* What a model fitted to the data would look for in other files. */
static hn_estimator expectation(const hn_model_job *job, hn_preprocess *fitted)
{
    const hn_dataset *set = job->dataset;
    return (hn_estimator){.type = job->plan->model.type,
                          .task = set->task,
                          .target_name = set->target_name ? set->target_name : "cluster",
                          .weight_name = set->weight ? set->weight->name : NULL,
                          .n_classes = set->n_classes,
                          .classes = (const char **)set->classes,
                          .preprocess = fitted};
}

/* One row is enough to see that columns and shapes are those of the data. */
static hone_status match(const hn_preprocess *fitted, const hn_dataset *test, hone_error *err)
{
    const size_t first = 0;
    double *row = hn_calloc(hn_preprocess_width(fitted) + 1, sizeof *row);
    hone_status status = row ? hn_preprocess_apply(fitted, test, &first, 1, row, err) : hn_out_of_memory(err);
    hn_free(row);
    return status;
}

hone_status hn_model_job_check_test(const hn_model_job *job, hone_error *err)
{
    const hone_plan *plan = job->plan;
    const hn_preprocess_options plain = {.scale = HN_SCALE_NONE};
    hn_preprocess *fitted = NULL;
    hn_dataset *test = NULL;
    if (!plan->data.test || plan->outer_fold ||
        (hn_file_exists(plan->data.test) && !hn_is_regular_file(plan->data.test) &&
         !hn_is_directory(plan->data.test)) ||
        !strcmp(plan->data.test, "-")) { /* what is read once is left for the model */
        return HONE_OK;
    }
    hone_status status = hn_preprocess_fit(&plain, job->dataset, NULL, 0, &fitted, err);
    if (!status) {
        hn_estimator expected = expectation(job, fitted);
        status = hn_job_read_test(job, &expected, &test, err);
    }
    if (!status) {
        status = match(fitted, test, err);
    }
    hn_dataset_destroy(test);
    hn_preprocess_destroy(fitted);
    return status ? hn_fail_within(err, status, "data: test") : HONE_OK;
}
