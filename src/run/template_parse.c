/* Reading command templates: splitting into words, placeholders, optional groups. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "run/template_parts.h"

enum { MAX_TEMPLATE_SIZE = 1 << 20 };

hone_status hn_template_fail(hone_error *err, hone_status status, hn_position at, size_t offset,
                             const char *format, ...)
{
    char message[HONE_MESSAGE_SIZE - 128];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    hn_fail_at(err, status, at, "command, at character %zu: %s", offset + 1, message);
    if (err && !at.line) {
        err->byte = offset;
        err->column = (int)offset + 1;
    }
    return status;
}

/* --- building --- */

/* Growing arrays live in the arena: what is outgrown stays until the template goes, at most twice the
 * size. */
static void *grown(hn_arena *arena, void *items, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity) {
        return items;
    }
    size_t wanted = *capacity ? 2 * *capacity : 8;
    void *larger = hn_arena_alloc(arena, wanted, size);
    if (larger && count) {
        memcpy(larger, items, count * size);
    }
    if (larger) {
        *capacity = wanted;
    }
    return larger;
}

typedef struct reader {
    hn_template *made;
    const char *text;
    size_t size, at;
    hn_quote quote;
    hn_buffer literal; /* of the word being read, not a piece yet */
    bool in_word;      /* quotes make a word even of nothing */
    bool plain;        /* the word has had no quote or backslash */
    hn_word word;
    int expansions; /* of a script: depth of ${ ... */
    bool grouping;  /* of a script: the word began with a bracket */
    size_t groups;
    hone_error *err;
} reader;

static hone_status add_piece(reader *read, hn_piece piece)
{
    hn_word *word = &read->word;
    hn_piece *pieces = grown(&read->made->arena, word->pieces, word->n_pieces, &word->capacity, sizeof piece);
    if (!pieces || !piece.text) {
        return hn_out_of_memory(read->err);
    }
    word->pieces = pieces;
    word->pieces[word->n_pieces++] = piece;
    return HONE_OK;
}

static hone_status end_literal(reader *read)
{
    if (hn_buffer_failed(&read->literal)) {
        return hn_out_of_memory(read->err);
    }
    if (!read->literal.size) {
        return HONE_OK;
    }
    hn_piece piece = {.text = hn_arena_strndup(&read->made->arena, read->literal.data, read->literal.size)};
    hn_buffer_clear(&read->literal);
    return add_piece(read, piece);
}

static hone_status end_word(reader *read)
{
    hone_status status = end_literal(read);
    hn_template *made = read->made;
    if (status) {
        return status;
    }
    hn_word *words = grown(&made->arena, made->words, made->n_words, &made->capacity, sizeof *words);
    if (!words) {
        return hn_out_of_memory(read->err);
    }
    made->words = words;
    made->words[made->n_words++] = read->word;
    read->word = (hn_word){0};
    read->in_word = false;
    return HONE_OK;
}

/* At `{`: a placeholder, or the first of two literal braces. */
static hone_status read_brace(reader *read)
{
    if (read->at + 1 < read->size && read->text[read->at + 1] == '{') {
        hn_buffer_char(&read->literal, '{');
        read->at += 2;
        return HONE_OK;
    }
    const char *name = read->text + read->at + 1;
    size_t length = strcspn(name, "{}\n");
    if (name[length] != '}' || !length) {
        return hn_template_fail(read->err, HONE_PARSE, read->made->at, read->at,
                                "this brace is not closed as {name}; a literal brace is written {{");
    }
    hone_status status = end_literal(read);
    if (!status) {
        status = add_piece(read, (hn_piece){.placeholder = true,
                                            .text = hn_arena_strndup(&read->made->arena, name, length),
                                            .offset = read->at,
                                            .quote = read->quote});
    }
    read->at += length + 2;
    return status;
}

static hone_status read_closing_brace(reader *read)
{
    if (read->at + 1 >= read->size || read->text[read->at + 1] != '}') {
        return hn_template_fail(read->err, HONE_PARSE, read->made->at, read->at,
                                "this brace closes nothing; a literal brace is written }}");
    }
    hn_buffer_char(&read->literal, '}');
    read->at += 2;
    return HONE_OK;
}

/* --- splitting as a shell would --- */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* A shell would read these as more than a word; passing them on as arguments is never what was meant. */
static hone_status refuse_operator(reader *read, size_t begin, size_t size)
{
    static const char *const operators[] = {"|",  "||", "&",    "&&", ";",  "<", ">",
                                            ">>", "2>", "2>&1", "<<", "|&", "&>"};
    for (size_t i = 0; read->plain && i < sizeof operators / sizeof *operators; i++) {
        if (strlen(operators[i]) == size && !memcmp(operators[i], read->text + begin, size)) {
            return hn_template_fail(
                read->err, HONE_INVALID, read->made->at, begin,
                "the command is run without a shell, so '%s' would be an argument: quote it if that "
                "is meant, or set shell: true",
                operators[i]);
        }
    }
    return HONE_OK;
}

