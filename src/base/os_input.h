/* base/os_input.h: files read as a whole or piece by piece; what begins with the gzip magic is gunzipped. One
 * thread at a time. */
#ifndef HN_BASE_OS_INPUT_H
#define HN_BASE_OS_INPUT_H

#include <stdbool.h>

#include "base/buffer.h"
#include "base/error.h"

typedef struct hn_input hn_input;

/* path NULL: standard input. Refuses folders. path is borrowed until closed. Returned: free with
 * hn_input_close. */
hone_status hn_input_open(const char *path, hn_input **input, hone_error *err);
/* Appends up to size bytes; *ended when there are no more. HONE_IO; HONE_PARSE for a damaged gzip file. */
hone_status hn_input_read(hn_input *input, size_t size, hn_buffer *out, bool *ended, hone_error *err);
void hn_input_close(hn_input *input); /* accepts NULL */

/* A whole file (path NULL: standard input) into *out (appended). Refuses more than limit bytes (0 = 1 GiB),
 * inflated ones. */
hone_status hn_file_read(const char *path, size_t limit, hn_buffer *out, hone_error *err);

#endif
