#include "app/study_metrics.h"

hone_status hn_study_metrics_open(const char *file, const hn_estimator *e, hn_study_metrics *own,
                                  hone_error *err)
{
    if (!file) {
        return HONE_OK;
    }
    hone_status status = hone_plan_read(file, &own->plan, err);
    if (!status) {
        status =
            hn_metric_commands_read(&own->arena, hn_map_get(own->plan->root, "metrics"), &own->commands, err);
    }
    return status ? status
                  : hn_model_metrics_make(&own->arena, &own->commands, e->task, e->classes, e->n_classes,
                                          &own->made, err);
}

void hn_study_metrics_close(hn_study_metrics *own)
{
    hn_metric_commands_release(&own->commands);
    hn_arena_release(&own->arena);
    hone_plan_destroy(own->plan);
}
