/* Trials per second into a database, loading it again, and the memory of many trials, through the public
 * interface: random search, 10 parameters and 5 reports a trial, as bench/peer_storage.py does it with
 * Optuna.
 *
 *     bench_storage [--trials N] [--url URL]         a SQLite file in a new temporary folder
 *     bench_storage --trials N --url URL --begin T   one of several workers: not before T seconds since 1970
 *     bench_storage ... --calls 1                    by single calls, whose times it prints
 *     bench_storage ... --pause MS --seconds S       of trials that run for random times of this mean, so
 * long bench_storage --load N [--url URL]             N trials are added, unless they are there, then read by
 *                                                    a fresh handle
 *     bench_storage --memory N                       N trials in memory: bytes a trial
 *
 * Prints one JSON object.
 */
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/number.h"
#include "base/os_file.h"
#include "base/os_system.h"
#include "hone/hone.h"
#include "math/statistics.h"
#include "study/limit.h"

enum { N_PARAMETERS = 10, N_REPORTS = 5 };

static const char space[] =
    "{x0: {float: [0, 1]}, x1: {float: [0, 1]}, x2: {float: [0, 1]}, x3: {float: [0, 1]},"
    " x4: {float: [0, 1]}, x5: {float: [0, 1]}, x6: {float: [0, 1]}, x7: {float: [0, 1]},"
    " x8: {float: [0, 1]}, x9: {float: [0, 1]}}";

static void check(hone_status status, const hone_error *err)
{
    if (status) {
        fprintf(stderr, "bench_storage: %s\n", err->message);
        exit(1);
    }
}

static hone_status objective(hone_trial *trial, void *user)
{
    (void)user;
    double sum = 0;
    hone_named_value param;
    for (size_t i = 0; hone_trial_param(trial, i, &param); i++) {
        sum += param.value.as.real;
    }
    for (int step = 0; step < N_REPORTS; step++) {
        hone_trial_report(trial, step, sum);
    }
    return hone_trial_set_value(trial, sum);
}

static hone_study *open_study(const char *url)
{
    hone_study_config config = HONE_STUDY_CONFIG_INIT;
    config.space = space;
    config.sampler = "random";
    config.seed = 1;
    config.has_seed = true;
    hone_study *study = NULL;
    hone_error err = {0};
    check(hone_study_open(url, "bench", &config, &study, &err), &err);
    return study;
}

/* The median time to append 4 KiB and have it on the disk. */
static double fsync_ms(const char *folder)
{
    enum { TIMES = 50 };
    char path[512];
    char block[4096] = {0};
    double ms[TIMES];
    snprintf(path, sizeof path, "%s/fsync", folder);
    int fd = open(path, O_CREAT | O_WRONLY, 0600);
    for (int i = 0; i < TIMES && fd >= 0; i++) {
        ssize_t written = write(fd, block, sizeof block);
        int64_t began = hn_monotonic_ns();
        fsync(fd);
        ms[i] = written < 0 ? 0 : (double)(hn_monotonic_ns() - began) * 1e-6;
    }
    close(fd);
    return hn_median(ms, TIMES);
}

/* begin: seconds since 1970, 0 = now. */
static void tell_speed(const char *url, const char *folder, int64_t trials, int64_t begin)
{
    hone_study *study = open_study(url);
    hone_budget budget = {.trials = trials};
    hone_error err = {0};
    while (hn_wall_us() < begin * 1000000) {
        hn_sleep_ms(1);
    }
    double began_at = (double)hn_wall_us() * 1e-6;
    double began = hn_monotonic_seconds();
    check(hone_study_optimize(study, objective, NULL, &budget, NULL, &err), &err);
    double told = hn_monotonic_seconds() - began;
    double ended_at = (double)hn_wall_us() * 1e-6;
    hone_study_destroy(study);
    began = hn_monotonic_seconds();
    study = open_study(url);
    int64_t count = hone_study_trial_count(study);
    double loaded = hn_monotonic_seconds() - began;
    hone_study_destroy(study);
    printf(
        "{\"trials\": %lld, \"trials_per_second\": %d, \"load_ms\": %d, \"fsync_us\": %d, \"began\": %.6f, "
        "\"ended\": %.6f}\n",
        (long long)count, (int)((double)trials / told), (int)(loaded * 1e3), (int)(fsync_ms(folder) * 1e3),
        began_at, ended_at);
}

/* --- single calls --- */

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void print_times(const char *name, double *ms, int64_t n)
{
    qsort(ms, (size_t)n, sizeof *ms, by_size);
    printf("\"%s_ms_p50\": %.3f, \"%s_ms_p99\": %.3f, \"%s_ms_max\": %.3f, ", name, ms[(n - 1) / 2], name,
           ms[(int64_t)(0.99 * (double)(n - 1))], name, ms[n - 1]);
}

/* Exponential. */
static void run_for_random_time(uint64_t *random, double mean_ms)
{
    *random ^= *random >> 12;
    *random ^= *random << 25;
    *random ^= *random >> 27;
    double u = (double)(*random * 2685821657736338717u >> 11) * 0x1p-53;
    hn_sleep_ms((int64_t)(-mean_ms * log1p(-u)));
}

/* Asks and tells until the study has so many trials or the time is over, each call by the clock. pause: mean
 * time in milliseconds that a trial runs. */
