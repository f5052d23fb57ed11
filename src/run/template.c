/* Command templates: what they hold once parsed, checking against a space, expanding. Parsing is in
 * template_parse.c. */
#include "run/template.h"

#include <ctype.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "run/template_parts.h"

const char *const hn_template_builtins[] = {"trial",          "seed",        "budget",  "resume_step",
                                            "checkpoint_dir", "params_file", "log_dir", NULL};

static bool is_builtin(const char *name)
{
    for (size_t i = 0; hn_template_builtins[i]; i++) {
        if (!strcmp(hn_template_builtins[i], name)) {
            return true;
        }
    }
    return false;
}

void hn_template_destroy(hn_template *made)
{
    if (made) {
        hn_arena_release(&made->arena);
        hn_free(made);
    }
}

const char *hn_template_variable(const char *name, char out[HN_VARIABLE_SIZE])
{
    const char *prefix = is_builtin(name) ? "HONE_" : "HONE_PARAM_";
    size_t n = strlen(prefix);
    memcpy(out, prefix, n);
    for (; *name && n + 1 < HN_VARIABLE_SIZE; name++) {
        char c = *name;
        bool lower = c >= 'a' && c <= 'z';
        bool kept = (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        out[n++] = lower ? (char)(c - 'a' + 'A') : kept ? c : '_';
    }
    out[n] = '\0';
    return out;
}

const char *hn_value_text(hn_arena *arena, hone_value value)
{
    char number[HN_NUMBER_SIZE];
    switch (value.type) {
    case HONE_BOOL: return value.as.boolean ? "true" : "false";
    case HONE_INT: return hn_arena_printf(arena, "%lld", (long long)value.as.integer);
    case HONE_FLOAT: hn_format_double(number, value.as.real); return hn_arena_strdup(arena, number);
    case HONE_STRING: return hn_arena_strdup(arena, value.as.string);
    case HONE_NULL: break;
    }
    return "null";
}

/* --- checking --- */

static hone_status unknown_name(const hn_template *made, const hn_space *space, const hn_piece *piece,
                                hone_error *err)
{
    enum { MAX_NAMES = 10016 };
    size_t n = 0;
    const char **names = hn_calloc(MAX_NAMES, sizeof *names);
    if (!names) {
        return hn_out_of_memory(err);
    }
    for (size_t i = 0; i < space->count && n < 10000; i++) {
        names[n++] = space->parameters[i].name;
    }
    for (size_t i = 0; hn_template_builtins[i]; i++) {
        names[n++] = hn_template_builtins[i];
    }
    const char *nearest = hn_nearest_name(piece->text, names, n);
    hone_status status =
        nearest
            ? hn_template_fail(err, HONE_NOT_FOUND, made->at, piece->offset,
                               "{%s} is no parameter of the space (did you mean {%s}?)", piece->text, nearest)
            : hn_template_fail(err, HONE_NOT_FOUND, made->at, piece->offset,
                               "{%s} is no parameter of the space; literal braces are written {{ and }}",
                               piece->text);
    hn_free(names);
    return status;
}

static hone_status check_piece(const hn_template *made, const hn_space *space, const hn_word *word,
                               const hn_piece *piece, hone_error *err)
{
    size_t i = hn_space_find(space, piece->text);
    if (is_builtin(piece->text)) {
        return i == SIZE_MAX ? HONE_OK
                             : hn_template_fail(
                                   err, HONE_INVALID, made->at, piece->offset,
                                   "{%s} means hone's own %s, and a parameter has the same name: rename it",
                                   piece->text, piece->text);
    }
    if (i == SIZE_MAX) {
        return unknown_name(made, space, piece, err);
    }
    if (space->parameters[i].when && !word->optional) {
        return hn_template_fail(
            err, HONE_INVALID, made->at, piece->offset,
            "{%s} is inactive unless %s: write it in an optional group, such as [--%s {%s}]", piece->text,
            hn_condition_text(space->parameters[i].when), piece->text, piece->text);
    }
    return HONE_OK;
}

/* Environment variables of the parameters must tell them apart, whether the template names them or not. */
static hone_status check_variables(const hn_template *made, const hn_space *space, hone_error *err)
{
    hn_text_map seen = HN_TEXT_MAP_INIT;
    hone_status status = HONE_OK;
    for (size_t i = 0; i < space->count && !status; i++) {
        char variable[HN_VARIABLE_SIZE];
        const char *name = space->parameters[i].name;
        size_t at = hn_text_map_intern(&seen, hn_template_variable(name, variable));
        if (at == HN_TEXT_MAP_NONE) {
            status = hn_out_of_memory(err);
        } else if (at < i) {
            status =
                hn_fail_at(err, HONE_INVALID, made->at,
                           "the parameters '%s' and '%s' have the same environment variable %s: rename one",
                           space->parameters[at].name, name, variable);
        }
    }
    hn_text_map_release(&seen);
    return status;
}

hone_status hn_template_check(const hn_template *made, const hn_space *space, hone_error *err)
{
    hone_status status = HONE_OK;
    for (size_t w = 0; w < made->n_words && !status; w++) {
        const hn_word *word = &made->words[w];
        for (size_t p = 0; p < word->n_pieces && !status; p++) {
            if (word->pieces[p].placeholder) {
                status = check_piece(made, space, word, &word->pieces[p], err);
            }
        }
    }
    return status ? status : check_variables(made, space, err);
}

/* --- expanding --- */

/* The words of an optional group stand together and share its number. */
static bool group_is_active(const hn_template *made, size_t group, hn_template_value value, void *user)
{
    for (size_t w = 0; w < made->n_words; w++) {
        const hn_word *word = &made->words[w];
        for (size_t p = 0; word->optional == group && p < word->n_pieces; p++) {
            if (word->pieces[p].placeholder && !value(user, word->pieces[p].text)) {
                return false;
            }
        }
    }
    return true;
}

/* What a placeholder becomes in a script: a reference that the shell expands once and never reads as code. */
static void append_reference(hn_buffer *out, const hn_piece *piece)
{
    static const char *const before[] = {"\"${", "'\"${", "${"}, *const after[] = {"}\"", "}\"'", "}"};
    char variable[HN_VARIABLE_SIZE];
    hn_buffer_text(out, before[piece->quote]);
    hn_buffer_text(out, hn_template_variable(piece->text, variable));
    hn_buffer_text(out, after[piece->quote]);
}

static hone_status append_word(const hn_template *made, const hn_word *word, hn_template_value value,
                               void *user, hn_buffer *out, hone_error *err)
{
    for (size_t p = 0; p < word->n_pieces; p++) {
        const hn_piece *piece = &word->pieces[p];
        const char *text = piece->placeholder ? value(user, piece->text) : piece->text;
        if (!text) {
            return hn_template_fail(err, HONE_INVALID, made->at, piece->offset,
                                    "{%s} has no value in this trial: write it in an optional group",
                                    piece->text);
        }
        if (piece->placeholder && made->shell) {
            append_reference(out, piece);
        } else {
            hn_buffer_text(out, text);
        }
    }
    return HONE_OK;
}

static hone_status add_argument(hn_arena *arena, hn_buffer *word, char **argv, size_t *argc, hone_error *err)
{
    char *copy = hn_buffer_failed(word) ? NULL : hn_arena_strndup(arena, hn_buffer_string(word), word->size);
    hn_buffer_clear(word);
    if (!copy) {
        return hn_out_of_memory(err);
    }
    argv[(*argc)++] = copy;
    return HONE_OK;
}

hone_status hn_template_expand(const hn_template *made, hn_template_value value, void *user, hn_arena *arena,
                               char ***argv, size_t *argc, hone_error *err)
{
    size_t n = 0;
    hn_buffer word = HN_BUFFER_INIT;
    hone_status status = HONE_OK;
    char **words = HN_ARENA_NEW(arena, char *, made->n_words + 4);
    if (!words) {
        return hn_out_of_memory(err);
    }
    if (made->shell) {
        words[n++] = (char *)"/bin/sh";
        words[n++] = (char *)"-c";
    }
    for (size_t w = 0; w < made->n_words && !status; w++) {
        const hn_word *at = &made->words[w];
        if (at->optional && !group_is_active(made, at->optional, value, user)) {
            continue;
        }
        status = append_word(made, at, value, user, &word, err);
        if (!status && !made->shell) {
            status = add_argument(arena, &word, words, &n, err);
        }
    }
    if (!status && made->shell) {
        status = add_argument(arena, &word, words, &n, err);
    }
    if (!status) {
        *argv = words;
        *argc = n;
    }
    hn_buffer_release(&word);
    return status;
}
