/* The dashboard's resources about trials: pages of them, one, several, a log, what changed. */
#include <string.h>

#include "app/dashboard.h"
#include "app/tune.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/os_file.h"
#include "base/os_input.h"
#include "view/trial_list.h"
#include "view/trial_node.h"

enum { USUAL_PAGE = 50, LARGEST_PAGE = 1000, MOST_COMPARED = 50, MOST_CHANGED = 200, LOG_TAIL = 256 << 10 };

/* --- rows --- */

/* A line of the table: the trial without its reports, which may be many. */
static hn_node *row_node(hn_arena *arena, const hone_trial_info *info)
{
    hone_trial_info brief = *info;
    brief.n_reports = 0;
    hn_node *node = hn_trial_node(arena, &brief);
    if (info->n_reports) {
        node = hn_map_append(arena, node, "steps", hn_node_integer(arena, hn_trial_steps(info)));
        node = hn_map_append(arena, node, "last", hn_node_real(arena, info->reports[info->n_reports - 1]));
    }
    return node;
}

static hone_status add_trial(hn_board_request *request, int64_t number, bool whole, hn_node **list)
{
    hone_trial_info *info = NULL;
    hone_status status = hone_study_trial(request->held->study, number, &info, request->err);
    if (!status) {
        hn_node *node = whole ? hn_trial_node(request->arena, info) : row_node(request->arena, info);
        *list = hn_list_append(request->arena, *list, node);
    }
    hone_trial_info_free(info);
    return status;
}

/* --- pages --- */

/* The numbers that the query meets, kept until the study changes. */
static hone_status find_order(hn_board_request *request, const hone_trial_query *query,
                              const hn_board_order **order)
{
    hn_board_study *study = request->held;
    hn_board_order *kept = &study->order;
    const char *text = hn_arena_printf(request->arena, "%s\n%s\n%s", query->sort ? query->sort : "",
                                       query->state ? query->state : "", query->filter ? query->filter : "");
    char *copy = text ? hn_strdup(text) : NULL;
    if (!copy) {
        return hn_out_of_memory(request->err);
    }
    *order = kept;
    if (kept->query && kept->revision == study->revision && !strcmp(kept->query, copy)) {
        hn_free(copy);
        return HONE_OK;
    }
    int64_t *numbers = NULL;
    size_t count = 0;
    request->large = true;
    pthread_mutex_lock(&request->board->large);
    hone_status status = hn_trial_numbers(study->study, query, &numbers, &count, request->err);
    pthread_mutex_unlock(&request->board->large);
    if (status) {
        hn_free(copy);
        return status;
    }
    hn_free(kept->query);
    hn_free(kept->numbers);
    *kept = (hn_board_order){copy, study->revision, numbers, count};
    return HONE_OK;
}

/* The page in the order of numbers, for which nothing has to be searched. */
static hone_status plain_page(hn_board_request *request, const hone_trial_query *query, bool newest_first,
                              hn_node **list)
{
    hone_status status = HONE_OK;
    int64_t total = request->held->known;
    for (int64_t i = query->offset; i < total && i < query->offset + query->limit && !status; i++) {
        status = add_trial(request, newest_first ? total - 1 - i : i, false, list);
    }
    return status;
}

static hone_status found_page(hn_board_request *request, const hone_trial_query *query, hn_node **list,
                              int64_t *matched)
{
    const hn_board_order *order = NULL;
    hone_status status = find_order(request, query, &order);
    if (status) {
        return status;
    }
    *matched = (int64_t)order->count;
    for (int64_t i = query->offset; i < *matched && i < query->offset + query->limit && !status; i++) {
        status = add_trial(request, order->numbers[i], false, list);
    }
    return status;
}

/* The trials of a list such as "3,7,9", whole. */
static hone_status named_trials(hn_board_request *request, const char *names, hn_node **list)
{
    hone_status status = HONE_OK;
    for (size_t n = 0; *names && !status; n++) {
        size_t size = strcspn(names, ",");
        int64_t number = 0;
        if (!hn_parse_int(names, size, &number) || number < 0 || n >= MOST_COMPARED) {
            return hn_fail(request->err, HONE_INVALID, "numbers are at most %d trials such as 3,7,9",
                           MOST_COMPARED);
        }
        status = add_trial(request, number, true, list);
        names += size + (names[size] == ',');
    }
    return status;
}

static const char *text_query(const hn_board_request *request, const char *key)
{
    const char *text = hn_board_query(request, key, 0);
    return text && *text ? text : NULL;
}

