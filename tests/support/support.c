#include "support.h"

#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <locale.h>
#include <malloc.h>
#include <math.h>
#include <sched.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Check runs each test in a process of its own, so skips are counted in a file they all append to. */
static int skip_log = -1;

static char *format(const char *pattern, ...)
{
    char *text = NULL;
    va_list arguments;
    va_start(arguments, pattern);
    int length = vasprintf(&text, pattern, arguments);
    va_end(arguments);
    if (length < 0)
        abort();
    return text;
}

int hn_test_main(Suite *(*const suites[])(void), size_t count)
{
    const char *wanted = getenv("LC_ALL");
    if (!setlocale(LC_ALL, "") && wanted)
        printf("note: the locale %s is not installed, running under C\n", wanted);

    FILE *log = tmpfile();
    if (!log) {
        perror("cannot make a temporary file");
        return EXIT_FAILURE;
    }
    skip_log = fileno(log);
    fcntl(skip_log, F_SETFL, fcntl(skip_log, F_GETFL) | O_APPEND);

    /* Only what hangs is to meet a limit of time, however slow or loaded the machine. */
    setenv("CK_DEFAULT_TIMEOUT", "120", 0);
    setenv("CK_TIMEOUT_MULTIPLIER", "5", 0);
    SRunner *runner = srunner_create(NULL);
    for (size_t i = 0; i < count; i++)
        srunner_add_suite(runner, suites[i]());
    srunner_run_all(runner, CK_ENV);
    int run = srunner_ntests_run(runner);
    int failed = srunner_ntests_failed(runner);
    struct stat size;
    int skipped = fstat(skip_log, &size) == 0 ? (int)size.st_size : 0;
    srunner_free(runner);
    fclose(log);

    printf("%d tests: %d passed, %d failed, %d skipped\n", run, run - failed - skipped, failed, skipped);
    if (failed)
        return EXIT_FAILURE;
    return run > 0 && skipped == run ? 77 : EXIT_SUCCESS;
}

void hn_test_skip(const char *reason, ...)
{
    va_list arguments;
    va_start(arguments, reason);
    printf("skipped: %s: ", tcase_name());
    vprintf(reason, arguments);
    printf("\n");
    va_end(arguments);
    fflush(stdout);
    ck_assert_msg(write(skip_log, ".", 1) == 1, "cannot count a skipped test");
}

hn_test_tier_kind hn_test_tier(void)
{
    const char *tier = getenv("HONE_TEST_TIER");
    if (tier && strcmp(tier, "quick") == 0)
        return HN_TEST_QUICK;
    if (tier && strcmp(tier, "long") == 0)
        return HN_TEST_LONG;
    return HN_TEST_FULL;
}

char *hn_test_data(const char *name)
{
    const char *folder = getenv("HONE_DATA_DIR");
    char *path = folder && *folder ? hn_test_path(folder, name)
                                   : format("%s/../shared/data/%s", HONE_SOURCE_DIR, name);
    if (access(path, R_OK) != 0) {
        free(path);
        return NULL;
    }
    return path;
}

char *hn_test_source(const char *name)
{
    return hn_test_path(HONE_SOURCE_DIR, name);
}

char *hn_test_path(const char *folder, const char *name)
{
    return format("%s/%s", folder, name);
}

/* The folders this process made; a forked test removes its own only. */
static char *temp_dirs[64];
static int temp_dir_count;
static pid_t temp_dir_owner;

static int remove_entry(const char *path, const struct stat *info, int kind, struct FTW *place)
{
    (void)info, (void)kind, (void)place;
    return remove(path);
}

static void remove_temp_dirs(void)
{
    if (temp_dir_owner != getpid())
        return;
    for (int i = 0; i < temp_dir_count; i++) {
        nftw(temp_dirs[i], remove_entry, 16, FTW_DEPTH | FTW_PHYS);
        free(temp_dirs[i]);
    }
    temp_dir_count = 0;
}

