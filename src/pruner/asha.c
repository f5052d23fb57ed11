/* `asha`: asynchronous successive halving (Li et al. 2018). At rungs whose steps grow by a factor a trial
 * goes on when it is among the best 1/factor of those that came there. */
#include "pruner/asha.h"

#include "pruner/resource.h"

extern const hn_pruner_type hn_pruner_asha_promote, hn_pruner_asha_stop;

static const char *const variants[] = {"promote", "stop", NULL};

static const hn_pruner_type *const types[] = {&hn_pruner_asha_promote, &hn_pruner_asha_stop};

static hone_status variant(const void *config, const hn_pruner_type **type, hone_error *err)
{
    (void)err;
    *type = types[((const hn_asha_config *)config)->variant];
    return HONE_OK;
}

static const hn_option options[] = {
    {.name = "variant",
     .type = HN_OPTION_CHOICE,
     .default_text = "promote",
     .choices = variants,
     .offset = offsetof(hn_asha_config, variant),
     .help =
         "promote: all pause at a rung, the best go on when there are enough; stop: all go on but those that "
         "are not among the best"},
    HN_RESOURCE_OPTION(hn_asha_config),
    {.name = "min_resource",
     .type = HN_OPTION_NODE,
     .default_text = "auto",
     .offset = offsetof(hn_asha_config, min_resource),
     .help =
         "of the first rung; auto: 1, or of rows what a model can do with, also a share; of variant stop a "
         "hundredth of the last step of the first complete trial, before which nobody is judged"},
    {.name = "max_resource",
     .type = HN_OPTION_NODE,
     .default_text = "auto",
     .offset = offsetof(hn_asha_config, max_resource),
     .help =
         "the last step of a whole trial; auto: all rows, or the model's option as it stands; of variant stop "
         "not known"},
    HN_FACTOR_OPTION(hn_asha_config, "4"),
    {.name = "min_early_stopping_rate",
     .type = HN_OPTION_INT,
     .default_text = "0",
     .low = 0,
     .high = 63,
     .offset = offsetof(hn_asha_config, min_early_stopping_rate),
     .help = "so many of the first rungs are left out"},
    HN_BOOTSTRAP_OPTION(hn_asha_config),
};

const hn_pruner_type hn_pruner_asha = {
    .name = "asha",
    .help =
        "asynchronous successive halving: at steps that grow by a factor the best 1/factor of those that came "
        "there go on",
    .options = {options, sizeof options / sizeof *options, sizeof(hn_asha_config)},
    .uses_reports = true,
    .variant = variant,
};
