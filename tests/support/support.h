/*
 * What every C test shares: the runner, skipping with a reason, data files, temporary folders and comparison
 * of doubles. How to add a test: tests/README.md.
 */
#ifndef HN_TEST_SUPPORT_H
#define HN_TEST_SUPPORT_H

#include <check.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * A file tests/<folder>/test_<subject>.c defines `Suite *suite_<subject>(void)`; the build writes the main
 * program that lists them and calls this. Runs them under the locale of the environment and prints a summary.
 * Returns the exit status: 0 passed, 1 failed, 77 everything was skipped.
 */
int hn_test_main(Suite *(*const suites[])(void), size_t count);

/* Ends the running test as skipped, saying why (printf style). Only in the body of START_TEST. */
#define HN_SKIP(...)                                                                                         \
    do {                                                                                                     \
        hn_test_skip(__VA_ARGS__);                                                                           \
        return;                                                                                              \
    } while (0)

/* What HN_SKIP prints and counts; for helpers that cannot return from the test themselves. */
void hn_test_skip(const char *reason, ...) __attribute__((format(printf, 1, 2)));

/* How much to test, from HONE_TEST_TIER: `quick`, `full` (default) or `long`. */
typedef enum { HN_TEST_QUICK, HN_TEST_FULL, HN_TEST_LONG } hn_test_tier_kind;
hn_test_tier_kind hn_test_tier(void);

/*
 * The path of a file of the shared data sets, such as "tabular/iris.csv.gz": under HONE_DATA_DIR, else under
 * ../shared/data beside the project. NULL when it is not there (then HN_SKIP). Free with free().
 */
char *hn_test_data(const char *name);

/* The path of a file of the project itself, such as "examples/data/wine.csv". Free with free(). */
char *hn_test_source(const char *name);

/*
 * A new empty folder under TMPDIR, removed with everything in it when the test's process ends normally. Free
 * with free().
 */
char *hn_test_temp_dir(void);

/* Joins a folder and a name with '/'. Free with free(). */
char *hn_test_path(const char *folder, const char *name);

/* Writes `text` to a file, failing the test when that does not work. */
void hn_test_write(const char *path, const char *text);

/* The whole content of a file, NUL-terminated; fails the test when it cannot be read. Free with free(). */
char *hn_test_read(const char *path);

/* True when a and b are both NaN, equal (infinities too), or differ by at most absolute + relative · |b|. */
bool hn_test_close(double a, double b, double relative, double absolute);

/* The number of doubles between a and b (0: equal, NaN: SIZE_MAX). */
size_t hn_test_ulps(double a, double b);

/* Fails with both values unless `actual` is close to `expected`, relative or absolute as the name says. */
#define hn_assert_relative(actual, expected, tolerance)                                                      \
    hn_assert_close_impl((actual), (expected), (tolerance), 0.0, #actual, __FILE__, __LINE__)
#define hn_assert_absolute(actual, expected, tolerance)                                                      \
    hn_assert_close_impl((actual), (expected), 0.0, (tolerance), #actual, __FILE__, __LINE__)
#define hn_assert_close(actual, expected, relative, absolute)                                                \
    hn_assert_close_impl((actual), (expected), (relative), (absolute), #actual, __FILE__, __LINE__)
void hn_assert_close_impl(double actual, double expected, double relative, double absolute,
                          const char *expression, const char *file, int line);

/* Fails unless the text contains the part; for reading error messages. */
#define hn_assert_contains(text, part) hn_assert_contains_impl((text), (part), __FILE__, __LINE__)
void hn_assert_contains_impl(const char *text, const char *part, const char *file, int line);

/* Processor time of this process, all its threads: what a bound on speed may be about, as the clock's time is
 * the machine's as well. */
double hn_test_processor_seconds(void);

/* Makes the peak of the process's resident memory what is resident now, and returns that; 0 when the system
 * cannot. */
double hn_test_begin_peak(void);
double hn_test_peak_bytes(void);

#endif
