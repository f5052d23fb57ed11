/* Reading tables: what is detected, what is refused, and what the messages say. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "data/dataset.h"
#include "support.h"

static hn_dataset *dataset;
static hone_error error;

static void teardown(void)
{
    hn_dataset_destroy(dataset);
    dataset = NULL;
}

/* Writes the text to a file and reads it. */
static hone_status read_text(const char *text, const hn_dataset_options *options)
{
    static char *folder; /* one a process: not every text a folder */
    folder = folder ? folder : hn_test_temp_dir();
    char *path = hn_test_path(folder, "t.csv");
    hn_test_write(path, text);
    hn_dataset_destroy(dataset);
    dataset = NULL;
    error = (hone_error){0};
    hone_status status = hn_dataset_read(path, options, &dataset, &error);
    free(path);
    return status;
}

#define READ(text, options) ck_assert_msg(read_text((text), (options)) == HONE_OK, "%s", error.message)

START_TEST(detects_header_kinds_and_task)
{
    READ("a,b,target\n1,x,10.5\n2.5,y,20\n,x,30\n", NULL);
    ck_assert(dataset->has_header);
    ck_assert_uint_eq(dataset->n_rows, 3);
    ck_assert_uint_eq(dataset->n_columns, 2);
    ck_assert_str_eq(dataset->columns[0].name, "a");
    ck_assert_int_eq(dataset->columns[0].kind, HN_COLUMN_NUMERIC);
    ck_assert_double_eq(dataset->columns[0].values[1], 2.5);
    ck_assert(isnan(dataset->columns[0].values[2]));
    ck_assert_uint_eq(dataset->columns[0].n_missing, 1);
    ck_assert_int_eq(dataset->columns[1].kind, HN_COLUMN_CATEGORICAL);
    ck_assert_uint_eq(dataset->columns[1].n_categories, 2);
    ck_assert_int_eq(dataset->task, HN_TASK_REGRESSION);
    ck_assert_double_eq(dataset->target[1], 20);
}
END_TEST

START_TEST(names_columns_by_position_without_header)
{
    READ("1,2,no\n3,4,yes\n5,6,no\n", NULL);
    ck_assert(!dataset->has_header);
    ck_assert_uint_eq(dataset->n_rows, 3);
    ck_assert_str_eq(dataset->columns[1].name, "x1");
    ck_assert_str_eq(dataset->classes[0], "no");
    ck_assert_double_eq(dataset->target[1], 1);
}
END_TEST

START_TEST(reads_quotes_line_ends_bom_and_blanks)
{
    READ("\xEF\xBB\xBF"
         "name; \"v;1\" ;target\r\n\"two\nlines\"; 1 ;a\r\n\"say \"\"hi\"\"\";2;b\r\n\r\n",
         NULL);
    ck_assert_uint_eq(dataset->n_rows, 2);
    ck_assert_str_eq(dataset->columns[0].name, "name");
    ck_assert_str_eq(dataset->columns[1].name, "v;1");
    ck_assert_str_eq(dataset->columns[0].categories[0], "say \"hi\"");
    ck_assert_str_eq(dataset->columns[0].categories[1], "two\nlines");
    ck_assert_double_eq(dataset->columns[1].values[0], 1);
}
END_TEST

START_TEST(finds_tabs_and_keeps_empty_cells)
{
    READ("a\tb\ttarget\n1\t\tx\n\t2\ty\n", NULL);
    ck_assert_uint_eq(dataset->columns[0].n_missing, 1);
    ck_assert_uint_eq(dataset->columns[1].n_missing, 1);
}
END_TEST

START_TEST(chooses_targets_by_name_and_position)
{
    const char *text = "k,b,c\n1,5,x\n2,6,y\n1,7,x\n";
    READ(text, &(hn_dataset_options){.target = "k"});
    ck_assert_str_eq(dataset->target_name, "k");
    ck_assert_uint_eq(dataset->n_classes, 2);
    READ(text, &(hn_dataset_options){.target = "0"});
    ck_assert_str_eq(dataset->target_name, "k");
    READ(text, &(hn_dataset_options){.target = "-2"});
    ck_assert_str_eq(dataset->target_name, "b");
    READ(text, &(hn_dataset_options){.no_target = true});
    ck_assert_uint_eq(dataset->n_columns, 3);
    ck_assert_ptr_null(dataset->target);
    ck_assert_int_eq(read_text(text, &(hn_dataset_options){.target = "cc"}), HONE_NOT_FOUND);
    hn_assert_contains(error.message, "there is no column \"cc\" (did you mean \"c\"?)");
    ck_assert_int_eq(read_text(text, &(hn_dataset_options){.target = "3"}), HONE_NOT_FOUND);
    hn_assert_contains(error.message, "positions are 0 to 2");
}
END_TEST

