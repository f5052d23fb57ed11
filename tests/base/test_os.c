/* Files, the machine, threads. */
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/memory.h"
#include "base/os_file.h"
#include "base/os_folder.h"
#include "base/os_input.h"
#include "base/os_output.h"
#include "base/os_system.h"
#include "base/thread_pool.h"
#include "support.h"

static hone_error err;
static char *folder;

static void make_folder(void)
{
    folder = hn_test_temp_dir();
}

static void drop_folder(void)
{
    ck_assert_int_eq(hn_remove_tree(folder, &err), HONE_OK);
    ck_assert(!hn_file_exists(folder));
    free(folder);
}

START_TEST(a_file_is_read_whole)
{
    char *path = hn_test_path(folder, "a");
    hn_buffer text = HN_BUFFER_INIT;
    hn_test_write(path, "");
    ck_assert_int_eq(hn_file_read(path, 0, &text, &err), HONE_OK);
    ck_assert_uint_eq(text.size, 0);
    ck_assert_ptr_nonnull(text.data);
    hn_test_write(path, "12345");
    ck_assert_int_eq(hn_file_read(path, 5, &text, &err), HONE_OK);
    ck_assert_int_eq(hn_file_read(path, 5, &text, &err), HONE_OK);
    ck_assert_str_eq(hn_buffer_string(&text), "1234512345");
    ck_assert_int_eq(hn_file_read(path, 4, &text, &err), HONE_LIMIT);
    hn_assert_contains(err.message, "/a holds more than the 4 bytes allowed");
    ck_assert_str_eq(hn_buffer_string(&text), "1234512345");
    ck_assert_int_eq(hn_file_read(folder, 0, &text, &err), HONE_IO);
    hn_assert_contains(err.message, "is a folder; a file is needed");
    unlink(path);
    ck_assert_int_eq(hn_file_read(path, 0, &text, &err), HONE_NOT_FOUND);
    hn_assert_contains(err.message, "/a: No such file or directory");
    hn_buffer_release(&text);
    free(path);
}
END_TEST

START_TEST(gzip_is_inflated)
{
    char *path = hn_test_path(folder, "a.gz");
    gzFile file = gzopen(path, "wb");
    for (int i = 0; i < 20000; i++)
        gzputs(file, "hello\n");
    gzclose(file);
    hn_buffer text = HN_BUFFER_INIT;
    ck_assert_int_eq(hn_file_read(path, 120000, &text, &err), HONE_OK);
    ck_assert_uint_eq(text.size, 120000);
    ck_assert_int_eq(hn_file_read(path, 119999, &text, &err), HONE_LIMIT);
    struct stat info;
    ck_assert_int_eq(stat(path, &info), 0);
    ck_assert_int_eq(truncate(path, info.st_size / 2), 0);
    ck_assert_int_eq(hn_file_read(path, 0, &text, &err), HONE_PARSE);
    hn_assert_contains(err.message, "a.gz is a damaged gzip file: ");
    hn_buffer_release(&text);
    free(path);
}
END_TEST

START_TEST(a_file_is_replaced_whole)
{
    char *path = hn_test_path(folder, "a"), *missing = hn_test_path(folder, "no/a");
    ck_assert_int_eq(hn_file_write_atomic(path, "one", 3, &err), HONE_OK);
    chmod(path, 0640);
    ck_assert_int_eq(hn_file_write_atomic(path, "second", 6, &err), HONE_OK);
    char *text = hn_test_read(path);
    ck_assert_str_eq(text, "second");
    struct stat info;
    stat(path, &info);
    ck_assert_int_eq(info.st_mode & 0777, 0640);
    ck_assert_int_eq(hn_file_write_atomic(missing, "x", 1, &err), HONE_IO);
    hn_assert_contains(err.message, "cannot create ");
    hn_assert_contains(err.message, "no/a: No such file or directory");
    free(text);
    free(path);
    free(missing);
}
END_TEST

