#include "new_study.h"

#include <stdlib.h>

bool describes_study(const new_study_options *given)
{
    return given->goal || given->sampler || given->pruner || given->seed || given->parameters.count ||
           given->forbidden.count;
}

void new_study_release(new_study_options *given)
{
    text_list_free(&given->parameters);
    text_list_free(&given->forbidden);
}

static hone_status describe(hone_plan *plan, const char *storage, const char *name,
                            const new_study_options *given, hone_error *err)
{
    const struct {
        const char *key, *value, *source;
        bool as_is;
    } keys[] = {
        {"study", name, "--study", true},
        {"storage", storage, "--storage", true},
        {"goal", given->goal, "--goal", true},
        {"search.sampler", given->sampler, "--sampler", false},
        {"search.pruner", given->pruner, "--pruner", false},
        {"search.seed", given->seed, "--seed", false},
    };
    hone_status status = HONE_OK;
    for (size_t i = 0; i < COUNT(keys) && !status; i++) {
        if (keys[i].value) {
            status = (keys[i].as_is ? hone_plan_set_text : hone_plan_set)(plan, keys[i].key, keys[i].value,
                                                                          keys[i].source, err);
        }
    }
    for (size_t i = 0; i < given->parameters.count && !status; i++) {
        status = hone_plan_add_parameter(plan, given->parameters.items[i], err);
    }
    if (!status && given->forbidden.count) {
        status = hone_plan_set_words(plan, "forbidden", given->forbidden.items, given->forbidden.count,
                                     "--forbidden", err);
    }
    return status;
}

int open_new_study(const char *command, const common_options *common, const new_study_options *given,
                   const char *name, hone_study **study)
{
    hone_plan *plan = NULL;
    hone_error err;
    const char *variable = getenv("HONE_STUDY");
    name = name ? name : common->study ? common->study : variable && *variable ? variable : NULL;
    if (!name) {
        print_error("%s: a new study needs a name: --study NAME", command);
        return EXIT_USAGE;
    }
    hone_status status = hone_plan_create(&plan, &err);
    if (!status) {
        status = describe(plan, resolve_storage(common), name, given, &err);
    }
    if (!status) {
        status = hone_plan_open(plan, study, &err);
    }
    hone_plan_destroy(plan);
    return status ? fail_with(&err) : EXIT_OK;
}
