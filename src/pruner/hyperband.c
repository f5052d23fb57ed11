/* `hyperband`: brackets of successive halving that begin at different rungs (Li et al. 2017). */
#include "pruner/asha.h"
#include "pruner/resource.h"

extern const hn_pruner_type hn_pruner_hyperband_promote, hn_pruner_hyperband_synchronous,
    hn_pruner_hyperband_stop;

static const char *const variants[] = {"promote", "synchronous", "stop", NULL};

static const hn_pruner_type *const types[] = {&hn_pruner_hyperband_promote, &hn_pruner_hyperband_synchronous,
                                              &hn_pruner_hyperband_stop};

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
         "promote: as asha, nobody waits; synchronous: bracket by bracket, rung by rung; stop: all go on but "
         "those that are not among the best"},
    HN_RESOURCE_OPTION(hn_asha_config),
    {.name = "min_resource",
     .type = HN_OPTION_NODE,
     .default_text = "auto",
     .offset = offsetof(hn_asha_config, min_resource),
     .help =
         "of the first rung of the first bracket; auto: 1, or of rows what a model can do with; also a share"},
    {.name = "max_resource",
     .type = HN_OPTION_NODE,
     .default_text = "auto",
     .offset = offsetof(hn_asha_config, max_resource),
     .help =
         "the last step of a whole trial; auto: all rows, or the model's option as it stands; of variant stop one "
         "more than the last step of the first complete trial, before which nobody is judged"},
    HN_FACTOR_OPTION(hn_asha_config, "3"),
    HN_BOOTSTRAP_OPTION(hn_asha_config),
};

const hn_pruner_type hn_pruner_hyperband = {
    .name = "hyperband",
    .help =
        "asha in several brackets, whose first rungs lie at different steps; a trial belongs to one of them",
    .options = {options, sizeof options / sizeof *options, sizeof(hn_asha_config)},
    .uses_reports = true,
    .variant = variant,
};
