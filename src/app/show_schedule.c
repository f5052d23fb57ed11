/* The schedule that population-based training found: the settings of the best trial's ancestors, and its own,
 * with the steps up to which they held. */
#include <string.h>

#include "app/show.h"
#include "study/study.h"
#include "view/table.h"
#include "view/trial_node.h"

/* The entry of one trial of the lineage goes before the others. */
static hn_node *put_first(hn_arena *arena, hn_node *list, const hone_trial_info *trial, int64_t to)
{
    hn_node *entry = hn_map_set(arena, hn_node_map(arena), "to", hn_node_integer(arena, to));
    entry = hn_map_set(arena, entry, "params", hn_params_node(arena, trial->params, trial->n_params));
    list = hn_list_append(arena, list, entry);
    for (size_t i = list ? list->count - 1 : 0; i > 0; i--) {
        hn_node *before = list->as.items[i - 1];
        list->as.items[i - 1] = list->as.items[i];
        list->as.items[i] = before;
    }
    return list;
}

static hone_status read_lineage(hone_study *study, int64_t number, hn_arena *arena, hn_node **list,
                                hone_error *err)
{
    hone_status status = HONE_OK;
    int64_t to = -1;
    *list = hn_node_list(arena);
    while (number >= 0 && !status && *list) {
        hone_trial_info *trial = NULL;
        status = hone_study_trial(study, number, &trial, err);
        if (!status) {
            to = to < 0 ? hn_trial_steps(trial) : to;
            hn_node *copied = put_first(arena, *list, trial, to);
            to = trial->parent_step;
            number = trial->parent < number ? trial->parent : -1;
            *list = copied ? hn_node_copy(arena, copied) : NULL;
        }
        hone_trial_info_free(trial);
    }
    return status ? status : *list ? HONE_OK : hn_out_of_memory(err);
}

hone_status hone_show_schedule(hone_study *study, const hone_sink *sink, hone_error *err)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_buffer text = HN_BUFFER_INIT;
    hn_node *list = NULL;
    int64_t best = -1;
    hone_status status = hn_best_number(study, &best, err);
    if (!status && best < 0) {
        status =
            hn_fail(err, HONE_NOT_FOUND, "study '%s' has no complete, feasible trial of a single goal yet",
                    hone_study_name(study));
    }
    status = status ? status : read_lineage(study, best, &arena, &list, err);
    for (size_t i = 0; !status && i < list->count; i++) {
        hn_buffer_text(&text, i ? ",\n " : "[");
        hn_json_write(&text, list->as.items[i], HN_JSON_PYTHON);
    }
    if (!status) {
        hn_buffer_text(&text, "]\n");
        status = hn_sink_write(sink, &text, err);
    }
    hn_buffer_release(&text);
    hn_arena_release(&arena);
    return status;
}