hone_status hn_board_trials(hn_board_request *request)
{
    hone_trial_query query = {.limit = USUAL_PAGE,
                              .state = text_query(request, "state"),
                              .filter = text_query(request, "filter"),
                              .sort = text_query(request, "sort")};
    hn_node *list = hn_node_list(request->arena);
    const char *names = text_query(request, "numbers");
    int64_t matched = request->held->known;
    hone_status status = hn_board_query_int(request, "offset", 0, INT64_MAX / 2, &query.offset);
    if (!status) {
        status = hn_board_query_int(request, "limit", 1, LARGEST_PAGE, &query.limit);
    }
    bool newest_first = query.sort && !strcmp(query.sort, "-number");
    bool plain =
        !query.state && !query.filter && (!query.sort || newest_first || !strcmp(query.sort, "number"));
    if (!status && names) {
        status = named_trials(request, names, &list);
    } else if (!status) {
        status = plain ? plain_page(request, &query, newest_first, &list)
                       : found_page(request, &query, &list, &matched);
    }
    if (!status) {
        hn_board_set(request, "revision", hn_node_integer(request->arena, request->held->revision));
        hn_board_set(request, "total", hn_node_integer(request->arena, request->held->known));
        hn_board_set(request, "matched", hn_node_integer(request->arena, matched));
        hn_board_set(request, "trials", list);
    }
    return status;
}

/* --- one --- */

/* Where the trial's program wrote; NULL when nothing says so. */
static hone_status log_path(hn_board_request *request, int64_t number, const char **path)
{
    const char *folder = NULL;
    hone_status status = hn_study_folder_known(request->held->study, request->board->storage, request->arena,
                                               &folder, request->err);
    *path =
        folder ? hn_arena_printf(request->arena, "%s/trial-%lld/log.txt", folder, (long long)number) : NULL;
    return status;
}

hone_status hn_board_trial(hn_board_request *request)
{
    int64_t number = 0;
    hone_trial_info *info = NULL;
    const char *path = NULL;
    hone_status status = hn_board_trial_number(request, 3, &number);
    if (!status) {
        status = hone_study_trial(request->held->study, number, &info, request->err);
    }
    if (!status) {
        status = log_path(request, number, &path);
    }
    if (!status) {
        hn_board_set(request, "trial", hn_trial_node(request->arena, info));
        hn_board_set(request, "log", hn_node_bool(request->arena, path && hn_is_regular_file(path)));
    }
    hone_trial_info_free(info);
    return status;
}

/* The end of it: as much as a page should hold. */
hone_status hn_board_trial_log(hn_board_request *request)
{
    int64_t number = 0;
    const char *path = NULL;
    hn_buffer all = HN_BUFFER_INIT;
    hone_status status = hn_board_trial_number(request, 3, &number);
    if (!status) {
        status = log_path(request, number, &path);
    }
    if (!status && (!path || !hn_is_regular_file(path))) {
        status = hn_fail(request->err, HONE_NOT_FOUND, "trial %lld left no log", (long long)number);
    }
    if (!status) {
        status = hn_file_read(path, 0, &all, request->err);
    }
    if (!status) {
        size_t skipped = all.size > LOG_TAIL ? all.size - LOG_TAIL : 0;
        if (skipped) {
            hn_buffer_printf(&request->text, "[the first %zu bytes are left out]\n", skipped);
        }
        hn_buffer_append(&request->text, all.data, all.size - skipped);
        request->type = "text/plain; charset=utf-8";
    }
    hn_buffer_release(&all);
    return status;
}

/* --- what changed --- */

hone_status hn_board_changed(hn_board_request *request)
{
    int64_t since = 0, *numbers = NULL;
    size_t n = 0;
    hn_node *state = NULL, *list = hn_node_list(request->arena);
    hone_status status = hn_board_query_int(request, "since", 0, INT64_MAX, &since);
    bool known = !status && hn_board_changes(request->held, since, request->arena, &numbers, &n);
    bool whole = known && n <= MOST_CHANGED;
    for (size_t i = 0; whole && i < n && !status; i++) {
        status = add_trial(request, numbers[i], false, &list);
    }
    if (!status) {
        status = hn_board_state(request->arena, request->held, &state, request->err);
    }
    if (!status) {
        hn_board_set(request, "state", state);
        hn_board_set(request, "reset", hn_node_bool(request->arena, !whole));
        hn_board_set(request, "trials", list);
    }
    return status;
}
