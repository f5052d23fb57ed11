#include "data/read_images.h"

#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/os_file.h"
#include "base/os_input.h"
#include "base/os_system.h"
#include "base/thread_pool.h"
#include "data/classes.h"
#include "data/csv.h"
#include "data/image.h"
#include "data/image_folder.h"
#include "data/read_arrays.h"

hone_status hn_images_detect(const char *path, bool *images, hone_error *err)
{
    hn_input *input = NULL;
    hn_buffer head = HN_BUFFER_INIT;
    bool ended;
    *images = !hn_csv_is_stdin(path) && hn_is_directory(path);
    if (*images || hn_csv_is_stdin(path) || !hn_is_regular_file(path))
        return HONE_OK;
    hone_status status = hn_input_open(path, &input, err);
    if (!status)
        status = hn_input_read(input, HN_IMAGE_MAGIC, &head, &ended, err);
    *images = !status && hn_image_format_of(hn_buffer_string(&head), head.size) != HN_IMAGE_NONE;
    hn_input_close(input);
    hn_buffer_release(&head);
    return status;
}

typedef struct worker {
    hn_image_reader *reader;
    size_t failed; /* the first of its images that failed; SIZE_MAX: none */
    hone_status status;
    hone_error error;
} worker;

struct hn_images {
    const char *path;
    hn_dataset_options options;
    hn_arena arena;
    hn_image_list list;
    hn_image_head *heads; /* (list.n,); NULL: the shape is known without */
    size_t channels, height, width;
    size_t at; /* images passed */
    hn_thread_pool *pool;
    worker *workers;      /* (the pool's size,) */
    atomic_size_t failed; /* none after this one is read any more */
    size_t first;         /* of those that are being decoded */
    uint8_t *pixels;      /* of those */
};

/* --- in parallel --- */

/* Of several that fail the first is told, whichever thread met it: those before it are always read. */
static void note_failure(hn_images *images, worker *w, size_t index, hone_status status)
{
    size_t first = atomic_load(&images->failed);
    w->failed = index;
    w->status = status;
    while (index < first && !atomic_compare_exchange_weak(&images->failed, &first, index)) {
    }
}

static void take_head(void *user, size_t index, size_t number)
{
    hn_images *images = user;
    worker *w = &images->workers[number];
    hone_error error;
    if (index > atomic_load(&images->failed))
        return;
    hone_status status =
        hn_image_reader_head(w->reader, images->list.files[index].path, &images->heads[index], &error);
    if (status && index < w->failed) {
        w->error = error;
        note_failure(images, w, index, status);
    }
}

static void take_pixels(void *user, size_t index, size_t number)
{
    hn_images *images = user;
    worker *w = &images->workers[number];
    hone_error error;
    size_t size = images->channels * images->height * images->width;
    if (index > atomic_load(&images->failed))
        return;
    hone_status status =
        hn_image_reader_read(w->reader, images->list.files[images->first + index].path, images->channels,
                             images->height, images->width, images->pixels + index * size, &error);
    if (status && index < w->failed) {
        w->error = error;
        note_failure(images, w, index, status);
    }
}

static hone_status run(hn_images *images, size_t n, hn_task task, hone_error *err)
{
    const worker *first = images->workers;
    size_t threads = hn_thread_pool_size(images->pool);
    atomic_store(&images->failed, SIZE_MAX);
    for (size_t i = 0; i < threads; i++)
        images->workers[i].failed = SIZE_MAX;
    hn_thread_pool_run(images->pool, n, task, images);
    for (size_t i = 1; i < threads; i++)
        first = images->workers[i].failed < first->failed ? &images->workers[i] : first;
    if (first->failed == SIZE_MAX)
        return HONE_OK;
    if (err)
        *err = first->error;
    return first->status;
}

static hone_status hire(hn_images *images, hone_error *err)
{
    size_t cores = (size_t)hn_cpu_count(), n = images->list.n < cores ? images->list.n : cores;
    hone_status status = hn_thread_pool_create(n, &images->pool, err);
    images->workers = status ? NULL : hn_calloc(n, sizeof *images->workers);
    if (!status && !images->workers)
        status = hn_out_of_memory(err);
    for (size_t i = 0; !status && i < n; i++)
        status = hn_image_reader_create(&images->workers[i].reader, err);
    return status;
}

/* --- their form --- */

/* By the model they are for. */
static hone_status form_of_model(hn_images *images, hone_error *err)
{
    const hn_schema *schema = images->options.schema;
    const size_t *shape = schema->shape;
    if (schema->rank != HN_SAMPLE_MAX_RANK || (shape[0] != 1 && shape[0] != 3))
        return hn_fail(err, HONE_INVALID, "%s holds images, the model was fitted to %s", images->path,
                       schema->rank || schema->text ? "arrays or texts that are none" : "columns");
    images->channels = shape[0];
    images->height = shape[1];
    images->width = shape[2];
    return HONE_OK;
}

