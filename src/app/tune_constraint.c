/* Constraint values of a trial from its metrics. */
#include <math.h>
#include <string.h>

#include "app/tune.h"

/* Raw values of the parameters into scratch[0 .. count-1]. */
static void fill_params(hone_tune *tune, const hone_trial *trial)
{
    const hn_space *space = tune->plan->space;
    for (size_t i = 0; space && i < space->count; i++) {
        const hn_parameter *parameter = &space->parameters[i];
        hone_value value;
        tune->active[i] = !hone_trial_get(trial, parameter->name, &value, NULL) &&
                          !hn_distribution_from_value(parameter->name, &parameter->distribution, value,
                                                      &tune->scratch[i], NULL);
        tune->scratch[i] = tune->active[i] ? tune->scratch[i] : 0;
    }
}

static bool find_metric(const hn_metric *metrics, size_t n, const char *name, double *value)
{
    for (size_t i = 0; i < n; i++) {
        if (!strcmp(metrics[i].name, name)) {
            *value = metrics[i].value;
            return true;
        }
    }
    return false;
}

hone_status hn_tune_constraints(void *user, const hone_trial *trial, const hn_metric *metrics,
                                size_t n_metrics, double *values, hone_error *err)
{
    hone_tune *tune = user;
    const hone_plan *plan = tune->plan;
    size_t n_params = plan->space ? plan->space->count : 0;
    fill_params(tune, trial);
    for (size_t c = 0; c < plan->n_constraints; c++) {
        const hn_plan_constraint *constraint = &plan->constraints[c];
        const char *text = hn_condition_text(constraint->condition);
        bool unknown = false; /* a metric is NaN: nothing says that the constraint is met */
        for (size_t m = 0; m < constraint->n_metrics; m++) {
            double *value = &tune->scratch[n_params + m];
            if (!find_metric(metrics, n_metrics, constraint->metrics[m], value)) {
                return hn_fail(err, HONE_OBJECTIVE,
                               "constraint '%s': the metric '%s' never appeared in the output", text,
                               constraint->metrics[m]);
            }
            tune->active[n_params + m] = true;
            unknown |= isnan(*value);
        }
        double violation = hn_condition_violation(constraint->condition, tune->scratch, tune->active);
        values[c] = unknown            ? INFINITY
                    : isnan(violation) ? 0
                                       : violation; /* an inactive parameter breaks nothing */
    }
    return HONE_OK;
}
