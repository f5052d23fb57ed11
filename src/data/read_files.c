/* read_files.c: a file as a dataset, whole or block by block: of arrays, images or a table, by its content.
 */
#include "base/memory.h"
#include "base/os_file.h"
#include "data/csv_blocks.h"
#include "data/dataset.h"
#include "data/head.h"
#include "data/read_arrays.h"
#include "data/read_images.h"
#include "data/read_rows.h"

static const hn_dataset_options defaults;

/* A model that was fitted to arrays has no columns to look for. What cannot be read at all is said by who
 * reads it. */
static hone_status refuse_table(const char *path, const hn_dataset_options *options, hone_error *err)
{
    const hn_schema *schema = options->schema;
    bool there = hn_csv_is_stdin(path) || hn_file_exists(path);
    return !schema || !schema->rank || schema->text || !there
               ? HONE_OK
               : hn_fail(err, HONE_INVALID,
                         "%s is a table with columns, the model was fitted to images or other arrays", path);
}

static hone_status read_table(const char *path, const hn_dataset_options *options, hn_dataset **dataset,
                              hone_error *err)
{
    hn_csv csv = {0};
    hn_head head = {0};
    hn_csv_options cutting = {options->delimiter, options->skip_rows, options->max_bytes, options->plain};
    hone_status status = refuse_table(path, options, err);
    if (!status)
        status = hn_csv_read(path, &cutting, &csv, err);
    if (!status)
        status = hn_head_find(&csv, options, &head, err);
    if (!status)
        status = hn_dataset_of_rows(&csv, options, &head, head.named, dataset, err);
    hn_csv_release(&csv);
    hn_head_release(&head);
    return status;
}

hone_status hn_dataset_read(const char *path, const hn_dataset_options *options, hn_dataset **dataset,
                            hone_error *err)
{
    bool images;
    hn_array_format format = HN_ARRAY_NONE;
    options = options ? options : &defaults;
    hone_status status = hn_images_detect(path, &images, err);
    if (!status && images)
        return hn_dataset_read_images(path, options, dataset, err);
    if (!status)
        status = hn_arrays_detect(path, &format, err);
    if (!status && !format && options->more && *options->more)
        status =
            hn_fail(err, HONE_INVALID,
                    "%s: several files are for arrays (IDX, CIFAR-10, NPY, NPZ), which this is not", path);
    if (status)
        return status;
    return format ? hn_dataset_read_arrays(path, format, options, dataset, err)
                  : read_table(path, options, dataset, err);
}

/* --- block by block --- */

enum { IMAGE_BLOCK_BYTES = 1 << 24 };

struct hn_dataset_blocks {
    hn_dataset_options options;
    hn_csv_blocks *rows; /* NULL: images, or a file of arrays, which is one block */
    hn_images *images;
    hn_dataset *whole; /* that block until it was given */
    hn_head head;
};

hone_status hn_dataset_blocks_open(const char *path, const hn_dataset_options *options, size_t block_bytes,
                                   hn_dataset_blocks **blocks, hone_error *err)
{
    hn_dataset_blocks *made = hn_calloc(1, sizeof *made);
    if (!made)
        return hn_out_of_memory(err);
    made->options = options ? *options : defaults;
    const hn_dataset_options *o = &made->options;
    hn_csv_options cutting = {o->delimiter, o->skip_rows, o->max_bytes, o->plain};
    bool images;
    hn_array_format format = HN_ARRAY_NONE;
    hone_status status = hn_images_detect(path, &images, err);
    if (!status && !images)
        status = hn_arrays_detect(path, &format, err);
    if (!status && images)
        status = hn_images_open(path, o, &made->images, err);
    else if (!status && format)
        status = hn_dataset_read_arrays(path, format, &made->options, &made->whole, err);
    else if (!status && !(status = refuse_table(path, o, err)))
        status = hn_csv_blocks_open(path, &cutting, block_bytes, &made->rows, err);
    if (status)
        hn_free(made);
    else
        *blocks = made;
    return status;
}

/* A header that fills the first block has its rows in the next. */
hone_status hn_dataset_blocks_next(hn_dataset_blocks *blocks, hn_dataset **dataset, hone_error *err)
{
    hn_csv csv;
    hn_dataset *made = NULL;
    bool alone = false;
    if (blocks->images)
        return hn_images_next(blocks->images, IMAGE_BLOCK_BYTES, dataset, err);
    if (!blocks->rows) {
        *dataset = blocks->whole;
        blocks->whole = NULL;
        return HONE_OK;
    }
    hone_status status = hn_csv_blocks_next(blocks->rows, &csv, err);
    if (!status && !blocks->head.names) {
        status = hn_head_find(&csv, &blocks->options, &blocks->head, err);
        alone = !status && blocks->head.named && csv.n_rows == 1;
        if (!status && !alone)
            status =
                hn_dataset_of_rows(&csv, &blocks->options, &blocks->head, blocks->head.named, &made, err);
        if (alone) {
            hn_csv_release(&csv);
            status = hn_csv_blocks_next(blocks->rows, &csv, err);
        }
    }
    if (!status && !made && (csv.n_rows || alone))
        status = hn_dataset_of_rows(&csv, &blocks->options, &blocks->head, 0, &made, err);
    hn_csv_release(&csv);
    if (!status)
        *dataset = made;
    return status;
}

void hn_dataset_blocks_close(hn_dataset_blocks *blocks)
{
    if (!blocks)
        return;
    hn_csv_blocks_close(blocks->rows);
    hn_images_close(blocks->images);
    hn_dataset_destroy(blocks->whole);
    hn_head_release(&blocks->head);
    hn_free(blocks);
}
