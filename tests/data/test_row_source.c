/* Rows of a table of numbers, pairs, one-hot and ordinal columns, cell by cell from their definition, and in
 * pieces, rows and columns first. */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "data/preprocess.h"
#include "math/random.h"
#include "support.h"

enum { N = 400, NUMBERS = 11, COLUMNS = NUMBERS + 3 };

static hone_error error;
static double values[COLUMNS][N], target[N];
static hn_column columns[COLUMNS];
static hn_dataset table = {.source = "t",
                           .n_rows = N,
                           .n_columns = COLUMNS,
                           .columns = columns,
                           .task = HN_TASK_REGRESSION,
                           .target = target};

/* Numbers, some missing; then columns of 2, 1 and 5 categories, among the numbers. */
static void make_table(void)
{
    static const char *const names[] = {"a", "b", "c", "d", "e"};
    static const size_t categories[COLUMNS] = {[3] = 2, [6] = 1, [12] = 5};
    hn_random random = hn_random_stream(1, 0, HN_PURPOSE_TEST);
    for (size_t j = 0; j < COLUMNS; j++) {
        columns[j] = (hn_column){.name = "x", .kind = HN_COLUMN_NUMERIC, .values = values[j]};
        if (categories[j]) {
            columns[j].kind = HN_COLUMN_CATEGORICAL;
            columns[j].n_categories = categories[j];
            columns[j].categories = names;
        }
        for (size_t i = 0; i < N; i++) {
            bool missing = j % 2 && hn_random_below(&random, 9) == 0;
            double x = categories[j] ? (double)hn_random_below(&random, categories[j])
                                     : 5 + hn_random_normal(&random);
            values[j][i] = missing ? NAN : x;
            columns[j].n_missing += missing;
            target[i] = values[0][i] + values[12][i];
        }
    }
}

/* The first half is fitted on, in a shuffled order. */
static size_t rows[N];

static void shuffle(void)
{
    hn_random random = hn_random_stream(2, 0, HN_PURPOSE_TEST);
    for (size_t i = 0; i < N; i++)
        rows[i] = i;
    for (size_t i = N / 2; i > 1; i--) {
        size_t at = hn_random_below(&random, i), held = rows[at];
        rows[at] = rows[i - 1];
        rows[i - 1] = held;
    }
}

/* Of the cells that are known in the rows fitted on. */
static double mean_of(size_t j)
{
    double sum = 0, count = 0;
    for (size_t i = 0; i < N / 2; i++)
        if (!isnan(values[j][i])) {
            sum += values[j][i];
            count++;
        }
    return sum / count;
}

static double most_frequent(size_t j)
{
    size_t counts[5] = {0}, best = 0;
    for (size_t i = 0; i < N / 2; i++)
        if (!isnan(values[j][i]))
            counts[(size_t)values[j][i]]++;
    for (size_t k = 1; k < 5; k++)
        best = counts[k] > counts[best] ? k : best;
    return (double)best;
}

/* What row `i` of the table becomes; returns the number of values. */
static size_t expect(size_t i, bool ordinal, double *out)
{
    size_t at = 0;
    for (size_t j = 0; j < COLUMNS; j++) {
        const hn_column *column = &columns[j];
        double x = values[j][i];
        if (column->kind == HN_COLUMN_NUMERIC) {
            out[at++] = isnan(x) ? mean_of(j) : x;
            continue;
        }
        x = isnan(x) ? most_frequent(j) : x;
        if (ordinal || column->n_categories == 2)
            out[at++] = x;
        else
            for (size_t k = 0; k < column->n_categories; k++)
                out[at++] = x == (double)k;
    }
    return at;
}

static void check_cells(const double *x, const size_t *order, bool ordinal)
{
    double expected[2 * COLUMNS];
    for (size_t i = 0; i < N; i++) {
        size_t width = expect(order ? order[i] : i, ordinal, expected);
        for (size_t c = 0; c < width; c++)
            hn_assert_relative(x[i * width + c], expected[c], 1e-14);
    }
}

static void check_pieces(const hn_preprocess *fitted, const size_t *order, const double *whole)
{
    static const size_t sizes[] = {1, 127, 128, 129, N};
    size_t width = hn_preprocess_width(fitted);
    double *piece = hn_calloc(N * width, sizeof *piece);
    hn_row_source *source = NULL;
    ck_assert(piece);
    ck_assert_int_eq(hn_row_source_open(fitted, &table, order, &source, &error), HONE_OK);
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        size_t n = sizes[s], from = N - n;
        ck_assert_int_eq(hn_row_source_read(source, from, n, piece, &error), HONE_OK);
        ck_assert_mem_eq(piece, whole + from * width, n * width * sizeof *piece);
        ck_assert_int_eq(hn_row_source_columns(source, from, n, piece, &error), HONE_OK);
        for (size_t i = 0; i < n * width; i++)
            ck_assert(piece[i % width * n + i / width] == whole[from * width + i]);
    }
    hn_row_source_close(source);
    hn_free(piece);
}

