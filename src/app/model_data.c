#include "app/model_data.h"

#include "base/os_system.h"

hone_status hn_model_data_open(hn_model_data *a, const char *model, const char *data, bool with_target,
                               hone_error *err)
{
    hone_status status = hn_estimator_load(model, &a->estimator, err);
    if (!status) {
        bool named = hn_preprocess_schema(a->estimator->preprocess).named;
        hn_estimator_adapt(a->estimator, with_target || !named, &a->options, &a->schema);
        status = hn_dataset_read(data, &a->options, &a->dataset, err);
    }
    return status;
}

void hn_model_data_close(hn_model_data *a)
{
    hn_dataset_destroy(a->dataset);
    hn_estimator_destroy(a->estimator);
}

hone_status hn_threads_make(int threads, hn_thread_pool **pool, hone_error *err)
{
    return hn_thread_pool_create((size_t)(threads > 0 ? threads : hn_cpu_count()), pool, err);
}
