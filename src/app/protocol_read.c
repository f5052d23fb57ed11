/* Operations that read: best, trials. */
#include "app/protocol.h"
#include "view/trial_list.h"
#include "view/trial_node.h"

enum { USUAL_PAGE = 100, LARGEST_PAGE = 10000 };

/* --- best --- */

static hone_status answer_best(hn_request *request, hn_open_study *study, const int64_t *numbers,
                               size_t count, bool single)
{
    hn_node *list = hn_node_list(request->arena);
    for (size_t i = 0; i < count; i++) {
        hone_trial_info *info = NULL;
        hone_status status = hone_study_trial(study->study, numbers[i], &info, request->err);
        if (status) {
            return status;
        }
        hn_node *node = hn_trial_best_node(request->arena, info);
        hone_trial_info_free(info);
        if (single) {
            hn_answer_merge(request, node);
            return HONE_OK;
        }
        list = hn_list_append(request->arena, list, node);
    }
    hn_answer_set(request, "trials", list);
    return HONE_OK;
}

hone_status hn_op_best(hn_request *request)
{
    hn_open_study *study;
    int64_t n = 1, *numbers = NULL;
    size_t count = 0;
    hone_status status = hn_request_study(request, &study);
    if (!status) {
        status = hn_request_int(request, "n", false, &n);
    }
    if (!status && (n < 1 || n > LARGEST_PAGE)) {
        status = hn_fail(request->err, HONE_INVALID, "'n' is %lld; allowed are 1 to %d", (long long)n,
                         LARGEST_PAGE);
    }
    if (!status) {
        status = hone_study_best(study->study, (size_t)n, &numbers, &count, request->err);
    }
    if (!status && !count) {
        status = hn_fail(request->err, HONE_NOT_FOUND, "study '%s' has no complete, feasible trial yet",
                         study->name);
    }
    if (!status) {
        bool single = !hn_map_get(request->root, "n") && hone_study_objective_count(study->study) == 1;
        status = answer_best(request, study, numbers, count, single);
    }
    hone_free(numbers);
    return status;
}

/* --- trials --- */

/* A page in the order of numbers needs no pass over all trials. */
static hone_status read_page(hn_request *request, hn_open_study *study, const hone_trial_query *query,
                             hn_node *list, int64_t *matched)
{
    *matched = hone_study_trial_count(study->study);
    int64_t left = *matched - query->offset;
    for (int64_t i = 0; i < query->limit && i < left; i++) {
        hone_trial_info *info = NULL;
        hone_status status = hone_study_trial(study->study, query->offset + i, &info, request->err);
        if (status) {
            return status;
        }
        hn_list_append(request->arena, list, hn_trial_node(request->arena, info));
        hone_trial_info_free(info);
    }
    return HONE_OK;
}

static hone_status read_matching(hn_request *request, hn_open_study *study, const hone_trial_query *query,
                                 hn_node *list, int64_t *matched)
{
    hn_trial_list found;
    hone_status status = hn_trial_list_read(study->study, query, &found, request->err);
    if (status) {
        return status;
    }
    for (size_t i = 0; i < found.count; i++) {
        hn_list_append(request->arena, list, hn_trial_node(request->arena, &found.trials[i]));
    }
    *matched = (int64_t)found.matched;
    hn_trial_list_release(&found);
    return HONE_OK;
}

static hone_status read_query(const hn_request *request, hone_trial_query *query)
{
    hone_status status = hn_request_int(request, "offset", false, &query->offset);
    if (!status) {
        status = hn_request_int(request, "limit", false, &query->limit);
    }
    if (!status && query->offset < 0) {
        status = hn_fail(request->err, HONE_INVALID, "'offset' is %lld; it must be 0 or more",
                         (long long)query->offset);
    }
    if (!status && (query->limit < 1 || query->limit > LARGEST_PAGE)) {
        status = hn_fail(request->err, HONE_INVALID, "'limit' is %lld; allowed are 1 to %d",
                         (long long)query->limit, LARGEST_PAGE);
    }
    if (!status) {
        status = hn_request_text(request, "state", false, &query->state);
    }
    if (!status) {
        status = hn_request_text(request, "filter", false, &query->filter);
    }
    return status ? status : hn_request_text(request, "sort", false, &query->sort);
}

hone_status hn_op_trials(hn_request *request)
{
    hn_open_study *study;
    hone_trial_query query = {.limit = USUAL_PAGE};
    int64_t matched = 0;
    hn_node *list = hn_node_list(request->arena);
    hone_status status = hn_request_study(request, &study);
    if (!status) {
        status = read_query(request, &query);
    }
    if (!status && !list) {
        status = hn_out_of_memory(request->err);
    }
    if (!status) {
        status = hone_study_sync(study->study,
                                 request->err); /* reports gathered here are written, so that they are read */
    }
    if (!status) {
        bool all = !query.state && !query.filter && !query.sort;
        status = all ? read_page(request, study, &query, list, &matched)
                     : read_matching(request, study, &query, list, &matched);
    }
    if (status) {
        return status;
    }
    int64_t next = query.offset + (int64_t)list->count;
    hn_answer_set(request, "total", hn_node_integer(request->arena, matched));
    if (next < matched) {
        hn_answer_set(request, "next_offset", hn_node_integer(request->arena, next));
    }
    hn_answer_set(request, "trials", list);
    return HONE_OK;
}
