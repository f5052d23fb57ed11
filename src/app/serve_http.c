/* The protocol over HTTP: routes, identifiers, which answer has which status. Requests are parsed by the
 * server's loop, performed by the threads of a queue. */
#include <pthread.h>
#include <string.h>
#include <strings.h>

#include "app/answer_memory.h"
#include "app/http_settings.h"
#include "app/openapi.h"
#include "app/protocol.h"
#include "app/study_queue.h"
#include "base/memory.h"

typedef struct request_job {
    hn_study_job job; /* first */
    hone_http *http;
    hn_http_exchange *exchange;
    hn_arena arena;
    hn_node *root;
    hn_answer_key key; /* id NULL: the request has none, or changes nothing */
    hn_http_answer answer;
    bool deferred; /* it must not be answered before it is settled */
    struct request_job *next_free;
} request_job;

struct hone_http {
    hn_http_settings settings;
    hone_protocol *protocol;
    hn_study_queue *queue;
    hn_answer_memory *memory;
    hn_http_server *server;
    pthread_mutex_t lock;
    request_job *free; /* under the lock */
};

/* --- jobs --- */

static request_job *take_job(hone_http *http)
{
    pthread_mutex_lock(&http->lock);
    request_job *job = http->free;
    if (job) {
        http->free = job->next_free;
    }
    pthread_mutex_unlock(&http->lock);
    job = job ? job : hn_calloc(1, sizeof *job);
    if (job) {
        *job = (request_job){.http = http, .arena = job->arena};
    }
    return job;
}

static void give_back(request_job *job)
{
    hone_http *http = job->http;
    hn_arena_reset(&job->arena);
    pthread_mutex_lock(&http->lock);
    job->next_free = http->free;
    http->free = job;
    pthread_mutex_unlock(&http->lock);
}

static void answer(request_job *job)
{
    hn_http_exchange *exchange = job->exchange;
    hn_http_answer given = job->answer;
    give_back(job);
    hn_http_answer_exchange(exchange, &given);
}

/* In a thread of the queue. */
static void perform(request_job *job, bool *deferred)
{
    hone_http *http = job->http;
    hn_http_answer *given = &job->answer;
    hone_error err = {0};
    hone_status status = HONE_OK;
    if (job->key.id) {
        status = hn_answer_memory_find(http->memory, &job->key, &given->replayed, &given->body, &err);
    }
    if (status) {
        hn_answer_failure(&job->arena, &err, hn_map_get(job->root, "id"), &given->body);
    } else if (!given->replayed) {
        status = deferred ? hn_protocol_perform_deferred(http->protocol, &job->arena, job->root, deferred,
                                                         &given->body)
                          : hn_protocol_perform(http->protocol, &job->arena, job->root, &given->body);
        if (!status && job->key.id) {
            hn_answer_memory_keep(http->memory, &job->key, &given->body);
        }
    }
    given->code = hn_http_code(status);
}

static void run(hn_study_job *queued)
{
    request_job *job = (request_job *)queued;
    perform(job, NULL);
    answer(job);
}

static void run_deferred(hn_study_job *queued)
{
    request_job *job = (request_job *)queued;
    perform(job, &job->deferred);
}

/* One wait for the disk for all that were told meanwhile. A repeated request may have been told among them.
 */
static void settle(hn_study_job *first)
{
    hone_error err = {0};
    hone_status status = HONE_OK;
    for (request_job *job = (request_job *)first; job && !status; job = (request_job *)job->job.next) {
        if (job->deferred) {
            status = hn_protocol_settle(job->http->protocol, job->root, &err);
        }
    }
    for (hn_study_job *next, *at = first; at; at = next) {
        request_job *job = (request_job *)at;
        next = at->next;
        if (status && job->answer.code == hn_http_code(HONE_OK)) {
            if (job->key.id) {
                hn_answer_memory_forget(job->http->memory, &job->key);
            }
            hn_buffer_clear(&job->answer.body);
            hn_answer_failure(&job->arena, &err, hn_map_get(job->root, "id"), &job->answer.body);
            job->answer.code = hn_http_code(status);
            job->answer.replayed = false;
        }
        answer(job);
    }
}

/* --- requests --- */

static bool is_json(const hn_http_request *request)
{
    static const char wanted[] = "application/json";
    const char *type = request->field[HN_HTTP_CONTENT_TYPE];
    return type && !strncasecmp(type, wanted, sizeof wanted - 1) && strchr("; \t", type[sizeof wanted - 1]);
}

static bool only_reads(const char *op)
{
    return !strcmp(op, "best") || !strcmp(op, "trials") || !strcmp(op, "studies");
}

static const char *text_of(const hn_node *root, const char *key)
{
    const hn_node *node = hn_map_get(root, key);
    return node && node->kind == HN_STRING ? node->as.string : NULL;
}

/* The body as a request of the protocol; an empty one is {}. */
static hone_status parse(request_job *job, const hn_http_request *request, const char *op, hone_error *err)
{
    hn_arena *arena = &job->arena;
    job->root = hn_node_map(arena);
    hone_status status = HONE_OK;
    if (request->body_size) {
        status = hn_json_parse(arena, "request", request->body, request->body_size, &job->root, err);
    }
    if (status) {
        return status;
    }
    if (!job->root || job->root->kind != HN_MAP) {
        return hn_fail(err, HONE_INVALID, "the body must be a JSON object such as {\"study\":\"s\"}");
    }
    const hn_node *said = hn_map_get(job->root, "op");
    if (said && !(said->kind == HN_STRING && !strcmp(said->as.string, op))) {
        return hn_fail(err, HONE_INVALID, "'op' in the body is another than '%s' in the path; leave it out",
                       op);
    }
    job->root = hn_map_set(arena, job->root, "op", hn_node_string(arena, op));
    const char *id = request->field[HN_HTTP_IDEMPOTENCY_KEY];
    const char *study = text_of(job->root, "study");
    id = id ? id : text_of(job->root, "id");
    job->key = (hn_answer_key){
        .study = study ? study : "",
        .id = only_reads(op) ? NULL : id,
        .body = request->body,
        .body_size = request->body_size,
        .op = text_of(job->root, "op"),
    };
    return job->root ? HONE_OK : hn_out_of_memory(err);
}

