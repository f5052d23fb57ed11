/* os_system.c: the machine and the process. */
#include "base/os_system.h"

#include <errno.h>
#include <fcntl.h>
#if defined(__GLIBC__)
#include <malloc.h>
#endif
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/number.h"

/* --- small files of /proc and /sys --- */

/* The beginning of a file as a string; false when it cannot be read. */
static bool read_small(const char *path, char *out, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t n = read(fd, out, size - 1);
    close(fd);
    if (n < 0)
        return false;
    out[n] = '\0';
    return true;
}

/* The k-th blank-separated number of a text; false when it is not a number ("max"). */
static bool number_at(const char *text, int k, int64_t *value)
{
    for (; k > 0; k--) {
        text += strcspn(text, " \n");
        text += strspn(text, " \n");
    }
    return hn_parse_int(text, strcspn(text, " \n"), value);
}

/* --- control groups --- */

enum { CGROUP_PATH_SIZE = 4096 };

/* The process's group of a controller ("cpu", "memory") of version 1, or of version 2 when controller is "".
 * The lines of /proc/self/cgroup are "id:controller,controller:/path" (cgroups(7)). */
static bool cgroup_path(const char *controller, char path[CGROUP_PATH_SIZE])
{
    char text[CGROUP_PATH_SIZE];
    if (!read_small("/proc/self/cgroup", text, sizeof text))
        return false;
    char *line_state = NULL;
    for (char *line = strtok_r(text, "\n", &line_state); line != NULL;
         line = strtok_r(NULL, "\n", &line_state)) {
        char *names = strchr(line, ':'), *found = names == NULL ? NULL : strchr(names + 1, ':');
        if (found == NULL)
            continue;
        *found++ = '\0';
        names++;
        bool matches = *controller == '\0' && *names == '\0';
        char *name_state = NULL;
        for (char *name = strtok_r(names, ",", &name_state); name != NULL;
             name = strtok_r(NULL, ",", &name_state))
            matches = matches || (*controller != '\0' && strcmp(name, controller) == 0);
        if (matches) {
            memmove(path, found, strlen(found) + 1);
            return true;
        }
    }
    return false;
}

typedef void (*visit_group)(const char *folder, void *result);

/* Visits the folders of the process's group and of all groups above it, whose limits hold too. In a container
 * the path may name a group that is not visible; the visit then only reaches the root, which is the
 * container's own. */
static void visit_groups(const char *mount, const char *controller, visit_group visit, void *result)
{
    char path[CGROUP_PATH_SIZE], folder[CGROUP_PATH_SIZE + 64];
    if (!cgroup_path(controller, path))
        return;
    for (;;) {
        snprintf(folder, sizeof folder, "%s%s", mount, strcmp(path, "/") == 0 ? "" : path);
        visit(folder, result);
        char *slash = strrchr(path, '/');
        if (slash == NULL || path[0] == '\0')
            return;
        *slash = '\0';
    }
}

static bool read_in(const char *folder, const char *file, char *out, size_t size)
{
    char path[CGROUP_PATH_SIZE + 128];
    snprintf(path, sizeof path, "%s/%s", folder, file);
    return read_small(path, out, size);
}

/* Lowers *(int *)result to the group's quota in cores, rounded up. */
static void apply_cpu_quota(const char *folder, void *result)
{
    int *cores = result;
    char quota_text[64], period_text[64];
    int64_t quota = 0, period = 0;
    if (read_in(folder, "cpu.max", quota_text, sizeof quota_text)) {
        if (!number_at(quota_text, 0, &quota) || !number_at(quota_text, 1, &period))
            return;
    } else if (!read_in(folder, "cpu.cfs_quota_us", quota_text, sizeof quota_text) ||
               !read_in(folder, "cpu.cfs_period_us", period_text, sizeof period_text) ||
               !number_at(quota_text, 0, &quota) || !number_at(period_text, 0, &period)) {
        return;
    }
    if (quota > 0 && period > 0 && (quota - 1) / period + 1 < *cores)
        *cores = (int)((quota - 1) / period + 1);
}

static void apply_memory_limit(const char *folder, void *result)
{
    uint64_t *bytes = result;
    char text[64];
    int64_t limit;
    if (!read_in(folder, "memory.max", text, sizeof text) &&
        !read_in(folder, "memory.limit_in_bytes", text, sizeof text))
        return;
    if (number_at(text, 0, &limit) && limit > 0 && (uint64_t)limit < *bytes)
        *bytes = (uint64_t)limit;
}