START_TEST(obeys_declared_kinds_drops_and_missing)
{
    const char *const categorical[] = {"zip", NULL}, *const drop[] = {"id", NULL},
                      *const missing[] = {"-9", NULL};
    hn_dataset_options options = {.categorical = categorical, .drop = drop, .missing = missing};
    READ("id,zip,v,target\n1,10,1,a\n2,20,-9,b\n3,10,3,a\n", &options);
    ck_assert_uint_eq(dataset->n_columns, 2);
    ck_assert_int_eq(dataset->columns[0].kind, HN_COLUMN_CATEGORICAL);
    ck_assert_uint_eq(dataset->columns[1].n_missing, 1);
    const char *const numeric[] = {"v", NULL};
    ck_assert_int_eq(read_text("v,w,target\nlow,1,a\nhigh,2,b\n", &(hn_dataset_options){.numeric = numeric}),
                     HONE_PARSE);
    hn_assert_contains(error.message, ":2");
    hn_assert_contains(error.message, "\"low\"");
}
END_TEST

START_TEST(infers_the_task)
{
    READ("x,target\n1,0\n2,1\n", NULL);
    ck_assert_int_eq(dataset->task, HN_TASK_CLASSIFICATION);
    READ("x,target\n1,1\n2,2\n3,3\n4,1\n", NULL);
    ck_assert_int_eq(dataset->task, HN_TASK_REGRESSION); /* three values, four rows */
    READ("x,target\n1,1\n2,2\n3,3\n4,1\n", &(hn_dataset_options){.task = HN_TASK_CLASSIFICATION});
    ck_assert_uint_eq(dataset->n_classes, 3);
    ck_assert_str_eq(dataset->classes[2], "3");
    READ("x,target\n1,10.0\n2,9\n3,10\n", NULL);
    ck_assert_str_eq(dataset->classes[0], "9"); /* ascending as numbers; 10.0 and 10 are one class */
    ck_assert_str_eq(dataset->classes[1], "10");
}
END_TEST

START_TEST(a_group_is_no_feature)
{
    const char *text = "who,x,y\nann,1,2.5\nbob,2,3.25\nann,3,4.5\nbob,4,5.5\n";
    READ(text, &(hn_dataset_options){.group = "who"});
    ck_assert_uint_eq(dataset->n_columns, 1);
    ck_assert_str_eq(dataset->columns[0].name, "x");
    ck_assert_str_eq(dataset->group->name, "who");
    ck_assert_str_eq(dataset->group->categories[(size_t)dataset->group->values[3]], "bob");
    ck_assert_double_eq(dataset->target[2], 4.5);
    const hn_dataset_options features = {.group = "who", .no_target = true};
    READ(text, &features);
    ck_assert_uint_eq(dataset->n_columns, 2);
    ck_assert_int_eq(read_text(text, &(hn_dataset_options){.group = "whom"}), HONE_NOT_FOUND);
    hn_assert_contains(error.message, "group: there is no column \"whom\" (did you mean \"who\"?)");
    ck_assert_int_eq(read_text(text, &(hn_dataset_options){.group = "y"}), HONE_INVALID);
    hn_assert_contains(error.message, "column y is the target and the group as well");
    ck_assert_int_eq(
        read_text("who,x,y\nann,1,2.5\n,2,3.5\nbob,2,4.5\n", &(hn_dataset_options){.group = "who"}),
        HONE_INVALID);
    hn_assert_contains(error.message, "1 of 3 rows have no value");
}
END_TEST

START_TEST(refuses_ragged_rows)
{
    ck_assert_int_eq(read_text("a,b,target\n1,2,x\n\n1,2\n", NULL), HONE_PARSE);
    hn_assert_contains(error.message, "t.csv:4: a row of 2 fields, but line 1 has 3 (delimiter: comma)");
    ck_assert_int_eq(error.line, 4);
    ck_assert_int_eq(read_text("a,\"b\nb\",target\n1,2,x\n1,2,3,4\n", NULL), HONE_PARSE);
    hn_assert_contains(error.message, "t.csv:4: a row of 4 fields"); /* the quoted line break counts */
}
END_TEST

START_TEST(refuses_tables_without_rows)
{
    ck_assert_int_eq(read_text("", NULL), HONE_PARSE);
    hn_assert_contains(error.message, "no rows: the file is empty");
    ck_assert_int_eq(read_text("\n \n", NULL), HONE_PARSE);
    ck_assert_int_eq(read_text("a,b,target\n", &(hn_dataset_options){.target = "target"}), HONE_INVALID);
    hn_assert_contains(error.message, "no rows: line 1, taken as the header, is all there is");
}
END_TEST

