/* A study's note, kept as Optuna's dashboard keeps it: system attributes `dashboard:note_ver` (a whole
 * number) and `dashboard:note_str:0`, `:1`, ... (pieces of text). */
#include <stdio.h>
#include <string.h>

#include "app/dashboard.h"
#include "study/study.h"

static const char version_key[] = "dashboard:note_ver";
enum { MOST_PIECES = 1000, PIECE = 1500 /* bytes; 2045 of JSON is what Optuna's tables were made for */ };

static hone_status read_attribute(hn_arena *arena, hone_study *study, const char *key, hn_node **node,
                                  hone_error *err)
{
    const char *json = NULL;
    *node = NULL;
    hn_study_lock(study);
    hone_status status =
        study->ops->study_attribute(study->storage, study->row, key, true, arena, &json, err);
    hn_study_unlock(study);
    if (!status && json && hn_json_parse(arena, key, json, strlen(json), node, NULL)) {
        *node = NULL; /* another tool's */
    }
    return status;
}

static hone_status write_attribute(hn_arena *arena, hone_study *study, const char *key, const hn_node *value,
                                   hone_error *err)
{
    const char *json = hn_node_json(arena, value, HN_JSON_PYTHON);
    if (!json) {
        return hn_out_of_memory(err);
    }
    hn_attribute attribute = {key, json, true};
    hn_study_lock(study);
    hone_status status = study->ops->study_set_attribute(study->storage, study->row, &attribute, err);
    hn_study_unlock(study);
    return status;
}

static const char *piece_key(char key[40], int piece)
{
    snprintf(key, 40, "dashboard:note_str:%d", piece);
    return key;
}

static hone_status read_version(hn_arena *arena, hone_study *study, int64_t *version, hone_error *err)
{
    hn_node *node;
    *version = 0;
    hone_status status = read_attribute(arena, study, version_key, &node, err);
    if (!status && node) {
        hn_node_int(node, version);
    }
    return status;
}

hone_status hn_board_note(hn_arena *arena, hone_study *study, hn_node **note, hone_error *err)
{
    char key[40];
    int64_t version = 0;
    hn_buffer text = HN_BUFFER_INIT;
    hone_status status = read_version(arena, study, &version, err);
    for (int i = 0; !status && version && i < MOST_PIECES; i++) {
        hn_node *piece;
        status = read_attribute(arena, study, piece_key(key, i), &piece, err);
        if (status || !piece || piece->kind != HN_STRING) {
            break;
        }
        hn_buffer_text(&text, piece->as.string);
    }
    hn_node *node =
        hn_map_append(arena, hn_node_map(arena), "text", hn_node_string(arena, hn_buffer_string(&text)));
    node = hn_map_append(arena, node, "version", hn_node_integer(arena, version));
    bool failed = hn_buffer_failed(&text) || !node;
    hn_buffer_release(&text);
    if (status || failed) {
        return status ? status : hn_out_of_memory(err);
    }
    *note = node;
    return HONE_OK;
}

/* Up to PIECE bytes, no character cut. */
static size_t piece_size(const char *text)
{
    size_t size = strnlen(text, PIECE + 1);
    if (size <= PIECE) {
        return size;
    }
    size = PIECE;
    while (size && ((unsigned char)text[size] & 0xC0) == 0x80) {
        size--;
    }
    return size;
}

/* One empty piece behind the text ends it where an earlier one was longer. */
static hone_status write_pieces(hn_board_request *request, hone_study *study, const char *text)
{
    char key[40];
    hone_status status = HONE_OK;
    int piece = 0;
    for (bool more = true; more && !status; piece++) {
        size_t size = piece_size(text);
        hn_node *old = NULL;
        more = size > 0 || piece == 0;
        status = read_attribute(request->arena, study, piece_key(key, piece), &old, request->err);
        if (!status && (more || old)) {
            more = true;
            const char *part = hn_arena_strndup(request->arena, text, size);
            hn_node *value = part ? hn_node_string(request->arena, part) : NULL;
            status = write_attribute(request->arena, study, key, value, request->err);
        }
        text += size;
    }
    return status;
}

hone_status hn_board_set_note(hn_board_request *request)
{
    hone_study *study = request->held->study;
    const hn_node *text = hn_map_get(request->body, "text"), *seen = hn_map_get(request->body, "version");
    int64_t version = 0, base = 0;
    if (!text || text->kind != HN_STRING || !seen || !hn_node_int(seen, &base)) {
        return hn_fail(request->err, HONE_INVALID,
                       "a note is {\"text\": ..., \"version\": the version that was read}");
    }
    if (strlen(text->as.string) > (size_t)PIECE * (MOST_PIECES - 1)) {
        return hn_fail(request->err, HONE_LIMIT, "the note is longer than %d bytes",
                       PIECE * (MOST_PIECES - 1));
    }
    hone_status status = read_version(request->arena, study, &version, request->err);
    if (!status && version != base) {
        status =
            hn_fail(request->err, HONE_CONFLICT, "the note was changed meanwhile (version %lld, not %lld)",
                    (long long)version, (long long)base);
    }
    if (!status) {
        status = write_pieces(request, study, text->as.string);
    }
    if (!status) {
        status = write_attribute(request->arena, study, version_key,
                                 hn_node_integer(request->arena, version + 1), request->err);
    }
    if (!status) {
        status = hn_board_touch(request->held, request->err);
    }
    hn_node *note = NULL;
    status = status ? status : hn_board_note(request->arena, study, &note, request->err);
    if (!status) {
        hn_board_set(request, "note", note);
    }
    return status;
}