static hone_status fail_sizes(const hn_images *images, size_t other, hone_error *err)
{
    const hn_image_head *head = &images->heads[other];
    size_t height = images->height, width = images->width;
    return hn_fail(err, HONE_INVALID,
                   "%s has %zu x %zu pixels (height x width), but %s %zu x %zu: resize all to one size with "
                   "data: {image_size: [%zu, %zu]}, or hone fit --image-size '[%zu, %zu]'",
                   images->list.files[other].path, hn_image_height(head), hn_image_width(head),
                   images->list.files[0].path, height, width, height, width, height, width);
}

/* By the images: one size, grey if all are. */
static hone_status form_of_files(hn_images *images, hone_error *err)
{
    const hn_dataset_options *o = &images->options;
    size_t n = images->list.n, colours = 0;
    images->heads = HN_ARENA_NEW(&images->arena, hn_image_head, n);
    hone_status status = images->heads ? run(images, n, take_head, err) : hn_out_of_memory(err);
    if (status)
        return status;
    images->height = o->image_height ? o->image_height : hn_image_height(&images->heads[0]);
    images->width = o->image_width ? o->image_width : hn_image_width(&images->heads[0]);
    for (size_t i = 0; i < n; i++) {
        const hn_image_head *head = &images->heads[i];
        colours += !head->grey;
        if (!o->image_height &&
            (hn_image_height(head) != images->height || hn_image_width(head) != images->width))
            return fail_sizes(images, i, err);
    }
    images->channels = o->channels ? o->channels : colours ? 3 : 1;
    return HONE_OK;
}

static hone_status choose_form(hn_images *images, hone_error *err)
{
    const hn_dataset_options *o = &images->options;
    images->channels = o->channels;
    images->height = o->image_height;
    images->width = o->image_width;
    hone_status status = o->schema                        ? form_of_model(images, err)
                         : o->channels && o->image_height ? HONE_OK
                                                          : form_of_files(images, err);
    if (!status && images->height > HN_SAMPLE_MOST_VALUES / images->channels / images->width)
        return hn_fail(err, HONE_LIMIT,
                       "%s: images of %zu x %zu x %zu values; %d are the most: write data: {image_size: "
                       "[HEIGHT, WIDTH]} to read smaller ones",
                       images->path, images->channels, images->height, images->width, HN_SAMPLE_MOST_VALUES);
    return status;
}

/* --- opening --- */

static hone_status refuse_options(const hn_images *images, hone_error *err)
{
    const hn_dataset_options *o = &images->options;
    const char *file = o->labels ? "labels" : o->features ? "features" : NULL;
    if (o->more && *o->more)
        return hn_fail(err, HONE_INVALID,
                       "%s: several files are for arrays (IDX, CIFAR-10, NPY, NPZ); images are in one folder",
                       images->path);
    if (o->task == HN_TASK_REGRESSION)
        return hn_fail(err, HONE_INVALID, "%s: images in folders have classes, not numbers to predict",
                       images->path);
    if (file)
        return hn_fail(err, HONE_INVALID, "%s: %s is of files of arrays; the class of an image is its folder",
                       images->path, file);
    return hn_arrays_refuse_columns(images->path, o, false, err);
}

static void tell_ignored(const hn_images *images)
{
    const hn_image_list *list = &images->list;
    if (list->ignored)
        hn_log(list->pictures_ignored ? HN_LOG_WARNING : HN_LOG_INFO, "%s: %zu %s left out, such as %s: %s",
               images->path, list->ignored, list->ignored == 1 ? "other file is" : "other files are",
               list->first_ignored,
               list->pictures_ignored ? "of pictures PNG and JPEG files are read"
                                      : "images are .png, .jpg and .jpeg");
}

static bool has_target(const hn_dataset_options *options)
{
    return !options->no_target && options->task != HN_TASK_CLUSTERING;
}

hone_status hn_images_open(const char *path, const hn_dataset_options *options, hn_images **images,
                           hone_error *err)
{
    hn_images *made = hn_calloc(1, sizeof *made);
    if (!made)
        return hn_out_of_memory(err);
    made->path = path;
    made->options = *options;
    hone_status status = refuse_options(made, err);
    if (!status)
        status = hn_image_list_make(path, has_target(options), &made->arena, &made->list, err);
    if (!status)
        status = hire(made, err);
    if (!status)
        status = choose_form(made, err);
    if (status) {
        hn_images_close(made);
        return status;
    }
    tell_ignored(made);
    *images = made;
    return HONE_OK;
}

void hn_images_close(hn_images *images)
{
    if (!images)
        return;
    size_t threads = images->workers ? hn_thread_pool_size(images->pool) : 0;
    for (size_t i = 0; i < threads; i++)
        hn_image_reader_destroy(images->workers[i].reader);
    hn_free(images->workers);
    hn_thread_pool_destroy(images->pool);
    hn_arena_release(&images->arena);
    hn_free(images);
}

