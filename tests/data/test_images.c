/* Folders of images as datasets: classes, order, form, what is refused, and models' form for new images. */
#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/os_file.h"
#include "data/preprocess.h"
#include "data/read_images.h"
#include "picture.h"
#include "support.h"

static char *folder;
static hn_dataset *set;
static hone_error error;
static char logged[1024];
static hn_log_level logged_level;

static void take_log(void *user, hn_log_level level, const char *message)
{
    (void)user;
    logged_level = level;
    snprintf(logged, sizeof logged, "%s", message);
}

static void setup(void)
{
    folder = folder ? folder : hn_test_temp_dir();
    ck_assert_int_eq(hn_remove_tree(folder, &error), HONE_OK);
    ck_assert_int_eq(hn_make_directories(folder, &error), HONE_OK);
    set = NULL;
    error = (hone_error){0};
    logged[0] = '\0';
    hn_log_set(take_log, NULL, HN_LOG_INFO);
}

static void teardown(void)
{
    hn_log_set(NULL, NULL, HN_LOG_ERROR);
    hn_dataset_destroy(set);
}

/* --- making folders --- */

static char *in_folder(const char *name)
{
    char *path = hn_test_path(folder, name);
    char *slash = strrchr(path, '/');
    *slash = '\0';
    ck_assert_int_eq(hn_make_directories(path, &error), HONE_OK);
    *slash = '/';
    return path;
}

/* height x width pixels, all of one value; grey, or the same three colours. */
static void image(const char *name, size_t height, size_t width, bool colour, uint8_t value)
{
    uint8_t pixels[64 * 64 * 3];
    char *path = in_folder(name);
    memset(pixels, value, sizeof pixels);
    write_png(path, &(png_picture){width, height, colour ? PNG_COLOR_TYPE_RGB : PNG_COLOR_TYPE_GRAY, 8, 0, 0,
                                   pixels});
    free(path);
}

static void text(const char *name)
{
    char *path = in_folder(name);
    hn_test_write(path, "text");
    free(path);
}

static void folder_of(const char *name)
{
    char *path = in_folder(name);
    ck_assert_int_eq(hn_make_directories(path, &error), HONE_OK);
    free(path);
}

static hone_status read_folder(const char *name, const hn_dataset_options *options)
{
    char *path = hn_test_path(folder, name);
    hn_dataset_destroy(set);
    set = NULL;
    hone_status status = hn_dataset_read(path, options, &set, &error);
    free(path);
    return status;
}

static void refuse(const char *name, const hn_dataset_options *options, hone_status status, const char *says)
{
    ck_assert_int_eq(read_folder(name, options), status);
    hn_assert_contains(error.message, says);
}

static uint8_t value_at(size_t row, size_t k)
{
    return ((const uint8_t *)set->samples->values)[row * set->samples->size + k];
}

/* The names of the rows, in order. */
static void assert_rows(const char *const *names, size_t n)
{
    ck_assert_uint_eq(set->n_rows, n);
    for (size_t i = 0; i < n; i++)
        ck_assert_str_eq(set->row_names[i], names[i]);
}

/* --- reading --- */

