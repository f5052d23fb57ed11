/* error.c: filling a hone_error, the names of statuses, and "did you mean". */
#define HN_BASE_ERROR_C
#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *hone_status_name(hone_status status)
{
    switch (status) {
#define STATUS_NAME(identifier, value, name, meaning)                                                        \
    case identifier: return name;
        HONE_STATUS_LIST(STATUS_NAME)
#undef STATUS_NAME
    }
    return "unknown";
}

const char *hone_status_meaning(hone_status status)
{
    switch (status) {
#define STATUS_MEANING(identifier, value, name, meaning)                                                     \
    case identifier: return meaning;
        HONE_STATUS_LIST(STATUS_MEANING)
#undef STATUS_MEANING
    }
    return "not a status of hone";
}

/* Cuts a text at `size` bytes without leaving the first half of a UTF-8 sequence. */
static void cut_utf8(char *text, size_t size)
{
    size_t start = size;
    while (start > 0 && ((unsigned char)text[start - 1] & 0xC0) == 0x80)
        start--;
    if (start > 0 && (unsigned char)text[start - 1] >= 0xC0) {
        unsigned char lead = (unsigned char)text[start - 1];
        size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
        if (size - (start - 1) < length)
            size = start - 1;
    }
    text[size] = '\0';
}

static void append(char message[HONE_MESSAGE_SIZE], size_t *used, const char *format, va_list arguments)
{
    size_t room = HONE_MESSAGE_SIZE - *used;
    int wanted = vsnprintf(message + *used, room, format, arguments);
    if (wanted < 0) {
        message[*used] = '\0';
    } else if ((size_t)wanted >= room) {
        *used = HONE_MESSAGE_SIZE - 1;
        cut_utf8(message, *used);
    } else {
        *used += (size_t)wanted;
    }
}

__attribute__((format(printf, 3, 4))) static void append_text(char message[HONE_MESSAGE_SIZE], size_t *used,
                                                              const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    append(message, used, format, arguments);
    va_end(arguments);
}

/* The arguments of a message may point into the error that it replaces: it is composed apart, then copied. */
static void fill(hone_error *err, hone_status status, const char *message, hn_position at, int detail)
{
    memcpy(err->message, message, strlen(message) + 1);
    err->status = status;
    err->detail = detail;
    err->line = at.line;
    err->column = at.column;
    err->byte = at.byte;
}

hone_status hn_fail(hone_error *err, hone_status status, const char *format, ...)
{
    if (err == NULL)
        return status;
    char message[HONE_MESSAGE_SIZE] = "";
    size_t used = 0;
    va_list arguments;
    va_start(arguments, format);
    append(message, &used, format, arguments);
    va_end(arguments);
    fill(err, status, message, (hn_position){0}, 0);
    return status;
}

hone_status hn_fail_at(hone_error *err, hone_status status, hn_position at, const char *format, ...)
{
    if (err == NULL)
        return status;
    char message[HONE_MESSAGE_SIZE] = "";
    size_t used = 0;
    if (at.source != NULL)
        append_text(message, &used, "%s:", at.source);
    if (at.line > 0)
        append_text(message, &used, at.column > 0 ? "%d:%d:" : "%d:", at.line, at.column);
    if (used > 0)
        append_text(message, &used, " ");
    va_list arguments;
    va_start(arguments, format);
    append(message, &used, format, arguments);
    va_end(arguments);
    fill(err, status, message, at, 0);
    return status;
}

hone_status hn_fail_errno(hone_error *err, hone_status status, const char *format, ...)
{
    int code = errno;
    if (err == NULL)
        return status;
    char message[HONE_MESSAGE_SIZE] = "";
    size_t used = 0;
    va_list arguments;
    va_start(arguments, format);
    append(message, &used, format, arguments);
    va_end(arguments);
    const char *reason = strerrordesc_np(code); /* unlike strerror, the same in every locale */
    if (reason != NULL)
        append_text(message, &used, ": %s", reason);
    else
        append_text(message, &used, ": error %d", code);
    fill(err, status, message, (hn_position){0}, code);
    return status;
}

hone_status hn_fail_within(hone_error *err, hone_status status, const char *format, ...)
{
    if (err == NULL)
        return status;
    char message[HONE_MESSAGE_SIZE] = "";
    size_t used = 0;
    va_list arguments;
    va_start(arguments, format);
    append(message, &used, format, arguments);
    va_end(arguments);
    append_text(message, &used, ": %s", err->message);
    memcpy(err->message, message, strlen(message) + 1);
    return err->status;
}

hone_status hn_out_of_memory(hone_error *err)
{
    return hn_fail(err, HONE_OUT_OF_MEMORY, "out of memory");
}

enum { NAME_MAX_LENGTH = 63 };

/* Insertions, deletions, substitutions and swaps of neighbours that turn a into b (Damerau 1964, Levenshtein
 * 1966; optimal string alignment). Both at most NAME_MAX_LENGTH bytes. */
static size_t edit_distance(const char *a, size_t n, const char *b, size_t m)
{
    size_t rows[3][NAME_MAX_LENGTH + 1];
    for (size_t j = 0; j <= m; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= n; i++) {
        size_t *row = rows[i % 3], *previous = rows[(i - 1) % 3], *before = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= m; j++) {
            size_t best = previous[j - 1] + (a[i - 1] != b[j - 1]);
            if (previous[j] + 1 < best)
                best = previous[j] + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && before[j - 2] + 1 < best)
                best = before[j - 2] + 1;
            row[j] = best;
        }
    }
    return rows[n % 3][m];
}

const char *hn_nearest_name(const char *name, const char *const *candidates, size_t n)
{
    size_t length = strlen(name);
    if (length == 0 || length > NAME_MAX_LENGTH)
        return NULL;
    size_t nearest = (length / 3 > 1 ? length / 3 : 1) + 1;
    const char *found = NULL;
    for (size_t i = 0; i < n; i++) {
        size_t size = strlen(candidates[i]);
        if (size > NAME_MAX_LENGTH)
            continue;
        size_t distance = edit_distance(name, length, candidates[i], size);
        if (distance < nearest) {
            nearest = distance;
            found = candidates[i];
        }
    }
    return found;
}