/* --- processor and memory --- */

static int affinity_count(void)
{
    enum { MOST_CPUS = 16384 };
    cpu_set_t *set = CPU_ALLOC(MOST_CPUS);
    if (set == NULL)
        return 1;
    size_t size = CPU_ALLOC_SIZE(MOST_CPUS);
    int count =
        sched_getaffinity(0, size, set) == 0 ? CPU_COUNT_S(size, set) : (int)sysconf(_SC_NPROCESSORS_ONLN);
    CPU_FREE(set);
    return count < 1 ? 1 : count;
}

int hn_cpu_count(void)
{
    int cores = affinity_count();
    visit_groups("/sys/fs/cgroup", "", apply_cpu_quota, &cores);
    visit_groups("/sys/fs/cgroup/cpu", "cpu", apply_cpu_quota, &cores);
    return cores;
}

uint64_t hn_memory_total_bytes(void)
{
    long pages = sysconf(_SC_PHYS_PAGES), page_size = sysconf(_SC_PAGESIZE);
    uint64_t bytes = pages < 0 || page_size < 0 ? UINT64_MAX : (uint64_t)pages * (uint64_t)page_size;
    visit_groups("/sys/fs/cgroup", "", apply_memory_limit, &bytes);
    visit_groups("/sys/fs/cgroup/memory", "memory", apply_memory_limit, &bytes);
    return bytes;
}

void hn_memory_return_blocks(void)
{
#if defined(__GLIBC__)
    mallopt(M_MMAP_THRESHOLD, 1 << 20); /* and, as it is set, stays so */
#endif
}

/* The second number of statm counts resident pages (proc(5)). */
uint64_t hn_memory_resident_bytes(void)
{
    char text[256];
    int64_t pages;
    if (!read_small("/proc/self/statm", text, sizeof text) || !number_at(text, 1, &pages))
        return 0;
    return (uint64_t)pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

bool hn_cpu_has_avx2(void)
{
#if defined(__x86_64__)
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#else
    return false;
#endif
}

bool hn_cpu_has_avx512(void)
{
#if defined(__x86_64__)
    return __builtin_cpu_supports("avx512f");
#else
    return false;
#endif
}

/* --- chance and identity --- */

hone_status hn_random_bytes(void *out, size_t n, hone_error *err)
{
    unsigned char *bytes = out;
    while (n > 0) {
        ssize_t got = getrandom(bytes, n, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return hn_fail_errno(err, HONE_IO, "the system gives no random bytes");
        bytes += got;
        n -= (size_t)got;
    }
    return HONE_OK;
}

hone_status hn_random_hex(char *out, size_t n, hone_error *err)
{
    static const char digits[] = "0123456789abcdef";
    unsigned char *bytes =
        (unsigned char *)out; /* the first half of the room is read before it is overwritten */
    hone_status status = hn_random_bytes(bytes, n, err);
    if (status != HONE_OK)
        return status;
    for (size_t i = n; i-- > 0;) {
        unsigned char byte = bytes[i];
        out[2 * i + 1] = digits[byte & 15];
        out[2 * i] = digits[byte >> 4];
    }
    out[2 * n] = '\0';
    return HONE_OK;
}

static char host_name[256];
static char program_path[4096];
static pthread_once_t names_once = PTHREAD_ONCE_INIT;

static void find_names(void)
{
    if (gethostname(host_name, sizeof host_name - 1) != 0 || host_name[0] == '\0')
        memcpy(host_name, "localhost", sizeof "localhost");
    ssize_t n = readlink("/proc/self/exe", program_path, sizeof program_path - 1);
    program_path[n < 0 ? 0 : n] = '\0';
}

const char *hn_host_name(void)
{
    pthread_once(&names_once, find_names);
    return host_name;
}

const char *hn_program_path(void)
{
    pthread_once(&names_once, find_names);
    return program_path[0] == '\0' ? NULL : program_path;
}

int64_t hn_process_id(void)
{
    return getpid();
}

bool hn_process_exists(int64_t process)
{
    return process > 0 && (kill((pid_t)process, 0) == 0 || errno == EPERM);
}

void hn_allow_open_files(size_t n)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < n) {
        limit.rlim_cur = limit.rlim_max < n ? limit.rlim_max : n;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}
