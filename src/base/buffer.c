/* buffer.c: a growable byte string. */
#include "base/buffer.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"

/* Makes room for n more bytes and the NUL. */
static bool reserve(hn_buffer *buffer, size_t n)
{
    if (buffer->failed)
        return false;
    if (n < buffer->capacity && buffer->size < buffer->capacity - n)
        return true;
    size_t wanted;
    if (__builtin_add_overflow(buffer->size, n, &wanted) || wanted >= PTRDIFF_MAX / 2) {
        buffer->failed = true;
        return false;
    }
    size_t capacity = buffer->capacity < 64 ? 64 : buffer->capacity * 2;
    if (capacity < wanted + 1)
        capacity = wanted + 1;
    char *grown = hn_realloc_array(buffer->data, capacity, 1);
    if (grown == NULL) {
        buffer->failed = true;
        return false;
    }
    buffer->data = grown;
    buffer->capacity = capacity;
    return true;
}

void hn_buffer_append(hn_buffer *buffer, const void *bytes, size_t size)
{
    if (!reserve(buffer, size))
        return;
    if (size > 0)
        memcpy(buffer->data + buffer->size, bytes, size);
    buffer->size += size;
    buffer->data[buffer->size] = '\0';
}

char *hn_buffer_space(hn_buffer *buffer, size_t size)
{
    return reserve(buffer, size) ? buffer->data + buffer->size : NULL;
}

void hn_buffer_filled(hn_buffer *buffer, size_t size)
{
    buffer->size += size;
    buffer->data[buffer->size] = '\0';
}

void hn_buffer_text(hn_buffer *buffer, const char *text)
{
    hn_buffer_append(buffer, text, strlen(text));
}

void hn_buffer_char(hn_buffer *buffer, char c)
{
    hn_buffer_append(buffer, &c, 1);
}

void hn_buffer_printf(hn_buffer *buffer, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int size = vsnprintf(NULL, 0, format, arguments);
    if (size < 0) {
        buffer->failed = true;
    } else if (reserve(buffer, (size_t)size)) {
        vsnprintf(buffer->data + buffer->size, (size_t)size + 1, format, again);
        buffer->size += (size_t)size;
    }
    va_end(again);
    va_end(arguments);
}

void hn_buffer_double(hn_buffer *buffer, double value)
{
    char text[HN_NUMBER_SIZE];
    hn_buffer_append(buffer, text, hn_format_double(text, value));
}

void hn_buffer_csv(hn_buffer *buffer, const char *text)
{
    if (!strpbrk(text, ",\"\r\n")) {
        hn_buffer_text(buffer, text);
        return;
    }
    hn_buffer_char(buffer, '"');
    for (; *text; text++) {
        if (*text == '"')
            hn_buffer_char(buffer, '"');
        hn_buffer_char(buffer, *text);
    }
    hn_buffer_char(buffer, '"');
}

void hn_buffer_int(hn_buffer *buffer, long long value)
{
    char text[HN_NUMBER_SIZE], *end = text + sizeof text, *start = end;
    unsigned long long magnitude = value < 0 ? 0 - (unsigned long long)value : (unsigned long long)value;
    do {
        *--start = (char)('0' + magnitude % 10);
        magnitude /= 10;
    } while (magnitude > 0);
    if (value < 0)
        *--start = '-';
    hn_buffer_append(buffer, start, (size_t)(end - start));
}

bool hn_buffer_failed(const hn_buffer *buffer)
{
    return buffer->failed;
}

const char *hn_buffer_string(const hn_buffer *buffer)
{
    return buffer->data == NULL ? "" : buffer->data;
}

char *hn_buffer_take(hn_buffer *buffer)
{
    hn_buffer_append(buffer, "", 0);
    char *data = NULL;
    if (!buffer->failed) {
        data = buffer->data;
        buffer->data = NULL;
    }
    hn_buffer_release(buffer);
    return data;
}

void hn_buffer_clear(hn_buffer *buffer)
{
    buffer->size = 0;
    buffer->failed = false;
    if (buffer->data != NULL)
        buffer->data[0] = '\0';
}

void hn_buffer_consume(hn_buffer *buffer, size_t n)
{
    if (buffer->data == NULL)
        return;
    if (n > buffer->size)
        n = buffer->size;
    memmove(buffer->data, buffer->data + n, buffer->size - n + 1);
    buffer->size -= n;
}

void hn_buffer_release(hn_buffer *buffer)
{
    hn_free(buffer->data);
    *buffer = (hn_buffer)HN_BUFFER_INIT;
}