START_TEST(reads_classes_in_turns)
{
    static const char *const rows[] = {"cat/1.png", "dog/a.PNG", "cat/10.png",
                                       "cat/2.png", "dog/b.png", "cat/more/deep/z.png"};
    const size_t classes[] = {0, 1, 0, 0, 1, 0};
    image("set/dog/b.png", 4, 6, false, 21);
    image("set/cat/2.png", 4, 6, false, 12);
    image("set/cat/more/deep/z.png", 4, 6, false, 13);
    image("set/cat/10.png", 4, 6, false, 11);
    image("set/cat/1.png", 4, 6, false, 10);
    image("set/dog/a.PNG", 4, 6, false, 20);
    image("set/.hidden/x.png", 9, 9, false, 0);
    image("set/cat/.hidden.png", 9, 9, false, 0);
    ck_assert_msg(read_folder("set/", NULL) == HONE_OK, "%s", error.message);
    assert_rows(rows, 6);
    ck_assert_int_eq(set->task, HN_TASK_CLASSIFICATION);
    ck_assert_str_eq(set->target_name, "label");
    ck_assert_uint_eq(set->n_classes, 2);
    ck_assert_str_eq(set->classes[0], "cat");
    ck_assert_str_eq(set->classes[1], "dog");
    ck_assert_uint_eq(set->samples->rank, 3);
    ck_assert_uint_eq(set->samples->shape[0], 1);
    ck_assert_uint_eq(set->samples->shape[1], 4);
    ck_assert_uint_eq(set->samples->shape[2], 6);
    const uint8_t values[] = {10, 20, 11, 12, 21, 13};
    for (size_t i = 0; i < 6; i++) {
        ck_assert_double_eq(set->target[i], (double)classes[i]);
        for (size_t k = 0; k < 24; k++)
            ck_assert_uint_eq(value_at(i, k), values[i]);
    }
    ck_assert_str_eq(logged, "");
}
END_TEST

START_TEST(reads_without_classes)
{
    static const char *const flat[] = {"a.png", "b.png", "c/a.png"};
    const hn_dataset_options no_target = {.no_target = true}, clustering = {.task = HN_TASK_CLUSTERING};
    image("set/b.png", 2, 2, true, 2);
    image("set/a.png", 2, 2, true, 1);
    image("set/c/a.png", 2, 2, true, 3);
    ck_assert_int_eq(read_folder("set", &no_target), HONE_OK);
    assert_rows(flat, 3);
    ck_assert_ptr_null(set->target);
    ck_assert_int_eq(set->task, HN_TASK_NONE);
    ck_assert_uint_eq(set->samples->shape[0], 3);
    ck_assert_int_eq(read_folder("set", &clustering), HONE_OK);
    ck_assert_int_eq(set->task, HN_TASK_CLUSTERING);
    ck_assert_int_eq(read_folder("set/b.png", &no_target), HONE_OK);
    ck_assert_uint_eq(set->n_rows, 1);
    ck_assert_uint_eq(value_at(0, 0), 2);
    hn_assert_contains(set->row_names[0], "set/b.png");
}
END_TEST

START_TEST(follows_links_but_not_in_circles)
{
    static const char *const rows[] = {"a/1.png", "b/1.png", "a/x/far.png"};
    image("set/a/1.png", 2, 2, false, 1);
    image("set/b/1.png", 2, 2, false, 2);
    image("elsewhere/far.png", 2, 2, false, 3);
    char *elsewhere = hn_test_path(folder, "elsewhere"), *link = hn_test_path(folder, "set/a/x");
    ck_assert_int_eq(symlink(elsewhere, link), 0);
    free(link);
    link = hn_test_path(folder, "set/a/up");
    ck_assert_int_eq(symlink("..", link), 0);
    free(link);
    link = hn_test_path(folder, "set/a/nowhere.png");
    ck_assert_int_eq(symlink("gone.png", link), 0);
    free(link);
    link = hn_test_path(folder, "set/b/pipe.png");
    ck_assert_int_eq(mkfifo(link, 0600), 0);
    ck_assert_msg(read_folder("set", NULL) == HONE_OK, "%s", error.message);
    ck_assert_uint_eq(set->n_rows, 3);
    assert_rows(rows, 3);
    hn_assert_contains(logged, "2 other files are left out");
    free(elsewhere);
    free(link);
}
END_TEST

START_TEST(tells_of_other_files)
{
    image("set/a/1.png", 2, 2, false, 1);
    image("set/b/1.png", 2, 2, false, 2);
    text("set/a/notes.txt");
    text("set/readme");
    ck_assert_int_eq(read_folder("set", NULL), HONE_OK);
    hn_assert_contains(logged, "2 other files are left out, such as ");
    hn_assert_contains(logged, "notes.txt: images are .png, .jpg and .jpeg");
    ck_assert_int_eq(logged_level, HN_LOG_INFO);
    text("set/b/animation.GIF");
    ck_assert_int_eq(read_folder("set", NULL), HONE_OK);
    hn_assert_contains(logged, "3 other files are left out, such as ");
    hn_assert_contains(logged, "animation.GIF: of pictures PNG and JPEG files are read");
    ck_assert_int_eq(logged_level, HN_LOG_WARNING);
}
END_TEST

