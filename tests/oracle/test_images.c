/* Images as Pillow reads them: image_oracle.py writes files and what it sees in them. PNG to the last bit,
 * resized or not; JPEG up to 2 of 255. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/os_input.h"
#include "data/image.h"
#include "support.h"

/* The script's exit status. */
static int run_oracle(const char *folder)
{
    char *script = hn_test_source("tests/oracle/image_oracle.py");
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (!child) {
        execl("/usr/bin/python3", "python3", script, folder, (char *)NULL);
        _exit(77);
    }
    int status = 0;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    free(script);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* folder/NAME@form.raw against folder/NAME. */
static void compare(hn_image_reader *reader, const char *folder, const char *raw_name)
{
    hn_buffer raw = HN_BUFFER_INIT;
    hone_error error = {0};
    size_t channels, height, width;
    int tolerance, taken = 0;
    char *raw_path = hn_test_path(folder, raw_name), *path = hn_test_path(folder, raw_name);
    *strrchr(path, '@') = '\0';
    ck_assert_int_eq(hn_file_read(raw_path, 0, &raw, &error), HONE_OK);
    ck_assert_int_eq(sscanf(raw.data, "%zu %zu %zu %d%n", &channels, &height, &width, &tolerance, &taken), 4);
    const uint8_t *wanted = (const uint8_t *)raw.data + taken + 1;
    size_t n = channels * height * width;
    ck_assert_uint_eq(raw.size, n + (size_t)taken + 1);
    uint8_t *got = hn_malloc(n);
    ck_assert_ptr_nonnull(got);
    ck_assert_msg(hn_image_reader_read(reader, path, channels, height, width, got, &error) == HONE_OK, "%s",
                  error.message);
    for (size_t i = 0; i < n; i++)
        ck_assert_msg(abs(got[i] - wanted[i]) <= tolerance, "%s: value %zu is %d, Pillow has %d", raw_name, i,
                      got[i], wanted[i]);
    hn_free(got);
    hn_buffer_release(&raw);
    free(raw_path);
    free(path);
}

START_TEST(reads_images_as_pillow)
{
    enum { FORMS = 30 };
    char *folder = hn_test_temp_dir();
    hn_image_reader *reader = NULL;
    size_t n = 0;
    int status = run_oracle(folder);
    if (status == 77)
        HN_SKIP("no Pillow (python3-pil, python3-numpy)");
    ck_assert_int_eq(status, 0);
    ck_assert_int_eq(hn_image_reader_create(&reader, NULL), HONE_OK);
    DIR *list = opendir(folder);
    ck_assert_ptr_nonnull(list);
    for (struct dirent *entry; (entry = readdir(list));)
        if (strstr(entry->d_name, ".raw")) {
            compare(reader, folder, entry->d_name);
            n++;
        }
    closedir(list);
    ck_assert_uint_ge(n, FORMS);
    hn_image_reader_destroy(reader);
    free(folder);
}
END_TEST

Suite *suite_images(void)
{
    Suite *suite = suite_create("images");
    TCase *pillow = tcase_create("pillow");
    tcase_add_test(pillow, reads_images_as_pillow);
    suite_add_tcase(suite, pillow);
    return suite;
}
