/* The real tables, preprocessing, sharing between processes and the tensor file. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "data/preprocess.h"
#include "data/tensor_file.h"
#include "support.h"

static hone_error error;

typedef struct expectation {
    const char *name;
    hn_dataset_options options;
    bool header;
    size_t rows, columns, classes; /* classes 0: regression */
    size_t missing;
    size_t categorical;
} expectation;

static const expectation tables[] = {
    {"iris.csv.gz", {0}, false, 150, 4, 3, 0, 0},
    {"wine.csv.gz", {.target = "-1"}, false, 178, 13, 3, 0, 0},
    {"german.csv.gz", {0}, false, 1000, 20, 2, 0, 13},
    {"abalone.csv.gz", {0}, false, 4177, 8, 0, 0, 1},
    {"adult-train.csv.gz", {0}, false, 32561, 14, 2, 4262, 8},
    {"adult-test.csv.gz", {0}, false, 16281, 14, 2, 2203, 8},
    {"titanic.csv.gz", {.target = "survived"}, true, 891, 14, 2, 869, 9},
    {"diamonds.csv.gz", {.target = "price"}, true, 53940, 9, 0, 0, 3},
    {"california_housing.csv.gz", {.target = "median_house_value"}, true, 20640, 9, 0, 207, 1},
    {"bike_hour.csv.gz", {0}, true, 17379, 16, 0, 0, 1},
    {"breast_cancer_wdbc.csv.gz", {.skip_rows = 1}, false, 569, 30, 2, 0, 0},
    {"digits.csv.gz", {0}, false, 1797, 64, 10, 0, 0},
    {"housing.csv.gz", {0}, false, 506, 13, 0, 0, 0},
    {"pima-indians-diabetes.csv.gz", {0}, false, 768, 8, 2, 0, 0},
    {"winequality-red.csv.gz", {.task = HN_TASK_REGRESSION}, false, 1599, 11, 0, 0, 0},
    {"pmlb_car_evaluation.tsv.gz", {0}, true, 1728, 21, 4, 0, 0},
    {"pmlb_cmc.tsv.gz", {0}, true, 1473, 9, 3, 0, 0},
    {"pmlb_credit_g.tsv.gz", {0}, true, 1000, 20, 2, 0, 0},
    {"pmlb_glass.tsv.gz", {0}, true, 205, 9, 5, 0, 0},
    {"pmlb_ionosphere.tsv.gz", {0}, true, 351, 34, 2, 0, 0},
    {"pmlb_letter.tsv.gz", {.task = HN_TASK_CLASSIFICATION}, true, 20000, 16, 26, 0, 0},
    {"pmlb_optdigits.tsv.gz", {0}, true, 5620, 64, 10, 0, 0},
    {"pmlb_phoneme.tsv.gz", {0}, true, 5404, 5, 2, 0, 0},
    {"pmlb_satimage.tsv.gz", {0}, true, 6435, 36, 6, 0, 0},
    {"pmlb_segmentation.tsv.gz", {0}, true, 2310, 19, 7, 0, 0},
    {"pmlb_sonar.tsv.gz", {0}, true, 208, 60, 2, 0, 0},
    {"pmlb_spambase.tsv.gz", {0}, true, 4601, 57, 2, 0, 0},
    {"pmlb_tic_tac_toe.tsv.gz", {0}, true, 958, 9, 2, 0, 0},
    {"pmlb_vehicle.tsv.gz", {0}, true, 846, 18, 4, 0, 0},
};

