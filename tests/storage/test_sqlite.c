/* Files that are not what they should be: each gives one clear error and is left as it was. */
#include "support.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "storage/sqlite.h"
#include "tool.h"

#define TYPE hn_storage_of(storage)

static hone_error err;
static char folder[512], path[560], url[600];

static void set_up(void)
{
    char *made = hn_test_temp_dir();
    snprintf(folder, sizeof folder, "%s", made);
    snprintf(path, sizeof path, "%s/study.db", folder);
    snprintf(url, sizeof url, "sqlite:///%s", path);
    free(made);
}

static hn_storage *open_ok(const char *text)
{
    hn_storage *storage;
    hone_status status = hn_storage_open(text, true, &storage, &err);
    ck_assert_msg(status == HONE_OK, "%s", err.message);
    return storage;
}

static hone_status add_trials(hn_storage *storage, int n)
{
    static const hone_direction minimize = HONE_MINIMIZE;
    static const double value = 1;
    hn_study_row row = {.name = "s", .n_objectives = 1, .directions = &minimize};
    hn_new_trial trial = {
        .state = HONE_COMPLETE, .start_us = 1, .complete_us = 2, .n_values = 1, .values = &value};
    int64_t study, id, number;
    bool created;
    hone_status status = TYPE->study_create(storage, &row, &study, &created, &err);
    for (int i = 0; i < n && !status; i++)
        status = TYPE->trial_create(storage, study, 1, &trial, -1, &id, &number, &err);
    return status;
}

static size_t count_trials(const char *text)
{
    hn_storage *storage = open_ok(text);
    hn_arena arena = HN_ARENA_INIT;
    hn_study_summary *rows;
    size_t n;
    ck_assert_int_eq(TYPE->study_list(storage, &arena, &rows, &n, &err), HONE_OK);
    size_t trials = n ? (size_t)rows[0].trials : 0;
    hn_arena_release(&arena);
    hn_storage_close(storage);
    return trials;
}

static void make_file(int trials)
{
    hn_storage *storage = open_ok(url);
    ck_assert_msg(add_trials(storage, trials) == HONE_OK, "%s", err.message);
    hn_storage_close(storage);
}

static void sql(const char *text)
{
    sqlite3 *db;
    ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
    ck_assert_msg(sqlite3_exec(db, text, NULL, NULL, NULL) == SQLITE_OK, "%s", sqlite3_errmsg(db));
    sqlite3_close(db);
}

static void refuses(hone_status status, const char *part)
{
    hn_storage *storage;
    ck_assert_int_eq(hn_storage_open(url, true, &storage, &err), status);
    hn_assert_contains(err.message, path);
    hn_assert_contains(err.message, part);
}

START_TEST(not_a_database)
{
    char text[2000];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    hn_test_write(path, text);
    refuses(HONE_STORAGE, "is not an SQLite database");
    char *after = hn_test_read(path);
    ck_assert_str_eq(after, text);
    free(after);
}
END_TEST

START_TEST(a_directory)
{
    ck_assert_int_eq(mkdir(path, 0700), 0);
    refuses(HONE_STORAGE, "is a directory");
}
END_TEST

START_TEST(not_there)
{
    hn_storage *storage;
    ck_assert_int_eq(hn_storage_open(url, false, &storage, &err), HONE_NOT_FOUND);
    hn_assert_contains(err.message, path);
    ck_assert_int_ne(access(path, F_OK), 0);
    hn_test_write(path, "");
    ck_assert_int_eq(hn_storage_open(url, false, &storage, &err), HONE_NOT_FOUND);
    hn_assert_contains(err.message, "holds no study");
}
END_TEST

START_TEST(of_something_else)
{
    sql("CREATE TABLE albums (id INTEGER PRIMARY KEY)");
    refuses(HONE_STORAGE, "something else");
    sql("SELECT id FROM albums");
}
END_TEST

