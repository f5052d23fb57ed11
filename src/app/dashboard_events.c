/* Server-sent events. A thread looks whether the storage changed; jobs of the queue say what a study has come
 * to; the loop writes it to those who listen. */
#include <string.h>
#include <time.h>

#include "app/dashboard.h"
#include "base/clock.h"
#include "base/memory.h"

enum { POLL_MS = 200, PING_POLLS = 75 };

static void run_watch(hn_study_job *job);

/* --- watches, under the lock --- */

static hn_board_watch *find_watch(hone_dashboard *board, const char *name)
{
    hn_board_watch *watch = board->watches;
    while (watch && strcmp(watch->name, name) != 0) {
        watch = watch->next;
    }
    if (watch) {
        return watch;
    }
    watch = hn_calloc(1, sizeof *watch);
    char *copy = watch ? hn_strdup(name) : NULL;
    if (!copy) {
        hn_free(watch);
        return NULL;
    }
    watch->name = copy;
    watch->board = board;
    watch->job = (hn_study_job){.key = copy, .run = run_watch};
    watch->next = board->watches;
    board->watches = watch;
    return watch;
}

static void forget_if_unused(hone_dashboard *board, hn_board_watch *watch)
{
    hn_board_watch **at = &board->watches;
    if (watch->listeners || watch->queued) {
        return;
    }
    while (*at != watch) {
        at = &(*at)->next;
    }
    *at = watch->next;
    hn_buffer_release(&watch->news);
    hn_free(watch->name);
    hn_free(watch);
}

static void queue_watch(hn_board_watch *watch)
{
    if (watch->queued) {
        watch->changed = true;
    } else {
        watch->changed = false;
        watch->job.next = NULL;
        watch->queued = hn_study_queue_add(watch->board->queue, &watch->job);
    }
}

/* --- what is told --- */

static void write_event(hn_buffer *out, const char *event, const hn_node *data)
{
    hn_buffer_printf(out, "event: %s\ndata: ", event);
    if (data) {
        hn_json_write(out, data, HN_JSON_STRICT); /* on one line */
    } else {
        hn_buffer_text(out, "{}");
    }
    hn_buffer_text(out, "\n\n");
}

static void write_news(hone_dashboard *board, const char *name, hn_buffer *out)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_board_study *study = NULL;
    hn_node *state = NULL;
    hone_error err = {0};
    hone_status status = hn_board_take(board, name, &study, &err);
    if (!status) {
        status = hn_board_state(&arena, study, &state, &err);
        hn_board_give(board, study);
    }
    if (status) {
        state = hn_map_append(&arena, hn_node_map(&arena), "message", hn_node_string(&arena, err.message));
    }
    write_event(out, !status ? "state" : status == HONE_NOT_FOUND ? "gone" : "trouble", state);
    hn_arena_release(&arena);
}

/* In a thread of the queue. */
static void run_watch(hn_study_job *job)
{
    hn_board_watch *watch = (hn_board_watch *)job;
    hone_dashboard *board = watch->board;
    hn_buffer news = HN_BUFFER_INIT;
    if (watch->name[0]) {
        write_news(board, watch->name, &news);
    } else {
        write_event(&news, "studies", NULL);
    }
    pthread_mutex_lock(&board->lock);
    bool same = watch->name[0] && watch->news.size == news.size && watch->told &&
                !memcmp(watch->news.data, news.data, news.size);
    if (!same && !hn_buffer_failed(&news)) {
        hn_buffer old = watch->news;
        watch->news = news;
        news = old;
        watch->told++;
    }
    watch->queued = false;
    if (watch->changed && watch->listeners) {
        queue_watch(watch);
    }
    forget_if_unused(board, watch);
    pthread_mutex_unlock(&board->lock);
    hn_buffer_release(&news);
    hn_http_server_wake(board->server);
}

/* --- the watcher --- */

/* Under the lock, which is let go of while it waits; false when the end has come. */
static bool wait_for_poll(hone_dashboard *board)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += POLL_MS * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    while (!board->stopping && pthread_cond_timedwait(&board->stop, &board->lock, &until) == 0) {
    }
    return !board->stopping;
}

