#include "http/guard.h"

#include <string.h>
#include <strings.h>

#include "base/os_system.h"
#include "base/text_map.h"

/* --- names --- */

/* The name without ":port"; 0 when it is none. */
static size_t name_size(const char *host)
{
    size_t size = host[0] == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":");
    if (size > strlen(host)) {
        return 0; /* "[" without "]" */
    }
    const char *port = host + size;
    bool fits = !*port || (*port == ':' && strspn(port + 1, "0123456789") == strlen(port + 1));
    return fits ? size : 0;
}

/* Digits and dots, or anything in brackets: names of the kind that can be made to lead elsewhere have letters
 * outside of brackets. */
static bool is_address(const char *host, size_t size)
{
    return host[0] == '[' ? strspn(host + 1, "0123456789abcdefABCDEF:.") == size - 2
                          : strspn(host, "0123456789.") >= size;
}

static bool is_name(const char *host, size_t size, const char *name)
{
    return strlen(name) == size && strncasecmp(host, name, size) == 0;
}

bool hn_host_is_ours(const char *host, const char *const *names, size_t n)
{
    size_t size = name_size(host);
    if (!size) {
        return false;
    }
    bool known =
        is_address(host, size) || is_name(host, size, "localhost") || is_name(host, size, hn_host_name());
    for (size_t i = 0; i < n && !known; i++) {
        known = is_name(host, size, names[i]);
    }
    return known;
}

bool hn_origin_is_ours(const char *origin, const char *host)
{
    const char *authority = strstr(origin, "://");
    return authority && strcasecmp(authority + 3, host) == 0;
}

bool hn_address_is_loopback(const char *address)
{
    return strncmp(address, "127.", 4) == 0 || strcmp(address, "::1") == 0;
}

/* --- rates --- */

bool hn_rate_take(hn_rate *rate, const char *client, int64_t now_ns)
{
    if (rate->per_second <= 0) {
        return true;
    }
    size_t at = hn_hash_bytes(client, strlen(client), 0) % HN_RATE_BUCKETS;
    double most = rate->per_second < 1 ? 1 : rate->per_second;
    double level = rate->buckets[at].level;
    if (!rate->buckets[at].last_ns) {
        level = most;
    } else {
        level += (double)(now_ns - rate->buckets[at].last_ns) * 1e-9 * rate->per_second;
    }
    level = level < most ? level : most;
    bool allowed = level >= 1;
    rate->buckets[at].level = allowed ? level - 1 : level;
    rate->buckets[at].last_ns = now_ns;
    return allowed;
}
