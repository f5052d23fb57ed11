/* A table read block by block is the table read whole, wherever the blocks end. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data/dataset.h"
#include "math/random.h"
#include "support.h"

static hone_error error;

static char *write_text(const char *text)
{
    char *folder = hn_test_temp_dir(), *path = hn_test_path(folder, "t.csv");
    hn_test_write(path, text);
    free(folder);
    return path;
}

static const char *cell_text(const hn_column *column, size_t row)
{
    return isnan(column->values[row]) ? "missing" : column->categories[(size_t)column->values[row]];
}

static void check_column(const hn_column *whole, const hn_column *part, size_t first, size_t rows)
{
    ck_assert_str_eq(part->name, whole->name);
    ck_assert_int_eq(part->kind, whole->kind);
    for (size_t i = 0; i < rows; i++)
        if (whole->kind == HN_COLUMN_NUMERIC)
            ck_assert(memcmp(&part->values[i], &whole->values[first + i], sizeof(double)) == 0);
        else
            ck_assert_str_eq(cell_text(part, i), cell_text(whole, first + i));
}

/* Reads text by blocks of `bytes` and compares with whole; returns how many blocks there were. */
static size_t check_blocks(const char *path, const hn_dataset_options *options, size_t bytes,
                           const hn_dataset *whole)
{
    hn_dataset_blocks *blocks = NULL;
    hn_dataset *part = NULL;
    size_t rows = 0, n = 0;
    ck_assert_int_eq(hn_dataset_blocks_open(path, options, bytes, &blocks, &error), HONE_OK);
    for (;; n++) {
        hone_status status = hn_dataset_blocks_next(blocks, &part, &error);
        ck_assert_msg(status == HONE_OK, "blocks of %zu bytes: %s", bytes, error.message);
        if (!part)
            break;
        ck_assert_uint_eq(part->n_columns, whole->n_columns);
        ck_assert_uint_le(rows + part->n_rows, whole->n_rows);
        for (size_t j = 0; j < whole->n_columns; j++)
            check_column(&whole->columns[j], &part->columns[j], rows, part->n_rows);
        rows += part->n_rows;
        hn_dataset_destroy(part);
    }
    ck_assert_uint_eq(rows, whole->n_rows);
    hn_dataset_blocks_close(blocks);
    return n;
}

static const char *const names[] = {"a", "b", "c"};
static const hn_column_kind kinds[] = {HN_COLUMN_NUMERIC, HN_COLUMN_CATEGORICAL, HN_COLUMN_NUMERIC};
static const hn_schema schema = {.named = true, .n = 3, .names = names, .kinds = kinds};

/* Rows of numbers and text in all the ways a cell can be written, with line ends of one kind. */
static char *random_table(uint64_t seed, const char *line_end, bool header)
{
    static const char *const texts[] = {
        "plain", "\"quoted\"", "\"two\nlines\"", "\"a,b\"",    "\"say \"\"hi\"\"\"", "5\" pipe", " padded ",
        "\"\"",  "NA",         "\"\r\n\"",       "h\xC3\xB6ne"};
    enum { N_TEXTS = sizeof texts / sizeof *texts, ROWS = 60, ROW_BYTES = 120 };
    hn_random random = hn_random_stream(seed, 0, HN_PURPOSE_TEST);
    char *table = malloc(ROWS * ROW_BYTES), *at = table;
    at += header ? sprintf(at, "a,b,c%s", line_end) : 0;
    for (int i = 0; i < ROWS; i++) {
        const char *text = texts[hn_random_below(&random, N_TEXTS)];
        at += sprintf(at, "%d,%s,%s0.%d%s", i, text, i % 3 ? "-" : "\"", i, i % 3 ? "" : "\"");
        at += i == ROWS - 1 && seed % 2 ? 0 : sprintf(at, "%s%s", line_end, i % 7 ? "" : line_end);
    }
    return table;
}

