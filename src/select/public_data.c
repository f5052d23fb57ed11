/* public_data.c: the data part of hone/ml.h. */
#include "select/public_data.h"

#include <string.h>

#include "base/memory.h"
#include "select/split.h"

/* A handle that owns a share of the data; NULL when memory is out. */
static hone_dataset *new_handle(const hn_dataset *data, size_t n, bool has_rows)
{
    hone_dataset *dataset = hn_calloc(1, sizeof *dataset);
    size_t *rows = has_rows ? hn_calloc(n, sizeof *rows) : NULL;
    if (!dataset || (has_rows && !rows)) {
        hn_free(dataset);
        hn_free(rows);
        return NULL;
    }
    *dataset = (hone_dataset){.data = hn_dataset_retain(data), .rows = rows, .n = n};
    return dataset;
}

hone_status hn_public_dataset_wrap(hn_dataset *data, hone_dataset **dataset, hone_error *err)
{
    hone_dataset *handle = new_handle(data, data->n_rows, false);
    hn_dataset_destroy(data); /* the handle has a share */
    if (!handle)
        return hn_out_of_memory(err);
    *dataset = handle;
    return HONE_OK;
}

hone_dataset *hn_public_dataset_copy(const hone_dataset *dataset)
{
    hone_dataset *copy = new_handle(dataset->data, dataset->n, dataset->rows != NULL);
    if (copy && copy->rows)
        memcpy(copy->rows, dataset->rows, copy->n * sizeof *copy->rows);
    return copy;
}

void hone_dataset_destroy(hone_dataset *dataset)
{
    if (!dataset)
        return;
    hn_dataset_destroy(dataset->data);
    hn_free(dataset->rows);
    hn_free(dataset);
}

static hone_status read_text_rule(const hone_dataset_options *options, hn_text_rule *text, hone_error *err)
{
    *text = (hn_text_rule){.column = options->text,
                           .vocabulary = options->vocabulary ? options->vocabulary : HN_TEXT_USUAL_VOCABULARY,
                           .length = options->length ? options->length : HN_TEXT_USUAL_LENGTH,
                           .pad_end = options->pad_end,
                           .cut_end = options->cut_end,
                           .plain = options->plain};
    bool given = options->vocabulary || options->length || options->pad_end || options->cut_end;
    if (!options->text && given)
        return hn_fail(err, HONE_INVALID,
                       "vocabulary, length, pad_end and cut_end are of text, the column of words");
    if (text->vocabulary < HN_TEXT_LEAST_VOCABULARY || text->vocabulary > HN_TEXT_MOST_VOCABULARY)
        return hn_fail(err, HONE_INVALID, "vocabulary is %zu; it is a number of tokens, %d to %d",
                       text->vocabulary, HN_TEXT_LEAST_VOCABULARY, HN_TEXT_MOST_VOCABULARY);
    if (text->length > HN_TEXT_MOST_LENGTH)
        return hn_fail(err, HONE_INVALID, "length is %zu; it is a number of tokens, 1 to %d", text->length,
                       HN_TEXT_MOST_LENGTH);
    return HONE_OK;
}

static hone_status check_images(const hone_dataset_options *options, hone_error *err)
{
    if (options->channels > 3 || options->channels == 2)
        return hn_fail(err, HONE_INVALID, "channels is %zu; images have 1 (grey) or 3 (RGB)",
                       options->channels);
    if (!options->image_height != !options->image_width)
        return hn_fail(err, HONE_INVALID, "image_height and image_width are given both or neither");
    return HONE_OK;
}

hone_status hn_public_dataset_options(const hone_dataset_options *options, hn_dataset_options *out,
                                      hn_text_rule *text, hone_error *err)
{
    *out = (hn_dataset_options){0};
    if (!options)
        return HONE_OK;
    if (options->struct_size != sizeof *options)
        return hn_fail(err, HONE_INVALID,
                       "hone_dataset_options has struct_size %zu, this version knows %zu; begin with "
                       "HONE_DATASET_OPTIONS_INIT",
                       options->struct_size, sizeof *options);
    *out = (hn_dataset_options){.target = options->target,
                                .no_target = options->no_target,
                                .group = options->group,
                                .weight = options->weight,
                                .header = options->header,
                                .delimiter = options->delimiter,
                                .skip_rows = options->skip_rows,
                                .max_bytes = options->max_bytes,
                                .task = (hn_model_task)options->task,
                                .categorical = options->categorical,
                                .numeric = options->numeric,
                                .drop = options->drop,
                                .missing = options->missing,
                                .plain = options->plain,
                                .labels = options->labels,
                                .more = options->more,
                                .features = options->features,
                                .channels = options->channels,
                                .image_height = options->image_height,
                                .image_width = options->image_width,
                                .text = options->text ? text : NULL};
    hone_status status = check_images(options, err);
    return status ? status : read_text_rule(options, text, err);
}

hone_status hone_dataset_load(const char *path, const hone_dataset_options *options, hone_dataset **dataset,
                              hone_error *err)
{
    hn_dataset_options reading;
    hn_text_rule text;
    hn_dataset *data = NULL;
    hone_status status = hn_public_dataset_options(options, &reading, &text, err);
    if (!status)
        status = hn_dataset_read(path, &reading, &data, err);
    return status ? status : hn_public_dataset_wrap(data, dataset, err);
}

