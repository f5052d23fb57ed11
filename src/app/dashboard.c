/* The dashboard's server: which resource a request means, and its answer. */
#include "app/dashboard.h"

#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/memory.h"

/* Nothing but what comes from here, no script or style inside a page, and no page of others around ours. */
static const char header_fields[] =
    "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'\r\n"
    "Referrer-Policy: no-referrer\r\n"
    "X-Frame-Options: DENY\r\n"
    "Cross-Origin-Opener-Policy: same-origin\r\n"
    "Cross-Origin-Resource-Policy: same-origin\r\n";

/* --- resources --- */

typedef struct board_route {
    const char *segments[HN_BOARD_SEGMENTS]; /* "*": anything; the one after "studies" is a study */
    hn_board_operation operation;
    bool writes;   /* POST, with --allow-edit */
    bool unstable; /* may change without its study */
} board_route;

static const board_route routes[] = {
    {{"info"}, hn_board_info, false, true},
    {{"studies"}, hn_board_studies, false, true},
    {{"compare"}, hn_board_compare, false, true},
    {{"studies", "*"}, hn_board_summary, false, false},
    {{"studies", "*", "trials"}, hn_board_trials, false, false},
    {{"studies", "*", "trials", "*"}, hn_board_trial, false, false},
    {{"studies", "*", "trials", "*", "log"}, hn_board_trial_log, false, true},
    {{"studies", "*", "changes"}, hn_board_changed, false, false},
    {{"figures"}, hn_board_kinds, false, true},
    {{"figures", "*"}, hn_board_compared_figure, false, true},
    {{"studies", "*", "figures", "*"}, hn_board_figure, false, false},
    {{"studies", "*", "note"}, hn_board_set_note, true, true},
};

static bool matches(const board_route *route, const char *const segments[HN_BOARD_SEGMENTS])
{
    for (size_t i = 0; i < HN_BOARD_SEGMENTS; i++) {
        const char *wanted = route->segments[i], *given = segments[i];
        if (!wanted || !given) {
            return !wanted && !given;
        }
        if (strcmp(wanted, "*") != 0 && strcmp(wanted, given) != 0) {
            return false;
        }
    }
    return true;
}

static const board_route *find_route(const char *const segments[HN_BOARD_SEGMENTS])
{
    for (size_t i = 0; i < sizeof routes / sizeof *routes; i++) {
        if (matches(&routes[i], segments)) {
            return &routes[i];
        }
    }
    return NULL;
}

/* --- jobs --- */

typedef struct board_job {
    hn_study_job job; /* first */
    hn_board_request request;
    hn_http_exchange *exchange;
    const board_route *route;
    hn_arena arena;
    hone_error err;
} board_job;

static void free_job(board_job *job)
{
    hn_buffer_release(&job->request.text);
    hn_arena_release(&job->arena);
    hn_free(job);
}

static void answer_job(board_job *job, hone_status status, hn_http_answer *answer)
{
    hn_board_request *request = &job->request;
    hn_buffer *body = &answer->body;
    answer->code = status ? hn_http_code(status) : answer->code;
    if (!status && answer->code == 200 && request->type) {
        answer->type = request->type;
        *body = request->text;
        request->text = (hn_buffer)HN_BUFFER_INIT;
    } else if (!status && answer->code == 200) {
        hn_json_write(body, request->answer, HN_JSON_STRICT);
    } else if (status) {
        answer->tag[0] = '\0';
        hn_http_failure_body(body, job->err.status, job->err.message);
    }
    hn_http_exchange *exchange = job->exchange;
    bool large = request->large;
    free_job(job);
    if (large) {
        hn_memory_trim();
    }
    hn_http_answer_exchange(exchange, answer);
}