START_TEST(pipes_and_links_stay_what_they_are)
{
    char *pipe_path = hn_test_path(folder, "pipe"), *link_path = hn_test_path(folder, "link"),
         *target = hn_test_path(folder, "target"), seen[8] = "";
    struct stat info;
    ck_assert_int_eq(mkfifo(pipe_path, 0600), 0);
    int fd = open(pipe_path, O_RDWR);
    ck_assert_int_eq(hn_file_write_atomic(pipe_path, "through", 7, &err), HONE_OK);
    ck_assert_int_eq(read(fd, seen, 7), 7);
    ck_assert_str_eq(seen, "through");
    close(fd);
    ck_assert(stat(pipe_path, &info) == 0 && S_ISFIFO(info.st_mode));

    hn_test_write(target, "old");
    ck_assert_int_eq(symlink(target, link_path), 0);
    ck_assert_int_eq(hn_file_write_atomic(link_path, "new", 3, &err), HONE_OK);
    ck_assert(lstat(link_path, &info) == 0 && S_ISLNK(info.st_mode));
    char *text = hn_test_read(target);
    ck_assert_str_eq(text, "new");

    ck_assert_int_eq(hn_file_write_atomic(folder, "x", 1, &err), HONE_IO);
    hn_assert_contains(err.message, "Is a directory");
    free(text);
    free(pipe_path);
    free(link_path);
    free(target);
}
END_TEST

START_TEST(folders_are_made_and_removed)
{
    char *deep = hn_test_path(folder, "x/y/z"), *file = hn_test_path(folder, "file"),
         *below = hn_test_path(folder, "file/x"), *link_path = hn_test_path(folder, "x/link");
    ck_assert_int_eq(hn_make_directories(deep, &err), HONE_OK);
    ck_assert_int_eq(hn_make_directories(deep, &err), HONE_OK);
    ck_assert(hn_is_directory(deep));
    hn_test_write(file, "");
    ck_assert(hn_file_exists(file) && !hn_is_directory(file));
    ck_assert_int_eq(hn_make_directories(below, &err), HONE_IO);
    hn_assert_contains(err.message, "cannot make the folder ");
    ck_assert_int_eq(symlink(file, link_path), 0);
    char *x = hn_test_path(folder, "x");
    ck_assert_int_eq(hn_remove_tree(x, &err), HONE_OK);
    ck_assert(!hn_file_exists(x) && hn_file_exists(file));
    ck_assert_int_eq(hn_remove_tree(x, &err), HONE_OK);
    free(x);
    free(deep);
    free(file);
    free(below);
    free(link_path);
}
END_TEST

START_TEST(folders_are_copied_whole)
{
    char *from = hn_test_path(folder, "from"), *to = hn_test_path(folder, "to"),
         *deep = hn_test_path(from, "a/b");
    char *one = hn_test_path(deep, "one"), *other = hn_test_path(from, "two"),
         *pointer = hn_test_path(from, "link");
    char *copy = hn_test_path(to, "a/b/one"), *copied = hn_test_path(to, "link"),
         *stale = hn_test_path(to, "stale");
    ck_assert_int_eq(hn_make_directories(deep, &err), HONE_OK);
    ck_assert_int_eq(hn_make_directories(to, &err), HONE_OK);
    hn_test_write(one, "1");
    hn_test_write(other, "2");
    hn_test_write(stale, "old");
    ck_assert_int_eq(symlink("two", pointer), 0);
    ck_assert_msg(!hn_copy_tree(from, to, &err), "%s", err.message);
    char *text = hn_test_read(copy), *through = hn_test_read(copied);
    ck_assert_str_eq(text, "1");
    ck_assert_str_eq(through, "2"); /* the link points into the copy */
    ck_assert(!hn_file_exists(stale));
    hn_test_write(one, "changed");
    free(text);
    text = hn_test_read(copy);
    ck_assert_str_eq(text, "1");
    ck_assert_int_eq(hn_copy_tree(stale, to, &err),
                     HONE_IO); /* what cannot be copied leaves what was there */
    hn_assert_contains(err.message, "cannot read the folder");
    ck_assert(hn_file_exists(copy));
    char *all[] = {from, to, deep, one, other, pointer, copy, copied, stale, text, through};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        free(all[i]);
    }
}
END_TEST

