/* What was told is there: after kill -9 at any moment, and with several processes at once. */
#include "support.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "storage/storage.h"
#include "tool.h"

#define TYPE hn_storage_of(storage)

static hone_error err;

/* What a scan of the study found, by number. */
typedef struct census {
    size_t trials, complete;
    bool wrong;
} census;

static hone_status take(void *user, const hn_trial_record *record, hone_error *error)
{
    census *all = user;
    (void)error;
    all->wrong |= record->number != (int64_t)all->trials || record->n_params != 10;
    all->trials++;
    if (record->state == HONE_COMPLETE) {
        all->complete++;
        all->wrong |=
            record->n_values != 1 || record->values[0] != (double)record->number || record->n_reports != 5;
    } else {
        all->wrong |= record->n_values != 0 || record->n_reports != 0;
    }
    return HONE_OK;
}

static census examine(const char *url)
{
    hn_storage *storage;
    hn_arena arena = HN_ARENA_INIT;
    hn_buffer report = HN_BUFFER_INIT;
    hn_study_row row;
    census all = {0};
    hone_status status = hn_storage_open(url, true, &storage, &err);
    ck_assert_msg(status == HONE_OK, "%s", err.message);
    status = TYPE->study_find(storage, TOOL_STUDY, &arena, &row, &err);
    if (!status)
        status = TYPE->scan(storage, row.id, -1, NULL, 0, take, &all, &err);
    ck_assert_msg(status == HONE_OK || status == HONE_NOT_FOUND, "%s", err.message);
    status = TYPE->check(storage, &report, &err);
    ck_assert_msg(status == HONE_OK, "%s: %s", err.message, hn_buffer_string(&report));
    ck_assert_msg(!all.wrong, "a trial of %zu is not as it was written", all.trials);
    hn_buffer_release(&report);
    hn_arena_release(&arena);
    hn_storage_close(storage);
    return all;
}

static void study_url(char url[512])
{
    char *folder = hn_test_temp_dir();
    snprintf(url, 512, "sqlite:///%s/study.db", folder);
    free(folder);
}

/* Each round lets the child tell some trials more, counted, kills it in the middle of whatever it does then,
 * and looks. The first rounds hit it while it makes the tables. */
START_TEST(nothing_told_is_lost_by_kill)
{
    int rounds = hn_test_tier() == HN_TEST_LONG ? 200 : 10;
    size_t told = 0;
    char url[512], line[64];
    study_url(url);
    for (int round = 0; round < rounds; round++) {
        FILE *out;
        pid_t pid = tool_start("loop", url, 1000000, &out);
        for (int i = 0; i < (round * 7) % 23; i++) {
            ck_assert_ptr_nonnull(fgets(line, sizeof line, out));
            told++;
        }
        /* Not on a clean boundary: some hundred microseconds into the next trial, a little more each
         * round. */
        for (volatile long spin = (round * 9973L) % 200000; spin > 0; spin--)
            continue;
        kill(pid, SIGKILL);
        ck_assert_int_eq(tool_wait(pid), -SIGKILL);
        while (fgets(line, sizeof line, out))
            told += strchr(line, '\n') != NULL;
        fclose(out);
        census all = examine(url);
        ck_assert_msg(all.complete >= told, "round %d: %zu told, %zu there", round, told, all.complete);
        told = all.complete; /* one may be committed and not yet acknowledged */
    }
    ck_assert_uint_ge(told, 50);
}
END_TEST

START_TEST(processes_share_a_study)
{
    enum { PROCESSES = 4, EACH = 50 };
    FILE *outs[PROCESSES];
    pid_t pids[PROCESSES];
    bool seen[PROCESSES * EACH] = {false};
    char url[512], line[256];
    study_url(url);
    /* None has made the file yet: they race for that too. */
    for (int i = 0; i < PROCESSES; i++)
        pids[i] = tool_start("loop", url, EACH, &outs[i]);
    for (int i = 0; i < PROCESSES; i++) {
        for (int k = 0; k < EACH; k++) {
            ck_assert_ptr_nonnull(fgets(line, sizeof line, outs[i]));
            char *end;
            long number = strtol(line, &end, 10);
            ck_assert_msg(end != line && number >= 0 && number < PROCESSES * EACH && !seen[number], "%s",
                          line);
            seen[number] = true;
        }
        ck_assert_int_eq(tool_wait(pids[i]), 0);
        fclose(outs[i]);
    }
    census all = examine(url);
    ck_assert_uint_eq(all.trials, PROCESSES * EACH);
    ck_assert_uint_eq(all.complete, PROCESSES * EACH);
}
END_TEST

START_TEST(sees_when_another_process_wrote)
{
    char url[512], line[256];
    hn_storage *storage;
    FILE *out;
    int64_t before, after;
    study_url(url);
    ck_assert_int_eq(hn_storage_open(url, true, &storage, &err), HONE_OK);
    ck_assert_int_eq(TYPE->change_counter(storage, true, &before, &err), HONE_OK);
    pid_t pid = tool_start("loop", url, 1, &out);
    ck_assert_ptr_nonnull(fgets(line, sizeof line, out));
    ck_assert_int_eq(tool_wait(pid), 0);
    fclose(out);
    ck_assert_int_eq(TYPE->change_counter(storage, true, &after, &err), HONE_OK);
    ck_assert_int_ne(before, after);
    hn_storage_close(storage);
}
END_TEST

Suite *suite_survival(void)
{
    Suite *suite = suite_create("storage survival");
    TCase *survival = tcase_create("processes");
    tcase_set_timeout(survival, 280);
    tcase_add_test(survival, nothing_told_is_lost_by_kill);
    tcase_add_test(survival, processes_share_a_study);
    tcase_add_test(survival, sees_when_another_process_wrote);
    suite_add_tcase(suite, survival);
    return suite;
}
