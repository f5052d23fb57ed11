/* http/guard.h: who may ask: names of hosts, origins, and how often. Pure but for the rates, which belong to
 * one thread at a time.
 */
#ifndef HN_HTTP_GUARD_H
#define HN_HTTP_GUARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* May the header field Host be this? A page of a foreign name that resolves to this machine (DNS rebinding)
 * sends that name: so addresses, localhost, the machine's own name and the names given are fine, others are
 * not. */
bool hn_host_is_ours(const char *host, const char *const *names, size_t n);
/* Does a page of this origin belong to that Host? "null" does not. */
bool hn_origin_is_ours(const char *origin, const char *host);
/* "127.0.0.1", "::1", "127.8.0.1". */
bool hn_address_is_loopback(const char *address);

/* Token buckets by client: each holds as many requests as a second allows. Clients beyond the table's size
 * share. */
enum { HN_RATE_BUCKETS = 4096 };

typedef struct hn_rate {
    double per_second; /* 0 = no limit */
    struct {
        double level;
        int64_t last_ns; /* 0 = never used */
    } buckets[HN_RATE_BUCKETS];
} hn_rate;

/* Counts one request of the client; false when it has to wait. */
bool hn_rate_take(hn_rate *rate, const char *client, int64_t now_ns);

#endif
