/* The operations; lines in, lines out. */
#include "app/protocol.h"

#include <string.h>

#include "base/memory.h"
#include "study/limit.h"

/* --- the operations --- */

typedef struct operation {
    const char *name;
    hn_operation run;
    const char *keys[16]; /* besides "op", "id", "study" and "storage"; ends with NULL */
    bool any_key;         /* `create`: the plan judges them */
} operation;

static const operation operations[] = {
    {"create", hn_op_create, {NULL}, true},
    {"ask", hn_op_ask, {"n", "fixed", NULL}, false},
    {"report", hn_op_report, {"trial", "lease", "step", "value", NULL}, false},
    {"tell",
     hn_op_tell,
     {"trial", "lease", "values", "value", "state", "constraints", "attrs", "noise", "message", NULL},
     false},
    {"best", hn_op_best, {"n", NULL}, false},
    {"heartbeat", hn_op_heartbeat, {"trial", "lease", NULL}, false},
    {"enqueue", hn_op_enqueue, {"params", NULL}, false},
    {"trials", hn_op_trials, {"offset", "limit", "state", "filter", "sort", NULL}, false},
    {"attr", hn_op_attr, {"trial", "key", "value", NULL}, false},
    {"stop", hn_op_stop, {"reason", NULL}, false},
    {"studies", hn_op_studies, {NULL}, false},
    {"delete", hn_op_delete, {NULL}, false},
};

enum { N_OPERATIONS = sizeof operations / sizeof *operations };

static hone_status check_keys(const hn_request *request, const operation *op)
{
    const char *allowed[20] = {"op", "id", "study", "storage"};
    size_t n = 4;
    for (size_t i = 0; op->keys[i]; i++) {
        allowed[n++] = op->keys[i];
    }
    return op->any_key ? HONE_OK : hn_map_check_keys(request->root, op->name, allowed, n, request->err);
}

static hone_status unknown_operation(const char *name, hone_error *err)
{
    const char *names[N_OPERATIONS];
    hn_buffer list = HN_BUFFER_INIT;
    for (size_t i = 0; i < N_OPERATIONS; i++) {
        names[i] = operations[i].name;
        hn_buffer_printf(&list, "%s%s", i ? ", " : "", names[i]);
    }
    const char *near = hn_nearest_name(name, names, N_OPERATIONS);
    hone_status status =
        near ? hn_fail(err, HONE_INVALID, "there is no op '%.60s' (did you mean '%s'?)", name, near)
             : hn_fail(err, HONE_INVALID, "there is no op '%.60s'; there are %s", name,
                       hn_buffer_string(&list));
    hn_buffer_release(&list);
    return status;
}

static const operation *find_operation(const char *name)
{
    for (size_t i = 0; i < N_OPERATIONS; i++) {
        if (strcmp(operations[i].name, name) == 0) {
            return &operations[i];
        }
    }
    return NULL;
}

bool hn_protocol_knows(const char *op)
{
    return find_operation(op) != NULL;
}

static hone_status perform(hn_request *request)
{
    const char *name = NULL;
    if (request->root->kind != HN_MAP) {
        return hn_fail(request->err, HONE_INVALID,
                       "a request is a JSON object such as {\"op\":\"ask\",\"study\":\"s\"}, not %s",
                       hn_node_describe(request->arena, request->root));
    }
    hone_status status = hn_request_text(request, "op", true, &name);
    if (status) {
        return status;
    }
    const operation *op = find_operation(name);
    if (!op) {
        return unknown_operation(name, request->err);
    }
    status = check_keys(request, op);
    return status ? status : op->run(request);
}

/* --- one request --- */

static void write_answer(hn_arena *arena, hn_node *answer, const hn_node *id, hn_buffer *out)
{
    if (id) {
        answer = hn_map_append(arena, answer, "id", hn_node_copy(arena, id));
    }
    if (answer) {
        hn_json_write(out, answer, HN_JSON_STRICT);
    } else {
        hn_buffer_text(
            out, "{\"ok\":false,\"error\":{\"status\":\"out_of_memory\",\"message\":\"memory is out\"}}");
    }
}