START_TEST(reads_a_real_table)
{
    const expectation *e = &tables[_i];
    char name[80];
    snprintf(name, sizeof name, "tabular/%s", e->name);
    char *path = hn_test_data(name);
    if (!path)
        HN_SKIP("no %s", name);
    hn_dataset *set = NULL;
    hone_status status = hn_dataset_read(path, &e->options, &set, &error);
    free(path);
    ck_assert_msg(status == HONE_OK, "%s", error.message);
    size_t missing = 0, categorical = 0;
    for (size_t j = 0; j < set->n_columns; j++) {
        missing += set->columns[j].n_missing;
        categorical += set->columns[j].kind == HN_COLUMN_CATEGORICAL;
    }
    ck_assert_int_eq(set->has_header, e->header);
    ck_assert_uint_eq(set->n_rows, e->rows);
    ck_assert_uint_eq(set->n_columns, e->columns);
    ck_assert_uint_eq(set->n_classes, e->classes);
    ck_assert_uint_eq(missing, e->missing);
    ck_assert_uint_eq(categorical, e->categorical);
    hn_preprocess *fitted = NULL;
    hn_preprocess_options options = {.scale = HN_SCALE_STANDARD};
    ck_assert_int_eq(hn_preprocess_fit(&options, set, NULL, 0, &fitted, &error), HONE_OK);
    size_t width = hn_preprocess_width(fitted);
    double *x = hn_calloc(set->n_rows * width, sizeof *x);
    ck_assert_int_eq(hn_preprocess_apply(fitted, set, NULL, 0, x, &error), HONE_OK);
    for (size_t i = 0; i < set->n_rows * width; i++)
        ck_assert(isfinite(x[i]));
    hn_free(x);
    hn_preprocess_destroy(fitted);
    hn_dataset_destroy(set);
}
END_TEST

/* --- preprocessing
 * ------------------------------------------------------------------------------------------ */

static hn_dataset *read_text(const char *text)
{
    char *folder = hn_test_temp_dir(), *path = hn_test_path(folder, "t.csv");
    hn_dataset *set = NULL;
    hn_test_write(path, text);
    ck_assert_msg(hn_dataset_read(path, NULL, &set, &error) == HONE_OK, "%s", error.message);
    free(path);
    free(folder);
    return set;
}

static const char small_table[] = "v,c,b,target\n1,red,no,0\n,green,yes,1\n5,red,,0\n100,blue,no,1\n";

START_TEST(fits_on_training_rows_only)
{
    hn_dataset *set = read_text(small_table);
    size_t train[] = {0, 1, 2};
    hn_preprocess *fitted = NULL;
    hn_preprocess_options options = {.scale = HN_SCALE_STANDARD};
    ck_assert_int_eq(hn_preprocess_fit(&options, set, train, 3, &fitted, &error), HONE_OK);
    ck_assert_uint_eq(hn_preprocess_width(fitted), 3); /* v; green and red make one column; b one */
    double x[4 * 3];
    ck_assert_int_eq(hn_preprocess_apply(fitted, set, NULL, 0, x, &error), HONE_OK);
    double scale = sqrt(8.0 / 3); /* mean 3; deviations -2, 0 (imputed), 2 */
    hn_assert_relative(x[0], -2 / scale, 1e-15);
    hn_assert_absolute(x[3], 0, 1e-15);
    hn_assert_relative(x[9], 97 / scale, 1e-15);
    ck_assert_double_eq(x[1], 1);  /* red */
    ck_assert_double_eq(x[4], 0);  /* green */
    ck_assert_double_eq(x[10], 1); /* blue is unknown: the most frequent, red */
    ck_assert_double_eq(x[8], 0);  /* missing b: the first of two equally frequent */
    hn_preprocess_destroy(fitted);
    hn_dataset_destroy(set);
}
END_TEST

START_TEST(gives_each_category_a_column)
{
    hn_dataset *set = read_text(small_table);
    hn_preprocess *fitted = NULL;
    hn_preprocess_options options = {.scale = HN_SCALE_MINMAX};
    ck_assert_int_eq(hn_preprocess_fit(&options, set, NULL, 0, &fitted, &error), HONE_OK);
    ck_assert_uint_eq(hn_preprocess_width(fitted), 5); /* v, blue, green, red, b */
    double x[4 * 5];
    ck_assert_int_eq(hn_preprocess_apply(fitted, set, NULL, 0, x, &error), HONE_OK);
    ck_assert_double_eq(x[0], 0);
    ck_assert_double_eq(x[15], 1);
    ck_assert_double_eq(x[15 + 1], 1); /* blue */
    ck_assert_double_eq(x[15 + 3], 0);
    hn_preprocess_destroy(fitted);
    options = (hn_preprocess_options){.max_categories = 1};
    ck_assert_int_eq(hn_preprocess_fit(&options, set, NULL, 0, &fitted, &error), HONE_OK);
    ck_assert_uint_eq(hn_preprocess_width(fitted), 3); /* only red and only no are kept */
    hn_preprocess_destroy(fitted);
    hn_dataset_destroy(set);
}
END_TEST