START_TEST(blocks_of_any_size_give_the_same_rows)
{
    static const char *const line_ends[] = {"\n", "\r\n", "\r"};
    hn_dataset_options options = {.no_target = true, .schema = &schema};
    for (uint64_t seed = 0; seed < 12; seed++) {
        char *text = random_table(seed, line_ends[seed % 3], seed % 4 < 2), *path = write_text(text);
        hn_dataset *whole = NULL;
        options.header = seed % 4 < 2 ? 1 : -1;
        hone_status status = hn_dataset_read(path, &options, &whole, &error);
        ck_assert_msg(status == HONE_OK, "%s", error.message);
        ck_assert_uint_eq(whole->n_rows, 60);
        for (size_t bytes = 40; bytes < 90; bytes++)
            ck_assert_uint_gt(check_blocks(path, &options, bytes, whole), 3);
        ck_assert_uint_eq(check_blocks(path, &options, 0, whole), 1);
        hn_dataset_destroy(whole);
        free(path);
        free(text);
    }
}
END_TEST

START_TEST(mistakes_far_down_are_found_with_their_line)
{
    const struct {
        const char *bad, *message;
        int line;
    } cases[] = {{"1,x\n", "a row of 2 fields, but line 3 has 3", 43},
                 {"1,\"x,2\n", "never closed", 43},
                 {"one,x,2\n", "\"one\"", 43},
                 {"1,\xFF,2\n", "not UTF-8", 43}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[4096] = "skipped\n\na,b,c\n";
        for (int row = 0; row < 39; row++)
            strcat(text, "0,x,0.5\n");
        strcat(strcat(text, cases[i].bad), "0,x,0.5\n");
        char *path = write_text(text);
        hn_dataset_options options = {.no_target = true, .schema = &schema, .skip_rows = 1};
        hn_dataset_blocks *blocks = NULL;
        hn_dataset *part = NULL;
        hone_status status = hn_dataset_blocks_open(path, &options, 64, &blocks, &error);
        size_t rows = 0;
        for (bool more = true; !status && more;) {
            status = hn_dataset_blocks_next(blocks, &part, &error);
            more = !status && part;
            rows += more ? part->n_rows : 0;
            if (more)
                hn_dataset_destroy(part);
        }
        ck_assert_int_eq(status, HONE_PARSE);
        ck_assert_uint_gt(rows, 25);
        ck_assert_int_eq(error.line, cases[i].line);
        hn_assert_contains(error.message, cases[i].message);
        hn_dataset_blocks_close(blocks);
        free(path);
    }
}
END_TEST

START_TEST(rows_longer_than_a_block_are_read)
{
    char text[4096] = "a,b,c\n1,\"";
    size_t size = strlen(text);
    memset(text + size, 'x', 3000);
    strcpy(text + size + 3000, "\",2\n3,y,4\n");
    char *path = write_text(text);
    hn_dataset_options options = {.no_target = true, .schema = &schema};
    hn_dataset *whole = NULL;
    ck_assert_int_eq(hn_dataset_read(path, &options, &whole, &error), HONE_OK);
    ck_assert_uint_eq(check_blocks(path, &options, 64, whole), 1);
    hn_dataset_destroy(whole);
    options.max_bytes = 500;
    hn_dataset_blocks *blocks = NULL;
    hn_dataset *part = NULL;
    ck_assert_int_eq(hn_dataset_blocks_open(path, &options, 64, &blocks, &error), HONE_OK);
    hone_status status = HONE_OK;
    do {
        hn_dataset_destroy(part);
        part = NULL;
        status = hn_dataset_blocks_next(blocks, &part, &error);
    } while (!status && part);
    ck_assert_int_eq(status, HONE_LIMIT);
    hn_assert_contains(error.message, "line 2 is longer than the 500 bytes");
    hn_dataset_blocks_close(blocks);
    free(path);
}
END_TEST

Suite *suite_blocks(void)
{
    Suite *suite = suite_create("blocks");
    TCase *tests = tcase_create("reading blocks");
    tcase_add_test(tests, blocks_of_any_size_give_the_same_rows);
    tcase_add_test(tests, mistakes_far_down_are_found_with_their_line);
    tcase_add_test(tests, rows_longer_than_a_block_are_read);
    suite_add_tcase(suite, tests);
    return suite;
}
