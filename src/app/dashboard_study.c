/* Studies that the dashboard has opened, their revisions, and which trials changed between them. */
#include <stdlib.h>
#include <string.h>

#include "app/dashboard.h"
#include "base/memory.h"
#include "base/text_map.h"
#include "study/study.h"
#include "view/trial_node.h"

enum { MOST_OPEN = 8, MOST_FRONT = 5000 };

/* --- revisions --- */

static void note_change(hn_board_study *board, int64_t number)
{
    board->log[board->n_logged++ % HN_BOARD_LOG] = (hn_board_change){board->revision, number};
}

/* Numbers of the trials that are not finished, ascending; the study's lock is held. */
static hone_status collect_open(const hn_history *history, int64_t **open, size_t *count, hone_error *err)
{
    size_t n_running, n_waiting, r = 0, w = 0;
    const int64_t *running = hn_history_running(history, &n_running);
    const int64_t *waiting = hn_history_waiting(history, &n_waiting);
    int64_t *made = hn_calloc(n_running + n_waiting + 1, sizeof *made);
    if (!made) {
        return hn_out_of_memory(err);
    }
    for (size_t i = 0; i < n_running + n_waiting; i++) {
        bool from_running = w == n_waiting || (r < n_running && running[r] < waiting[w]);
        made[i] = from_running ? running[r++] : waiting[w++];
    }
    *open = made;
    *count = n_running + n_waiting;
    return HONE_OK;
}

/* Brings the revision up to what the study's handle has read. */
static hone_status advance(hn_board_study *board, bool touched, hone_error *err)
{
    hone_study *study = board->study;
    int64_t *open = NULL;
    size_t n_open = 0;
    hn_study_lock(study);
    const hn_history *history = study->history;
    hone_status status = HONE_OK;
    if (board->revision && !touched && board->counter == study->change_counter) {
        goto done;
    }
    status = collect_open(history, &open, &n_open, err);
    if (status) {
        goto done;
    }
    board->revision++;
    for (size_t i = 0; i < board->n_open; i++) { /* a queued one that still is has not changed */
        if (hn_history_state(history, board->open[i]) != HONE_WAITING) {
            note_change(board, board->open[i]);
        }
    }
    for (int64_t k = board->known; k < (int64_t)hn_history_count(history); k++) {
        note_change(board, k);
    }
    hn_free(board->open);
    board->open = open;
    board->n_open = n_open;
    board->known = (int64_t)hn_history_count(history);
    board->counter = study->change_counter;
done:
    hn_study_unlock(study);
    return status;
}

hone_status hn_board_touch(hn_board_study *study, hone_error *err)
{
    hone_status status = hone_study_sync(study->study, err);
    return status ? status : advance(study, true, err);
}