START_TEST(refuses_one_class_and_missing_targets)
{
    ck_assert_int_eq(read_text("x,target\n1,yes\n2,yes\n", NULL), HONE_INVALID);
    hn_assert_contains(error.message, "target target has one class only (\"yes\" in all 2 rows)");
    ck_assert_int_eq(read_text("x,target\n1,yes\n2,\n3,no\n4,?\n", NULL), HONE_INVALID);
    hn_assert_contains(error.message, "t.csv:3: target target is missing here (2 of 4 rows)");
}
END_TEST

START_TEST(refuses_text_among_numbers)
{
    ck_assert_int_eq(read_text("v,target\n1,a\n2,b\noops,a\n4,b\n", NULL), HONE_PARSE);
    hn_assert_contains(error.message,
                       "t.csv:4: column v (position 0) holds numbers, but here \"oops\" (1 of 4");
    hn_assert_contains(error.message, "list the column in categorical");
    const char *const missing[] = {"oops", NULL};
    READ("v,target\n1,a\n2,b\noops,a\n4,b\n", &(hn_dataset_options){.missing = missing});
    ck_assert_uint_eq(dataset->columns[0].n_missing, 1);
}
END_TEST

START_TEST(refuses_broken_text)
{
    ck_assert_int_eq(read_text("a,target\n\"1,x\n2,y\n", NULL), HONE_PARSE);
    hn_assert_contains(error.message, "t.csv:2: a quoted field that begins here is never closed");
    ck_assert_int_eq(read_text("a,target\n\"1\"2,x\n", NULL), HONE_PARSE);
    hn_assert_contains(error.message, "t.csv:2: text after the closing quote");
    ck_assert_int_eq(read_text("a,target\n1,caf\xE9\n", NULL), HONE_PARSE);
    hn_assert_contains(error.message, "t.csv:2: a byte that is not UTF-8");
    ck_assert_int_eq(read_text("a,target\n1,x\n", &(hn_dataset_options){.max_bytes = 5}), HONE_LIMIT);
    ck_assert_int_eq(hn_dataset_read("/no/such/file.csv", NULL, &dataset, &error), HONE_NOT_FOUND);
}
END_TEST

START_TEST(weights_are_no_feature)
{
    const hn_dataset_options by_w = {.weight = "w", .target = "t", .group = "g"};
    hn_dataset *other = NULL;
    int fd = -1;
    READ("a,w,g,t\n1,0.5,u,x\n2,0,u,y\n3,2,v,x\n", &by_w);
    ck_assert_uint_eq(dataset->n_columns, 1);
    ck_assert_str_eq(dataset->weight->name, "w");
    ck_assert_int_eq(hn_dataset_share(dataset, &fd, &error), HONE_OK);
    ck_assert_int_eq(hn_dataset_attach(fd, &other, &error), HONE_OK);
    close(fd);
    ck_assert_uint_eq(other->n_columns, 1);
    ck_assert_str_eq(other->weight->name, "w");
    ck_assert_mem_eq(other->weight->values, dataset->weight->values, 3 * sizeof(double));
    ck_assert_str_eq(other->group->categories[1], "v");
    ck_assert_double_eq(other->target[1], 1);
    hn_dataset_destroy(other);
    READ("1,0.5,x\n2,0,y\n3,2,x\n", &(hn_dataset_options){.weight = "1"});
    ck_assert_double_eq(dataset->weight->values[2], 2);
    const hn_dataset_options if_any = {.weight = "w", .weight_may_lack = true};
    READ("a,t\n1,x\n2,y\n", &if_any);
    ck_assert_ptr_null(dataset->weight);
}
END_TEST

