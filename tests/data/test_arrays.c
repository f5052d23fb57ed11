/* Files of arrays: what is read, what is refused, and that samples go through preprocessing and to other
 * processes unchanged. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "data/preprocess.h"
#include "data/read_arrays.h"
#include "data/write.h"
#include "support.h"

static char *folder;
static hn_dataset *set;
static hone_error error;

static void setup(void)
{
    folder = folder ? folder : hn_test_temp_dir();
    set = NULL;
    error = (hone_error){0};
}

static void teardown(void)
{
    hn_dataset_destroy(set);
}

/* Written piece by piece; NUL bytes are content. */
static char *begin(const char *name)
{
    char *path = hn_test_path(folder, name);
    FILE *file = fopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    fclose(file);
    return path;
}

static void add(const char *path, const void *bytes, size_t size)
{
    FILE *file = fopen(path, "ab");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(bytes, 1, size, file), size);
    fclose(file);
}

static char *file_of(const char *name, const void *bytes, size_t size)
{
    char *path = begin(name);
    add(path, bytes, size);
    return path;
}

static hone_status read_file(const char *path, const hn_dataset_options *options)
{
    return hn_dataset_read(path, options, &set, &error);
}

static const unsigned char images[] = {0, 0, 8, 3, 0, 0, 0, 3, 0,   0, 0, 2, 0,  0,
                                       0, 2, 0, 1, 2, 3, 4, 5, 255, 7, 8, 9, 10, 11};
static const unsigned char labels[] = {0, 0, 8, 1, 0, 0, 0, 3, 7, 1, 7};

/* --- IDX --- */

START_TEST(finds_labels_beside_images)
{
    free(file_of("a-labels-idx1-ubyte", labels, sizeof labels));
    char *path = file_of("a-images-idx3-ubyte", images, sizeof images);
    ck_assert_msg(read_file(path, NULL) == HONE_OK, "%s", error.message);
    ck_assert_uint_eq(set->n_rows, 3);
    ck_assert_uint_eq(set->n_columns, 0);
    ck_assert_uint_eq(set->samples->rank, 3);
    ck_assert_uint_eq(set->samples->shape[0], 1);
    ck_assert_uint_eq(set->samples->shape[2], 2);
    ck_assert_mem_eq(set->samples->values, images + 16, 12);
    ck_assert_uint_eq(set->n_classes, 2);
    ck_assert_str_eq(set->classes[1], "7");
    ck_assert_double_eq(set->target[0], 1);
    ck_assert_double_eq(set->target[1], 0);
    free(path);
}
END_TEST

START_TEST(says_that_labels_are_absent)
{
    char *path = file_of("alone", images, sizeof images);
    ck_assert_int_eq(read_file(path, NULL), HONE_INVALID);
    hn_assert_contains(error.message, "has no labels in it");
    ck_assert_int_eq(read_file(path, &(hn_dataset_options){.no_target = true}), HONE_OK);
    ck_assert_ptr_null(set->target);
    free(path);
}
END_TEST

typedef struct damage {
    size_t size, at; /* so many bytes of the images, with one byte changed */
    unsigned char byte;
    hone_status status;
    const char *message;
} damage;

static const damage damages[] = {
    {sizeof images - 1, 0, 0, HONE_PARSE,
     "truncated: its header speaks of 12 bytes of numbers, the file has 11"},
    {10, 0, 0, HONE_PARSE, "it ends within its header"},
    {sizeof images, 2, 0x0A, HONE_PARSE, "no element type 0x0a"},
    {sizeof images, 3, 5, HONE_UNSUPPORTED, "5 dimensions"},
    {sizeof images, 7, 0, HONE_PARSE, "dimension 0 is 0"},
    {sizeof images, 4, 255, HONE_PARSE, "truncated"},
};

