/* `asha`: asynchronous successive halving (Li et al. 2020). At rungs of min_resource, factor * min_resource
 * ... steps a trial goes on when it is among the best 1/factor of those that came there. */
#include "pruner/asha.h"

#include "pruner/resource.h"

extern const hn_pruner_type hn_pruner_asha_stop;

static const char *const variants[] = {"stop", "promote", NULL};

static const hn_pruner_type *const types[] = {&hn_pruner_asha_stop, NULL};

static hone_status variant(const void *config, const hn_pruner_type **type, hone_error *err)
{
    int wanted = ((const hn_asha_config *)config)->variant;
    if (types[wanted] == NULL) {
        return hn_fail(err, HONE_UNSUPPORTED, "pruner asha: variant %s is not available; use variant stop",
                       variants[wanted]);
    }
    *type = types[wanted];
    return HONE_OK;
}

hone_status hn_asha_resources(const char *pruner, const hn_asha_config *config, int64_t *min_resource,
                              int64_t *max_resource, hone_error *err)
{
    int64_t least, most;
    hone_status status = hn_resource_read(config->min_resource, pruner, "min_resource", &least, err);
    if (status == HONE_OK) {
        status = hn_resource_read(config->max_resource, pruner, "max_resource", &most, err);
    }
    if (status == HONE_OK && most != HN_RESOURCE_AUTO && least > most) {
        status = hn_fail_at(err, HONE_INVALID, config->min_resource->at,
                            "pruner %s: min_resource %lld is more than max_resource %lld", pruner,
                            (long long)least, (long long)most);
    }
    if (status == HONE_OK) {
        *min_resource = least;
        *max_resource = most;
    }
    return status;
}

static const hn_option options[] = {
    {.name = "variant",
     .type = HN_OPTION_CHOICE,
     .default_text = "stop",
     .choices = variants,
     .offset = offsetof(hn_asha_config, variant),
     .help = "stop: a trial that is not among the best at a rung ends there"},
    {.name = "min_resource",
     .type = HN_OPTION_NODE,
     .default_text = "auto",
     .offset = offsetof(hn_asha_config, min_resource),
     .help = "the step of the first rung; auto: a hundredth of the last step of the first complete trial, "
             "before which nobody is judged"},
    {.name = "max_resource",
     .type = HN_OPTION_NODE,
     .default_text = "auto",
     .offset = offsetof(hn_asha_config, max_resource),
     .help = "the last step of a whole trial, from which on nobody is judged; auto: not known"},
    {.name = "factor",
     .type = HN_OPTION_INT,
     .default_text = "4",
     .low = 2,
     .high = 1e6,
     .offset = offsetof(hn_asha_config, factor),
     .help = "one of so many passes a rung; the next rung is at so many times the steps"},
    {.name = "min_early_stopping_rate",
     .type = HN_OPTION_INT,
     .default_text = "0",
     .low = 0,
     .high = 63,
     .offset = offsetof(hn_asha_config, min_early_stopping_rate),
     .help = "so many of the first rungs are left out"},
    {.name = "bootstrap_count",
     .type = HN_OPTION_INT,
     .default_text = "0",
     .low = 0,
     .high = 1e9,
     .offset = offsetof(hn_asha_config, bootstrap_count),
     .help =
         "trials that must have come to a rung before any passes it: the first so many end there; needs a "
         "min_resource"},
};

const hn_pruner_type hn_pruner_asha = {
    .name = "asha",
    .help =
        "at steps that grow by a factor, ends a trial that is not among the best 1/factor of those that came "
        "there",
    .options = {options, sizeof options / sizeof *options, sizeof(hn_asha_config)},
    .uses_reports = true,
    .variant = variant,
};