static void call_speed(const char *url, int64_t trials, int64_t begin, int64_t pause, int64_t seconds)
{
    hone_study *study = open_study(url);
    hone_budget budget = {.trials = seconds ? 0 : trials, .seconds = (double)seconds};
    hone_error err = {0};
    uint64_t random = 88172645463325252u * (uint64_t)hn_process_id();
    double *ask_ms = calloc((size_t)trials, sizeof *ask_ms),
           *tell_ms = calloc((size_t)trials, sizeof *tell_ms);
    int64_t n = 0;
    check(hn_study_begin_run(study, &budget, &err), &err);
    while (hn_wall_us() < begin * 1000000) {
        hn_sleep_ms(1);
    }
    double began_at = (double)hn_wall_us() * 1e-6, end = hn_monotonic_seconds() + (double)seconds;
    run_for_random_time(&random, (double)pause);
    while (n < trials && (!seconds || hn_monotonic_seconds() < end)) {
        hone_outcome outcome;
        hone_trial *trial;
        double value = (double)n, began = hn_monotonic_seconds();
        check(hone_study_ask(study, &outcome, &trial, NULL, NULL, &err), &err);
        double asked = hn_monotonic_seconds();
        if (outcome != HONE_ASKED) {
            break; /* others began the last ones */
        }
        for (int step = 0; step < N_REPORTS; step++) {
            hone_trial_report(trial, step, value);
        }
        run_for_random_time(&random, (double)pause);
        double run = hn_monotonic_seconds();
        check(hone_study_tell(study, trial, HONE_COMPLETE, &value, 1, &err), &err);
        ask_ms[n] = 1e3 * (asked - began);
        tell_ms[n++] = 1e3 * (hn_monotonic_seconds() - run);
        hone_trial_free(trial);
    }
    printf("{\"told\": %lld, ", (long long)n);
    if (n) {
        print_times("ask", ask_ms, n);
        print_times("tell", tell_ms, n);
    }
    printf("\"began\": %.6f, \"ended\": %.6f}\n", began_at, (double)hn_wall_us() * 1e-6);
    hone_study_destroy(study);
    free(ask_ms);
    free(tell_ms);
}

static void add_trials(hone_study *study, int64_t n)
{
    hone_error err = {0};
    char names[N_PARAMETERS][16];
    hone_named_value params[N_PARAMETERS];
    for (int64_t i = 0; i < n; i++) {
        double sum = 0;
        for (int k = 0; k < N_PARAMETERS; k++) {
            snprintf(names[k], sizeof names[k], "x%d", k);
            double x = (double)((uint64_t)(i * N_PARAMETERS + k) * 2654435761u % 1000003u) / 1000003.0;
            params[k] = (hone_named_value){names[k], {HONE_FLOAT, {.real = x}}};
            sum += x;
        }
        check(hone_study_add(study, params, N_PARAMETERS, HONE_COMPLETE, &sum, 1, NULL, &err), &err);
    }
}

static void load_speed(const char *url, int64_t trials)
{
    hone_study *study = open_study(url);
    add_trials(study, trials - hone_study_trial_count(study));
    hone_study_destroy(study);
    double began = hn_monotonic_seconds();
    study = open_study(url);
    int64_t count = hone_study_trial_count(study);
    double loaded = hn_monotonic_seconds() - began;
    hone_study_destroy(study);
    printf("{\"loaded\": %lld, \"load_ms\": %d}\n", (long long)count, (int)(loaded * 1e3));
}

static void memory_use(int64_t trials)
{
    hone_study *study = open_study("memory:");
    add_trials(study, 1);
    double before = (double)hn_memory_resident_bytes();
    add_trials(study, trials);
    double after = (double)hn_memory_resident_bytes();
    hone_study_destroy(study);
    printf("{\"trials\": %lld, \"megabytes\": %d, \"bytes_per_trial\": %d}\n", (long long)trials,
           (int)((after - before) / 1e6), (int)((after - before) / (double)trials));
}

int main(int argc, char **argv)
{
    int64_t trials = 1000, load = 0, memory = 0, begin = 0, calls = 0, pause = 0, seconds = 0;
    const char *given = NULL;
    char folder[] = "/tmp/bench-storage-XXXXXX", url[256];
    if (!mkdtemp(folder)) {
        return 1;
    }
    for (int i = 1; i + 1 < argc; i += 2) {
        if (!strcmp(argv[i], "--url")) {
            given = argv[i + 1];
            continue;
        }
        int64_t *to = !strcmp(argv[i], "--trials")    ? &trials
                      : !strcmp(argv[i], "--load")    ? &load
                      : !strcmp(argv[i], "--memory")  ? &memory
                      : !strcmp(argv[i], "--begin")   ? &begin
                      : !strcmp(argv[i], "--calls")   ? &calls
                      : !strcmp(argv[i], "--pause")   ? &pause
                      : !strcmp(argv[i], "--seconds") ? &seconds
                                                      : NULL;
        if (!to || !hn_parse_int(argv[i + 1], strlen(argv[i + 1]), to) || *to < 1) {
            fprintf(
                stderr,
                "usage: bench_storage [--trials N [--begin T [--calls 1 [--pause MS --seconds S]]] | --load N | --memory N] [--url URL]\n");
            return 2;
        }
    }
    if (memory) {
        memory_use(memory);
    } else if (load) {
        snprintf(url, sizeof url, "sqlite:///%s/bench.db?durability=normal", folder);
        load_speed(given ? given : url, load);
    } else if (calls && given) {
        call_speed(given, trials, begin, pause, seconds);
    } else {
        snprintf(url, sizeof url, "sqlite:///%s/bench.db?durability=full", folder);
        tell_speed(given ? given : url, folder, trials, begin);
    }
    hn_remove_tree(folder, NULL);
    return 0;
}