START_TEST(shared_memory_is_mapped)
{
    const void *data;
    size_t size;
    int fd;
    ck_assert_int_eq(
        hn_shared_memory_create("test", (hn_piece[]){{"con", 3}, {"", 0}, {"tent", 5}}, 3, &fd, &err),
        HONE_OK);
    ck_assert_int_eq(hn_shared_memory_map(fd, &size, &data, &err), HONE_OK);
    ck_assert_uint_eq(size, 8);
    ck_assert_str_eq(data, "content");
    ck_assert_int_eq((int)write(fd, "x", 1), -1); /* sealed */
    hn_shared_memory_unmap(data, size);
    close(fd);
    ck_assert_int_eq(hn_shared_memory_create("empty", NULL, 0, &fd, &err), HONE_OK);
    ck_assert_int_eq(hn_shared_memory_map(fd, &size, &data, &err), HONE_OK);
    ck_assert_uint_eq(size, 0);
    hn_shared_memory_unmap(data, size);
    close(fd);
    ck_assert_int_eq(hn_shared_memory_map(-1, &size, &data, &err), HONE_IO);
}
END_TEST

START_TEST(lists_a_folder)
{
    static const char *const names[] = {"B", "a", "a-b", "b", "d", "gone", "pipe", ".hidden"};
    hn_arena arena = HN_ARENA_INIT;
    hn_folder listed, again;
    char *paths[8];
    for (size_t i = 0; i < 8; i++)
        paths[i] = hn_test_path(folder, names[i]);
    hn_test_write(paths[3], "text");
    hn_test_write(paths[0], "text");
    hn_test_write(paths[7], "text");
    ck_assert_int_eq(symlink(paths[3], paths[1]), 0);
    ck_assert_int_eq(symlink(".", paths[2]), 0);
    ck_assert_int_eq(symlink("nowhere", paths[5]), 0);
    ck_assert_int_eq(mkdir(paths[4], 0777), 0);
    ck_assert_int_eq(mkfifo(paths[6], 0600), 0);
    const hn_entry_kind kinds[] = {HN_ENTRY_FILE,   HN_ENTRY_FILE,  HN_ENTRY_FOLDER, HN_ENTRY_FILE,
                                   HN_ENTRY_FOLDER, HN_ENTRY_OTHER, HN_ENTRY_OTHER};
    ck_assert_int_eq(hn_folder_read(folder, &arena, &listed, &err), HONE_OK);
    ck_assert_uint_eq(listed.n, 7);
    for (size_t i = 0; i < listed.n; i++) {
        ck_assert_str_eq(listed.entries[i].name, names[i]);
        ck_assert_int_eq(listed.entries[i].kind, kinds[i]);
    }
    ck_assert_int_eq(hn_folder_read(paths[2], &arena, &again, &err), HONE_OK); /* the link to itself */
    ck_assert(again.device == listed.device && again.inode == listed.inode);
    ck_assert_int_eq(hn_folder_read(paths[4], &arena, &again, &err), HONE_OK);
    ck_assert(again.n == 0 && again.inode != listed.inode);
    ck_assert_int_eq(hn_folder_read(paths[5], &arena, &again, &err), HONE_NOT_FOUND);
    ck_assert_int_eq(hn_folder_read(paths[3], &arena, &again, &err), HONE_IO);
    hn_arena_release(&arena);
    for (size_t i = 0; i < 8; i++)
        free(paths[i]);
}
END_TEST

START_TEST(local_folders_are_local)
{
    const char *name = NULL;
    ck_assert(!hn_is_network_filesystem("/proc/self", &name));
    ck_assert(!hn_is_network_filesystem("/dev/shm/none/such/file", NULL));
    ck_assert_ptr_null(name);
    ck_assert(hn_disk_free_bytes(folder) != UINT64_MAX);
    ck_assert(hn_disk_free_bytes("/none/such") == UINT64_MAX);
}
END_TEST

