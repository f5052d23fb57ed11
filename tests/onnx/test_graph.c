#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "onnx/graph.h"
#include "support.h"

/* A small graph with everything there is. */
static void build(hn_graph *graph)
{
    static const float weight[] = {1, 2, 3, 4, 5, 6};
    static const double cuts[] = {0.5, 1.5};
    static const char *const names[] = {"a", "b"};
    const size_t dim[] = {3, 2};
    hn_value rows = hn_graph_input(graph, "1st size (m)", HN_VALUE_DOUBLE, 1, dim);
    hn_value texts = hn_graph_input(graph, "1st size [m]", HN_VALUE_TEXT, 0, NULL);
    hn_graph_scope(graph, "dense_1");
    hn_value z = hn_graph_cast(graph, rows, HN_VALUE_FLOAT);
    z = HN_OP(graph, "MatMul", z, hn_graph_floats(graph, "weight", 2, dim, weight));
    z = HN_OP(graph, "Add", z, hn_graph_float(graph, "one", 1));
    z = HN_OP(graph, "Add", z, z);
    z = hn_graph_transpose(graph, z, 2, (int64_t[]){1, 0});
    z = hn_graph_reshape(graph, z, 2, (int64_t[]){-1, 2});
    hn_value code = HN_OP(graph, "LabelEncoder", texts);
    hn_graph_of_ml(graph, 2);
    hn_graph_set_texts(graph, "keys_strings", 2, names);
    hn_graph_set_ints(graph, "values_int64s", 2, (int64_t[]){0, 1});
    hn_graph_set_doubles(graph, "cuts", 2, cuts);
    hn_graph_set_float(graph, "default_float", 0.5F);
    hn_graph_set_text(graph, "mode", "plain");
    hn_value second = hn_graph_further(graph, HN_VALUE_FLOAT);
    HN_OP(graph, "Gather", hn_graph_texts(graph, "names", 2, names), code, second,
          hn_graph_int(graph, "k", 1), hn_graph_double(graph, "d", 2));
    hn_value going = z;
    hn_graph_loop_begin(graph, 3, &going);
    hn_value again = HN_OP(graph, "Greater", going, z);
    again.type = HN_VALUE_BOOL;
    z = hn_graph_loop_end(graph, HN_OP(graph, "Add", going, z), again);
    hn_graph_output(graph, z, "1st size (m)", 1, &dim[1]);
    hn_graph_note(graph, "key", "text");
}

START_TEST(names_are_of_the_format_and_differ)
{
    hn_graph *graph = NULL;
    hone_error err;
    ck_assert_int_eq(hn_graph_create(&graph, &err), HONE_OK);
    build(graph);
    ck_assert_uint_eq(hn_graph_inputs(graph), 2);
    ck_assert_str_eq(hn_graph_input_at(graph, 0)->name, "_1st_size__m_");
    ck_assert_str_eq(hn_graph_input_at(graph, 1)->name, "_1st_size__m__2");
    ck_assert_uint_eq(hn_graph_outputs(graph), 1);
    ck_assert_str_eq(hn_graph_output_at(graph, 0)->name, "_1st_size__m__3");
    ck_assert_int_eq(hn_graph_output_at(graph, 0)->type, HN_VALUE_FLOAT);
    ck_assert_uint_eq(hn_graph_nodes(graph), 10);
    hn_graph_destroy(graph);
}
END_TEST

START_TEST(a_cast_to_the_same_type_is_none)
{
    hn_graph *graph = NULL;
    hone_error err;
    const size_t three = 3;
    ck_assert_int_eq(hn_graph_create(&graph, &err), HONE_OK);
    hn_value rows = hn_graph_input(graph, "x", HN_VALUE_FLOAT, 1, &three);
    ck_assert_str_eq(hn_graph_cast(graph, rows, HN_VALUE_FLOAT).name, "x");
    ck_assert_uint_eq(hn_graph_nodes(graph), 0);
    hn_value whole = hn_graph_cast(graph, rows, HN_VALUE_INT);
    ck_assert_str_eq(whole.name, "Cast");
    ck_assert_int_eq(whole.type, HN_VALUE_INT);
    ck_assert_str_eq(hn_value_type_name(HN_VALUE_BYTE), "uint8");
    hn_graph_destroy(graph);
}
END_TEST

/* Whatever allocation fails, writing says so, and no file is there. */
START_TEST(missing_memory_is_told_when_it_is_written)
{
    char *folder = hn_test_temp_dir(), *path = hn_test_path(folder, "x.onnx");
    hone_status status = HONE_OUT_OF_MEMORY;
    long k = 0;
    for (; status; k++) {
        hn_graph *graph = NULL;
        hone_error err;
        hn_memory_fail_at(k, k % 2 == 0);
        status = hn_graph_create(&graph, &err);
        if (!status) {
            build(graph);
            status = hn_graph_write(graph, path, &err);
        }
        hn_graph_destroy(graph);
        hn_memory_fail_at(-1, 0);
        FILE *file = fopen(path, "rb");
        ck_assert((file != NULL) == (status == HONE_OK));
        ck_assert(status == HONE_OK || status == HONE_OUT_OF_MEMORY);
        if (file) {
            fclose(file);
        }
        ck_assert_int_lt(k, 1000);
    }
    ck_assert_int_gt(k, 5);
    free(path);
    free(folder);
}
END_TEST

START_TEST(a_file_that_cannot_be_is_an_error)
{
    hn_graph *graph = NULL;
    hone_error err;
    ck_assert_int_eq(hn_graph_create(&graph, &err), HONE_OK);
    build(graph);
    ck_assert_int_eq(hn_graph_write(graph, "no/such/folder/x.onnx", &err), HONE_IO);
    hn_assert_contains(err.message, "no/such/folder/x.onnx");
    hn_graph_destroy(graph);
    hn_graph_destroy(NULL);
}
END_TEST

/* Sizes are known before any value is looked at. */
START_TEST(more_than_the_format_holds_is_refused)
{
    hn_graph *graph = NULL;
    hone_error err;
    const float value = 1;
    const size_t dim[] = {1 << 15, 1 << 15};
    ck_assert_int_eq(hn_graph_create(&graph, &err), HONE_OK);
    hn_graph_floats(graph, "weight", 2, dim, &value);
    ck_assert_int_eq(hn_graph_write(graph, "no/such/folder/x.onnx", &err), HONE_LIMIT);
    hn_assert_contains(err.message, "2 GiB");
    hn_graph_destroy(graph);
}
END_TEST

Suite *suite_graph(void)
{
    Suite *suite = suite_create("graph");
    TCase *building = tcase_create("building"), *writing = tcase_create("writing");
    tcase_add_test(building, names_are_of_the_format_and_differ);
    tcase_add_test(building, a_cast_to_the_same_type_is_none);
    tcase_add_test(writing, missing_memory_is_told_when_it_is_written);
    tcase_add_test(writing, a_file_that_cannot_be_is_an_error);
    tcase_add_test(writing, more_than_the_format_holds_is_refused);
    suite_add_tcase(suite, building);
    suite_add_tcase(suite, writing);
    return suite;
}
