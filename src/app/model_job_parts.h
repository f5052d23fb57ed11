/* app/model_job_parts.h: what the files of a model's job share. */
#ifndef HN_APP_MODEL_JOB_PARTS_H
#define HN_APP_MODEL_JOB_PARTS_H

#include "app/model_job.h"
#include "app/model_rows.h"
#include "select/decision.h"
#include "select/estimator.h"

struct hn_model_job {
    hone_plan *plan;
    hn_arena arena;
    const hn_dataset *dataset;
    hn_dataset *own; /* the same when the job read it; NULL otherwise */
    int shared;      /* descriptor of the memory that it lies in, for workers; -1: none yet */
    hn_decision decision;
    hn_own_metrics own_metrics; /* the plan's metrics that are programs */
    const char *metrics;        /* comma-separated: the goals, then what the plan adds */
    size_t n_goals;             /* of metrics */
    const char *turned_on;      /* an option that what is measured needs, as it is told; NULL: none */
    const char *summary;
    size_t n_folds;   /* with repeats and executions */
    size_t n_least;   /* rows of the smallest fold's training */
    const char *fits; /* the same, for people */
};

/* The plan's test file as a model takes it; the caller destroys it. */
hone_status hn_job_read_test(const hn_model_job *job, const hn_estimator *estimator, hn_dataset **test,
                             hone_error *err);
/* The rows that trials see, and the others. */
hone_status hn_job_rows(const hn_model_job *job, uint64_t seed, hn_rows *rows, hone_error *err);

#endif
