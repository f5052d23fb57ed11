/* The dashboard's resources about studies: the list, one, several beside each other. */
#include <math.h>

#include "app/dashboard.h"
#include "study/limit.h"
#include "view/trial_node.h"

enum { MOST_STUDIES = 10 };

hone_status hn_board_info(hn_board_request *request)
{
    hn_board_set(request, "version", hn_node_string(request->arena, hone_version()));
    hn_board_set(request, "storage", hn_node_string(request->arena, request->board->shown));
    hn_board_set(request, "edit", hn_node_bool(request->arena, request->board->edit));
    return HONE_OK;
}

hone_status hn_board_studies(hn_board_request *request)
{
    hone_study_info *studies = NULL;
    size_t n = 0;
    hn_node *list = hn_node_list(request->arena);
    hone_status status = hone_study_list(request->board->storage, &studies, &n, request->err);
    for (size_t i = 0; i < n && !status; i++) {
        hn_node *node = hn_study_info_node(request->arena, &studies[i]);
        node =
            hn_map_append(request->arena, node, "begun", hn_time_node(request->arena, studies[i].created_us));
        list = hn_list_append(request->arena, list, node);
    }
    hone_study_list_free(studies, n);
    if (!status) {
        hn_board_set(request, "studies", list);
    }
    return status;
}

/* --- one study --- */

static hn_node *choices_node(hn_arena *arena, const hn_distribution *distribution)
{
    hn_node *list = hn_node_list(arena);
    for (size_t i = 0; i < distribution->n_choices; i++) {
        list = hn_list_append(arena, list, hn_value_to_node(arena, distribution->choices[i]));
    }
    return list;
}

static hn_node *parameter_node(hn_arena *arena, const char *name, const hn_distribution *distribution)
{
    static const char *const kinds[] = {"float", "int", "categorical"};
    hn_buffer text = HN_BUFFER_INIT;
    hn_node *node = hn_map_append(arena, hn_node_map(arena), "name", hn_node_string(arena, name));
    node = hn_map_append(arena, node, "type", hn_node_string(arena, kinds[distribution->kind]));
    if (distribution->kind == HN_CATEGORICAL) {
        node = hn_map_append(arena, node, "choices", choices_node(arena, distribution));
    } else {
        node = hn_map_append(arena, node, "low", hn_node_real(arena, distribution->low));
        node = hn_map_append(arena, node, "high", hn_node_real(arena, distribution->high));
        node = hn_map_append(arena, node, "log", hn_node_bool(arena, distribution->log));
    }
    hn_distribution_describe(&text, distribution);
    node = hn_map_append(arena, node, "range", hn_node_string(arena, hn_buffer_string(&text)));
    hn_buffer_release(&text);
    return node;
}

/* Declared ones in their order, then those that trials had besides. */
static hn_node *parameters_node(hn_arena *arena, const hone_study *study)
{
    const hn_space *space = study->definition->space;
    const hn_history *history = study->history;
    hn_node *list = hn_node_list(arena);
    for (size_t k = 0; space && k < space->count; k++) {
        const hn_parameter *parameter = &space->parameters[space->by_display[k]];
        list = hn_list_append(arena, list, parameter_node(arena, parameter->name, &parameter->distribution));
    }
    for (size_t c = 0; c < hn_history_column_count(history); c++) {
        const char *name = hn_history_column_name(history, c);
        const hn_distribution *distribution = hn_history_latest_distribution(history, c);
        if (distribution && (!space || hn_space_find(space, name) == SIZE_MAX)) {
            list = hn_list_append(arena, list, parameter_node(arena, name, distribution));
        }
    }
    return list;
}

static hn_node *objectives_node(hn_arena *arena, const hone_study *study)
{
    hn_node *list = hn_node_list(arena);
    for (size_t i = 0; i < hone_study_objective_count(study); i++) {
        const char *name = NULL;
        bool maximise = hone_study_objective(study, i, &name) == HONE_MAXIMIZE;
        hn_node *node = hn_map_append(arena, hn_node_map(arena), "name", hn_node_string(arena, name));
        node = hn_map_append(arena, node, "direction",
                             hn_node_string(arena, maximise ? "maximize" : "minimize"));
        list = hn_list_append(arena, list, node);
    }
    return list;
}