void hn_answer_failure(hn_arena *arena, const hone_error *err, const hn_node *id, hn_buffer *out)
{
    hn_node *error = hn_node_map(arena);
    error = hn_map_append(arena, error, "status", hn_node_string(arena, hone_status_name(err->status)));
    error = hn_map_append(arena, error, "message", hn_node_string(arena, err->message));
    hn_node *answer = hn_map_append(arena, hn_node_map(arena), "ok", hn_node_bool(arena, false));
    write_answer(arena, hn_map_append(arena, answer, "error", error), id, out);
}

static hone_status perform_and_answer(hone_protocol *protocol, hn_arena *arena, const hn_node *root,
                                      bool *deferred, hn_buffer *out)
{
    hone_error err = {0};
    hn_request request = {
        .protocol = protocol,
        .arena = arena,
        .root = root,
        .answer = hn_map_append(arena, hn_node_map(arena), "ok", hn_node_bool(arena, true)),
        .err = &err,
        .defers = deferred != NULL,
    };
    const hn_node *id = hn_map_get(root, "id");
    hone_status status = perform(&request);
    if (deferred) {
        *deferred = request.deferred;
    }
    hn_protocol_release(protocol, request.held);
    if (status) {
        hn_answer_failure(arena, &err, id, out);
    } else {
        write_answer(arena, request.answer, id, out);
    }
    return status;
}

hone_status hn_protocol_perform(hone_protocol *protocol, hn_arena *arena, const hn_node *root, hn_buffer *out)
{
    return perform_and_answer(protocol, arena, root, NULL, out);
}

hone_status hn_protocol_perform_deferred(hone_protocol *protocol, hn_arena *arena, const hn_node *root,
                                         bool *deferred, hn_buffer *out)
{
    return perform_and_answer(protocol, arena, root, deferred, out);
}

static const char *text_of(const hn_node *root, const char *key)
{
    const hn_node *node = hn_map_get(root, key);
    return node && node->kind == HN_STRING ? node->as.string : NULL;
}

hone_status hn_protocol_settle(hone_protocol *protocol, const hn_node *root, hone_error *err)
{
    const char *name = text_of(root, "study");
    hn_open_study *held = name ? hn_protocol_hold(protocol, text_of(root, "storage"), name) : NULL;
    if (!held) {
        return hn_fail(err, HONE_STORAGE, "the study was closed while it was told");
    }
    hone_status status = hn_study_settle(held->study, err);
    hn_protocol_release(protocol, held);
    return status;
}

void hn_protocol_handle(hone_protocol *protocol, const char *text, size_t size, hn_buffer *out)
{
    hone_error err = {0};
    hn_node *root = NULL;
    if (hn_json_parse(&protocol->arena, "request", text, size, &root, &err)) {
        hn_answer_failure(&protocol->arena, &err, NULL, out);
    } else {
        hn_protocol_perform(protocol, &protocol->arena, root, out);
    }
    hn_buffer_char(out, '\n');
    hn_arena_reset(&protocol->arena);
}

/* --- the stream --- */

static bool is_blank(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (text[i] != ' ' && text[i] != '\t' && text[i] != '\r') {
            return false;
        }
    }
    return true;
}

static hone_status answer_line(hone_protocol *protocol, const char *line, size_t size,
                               const hone_sink *answers, hone_error *err)
{
    if (is_blank(line, size)) {
        return HONE_OK;
    }
    hn_buffer_clear(&protocol->answer);
    hn_protocol_handle(protocol, line, size, &protocol->answer);
    if (hn_buffer_failed(&protocol->answer)) {
        return hn_out_of_memory(err);
    }
    answers->write(answers->user, protocol->answer.data, protocol->answer.size);
    return HONE_OK;
}