START_TEST(refuses_damaged_idx)
{
    const damage *d = &damages[_i];
    unsigned char bytes[sizeof images];
    hn_dataset_options options = {.no_target = true};
    memcpy(bytes, images, sizeof bytes);
    bytes[d->at] = d->byte;
    char *path = file_of("damaged", bytes, d->size);
    ck_assert_int_eq(read_file(path, &options), d->status);
    hn_assert_contains(error.message, d->message);
    free(path);
}
END_TEST

START_TEST(refuses_sizes_that_overflow)
{
    unsigned char head[20] = {0, 0, 0x0D, 4};
    memset(head + 4, 0xFF, 16);
    char *path = file_of("huge", head, sizeof head);
    ck_assert_int_eq(read_file(path, &(hn_dataset_options){.no_target = true}), HONE_PARSE);
    hn_assert_contains(error.message, "too large for any memory");
    free(path);
}
END_TEST

START_TEST(counts_labels_and_knows_classes)
{
    static const char *const known[] = {"1", "2"};
    char *path = file_of("x", images, sizeof images), *short_path;
    char *y = file_of("y", labels, sizeof labels);
    unsigned char few[sizeof labels];
    memcpy(few, labels, sizeof few);
    few[7] = 2;
    short_path = file_of("few", few, sizeof few - 1);
    ck_assert_int_eq(read_file(path, &(hn_dataset_options){.labels = short_path}), HONE_INVALID);
    hn_assert_contains(error.message, "has 3 rows, but");
    hn_dataset_options options = {.labels = y, .classes = known, .n_classes = 2};
    ck_assert_int_eq(read_file(path, &options), HONE_INVALID);
    hn_assert_contains(error.message, "target label has the value \"7\", which is none of the 2 classes");
    ck_assert_int_eq(read_file(path, &(hn_dataset_options){.labels = path}), HONE_INVALID);
    hn_assert_contains(error.message, "labels must be one number a row");
    ck_assert_int_eq(read_file(path, &(hn_dataset_options){.target = "digit"}), HONE_INVALID);
    hn_assert_contains(error.message, "there is no column \"digit\"");
    free(path);
    free(y);
    free(short_path);
}
END_TEST

/* --- CIFAR-10 --- */

START_TEST(reads_cifar_batches)
{
    enum { RECORD = 3073 };
    static unsigned char bytes[2 * RECORD];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)(i * 7);
    bytes[0] = 9;
    bytes[RECORD] = 2;
    char *path = file_of("batch.bin", bytes, sizeof bytes);
    ck_assert_msg(read_file(path, NULL) == HONE_OK, "%s", error.message);
    ck_assert_uint_eq(set->n_rows, 2);
    ck_assert_uint_eq(set->samples->shape[0], 3);
    ck_assert_uint_eq(set->samples->shape[1], 32);
    ck_assert_str_eq(set->classes[0], "2");
    ck_assert_mem_eq((const char *)set->samples->values + 3072, bytes + RECORD + 1, 3072);
    free(path);
    hn_dataset_destroy(set);
    set = NULL;
    path = file_of("short.bin", bytes, sizeof bytes - 1);
    ck_assert_int_eq(read_file(path, NULL), HONE_PARSE);
    hn_assert_contains(error.message, "after 1 of them 3072 are left");
    free(path);
    bytes[0] = 200; /* the first label */
    path = file_of("wrong.bin", bytes, sizeof bytes);
    ck_assert_int_eq(read_file(path, NULL), HONE_PARSE);
    hn_assert_contains(error.message, "image 0 has the label 200; labels of CIFAR-10 are 0 to 9");
    free(path);
    bytes[0] = 9;
    bytes[RECORD] = 10;
    hn_buffer buffer = HN_BUFFER_INIT;
    hn_array array;
    double *found = NULL;
    hn_buffer_append(&buffer, bytes, sizeof bytes);
    ck_assert_int_eq(hn_cifar_parse("b", &buffer, &array, &found, &error), HONE_PARSE);
    hn_assert_contains(error.message, "image 1 has the label 10");
    hn_buffer_release(&buffer);
}
END_TEST