START_TEST(rows_are_their_cells)
{
    make_table();
    shuffle();
    for (int ordinal = 0; ordinal < 2; ordinal++)
        for (int listed = 0; listed < 2; listed++) {
            hn_preprocess_options options = {.encode = ordinal ? HN_ENCODE_ORDINAL : HN_ENCODE_ONEHOT};
            const size_t *order = listed ? rows : NULL;
            hn_preprocess *fitted = NULL;
            ck_assert_int_eq(hn_preprocess_fit(&options, &table, rows, N / 2, &fitted, &error), HONE_OK);
            size_t width = hn_preprocess_width(fitted);
            ck_assert_uint_eq(width, ordinal ? COLUMNS : COLUMNS + 4);
            double *x = hn_calloc(N * width, sizeof *x);
            ck_assert_int_eq(hn_preprocess_apply(fitted, &table, order, N, x, &error), HONE_OK);
            check_cells(x, order, ordinal);
            check_pieces(fitted, order, x);
            hn_free(x);
            hn_preprocess_destroy(fitted);
        }
}
END_TEST

/* Columns left out leave gaps in what is read, not in what is made. */
START_TEST(columns_left_out)
{
    make_table();
    shuffle();
    for (size_t select = 1; select < COLUMNS + 4; select += 5) {
        hn_preprocess_options options = {.select = select, .scale = HN_SCALE_STANDARD};
        hn_preprocess *fitted = NULL;
        double *x = hn_calloc(N * select, sizeof *x);
        for (size_t i = 0; i < N; i++)
            target[i] = isnan(target[i]) ? 0 : target[i];
        ck_assert_int_eq(hn_preprocess_fit(&options, &table, NULL, 0, &fitted, &error), HONE_OK);
        ck_assert_uint_eq(hn_preprocess_width(fitted), select);
        ck_assert_int_eq(hn_preprocess_apply(fitted, &table, rows, N, x, &error), HONE_OK);
        check_pieces(fitted, rows, x);
        hn_free(x);
        hn_preprocess_destroy(fitted);
    }
}
END_TEST

/* What a kept source looks into stays when everybody else has let go of it. */
START_TEST(kept)
{
    double x[30 * 2], expected[30 * 2], found[30 * 2];
    for (size_t i = 0; i < 60; i++)
        x[i] = (double)((i * 37) % 60);
    for (int listed = 0; listed < 2; listed++)
        for (size_t from = 0; from < 20; from += 9) {
            hn_preprocess_options options = {.scale = HN_SCALE_MINMAX};
            hn_dataset *set = NULL;
            hn_preprocess *fitted = NULL;
            hn_row_source *source = NULL, *own = NULL;
            size_t order[30];
            for (size_t i = 0; i < 30; i++)
                order[i] = 29 - i;
            ck_assert_int_eq(hn_dataset_from_arrays(x, 30, 2, x, NULL, HN_TASK_REGRESSION, &set, &error),
                             HONE_OK);
            ck_assert_int_eq(hn_preprocess_fit(&options, set, NULL, 0, &fitted, &error), HONE_OK);
            ck_assert_int_eq(hn_row_source_open(fitted, set, listed ? order : NULL, &source, &error),
                             HONE_OK);
            ck_assert_int_eq(hn_row_source_read(source, from + 1, 9, expected, &error), HONE_OK);
            ck_assert_int_eq(hn_row_source_keep(source, from, 10, &own, &error), HONE_OK);
            hn_row_source_close(source);
            hn_preprocess_destroy(fitted);
            hn_dataset_destroy(set);
            memset(order, 0xff, sizeof order);
            ck_assert_int_eq(hn_row_source_read(own, 1, 9, found, &error), HONE_OK);
            ck_assert_mem_eq(found, expected, 9 * 2 * sizeof *found);
            hn_row_source_close(own);
        }
}
END_TEST

Suite *suite_row_source(void)
{
    Suite *suite = suite_create("row_source");
    TCase *cells = tcase_create("cells");
    tcase_add_test(cells, rows_are_their_cells);
    tcase_add_test(cells, columns_left_out);
    tcase_add_test(cells, kept);
    suite_add_tcase(suite, cells);
    return suite;
}