/* --- form --- */

START_TEST(chooses_the_channels)
{
    image("set/a/1.png", 2, 2, false, 1);
    image("set/b/1.png", 2, 2, true, 2);
    ck_assert_int_eq(read_folder("set", NULL), HONE_OK);
    ck_assert_uint_eq(set->samples->shape[0], 3);
    for (size_t k = 0; k < 12; k++)
        ck_assert_uint_eq(value_at(0, k), 1);
    ck_assert_int_eq(read_folder("set", &(hn_dataset_options){.channels = 1}), HONE_OK);
    ck_assert_uint_eq(set->samples->shape[0], 1);
    ck_assert_uint_eq(value_at(1, 3), 2);
}
END_TEST

START_TEST(resizes_to_one_size)
{
    hn_dataset_options size = {.image_height = 3, .image_width = 5};
    image("set/a/1.png", 20, 10, false, 1);
    image("set/b/1.png", 30, 40, false, 2);
    refuse("set", NULL, HONE_INVALID, "b/1.png has 30 x 40 pixels (height x width), but ");
    hn_assert_contains(error.message,
                       "a/1.png 20 x 10: resize all to one size with data: {image_size: [20, 10]}");
    ck_assert_int_eq(read_folder("set", &size), HONE_OK);
    ck_assert_uint_eq(set->samples->shape[1], 3);
    ck_assert_uint_eq(set->samples->shape[2], 5);
    ck_assert_uint_eq(value_at(1, 14), 2);
    size.channels = 3; /* nothing is left to be found out: heads are not read first */
    ck_assert_int_eq(read_folder("set", &size), HONE_OK);
    ck_assert_uint_eq(set->samples->size, 45);
}
END_TEST

START_TEST(reads_as_a_model_needs)
{
    static const char *const classes[] = {"ant", "a", "b"};
    const size_t shape[] = {3, 4, 4}, depth[] = {4, 4, 4};
    hn_schema schema = {.named = true, .rank = 3, .shape = shape};
    hn_dataset_options options = {.schema = &schema, .classes = classes, .n_classes = 3};
    image("set/a/1.png", 9, 7, false, 1);
    image("set/b/1.png", 3, 2, false, 2);
    ck_assert_msg(read_folder("set", &options) == HONE_OK, "%s", error.message);
    for (size_t i = 0; i < 3; i++)
        ck_assert_uint_eq(set->samples->shape[i], shape[i]);
    ck_assert_uint_eq(set->n_classes, 3);
    ck_assert_double_eq(set->target[0], 1);
    ck_assert_double_eq(set->target[1], 2);
    image("set/zebra/1.png", 3, 2, false, 2);
    refuse("set", &options, HONE_INVALID, "has the value \"zebra\", which is none of the 3 classes");
    schema.shape = depth;
    refuse("set", &options, HONE_INVALID, "holds images, the model was fitted to arrays or texts");
    schema.rank = 0;
    refuse("set", &options, HONE_INVALID, "holds images, the model was fitted to columns");
}
END_TEST

