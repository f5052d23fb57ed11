#include "data/read_arrays.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/os_file.h"
#include "base/os_input.h"
#include "data/classes.h"
#include "data/csv.h"

hone_status hn_arrays_detect(const char *path, hn_array_format *format, hone_error *err)
{
    hn_input *input = NULL;
    hn_buffer head = HN_BUFFER_INIT;
    bool ended;
    *format = HN_ARRAY_NONE;
    if (hn_csv_is_stdin(path) || !hn_is_regular_file(path)) /* what cannot be read twice is text */
        return HONE_OK;
    hone_status status = hn_input_open(path, &input, err);
    if (!status)
        status = hn_input_read(input, HN_ARRAY_HEAD, &head, &ended, err);
    if (!status)
        *format = hn_array_format_of(hn_buffer_string(&head), head.size);
    hn_input_close(input);
    hn_buffer_release(&head);
    return status;
}

/* A file while it is read. */
typedef struct reading {
    const char *path;
    const hn_dataset_options *options;
    size_t limit;
    hn_array x, y;
    hn_buffer x_bytes, y_bytes;
    double *target; /* (x.dim[0],); NULL: none */
    bool whole;     /* the target's elements are whole numbers */
    hone_error *err;
} reading;

/* --- files --- */

static hone_status parse(const char *path, const hn_buffer *bytes, hn_array *array, hone_error *err)
{
    switch (hn_array_format_of(hn_buffer_string(bytes), bytes->size)) {
    case HN_ARRAY_IDX: return hn_idx_parse(path, bytes, array, err);
    case HN_ARRAY_NPY: return hn_npy_parse(path, bytes, array, err);
    default: break;
    }
    return hn_fail(err, HONE_PARSE, "%s is neither an IDX nor a NPY file", path);
}

/* The name of an IDX file of labels beside its images, in arena; NULL when there is none. */
static const char *labels_beside(const char *path, hn_arena *arena)
{
    static const char images[] = "images-idx3", labels[] = "labels-idx1";
    const char *at = strstr(path, images), *next;
    while (at && (next = strstr(at + 1, images)))
        at = next;
    const char *name =
        at ? hn_arena_printf(arena, "%.*s%s%s", (int)(at - path), path, labels, at + strlen(images)) : NULL;
    return name && hn_file_exists(name) ? name : NULL;
}

static hone_status read_labels(reading *r, hn_array_format format)
{
    static const char *const usual[] = {"y", "y_train", "labels", "label", "target", NULL};
    const char *named[] = {r->options->target, NULL};
    hn_arena arena = HN_ARENA_INIT;
    const char *path = r->options->labels ? r->options->labels : labels_beside(r->path, &arena);
    hn_buffer whole = HN_BUFFER_INIT;
    hone_status status = HONE_OK;
    if (path) {
        status = hn_file_read(path, r->limit, &r->y_bytes, r->err);
    } else if (format == HN_ARRAY_NPZ) {
        path = r->path;
        status = hn_file_read(path, r->limit, &whole, r->err);
        if (!status)
            status = hn_npz_member(path, &whole, *named ? named : usual, r->limit, &r->y_bytes, r->err);
    } else {
        status = hn_fail(r->err, HONE_INVALID,
                         "%s has no labels in it; name the file that has: data: {train: ..., labels: FILE}",
                         r->path);
    }
    if (!status)
        status = parse(path, &r->y_bytes, &r->y, r->err);
    if (!status && r->y.count != r->y.dim[0])
        status = hn_fail(r->err, HONE_INVALID, "%s: labels must be one number a row; it has %zu dimensions",
                         path, r->y.rank);
    if (!status && r->y.count != r->x.dim[0])
        status = hn_fail(r->err, HONE_INVALID, "%s has %zu rows, but %s has %zu labels", r->path, r->x.dim[0],
                         path, r->y.count);
    hn_buffer_release(&whole);
    hn_arena_release(&arena);
    return status;
}

