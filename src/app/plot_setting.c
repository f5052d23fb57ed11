/* The best trial of a plan's study: its parameters are what curves are drawn of. */
#include "app/plan_reader.h"
#include "app/plot_curve_study.h"
#include "app/tune.h"
#include "space/distribution.h"

hone_status hn_plan_best_trial(const hone_plan *plan, hn_arena *arena, hn_node **params, uint64_t *seed,
                               int64_t *number, hone_error *err)
{
    hone_study *study = NULL;
    hone_trial_info *info = NULL;
    hone_status status = HONE_OK;
    *number = -1;
    if (hone_study_open(plan->storage, plan->study, NULL, &study, NULL)) { /* it makes none */
        return HONE_OK;
    }
    int64_t best;
    if (hn_study_best_number(study, &best)) {
        hn_node *map = hn_node_map(arena);
        status = hone_study_trial(study, best, &info, err);
        for (size_t i = 0; !status && i < info->n_params; i++) {
            map = hn_map_append(arena, map, info->params[i].name,
                                hn_value_to_node(arena, info->params[i].value));
        }
        if (!status) {
            status = map ? hn_study_seed(study, seed, err) : hn_out_of_memory(err);
        }
        if (!status) {
            *params = map;
            *number = best;
        }
    }
    hone_trial_info_free(info);
    hone_study_destroy(study);
    return status;
}
