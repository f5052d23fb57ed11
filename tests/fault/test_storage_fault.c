/* Fails the k-th allocation and the k-th write of a short session, for all k: every failure is a clear error,
 * nothing is half done, and what was told before is there after. */
#include "support.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "storage/storage.h"
#include "storage_faults.h"

#define TYPE hn_storage_of(storage)

static hone_error err;

/* How far a session came. */
typedef struct progress {
    int created, told; /* trials */
    hone_status status;
} progress;

enum { TRIALS = 3 };

/* A new file for each k. */
static void study_url(char url[512], const char *folder, bool shared, long k)
{
    if (shared)
        snprintf(url, 512, "sqlite:///%s/%ld-study.db?durability=%s", folder, k, k % 2 ? "full" : "normal");
    else
        snprintf(url, 512, "memory:");
}

static hone_status tell(hn_storage *storage, int64_t study, progress *done)
{
    static const hone_value choices[] = {{HONE_STRING, {.string = "a"}}, {HONE_INT, {.integer = 1}}};
    static const hn_distribution x = {.kind = HN_FLOAT, .low = 0, .high = 1},
                                 c = {.kind = HN_CATEGORICAL, .n_choices = 2, .choices = choices};
    static const hn_trial_param params[] = {{"x", &x, 0.5}, {"c", &c, 1}};
    static const hn_trial_report reports[] = {{0, 0.5}, {1, 0.25}};
    static const hn_attribute attributes[] = {{"note", "1", false}};
    static const double value = 1;
    hn_new_trial trial = {
        .state = HONE_RUNNING, .lease = "L", .start_us = 1, .n_params = 2, .params = params};
    hn_trial_update end = {.state = HONE_COMPLETE,
                           .complete_us = 2,
                           .n_values = 1,
                           .values = &value,
                           .n_reports = 2,
                           .reports = reports,
                           .n_attributes = 1,
                           .attributes = attributes,
                           .n_constraints = 1,
                           .constraints = &value};
    int64_t id, number;
    hone_status status = TYPE->trial_create(storage, study, 1, &trial, -1, &id, &number, &err);
    if (status)
        return status;
    done->created++;
    status = TYPE->trial_update(storage, id, "L", &end, NULL, NULL, &err);
    done->told += !status;
    return status;
}

static hone_status ignore(void *user, const hn_trial_record *record, hone_error *error)
{
    (void)error;
    progress *found = user;
    found->created++;
    found->told += record->state == HONE_COMPLETE;
    bool whole = record->n_params == 2 && record->n_values == (record->state == HONE_COMPLETE) &&
                 record->n_reports == 2 * record->n_values && record->n_attributes == record->n_values;
    ck_assert_msg(whole, "trial %lld is half there", (long long)record->number);
    return HONE_OK;
}

static hone_status session(hn_storage *storage, progress *done)
{
    static const hone_direction minimize = HONE_MINIMIZE;
    static const char *const names[] = {"loss"};
    hn_study_row row = {
        .name = "s", .n_objectives = 1, .directions = &minimize, .metric_names = names, .definition = "{}"};
    progress seen = {0};
    hn_arena arena = HN_ARENA_INIT;
    hn_study_row found;
    int64_t study;
    bool created;
    hone_status status = TYPE->study_create(storage, &row, &study, &created, &err);
    for (int i = 0; i < TRIALS && !status; i++)
        status = tell(storage, study, done);
    if (!status)
        status = TYPE->study_find(storage, "s", &arena, &found, &err);
    if (!status)
        status = TYPE->scan(storage, study, -1, NULL, 0, ignore, &seen, &err);
    hn_arena_release(&arena);
    return status;
}

static progress run(const char *url)
{
    progress done = {0};
    hn_storage *storage = NULL;
    done.status = hn_storage_open(url, true, &storage, &err);
    if (!done.status)
        done.status = session(storage, &done);
    hn_storage_close(storage);
    return done;
}

/* Without faults: everything that was told is there, whole. */
static void verify(const char *url, const progress *done)
{
    hn_storage *storage;
    hn_arena arena = HN_ARENA_INIT;
    hn_buffer report = HN_BUFFER_INIT;
    hn_study_row row;
    progress found = {0};
    hone_status status = hn_storage_open(url, true, &storage, &err);
    ck_assert_msg(status == HONE_OK, "%s", err.message);
    status = TYPE->study_find(storage, "s", &arena, &row, &err);
    if (!status)
        status = TYPE->scan(storage, row.id, -1, NULL, 0, ignore, &found, &err);
    ck_assert_msg(status == HONE_OK || (status == HONE_NOT_FOUND && done->created == 0), "%s", err.message);
    ck_assert_msg(found.created >= done->created && found.told >= done->told,
                  "created %d of %d, told %d of %d", found.created, done->created, found.told, done->told);
    status = TYPE->check(storage, &report, &err);
    ck_assert_msg(status == HONE_OK, "%s", hn_buffer_string(&report));
    hn_buffer_release(&report);
    hn_arena_release(&arena);
    hn_storage_close(storage);
}