/* --- rows --- */

static hone_status make_samples(hn_images *images, hn_dataset *set, hone_error *err)
{
    hn_sample_block *block = HN_ARENA_NEW(&set->arena, hn_sample_block, 1);
    size_t size = images->channels * images->height * images->width;
    set->sample_values = hn_aligned_array(set->n_rows, size);
    if (!block || !set->sample_values)
        return hn_out_of_memory(err);
    *block = (hn_sample_block){.type = HN_SAMPLE_BYTES,
                               .rank = HN_SAMPLE_MAX_RANK,
                               .shape = {images->channels, images->height, images->width},
                               .size = size,
                               .values = set->sample_values};
    set->samples = block;
    images->first = images->at;
    images->pixels = set->sample_values;
    return run(images, set->n_rows, take_pixels, err);
}

static hone_status make_classes(const hn_images *images, hn_dataset *set, hone_error *err)
{
    const hn_dataset_options *o = &images->options;
    hn_class_list classes = {images->list.classes, images->list.n_classes};
    hn_class_list wanted = {o->classes ? o->classes : classes.names, o->classes ? o->n_classes : classes.n};
    if (wanted.n == 1)
        return hn_fail(err, HONE_INVALID,
                       "%s has the images of one class, \"%.60s\"; classification needs two", images->path,
                       *wanted.names);
    set->values = hn_aligned_array(set->n_rows, sizeof *set->values);
    if (!set->values)
        return hn_out_of_memory(err);
    for (size_t i = 0; i < set->n_rows; i++)
        set->values[i] = (double)images->list.files[images->at + i].class;
    set->target = set->values;
    set->target_name = "label";
    set->task = HN_TASK_CLASSIFICATION;
    hone_status status = hn_classes_translate(&set->arena, images->path, set->target_name, &wanted, &classes,
                                              set->values, set->n_rows, err);
    set->classes = classes.names;
    set->n_classes = classes.n;
    return status;
}

static hone_status name_rows(const hn_images *images, hn_dataset *set, hone_error *err)
{
    const char **names = HN_ARENA_NEW(&set->arena, const char *, set->n_rows);
    for (size_t i = 0; names && i < set->n_rows; i++)
        if (!(names[i] = hn_arena_strdup(&set->arena, images->list.files[images->at + i].name)))
            return hn_out_of_memory(err);
    set->row_names = names;
    return names ? HONE_OK : hn_out_of_memory(err);
}

static hone_status fill(hn_images *images, size_t n, hn_dataset *set, hone_error *err)
{
    set->n_rows = n;
    set->has_header = true; /* what the values are is known without names */
    set->task = images->options.task == HN_TASK_CLUSTERING ? HN_TASK_CLUSTERING : HN_TASK_NONE;
    set->source = hn_arena_strdup(&set->arena, images->path);
    set->columns = HN_ARENA_NEW(&set->arena, hn_column, 1);
    hone_status status = set->source && set->columns ? name_rows(images, set, err) : hn_out_of_memory(err);
    if (!status && images->list.classes)
        status = make_classes(images, set, err);
    return status ? status : make_samples(images, set, err);
}

static hone_status check_bytes(const hn_images *images, size_t size, hone_error *err)
{
    size_t limit = images->options.max_bytes ? images->options.max_bytes : HN_CSV_USUAL_BYTES;
    size_t n = images->list.n;
    return n <= limit / size ? HONE_OK
                             : hn_fail(err, HONE_LIMIT,
                                       "%s: %zu images of %zu x %zu x %zu take %zu MiB, more than max_bytes, "
                                       "%zu MiB: raise it, or read smaller ones with image_size",
                                       images->path, n, images->channels, images->height, images->width,
                                       n * (size >> 10) >> 10, limit >> 20);
}

hone_status hn_images_next(hn_images *images, size_t bytes, hn_dataset **dataset, hone_error *err)
{
    size_t size = images->channels * images->height * images->width, left = images->list.n - images->at;
    size_t fit = bytes ? bytes / size : left, n = fit > left ? left : fit ? fit : 1;
    hone_status status = bytes ? HONE_OK : check_bytes(images, size, err);
    if (status)
        return status;
    if (!left) {
        *dataset = NULL;
        return HONE_OK;
    }
    hn_dataset *set = hn_calloc(1, sizeof *set);
    status = set ? fill(images, n, set, err) : hn_out_of_memory(err);
    if (status) {
        hn_dataset_destroy(set);
        return status;
    }
    images->at += n;
    *dataset = set;
    return HONE_OK;
}

hone_status hn_dataset_read_images(const char *path, const hn_dataset_options *options, hn_dataset **dataset,
                                   hone_error *err)
{
    hn_images *images = NULL;
    hone_status status = hn_images_open(path, options, &images, err);
    if (!status)
        status = hn_images_next(images, 0, dataset, err);
    hn_images_close(images);
    return status;
}