/* --- NPY --- */

/* A NPY file of format 1. */
static char *npy(const char *name, const char *descr, const char *shape, const void *bytes, size_t size)
{
    char text[128] = "";
    char *path = begin(name);
    int length = snprintf(text, sizeof text - 1, "{'descr': '%s', 'fortran_order': False, 'shape': %s, }",
                          descr, shape);
    memset(text + length, ' ', (size_t)(117 - length));
    text[117] = '\n';
    add(path, "\x93NUMPY\1\0\x76\0", 10);
    add(path, text, 118);
    add(path, bytes, size);
    return path;
}

START_TEST(reads_npy_with_channels_last)
{
    static const char *const shape = "(2, 5, 5, 2)";
    float values[100];
    int64_t classes[2] = {-1, 4};
    for (size_t i = 0; i < 100; i++)
        values[i] = (float)i;
    char *x = npy("x.npy", "<f4", shape, values, sizeof values);
    char *y = npy("y.npy", "<i8", "(2,)", classes, sizeof classes);
    ck_assert_msg(read_file(x, &(hn_dataset_options){.labels = y}) == HONE_OK, "%s", error.message);
    const float *made = set->samples->values;
    ck_assert_int_eq(set->samples->type, HN_SAMPLE_FLOATS);
    ck_assert_uint_eq(set->samples->shape[0], 2);
    ck_assert_uint_eq(set->samples->shape[1], 5);
    ck_assert_float_eq(made[1], 2);        /* the next pixel of the first channel */
    ck_assert_float_eq(made[25], 1);       /* the second channel */
    ck_assert_float_eq(made[50 + 24], 98); /* the first channel's last pixel of the second image */
    ck_assert_str_eq(set->classes[0], "-1");
    free(x);
    free(y);
}
END_TEST

START_TEST(refuses_what_npy_cannot_be)
{
    hn_dataset_options options = {.no_target = true};
    float values[2] = {1, 0};
    values[1] /= values[1]; /* NaN */
    char *path = npy("nan.npy", "<f4", "(2, 1)", values, sizeof values);
    ck_assert_int_eq(read_file(path, &options), HONE_INVALID);
    hn_assert_contains(error.message, "row 1 has a value that is not finite");
    free(path);
    path = npy("c.npy", "<c8", "(1,)", values, sizeof values);
    ck_assert_int_eq(read_file(path, &options), HONE_UNSUPPORTED);
    hn_assert_contains(error.message, "its elements are <c8");
    free(path);
    path = npy("s.npy", "<f4", "(3, 1)", values, sizeof values);
    ck_assert_int_eq(read_file(path, &options), HONE_PARSE);
    hn_assert_contains(error.message, "speaks of 12 bytes of numbers, the file has 8");
    free(path);
    path = npy("r.npy", "<f4", "()", values, 4);
    ck_assert_int_eq(read_file(path, &options), HONE_UNSUPPORTED);
    hn_assert_contains(error.message, "0 dimensions");
    free(path);
}
END_TEST

/* --- preprocessing and sharing --- */

static void read_pair(void)
{
    free(file_of("b-labels-idx1-ubyte", labels, sizeof labels));
    char *path = file_of("b-images-idx3-ubyte", images, sizeof images);
    ck_assert_msg(read_file(path, NULL) == HONE_OK, "%s", error.message);
    free(path);
}

