/* What a request of the dashboard says: segments of the path, keys of the query. */
#include <string.h>

#include "app/dashboard.h"
#include "base/number.h"
#include "base/utf8.h"

static int hex(char c)
{
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    const char *at = c ? strchr(digits, c) : NULL;
    return at ? (int)((at - digits) % 16) : -1;
}

static bool is_utf8(const char *text, size_t size)
{
    uint32_t code = 0;
    for (size_t i = 0, n; i < size; i += n) {
        n = hn_utf8_decode(text + i, size - i, &code);
        if (n == 1 && code == 0xFFFD) {
            return false;
        }
    }
    return true;
}

/* RFC 3986, section 2.1; NULL when it is malformed, holds a zero byte, or is no UTF-8. plus: a "+" is a
 * blank, as in a query. */
static const char *decode(hn_arena *arena, const char *text, size_t size, bool plus)
{
    char *out = HN_ARENA_NEW(arena, char, size + 1);
    size_t n = 0;
    for (size_t i = 0; out && i < size; i++) {
        int high = text[i] == '%' && i + 2 < size ? hex(text[i + 1]) : -1;
        int low = high >= 0 ? hex(text[i + 2]) : -1;
        if (text[i] == '%') {
            if (low < 0 || high + low == 0) {
                return NULL;
            }
            out[n++] = (char)(high * 16 + low);
            i += 2;
        } else {
            out[n++] = text[i] == '+' && plus ? ' ' : text[i];
        }
    }
    return out && is_utf8(out, n) ? out : NULL;
}

bool hn_board_read_path(hn_arena *arena, const char *path, const char *segments[HN_BOARD_SEGMENTS])
{
    static const char prefix[] = "/api/";
    if (strncmp(path, prefix, sizeof prefix - 1) != 0) {
        return false;
    }
    path += sizeof prefix - 1;
    for (size_t i = 0; i < HN_BOARD_SEGMENTS; i++) {
        size_t size = strcspn(path, "/");
        segments[i] = decode(arena, path, size, false);
        if (!segments[i] || !path[size]) {
            return segments[i] != NULL;
        }
        path += size + 1;
    }
    return false;
}

const char *hn_board_query(const hn_board_request *request, const char *key, size_t i)
{
    const char *at = request->http->query;
    size_t size = strlen(key);
    while (at && *at) {
        size_t pair = strcspn(at, "&");
        if (pair > size && !strncmp(at, key, size) && at[size] == '=' && !i--) {
            return decode(request->arena, at + size + 1, pair - size - 1, true);
        }
        at += pair + (at[pair] == '&');
    }
    return NULL;
}

hone_status hn_board_query_int(const hn_board_request *request, const char *key, int64_t low, int64_t high,
                               int64_t *value)
{
    const char *text = hn_board_query(request, key, 0);
    int64_t number = 0;
    if (!text) {
        return HONE_OK;
    }
    if (!hn_parse_int(text, strlen(text), &number) || number < low || number > high) {
        return hn_fail(request->err, HONE_INVALID, "%s '%.40s' is not a whole number from %lld to %lld", key,
                       text, (long long)low, (long long)high);
    }
    *value = number;
    return HONE_OK;
}

hone_status hn_board_trial_number(const hn_board_request *request, size_t i, int64_t *number)
{
    const char *text = request->segments[i];
    if (!hn_parse_int(text, strlen(text), number) || *number < 0) {
        return hn_fail(request->err, HONE_INVALID, "'%.40s' is not the number of a trial", text);
    }
    return HONE_OK;
}

void hn_board_set(hn_board_request *request, const char *key, hn_node *value)
{
    request->answer = hn_map_append(request->arena, request->answer, key, value);
}