START_TEST(the_machine_is_known)
{
    ck_assert_int_ge(hn_cpu_count(), 1);
    ck_assert_int_le(hn_cpu_count(), (int)sysconf(_SC_NPROCESSORS_CONF));
    ck_assert(hn_memory_total_bytes() > hn_memory_resident_bytes());
    ck_assert(hn_memory_resident_bytes() > 100000);
    ck_assert(hn_process_id() == getpid());
    ck_assert_uint_gt(strlen(hn_host_name()), 0);
    hn_assert_contains(hn_program_path(), "test_base");
    ck_assert(hn_cpu_has_avx2() || !hn_cpu_has_avx512());
}
END_TEST

START_TEST(random_text_is_hexadecimal_and_differs)
{
    char a[33], b[33];
    ck_assert_int_eq(hn_random_hex(a, 16, &err), HONE_OK);
    ck_assert_int_eq(hn_random_hex(b, 16, &err), HONE_OK);
    ck_assert_uint_eq(strspn(a, "0123456789abcdef"), 32);
    ck_assert_uint_eq(strlen(a), 32);
    ck_assert_str_ne(a, b);
}
END_TEST

enum { N_TASKS = 10000 };

typedef struct tally {
    hn_thread_pool *pool;
    atomic_int done[N_TASKS];
    atomic_int wrong_worker, inner;
} tally;

static void count_inner(void *user, size_t index, size_t worker)
{
    tally *t = user;
    (void)index;
    if (worker >= hn_thread_pool_size(t->pool))
        atomic_fetch_add(&t->wrong_worker, 1);
    atomic_fetch_add(&t->inner, 1);
}

static void count_task(void *user, size_t index, size_t worker)
{
    tally *t = user;
    atomic_fetch_add(&t->done[index], 1);
    if (worker >= hn_thread_pool_size(t->pool))
        atomic_fetch_add(&t->wrong_worker, 1);
    if (index % 1000 == 0)
        hn_thread_pool_run(t->pool, 3, count_inner, t);
}

START_TEST(each_task_runs_once)
{
    for (size_t threads = 0; threads <= 4; threads++) {
        tally *t = hn_calloc(1, sizeof *t);
        if (threads > 0)
            ck_assert_int_eq(hn_thread_pool_create(threads, &t->pool, &err), HONE_OK);
        ck_assert_uint_eq(hn_thread_pool_size(t->pool), threads == 0 ? 1 : threads);
        for (int round = 1; round <= 3; round++) {
            hn_thread_pool_run(t->pool, N_TASKS, count_task, t);
            for (size_t i = 0; i < N_TASKS; i++)
                ck_assert_int_eq(t->done[i], round);
            ck_assert_int_eq(t->inner, 30 * round);
        }
        hn_thread_pool_run(t->pool, 0, count_task, t);
        ck_assert_int_eq(t->wrong_worker, 0);
        hn_thread_pool_destroy(t->pool);
        hn_free(t);
    }
    hn_thread_pool *pool;
    ck_assert_int_eq(hn_thread_pool_create(0, &pool, &err), HONE_INVALID);
    ck_assert_str_eq(err.message, "a thread pool needs at least 1 thread, found 0");
}
END_TEST

Suite *suite_os(void)
{
    Suite *suite = suite_create("os");
    TCase *files = tcase_create("files");
    tcase_add_checked_fixture(files, make_folder, drop_folder);
    tcase_add_test(files, a_file_is_read_whole);
    tcase_add_test(files, gzip_is_inflated);
    tcase_add_test(files, a_file_is_replaced_whole);
    tcase_add_test(files, pipes_and_links_stay_what_they_are);
    tcase_add_test(files, folders_are_made_and_removed);
    tcase_add_test(files, folders_are_copied_whole);
    tcase_add_test(files, shared_memory_is_mapped);
    tcase_add_test(files, local_folders_are_local);
    tcase_add_test(files, lists_a_folder);
    suite_add_tcase(suite, files);
    TCase *machine = tcase_create("machine");
    tcase_add_test(machine, the_machine_is_known);
    tcase_add_test(machine, random_text_is_hexadecimal_and_differs);
    tcase_add_test(machine, each_task_runs_once);
    suite_add_tcase(suite, machine);
    return suite;
}