/* In a thread of the queue. */
static void perform(hn_study_job *queued)
{
    board_job *job = (board_job *)queued;
    hn_board_request *request = &job->request;
    hn_http_answer answer = {.code = 200};
    hone_status status = HONE_OK;
    if (request->study) {
        status = hn_board_take(request->board, request->study, &request->held, &job->err);
    }
    if (!status && request->held && !job->route->unstable) {
        hn_buffer tag = HN_BUFFER_INIT;
        hn_buffer_printf(&tag, "%llx-%lld", (unsigned long long)request->board->boot,
                         (long long)request->held->revision);
        strncpy(answer.tag, hn_buffer_string(&tag), sizeof answer.tag - 1);
        hn_buffer_release(&tag);
    }
    if (!status && answer.tag[0] && hn_http_client_has(request->http, answer.tag)) {
        answer.code = 304;
    } else if (!status) {
        status = job->route->operation(request);
    }
    if (!status && answer.code == 200 && (!request->answer || hn_buffer_failed(&request->text))) {
        status = hn_out_of_memory(&job->err);
    }
    hn_board_give(request->board, request->held);
    answer_job(job, status, &answer);
}

/* --- requests --- */

static hone_status read_body(board_job *job)
{
    hn_board_request *request = &job->request;
    const hn_http_request *http = request->http;
    const char *type = http->field[HN_HTTP_CONTENT_TYPE];
    static const char wanted[] = "application/json";
    hn_node *body = NULL;
    if (!request->board->edit) {
        return hn_fail(&job->err, HONE_DENIED,
                       "the dashboard only shows; --allow-edit lets it change things");
    }
    if (!type || strncasecmp(type, wanted, sizeof wanted - 1) != 0) {
        return hn_fail(&job->err, HONE_INVALID,
                       "the body must be JSON and say so: Content-Type: application/json");
    }
    hone_status status = hn_json_parse(&job->arena, "request", http->body, http->body_size, &body, &job->err);
    request->body = body;
    if (!status && body->kind != HN_MAP) {
        status = hn_fail(&job->err, HONE_INVALID, "the body must be a JSON object");
    }
    return status;
}

static void begin_job(board_job *job)
{
    hn_board_request *request = &job->request;
    hone_status status = job->route->writes ? read_body(job) : HONE_OK;
    request->answer =
        hn_map_append(&job->arena, hn_node_map(&job->arena), "ok", hn_node_bool(&job->arena, true));
    request->study = strcmp(request->segments[0], "studies") ? NULL : request->segments[1];
    job->job = (hn_study_job){.key = request->study ? request->study : "", .run = perform};
    if (!status && !hn_study_queue_add(request->board->queue, &job->job)) {
        status = hn_out_of_memory(&job->err);
    }
    if (status) {
        answer_job(job, status, &(hn_http_answer){0});
    }
}

static void refuse_method(hn_http_exchange *exchange, const hn_http_request *request, bool writes)
{
    hone_error err = {0};
    hn_fail(&err, HONE_INVALID, "the method for '%.100s' is %s", request->path, writes ? "POST" : "GET");
    hn_http_fail(exchange, 405, writes ? "POST" : "GET, HEAD", &err);
}

static void ask_api(hone_dashboard *board, hn_http_exchange *exchange, bool gets)
{
    const hn_http_request *http = hn_http_exchange_request(exchange);
    board_job *job = hn_calloc(1, sizeof *job);
    hone_error err = {0};
    if (!job) {
        hn_out_of_memory(&err);
        hn_http_fail(exchange, 503, NULL, &err);
        return;
    }
    hn_board_request *request = &job->request;
    *request = (hn_board_request){.board = board, .arena = &job->arena, .http = http, .err = &job->err};
    job->exchange = exchange;
    bool readable = hn_board_read_path(&job->arena, http->path, request->segments);
    bool events = readable && !strcmp(request->segments[0], "events") && !request->segments[1];
    job->route = readable ? find_route(request->segments) : NULL;
    if (events && !strcmp(http->method, "GET")) {
        const char *study = hn_board_query(request, "study", 0);
        hn_board_listen(board, exchange, study ? study : "");
    } else if (job->route && (job->route->writes ? !strcmp(http->method, "POST") : gets)) {
        begin_job(job);
        return;
    } else if (events || job->route) {
        refuse_method(exchange, http, job->route && job->route->writes);
    } else {
        hn_fail(&err, HONE_NOT_FOUND, "there is nothing at '%.100s'", http->path);
        hn_http_fail(exchange, 404, NULL, &err);
    }
    free_job(job);
}