START_TEST(scales_samples_and_keeps_it)
{
    static const hn_scale scales[] = {HN_SCALE_NONE, HN_SCALE_MINMAX, HN_SCALE_STANDARD};
    static const double expected[] = {255, 1, 3.3125}; /* value 6: (255 - 26.25) / 69.057 */
    hn_preprocess_options options = {.scale = scales[_i]};
    hn_preprocess *fitted = NULL, *again = NULL;
    hn_arena arena = HN_ARENA_INIT;
    double out[12], same[12];
    size_t rows[] = {1, 0};
    hn_sample_view view;
    float row[4];
    read_pair();
    ck_assert_msg(hn_preprocess_fit(&options, set, NULL, 0, &fitted, &error) == HONE_OK, "%s", error.message);
    ck_assert_uint_eq(hn_preprocess_width(fitted), 4);
    ck_assert(hn_preprocess_depends_on_rows(&options, set) == (scales[_i] == HN_SCALE_STANDARD));
    ck_assert_int_eq(hn_preprocess_apply(fitted, set, NULL, 3, out, &error), HONE_OK);
    hn_assert_relative(out[6], expected[_i], 1e-3);
    ck_assert_int_eq(hn_preprocess_view(fitted, set, rows, &view, &error), HONE_OK);
    hn_sample_row(&view, 0, row);
    ck_assert_double_eq(row[2], out[6]);
    hn_node *saved = hn_preprocess_save(fitted, &arena);
    ck_assert_int_eq(hn_preprocess_load(saved, &again, &error), HONE_OK);
    ck_assert_int_eq(hn_preprocess_apply(again, set, NULL, 3, same, &error), HONE_OK);
    ck_assert_mem_eq(out, same, sizeof out);
    hn_preprocess_destroy(fitted);
    hn_preprocess_destroy(again);
    hn_arena_release(&arena);
}
END_TEST

/* Mean and deviation are those of the training rows, whatever the others hold. */
START_TEST(scales_by_the_rows_given)
{
    hn_preprocess_options options = {.scale = HN_SCALE_STANDARD};
    hn_preprocess *fitted = NULL;
    const size_t rows[] = {0, 2};
    double mean = 0, squares = 0, out[12];
    read_pair();
    const uint8_t *values = set->samples->values;
    for (size_t i = 0; i < 8; i++)
        mean += values[rows[i / 4] * 4 + i % 4] / 8.0;
    for (size_t i = 0; i < 8; i++)
        squares += pow(values[rows[i / 4] * 4 + i % 4] - mean, 2) / 8;
    ck_assert_int_eq(hn_preprocess_fit(&options, set, rows, 2, &fitted, &error), HONE_OK);
    ck_assert_int_eq(hn_preprocess_apply(fitted, set, NULL, 3, out, &error), HONE_OK);
    for (size_t i = 0; i < 12; i++)
        hn_assert_absolute(out[i], (values[i] - mean) / sqrt(squares), 1e-4);
    hn_preprocess_destroy(fitted);
}
END_TEST

START_TEST(refuses_other_shapes_and_scalings)
{
    hn_preprocess *fitted = NULL;
    hn_sample_view view;
    hn_dataset *columns = NULL;
    const double x[] = {1, 2, 3, 4};
    read_pair();
    ck_assert_int_eq(
        hn_preprocess_fit(&(hn_preprocess_options){.scale = HN_SCALE_ROBUST}, set, NULL, 0, &fitted, &error),
        HONE_UNSUPPORTED);
    ck_assert_int_eq(hn_preprocess_fit(&(hn_preprocess_options){.select = 2}, set, NULL, 0, &fitted, &error),
                     HONE_UNSUPPORTED);
    ck_assert_int_eq(hn_preprocess_fit(&(hn_preprocess_options){0}, set, NULL, 0, &fitted, &error), HONE_OK);
    ck_assert_int_eq(hn_dataset_from_arrays(x, 2, 2, NULL, NULL, HN_TASK_NONE, &columns, &error), HONE_OK);
    ck_assert_int_eq(hn_preprocess_view(fitted, columns, NULL, &view, &error), HONE_INVALID);
    hn_assert_contains(error.message, "holds columns, the model was fitted to one array a row");
    hn_dataset_destroy(columns);
    float other[6] = {0};
    char *path = npy("other.npy", "<f4", "(2, 3)", other, sizeof other);
    hn_dataset *floats = NULL;
    ck_assert_int_eq(hn_dataset_read(path, &(hn_dataset_options){.no_target = true}, &floats, &error),
                     HONE_OK);
    ck_assert_int_eq(hn_preprocess_view(fitted, floats, NULL, &view, &error), HONE_INVALID);
    hn_assert_contains(error.message, "has rows of 3, the model was fitted to rows of 1 x 2 x 2");
    hn_dataset_destroy(floats);
    hn_preprocess_destroy(fitted);
    free(path);
}
END_TEST

