/* hone/status.h: outcomes of calls and the error a caller may pass in.
 *
 * Every fallible function returns a hone_status; HONE_OK is 0. The values are pinned: they never change
 * meaning between versions. A caller that wants more than the code passes a hone_error (or NULL).
 */
#ifndef HONE_STATUS_H
#define HONE_STATUS_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Marks the functions that the shared libraries export. */
#if defined(__GNUC__)
#define HONE_API __attribute__((visibility("default")))
#else
#define HONE_API
#endif

/* X(identifier, value, "name", "meaning"): the one list of statuses; strings, documentation and bindings are
 * generated from it. */
#define HONE_STATUS_LIST(X)                                                                                  \
    X(HONE_OK, 0, "ok", "the call did what it says")                                                         \
    X(HONE_INVALID, 1, "invalid", "an argument or option has a value that is not allowed")                   \
    X(HONE_PARSE, 2, "parse", "a text or file is not in the form it should have")                            \
    X(HONE_NOT_FOUND, 3, "not_found", "a named thing (study, trial, file, parameter) does not exist")        \
    X(HONE_EXISTS, 4, "exists", "a thing of that name exists with a different definition")                   \
    X(HONE_CONFLICT, 5, "conflict", "the trial or study is in a state that forbids the call")                \
    X(HONE_OUT_OF_MEMORY, 6, "out_of_memory", "memory could not be had")                                     \
    X(HONE_IO, 7, "io", "the operating system refused a file, pipe or process operation")                    \
    X(HONE_STORAGE, 8, "storage", "the database refused, is damaged, full, read-only or of a newer schema")  \
    X(HONE_BUSY, 9, "busy", "another process holds what is needed and did not let go in time")               \
    X(HONE_UNSUPPORTED, 10, "unsupported", "this build or this component cannot do it")                      \
    X(HONE_LIMIT, 11, "limit", "a size, depth or count is above the documented limit")                       \
    X(HONE_OBJECTIVE, 12, "objective", "the user's program or function failed")                              \
    X(HONE_CANCELLED, 13, "cancelled", "the caller asked to stop")                                           \
    X(HONE_INTERNAL, 14, "internal", "a defect of hone: please report it")                                   \
    X(HONE_DENIED, 15, "denied", "who asks may not do this")

typedef enum hone_status {
#define HONE_STATUS_ENUM(identifier, value, name, meaning) identifier = value,
    HONE_STATUS_LIST(HONE_STATUS_ENUM)
#undef HONE_STATUS_ENUM
} hone_status;

/* Room for an error's message with its NUL. */
enum { HONE_MESSAGE_SIZE = 1024 };

/* What went wrong. Owned by the caller; written only when a call fails. */
typedef struct hone_error {
    hone_status status;
    int detail;                      /* a code of the layer below (errno, SQLite's extended code), or 0 */
    int line, column;                /* 1-based position in the text at fault, or 0 */
    size_t byte;                     /* 0-based offset in the text at fault */
    char message[HONE_MESSAGE_SIZE]; /* one sentence without a final newline, UTF-8 */
} hone_error;

/* The pinned name of a status ("not_found"), or "unknown". Thread-safe; the string is static. */
HONE_API const char *hone_status_name(hone_status status);

/* The meaning of a status in one line. Thread-safe; the string is static. */
HONE_API const char *hone_status_meaning(hone_status status);

#ifdef __cplusplus
}
#endif
#endif