START_TEST(matches_columns_of_another_file)
{
    hn_dataset *set = read_text(small_table);
    hn_preprocess *fitted = NULL;
    ck_assert_int_eq(hn_preprocess_fit(&(hn_preprocess_options){0}, set, NULL, 0, &fitted, &error), HONE_OK);
    hn_dataset *other = read_text("target,extra,b,c,v\n0,9,yes,violet,7\n1,9,no,red,8\n");
    double x[2 * 5];
    ck_assert_int_eq(hn_preprocess_apply(fitted, other, NULL, 0, x, &error), HONE_OK);
    ck_assert_double_eq(x[0], 7);
    ck_assert_double_eq(x[1] + x[2] + x[3], 0); /* violet was never seen */
    ck_assert_double_eq(x[4], 1);
    hn_dataset_destroy(other);
    other = read_text("v,c,target\n1,red,0\n2,red,1\n");
    ck_assert_int_eq(hn_preprocess_apply(fitted, other, NULL, 0, x, &error), HONE_INVALID);
    hn_assert_contains(error.message, "lacks the column b");
    hn_dataset_destroy(other);
    other = read_text("v,c,b,target\nlow,red,no,0\nhigh,red,yes,1\n");
    ck_assert_int_eq(hn_preprocess_apply(fitted, other, NULL, 0, x, &error), HONE_INVALID);
    hn_assert_contains(error.message, "column v is categorical, the model was fitted to a numeric one");
    hn_dataset_destroy(other);
    hn_preprocess_destroy(fitted);
    hn_dataset_destroy(set);
}
END_TEST

START_TEST(saves_and_loads_exactly)
{
    hn_dataset *set = read_text("v,c,target\n0.1,a,0\n0.7,b,1\n0.30000000000000004,c,0\n");
    hn_preprocess *fitted = NULL, *loaded = NULL;
    hn_preprocess_options options = {.scale = HN_SCALE_STANDARD};
    ck_assert_int_eq(hn_preprocess_fit(&options, set, NULL, 0, &fitted, &error), HONE_OK);
    hn_arena arena = HN_ARENA_INIT;
    hn_buffer json = HN_BUFFER_INIT;
    hn_node *node = NULL;
    hn_json_write(&json, hn_preprocess_save(fitted, &arena), HN_JSON_PYTHON);
    ck_assert_int_eq(hn_json_parse(&arena, "test", json.data, json.size, &node, &error), HONE_OK);
    ck_assert_int_eq(hn_preprocess_load(node, &loaded, &error), HONE_OK);
    double a[3 * 4], b[3 * 4];
    ck_assert_int_eq(hn_preprocess_apply(fitted, set, NULL, 0, a, &error), HONE_OK);
    ck_assert_int_eq(hn_preprocess_apply(loaded, set, NULL, 0, b, &error), HONE_OK);
    ck_assert_mem_eq(a, b, sizeof a);
    hn_preprocess *none = NULL;
    ck_assert_int_eq(hn_preprocess_load(hn_node_map(&arena), &none, &error), HONE_PARSE);
    hn_buffer_release(&json);
    hn_arena_release(&arena);
    hn_preprocess_destroy(fitted);
    hn_preprocess_destroy(loaded);
    hn_dataset_destroy(set);
}
END_TEST

/* --- sharing
 * ------------------------------------------------------------------------------------------------ */