static hn_node *spec_node(hn_arena *arena, const hn_spec *spec)
{
    return spec->name ? hn_node_string(arena, spec->name) : hn_node_null(arena);
}

static hone_status facts(hn_arena *arena, hn_board_study *study, hn_node **out, hone_error *err)
{
    hn_node *end = NULL, *node = NULL;
    hone_status status = hn_board_state(arena, study, &node, err);
    if (!status) {
        status = hn_study_read_end(study->study, arena, &end, err);
    }
    if (status) {
        return status;
    }
    hone_study *of = study->study;
    hn_study_lock(of);
    node = hn_map_append(arena, node, "study", hn_node_string(arena, of->name));
    node = hn_map_append(arena, node, "objectives", objectives_node(arena, of));
    node = hn_map_append(arena, node, "params", parameters_node(arena, of));
    node = hn_map_append(arena, node, "sampler", spec_node(arena, &of->definition->sampler));
    node = hn_map_append(arena, node, "pruner", spec_node(arena, &of->definition->pruner));
    node = end ? hn_map_append(arena, node, "ended", end) : node;
    hn_study_unlock(of);
    *out = node;
    return node ? HONE_OK : hn_out_of_memory(err);
}

hone_status hn_board_summary(hn_board_request *request)
{
    hn_node *node = NULL, *note = NULL;
    hone_status status = facts(request->arena, request->held, &node, request->err);
    if (!status) {
        status = hn_board_note(request->arena, request->held->study, &note, request->err);
    }
    if (!status) {
        hn_board_set(request, "summary", hn_map_append(request->arena, node, "note", note));
    }
    return status;
}

/* --- several studies --- */

/* [[trials told, best value so far]] where it became better. */
static hn_node *progress_node(hn_arena *arena, const hn_history *history)
{
    hn_node *list = hn_node_list(arena);
    size_t n = 0;
    double best = INFINITY;
    const int64_t *finished = hn_history_finished(history, &n);
    for (size_t i = 0; i < n; i++) {
        double loss = hn_history_loss(history, finished[i], 0);
        if (hn_history_state(history, finished[i]) != HONE_COMPLETE || !(loss < best) ||
            hn_history_violation(history, finished[i]) > 0) {
            continue;
        }
        best = loss;
        hn_node *pair = hn_list_append(arena, hn_node_list(arena), hn_node_integer(arena, (int64_t)i + 1));
        pair = hn_list_append(arena, pair, hn_node_real(arena, hn_history_value(history, finished[i], 0)));
        list = hn_list_append(arena, list, pair);
    }
    return list;
}

static hone_status compared(hn_board_request *request, const char *name, hn_node **list)
{
    hn_board_study *study = NULL;
    hn_node *node = NULL;
    hone_status status = hn_board_take(request->board, name, &study, request->err);
    if (status) {
        return status;
    }
    status = facts(request->arena, study, &node, request->err);
    if (!status) {
        hn_study_lock(study->study);
        node = hn_map_append(request->arena, node, "progress",
                             progress_node(request->arena, study->study->history));
        hn_study_unlock(study->study);
        *list = hn_list_append(request->arena, *list, node);
    }
    hn_board_give(request->board, study);
    return status;
}

hone_status hn_board_compare(hn_board_request *request)
{
    const char *name;
    hn_node *list = hn_node_list(request->arena);
    hone_status status = HONE_OK;
    for (size_t i = 0; !status && (name = hn_board_query(request, "study", i)); i++) {
        status = i < MOST_STUDIES
                     ? compared(request, name, &list)
                     : hn_fail(request->err, HONE_LIMIT, "at most %d studies are compared", MOST_STUDIES);
    }
    if (!status) {
        hn_board_set(request, "studies", list);
    }
    return status;
}
