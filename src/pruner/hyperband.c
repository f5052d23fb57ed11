/* `hyperband`: brackets of successive halving that begin at different rungs (Li et al. 2017). */
#include "pruner/asha.h"

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
    {.name = "resource",
     .type = HN_OPTION_STRING,
     .offset = offsetof(hn_asha_config, resource),
     .help =
         "what a built-in model gets more of: rows (the default), or an integer option of it; a program gets steps"},
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
         "trials that must have come to a rung before any passes it; of variant stop the first so many end there"},
};

const hn_pruner_type hn_pruner_hyperband = {
    .name = "hyperband",
    .help =
        "asha in several brackets, whose first rungs lie at different steps; a trial belongs to one of them",
    .options = {options, sizeof options / sizeof *options, sizeof(hn_asha_config)},
    .uses_reports = true,
    .variant = variant,
};