START_TEST(attaches_what_was_shared)
{
    hn_dataset *set = read_text(small_table), *other = NULL;
    int fd = -1;
    ck_assert_msg(hn_dataset_share(set, &fd, &error) == HONE_OK, "%s", error.message);
    ck_assert_msg(hn_dataset_attach(fd, &other, &error) == HONE_OK, "%s", error.message);
    close(fd);
    ck_assert_uint_eq(other->n_rows, 4);
    ck_assert_uint_eq(other->n_columns, 3);
    ck_assert_str_eq(other->source, set->source);
    ck_assert_str_eq(other->target_name, "target");
    ck_assert_str_eq(other->classes[1], "1");
    for (size_t j = 0; j < 3; j++) {
        ck_assert_mem_eq(other->columns[j].values, set->columns[j].values, 4 * sizeof(double));
        ck_assert_str_eq(other->columns[j].name, set->columns[j].name);
        ck_assert_uint_eq(other->columns[j].n_categories, set->columns[j].n_categories);
    }
    ck_assert_str_eq(other->columns[1].categories[2], "red");
    ck_assert_mem_eq(other->target, set->target, 4 * sizeof(double));
    hn_dataset_destroy(other);
    hn_dataset_destroy(set);
}
END_TEST

START_TEST(shares_the_group)
{
    static const char *const patients[] = {"ann", "bob"};
    hn_column group = {
        .name = "patient", .kind = HN_COLUMN_CATEGORICAL, .n_categories = 2, .categories = patients};
    hn_dataset *set = read_text(small_table), *other = NULL;
    int fd = -1;
    group.values = set->target;
    set->group = &group;
    ck_assert_int_eq(hn_dataset_share(set, &fd, &error), HONE_OK);
    ck_assert_msg(hn_dataset_attach(fd, &other, &error) == HONE_OK, "%s", error.message);
    close(fd);
    ck_assert_uint_eq(other->n_columns, 3);
    ck_assert_str_eq(other->group->name, "patient");
    ck_assert_str_eq(other->group->categories[1], "bob");
    ck_assert_mem_eq(other->group->values, set->target, 4 * sizeof(double));
    ck_assert_mem_eq(other->target, set->target, 4 * sizeof(double));
    hn_dataset_destroy(other);
    hn_dataset_destroy(set);
}
END_TEST

START_TEST(refuses_to_attach_something_else)
{
    int fd[2];
    hn_dataset *other = NULL;
    ck_assert_int_eq(pipe(fd), 0);
    ck_assert_int_ne(hn_dataset_attach(fd[0], &other, &error), HONE_OK);
    close(fd[0]);
    close(fd[1]);
    ck_assert_ptr_null(other);
}
END_TEST

/* --- tensor files
 * ------------------------------------------------------------------------------------------- */

static hone_status read_bytes(const char *bytes, size_t size)
{
    char *folder = hn_test_temp_dir(), *path = hn_test_path(folder, "m");
    FILE *file = fopen(path, "wb");
    ck_assert(fwrite(bytes, 1, size, file) == size);
    fclose(file);
    hn_arena arena = HN_ARENA_INIT;
    hn_node *metadata;
    hn_tensor *tensors;
    size_t n;
    error = (hone_error){0};
    hone_status status = hn_tensor_file_read(path, 0, &arena, &metadata, &tensors, &n, &error);
    hn_arena_release(&arena);
    free(path);
    free(folder);
    return status;
}

START_TEST(writes_and_reads_tensors)
{
    char *folder = hn_test_temp_dir(), *path = hn_test_path(folder, "m.safetensors");
    double a[] = {1, -0.0, 3e-310, 4, 5, 6}, b[] = {7};
    float f[] = {0.1F, -0.0F, 1e-40F};
    hn_tensor out[] = {{.name = "a", .dims = 2, .shape = {2, 3}, .values = a},
                       {.name = "b", .dims = 1, .shape = {1}, .values = b},
                       {.name = "none", .dims = 2, .shape = {0, 3}, .values = b},
                       {.name = "f", .dims = 3, .shape = {1, 1, 3}, .floats = f}};
    hn_arena arena = HN_ARENA_INIT;
    hn_node *metadata = hn_map_set(&arena, hn_node_map(&arena), "k", hn_node_string(&arena, "v \"quoted\""));
    ck_assert_int_eq(hn_tensor_file_write(path, metadata, out, 4, &error), HONE_OK);
    hn_node *texts;
    hn_tensor *in;
    size_t n;
    ck_assert_msg(hn_tensor_file_read(path, 0, &arena, &texts, &in, &n, &error) == HONE_OK, "%s",
                  error.message);
    ck_assert_uint_eq(n, 4);
    ck_assert(hn_node_equal(texts, metadata));
    const hn_tensor *found = hn_tensor_find(in, n, "a", 2);
    ck_assert_uint_eq(found->shape[1], 3);
    ck_assert_mem_eq(found->values, a, sizeof a);
    ck_assert_ptr_null(hn_tensor_find(in, n, "a", 1));
    ck_assert_ptr_null(hn_tensor_find_floats(in, n, "a", 2));
    ck_assert_ptr_null(hn_tensor_find(in, n, "f", 3));
    ck_assert_mem_eq(hn_tensor_find_floats(in, n, "f", 3)->floats, f, sizeof f);
    hn_arena_release(&arena);
    free(path);
    free(folder);
}
END_TEST