/* In the loop. */
static void handle(void *user, hn_http_exchange *exchange)
{
    const hn_http_request *request = hn_http_exchange_request(exchange);
    bool gets = !strcmp(request->method, "GET") || !strcmp(request->method, "HEAD");
    if (!strncmp(request->path, "/api/", 5)) {
        ask_api(user, exchange, gets);
    } else if (gets) {
        hn_board_page(exchange);
    } else {
        refuse_method(exchange, request, false);
    }
}

/* What is asked here is soon answered. */
static void interrupt(void *user)
{
    (void)user;
}

/* --- the server --- */

static hone_status create(hone_dashboard *board, const hone_http_config *config, hone_error *err)
{
    hn_http_config *server = &board->settings.server;
    hone_http_config filled = *config;
    filled.listen = config->listen ? config->listen : "127.0.0.1:8766";
    board->storage = hn_strdup(config->storage ? config->storage : "sqlite:///hone.db");
    board->shown = board->storage ? hone_url_shown(board->storage) : NULL;
    if (!board->shown) {
        return hn_out_of_memory(err);
    }
    hone_status status = hn_http_settings_read(&filled, &board->settings, err);
    server->handle = handle;
    server->interrupt = interrupt;
    server->woken = hn_board_tell;
    server->stream_ended = hn_board_stream_ended;
    server->fields = header_fields;
    server->guarded = "/api/";
    server->user = board;
    if (!status) {
        status = hn_study_queue_create(board->settings.threads, &board->queue, err);
    }
    if (!status) {
        status = hn_http_server_create(server, &board->server, err);
    }
    if (!status) {
        status = hn_board_watch_begin(board, err);
    }
    if (!status && config->new_token) { /* last: the token is lost when anything fails after it */
        status = hn_http_settings_make_token(&board->settings, config->new_token, err);
    }
    if (!status) {
        hn_http_settings_url(&board->settings, hn_http_server_port(board->server));
    }
    return status;
}

hone_status hone_dashboard_create(const hone_http_config *config, bool allow_edit, hone_dashboard **dashboard,
                                  hone_error *err)
{
    if (!hn_board_has_pages()) {
        return hn_fail(
            err, HONE_UNSUPPORTED,
            "this program was built without the dashboard: its pages need Node 18 or newer with npm when "
            "hone is built (cmake -DHONE_DASHBOARD=ON says what is missing)");
    }
    hone_dashboard *made = hn_calloc(1, sizeof *made);
    if (!made) {
        return hn_out_of_memory(err);
    }
    pthread_mutex_init(&made->lock, NULL);
    pthread_mutex_init(&made->large, NULL);
    made->edit = allow_edit;
    made->boot = hn_wall_us();
    hone_status status = create(made, config, err);
    if (status) {
        hone_dashboard_destroy(made);
        return status;
    }
    *dashboard = made;
    return HONE_OK;
}

const char *hone_dashboard_url(const hone_dashboard *dashboard)
{
    return dashboard->settings.url;
}

const char *hone_dashboard_token(const hone_dashboard *dashboard)
{
    return dashboard->settings.token[0] ? dashboard->settings.token : NULL;
}

hone_status hone_dashboard_run(hone_dashboard *dashboard, hone_error *err)
{
    return hn_http_server_run(dashboard->server, err);
}

void hone_dashboard_stop(hone_dashboard *dashboard)
{
    hn_http_server_stop(dashboard->server);
}

void hone_dashboard_destroy(hone_dashboard *dashboard)
{
    if (!dashboard) {
        return;
    }
    hn_board_watch_end(dashboard);
    hn_study_queue_destroy(dashboard->queue);
    hn_http_server_destroy(dashboard->server);
    hn_board_close_studies(dashboard);
    hn_http_settings_release(&dashboard->settings);
    pthread_mutex_destroy(&dashboard->lock);
    pthread_mutex_destroy(&dashboard->large);
    hn_free(dashboard->streams);
    hn_free(dashboard->shown);
    hn_free(dashboard->storage);
    hn_free(dashboard);
}