START_TEST(newer_and_older_schemas)
{
    make_file(3);
    sql("UPDATE hone_version SET schema_version = 99");
    refuses(HONE_STORAGE, "newer hone");
    sql("UPDATE hone_version SET schema_version = 1; UPDATE version_info SET schema_version = 13");
    refuses(HONE_STORAGE, "newer Optuna");
    sql("UPDATE version_info SET schema_version = 12; UPDATE alembic_version SET version_num = 'v9.0.0.a'");
    refuses(HONE_STORAGE, "newer Optuna");
    sql("UPDATE alembic_version SET version_num = 'v3.0.0.d'");
    refuses(HONE_STORAGE, "optuna storage upgrade");
    sql("UPDATE alembic_version SET version_num = 'v3.2.0.a'");
    ck_assert_uint_eq(count_trials(url), 3);
}
END_TEST

START_TEST(truncated)
{
    make_file(2000);
    struct stat info;
    ck_assert_int_eq(stat(path, &info), 0);
    ck_assert_int_eq(truncate(path, info.st_size / 2), 0);
    refuses(HONE_STORAGE, "damaged or truncated");
    ck_assert_int_eq(truncate(path, 300), 0);
    refuses(HONE_STORAGE, "truncated");
}
END_TEST

START_TEST(damaged_inside)
{
    make_file(2000);
    FILE *file = fopen(path, "r+b");
    ck_assert_ptr_nonnull(file);
    for (long at = 4096L * 12; at < 4096L * 30; at += 4096) {
        fseek(file, at, SEEK_SET);
        fputs("damage damage damage", file);
    }
    fclose(file);
    hn_storage *storage;
    hn_buffer report = HN_BUFFER_INIT;
    hone_status status = hn_storage_open(url, false, &storage, &err);
    if (status == HONE_OK) {
        ck_assert_int_eq(TYPE->check(storage, &report, &err), HONE_STORAGE);
        hn_assert_contains(hn_buffer_string(&report), path);
        hn_storage_close(storage);
    }
    hn_assert_contains(err.message, path);
    hn_buffer_release(&report);
}
END_TEST

START_TEST(disk_full)
{
    hn_storage *storage = open_ok(url);
    ck_assert_int_eq(add_trials(storage, 10), HONE_OK);
    sqlite3 *db = ((hn_sqlite *)storage)->db;
    int64_t pages;
    ck_assert_int_eq(hn_sqlite_integer((hn_sqlite *)storage, "PRAGMA page_count", &pages, &err), HONE_OK);
    char limit[64];
    snprintf(limit, sizeof limit, "PRAGMA max_page_count = %lld", (long long)pages + 1);
    ck_assert_int_eq(sqlite3_exec(db, limit, NULL, NULL, NULL), SQLITE_OK);
    int told = 10;
    hone_status status;
    while (!(status = add_trials(storage, 1)) && told < 100000)
        told++;
    ck_assert_int_eq(status, HONE_STORAGE);
    hn_assert_contains(err.message, "disk is full");
    ck_assert_int_eq(err.detail & 0xff, SQLITE_FULL);
    ck_assert_int_eq(sqlite3_exec(db, "PRAGMA max_page_count = 100000", NULL, NULL, NULL), SQLITE_OK);
    ck_assert_msg(add_trials(storage, 1) == HONE_OK, "%s", err.message);
    hn_storage_close(storage);
    ck_assert_uint_eq(count_trials(url), (size_t)told + 1);
}
END_TEST

START_TEST(read_only)
{
    char read_url[640], line[512];
    make_file(3);
    snprintf(read_url, sizeof read_url, "%s?mode=ro", url);
    hn_storage *storage = open_ok(read_url);
    ck_assert_int_eq(add_trials(storage, 1), HONE_STORAGE);
    hn_assert_contains(err.message, "read-only");
    hn_storage_close(storage);
    ck_assert_uint_eq(count_trials(read_url), 3);

    /* Really read-only, folder too, in WAL mode; root without its right to write everywhere. */
    FILE *out;
    chmod(path, 0444);
    chmod(folder, 0555);
    pid_t pid = tool_start("open", url, 0, &out);
    ck_assert_ptr_nonnull(fgets(line, sizeof line, out));
    hn_assert_contains(line, "read 1 studies");
    ck_assert_ptr_nonnull(fgets(line, sizeof line, out));
    hn_assert_contains(line, "read-only");
    ck_assert_int_eq(tool_wait(pid), 1);
    fclose(out);
    chmod(folder, 0755);
}
END_TEST

