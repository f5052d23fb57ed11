/* The widths of characters, after Unicode 15: general categories Mn and Me are 0 wide, East_Asian_Width W and
 * F are 2. */
#include "view/width.h"

#include <string.h>

#include "base/utf8.h"

typedef struct range {
    uint32_t first, last;
} range;

/* Ranges are ascending. Scripts whose marks change no layout of a table are gathered into one range. */
static const range zero[] = {
    {0x0300, 0x036f}, {0x0483, 0x0489},   {0x0591, 0x05bd},   {0x0610, 0x061a}, {0x064b, 0x065f},
    {0x0900, 0x0902}, {0x093c, 0x093c},   {0x0941, 0x0948},   {0x0e31, 0x0e31}, {0x0e34, 0x0e3a},
    {0x0e47, 0x0e4e}, {0x1ab0, 0x1aff},   {0x1dc0, 0x1dff},   {0x200b, 0x200f}, {0x2028, 0x202e},
    {0x2060, 0x2064}, {0x20d0, 0x20f0},   {0x3099, 0x309a},   {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f},
    {0xfeff, 0xfeff}, {0x1f3fb, 0x1f3ff}, {0xe0100, 0xe01ef},
};

static const range wide[] = {
    {0x1100, 0x115f},   {0x231a, 0x231b},   {0x2329, 0x232a},   {0x23e9, 0x23ec},   {0x23f0, 0x23f0},
    {0x23f3, 0x23f3},   {0x25fd, 0x25fe},   {0x2614, 0x2615},   {0x2648, 0x2653},   {0x267f, 0x267f},
    {0x2693, 0x2693},   {0x26a1, 0x26a1},   {0x26aa, 0x26ab},   {0x26bd, 0x26be},   {0x26c4, 0x26c5},
    {0x26ce, 0x26ce},   {0x26d4, 0x26d4},   {0x26ea, 0x26ea},   {0x26f2, 0x26f3},   {0x26f5, 0x26f5},
    {0x26fa, 0x26fa},   {0x26fd, 0x26fd},   {0x2705, 0x2705},   {0x270a, 0x270b},   {0x2728, 0x2728},
    {0x274c, 0x274c},   {0x274e, 0x274e},   {0x2753, 0x2755},   {0x2757, 0x2757},   {0x2795, 0x2797},
    {0x27b0, 0x27b0},   {0x27bf, 0x27bf},   {0x2b1b, 0x2b1c},   {0x2b50, 0x2b50},   {0x2b55, 0x2b55},
    {0x2e80, 0x303e},   {0x3041, 0x33ff},   {0x3400, 0x4dbf},   {0x4e00, 0x9fff},   {0xa000, 0xa4cf},
    {0xa960, 0xa97c},   {0xac00, 0xd7a3},   {0xf900, 0xfaff},   {0xfe10, 0xfe19},   {0xfe30, 0xfe6b},
    {0xff01, 0xff60},   {0xffe0, 0xffe6},   {0x16fe0, 0x18aff}, {0x1b000, 0x1b2ff}, {0x1f004, 0x1f004},
    {0x1f0cf, 0x1f0cf}, {0x1f18e, 0x1f18e}, {0x1f191, 0x1f19a}, {0x1f200, 0x1f320}, {0x1f32d, 0x1f335},
    {0x1f337, 0x1f37c}, {0x1f37e, 0x1f393}, {0x1f3a0, 0x1f3ca}, {0x1f3cf, 0x1f3d3}, {0x1f3e0, 0x1f3f0},
    {0x1f3f4, 0x1f3f4}, {0x1f3f8, 0x1f43e}, {0x1f440, 0x1f440}, {0x1f442, 0x1f4fc}, {0x1f4ff, 0x1f53d},
    {0x1f54b, 0x1f54e}, {0x1f550, 0x1f567}, {0x1f57a, 0x1f57a}, {0x1f595, 0x1f596}, {0x1f5a4, 0x1f5a4},
    {0x1f5fb, 0x1f64f}, {0x1f680, 0x1f6c5}, {0x1f6cc, 0x1f6cc}, {0x1f6d0, 0x1f6d2}, {0x1f6d5, 0x1f6d7},
    {0x1f6dc, 0x1f6df}, {0x1f6eb, 0x1f6ec}, {0x1f6f4, 0x1f6fc}, {0x1f7e0, 0x1f7eb}, {0x1f90c, 0x1f93a},
    {0x1f93c, 0x1f945}, {0x1f947, 0x1f9ff}, {0x1fa70, 0x1faff}, {0x20000, 0x3fffd},
};

static int contains(const range *ranges, size_t n, uint32_t code)
{
    size_t low = 0, high = n;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (code > ranges[middle].last) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < n && code >= ranges[low].first;
}

int hn_code_width(uint32_t code)
{
    if (code < 0x300) {
        return 1;
    }
    if (contains(zero, sizeof zero / sizeof *zero, code)) {
        return 0;
    }
    return contains(wide, sizeof wide / sizeof *wide, code) ? 2 : 1;
}

size_t hn_text_width(const char *text)
{
    size_t width = 0, left = strlen(text);
    while (left) {
        uint32_t code;
        size_t size = hn_utf8_decode(text, left, &code);
        width += (size_t)hn_code_width(code);
        text += size;
        left -= size;
    }
    return width;
}

size_t hn_text_fit(const char *text, size_t width)
{
    size_t used = 0, at = 0, length = strlen(text);
    while (at < length) {
        uint32_t code;
        size_t size = hn_utf8_decode(text + at, length - at, &code);
        used += (size_t)hn_code_width(code);
        if (used > width) {
            break;
        }
        at += size;
    }
    return at;
}

void hn_text_wrap(hn_buffer *out, const char *text, size_t indent, size_t width)
{
    size_t at = indent;
    for (const char *word = text + strspn(text, " \n"); *word;) {
        size_t size = strcspn(word, " \n"), columns = 0;
        for (size_t i = 0; i < size;) {
            uint32_t code;
            i += hn_utf8_decode(word + i, size - i, &code);
            columns += (size_t)hn_code_width(code);
        }
        bool first = at == indent;
        if (!first && at + 1 + columns > width) {
            hn_buffer_printf(out, "\n%*s", (int)indent, "");
            at = indent;
        } else if (!first) {
            hn_buffer_char(out, ' ');
            at++;
        }
        hn_buffer_append(out, word, size);
        at += columns;
        word += size;
        word += strspn(word, " \n");
    }
    hn_buffer_char(out, '\n');
}

void hn_text_clean(hn_buffer *out, const char *text)
{
    for (size_t left = strlen(text); left;) {
        uint32_t code;
        size_t size = hn_utf8_decode(text, left, &code);
        if (code < 0x20 || (code >= 0x7f && code < 0xa0)) {
            hn_buffer_char(out, ' ');
        } else if (code == 0xfffd) {
            hn_buffer_text(out, "\xef\xbf\xbd");
        } else {
            hn_buffer_append(out, text, size);
        }
        text += size;
        left -= size;
    }
}
