/* Data whose features are one array a row, through the public interface. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hone/ml.h"
#include "support.h"

enum { IMAGES = 30, SIDE = 4, RECORD = 3073, BATCH = 4 };

static hone_error error;
static hone_dataset *set;
static hone_model *model;
static char *folder;

static void setup(void)
{
    folder = hn_test_temp_dir();
}

static void teardown(void)
{
    hone_dataset_destroy(set);
    hone_model_destroy(model);
    set = NULL;
    model = NULL;
    free(folder);
}

#define MUST(call) ck_assert_msg((call) == HONE_OK, "%s", error.message)

/* The path of a new file: to be freed. */
static char *write_bytes(const char *name, const void *bytes, size_t size)
{
    char *path = hn_test_path(folder, name);
    FILE *file = fopen(path, "wb");
    ck_assert(file && fwrite(bytes, 1, size, file) == size && fclose(file) == 0);
    return path;
}

/* Grey images of two classes: dark and bright. */
static char *write_images(const char *name)
{
    unsigned char bytes[16 + IMAGES * SIDE * SIDE] = {0, 0, 8, 3,    0, 0, 0, IMAGES,
                                                      0, 0, 0, SIDE, 0, 0, 0, SIDE};
    for (size_t i = 0; i < IMAGES * SIDE * SIDE; i++)
        bytes[16 + i] = (unsigned char)(i / (SIDE * SIDE) % 2 * 150 + i % 7);
    return write_bytes(name, bytes, sizeof bytes);
}

static char *write_labels(const char *name)
{
    unsigned char bytes[8 + IMAGES] = {0, 0, 8, 1, 0, 0, 0, IMAGES};
    for (size_t i = 0; i < IMAGES; i++)
        bytes[8 + i] = i % 2;
    return write_bytes(name, bytes, sizeof bytes);
}

START_TEST(images_with_labels_in_another_file)
{
    hone_dataset_options options = HONE_DATASET_OPTIONS_INIT;
    hone_dataset_info info;
    hone_dataset *again = NULL;
    hone_scores *scores = NULL;
    hone_pipeline pipeline = HONE_PIPELINE_INIT;
    char *images = write_images("x"), *labels = write_labels("y");
    pipeline.scale = "minmax";
    ck_assert_int_eq(hone_dataset_load(images, NULL, &set, &error), HONE_INVALID);
    options.labels = labels;
    MUST(hone_dataset_load(images, &options, &set, &error));
    hone_dataset_get_info(set, &info);
    ck_assert_uint_eq(info.n_rows, IMAGES);
    ck_assert_uint_eq(info.n_columns, 0);
    ck_assert_uint_eq(info.n_classes, 2);
    ck_assert(info.rank == 3 && info.shape[0] == 1 && info.shape[1] == SIDE && info.shape[2] == SIDE);
    MUST(hone_model_fit(set, "{sequential: {layers: [flatten, output], epochs: 100, batch_size: 5}}",
                        &pipeline, 1, 1, &model, &error));
    MUST(hone_model_load_data(model, images, &options, true, &again, &error));
    MUST(hone_model_evaluate(model, again, "accuracy", NULL, 0, &scores, &error));
    ck_assert_double_eq(scores->mean[0], 1);
    hone_scores_free(scores);
    hone_dataset_destroy(again);
    free(images);
    free(labels);
}
END_TEST

START_TEST(batches_of_cifar)
{
    unsigned char *bytes = calloc(BATCH, RECORD);
    hone_dataset_info info;
    for (size_t i = 0; i < BATCH; i++)
        bytes[i * RECORD] = i % 2;
    char *path = write_bytes("batch.bin", bytes, (size_t)BATCH * RECORD);
    MUST(hone_dataset_load(path, NULL, &set, &error));
    hone_dataset_get_info(set, &info);
    ck_assert(info.n_rows == BATCH && info.rank == 3 && info.shape[0] == 3 && info.shape[2] == 32);
    hone_dataset_destroy(set);
    set = NULL;
    hone_dataset_options options = HONE_DATASET_OPTIONS_INIT;
    const char *const more[] = {path, path, NULL};
    options.more = more;
    MUST(hone_dataset_load(path, &options, &set, &error));
    hone_dataset_get_info(set, &info);
    ck_assert(info.n_rows == 3 * BATCH && info.n_classes == 2);
    free(bytes);
    free(path);
}
END_TEST

static const char reviews[] = "label\ttext\nbad\tdull \"film\nbad\tdull and bad\ngood\tlovely film\n"
                              "good\tgood and lovely\nbad\tbad bad film\ngood\tgood film\n";