static hone_status take_labels(reading *r)
{
    r->target = hn_aligned_array(r->y.count, sizeof *r->target);
    r->whole = r->y.element != HN_F32 && r->y.element != HN_F64;
    if (!r->target)
        return hn_out_of_memory(r->err);
    for (size_t i = 0; i < r->y.count; i++) {
        r->target[i] = hn_array_at(&r->y, r->y_bytes.data, i);
        if (!isfinite(r->target[i]))
            return hn_fail(r->err, HONE_INVALID, "%s: the label of row %zu is not a finite number", r->path,
                           i);
    }
    return HONE_OK;
}

static hone_status read_files(reading *r, hn_array_format format)
{
    static const char *const usual[] = {"x", "x_train", "images", "features", "data", NULL};
    const char *named[] = {r->options->features, NULL};
    bool wanted = !r->options->no_target && r->options->task != HN_TASK_CLUSTERING;
    hn_buffer whole = HN_BUFFER_INIT;
    hone_status status = hn_file_read(r->path, r->limit, &r->x_bytes, r->err);
    if (!status && format == HN_ARRAY_CIFAR) {
        status = hn_cifar_parse(r->path, &r->x_bytes, &r->x, &r->target, r->err);
        r->whole = true;
        if (!wanted) {
            hn_free(r->target);
            r->target = NULL;
        }
        return status;
    }
    if (!status && format == HN_ARRAY_NPZ) {
        whole = r->x_bytes;
        r->x_bytes = (hn_buffer)HN_BUFFER_INIT;
        status = hn_npz_member(r->path, &whole, *named ? named : usual, r->limit, &r->x_bytes, r->err);
    }
    hn_buffer_release(&whole);
    if (!status)
        status = parse(r->path, &r->x_bytes, &r->x, r->err);
    if (!status && wanted)
        status = read_labels(r, format);
    return !status && wanted ? take_labels(r) : status;
}

/* --- samples --- */

/* Four dimensions whose last is that of the channels. */
static bool channels_are_last(const hn_array *a)
{
    enum { MOST_CHANNELS = 4 };
    return a->rank == 4 && a->dim[3] <= MOST_CHANNELS && a->dim[1] > MOST_CHANNELS;
}

static void choose_shape(const hn_array *a, hn_sample_block *block)
{
    size_t rank = a->rank;
    block->type = a->element == HN_U8 ? HN_SAMPLE_BYTES : HN_SAMPLE_FLOATS;
    block->size = a->count / a->dim[0];
    block->rank = rank > 1 ? rank - 1 : 1;
    for (size_t i = 0; i < block->rank; i++)
        block->shape[i] = rank > 1 ? a->dim[1 + i] : 1;
    if (channels_are_last(a)) {
        block->shape[0] = a->dim[3];
        block->shape[1] = a->dim[1];
        block->shape[2] = a->dim[2];
    } else if (rank == 3 && a->element == HN_U8) {
        block->rank = 3;
        block->shape[0] = 1;
        block->shape[1] = a->dim[1];
        block->shape[2] = a->dim[2];
    }
}

/* Element k of a row in the file, for value k of the sample. */
static size_t place_of(const hn_sample_block *block, bool last, size_t k)
{
    size_t pixels = last ? block->shape[1] * block->shape[2] : 0;
    return last ? k % pixels * block->shape[0] + k / pixels : k;
}

static hone_status convert(const reading *r, const hn_sample_block *block, void *out)
{
    const double most = 1 << 24; /* whole numbers up to there are floats */
    const hn_array *a = &r->x;
    bool last = channels_are_last(a), whole = a->element != HN_F32 && a->element != HN_F64;
    for (size_t row = 0; row < a->dim[0]; row++)
        for (size_t k = 0; k < block->size; k++) {
            size_t to = row * block->size + k;
            double x = hn_array_at(a, r->x_bytes.data, row * block->size + place_of(block, last, k));
            if (block->type == HN_SAMPLE_BYTES)
                ((uint8_t *)out)[to] = (uint8_t)x;
            else
                ((float *)out)[to] = (float)x;
            if (!isfinite((float)x) || (whole && fabs(x) > most))
                return hn_fail(r->err, HONE_INVALID,
                               "%s: row %zu has a value that is not finite, or too large for a float",
                               r->path, row);
        }
    return HONE_OK;
}