START_TEST(refuses_damaged_tensor_files)
{
    ck_assert_int_eq(read_bytes("abc", 3), HONE_PARSE);
    hn_assert_contains(error.message, "3 bytes are too few");
    ck_assert_int_eq(read_bytes("PK\3\4aaaaaaaaaa", 14), HONE_PARSE);
    hn_assert_contains(error.message, "is not a safetensors file");
    ck_assert_int_eq(read_bytes("\377\377\377\377\377\377\377\177{}", 10), HONE_PARSE);
    ck_assert_int_eq(read_bytes("\100\0\0\0\0\0\0\0{}", 10), HONE_PARSE);
    hn_assert_contains(error.message, "cut short: a header of 64 bytes");
    static const char head[] =
        "\101\0\0\0\0\0\0\0{\"a\": {\"dtype\": \"F64\", \"shape\": [2], \"data_offsets\": [0, 16]}}    "
        "12345678";
    ck_assert_int_eq(read_bytes(head, 8 + 65 + 4), HONE_PARSE);
    hn_assert_contains(error.message, "array \"a\" ends at byte 16 of");
    static const char shape[] =
        "\100\0\0\0\0\0\0\0{\"a\": {\"dtype\": \"F64\", \"shape\": [3], \"data_offsets\": [0, 16]}}   ";
    ck_assert_int_eq(read_bytes(shape, 8 + 64), HONE_PARSE);
    hn_assert_contains(error.message, "shape and its data_offsets do not agree");
    static const char type[] =
        "\100\0\0\0\0\0\0\0{\"a\": {\"dtype\": \"F16\", \"shape\": [4], \"data_offsets\": [0, 8]}}    ";
    ck_assert_int_eq(read_bytes(type, 8 + 64), HONE_PARSE);
    hn_assert_contains(error.message, "dtype is neither F64 nor F32");
    static const char tail[] = "\010\0\0\0\0\0\0\0{}      12345678";
    ck_assert_int_eq(read_bytes(tail, 24), HONE_PARSE);
    hn_assert_contains(error.message, "8 bytes follow the last array");
}
END_TEST

Suite *suite_files(void)
{
    Suite *suite = suite_create("files");
    TCase *real = tcase_create("real"), *preparing = tcase_create("preparing"),
          *keeping = tcase_create("keeping");
    tcase_add_loop_test(real, reads_a_real_table, 0, (int)(sizeof tables / sizeof *tables));
    tcase_add_test(preparing, fits_on_training_rows_only);
    tcase_add_test(preparing, gives_each_category_a_column);
    tcase_add_test(preparing, matches_columns_of_another_file);
    tcase_add_test(preparing, saves_and_loads_exactly);
    tcase_add_test(keeping, attaches_what_was_shared);
    tcase_add_test(keeping, shares_the_group);
    tcase_add_test(keeping, refuses_to_attach_something_else);
    tcase_add_test(keeping, writes_and_reads_tensors);
    tcase_add_test(keeping, refuses_damaged_tensor_files);
    suite_add_tcase(suite, real);
    suite_add_tcase(suite, preparing);
    suite_add_tcase(suite, keeping);
    return suite;
}