static void read_backslash(reader *read)
{
    char next = read->at + 1 < read->size ? read->text[read->at + 1] : '\0';
    bool keeps = read->quote == HN_QUOTE_DOUBLE && !strchr("$`\"\\\n{}", next);
    if (!next || keeps) {
        hn_buffer_char(&read->literal, '\\');
        read->at++;
        return;
    }
    if (next != '\n') {
        hn_buffer_char(&read->literal, next);
    }
    read->at += 2;
}

/* One character of a word, or more. */
static hone_status read_character(reader *read)
{
    char c = read->text[read->at];
    char mark = read->quote == HN_QUOTE_SINGLE ? '\'' : '"';
    read->in_word = true;
    if (read->quote != HN_QUOTE_NONE && c == mark) {
        read->quote = HN_QUOTE_NONE;
        read->at++;
    } else if (read->quote == HN_QUOTE_NONE && (c == '\'' || c == '"')) {
        read->quote = c == '"' ? HN_QUOTE_DOUBLE : HN_QUOTE_SINGLE;
        read->plain = false;
        read->at++;
    } else if (read->quote != HN_QUOTE_SINGLE && c == '\\') {
        read->plain = false;
        read_backslash(read);
        return HONE_OK;
    } else if (c == '{') {
        return read_brace(read);
    } else if (c == '}') {
        return read_closing_brace(read);
    } else {
        hn_buffer_char(&read->literal, c);
        read->at++;
    }
    return HONE_OK;
}

static hone_status read_word(reader *read)
{
    size_t begin = read->at;
    hone_status status = HONE_OK;
    read->word.opens = read->text[begin] == '[';
    read->plain = true;
    while (!status && read->at < read->size &&
           (read->quote != HN_QUOTE_NONE || !is_blank(read->text[read->at]))) {
        bool bracket = read->quote == HN_QUOTE_NONE && read->text[read->at] == ']';
        status = read_character(read);
        read->word.closes = bracket;
    }
    if (!status && read->quote != HN_QUOTE_NONE) {
        status = hn_template_fail(read->err, HONE_PARSE, read->made->at, begin,
                                  "the quote in this word is not closed");
    }
    if (!status) {
        status = refuse_operator(read, begin, read->at - begin);
    }
    return status ? status : end_word(read);
}

/* --- optional groups --- */

static bool has_placeholder(const hn_word *words, size_t first, size_t last)
{
    for (size_t w = first; w <= last; w++) {
        for (size_t p = 0; p < words[w].n_pieces; p++) {
            if (words[w].pieces[p].placeholder) {
                return true;
            }
        }
    }
    return false;
}

/* Takes the bracket off a word's literal; an emptied word has no pieces left. */
static void strip_opening(hn_word *word)
{
    word->pieces[0].text++;
    if (!*word->pieces[0].text) {
        word->pieces++;
        word->n_pieces--;
        word->capacity--;
    }
}

static void strip_closing(hn_word *word)
{
    char *text = (char *)word->pieces[word->n_pieces - 1].text;
    text[strlen(text) - 1] = '\0';
    if (!*text) {
        word->n_pieces--;
    }
}

/* Numbers the groups, takes their brackets off and drops words that were nothing but a bracket. */
static void mark_groups(hn_template *made)
{
    size_t groups = 0, kept = 0;
    for (size_t w = 0; w < made->n_words; w++) {
        size_t last = w;
        while (made->words[w].opens && last < made->n_words && !made->words[last].closes) {
            last++;
        }
        bool group = made->words[w].opens && last < made->n_words && has_placeholder(made->words, w, last);
        if (!group) {
            continue;
        }
        groups++;
        for (size_t i = w; i <= last; i++) {
            made->words[i].optional = groups;
        }
        strip_opening(&made->words[w]);
        strip_closing(&made->words[last]);
        w = last;
    }
    for (size_t w = 0; w < made->n_words; w++) {
        if (!made->words[w].optional || made->words[w].n_pieces) {
            made->words[kept++] = made->words[w];
        }
    }
    made->n_words = kept;
}

/* --- scripts --- */

/* Ends the stretch before an optional group or the group itself. */
static hone_status end_stretch(reader *read, bool is_group)
{
    read->grouping = false;
    if (is_group) {
        hone_status status = end_literal(read);
        if (status) {
            return status;
        }
        strip_opening(&read->word);
        strip_closing(&read->word);
        read->word.optional = ++read->groups;
    }
    return end_word(read);
}

/* Braces of the shell's own: ${name}, and { as the word that begins a group of commands. */
static bool is_shell_brace(const reader *read)
{
    char c = read->text[read->at], next = read->at + 1 < read->size ? read->text[read->at + 1] : '\0';
    if (c == '{') {
        return (read->at && read->text[read->at - 1] == '$') || !next || is_blank(next);
    }
    return read->expansions || next != '}';
}

