/* app/model_job_parts.h: what the files of a model's job share. */
#ifndef HN_APP_MODEL_JOB_PARTS_H
#define HN_APP_MODEL_JOB_PARTS_H

#include "app/model_job.h"

struct hn_model_job {
    hone_plan *plan;
    hn_arena arena;
    const hn_dataset *dataset;
    hn_dataset *own;     /* the same when the job read it; NULL otherwise */
    const char *metrics; /* comma-separated: the goals, then what the plan adds */
    const char *summary;
    size_t n_folds; /* with repeats */
};

/* Is it something a worker measures beside scores, such as fit_seconds? */
bool hn_is_measure(const char *name);

/* The rows trials see, and the others; zero-initialise, release in any case. */
typedef struct hn_job_rows {
    size_t *kept, *out, n_kept, n_out;
} hn_job_rows;

hone_status hn_job_rows_make(const hn_model_job *job, uint64_t seed, hn_job_rows *made, hone_error *err);
void hn_job_rows_release(hn_job_rows *made);

#endif
