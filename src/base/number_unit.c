/* number_unit.c: durations and bytes with their units, read and written. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/number.h"

/* --- reading --- */

/* The longest unsigned decimal at the start of text: its length (0 when there is none) and value. */
static size_t leading_number(const char *text, size_t size, double *value)
{
    size_t n = 0;
    while (n < size && ((text[n] >= '0' && text[n] <= '9') || text[n] == '.'))
        n++;
    return n > 0 && hn_parse_double(text, n, false, value) ? n : 0;
}

static bool names_unit(const char *text, size_t size, const char *unit)
{
    return strlen(unit) == size && memcmp(text, unit, size) == 0;
}

/* Bare numbers are seconds. Units go from large to small, each at most once. */
bool hn_parse_duration(const char *text, size_t size, double *seconds)
{
    static const struct {
        const char *name;
        double seconds;
    } units[] = {{"d", 86400}, {"h", 3600}, {"m", 60}, {"s", 1}, {"ms", 1e-3}};
    enum { N_UNITS = sizeof units / sizeof units[0] };

    double total = 0;
    if (size > 0 && text[0] != '-' && text[0] != '+' && hn_parse_double(text, size, false, &total)) {
        if (isfinite(total))
            *seconds = total;
        return isfinite(total);
    }
    size_t i = 0, next_unit = 0;
    total = 0;
    while (i < size) {
        double number = 0;
        size_t n = leading_number(text + i, size - i, &number), length = 0;
        if (n == 0)
            return false;
        i += n;
        while (i + length < size && text[i + length] >= 'a' && text[i + length] <= 'z')
            length++;
        while (next_unit < N_UNITS && !names_unit(text + i, length, units[next_unit].name))
            next_unit++;
        if (next_unit == N_UNITS)
            return false;
        total += number * units[next_unit++].seconds;
        i += length;
    }
    if (size == 0 || !isfinite(total))
        return false;
    *seconds = total;
    return true;
}

bool hn_parse_bytes(const char *text, size_t size, uint64_t *bytes)
{
    static const char *const prefixes = "kmgt";
    double number = 0, factor = 1;
    size_t i = leading_number(text, size, &number);
    if (i == 0)
        return false;
    if (i < size && text[i] != 'B') {
        char lower = text[i] >= 'A' && text[i] <= 'Z' ? (char)(text[i] - 'A' + 'a') : text[i];
        const char *prefix = lower == '\0' ? NULL : strchr(prefixes, lower);
        if (prefix == NULL)
            return false;
        factor = ldexp(1.0, 10 * (int)(prefix - prefixes + 1));
        i++;
        if (size - i == 2 && text[i] == 'i' && text[i + 1] == 'B')
            i++;
    }
    if (i < size && text[i] == 'B')
        i++;
    double total = floor(number * factor);
    if (i != size || !(total < 0x1p64))
        return false;
    *bytes = (uint64_t)total;
    return true;
}

/* --- writing --- */

size_t hn_format_duration(char out[HN_NUMBER_SIZE], double seconds)
{
    if (!(seconds >= 0) || seconds > 1e15)
        return (size_t)snprintf(out, HN_NUMBER_SIZE, "?");
    if (seconds < 59.5) {
        bool in_ms = seconds > 0 && seconds < 0.0995;
        double shown = in_ms ? seconds * 1e3 : seconds;
        size_t size = hn_format_short(out, shown >= 10 ? floor(shown + 0.5) : shown, 2);
        memcpy(out + size, in_ms ? " ms" : " s", 4 - !in_ms);
        return size + 3 - !in_ms;
    }
    static const struct {
        uint64_t seconds;
        const char *name;
    } units[] = {{86400, "d"}, {3600, "h"}, {60, "min"}, {1, "s"}};
    uint64_t whole = (uint64_t)(seconds + 0.5);
    size_t unit = whole >= 86400 ? 0 : whole >= 3600 ? 1 : 2;
    uint64_t minor = whole % units[unit].seconds / units[unit + 1].seconds;
    int size = snprintf(out, HN_NUMBER_SIZE, "%llu %s", (unsigned long long)(whole / units[unit].seconds),
                        units[unit].name);
    if (minor > 0)
        size += snprintf(out + size, HN_NUMBER_SIZE - (size_t)size, " %llu %s", (unsigned long long)minor,
                         units[unit + 1].name);
    return (size_t)size;
}
