/* fuzz_csv.c: a table cut block by block has the cells of the table cut whole, or is refused as well; what is
 * read as a dataset is sound, and its matrix finite. The first byte chooses delimiter, header and block size.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "data/csv_blocks.h"
#include "data/preprocess.h"
#include "memory_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void compare_rows(const hn_csv *whole, size_t first, const hn_csv *block)
{
    require(block->n_columns == whole->n_columns && first + block->n_rows <= whole->n_rows);
    for (size_t row = 0; row < block->n_rows; row++) {
        require(block->lines[row] == whole->lines[first + row]);
        for (size_t column = 0; column < whole->n_columns; column++) {
            size_t size = hn_csv_size(whole, first + row, column);
            require(hn_csv_size(block, row, column) == size &&
                    memcmp(hn_csv_text(block, row, column), hn_csv_text(whole, first + row, column),
                           size + 1) == 0);
        }
    }
}

static void compare_blocks(const char *path, const hn_csv_options *options, size_t block_bytes)
{
    hn_csv whole, block;
    hn_csv_blocks *blocks = NULL;
    size_t rows = 0;
    hone_status status = hn_csv_read(path, options, &whole, NULL);
    hone_status by_blocks = hn_csv_blocks_open(path, options, block_bytes, &blocks, NULL);
    for (bool more = !by_blocks; more;) {
        by_blocks = hn_csv_blocks_next(blocks, &block, NULL);
        more = !by_blocks && block.n_rows;
        if (more && !status)
            compare_rows(&whole, rows, &block);
        rows += more ? block.n_rows : 0;
        hn_csv_release(&block);
    }
    require((status == HONE_OK) == (by_blocks == HONE_OK) && (status || rows == whole.n_rows));
    hn_csv_blocks_close(blocks);
    hn_csv_release(&whole);
}

static void check_column(const hn_column *column, size_t rows)
{
    for (size_t i = 0; i < rows; i++) {
        double value = column->values[i];
        require(!isinf(value));
        require(column->kind == HN_COLUMN_NUMERIC || isnan(value) || value < (double)column->n_categories);
    }
}

static void check_matrix(const hn_dataset *set)
{
    hn_preprocess_options options = {.scale = HN_SCALE_STANDARD};
    hn_preprocess *fitted = NULL;
    if (hn_preprocess_fit(&options, set, NULL, 0, &fitted, NULL))
        return;
    size_t cells = set->n_rows * hn_preprocess_width(fitted);
    double *out = hn_calloc(cells, sizeof *out);
    require(out && hn_preprocess_apply(fitted, set, NULL, set->n_rows, out, NULL) == HONE_OK);
    for (size_t i = 0; i < cells; i++)
        require(isfinite(out[i]));
    hn_free(out);
    hn_preprocess_destroy(fitted);
}

static void check_dataset(const char *path, const hn_dataset_options *options)
{
    hn_dataset *set = NULL;
    if (hn_dataset_read(path, options, &set, NULL))
        return;
    require(set->n_rows && (set->n_columns || set->samples));
    for (size_t j = 0; j < set->n_columns; j++)
        check_column(&set->columns[j], set->n_rows);
    for (size_t i = 0; set->target && i < set->n_rows; i++)
        require(isfinite(set->target[i]) && (!set->n_classes || set->target[i] < (double)set->n_classes));
    check_matrix(set);
    hn_dataset_destroy(set);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char delimiters[] = {',', ';', '\t', 'a'};
    char path[MEMORY_PATH_SIZE];
    if (!size)
        return 0;
    unsigned choice = data[0];
    hn_csv_options cutting = {.delimiter = delimiters[choice % 4], .skip_rows = choice >> 7};
    hn_dataset_options options = {.header = (int)(choice / 4 % 3) - 1, .no_target = choice / 16 % 2};
    int fd = memory_file(data + 1, size - 1, path);
    compare_blocks(path, &cutting, 1 + choice / 2 % 32);
    check_dataset(path, &options);
    close(fd);
    return 0;
}