static void post(hone_http *http, hn_http_exchange *exchange, const hn_http_request *request, const char *op)
{
    hone_error err = {0};
    if (request->body_size && !is_json(request)) {
        hn_fail(&err, HONE_INVALID, "the body must be JSON and say so: Content-Type: application/json");
        hn_http_fail(exchange, 415, NULL, &err);
        return;
    }
    request_job *job = take_job(http);
    if (!job) {
        hn_out_of_memory(&err);
        hn_http_fail(exchange, 503, NULL, &err);
        return;
    }
    hone_status status = parse(job, request, op, &err);
    job->exchange = exchange;
    bool tells = !strcmp(op, "tell"), defers = tells || !strcmp(op, "ask");
    job->job = (hn_study_job){.key = job->key.study,
                              .run = defers ? run_deferred : run,
                              .settle = defers ? settle : NULL,
                              .early = tells};
    if (!status && !hn_study_queue_add(http->queue, &job->job)) {
        status = hn_out_of_memory(&err);
    }
    if (status) {
        give_back(job);
        hn_http_fail(exchange, hn_http_code(status), NULL, &err);
    }
}

static void describe(hn_http_exchange *exchange)
{
    hn_http_answer answer = {.code = 200};
    hn_buffer_append(&answer.body, hn_openapi, hn_openapi_size);
    hn_http_answer_exchange(exchange, &answer);
}

/* In the loop. */
static void handle(void *user, hn_http_exchange *exchange)
{
    hone_http *http = user;
    const hn_http_request *request = hn_http_exchange_request(exchange);
    hone_error err = {0};
    bool gets = !strcmp(request->method, "GET") || !strcmp(request->method, "HEAD");
    bool description = !strcmp(request->path, "/v1/openapi.json");
    const char *op = !strncmp(request->path, "/v1/", 4) ? request->path + 4 : "";
    if (description && gets) {
        describe(exchange);
    } else if (!description && !hn_protocol_knows(op)) {
        hn_fail(&err, HONE_NOT_FOUND, "there is nothing at '%.100s'; see /v1/openapi.json", request->path);
        hn_http_fail(exchange, 404, NULL, &err);
    } else if (description || strcmp(request->method, "POST") != 0) {
        const char *allow = description ? "GET, HEAD" : "POST";
        hn_fail(&err, HONE_INVALID, "the method for '%.100s' is %s", request->path,
                description ? "GET" : allow);
        hn_http_fail(exchange, 405, allow, &err);
    } else {
        post(http, exchange, request, op);
    }
}

static void interrupt(void *user)
{
    hn_protocol_interrupt(((hone_http *)user)->protocol);
}

/* --- the server --- */

hone_status hone_http_create(const hone_http_config *config, hone_http **http, hone_error *err)
{
    hone_http *made = hn_calloc(1, sizeof *made);
    if (!made) {
        return hn_out_of_memory(err);
    }
    pthread_mutex_init(&made->lock, NULL);
    hone_status status = hn_http_settings_read(config, &made->settings, err);
    made->settings.server.handle = handle;
    made->settings.server.interrupt = interrupt;
    made->settings.server.user = made;
    if (!status) {
        status = hone_protocol_create(config->storage, &made->protocol, err);
    }
    if (!status) {
        made->protocol->remote = true;
        status = hn_answer_memory_create(made->settings.remember, &made->memory, err);
    }
    if (!status) {
        status = hn_study_queue_create(made->settings.threads, &made->queue, err);
    }
    if (!status) {
        status = hn_http_server_create(&made->settings.server, &made->server, err);
    }
    if (!status && config->new_token) { /* last: the token is lost when anything fails after it */
        status = hn_http_settings_make_token(&made->settings, config->new_token, err);
    }
    if (status) {
        hone_http_destroy(made);
        return status;
    }
    hn_http_settings_url(&made->settings, hn_http_server_port(made->server));
    *http = made;
    return HONE_OK;
}

const char *hone_http_url(const hone_http *http)
{
    return http->settings.url;
}

const char *hone_http_token(const hone_http *http)
{
    return http->settings.token[0] ? http->settings.token : NULL;
}

hone_status hone_http_run(hone_http *http, hone_error *err)
{
    return hn_http_server_run(http->server, err);
}

void hone_http_stop(hone_http *http)
{
    hn_http_server_stop(http->server);
}

void hone_http_destroy(hone_http *http)
{
    if (!http) {
        return;
    }
    hn_study_queue_destroy(http->queue);
    hn_http_server_destroy(http->server);
    hn_answer_memory_destroy(http->memory);
    hone_protocol_destroy(http->protocol);
    hn_http_settings_release(&http->settings);
    while (http->free) {
        request_job *next = http->free->next_free;
        hn_arena_release(&http->free->arena);
        hn_free(http->free);
        http->free = next;
    }
    pthread_mutex_destroy(&http->lock);
    hn_free(http);
}