static hone_status make_samples(reading *r, hn_dataset *set)
{
    hn_sample_block *block = HN_ARENA_NEW(&set->arena, hn_sample_block, 1);
    if (!block)
        return hn_out_of_memory(r->err);
    choose_shape(&r->x, block);
    if (block->size > HN_SAMPLE_MOST_VALUES)
        return hn_fail(r->err, HONE_LIMIT, "%s has %zu values a row; %d are the most", r->path, block->size,
                       HN_SAMPLE_MOST_VALUES);
    hone_status status = HONE_OK;
    if (block->type == HN_SAMPLE_BYTES && !channels_are_last(&r->x)) { /* as they are */
        hn_buffer_consume(&r->x_bytes, r->x.offset);
        set->sample_values = hn_buffer_take(&r->x_bytes);
    } else {
        set->sample_values = hn_aligned_array(r->x.count, hn_sample_value_size(block->type));
        status = set->sample_values ? convert(r, block, set->sample_values) : HONE_OK;
        hn_buffer_release(&r->x_bytes);
    }
    if (!set->sample_values)
        return hn_out_of_memory(r->err);
    block->values = set->sample_values;
    set->samples = block;
    return status;
}

/* --- the whole --- */

static hone_status make_classes(const reading *r, hn_dataset *set, double *distinct, size_t count)
{
    const char **names = NULL;
    hone_status status =
        hn_classes_from_numbers(&set->arena, distinct, count, set->values, set->n_rows, &names, r->err);
    hn_class_list classes = {names, count}, wanted = {r->options->classes, r->options->n_classes};
    if (!status && r->options->classes)
        status = hn_classes_translate(&set->arena, r->path, set->target_name, &wanted, &classes, set->values,
                                      set->n_rows, r->err);
    set->classes = classes.names;
    set->n_classes = classes.n;
    if (!status && count == 1 && !r->options->classes)
        status =
            hn_fail(r->err, HONE_INVALID, "%s: all %zu rows have the same label; classification needs two",
                    r->path, set->n_rows);
    return status;
}

static hone_status make_target(reading *r, hn_dataset *set)
{
    double *distinct = hn_aligned_array(set->n_rows, sizeof *distinct);
    if (!distinct)
        return hn_out_of_memory(r->err);
    set->values = r->target;
    r->target = NULL;
    memcpy(distinct, set->values, set->n_rows * sizeof *distinct);
    size_t count = hn_distinct_values(distinct, set->n_rows);
    bool classes = r->whole || hn_are_classes(distinct, count, set->n_rows);
    set->target = set->values;
    set->target_name = "label";
    set->task = r->options->task                 ? r->options->task
                : classes || r->options->classes ? HN_TASK_CLASSIFICATION
                                                 : HN_TASK_REGRESSION;
    hone_status status =
        set->task == HN_TASK_CLASSIFICATION ? make_classes(r, set, distinct, count) : HONE_OK;
    hn_free(distinct);
    return status;
}

hone_status hn_arrays_refuse_columns(const char *path, const hn_dataset_options *options, bool named,
                                     hone_error *err)
{
    const hn_dataset_options *o = options;
    const char *name = o->group                            ? o->group
                       : o->weight && !o->weight_may_lack  ? o->weight
                       : o->target && !named               ? o->target
                       : o->drop && *o->drop               ? *o->drop
                       : o->categorical && *o->categorical ? *o->categorical
                       : o->numeric && *o->numeric         ? *o->numeric
                       : o->text                           ? o->text->column
                                                           : NULL;
    return name ? hn_fail(err, HONE_INVALID,
                          "%s: there is no column \"%s\": it holds one array a row, and no columns", path,
                          name)
                : HONE_OK;
}

/* --- several files --- */

