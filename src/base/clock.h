/* base/clock.h: time. Thread-safe. */
#ifndef HN_BASE_CLOCK_H
#define HN_BASE_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Nanoseconds since an arbitrary start; never goes back. */
int64_t hn_monotonic_ns(void);
double hn_monotonic_seconds(void);
/* Microseconds since 1970-01-01 UTC. */
int64_t hn_wall_us(void);

enum { HN_DATETIME_SIZE = 27 };
/* "YYYY-MM-DD HH:MM:SS.ffffff", naive UTC, always six digits. */
void hn_format_datetime(char out[HN_DATETIME_SIZE], int64_t wall_us);
/* Reads that form, also with fewer or no fraction digits, and 'T' for the blank. */
bool hn_parse_datetime(const char *text, size_t size, int64_t *wall_us);
void hn_sleep_ms(int64_t ms);

/* Who tells the time. */
typedef struct hn_clock {
    int64_t (*monotonic_ns)(void);
    int64_t (*wall_us)(void);
} hn_clock;

/* For tests: from now on this one, borrowed, in place of the machine's; NULL: the machine's again. */
void hn_clock_use(const hn_clock *clock);

#endif