START_TEST(text_becomes_tokens)
{
    hone_dataset_options options = HONE_DATASET_OPTIONS_INIT;
    hone_dataset_info info;
    hone_dataset *again = NULL;
    double out[2] = {9, 9};
    char *path = write_bytes("t.tsv", reviews, sizeof reviews - 1);
    char *other = write_bytes("o.tsv", "text\na LOVELY good\ndull BAD\n", 28);
    options.target = "label";
    options.text = "text";
    options.vocabulary = 8;
    options.length = 3;
    options.plain = true;
    MUST(hone_dataset_load(path, &options, &set, &error));
    hone_dataset_get_info(set, &info);
    ck_assert(info.rank == 1 && info.shape[0] == 3 && info.n_rows == 6);
    MUST(hone_model_fit(set,
                        "{sequential: {layers: [{embedding: {vocabulary: 8, dim: 4}}, global_average_pool, "
                        "output], epochs: 200, learning_rate: 0.05}}",
                        NULL, 1, 1, &model, &error));
    MUST(hone_model_load_data(model, other, NULL, false, &again, &error));
    MUST(hone_model_predict(model, again, out, &error));
    ck_assert_str_eq(hone_model_class(model, (size_t)out[0]), "good");
    ck_assert_str_eq(hone_model_class(model, (size_t)out[1]), "bad");
    hone_dataset_destroy(again);
    free(path);
    free(other);
}
END_TEST

/* A class of one image, which lies elsewhere. */
static void link_image(const char *class, const char *image)
{
    char *source = hn_test_source(image), *path = hn_test_path(folder, class);
    ck_assert_int_eq(mkdir(path, 0777), 0);
    char *link = hn_test_path(path, "x.png");
    ck_assert_int_eq(symlink(source, link), 0);
    free(source);
    free(path);
    free(link);
}

START_TEST(images_in_folders)
{
    hone_dataset_options options = HONE_DATASET_OPTIONS_INIT;
    hone_dataset_info info;
    hone_dataset *again = NULL;
    double out[2] = {9, 9};
    link_image("grey", "fuzz/seeds/image/grey.png");
    link_image("red", "fuzz/seeds/image/rgb.png");
    options.image_height = 8;
    options.image_width = 9;
    options.channels = 1;
    MUST(hone_dataset_load(folder, &options, &set, &error));
    hone_dataset_get_info(set, &info);
    ck_assert(info.rank == 3 && info.shape[0] == 1 && info.shape[1] == 8 && info.shape[2] == 9);
    ck_assert_uint_eq(info.n_classes, 2);
    ck_assert_str_eq(hone_dataset_class(set, 1), "red");
    ck_assert_str_eq(hone_dataset_row_name(set, 1), "red/x.png");
    ck_assert_ptr_null(hone_dataset_row_name(set, 2));
    MUST(hone_model_fit(set, "{knn: {n_neighbors: 1}}", NULL, 1, 1, &model, &error));
    MUST(hone_model_load_data(model, folder, NULL, false, &again, &error));
    MUST(hone_model_predict(model, again, out, &error));
    for (size_t i = 0; i < 2; i++) {
        ck_assert_str_eq(hone_model_class(model, (size_t)out[i]), i ? "red" : "grey");
        hn_assert_contains(hone_dataset_row_name(again, i), i ? "red/x.png" : "grey/x.png");
    }
    hone_dataset_destroy(again);
}
END_TEST

START_TEST(options_of_images_are_judged)
{
    hone_dataset_options options = HONE_DATASET_OPTIONS_INIT;
    options.channels = 2;
    ck_assert_int_eq(hone_dataset_load(folder, &options, &set, &error), HONE_INVALID);
    hn_assert_contains(error.message, "channels is 2; images have 1 (grey) or 3 (RGB)");
    options.channels = 1;
    options.image_width = 5;
    ck_assert_int_eq(hone_dataset_load(folder, &options, &set, &error), HONE_INVALID);
    hn_assert_contains(error.message, "image_height and image_width are given both or neither");
    options.image_height = SIZE_MAX;
    link_image("grey", "fuzz/seeds/image/grey.png");
    link_image("red", "fuzz/seeds/image/rgb.png");
    ck_assert_int_eq(hone_dataset_load(folder, &options, &set, &error), HONE_LIMIT);
    hn_assert_contains(error.message, "16777216 are the most");
}
END_TEST

START_TEST(options_of_text_are_judged)
{
    hone_dataset_options options = HONE_DATASET_OPTIONS_INIT;
    char *path = write_bytes("t.tsv", reviews, sizeof reviews - 1);
    options.vocabulary = 8;
    ck_assert_int_eq(hone_dataset_load(path, &options, &set, &error), HONE_INVALID);
    hn_assert_contains(error.message, "are of text, the column of words");
    options.text = "text";
    options.vocabulary = 2;
    ck_assert_int_eq(hone_dataset_load(path, &options, &set, &error), HONE_INVALID);
    hn_assert_contains(error.message, "vocabulary is 2; it is a number of tokens, 3 to 16777216");
    options.vocabulary = 8;
    options.length = SIZE_MAX;
    ck_assert_int_eq(hone_dataset_load(path, &options, &set, &error), HONE_INVALID);
    hn_assert_contains(error.message, "length is 18446744073709551615; it is a number of tokens, 1 to");
    free(path);
}
END_TEST

Suite *suite_ml_samples(void)
{
    Suite *suite = suite_create("ml_samples");
    TCase *all = tcase_create("all");
    tcase_add_checked_fixture(all, setup, teardown);
    tcase_add_test(all, images_with_labels_in_another_file);
    tcase_add_test(all, batches_of_cifar);
    tcase_add_test(all, text_becomes_tokens);
    tcase_add_test(all, options_of_text_are_judged);
    tcase_add_test(all, images_in_folders);
    tcase_add_test(all, options_of_images_are_judged);
    suite_add_tcase(suite, all);
    return suite;
}