static int ascending(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

bool hn_board_changes(const hn_board_study *study, int64_t since, hn_arena *arena, int64_t **numbers,
                      size_t *count)
{
    int64_t first = study->n_logged > HN_BOARD_LOG ? study->n_logged - HN_BOARD_LOG : 0;
    bool lost = first > 0 && study->log[first % HN_BOARD_LOG].revision > since;
    int64_t *found = HN_ARENA_NEW(arena, int64_t, (size_t)(study->n_logged - first) + 1);
    if (since < 1 || since > study->revision || lost || !found) {
        return false;
    }
    size_t n = 0, kept = 0;
    for (int64_t i = first; i < study->n_logged; i++) {
        if (study->log[i % HN_BOARD_LOG].revision > since) {
            found[n++] = study->log[i % HN_BOARD_LOG].number;
        }
    }
    qsort(found, n, sizeof *found, ascending);
    for (size_t i = 0; i < n; i++) {
        if (!kept || found[kept - 1] != found[i]) {
            found[kept++] = found[i];
        }
    }
    *numbers = found;
    *count = kept;
    return true;
}

/* --- opening and closing --- */

static void destroy(hn_board_study *study)
{
    hone_study_destroy(study->study);
    pthread_mutex_destroy(&study->lock);
    hn_free(study->open);
    hn_free(study->order.query);
    hn_free(study->order.numbers);
    hn_free(study->name);
    hn_free(study);
}

/* With the dashboard's lock: the one to close for another, NULL while there is room. */
static hn_board_study *take_oldest(hone_dashboard *board)
{
    size_t oldest = SIZE_MAX;
    for (size_t i = 0; i < board->n_studies && board->n_studies >= MOST_OPEN; i++) {
        if (!board->studies[i]->users &&
            (oldest == SIZE_MAX || board->studies[i]->used < board->studies[oldest]->used)) {
            oldest = i;
        }
    }
    if (oldest == SIZE_MAX) {
        return NULL;
    }
    hn_board_study *study = board->studies[oldest];
    board->studies[oldest] = board->studies[--board->n_studies];
    return study;
}

/* With the dashboard's lock; NULL when memory is out. */
static hn_board_study *find_or_add(hone_dashboard *board, const char *name)
{
    for (size_t i = 0; i < board->n_studies; i++) {
        if (!strcmp(board->studies[i]->name, name)) {
            return board->studies[i];
        }
    }
    hn_board_study *made = hn_calloc(1, sizeof *made);
    char *copy = made ? hn_strdup(name) : NULL;
    if (!copy || HN_GROW(board->studies, board->n_studies, board->studies_capacity)) {
        hn_free(copy);
        hn_free(made);
        return NULL;
    }
    made->name = copy;
    pthread_mutex_init(&made->lock, NULL);
    board->studies[board->n_studies++] = made;
    return made;
}

/* The study of that name may have been deleted, and another made, since it was opened. */
static hone_status open_current(hone_dashboard *board, hn_board_study *at, hone_error *err)
{
    hn_study_row row;
    hone_status status = HONE_OK;
    if (at->study) {
        hn_arena arena = HN_ARENA_INIT;
        hn_study_lock(at->study);
        status = at->study->ops->study_find(at->study->storage, at->name, &arena, &row, err);
        bool same = !status && row.id == at->study->row;
        hn_study_unlock(at->study);
        hn_arena_release(&arena);
        if (!same && (!status || status == HONE_NOT_FOUND)) {
            hone_study_destroy(at->study);
            at->study = NULL;
            at->n_open = 0;
            at->known = at->n_logged = 0;
            at->revision += at->revision > 0; /* what was seen before is no more */
            at->counter = -1;
        }
    }
    if (!at->study && status != HONE_NOT_FOUND) {
        status = hone_study_open(board->storage, at->name, NULL, &at->study, err);
    }
    return status ? status : hone_study_sync(at->study, err);
}

hone_status hn_board_take(hone_dashboard *board, const char *name, hn_board_study **study, hone_error *err)
{
    pthread_mutex_lock(&board->lock);
    hn_board_study *closed = take_oldest(board);
    hn_board_study *taken = find_or_add(board, name);
    if (taken) {
        taken->users++;
        taken->used = ++board->uses;
    }
    pthread_mutex_unlock(&board->lock);
    if (closed) {
        destroy(closed);
    }
    if (!taken) {
        return hn_out_of_memory(err);
    }
    pthread_mutex_lock(&taken->lock);
    hone_status status = open_current(board, taken, err);
    if (!status) {
        status = advance(taken, false, err);
    }
    if (status) {
        hn_board_give(board, taken);
        return status;
    }
    *study = taken;
    return HONE_OK;
}

void hn_board_give(hone_dashboard *board, hn_board_study *study)
{
    if (!study) {
        return;
    }
    bool useless = !study->study;
    pthread_mutex_unlock(&study->lock);
    pthread_mutex_lock(&board->lock);
    study->users--;
    if (useless && !study->users) {
        for (size_t i = 0; i < board->n_studies; i++) {
            if (board->studies[i] == study) {
                board->studies[i] = board->studies[--board->n_studies];
                break;
            }
        }
    } else {
        useless = false;
    }
    pthread_mutex_unlock(&board->lock);
    if (useless) {
        destroy(study);
    }
}

void hn_board_close_studies(hone_dashboard *board)
{
    for (size_t i = 0; i < board->n_studies; i++) {
        destroy(board->studies[i]);
    }
    hn_free(board->studies);
}

/* --- what changes while a study runs --- */

static hn_node *counts_node(hn_arena *arena, const hone_study *study)
{
    hn_node *counts = hn_node_map(arena);
    for (int s = HONE_RUNNING; s <= HONE_WAITING; s++) {
        size_t count = hn_history_state_count(study->history, (hone_trial_state)s);
        count -= s == HONE_RUNNING && count >= study->n_paused ? study->n_paused : 0;
        counts = hn_map_append(arena, counts, hone_trial_state_name((hone_trial_state)s),
                               hn_node_integer(arena, (int64_t)count));
    }
    return hn_map_append(arena, counts, "paused", hn_node_integer(arena, (int64_t)study->n_paused));
}

static hone_status best_node(hn_arena *arena, hn_board_study *board, hn_node **state, hone_error *err)
{
    int64_t *numbers = NULL;
    size_t n = 0;
    bool several = hone_study_objective_count(board->study) > 1;
    if (several && board->known > MOST_FRONT) {
        return HONE_OK;
    }
    hone_status status = hone_study_best(board->study, 1, &numbers, &n, err);
    if (!status && several) {
        hn_node *front = hn_node_list(arena);
        for (size_t i = 0; i < n; i++) {
            front = hn_list_append(arena, front, hn_node_integer(arena, numbers[i]));
        }
        *state = hn_map_append(arena, *state, "front", front);
    } else if (!status && n) {
        hone_trial_info *info = NULL;
        status = hone_study_trial(board->study, numbers[0], &info, err);
        if (!status) {
            *state = hn_map_append(arena, *state, "best", hn_trial_best_node(arena, info));
        }
        hone_trial_info_free(info);
    }
    hone_free(numbers);
    return status;
}

hone_status hn_board_state(hn_arena *arena, hn_board_study *study, hn_node **state, hone_error *err)
{
    hn_node *node =
        hn_map_append(arena, hn_node_map(arena), "revision", hn_node_integer(arena, study->revision));
    node = hn_map_append(arena, node, "total", hn_node_integer(arena, study->known));
    hn_study_lock(study->study);
    node = hn_map_append(arena, node, "counts", counts_node(arena, study->study));
    hn_study_unlock(study->study);
    hone_status status = best_node(arena, study, &node, err);
    if (!status && !node) {
        status = hn_out_of_memory(err);
    }
    if (!status) {
        *state = node;
    }
    return status;
}