START_TEST(refuses_weights_that_are_none)
{
    const hn_dataset_options by_w = {.weight = "w"};
    static const struct {
        const char *text, *message;
        hone_status status;
    } cases[] = {
        {"a,w,t\n1,1,x\n2,-0.5,y\n", "t.csv:3: weight w is \"-0.5\" here", HONE_INVALID},
        {"a,w,t\n1,,x\n2,1,y\n", "t.csv:2: weight w is \"\" here; it must be a finite number", HONE_INVALID},
        {"a,w,t\n1,1,x\n2,inf,y\n", "t.csv:3: ", HONE_PARSE},
        {"a,w,t\n1,1e999,x\n2,1,y\n", "t.csv:2: column w (position 1) holds the infinite", HONE_PARSE},
        {"a,w,t\n1,much,x\n2,1,y\n", "t.csv:2: column w (position 1) holds numbers", HONE_PARSE},
        {"a,w,t\n1,0,x\n2,0,y\n", "weight w is 0 in all 2 rows", HONE_INVALID},
        {"a,v,t\n1,0,x\n2,0,y\n", "weight: there is no column \"w\" (did you mean", HONE_NOT_FOUND},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ck_assert_msg(read_text(cases[i].text, &by_w) == cases[i].status, "%zu: %s", i, error.message);
        hn_assert_contains(error.message, cases[i].message);
    }
    ck_assert_int_eq(read_text("a,w\n1,0\n2,0\n", &(hn_dataset_options){.weight = "w", .target = "w"}),
                     HONE_INVALID);
    hn_assert_contains(error.message, "column w is the target and the weight as well");
    ck_assert_int_eq(read_text("a,w,t\n1,0,x\n2,0,y\n", &(hn_dataset_options){.weight = "w", .group = "w"}),
                     HONE_INVALID);
    hn_assert_contains(error.message, "column w is the group and the weight as well");
}
END_TEST

START_TEST(arrays_become_a_dataset)
{
    double x[] = {1, 2, NAN, 4}, y[] = {5, 7};
    ck_assert_int_eq(hn_dataset_from_arrays(x, 2, 2, y, NULL, HN_TASK_CLASSIFICATION, &dataset, &error),
                     HONE_OK);
    ck_assert_double_eq(dataset->columns[1].values[0], 2);
    ck_assert_uint_eq(dataset->columns[0].n_missing, 1);
    ck_assert_str_eq(dataset->classes[1], "7");
    hn_dataset *other = NULL;
    x[0] = INFINITY;
    ck_assert_int_eq(hn_dataset_from_arrays(x, 2, 2, y, NULL, HN_TASK_REGRESSION, &other, &error),
                     HONE_INVALID);
    hn_assert_contains(error.message, "row 0, column 0 is infinite");
    x[0] = 1;
    hn_dataset_destroy(dataset);
    double weight[] = {0.5, 2};
    ck_assert_int_eq(hn_dataset_from_arrays(x, 2, 2, y, weight, HN_TASK_CLASSIFICATION, &dataset, &error),
                     HONE_OK);
    ck_assert_double_eq(dataset->weight->values[1], 2);
    ck_assert_double_eq(dataset->target[1], 1);
    for (size_t i = 0; i < 3; i++) {
        const double wrong[] = {-1, NAN, INFINITY};
        weight[1] = wrong[i];
        ck_assert_int_eq(hn_dataset_from_arrays(x, 2, 2, y, weight, HN_TASK_REGRESSION, &other, &error),
                         HONE_INVALID);
        hn_assert_contains(error.message, "the weight of row 1 is negative or not finite");
    }
    weight[0] = weight[1] = 0;
    ck_assert_int_eq(hn_dataset_from_arrays(x, 2, 2, y, weight, HN_TASK_REGRESSION, &other, &error),
                     HONE_INVALID);
    hn_assert_contains(error.message, "all 2 weights are 0");
    ck_assert_int_eq(hn_dataset_from_arrays(x, 0, 2, y, NULL, HN_TASK_REGRESSION, &other, &error),
                     HONE_INVALID);
}
END_TEST

Suite *suite_read(void)
{
    Suite *suite = suite_create("read");
    TCase *reading = tcase_create("reading"), *refusing = tcase_create("refusing");
    tcase_add_checked_fixture(reading, NULL, teardown);
    tcase_add_checked_fixture(refusing, NULL, teardown);
    tcase_add_test(reading, detects_header_kinds_and_task);
    tcase_add_test(reading, names_columns_by_position_without_header);
    tcase_add_test(reading, reads_quotes_line_ends_bom_and_blanks);
    tcase_add_test(reading, finds_tabs_and_keeps_empty_cells);
    tcase_add_test(reading, chooses_targets_by_name_and_position);
    tcase_add_test(reading, obeys_declared_kinds_drops_and_missing);
    tcase_add_test(reading, infers_the_task);
    tcase_add_test(reading, arrays_become_a_dataset);
    tcase_add_test(refusing, a_group_is_no_feature);
    tcase_add_test(refusing, weights_are_no_feature);
    tcase_add_test(refusing, refuses_weights_that_are_none);
    tcase_add_test(refusing, refuses_ragged_rows);
    tcase_add_test(refusing, refuses_tables_without_rows);
    tcase_add_test(refusing, refuses_one_class_and_missing_targets);
    tcase_add_test(refusing, refuses_text_among_numbers);
    tcase_add_test(refusing, refuses_broken_text);
    suite_add_tcase(suite, reading);
    suite_add_tcase(suite, refusing);
    return suite;
}