/* Preprocessing says what the model was fitted to, and takes what was read for it. */
START_TEST(goes_through_preprocessing)
{
    const hn_preprocess_options minmax = {.scale = HN_SCALE_MINMAX};
    hn_preprocess *fitted = NULL;
    hn_sample_view view;
    float row[12];
    image("set/a/1.png", 2, 2, true, 51);
    image("set/b/1.png", 2, 2, true, 255);
    ck_assert_int_eq(read_folder("set", NULL), HONE_OK);
    ck_assert_int_eq(hn_preprocess_fit(&minmax, set, NULL, 0, &fitted, &error), HONE_OK);
    hn_schema schema = hn_preprocess_schema(fitted);
    ck_assert_uint_eq(schema.rank, 3);
    image("new/x.png", 8, 8, false, 102);
    ck_assert_int_eq(read_folder("new", &(hn_dataset_options){.schema = &schema, .no_target = true}),
                     HONE_OK);
    ck_assert_int_eq(hn_preprocess_view(fitted, set, NULL, &view, &error), HONE_OK);
    hn_sample_row(&view, 0, row);
    for (size_t k = 0; k < 12; k++)
        hn_assert_absolute(row[k], 0.4, 1e-6);
    hn_preprocess_destroy(fitted);
}
END_TEST

/* --- in parts --- */

START_TEST(reads_block_by_block)
{
    enum { N = 7 };
    const hn_dataset_options options = {.no_target = true};
    hn_images *images = NULL;
    hn_dataset *part = NULL;
    size_t rows = 0;
    for (int i = 0; i < N; i++) {
        char name[20];
        snprintf(name, sizeof name, "set/%d.png", i);
        image(name, 2, 3, false, (uint8_t)i);
    }
    char *path = hn_test_path(folder, "set");
    ck_assert_int_eq(hn_images_open(path, &options, &images, &error), HONE_OK);
    while (!hn_images_next(images, 13, &part, &error) && part) { /* two go into 13 bytes */
        ck_assert_uint_eq(part->n_rows, rows < 6 ? 2 : 1);
        for (size_t i = 0; i < part->n_rows; i++, rows++)
            ck_assert_uint_eq(((const uint8_t *)part->samples->values)[6 * i], rows);
        hn_dataset_destroy(part);
    }
    ck_assert_uint_eq(rows, N);
    hn_images_close(images);
    hn_dataset_blocks *blocks = NULL;
    ck_assert_int_eq(hn_dataset_blocks_open(path, &options, 0, &blocks, &error), HONE_OK);
    ck_assert_int_eq(hn_dataset_blocks_next(blocks, &set, &error), HONE_OK);
    ck_assert_uint_eq(set->n_rows, N);
    ck_assert_int_eq(hn_dataset_blocks_next(blocks, &part, &error), HONE_OK);
    ck_assert_ptr_null(part);
    hn_dataset_blocks_close(blocks);
    free(path);
}
END_TEST

START_TEST(goes_to_other_processes)
{
    hn_dataset *there = NULL;
    int fd = -1;
    image("set/a/1.png", 2, 2, true, 51);
    image("set/b/1.png", 2, 2, true, 255);
    ck_assert_int_eq(read_folder("set", NULL), HONE_OK);
    ck_assert_int_eq(hn_dataset_share(set, &fd, &error), HONE_OK);
    ck_assert_int_eq(hn_dataset_attach(fd, &there, &error), HONE_OK);
    close(fd);
    ck_assert_mem_eq(there->samples->values, set->samples->values, 24);
    ck_assert_str_eq(there->classes[1], "b");
    ck_assert_ptr_null(there->row_names);
    hn_dataset_destroy(there);
}
END_TEST

/* --- what is refused --- */

START_TEST(refuses_folders)
{
    folder_of("empty");
    refuse("empty", NULL, HONE_INVALID, "has no folders: images to learn from are in folders, one a class");
    refuse("empty", &(hn_dataset_options){.no_target = true}, HONE_INVALID, "has no images");
    image("set/a/1.png", 2, 2, false, 1);
    refuse("set", NULL, HONE_INVALID, "has the images of one class, \"a\"");
    folder_of("set/b");
    refuse("set", NULL, HONE_INVALID, "set/b has no images, PNG (.png) or JPEG");
    text("set/b/x.bmp");
    refuse("set", NULL, HONE_INVALID, "set/b has no images, PNG (.png) or JPEG (.jpg, .jpeg), only other");
    refuse("set/a", NULL, HONE_INVALID, "1.png is in no class: images to learn from are in folders");
    refuse("set/a/1.png", NULL, HONE_INVALID, "is a single image");
    text("set/b/broken.jpg");
    refuse("set", NULL, HONE_PARSE, "set/b/broken.jpg is neither a PNG nor a JPEG file");
    image("odd/\xFF/1.png", 2, 2, false, 1);
    refuse("odd", NULL, HONE_INVALID, "the name of class 0 is not UTF-8");
}
END_TEST