static void copy_shell_character(reader *read)
{
    char c = read->text[read->at];
    if (c == '\\' && read->quote != HN_QUOTE_SINGLE && read->at + 1 < read->size) {
        hn_buffer_char(&read->literal, c);
        c = read->text[++read->at];
    } else if (c == '\'' && read->quote != HN_QUOTE_DOUBLE) {
        read->quote = read->quote == HN_QUOTE_NONE ? HN_QUOTE_SINGLE : HN_QUOTE_NONE;
    } else if (c == '"' && read->quote != HN_QUOTE_SINGLE) {
        read->quote = read->quote == HN_QUOTE_NONE ? HN_QUOTE_DOUBLE : HN_QUOTE_NONE;
    } else if (c == '{') {
        read->expansions += read->at && read->text[read->at - 1] == '$';
    } else if (c == '}' && read->expansions) {
        read->expansions--;
    }
    hn_buffer_char(&read->literal, c);
    read->at++;
}

static hone_status read_script_character(reader *read)
{
    char c = read->text[read->at], next = read->at + 1 < read->size ? read->text[read->at + 1] : '\0';
    bool open = read->quote == HN_QUOTE_NONE;
    bool begins = !read->at || is_blank(read->text[read->at - 1]);
    hone_status status = HONE_OK;
    if (open && begins && c == '[' && next && !is_blank(next) && read->in_word) {
        status = end_stretch(read, false);
    }
    read->in_word = true;
    if (open && begins && c == '[' && next && !is_blank(next)) {
        read->grouping = true;
    }
    if (status) {
        return status;
    }
    if (c == '{' && !is_shell_brace(read)) {
        return read_brace(read);
    }
    if (c == '}' && !is_shell_brace(read)) {
        return read_closing_brace(read);
    }
    copy_shell_character(read);
    if (open && c == ']' && read->grouping && (!next || is_blank(next))) {
        bool is_group = has_placeholder(&read->word, 0, 0);
        status = is_group ? end_stretch(read, true) : HONE_OK;
        read->grouping = false;
    }
    return status;
}

/* --- the three ways in --- */

static hone_status begin(reader *read, const char *text, hn_position at, hone_error *err)
{
    *read = (reader){.text = text, .size = strlen(text), .err = err};
    if (read->size > MAX_TEMPLATE_SIZE) {
        return hn_fail_at(err, HONE_LIMIT, at, "the command has %zu bytes; at most %d are allowed",
                          read->size, MAX_TEMPLATE_SIZE);
    }
    read->made = hn_calloc(1, sizeof *read->made);
    if (!read->made) {
        return hn_out_of_memory(err);
    }
    read->made->at = at;
    return HONE_OK;
}

static hone_status finish(reader *read, hone_status status, hn_template **made)
{
    if (!status && !read->made->n_words) {
        status = hn_fail_at(read->err, HONE_INVALID, read->made->at,
                            "the command is empty: name the program to run");
    }
    hn_buffer_release(&read->literal);
    if (status) {
        hn_template_destroy(read->made);
    } else {
        *made = read->made;
    }
    return status;
}

hone_status hn_template_from_string(const char *text, hn_position at, hn_template **made, hone_error *err)
{
    reader read;
    hone_status status = begin(&read, text, at, err);
    while (!status && read.at < read.size) {
        if (is_blank(text[read.at])) {
            read.at++;
        } else {
            status = read_word(&read);
        }
    }
    if (!status) {
        mark_groups(read.made);
    }
    return finish(&read, status, made);
}

hone_status hn_template_from_list(const char *const *words, size_t n, hn_position at, hn_template **made,
                                  hone_error *err)
{
    reader read;
    hone_status status = begin(&read, "", at, err);
    for (size_t i = 0; i < n && !status; i++) {
        read.text = words[i];
        read.size = strlen(words[i]);
        read.at = 0;
        read.word.opens = !strcmp(words[i], "[");
        read.word.closes = !strcmp(words[i], "]");
        while (!status && read.at < read.size) {
            char c = words[i][read.at];
            if (c == '{') {
                status = read_brace(&read);
            } else if (c == '}') {
                status = read_closing_brace(&read);
            } else {
                hn_buffer_char(&read.literal, c);
                read.at++;
            }
        }
        if (!status) {
            status = end_word(&read);
        }
    }
    if (!status) {
        mark_groups(read.made);
    }
    return finish(&read, status, made);
}

hone_status hn_template_from_shell(const char *text, hn_position at, hn_template **made, hone_error *err)
{
    reader read;
    hone_status status = begin(&read, text, at, err);
    if (!status) {
        read.made->shell = true;
    }
    while (!status && read.at < read.size) {
        status = read_script_character(&read);
    }
    if (!status && read.in_word) {
        status = end_word(&read);
    }
    return finish(&read, status, made);
}