char *hn_test_temp_dir(void)
{
    if (temp_dir_owner != getpid()) {
        temp_dir_owner = getpid();
        temp_dir_count = 0;
        atexit(remove_temp_dirs);
    }
    ck_assert_msg(temp_dir_count < 64, "more than 64 temporary folders in one test");
    const char *base = getenv("TMPDIR");
    char *path = format("%s/hone-test-XXXXXX", base && *base ? base : "/tmp");
    ck_assert_msg(mkdtemp(path) != NULL, "cannot make the folder %s", path);
    temp_dirs[temp_dir_count++] = path;
    return format("%s", path);
}

void hn_test_write(const char *path, const char *text)
{
    FILE *file = fopen(path, "wb");
    ck_assert_msg(file != NULL, "cannot create %s", path);
    size_t length = strlen(text);
    bool complete = fwrite(text, 1, length, file) == length;
    complete = fclose(file) == 0 && complete;
    ck_assert_msg(complete, "cannot write %s", path);
}

char *hn_test_read(const char *path)
{
    FILE *file = fopen(path, "rb");
    ck_assert_msg(file != NULL, "cannot open %s", path);
    char *text = NULL;
    size_t length = 0;
    ssize_t got = getdelim(&text, &length, '\0', file);
    bool failed = ferror(file);
    fclose(file);
    ck_assert_msg(!failed && text != NULL, "cannot read %s", path);
    if (got < 0)
        text[0] = '\0';
    return text;
}

bool hn_test_close(double a, double b, double relative, double absolute)
{
    if (isnan(a) || isnan(b))
        return isnan(a) && isnan(b);
    if (isinf(a) || isinf(b))
        return a == b;
    return fabs(a - b) <= absolute + relative * fabs(b);
}

/* Maps doubles to integers so that neighbours differ by one and both zeros are 2^63. */
static uint64_t order(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits >> 63 ? (UINT64_C(1) << 63) - (bits & INT64_MAX) : (UINT64_C(1) << 63) + bits;
}

size_t hn_test_ulps(double a, double b)
{
    if (isnan(a) || isnan(b))
        return SIZE_MAX;
    uint64_t left = order(a);
    uint64_t right = order(b);
    return left > right ? left - right : right - left;
}

/* Check has no public call that fails at a given place but this one, which its own macros expand to. */
static void fail_at(const char *file, int line, const char *message)
{
    _ck_assert_failed(file, line, "Failed", "%s", message);
}

void hn_assert_close_impl(double actual, double expected, double relative, double absolute,
                          const char *expression, const char *file, int line)
{
    mark_point();
    if (hn_test_close(actual, expected, relative, absolute))
        return;
    fail_at(file, line,
            format("%s is %.17g, expected %.17g (off by %.3g, allowed %.3g)", expression, actual, expected,
                   fabs(actual - expected), absolute + relative * fabs(expected)));
}

void hn_assert_contains_impl(const char *text, const char *part, const char *file, int line)
{
    mark_point();
    if (text && strstr(text, part))
        return;
    fail_at(file, line, format("\"%s\" does not contain \"%s\"", text ? text : "(null)", part));
}

double hn_test_processor_seconds(void)
{
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* --- memory --- */

/* A line of /proc/self/status in bytes; 0 when there is none. */
static double status_bytes(const char *key)
{
    char line[256];
    double bytes = 0;
    unsigned long kilobytes;
    FILE *file = fopen("/proc/self/status", "r");
    while (file && fgets(line, sizeof line, file))
        if (strncmp(line, key, strlen(key)) == 0 && sscanf(line + strlen(key), ": %lu", &kilobytes) == 1)
            bytes = 1024 * (double)kilobytes;
    if (file)
        fclose(file);
    return bytes;
}

double hn_test_begin_peak(void)
{
    /* Linux counts resident pages for each processor, and of each some hundred go unseen: on one they are
     * few. */
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(sched_getcpu(), &one);
    sched_setaffinity(0, sizeof one, &one);
    prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0); /* a page of 2 MB for each array would be the system's choice */
    malloc_trim(0);
    FILE *file = fopen("/proc/self/clear_refs", "w");
    bool cleared = file && fputs("5", file) >= 0;
    cleared = file && fclose(file) == 0 && cleared;
    return cleared ? status_bytes("VmRSS") : 0;
}

double hn_test_peak_bytes(void)
{
    return status_bytes("VmHWM");
}