START_TEST(refuses_options)
{
    static const char *const names[] = {"x", NULL};
    image("set/a/1.png", 2, 2, false, 1);
    image("set/b/1.png", 2, 2, false, 2);
    refuse("set", &(hn_dataset_options){.target = "x"}, HONE_INVALID, "there is no column \"x\"");
    refuse("set", &(hn_dataset_options){.drop = names}, HONE_INVALID, "there is no column \"x\"");
    refuse("set", &(hn_dataset_options){.labels = "x"}, HONE_INVALID, "labels is of files of arrays");
    refuse("set", &(hn_dataset_options){.more = names}, HONE_INVALID, "several files are for arrays");
    refuse("set", &(hn_dataset_options){.task = HN_TASK_REGRESSION}, HONE_INVALID,
           "have classes, not numbers");
    refuse("set", &(hn_dataset_options){.image_height = 1 << 13, .image_width = 1 << 13}, HONE_LIMIT,
           "1 x 8192 x 8192 values");
    refuse("set", &(hn_dataset_options){.max_bytes = 7}, HONE_LIMIT, "2 images of 1 x 2 x 2 take");
    ck_assert_int_eq(read_folder("set", &(hn_dataset_options){.max_bytes = 8}), HONE_OK);
}
END_TEST

/* Of many that are broken the first is named, whichever thread meets one first. */
START_TEST(names_the_first_that_fails)
{
    const hn_dataset_options known = {.channels = 1, .image_height = 2, .image_width = 2};
    for (int i = 0; i < 30; i++) {
        char name[32];
        snprintf(name, sizeof name, "set/%c/%02d.png", 'a' + i % 2, i);
        if (i < 11)
            image(name, 2, 2, false, 1);
        else
            text(name);
    }
    for (int i = 0; i < 20; i++)
        refuse("set", i % 2 ? &known : NULL, HONE_PARSE, "set/b/11.png is neither");
}
END_TEST

START_TEST(fails_without_memory)
{
    hone_status status = HONE_OUT_OF_MEMORY;
    image("set/a/1.png", 4, 4, false, 1);
    image("set/b/1.png", 2, 2, true, 2);
    const hn_dataset_options size = {.image_height = 3, .image_width = 3};
    for (long k = 0; status; k++) {
        char *path = hn_test_path(folder, "set");
        hn_memory_fail_at(k, 1);
        status = hn_dataset_read(path, &size, &set, &error);
        hn_memory_fail_at(-1, 0);
        ck_assert(!status || status == HONE_OUT_OF_MEMORY);
        ck_assert_int_lt(k, 2000);
        free(path);
    }
}
END_TEST

Suite *suite_images(void)
{
    Suite *suite = suite_create("images");
    TCase *folders = tcase_create("image_folders");
    tcase_add_checked_fixture(folders, setup, teardown);
    tcase_add_test(folders, reads_classes_in_turns);
    tcase_add_test(folders, reads_without_classes);
    tcase_add_test(folders, follows_links_but_not_in_circles);
    tcase_add_test(folders, tells_of_other_files);
    tcase_add_test(folders, chooses_the_channels);
    tcase_add_test(folders, resizes_to_one_size);
    tcase_add_test(folders, reads_as_a_model_needs);
    tcase_add_test(folders, goes_through_preprocessing);
    tcase_add_test(folders, reads_block_by_block);
    tcase_add_test(folders, goes_to_other_processes);
    tcase_add_test(folders, refuses_folders);
    tcase_add_test(folders, refuses_options);
    tcase_add_test(folders, names_the_first_that_fails);
    tcase_add_test(folders, fails_without_memory);
    suite_add_tcase(suite, folders);
    return suite;
}