static void *watch_storage(void *user)
{
    hone_dashboard *board = user;
    int64_t seen = -1, counter = 0;
    int polls = 0;
    pthread_mutex_lock(&board->lock);
    while (wait_for_poll(board)) {
        if (!board->watches) {
            continue;
        }
        const hn_storage_type *ops = hn_storage_of(board->watched);
        bool changed = ops->change_counter(board->watched, true, &counter, NULL) || counter != seen;
        seen = counter;
        for (hn_board_watch *watch = board->watches; changed && watch; watch = watch->next) {
            queue_watch(watch);
        }
        if (++polls % PING_POLLS == 0) {
            board->ping = true;
            hn_http_server_wake(board->server);
        }
    }
    pthread_mutex_unlock(&board->lock);
    return NULL;
}

hone_status hn_board_watch_begin(hone_dashboard *board, hone_error *err)
{
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&board->stop, &monotonic);
    pthread_condattr_destroy(&monotonic);
    hone_status status = hn_storage_open(board->storage, false, &board->watched, err);
    if (!status && !hn_storage_of(board->watched)->shared) {
        status = hn_fail(err, HONE_INVALID,
                         "%s is seen by its own process only; the dashboard shows what is kept "
                         "in a file or a database",
                         board->shown);
    }
    if (!status && pthread_create(&board->watcher, NULL, watch_storage, board)) {
        status = hn_fail(err, HONE_IO, "cannot start a thread");
    }
    board->watching = !status;
    return status;
}

void hn_board_watch_end(hone_dashboard *board)
{
    if (board->watching) {
        pthread_mutex_lock(&board->lock);
        board->stopping = true;
        pthread_cond_signal(&board->stop);
        pthread_mutex_unlock(&board->lock);
        pthread_join(board->watcher, NULL);
    }
    if (board->watched) {
        pthread_cond_destroy(&board->stop);
        hn_storage_close(board->watched);
    }
}

/* --- those who listen: the loop's thread --- */

void hn_board_listen(hone_dashboard *board, hn_http_exchange *exchange, const char *study)
{
    hone_error err = {0};
    if (HN_GROW(board->streams, board->n_streams, board->streams_capacity)) {
        hn_out_of_memory(&err);
        hn_http_fail(exchange, 503, NULL, &err);
        return;
    }
    pthread_mutex_lock(&board->lock);
    hn_board_watch *watch = find_watch(board, study);
    if (watch) {
        watch->listeners++;
        queue_watch(watch);
    }
    pthread_mutex_unlock(&board->lock);
    if (!watch) {
        hn_out_of_memory(&err);
        hn_http_fail(exchange, 503, NULL, &err);
        return;
    }
    board->streams[board->n_streams++] = (hn_board_stream){.exchange = exchange, .watch = watch};
    hn_http_begin_stream(exchange, "text/event-stream");
    hn_board_tell(board);
}

void hn_board_tell(void *user)
{
    hone_dashboard *board = user;
    hn_buffer text = HN_BUFFER_INIT;
    pthread_mutex_lock(&board->lock);
    bool ping = board->ping;
    board->ping = false;
    pthread_mutex_unlock(&board->lock);
    for (size_t i = board->n_streams; i-- > 0;) { /* a stream that ends has its place taken by the last one */
        hn_board_stream *stream = &board->streams[i];
        hn_buffer_clear(&text);
        pthread_mutex_lock(&board->lock);
        if (stream->told != stream->watch->told) {
            stream->told = stream->watch->told;
            hn_buffer_append(&text, stream->watch->news.data, stream->watch->news.size);
        } else if (ping) {
            hn_buffer_text(&text, ":\n\n");
        }
        pthread_mutex_unlock(&board->lock);
        if (text.size) {
            hn_http_stream_write(stream->exchange, text.data, text.size);
        }
    }
    hn_buffer_release(&text);
}

void hn_board_stream_ended(void *user, hn_http_exchange *exchange)
{
    hone_dashboard *board = user;
    for (size_t i = 0; i < board->n_streams; i++) {
        if (board->streams[i].exchange == exchange) {
            hn_board_watch *watch = board->streams[i].watch;
            board->streams[i] = board->streams[--board->n_streams];
            pthread_mutex_lock(&board->lock);
            watch->listeners--;
            forget_if_unused(board, watch);
            pthread_mutex_unlock(&board->lock);
            return;
        }
    }
}