START_TEST(every_allocation)
{
    const hn_storage_type *type = hn_storage_at((size_t)_i);
    char url[512], *folder = hn_test_temp_dir();
    long k;
    for (k = 0; k < 10000; k++) {
        study_url(url, folder, type->shared, k);
        hn_memory_fail_at(k, k % 2 == 0);
        progress done = run(url);
        if (hn_memory_fail_at(-1, 0) <= k)
            break;
        /* Asking for the kind of file system may fail unseen: unknown counts as local. */
        ck_assert_msg(done.status == HONE_OUT_OF_MEMORY || (done.status == HONE_OK && done.told == TRIALS),
                      "allocation %ld: %s", k, hone_status_name(done.status));
        if (type->shared)
            verify(url, &done);
    }
    free(folder);
    ck_assert_int_gt(k, 10);
    ck_assert_int_lt(k, 10000);
}
END_TEST

static const int codes[] = {SQLITE_FULL, SQLITE_IOERR_WRITE, SQLITE_IOERR_FSYNC};

START_TEST(every_write)
{
    char url[512], *folder = hn_test_temp_dir();
    long k;
    storage_faults_install();
    for (k = 0; k < 10000; k++) {
        study_url(url, folder, true, k);
        storage_faults_at(k, codes[_i]);
        progress done = run(url);
        int met = storage_faults_met();
        storage_faults_at(-1, 0);
        if (!met)
            break;
        /* A fault after the last commit, while the log is moved into the file, harms nobody. */
        ck_assert_msg(done.status == HONE_STORAGE || done.status == HONE_IO || done.told == TRIALS,
                      "write %ld: %s", k, hone_status_name(done.status));
        if (done.status)
            hn_assert_contains(err.message, "study.db");
        if (done.status == HONE_STORAGE)
            hn_assert_contains(err.message, "disk is full");
        verify(url, &done);
    }
    free(folder);
    ck_assert_int_gt(k, 10);
    ck_assert_int_lt(k, 10000);
}
END_TEST

/* Asking does not wait for the disk, telling does, once; with durability=normal neither does. */
START_TEST(one_sync_a_trial)
{
    static const hone_direction minimize = HONE_MINIMIZE;
    hn_study_row row = {.name = "s", .n_objectives = 1, .directions = &minimize, .definition = "{}"};
    char url[512], *folder = hn_test_temp_dir();
    bool full = _i == 1, created;
    progress done = {0};
    hn_storage *storage;
    int64_t study;
    storage_faults_install();
    study_url(url, folder, true, _i);
    ck_assert_msg(!hn_storage_open(url, true, &storage, &err), "%s", err.message);
    ck_assert_msg(!TYPE->study_create(storage, &row, &study, &created, &err), "%s", err.message);
    for (int i = 0; i < TRIALS; i++) {
        long before = storage_faults_log_syncs();
        ck_assert_msg(!tell(storage, study, &done), "%s", err.message);
        ck_assert_int_eq(storage_faults_log_syncs() - before, full);
    }
    hn_storage_close(storage);
    free(folder);
}
END_TEST

/* What is told between defer and settle waits for the disk once, and is not settled when that fails. */
START_TEST(one_sync_for_all_that_is_deferred)
{
    static const hone_direction minimize = HONE_MINIMIZE;
    hn_study_row row = {.name = "s", .n_objectives = 1, .directions = &minimize, .definition = "{}"};
    char url[512], *folder = hn_test_temp_dir();
    bool full = _i == 1, created;
    progress done = {0};
    hn_storage *storage;
    int64_t study;
    storage_faults_install();
    study_url(url, folder, true, _i);
    ck_assert_msg(!hn_storage_open(url, true, &storage, &err), "%s", err.message);
    ck_assert_msg(!TYPE->study_create(storage, &row, &study, &created, &err), "%s", err.message);
    for (int fails = 0; fails < 2; fails++) {
        long before = storage_faults_log_syncs();
        TYPE->defer(storage);
        for (int i = 0; i < TRIALS; i++) {
            ck_assert_msg(!tell(storage, study, &done), "%s", err.message);
        }
        ck_assert_int_eq(storage_faults_log_syncs() - before, 0);
        storage_faults_at(fails ? 0 : -1, SQLITE_IOERR_FSYNC);
        ck_assert_int_eq(TYPE->settle(storage, &err), full && fails ? HONE_IO : HONE_OK);
        storage_faults_at(-1, 0);
        ck_assert_int_eq(storage_faults_log_syncs() - before, full);
        ck_assert_int_eq(TYPE->settle(storage, &err), HONE_OK); /* there is nothing to settle any more */
        ck_assert_msg(!tell(storage, study, &done), "%s", err.message);
        ck_assert_int_eq(storage_faults_log_syncs() - before, full ? 2 : 0);
    }
    hn_storage_close(storage);
    free(folder);
}
END_TEST

Suite *suite_storage_fault(void)
{
    Suite *suite = suite_create("storage faults");
    TCase *faults = tcase_create("faults");
    tcase_set_timeout(faults, 250);
    tcase_add_loop_test(faults, every_allocation, 0, 2);
    tcase_add_loop_test(faults, every_write, 0, 3);
    tcase_add_loop_test(faults, one_sync_a_trial, 0, 2);
    tcase_add_loop_test(faults, one_sync_for_all_that_is_deferred, 0, 2);
    suite_add_tcase(suite, faults);
    return suite;
}