static void refuse_long_line(hone_protocol *protocol, const hone_sink *answers)
{
    static const char refusal[] =
        "{\"ok\":false,\"error\":{\"status\":\"limit\",\"message\":\"a request has at most 16777216 "
        "bytes; this line is longer and was skipped\"}}\n";
    _Static_assert(HONE_PROTOCOL_MAX_LINE == 16777216, "the message names the limit");
    answers->write(answers->user, refusal, sizeof refusal - 1);
    hn_buffer_clear(&protocol->line);
    protocol->skipping = true;
}

/* The line ends at `size`: what came before it is in protocol->line. */
static hone_status end_line(hone_protocol *protocol, const char *bytes, size_t size, const hone_sink *answers,
                            hone_error *err)
{
    if (protocol->skipping) {
        protocol->skipping = false;
        return HONE_OK;
    }
    if (protocol->line.size + size > HONE_PROTOCOL_MAX_LINE) {
        refuse_long_line(protocol, answers);
        protocol->skipping = false;
        return HONE_OK;
    }
    if (!protocol->line.size) {
        return answer_line(protocol, bytes, size, answers, err);
    }
    hn_buffer_append(&protocol->line, bytes, size);
    if (hn_buffer_failed(&protocol->line)) {
        return hn_out_of_memory(err);
    }
    hone_status status = answer_line(protocol, protocol->line.data, protocol->line.size, answers, err);
    hn_buffer_clear(&protocol->line);
    return status;
}

hone_status hone_protocol_feed(hone_protocol *protocol, const char *bytes, size_t size,
                               const hone_sink *answers, hone_error *err)
{
    hone_status status = HONE_OK;
    while (size && !status) {
        const char *newline = memchr(bytes, '\n', size);
        size_t piece = newline ? (size_t)(newline - bytes) : size;
        if (newline) {
            status = end_line(protocol, bytes, piece, answers, err);
            piece++;
        } else if (!protocol->skipping && protocol->line.size + piece > HONE_PROTOCOL_MAX_LINE) {
            refuse_long_line(protocol, answers);
        } else if (!protocol->skipping) {
            hn_buffer_append(&protocol->line, bytes, piece);
            status = hn_buffer_failed(&protocol->line) ? hn_out_of_memory(err) : HONE_OK;
        }
        bytes += piece;
        size -= piece;
    }
    return status;
}

hone_status hone_protocol_end(hone_protocol *protocol, const hone_sink *answers, hone_error *err)
{
    return end_line(protocol, "", 0, answers, err);
}

hone_status hone_protocol_create(const char *storage, hone_protocol **protocol, hone_error *err)
{
    hone_protocol *made = hn_calloc(1, sizeof *made);
    if (made) {
        made->storage = hn_strdup(storage ? storage : "sqlite:///hone.db");
    }
    if (!made || !made->storage) {
        hn_free(made);
        return hn_out_of_memory(err);
    }
    pthread_mutex_init(&made->opening, NULL);
    pthread_mutex_init(&made->lock, NULL);
    *protocol = made;
    return HONE_OK;
}

void hone_protocol_destroy(hone_protocol *protocol)
{
    if (!protocol) {
        return;
    }
    while (protocol->n_open) {
        hn_open_study *last = protocol->open[protocol->n_open - 1];
        hn_protocol_close(protocol, hn_protocol_hold(protocol, last->storage, last->name));
        hn_protocol_release(protocol, last);
    }
    pthread_mutex_destroy(&protocol->lock);
    pthread_mutex_destroy(&protocol->opening);
    hn_free(protocol->open);
    hn_arena_release(&protocol->arena);
    hn_buffer_release(&protocol->line);
    hn_buffer_release(&protocol->answer);
    hn_free(protocol->storage);
    hn_free(protocol);
}