START_TEST(writes_no_samples)
{
    char *path = hn_test_path(folder, "out.csv");
    read_pair();
    ck_assert_int_eq(hn_dataset_save(set, NULL, 0, path, &error), HONE_UNSUPPORTED);
    hn_assert_contains(error.message, "one array a row, which CSV cannot");
    free(path);
}
END_TEST

START_TEST(shares_samples)
{
    hn_dataset *there = NULL;
    int fd = -1;
    read_pair();
    ck_assert_int_eq(hn_dataset_share(set, &fd, &error), HONE_OK);
    ck_assert_msg(hn_dataset_attach(fd, &there, &error) == HONE_OK, "%s", error.message);
    close(fd);
    ck_assert_uint_eq(there->n_rows, 3);
    ck_assert_uint_eq(there->samples->rank, 3);
    ck_assert_uint_eq((uintptr_t)there->samples->values % 64, 0);
    ck_assert_mem_eq(there->samples->values, set->samples->values, 12);
    ck_assert_mem_eq(there->target, set->target, 3 * sizeof(double));
    hn_dataset_destroy(there);
}
END_TEST

/* --- real files --- */

START_TEST(reads_mnist_and_cifar)
{
    char *mnist = hn_test_data("mnist/t10k-images-idx3-ubyte.gz");
    char *cifar = hn_test_data("cifar10/test_batch_first1000.bin.gz");
    if (!mnist || !cifar)
        HN_SKIP("mnist/ or cifar10/ is not in the data folder");
    ck_assert_msg(read_file(mnist, NULL) == HONE_OK, "%s", error.message);
    ck_assert_uint_eq(set->n_rows, 10000);
    ck_assert_uint_eq(set->samples->size, 784);
    ck_assert_uint_eq(set->n_classes, 10);
    ck_assert_double_eq(set->target[0], 7); /* the first test image of MNIST */
    hn_dataset_destroy(set);
    set = NULL;
    ck_assert_msg(read_file(cifar, NULL) == HONE_OK, "%s", error.message);
    ck_assert_uint_eq(set->n_rows, 1000);
    ck_assert_uint_eq(set->n_classes, 10);
    ck_assert_double_eq(set->target[0], 3); /* a cat */
    free(mnist);
    free(cifar);
}
END_TEST

Suite *suite_arrays(void)
{
    Suite *suite = suite_create("arrays");
    TCase *files = tcase_create("files");
    TCase *use = tcase_create("use");
    tcase_add_checked_fixture(files, setup, teardown);
    tcase_add_checked_fixture(use, setup, teardown);
    tcase_add_test(files, finds_labels_beside_images);
    tcase_add_test(files, says_that_labels_are_absent);
    tcase_add_loop_test(files, refuses_damaged_idx, 0, sizeof damages / sizeof *damages);
    tcase_add_test(files, refuses_sizes_that_overflow);
    tcase_add_test(files, counts_labels_and_knows_classes);
    tcase_add_test(files, reads_cifar_batches);
    tcase_add_test(files, reads_npy_with_channels_last);
    tcase_add_test(files, refuses_what_npy_cannot_be);
    tcase_add_test(files, reads_mnist_and_cifar);
    tcase_add_loop_test(use, scales_samples_and_keeps_it, 0, 3);
    tcase_add_test(use, scales_by_the_rows_given);
    tcase_add_test(use, refuses_other_shapes_and_scalings);
    tcase_add_test(use, writes_no_samples);
    tcase_add_test(use, shares_samples);
    suite_add_tcase(suite, files);
    suite_add_tcase(suite, use);
    return suite;
}
