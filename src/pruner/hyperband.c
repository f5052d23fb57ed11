/* `hyperband`: brackets of successive halving that begin at different rungs (Li et al. 2017). */
#include "pruner/asha.h"

extern const hn_pruner_type hn_pruner_hyperband_stop;

static const char *const variants[] = {"stop", "promote", "synchronous", NULL};

static const hn_pruner_type *const types[] = {&hn_pruner_hyperband_stop, NULL, NULL};

static hone_status variant(const void *config, const hn_pruner_type **type, hone_error *err)
{
    int wanted = ((const hn_asha_config *)config)->variant;
    if (types[wanted] == NULL) {
        return hn_fail(err, HONE_UNSUPPORTED,
                       "pruner hyperband: variant %s is not available; use variant stop", variants[wanted]);
    }
    *type = types[wanted];
    return HONE_OK;
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
     .default_text = "1",
     .offset = offsetof(hn_asha_config, min_resource),
     .help = "the step of the first rung of the first bracket"},
    {.name = "max_resource",
     .type = HN_OPTION_NODE,
     .default_text = "auto",
     .offset = offsetof(hn_asha_config, max_resource),
     .help =
         "the steps of a whole trial, which give the number of brackets; auto: one more than the last step of "
         "the first complete trial, before which nobody is judged"},
    {.name = "factor",
     .type = HN_OPTION_INT,
     .default_text = "3",
     .low = 2,
     .high = 1e6,
     .offset = offsetof(hn_asha_config, factor),
     .help = "one of so many passes a rung; the next rung is at so many times the steps"},
    {.name = "bootstrap_count",
     .type = HN_OPTION_INT,
     .default_text = "0",
     .low = 0,
     .high = 1e9,
     .offset = offsetof(hn_asha_config, bootstrap_count),
     .help =
         "trials that must have come to a rung before any passes it: the first so many end there; needs a "
         "max_resource"},
};

const hn_pruner_type hn_pruner_hyperband = {
    .name = "hyperband",
    .help =
        "asha in several brackets, whose first rungs lie at different steps; a trial belongs to one of them",
    .options = {options, sizeof options / sizeof *options, sizeof(hn_asha_config)},
    .uses_reports = true,
    .variant = variant,
};
