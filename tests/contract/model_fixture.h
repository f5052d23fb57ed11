/* Every model of the registry whose library is there, and the dummy plug-in, with a small table to fit. */
#ifndef HN_TEST_MODEL_FIXTURE_H
#define HN_TEST_MODEL_FIXTURE_H

#include "model_dummy.h"
#include "support.h"

enum { ROWS = 60, COLUMNS = 3 };

extern hone_error model_error;
extern double model_x[ROWS * COLUMNS];
extern const hn_model_type *model_types[];
extern size_t model_n_types;
extern hn_arena model_arena, model_scratch;

void model_setup(void);
void model_teardown(void);
/* The first n rows. */
hn_design model_design(hn_model_task task, size_t n);
hn_model_task model_task_of(const hn_design *train);
/* The defaults, but probabilities on; `small`: two trees, epochs, starts. Lives until the teardown. */
hone_status model_config(const hn_model_type *type, hn_model_task task, bool small, void **config);
/* With that setting, not small. */
hone_status model_fit(const hn_model_type *type, const hn_design *train, hn_fit_context context,
                      void **fitted);
void *model_must_fit(const hn_model_type *type, const hn_design *train);

/* Calls the body for every model and every task it can do. */
#define FOR_EVERY(type, task)                                                                                \
    for (size_t t_ = 0; t_ < model_n_types; t_++)                                                            \
        for (int task = HN_TASK_CLASSIFICATION; task <= HN_TASK_CLUSTERING; task *= 2)                       \
            for (const hn_model_type *type = model_types[t_]; type && (type->tasks & (unsigned)task);        \
                 type = NULL)

#endif
