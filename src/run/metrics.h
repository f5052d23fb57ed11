/* run/metrics.h: metrics in a program's output, read as it comes. Understood are
 *
 *     accuracy=0.93   accuracy: 0.93   'loss': 0.5   several on a line   with step=3 or epoch=3 on the same
 * line
 *     {"step": 3, "loss": 0.1}         one JSON object per line; other values in it are passed over
 *
 * and the user's own patterns. A name begins with a letter or _; a number that something else sticks to
 * ("12ms", "1.2.3", "0,5") is none. Carriage returns end lines too (progress bars). Memory is bounded
 * whatever comes: a line is cut after HN_METRIC_LINE bytes.
 */
#ifndef HN_RUN_METRICS_H
#define HN_RUN_METRICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum {
    HN_METRIC_LINE = 64 * 1024,    /* bytes of a line that are looked at */
    HN_METRIC_PATTERN_LINE = 4096, /* of them, by patterns: a bad one may need quadratic time */
    HN_METRIC_NAME = 128,          /* bytes of a name with its NUL; longer ones are passed over */
    HN_METRIC_PER_LINE = 64,       /* pairs */
};

typedef struct hn_metric_reader hn_metric_reader;

/* A metric was printed; step -1: without one. name is borrowed for the call. */
typedef void (*hn_metric_seen)(void *user, int64_t step, const char *name, double value);

/* patterns: "NAME=REGEX", a POSIX extended regular expression whose first group is the value (the whole match
 * without one); for the name in it, nothing but its pattern counts. The names step and epoch give the step.
 * HONE_PARSE names the one at fault. */
hone_status hn_metric_reader_create(const char *const *patterns, size_t n_patterns, hn_metric_seen seen,
                                    void *user, hn_metric_reader **made, hone_error *err);
void hn_metric_reader_feed(hn_metric_reader *reader, const char *bytes, size_t size);
/* The output is over: a line without its end counts. */
void hn_metric_reader_finish(hn_metric_reader *reader);
void hn_metric_reader_destroy(hn_metric_reader *reader);

#endif
