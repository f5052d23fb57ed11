/* log.c: messages to the host's function. */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>

static hn_log_function log_function;
static void *log_user;
static hn_log_level log_most_verbose;

void hn_log_set(hn_log_function function, void *user, hn_log_level most_verbose)
{
    log_function = function;
    log_user = user;
    log_most_verbose = most_verbose;
}

void hn_log(hn_log_level level, const char *format, ...)
{
    if (log_function == NULL || level > log_most_verbose)
        return;
    char message[1024];
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    if (size >= 0)
        log_function(log_user, level, message);
}
