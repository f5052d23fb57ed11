/* cli/new_study.h: making a study from options: `hone ask` and `hone study create`. */
#ifndef CLI_NEW_STUDY_H
#define CLI_NEW_STUDY_H

#include "common.h"

typedef struct new_study_options {
    const char *goal, *sampler, *pruner, *seed;
    text_list parameters, forbidden;
} new_study_options;

#define NEW_STUDY_OPTIONS(new)                                                                               \
    {'g', "goal", OPTION_TEXT, &(new).goal, "GOAL", "what to do with which metric: \"minimize loss\""},      \
        {'p',         "param",                                                                               \
         OPTION_LIST, &(new).parameters,                                                                     \
         "ENTRY",     "a parameter: 'lr: {float: [1e-5, 1e-1], log: true}' (repeatable)"},                   \
        {0, "forbidden", OPTION_LIST, &(new).forbidden, "CONDITION", "points never proposed (repeatable)"},  \
        {0, "sampler", OPTION_TEXT, &(new).sampler, "NAME", "how points are proposed (default: auto)"},      \
        {0, "pruner", OPTION_TEXT, &(new).pruner, "NAME", "which trials are ended early (default: none)"},   \
    {                                                                                                        \
        0, "seed", OPTION_TEXT, &(new).seed, "NUMBER", "makes proposals reproducible"                        \
    }

/* Something was given that describes a study. */
bool describes_study(const new_study_options *given);
/* Opens the study of that description, creating it when it is not there; name NULL: --study, else
 * $HONE_STUDY. 0, or an exit code after a message. */
int open_new_study(const char *command, const common_options *common, const new_study_options *given,
                   const char *name, hone_study **study);
void new_study_release(new_study_options *given);

#endif
