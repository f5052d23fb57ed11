/* app/model_data.h: a saved model with a data file read as it needs it. One thread at a time. */
#ifndef HN_APP_MODEL_DATA_H
#define HN_APP_MODEL_DATA_H

#include "base/thread_pool.h"
#include "select/estimator.h"

typedef struct hn_model_data {
    hn_estimator *estimator;
    hn_schema schema; /* what the options point to */
    hn_dataset_options options;
    hn_dataset *dataset;
} hn_model_data;

/* a begins zeroed, but for options of how the file is written; close it in any case. with_target: the target
 * is read. Otherwise columns are found by their names, a target among them or not; a file without names must
 * have the columns of the fit, target included. */
hone_status hn_model_data_open(hn_model_data *a, const char *model, const char *data, bool with_target,
                               hone_error *err);
void hn_model_data_close(hn_model_data *a);

/* As many threads as asked for, 0 = one a core. */
hone_status hn_threads_make(int threads, hn_thread_pool **pool, hone_error *err);

#endif
