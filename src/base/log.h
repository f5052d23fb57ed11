/* base/log.h: the library never prints: it hands messages to a function that the host may set.
 * Thread-safe. */
#ifndef HN_BASE_LOG_H
#define HN_BASE_LOG_H

typedef enum hn_log_level { HN_LOG_ERROR, HN_LOG_WARNING, HN_LOG_INFO, HN_LOG_DEBUG } hn_log_level;

typedef void (*hn_log_function)(void *user, hn_log_level level, const char *message);

/* NULL (the default) drops all. Not to be called while other threads log. */
void hn_log_set(hn_log_function function, void *user, hn_log_level most_verbose);
void hn_log(hn_log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