hone_status hone_dataset_create(const double *x, size_t n, size_t d, const double *y, const double *weight,
                                hone_task task, hone_dataset **dataset, hone_error *err)
{
    hn_dataset *data = NULL;
    hone_status status = hn_dataset_from_arrays(x, n, d, y, weight, (hn_model_task)task, &data, err);
    return status ? status : hn_public_dataset_wrap(data, dataset, err);
}

/* --- splitting
 * ---------------------------------------------------------------------------------------------- */

static size_t row_at(const hone_dataset *dataset, size_t i)
{
    return dataset->rows ? dataset->rows[i] : i;
}

static hone_dataset *take_part(const hone_dataset *dataset, const bool *held_out, bool part)
{
    size_t n = 0, at = 0;
    for (size_t i = 0; i < dataset->n; i++)
        n += held_out[i] == part;
    hone_dataset *taken = new_handle(dataset->data, n, true);
    for (size_t i = 0; taken && i < dataset->n; i++)
        if (held_out[i] == part)
            taken->rows[at++] = row_at(dataset, i);
    return taken;
}

hone_status hone_dataset_split(const hone_dataset *dataset, double fraction, uint64_t seed,
                               hone_dataset **train, hone_dataset **test, hone_error *err)
{
    const hn_dataset *data = dataset->data;
    bool stratified = data->task == HN_TASK_CLASSIFICATION;
    bool *held_out = hn_calloc(dataset->n, sizeof *held_out);
    double *y = stratified ? hn_calloc(dataset->n, sizeof *y) : NULL;
    hone_dataset *kept = NULL, *rest = NULL;
    hone_status status = held_out && (y || !stratified) ? HONE_OK : hn_out_of_memory(err);
    for (size_t i = 0; !status && y && i < dataset->n; i++)
        y[i] = data->target[row_at(dataset, i)];
    if (!status)
        status = hn_hold_out(y, data->n_classes, dataset->n, fraction, seed, held_out, err);
    if (!status) {
        kept = take_part(dataset, held_out, false);
        rest = take_part(dataset, held_out, true);
        if (!kept || !rest)
            status = hn_out_of_memory(err);
    }
    if (!status) {
        *train = kept;
        *test = rest;
        kept = rest = NULL;
    }
    hone_dataset_destroy(kept);
    hone_dataset_destroy(rest);
    hn_free(held_out);
    hn_free(y);
    return status;
}

/* --- looking
 * ------------------------------------------------------------------------------------------------ */

void hone_dataset_get_info(const hone_dataset *dataset, hone_dataset_info *info)
{
    const hn_dataset *data = dataset->data;
    *info = (hone_dataset_info){.source = data->source,
                                .n_rows = dataset->n,
                                .n_columns = data->n_columns,
                                .task = (hone_task)data->task,
                                .target = data->target_name,
                                .n_classes = data->n_classes,
                                .has_header = data->has_header,
                                .weight = data->weight ? data->weight->name : NULL};
    for (size_t i = 0; data->samples && i < data->samples->rank; i++) {
        info->rank = data->samples->rank;
        info->shape[i] = data->samples->shape[i];
    }
}

bool hone_dataset_column(const hone_dataset *dataset, size_t i, hone_column_info *info)
{
    if (i >= dataset->data->n_columns)
        return false;
    const hn_column *column = &dataset->data->columns[i];
    *info = (hone_column_info){.name = column->name,
                               .categorical = column->kind == HN_COLUMN_CATEGORICAL,
                               .n_categories = column->n_categories,
                               .n_missing = column->n_missing};
    return true;
}

const char *hone_dataset_class(const hone_dataset *dataset, size_t i)
{
    return i < dataset->data->n_classes ? dataset->data->classes[i] : NULL;
}

const char *hone_dataset_row_name(const hone_dataset *dataset, size_t i)
{
    const char *const *names = dataset->data->row_names;
    return names && i < dataset->n ? names[row_at(dataset, i)] : NULL;
}

hone_status hone_dataset_get_target(const hone_dataset *dataset, double *y, hone_error *err)
{
    if (!dataset->data->target)
        return hn_fail(err, HONE_INVALID, "%s has no target", dataset->data->source);
    for (size_t i = 0; i < dataset->n; i++)
        y[i] = dataset->data->target[row_at(dataset, i)];
    return HONE_OK;
}

hone_status hone_dataset_get_weight(const hone_dataset *dataset, double *weight, hone_error *err)
{
    if (!dataset->data->weight)
        return hn_fail(err, HONE_INVALID, "%s has no weights", dataset->data->source);
    for (size_t i = 0; i < dataset->n; i++)
        weight[i] = dataset->data->weight->values[row_at(dataset, i)];
    return HONE_OK;
}

/* --- other processes
 * ---------------------------------------------------------------------------------------- */

hone_status hone_dataset_share(const hone_dataset *dataset, int *fd, hone_error *err)
{
    if (dataset->rows)
        return hn_fail(err, HONE_UNSUPPORTED,
                       "a part of a split cannot be shared; share the whole and split it again");
    return hn_dataset_share(dataset->data, fd, err);
}

hone_status hone_dataset_attach(int fd, hone_dataset **dataset, hone_error *err)
{
    hn_dataset *data = NULL;
    hone_status status = hn_dataset_attach(fd, &data, err);
    return status ? status : hn_public_dataset_wrap(data, dataset, err);
}
