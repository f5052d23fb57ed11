/* base/error.h: filling a hone_error. All accept err == NULL and return the status, so that failing is one
 * statement: return hn_fail(err, HONE_INVALID, "low %s is above high %s", ...); */
#ifndef HN_BASE_ERROR_H
#define HN_BASE_ERROR_H

#include "hone/status.h"

/* Where a node stood in the text it was read from. source is borrowed (a file name or "-p"); line 0 =
 * unknown. */
typedef struct hn_position {
    const char *source;
    int line, column; /* 1-based */
    size_t byte;
} hn_position;

hone_status hn_fail(hone_error *err, hone_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* As hn_fail, with the message prefixed "source:line:column: " as far as these are known. */
hone_status hn_fail_at(hone_error *err, hone_status status, hn_position at, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Uses the current errno: message "<what>: <strerror>", detail errno. */
hone_status hn_fail_errno(hone_error *err, hone_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Puts "prefix: " before the message of an error that is already set; returns err->status (or status if err
 * is NULL). */
hone_status hn_fail_within(hone_error *err, hone_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

hone_status hn_out_of_memory(hone_error *err);

/* Appends " (did you mean 'x'?)" material: the candidate nearest to name by edit distance, or NULL when none
 * is near. */
const char *hn_nearest_name(const char *name, const char *const *candidates, size_t n);

/* The analyser cannot see that failing never returns HONE_OK, and would follow paths that do not exist. */
#if defined(__clang_analyzer__) && !defined(HN_BASE_ERROR_C)
#define hn_is_failure(call)                                                                                  \
    ({                                                                                                       \
        hone_status hn_failure = call;                                                                       \
        if (hn_failure == HONE_OK)                                                                           \
            __builtin_unreachable();                                                                         \
        hn_failure;                                                                                          \
    })
#define hn_fail(...)          hn_is_failure(hn_fail(__VA_ARGS__))
#define hn_fail_at(...)       hn_is_failure(hn_fail_at(__VA_ARGS__))
#define hn_fail_errno(...)    hn_is_failure(hn_fail_errno(__VA_ARGS__))
#define hn_fail_within(...)   hn_is_failure(hn_fail_within(__VA_ARGS__))
#define hn_out_of_memory(err) hn_is_failure(hn_out_of_memory(err))
#endif

#endif