static hone_status refuse_part(const reading *r, const reading *part)
{
    bool same = part->x.element == r->x.element && part->x.rank == r->x.rank;
    for (size_t i = 1; same && i < r->x.rank; i++)
        same = part->x.dim[i] == r->x.dim[i];
    return same ? HONE_OK
                : hn_fail(r->err, HONE_INVALID,
                          "%s holds rows of another form than %s: files of one data set have the same",
                          part->path, r->path);
}

/* The rows of part behind those of r. */
static hone_status join(reading *r, const reading *part)
{
    hone_status status = refuse_part(r, part);
    if (status)
        return status;
    size_t n = r->x.dim[0], more = part->x.dim[0], bytes = hn_element_size(part->x.element);
    const double *first = r->target, *second = part->target;
    bool labelled = first && second;
    double *target = labelled ? hn_aligned_array(n + more, sizeof *target) : NULL;
    hn_buffer_append(&r->x_bytes, part->x_bytes.data + part->x.offset, part->x.count * bytes);
    if (hn_buffer_failed(&r->x_bytes) || (labelled && !target))
        return hn_out_of_memory(r->err);
    if (labelled) {
        memcpy(target, first, n * sizeof *target);
        memcpy(target + n, second, more * sizeof *target);
        hn_free(r->target);
        r->target = target;
    }
    r->whole = r->whole && part->whole;
    r->x.dim[0] += more;
    r->x.count += part->x.count;
    return HONE_OK;
}

static hone_status read_more(reading *r, const char *path)
{
    reading part = {.path = path, .options = r->options, .limit = r->limit, .err = r->err};
    hn_array_format format = HN_ARRAY_NONE;
    hone_status status = hn_arrays_detect(path, &format, r->err);
    if (!status && !format)
        status =
            hn_fail(r->err, HONE_INVALID,
                    "%s: several files are for arrays (IDX, CIFAR-10, NPY, NPZ), which this is not", path);
    if (!status)
        status = read_files(&part, format);
    if (!status)
        status = join(r, &part);
    hn_buffer_release(&part.x_bytes);
    hn_buffer_release(&part.y_bytes);
    hn_free(part.target);
    return status;
}

static hone_status read_all(reading *r, hn_array_format format)
{
    const char *const *more = r->options->more;
    if (more && *more && r->options->labels)
        return hn_fail(r->err, HONE_INVALID,
                       "labels: each of several files has its labels inside or beside it; leave it out");
    hone_status status = read_files(r, format);
    for (; !status && more && *more; more++)
        status = read_more(r, *more);
    return status;
}

static hone_status fill(reading *r, hn_array_format format, hn_dataset *set)
{
    bool named = format == HN_ARRAY_NPZ;
    hone_status status = hn_arrays_refuse_columns(r->path, r->options, named, r->err);
    if (!status)
        status = read_all(r, format);
    if (status)
        return status;
    set->n_rows = r->x.dim[0];
    set->task = r->options->task == HN_TASK_CLUSTERING ? HN_TASK_CLUSTERING : HN_TASK_NONE;
    set->has_header = true; /* what the values are is known without names */
    set->source = hn_arena_strdup(&set->arena, r->path);
    set->columns = HN_ARENA_NEW(&set->arena, hn_column, 1);
    status = set->source && set->columns ? make_samples(r, set) : hn_out_of_memory(r->err);
    return status || !r->target ? status : make_target(r, set);
}

hone_status hn_dataset_read_arrays(const char *path, hn_array_format format,
                                   const hn_dataset_options *options, hn_dataset **dataset, hone_error *err)
{
    reading r = {.path = path,
                 .options = options,
                 .limit = options->max_bytes ? options->max_bytes : HN_CSV_USUAL_BYTES,
                 .err = err};
    hn_dataset *set = hn_calloc(1, sizeof *set);
    hone_status status = set ? fill(&r, format, set) : hn_out_of_memory(err);
    hn_buffer_release(&r.x_bytes);
    hn_buffer_release(&r.y_bytes);
    hn_free(r.target);
    if (status)
        hn_dataset_destroy(set);
    else
        *dataset = set;
    return status;
}