START_TEST(busy)
{
    char short_url[640];
    make_file(1);
    snprintf(short_url, sizeof short_url, "%s?timeout=0.05", url);
    hn_storage *storage = open_ok(short_url);
    sqlite3 *db;
    ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    ck_assert_int_eq(add_trials(storage, 1), HONE_BUSY);
    hn_assert_contains(err.message, "another process");
    hn_assert_contains(err.message, "0.05 s");
    sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
    sqlite3_close(db);
    ck_assert_int_eq(add_trials(storage, 1), HONE_OK);
    hn_storage_close(storage);
}
END_TEST

START_TEST(a_deleted_studys_id_given_again)
{
    hn_storage *storage = open_ok(url);
    hn_arena arena = HN_ARENA_INIT;
    ck_assert_int_eq(add_trials(storage, 2), HONE_OK);
    sql("DELETE FROM trial_values; DELETE FROM trials; DELETE FROM study_directions;"
        "DELETE FROM study_system_attributes; DELETE FROM studies;"
        "INSERT INTO studies VALUES (1, 'other'); INSERT INTO study_directions VALUES (1, 'MINIMIZE', 1, 0)");
    hn_new_trial trial = {.state = HONE_RUNNING};
    int64_t id, number;
    ck_assert_int_eq(TYPE->trial_create(storage, 1, 1, &trial, -1, &id, &number, &err), HONE_NOT_FOUND);
    hn_storage_close(storage);
    storage = open_ok(url); /* sweeps what was left */
    int64_t left;
    ck_assert_int_eq(
        hn_sqlite_integer((hn_sqlite *)storage, "SELECT count(*) FROM hone_studies", &left, &err), HONE_OK);
    ck_assert_int_eq(left, 0);
    ck_assert_int_eq(TYPE->trial_create(storage, 1, 1, &trial, -1, &id, &number, &err), HONE_OK);
    hn_study_row row;
    ck_assert_int_eq(TYPE->study_find(storage, "other", &arena, &row, &err), HONE_OK);
    ck_assert_uint_eq(strlen(row.uuid), HN_UUID_SIZE - 1);
    hn_arena_release(&arena);
    hn_storage_close(storage);
}
END_TEST

static int count_commit(void *user)
{
    ++*(int *)user;
    return 0;
}

START_TEST(two_commits_a_trial)
{
    static const double value = 1;
    static const hn_distribution unit = {.kind = HN_FLOAT, .low = 0, .high = 1};
    static const hn_trial_param param = {"x", &unit, 0.5};
    static const hn_trial_report report = {1, 0.5};
    hn_storage *storage = open_ok(url);
    hn_new_trial trial = {
        .state = HONE_RUNNING, .lease = "L", .start_us = 1, .n_params = 1, .params = &param};
    hn_trial_update end = {.state = HONE_COMPLETE,
                           .complete_us = 2,
                           .n_values = 1,
                           .values = &value,
                           .n_reports = 1,
                           .reports = &report};
    int64_t id, number;
    int commits = 0;
    ck_assert_int_eq(add_trials(storage, 1), HONE_OK);
    sqlite3_commit_hook(((hn_sqlite *)storage)->db, count_commit, &commits);
    ck_assert_int_eq(TYPE->trial_create(storage, 1, 1, &trial, -1, &id, &number, &err), HONE_OK);
    ck_assert_int_eq(TYPE->trial_update(storage, id, "L", &end, NULL, NULL, &err), HONE_OK);
    ck_assert_int_eq(commits, 2);
    hn_storage_close(storage);
}
END_TEST

Suite *suite_sqlite(void)
{
    Suite *suite = suite_create("storage sqlite");
    TCase *files = tcase_create("files");
    tcase_add_checked_fixture(files, set_up, NULL);
    tcase_add_test(files, not_a_database);
    tcase_add_test(files, a_directory);
    tcase_add_test(files, not_there);
    tcase_add_test(files, of_something_else);
    tcase_add_test(files, newer_and_older_schemas);
    tcase_add_test(files, truncated);
    tcase_add_test(files, damaged_inside);
    tcase_add_test(files, disk_full);
    tcase_add_test(files, read_only);
    tcase_add_test(files, busy);
    tcase_add_test(files, a_deleted_studys_id_given_again);
    tcase_add_test(files, two_commits_a_trial);
    suite_add_tcase(suite, files);
    return suite;
}
